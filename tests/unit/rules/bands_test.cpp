// Goal: every value has exactly one class, borders included, by thresholds and by cuts over the base.
// Method: values on, just below and just above each limit; random bands against a naive reading; cuts of
// small bases worked out by hand, and of random ones against the definition.
#include "rules/bands.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace kith::rules {
namespace {

using Limits = std::vector<Limit<double>>;

TEST(Bands, Borders) {
    const Limits limits{{2, false}, {5, true}};
    const auto at = [&](double value) { return classify<double>(limits, value); };
    EXPECT_EQ(at(-1e300), 0U);
    EXPECT_EQ(at(std::nextafter(2.0, 0.0)), 0U);
    EXPECT_EQ(at(2), 1U);
    EXPECT_EQ(at(5), 1U);
    EXPECT_EQ(at(std::nextafter(5.0, 9.0)), 2U);
    EXPECT_EQ(at(1e300), 2U);
    EXPECT_EQ(classify<double>(Limits(), 7), 0U);
}

// Amounts beyond what a double tells apart.
TEST(Bands, LargeAmounts) {
    const std::vector<Limit<std::int64_t>> limits{{900'000'000'000'000'000, false}};
    EXPECT_EQ(classify<std::int64_t>(limits, 899'999'999'999'999'999), 0U);
    EXPECT_EQ(classify<std::int64_t>(limits, 900'000'000'000'000'000), 1U);
}

// Limits that are computed may cross: the first that takes the value has it.
TEST(Bands, CrossedLimits) {
    const Limits limits{{7, false}, {3, true}};
    EXPECT_EQ(classify<double>(limits, 5), 0U);
    EXPECT_EQ(classify<double>(limits, 7), 2U);
}

TEST(Bands, AgainstNaiveReading) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 200; ++round) {
        Limits limits;
        double limit = -20;
        for (auto count = random() % 8; count > 0; --count) {
            limit += 1 + static_cast<double>(random() % 10) / 2;
            limits.push_back({limit, random() % 2 == 0});
        }
        for (double value = -22; value < limit + 3; value += 0.25) {
            // The number of limits that lie under the value.
            const auto expected = std::ranges::count_if(limits, [&](const Limit<double> &one) {
                return one.value < value || (one.value == value && !one.included);
            });
            ASSERT_EQ(classify<double>(limits, value), static_cast<std::size_t>(expected)) << value;
        }
    }
}

Bands cuts_of(Bands::Kind kind, std::size_t classes) {
    Bands bands;
    bands.kind = kind;
    for (std::size_t i = 1; i <= classes; ++i) bands.classes.push_back({.is = std::to_string(i)});
    return bands;
}

using Classes = std::vector<std::size_t>;

TEST(Bands, NumberLimits) {
    Bands bands = cuts_of(Bands::Kind::thresholds, 3);
    bands.classes[0].limit = {.kind = Term::Kind::number, .number = 2};
    bands.classes[1].limit = {.kind = Term::Kind::number, .number = 5};
    bands.classes[1].included = false;
    const auto limits = number_limits(bands);
    ASSERT_TRUE(limits);
    ASSERT_EQ(limits->size(), 2U);
    EXPECT_EQ((*limits)[1].value, 5);
    EXPECT_FALSE((*limits)[1].included);
    bands.classes[1].limit.kind = Term::Kind::expression;
    EXPECT_FALSE(number_limits(bands));
}

TEST(Bands, Quantiles) {
    Bands bands = cuts_of(Bands::Kind::quantiles, 4);
    // Type 7 of 1..9 in four: 3, 5, 7.
    const std::vector<double> values{9, 1, 8, 2, 7, 3, 6, 4, 5};
    EXPECT_EQ(*classify_base(bands, values), (Classes{3, 0, 3, 0, 2, 0, 2, 1, 1}));
    bands.reversed = true;
    EXPECT_EQ(*classify_base(bands, values), (Classes{0, 3, 0, 3, 1, 3, 1, 2, 2}));
    // Ties: three cuts at 1 and 1 and 3.5 leave a class empty.
    bands.reversed = false;
    EXPECT_EQ(*classify_base(bands, std::vector<double>{1, 1, 1, 1, 4.5, 9}), (Classes{0, 0, 0, 0, 3, 3}));
    EXPECT_TRUE(classify_base(bands, {})->empty());
    EXPECT_EQ(*classify_base(bands, std::vector<double>{5}), Classes{0});
}

TEST(Bands, CumulativeShare) {
    Bands bands = cuts_of(Bands::Kind::cumulative_share, 3);
    bands.shares = {0.8, 0.95};
    const std::vector<double> values{5, 60, 10, 20, 5};
    // 60, 80 | 90, 95 | 100: 20 ends on the border.
    EXPECT_EQ(*classify_base(bands, values), (Classes{1, 0, 1, 0, 2}));
    bands.border = Border::inside;
    EXPECT_EQ(*classify_base(bands, values), (Classes{1, 0, 1, 0, 2}));
    // 85 crosses the first border, 97 the second.
    const std::vector<double> crossing{3, 85, 12};
    EXPECT_EQ(*classify_base(bands, crossing), (Classes{2, 1, 2}));
    bands.border = Border::crossing;
    EXPECT_EQ(*classify_base(bands, crossing), (Classes{2, 0, 1}));
    // One that holds all crosses every border and is in the first class.
    EXPECT_EQ(*classify_base(bands, std::vector<double>{7, 0}), (Classes{0, 2}));

    EXPECT_EQ(classify_base(bands, std::vector<double>{1, -1}).error().status, base::Status::rule);
    EXPECT_EQ(classify_base(bands, std::vector<double>{0, 0}).error().status, base::Status::rule);
    EXPECT_TRUE(classify_base(bands, {})->empty());
}

// Whole numbers, so that the share before and after each is exact.
TEST(Bands, CumulativeShareAgainstItsDefinition) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 300; ++round) {
        Bands bands = cuts_of(Bands::Kind::cumulative_share, 3);
        const auto any = [&](int below) {
            return static_cast<std::int64_t>(random() % static_cast<unsigned>(below));
        };
        const std::int64_t first = 1 + any(50), second = first + 1 + any(49);
        bands.shares = {static_cast<double>(first) / 100, static_cast<double>(second) / 100};
        bands.border = random() % 2 ? Border::crossing : Border::inside;
        std::vector<double> values(1 + random() % 12);
        for (double &value : values) value = static_cast<double>(random() % 20);
        values[0] += 1;
        const auto total = static_cast<std::int64_t>(std::accumulate(values.begin(), values.end(), 0.0));
        const auto classes = classify_base(bands, values);
        ASSERT_TRUE(classes);
        for (std::size_t i = 0; i < values.size(); ++i) {
            std::int64_t before = 0;
            for (std::size_t j = 0; j < values.size(); ++j) {
                if (values[j] > values[i] || (values[j] == values[i] && j < i))
                    before += static_cast<std::int64_t>(values[j]);
            }
            const std::int64_t after = before + static_cast<std::int64_t>(values[i]);
            std::size_t expected = 0;
            for (const std::int64_t share : {first, second}) {
                const bool past = bands.border == Border::crossing ? before * 100 >= share * total
                                                                   : after * 100 > share * total;
                if (past) ++expected;
            }
            ASSERT_EQ((*classes)[i], expected) << i << " of " << values.size();
        }
    }
}

}  // namespace
}  // namespace kith::rules
