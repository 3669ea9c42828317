// Goal: amounts are exact, of one currency, and rounded half to even. Method: worked tables; random amounts
// against 128-bit arithmetic; factors with up to fifteen decimal digits against the exact decimal product.
#include "calling.hpp"

#include <cmath>
#include <cstdio>
#include <random>

#include <gtest/gtest.h>

namespace kith::expr {
namespace {

class Money : public testing::Test {
protected:
    static Value eur(std::int64_t minor) { return of_money(minor, base::Currency::parse("EUR")->packed()); }
    static Value usd(std::int64_t minor) { return of_money(minor, base::Currency::parse("USD")->packed()); }
    Value text(std::string_view s) { return c.text(s); }
    std::string show(std::string_view name, const std::vector<Value> &args) { return c.shown(name, args); }

    Calling c{money_functions(), operator_functions(), conversion_functions()};
};

TEST_F(Money, IsMadeOfTextAndCurrency) {
    EXPECT_EQ(show("money", {text("12.50"), text("EUR")}), "1250EUR");
    EXPECT_EQ(show("money", {text("-0.05"), text("EUR")}), "-5EUR");
    EXPECT_EQ(show("money", {text("12"), text("JPY")}), "12JPY");
    EXPECT_EQ(show("money", {text("1.234"), text("KWD")}), "1234KWD");
    EXPECT_EQ(show("money", {text("9000000000000000.00"), text("EUR")}), "900000000000000000EUR");
    EXPECT_EQ(show("money", {text("9000000000000000.01"), text("EUR")}), "!overflow");
    for (const auto *bad : {"", "1,50", "12.505", "1e3", "EUR", " 1"})
        EXPECT_EQ(show("money", {text(bad), text("EUR")}), "!convert") << bad;
    for (const auto *bad : {"", "eur", "EURO", "E1R"}) {
        EXPECT_EQ(show("money", {text("1"), text(bad)}), "!convert") << bad;
        EXPECT_EQ(show("money.ofMinor", {of_int(1), text(bad)}), "!convert") << bad;
    }
    EXPECT_EQ(show("money.ofMinor", {of_int(-1250), text("EUR")}), "-1250EUR");
    EXPECT_EQ(show("money.ofMinor", {of_int(base::kMaxAmount), text("EUR")}), "900000000000000000EUR");
    EXPECT_EQ(show("money.ofMinor", {of_int(base::kMaxAmount + 1), text("EUR")}), "!overflow");
    EXPECT_EQ(show("money.ofMinor", {of_int(INT64_MIN), text("EUR")}), "!overflow");
}

TEST_F(Money, Fields) {
    EXPECT_EQ(show("money.minor", {eur(-1250)}), "-1250");
    EXPECT_EQ(show("money.currency", {eur(1)}), "\"EUR\"");
    EXPECT_EQ(show("convertible", {eur(1), eur(2)}), "true");
    EXPECT_EQ(show("convertible", {eur(1), usd(1)}), "false");
    EXPECT_EQ(show("string", {eur(1250)}), "\"12.50 EUR\"");
}

TEST_F(Money, AddsWithinACurrency) {
    EXPECT_EQ(show("_+_", {eur(1), eur(2)}), "3EUR");
    EXPECT_EQ(show("_-_", {eur(1), eur(2)}), "-1EUR");
    EXPECT_EQ(show("-_", {eur(5)}), "-5EUR");
    EXPECT_EQ(show("_+_", {eur(base::kMaxAmount), eur(0)}), "900000000000000000EUR");
    EXPECT_EQ(show("_+_", {eur(base::kMaxAmount), eur(1)}), "!overflow");
    EXPECT_EQ(show("_-_", {eur(-base::kMaxAmount), eur(1)}), "!overflow");
    EXPECT_EQ(show("_-_", {eur(INT64_MIN), eur(INT64_MIN)}), "0EUR");
    EXPECT_EQ(show("-_", {eur(INT64_MIN)}), "!overflow");
    for (const auto *name : {"_+_", "_-_", "_<_", "_<=_", "_>_", "_>=_", "ratio"})
        EXPECT_EQ(show(name, {eur(1), usd(1)}), "!currency") << name;
    EXPECT_EQ(show("_==_", {eur(1), usd(1)}), "false");
    EXPECT_EQ(show("_!=_", {eur(0), usd(0)}), "true");
    EXPECT_EQ(show("_==_", {eur(7), eur(7)}), "true");
    EXPECT_EQ(show("_<_", {eur(-1), eur(1)}), "true");
    EXPECT_EQ(show("_>=_", {eur(1), eur(1)}), "true");
    Call call(c.memory, c.patterns, c.moment, nullptr, kBudget);
    EXPECT_EQ(Calling::show(add(call, eur(1), eur(2))), "3EUR");
    EXPECT_EQ(Calling::show(add(call, eur(1), usd(2))), "!currency");
    EXPECT_EQ(Calling::show(add(call, eur(1), of_int(2))), "!no_overload");
}

TEST_F(Money, FactorsAreTakenAsTheDecimalsTheyAreWritten) {
    EXPECT_EQ(show("_*_", {eur(50), of_double(0.05)}), "2EUR");   // 2.5, a tie, though the double lies above
    EXPECT_EQ(show("_*_", {eur(150), of_double(0.05)}), "8EUR");  // 7.5
    EXPECT_EQ(show("_*_", {of_double(-0.05), eur(50)}), "-2EUR");
    EXPECT_EQ(show("_*_", {eur(100), of_double(1.005)}), "100EUR");
    EXPECT_EQ(show("_*_", {eur(300), of_double(1.005)}), "302EUR");  // 301.5
    EXPECT_EQ(show("_*_", {eur(1999), of_double(0.25)}), "500EUR");  // 499.75
    EXPECT_EQ(show("_*_", {eur(10), of_int(3)}), "30EUR");
    EXPECT_EQ(show("_*_", {of_int(-3), eur(10)}), "-30EUR");
    EXPECT_EQ(show("_*_", {eur(10), of_double(1e16)}), "100000000000000000EUR");
    EXPECT_EQ(show("_*_", {eur(10), of_double(1e17)}), "!overflow");
    EXPECT_EQ(show("_*_", {eur(1), of_double(1e300)}), "!overflow");
    EXPECT_EQ(show("_*_", {eur(0), of_double(1e300)}), "0EUR");
    EXPECT_EQ(show("_*_", {eur(base::kMaxAmount), of_double(1e-300)}), "0EUR");
    EXPECT_EQ(show("_*_", {eur(base::kMaxAmount), of_double(5e-324)}), "0EUR");
    EXPECT_EQ(show("_*_", {eur(base::kMaxAmount), of_int(INT64_MAX)}), "!overflow");
    EXPECT_EQ(show("_*_", {eur(-base::kMaxAmount), of_double(1)}), "-900000000000000000EUR");
    for (const double bad : {double{NAN}, double{INFINITY}, double{-INFINITY}}) {
        EXPECT_EQ(show("_*_", {eur(1), of_double(bad)}), "!range");
        EXPECT_EQ(show("_/_", {eur(1), of_double(bad)}), "!range");
    }
}

TEST_F(Money, Divides) {
    EXPECT_EQ(show("_/_", {eur(10), of_int(4)}), "2EUR");  // 2.5
    EXPECT_EQ(show("_/_", {eur(30), of_int(4)}), "8EUR");  // 7.5
    EXPECT_EQ(show("_/_", {eur(-10), of_int(4)}), "-2EUR");
    EXPECT_EQ(show("_/_", {eur(10), of_int(-3)}), "-3EUR");
    EXPECT_EQ(show("_/_", {eur(100), of_double(0.3)}), "333EUR");
    EXPECT_EQ(show("_/_", {eur(1), of_double(0.4)}), "2EUR");  // 2.5
    EXPECT_EQ(show("_/_", {eur(100), of_double(-1.25)}), "-80EUR");
    EXPECT_EQ(show("_/_", {eur(1), of_int(INT64_MIN)}), "0EUR");
    EXPECT_EQ(show("_/_", {eur(1), of_double(1e-300)}), "!overflow");
    EXPECT_EQ(show("_/_", {eur(0), of_double(1e-300)}), "0EUR");
    EXPECT_EQ(show("_/_", {eur(base::kMaxAmount), of_double(1e300)}), "0EUR");
    EXPECT_EQ(show("_/_", {eur(1), of_int(0)}), "!div_zero");
    EXPECT_EQ(show("_/_", {eur(1), of_double(0)}), "!div_zero");
    EXPECT_EQ(show("_/_", {eur(1), of_double(-0.0)}), "!div_zero");
}

// value / divisor to the nearest, ties to even, by counting up from the floor.
__int128 nearest(__int128 value, __int128 divisor) {
    auto floor = value / divisor;
    while (floor * divisor > value) --floor;
    const auto below = value - floor * divisor, above = divisor - below;
    if (below == above) return floor % 2 == 0 ? floor : floor + 1;
    return below < above ? floor : floor + 1;
}

TEST_F(Money, ProductsAndQuotientsAreTheNearestAmount) {
    const auto seed = std::random_device()();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    int ties = 0;
    for (int round = 0; round < 50'000; ++round) {
        const auto minor = static_cast<std::int64_t>(random()) >> (8 + random() % 50);
        const auto digits = static_cast<std::int64_t>(random() % 1'000'000'000'000'000) >> (random() % 48);
        const int places = static_cast<int>(random() % 13);
        char text[40];
        std::snprintf(text, sizeof text, "%llde-%d", static_cast<long long>(digits), places);
        const auto factor = of_double(std::strtod(text, nullptr));
        __int128 unit = 1;
        for (int i = 0; i < places; ++i) unit *= 10;

        const auto check = [&](const char *name, __int128 value, __int128 divisor) {
            const auto exact = nearest(value, divisor);
            const auto result = c.call(name, {eur(minor), factor});
            if (exact > base::kMaxAmount || exact < -base::kMaxAmount) {
                EXPECT_EQ(Calling::show(result), "!overflow") << minor << name << text;
            } else {
                EXPECT_EQ(__int128{result.i}, exact) << minor << name << text;
            }
            ties += value % divisor != 0 && 2 * value % divisor == 0;
        };
        check("_*_", __int128{minor} * digits, unit);
        if (digits != 0) check("_/_", __int128{minor} * unit, digits);
    }
    EXPECT_GT(ties, 10);
}

TEST_F(Money, Ratio) {
    EXPECT_EQ(show("ratio", {eur(1), eur(4)}), "0.25");
    EXPECT_EQ(show("ratio", {of_int(1), of_int(-4)}), "-0.25");
    EXPECT_EQ(show("ratio", {of_uint(3), of_uint(4)}), "0.75");
    EXPECT_EQ(show("ratio", {of_double(3), of_double(4)}), "0.75");
    EXPECT_EQ(show("ratio", {eur(1), eur(0)}), "!absent");
    EXPECT_EQ(show("ratio", {of_int(0), of_int(0)}), "!absent");
    EXPECT_EQ(show("ratio", {of_uint(1), of_uint(0)}), "!absent");
    EXPECT_EQ(show("ratio", {of_double(1), of_double(-0.0)}), "!absent");
    EXPECT_EQ(show("ratio", {of_int(1), of_double(2)}), "0.5");
    EXPECT_EQ(show("ratio", {of_double(1), of_int(2)}), "0.5");
    EXPECT_EQ(show("ratio", {of_int(1), of_double(0)}), "!absent");
}

}  // namespace
}  // namespace kith::expr
