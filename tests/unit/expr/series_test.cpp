// Goal: functions of series look at closed periods alone and say of them what they should.
// Method: examples by hand; random series, in memory and read lazily, against oracles that copy the closed
// periods out and follow the definitions (least squares by the normal equations, the mean exactly in whole
// numbers); what the open period holds changes nothing; charges against the static bound; programs in which a
// series is too short.
#include "calling.hpp"
#include "expr/check.hpp"
#include "expr/extent.hpp"
#include "expr/limits.hpp"
#include "expr/parse.hpp"
#include "expr/program.hpp"
#include "sample.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace kith::expr {
namespace {

struct Series : ::testing::Test {
    Calling c{{series_functions()}};
    static Value i(std::int64_t n) { return of_int(n); }
    static Value d(double n) { return of_double(n); }
    static Value euros(std::int64_t minor, std::string_view currency = "EUR") {
        return of_money(minor, base::Currency::parse(currency)->packed());
    }
    Value ints(std::initializer_list<std::int64_t> numbers) {
        std::vector<Value> items;
        for (const auto n : numbers) items.push_back(i(n));
        return c.list(items);
    }
    Value doubles(std::initializer_list<double> numbers) {
        std::vector<Value> items;
        for (const auto n : numbers) items.push_back(d(n));
        return c.list(items);
    }
    std::string call(std::string_view name, const Value &series, std::int64_t n) {
        return c.shown(name, {series, i(n)});
    }
    std::string steady(const Value &series, std::int64_t n, double share) {
        return c.shown("steady", {series, i(n), d(share)});
    }
};

TEST_F(Series, RisingAndFalling) {
    // n changes take n + 1 closed values; the open 0 counts for nothing.
    EXPECT_EQ(call("rising", ints({5, 1, 2, 3, 0}), 2), "true");
    EXPECT_EQ(call("rising", ints({5, 1, 2, 3, 0}), 3), "false");
    EXPECT_EQ(call("rising", ints({1, 2, 2, 0}), 1), "false") << "the same is no rise";
    EXPECT_EQ(call("falling", ints({3, 2, 2, 0}), 1), "false") << "and no fall";
    EXPECT_EQ(call("falling", doubles({0.5, 0.4, 0.3, 0.9}), 2), "true");
    EXPECT_EQ(call("falling", doubles({0.3, 0.4, 0.3, 0.1}), 2), "false");
    EXPECT_EQ(call("falling", c.list({euros(300), euros(200), euros(100), euros(0)}), 2), "true");
    EXPECT_EQ(call("falling", doubles({0.5, kNan, 0.1, 0}), 2), "false");
    EXPECT_EQ(call("rising", ints({INT64_MAX - 1, INT64_MAX, 0}), 1), "true") << "whole numbers are exact";
}

TEST_F(Series, Steady) {
    EXPECT_EQ(steady(ints({90, 110, 100, 0}), 3, 0.1), "true") << "the limit is within";
    EXPECT_EQ(steady(ints({89, 111, 100, 0}), 3, 0.1), "false");
    EXPECT_EQ(steady(ints({1000, 100, 100, 0}), 2, 0), "true");
    EXPECT_EQ(steady(ints({71, 129, 100, 0}), 3, 0.29), "true");
    EXPECT_EQ(steady(doubles({0.9, 1.1, 1.0, 0}), 3, 0.1), "true");
    EXPECT_EQ(steady(doubles({0.1, 0.1, 0.1, 0}), 3, 0), "true");
    EXPECT_EQ(steady(doubles({1e308, 1e308, 0}), 2, 0), "true") << "a mean of large numbers";
    EXPECT_EQ(steady(ints({-90, -110, 0}), 2, 0.1), "true") << "of the size of the mean";
    EXPECT_EQ(steady(ints({-1, 1, 0}), 2, 0.5), "false");
    EXPECT_EQ(steady(ints({0, 0, 7}), 2, 0.1), "true");
    EXPECT_EQ(steady(ints({3, 7}), 1, 0), "true");
    EXPECT_EQ(steady(c.list({euros(95), euros(105), euros(0)}), 2, 0.05), "true");
    EXPECT_EQ(steady(doubles({kNan, 1, 0}), 2, 1), "false");
    EXPECT_EQ(steady(doubles({kInfinity, 1, 0}), 2, 1), "false");
}

TEST_F(Series, Slope) {
    EXPECT_EQ(call("slope", ints({1, 2, 3, 100}), 3), "1.0");
    EXPECT_EQ(call("slope", ints({50, 4, 2, 100}), 2), "-2.0");
    EXPECT_EQ(call("slope", ints({0, 0, 3, 0}), 3), "1.5");
    EXPECT_EQ(call("slope", doubles({0.1, 0.1, 0.1, 0.1, 0.1, 9}), 5), "0.0") << "to the last bit";
    EXPECT_EQ(call("slope", c.list({euros(100), euros(350), euros(0)}), 2), "2.5") << "in euros, not cents";
    EXPECT_EQ(call("slope", c.list({euros(100, "JPY"), euros(350, "JPY"), euros(0, "JPY")}), 2), "250.0");
    EXPECT_EQ(call("slope", ints({INT64_MIN, INT64_MAX, 0}), 2), "18446744073709551616.0");
    EXPECT_EQ(call("slope", doubles({kNan, 1, 0}), 2), "nan");
}

TEST_F(Series, Ago) {
    EXPECT_EQ(call("ago", ints({1, 2, 3}), 0), "3") << "the open period";
    EXPECT_EQ(call("ago", ints({1, 2, 3}), 1), "2") << "the last closed one";
    EXPECT_EQ(call("ago", c.lazy({euros(1), euros(2), euros(3)}), 2), "1EUR");
    EXPECT_EQ(call("ago", doubles({0.5}), 0), "0.5");
}

TEST_F(Series, WhatIsNotThereIsNotKnown) {
    for (const bool lazy : {false, true}) {
        const auto list = [&](std::vector<Value> items) { return lazy ? c.lazy(items) : c.list(items); };
        const auto three = list({i(1), i(2), i(3)});
        EXPECT_EQ(call("rising", three, 1), "true");
        EXPECT_EQ(call("rising", three, 2), "!absent");
        EXPECT_EQ(call("falling", three, 2), "!absent");
        EXPECT_EQ(call("slope", three, 2), "1.0");
        EXPECT_EQ(call("slope", three, 3), "!absent");
        EXPECT_EQ(steady(three, 2, 1), "true");
        EXPECT_EQ(steady(three, 3, 1), "!absent");
        EXPECT_EQ(call("ago", three, 2), "1");
        EXPECT_EQ(call("ago", three, 3), "!absent");
        for (const auto *name : {"rising", "falling", "slope", "ago"}) {
            EXPECT_EQ(call(name, list({}), 2), "!absent") << name;
            EXPECT_EQ(call(name, three, INT64_MAX), "!absent") << name;
            EXPECT_EQ(call(name, three, -1), "!range") << name;
            EXPECT_EQ(call(name, three, INT64_MIN), "!range") << name;
        }
        EXPECT_EQ(call("rising", three, 0), "!range");
        EXPECT_EQ(call("falling", three, 0), "!range");
        EXPECT_EQ(call("slope", three, 1), "!range");
        EXPECT_EQ(call("ago", list({}), 0), "!absent");
        EXPECT_EQ(steady(list({}), 1, 0), "!absent");
        EXPECT_EQ(steady(three, INT64_MAX, 0), "!absent");
        EXPECT_EQ(steady(three, 0, 0), "!range");
        for (const auto share : {-0.1, kNan, kInfinity}) EXPECT_EQ(steady(three, 1, share), "!range");
    }
}

// What the checker lets pass where types are not known.
TEST_F(Series, WhatIsNoNumber) {
    EXPECT_EQ(call("rising", c.list({i(1), d(2), i(3)}), 1), "!no_overload");
    EXPECT_EQ(call("rising", c.list({c.text("a"), c.text("b"), i(3)}), 1), "!no_overload");
    EXPECT_EQ(call("slope", c.list({i(1), null_value(), i(3)}), 2), "!no_overload");
    EXPECT_EQ(call("slope", c.list({euros(1), euros(1, "USD"), euros(1)}), 2), "!currency");
    EXPECT_EQ(steady(c.list({euros(1), euros(1, "USD"), euros(1)}), 2, 1), "!currency");
    EXPECT_EQ(steady(c.list({euros(1, "USD"), euros(1), euros(1)}), 1, 1), "true") << "not looked at";
    for (const auto *name : {"rising", "falling", "slope", "ago"})
        EXPECT_EQ(call(name, c.lazy({i(1), fail(Code::host, ""), i(1), i(1), i(1)}), 2), "!host") << name;
}

TEST_F(Series, AgainstTheirDefinitions) {
    constexpr unsigned kSeed = 20260701;
    SCOPED_TRACE(kSeed);
    std::mt19937 random(kSeed);
    int known = 0, risen = 0, fallen = 0, steadies = 0;
    for (int round = 0; round < 4000; ++round) {
        // Whole numbers of few values, so that equal neighbours and limits reached exactly are common.
        const auto kind = random() % 3;
        std::vector<Value> items;
        std::vector<std::int64_t> whole;
        const auto spread = 1 + random() % 40;
        for (auto left = random() % 9; left > 0; --left) {
            const auto n = static_cast<std::int64_t>(random() % spread) + (random() % 8 ? 80 : -20);
            whole.push_back(n);
            items.push_back(kind == 0 ? i(n) : kind == 1 ? d(static_cast<double>(n) / 8) : euros(n));
        }
        const double scale = kind == 0 ? 1 : kind == 1 ? 8 : 100;
        const auto series = random() % 2 ? c.lazy(items) : c.list(items);
        const auto n = static_cast<std::int64_t>(1 + random() % 5);
        const auto percent = static_cast<std::int64_t>(random() % 30);
        SCOPED_TRACE(c.show(c.list(items)) + " over " + std::to_string(n));

        const auto closed = whole.empty() ? whole : std::vector(whole.begin(), whole.end() - 1);
        const auto window = [&](std::int64_t count) {
            return std::vector(closed.end() - count, closed.end());
        };
        const auto size = static_cast<std::int64_t>(closed.size());
        std::string up = "!absent", down = up, level = up;
        if (n + 1 <= size) {
            const auto last = window(n + 1);
            up = std::adjacent_find(last.begin(), last.end(), std::greater_equal{}) == last.end() ? "true"
                                                                                                  : "false";
            down = std::adjacent_find(last.begin(), last.end(), std::less_equal{}) == last.end() ? "true"
                                                                                                 : "false";
            ++known;
            risen += up == "true";
            fallen += down == "true";
        }
        if (n <= size) {
            // |v - sum / n| <= percent / 100 * |sum / n|, without division.
            std::int64_t sum = 0;
            for (const auto v : window(n)) sum += v;
            level = "true";
            for (const auto v : window(n))
                if (100 * std::abs(v * n - sum) > percent * std::abs(sum)) level = "false";
            steadies += level == "true";
        }
        ASSERT_EQ(call("rising", series, n), up);
        ASSERT_EQ(call("falling", series, n), down);
        ASSERT_EQ(steady(series, n, static_cast<double>(percent) / 100), level) << percent << " %";

        const auto line = c.call("slope", {series, i(n)});
        if (n < 2) {
            ASSERT_EQ(c.show(line), "!range");
        } else if (n > size) {
            ASSERT_EQ(c.show(line), "!absent");
        } else {
            double t = 0, v = 0, tt = 0, tv = 0, at = 0;
            for (const auto each : window(n)) {
                const auto value = static_cast<double>(each) / scale;
                t += at, v += value, tt += at * at, tv += at * value;
                ++at;
            }
            const auto count = static_cast<double>(n);
            ASSERT_EQ(line.kind, Kind::double_);
            ASSERT_NEAR(line.d, (count * tv - t * v) / (count * tt - t * t), 1e-9);
        }
        const auto place = static_cast<std::int64_t>(items.size()) - 1 - n;
        ASSERT_EQ(call("ago", series, n),
                  place < 0 ? "!absent" : c.show(items[static_cast<std::size_t>(place)]));

        // The open period is not looked at.
        if (!items.empty()) {
            items.back() = kind == 0 ? i(-1000) : kind == 1 ? d(kNan) : euros(-1000);
            const auto other = c.list(items);
            ASSERT_EQ(call("rising", other, n), up);
            ASSERT_EQ(call("falling", other, n), down);
            ASSERT_EQ(steady(other, n, static_cast<double>(percent) / 100), level);
            ASSERT_EQ(call("slope", other, n), c.show(line));
        }
        c.memory.clear();
    }
    // The cases did come up.
    EXPECT_GT(known, 1000);
    EXPECT_GT(risen, 100);
    EXPECT_GT(fallen, 100);
    EXPECT_GT(steadies, 100);
}

TEST_F(Series, CostsWhatIsReadAndNoMoreThanItsBound) {
    std::vector<Value> items;
    for (int n = 0; n < 100; ++n) items.push_back(i(n));
    const auto cost = [&](std::string_view name, const Value &series) {
        (void)c.call(name, {series, i(3)});
        return c.cost;
    };
    EXPECT_EQ(cost("rising", c.list(items)), 4u) << "the end of a list in memory, however long it is";
    EXPECT_EQ(cost("slope", c.list(items)), 3u);
    EXPECT_EQ(cost("ago", c.list(items)), 0u);
    EXPECT_EQ(cost("rising", c.lazy(items)), 100 * kReadCost + 4);
    EXPECT_EQ(cost("ago", c.lazy(items)), 100 * kReadCost);

    for (const std::size_t size : {0u, 1u, 2u, 3u, 10u, 100u}) {
        const std::vector<Value> part(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(size));
        for (const auto &row : series_functions()) {
            for (std::int64_t n = 0; n < 101; ++n) {
                std::vector<Value> args{c.list(part), i(n)};
                if (row.name == "steady") args.push_back(d(1));
                std::vector<Extent> extents;
                for (const auto &arg : args) extents.push_back(extent_of(arg));
                (void)c.call(row.name, args);
                ASSERT_LE(c.cost, cost_of(row.work, extents)) << row.name << " " << size << " " << n;
                args[0] = c.lazy(part);
                (void)c.call(row.name, args);
                ASSERT_LE(c.cost, cost_of(row.work, extents) + size * kReadCost) << row.name;
            }
            c.memory.clear();
        }
    }
    Calling poor({series_functions()}, 10), small({series_functions()}, kBudget, 100);
    for (const auto *name : {"rising", "falling", "slope", "ago"}) {
        EXPECT_EQ(poor.shown(name, {c.lazy(items), i(3)}), "!cost") << name;
        EXPECT_EQ(small.shown(name, {c.lazy(items), i(3)}), "!memory") << name;
    }
    EXPECT_EQ(poor.shown("slope", {c.list(items), i(11)}), "!cost");
}

// As conditions use them: another operand may decide, and what no condition saves stays not known.
TEST_F(Series, InExpressions) {
    const readme::Data data;
    const auto value_of = [&](std::string_view source) { return readme::value_of(source, data); };
    EXPECT_EQ(value_of("rising([1, 2], 2)"), "!absent");
    EXPECT_EQ(value_of("falling([1, 2], 2) || true"), "true");
    EXPECT_EQ(value_of("falling([1, 2], 2) && false"), "false");
    EXPECT_EQ(value_of("falling([1, 2], 2) || false"), "!absent");
    EXPECT_EQ(value_of("ago([1, 2], 1) + 1"), "2");
    EXPECT_EQ(value_of("rising(dyn([1, 2, 3]), 1)"), "true");
    EXPECT_EQ(value_of("rising(dyn(['a', 'b', 'c']), 1)"), "!no_overload");
    EXPECT_EQ(value_of("slope(stored.map(i, i.amount), 2)"), "20.5");
    for (const auto *wrong : {"rising(['a'], 1)", "rising([1], 1.0)", "steady([1], 1, 1)", "[1, 2].rising(1)",
                              "slope([1])", "rising([today], 1)"})
        EXPECT_TRUE(value_of(wrong).starts_with("?no_overload")) << wrong << " " << value_of(wrong);
}

}  // namespace
}  // namespace kith::expr
