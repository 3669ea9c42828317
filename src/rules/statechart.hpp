// The process shape: a statechart over a subject, as data. Words are XState's, meaning SCXML's (W3C, 2015):
// an event moves an instance by the first transition whose guard holds, innermost state first; then
// transitions that are always there are taken until it stands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/effect.hpp"
#include "rules/length.hpp"
#include "rules/term.hpp"
#include "rules/type.hpp"

namespace kith::rules {

// A transition. Without a target only its actions are done: the state is not left, and its timers run on.
struct Move {
    std::optional<std::uint32_t> target;  // a place in Statechart::states
    Source guard{};
    std::vector<Effect> actions{};
    bool reenter = false;  // a target that is the state itself, or one around it, is left and entered again
};

struct EventMoves {
    std::string event;  // a type, with at most one "*"
    std::vector<Move> moves;
};

// Taken at an instant: `delay` after the state was entered, or after the date that `anchor` gives; or `at`.
// An instant that is past as the state is entered is taken at once.
struct Timer {
    LengthTerm delay{};
    Source anchor{};
    Source at{};
    Move move{};
};

struct State {
    std::string name;
    std::optional<std::uint32_t> outer{};    // the state it is in: one level
    std::optional<std::uint32_t> initial{};  // of a state with states: which of them is entered
    std::vector<EventMoves> on{};
    std::vector<Timer> after{};
    std::vector<Move> always{};  // taken whenever a guard holds, as it becomes true
    std::vector<Effect> entry{}, exit{};
    std::vector<std::string> require{};  // fields without which it is not entered
    bool final = false;
};

// A deadline of the process: that it comes from one state to another, within a length or by an instant.
struct Milestone {
    std::string name;
    std::uint32_t from = 0, to = 0;  // places in states; begun as `from` is entered first
    LengthTerm within{};
    Source by{};
    std::vector<std::uint32_t> pause{};  // states in which the time stands still
    LengthTerm warn{};                   // so long after it began
    std::vector<Effect> warned{}, late{};
};

struct Statechart {
    // What becomes of running instances as a new version is installed.
    enum class Instances : std::uint8_t { keep, migrate } instances = Instances::keep;

    std::string name;
    SubjectKind subject = SubjectKind::party;
    std::vector<std::string> start{};  // events that start an instance; none: by a rule or by hand
    Source where{};                    // over such an event
    Source key{};                      // of an instance: instances of a subject differ by it
    bool routes = true;                // an event is for the instance whose key it gives; else for all
    std::string parent{};              // a process
    Term hours{};                      // the calendar of its business lengths; none: the file's
    std::vector<Field> fields{};       // its data
    std::uint32_t initial = 0;
    std::vector<EventMoves> on{};  // in every state
    std::vector<State> states{};   // in the definition's order, an outer one before its own
    std::vector<Milestone> milestones{};
    std::vector<std::pair<std::string, std::string>> mapping{};  // old state, new state: of migration

    std::optional<std::uint32_t> find_state(std::string_view name) const;
    // Whether `state` is `outer` or in it.
    bool is_in(std::uint32_t state, std::uint32_t outer) const {
        return state == outer || states[state].outer == outer;
    }
};

}  // namespace kith::rules
