#include "rules/process.hpp"

#include <algorithm>
#include <cmath>

#include "base/time.hpp"

namespace kith::rules {

namespace {

std::int64_t count_of(std::uint64_t count) {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(count, INT64_MAX));
}

std::int64_t whole_days(std::int64_t micros) {
    const std::int64_t days = micros / base::kDay;
    return micros % base::kDay < 0 ? days - 1 : days;
}

std::optional<std::int64_t> value_of(Figure figure, const model::Figures &figures, std::int64_t at) {
    switch (figure) {
        case Figure::orders:
            return count_of(figures.orders);
        case Figure::returns:
            return count_of(figures.returns);
        case Figure::interactions:
            return count_of(figures.interactions);
        case Figure::amount_total:
            return figures.amount_total;
        case Figure::median_gap:
            return figures.median_gap_us();
        case Figure::days_since_first_order:
            if (figures.orders == 0) return std::nullopt;
            return whole_days(at - figures.first_order_at);
    }
    return std::nullopt;
}

std::optional<std::int64_t> instant_of(Anchor anchor, std::int64_t since, const model::Figures &figures) {
    switch (anchor) {
        case Anchor::entry:
            return since;
        case Anchor::last_order_at:
            if (figures.orders > 0) return figures.last_order_at;
            break;
        case Anchor::first_order_at:
            if (figures.orders > 0) return figures.first_order_at;
            break;
        case Anchor::last_at:
            if (figures.interactions > 0) return figures.last_at;
            break;
    }
    return std::nullopt;
}

// from + times * length, not beyond the last instant there is. Decided in floating point first: the
// product may be larger than any integer.
std::int64_t stretched(std::int64_t from, double times, std::int64_t length) {
    const double product = std::round(times * static_cast<double>(length));
    if (product >= static_cast<double>(base::kMaxTime - from)) return base::kMaxTime;
    return from + static_cast<std::int64_t>(product);
}

}  // namespace

std::optional<std::uint32_t> Process::find_state(std::string_view state_name) const {
    const auto found = std::ranges::find(states, state_name, &State::name);
    if (found == states.end()) return std::nullopt;
    return static_cast<std::uint32_t>(found - states.begin());
}

bool holds(const std::vector<Guard> &guards, const model::Figures &figures, std::int64_t at) {
    return std::ranges::all_of(guards, [&](const Guard &guard) {
        const auto value = value_of(guard.figure, figures, at);
        return value && (!guard.at_least || *guard.at_least <= *value) &&
               (!guard.below || *value < *guard.below);
    });
}

std::optional<std::uint32_t> on_event(const Process &process, std::uint32_t state, std::string_view event,
                                      const model::Figures &figures, std::int64_t at) {
    const auto &on = process.states[state].on;
    const auto entry = std::ranges::find(on, event, &EventMoves::event);
    if (entry == on.end()) return std::nullopt;
    const auto move =
        std::ranges::find_if(entry->moves, [&](const Move &m) { return holds(m.guards, figures, at); });
    if (move == entry->moves.end()) return std::nullopt;
    return move->target;
}

std::optional<std::int64_t> end_of(const Delay &delay, std::int64_t from, const model::Figures &figures,
                                   const Calendar &calendar) {
    const auto plus = [&](const Period &period) {
        return std::min(calendar.add(from, period), base::kMaxTime);
    };
    if (!delay.of) return plus(delay.fixed);

    std::optional<std::int64_t> end;
    if (const auto length = value_of(*delay.of, figures, from)) end = stretched(from, delay.times, *length);
    if (delay.at_least) {
        const std::int64_t earliest = plus(*delay.at_least);
        end = end ? std::max(*end, earliest) : earliest;
    }
    if (end && delay.at_most) end = std::min(*end, plus(*delay.at_most));
    return end;
}

std::optional<std::int64_t> due_at(const Timer &timer, std::int64_t since, const model::Figures &figures,
                                   const Calendar &calendar) {
    const auto anchor = instant_of(timer.anchor, since, figures);
    if (!anchor) return std::nullopt;
    const auto end = end_of(timer.delay, *anchor, figures, calendar);
    if (!end) return std::nullopt;
    return std::max(*end, since);
}

}  // namespace kith::rules
