// math.*: numbers. What takes int, uint and double gives the kind it was given.
#include "expr/aggregate.hpp"
#include "expr/list_reader.hpp"

#include <cmath>

namespace kith::expr {

namespace {

// The first of the winning arguments, as it is; they may be of several kinds. Of one list, its elements.
template <Aggregate::Of kOf>
Value extreme(Call &call, const Value *args, std::uint32_t count) {
    Aggregate all(kOf);
    ListReader reader(call, count == 1 && args[0].is(Kind::list) ? args[0] : of_list(args, count));
    for (Value item; reader.next(item);) {
        if (!item.is(Kind::int_) && !item.is(Kind::uint_) && !item.is(Kind::double_)) return no_overload();
        if (const auto error = all.add(call, item); error.failed()) return error;
    }
    return reader.error().failed() ? reader.error() : all.result(TypeKind::dyn);
}

constexpr auto least_number = extreme<Aggregate::Of::min>;
constexpr auto greatest_number = extreme<Aggregate::Of::max>;

// ---- doubles

double ceil_of(double d) { return std::ceil(d); }
double floor_of(double d) { return std::floor(d); }
double round_of(double d) { return std::round(d); }  // halves away from zero
double trunc_of(double d) { return std::trunc(d); }

template <double (*kOf)(double)>
Value rounded(Call &, const Value *args, std::uint32_t) {
    return of_double(kOf(args[0].d));
}

Value is_nan(Call &, const Value *args, std::uint32_t) { return of_bool(std::isnan(args[0].d)); }
Value is_inf(Call &, const Value *args, std::uint32_t) { return of_bool(std::isinf(args[0].d)); }
Value is_finite(Call &, const Value *args, std::uint32_t) { return of_bool(std::isfinite(args[0].d)); }

// No number for a negative one.
Value sqrt(Call &, const Value *args, std::uint32_t) {
    const auto &a = args[0];
    if (a.is(Kind::double_)) return of_double(std::sqrt(a.d));
    return of_double(std::sqrt(a.is(Kind::int_) ? static_cast<double>(a.i) : static_cast<double>(a.u)));
}

// ---- all numbers

Value abs(Call &, const Value *args, std::uint32_t) {
    const auto &a = args[0];
    if (a.is(Kind::double_)) return of_double(std::fabs(a.d));
    if (a.is(Kind::uint_) || a.i >= 0) return a;
    return a.i == INT64_MIN ? fail(Code::overflow, "the least int has no absolute value") : of_int(-a.i);
}

Value sign(Call &, const Value *args, std::uint32_t) {
    const auto &a = args[0];
    if (a.is(Kind::uint_)) return of_uint(a.u > 0);
    if (a.is(Kind::int_)) return of_int((a.i > 0) - (a.i < 0));
    return std::isnan(a.d) ? a : of_double((a.d > 0) - (a.d < 0));
}

// ---- bits

enum class Bits { and_, or_, xor_ };

template <Bits kBits>
Value bits(Call &, const Value *args, std::uint32_t) {
    auto value = args[0];
    if (kBits == Bits::and_) value.u &= args[1].u;
    if (kBits == Bits::or_) value.u |= args[1].u;
    if (kBits == Bits::xor_) value.u ^= args[1].u;
    return value;
}

Value bit_not(Call &, const Value *args, std::uint32_t) {
    auto value = args[0];
    value.u = ~value.u;
    return value;
}

// Logical, also for int: vacant bits are 0.
template <bool kLeft>
Value shift(Call &, const Value *args, std::uint32_t) {
    auto value = args[0];
    const auto by = args[1].i;
    if (by < 0) return fail(Code::range, "shift by a number of bits from 0 on");
    value.u = by > 63 ? 0 : kLeft ? value.u << by : value.u >> by;
    return value;
}

constexpr auto ceil = rounded<ceil_of>;
constexpr auto floor = rounded<floor_of>;
constexpr auto round = rounded<round_of>;
constexpr auto trunc = rounded<trunc_of>;
constexpr auto bit_and = bits<Bits::and_>;
constexpr auto bit_or = bits<Bits::or_>;
constexpr auto bit_xor = bits<Bits::xor_>;
constexpr auto shift_left = shift<true>;
constexpr auto shift_right = shift<false>;

constexpr Overload kMathFunctions[] = {
    {"math.greatest", "(list(int)): int", greatest_number, Work::linear},
    {"math.greatest", "(list(uint)): uint", greatest_number, Work::linear},
    {"math.greatest", "(list(double)): double", greatest_number, Work::linear},
    {"math.greatest", "(list(dyn)): dyn", greatest_number, Work::linear},
    {"math.greatest", "(int...): int", greatest_number, Work::linear},
    {"math.greatest", "(uint...): uint", greatest_number, Work::linear},
    {"math.greatest", "(double...): double", greatest_number, Work::linear},
    {"math.greatest", "(dyn...): dyn", greatest_number, Work::linear},
    {"math.least", "(list(int)): int", least_number, Work::linear},
    {"math.least", "(list(uint)): uint", least_number, Work::linear},
    {"math.least", "(list(double)): double", least_number, Work::linear},
    {"math.least", "(list(dyn)): dyn", least_number, Work::linear},
    {"math.least", "(int...): int", least_number, Work::linear},
    {"math.least", "(uint...): uint", least_number, Work::linear},
    {"math.least", "(double...): double", least_number, Work::linear},
    {"math.least", "(dyn...): dyn", least_number, Work::linear},
    {"math.ceil", "(double): double", ceil},
    {"math.floor", "(double): double", floor},
    {"math.round", "(double): double", round},
    {"math.trunc", "(double): double", trunc},
    {"math.isNaN", "(double): bool", is_nan},
    {"math.isInf", "(double): bool", is_inf},
    {"math.isFinite", "(double): bool", is_finite},
    {"math.sqrt", "(double): double", sqrt},
    {"math.sqrt", "(int): double", sqrt},
    {"math.sqrt", "(uint): double", sqrt},
    {"math.abs", "(int): int", abs},
    {"math.abs", "(uint): uint", abs},
    {"math.abs", "(double): double", abs},
    {"math.sign", "(int): int", sign},
    {"math.sign", "(uint): uint", sign},
    {"math.sign", "(double): double", sign},
    {"math.bitAnd", "(int, int): int", bit_and},
    {"math.bitAnd", "(uint, uint): uint", bit_and},
    {"math.bitOr", "(int, int): int", bit_or},
    {"math.bitOr", "(uint, uint): uint", bit_or},
    {"math.bitXor", "(int, int): int", bit_xor},
    {"math.bitXor", "(uint, uint): uint", bit_xor},
    {"math.bitNot", "(int): int", bit_not},
    {"math.bitNot", "(uint): uint", bit_not},
    {"math.bitShiftLeft", "(int, int): int", shift_left},
    {"math.bitShiftLeft", "(uint, int): uint", shift_left},
    {"math.bitShiftRight", "(int, int): int", shift_right},
    {"math.bitShiftRight", "(uint, int): uint", shift_right},
};

}  // namespace

std::span<const Overload> math_functions() { return kMathFunctions; }

}  // namespace kith::expr
