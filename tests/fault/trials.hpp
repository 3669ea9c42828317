// Trials of faults: each in a child process, so that a crash is counted and nothing is remembered.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fault/strike.hpp"
#include "support/load.hpp"

namespace kith_test::fault {

struct Tally {
    int trials = 0;
    int hit = 0;       // the fault was met
    int failed = 0;    // a call failed by it; the others did their work all the same
    int reopened = 0;  // the store said that it must be reopened
    int crashed = 0;
    int broken = 0;  // a promise was not kept
    std::string examples;
    Tally &operator+=(const Tally &other);
};
std::ostream &operator<<(std::ostream &stream, const Tally &tally);

// How many calls of the kind a day, or a load, makes.
std::uint64_t calls_in_day(Kind kind);
std::uint64_t calls_in_load(const Load &load, Kind kind);

// One trial for each plan.
Tally try_days(const std::vector<Plan> &plans);
Tally try_loads(const Load &load, const std::vector<Plan> &plans);

// Plans that fail every `step`-th of `calls` calls, from a random one on.
std::vector<Plan> every(std::uint64_t step, std::uint64_t calls, Plan like, std::uint32_t random);

// Store operations and allocations over a day, store operations over a load, system calls over a load:
// about so many trials each (0: every n). Prints, and expects nothing broken.
void allocations_fail(std::uint64_t trials, bool lasting, std::uint32_t seed);
void store_operations_fail(std::uint64_t trials, std::uint32_t seed);
void system_calls_fail(std::uint64_t trials, std::uint32_t seed);

}  // namespace kith_test::fault
