// Commitments: made, moved, recorded.
#include "engine/behaviour.hpp"
#include "engine/session.hpp"

namespace kith::engine {

using base::Status;
using store::Table;

base::Result<void> Session::record_commitment(const model::Commitment &commitment,
                                              std::optional<model::CommitmentState> before,
                                              model::Operation operation, base::Micros at) {
    auto change = model::change_of(model::ChangeKind::commitment, operation, commitment.party, commitment.id,
                                   commitment.kind);
    if (before) {
        KITH_LET(from, name(model::word_of(*before)));
        change.from = from;
    }
    KITH_LET(to, name(model::word_of(commitment.state)));
    change.to = to;
    change.at = at;
    KITH_TRY(record_change(change));
    return {};
}

base::Result<void> Session::load_commitments(Subject &subject) {
    if (subject.commitments_loaded) return {};
    subject.commitments_loaded = true;
    std::vector<OpenCommitment> stored;
    KITH_LET(cursor, writer_.cursor(Table::rows));
    const auto prefix = index::row(subject.party.id, index::Tag::commitment);
    KITH_LET(found, cursor.seek(prefix));
    while (found && index::starts_with(cursor.key(), prefix)) {
        KITH_LET(row, cursor.value());
        OpenCommitment open;
        open.commitment = record::decode_commitment(
            subject.party.id, base::Id::from(cursor.key().subspan(24, 16)), row.payload);
        open.state_before = open.commitment.state;
        stored.push_back(open);
        KITH_LET(more, cursor.next());
        found = more;
    }
    // Before those of this batch: they are closed in the order they came, however the work was cut up.
    subject.commitments.insert(subject.commitments.begin(), stored.begin(), stored.end());
    return {};
}

base::Result<OpenCommitment *> Session::find_commitment(const base::Id &id) {
    KITH_LET(row, writer_.get(Table::subjects, index::by_id(id)));
    if (row) {
        KITH_LET(owner, subject(base::Id::from(row->payload)));
        if (owner) {
            KITH_TRY(load_commitments(*owner));
            for (auto &open : owner->commitments) {
                if (open.commitment.id == id) return &open;
            }
        }
    }
    return base::fail(Status::missing, "there is no commitment with this id");
}

base::Result<base::Id> Session::make_commitment(Subject &subject, const NewCommitment &made) {
    OpenCommitment open;
    auto &commitment = open.commitment;
    commitment.party = subject.party.id;
    commitment.id = new_id();
    KITH_LET(kind, name(made.kind));
    KITH_LET(title, name(made.title));
    KITH_LET(rule, name(made.rule));
    commitment.kind = kind;
    commitment.title = title;
    commitment.rule = rule;
    commitment.sort = made.sort;
    commitment.state = made.historic ? model::CommitmentState::historic : model::CommitmentState::open;
    commitment.opened_at = made.opened_at;
    commitment.due = made.due;
    commitment.process = made.process;
    commitment.stamp = meta_.stamp;
    open.changed = true;
    KITH_TRY(record_commitment(commitment, {},
                               made.historic ? model::Operation::historic : model::Operation::created,
                               made.opened_at));
    subject.commitments.push_back(open);
    ++counts_.commitments;
    ++due_counts_.commitments;
    return commitment.id;
}

base::Result<void> Session::move_commitment(Subject &, OpenCommitment &open, model::CommitmentState state,
                                            base::Micros at) {
    auto &commitment = open.commitment;
    const auto before = commitment.state;
    commitment.state = state;
    if (!model::is_open(state)) commitment.ended_at = at;
    commitment.stamp = meta_.stamp;
    open.changed = true;
    return record_commitment(commitment, before, model::Operation::changed, at);
}

base::Result<void> Session::set_commitment_due(Subject &, OpenCommitment &open,
                                               std::optional<base::Micros> due) {
    open.commitment.due = due;
    open.changed = true;
    return {};
}

}  // namespace kith::engine
