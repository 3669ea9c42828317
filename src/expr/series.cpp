// Series: lists of the values of periods, from oldest to newest, the last of them the open period, which is
// not over and so is no part of a trend.
#include "base/money.hpp"
#include "expr/list_reader.hpp"

#include <algorithm>
#include <cmath>

namespace kith::expr {

namespace {

Value too_short() {
    return fail(Code::absent, "the series is too short: it has fewer periods than the function looks at");
}

// The values of the last `count` closed periods, ints, doubles or amounts of one currency; or the
// error.
Value last_closed(Call &call, const Value &series, std::uint64_t count) {
    const auto all = read_all(call, series);
    if (all.failed()) return all;
    if (count >= all.size) return too_short();
    if (!call.charge(count)) return out_of_budget();
    const auto closed = of_list(all.items + (all.size - 1 - count), static_cast<std::uint32_t>(count));
    const auto &first = closed.items[0];
    if (!first.is(Kind::int_) && !first.is(Kind::double_) && !first.is(Kind::money)) return no_overload();
    for (std::uint32_t i = 1; i < closed.size; ++i) {
        const auto &value = closed.items[i];
        if (value.kind != first.kind) return no_overload();
        if (value.size != first.size) return other_currency();  // numbers have none
    }
    return closed;
}

double real_of(const Value &value) {
    return value.is(Kind::double_) ? value.d : static_cast<double>(value.i);
}

// Whether each of the last n closed periods was above (below) the one before it: n + 1 values.
template <bool kUp>
Value moves(Call &call, const Value *args, std::uint32_t) {
    const auto periods = args[1].i;
    if (periods < 1) return fail(Code::range, "rising and falling take a number of periods from 1 on");
    const auto closed = last_closed(call, args[0], static_cast<std::uint64_t>(periods) + 1);
    if (closed.failed()) return closed;
    for (std::uint32_t i = 1; i < closed.size; ++i) {
        const auto &low = closed.items[kUp ? i - 1 : i], &high = closed.items[kUp ? i : i - 1];
        if (!(low.is(Kind::double_) ? low.d < high.d : low.i < high.i)) return of_bool(false);
    }
    return of_bool(true);
}

Value steady(Call &call, const Value *args, std::uint32_t) {
    const auto periods = args[1].i;
    const auto share = args[2].d;
    if (periods < 1) return fail(Code::range, "steady takes a number of periods from 1 on");
    if (!(share >= 0 && std::isfinite(share)))
        return fail(Code::range, "steady takes a share of the mean from 0 on, such as 0.1");
    const auto closed = last_closed(call, args[0], static_cast<std::uint64_t>(periods));
    if (closed.failed()) return closed;
    double average = 0, lowest = HUGE_VAL, highest = -HUGE_VAL;
    for (std::uint32_t i = 0; i < closed.size; ++i) {
        const auto value = real_of(closed.items[i]);
        average += value / closed.size;
        lowest = std::min(lowest, value);
        highest = std::max(highest, value);
    }
    // What is at the limit is within it, however the average was rounded.
    constexpr double kRounding = 1e-12;
    const auto most = (share + kRounding) * std::fabs(average);
    return of_bool(highest - average <= most && average - lowest <= most);
}

// Least squares over the periods 0 .. n - 1: 6 * sum((2k - (n - 1)) * value[k]) / (n * (n^2 - 1)). Periods as
// far from the middle are taken in pairs, so that what does not change has a slope of exactly 0.
Value slope(Call &call, const Value *args, std::uint32_t) {
    const auto periods = args[1].i;
    if (periods < 2) return fail(Code::range, "slope takes a number of periods from 2 on");
    const auto closed = last_closed(call, args[0], static_cast<std::uint64_t>(periods));
    if (closed.failed()) return closed;
    const auto &first = closed.items[0];
    __int128 whole = 0;
    double real = 0;
    for (std::uint32_t low = 0, high = closed.size - 1; low < high; ++low, --high) {
        const auto &from = closed.items[low], &to = closed.items[high];
        if (first.is(Kind::double_)) {
            real += (to.d - from.d) * (high - low);
        } else {
            whole += (__int128{to.i} - from.i) * (high - low);
        }
    }
    if (!first.is(Kind::double_)) real = static_cast<double>(whole);
    const double count = closed.size;
    auto unit = count * (count * count - 1);
    if (first.is(Kind::money)) {
        for (int digits = base::Currency(first.size).minor_digits(); digits > 0; --digits) unit *= 10;
    }
    return of_double(6 * real / unit);
}

Value ago(Call &call, const Value *args, std::uint32_t) {
    const auto periods = args[1].i;
    if (periods < 0) return fail(Code::range, "ago takes a number of periods from 0 on, 0 is the open one");
    const auto all = read_all(call, args[0]);
    if (all.failed()) return all;
    if (periods >= all.size) return too_short();
    return all.items[all.size - 1 - periods];
}

constexpr auto rising = moves<true>;
constexpr auto falling = moves<false>;

// As of lists: at run time a series of whatever meets the first row; its function takes all.
constexpr Overload kSeriesFunctions[] = {
    {"rising", "(list(int), int): bool", rising, Work::linear},
    {"rising", "(list(double), int): bool", rising, Work::linear},
    {"rising", "(list(money), int): bool", rising, Work::linear},
    {"falling", "(list(int), int): bool", falling, Work::linear},
    {"falling", "(list(double), int): bool", falling, Work::linear},
    {"falling", "(list(money), int): bool", falling, Work::linear},
    {"steady", "(list(int), int, double): bool", steady, Work::linear},
    {"steady", "(list(double), int, double): bool", steady, Work::linear},
    {"steady", "(list(money), int, double): bool", steady, Work::linear},
    {"slope", "(list(int), int): double", slope, Work::linear},
    {"slope", "(list(double), int): double", slope, Work::linear},
    {"slope", "(list(money), int): double", slope, Work::linear},
    {"ago", "(list(A), int): A", ago, Work::linear, Growth::element},
};

}  // namespace

std::span<const Overload> series_functions() { return kSeriesFunctions; }

}  // namespace kith::expr
