// Amounts of money: exact in minor units, of one currency at a time.
#include "base/money.hpp"
#include "expr/library.hpp"

#include <cmath>

namespace kith::expr {

namespace {

Value amount(__int128 minor, std::uint32_t currency) {
    if (minor > base::kMaxAmount || minor < -base::kMaxAmount)
        return fail(Code::overflow, "the amount is too large: at most 9*10^17 minor units are possible");
    return of_money(static_cast<std::int64_t>(minor), currency);
}

bool find_currency(const Value &code, std::uint32_t &packed) {
    const auto currency = base::Currency::parse(code.view());
    if (currency) packed = currency->packed();
    return static_cast<bool>(currency);
}
Value bad_currency() {
    return fail(Code::convert, "no currency: write its ISO 4217 code, three capital letters as in EUR");
}

// value * 10^exponent; false where it does not fit.
bool scale_up(__int128 &value, int exponent) {
    for (; exponent > 0 && value != 0; --exponent) {
        if (__builtin_mul_overflow(value, 10, &value)) return false;
    }
    return true;
}

// A number an amount is multiplied with or divided by, as the decimal the author wrote: 0.05 is 5/100, not
// the double next to it, so that 0.50 * 0.05 is a tie and rounds to even. False for NaN and infinities.
bool decimal_factor(const Value &number, Decimal &out) {
    if (number.is(Kind::int_)) {
        out.digits = number.i;
        return true;
    }
    if (!std::isfinite(number.d)) return false;
    out = decimal_of(number.d);
    return true;
}
Value not_finite() { return fail(Code::range, "an amount is multiplied or divided by a finite number"); }

// ---- rows

Value make(Call &call, const Value *args, std::uint32_t) {
    if (!call.charge(text_cost(args[0].size))) return out_of_budget();
    std::uint32_t currency = 0;
    if (!find_currency(args[1], currency)) return bad_currency();
    const auto minor = base::parse_decimal(args[0].view(), base::Currency(currency).minor_digits());
    if (minor) return of_money(*minor, currency);
    return minor.error().status == base::Status::limit
               ? amount(__int128{INT64_MAX}, currency)
               : fail(Code::convert,
                      "no amount: write it with a point and no more decimals than the currency has");
}

Value make_of_minor(Call &, const Value *args, std::uint32_t) {
    std::uint32_t currency = 0;
    return find_currency(args[1], currency) ? amount(args[0].i, currency) : bad_currency();
}

Value minor(Call &, const Value *args, std::uint32_t) { return of_int(args[0].i); }

Value currency(Call &call, const Value *args, std::uint32_t) {
    return keep_text(call, base::Currency(args[0].size).text());
}

Value convertible(Call &, const Value *args, std::uint32_t) { return of_bool(args[0].size == args[1].size); }

Value negated(Call &, const Value *args, std::uint32_t) { return amount(-__int128{args[0].i}, args[0].size); }

Value sum(Call &, const Value *args, std::uint32_t) { return add_money(args[0], args[1]); }

Value difference(Call &, const Value *args, std::uint32_t) {
    if (args[0].size != args[1].size) return other_currency();
    return amount(__int128{args[0].i} - args[1].i, args[0].size);
}

Value times(Call &, const Value *args, std::uint32_t) {
    const bool first = args[0].is(Kind::money);
    const auto &money = args[first ? 0 : 1];
    Decimal factor;
    if (!decimal_factor(args[first ? 1 : 0], factor)) return not_finite();
    constexpr int kDigitsMost = 38;  // of an __int128
    auto product = __int128{money.i} * factor.digits;
    if (!scale_up(product, factor.exponent)) return amount(INT64_MAX, money.size);
    if (factor.exponent >= 0) return amount(product, money.size);
    __int128 divisor = 1;
    if (-factor.exponent > kDigitsMost) return of_money(0, money.size);
    scale_up(divisor, -factor.exponent);
    return amount(base::divide_half_even(product, divisor), money.size);
}

Value divided(Call &, const Value *args, std::uint32_t) {
    const auto &money = args[0];
    Decimal number;
    if (!decimal_factor(args[1], number)) return not_finite();
    if (number.digits == 0) return fail(Code::div_zero, "division by zero: test the divisor first");
    __int128 dividend = money.i, divisor = number.digits;
    if (divisor < 0) {
        dividend = -dividend;
        divisor = -divisor;
    }
    // Where a side does not fit, the quotient is too large, or below a half.
    if (!scale_up(dividend, -number.exponent)) return amount(INT64_MAX, money.size);
    if (!scale_up(divisor, number.exponent)) return of_money(0, money.size);
    return amount(base::divide_half_even(dividend, divisor), money.size);
}

Value ratio(Call &, const Value *args, std::uint32_t) {
    const auto &a = args[0], &b = args[1];
    const auto none = fail(Code::absent, "the ratio to zero is not known");
    switch (a.kind) {
        case Kind::double_:
            return b.d == 0 ? none : of_double(a.d / b.d);
        case Kind::uint_:
            return b.u == 0 ? none : of_double(static_cast<double>(a.u) / static_cast<double>(b.u));
        case Kind::money:
            if (a.size != b.size) return other_currency();
            [[fallthrough]];
        default:
            return b.i == 0 ? none : of_double(static_cast<double>(a.i) / static_cast<double>(b.i));
    }
}

// Of a whole number and a double.
Value mixed_ratio(Call &, const Value *args, std::uint32_t) {
    const auto real = [](const Value &value) {
        return value.is(Kind::double_) ? value.d : static_cast<double>(value.i);
    };
    const auto below = real(args[1]);
    if (below == 0) return fail(Code::absent, "the ratio to zero is not known");
    return of_double(real(args[0]) / below);
}

constexpr Overload kMoneyFunctions[] = {
    {"money", "(string, string): money", make, Work::linear},
    {"money.ofMinor", "(int, string): money", make_of_minor},
    {"money.minor", "(money): int", minor},
    {"money.currency", "(money): string", currency},
    {"convertible", "money.(money): bool", convertible},
    {"-_", "(money): money", negated},
    {"_+_", "(money, money): money", sum},
    {"_-_", "(money, money): money", difference},
    {"_*_", "(money, int): money", times},
    {"_*_", "(int, money): money", times},
    {"_*_", "(money, double): money", times},
    {"_*_", "(double, money): money", times},
    {"_/_", "(money, int): money", divided},
    {"_/_", "(money, double): money", divided},
    {"ratio", "(money, money): double", ratio},
    {"ratio", "(int, int): double", ratio},
    {"ratio", "(uint, uint): double", ratio},
    {"ratio", "(double, double): double", ratio},
    {"ratio", "(int, double): double", mixed_ratio},
    {"ratio", "(double, int): double", mixed_ratio},
};

}  // namespace

Value add_money(const Value &a, const Value &b) {
    if (a.size != b.size) return other_currency();
    return amount(__int128{a.i} + b.i, a.size);
}

std::span<const Overload> money_functions() { return kMoneyFunctions; }

}  // namespace kith::expr
