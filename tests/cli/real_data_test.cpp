// Goal: on real data it is one whether definitions are installed before the rows, after them or half-way, and
// verify recomputes all of it. Method: CDNOW and Online Retail (the first rows of them here, all in the full
// tier) in two halves, the second after a run of what is due; then all values, classes, cuts and the board of
// the three files are compared to the byte; RFM cells with those of the command, ABC classes with a count in
// the test.
#include "cli/real_data.hpp"

namespace kith::test {
namespace {

TEST_F(RealDataTest, TheFirstOfCdnowHaveTheSameValuesWheneverDefinitionsCame) { cdnow(8); }

TEST_F(RealDataTest, TheFirstOfOnlineRetailHaveTheSameValuesWheneverDefinitionsCame) { online_retail(8); }

}  // namespace
}  // namespace kith::test
