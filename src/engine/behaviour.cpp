// Processes: what an event or a due time moves, and what entering a state does.
#include <algorithm>
#include <set>

#include <kith/base.h>

#include "engine/session.hpp"
#include "engine/timers.hpp"

namespace kith::engine {

using base::Status;
using store::Table;

std::optional<base::Micros> armed_at(const rules::Timer &timer, const model::Process &process,
                                     const model::Figures &figures, const rules::Calendar &calendar) {
    const auto due = rules::due_at(timer, process.since, figures, calendar);
    if (due && process.tried_at && *due <= *process.tried_at) return std::nullopt;
    return due;
}

base::Micros next_due(const model::Process &process, const InstalledProcess &definition,
                      const model::Figures &figures, const rules::Calendar &calendar) {
    auto first = kNever;
    const auto state = definition.state_index(process.state);
    if (!state) return first;
    for (const auto &timer : definition.process.states[*state].after) {
        first = std::min(first, armed_at(timer, process, figures, calendar).value_or(kNever));
    }
    return first;
}

base::Micros Session::due(const Subject &subject, Instance &instance) const {
    if (!instance.due) {
        instance.due = next_due(instance.process, *instance.definition, subject.row.figures, calendar_);
    }
    return *instance.due;
}

base::Result<void> Session::load_instances(Subject &subject) {
    if (subject.instances_loaded) return {};
    subject.instances_loaded = true;
    auto rest = std::exchange(subject.stored_processes, {});
    StoredProcess stored;
    while (true) {
        KITH_LET(found, next_process(rest, stored));
        if (!found) return {};
        if (is_membership(stored.id)) {
            Membership membership;
            membership.segment = segment_of(stored.id);
            membership.stored = membership.before = decode_membership(stored.record);
            membership.wake = membership.wake_before = stored.wake;
            subject.memberships.push_back(membership);
            continue;
        }
        Instance instance;
        instance.process = record::decode_process(subject.party.id, stored.id, stored.record);
        instance.definition = catalog_->find(instance.process.definition, instance.process.version);
        if (!instance.definition) {
            return base::fail(Status::corrupt,
                              "a process runs under a definition that is missing: run kith verify");
        }
        instance.state_before = instance.process.state;
        instance.since_before = instance.process.since;
        instance.wake = stored.wake;
        subject.instances.push_back(instance);
    }
}

void Session::figures_moved(Subject &subject) {
    for (auto &instance : subject.instances) instance.due.reset();
}

// An event is applied to a subject as it stands at that instant: what was due by then happens first.
base::Result<void> Session::fire_before(Subject &subject, base::Micros at) {
    KITH_TRY(load_instances(subject));
    for (int fired = 0;; ++fired) {
        Instance *first = nullptr;
        for (auto &instance : subject.instances) {
            if (due(subject, instance) <= at && (!first || *instance.due < *first->due)) first = &instance;
        }
        Membership *member = nullptr;
        for (auto &membership : subject.memberships) {
            if (membership.wake <= at && (!member || membership.wake < member->wake)) member = &membership;
        }
        // At one instant segments before processes, whose conditions may read them.
        if (member && (!first || member->wake <= *first->due)) {
            KITH_TRY(fire(subject, *member));
            --fired;  // a window that empties row by row is no limit
            continue;
        }
        if (!first) return {};
        if (fired == KITH_MAX_TIMERS_BEFORE_EVENT) {
            return base::fail(Status::limit,
                              "too much is due for the party before this event: run due work up to it first");
        }
        KITH_TRY(fire(subject, *first));
    }
}

// All timers of an instance that are due at one instant: the first whose guards hold moves it.
base::Result<void> Session::fire(Subject &subject, Instance &instance) {
    ++due_counts_.timers;
    const auto due = *instance.due;
    const auto state = instance.definition->state_index(instance.process.state);
    const auto &after = instance.definition->process.states[*state].after;
    for (const auto &timer : after) {
        if (armed_at(timer, instance.process, subject.row.figures, calendar_) != due) continue;
        const auto &move = timer.move;
        if (!rules::holds(move.guards, subject.row.figures, due)) continue;
        model::Transition cause;
        cause.at = due;
        cause.cause = model::Cause::timer;
        return enter(subject, instance, move.target, cause);
    }
    instance.process.tried_at = due;
    instance.changed = true;
    instance.due.reset();
    return {};
}

base::Result<void> Session::happen(Subject &subject, const model::InteractionKey &interaction,
                                   std::string_view type, model::Name type_name) {
    if (subject.row.anonymous) return {};
    KITH_TRY(load_instances(subject));
    model::Transition cause;
    cause.at = interaction.at;
    cause.cause = model::Cause::event;
    cause.event = type_name;
    cause.interaction = interaction;
    for (auto &instance : subject.instances) {
        const auto state = instance.definition->state_index(instance.process.state);
        if (!state) continue;
        const auto target =
            rules::on_event(instance.definition->process, *state, type, subject.row.figures, interaction.at);
        if (!target ||
            (interaction.at < instance.process.since && undone_at_once(subject, instance, *target)))
            continue;
        KITH_TRY(enter(subject, instance, *target, cause));
    }
    for (const auto &definition : catalog_->processes) {
        if (!definition.newest || definition.process.start != type) continue;
        const bool runs =
            std::any_of(subject.instances.begin(), subject.instances.end(),
                        [&](const auto &instance) { return instance.process.definition == definition.name; });
        if (!runs) KITH_TRY(start(subject, definition, cause));
    }
    return {};
}

// A late event may ask for a state that a due time has ended since: then it moves nothing.
bool Session::undone_at_once(const Subject &subject, const Instance &instance, std::uint32_t target) const {
    auto moved = instance.process;
    moved.state = instance.definition->states[target];
    moved.tried_at.reset();
    return next_due(moved, *instance.definition, subject.row.figures, calendar_) <= moved.since;
}

base::Result<void> Session::start(Subject &subject, const InstalledProcess &definition,
                                  const model::Transition &cause) {
    Instance instance;
    instance.definition = &definition;
    instance.process.party = subject.party.id;
    instance.process.id = new_id();
    instance.process.definition = definition.name;
    instance.process.version = definition.version;
    instance.process.since = instance.process.started_at = cause.at;
    subject.instances.push_back(std::move(instance));
    return enter(subject, subject.instances.back(), definition.process.initial, cause);
}

base::Result<void> Session::record(model::Transition &transition, model::ChangeKind kind, model::Name of,
                                   bool begins) {
    auto change = model::change_of(kind, begins ? model::Operation::created : model::Operation::changed,
                                   transition.party, transition.process, of);
    change.from = transition.from;
    change.to = transition.to;
    change.at = transition.at;
    KITH_LET(number, record_change(change));
    transition.origin = meta_.origin;
    transition.number = number;
    transition.stamp = meta_.stamp;
    overlay_.add(Table::facts, index::fact(meta_.origin, number), encoder_.encode(transition));
    overlay_.add(Table::rows, index::transition(transition.party, transition.process, meta_.origin, number),
                 {});
    return {};
}

base::Result<void> Session::enter(Subject &subject, Instance &instance, std::uint32_t state,
                                  model::Transition transition) {
    auto &process = instance.process;
    const bool starts = process.state == 0;
    transition.party = process.party;
    transition.process = process.id;
    transition.from = process.state;
    transition.to = instance.definition->states[state];
    transition.version = process.version;
    if (starts) {
        transition.key = process.key;
        transition.parent = process.parent;
    }
    // A late event moves the process when it arrives; what has happened since is not rewound.
    transition.late = transition.at < process.since;
    transition.at = std::max(transition.at, process.since);

    KITH_TRY(record(transition, model::ChangeKind::process, process.definition, starts));

    process.state = transition.to;
    process.since = transition.at;
    process.tried_at.reset();
    process.stamp = meta_.stamp;
    ++process.transitions;
    instance.changed = true;
    ++counts_.transitions;
    ++due_counts_.transitions;
    instance.due.reset();

    const auto &entry = instance.definition->process.states[state].entry;
    for (std::uint32_t i = 0; i < entry.size(); ++i) {
        KITH_TRY(carry_out(subject, instance, entry[i], i, transition));
    }
    return {};
}

base::Result<void> Session::carry_out(Subject &subject, const Instance &instance,
                                      const rules::EntryEffect &effect, std::uint32_t effect_number,
                                      const model::Transition &cause) {
    const auto &process = instance.process;
    KITH_LET(kind, name(effect.kind));
    if (effect.what == rules::EntryEffect::Do::close) {
        KITH_TRY(load_commitments(subject));
        for (auto &open : subject.commitments) {
            auto &commitment = open.commitment;
            if (commitment.kind != kind || commitment.process != process.id ||
                !model::is_open(commitment.state)) {
                continue;
            }
            const auto before = commitment.state;
            commitment.state = static_cast<model::CommitmentState>(effect.as);
            commitment.ended_at = cause.at;
            commitment.stamp = meta_.stamp;
            open.changed = true;
            KITH_TRY(record_commitment(commitment, before, model::Operation::changed, cause.at));
        }
        return {};
    }

    // Law 8: an effect happens once per occurrence, however often its cause is looked at.
    const auto occurrence = index::occurrence(process.id, process.transitions, effect_number);
    KITH_LET(done, overlay_.get(Table::occurrences, occurrence));
    if (done) return {};
    const bool historic = cause.at < meta_.effects_from;
    OpenCommitment open;
    auto &commitment = open.commitment;
    commitment.party = process.party;
    commitment.id = new_id();
    commitment.kind = kind;
    KITH_LET(title, name(effect.title));
    commitment.title = title;
    commitment.state = historic ? model::CommitmentState::historic : model::CommitmentState::open;
    commitment.opened_at = cause.at;
    commitment.due = rules::end_of(effect.due, cause.at, subject.row.figures, calendar_);
    commitment.process = process.id;
    commitment.stamp = meta_.stamp;
    open.changed = true;
    overlay_.put(Table::occurrences, occurrence, commitment.id.view());
    KITH_TRY(record_commitment(commitment, {},
                               historic ? model::Operation::historic : model::Operation::created, cause.at));
    subject.commitments.push_back(open);
    ++counts_.commitments;
    ++due_counts_.commitments;
    return {};
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

base::Result<bool> Session::run_due(base::Micros now, std::size_t timers_max) {
    std::set<index::TimerKey> queue;
    bool all = true;
    {
        KITH_LET(cursor, writer_.cursor(Table::timers));
        KITH_LET(found, cursor.first());
        while (found) {
            const auto key = index::timer_key(cursor.key());
            if (key.due > now) break;
            if (queue.size() == timers_max) {
                all = false;
                break;
            }
            queue.insert(queue.end(), key);
            KITH_LET(more, cursor.next());
            found = more;
        }
    }
    // What this page arms anew joins it only as far as the page has read.
    auto horizon = index::TimerKey{now, {}, {}};
    horizon.party.bytes.fill(std::byte{0xff});
    horizon.process.bytes.fill(std::byte{0xff});
    if (!all) horizon = *queue.rbegin();

    for (std::size_t fired = 0; !queue.empty(); ++fired) {
        if (fired == timers_max)
            return false;  // short delays arm again and again: the rest is for the next page
        const auto key = *queue.begin();
        queue.erase(queue.begin());
        KITH_LET(owner, subject(key.party));
        if (!owner)
            return base::fail(Status::corrupt, "a timer names a party that is missing: run kith verify");
        KITH_TRY(load_instances(*owner));
        if (is_membership(key.process)) {
            auto &membership = membership_in(*owner, segment_of(key.process));
            if (membership.wake > key.due) continue;  // an event of this page has put it off
            KITH_TRY(fire(*owner, membership));
            const index::TimerKey next{membership.wake, key.party, key.process};
            if (next <= horizon) queue.insert(next);
            continue;
        }
        const auto at =
            std::find_if(owner->instances.begin(), owner->instances.end(),
                         [&](const auto &instance) { return instance.process.id == key.process; });
        overlay_.remove(Table::timers, index::timer(key));
        if (at == owner->instances.end()) continue;
        at->wake = kNever;
        at->changed = true;
        // Events may have put its due time off since the row was written: then it only moves on.
        if (due(*owner, *at) <= key.due) KITH_TRY(fire(*owner, *at));
        const index::TimerKey next{due(*owner, *at), key.party, key.process};
        if (next <= horizon) queue.insert(next);
    }
    return all;
}

}  // namespace kith::engine
