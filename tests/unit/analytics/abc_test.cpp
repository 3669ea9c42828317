// Goal: classes, shares and Gini are right, on borders too. Method: the published figures of CDNOW,
// hand-made borders that floating point would miss, random values against the plain definitions.
#include "analytics/abc.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

#include "unit/analytics/shared_csv.hpp"

namespace kith::analytics {
namespace {

std::string classes_of(const std::vector<std::int64_t> &values, const AbcOptions &options = {}) {
    std::string names;
    const auto result = abc(values, options);
    if (result) {
        for (const AbcRow &row : result->rows) names += row.name;
    }
    return names;
}

TEST(Abc, Cdnow) {
    KITH_NEEDS_SHARED("cdnow/cdnow_master.csv");
    std::map<std::string, std::int64_t> sums;
    for (const auto &row : test::read_shared("cdnow/cdnow_master.csv"))
        sums[row[0]] += test::cents_of(row[3]);
    std::vector<std::int64_t> values;
    for (const auto &entry : sums) values.push_back(entry.second);
    ASSERT_EQ(values.size(), 23'570U);

    const auto inside = abc(values, {.rule = AbcRule::inside});
    ASSERT_TRUE(inside);
    EXPECT_EQ(inside->a, 7'694U);
    EXPECT_EQ(inside->b, 8'044U);
    EXPECT_EQ(inside->c, 7'832U);
    EXPECT_EQ(inside->total, 250'031'563);
    EXPECT_NEAR(inside->top20, 0.677774, 5e-7);
    EXPECT_NEAR(inside->gini, 0.634571, 5e-7);

    const auto crossing = abc(values);  // one more item at each border
    ASSERT_TRUE(crossing);
    EXPECT_EQ(crossing->a, 7'695U);
    EXPECT_EQ(crossing->a + crossing->b, 7'694U + 8'044U + 1U);
    EXPECT_EQ(crossing->gini, inside->gini);
}

TEST(Abc, OnTheBorder) {
    // Shares 0.8, 0.15, 0.05: sums meet both borders exactly.
    const std::vector<std::int64_t> values{80, 15, 5};
    EXPECT_EQ(classes_of(values), "ABC");
    EXPECT_EQ(classes_of(values, {.rule = AbcRule::inside}), "ABC");
    const std::vector<std::int64_t> above{81, 14, 5};
    EXPECT_EQ(classes_of(above), "ABC");
    EXPECT_EQ(classes_of(above, {.rule = AbcRule::inside}), "BBC");
    // Ten equal values: 0.1 * 8 is not 0.8 in floating point.
    const std::vector<std::int64_t> equal(10, 1);
    EXPECT_EQ(classes_of(equal), "AAAAAAAABB");
    EXPECT_EQ(classes_of(equal, {.rule = AbcRule::inside}), "AAAAAAAABC");
    EXPECT_EQ(classes_of({7}), "A");
    EXPECT_EQ(classes_of({7}, {.rule = AbcRule::inside}), "C");
    EXPECT_EQ(classes_of({1, 1}, {.rule = AbcRule::inside, .border_a = 0.5, .border_b = 1}), "AB");
}

TEST(Abc, TiesKeepTheirOrder) {
    const std::vector<std::int64_t> values{1, 3, 1, 3};
    const auto result = abc(values);
    ASSERT_TRUE(result);
    std::vector<std::size_t> order;
    for (const AbcRow &row : result->rows) order.push_back(row.index);
    EXPECT_EQ(order, (std::vector<std::size_t>{1, 3, 0, 2}));
}

TEST(Abc, NoOverflow) {
    const std::vector<std::int64_t> values(100, 900'000'000'000'000'000);
    const auto result = abc(values);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->a, 80U);
    EXPECT_EQ(result->b, 15U);
    EXPECT_EQ(result->gini, 0);
    EXPECT_DOUBLE_EQ(result->total, 9e19);
}

TEST(Abc, Refused) {
    const auto status = [](const std::vector<std::int64_t> &values, const AbcOptions &options = {}) {
        const auto result = abc(values, options);
        return result ? base::Status::ok : result.error().status;
    };
    EXPECT_EQ(status({}), base::Status::rule);
    EXPECT_EQ(status({0, 0}), base::Status::rule);
    EXPECT_EQ(status({5, -1}), base::Status::rule);
    EXPECT_EQ(status({1}, {.border_a = 0.95, .border_b = 0.8}), base::Status::argument);
    EXPECT_EQ(status({1}, {.border_a = 0.8, .border_b = 1.1}), base::Status::argument);
    EXPECT_EQ(status({1}, {.border_a = 0, .border_b = 0.5}), base::Status::argument);
    EXPECT_EQ(status({1}, {.border_a = std::nan(""), .border_b = 0.5}), base::Status::argument);
}

TEST(Abc, AgainstTheDefinitions) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 300; ++round) {
        std::vector<std::int64_t> values(1 + random() % 40);
        for (auto &value : values)
            value = static_cast<std::int64_t>(random() % 8 ? random() % 50 : random() % 5000);
        values[0] += 1;
        const auto total = std::accumulate(values.begin(), values.end(), std::int64_t{0});
        for (const AbcRule rule : {AbcRule::crossing, AbcRule::inside}) {
            const auto result = abc(values, {.rule = rule});
            ASSERT_TRUE(result);
            std::int64_t sum = 0;
            for (const AbcRow &row : result->rows) {
                const std::int64_t before = sum;
                sum += values[row.index];
                const bool a = rule == AbcRule::inside ? sum * 100 <= total * 80 : before * 100 < total * 80;
                const bool b = rule == AbcRule::inside ? sum * 100 <= total * 95 : before * 100 < total * 95;
                ASSERT_EQ(row.name, a ? 'A' : b ? 'B' : 'C');
                ASSERT_DOUBLE_EQ(row.cumulative, static_cast<double>(sum) / static_cast<double>(total));
            }
            ASSERT_EQ(sum, total);
            ASSERT_EQ(result->a + result->b + result->c, values.size());
            // Half the mean absolute difference over the mean.
            double difference = 0;
            for (const auto x : values) {
                for (const auto y : values) difference += static_cast<double>(std::abs(x - y));
            }
            const auto n = static_cast<double>(values.size());
            ASSERT_NEAR(result->gini, difference / (2 * n * static_cast<double>(total)), 1e-12);
        }
    }
}

}  // namespace
}  // namespace kith::analytics
