#include "rules/ways.hpp"

#include <algorithm>

namespace kith::rules {

namespace {

// The innermost state that is entered with `state`.
std::uint32_t innermost(const Statechart &chart, std::uint32_t state) {
    while (chart.states[state].initial) state = *chart.states[state].initial;
    return state;
}

template <class See>
void each_target(const std::vector<EventMoves> &on, const See &see) {
    for (const EventMoves &event : on) {
        for (const Move &move : event.moves) {
            if (move.target) see(*move.target);
        }
    }
}

// Of the moves that a state has itself.
template <class See>
void each_target(const State &state, const See &see) {
    each_target(state.on, see);
    for (const Timer &timer : state.after) {
        if (timer.move.target) see(*timer.move.target);
    }
    for (const Move &move : state.always) {
        if (move.target) see(*move.target);
    }
}

}  // namespace

std::vector<bool> reached_from(const Statechart &chart, std::uint32_t from) {
    std::vector<bool> reached(chart.states.size());
    std::vector<std::uint32_t> open;
    const auto enter = [&](std::uint32_t target) {
        const std::uint32_t state = innermost(chart, target);
        if (reached[state]) return;
        reached[state] = true;
        open.push_back(state);
    };
    enter(from);
    while (!open.empty()) {
        const State &state = chart.states[open.back()];
        open.pop_back();
        each_target(state, enter);
        if (!state.final) each_target(chart.on, enter);
        if (!state.outer) continue;
        reached[*state.outer] = true;
        each_target(chart.states[*state.outer], enter);
    }
    return reached;
}

// Taken away one by one, the states from which no such move leads on: what is left leads into a ring.
std::optional<EndlessMove> find_endless(const Statechart &chart) {
    std::vector<bool> in_ring(chart.states.size(), true);
    const auto move_of = [&](std::uint32_t stands) -> std::optional<EndlessMove> {
        std::vector<std::uint32_t> levels{stands};
        if (const auto outer = chart.states[stands].outer) levels.push_back(*outer);
        for (const std::uint32_t level : levels) {
            const State &state = chart.states[level];
            const auto leads_on = [&](const Move &move) {
                return move.target && in_ring[innermost(chart, *move.target)];
            };
            for (std::size_t i = 0; i < state.always.size(); ++i) {
                if (state.always[i].guard.empty() && leads_on(state.always[i]))
                    return EndlessMove{level, false, i};
            }
            for (std::size_t i = 0; i < state.after.size(); ++i) {
                const Timer &timer = state.after[i];
                const bool of_date = !timer.at.empty() || !timer.anchor.empty();
                // One that leads where the case stands does not enter it again.
                if (of_date && timer.move.target != stands && leads_on(timer.move))
                    return EndlessMove{level, true, i};
            }
        }
        return std::nullopt;
    };
    std::optional<EndlessMove> found;
    for (bool changed = true; changed;) {
        changed = false;
        found.reset();
        for (std::uint32_t i = 0; i < in_ring.size(); ++i) {
            if (!in_ring[i]) continue;
            const auto move = chart.states[i].initial ? std::nullopt : move_of(i);
            if (!move) {
                in_ring[i] = false;
                changed = true;
            } else if (!found) {
                found = move;
            }
        }
    }
    return found;
}

}  // namespace kith::rules
