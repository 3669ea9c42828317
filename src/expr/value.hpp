// A value of the language: 16 bytes, trivially copied. Texts, lists, maps and records are views of
// what the binding, the program or the evaluation's memory owns; nothing is counted or freed singly.
#pragma once

#include "expr/diagnostic.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kith::expr {

enum class Kind : std::uint8_t {
    null,
    boolean,
    int_,
    uint_,
    double_,
    string,
    bytes,
    timestamp,
    duration,
    list,
    map,
    type,
    optional,
    record,
    money,
    date,
    calendar,
    error,     // the outcome of a failed operation; never seen by an expression
    iterator,  // inside the evaluator
};

struct Value;
struct MapView;
class Range;
class Calendar;
class Iterator;
struct Type;

struct Value {
    Kind kind = Kind::null;
    bool lazy = false;      // list: `range` instead of `items`
    std::uint16_t tag = 0;  // record: its type's number in the schema; error: Code
    std::uint32_t size =
        0;  // string, bytes: bytes; list: items; timestamp: nanoseconds; money: packed currency
    union {
        std::int64_t i = 0;  // int; boolean; duration: ns; timestamp: s since 1970; money: minor units; date:
                             // days since 1970
        std::uint64_t u;     // uint
        double d;            // double
        const char *text;    // string, bytes, error (what is wrong: a static text)
        const Value *items;  // list; optional: the value or null
        const MapView *map;  // map
        const Range *range;  // list, lazy
        const Type *type;    // type
        const void *object;  // record
        const Calendar *calendar;
        Iterator *iterator;
    };

    std::string_view view() const { return {text, size}; }
    bool is(Kind k) const { return kind == k; }
    bool failed() const { return kind == Kind::error; }
    Code code() const { return static_cast<Code>(tag); }
};
static_assert(sizeof(Value) == 16);

inline Value make(Kind kind, std::int64_t i, std::uint32_t size = 0) {
    Value value;
    value.kind = kind;
    value.size = size;
    value.i = i;
    return value;
}
inline Value null_value() { return {}; }
inline Value of_bool(bool b) { return make(Kind::boolean, b); }
inline Value of_int(std::int64_t i) { return make(Kind::int_, i); }
inline Value of_uint(std::uint64_t u) { return make(Kind::uint_, static_cast<std::int64_t>(u)); }
inline Value of_double(double d) {
    Value value;
    value.kind = Kind::double_;
    value.d = d;
    return value;
}
inline Value of_text(std::string_view text, Kind kind = Kind::string) {
    Value value;
    value.kind = kind;
    value.size = static_cast<std::uint32_t>(text.size());
    value.text = text.data();
    return value;
}
inline Value of_bytes(std::string_view bytes) { return of_text(bytes, Kind::bytes); }
inline Value of_duration(std::int64_t ns) { return make(Kind::duration, ns); }
inline Value of_timestamp(std::int64_t seconds, std::uint32_t nanos) {
    return make(Kind::timestamp, seconds, nanos);
}
// Microseconds since 1970, and back; what is within a microsecond is cut off.
inline Value of_micros(std::int64_t at) {
    const auto seconds = at / 1'000'000 - (at % 1'000'000 < 0);
    return of_timestamp(seconds, static_cast<std::uint32_t>(at - seconds * 1'000'000) * 1000);
}
inline std::int64_t micros_of(const Value &timestamp) {
    return timestamp.i * 1'000'000 + timestamp.size / 1000;
}
inline Value of_date(std::int64_t days) { return make(Kind::date, days); }
inline Value of_money(std::int64_t minor, std::uint32_t currency) {
    return make(Kind::money, minor, currency);
}
inline Value of_list(const Value *items, std::uint32_t count) {
    Value value;
    value.kind = Kind::list;
    value.size = count;
    value.items = items;
    return value;
}
inline Value of_range(const Range *range) {
    Value value;
    value.kind = Kind::list;
    value.lazy = true;
    value.range = range;
    return value;
}
inline Value of_map(const MapView *map) {
    Value value;
    value.kind = Kind::map;
    value.map = map;
    return value;
}
inline Value of_type(const Type *type) {
    Value value;
    value.kind = Kind::type;
    value.type = type;
    return value;
}
inline Value of_optional(const Value *present) {  // null: none
    Value value;
    value.kind = Kind::optional;
    value.items = present;
    return value;
}
inline Value of_record(const void *object, std::uint16_t type) {
    Value value;
    value.kind = Kind::record;
    value.tag = type;
    value.object = object;
    return value;
}
inline Value of_calendar(const Calendar *calendar) {
    Value value;
    value.kind = Kind::calendar;
    value.calendar = calendar;
    return value;
}
// `what` is a static text without personal data; the place is added by the evaluator.
inline Value fail(Code code, const char *what) {
    Value value;
    value.kind = Kind::error;
    value.tag = static_cast<std::uint16_t>(code);
    value.text = what;
    return value;
}

// Entries of a map that are worked out as they are asked for: one by its key, or all.
class Entries {
public:
    virtual ~Entries() = default;
    virtual const Value *find(const Value &key) const = 0;  // null where absent
    virtual const MapView &all() const = 0;
};

// A map: keys and values side by side in the order in which they were given, and an index from hash
// to place once there are more than kIndexFrom of them.
struct MapView {
    static constexpr std::uint32_t kIndexFrom = 8;
    std::uint32_t count = 0;
    std::uint32_t slots = 0;  // size of `index`, a power of two; 0: none
    const Value *keys = nullptr;
    const Value *values = nullptr;
    const std::uint32_t *index = nullptr;  // place + 1, 0: free; linear probing from hash(key)
    const Entries *entries = nullptr;      // lazy: what is above is in all()
    Value wrong;                           // an error: why the entries cannot be listed

    const Value *find(const Value &key) const;  // null where absent; numbers by value
    const MapView &all() const { return entries ? entries->all() : *this; }
};

class Call;

// CEL equality: never an error; numbers on one line, NaN equal to nothing. Lazy lists are read, which
// may fail: then the error is returned, else a boolean.
Value equal(Call &call, const Value &a, const Value &b);
// For values without lazy lists and records: map keys, scalars.
bool equal_scalars(const Value &a, const Value &b);
// Numbers across their kinds; unordered for NaN.
std::partial_ordering compare_numbers(const Value &a, const Value &b);
// Of one kind each: bool, numbers, string, bytes, timestamp, duration, date, money of one currency.
// `comparable` false: there is no order between them.
struct Order {
    bool comparable = true;
    std::partial_ordering order = std::partial_ordering::unordered;
};
Order compare(const Value &a, const Value &b);

std::uint64_t hash(const Value &key);  // equal numbers of different kinds hash alike

}  // namespace kith::expr
