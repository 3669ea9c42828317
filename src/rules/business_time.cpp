#include "rules/business_time.hpp"

#include <algorithm>

namespace kith::rules {

using base::Micros;

namespace {

constexpr Micros kMinute = 60'000'000;
constexpr std::int64_t kLookedAt = 3653;  // that are looked at for hours

}  // namespace

template <class Take>
void BusinessTime::each_span(std::int64_t local_day, const Take &take) const {
    for (const auto &hours : calendar_.day(local_day)) {
        const Span span{zone_.instant(local_day * base::kDay + hours.from * kMinute),
                        zone_.instant(local_day * base::kDay + hours.to * kMinute)};
        if (span.from < span.to) take(span);  // hours within a gap of the clock are none
    }
}

bool BusinessTime::is_open(Micros at) const {
    bool open = false;
    each_span(zone_.local_day(at),
              [&](const Span &span) { open = open || (span.from <= at && at < span.to); });
    return open;
}

std::optional<Micros> BusinessTime::opening(Micros at) const {
    const auto first = zone_.local_day(at);
    std::optional<Micros> found;
    for (auto day = first; !found && day < first + kLookedAt; ++day) {
        each_span(day, [&](const Span &span) {
            if (!found && at < span.to) found = std::max(at, span.from);
        });
    }
    return found;
}

std::optional<Micros> BusinessTime::closing(Micros at) const {
    const auto first = zone_.local_day(at);
    std::optional<Micros> found;
    for (auto day = first; !found && day > first - kLookedAt; --day) {
        each_span(day, [&](const Span &span) {
            if (span.from < at) found = std::min(at, span.to);
        });
    }
    return found;
}

std::optional<Micros> BusinessTime::add_days(Micros at, std::int32_t days) const {
    const int step = days < 0 ? -1 : 1;
    const auto begin = days < 0 ? closing(at) : opening(at);
    if (!begin) return std::nullopt;
    // The end of a day's hours belongs to that day, also where it is midnight.
    const auto local = zone_.local(days < 0 ? *begin - 1 : *begin) + (days < 0 ? 1 : 0);
    const auto first = base::floor_div(days < 0 ? local - 1 : local, base::kDay);
    const auto time_of_day = local - first * base::kDay;
    auto left = days;
    for (auto day = first + step; std::abs(day - first) < kLookedAt; day += step) {
        if (calendar_.day(day).empty()) continue;
        if (left != step) {
            left -= step;
            continue;
        }
        const auto wall = zone_.instant(day * base::kDay + time_of_day);
        std::optional<Micros> near, first_open, last_open;
        each_span(day, [&](const Span &span) {
            if (!first_open) first_open = span.from;
            last_open = span.to;
            if (days < 0 && span.from <= wall) near = std::min(wall, span.to);
            if (days > 0 && !near && wall <= span.to) near = std::max(wall, span.from);
        });
        if (!first_open) continue;  // all of its hours lie in a gap of the clock
        return near ? near : days < 0 ? first_open : last_open;
    }
    return std::nullopt;
}

std::optional<Micros> BusinessTime::add_time(Micros at, Micros micros) const {
    const auto first = zone_.local_day(at);
    std::optional<Micros> found;
    for (auto day = first; !found && day < first + kLookedAt; ++day) {
        each_span(day, [&](const Span &span) {
            if (found || span.to <= at) return;
            const auto from = std::max(at, span.from);
            if (micros <= span.to - from) found = from + micros;
            micros -= span.to - from;
        });
    }
    return found;
}

std::optional<Micros> BusinessTime::subtract_time(Micros at, Micros micros) const {
    const auto first = zone_.local_day(at);
    for (auto day = first; day > first - kLookedAt; --day) {
        Span spans[32];
        std::size_t count = 0;
        each_span(day, [&](const Span &span) {
            if (span.from < at && count < std::size(spans)) spans[count++] = span;
        });
        while (count > 0) {
            const auto &span = spans[--count];
            const auto to = std::min(at, span.to);
            if (micros <= to - span.from) return to - micros;
            micros -= to - span.from;
        }
    }
    return std::nullopt;
}

std::optional<Micros> BusinessTime::add(Micros at, const BusinessLength &length) const {
    if (length.days > 0) {
        const auto later = add_days(at, length.days);
        if (!later) return later;
        at = *later;
    }
    return length.micros > 0 ? add_time(at, length.micros) : std::optional(at);
}

std::optional<Micros> BusinessTime::subtract(Micros at, const BusinessLength &length) const {
    if (length.days > 0) {
        const auto earlier = add_days(at, -length.days);
        if (!earlier) return earlier;
        at = *earlier;
    }
    return length.micros > 0 ? subtract_time(at, length.micros) : std::optional(at);
}

Micros BusinessTime::between(Micros from, Micros to) const {
    Micros open = 0;
    if (from >= to) return open;
    for (auto day = zone_.local_day(from), last = zone_.local_day(to); day <= last; ++day) {
        each_span(day, [&](const Span &span) {
            open += std::max<Micros>(0, std::min(to, span.to) - std::max(from, span.from));
        });
    }
    return open;
}

}  // namespace kith::rules
