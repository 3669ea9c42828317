#include "analytics/rfm.hpp"

#include "base/time.hpp"

namespace kith::analytics {

std::int64_t recency_months(std::int64_t last_day, std::int64_t as_of_day) {
    if (as_of_day <= last_day) return 0;
    const base::CivilDate last = base::civil_of(last_day);
    const base::CivilDate as_of = base::civil_of(as_of_day);
    const std::int64_t months = (as_of.year - last.year) * std::int64_t{12} + as_of.month - last.month;
    // Clamping changes nothing: no day of as_of's month is beyond its end.
    return as_of.day > last.day ? months + 1 : months;
}

}  // namespace kith::analytics
