// The process shape: a state machine over a party, as pure functions. A definition says when an
// instance starts, what moves it, and what it does on entering a state; the engine keeps instances,
// logs and timers.
//
// There are no expressions yet: guards are thresholds on figures, delays are durations or multiples
// of a figure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/figures.hpp"
#include "rules/period.hpp"

namespace kith::rules {

// The figures a guard or a delay may name.
enum class Figure : std::uint8_t {
    orders,
    returns,
    interactions,
    amount_total,            // minor units
    median_gap,              // microseconds; absent with orders on fewer than two days
    days_since_first_order,  // whole 24-hour days, from first_order_at to the event
};

// at_least <= value, value < below; an absent figure fails the guard.
struct Guard {
    Figure figure{};
    std::optional<std::int64_t> at_least;
    std::optional<std::int64_t> below;
};

// A fixed period; or `times` a figure, not less than at_least, not more than at_most.
struct Delay {
    Period fixed;
    std::optional<Figure> of;  // set: times * figure
    double times = 1.0;
    std::optional<Period> at_least, at_most;
};

enum class Anchor : std::uint8_t { entry, last_order_at, first_order_at, last_at };

// Creates a commitment, or closes the open ones of its kind that this process made.
struct EntryEffect {
    enum class Do : std::uint8_t { commit, close } what{};
    std::string kind;
    std::string title;
    Delay due;             // commit: from the instant of entry
    std::uint32_t as = 0;  // close: the state, as KITH_COMMITMENT_*
};

struct Move {
    std::uint32_t target = 0;   // index of a state
    std::vector<Guard> guards;  // all must hold
};

struct EventMoves {
    std::string event;
    std::vector<Move> moves;  // first whose guards hold
};

struct Timer {
    Delay delay;
    Anchor anchor = Anchor::entry;
    Move move;
};

struct State {
    std::string name;
    std::vector<EventMoves> on;
    std::vector<Timer> after;
    std::vector<EntryEffect> entry;
    bool final = false;
};

struct Process {
    std::string name;
    std::string start;          // event that starts an instance where there is none
    std::uint32_t initial = 0;  // index of a state
    std::vector<State> states;  // in the definition's order

    std::optional<std::uint32_t> find_state(std::string_view state_name) const;
};

// Adds calendar periods in the file's zone. Given by the engine.
class Calendar {
public:
    virtual ~Calendar() = default;
    // Month ends clamp; a local time that does not exist becomes the first instant after the gap,
    // one that exists twice the first of the two.
    virtual std::int64_t add(std::int64_t at, const Period &period) const = 0;
};

bool holds(const std::vector<Guard> &guards, const model::Figures &figures, std::int64_t at);

// The state an event moves `state` to; none if it moves nothing. A state may be its own target:
// that is an entry like any other.
std::optional<std::uint32_t> on_event(const Process &process, std::uint32_t state, std::string_view event,
                                      const model::Figures &figures, std::int64_t at);

// When `delay` after `from` ends; none if its figure is absent and has no at_least to stand in.
std::optional<std::int64_t> end_of(const Delay &delay, std::int64_t from, const model::Figures &figures,
                                   const Calendar &calendar);

// When a timer of a state entered at `since` is due; never before `since`.
std::optional<std::int64_t> due_at(const Timer &timer, std::int64_t since, const model::Figures &figures,
                                   const Calendar &calendar);

}  // namespace kith::rules
