// Reading commitments of a snapshot: one, those of a party, queues of actors, counts along the tree.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/reads.hpp"
#include "engine/result_table.hpp"

namespace kith::engine {

// What is left out is not asked for.
struct CommitmentFilter {
    std::optional<model::CommitmentSort> sort;
    std::optional<model::CommitmentState> state;  // not of queues, where all are open
    model::Name kind = 0;
};

struct QueueQuery {
    std::optional<std::vector<model::Name>> of;  // assignees, each once; 0: what nobody has; none: of all
    std::optional<base::Micros> until;           // due at or before it
    CommitmentFilter filter;
};

class CommitmentReads {
public:
    explicit CommitmentReads(const Snapshot &snapshot) : snapshot_(snapshot), reader_(snapshot.reader()) {}

    base::Result<std::optional<CommitmentRead>> commitment(const base::Id &id) const;

    // Open ones, by due time, those without one last. Rows of other assignees and later ones are not read.
    base::Result<Page<CommitmentRead>> queue(const QueueQuery &query, std::string_view resume,
                                             std::size_t items_max) const;
    // Open and ended ones, oldest first.
    base::Result<Page<CommitmentRead>> of_party(const base::Id &party, const CommitmentFilter &filter,
                                                std::string_view resume, std::size_t items_max) const;

    // The actor and all that are part of it, near or far.
    base::Result<std::vector<model::Name>> team(model::Name actor) const;

    // Per actor what is open and what is late at an instant, its own and, rolled up, of all that are part of
    // it. The last row is of nobody's.
    base::Result<ResultTable> counts(base::Micros now) const;

private:
    base::Result<CommitmentRead> read(const base::Id &party, const base::Id &id) const;

    const Snapshot &snapshot_;
    const store::Reader &reader_;
};

}  // namespace kith::engine
