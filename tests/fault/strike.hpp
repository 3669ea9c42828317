// The one fault of a run: what kind of call fails, and the how manieth of its kind while armed.
#pragma once

#include <cstdint>

namespace kith_test::fault {

enum class Kind { none, allocation, store_operation, write, meta_write, sync, resize, map };

struct Plan {
    Kind kind = Kind::none;
    std::uint64_t at = 0;            // 0: none, only count
    bool lasting = false;            // this one and all after it, until the call of kith's returns
    int code = 0;                    // what a system call fails with
    const char *function = nullptr;  // of the store's operations this one alone
};

// Starts counting anew.
void plan(const Plan &next);
// Faults happen only between these two: around a call of kith's.
void arm();
void disarm();
bool armed();

std::uint64_t count();  // calls of the planned kind
std::uint64_t hits();   // those that were made to fail
int code();

// Asked by the calls themselves: whether to fail now.
bool strike(Kind kind, const char *function = nullptr);

// The function that failed last, and with what (store operations).
struct Struck {
    const char *function = "";
    int code = 0;
};
Struck &struck();

}  // namespace kith_test::fault
