// Instants, civil dates and zones. All instants are microseconds since 1970-01-01T00:00:00Z.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace kith::base {

using Micros = std::int64_t;
inline constexpr Micros kMinTime = -62135596800000000;
inline constexpr Micros kMaxTime = 253402300799999999;
inline constexpr Micros kDay = 86'400'000'000;

// Rounds down where / rounds towards zero.
constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0); }

struct CivilDate {
    std::int32_t year = 1970;
    std::int32_t month = 1;
    std::int32_t day = 1;
    auto operator<=>(const CivilDate &) const = default;
};

// Days since 1970-01-01 of a civil date, and back (proleptic Gregorian).
std::int64_t days_of(CivilDate date);
CivilDate civil_of(std::int64_t days);

// A time zone of the system's tz database, with the offset of the last instant asked remembered:
// for one thread at a time. Copy it, it is small.
class Zone {
public:
    static Result<Zone> find(std::string_view iana_name);  // Status::argument for an unknown name
    static Zone utc();

    const std::string &name() const { return name_; }
    std::int64_t local_day(Micros at) const;  // civil day there, as days since 1970-01-01
    Micros local(Micros at) const;            // wall time there, as if it were UTC
    // The instant of a wall time: the first instant after a gap, the earlier of two in an overlap.
    Micros instant(Micros local_wall) const;
    // Months (ends clamp) and days by the civil calendar, then exact microseconds; kMinTime or kMaxTime
    // where that is out of range.
    Micros add(Micros at, std::int32_t months, std::int32_t days, Micros micros) const;

private:
    void remember(Micros at) const;

    std::string name_;
    const void *zone_ = nullptr;                       // date::time_zone; null is UTC
    mutable Micros begin_ = 0, end_ = 0, offset_ = 0;  // the offset holds in [begin, end)
};

// The version of the tz database in use, "2025b"; "unknown" if the system does not say.
std::string tz_version();

// ISO 8601: "2026-01-31", "20260131", "2026-01-31T09:30", with " " for "T", seconds, fraction, and
// "Z" or an offset; without one the time is in `zone`. A date alone is its first instant.
Result<Micros> parse_time(std::string_view text, const Zone &zone);

// "2026-01-31T09:30:00Z", microseconds only where they are not zero.
std::string format_time(Micros at);
std::string format_date(CivilDate date);

// "P90D", "P3M", "P1Y", "PT8H", "P1DT12H": no fractions, no "business" yet.
struct Duration {
    std::int32_t months = 0;
    std::int32_t days = 0;
    Micros micros = 0;
};
Result<Duration> parse_duration(std::string_view iso);

}  // namespace kith::base
