// Goal: the multiset of gaps gives the exact median whatever is added and removed. Method: random
// additions and removals against a sorted list.
#include "model/figures.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace kith::model {
namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;

std::optional<std::int64_t> median_of(const std::vector<std::uint32_t> &sorted) {
    if (sorted.empty()) return std::nullopt;
    const std::int64_t lower = sorted[(sorted.size() - 1) / 2];
    const std::int64_t upper = sorted[sorted.size() / 2];
    return (lower + upper) * kDayUs / 2;
}

TEST(Figures, MedianOfFewGaps) {
    Figures figures;
    EXPECT_FALSE(figures.median_gap_us());
    figures.add_gap(10);
    EXPECT_EQ(figures.median_gap_us(), 10 * kDayUs);
    figures.add_gap(13);
    EXPECT_EQ(figures.median_gap_us(), 23 * kDayUs / 2);
    figures.add_gap(13);
    EXPECT_EQ(figures.median_gap_us(), 13 * kDayUs);
    figures.remove_gap(11);  // not there: nothing happens
    EXPECT_EQ(figures.median_gap_us(), 13 * kDayUs);
    figures.remove_gap(13);
    figures.remove_gap(13);
    figures.remove_gap(10);
    EXPECT_TRUE(figures.gaps.empty());
    EXPECT_FALSE(figures.median_gap_us());
}

TEST(Figures, MedianAgainstSortedList) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (const std::uint32_t days_max : {3U, 40U, 4'000'000U}) {
        Figures figures;
        std::vector<std::uint32_t> sorted;
        std::uniform_int_distribution<std::uint32_t> days(1, days_max);
        for (int step = 0; step < 500; ++step) {
            if (!sorted.empty() && random() % 5 < 2) {
                const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(random() % sorted.size());
                figures.remove_gap(*at);
                sorted.erase(at);
            } else {
                const std::uint32_t gap = days(random);
                figures.add_gap(gap);
                sorted.insert(std::ranges::upper_bound(sorted, gap), gap);
            }
            ASSERT_EQ(figures.median_gap_us(), median_of(sorted)) << "step " << step;
            ASSERT_TRUE(std::ranges::is_sorted(figures.gaps, std::ranges::less_equal{}, &Gap::days) ||
                        figures.gaps.empty());
        }
    }
}

}  // namespace
}  // namespace kith::model
