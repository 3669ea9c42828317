// Functions of optional values. Their macros, .? and [?] are the evaluator's, which also leaves the argument
// of `or` and `orValue` unevaluated where it is not needed.
#include "expr/list_reader.hpp"

namespace kith::expr {

namespace {

Value of(Call &call, const Value *args, std::uint32_t) {
    auto *kept = call.memory.array<Value>(1);
    if (kept == nullptr) return out_of_memory();
    *kept = args[0];
    return of_optional(kept);
}

Value none(Call &, const Value *, std::uint32_t) { return of_optional(nullptr); }

Value of_non_zero(Call &call, const Value *args, std::uint32_t count) {
    return is_zero_value(args[0]) ? of_optional(nullptr) : of(call, args, count);
}

Value has_value(Call &, const Value *args, std::uint32_t) { return of_bool(args[0].items != nullptr); }

Value value(Call &, const Value *args, std::uint32_t) {
    if (args[0].items == nullptr)
        return fail(Code::absent, "the optional has no value: use orValue or hasValue");
    return *args[0].items;
}

Value or_other(Call &, const Value *args, std::uint32_t) {
    return args[0].items != nullptr ? args[0] : args[1];
}

Value or_value(Call &, const Value *args, std::uint32_t) {
    return args[0].items != nullptr ? *args[0].items : args[1];
}

Value unwrap(Call &call, const Value *args, std::uint32_t) {
    ListBuilder values(call.memory);
    ListReader reader(call, args[0]);
    for (Value item; reader.next(item);) {
        if (!item.is(Kind::optional)) return no_overload();
        if (item.items != nullptr && !values.add(*item.items)) return out_of_memory();
    }
    return reader.error().failed() ? reader.error() : values.list();
}

constexpr Overload kOptionalFunctions[] = {
    {"optional.of", "(A): optional_type(A)", of, Work::one, Growth::first},
    {"optional.none", "(): optional_type(A)", none},
    {"optional.ofNonZeroValue", "(A): optional_type(A)", of_non_zero, Work::one, Growth::first},
    {"hasValue", "optional_type(A).(): bool", has_value},
    {"value", "optional_type(A).(): A", value, Work::one, Growth::first},
    {"or", "optional_type(A).(optional_type(A)): optional_type(A)", or_other, Work::one, Growth::sum},
    {"orValue", "optional_type(A).(A): A", or_value, Work::one, Growth::sum},
    {"optional.unwrap", "(list(optional_type(A))): list(A)", unwrap, Work::linear, Growth::first},
    {"unwrapOpt", "list(optional_type(A)).(): list(A)", unwrap, Work::linear, Growth::first},
};

}  // namespace

// The default of its kind: empty, zero, false, null; the instant 1970-01-01T00:00:00Z. Types, dates,
// calendars and records have none.
bool is_zero_value(const Value &value) {
    switch (value.kind) {
        case Kind::null:
            return true;
        case Kind::boolean:
        case Kind::int_:
        case Kind::uint_:
        case Kind::duration:
        case Kind::money:
            return value.i == 0;
        case Kind::double_:
            return value.d == 0;
        case Kind::string:
        case Kind::bytes:
            return value.size == 0;
        case Kind::timestamp:
            return value.i == 0 && value.size == 0;
        case Kind::list: {
            if (!value.lazy) return value.size == 0;
            if (const auto size = value.range->size()) return *size == 0;
            Value item;
            return !value.range->open({})->next(item);
        }
        case Kind::map:
            return value.map->all().count == 0;
        case Kind::optional:
            return value.items == nullptr;
        default:
            return false;
    }
}

std::span<const Overload> optional_functions() { return kOptionalFunctions; }

}  // namespace kith::expr
