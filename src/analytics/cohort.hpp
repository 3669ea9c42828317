// Cohorts: parties by the civil period of their first order, and how many of them ordered again in each
// period after it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.hpp"

namespace kith::analytics {

enum class CohortBy : std::uint8_t { month = 0, week = 1, quarter = 2, year = 3 };  // as KITH_COHORT_*

// Periods are numbered without gaps; that of 1970-01-01 is 0 for months, quarters and years. Weeks
// start on Monday: week 0 on 1969-12-29. Days are since 1970-01-01.
std::int64_t period_of(std::int64_t day, CohortBy by);
std::int64_t first_day_of(std::int64_t period, CohortBy by);

// A party ordered in a period.
struct Activity {
    std::uint32_t party = 0;
    std::int64_t period = 0;
    auto operator<=>(const Activity &) const = default;
};

struct Cohort {
    std::int64_t period = 0;           // of the first orders
    std::vector<std::int64_t> active;  // parties with an order 0, 1, ... periods later: [0] is the size
};

struct Cohorts {
    std::vector<Cohort> rows;  // ascending, those with a party
    std::size_t columns = 0;   // of the oldest cohort; a younger one has fewer, its future is empty

    // None beyond the last period with an order.
    std::optional<std::int64_t> cell(std::size_t row, std::size_t column) const;
};

// In any order, repeats welcome; fastest in order of party, then period. Status::limit for a table of
// more than ten million cells.
base::Result<Cohorts> cohorts(std::vector<Activity> activity);

}  // namespace kith::analytics
