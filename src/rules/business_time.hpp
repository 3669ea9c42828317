// Time in which business is open: what a calendar's hours make of a day, of hours, of the time between.
//
// Hours stand on the wall clock of the calendar's zone, and are counted as they pass: a night on which the
// clock is put back has an hour more. An hour's end that the clock shows twice is the first of the two.
#pragma once

#include <optional>

#include "base/time.hpp"
#include "rules/calendar.hpp"

namespace kith::rules {

// Days that have hours, then exact time: "business P1DT4H".
struct BusinessLength {
    std::int32_t days = 0;
    base::Micros micros = 0;
    auto operator<=>(const BusinessLength &) const = default;
};

class BusinessTime {
public:
    // `zone` is the calendar's, or the file's if it names none. The calendar outlives it. [one thread]
    BusinessTime(const WorkCalendar &calendar, base::Zone zone)
        : calendar_(calendar), zone_(std::move(zone)) {}

    bool is_open(base::Micros at) const;
    // `at` itself while it is open, else when it opens next; none if it does not within ten years.
    std::optional<base::Micros> opening(base::Micros at) const;

    // The first instant at which so much has passed since `at`. Days first: the same wall time on a later day
    // that has hours, or the first open instant after it on that day, or its end. From outside hours days
    // count from the next opening. None if there are not so many hours within ten years.
    std::optional<base::Micros> add(base::Micros at, const BusinessLength &length) const;
    // The last instant from which so much passes until `at`; days go the same way back, to the last open
    // instant before the wall time, or the day's beginning.
    std::optional<base::Micros> subtract(base::Micros at, const BusinessLength &length) const;

    // Open time between two instants; of the wrong order none.
    base::Micros between(base::Micros from, base::Micros to) const;

private:
    struct Span {
        base::Micros from = 0, to = 0;
    };
    // The open spans of a day, ascending.
    template <class Take>
    void each_span(std::int64_t local_day, const Take &take) const;
    std::optional<base::Micros> closing(base::Micros at) const;  // as opening(), backwards
    std::optional<base::Micros> add_days(base::Micros at, std::int32_t days) const;
    std::optional<base::Micros> add_time(base::Micros at, base::Micros micros) const;
    std::optional<base::Micros> subtract_time(base::Micros at, base::Micros micros) const;

    const WorkCalendar &calendar_;
    base::Zone zone_;
};

}  // namespace kith::rules
