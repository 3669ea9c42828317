// Goal: every operator does what the language says or fails with the right code. Method: worked tables, and
// random operands from around the bounds against 128-bit arithmetic.
#include "calling.hpp"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace kith::expr {
namespace {

class Operators : public testing::Test {
protected:
    std::string show(std::string_view name, const std::vector<Value> &args) { return c.shown(name, args); }
    Value text(std::string_view s) { return c.text(s); }
    static Value i(std::int64_t v) { return of_int(v); }
    static Value u(std::uint64_t v) { return of_uint(v); }
    static Value d(double v) { return of_double(v); }

    Calling c{operator_functions(), money_functions()};
};

TEST_F(Operators, EveryRowHasTypes) {
    Library library;
    for (const auto table :
         {operator_functions(), conversion_functions(), time_functions(), money_functions()}) {
        library.add(table);
        for (const auto &row : table) {
            ASSERT_NE(row.function, nullptr) << row.name;
            bool found = false;
            for (const auto &signature : library.find(row.name)) {
                if (signature.overload != &row) continue;
                found = true;
                ASSERT_NE(signature.result, nullptr) << row.name << row.signature;
                EXPECT_NE(signature.result->kind, TypeKind::abstract) << row.name << row.signature;
                for (const auto *param : signature.params) {
                    ASSERT_NE(param, nullptr) << row.name << row.signature;
                    EXPECT_NE(param->kind, TypeKind::abstract) << row.name << row.signature;
                }
                EXPECT_EQ(signature.member, row.signature[0] != '(') << row.name << row.signature;
            }
            EXPECT_TRUE(found) << row.name << row.signature;
        }
    }
}

TEST_F(Operators, IntegersAreCheckedAgainst128Bits) {
    const auto seed = std::random_device()();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto any = [&]() -> std::uint64_t {
        constexpr std::uint64_t kBounds[] = {0, std::uint64_t{1} << 63, UINT64_MAX, std::uint64_t{1} << 32};
        if (random() % 4 == 0) return random();
        return kBounds[random() % 4] + random() % 7 - 3;
    };
    const auto check = [&](std::string_view name, const Value &a, const Value &b, __int128 exact, bool zero) {
        const bool is_signed = a.is(Kind::int_);
        const auto result = c.call(name, {a, b});
        const __int128 least = is_signed ? INT64_MIN : 0;
        const __int128 most = is_signed ? __int128{INT64_MAX} : __int128{UINT64_MAX};
        // The remainder of the least int by -1 is refused as its quotient is.
        const bool wraps = name == "_%_" && is_signed && a.i == INT64_MIN && b.i == -1;
        if (zero) {
            EXPECT_EQ(Calling::show(result), "!div_zero");
        } else if (exact < least || exact > most || wraps) {
            EXPECT_EQ(Calling::show(result), "!overflow") << name << Calling::show(a) << Calling::show(b);
        } else {
            EXPECT_EQ(result.kind, a.kind);
            EXPECT_EQ(is_signed ? __int128{result.i} : __int128{result.u}, exact) << name << Calling::show(a);
        }
    };
    for (int round = 0; round < 50'000; ++round) {
        const auto x = any(), y = any();
        for (const bool is_signed : {true, false}) {
            const auto a = is_signed ? i(static_cast<std::int64_t>(x)) : u(x);
            const auto b = is_signed ? i(static_cast<std::int64_t>(y)) : u(y);
            const __int128 p = is_signed ? __int128{a.i} : __int128{x},
                           q = is_signed ? __int128{b.i} : __int128{y};
            check("_+_", a, b, p + q, false);
            check("_-_", a, b, p - q, false);
            // The product of two 64-bit numbers may not fit 127 bits: the bound is checked first.
            const bool huge = p != 0 && (p > 0 ? p : -p) > (__int128{1} << 100) / ((q > 0 ? q : -q) + 1);
            if (!huge) check("_*_", a, b, p * q, false);
            check("_/_", a, b, q == 0 ? 0 : p / q, q == 0);
            check("_%_", a, b, q == 0 ? 0 : p % q, q == 0);
        }
        const auto negated = c.call("-_", {i(static_cast<std::int64_t>(x))});
        if (static_cast<std::int64_t>(x) == INT64_MIN) {
            EXPECT_EQ(Calling::show(negated), "!overflow");
        } else {
            EXPECT_EQ(negated.i, -static_cast<std::int64_t>(x));
        }
    }
    EXPECT_EQ(show("_*_", {i(5'000'000'000), i(5'000'000'000)}), "!overflow");
    EXPECT_EQ(show("_*_", {u(UINT64_MAX), u(UINT64_MAX)}), "!overflow");
    EXPECT_EQ(show("_*_", {i(INT64_MIN), i(INT64_MIN)}), "!overflow");
}

TEST_F(Operators, DivisionTruncatesAndTheRemainderHasTheDividendsSign) {
    EXPECT_EQ(show("_/_", {i(-7), i(2)}), "-3");
    EXPECT_EQ(show("_%_", {i(43), i(-5)}), "3");
    EXPECT_EQ(show("_%_", {i(-42), i(-5)}), "-2");
    EXPECT_EQ(show("_%_", {i(-3), i(5)}), "-3");
}

TEST_F(Operators, DoublesAreIeee) {
    EXPECT_EQ(show("_/_", {d(15.75), d(0)}), "inf");
    EXPECT_EQ(show("_*_", {d(-2), d(8.988466e+307)}), "-inf");
    EXPECT_TRUE(std::isnan(c.call("_/_", {d(0), d(0)}).d));
    EXPECT_EQ(show("_-_", {d(-4.875), d(-0.125)}), "-4.75");
    EXPECT_TRUE(std::signbit(c.call("-_", {d(0)}).d));
}

TEST_F(Operators, KindsDoNotMix) {
    for (const auto *name : {"_+_", "_-_", "_*_", "_/_", "_%_"}) {
        EXPECT_EQ(show(name, {i(1), u(1)}), "!no_overload");
        EXPECT_EQ(show(name, {i(1), d(1)}), "!no_overload");
    }
    EXPECT_EQ(show("_%_", {d(1), d(1)}), "!no_overload");
    EXPECT_EQ(show("-_", {u(1)}), "!no_overload");
    EXPECT_EQ(show("!_", {i(1)}), "!no_overload");
    Call call(c.memory, c.patterns, c.moment, nullptr, kBudget);
    EXPECT_EQ(Calling::show(add(call, i(1), u(1))), "!no_overload");
    EXPECT_EQ(Calling::show(add(call, text("a"), c.bytes("a"))), "!no_overload");
    EXPECT_EQ(Calling::show(add(call, null_value(), null_value())), "!no_overload");
    EXPECT_EQ(Calling::show(add(call, of_timestamp(0, 0), of_timestamp(0, 0))), "!no_overload");
    EXPECT_EQ(Calling::show(element_at(call, i(1), i(1))), "!no_overload");
    EXPECT_EQ(Calling::show(contains_element(call, i(1), i(1))), "!no_overload");
    EXPECT_EQ(Calling::show(size_of(call, i(1))), "!no_overload");
}

TEST_F(Operators, TimesKeepToTheCalendar) {
    const auto at = of_timestamp;
    const auto ns = of_duration;
    EXPECT_EQ(show("_+_", {at(0, 999'999'999), ns(1)}), "1.0t");
    EXPECT_EQ(show("_+_", {ns(-1), at(0, 0)}), "-1.999999999t");
    EXPECT_EQ(show("_-_", {at(0, 0), ns(1)}), "-1.999999999t");
    EXPECT_EQ(show("_-_", {at(1, 0), at(0, 1)}), "999999999ns");
    EXPECT_EQ(show("_+_", {at(kMaxSeconds, 999'999'998), ns(1)}), "253402300799.999999999t");
    EXPECT_EQ(show("_+_", {at(kMaxSeconds, 999'999'999), ns(1)}), "!overflow");
    EXPECT_EQ(show("_-_", {at(kMinSeconds, 0), ns(1)}), "!overflow");
    EXPECT_EQ(show("_-_", {at(kMinSeconds, 1), ns(1)}), "-62135596800.0t");
    EXPECT_EQ(show("_-_", {at(0, 0), ns(INT64_MIN)}), "9223372036.854775808t");
    EXPECT_EQ(show("_-_", {at(kMaxSeconds, 0), at(kMinSeconds, 0)}), "!overflow");
    EXPECT_EQ(show("_-_", {at(9'223'372'036, 854'775'807), at(0, 0)}), "9223372036854775807ns");
    EXPECT_EQ(show("_-_", {at(9'223'372'036, 854'775'808), at(0, 0)}), "!overflow");
    EXPECT_EQ(show("_-_", {at(0, 0), at(9'223'372'036, 854'775'808)}), "-9223372036854775808ns");
    EXPECT_EQ(show("_+_", {ns(INT64_MAX), ns(1)}), "!overflow");
    EXPECT_EQ(show("_-_", {ns(INT64_MIN), ns(1)}), "!overflow");
    EXPECT_EQ(show("_-_", {ns(5), ns(7)}), "-2ns");
}

TEST_F(Operators, TextsAndListsJoin) {
    EXPECT_EQ(show("_+_", {text("ab"), text("c")}), "\"abc\"");
    EXPECT_EQ(show("_+_", {text(""), text("")}), "\"\"");
    EXPECT_EQ(show("_+_", {c.bytes("\xff"), c.bytes("a")}),
              "b\"\xff"
              "a\"");
    EXPECT_EQ(show("_+_", {c.list({}), c.list({})}), "[]");
    EXPECT_EQ(show("_+_", {c.list({i(1)}), c.list({i(2), i(3)})}), "[1, 2, 3]");
    EXPECT_EQ(show("_+_", {c.lazy({i(1)}), c.list({i(2)})}), "[1, 2]");
    EXPECT_EQ(show("_+_", {c.list({i(1)}), c.lazy({i(2), fail(Code::host, "gone")})}), "!host");
    EXPECT_EQ(show("_+_", {c.lazy({}), c.lazy({})}), "[]");
}

TEST_F(Operators, JoiningIsBoundedInMemoryAndBudget) {
    Calling small({operator_functions()}, kBudget, 4096);
    const auto half = small.text(std::string(2048, 'x')), more = small.text(std::string(2049, 'x'));
    EXPECT_EQ(small.call("_+_", {half, half}).size, 4096U);
    small.memory.clear();
    EXPECT_EQ(small.shown("_+_", {half, more}), "!memory");
    const auto list = small.list(std::vector<Value>(200, i(1)));
    EXPECT_EQ(small.shown("_+_", {list, list}), "!memory");
    Calling poor({operator_functions()}, 100);
    const auto text = poor.text(std::string(1600, 'x'));
    EXPECT_EQ(poor.shown("_+_", {text, poor.text("0123456789abcdef")}), "!cost");
    EXPECT_EQ(poor.call("_+_", {text, poor.text("x")}).size, 1601U);
    EXPECT_EQ(poor.cost, 100U);
    EXPECT_EQ(poor.shown("_+_", {poor.list(std::vector<Value>(100, i(1))), poor.list({i(1)})}), "!cost");
}

TEST_F(Operators, Logic) {
    EXPECT_EQ(show("!_", {of_bool(true)}), "false");
    EXPECT_EQ(show("_==_", {i(1), d(1)}), "true");
    EXPECT_EQ(show("_!=_", {i(1), d(1)}), "false");
    EXPECT_EQ(show("_!=_", {d(NAN), d(NAN)}), "true");
    EXPECT_EQ(show("_==_", {null_value(), text("")}), "false");
    EXPECT_EQ(show("_!=_", {c.lazy({fail(Code::host, "gone")}), c.list({i(1)})}), "!host");
}

TEST_F(Operators, OrderOfMixedNumbers) {
    const struct {
        Value a, b;
        std::string_view expect;  // of < <= > >=
    } rows[] = {
        {i(1), d(1.5), "TTFF"},
        {i(-1), u(0), "TTFF"},
        {u(2), i(1), "FFTT"},
        {d(1), u(1), "FTFT"},
        {i(INT64_MAX), d(9223372036854775808.0), "FTFT"},  // as doubles they are equal
        {i(INT64_MAX), d(9223372036854777857.0), "TTFF"},
        {i(INT64_MIN), d(-9223372036854775809.0), "FTFT"},
        {i(INT64_MIN), d(-9223372036854777857.0), "FFTT"},
        {u(UINT64_MAX), d(18446744073709590000.0), "TTFF"},
        {d(18446744073709553665.0), u(UINT64_MAX), "FFTT"},
        {i(1), u(9223372036854775808U), "TTFF"},
        {u(UINT64_MAX), i(INT64_MIN), "FFTT"},
        {d(NAN), i(1), "FFFF"},
        {d(NAN), d(NAN), "FFFF"},
        {of_bool(false), of_bool(true), "TTFF"},
        {of_date(1), of_date(1), "FTFT"},
        {text("a"), text("AB"), "FFTT"},
    };
    static constexpr const char *kNames[] = {"_<_", "_<=_", "_>_", "_>=_"};
    for (const auto &row : rows) {
        for (std::size_t k = 0; k < 4; ++k) {
            EXPECT_EQ(show(kNames[k], {row.a, row.b}), row.expect[k] == 'T' ? "true" : "false")
                << kNames[k] << Calling::show(row.a) << ' ' << Calling::show(row.b);
        }
    }
    EXPECT_EQ(show("_<_", {null_value(), null_value()}), "!no_overload");
    EXPECT_EQ(show("_<_", {c.list({}), c.list({})}), "!no_overload");
    EXPECT_EQ(show("_<_", {text("1"), i(1024)}), "!no_overload");
    EXPECT_EQ(show("_<_", {of_money(1, 0x455552), of_money(2, 0x455552)}), "true");
    EXPECT_EQ(show("_<_", {of_money(1, 0x455552), of_money(2, 0x555344)}), "!currency");
}

TEST_F(Operators, In) {
    const auto list = c.list({i(5), u(4), d(3), text("x"), null_value()});
    EXPECT_EQ(show("@in", {d(5), list}), "true");
    EXPECT_EQ(show("@in", {i(3), list}), "true");
    EXPECT_EQ(show("@in", {null_value(), list}), "true");
    EXPECT_EQ(show("@in", {text("y"), list}), "false");
    EXPECT_EQ(show("@in", {text("y"), c.list({})}), "false");
    const GivenRange range({i(1), i(2), fail(Code::host, "gone")});
    EXPECT_EQ(show("@in", {i(2), of_range(&range)}), "true");
    EXPECT_EQ(range.read, 2U);
    EXPECT_EQ(show("@in", {i(4), of_range(&range)}), "!host");
    const auto map = c.map({{i(1), null_value()}, {text("k"), i(2)}});
    EXPECT_EQ(show("@in", {d(1), map}), "true");
    EXPECT_EQ(show("@in", {d(1.5), map}), "false");
    EXPECT_EQ(show("@in", {text("k"), map}), "true");
    EXPECT_EQ(show("@in", {text("j"), map}), "false");
    Calling poor({operator_functions()}, 10);
    EXPECT_EQ(poor.shown("@in", {i(2), poor.list(std::vector<Value>(11, i(1)))}), "!cost");
    EXPECT_EQ(poor.shown("@in", {i(2), poor.list(std::vector<Value>(10, i(1)))}), "false");
}

TEST_F(Operators, Index) {
    Call call(c.memory, c.patterns, c.moment, nullptr, kBudget);
    const GivenRange range({i(7), i(8), i(9)});
    for (const auto &list : {c.list({i(7), i(8), i(9)}), of_range(&range)}) {
        const std::pair<Value, const char *> rows[] = {{i(0), "7"},
                                                       {i(2), "9"},
                                                       {u(1), "8"},
                                                       {d(2), "9"},
                                                       {d(-0.0), "7"},
                                                       {i(3), "!index"},
                                                       {i(-1), "!index"},
                                                       {u(UINT64_MAX), "!index"},
                                                       {d(0.1), "!index"},
                                                       {d(3), "!index"},
                                                       {d(-1), "!index"},
                                                       {d(NAN), "!index"},
                                                       {d(1e300), "!index"},
                                                       {i(1LL << 32), "!index"},
                                                       {text(""), "!no_overload"},
                                                       {null_value(), "!no_overload"}};
        for (const auto &[place, expect] : rows)
            EXPECT_EQ(Calling::show(element_at(call, list, place)), expect) << Calling::show(place);
    }
    const auto map = c.map({{i(1), text("a")}, {u(2), text("b")}, {text("k"), text("c")}});
    EXPECT_EQ(show("_[_]", {map, u(1)}), "\"a\"");
    EXPECT_EQ(show("_[_]", {map, d(2)}), "\"b\"");
    EXPECT_EQ(show("_[_]", {map, text("k")}), "\"c\"");
    EXPECT_EQ(show("_[_]", {map, d(1.1)}), "!no_key");
    EXPECT_EQ(show("_[_]", {map, of_bool(true)}), "!no_key");
    EXPECT_EQ(show("_[_]", {map, null_value()}), "!no_key");
    EXPECT_EQ(show("_[_]", {c.lazy({fail(Code::host, "gone")}), i(0)}), "!host");
}

struct Counted : GivenRange {
    using GivenRange::GivenRange;
    std::optional<std::uint32_t> size() const override { return 3; }
};

TEST_F(Operators, Size) {
    EXPECT_EQ(show("size", {text("h\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80")}), "4");
    EXPECT_EQ(show("size", {text("")}), "0");
    EXPECT_EQ(show("size", {c.bytes("\xC3\xA9")}), "2");
    EXPECT_EQ(show("size", {c.list({i(1), i(2)})}), "2");
    EXPECT_EQ(show("size", {c.map({{i(1), i(2)}})}), "1");
    const GivenRange range({i(1), i(2)});
    EXPECT_EQ(show("size", {of_range(&range)}), "2");
    EXPECT_GE(c.cost, 2U);
    const Counted counted({i(1), i(2), i(3)});
    EXPECT_EQ(show("size", {of_range(&counted)}), "3");
    EXPECT_EQ(counted.read, 0U);
    EXPECT_EQ(show("_[_]", {of_range(&counted), i(3)}), "!index");
    EXPECT_EQ(counted.read, 0U);
}

TEST_F(Operators, TypeIsErased) {
    const auto type = [&](const Value &value) { return to_text(c.call("type", {value}).type); };
    EXPECT_EQ(type(null_value()), "null_type");
    EXPECT_EQ(type(of_bool(true)), "bool");
    EXPECT_EQ(type(i(1)), "int");
    EXPECT_EQ(type(u(1)), "uint");
    EXPECT_EQ(type(d(1)), "double");
    EXPECT_EQ(type(text("")), "string");
    EXPECT_EQ(type(c.bytes("")), "bytes");
    EXPECT_EQ(type(of_timestamp(0, 0)), "google.protobuf.Timestamp");
    EXPECT_EQ(type(of_duration(0)), "google.protobuf.Duration");
    EXPECT_EQ(type(c.list({i(1)})), "list");
    EXPECT_EQ(type(c.map({})), "map");
    EXPECT_EQ(type(of_optional(nullptr)), "optional_type");
    EXPECT_EQ(type(of_money(1, 0x455552)), "money");
    EXPECT_EQ(type(of_date(1)), "date");
    EXPECT_EQ(type(of_calendar(nullptr)), "calendar");
    EXPECT_EQ(type(c.call("type", {i(1)})), "type");
    EXPECT_EQ(show("_==_", {c.call("type", {c.list({i(1)})}), c.call("type", {c.list({text("")})})}), "true");
    EXPECT_EQ(show("_==_", {c.call("type", {i(1)}), c.call("type", {u(1)})}), "false");
    Types types;
    EXPECT_EQ(show("_==_", {c.call("type", {c.list({})}), of_type(types.parse("list(int)"))}), "true");
}

struct Thing : RecordType {
    explicit Thing(std::string name) : RecordType(std::move(name), {}) {}
    Value get(const void *, std::uint32_t, Memory &) const override { return {}; }
    bool has(const void *, std::uint32_t) const override { return false; }
};

TEST_F(Operators, TypeOfARecordIsItsSchemaType) {
    Schema schema;
    schema.add_record(std::make_unique<Thing>("Order"));
    const auto *party = schema.add_record(std::make_unique<Thing>("Party"));
    c.schema = &schema;
    const int object = 0;
    EXPECT_EQ(show("_==_", {c.call("type", {of_record(&object, 1)}), of_type(party)}), "true");
    EXPECT_EQ(show("_==_", {c.call("type", {of_record(&object, 0)}), of_type(party)}), "false");
}

}  // namespace
}  // namespace kith::expr
