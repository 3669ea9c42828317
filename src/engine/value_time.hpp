// How a condition moves with time alone: which rows and clocks it reads, and when it may change next. Between
// two such instants it stands still, as long as nothing happens.
//
// A condition can change as a row leaves a sliding window, as a period of the calendar begins, or as the
// clock turns a comparison. The last is looked for by bisection, so each side must move one way: `now`,
// `today`, time since something, counts of days and months do.
#pragma once

#include <set>

#include "engine/values.hpp"

namespace kith::engine {

struct TimeWatch {
    // What the clock can turn: the order of two sides, or of two lists one by one; or the class that bands
    // give a value.
    struct Turn {
        ProgramPtr left, right;
        std::optional<std::uint32_t> bands;  // then of `left`
    };
    std::vector<Turn> turns;
    std::set<std::uint32_t> windows;  // metrics with one that slides
    std::set<std::uint32_t> coming;   // metrics of rows that may lie ahead
    std::set<std::pair<std::uint32_t, std::uint32_t>>
        asked;  // a scorecard and its indicator, the answers to which grow old
    std::set<rules::Periods> periods;
    std::optional<rules::Period> recheck;

    // What else moves it.
    std::set<MeasureNumber> measures;
    std::set<std::string, std::less<>> given;  // metrics
    std::set<std::string, std::less<>> dated;  // what is taken of the base: metrics of OfBase
    bool party = false, figures = false, processes = false, commitments = false;

    bool moves_with_time() const {
        return !turns.empty() || !windows.empty() || !coming.empty() || !asked.empty() || !periods.empty() ||
               recheck;
    }
};

// What cannot be watched, and where in which expression.
struct Unwatched {
    std::string what;
    std::uint32_t offset = 0;  // in the condition's own text
};

// `compile` makes a program of a piece of an expression of the same schema.
using CompilePiece = std::function<ProgramPtr(const std::string &text)>;
std::optional<Unwatched> watch_condition(const ValueCatalog &catalog, const expr::Program &condition,
                                         const CompilePiece &compile, TimeWatch &watch);

// The same of an instant, which must not move with the clock itself.
std::optional<Unwatched> watch_instant(const ValueCatalog &catalog, const expr::Program &instant,
                                       const CompilePiece &compile, TimeWatch &watch);

// The first instant after now at which the condition may be another; kNever if it never is by itself.
base::Micros next_change(SubjectValues &subject, const TimeWatch &watch);
// Whether it is the same up to `until`, but not at it.
bool stands_until(SubjectValues &subject, const TimeWatch &watch, base::Micros until);

}  // namespace kith::engine
