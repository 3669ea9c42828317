// Goal: an explanation names the sub-expressions that decided, with their values, and the element that
// decided a quantifier; and its outcome is that of the evaluation.
// Method: examples written out as lines of "level text = value @ element".
#include "sample.hpp"

#include <gtest/gtest.h>

namespace {

using namespace kith::expr;

std::string explained(std::string_view source) {
    auto tree = readme::checked(source);
    if (!tree) return format(tree.diagnostics.front(), source);
    const auto program = compile(std::move(tree));
    const readme::Data data;
    const auto at = readme::moment();
    Evaluator evaluator;
    const auto cost = evaluator.evaluate(*program, data, at).cost;
    const auto explanation = explain(evaluator, *program, data, at);
    EXPECT_EQ(explanation.outcome.cost, cost);
    Memory memory;
    Patterns patterns;
    const auto schema = readme::schema();
    Call call(memory, patterns, at, schema.get(), kBudget);
    std::string lines;
    for (const auto &reason : explanation.reasons) {
        const auto span = program->checked().tree[reason.node].span;
        lines += std::string(2 * reason.level, ' ') +
                 std::string(source.substr(span.begin, span.end - span.begin)) + " = " +
                 value_text(call, reason.value);
        if (reason.has_element)
            lines += " @ " + std::to_string(reason.element) + " " + value_text(call, reason.element_value);
        lines += "\n";
    }
    return lines;
}

TEST(Explain, AConjunctionThatFailsNamesTheTermThatDecided) {
    EXPECT_EQ(explained("customer.recency_days > 30 && customer.frequency >= 20 && customer.score > 0.0"),
              "customer.recency_days > 30 && customer.frequency >= 20 && customer.score > 0.0 = false\n"
              "  customer.frequency >= 20 = false\n"
              "    customer.frequency = 12\n");
}

TEST(Explain, AConjunctionThatHoldsNamesAllTerms) {
    EXPECT_EQ(explained("customer.frequency > 3 && !('x' in customer.tags)"),
              "customer.frequency > 3 && !('x' in customer.tags) = true\n"
              "  customer.frequency > 3 = true\n"
              "    customer.frequency = 12\n"
              "  !('x' in customer.tags) = true\n"
              "    'x' in customer.tags = false\n"
              "      customer.tags = ['vip', 'no_email']\n");
}

TEST(Explain, AQuantifierNamesItsElement) {
    const auto lines = explained("interactions.exists(i, i.kind == 'complaint' && i.status == 'open')");
    EXPECT_EQ(lines,
              "interactions.exists(i, i.kind == 'complaint' && i.status == 'open') = true @ 2 interaction\n"
              "  i.kind == 'complaint' && i.status == 'open' = true\n"
              "    i.kind == 'complaint' = true\n"
              "      i.kind = 'complaint'\n"
              "    i.status == 'open' = true\n"
              "      i.status = 'open'\n");
    EXPECT_EQ(explained("[1, 5, 9].all(x, x < 6)"),
              "[1, 5, 9].all(x, x < 6) = false @ 2 9\n"
              "  [1, 5, 9] = [1, 5, 9]\n"
              "  x < 6 = false\n"
              "    x = 9\n");
}

TEST(Explain, ValuesOfEarlierElementsAreNotTold) {
    // In the deciding round the right side is not evaluated; its value of the round before must not show.
    EXPECT_EQ(explained("[1, 2].exists(x, x == 2 || x + 10 == 12)"),
              "[1, 2].exists(x, x == 2 || x + 10 == 12) = true @ 1 2\n"
              "  [1, 2] = [1, 2]\n"
              "  x == 2 || x + 10 == 12 = true\n"
              "    x == 2 = true\n"
              "      x = 2\n");
}

TEST(Explain, AnErrorNamesWhatFailedAndWhere) {
    EXPECT_EQ(explained("customer.frequency > 3 && [2, 0].all(x, 4 / x > 1)"),
              "customer.frequency > 3 && [2, 0].all(x, 4 / x > 1) = div_zero\n"
              "  [2, 0].all(x, 4 / x > 1) = div_zero @ 1 0\n"
              "    4 / x = div_zero\n"
              "      x = 0\n");
}

TEST(Explain, AConditionalTellsTheConditionAndTheBranchTaken) {
    EXPECT_EQ(explained("customer.frequency > 3 ? customer.score : 0.0"),
              "customer.frequency > 3 ? customer.score : 0.0 = 3.5\n"
              "  customer.frequency > 3 = true\n"
              "    customer.frequency = 12\n"
              "  customer.score = 3.5\n");
}

}  // namespace
