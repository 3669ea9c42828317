// The rule shape: when something happens, holds or is due, what then. Pure data; the engine arms and fires.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rules/effect.hpp"
#include "rules/length.hpp"
#include "rules/term.hpp"

namespace kith::rules {

// Turns an event into its absence: the rule fires when none of `events` comes within the time.
struct Absence {
    std::vector<std::string> events{};
    Source same{};   // of both events: they belong together where it gives the same
    Source where{};  // over the event that is waited for
    LengthTerm within{};
};

struct Rule {
    // What sets it off. One of these.
    enum class Trigger : std::uint8_t { event, condition, instant, period } trigger{};
    // edge: as the condition becomes true; level: once in each period while it is; each: every event.
    enum class Mode : std::uint8_t { edge, level, each } mode = Mode::each;
    // What is done of several times that were missed.
    enum class CatchUp : std::uint8_t { last, all, none } catch_up = CatchUp::last;

    struct Limits {
        std::uint32_t depth = 8;      // of the cascade it may stand in
        std::uint32_t effects = 256;  // of one firing, with all that follows
        std::uint32_t failures = 0;   // after so many in a row it is suspended; 0: as the file has it
    };

    std::string name{};
    SubjectKind subject = SubjectKind::party;
    std::vector<std::string> on{};  // types and events of the engine, each with at most one "*"
    Source at{};                    // armed again when what it reads changes
    std::optional<PeriodUnit> every{};
    Source where{};  // over the event
    Source when{};   // over the subject
    std::optional<Absence> unless{};
    Source key{};                  // of the occurrence; none: the event, the period or the change
    std::uint32_t priority = 100;  // the lower first, then by name
    std::string from{}, to{};      // enabled between these times of the file's zone, as written
    LengthTerm within{};           // a time missed by more is not caught up
    Term hours{};                  // the calendar of its business lengths; none: the file's
    Limits limits{};
    std::vector<Effect> then{};
};

}  // namespace kith::rules
