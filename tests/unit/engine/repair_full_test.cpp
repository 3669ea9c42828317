// Goal: the same as repair_test, of every page and in three ways.
// Method: each page is zeroed, filled with random bytes, and given a few wrong bits.
#include "unit/engine/repair_fixture.hpp"

namespace kith::engine {
namespace {

TEST_F(RepairTest, WhatIsNotOnAnyDestroyedPageIsSaved) { destroy_pages(0, 1, 3); }

}  // namespace
}  // namespace kith::engine
