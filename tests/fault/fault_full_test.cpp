// Goal and method as in fault_test.cpp: every n of allocations and store operations, some 100 trials of
// each kind of failing system call, where two loads make so many.
#include <gtest/gtest.h>

#include <random>

#include "fault/trials.hpp"

namespace kith_test::fault {
namespace {

TEST(FaultFull, EveryAllocationFails) { allocations_fail(0, false, std::random_device{}()); }
TEST(FaultFull, AllAllocationsFromEveryOneOnFail) { allocations_fail(0, true, std::random_device{}()); }
TEST(FaultFull, EveryStoreOperationFails) { store_operations_fail(0, std::random_device{}()); }
TEST(FaultFull, SystemCallsFail) { system_calls_fail(110, std::random_device{}()); }

}  // namespace
}  // namespace kith_test::fault
