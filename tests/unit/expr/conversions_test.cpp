// Goal: conversions keep the value or refuse. Method: worked tables, and random doubles whose text must read
// back the same with no shorter one doing so, judged by the C library.
#include "calling.hpp"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>

#include <gtest/gtest.h>

namespace kith::expr {
namespace {

class Conversions : public testing::Test {
protected:
    std::string show(std::string_view name, const Value &value) { return c.shown(name, {value}); }
    std::string of(std::string_view name, std::string_view text) { return c.shown(name, {c.text(text)}); }

    Calling c{conversion_functions()};
};

TEST_F(Conversions, Int) {
    EXPECT_EQ(show("int", of_int(-5)), "-5");
    EXPECT_EQ(show("int", of_uint(42)), "42");
    EXPECT_EQ(show("int", of_uint(INT64_MAX)), "9223372036854775807");
    EXPECT_EQ(show("int", of_uint(std::uint64_t{1} << 63)), "!range");
    EXPECT_EQ(show("int", of_double(-123.456)), "-123");
    EXPECT_EQ(show("int", of_double(11.5)), "11");
    EXPECT_EQ(show("int", of_double(36028797018963969.0)), "36028797018963968");
    for (const double bad : {0x1p63, -0x1p63, 1e99, -1e99, double{NAN}, double{INFINITY}, double{-INFINITY}})
        EXPECT_EQ(show("int", of_double(bad)), "!range") << bad;
    EXPECT_EQ(show("int", of_double(std::nextafter(0x1p63, 0))), "9223372036854774784");
    EXPECT_EQ(show("int", of_double(std::nextafter(-0x1p63, 0))), "-9223372036854774784");
    EXPECT_EQ(show("int", of_timestamp(1095379199, 999)), "1095379199");
    EXPECT_EQ(show("int", of_duration(-7)), "-7");
    EXPECT_EQ(of("int", "987"), "987");
    EXPECT_EQ(of("int", "-9223372036854775808"), "-9223372036854775808");
    EXPECT_EQ(of("int", "+007"), "7");
    for (const auto *bad : {"", "-", "+", "+-1", "--1", "++1", " 1", "1 ", "1.0", "0x10", "1e3", "1_000",
                            "12u", "9223372036854775808", "-9223372036854775809", "\xEF\xBC\x91"})
        EXPECT_EQ(of("int", bad), "!convert") << bad;
}

TEST_F(Conversions, Uint) {
    EXPECT_EQ(show("uint", of_uint(1)), "1u");
    EXPECT_EQ(show("uint", of_int(1729)), "1729u");
    EXPECT_EQ(show("uint", of_int(-1)), "!range");
    EXPECT_EQ(show("uint", of_double(3.14159265)), "3u");
    EXPECT_EQ(show("uint", of_double(1e19)), "10000000000000000000u");
    EXPECT_EQ(show("uint", of_double(-0.0)), "0u");
    EXPECT_EQ(show("uint", of_double(std::nextafter(0x1p64, 0))), "18446744073709549568u");
    for (const double bad : {0x1p64, 6.022e23, -1.0, -0.5, double{NAN}, double{INFINITY}})
        EXPECT_EQ(show("uint", of_double(bad)), "!range") << bad;
    EXPECT_EQ(of("uint", "300"), "300u");
    EXPECT_EQ(of("uint", "18446744073709551615"), "18446744073709551615u");
    for (const auto *bad : {"", "-1", "+1", "-0", "1u", "18446744073709551616", "1.0"})
        EXPECT_EQ(of("uint", bad), "!convert") << bad;
}

TEST_F(Conversions, Double) {
    EXPECT_EQ(show("double", of_double(1.5)), "1.5");
    EXPECT_EQ(c.call("double", {of_int(INT64_MAX)}).d, 0x1p63);
    EXPECT_EQ(c.call("double", {of_uint(UINT64_MAX)}).d, 0x1p64);
    const std::pair<const char *, double> good[] = {{"0", 0.0},
                                                    {"123", 123.0},
                                                    {"-987.654", -987.654},
                                                    {"6.02214e23", 6.02214e23},
                                                    {"1.38E-23", 1.38e-23},
                                                    {"+1.5", 1.5},
                                                    {"1.", 1.0},
                                                    {".5", 0.5},
                                                    {"1e400", -1},
                                                    {"1e-400", 0.0},
                                                    {"4.9e-324", 4.9e-324},
                                                    {"0e999999999999999999999", 0.0},
                                                    {"1e-99999999999999999999", 0.0},
                                                    {"0.0000001e-320", 0.0},
                                                    {"-84.32e7", -8.432e8}};
    for (const auto &[text, value] : good) {
        const auto result = c.call("double", {c.text(text)});
        if (value == -1) {
            EXPECT_EQ(Calling::show(result), "!range") << text;
        } else {
            EXPECT_EQ(result.d, value) << text;
            EXPECT_EQ(result.kind, Kind::double_) << text;
        }
    }
    EXPECT_EQ(of("double", "1e99999999999999999999"), "!range");
    EXPECT_EQ(of("double", std::string(400, '9')), "!range");
    EXPECT_EQ(of("double", "0." + std::string(400, '0') + "1"), "0.0");
    EXPECT_TRUE(std::signbit(c.call("double", {c.text("-0.0")}).d));
    for (const auto *nan : {"NaN", "nan"}) EXPECT_TRUE(std::isnan(c.call("double", {c.text(nan)}).d)) << nan;
    for (const auto *inf : {"Infinity", "inf", "+Inf", "INFINITY"})
        EXPECT_EQ(of("double", inf), "inf") << inf;
    for (const auto *inf : {"-Infinity", "-inf"}) EXPECT_EQ(of("double", inf), "-inf") << inf;
    for (const auto *bad : {"", "-", ".", "e5", "1e", "1e+", "--1", "+-1", "1,5", " 1", "1 ", "0x10",
                            "nan(1)", "nan()", "infinit", "1.5.2", "1d", "1f"})
        EXPECT_EQ(of("double", bad), "!convert") << bad;
}

TEST_F(Conversions, Bool) {
    for (const auto *yes : {"1", "t", "true", "TRUE", "True"}) EXPECT_EQ(of("bool", yes), "true") << yes;
    for (const auto *no : {"0", "f", "false", "FALSE", "False"}) EXPECT_EQ(of("bool", no), "false") << no;
    for (const auto *bad : {"", "T", "F", "yes", "no", "tRuE", "FaLsE", "true ", "01"})
        EXPECT_EQ(of("bool", bad), "!convert") << bad;
    EXPECT_EQ(show("bool", of_bool(true)), "true");
}

TEST_F(Conversions, BytesAndText) {
    EXPECT_EQ(of("bytes", "\xC3\xBF"), "b\"\xC3\xBF\"");
    EXPECT_EQ(show("bytes", c.bytes("abc")), "b\"abc\"");
    EXPECT_EQ(show("string", c.bytes("\xC3\xBF")), "\"\xC3\xBF\"");
    EXPECT_EQ(show("string", c.bytes("")), "\"\"");
    for (const auto *bad : {"\xff", "a\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80"})
        EXPECT_EQ(show("string", c.bytes(bad)), "!utf8");
    EXPECT_EQ(of("string", "abc"), "\"abc\"");
}

TEST_F(Conversions, TextOfScalars) {
    EXPECT_EQ(show("string", of_bool(true)), "\"true\"");
    EXPECT_EQ(show("string", of_bool(false)), "\"false\"");
    EXPECT_EQ(show("string", of_int(INT64_MIN)), "\"-9223372036854775808\"");
    EXPECT_EQ(show("string", of_uint(UINT64_MAX)), "\"18446744073709551615\"");
    EXPECT_EQ(show("string", of_double(-4.5e-3)), "\"-0.0045\"");
    EXPECT_EQ(show("string", of_date(-719162)), "\"0001-01-01\"");
    EXPECT_EQ(show("string", of_date(20779)), "\"2026-11-22\"");
    const auto code = [](std::string_view text) { return base::Currency::parse(text)->packed(); };
    EXPECT_EQ(show("string", of_money(1250, code("EUR"))), "\"12.50 EUR\"");
    EXPECT_EQ(show("string", of_money(-5, code("EUR"))), "\"-0.05 EUR\"");
    EXPECT_EQ(show("string", of_money(1250, code("JPY"))), "\"1250 JPY\"");
    EXPECT_EQ(show("string", of_money(INT64_MIN, code("CLF"))), "\"-922337203685477.5808 CLF\"");
    EXPECT_EQ(show("string", null_value()), "!no_overload");
    EXPECT_EQ(show("string", c.list({})), "!no_overload");
}

TEST_F(Conversions, TextOfTimes) {
    EXPECT_EQ(show("string", of_timestamp(1234567890, 0)), "\"2009-02-13T23:31:30Z\"");
    EXPECT_EQ(show("string", of_timestamp(kMaxSeconds, 999'999'999)), "\"9999-12-31T23:59:59.999999999Z\"");
    EXPECT_EQ(show("string", of_timestamp(kMinSeconds, 0)), "\"0001-01-01T00:00:00Z\"");
    EXPECT_EQ(show("string", of_timestamp(-1, 500'000'000)), "\"1969-12-31T23:59:59.5Z\"");
    EXPECT_EQ(show("string", of_timestamp(0, 10)), "\"1970-01-01T00:00:00.00000001Z\"");
    EXPECT_EQ(show("string", of_duration(1'000'000'000'000'000)), "\"1000000s\"");
    EXPECT_EQ(show("string", of_duration(60'001'000'000)), "\"60.001s\"");
    EXPECT_EQ(show("string", of_duration(-500'000'000)), "\"-0.5s\"");
    EXPECT_EQ(show("string", of_duration(0)), "\"0s\"");
    EXPECT_EQ(show("string", of_duration(1)), "\"0.000000001s\"");
    EXPECT_EQ(show("string", of_duration(INT64_MIN)), "\"-9223372036.854775808s\"");
    EXPECT_EQ(show("timestamp", of_int(kMaxSeconds)), "253402300799.0t");
    EXPECT_EQ(show("timestamp", of_int(kMaxSeconds + 1)), "!range");
    EXPECT_EQ(show("timestamp", of_int(kMinSeconds)), "-62135596800.0t");
    EXPECT_EQ(show("timestamp", of_int(kMinSeconds - 1)), "!range");
    EXPECT_EQ(show("timestamp", of_timestamp(5, 6)), "5.6t");
    EXPECT_EQ(of("timestamp", "2009-02-13T23:31:30Z"), "1234567890.0t");
    EXPECT_EQ(of("timestamp", "yesterday"), "!convert");
    EXPECT_EQ(of("duration", "1h34us"), "3600000034000ns");
    EXPECT_EQ(of("duration", "1 day"), "!convert");
    EXPECT_EQ(show("duration", of_duration(5)), "5ns");
}

std::string written(double value) {
    char text[33];
    std::memset(text, '#', sizeof text);
    const auto size = write_double(value, text);
    EXPECT_LE(size, 32U);
    EXPECT_EQ(text[32], '#');
    return {text, size};
}

TEST_F(Conversions, DoublesAreWrittenAsGoDoes) {
    const std::pair<double, const char *> rows[] = {{0, "0"},
                                                    {-0.0, "-0"},
                                                    {1, "1"},
                                                    {-1.5, "-1.5"},
                                                    {0.1, "0.1"},
                                                    {1e100, "1e+100"},
                                                    {123.456, "123.456"},
                                                    {100000, "100000"},
                                                    {123456, "123456"},
                                                    {999999.5, "999999.5"},
                                                    {1e6, "1e+06"},
                                                    {1234567.5, "1.2345675e+06"},
                                                    {0.0001, "0.0001"},
                                                    {0.00001, "1e-05"},
                                                    {0.00012345, "0.00012345"},
                                                    {1052.032911275, "1052.032911275"},
                                                    {5e-324, "5e-324"},
                                                    {1.7976931348623157e308, "1.7976931348623157e+308"},
                                                    {NAN, "NaN"},
                                                    {INFINITY, "Infinity"},
                                                    {-INFINITY, "-Infinity"},
                                                    {2.71828, "2.71828"},
                                                    {120000, "120000"}};
    for (const auto &[value, expect] : rows) EXPECT_EQ(written(value), expect);
}

TEST_F(Conversions, TheTextOfADoubleIsTheShortestThatReadsBack) {
    const auto seed = std::random_device()();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    for (int round = 0; round < 100'000; ++round) {
        double value = 0;
        const auto bits = random();
        std::memcpy(&value, &bits, sizeof value);
        if (round % 2) value = static_cast<double>(static_cast<std::int64_t>(bits >> 20) % 1'000'000) / 1000;
        if (!std::isfinite(value)) continue;
        const auto text = written(value);
        EXPECT_EQ(std::strtod(text.c_str(), nullptr), value) << text;
        EXPECT_EQ(c.call("double", {of_text(text)}).d, value) << text;

        const auto decimal = decimal_of(value);
        char shown[64];
        std::snprintf(shown, sizeof shown, "%lld", static_cast<long long>(decimal.digits));
        const int digits = static_cast<int>(std::strlen(shown)) - (decimal.digits < 0);
        std::snprintf(shown, sizeof shown, "%llde%d", static_cast<long long>(decimal.digits),
                      decimal.exponent);
        EXPECT_EQ(std::strtod(shown, nullptr), value) << shown;
        EXPECT_LE(digits, 17);
        if (digits > 1) {
            std::snprintf(shown, sizeof shown, "%.*e", digits - 2, value);
            EXPECT_NE(std::strtod(shown, nullptr), value) << text;
        }
    }
}

}  // namespace
}  // namespace kith::expr
