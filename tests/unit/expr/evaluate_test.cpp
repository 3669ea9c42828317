// Goal: the machine does what CEL says where operators and macros meet errors, budgets and lazy lists.
// Method: examples over the sample customer, with "!code" for errors; counts of what lazy lists read.
#include "sample.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace kith::expr;

std::string value_of(std::string_view source) {
    static const readme::Data data;
    return readme::value_of(source, data);
}

TEST(Evaluate, LogicHidesErrorsThatDoNotDecide) {
    EXPECT_EQ(value_of("1 / 0 > 1 || true"), "true");
    EXPECT_EQ(value_of("true || 1 / 0 > 1"), "true");
    EXPECT_EQ(value_of("1 / 0 > 1 && false"), "false");
    EXPECT_EQ(value_of("1 / 0 > 1 && true"), "!div_zero");
    EXPECT_EQ(value_of("1 / 0 > 1 || [1][5] == 1"), "!div_zero");
    EXPECT_EQ(value_of("[1][5] == 1 || 1 / 0 > 1"), "!index");
    EXPECT_EQ(value_of("dyn(1) && false"), "false");
    EXPECT_EQ(value_of("dyn(1) && true"), "!no_overload");
    EXPECT_EQ(value_of("(false || (1 / 0 > 1 || (false || true)))"), "true");
}

TEST(Evaluate, QuantifiersHideErrorsThatDoNotDecide) {
    EXPECT_EQ(value_of("[0, 2].exists(x, 4 / x == 2)"), "true");
    EXPECT_EQ(value_of("[0, 2].exists(x, 4 / x == 3)"), "!div_zero");
    EXPECT_EQ(value_of("[0, 2].all(x, 4 / x == 3)"), "false");
    EXPECT_EQ(value_of("[0, 2].exists_one(x, 4 / x == 2)"), "!div_zero");
    EXPECT_EQ(value_of("[].exists(x, true)"), "false");
    EXPECT_EQ(value_of("[].all(x, false)"), "true");
}

TEST(Evaluate, BindIsLazyAsFarAsOneCanTell) {
    EXPECT_EQ(value_of("cel.bind(x, 1 / 0, true || x > 1)"), "true");
    EXPECT_EQ(value_of("cel.bind(x, 1 / 0, 5)"), "5");
    EXPECT_EQ(value_of("cel.bind(x, 1 / 0, x + 1)"), "!div_zero");
    EXPECT_EQ(value_of("[1, 2].map(y, cel.bind(x, y * 2, x + x))"), "[4, 8]");
    EXPECT_EQ(value_of("[0, 2].exists(y, cel.bind(x, 4 / y, x == 2))"), "true");
}

TEST(Evaluate, LoopsNestAndShadow) {
    EXPECT_EQ(value_of("[1, 2].map(x, [x, 3].map(y, x * y))"), "[[1, 3], [4, 6]]");
    EXPECT_EQ(value_of("[1, 2].map(x, [10].map(x, x))"), "[[10], [10]]");
    EXPECT_EQ(value_of("{'a': 1, 'b': 2}.map(k, k)"), "['a', 'b']");
    EXPECT_EQ(value_of("{'a': 1, 'b': 2}.exists(k, v, v == 2 && k == 'b')"), "true");
    EXPECT_EQ(value_of("[5, 6].transformMap(i, v, v > 5, v * i)"), "{1: 6}");
    EXPECT_EQ(value_of("[5, 6].transformMapEntry(i, v, {string(v): i})"), "{'5': 0, '6': 1}");
    EXPECT_EQ(value_of("[5, 6].transformMapEntry(i, v, {'k': i})"), "!dup_key");
    EXPECT_EQ(value_of("[3, 1, 2].sortBy(x, -x)"), "[3, 2, 1]");
}

TEST(Evaluate, AbsentIsNotZero) {
    EXPECT_EQ(value_of("avg(interactions.filter(i, false), i, i.severity)"), "!absent");
    EXPECT_EQ(value_of("ratio(1, 0)"), "!absent");
    EXPECT_EQ(value_of("sum([], x, 1)"), "0");
}

TEST(Evaluate, NullIsNoRecord) {
    EXPECT_EQ(value_of("(false ? customer : null).name"), "!no_field");
    EXPECT_EQ(value_of("has((true ? null : customer).name)"), "false");
}

// Types that rest on dyn are not believed: a time is never taken for a text.
TEST(Evaluate, DynIsNeverTakenForWhatItIsNot) {
    const std::string time = "timestamp('2020-01-01T00:00:00.000000001Z')";
    EXPECT_EQ(value_of("(dyn([" + time + "]) + ['a'])[0] == 'y'"), "false");
    EXPECT_EQ(value_of("dyn(optional.of(" + time + ")).orValue('x') == 'y'"), "false");
    EXPECT_EQ(value_of("min(dyn([" + time + "])) == 'y'"), "false");
    EXPECT_EQ(value_of("dyn([" + time + "]).distinct().map(x, x == 'y')"), "[false]");
    EXPECT_EQ(value_of("([dyn(" + time + ")].flatten() + ['a'])[0] == 'y'"), "false");
    EXPECT_EQ(value_of("[optional.none(), dyn(optional.of(" + time + "))].map(o, o.orValue('x') == 'y')"),
              "[false, false]");
    EXPECT_EQ(value_of("[{'a': dyn(" + time + ")}, {dyn('b'): 'x'}][0]['a'] == 'y'"), "false");
    EXPECT_EQ(value_of("min(dyn(['abc'])) + 1"), "!no_overload");
    EXPECT_EQ(value_of("dyn(optional.of('abc')).orValue(1) + 0"), "!no_overload");
    EXPECT_EQ(value_of("dyn([customer]).map(c, c.kind)"), "!no_field");
}

TEST(Evaluate, NullOperandsAreNotKnown) {
    EXPECT_EQ(value_of("daysBetween(true ? null : now, now)"), "!absent");
    EXPECT_EQ(value_of("daysBetween(false ? null : now, now)"), "0");
}

TEST(Evaluate, LazyListsAreReadAsFarAsNeeded) {
    const readme::Data data;
    const auto read = [&](std::string_view source, std::string_view expected) {
        data.stored.read = data.stored.bounded = 0;
        EXPECT_EQ(readme::value_of(source, data), expected) << source;
        return data.stored.read;
    };
    EXPECT_EQ(read("stored.exists(i, i.severity == 0)", "true"), 1u);
    EXPECT_EQ(read("stored.all(i, i.severity == 0)", "false"), 3u);
    EXPECT_EQ(read("stored.filter(i, i.severity > 0).size()", "1"), 3u);
    // An equality on an indexed field is asked of the list itself, together with a bound of the time.
    EXPECT_EQ(read("stored.exists(i, i.kind == 'complaint' && i.status == 'open')", "true"), 1u);
    EXPECT_EQ(data.stored.bounded, 1u);
    EXPECT_EQ(read("count(stored, i, 'order' == i.kind && i.at > now - duration('1200h'))", "1"), 2u);
    EXPECT_EQ(data.stored.bounded, 2u);
    // A bound that depends on the element or fails bounds nothing.
    EXPECT_EQ(read("stored.exists(i, i.kind == i.status)", "false"), 3u);
    EXPECT_EQ(read("stored.exists(i, i.kind == ['order'][0] && i.severity == 0)", "true"), 1u);
    EXPECT_EQ(read("stored.exists(i, i.kind == ['order'][7])", "!index"), 3u);
    EXPECT_EQ(read("stored == interactions", "true"), 3u);
    EXPECT_EQ(read("stored[1].kind", "'order'"), 2u);
    EXPECT_EQ(read("stored.sortBy(i, i.severity).map(i, i.severity)", "[0, 0, 3]"), 3u);
}

// Its fields fail with a place of another expression.
class Elsewhere : public RecordType, public Binding {
public:
    Elsewhere() : RecordType("Elsewhere", {{"worth", Types::of(TypeKind::int_), 0, false, ""}}) {}
    Value get(const void *, std::uint32_t, Memory &) const override {
        auto failed = fail(Code::absent, "not known");
        failed.size = 1000;
        return failed;
    }
    Value variable(std::uint32_t, Memory &) const override { return of_record(this, 0); }
};

TEST(Evaluate, WhatFailsInAnotherExpressionFailsWhereItIsRead) {
    auto schema = std::make_shared<Schema>();
    const auto *type = schema->add_record(std::make_unique<Elsewhere>());
    schema->add_variable("m", type, 0, "");
    const Elsewhere binding;
    Evaluator evaluator;
    for (const auto *source : {"m.worth", "1 + m.worth", "[m][0].worth", "m.?worth.orValue(m.worth)"}) {
        auto checked = check(parse(source).tree, schema);
        ASSERT_TRUE(checked) << source;
        const auto program = compile(std::move(checked));
        const auto outcome = evaluator.evaluate(*program, binding, {});
        EXPECT_EQ(outcome.value.code(), Code::absent) << source;
        ASSERT_LT(outcome.node, program->checked().tree.size()) << source;
        EXPECT_EQ(program->checked().tree[outcome.node].name, "worth") << source;
    }
}

TEST(Evaluate, PartsOfMoneyAndDatesAreReadThroughOptionals) {
    const readme::Data data;
    const auto is = [&](std::string_view source, std::string_view value) {
        EXPECT_EQ(readme::value_of(source, data), value) << source;
    };
    is("optional.of(money('1.50', 'EUR')).minor.value()", "150");
    is("optional.of(money('1.50', 'EUR')).?minor.value()", "150");
    is("optional.of(1).optMap(x, money('1.50', 'EUR')).minor.orValue(0)", "150");
    is("optional.none().optMap(x, money('1.50', 'EUR')).minor.orValue(7)", "7");
    is("optional.of(today).year.value()", "2026");
    is("has(optional.of(today).year)", "true");
}

TEST(Evaluate, TheBudgetEndsIt) {
    const auto program = compile(readme::checked("interactions.exists(i, i.severity == 7) || true"));
    const readme::Data data;
    const auto at = readme::moment();
    Evaluator evaluator;
    const auto whole = evaluator.evaluate(*program, data, at);
    EXPECT_FALSE(whole.value.failed());
    EXPECT_LE(whole.cost, program->static_cost());
    EXPECT_FALSE(evaluator.evaluate(*program, data, at, whole.cost).value.failed());
    // One unit less is not enough, and `|| true` does not hide it.
    const auto cut = evaluator.evaluate(*program, data, at, whole.cost - 1);
    EXPECT_EQ(cut.value.code(), Code::cost);
}

}  // namespace
