// Where the moves of a statechart lead, whatever their guards.
#pragma once

#include <optional>
#include <vector>

#include "rules/statechart.hpp"

namespace kith::rules {

// Whether each state is entered, begun in `from`.
std::vector<bool> reached_from(const Statechart &chart, std::uint32_t from);

// A move of a ring in which no time need pass: moves that are always there without a guard, and timers of
// dates, which may be past.
struct EndlessMove {
    std::uint32_t state = 0;
    bool is_timer = false;  // of State::after, else of State::always
    std::size_t index = 0;
};
std::optional<EndlessMove> find_endless(const Statechart &chart);

}  // namespace kith::rules
