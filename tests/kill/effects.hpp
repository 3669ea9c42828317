// A shop with rules and processes that is killed, comes again and goes on; and two that do what is due at
// once.
#pragma once

#include <cstdint>

namespace kith_test {

void kill_at_effects(int trials, std::uint32_t seed);
void run_due_twice(int days, bool killed, std::uint32_t seed);

}  // namespace kith_test
