// A party's figures: the counters that move with every interaction. Derived, exact, in the file's
// currency, corrected interactions left out.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace kith::model {

// Days between successive civil days with an order, as a multiset in ascending order: what the exact
// median needs, whatever the order of arrival.
struct Gap {
    std::uint32_t days = 0;
    std::uint32_t count = 0;
};

struct Figures {
    std::uint32_t interactions = 0;
    std::uint32_t orders = 0;
    std::uint32_t returns = 0;
    std::int64_t amount_total = 0;                       // of orders
    std::int64_t returns_total = 0;                      // of returns, sign as recorded
    std::int64_t first_at = 0, last_at = 0;              // of interactions; set if interactions > 0
    std::int64_t first_order_at = 0, last_order_at = 0;  // set if orders > 0
    std::vector<Gap> gaps;

    // Lower and upper middle averaged (type 7), in microseconds of 24-hour days.
    std::optional<std::int64_t> median_gap_us() const;
    void add_gap(std::uint32_t days);
    void remove_gap(std::uint32_t days);
};

}  // namespace kith::model
