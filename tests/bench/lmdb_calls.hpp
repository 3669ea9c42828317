// The calls that kith makes of LMDB, counted, recorded, and made again upon a copy of the file by a program
// that does nothing else. The linker puts it between the two (CMakeLists.txt, --wrap).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/times.hpp"

namespace kith_bench {

struct Rows {
    std::uint64_t read = 0, written = 0;  // written: put or removed
};
Rows rows_so_far();

// From begin to end, each write transaction a piece; reading ones are left out.
void begin_recording();
void end_recording();

// What was recorded, upon a file as it was when the recording began: without its reads too. The time of each
// transaction.
std::vector<Times> repeat(const std::string &file, bool with_reads);

}  // namespace kith_bench
