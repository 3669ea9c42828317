// Goal: weights by pairwise comparison are the published ones, contradictions are measured, and what is no
// comparison is refused. Method: published examples (the choice of a leader, of a city) to their printed
// digits; random consistent matrices, whose weights are known; random ones against A w = lambda w.
#include "rules/ahp.hpp"

#include <cmath>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

namespace kith::rules {
namespace {

void expect_weights(const base::Result<Ahp> &result, const std::vector<double> &weights, double consistency) {
    ASSERT_TRUE(result) << result.error().message;
    ASSERT_EQ(result->weights.size(), weights.size());
    for (std::size_t i = 0; i < weights.size(); ++i) EXPECT_NEAR(result->weights[i], weights[i], 5e-7) << i;
    EXPECT_NEAR(result->consistency, consistency, 5e-5);
}

// Experience, education, charisma, age; then how Tom, Dick and Harry have the first.
TEST(Ahp, ALeaderIsChosen) {
    const double criteria[] = {1,       4,       3,       7,  //
                               1.0 / 4, 1,       1.0 / 3, 3,  //
                               1.0 / 3, 3,       1,       5,  //
                               1.0 / 7, 1.0 / 3, 1.0 / 5, 1};
    const auto result = ahp(criteria, 4);
    expect_weights(result, {.547569, .126555, .269950, .055926}, .043859);
    EXPECT_NEAR(result->lambda, 4.118418, 5e-7);
    const double experience[] = {1, 1.0 / 4, 4, 4, 1, 9, 1.0 / 4, 1.0 / 9, 1};
    expect_weights(ahp(experience, 3), {.217166, .717065, .065769}, .031807);
}

// Culture, family, housing, jobs, transport.
TEST(Ahp, ACityIsChosen) {
    const double city[] = {1,       1.0 / 5, 3,       1.0 / 2, 5,  //
                           5,       1,       7,       1,       7,  //
                           1.0 / 3, 1.0 / 7, 1,       1.0 / 4, 3,  //
                           2,       1,       4,       1,       7,  //
                           1.0 / 5, 1.0 / 7, 1.0 / 3, 1.0 / 7, 1};
    const auto result = ahp(city, 5);
    expect_weights(result, {.152167, .433454, .071556, .305006, .037816}, .0503);
    EXPECT_NEAR(result->lambda, 5.225235, 5e-7);
}

TEST(Ahp, Consistent) {
    const double judgements[] = {1, 6, 3, 1.0 / 6, 1, 0.5, 1.0 / 3, 2, 1};
    expect_weights(ahp(judgements, 3), {2.0 / 3, 1.0 / 9, 2.0 / 9}, 0);
    const double two[] = {1, 3, 1.0 / 3, 1};
    expect_weights(ahp(two, 2), {0.75, 0.25}, 0);
    const double one[] = {1};
    expect_weights(ahp(one, 1), {1}, 0);
}

// A over B over C over A.
TEST(Ahp, ContradictionIsMeasuredAndNamed) {
    const double ring[] = {1, 3, 1.0 / 5, 1.0 / 3, 1, 2, 5, 1.0 / 2, 1};
    const auto result = ahp(ring, 3);
    ASSERT_TRUE(result);
    EXPECT_GT(result->consistency, kConsistencyMax);
    EXPECT_NEAR(result->lambda, 1 + std::cbrt(30.0) + 1 / std::cbrt(30.0), 1e-9);  // exact for three
    // All three are off alike; one odd judgement among right ones is the worst.
    const double odd[] = {1, 2, 4, 8, .5, 1, 2, 1.0 / 4, .25, .5, 1, 2, .125, 4, .5, 1};
    const auto named = ahp(odd, 4);
    ASSERT_TRUE(named);
    EXPECT_EQ(named->worst_row, 1U);
    EXPECT_EQ(named->worst_column, 3U);
}

TEST(Ahp, NoComparison) {
    const double zero[] = {1, 0, 0, 1}, lopsided[] = {1, 3, 3, 1}, self[] = {2, 3, 1.0 / 3, 1};
    EXPECT_NE(ahp(zero, 2).error().message.find("judgement [0][1] must be more than 0"), std::string::npos);
    EXPECT_NE(ahp(lopsided, 2).error().message.find("judgement [1][0] must be 1 divided by judgement [0][1]"),
              std::string::npos);
    EXPECT_NE(ahp(self, 2).error().message.find("compares a thing with itself"), std::string::npos);
    EXPECT_FALSE(ahp({}, 0));
    EXPECT_FALSE(ahp(std::vector<double>(121, 1.0), 11));
    const double rounded[] = {1, 3, 0.333, 1};  // a third as people write it
    EXPECT_TRUE(ahp(rounded, 2));
}

TEST(Ahp, RandomMatrices) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 500; ++round) {
        const std::size_t n = 1 + random() % kAhpMax;
        std::vector<double> weights(n);
        for (double &weight : weights) weight = 1 + static_cast<double>(random() % 50);
        const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
        std::vector<double> judgements(n * n, 1.0);
        const bool consistent = random() % 2 == 0;
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = i + 1; j < n; ++j) {
                const double one =
                    consistent ? weights[i] / weights[j] : 1 + static_cast<double>(random() % 9);
                judgements[i * n + j] = one;
                judgements[j * n + i] = 1 / one;
            }
        }
        const auto result = ahp(judgements, n);
        ASSERT_TRUE(result);
        EXPECT_NEAR(std::accumulate(result->weights.begin(), result->weights.end(), 0.0), 1, 1e-12);
        for (std::size_t i = 0; i < n; ++i) {
            if (consistent) {
                ASSERT_NEAR(result->weights[i], weights[i] / all, 1e-9);
            }
            double product = 0;
            for (std::size_t j = 0; j < n; ++j) product += judgements[i * n + j] * result->weights[j];
            ASSERT_NEAR(product, result->lambda * result->weights[i], 1e-9);
        }
        if (consistent) {
            ASSERT_NEAR(result->consistency, 0, 1e-9);
        }
    }
}

}  // namespace
}  // namespace kith::rules
