// Goal and method: as real_data_test.cpp, with all rows.
#include "cli/real_data.hpp"

namespace kith::test {
namespace {

TEST_F(RealDataTest, AllOfCdnowHaveTheSameValuesWheneverDefinitionsCame) { cdnow(1); }

TEST_F(RealDataTest, AllOfOnlineRetailHaveTheSameValuesWheneverDefinitionsCame) { online_retail(1); }

}  // namespace
}  // namespace kith::test
