// The zones of time.hpp, over Howard Hinnant's tz library reading the system's compiled database.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <new>

#include <date/tz.h>

#include "base/time.hpp"

namespace kith::base {
namespace {

// No two offsets on record lie further apart than this, the date line's moves included.
constexpr Micros kWidestShift = 2 * kDay;

// The database's bounds stand for "always" and lie far outside the times kith knows.
Micros micros_of(date::sys_seconds at) {
    constexpr std::int64_t kBound = kMaxTime / 1'000'000 * 2;
    return std::clamp<std::int64_t>(at.time_since_epoch().count(), -kBound, kBound) * 1'000'000;
}

}  // namespace

Result<Zone> Zone::find(std::string_view iana_name) {
    Zone zone;
    zone.name_ = iana_name;
    if (iana_name == "UTC" || iana_name == "Etc/UTC") return zone;
    try {
        date::get_tzdb();
    } catch (const std::bad_alloc &) {
        throw;
    } catch (const std::exception &) {
        return fail(Status::io, "no time zone database on this system: install the package tzdata");
    }
    try {
        zone.zone_ = date::locate_zone(iana_name);
        zone.remember(0);  // reads the zone's file: nothing is left to fail later
    } catch (const std::bad_alloc &) {
        throw;
    } catch (const std::exception &) {
        return fail(Status::argument, "unknown time zone: write an IANA name such as Europe/Zagreb");
    }
    return zone;
}

Zone Zone::utc() {
    Zone zone;
    zone.name_ = "UTC";
    return zone;
}

void Zone::remember(Micros at) const {
    const date::sys_seconds second{std::chrono::seconds(floor_div(at, 1'000'000))};
    const auto info = static_cast<const date::time_zone *>(zone_)->get_info(second);
    begin_ = micros_of(info.begin);
    end_ = micros_of(info.end);
    offset_ = Micros{info.offset.count()} * 1'000'000;
}

Micros Zone::local(Micros at) const {
    if (zone_ == nullptr) return at;
    if (at < begin_ || at >= end_) remember(at);
    return at + offset_;
}

std::int64_t Zone::local_day(Micros at) const { return floor_div(local(at), kDay); }

// The smallest instant whose wall time is at least `local_wall`: that is the one meant, the end of a
// gap, and the earlier of two.
Micros Zone::instant(Micros local_wall) const {
    if (zone_ == nullptr) return local_wall;
    if (const Micros at = local_wall - offset_; at >= begin_ + kWidestShift && at < end_) return at;
    remember(local_wall - kDay);
    while (local_wall - offset_ >= end_) remember(end_);
    return std::max(local_wall - offset_, begin_);
}

Micros Zone::add(Micros at, std::int32_t months, std::int32_t days, Micros micros) const {
    if (months != 0 || days != 0) {
        const Micros wall = local(at);
        const auto day = floor_div(wall, kDay);
        auto target = day;
        if (months != 0) {
            const auto date = civil_of(day);
            const auto month = std::int64_t{date.year} * 12 + date.month - 1 + months;
            const CivilDate first{static_cast<std::int32_t>(floor_div(month, 12)),
                                  static_cast<std::int32_t>(month - floor_div(month, 12) * 12 + 1), 1};
            const CivilDate next{first.year + first.month / 12, first.month % 12 + 1, 1};
            target = std::min(days_of(first) + date.day, days_of(next)) - 1;
        }
        target += days;
        const auto bounded = std::clamp(target, kMinTime / kDay - 2, kMaxTime / kDay + 2);
        at = instant(bounded * kDay + (wall - day * kDay));
    }
    if (__builtin_add_overflow(at, micros, &at)) return micros < 0 ? kMinTime : kMaxTime;
    return std::clamp(at, kMinTime, kMaxTime);
}

std::string tz_version() {
    // The library does not know the version of a compiled database; its source form says so in line one.
    const std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(
        std::fopen("/usr/share/zoneinfo/tzdata.zi", "re"), &std::fclose);
    char version[16];
    if (!file || std::fscanf(file.get(), "# version %15s", version) != 1) return "unknown";
    return version;
}

}  // namespace kith::base
