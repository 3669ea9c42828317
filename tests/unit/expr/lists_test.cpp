// Goal: functions of lists, sets and aggregates, over lists in memory and read lazily.
// Method: examples of the lists and sets extensions; random lists of mixed kinds against comparing all with
// all; aggregates against sums in wider types; charges against the static bound.
#include "calling.hpp"
#include "expr/aggregate.hpp"
#include "expr/extent.hpp"
#include "expr/list_reader.hpp"

#include <algorithm>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace kith::expr {
namespace {

struct Lists : ::testing::Test {
    Calling c{{list_functions()}};
    std::string call(std::string_view name, const std::vector<Value> &args) { return c.shown(name, args); }
    static Value i(std::int64_t n) { return of_int(n); }
    static Value d(double n) { return of_double(n); }
    Value t(std::string_view s) { return c.text(s); }
    Value ints(std::initializer_list<std::int64_t> numbers) {
        std::vector<Value> items;
        for (const auto n : numbers) items.push_back(i(n));
        return c.list(items);
    }
    bool same(const Value &a, const Value &b) {
        Call call(c.memory, c.patterns, c.moment, nullptr, kBudget);
        return equal(call, a, b).i != 0;
    }
    // Scalars, texts and lists, some equal across kinds.
    Value random_value(std::mt19937 &random, int depth = 0) {
        const auto n = static_cast<std::int64_t>(random() % 4);
        switch (random() % (depth < 2 ? 9 : 7)) {
            case 0:
                return i(n);
            case 1:
                return of_uint(static_cast<std::uint64_t>(n));
            case 2:
                return d(static_cast<double>(n) / 2);
            case 3:
                return t(std::string(static_cast<std::size_t>(n), 'x'));
            case 4:
                return c.bytes(std::string(static_cast<std::size_t>(n), 'x'));
            case 5:
                return n == 0 ? null_value() : of_bool(n == 1);
            case 6:
                return n == 0 ? d(kNan) : n == 1 ? of_duration(1) : n == 2 ? of_date(1) : of_timestamp(1, 0);
            case 7: {
                std::vector<Value> items;
                for (auto k = n; k > 0; --k) items.push_back(random_value(random, depth + 1));
                return random() % 2 ? c.lazy(items) : c.list(items);
            }
            default: {
                std::vector<std::pair<Value, Value>> entries;
                if (n > 0) entries.emplace_back(i(1), random_value(random, depth + 1));
                if (n > 1) entries.emplace_back(t("k"), i(n));
                if (random() % 2) std::reverse(entries.begin(), entries.end());
                return c.map(entries);
            }
        }
    }
    Value random_list(std::mt19937 &random, std::size_t size) {
        std::vector<Value> items;
        while (items.size() < size) items.push_back(random_value(random));
        return random() % 2 ? c.lazy(items) : c.list(items);
    }
    std::vector<Value> read(const Value &list) {
        Call call(c.memory, c.patterns, c.moment, nullptr, kBudget);
        std::vector<Value> items;
        ListReader reader(call, list);
        for (Value item; reader.next(item);) items.push_back(item);
        EXPECT_FALSE(reader.error().failed());
        return items;
    }
};

TEST_F(Lists, Parts) {
    EXPECT_EQ(call("slice", {ints({1, 2, 3, 4}), i(1), i(3)}), "[2, 3]");
    EXPECT_EQ(call("slice", {c.lazy({i(1), i(2), i(3), i(4)}), i(2), i(4)}), "[3, 4]");
    EXPECT_EQ(call("slice", {ints({1}), i(1), i(1)}), "[]");
    for (const auto &[begin, end] : {std::pair(-1, 1), std::pair(1, 0), std::pair(0, 5), std::pair(5, 5)}) {
        EXPECT_EQ(call("slice", {ints({1, 2, 3, 4}), i(begin), i(end)}), "!index");
        EXPECT_EQ(call("slice", {c.lazy({i(1), i(2), i(3), i(4)}), i(begin), i(end)}), "!index");
    }
    EXPECT_EQ(call("reverse", {ints({5, 3, 1, 2})}), "[2, 1, 3, 5]");
    EXPECT_EQ(call("reverse", {c.lazy({i(1), i(2)})}), "[2, 1]");
    EXPECT_EQ(call("reverse", {ints({})}), "[]");
    EXPECT_EQ(call("lists.range", {i(5)}), "[0, 1, 2, 3, 4]");
    EXPECT_EQ(call("lists.range", {i(0)}), "[]");
    EXPECT_EQ(call("lists.range", {i(-1)}), "!range");
    EXPECT_EQ(call("lists.range", {i(INT64_MAX)}), "!memory");
    EXPECT_EQ(call("lists.range", {i(100'000)}), "!memory");
}

TEST_F(Lists, Flatten) {
    const auto deep = c.list({i(1), c.list({i(2), c.list({i(3), c.list({i(4)})})})});
    EXPECT_EQ(call("flatten", {c.list({i(1), ints({2, 3}), ints({}), c.lazy({i(4)})})}), "[1, 2, 3, 4]");
    EXPECT_EQ(call("flatten", {deep}), "[1, 2, [3, [4]]]");
    EXPECT_EQ(call("flatten", {deep, i(2)}), "[1, 2, 3, [4]]");
    EXPECT_EQ(call("flatten", {deep, i(0)}), "[1, [2, [3, [4]]]]");
    EXPECT_EQ(call("flatten", {deep, i(INT64_MAX)}), "[1, 2, 3, 4]");
    EXPECT_EQ(call("flatten", {deep, i(-1)}), "!range");
    auto nested = ints({1});
    for (int n = 0; n < 5000; ++n) nested = c.list({nested});
    EXPECT_EQ(call("flatten", {nested, i(10'000)}), "!depth");
    EXPECT_EQ(call("distinct", {c.list({nested})}), "!depth");
}

TEST_F(Lists, DistinctAndSets) {
    EXPECT_EQ(call("distinct", {ints({1, 2, 2, 3, 3, 3})}), "[1, 2, 3]");
    EXPECT_EQ(call("distinct", {c.list({i(1), t("b"), i(2), t("b")})}), "[1, \"b\", 2]");
    EXPECT_EQ(call("distinct", {c.list({i(1), d(1), of_uint(1), d(-0.0), i(0)})}), "[1, -0.0]");
    EXPECT_EQ(call("sets.contains", {ints({}), ints({})}), "true");
    EXPECT_EQ(call("sets.contains", {ints({}), ints({1})}), "false");
    EXPECT_EQ(call("sets.contains", {c.list({i(1), d(2), of_uint(3)}), c.list({d(1), of_uint(2), i(3)})}),
              "true");
    EXPECT_EQ(call("sets.equivalent", {ints({1}), ints({1, 1})}), "true");
    EXPECT_EQ(call("sets.equivalent", {ints({1, 2, 3}), c.list({of_uint(3), d(2), i(1)})}), "true");
    EXPECT_EQ(call("sets.equivalent", {ints({1, 2}), ints({1})}), "false");
    EXPECT_EQ(call("sets.intersects", {ints({1}), ints({})}), "false");
    EXPECT_EQ(call("sets.intersects",
                   {c.list({ints({1}), ints({2, 3})}), c.list({ints({1, 2}), c.list({i(2), d(3)})})}),
              "true");
    EXPECT_EQ(call("distinct", {c.lazy({i(1), fail(Code::host, "")})}), "!host");
}

TEST_F(Lists, SetsAgainstComparingAllWithAll) {
    constexpr unsigned kSeed = 20260604;
    SCOPED_TRACE(kSeed);
    std::mt19937 random(kSeed);
    for (int round = 0; round < 1500; ++round) {
        const auto a = random_list(random, random() % 25), b = random_list(random, random() % 8);
        const auto left = read(a), right = read(b);
        const auto within = [&](const Value &value, const std::vector<Value> &list) {
            return std::any_of(list.begin(), list.end(),
                               [&](const Value &other) { return same(value, other); });
        };
        std::vector<Value> different;
        for (const auto &value : left) {
            if (!within(value, different)) different.push_back(value);
        }
        ASSERT_EQ(call("distinct", {a}), c.show(c.list(different)));
        const auto all_in = [&](const std::vector<Value> &values, const std::vector<Value> &list) {
            return std::all_of(values.begin(), values.end(), [&](const Value &v) { return within(v, list); });
        };
        ASSERT_EQ(c.call("sets.contains", {a, b}).i != 0, all_in(right, left));
        ASSERT_EQ(c.call("sets.equivalent", {a, b}).i != 0, all_in(right, left) && all_in(left, right));
        ASSERT_EQ(c.call("sets.intersects", {a, b}).i != 0,
                  std::any_of(right.begin(), right.end(), [&](const Value &v) { return within(v, left); }));
        const auto copy = call("distinct", {c.list(different)});
        ASSERT_EQ(copy, c.show(c.list(different))) << "distinct twice is distinct";
        c.memory.clear();
    }
}

TEST_F(Lists, Sort) {
    EXPECT_EQ(call("sort", {ints({3, 2, 1})}), "[1, 2, 3]");
    EXPECT_EQ(call("sort", {c.lazy({t("b"), t("c"), t("a")})}), R"(["a", "b", "c"])");
    EXPECT_EQ(call("sort", {ints({})}), "[]");
    EXPECT_EQ(call("sort", {c.list({d(kNan), d(2), d(kNan), d(-1)})}), "[-1.0, 2.0, nan, nan]");
    EXPECT_EQ(call("sort", {c.list({of_bool(true), of_bool(false)})}), "[false, true]");
    EXPECT_EQ(call("sort", {c.list({i(1), t("b")})}), "!no_overload");
    EXPECT_EQ(call("sort", {c.list({i(1), d(2)})}), "!no_overload");
    EXPECT_EQ(call("sort", {c.list({ints({1})})}), "!no_overload");
    EXPECT_EQ(call("sort", {c.list({null_value()})}), "!no_overload");
    EXPECT_EQ(call("sort", {c.list({of_money(1, 1), of_money(1, 2)})}), "!currency");

    constexpr unsigned kSeed = 20260605;
    SCOPED_TRACE(kSeed);
    std::mt19937 random(kSeed);
    for (int round = 0; round < 300; ++round) {
        std::vector<Value> list, keys;
        std::vector<std::pair<double, std::int64_t>> wanted;
        for (auto n = random() % 100; n > 0; --n) {
            const auto key = static_cast<double>(random() % 10);
            wanted.emplace_back(key, static_cast<std::int64_t>(list.size()));
            list.push_back(i(static_cast<std::int64_t>(list.size())));
            keys.push_back(key == 9 ? d(kNan) : d(key));
        }
        std::stable_sort(wanted.begin(), wanted.end(), [](auto &a, auto &b) { return a.first < b.first; });
        Call call(c.memory, c.patterns, c.moment, nullptr, kBudget);
        const auto sorted = sort_by_keys(call, c.list(list), random() % 2 ? c.lazy(keys) : c.list(keys));
        ASSERT_EQ(sorted.size, wanted.size());
        for (std::size_t n = 0; n < wanted.size(); ++n) ASSERT_EQ(sorted.items[n].i, wanted[n].second);
        c.memory.clear();
    }
    Call again(c.memory, c.patterns, c.moment, nullptr, kBudget);
    EXPECT_EQ(c.show(sort_by_keys(again, ints({1, 2}), ints({1}))), "!range");
}

TEST_F(Lists, SumsAndMeans) {
    const auto money = [](std::int64_t minor) {
        return of_money(minor, base::Currency::parse("EUR")->packed());
    };
    EXPECT_EQ(call("sum", {ints({1, 2, 3})}), "6");
    EXPECT_EQ(call("sum", {c.lazy({of_uint(1), of_uint(UINT64_MAX - 1)})}), "18446744073709551615u");
    EXPECT_EQ(call("sum", {c.list({of_uint(1), of_uint(UINT64_MAX)})}), "!overflow");
    EXPECT_EQ(call("sum", {c.list({d(0.5), d(0.25)})}), "0.75");
    EXPECT_EQ(call("sum", {c.list({of_duration(2), of_duration(-3)})}), "-1ns");
    EXPECT_EQ(call("sum", {c.list({money(1250), money(-50)})}), "1200EUR");
    EXPECT_EQ(call("sum", {c.list({money(base::kMaxAmount), money(1)})}), "!overflow");
    EXPECT_EQ(call("sum", {c.list({money(1), of_money(1, 7)})}), "!currency");
    EXPECT_EQ(call("sum", {ints({INT64_MAX, 1})}), "!overflow");
    EXPECT_EQ(call("sum", {ints({INT64_MAX, 1, -1})}), "9223372036854775807") << "whatever the order";
    EXPECT_EQ(call("sum", {c.list({i(1), d(1)})}), "!no_overload");
    EXPECT_EQ(call("sum", {c.list({t("a")})}), "!no_overload");
    EXPECT_EQ(call("sum", {c.list({i(1), null_value()})}), "!no_overload");
    EXPECT_EQ(call("sum", {c.lazy({i(1), fail(Code::host, "")})}), "!host");

    EXPECT_EQ(call("avg", {ints({1, 2})}), "1.5");
    EXPECT_EQ(call("avg", {ints({INT64_MAX, INT64_MAX})}), "9223372036854775808.0");
    EXPECT_EQ(call("avg", {c.list({d(1), d(2), d(4.5)})}), "2.5");
    EXPECT_EQ(call("avg", {c.list({money(1), money(2)})}), "2EUR") << "half to even";
    EXPECT_EQ(call("avg", {c.list({money(-2), money(-3)})}), "-2EUR");
    EXPECT_EQ(call("avg", {c.list({money(1), money(1), money(3)})}), "2EUR");
    EXPECT_EQ(call("avg", {c.list({of_duration(3), of_duration(2)})}), "2ns");
    for (const auto *name : {"min", "max", "avg"}) EXPECT_EQ(call(name, {ints({})}), "!absent");
    EXPECT_EQ(call("count", {c.lazy({i(1), i(1)})}), "2");
    EXPECT_EQ(call("count", {ints({})}), "0");

    EXPECT_EQ(call("min", {ints({3, 1, 2})}), "1");
    EXPECT_EQ(call("max", {c.lazy({t("a"), t("c"), t("b")})}), "\"c\"");
    EXPECT_EQ(call("max", {c.list({of_date(1), of_date(2)})}), "2days");
    EXPECT_EQ(call("max", {c.list({i(1), d(1.5), of_uint(1)})}), "1.5");
    EXPECT_EQ(call("min", {c.list({i(1), t("a")})}), "!no_overload");
    EXPECT_EQ(call("min", {c.list({null_value()})}), "!no_overload");
    EXPECT_EQ(call("min", {c.list({money(1), of_money(1, 7)})}), "!currency");
    EXPECT_EQ(call("max", {c.list({d(kNan), d(1)})}), "nan");
    EXPECT_EQ(call("min", {c.list({d(1), d(kNan), d(0)})}), "nan");
}

// The sum of nothing is the zero of the list's declared type; other aggregates of nothing are not known.
TEST_F(Lists, AggregatesOfNothing) {
    using Of = Aggregate::Of;
    const auto nothing = [&](Of of, TypeKind element) { return c.show(Aggregate(of).result(element)); };
    EXPECT_EQ(nothing(Of::sum, TypeKind::int_), "0");
    EXPECT_EQ(nothing(Of::sum, TypeKind::dyn), "0");
    EXPECT_EQ(nothing(Of::sum, TypeKind::uint_), "0u");
    EXPECT_EQ(nothing(Of::sum, TypeKind::double_), "0.0");
    EXPECT_EQ(nothing(Of::sum, TypeKind::duration), "0ns");
    EXPECT_EQ(nothing(Of::sum, TypeKind::money), "!absent");
    EXPECT_EQ(nothing(Of::avg, TypeKind::int_), "!absent");
    EXPECT_EQ(nothing(Of::min, TypeKind::int_), "!absent");
    EXPECT_EQ(nothing(Of::count, TypeKind::money), "0");
    for (const auto &[signature, zero] :
         {std::pair("(list(int)): int", "0"), std::pair("(list(uint)): uint", "0u"),
          std::pair("list(double).(): double", "0.0"), std::pair("(list(duration)): duration", "0ns"),
          std::pair("list(money).(): money", "!absent")}) {
        const auto rows = list_functions();
        const auto row = std::find_if(rows.begin(), rows.end(),
                                      [&, wanted = std::string_view(signature)](const Overload &overload) {
                                          return overload.name == "sum" && overload.signature == wanted;
                                      });
        ASSERT_NE(row, rows.end()) << signature;
        Call call(c.memory, c.patterns, c.moment, nullptr, kBudget);
        const auto empty = ints({});
        EXPECT_EQ(c.show(row->function(call, &empty, 1)), zero) << signature;
    }
}

TEST_F(Lists, ChargesNeverExceedTheirBound) {
    constexpr unsigned kSeed = 20260606;
    SCOPED_TRACE(kSeed);
    std::mt19937 random(kSeed);
    Library library;
    library.add(list_functions());
    for (int round = 0; round < 60; ++round) {
        // Lists of one kind, of texts, and of anything with many that are no number.
        std::vector<Value> values, others;
        const auto style = random() % 4;
        for (auto n = random() % 70; n > 0; --n) {
            const auto next = [&]() -> Value {
                if (style == 0) return i(static_cast<std::int64_t>(random() % 50));
                if (style == 1) return t(std::string(random() % 60, 'y'));
                return style == 2 ? c.list({d(kNan)}) : d(kNan);
            };
            values.push_back(next());
            if (random() % 2) others.push_back(next());
        }
        const auto a = c.list(values), b = c.list(others);
        for (const auto name : library.names()) {
            for (const auto &signature : library.find(name)) {
                std::vector<Value> args;
                std::vector<Extent> extents;
                for (const auto *param : signature.params) {
                    args.push_back(param->kind == TypeKind::int_ ? i(3) : args.empty() ? a : b);
                    extents.push_back(extent_of(args.back()));
                    if (param->kind == TypeKind::int_) extents.back().size = 3;  // as the compiler counts it
                }
                for (const bool lazy : {false, true}) {
                    if (lazy && args[0].is(Kind::list)) args[0] = c.lazy(values);
                    c.memory.clear();
                    const auto result = c.call(name, args);
                    const auto reading = lazy ? extents[0].size * kReadCost : 0;
                    EXPECT_LE(c.cost, cost_of(signature.overload->work, extents) + reading)
                        << name << " style " << style;
                    if (result.failed()) continue;
                    const auto bound = result_of(signature.overload->growth, extents, signature.result);
                    EXPECT_LE(extent_of(result).size, bound.size) << name;
                    EXPECT_LE(extent_of(result).deep, bound.deep) << name;
                }
            }
        }
    }
}

TEST_F(Lists, BudgetAndMemoryEnd) {
    std::vector<Value> many;
    for (int n = 0; n < 500; ++n) many.push_back(i(n));
    Calling poor({list_functions()}, 100), small({list_functions()}, kBudget, 1000);
    for (const auto *name : {"distinct", "sort", "reverse", "sum", "min", "avg", "last"}) {
        EXPECT_EQ(poor.shown(name, {c.lazy(many)}), "!cost") << name;
    }
    for (const auto *name : {"distinct", "sort", "reverse"}) {
        EXPECT_EQ(small.shown(name, {c.list(many)}), "!memory") << name;
    }
    EXPECT_EQ(poor.shown("lists.range", {i(101)}), "!cost");
    EXPECT_EQ(poor.shown("sets.contains", {c.list(many), c.list(many)}), "!cost");
}

}  // namespace
}  // namespace kith::expr
