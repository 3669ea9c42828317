// Goal: no expression overflows the stack, runs long or allocates without bound, and every limit of
// limits.hpp holds to the unit.
// Method: the inputs of hostile.hpp must end as they say, within units and bytes (milliseconds are
// printed, not asserted: the full tier counts instructions); expressions built to be exactly at a limit
// and one above.
#include "expr/hostile.hpp"

#include <malloc.h>

#include <chrono>
#include <iostream>

#include <gtest/gtest.h>

namespace kith::expr {
namespace {

using hostile::chain;
using hostile::nest;

class Hostile : public testing::Test {
protected:
    Code parse_code(const std::string &source) {
        const auto parsed = parse(source);
        return parsed ? Code::none : parsed.diagnostic.code;
    }
    hostile::End run(const std::string &source) { return hostile::run(world_, evaluator_, moment_, source); }
    Program compiled(const std::string &source) {
        auto checked = check(parse(source).tree, world_.schema());
        EXPECT_TRUE(checked) << source;
        auto program = compile(std::move(checked));
        EXPECT_TRUE(program) << program.error().message;
        return std::move(*program);
    }

    sample::World world_;
    Moment moment_ = sample::World::moment();
    Evaluator evaluator_;
};

// Lists that are read from the store cost more where they are walked, also out of another list; and a text
// in an optional that is known beforehand is as long as it is.
TEST_F(Hostile, WhatIsWithinAnotherCostsNoMoreThanItsStaticCost) {
    for (const auto *source : {"[stored].flatten()", "max([stored, duration('-1.5s')].flatten())",
                               "{'a': stored}['a'].map(p, p.age)", "[[stored]].flatten().flatten()",
                               "optional.of('123456789012345678901234').orValue('').matches('[a-k]+')",
                               "[optional.of('123456789012345678901234')][0].value().matches('[a-k]+')"}) {
        const auto program = compiled(source);
        EXPECT_GE(program.static_cost(), evaluator_.evaluate(program, world_, moment_).cost) << source;
    }
}

TEST_F(Hostile, EveryInputEndsWithinItsLimits) {
    double worst_ms = 0;
    std::string worst;
    std::size_t held = 0;
    for (const auto &input : hostile::inputs()) {
        SCOPED_TRACE(input.name + ": " + input.source.substr(0, 200));
        const auto heap_before = mallinfo2().uordblks;
        const auto begin = std::chrono::steady_clock::now();
        const auto end = run(input.source);
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
        held = std::max(held, mallinfo2().uordblks - std::min(heap_before, mallinfo2().uordblks));
        EXPECT_TRUE(std::count(input.ends.begin(), input.ends.end(), end.code))
            << "ends with " << code_name(end.code) << ": " << end.message;
        EXPECT_EQ(end.code != Code::none, !end.message.empty());
        EXPECT_LE(end.memory, kMemoryMax);
        EXPECT_TRUE(end.code == Code::cost || end.cost <= kBudget) << end.cost;
        EXPECT_LE(std::min(end.cost, kBudget), end.static_cost);
        if (std::getenv("KITH_VERBOSE"))
            std::printf("%9.3f ms %8llu units %8zu bytes %-12s %s\n", took.count(),
                        static_cast<unsigned long long>(end.cost), end.memory, code_name(end.code),
                        input.name.c_str());
        if (took.count() > worst_ms) {
            worst_ms = took.count();
            worst = input.name;
        }
    }
    // What stays is the evaluator's: its memory and a few compiled patterns.
    EXPECT_LE(held, 8u * kMemoryMax);
    std::cout << "longest: " << worst_ms << " ms, " << worst << "; " << held << " bytes of heap kept\n";
}

TEST_F(Hostile, SourceAtItsLimit) {
    EXPECT_EQ(parse_code("1" + times(kSourceMax - 1, " ")), Code::none);
    EXPECT_EQ(parse_code("1" + times(kSourceMax, " ")), Code::size);
    EXPECT_EQ(run("size('" + times(kSourceMax - 8, "x") + "')").code, Code::none);
    EXPECT_EQ(run("size('" + times(kSourceMax - 7, "x") + "')").code, Code::size);
}

TEST_F(Hostile, NestingAtItsLimit) {
    const std::pair<std::string, std::string> forms[] = {
        {"(", ")"}, {"[", "]"}, {"{1:", "}"}, {"dyn(", ")"}, {"[1].map(x,", ")"}, {"[1][", "]"},
    };
    for (const auto &[before, after] : forms) {
        SCOPED_TRACE(before);
        EXPECT_EQ(parse_code(nest(kNestingMax, before, "0", after)), Code::none);
        EXPECT_EQ(parse_code(nest(kNestingMax + 1, before, "0", after)), Code::depth);
    }
    EXPECT_EQ(run(nest(kNestingMax, "(", "0", ")")).code, Code::none);
    EXPECT_EQ(run(nest(kNestingMax, "[", "0", "]")).code, Code::none);
    EXPECT_EQ(run(nest(kNestingMax, "{1:", "0", "}")).code, Code::none);
    EXPECT_EQ(run(nest(kNestingMax, "[1].map(x,", "0", ")")).code, Code::none);
}

TEST_F(Hostile, DepthAtItsLimit) {
    const auto depth_of = [](const Parsed &parsed) { return parsed.tree[parsed.tree.root].depth; };
    // A term a level: the first operator has depth 2.
    const std::pair<std::string, std::string> forms[] = {{"1", "+1"},    {"1", "*1"},       {"any", ".a"},
                                                         {"any", "[0]"}, {"''", ".trim()"}, {"any", ".?a"}};
    for (const auto &[first, more] : forms) {
        SCOPED_TRACE(first + more);
        const auto at_limit = parse(first + times(kDepthMax - 1, more));
        ASSERT_TRUE(at_limit) << at_limit.diagnostic.message;
        EXPECT_EQ(depth_of(at_limit), kDepthMax);
        EXPECT_EQ(parse_code(first + times(kDepthMax, more)), Code::depth);
    }
    EXPECT_EQ(run(chain(kDepthMax, "1", "+")).code, Code::none);
    // Terms of && and || stand side by side.
    EXPECT_EQ(depth_of(parse(chain(1000, "true", "&&"))), 2);
    EXPECT_EQ(depth_of(parse(chain(1000, "true", "||"))), 2);
}

// The same bounds hold for a tree that was never a text.
TEST_F(Hostile, JsonFormIsBounded) {
    for (const auto *damaged : {"", "null", "[]", "{}", "{\"a\":", "\xff"})
        EXPECT_FALSE(from_json(damaged)) << damaged;
    EXPECT_FALSE(from_json(times(100'000, "[")));
    EXPECT_FALSE(from_json(times(100'000, "{\"a\":")));

    // What is taken can be written as text and read again; what no text could be is refused.
    const auto taken = [](std::size_t n) {
        const auto parsed = from_json(nest(n, "{\"not\":", "{\"field\":\"flag\"}", "}"));
        if (!parsed) return false;
        const auto again = parse(unparse(parsed.tree));
        EXPECT_TRUE(again) << n << ": " << again.diagnostic.message;
        EXPECT_TRUE(!again || sample::same_tree(parsed.tree, parsed.tree.root, again.tree, again.tree.root));
        return true;
    };
    EXPECT_TRUE(taken(1));
    EXPECT_TRUE(taken(30));
    for (std::size_t n = 31; n < 300; ++n) (void)taken(n);
    EXPECT_FALSE(taken(kDepthMax));
    EXPECT_FALSE(taken(100'000));
}

TEST_F(Hostile, NodesAtTheirLimit) {
    // A list of n literals has n + 1 nodes.
    const auto at_limit = parse("[" + chain(kNodesMax - 1, "1", ",") + "]");
    ASSERT_TRUE(at_limit) << at_limit.diagnostic.message;
    EXPECT_EQ(at_limit.tree.size(), kNodesMax);
    EXPECT_EQ(parse_code("[" + chain(kNodesMax, "1", ",") + "]"), Code::size);
    EXPECT_EQ(run("[" + chain(kNodesMax - 1, "1", ",") + "]").code, Code::none);
}

TEST_F(Hostile, PatternsAtTheirLimit) {
    const auto pattern = [](std::size_t bytes) { return "'" + times(bytes, "x") + "'"; };
    EXPECT_EQ(run("'x'.matches(" + pattern(kRegexMax) + ")").code, Code::none);
    EXPECT_EQ(run("'x'.matches(" + pattern(kRegexMax + 1) + ")").code, Code::regex);
    // Computed, so that no check can see it.
    EXPECT_EQ(run("'x'.matches(t.substring(0, 0) + " + pattern(kRegexMax) + ")").code, Code::none);
    EXPECT_EQ(run("'x'.matches(t.substring(0, 0) + " + pattern(kRegexMax + 1) + ")").code, Code::regex);
}

TEST_F(Hostile, StaticCostAtItsLimit) {
    // Terms of && whose cost is known: their number is chosen for a cost at the limit.
    const auto cost_of = [&](std::size_t rounds) {
        return compiled("lists.range(" + std::to_string(rounds) + ").all(x, x >= 0)").static_cost();
    };
    const auto first = cost_of(1000), each = (cost_of(2000) - first) / 1000;
    ASSERT_GT(each, 0u);
    if (first > 10 * kStaticCostMax) GTEST_SKIP() << "the length of a range is not bounded by its literal";
    const auto rounds = 1000 + (kStaticCostMax - first) / each;
    const auto at_most = compiled("lists.range(" + std::to_string(rounds) + ").all(x, x >= 0)");
    EXPECT_LE(at_most.static_cost(), kStaticCostMax);
    EXPECT_EQ(at_most.cost_diagnostic().code, Code::none);
    const auto above = compiled("lists.range(" + std::to_string(rounds + 1) + ").all(x, x >= 0)");
    EXPECT_GT(above.static_cost(), kStaticCostMax);
    EXPECT_EQ(above.cost_diagnostic().code, Code::cost);
}

TEST_F(Hostile, BudgetAtItsLimit) {
    for (const auto *source :
         {"n + 1", "ints.all(x, x > 0)", "s.matches('k+')", "words.join(',')", "ints.map(x, x * 2).sort()",
          "stored.exists(p, p.age > 70)", "'%s %d'.format([s, n])", "scores['one'] == 3 && x > 1.0",
          "[1, 2, 3].filter(x, x != n).size()"}) {
        SCOPED_TRACE(source);
        const auto program = compiled(source);
        const auto free = evaluator_.evaluate(program, world_, moment_);
        ASSERT_FALSE(free.value.failed()) << free.value.text;
        ASSERT_GT(free.cost, 0u);
        const auto value = sample::written(free.value);
        const auto exact = evaluator_.evaluate(program, world_, moment_, free.cost);
        EXPECT_EQ(sample::written(exact.value), value);
        EXPECT_EQ(exact.cost, free.cost);
        for (auto budget = free.cost; budget-- > 0;) {
            const auto short_of = evaluator_.evaluate(program, world_, moment_, budget);
            EXPECT_EQ(short_of.value.code(), Code::cost) << budget;
            if (!short_of.value.failed()) break;
        }
    }
}

// A budget that ran out is never made a value by && || ?: or a quantifier that absorb other errors.
TEST_F(Hostile, BudgetIsNotAbsorbed) {
    for (const auto *source :
         {"(sum(lists.range(5000 + zero)) > 0) || true", "(sum(lists.range(5000 + zero)) < 0) && false",
          "[1, 2].exists(x, x == 2 || sum(lists.range(5000 + zero)) < 0)",
          "[1, 2].all(x, x < 3 && sum(lists.range(5000 + zero)) < 0)"}) {
        SCOPED_TRACE(source);
        const auto outcome = evaluator_.evaluate(compiled(source), world_, moment_, 1000);
        EXPECT_TRUE(outcome.value.failed());
        EXPECT_EQ(outcome.value.code(), Code::cost);
    }
}

TEST_F(Hostile, MemoryAtItsLimit) {
    // A range takes 16 bytes an element.
    const auto used = [&](std::size_t n) { return run("lists.range(" + std::to_string(n) + ").map(x, x)"); };
    std::size_t fits = 1, fails = kMemoryMax;
    while (fails - fits > 1) {
        const auto n = (fits + fails) / 2;
        (used(n).code == Code::none ? fits : fails) = n;
    }
    EXPECT_GT(fits, 1000u);
    EXPECT_LE(used(fits).memory, kMemoryMax);
    EXPECT_EQ(used(fails).code, Code::memory);
    EXPECT_LE(used(fails).memory, kMemoryMax);

    Memory memory;
    EXPECT_NE(memory.allocate(kMemoryMax), nullptr);
    EXPECT_EQ(memory.used(), kMemoryMax);
    EXPECT_EQ(memory.allocate(1), nullptr);
    memory.clear();
    EXPECT_EQ(memory.allocate(kMemoryMax + 1), nullptr);
    EXPECT_EQ(memory.allocate(SIZE_MAX), nullptr);
    EXPECT_EQ(memory.array<Value>(SIZE_MAX / 8), nullptr);
    EXPECT_NE(memory.allocate(1), nullptr);
}

}  // namespace
}  // namespace kith::expr
