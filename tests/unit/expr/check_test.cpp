// Goal: the checker deduces the type of every expression, refuses what cannot be right, and says where and
// what to write instead.
// Method: examples with the type or the whole formatted diagnostic expected.
#include "sample.hpp"

#include <gtest/gtest.h>

namespace {

using namespace kith::expr;

std::string type_of(std::string_view source) {
    const auto checked = readme::checked(source);
    return checked ? to_text(checked.type()) : format(checked.diagnostics.front(), checked.tree.source);
}

std::string told(std::string_view source, const Type *wanted = nullptr) {
    const auto checked = readme::checked(source, wanted);
    return checked ? "passes" : format(checked.diagnostics.front(), source);
}

TEST(Check, DeducesTypes) {
    EXPECT_EQ(type_of("customer.frequency + 1"), "int");
    EXPECT_EQ(type_of("customer.total * 2"), "money");
    EXPECT_EQ(type_of("ratio(customer.frequency, 3)"), "double");
    EXPECT_EQ(type_of("interactions.filter(i, i.severity > 1)"), "list(interaction)");
    EXPECT_EQ(type_of("interactions.map(i, i.amount)"), "list(money)");
    EXPECT_EQ(type_of("sum(interactions, i, i.amount)"), "money");
    EXPECT_EQ(type_of("avg(interactions, i, i.severity)"), "double");
    EXPECT_EQ(type_of("count(interactions, i, i.severity > 0)"), "int");
    EXPECT_EQ(type_of("limits.?visits"), "optional_type(int)");
    EXPECT_EQ(type_of("limits.?visits.orValue(0)"), "int");
    EXPECT_EQ(type_of("interactions.transformMap(i, v, v.kind)"), "map(int, string)");
    EXPECT_EQ(type_of("now - customer.last_order_at"), "google.protobuf.Duration");
    EXPECT_EQ(type_of("today"), "date");
    EXPECT_EQ(type_of("today.month"), "int");
    EXPECT_EQ(type_of("[1, 'a']"), "list(dyn)");
    EXPECT_EQ(type_of("[]"), "list(dyn)");
    EXPECT_EQ(type_of("cel.bind(x, [1], x + [2])"), "list(int)");
    EXPECT_EQ(type_of("math.greatest(1, 2)"), "int");
    EXPECT_EQ(type_of("interactions.sortBy(i, i.at)"), "list(interaction)");
}

TEST(Check, TellsPlaceTextAndFix) {
    EXPECT_EQ(told("customer.frequncy > 3"),
              "1:10: no_field: customer has no field 'frequncy'; did you mean 'frequency'? [frequncy]");
    EXPECT_EQ(told("custmer.frequency > 3"),
              "1:1: undeclared: there is nothing named 'custmer' here; did you mean 'customer'? [custmer]");
    EXPECT_EQ(
        told("customer.name.startWith('A')"),
        "1:15: undeclared: there is no method 'startWith'; did you mean 'startsWith'? [startWith('A')]");
    EXPECT_EQ(told("customer.frequency > 3 &&\n  customer.score + 1 > 4.0"),
              "2:18: no_overload: '+' does not take double and int; write 1.0 [+ 1]");
    EXPECT_EQ(
        told("customer.frequency == 2.5"),
        "1:20: no_overload: '==' does not take int and double; convert the int: double(customer.frequency) "
        "[== 2.5]");
    EXPECT_EQ(told("customer.score == 3"),
              "1:16: no_overload: '==' does not take double and int; write 3.0 [== 3]");
    EXPECT_EQ(told("customer.total > 100"),
              "1:16: no_overload: '>' does not take money and int; write an amount, such as money(\"12.50\", "
              "\"EUR\") "
              "[> 100]");
    EXPECT_EQ(told("customer.last_order_at < '2026-01-01'"),
              "1:24: no_overload: '<' does not take timestamp and string; write timestamp('2026-01-01') "
              "[< '2026-01-01']");
    EXPECT_EQ(told("customer.frequency"
                   " ? 1 : 2"),
              "1:1: no_overload: this is int where bool is needed; compare it, such as ... > 0 "
              "[customer.frequency]");
    EXPECT_EQ(told("limits.?visits > 3"),
              "1:16: no_overload: '>' does not take optional_type(int) and int; unwrap the optional first: "
              ".orValue(...) [> 3]");
}

// Types that share parts must not be walked once for each use.
TEST(Check, SharedTypesDoNotGrow) {
    std::string source;
    for (int i = 0; i < 40; ++i) {
        const auto name = "a" + std::to_string(i), before = "a" + std::to_string(i - 1);
        source += "cel.bind(" + name + ", " + (i == 0 ? "[1]" : "{" + before + ": " + before + "}") + ", ";
    }
    source += "a39" + std::string(40, ')');
    EXPECT_EQ(readme::checked(source).diagnostics.front().code, Code::key_type);
}

TEST(Check, JoinsAreNoNarrowerThanTheirParts) {
    EXPECT_EQ(type_of("[{'a': dyn(1)}, {dyn('b'): 1}]"), "list(map(dyn, dyn))");
    EXPECT_EQ(type_of("[int, uint]"), "list(type(dyn))");
}

TEST(Check, TellsAllMistakesOnce) {
    const auto checked =
        readme::checked("customer.frequncy > 3 && custmer.name == '' && customer.score + 1 > 2.0");
    EXPECT_EQ(checked.diagnostics.size(), 3u);
}

TEST(Check, WantsTheTypeAskedFor) {
    const auto *boolean = Types::of(TypeKind::boolean);
    EXPECT_EQ(told("customer.frequency > 3", boolean), "passes");
    EXPECT_EQ(told("customer.frequency", boolean),
              "1:1: type: the expression gives int where bool is wanted [customer.frequency]");
}

TEST(Check, VariablesOfMacrosShadow) {
    EXPECT_EQ(type_of("[1].map(customer, customer + 1)"), "list(int)");
    EXPECT_EQ(type_of("[['a']].all(x, x.all(x, x == 'a'))"), "bool");
    EXPECT_EQ(told("[1].map(x, x) == [x]").substr(0, 16), "1:19: undeclared");
}

TEST(Check, StaticCostFollowsTheSchema) {
    const auto cost = [](std::string_view source) { return compile(readme::checked(source))->static_cost(); };
    const auto once = cost("customer.frequency > 3");
    const auto walk = cost("interactions.exists(i, i.severity > 3)");
    const auto nested = cost("interactions.exists(i, interactions.exists(j, i.severity > j.severity))");
    EXPECT_LT(once, 10u);
    EXPECT_GT(walk, 500u);
    EXPECT_GT(nested, walk * 50);
    auto program =
        compile(readme::checked("interactions.exists(i, interactions.exists(j, interactions.exists(k, "
                                "i.severity > j.severity + k.severity)))"));
    EXPECT_EQ(program->cost_diagnostic().code, Code::cost);
}

}  // namespace
