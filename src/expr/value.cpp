// Equality, order and hashes of values.
#include "expr/value.hpp"

#include "base/hash.hpp"
#include "expr/limits.hpp"
#include "expr/list_reader.hpp"

#include <algorithm>
#include <cstring>

namespace kith::expr {

namespace {

bool is_number(const Value &value) { return value.kind >= Kind::int_ && value.kind <= Kind::double_; }
bool is_text(const Value &value) { return value.is(Kind::string) || value.is(Kind::bytes); }

double as_double(const Value &number) {
    if (number.is(Kind::double_)) return number.d;
    return number.is(Kind::int_) ? static_cast<double>(number.i) : static_cast<double>(number.u);
}

std::strong_ordering compare_texts(std::string_view a, std::string_view b) {
    const auto common = std::min(a.size(), b.size());
    const int order = common ? std::memcmp(a.data(), b.data(), common) : 0;
    return order != 0 ? order <=> 0 : a.size() <=> b.size();
}

// A double that is a whole number as the int or uint of the same value; false where there is none.
bool as_integer(double d, Value &out) {
    constexpr double kTwo63 = 0x1p63, kTwo64 = 0x1p64;
    if (d >= -kTwo63 && d < kTwo63) {
        out = of_int(static_cast<std::int64_t>(d));
    } else if (d >= 0 && d < kTwo64) {
        out = of_uint(static_cast<std::uint64_t>(d));
    } else {
        return false;
    }
    return as_double(out) == d;
}

std::uint64_t mixed(std::uint64_t bits) {  // the finalizer of MurmurHash3, Austin Appleby
    bits = (bits ^ bits >> 33) * 0xff51afd7ed558ccd;
    bits = (bits ^ bits >> 33) * 0xc4ceb9fe1a85ec53;
    return bits ^ bits >> 33;
}

Value equal_at(Call &call, const Value &a, const Value &b, std::uint32_t depth);

Value equal_lists(Call &call, const Value &a, const Value &b, std::uint32_t depth) {
    if (!a.lazy && !b.lazy && a.size != b.size) return of_bool(false);
    ListReader left(call, a), right(call, b);
    for (;;) {
        Value x, y;
        const bool more = left.next(x);
        if (left.error().failed()) return left.error();
        const bool right_more = right.next(y);
        if (right.error().failed()) return right.error();
        if (!more || !right_more) return of_bool(more == right_more);
        if (!call.charge(kEqualCost - 1)) return out_of_budget();  // the reader has charged one
        const auto result = equal_at(call, x, y, depth);
        if (result.failed() || result.i == 0) return result;
    }
}

Value equal_maps(Call &call, const MapView &left, const MapView &right, std::uint32_t depth) {
    const auto &a = left.all(), &b = right.all();
    for (const auto *one : {&a, &b}) {
        if (one->wrong.failed()) return one->wrong;
    }
    if (a.count != b.count) return of_bool(false);
    for (std::uint32_t i = 0; i < a.count; ++i) {
        const auto &key = a.keys[i];
        if (!call.charge(kEqualCost + (is_text(key) ? text_cost(key.size) : 0))) return out_of_budget();
        const auto *value = b.find(key);
        if (value == nullptr) return of_bool(false);
        const auto result = equal_at(call, a.values[i], *value, depth);
        if (result.failed() || result.i == 0) return result;
    }
    return of_bool(true);
}

// Recursion is bounded: an expression cannot nest values this deep, a binding might.
Value equal_at(Call &call, const Value &a, const Value &b, std::uint32_t depth) {
    if (a.failed()) return a;
    if (b.failed()) return b;
    if (a.kind != b.kind) return of_bool(is_number(a) && is_number(b) && equal_scalars(a, b));
    if (depth > kDepthMax) return fail(Code::depth, "the values to compare are nested too deeply");
    switch (a.kind) {
        case Kind::list:
            return equal_lists(call, a, b, depth + 1);
        case Kind::map:
            return equal_maps(call, *a.map, *b.map, depth + 1);
        case Kind::optional:
            if (a.items == nullptr || b.items == nullptr) return of_bool(a.items == b.items);
            if (!call.charge(kEqualCost)) return out_of_budget();
            return equal_at(call, *a.items, *b.items, depth + 1);
        case Kind::record:
            return of_bool(a.tag == b.tag &&
                           (a.object == b.object ||
                            (call.schema != nullptr && call.schema->record(a.tag).same(a.object, b.object))));
        case Kind::string:
        case Kind::bytes:
            if (a.size == b.size && !call.charge(text_cost(a.size))) return out_of_budget();
            [[fallthrough]];
        default:
            return of_bool(equal_scalars(a, b));
    }
}

}  // namespace

const Value *MapView::find(const Value &key) const {
    if (entries) return entries->find(key);
    // Keys are never doubles. Equality with one would round a large int, so that two keys could equal it.
    Value exact = key;
    if (key.is(Kind::double_) && !as_integer(key.d, exact)) return nullptr;
    if (slots == 0) {
        for (std::uint32_t i = 0; i < count; ++i) {
            if (equal_scalars(keys[i], exact)) return values + i;
        }
        return nullptr;
    }
    for (auto slot = hash(exact);; ++slot) {
        const auto place = index[slot & (slots - 1)];
        if (place == 0) return nullptr;
        if (equal_scalars(keys[place - 1], exact)) return values + (place - 1);
    }
}

std::partial_ordering compare_numbers(const Value &a, const Value &b) {
    // An integer meets a double as a double: that also orders it right with doubles beyond its range.
    if (a.is(Kind::double_) || b.is(Kind::double_)) return as_double(a) <=> as_double(b);
    if (a.is(Kind::int_) && b.is(Kind::int_)) return a.i <=> b.i;
    if (a.is(Kind::int_) && a.i < 0) return std::partial_ordering::less;
    if (b.is(Kind::int_) && b.i < 0) return std::partial_ordering::greater;
    return a.u <=> b.u;
}

bool equal_scalars(const Value &a, const Value &b) {
    if (a.kind != b.kind) return is_number(a) && is_number(b) && compare_numbers(a, b) == 0;
    switch (a.kind) {
        case Kind::null:
            return true;
        case Kind::boolean:
        case Kind::int_:
        case Kind::uint_:
        case Kind::duration:
        case Kind::date:
            return a.i == b.i;
        case Kind::double_:
            return a.d == b.d;
        case Kind::string:
        case Kind::bytes:
            return a.size == b.size && (a.size == 0 || std::memcmp(a.text, b.text, a.size) == 0);
        case Kind::timestamp:
        case Kind::money:
            return a.i == b.i && a.size == b.size;
        case Kind::type:  // erased: list is list, of whatever
            return a.type->kind == b.type->kind && a.type->name == b.type->name;
        case Kind::calendar:
            return a.calendar == b.calendar;
        default:
            return false;
    }
}

Value equal(Call &call, const Value &a, const Value &b) { return equal_at(call, a, b, 0); }

Order compare(const Value &a, const Value &b) {
    if (is_number(a) && is_number(b)) return {true, compare_numbers(a, b)};
    if (a.kind != b.kind) return {false};
    switch (a.kind) {
        case Kind::boolean:
        case Kind::duration:
        case Kind::date:
            return {true, a.i <=> b.i};
        case Kind::string:
        case Kind::bytes:
            return {true, compare_texts(a.view(), b.view())};
        case Kind::timestamp:
            return {true, a.i != b.i ? a.i <=> b.i : a.size <=> b.size};
        case Kind::money:
            if (a.size == b.size) return {true, a.i <=> b.i};
            return {false};
        default:
            return {false};
    }
}

std::uint64_t hash(const Value &key) {
    const auto kind = static_cast<std::uint64_t>(key.kind) << 56;
    switch (key.kind) {
        case Kind::int_:
        case Kind::uint_:
        case Kind::double_: {
            // By its double, since that is how numbers of different kinds are equal; 0.0 for -0.0.
            const double d = as_double(key) + 0.0;
            std::uint64_t bits = 0;
            std::memcpy(&bits, &d, sizeof bits);
            return mixed(bits);
        }
        case Kind::string:
        case Kind::bytes:
            return base::hash64(base::bytes_of(key.view()));
        case Kind::boolean:
        case Kind::duration:
        case Kind::date:
        case Kind::timestamp:
        case Kind::money:
            return mixed(mixed(key.u ^ kind) + key.size);
        case Kind::type:
            return mixed(kind + static_cast<std::uint64_t>(key.type->kind));
        case Kind::map:
            return mixed(kind + key.map->all().count);
        default:  // equal ones may look different: lazy lists, two objects of one record
            return mixed(kind + key.tag);
    }
}

}  // namespace kith::expr
