// What a party stands in, and what is due: its cases, segments and rules, in the order of their instants.
#include <algorithm>
#include <set>

#include <kith/base.h>

#include "engine/behaviour.hpp"
#include "engine/session.hpp"
#include "engine/values.hpp"

namespace kith::engine {

using base::Status;
using store::Table;

Behaviour &Session::behaviour() {
    if (!behaviour_) behaviour_ = std::make_unique<Behaviour>(*this);
    return *behaviour_;
}

base::Result<void> Session::load_instances(Subject &subject) {
    if (subject.instances_loaded) return {};
    subject.instances_loaded = true;
    auto rest = std::exchange(subject.stored_processes, {});
    StoredProcess stored;
    while (true) {
        KITH_LET(found, next_process(rest, stored));
        if (!found) return {};
        if (is_watched(stored.id)) {
            Membership membership;
            membership.kind = watched_kind(stored.id);
            membership.name = segment_of(stored.id);
            membership.stored = membership.before = decode_membership(stored.record);
            membership.wake = membership.wake_before = stored.wake;
            subject.memberships.push_back(membership);
            continue;
        }
        Instance instance;
        instance.process = record::decode_process(subject.party.id, stored.id, stored.record);
        instance.milestones.assign(instance.process.milestones.begin(), instance.process.milestones.end());
        KITH_TRY(bind(instance));
        instance.state_before = instance.process.state;
        instance.since_before = instance.process.since;
        instance.wake = stored.wake;
        subject.instances.push_back(std::move(instance));
    }
}

// To the definition it runs under, as it is compiled now.
base::Result<void> Session::bind(Instance &instance) {
    const auto &process = instance.process;
    instance.definition = catalog_->find(process.definition, process.version);
    if (!instance.definition) {
        return base::fail(Status::corrupt,
                          "a process runs under a definition that is missing: run kith verify");
    }
    instance.programs = catalog_->behaviours->find(instance.definition);
    const auto state = instance.definition->state_index(process.state);
    instance.ended = state && instance.definition->is_final(*state);
    return {};
}

Instance *Session::find_instance(Subject &subject, const base::Id &process) {
    const auto at =
        std::ranges::find(subject.instances, process, [](const Instance &one) { return one.process.id; });
    return at == subject.instances.end() ? nullptr : &*at;
}

std::vector<ProcessRead> Session::cases_of(const Subject &subject) const {
    std::vector<ProcessRead> all;
    all.reserve(subject.instances.size());
    for (const auto &instance : subject.instances) {
        ProcessRead read{instance.process, {}, instance.ended};
        if (instance.process.due != kNever) read.due = instance.process.due;
        all.push_back(read);
    }
    return all;
}

// What expressions see of a party that is being written.
std::unique_ptr<PartyFacts> Session::facts_of(Subject &subject) {
    const auto *record = subject.party_loaded ? &subject.party : nullptr;
    auto facts = PartyFacts::over(*view_, subject.party.id, record, subject.row.figures);
    facts->set_processes(cases_of(subject));
    facts->set_commitments([this, &subject] { return commitment_rows(subject); });
    return facts;
}

base::Result<RowsInHand> Session::commitment_rows(Subject &subject) {
    KITH_TRY(load_commitments(subject));
    RowsInHand rows;
    for (const auto &open : subject.commitments) {
        const auto key = index::commitment(subject.party.id, open.commitment.id);
        const auto record = encoder_.encode(open.commitment);
        rows.emplace_back(std::vector(key.view().begin(), key.view().end()),
                          std::vector(record.begin(), record.end()));
    }
    return rows;
}

// An event is applied to a subject as it stands at that instant: what was due by then happens first.
base::Result<void> Session::fire_before(Subject &subject, base::Micros at) {
    KITH_TRY(load_instances(subject));
    KITH_TRY(behaviour().catch_up(subject));
    for (int fired = 0;; ++fired) {
        Instance *first = nullptr;
        for (auto &instance : subject.instances) {
            if (!instance.ended && instance.due() <= at && (!first || instance.due() < first->due()))
                first = &instance;
        }
        Membership *member = nullptr;
        for (auto &membership : subject.memberships) {
            if (membership.wake <= at && (!member || membership.wake < member->wake)) member = &membership;
        }
        KITH_LET(owed, next_commitment(subject, at));
        const auto owed_first = [&](base::Micros due, const base::Id &id) {
            const auto &one = owed->commitment;
            return std::pair(*one.due, one.id) < std::pair(due, id);
        };
        if (owed && (!member || *owed->commitment.due < member->wake) &&
            (!first || owed_first(first->due(), first->process.id))) {
            KITH_TRY(fall_due(subject, *owed));
            --fired;  // there are only so many
            continue;
        }
        // At one instant segments and rules before processes, whose conditions may read them.
        if (member && (!first || member->wake <= first->due())) {
            KITH_TRY(fire(subject, *member));
            --fired;  // a window that empties row by row is no limit
            continue;
        }
        if (!first) return {};
        if (fired == KITH_MAX_TIMERS_BEFORE_EVENT) {
            return base::fail(Status::limit,
                              "too much is due for the party before this event: run due work up to it first");
        }
        KITH_TRY(behaviour().fire(subject, *first, first->due()));
    }
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

base::Result<bool> Session::run_due(base::Micros through, std::size_t timers_max) {
    std::set<index::TimerKey> queue;
    bool all = true;
    {
        KITH_LET(cursor, writer_.cursor(Table::timers));
        KITH_LET(found, cursor.first());
        while (found) {
            const auto key = index::timer_key(cursor.key());
            if (key.due > through) break;
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
    auto horizon = index::TimerKey{through, {}, {}};
    horizon.party.bytes.fill(std::byte{0xff});
    horizon.process.bytes.fill(std::byte{0xff});
    if (!all) horizon = *queue.rbegin();

    // What has been moved meanwhile joins the page.
    const auto join = [&] {
        for (const auto &key : armed_) {
            if (key <= horizon) queue.insert(key);
        }
        armed_.clear();
    };
    armed_.clear();
    for (std::size_t fired = 0; !queue.empty(); ++fired, join()) {
        if (fired == timers_max)
            return false;  // short delays arm again and again: the rest is for the next page
        const auto key = *queue.begin();
        queue.erase(queue.begin());
        KITH_LET(owner, subject(key.party));
        if (!owner)
            return base::fail(Status::corrupt, "a timer names a party that is missing: run kith verify");
        KITH_TRY(load_instances(*owner));
        KITH_TRY(behaviour().catch_up(*owner));
        if (is_watched(key.process)) {
            const auto kind = watched_kind(key.process);
            const auto name = segment_of(key.process);
            auto &membership = watched_in(*owner, kind, name);
            if (membership.wake > key.due) continue;  // an event of this page has put it off
            KITH_TRY(fire(*owner, membership));
        } else if (auto *at = find_instance(*owner, key.process)) {
            overlay_.remove(Table::timers, index::timer(key));
            at->wake = kNever;
            at->changed = true;
            // Events may have put its due time off since the row was written: then it only moves on.
            if (!at->ended && at->due() <= key.due) KITH_TRY(behaviour().fire(*owner, *at, at->due()));
        } else {
            KITH_TRY(fall_due(*owner, key));
        }
        // What it has moved, of this party, joins the page.
        for (const auto &one : owner->instances) {
            const index::TimerKey next{one.due(), key.party, one.process.id};
            if (!one.ended && one.due() != kNever && next <= horizon) queue.insert(next);
        }
        for (const auto &one : owner->memberships) {
            const index::TimerKey next{one.wake, key.party, watched_id(one.kind, one.name)};
            if (one.wake != kNever && next <= horizon) queue.insert(next);
        }
    }
    return all;
}

base::Result<base::Micros> Session::next_period(base::Micros now) {
    KITH_LET(next, behaviour().next_period(now));
    behaviour().stage();
    return next;
}

base::Result<bool> Session::run_periods(base::Micros begin, std::size_t parties_max) {
    return behaviour().run_periods(begin, parties_max);
}

// ---- actors ----

namespace {
constexpr int kActorLevelsMax = 64;
}  // namespace

base::Result<model::Name> Session::actor_above(model::Name actor) {
    KITH_LET(row, overlay_.get(Table::actors, index::by_number(actor)));
    return row ? record::decode_actor(actor, *row).part_of : model::Name{0};
}

base::Result<model::Name> Session::first_active(model::Name actor) {
    for (int level = 0; actor != 0 && level < kActorLevelsMax; ++level) {
        KITH_LET(row, overlay_.get(Table::actors, index::by_number(actor)));
        if (!row) return actor;  // known by name alone
        const auto found = record::decode_actor(actor, *row);
        if (found.active) return actor;
        actor = found.part_of;
    }
    return model::Name{0};
}

base::Result<model::Name> Session::assignee_of(Subject &subject, const base::Id &commitment) {
    KITH_TRY(load_commitments(subject));
    for (const auto &open : subject.commitments) {
        if (open.commitment.id == commitment) return open.commitment.assignee;
    }
    return model::Name{0};
}

}  // namespace kith::engine
