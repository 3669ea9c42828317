#pragma once

#include <cstdint>

namespace kith_test {

// Kills a writer so many times in each durability mode, and expects of every file what kill_test.cpp says.
void kill_writers(int trials, std::uint32_t seed);

}  // namespace kith_test
