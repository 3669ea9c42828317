// Lengths of time of the calendar, as definitions write them: "P90D", "PT8H"; "month".
#pragma once

#include <cstdint>

namespace kith::rules {

// A calendar duration: months and days by the civil calendar of the file's zone, then exact time.
struct Period {
    std::int32_t months = 0;
    std::int32_t days = 0;
    std::int64_t micros = 0;
    auto operator<=>(const Period &) const = default;
};

enum class PeriodUnit : std::uint8_t { day, week, month, quarter, year };

// How time is cut into periods: years and their quarters begin with a month, weeks with a weekday.
struct Periods {
    PeriodUnit unit = PeriodUnit::day;
    std::int32_t first_month = 1;
    std::int32_t first_weekday = 0;  // 0 is Monday

    constexpr Periods(PeriodUnit of) : unit(of) {}  // of the civil calendar
    auto operator<=>(const Periods &) const = default;
};

}  // namespace kith::rules
