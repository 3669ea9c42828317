// Goal: cuts are type 7 and a value on a cut is in the lower class. Method: published values, and random
// columns with many ties against a full sort.
#include "analytics/quantiles.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace kith::analytics {
namespace {

// The definition, over a sorted copy.
double quantile_of(std::vector<double> values, std::size_t i, std::size_t k) {
    std::ranges::sort(values);
    const double place = static_cast<double>((values.size() - 1) * i) / static_cast<double>(k);
    const auto low = static_cast<std::size_t>(std::floor(place));
    const auto high = std::min(low + 1, values.size() - 1);
    return values[low] + (place - std::floor(place)) * (values[high] - values[low]);
}

TEST(Quantiles, KnownCuts) {
    const std::vector<double> four{4, 1, 3, 2};
    EXPECT_EQ(quantile_cuts(four, 4), (std::vector<double>{1.75, 2.5, 3.25}));
    EXPECT_EQ(quantile_cuts(four, 2), std::vector<double>{2.5});
    EXPECT_EQ(quantile_cuts(std::vector<double>{7}, 3), (std::vector<double>{7, 7}));
    EXPECT_TRUE(quantile_cuts({}, 5).empty());
    EXPECT_TRUE(quantile_cuts(four, 1).empty());
}

TEST(Quantiles, EdgesOfClasses) {
    EXPECT_TRUE(quantile_classes({}, 5).empty());
    EXPECT_EQ(quantile_classes(std::vector<double>{7}, 5), std::vector<std::uint32_t>{1});
    EXPECT_EQ(quantile_classes(std::vector<double>{7}, 5, true), std::vector<std::uint32_t>{5});
    EXPECT_EQ(quantile_classes(std::vector<double>(9, 2.0), 3), std::vector<std::uint32_t>(9, 1));
    const std::vector<double> on_cuts{1, 2, 3, 4, 5};  // the median, 3, is in the lower half
    EXPECT_EQ(quantile_classes(on_cuts, 2), (std::vector<std::uint32_t>{1, 1, 1, 2, 2}));
    EXPECT_EQ(quantile_classes(on_cuts, 2, true), (std::vector<std::uint32_t>{2, 2, 2, 1, 1}));
}

TEST(Quantiles, BordersOfWholeNumbersAreWhole) {
    const std::vector<double> whole{10, 11, 20, 30};  // cuts at a half: 15.5; at quarters: 10.75, 15.5, 22.5
    EXPECT_EQ(quantile_borders(whole, 4), (std::vector<double>{11, 16, 23}));
    EXPECT_EQ(quantile_classes(whole, 4), (std::vector<std::uint32_t>{1, 1, 3, 4}));
    const std::vector<double> cents{10.01, 11, 20, 30};
    EXPECT_EQ(quantile_borders(cents, 4), quantile_cuts(cents, 4));
    // Cents: 11.50 is no whole amount, 11.00 is.
    const std::vector<double> in_cents{1000, 1200, 1500, 2000, 3150};
    EXPECT_EQ(quantile_borders(in_cents, 2, 100), quantile_cuts(in_cents, 2));
    const std::vector<double> of_hundreds{1000, 1200, 1500, 2000};
    EXPECT_EQ(quantile_borders(of_hundreds, 2, 100), (std::vector<double>{1400}));
    EXPECT_EQ(quantile_classes(cents, 4), (std::vector<std::uint32_t>{1, 2, 3, 4}));
    const std::vector<double> small{0.1, 0.2, 0.3, 0.4, 0.5};  // a border moved by 1 would swallow them
    EXPECT_EQ(quantile_classes(small, 5), (std::vector<std::uint32_t>{1, 2, 3, 4, 5}));
}

TEST(Quantiles, AgainstFullSort) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 400; ++round) {
        std::vector<double> values(1 + random() % 60);
        const auto range = 1 + random() % (round % 2 ? 5 : 1'000'000);
        const double step = round % 3 ? 1 : 0.01;
        for (double &value : values) value = (static_cast<double>(random() % range) - 2) * step;
        const auto k = static_cast<std::uint32_t>(2 + random() % 99);
        const auto cuts = quantile_cuts(values, k);
        ASSERT_EQ(cuts.size(), k - 1);
        ASSERT_TRUE(std::ranges::is_sorted(cuts));
        for (std::uint32_t i = 1; i < k; ++i) {
            ASSERT_NEAR(cuts[i - 1], quantile_of(values, i, k), 1e-6) << i << " of " << k;
        }
        const bool whole =
            std::ranges::all_of(values, [](double value) { return std::trunc(value) == value; });
        const auto classes = quantile_classes(values, k);
        const auto reversed = quantile_classes(values, k, true);
        for (std::size_t j = 0; j < values.size(); ++j) {
            // The rfm package's rule for whole numbers: at least the cut plus one.
            const auto above = std::ranges::count_if(
                cuts, [&](double cut) { return whole ? values[j] >= cut + 1 : values[j] > cut; });
            ASSERT_EQ(classes[j], above + 1);
            ASSERT_EQ(reversed[j], k - above);
        }
    }
}

}  // namespace
}  // namespace kith::analytics
