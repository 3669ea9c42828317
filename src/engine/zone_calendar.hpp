// The file's time zone as the calendar that rules reckon with.
#pragma once

#include "base/time.hpp"
#include "rules/process.hpp"

namespace kith::engine {

class ZoneCalendar : public rules::Calendar {
public:
    explicit ZoneCalendar(const base::Zone &zone) : zone_(zone) {}
    std::int64_t add(std::int64_t at, const rules::Period &period) const override {
        return zone_.add(at, period.months, period.days, period.micros);
    }

private:
    const base::Zone &zone_;
};

}  // namespace kith::engine
