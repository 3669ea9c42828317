// Who gets it: the party's owner, who is above, the actor that an expression names, or the best of those for
// whom a condition holds. Inactive actors never: in place of one comes the nearest above it that is active.
#pragma once

#include "engine/actors.hpp"
#include "engine/result_table.hpp"
#include "engine/values.hpp"
#include "rules/effect.hpp"

namespace kith::engine {

// `among` and `best` are of a schema of actors' values to which the host's variables are added as they are to
// the one of the case, and then, last, the candidate.
struct CompiledAssignment {
    enum class By : std::uint8_t { owner, part_of, given, among } by = By::owner;
    ProgramPtr to;  // over the case: an actor's key
    ProgramPtr among;
    std::vector<ProgramPtr> best;
    std::uint32_t candidate = 0;  // the number of the variable `actor`
};

// The schema of `among` and `best`, once the host's variables are in it, gets the variable `actor`: its
// number.
std::uint32_t add_candidate(expr::Schema &schema);

// A program of an expression, or null where a mistake has been told.
using CompileSource =
    std::function<ProgramPtr(const rules::Source &source, const std::shared_ptr<const expr::Schema> &schema,
                             const expr::Type *wanted)>;
// `actors` has the variable `candidate`; `of_case` is for `to`.
CompiledAssignment compile_assignment(const rules::Assignment &assignment,
                                      const std::shared_ptr<const expr::Schema> &of_case,
                                      const std::shared_ptr<const expr::Schema> &actors,
                                      const CompileSource &compile);

// What it is about.
struct AssignmentCase {
    model::Name owner = 0;   // of the party
    model::Name holder = 0;  // who has it now: "part_of" is above; 0: the owner
    // The variables of the case: all but `m series band score cell segment`, which are the candidate's.
    const expr::Binding &variables;
};

struct Candidate {
    model::Name actor = 0;
    std::string key;
    bool fits = false;
    std::string why_not{};                 // where it does not
    std::vector<expr::Value> rank{};       // by `best`; error: not known, which comes last
    std::vector<std::string> rank_text{};  // as programs write them
};

struct Assigned {
    model::Name actor = 0;              // 0: nobody
    std::string how;                    // one line
    std::vector<Candidate> candidates;  // those that fit, the best first, then the others by key
};

// An error only where the file cannot be read: what fails in a condition leaves its candidate out. Without
// `explain` the candidates that do not fit are not told.
base::Result<Assigned> assign(const CompiledAssignment &assignment, Values &values,
                              const AssignmentCase &of_case, bool explain);

// An assignment for a party tried, `among` empty: to its owner. "actor", "name", "taken", "because" (why it
// was taken, or why it does not fit), then a column for each ranking. Facts: candidates, fit. None: there is
// no such party. Status::rule for a mistake in an expression, its code as detail.
struct AssignmentQuery {
    base::Id party;
    base::Micros now = 0;
    std::string_view among;
    std::span<const std::string_view> best;
};
base::Result<std::optional<ResultTable>> assignment_table(const Snapshot &snapshot,
                                                          const AssignmentQuery &query);

}  // namespace kith::engine
