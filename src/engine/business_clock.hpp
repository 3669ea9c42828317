// The clock of a file: lengths of time, of the civil calendar and of business, added and taken away, by the
// calendars that are installed.
//
// Business without a named calendar goes by the one named "store", else by the only one there is; are there
// several without a "store", or none, business never closes.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "expr/library.hpp"
#include "rules/length.hpp"

namespace kith::engine {

// Immutable once made, and shared by threads.
class BusinessCalendars {
public:
    BusinessCalendars();
    void add(const rules::WorkCalendar &calendar);
    // "" is the file's own; null: there is none of this name.
    const rules::WorkCalendar *find(std::string_view name) const;

private:
    std::map<std::string, rules::WorkCalendar, std::less<>> all_;
    rules::WorkCalendar always_;
};

// [one thread: zones remember]
class BusinessClock {
public:
    BusinessClock(std::shared_ptr<const BusinessCalendars> calendars, base::Zone zone)
        : calendars_(std::move(calendars)), zone_(std::move(zone)) {}

    // When a length that begins, or ends, at an instant ends, or begins. A length of the civil calendar goes
    // by the file's zone: months clamp to their ends, a wall time that the clock leaves out is the first
    // instant after the gap, one that it shows twice the first of the two. Status::missing for a calendar
    // that is not there, limit where there are not as many hours within ten years.
    base::Result<base::Micros> end_of(const rules::Length &length, base::Micros at,
                                      std::string_view calendar = {}) const;
    base::Result<base::Micros> start_of(const rules::Length &length, base::Micros at,
                                        std::string_view calendar = {}) const;
    // Open time; from a later instant to an earlier one none.
    base::Result<base::Micros> between(base::Micros from, base::Micros to,
                                       std::string_view calendar = {}) const;
    // A due time, put off by what stood still: exact time for a length of the civil calendar, open time else.
    base::Result<base::Micros> put_off(base::Micros due, const rules::Length &length, base::Micros paused,
                                       base::Micros resumed, std::string_view calendar = {}) const;
    base::Result<bool> is_open(base::Micros at, std::string_view calendar = {}) const;

    const base::Zone &zone() const { return zone_; }

private:
    base::Result<const rules::BusinessTime *> find(std::string_view calendar) const;

    std::shared_ptr<const BusinessCalendars> calendars_;
    base::Zone zone_;
    mutable std::map<std::string, rules::BusinessTime, std::less<>> used_;
};

// after("P7D"), before("business P1D", t), free("store", t): functions of the language for schemas whose
// moments have a BusinessClock as their host.
std::span<const expr::Overload> clock_functions();
inline constexpr std::uint32_t kClockUnits = 400;  // what a call costs: a walk over days

}  // namespace kith::engine
