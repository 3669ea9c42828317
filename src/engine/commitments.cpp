// Commitments: made, moved, changed, due, and kept beside their party.
#include <algorithm>

#include "engine/batch_checks.hpp"
#include "engine/behaviour.hpp"
#include "engine/session.hpp"

namespace kith::engine {

using base::Status;
using store::Table;

namespace {

namespace commitment_bits = model::commitment_field;

std::optional<index::QueueKey> place_in_queue(const model::Commitment &commitment) {
    if (!model::is_open(commitment.state)) return std::nullopt;
    return index::QueueKey{commitment.assignee, commitment.due.value_or(INT64_MAX), commitment.id};
}

base::Error cannot_move(model::CommitmentState from) {
    if (from == model::CommitmentState::broken)
        return base::fail(Status::state,
                          "the commitment is broken: it can be compensated or waived, no more");
    if (!model::is_open(from))
        return base::fail(Status::state, "the commitment has ended: it stays as it is");
    return base::fail(Status::state,
                      "a commitment goes forwards: open, accepted, doing, then it ends; only a broken one is "
                      "compensated");
}

}  // namespace

QueueEntry queue_entry(const model::Commitment &commitment) {
    return {commitment.party, commitment.kind, static_cast<std::uint32_t>(commitment.sort)};
}

// ---- items ----

base::Result<std::span<const model::Name>> Session::artefacts_of(std::span<const std::string_view> texts) {
    const auto codes = texts_.array<model::Name>(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
        KITH_LET(code, name(texts[i]));
        codes[i] = code;
    }
    return std::span<const model::Name>(codes);
}

base::Result<Outcome> Session::apply_commitment(const NewCommitmentItem &item,
                                                std::span<const Outcome> before) {
    NewCommitment made;
    KITH_LET(system, name(item.system));
    made.system = system;
    made.host_key = item.host_key;
    if (item.host_key.data()) {
        KITH_LET(known, overlay_.get(Table::host_refs,
                                     index::host_ref(system, item.host_key, index::HostRef::commitment)));
        if (known && item.flags.must_not_exist)
            return base::fail(Status::exists, "a commitment with this host key is there already");
        if (known) {
            return Outcome{ItemResult::existing,
                           index::party_of(*known),
                           {},
                           false,
                           base::Id::from(known->subspan(24, 16))};
        }
    }
    KITH_LET(kind, name(item.kind));
    KITH_LET(named, name(item.name));
    KITH_LET(assignee, name(item.assignee));
    KITH_LET(debtor, name(item.debtor));
    KITH_LET(creditor, name(item.creditor));
    KITH_LET(require_codes, artefacts_of(item.require));
    made.sort = item.sort;
    made.traits = item.traits;
    made.kind = kind ? kind : named;
    made.name = named;
    made.assignee = assignee;
    made.debtor = {item.debtor_party, debtor};
    made.creditor = {item.creditor_party, creditor};
    made.require = require_codes;
    made.opened_at = item.opened_at;
    made.due = item.due;
    made.personal = item.personal;
    for (const auto &party : {item.debtor_party, item.creditor_party}) {
        if (!party) continue;
        KITH_LET(there, subject(party));
        if (!there) return base::fail(Status::missing, "who owes, or is owed, is no party of this file");
    }
    made.for_kind = item.for_kind;
    made.for_record = item.for_record;
    if (item.for_kind == model::ForKind::party) {
        KITH_LET(there, subject(item.for_record));
        if (!there) return base::fail(Status::missing, "there is no party with the id it is for");
    } else if (item.for_kind != model::ForKind::none) {
        KITH_LET(there, overlay_.get(Table::subjects, index::by_id(item.for_record)));
        if (!there) return base::fail(Status::missing, "there is no record with the id it is for");
    }
    bool created = false;
    KITH_LET(known, find_party(item.ref, before));
    KITH_LET(found, require(known, item.ref, item.flags, {}, 0, created));
    KITH_TRY(fire_before(*found, item.opened_at));
    KITH_LET(open, make_commitment(*found, made));
    const auto id = open->commitment.id;
    touched_.all = created;
    KITH_TRY(settle_owed(*found, item.opened_at, model::Cause::hand));
    return Outcome{ItemResult::created, found->party.id, {}, created, id};
}

base::Result<Outcome> Session::apply_commitment(const CommitmentItem &item) {
    KITH_LET(found, find_commitment(item.commitment));
    // What fell due before happened before; at its very due time it is still in time.
    KITH_TRY(fire_before(*found.subject, item.at - 1));
    Outcome outcome{ItemResult::unchanged, found.subject->party.id, {}, false, item.commitment};
    if (found.open->commitment.state == item.state) return outcome;
    KITH_TRY(load_instances(*found.subject));
    KITH_TRY(move_commitment(*found.subject, *found.open, item.state, item.at));
    KITH_TRY(settle_owed(*found.subject, item.at, model::Cause::hand));
    outcome.result = ItemResult::changed;
    return outcome;
}

base::Result<Outcome> Session::apply_commitment(const CommitmentChangeItem &item) {
    KITH_LET(found, find_commitment(item.commitment));
    const auto &commitment = found.open->commitment;
    if (item.fields & commitment_bits::revision && item.revision != commitment.revision) {
        return wrong(commitment_bits::revision, Status::conflict,
                     "the commitment has changed since it was read: read it again, then change");
    }
    CommitmentChange change;
    change.fields = item.fields & ~commitment_bits::revision;
    change.due = item.due;
    change.personal = item.personal;
    KITH_LET(assignee, name(item.assignee));
    change.assignee = assignee;
    KITH_LET(artefacts, artefacts_of(item.artefacts));
    change.artefacts = artefacts;
    KITH_TRY(load_instances(*found.subject));
    KITH_LET(changed, change_commitment(*found.subject, *found.open, change));
    KITH_TRY(settle_by_hand(*found.subject, false, false));
    return Outcome{changed ? ItemResult::changed : ItemResult::unchanged,
                   found.subject->party.id,
                   {},
                   false,
                   item.commitment};
}

// ---- what happens to them ----

base::Result<OpenCommitment *> Session::make_commitment(Subject &subject, const NewCommitment &in) {
    auto &open = subject.commitments.emplace_back();
    auto &commitment = open.commitment;
    commitment.party = subject.party.id;
    commitment.id = new_id();
    commitment.sort = in.sort;
    commitment.state = in.historic ? model::CommitmentState::historic : model::CommitmentState::open;
    commitment.flags = in.traits;
    commitment.for_kind = in.for_kind;
    commitment.for_record = in.for_record;
    commitment.kind = in.kind;
    commitment.name = in.name;
    commitment.title = in.title;
    commitment.assignee = in.assignee;
    commitment.owner = subject.row.owner;
    commitment.debtor = in.debtor;
    commitment.creditor = in.creditor;
    const auto needs = texts_.array<model::Name>(in.require.size());
    std::ranges::copy(in.require, needs.begin());
    commitment.require = needs;
    commitment.opened_at = in.opened_at;
    commitment.due = in.due;
    commitment.process = in.process;
    commitment.rule = in.rule;
    commitment.version = in.version;
    commitment.system = in.system;
    const auto row = index::commitment(commitment.party, commitment.id);
    overlay_.put(Table::subjects, index::by_id(commitment.id), commitment.party.view());
    if (in.host_key.data()) {
        commitment.host_key = texts_.copy(in.host_key);
        overlay_.put(Table::host_refs, index::host_ref(in.system, in.host_key, index::HostRef::commitment),
                     row);
    }
    if (in.personal.any()) {
        auto personal = in.personal;
        personal.stamp = meta_.stamp;
        overlay_.put(Table::personal, row, encoder_.encode(personal));
    }
    ++counts_.commitments;
    ++due_counts_.commitments;
    KITH_TRY(record_commitment(subject, open,
                               in.historic ? model::Operation::historic : model::Operation::created, {},
                               in.opened_at, 0));
    return &open;
}

base::Result<void> Session::move_commitment(Subject &subject, OpenCommitment &open, model::CommitmentState to,
                                            base::Micros at) {
    using model::CommitmentState;
    auto &commitment = open.commitment;
    const auto before = commitment.state;
    if (!model::may_move(before, to)) return cannot_move(before);
    if ((to == CommitmentState::doing || to == CommitmentState::kept) && !commitment.is_ready()) {
        std::string missing;
        for (const auto one : commitment.require) {
            if (commitment.has(one)) continue;
            KITH_LET(called, text(one));
            missing.append(missing.empty() ? "" : ", ").append(called);
        }
        return wrong(commitment_bits::artefacts, Status::rule,
                     "the commitment waits for " + missing + ": say that it is there, then move it");
    }
    commitment.state = to;
    if (to == CommitmentState::accepted) commitment.accepted_at = at;
    if (to == CommitmentState::doing) commitment.started_at = at;
    if (!model::is_open(to)) commitment.ended_at = at;
    if (to == CommitmentState::broken) commitment.broken_at = at;
    KITH_TRY(record_commitment(subject, open, model::Operation::changed, before, at, 0));
    if (to != CommitmentState::kept || commitment.for_kind != model::ForKind::commitment) return {};
    auto owed = find_commitment(commitment.for_record);
    if (!owed) return owed.error().status == Status::missing ? base::Result<void>() : owed.take_error();
    if (owed->open->commitment.state != CommitmentState::broken) return {};
    return move_commitment(*owed->subject, *owed->open, CommitmentState::compensated, at);
}

base::Result<std::uint32_t> Session::change_commitment(Subject &subject, OpenCommitment &open,
                                                       const CommitmentChange &change) {
    auto &commitment = open.commitment;
    std::uint32_t changed = 0;
    const auto asked = [&](std::uint32_t bit, bool differs) {
        if (!(change.fields & bit) || !differs) return false;
        changed |= bit;
        return true;
    };
    if (asked(commitment_bits::due, commitment.due != change.due)) {
        if (change.due && *change.due < commitment.opened_at) {
            return wrong(commitment_bits::due, Status::argument,
                         "it is due before it was opened: give a later time");
        }
        commitment.due = change.due;
        commitment.told_late = false;
    }
    if (asked(commitment_bits::assignee, commitment.assignee != change.assignee))
        commitment.assignee = change.assignee;
    if (asked(commitment_bits::artefacts, !std::ranges::equal(commitment.artefacts, change.artefacts))) {
        const auto kept = texts_.array<model::Name>(change.artefacts.size());
        std::ranges::copy(change.artefacts, kept.begin());
        commitment.artefacts = kept;
    }
    // What it was about, and by when, stays as it was once it has ended; evidence and result may follow.
    constexpr auto kOfOpen = commitment_bits::due | commitment_bits::assignee;
    if (changed & kOfOpen && !model::is_open(commitment.state)) {
        return wrong(changed & kOfOpen, Status::state,
                     "the commitment has ended: its due time and assignee stay as they are");
    }
    KITH_LET(personal, personal_of(commitment));
    const auto before = changed;
    const auto set = [&](std::uint32_t bit, std::string_view &target, std::string_view text) {
        if (asked(bit, target != text || !target.data() != !text.data())) target = text;
    };
    set(commitment_bits::title, personal.title, change.personal.title);
    set(commitment_bits::item, personal.item, change.personal.item);
    set(commitment_bits::condition, personal.condition, change.personal.condition);
    set(commitment_bits::compensation, personal.compensation, change.personal.compensation);
    set(commitment_bits::evidence, personal.evidence, change.personal.evidence);
    set(commitment_bits::result, personal.result, change.personal.result);
    if (changed != before) {
        personal.stamp = meta_.stamp;
        overlay_.put(Table::personal, index::commitment(commitment.party, commitment.id),
                     encoder_.encode(personal));
    }
    if (changed == 0) return changed;
    KITH_TRY(record_commitment(subject, open, model::Operation::changed, commitment.state, {}, changed));
    return changed;
}

base::Result<model::CommitmentPersonal> Session::personal_of(const model::Commitment &commitment) {
    KITH_LET(row, overlay_.get(Table::personal, index::commitment(commitment.party, commitment.id)));
    return row ? record::decode_commitment_personal(*row) : model::CommitmentPersonal();
}

base::Result<void> Session::record_commitment(Subject &subject, OpenCommitment &open,
                                              model::Operation operation,
                                              std::optional<model::CommitmentState> before,
                                              std::optional<base::Micros> at, std::uint32_t changed) {
    auto &commitment = open.commitment;
    commitment.stamp = meta_.stamp;
    ++commitment.revision;
    open.changed = true;
    if (const auto due = commitment.falls_due()) {
        subject.row.commitments_due = std::min(subject.row.commitments_due, *due);
        armed_.push_back({*due, commitment.party, commitment.id});
    }
    subject.figures_changed = true;
    auto change = model::change_of(model::ChangeKind::commitment, operation, commitment.party, commitment.id,
                                   commitment.kind);
    if (before) {
        KITH_LET(from, name(model::word_of(*before)));
        change.from = from;
    }
    KITH_LET(to, name(model::word_of(commitment.state)));
    change.to = to;
    change.at = at;
    change.changed = changed;
    KITH_TRY(record_change(change));
    KITH_TRY(note(subject, commitment, operation, before && *before != commitment.state,
                  at.value_or(circumstances_.now)));
    touched_.commitments = true;
    return raise_commitment(commitment, operation, before, at, changed);
}

// Told as a commitment, and as a task or promise if it is one.
base::Result<void> Session::raise_commitment(const model::Commitment &commitment, model::Operation operation,
                                             std::optional<model::CommitmentState> before,
                                             std::optional<base::Micros> at, std::uint32_t changed) {
    using model::CommitmentState;
    std::string_view verb;
    if (operation == model::Operation::created) {
        verb = "made";
    } else if (operation == model::Operation::late) {
        verb = "late";
    } else if (operation == model::Operation::changed && before != commitment.state) {
        verb = commitment.state == CommitmentState::doing ? "started" : model::word_of(commitment.state);
    } else if (changed & commitment_bits::assignee) {
        verb = "assigned";
    }
    if (verb.empty()) return {};
    const auto tell = [&](std::string_view head, std::string_view event) -> base::Result<void> {
        const auto type = texts_.copy(std::string(head) + "." + std::string(event));
        if (!behaviour().waits_for(type)) return {};
        Happening one;
        KITH_LET(kind, text(commitment.kind));
        KITH_LET(event_name, name(type));
        one.view = {type,
                    kind,
                    before ? model::word_of(*before) : std::string_view(),
                    model::word_of(commitment.state),
                    at.value_or(circumstances_.now),
                    false};
        one.cause.cause = model::Cause::timer;
        one.cause.at = one.view.at;
        one.cause.event = event_name;
        one.commitment = commitment.id;
        one.instance = commitment.process;
        one.depth = behaviour().depth() + 1;
        behaviour().raise(one);
        return {};
    };
    KITH_TRY(tell("commitment", verb));
    using Sort = model::CommitmentSort;
    if (commitment.sort == Sort::promise) return tell("promise", verb);
    if (commitment.sort != Sort::task) return {};
    return tell("task", verb == "kept" ? std::string_view("done") : verb);
}

// ---- time ----

base::Result<OpenCommitment *> Session::next_commitment(Subject &subject, base::Micros at) {
    auto &due = subject.row.commitments_due;
    if (due > at) return nullptr;
    KITH_TRY(load_commitments(subject));
    OpenCommitment *first = nullptr;
    due = kNever;
    for (auto &open : subject.commitments) {
        const auto falls = open.commitment.falls_due();
        if (!falls || *falls >= due) continue;
        due = *falls;
        first = &open;
    }
    return due <= at ? first : nullptr;
}

// A promise is broken; a task only is late from then on.
base::Result<void> Session::fall_due(Subject &subject, OpenCommitment &open) {
    auto &commitment = open.commitment;
    const auto due = *commitment.falls_due();
    ++due_counts_.timers;
    if (model::breaks_when_due(commitment.sort)) {
        KITH_TRY(move_commitment(subject, open, model::CommitmentState::broken, due));
    } else {
        commitment.told_late = true;
        KITH_TRY(record_commitment(subject, open, model::Operation::late, commitment.state, due, 0));
    }
    return settle_owed(subject, due, model::Cause::timer);
}

// Lets who waits for it know what was moved outside of a cause of its own.
base::Result<void> Session::settle_owed(Subject &subject, base::Micros at, model::Cause by) {
    model::Transition cause;
    cause.cause = by;
    cause.at = at;
    return settle(subject, at, cause);
}

// By the row of table `timers`, which may have been overtaken by events of the same page.
base::Result<void> Session::fall_due(Subject &subject, const index::TimerKey &timer) {
    KITH_TRY(load_commitments(subject));
    const auto open = std::ranges::find(subject.commitments, timer.process,
                                        [](const OpenCommitment &one) { return one.commitment.id; });
    const bool found = open != subject.commitments.end();
    if (!found || open->timer != timer.due) overlay_.remove(Table::timers, index::timer(timer));
    if (!found) return {};
    const auto due = open->commitment.falls_due();
    return due && *due <= timer.due ? fall_due(subject, *open) : base::Result<void>();
}

// ---- of a session ----

base::Result<void> Session::load_commitments(Subject &subject) {
    if (subject.commitments_loaded) return {};
    subject.commitments_loaded = true;
    std::vector<OpenCommitment> stored;
    KITH_LET(cursor, writer_.cursor(Table::rows));
    const auto prefix = index::row(subject.party.id, index::Tag::commitment);
    KITH_LET(found, cursor.seek(prefix));
    while (found && index::starts_with(cursor.key(), prefix)) {
        KITH_LET(row, cursor.value());
        auto &open = stored.emplace_back();
        open.commitment = record::decode_commitment(
            subject.party.id, base::Id::from(cursor.key().subspan(24, 16)), row.payload);
        open.queued = place_in_queue(open.commitment);
        open.timer = open.commitment.falls_due();
        KITH_LET(more, cursor.next());
        found = more;
    }
    // Before those of this batch: they are closed in the order they came, however the work was cut up.
    subject.commitments.insert(subject.commitments.begin(), stored.begin(), stored.end());
    return {};
}

base::Result<Session::FoundCommitment> Session::find_commitment(const base::Id &id) {
    KITH_LET(row, overlay_.get(Table::subjects, index::by_id(id)));
    if (row) {
        KITH_LET(owner, subject(base::Id::from(*row)));
        if (owner) {
            KITH_TRY(load_commitments(*owner));
            for (auto &open : owner->commitments) {
                if (open.commitment.id == id) return FoundCommitment{owner, &open};
            }
        }
    }
    return base::fail(Status::missing, "there is no commitment with this id");
}

void Session::note_commitments_due(Subject &subject) {
    auto &due = subject.row.commitments_due;
    if (subject.commitments_loaded) due = kNever;
    for (const auto &open : subject.commitments)
        due = std::min(due, open.commitment.falls_due().value_or(kNever));
}

void Session::stage_commitment(const OpenCommitment &open) {
    if (!open.changed) return;
    const auto &commitment = open.commitment;
    overlay_.add(Table::rows, index::commitment(commitment.party, commitment.id),
                 encoder_.encode(commitment));
    const auto queued = place_in_queue(commitment);
    if (open.queued != queued) {
        if (open.queued) overlay_.remove(Table::due_commitments, index::queue(*open.queued));
        if (queued)
            overlay_.add(Table::due_commitments, index::queue(*queued),
                         base::bytes_of_object(queue_entry(commitment)));
    }
    const auto timer = commitment.falls_due();
    if (open.timer == timer) return;
    const auto key = [&](base::Micros at) { return index::timer({at, commitment.party, commitment.id}); };
    if (open.timer) overlay_.remove(Table::timers, key(*open.timer));
    if (timer) overlay_.add(Table::timers, key(*timer), {});
}

}  // namespace kith::engine
