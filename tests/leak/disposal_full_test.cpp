// Goal and method: as disposal_test.cpp, many more orders.
#include "leak/disposal.hpp"

namespace kith_test {
namespace {

TEST_F(Disposal, InVeryManyOrders) { in_any_order(20'000); }
TEST_F(Disposal, ByThreadsVeryOften) { by_threads(5'000); }

}  // namespace
}  // namespace kith_test
