// What the library asks of the system outside the store: the clock and random bytes.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.hpp"

namespace kith::base::os {

std::int64_t now_us();                     // since 1970 UTC
void random(std::span<std::byte> out);     // getrandom; never fails short
std::uint64_t process_id();

}  // namespace kith::base::os
