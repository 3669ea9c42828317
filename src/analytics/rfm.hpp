// Of RFM what neither quantiles (quantiles.hpp) nor bands (rules/) say: how long ago in months.
#pragma once

#include <cstdint>

namespace kith::analytics {

// Civil months begun from `last_day` to `as_of_day` (days since 1970-01-01): the least m such that
// last_day and m months reach as_of_day, month ends clamped; 0 for the day itself and before. So "up to
// 1" means "not longer than a month".
std::int64_t recency_months(std::int64_t last_day, std::int64_t as_of_day);

}  // namespace kith::analytics
