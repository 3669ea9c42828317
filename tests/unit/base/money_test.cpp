// Goal: money is exact. Method: tables of published and worked values; parsing and formatting round
// trips; line amounts against exact long division done digit by digit.
#include "base/money.hpp"

#include <random>

#include <gtest/gtest.h>

namespace kith::base {
namespace {

Status status_of(std::string_view text, int digits) {
    const auto parsed = parse_decimal(text, digits);
    return parsed ? Status::ok : parsed.error().status;
}

TEST(Currency, Codes) {
    EXPECT_EQ(Currency::parse("EUR")->text(), "EUR");
    EXPECT_NE(*Currency::parse("EUR"), *Currency::parse("USD"));
    EXPECT_EQ(Currency(Currency::parse("HRK")->packed()).text(), "HRK");
    for (const auto *bad : {"", "EU", "EURO", "eur", "E R", "E1R", "\xC3\x84U"}) {
        EXPECT_EQ(Currency::parse(bad).error().status, Status::argument) << bad;
    }
    EXPECT_EQ(Currency().text(), "");
}

TEST(Currency, MinorDigitsOfIso4217) {
    const std::pair<const char *, int> table[] = {
        {"USD", 2}, {"EUR", 2}, {"CNY", 2}, {"JPY", 0}, {"KRW", 0}, {"XPF", 0}, {"BIF", 0}, {"KWD", 3},
        {"BHD", 3}, {"TND", 3}, {"CLF", 4}, {"UYW", 4}, {"ISK", 0}, {"VND", 0}, {"HUF", 2}, {"MRU", 2}};
    for (const auto &[code, digits] : table) EXPECT_EQ(Currency::parse(code)->minor_digits(), digits) << code;
    EXPECT_EQ(Currency().minor_digits(), 2);
}

TEST(Decimal, Parses) {
    EXPECT_EQ(*parse_decimal("12", 2), 1200);
    EXPECT_EQ(*parse_decimal("-0.5", 2), -50);
    EXPECT_EQ(*parse_decimal("+0.5", 2), 50);
    EXPECT_EQ(*parse_decimal("1234.567890", 6), 1234567890);
    EXPECT_EQ(*parse_decimal("11.770000", 2), 1177);
    EXPECT_EQ(*parse_decimal("7.000", 0), 7);
    EXPECT_EQ(*parse_decimal(".5", 1), 5);
    EXPECT_EQ(*parse_decimal("5.", 1), 50);
    EXPECT_EQ(*parse_decimal("-0", 2), 0);
    EXPECT_EQ(*parse_decimal("000000000000000000000000000001.5", 2), 150);
    EXPECT_EQ(*parse_decimal("9000000000000000.00", 2), kMaxAmount);
    EXPECT_EQ(*parse_decimal("-900000000000", 6), -kMaxAmount);
}

TEST(Decimal, Refuses) {
    for (const auto *bad : {"", ".", "-", "+", "-.", "1,5", "1e3", "0x10", " 1", "1 ", "1.2.3", "--1", "1-",
                            "nan", "inf", "99999999999999999999999x", "\xEF\xBC\x91"}) {
        EXPECT_EQ(status_of(bad, 2), Status::argument) << bad;
    }
    EXPECT_EQ(status_of("1.001", 2), Status::argument);
    EXPECT_EQ(status_of("1.0000001", 6), Status::argument);
    EXPECT_EQ(status_of("0.5", 0), Status::argument);
    EXPECT_EQ(status_of("9000000000000000.01", 2), Status::limit);
    EXPECT_EQ(status_of("900000000000.000001", 6), Status::limit);
    EXPECT_EQ(status_of("-99999999999999999999999999999999999999", 0), Status::limit);
    EXPECT_EQ(status_of(std::string(100'000, '9'), 2), Status::limit);
}

TEST(Decimal, Formats) {
    EXPECT_EQ(format_decimal(1177, 2), "11.77");
    EXPECT_EQ(format_decimal(-5, 2), "-0.05");
    EXPECT_EQ(format_decimal(1100, 2), "11.00");
    EXPECT_EQ(format_decimal(0, 0), "0");
    EXPECT_EQ(format_decimal(0, 3), "0.000");
    EXPECT_EQ(format_decimal(42, 0), "42");
    EXPECT_EQ(format_decimal(INT64_MIN, 6), "-9223372036854.775808");
}

TEST(Decimal, RoundTrip) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 engine(seed);
    for (int i = 0; i < 20'000; ++i) {
        const auto value = static_cast<std::int64_t>(engine() % (2 * kMaxAmount + 1)) - kMaxAmount;
        const auto scaled = value >> (engine() % 60);
        const int digits = static_cast<int>(engine() % 7);
        ASSERT_EQ(*parse_decimal(format_decimal(scaled, digits), digits), scaled);
    }
}

TEST(LineAmount, HalfToEven) {
    // quantity 1, price in thousandths, to hundredths: the half goes to the even neighbour.
    const std::pair<std::int64_t, std::int64_t> table[] = {
        {5, 0},  {15, 2},   {25, 2},   {35, 4},   {45, 4},   {14, 1},    {16, 2},
        {-5, 0}, {-15, -2}, {-25, -2}, {-35, -4}, {-16, -2}, {995, 100}, {985, 98}};
    for (const auto &[thousandths, cents] : table) {
        EXPECT_EQ(line_amount(kDecimalOne, thousandths * 1000, 2), cents) << thousandths;
    }
    EXPECT_EQ(line_amount(6 * kDecimalOne, 2'550'000, 2), 1530);  // 6 x 2.55
    EXPECT_EQ(line_amount(2'500'000, kDecimalOne, 0), 2);
    EXPECT_EQ(line_amount(3'500'000, kDecimalOne, 0), 4);
    EXPECT_EQ(line_amount(2'500'001, kDecimalOne, 0), 3);
}

TEST(LineAmount, AgainstRationals) {
    // a is right iff |2 (qp - a d)| < d, or = d with a even, where d = 10^(12 - minor digits).
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 engine(seed);
    for (int i = 0; i < 50'000; ++i) {
        const auto draw = [&] { return static_cast<std::int64_t>(engine()) >> (engine() % 64); };
        auto quantity = draw(), price = draw();
        if (i % 2)
            price = price / 500 * 500, quantity = quantity / 1'000'000 * 1'000'000;  // many exact halves
        const int minor = static_cast<int>(engine() % 5);
        __int128 divisor = 1;
        for (int k = minor; k < 12; ++k) divisor *= 10;
        const auto product = static_cast<__int128>(quantity) * price;
        if (const auto amount = line_amount(quantity, price, minor)) {
            const auto twice_rest = 2 * (product - *amount * divisor);
            const auto size = twice_rest < 0 ? -twice_rest : twice_rest;
            ASSERT_TRUE(size < divisor || (size == divisor && *amount % 2 == 0)) << quantity << " " << price;
        } else {
            const auto size = product < 0 ? -product : product;
            ASSERT_GT(size / divisor + 1, kMaxAmount);
        }
    }
}

TEST(LineAmount, Limit) {
    EXPECT_EQ(line_amount(kMaxAmount, kDecimalOne, 6), kMaxAmount);
    EXPECT_EQ(line_amount(kMaxAmount + 1, kDecimalOne, 6), std::nullopt);
    EXPECT_EQ(line_amount(-kMaxAmount, kDecimalOne, 6), -kMaxAmount);
    EXPECT_EQ(line_amount(INT64_MIN, INT64_MIN, 0), std::nullopt);
    EXPECT_EQ(line_amount(INT64_MIN, INT64_MAX, 4), std::nullopt);
}

TEST(AddChecked, Limit) {
    EXPECT_EQ(add_checked(2, -3), -1);
    EXPECT_EQ(add_checked(INT64_MAX, 0), INT64_MAX);
    EXPECT_EQ(add_checked(INT64_MAX, 1), std::nullopt);
    EXPECT_EQ(add_checked(INT64_MIN, -1), std::nullopt);
}

}  // namespace
}  // namespace kith::base
