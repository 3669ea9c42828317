// What happens next as rows of metrics: the cases of a process (`p`), their stays in states (`s`, and `p`),
// and commitments, or what befell them (`c`). They are read from where they stand when they are asked for, as
// of an instant: what came after it has not happened. So nothing is kept of them, and they are exact under
// late events, corrections and cases that are replayed.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/programs.hpp"
#include "engine/reads.hpp"
#include "rules/metric.hpp"
#include "rules/partials.hpp"
#include "rules/statechart.hpp"

namespace kith::engine {

struct ValueCatalog;

// What a metric counts of them.
struct BehaviourRows {
    enum class Kind : std::uint8_t { cases, stays, commitments } kind = Kind::cases;
    std::string process;                        // of cases and stays
    std::optional<model::CommitmentSort> sort;  // of commitments; none: all
    // What befell a commitment, which is the row's time; `none`: the commitment itself, as it was made.
    enum class Befell : std::uint8_t {
        none,
        made,
        accepted,
        started,
        due,
        late,
        ended,
        kept,
        broken,
        waived,
        cancelled,
        compensated,
    } befell = Befell::none;
    std::uint16_t case_tag = 0, stay_tag = 0;  // of their records in the schema
    ProgramPtr at;
    std::vector<ProgramPtr> key;  // beside the subject
};

// "process.NAME", "process.NAME.stage", "task", "promise.kept"; none: no such rows.
std::optional<BehaviourRows> behaviour_rows_of(std::string_view source);
// The names of all sources, as row_source_name() has them.
std::span<const std::string_view> behaviour_sources();

// What expressions over them see, beside the values of the party that they are of. Fills in the tags.
// `chart`: of the newest version of the process; null for commitments.
std::shared_ptr<const expr::Schema> schema_of_behaviour(const ValueCatalog &catalog,
                                                        const rules::Statechart *chart, BehaviourRows &rows);

// A row that counts. `keys`: texts of what it is counted by, in order.
struct BehaviourRow {
    std::vector<std::string> keys{};
    rules::Contribution one{};
    base::Id party{}, record{};  // the case or commitment
    std::string_view what{};     // its name and state, until the next one
};
using TakeBehaviour = std::function<base::Result<void>(const BehaviourRow &)>;

// What counts, by its keys, one after the other with a zero byte between them; in order of time.
using BehaviourByKey = std::map<std::string, std::vector<rules::Contribution>, std::less<>>;

}  // namespace kith::engine
