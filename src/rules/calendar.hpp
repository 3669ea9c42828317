// The calendar shape: when business is open, and how years and weeks are cut.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kith::rules {

// Minutes of a day, [from, to); to is at most 1,440.
struct Hours {
    std::int32_t from = 0, to = 0;
    auto operator<=>(const Hours &) const = default;
};
using Day = std::vector<Hours>;  // ascending, apart; none: closed

struct WorkCalendar {
    std::string name;
    std::string zone;                     // IANA; "" is the file's
    std::array<Day, 7> weekly;            // Monday first
    std::map<std::int64_t, Day> special;  // by days since 1970-01-01: holidays are closed, exceptions as said
    std::int32_t first_weekday = 0;       // 0 is Monday
    std::int32_t fiscal_month = 1;        // in which the fiscal year starts, on its first day

    const Day &day(std::int64_t days_since_1970) const;
};

}  // namespace kith::rules
