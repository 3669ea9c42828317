// Goal: math.* gives the value and the kind the math extension says.
// Method: tables from its document and the conformance vectors; every width of shift against multiplication.
#include "calling.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace kith::expr {
namespace {

struct Math : ::testing::Test {
    Calling c{{math_functions()}};
    std::string call(std::string_view name, const std::vector<Value> &args) {
        return c.shown("math." + std::string(name), args);
    }
    static Value i(std::int64_t n) { return of_int(n); }
    static Value u(std::uint64_t n) { return of_uint(n); }
    static Value d(double n) { return of_double(n); }
};

TEST_F(Math, GreatestAndLeastKeepTheKindOfTheWinner) {
    EXPECT_EQ(call("greatest", {i(-5)}), "-5");
    EXPECT_EQ(call("greatest", {i(INT64_MIN), i(1)}), "1");
    EXPECT_EQ(call("greatest", {u(5), i(-7)}), "5u");
    EXPECT_EQ(call("greatest", {d(1), i(1)}), "1.0") << "the first of equal ones";
    EXPECT_EQ(call("greatest", {i(1), d(1)}), "1");
    EXPECT_EQ(call("greatest", {d(5.4), i(10), u(3), d(-5), i(INT64_MAX)}), "9223372036854775807");
    EXPECT_EQ(call("greatest", {d(5.4), i(10), u(3), d(-5), u(UINT64_MAX)}), "18446744073709551615u");
    EXPECT_EQ(call("greatest", {c.list({d(5.4), d(10.5), u(3), d(-5), d(3.5)})}), "10.5");
    EXPECT_EQ(call("greatest", {c.lazy({i(3), i(7), i(5)})}), "7");
    EXPECT_EQ(call("least", {u(UINT64_MAX), u(1)}), "1u");
    EXPECT_EQ(call("least", {d(-1.797693e308), i(-1), i(-5)}), "-1.797693e+308");
    EXPECT_EQ(call("least", {c.list({d(5.4), i(10), u(3), d(-5), d(3.5)})}), "-5.0");
    EXPECT_EQ(call("least", {u(1), d(1), i(1)}), "1u");
}

TEST_F(Math, GreatestAndLeastErrors) {
    EXPECT_EQ(call("greatest", {c.list({})}), "!absent");
    EXPECT_EQ(call("greatest", {}), "!no_overload");
    EXPECT_EQ(call("least", {c.text("a")}), "!no_overload");
    EXPECT_EQ(call("least", {i(1), c.text("a")}), "!no_overload");
    EXPECT_EQ(call("least", {c.list({i(1), null_value()})}), "!no_overload");
    EXPECT_EQ(call("least", {c.list({of_bool(true)})}), "!no_overload");
    EXPECT_EQ(call("least", {c.list({i(1)}), c.list({i(2)})}), "!no_overload");
    for (const auto *name : {"greatest", "least"}) {
        EXPECT_EQ(call(name, {d(kNan), i(1)}), "nan");
        EXPECT_EQ(call(name, {i(1), d(kNan), i(-3)}), "nan");
    }
}

TEST_F(Math, Rounding) {
    EXPECT_EQ(call("ceil", {d(-1.2)}), "-1.0");
    EXPECT_EQ(call("ceil", {d(1.2)}), "2.0");
    EXPECT_EQ(call("floor", {d(-1.2)}), "-2.0");
    EXPECT_EQ(call("round", {d(1.5)}), "2.0");
    EXPECT_EQ(call("round", {d(-1.5)}), "-2.0");
    EXPECT_EQ(call("round", {d(2.5)}), "3.0");
    EXPECT_EQ(call("round", {d(0.49999999999999994)}), "0.0");
    EXPECT_EQ(call("trunc", {d(-1.3)}), "-1.0");
    EXPECT_EQ(call("round", {d(kNan)}), "nan");
    EXPECT_EQ(call("trunc", {d(kInfinity)}), "inf");
    EXPECT_EQ(call("ceil", {i(1)}), "!no_overload");
}

TEST_F(Math, SignAbsSqrtAndKinds) {
    EXPECT_EQ(call("abs", {i(-1)}), "1");
    EXPECT_EQ(call("abs", {u(1)}), "1u");
    EXPECT_EQ(call("abs", {d(-0.0)}), "0.0");
    EXPECT_EQ(call("abs", {i(INT64_MIN)}), "!overflow");
    EXPECT_EQ(call("abs", {i(-INT64_MAX)}), "9223372036854775807");
    EXPECT_EQ(call("sign", {u(100)}), "1u");
    EXPECT_EQ(call("sign", {u(0)}), "0u");
    EXPECT_EQ(call("sign", {i(-11)}), "-1");
    EXPECT_EQ(call("sign", {d(-32)}), "-1.0");
    EXPECT_EQ(call("sign", {d(-0.0)}), "0.0");
    EXPECT_EQ(call("sign", {d(kNan)}), "nan");
    EXPECT_EQ(call("sqrt", {i(81)}), "9.0");
    EXPECT_EQ(call("sqrt", {u(UINT64_MAX)}), "4294967296.0");
    EXPECT_EQ(call("sqrt", {d(985.25)}), "31.388692231439016");
    EXPECT_EQ(call("sqrt", {i(-15)}).substr(call("sqrt", {i(-15)}).size() - 3), "nan");
    EXPECT_EQ(call("isNaN", {d(kNan)}), "true");
    EXPECT_EQ(call("isInf", {d(-kInfinity)}), "true");
    EXPECT_EQ(call("isFinite", {d(kInfinity)}), "false");
    EXPECT_EQ(call("isFinite", {d(1.2)}), "true");
    EXPECT_EQ(call("isNaN", {of_bool(true)}), "!no_overload");
}

TEST_F(Math, Bits) {
    EXPECT_EQ(call("bitAnd", {i(-3), i(-5)}), "-7");
    EXPECT_EQ(call("bitAnd", {u(3), u(2)}), "2u");
    EXPECT_EQ(call("bitOr", {i(4), i(-2)}), "-2");
    EXPECT_EQ(call("bitXor", {u(1), u(3)}), "2u");
    EXPECT_EQ(call("bitXor", {i(1), u(3)}), "!no_overload");
    EXPECT_EQ(call("bitNot", {i(1)}), "-2");
    EXPECT_EQ(call("bitNot", {u(1)}), "18446744073709551614u");
    EXPECT_EQ(call("bitShiftLeft", {i(-1), i(2)}), "-4");
    EXPECT_EQ(call("bitShiftLeft", {u(1), i(200)}), "0u");
    EXPECT_EQ(call("bitShiftRight", {i(-1024), i(3)}), "2305843009213693824") << "no sign bits come in";
    EXPECT_EQ(call("bitShiftRight", {u(1024), i(64)}), "0u");
    EXPECT_EQ(call("bitShiftLeft", {i(1), i(-1)}), "!range");
    EXPECT_EQ(call("bitShiftRight", {u(1), i(-1)}), "!range");
    EXPECT_EQ(call("bitShiftLeft", {d(4.3), i(1)}), "!no_overload");
    std::uint64_t power = 1;
    for (int n = 0; n < 64; ++n, power *= 2) {
        EXPECT_EQ(c.call("math.bitShiftLeft", {u(3), i(n)}).u, 3 * power);
        EXPECT_EQ(c.call("math.bitShiftRight", {u(UINT64_MAX), i(n)}).u, UINT64_MAX / power);
    }
}

}  // namespace
}  // namespace kith::expr
