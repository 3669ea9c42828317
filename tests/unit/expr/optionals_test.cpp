// Goal: functions of optional values; what counts as a zero value. Method: a value of every kind.
#include "calling.hpp"

#include <gtest/gtest.h>

namespace kith::expr {
namespace {

struct Optionals : ::testing::Test {
    Calling c{{optional_functions(), list_functions()}};
    std::string call(std::string_view name, const std::vector<Value> &args) { return c.shown(name, args); }
};

TEST_F(Optionals, OfNoneValueOr) {
    const auto none = c.call("optional.none", {}), one = c.call("optional.of", {of_int(1)});
    EXPECT_EQ(c.show(none), "none");
    EXPECT_EQ(c.show(one), "optional(1)");
    EXPECT_EQ(call("optional.of", {null_value()}), "optional(null)");
    EXPECT_EQ(call("hasValue", {none}), "false");
    EXPECT_EQ(call("hasValue", {one}), "true");
    EXPECT_EQ(call("value", {one}), "1");
    EXPECT_EQ(call("value", {none}), "!absent");
    EXPECT_EQ(call("or", {none, one}), "optional(1)");
    EXPECT_EQ(call("or", {one, none}), "optional(1)");
    EXPECT_EQ(call("or", {none, none}), "none");
    EXPECT_EQ(call("orValue", {none, of_int(42)}), "42");
    EXPECT_EQ(call("orValue", {one, of_int(42)}), "1");
    EXPECT_EQ(call("value", {of_int(1)}), "!no_overload");
    const auto mixed = c.list({none, one, c.optional(of_int(2))});
    EXPECT_EQ(call("optional.unwrap", {mixed}), "[1, 2]");
    EXPECT_EQ(call("unwrapOpt", {mixed}), "[1, 2]");
    EXPECT_EQ(call("unwrapOpt", {c.list({of_int(1)})}), "!no_overload");
    EXPECT_EQ(call("first", {c.list({of_int(3), of_int(4)})}), "optional(3)");
    EXPECT_EQ(call("last", {c.list({of_int(3), of_int(4)})}), "optional(4)");
    EXPECT_EQ(call("first", {c.list({})}), "none");
    EXPECT_EQ(call("last", {c.lazy({})}), "none");
    EXPECT_EQ(call("last", {c.lazy({of_int(3), of_int(4)})}), "optional(4)");
    EXPECT_EQ(call("first", {c.lazy({of_int(3), of_int(4)})}), "optional(3)");
    EXPECT_EQ(call("first", {c.lazy({fail(Code::host, "")})}), "!host");
}

TEST_F(Optionals, ZeroValues) {
    for (const auto &zero :
         {null_value(), of_bool(false), of_int(0), of_uint(0), of_double(0), of_double(-0.0), of_text(""),
          of_bytes(""), c.list({}), c.map({}), of_duration(0), of_timestamp(0, 0), of_money(0, 1), c.lazy({}),
          of_optional(nullptr)}) {
        EXPECT_EQ(call("optional.ofNonZeroValue", {zero}), "none") << c.show(zero);
    }
    const auto zero = of_int(0);
    for (const auto &value :
         {of_bool(true), of_int(-1), of_uint(1), of_double(1e-300), of_text("0"),
          c.bytes(std::string(1, '\0')), c.list({zero}), c.map({{zero, zero}}), of_duration(1),
          of_timestamp(0, 1), of_timestamp(-1, 0), of_money(1, 1), c.lazy({zero}), c.optional(zero),
          of_date(0), of_type(Types::of(TypeKind::int_))}) {
        EXPECT_TRUE(c.call("optional.ofNonZeroValue", {value}).items != nullptr) << c.show(value);
    }
}

}  // namespace
}  // namespace kith::expr
