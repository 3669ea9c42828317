// The calendar of a zone without changes.
#pragma once

#include "base/time.hpp"
#include "rules/process.hpp"

namespace kith::rules {

class Utc : public Calendar {
public:
    std::int64_t add(std::int64_t at, const Period &period) const override {
        return base::Zone::utc().add(at, period.months, period.days, period.micros);
    }
};

}  // namespace kith::rules
