// The clock of changes: a hybrid logical clock (Kulkarni et al., 2014), 48 bits of milliseconds and 16
// of counter. One stamp a commit.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.hpp"

namespace kith::feed {

// Later than `last`, also when the wall clock stands or goes back.
constexpr std::uint64_t next_stamp(std::uint64_t last, base::Micros now) {
    const auto wall = static_cast<std::uint64_t>(std::max<base::Micros>(now, 0) / 1000) << 16;
    return std::max(wall, last + 1);
}

}  // namespace kith::feed
