// Goal: cells count beyond 32 bits, and go back. Method: a cell put with a count just below, one row added
// and taken out again; neighbours are as they were.
#include <gtest/gtest.h>

#include "rules/partials.hpp"

namespace kith::rules {
namespace {

TEST(Partials, CountBeyond32Bits) {
    for (const auto summary : {Summary::count, Summary::sum, Summary::ends, Summary::extremes}) {
        PartialRow row;
        Partial many;
        many.add(Contribution{5, 7, 7});
        many.count = UINT32_MAX;
        row.put(31, 9, summary, many);
        row.add(31, 8, Summary::count, {5, 1, 1});
        row.add(31, 9, summary, {6, 3, 7});
        EXPECT_EQ(row.find(31, 9)->count, std::uint64_t{UINT32_MAX} + 1);
        row.add(31, 9, summary, {6, 3, 7});
        PartialRow read(row.bytes());
        EXPECT_EQ(read.find(31, 9)->count, std::uint64_t{UINT32_MAX} + 2);
        EXPECT_EQ(read.find(31, 8)->count, 1U);
        auto rest = read.bytes();
        DayCell cell;
        ASSERT_TRUE(next_cell(rest, cell) && next_cell(rest, cell));
        EXPECT_EQ(cell.count, std::uint64_t{UINT32_MAX} + 2);
        EXPECT_EQ(cell.summary, summary);
        if (summary != Summary::count && summary != Summary::sum) continue;
        ASSERT_TRUE(read.remove(31, 9, {6, 3, 7}));
        EXPECT_EQ(read.find(31, 9)->count, std::uint64_t{UINT32_MAX} + 1);
    }
}

}  // namespace
}  // namespace kith::rules
