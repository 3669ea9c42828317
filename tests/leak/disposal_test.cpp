// Goal: handles may be freed in any order, on any thread, with their store open or closed; none is left.
// Method: one of every kind, freed in random orders (seed printed); after each free all of them are asked.
#include "leak/disposal.hpp"

namespace kith_test {
namespace {

TEST_F(Disposal, InAnyOrder) { in_any_order(500); }
TEST_F(Disposal, ByThreads) { by_threads(200); }

}  // namespace
}  // namespace kith_test
