// Commitments: made, moved and kept beside their party.
#include "engine/session.hpp"

namespace kith::engine {

using base::Status;
using store::Table;

base::Result<Outcome> Session::apply_commitment(const CommitmentItem &item) {
    KITH_LET(open, find_commitment(item.commitment));
    auto &commitment = open->commitment;
    Outcome outcome{ItemResult::unchanged, commitment.party, {}, false};
    if (commitment.state == item.state) return outcome;
    if (!model::is_open(commitment.state)) {
        return base::fail(Status::state, "the commitment has ended: it stays as it is");
    }
    const auto before = commitment.state;
    commitment.state = item.state;
    commitment.stamp = meta_.stamp;
    if (!model::is_open(item.state)) commitment.ended_at = item.at;
    open->changed = true;
    KITH_TRY(record_commitment(commitment, before, model::Operation::changed, item.at));
    outcome.result = ItemResult::changed;
    return outcome;
}

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

void Session::stage_commitment(const OpenCommitment &open) {
    if (!open.changed) return;
    const auto &commitment = open.commitment;
    overlay_.add(Table::rows, index::commitment(commitment.party, commitment.id),
                 encoder_.encode(commitment));
    if (!open.state_before)
        overlay_.add(Table::subjects, index::by_id(commitment.id), commitment.party.view());
    const bool was_open = open.state_before && model::is_open(*open.state_before);
    const bool is_open = model::is_open(commitment.state);
    const auto key = index::due_commitment(commitment.due, commitment.id);
    if (is_open && !was_open) overlay_.add(Table::due_commitments, key, commitment.party.view());
    if (was_open && !is_open) overlay_.remove(Table::due_commitments, key);
}

}  // namespace kith::engine
