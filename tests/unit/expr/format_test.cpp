// Goal: string.format writes what the strings extension says, exactly rounded.
// Method: its tables and the conformance vectors; random doubles against printf; nested values; errors.
#include "calling.hpp"

#include "expr/extent.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace kith::expr {
namespace {

struct Format : ::testing::Test {
    Calling c{{format_functions()}};
    Value t(std::string_view s) { return c.text(s); }
    // The text without quotes, or the error.
    std::string call(std::string_view format, std::vector<Value> values) {
        const auto result = c.call("format", {t(format), c.list(std::move(values))});
        return result.failed() ? c.show(result) : std::string(result.view());
    }
};

TEST_F(Format, Conversions) {
    EXPECT_EQ(call("no substitution", {}), "no substitution");
    EXPECT_EQ(call("%%%s%%%%", {t("text")}), "%text%%");
    EXPECT_EQ(call("%d %d, %s", {of_int(-1), of_uint(2), t("A")}), "-1 2, A");
    EXPECT_EQ(call("%d", {of_double(3.14)}), "3.14");
    EXPECT_EQ(call("%b %b %b %b", {of_int(5), of_uint(64), of_bool(true), of_int(-5)}), "101 1000000 1 -101");
    EXPECT_EQ(call("%b", {of_int(INT64_MIN)}), "-1" + std::string(63, '0'));
    EXPECT_EQ(call("%o %o %o", {of_int(11), of_uint(65535), of_int(-9)}), "13 177777 -11");
    EXPECT_EQ(call("%x %X %X %x", {of_int(30), of_int(30), of_uint(6000), of_int(-30)}), "1e 1E 1770 -1e");
    EXPECT_EQ(call("%X", {t("Hello world!")}), "48656C6C6F20776F726C6421");
    EXPECT_EQ(call("%x", {c.bytes("byte\xff")}), "62797465ff");
    EXPECT_EQ(call("%.6e", {of_double(1052.032911275)}), "1.052033e+03");
    EXPECT_EQ(call("%e %f %f", {of_int(2), of_int(2), of_uint(3)}), "2.000000e+00 2.000000 3.000000");
    EXPECT_EQ(call("%.1e", {of_double(-3.14)}), "-3.1e+00");
    EXPECT_EQ(
        call("%.0f %.0f %.0f %.0f", {of_double(2.5), of_double(3.5001), of_double(3.4999), of_double(1.5)}),
        "2 4 3 2");
    EXPECT_EQ(call("%.3f %.3f %.3f %.5f",
                   {of_double(1.2345), of_double(123.4999), of_double(-123.4994), of_double(-1.2)}),
              "1.234 123.500 -123.499 -1.20000");
    for (const auto *conversion : {"%s", "%d", "%e", "%f", "%.2f"}) {
        EXPECT_EQ(call(conversion, {of_double(kNan)}), "NaN");
        EXPECT_EQ(call(conversion, {of_double(kInfinity)}), "Infinity");
        EXPECT_EQ(call(conversion, {of_double(-kInfinity)}), "-Infinity");
    }
    EXPECT_EQ(call("%.1000f", {of_double(1e308)}).size(), 309u + 1 + 1000);
    EXPECT_EQ(call("%s", {of_int(1), of_int(2)}), "1") << "a value too many does no harm";
}

TEST_F(Format, Strings) {
    EXPECT_EQ(call("%s %s %s", {null_value(), of_bool(true), of_int(999999999999)}),
              "null true 999999999999");
    EXPECT_EQ(call("%s", {of_type(Types::of(TypeKind::string))}), "string");
    EXPECT_EQ(call("%s", {of_timestamp(1675467080, 0)}), "2023-02-03T23:31:20Z");
    EXPECT_EQ(call("%s", {of_duration(6347'000'000'000)}), "6347s");
    EXPECT_EQ(call("%s", {of_money(-1250, base::Currency::parse("EUR")->packed())}), "-12.50 EUR");
    const auto nested = c.list({of_int(9), of_int(8)});
    EXPECT_EQ(call("%s", {c.list({t("abc"), of_double(3.14), null_value(), nested, of_double(kNan)})}),
              "[abc, 3.14, null, [9, 8], NaN]");
    EXPECT_EQ(call("%s", {c.lazy({of_int(1), t("x")})}), "[1, x]");
    EXPECT_EQ(call("%s %s", {c.list({}), c.map({})}), "[] {}");
    EXPECT_EQ(call("%s", {c.map({{t("strKey"), t("x")}, {of_int(6), nested}, {of_bool(true), of_int(42)}})}),
              "{6: [9, 8], strKey: x, true: 42}");
    EXPECT_EQ(call("%s", {c.map({{of_int(10), of_int(1)}, {of_int(9), of_int(2)}, {of_uint(1), of_int(3)}})}),
              "{1: 3, 10: 1, 9: 2}");
    EXPECT_EQ(call("%s", {c.bytes("xyz")}), "xyz");
    EXPECT_EQ(call("%s", {c.bytes("a\xff\xfe€\xe2\x82")}), "a\uFFFD€\uFFFD");
    EXPECT_EQ(call("%s", {of_double(1e21)}), "1000000000000000000000");
    EXPECT_EQ(call("%s", {of_double(-1.5e-7)}), "-0.00000015");
    EXPECT_EQ(call("%s %s %s", {of_double(56.8), of_double(100), of_double(-0.0)}), "56.8 100 -0");
}

TEST_F(Format, Errors) {
    EXPECT_EQ(call("%a", {of_int(1)}), "!range");
    EXPECT_EQ(call("%E", {of_double(0.5)}), "!range");
    EXPECT_EQ(call("%d %d %d", {of_int(0), of_int(1)}), "!index");
    EXPECT_EQ(call("%s %", {of_int(0), of_int(1)}), "!range");
    EXPECT_EQ(call("%.", {of_int(0)}), "!range");
    EXPECT_EQ(call("%.f", {of_int(0)}), "!range");
    EXPECT_EQ(call("%.3", {of_int(0)}), "!range");
    EXPECT_EQ(call("%.-3f", {of_int(0)}), "!range");
    EXPECT_EQ(call("%.1001f", {of_int(0)}), "!range");
    EXPECT_EQ(call("%.99999999999f", {of_int(0)}), "!range");
    const std::pair<const char *, Value> wrong[] = {
        {"%b", t("abc")},      {"%b", of_double(1)},
        {"%o", t("a")},        {"%o", of_bool(true)},
        {"%x", of_double(.5)}, {"%x", null_value()},
        {"%X", of_bool(true)}, {"%e", null_value()},
        {"%f", t("NaN")},      {"%d", t("1")},
        {"%d", of_bool(true)}, {"%s", of_optional(nullptr)},
        {"%d", c.list({})},    {"%s", c.list({of_optional(nullptr)})}};
    for (const auto &[format, value] : wrong) EXPECT_EQ(call(format, {value}), "!no_overload") << format;
    EXPECT_EQ(c.shown("format", {t("%s"), c.lazy({fail(Code::host, "")})}), "!host");
    // Lists in each other, deeper than an expression can build them.
    Value deep = c.list({});
    for (int i = 0; i < 5000; ++i) deep = c.list({deep});
    EXPECT_EQ(call("%s", {deep}), "!depth");
}

TEST_F(Format, DoublesAgainstPrintf) {
    constexpr unsigned kSeed = 20260603;
    SCOPED_TRACE(kSeed);
    std::mt19937_64 random(kSeed);
    for (int round = 0; round < 20'000; ++round) {
        double d = 0;
        const auto bits = random();
        std::memcpy(&d, &bits, sizeof d);
        if (round % 2) d = static_cast<double>(static_cast<std::int64_t>(bits) % 1'000'000) / 64;  // ties
        if (!std::isfinite(d)) continue;
        const auto precision = static_cast<int>(random() % 12);
        const auto places = "%." + std::to_string(precision);
        char buffer[400];
        std::snprintf(buffer, sizeof buffer, (places + "f").c_str(), d);
        ASSERT_EQ(call(places + "f", {of_double(d)}), buffer);
        std::snprintf(buffer, sizeof buffer, (places + "e").c_str(), d);
        ASSERT_EQ(call(places + "e", {of_double(d)}), buffer);
        const auto plain = call("%s", {of_double(d)});
        ASSERT_EQ(std::strtod(plain.c_str(), nullptr), d) << plain;
        ASSERT_EQ(plain.find_first_not_of("-.0123456789"), plain.npos) << plain;
        c.memory.clear();
    }
}

TEST_F(Format, ChargesNeverExceedTheirBound) {
    std::vector<Value> many(100, t(std::string(50, 'a')));
    std::string format;
    for (int i = 0; i < 100; ++i) format += "%s, ";
    const auto inner =
        c.map({{t(std::string(100, 'k')), c.list(many)}, {of_int(1), c.bytes(std::string(99, 'b'))}});
    for (const auto &values : {c.list(many), c.list({inner, c.list({inner, of_double(1)})}), c.lazy(many)}) {
        const auto extent = values.lazy ? extent_of(c.list(many)) : extent_of(values);
        const Extent extents[] = {extent_of(t(format)), extent};
        c.call("format", {t(format), values});
        EXPECT_LE(c.cost, cost_of(Work::write, extents) + (values.lazy ? many.size() * kReadCost : 0));
        EXPECT_GE(c.cost, 20u);
    }
    Calling poor({format_functions()}, 20), small({format_functions()}, kBudget, 400);
    EXPECT_EQ(poor.shown("format", {t(format), c.list(many)}), "!cost");
    EXPECT_EQ(small.shown("format", {t(format), c.list(many)}), "!memory");
    EXPECT_EQ(small.shown("format", {t("%s"), inner}), "!no_overload");
}

}  // namespace
}  // namespace kith::expr
