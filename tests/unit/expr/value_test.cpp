// Goal: values are equal, ordered and hashed as the language says. Method: worked tables; random numbers from
// around the bounds of their kinds against exact integer and long double arithmetic; map look-ups against a
// search of all keys.
#include "expr/value.hpp"

#include "calling.hpp"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace kith::expr {
namespace {

class Comparing : public Calling {
public:
    Comparing() : Calling({}) {}
    Value same(const Value &a, const Value &b, std::uint64_t budget = kBudget) {
        Call call(memory, patterns, moment, schema, budget);
        const auto result = equal(call, a, b);
        cost = call.used();
        return result;
    }
    std::string shown(const Value &a, const Value &b) { return show(same(a, b)); }
};

// Numbers of all kinds near 0, 2^53, 2^63 and 2^64, where the kinds differ.
Value any_number(std::mt19937_64 &random) {
    static constexpr double kCentres[] = {0, 0x1p53, -0x1p53, 0x1p63, -0x1p63, 0x1p64};
    const auto centre = kCentres[random() % std::size(kCentres)];
    const auto off = static_cast<std::int64_t>(random() % 9) - 4;
    switch (random() % 4) {
        case 0:
            if (centre >= 0x1p63) return of_int(INT64_MAX - std::abs(off));
            if (centre == -0x1p63) return of_int(INT64_MIN + std::abs(off));
            return of_int(static_cast<std::int64_t>(centre) + off);
        case 1:
            if (centre >= 0x1p64) return of_uint(UINT64_MAX - static_cast<std::uint64_t>(std::abs(off)));
            return of_uint(static_cast<std::uint64_t>(std::abs(centre)) +
                           static_cast<std::uint64_t>(off + 4));
        case 2: {
            double d = centre;
            for (int i = 0; i < std::abs(off); ++i) d = std::nextafter(d, off < 0 ? -kInfinity : kInfinity);
            return of_double(d);
        }
        default:
            return of_double(centre + static_cast<double>(off) / 2);
    }
}

long double exactly(const Value &number) {  // its 64 bits of mantissa hold all three kinds
    static_assert(std::numeric_limits<long double>::digits >= 64);
    if (number.is(Kind::double_)) return number.d;
    return number.is(Kind::int_) ? static_cast<long double>(number.i) : static_cast<long double>(number.u);
}

TEST(Numbers, OrderIsThatOfTheLineButForRoundingToDouble) {
    const auto seed = std::random_device()();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 200'000; ++i) {
        const auto a = any_number(random), b = any_number(random);
        const auto order = compare_numbers(a, b);
        const auto exact = exactly(a) <=> exactly(b);
        const bool doubles = a.is(Kind::double_) != b.is(Kind::double_);
        if (doubles && order == 0 && exact != 0) {
            // An int that has no double of its own met the double it rounds to.
            EXPECT_GE(std::fabs(exactly(a)), 0x1p53L);
            EXPECT_EQ(static_cast<double>(exactly(a)), static_cast<double>(exactly(b)));
        } else {
            EXPECT_EQ(order, exact) << Calling::show(a) << ' ' << Calling::show(b);
        }
        EXPECT_EQ(compare_numbers(b, a), 0 <=> order);
        EXPECT_EQ(equal_scalars(a, b), order == 0);
        if (order == 0) {
            EXPECT_EQ(hash(a), hash(b)) << Calling::show(a) << ' ' << Calling::show(b);
        }
    }
}

TEST(Numbers, NanAndZeros) {
    for (const auto &other : {of_double(kNan), of_int(0), of_uint(0), of_double(kInfinity)}) {
        EXPECT_EQ(compare_numbers(of_double(kNan), other), std::partial_ordering::unordered);
        EXPECT_EQ(compare_numbers(other, of_double(kNan)), std::partial_ordering::unordered);
        EXPECT_FALSE(equal_scalars(of_double(kNan), other));
    }
    EXPECT_TRUE(equal_scalars(of_double(-0.0), of_int(0)));
    EXPECT_EQ(hash(of_double(-0.0)), hash(of_uint(0)));
    EXPECT_TRUE(compare_numbers(of_double(-kInfinity), of_int(INT64_MIN)) < 0);
    EXPECT_TRUE(compare_numbers(of_double(kInfinity), of_uint(UINT64_MAX)) > 0);
}

TEST(Equal, KindsApart) {
    Comparing c;
    const Value values[] = {null_value(),
                            of_bool(false),
                            of_int(0),
                            c.text(""),
                            c.bytes(""),
                            of_timestamp(0, 0),
                            of_duration(0),
                            of_date(0),
                            of_money(0, 0x455552),
                            of_money(0, 0x555344),
                            c.list({}),
                            c.map({}),
                            of_optional(nullptr),
                            c.optional(null_value()),
                            of_type(Types::of(TypeKind::int_)),
                            of_type(Types::of(TypeKind::list))};
    for (const auto &a : values) {
        for (const auto &b : values) EXPECT_EQ(c.shown(a, b), &a == &b ? "true" : "false");
    }
}

TEST(Equal, ScalarsAndTexts) {
    Comparing c;
    EXPECT_EQ(c.shown(c.text("abc"), c.text("abc")), "true");
    EXPECT_EQ(c.shown(c.text("abc"), c.text("abd")), "false");
    EXPECT_EQ(c.shown(c.text("abc"), c.bytes("abc")), "false");
    EXPECT_EQ(c.shown(of_timestamp(1, 2), of_timestamp(1, 3)), "false");
    EXPECT_EQ(c.shown(of_int(1), of_double(1)), "true");
    EXPECT_EQ(c.shown(of_bool(true), of_int(1)), "false");
}

TEST(Equal, ListsMapsOptionals) {
    Comparing c;
    const auto one = of_int(1), two = of_int(2), nan = of_double(kNan);
    EXPECT_EQ(c.shown(c.list({one, two}), c.list({of_double(1), of_uint(2)})), "true");
    EXPECT_EQ(c.shown(c.list({one, two}), c.list({two, one})), "false");
    EXPECT_EQ(c.shown(c.list({one}), c.list({one, two})), "false");
    EXPECT_EQ(c.shown(c.list({nan}), c.list({nan})), "false");
    EXPECT_EQ(c.shown(c.list({c.list({one})}), c.list({c.list({one})})), "true");
    EXPECT_EQ(
        c.shown(c.map({{one, two}, {c.text("k"), one}}), c.map({{c.text("k"), one}, {of_uint(1), two}})),
        "true");
    EXPECT_EQ(c.shown(c.map({{one, two}}), c.map({{two, one}})), "false");
    EXPECT_EQ(c.shown(c.map({{one, nan}}), c.map({{one, nan}})), "false");
    EXPECT_EQ(c.shown(c.map({{one, two}}), c.map({{one, two}, {two, two}})), "false");
    EXPECT_EQ(c.shown(c.optional(one), c.optional(of_double(1))), "true");
    EXPECT_EQ(c.shown(c.optional(one), c.optional(two)), "false");
}

TEST(Equal, LazyListsAreReadOnlyAsFarAsNeeded) {
    Comparing c;
    const GivenRange range({of_int(1), of_int(2), of_int(3)});
    const auto lazy = of_range(&range);
    EXPECT_EQ(c.shown(lazy, c.list({of_int(1), of_int(2), of_int(3)})), "true");
    EXPECT_EQ(c.shown(c.list({of_int(1), of_int(2)}), lazy), "false");
    EXPECT_EQ(c.shown(lazy, c.list({of_int(1), of_int(2), of_int(3), of_int(4)})), "false");
    range.read = 0;
    EXPECT_EQ(c.shown(lazy, c.list({of_int(7), of_int(2), of_int(3)})), "false");
    EXPECT_EQ(range.read, 1U);
    EXPECT_EQ(c.shown(c.lazy({of_int(1), fail(Code::host, "gone")}), lazy), "!host");
}

struct Person : RecordType {
    Person() : RecordType("Person", {}) {}
    Value get(const void *, std::uint32_t, Memory &) const override { return {}; }
    bool has(const void *, std::uint32_t) const override { return false; }
    bool same(const void *a, const void *b) const override {
        return *static_cast<const int *>(a) == *static_cast<const int *>(b);
    }
};

TEST(Equal, RecordsAsTheirTypeSays) {
    Comparing c;
    Schema schema;
    schema.add_record(std::make_unique<Person>());
    schema.add_record(std::make_unique<Person>());
    c.schema = &schema;
    const int first = 1, copy = 1, second = 2;
    EXPECT_EQ(c.shown(of_record(&first, 0), of_record(&copy, 0)), "true");
    EXPECT_EQ(c.shown(of_record(&first, 0), of_record(&second, 0)), "false");
    EXPECT_EQ(c.shown(of_record(&first, 0), of_record(&first, 1)), "false");
}

TEST(Equal, DepthIsBounded) {
    Comparing c;
    const auto nested = [&](std::uint32_t levels) {
        auto value = of_int(1);
        for (; levels > 0; --levels) value = levels % 2 ? c.list({value}) : c.map({{of_int(1), value}});
        return value;
    };
    EXPECT_EQ(c.shown(nested(kDepthMax), nested(kDepthMax)), "true");
    EXPECT_EQ(c.shown(nested(kDepthMax + 1), nested(kDepthMax + 1)), "!depth");
    EXPECT_EQ(c.shown(nested(100'000), nested(100'000)), "!depth");
}

TEST(Equal, IsCharged) {
    Comparing c;
    const auto long_list = c.list(std::vector<Value>(1000, of_int(1)));
    EXPECT_EQ(c.shown(long_list, long_list), "true");
    const std::uint64_t cost = 1000 * (1 + kEqualCost);  // an element of either list, and their comparison
    EXPECT_EQ(c.cost, cost);
    EXPECT_TRUE(c.same(long_list, long_list, cost - 1).failed());
    EXPECT_EQ(Calling::show(c.same(long_list, long_list, cost)), "true");
    const auto text = c.text(std::string(16'000, 'x')), other = c.text(std::string(16'000, 'x'));
    EXPECT_EQ(c.shown(text, other), "true");
    EXPECT_EQ(c.cost, 1000U);
    EXPECT_EQ(c.same(text, other, 999).code(), Code::cost);
    EXPECT_EQ(c.shown(c.map({{text, text}}), c.map({{other, other}})), "true");
    EXPECT_EQ(c.cost, 2000U + kEqualCost);
}

TEST(Compare, WithinAKind) {
    Comparing c;
    const std::pair<Value, Value> ascending[] = {
        {of_bool(false), of_bool(true)},
        {c.text(""), c.text("a")},
        {c.text("Abc"), c.text("aBC")},
        {c.text("abc"), c.text("abcd")},
        {c.text("a"), c.text("\xCE\xB1")},  // bytes are unsigned
        {c.bytes(""), c.bytes("\xff")},
        {of_timestamp(1, 5), of_timestamp(1, 6)},
        {of_timestamp(-1, 5), of_timestamp(1, 4)},
        {of_duration(-1), of_duration(0)},
        {of_date(-1), of_date(1)},
        {of_money(-1, 0x455552), of_money(1, 0x455552)},
        {of_int(-1), of_uint(0)},
    };
    for (const auto &[less, greater] : ascending) {
        EXPECT_TRUE(compare(less, greater).comparable);
        EXPECT_TRUE(compare(less, greater).order < 0) << Calling::show(less);
        EXPECT_TRUE(compare(greater, less).order > 0) << Calling::show(less);
        EXPECT_TRUE(compare(less, less).order == 0) << Calling::show(less);
    }
    const std::pair<Value, Value> apart[] = {
        {null_value(), null_value()},     {c.list({}), c.list({})},
        {c.text("1"), of_int(1)},         {of_bool(true), of_int(1)},
        {of_timestamp(0, 0), of_date(0)}, {of_money(1, 0x455552), of_money(1, 0x555344)},
        {c.map({}), c.map({})},           {of_type(Types::of(TypeKind::int_)), of_int(1)},
    };
    for (const auto &[a, b] : apart) EXPECT_FALSE(compare(a, b).comparable) << Calling::show(a);
}

TEST(MapView, FindsWhatASearchOfAllKeysFinds) {
    const auto seed = std::random_device()();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    for (int round = 0; round < 300; ++round) {
        Calling c({});
        MapBuilder builder(c.memory);
        std::vector<Value> keys;
        const auto any_key = [&] {
            const auto kind = random() % 6;
            if (kind == 0) return of_bool(random() % 2 != 0);
            if (kind == 1) return c.text(std::to_string(random() % 40));
            return any_number(random);
        };
        for (auto left = random() % 40; left > 0; --left) {
            const auto key = any_key();
            if (builder.add(key, of_uint(keys.size())).failed()) continue;
            keys.push_back(key);
        }
        const auto map = builder.map();
        EXPECT_EQ(map.map->slots != 0, keys.size() > MapView::kIndexFrom);
        for (int i = 0; i < 100; ++i) {
            const auto wanted = any_key();
            const bool number = wanted.kind >= Kind::int_ && wanted.kind <= Kind::double_;
            std::size_t place = 0;
            for (; place < keys.size(); ++place) {
                const bool number_key = keys[place].is(Kind::int_) || keys[place].is(Kind::uint_);
                if (number && number_key ? exactly(wanted) == exactly(keys[place])
                                         : !number && equal_scalars(wanted, keys[place]))
                    break;
            }
            const auto *found = map.map->find(wanted);
            ASSERT_EQ(found != nullptr, place < keys.size()) << Calling::show(wanted);
            if (found != nullptr) {
                EXPECT_EQ(found->u, place);
            }
        }
        EXPECT_EQ(map.map->find(of_double(kNan)), nullptr);
        EXPECT_EQ(map.map->find(of_double(0.5)), nullptr);
        EXPECT_EQ(map.map->find(null_value()), nullptr);
    }
}

}  // namespace
}  // namespace kith::expr
