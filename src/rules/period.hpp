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

}  // namespace kith::rules
