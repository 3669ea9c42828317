// Goal: every number has exactly one class, borders included. Method: values on, just below and just
// above each limit; random bands against a naive reading.
#include "rules/bands.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace kith::rules {
namespace {

BandClass up_to(double limit, std::string is) { return {limit, true, std::move(is)}; }
BandClass below(double limit, std::string is) { return {limit, false, std::move(is)}; }
BandClass rest(std::string is) { return {std::nullopt, true, std::move(is)}; }

TEST(Bands, Borders) {
    const Bands bands{.name = "b", .of = "orders", .classes = {below(2, "x"), up_to(5, "y"), rest("z")}};
    EXPECT_EQ(classify(bands, -1e300), 0U);
    EXPECT_EQ(classify(bands, std::nextafter(2.0, 0.0)), 0U);
    EXPECT_EQ(classify(bands, 2), 1U);
    EXPECT_EQ(classify(bands, 5), 1U);
    EXPECT_EQ(classify(bands, std::nextafter(5.0, 9.0)), 2U);
    EXPECT_EQ(classify(bands, 1e300), 2U);
}

TEST(Bands, CutsBecomeThresholds) {
    Bands bands{.name = "b", .of = "orders", .classes = {}, .quantiles = 4};
    const std::vector<double> cuts{1, 1, 3};
    const Bands up = with_cuts(bands, cuts);
    EXPECT_EQ(up.quantiles, 0U);
    ASSERT_EQ(up.classes.size(), 4U);
    EXPECT_EQ(up.classes[classify(up, 1)].is, "1");
    EXPECT_EQ(up.classes[classify(up, 2)].is, "3");  // equal cuts leave class 2 empty
    EXPECT_EQ(up.classes[classify(up, 3)].is, "3");
    EXPECT_EQ(up.classes[classify(up, 3.5)].is, "4");
    bands.reversed = true;
    const Bands down = with_cuts(bands, cuts);
    EXPECT_EQ(down.classes[classify(down, 0)].is, "4");
    EXPECT_EQ(down.classes[classify(down, 9)].is, "1");
    EXPECT_EQ(with_cuts(bands, {}).classes[0].is, "1");
}

TEST(Bands, AgainstNaiveReading) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 200; ++round) {
        Bands bands{.name = "b", .of = "orders", .classes = {}};
        double limit = -20;
        for (auto count = random() % 8; count > 0; --count) {
            limit += 1 + static_cast<double>(random() % 10) / 2;
            bands.classes.push_back(random() % 2 ? below(limit, "c") : up_to(limit, "c"));
        }
        bands.classes.push_back(rest("c"));
        for (double value = -22; value < limit + 3; value += 0.25) {
            std::size_t expected = 0;  // the number of limits that lie under the value
            for (const BandClass &band : bands.classes) {
                if (band.limit && (*band.limit < value || (*band.limit == value && !band.included)))
                    ++expected;
            }
            ASSERT_EQ(classify(bands, value), expected) << value;
        }
    }
}

}  // namespace
}  // namespace kith::rules
