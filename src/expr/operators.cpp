// Operators, size, type and dyn. && || ?: and what is optional are the evaluator's.
#include "expr/library.hpp"
#include "expr/list_reader.hpp"
#include "expr/schema.hpp"
#include "expr/text_builder.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace kith::expr {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;  // of a duration

Value overflowed() { return fail(Code::overflow, "the result is outside the range of its type"); }
Value divided_by_zero() { return fail(Code::div_zero, "division by zero: test the divisor first"); }

// ---- time

__int128 nanos_of(const Value &timestamp) { return __int128{timestamp.i} * kSecond + timestamp.size; }

Value timestamp_at(__int128 nanos) {
    auto seconds = nanos / kSecond, rest = nanos % kSecond;
    if (rest < 0) {
        rest += kSecond;
        --seconds;
    }
    if (seconds < kMinSeconds || seconds > kMaxSeconds) return overflowed();
    return of_timestamp(static_cast<std::int64_t>(seconds), static_cast<std::uint32_t>(rest));
}

Value duration_of(__int128 nanos) {
    if (nanos < INT64_MIN || nanos > INT64_MAX) return overflowed();
    return of_duration(static_cast<std::int64_t>(nanos));
}

// ---- texts and lists

Value joined(Call &call, const Value &a, const Value &b) {
    if (a.size == 0) return b;
    if (b.size == 0) return a;
    const auto size = std::uint64_t{a.size} + b.size;
    if (!call.charge(text_cost(a.size) + text_cost(b.size))) return out_of_budget();
    char *text = new_text(call, size);
    if (text == nullptr) return out_of_memory();
    std::memcpy(text, a.text, a.size);
    std::memcpy(text + a.size, b.text, b.size);
    return of_text({text, size}, a.kind);
}

Value concatenated(Call &call, const Value &a, const Value &b) {
    if (!a.lazy && a.size == 0) return b;
    if (!b.lazy && b.size == 0) return a;
    ListBuilder list(call.memory);
    if (!a.lazy && !b.lazy && (a.size > UINT32_MAX - b.size || !list.reserve(a.size + b.size)))
        return out_of_memory();
    for (const auto *part : {&a, &b}) {
        ListReader reader(call, *part);
        for (Value item; reader.next(item);) {
            if (!list.add(item)) return out_of_memory();
        }
        if (reader.error().failed()) return reader.error();
    }
    return list.list();
}

std::optional<std::uint32_t> known_size(const Value &list) {
    return list.lazy ? list.range->size() : std::optional(list.size);
}

Value item_at(Call &call, const Value &list, const Value &place) {
    constexpr double kTwo32 = 0x1p32;
    std::uint64_t index = UINT64_MAX;
    switch (place.kind) {
        case Kind::int_:
        case Kind::uint_:
            index = place.u;  // a negative one is too large
            break;
        case Kind::double_:
            if (place.d >= 0 && place.d < kTwo32) {
                const auto whole = static_cast<std::uint64_t>(place.d);
                if (static_cast<double>(whole) == place.d) index = whole;
            }
            break;
        default:
            return no_overload();
    }
    const auto outside = fail(Code::index, "the list has no element there: places are 0 to size - 1");
    if (const auto size = known_size(list); index > UINT32_MAX || (size && index >= *size)) return outside;
    if (!list.lazy) return list.items[index];
    ListReader reader(call, list);
    Value item;
    for (std::uint64_t i = 0; reader.next(item); ++i) {
        if (i == index) return item;
    }
    return reader.error().failed() ? reader.error() : outside;
}

// The value of a key, null where it is absent; false where the budget is used up.
bool look_up(Call &call, const Value &map, const Value &key, const Value *&value) {
    if (key.is(Kind::string) && !call.charge(text_cost(key.size))) return false;
    value = map.map->find(key);
    return true;
}

// ---- rows

Value plus(Call &call, const Value *args, std::uint32_t) { return add(call, args[0], args[1]); }

Value minus(Call &, const Value *args, std::uint32_t) {
    const auto &a = args[0], &b = args[1];
    switch (a.kind) {
        case Kind::int_: {
            std::int64_t result = 0;
            return __builtin_sub_overflow(a.i, b.i, &result) ? overflowed() : of_int(result);
        }
        case Kind::uint_:
            return a.u < b.u ? overflowed() : of_uint(a.u - b.u);
        case Kind::double_:
            return of_double(a.d - b.d);
        case Kind::timestamp:
            if (b.is(Kind::duration)) return timestamp_at(nanos_of(a) - b.i);
            return duration_of(nanos_of(a) - nanos_of(b));
        case Kind::duration:
            return duration_of(__int128{a.i} - b.i);
        default:
            return no_overload();
    }
}

Value times(Call &, const Value *args, std::uint32_t) {
    const auto &a = args[0], &b = args[1];
    if (a.is(Kind::double_)) return of_double(a.d * b.d);
    if (a.is(Kind::int_)) {
        std::int64_t result = 0;
        return __builtin_mul_overflow(a.i, b.i, &result) ? overflowed() : of_int(result);
    }
    std::uint64_t result = 0;
    return __builtin_mul_overflow(a.u, b.u, &result) ? overflowed() : of_uint(result);
}

Value divided(Call &, const Value *args, std::uint32_t) {
    const auto &a = args[0], &b = args[1];
    if (a.is(Kind::double_)) return of_double(a.d / b.d);
    if (b.i == 0) return divided_by_zero();
    if (a.is(Kind::uint_)) return of_uint(a.u / b.u);
    return a.i == INT64_MIN && b.i == -1 ? overflowed() : of_int(a.i / b.i);
}

// cel-go and cel-cpp refuse the remainder wherever the quotient overflows; so does this.
Value remainder(Call &, const Value *args, std::uint32_t) {
    const auto &a = args[0], &b = args[1];
    if (b.i == 0) return divided_by_zero();
    if (a.is(Kind::uint_)) return of_uint(a.u % b.u);
    return a.i == INT64_MIN && b.i == -1 ? overflowed() : of_int(a.i % b.i);
}

Value negated(Call &, const Value *args, std::uint32_t) {
    const auto &a = args[0];
    if (a.is(Kind::double_)) return of_double(-a.d);
    return a.i == INT64_MIN ? overflowed() : of_int(-a.i);
}

Value inverted(Call &, const Value *args, std::uint32_t) { return of_bool(args[0].i == 0); }

Value equals(Call &call, const Value *args, std::uint32_t) { return equal(call, args[0], args[1]); }

Value differs(Call &call, const Value *args, std::uint32_t) {
    const auto result = equal(call, args[0], args[1]);
    return result.failed() ? result : of_bool(result.i == 0);
}

template <bool kLess, bool kEqual, bool kGreater>
Value ordered(Call &call, const Value *args, std::uint32_t) {
    const auto &a = args[0], &b = args[1];
    if ((a.is(Kind::string) || a.is(Kind::bytes)) && !call.charge(text_cost(std::min(a.size, b.size))))
        return out_of_budget();
    const auto [comparable, order] = compare(a, b);
    if (comparable) return of_bool((kLess && order < 0) || (kEqual && order == 0) || (kGreater && order > 0));
    return a.is(Kind::money) && b.is(Kind::money) ? other_currency() : no_overload();
}

Value is_in(Call &call, const Value *args, std::uint32_t) { return contains_element(call, args[0], args[1]); }
Value at(Call &call, const Value *args, std::uint32_t) { return element_at(call, args[0], args[1]); }
Value size(Call &call, const Value *args, std::uint32_t) { return size_of(call, args[0]); }
Value dynamic(Call &, const Value *args, std::uint32_t) { return args[0]; }

Value type_of(Call &call, const Value *args, std::uint32_t) {
    static constexpr TypeKind kTypes[] = {
        TypeKind::null,   TypeKind::boolean, TypeKind::int_,      TypeKind::uint_,    TypeKind::double_,
        TypeKind::string, TypeKind::bytes,   TypeKind::timestamp, TypeKind::duration, TypeKind::list,
        TypeKind::map,    TypeKind::type,    TypeKind::optional,  TypeKind::record,   TypeKind::money,
        TypeKind::date,   TypeKind::calendar};
    static_assert(std::size(kTypes) == static_cast<std::size_t>(Kind::error));
    const auto &value = args[0];
    if (value.is(Kind::record) && call.schema != nullptr) return of_type(call.schema->record_type(value.tag));
    const auto kind = static_cast<std::size_t>(value.kind);
    return kind < std::size(kTypes) ? of_type(Types::of(kTypes[kind])) : value;
}

constexpr Overload kOperators[] = {
    {"_+_", "(int, int): int", plus},
    {"_+_", "(uint, uint): uint", plus},
    {"_+_", "(double, double): double", plus},
    {"_+_", "(string, string): string", plus, Work::linear, Growth::sum},
    {"_+_", "(bytes, bytes): bytes", plus, Work::linear, Growth::sum},
    {"_+_", "(list(A), list(A)): list(A)", plus, Work::linear, Growth::sum},
    {"_+_", "(timestamp, duration): timestamp", plus},
    {"_+_", "(duration, timestamp): timestamp", plus},
    {"_+_", "(duration, duration): duration", plus},
    {"_-_", "(int, int): int", minus},
    {"_-_", "(uint, uint): uint", minus},
    {"_-_", "(double, double): double", minus},
    {"_-_", "(timestamp, timestamp): duration", minus},
    {"_-_", "(timestamp, duration): timestamp", minus},
    {"_-_", "(duration, duration): duration", minus},
    {"_*_", "(int, int): int", times},
    {"_*_", "(uint, uint): uint", times},
    {"_*_", "(double, double): double", times},
    {"_/_", "(int, int): int", divided},
    {"_/_", "(uint, uint): uint", divided},
    {"_/_", "(double, double): double", divided},
    {"_%_", "(int, int): int", remainder},
    {"_%_", "(uint, uint): uint", remainder},
    {"-_", "(int): int", negated},
    {"-_", "(double): double", negated},
    {"!_", "(bool): bool", inverted},
    {"_==_", "(A, A): bool", equals, Work::linear},
    {"_!=_", "(A, A): bool", differs, Work::linear},
    {"@in", "(A, list(A)): bool", is_in, Work::linear},
    {"@in", "(A, map(A, B)): bool", is_in, Work::linear},
    {"_[_]", "(list(A), int): A", at, Work::linear, Growth::element},
    {"_[_]", "(map(A, B), A): B", at, Work::linear, Growth::element},
    {"size", "(string): int", size, Work::linear},
    {"size", "string.(): int", size, Work::linear},
    {"size", "(bytes): int", size},
    {"size", "bytes.(): int", size},
    {"size", "(list(A)): int", size, Work::linear},
    {"size", "list(A).(): int", size, Work::linear},
    {"size", "(map(A, B)): int", size},
    {"size", "map(A, B).(): int", size},
    {"type", "(A): type(A)", type_of},
    {"dyn", "(A): dyn", dynamic, Work::one, Growth::first},
};

struct Operator {
    std::string_view name;
    Function function;
};
constexpr Operator kOrders[] = {
    {"_<_", ordered<true, false, false>},
    {"_<=_", ordered<true, true, false>},
    {"_>_", ordered<false, false, true>},
    {"_>=_", ordered<false, true, true>},
};
constexpr std::string_view kOrdered[] = {
    "(string, string): bool",
    "(bytes, bytes): bool",
    "(bool, bool): bool",
    "(int, int): bool",
    "(uint, uint): bool",
    "(double, double): bool",
    "(int, uint): bool",
    "(int, double): bool",
    "(uint, int): bool",
    "(uint, double): bool",
    "(double, int): bool",
    "(double, uint): bool",
    "(timestamp, timestamp): bool",
    "(duration, duration): bool",
    "(date, date): bool",
    "(money, money): bool",
};

constexpr auto kAll = [] {
    std::array<Overload, std::size(kOperators) + std::size(kOrders) * std::size(kOrdered)> all{};
    std::size_t i = 0;
    for (const auto &row : kOperators) all[i++] = row;
    for (const auto &[name, function] : kOrders) {
        for (const auto &signature : kOrdered)
            all[i++] = {name, signature, function, &signature < kOrdered + 2 ? Work::linear : Work::one};
    }
    return all;
}();

}  // namespace

Value add(Call &call, const Value &a, const Value &b) {
    if (a.is(Kind::timestamp) && b.is(Kind::duration)) return timestamp_at(nanos_of(a) + b.i);
    if (a.is(Kind::duration) && b.is(Kind::timestamp)) return timestamp_at(nanos_of(b) + a.i);
    if (a.kind != b.kind) return no_overload();
    switch (a.kind) {
        case Kind::int_: {
            std::int64_t sum = 0;
            return __builtin_add_overflow(a.i, b.i, &sum) ? overflowed() : of_int(sum);
        }
        case Kind::uint_: {
            std::uint64_t sum = 0;
            return __builtin_add_overflow(a.u, b.u, &sum) ? overflowed() : of_uint(sum);
        }
        case Kind::double_:
            return of_double(a.d + b.d);
        case Kind::string:
        case Kind::bytes:
            return joined(call, a, b);
        case Kind::list:
            return concatenated(call, a, b);
        case Kind::duration:
            return duration_of(__int128{a.i} + b.i);
        case Kind::money:
            return add_money(a, b);
        default:
            return no_overload();
    }
}

Value element_at(Call &call, const Value &a, const Value &b) {
    if (a.is(Kind::list)) return item_at(call, a, b);
    if (!a.is(Kind::map)) return no_overload();
    const Value *value = nullptr;
    if (!look_up(call, a, b, value)) return out_of_budget();
    return value ? *value : fail(Code::no_key, "the map has no such key: test with `key in map` or has()");
}

static Value contains_text(Call &call, const Value &text, const Value &list) {
    for (const auto *item = list.items, *end = item + list.size; item != end; ++item) {
        const bool alike = item->is(Kind::string) && item->size == text.size;
        if (!call.charge(alike ? 1 + text_cost(text.size) : 1)) return out_of_budget();
        if (alike && (text.size == 0 || std::memcmp(item->text, text.text, text.size) == 0))
            return of_bool(true);
    }
    return of_bool(false);
}

Value contains_element(Call &call, const Value &element, const Value &list) {
    if (list.is(Kind::map)) {
        const Value *value = nullptr;
        if (!look_up(call, list, element, value)) return out_of_budget();
        return of_bool(value != nullptr);
    }
    if (!list.is(Kind::list)) return no_overload();
    // A text among texts, by far the commonest: compared in place.
    if (element.is(Kind::string) && !list.lazy) return contains_text(call, element, list);
    ListReader reader(call, list);
    for (Value item; reader.next(item);) {
        const auto result = equal(call, element, item);
        if (result.failed() || result.i != 0) return result;
    }
    return reader.error().failed() ? reader.error() : of_bool(false);
}

Value size_of(Call &call, const Value &value) {
    switch (value.kind) {
        case Kind::string: {
            if (!call.charge(text_cost(value.size))) return out_of_budget();
            return of_int(count_characters(value.view()));
        }
        case Kind::bytes:
            return of_int(value.size);
        case Kind::map:
            if (const auto &all = value.map->all(); all.wrong.failed()) return all.wrong;
            return of_int(value.map->all().count);
        case Kind::list: {
            if (const auto size = known_size(value)) return of_int(*size);
            ListReader reader(call, value);
            std::int64_t count = 0;
            for (Value item; reader.next(item);) ++count;
            return reader.error().failed() ? reader.error() : of_int(count);
        }
        default:
            return no_overload();
    }
}

std::span<const Overload> operator_functions() { return kAll; }

}  // namespace kith::expr
