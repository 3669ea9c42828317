// Goal: scores are what the weights say, absent indicators are treated as the card says, and the addends sum
// to the score exactly. Method: examples by hand; random cards against plain arithmetic; normalisations
// against published numbers.
#include "rules/scorecard.hpp"

#include <cmath>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

namespace kith::rules {
namespace {

using Scores = std::vector<std::optional<double>>;
constexpr auto kAbsent = std::nullopt;

Scorecard card_with(std::vector<double> weights,
                    Scorecard::Method method = Scorecard::Method::weighted_mean) {
    Scorecard card;
    card.method = method;
    for (const double weight : weights) card.indicators.emplace_back().weight = weight;
    return card;
}

std::int64_t sum_of(const std::vector<std::int64_t> &addends) {
    return std::accumulate(addends.begin(), addends.end(), std::int64_t{0});
}

TEST(Scorecard, WeightedMean) {
    const auto score = combine(card_with({0.4, 0.25, 0.35}), Scores{5, 2, 3});
    ASSERT_TRUE(score);
    EXPECT_EQ(score->score, 3'550'000);
    EXPECT_EQ(score->addends, (std::vector<std::int64_t>{2'000'000, 500'000, 1'050'000}));
    EXPECT_EQ(score->present, 1);
}

// Thirds: each is rounded, and still their sum is 5.
TEST(Scorecard, AddendsSumToTheScore) {
    const auto score = combine(card_with({1.0 / 3, 1.0 / 3, 1.0 / 3}), Scores{5, 5, 5});
    EXPECT_EQ(score->score, 5'000'000);
    EXPECT_EQ(sum_of(score->addends), 5'000'000);
    for (const auto addend : score->addends) EXPECT_NEAR(static_cast<double>(addend), 1'666'666.5, 0.6);
}

TEST(Scorecard, Sum) {
    Scorecard card = card_with({1, 1, 2}, Scorecard::Method::sum);
    EXPECT_EQ(combine(card, Scores{1, 0, 1.5})->score, 4'000'000);
    EXPECT_FALSE(combine(card, Scores{1, kAbsent, 1}));
    card.missing = Scorecard::Missing::score;
    card.missing_score = -1;
    EXPECT_EQ(combine(card, Scores{1, kAbsent, 1})->addends,
              (std::vector<std::int64_t>{1'000'000, -1'000'000, 2'000'000}));
}

TEST(Scorecard, VetoIsTheLeast) {
    Scorecard card = card_with({1, 1, 1}, Scorecard::Method::veto);
    const auto score = combine(card, Scores{4, 2, 3});
    EXPECT_EQ(score->score, 2'000'000);
    EXPECT_EQ(score->addends, (std::vector<std::int64_t>{0, 2'000'000, 0}));
    EXPECT_FALSE(combine(card, Scores{4, kAbsent, 3}));
    card.missing = Scorecard::Missing::reweight;
    card.least = 0.5;
    EXPECT_EQ(combine(card, Scores{4, kAbsent, 3})->score, 3'000'000);
}

TEST(Scorecard, Missing) {
    Scorecard card = card_with({0.4, 0.3, 0.3});
    EXPECT_FALSE(combine(card, Scores{5, kAbsent, 3}));
    card.missing = Scorecard::Missing::reweight;
    card.least = 0.7;
    const auto score = combine(card, Scores{5, kAbsent, 3});  // (2 + 0.9) / 0.7; on the border
    ASSERT_TRUE(score);
    EXPECT_EQ(score->score, 4'142'857);
    EXPECT_EQ(score->addends[1], 0);
    EXPECT_NEAR(score->present, 0.7, 1e-12);
    EXPECT_FALSE(combine(card, Scores{kAbsent, 3, 3}));
    EXPECT_FALSE(combine(card, Scores{kAbsent, kAbsent, kAbsent}));
    card.missing = Scorecard::Missing::score;
    card.missing_score = 1;
    EXPECT_EQ(combine(card, Scores{kAbsent, kAbsent, kAbsent})->score, 1'000'000);
    EXPECT_EQ(combine(card, Scores{kAbsent, 3, 3})->score, 2'200'000);
}

TEST(Scorecard, TooLargeIsAbsent) {
    EXPECT_FALSE(combine(card_with({1}), Scores{1e13}));
    EXPECT_FALSE(combine(card_with({1}), Scores{std::numeric_limits<double>::quiet_NaN()}));
}

TEST(Scorecard, AgainstPlainArithmetic) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> any(-100, 100), share(0.01, 1);
    for (int round = 0; round < 2000; ++round) {
        const std::size_t n = 1 + random() % 9;
        std::vector<double> weights(n);
        for (double &weight : weights) weight = share(random);
        const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
        for (double &weight : weights) weight /= all;
        Scorecard card = card_with(weights);
        card.missing = Scorecard::Missing::reweight;
        card.least = share(random);
        Scores scores(n);
        double sum = 0, present = 0;
        for (std::size_t i = 0; i < n; ++i) {
            if (random() % 4 == 0) continue;
            scores[i] = any(random);
            sum += weights[i] * *scores[i];
            present += weights[i];
        }
        const auto score = combine(card, scores);
        if (present == 0 || present < card.least - 1e-6) {
            ASSERT_FALSE(score);
        } else if (present > card.least + 1e-6) {
            ASSERT_TRUE(score);
            ASSERT_NEAR(static_cast<double>(score->score) / 1e6, sum / present, 1e-6);
            ASSERT_EQ(sum_of(score->addends), score->score);
            for (std::size_t i = 0; i < n; ++i) {
                const double exact = scores[i] ? weights[i] * *scores[i] / present : 0;
                ASSERT_NEAR(static_cast<double>(score->addends[i]) / 1e6, exact, 1.01e-6);
            }
        }
    }
}

// The first of six cars in a published comparison: price is a cost, the others are not. Efficacy with the
// worst as not allowed and the best as satisfactory.
TEST(Normalise, AgainstPublishedNumbers) {
    using Kind = Normalise::Kind;
    EXPECT_NEAR(*normalise(Kind::index, 20360, 18980, 0, true), 93.2220, 5e-5);
    EXPECT_NEAR(*normalise(Kind::index, 31, 35, 0, false), 88.5714, 5e-5);
    EXPECT_NEAR(*normalise(Kind::index, 5, 8, 0, false), 62.5, 1e-12);
    EXPECT_NEAR(*normalise(Kind::index, 14, 147.4, 0, false), 9.4980, 5e-5);
    EXPECT_NEAR(*normalise(Kind::index, .52, .55, 0, false), 94.5455, 5e-5);
    EXPECT_NEAR(*normalise(Kind::efficacy, 20360, 31090, 18980, false), 95.4418, 5e-5);
    EXPECT_NEAR(*normalise(Kind::efficacy, 31, 22, 35, false), 87.6923, 5e-5);
    EXPECT_NEAR(*normalise(Kind::efficacy, 5, 5, 8, false), 60, 1e-12);
    EXPECT_NEAR(*normalise(Kind::efficacy, .52, .40, .55, false), 92, 1e-12);
}

TEST(Normalise, MinMaxAndZ) {
    using Kind = Normalise::Kind;
    EXPECT_EQ(*normalise(Kind::min_max, 5, 0, 10, false), 0.5);
    EXPECT_EQ(*normalise(Kind::min_max, 11, 0, 10, false), 1);
    EXPECT_EQ(*normalise(Kind::min_max, -1, 0, 10, false), 0);
    EXPECT_EQ(*normalise(Kind::min_max, 2, 10, 0, false), 0.8);  // less is better
    EXPECT_EQ(*normalise(Kind::z, 14, 10, 2, false), 2);
    EXPECT_FALSE(normalise(Kind::min_max, 1, 3, 3, false));
    EXPECT_FALSE(normalise(Kind::z, 1, 3, 0, false));
    EXPECT_FALSE(normalise(Kind::efficacy, 1, 3, 3, false));
    EXPECT_FALSE(normalise(Kind::index, 1, 0, 0, false));
    EXPECT_FALSE(normalise(Kind::index, 0, 5, 0, true));
}

}  // namespace
}  // namespace kith::rules
