// Cases: the running processes of a party. Which transition an event takes, what entering a state brings,
// when a case moves by itself.
#include <algorithm>

#include "base/hash.hpp"
#include "engine/behaviour.hpp"
#include "engine/values.hpp"
#include "index/keys.hpp"
#include "rules/waiting.hpp"

namespace kith::engine {

using base::Status;
using model::MilestoneState;
using store::Table;

namespace {

constexpr std::uint32_t kMicrostepsMax = 32;

}  // namespace

// One id for what is written down in parts: the same parts, the same id.
base::Id occurrence_of(std::string_view parts) {
    base::Id id;
    const auto high = base::hash64(base::bytes_of(parts));
    const auto low = base::hash64(base::bytes_of(std::string(parts) + "'"));
    base::store_big64(id.bytes.data(), high);
    base::store_big64(id.bytes.data() + 8, low);
    return id;
}

index::Key sent_occurrence(const base::Id &party, std::string_view process, std::string_view key,
                           std::string_view event, base::Micros at) {
    std::string parts = "sent|" + std::string(process) + "|" + std::string(key) + "|" + std::string(event) +
                        "|" + std::to_string(at) + "|";
    parts += base::text_of(party.view());
    return index::occurrence(occurrence_of(parts), 0, 0);
}

std::string text_of_cause(const Happening &one) {
    std::string text(one.view.type);
    text += '|';
    text += one.view.name;
    text += '|';
    text += std::to_string(one.cause.at);
    text += '|';
    if (one.cause.cause == model::Cause::event) {
        const auto key = index::interaction(one.cause.interaction);
        text += base::text_of(key);
    }
    text += base::text_of(one.instance.view());
    text += base::text_of(one.commitment.view());
    text += std::to_string(one.depth);  // the same event deeper in a cascade is another
    text += base::text_of(one.origin.view());
    return text;
}

// ---- events ----

// Whether an event is for this case: it names it, or gives its key.
base::Result<bool> Behaviour::takes(Instance &instance, const Happening &one) {
    if (!one.process.empty()) return one.key.empty() || one.key == instance.process.key;
    if (!instance.programs->key || !instance.definition->chart().routes) return true;
    process_ = instance.programs;
    KITH_LET(key, optional_text(instance.programs->key, Case{nullptr, &one}));
    return key && *key == instance.process.key;
}

base::Result<bool> Behaviour::first_move(Subject &subject, Instance &instance,
                                         std::span<const MovePrograms> moves, const Happening &one) {
    // Guards see the data that the event brings.
    const auto values = carried(instance, one);
    const auto own = instance.process.fields;
    std::vector<model::Name> changed;
    const auto seen = s_.laid_over(own, values, changed);
    for (const auto &move : moves) {
        instance.process.fields = seen;
        if (!values.empty()) looked_ = false;
        auto taken = holds(move.move->guard, move.guard, Case{&instance, &one});
        instance.process.fields = own;
        if (!values.empty()) looked_ = false;
        if (!taken) return taken.take_error();
        if (!*taken) continue;
        if (one.cause.at < instance.process.since && move.move->target && one.interaction) {
            KITH_LET(undone, undone_at_once(instance, *move.move->target, one));
            if (undone) return false;
        }
        KITH_TRY(take(subject, static_cast<std::size_t>(&instance - subject.instances.data()), move, one));
        return true;
    }
    return false;
}

// A late event may ask for a state that a due time has ended since: then it moves nothing.
base::Result<bool> Behaviour::undone_at_once(Instance &instance, std::uint32_t target, const Happening &one) {
    const auto &chart = instance.definition->chart();
    while (chart.states[target].initial) target = *chart.states[target].initial;
    const auto state = std::exchange(instance.process.state, instance.definition->states[target]);
    bool undone = false;
    auto read = each_timer(instance, Case{&instance, &one},
                           [&](const TimerPrograms &, base::Micros due, bool) -> base::Result<void> {
                               undone = undone || due <= instance.process.since;
                               return {};
                           });
    instance.process.state = state;
    looked_ = false;  // it has been seen where it does not go
    if (!read) return read.take_error();
    return undone;
}

// Innermost first; within a state as it is written.
base::Result<void> Behaviour::move_on(Subject &subject, Instance &instance, const Happening &one) {
    const auto &programs = *instance.programs;
    const auto &chart = instance.definition->chart();
    const auto state = instance.definition->state_index(instance.process.state);
    if (!state) return {};
    process_ = &programs;
    std::vector<const std::vector<EventPrograms> *> levels{&programs.states[*state].on};
    if (const auto outer = chart.states[*state].outer) levels.push_back(&programs.states[*outer].on);
    levels.push_back(&programs.on);
    for (const auto *level : levels) {
        for (const auto &each : *level) {
            if (!rules::type_matches(each.event, one.view.type)) continue;
            const auto place = static_cast<std::size_t>(&instance - subject.instances.data());
            const auto before = instance.process.transitions;
            KITH_LET(moved, first_move(subject, instance, each.moves, one));
            if (!moved) continue;
            if (subject.instances[place].process.transitions == before) return {};
            return settle_case(subject, place, one);
        }
    }
    return {};
}

base::Result<void> Behaviour::start(Subject &subject, const ProcessPrograms &programs, const Happening &one,
                                    std::string_view key) {
    process_ = &programs;
    KITH_TRY(count_effect());
    change(subject);
    moved_ = true;
    Instance instance;
    instance.definition = programs.process;
    instance.programs = &programs;
    auto &process = instance.process;
    process.party = subject.party.id;
    process.id = s_.new_id();
    process.definition = programs.process->name;
    process.version = programs.process->version;
    process.since = process.started_at = process.outer_since = one.cause.at;
    if (!key.empty()) process.key = s_.texts_.copy(key);
    process.parent = one.parent;
    const auto &parent = programs.process->chart().parent;
    for (const auto &other : subject.instances) {
        if (!process.parent && !parent.empty() && !other.ended && other.definition->chart().name == parent)
            process.parent = other.process.id;
    }
    subject.instances.push_back(std::move(instance));
    const auto place = subject.instances.size() - 1;
    KITH_TRY(enter(subject, place, programs.process->chart().initial, false, nullptr, one));
    return settle_case(subject, place, one);
}

base::Result<void> Behaviour::take(Subject &subject, std::size_t place, const MovePrograms &move,
                                   const Happening &one) {
    moved_ = true;
    auto &instance = subject.instances[place];
    const auto state = *instance.definition->state_index(instance.process.state);
    const auto target = move.move->target;
    const bool stays = !target || (*target == state && !move.move->reenter);
    if (!stays) return enter(subject, place, *target, move.move->reenter, &move, one);
    const auto values = carried(instance, one);
    if (!values.empty()) {
        change(subject);
        model::Transition log = one.cause;
        log.from = log.to = instance.process.state;
        log.inside = true;
        set_data(instance, values, log);
        KITH_TRY(write_log(instance, log, values, false));
    }
    if (!move.actions.empty()) {
        Occurrence occurrence;
        occurrence.id =
            occurrence_of(std::string(base::text_of(instance.process.id.view())) +
                          std::to_string(instance.process.transitions) + "|" + text_of_cause(one));
        KITH_TRY(carry_out(subject, move.actions, Case{&instance, &one}, occurrence));
    }
    subject.instances[place].stale = true;
    return {};
}

base::Result<void> Behaviour::enter(Subject &subject, std::size_t place, std::uint32_t target, bool reenter,
                                    const MovePrograms *move, const Happening &one) {
    change(subject);
    auto &instance = subject.instances[place];
    auto &process = instance.process;
    const auto &programs = *instance.programs;
    const auto &chart = instance.definition->chart();
    process_ = &programs;
    constexpr auto kNone = UINT32_MAX;
    const bool starts = process.state == 0;
    const auto from = starts ? kNone : instance.definition->state_index(process.state).value_or(kNone);
    const auto asked = target;
    while (chart.states[target].initial) target = *chart.states[target].initial;
    const auto outer_of = [&](std::uint32_t state) {
        return state == kNone ? kNone : chart.states[state].outer.value_or(kNone);
    };
    const auto old_outer = outer_of(from), outer = outer_of(target);
    const bool leaves_outer = old_outer != kNone && (old_outer != outer || (reenter && asked == old_outer));
    const bool enters_outer = outer != kNone && (old_outer != outer || leaves_outer);

    model::Transition log = one.cause;
    // A late event moves the case when it arrives; what has happened since is not rewound.
    log.late = log.at < process.since;
    log.at = std::max(log.at, process.since);
    log.from = process.state;
    log.to = instance.definition->states[target];
    const auto values = carried(instance, one);
    set_data(instance, values, log);
    if (enters_outer) KITH_TRY(check_required(instance, chart.states[outer]));
    KITH_TRY(check_required(instance, chart.states[target]));

    Occurrence occurrence{process.id, process.transitions + 1};
    auto moved = one;  // what it does is done when it moves
    moved.cause.at = log.at;
    const auto effects = [&](const std::vector<EffectPrograms> &all) -> base::Result<void> {
        return carry_out(subject, all, Case{&subject.instances[place], &moved}, occurrence);
    };
    if (from != kNone) KITH_TRY(effects(programs.states[from].exit));
    if (leaves_outer) KITH_TRY(effects(programs.states[old_outer].exit));
    if (move) KITH_TRY(effects(move->actions));

    KITH_TRY(write_log(instance, log, values, starts));
    process.state = log.to;
    process.since = log.at;
    process.tried_at.reset();
    instance.tried.reset();
    if (enters_outer || outer == kNone) {
        process.outer_since = log.at;
        process.outer_tried_at.reset();
        instance.outer_tried.reset();
    }
    instance.ended = instance.definition->is_final(target);
    instance.stale = instance.moved = true;
    looked_ = false;
    ++s_.counts_.transitions;
    ++s_.due_counts_.transitions;
    s_.touched_.processes = true;

    const auto name = std::string_view(chart.name);
    const auto was = from != kNone ? std::string_view(chart.states[from].name) : std::string_view();
    const auto now = std::string_view(chart.states[target].name);
    if (s_.tells_deeds_ && !name.starts_with(rules::kWaitingPrefix))
        s_.note(subject, name, "state", std::string(was) + " -> " + std::string(now), log.at);
    if (starts) KITH_TRY(raise_of_case(instance, "process.started", name, was, now, one));
    if (!starts) KITH_TRY(raise_of_case(instance, "state.left", name, was, now, one));
    KITH_TRY(raise_of_case(instance, "state.changed", name, was, now, one));
    KITH_TRY(raise_of_case(instance, "state.entered", name, was, now, one));
    KITH_TRY(mark_milestones(subject, place, one));
    if (enters_outer) KITH_TRY(effects(programs.states[outer].entry));
    KITH_TRY(effects(programs.states[target].entry));
    // What a rule waited for has not come: it has fired.
    if (!replays_ && now == rules::kMissed) {
        const auto *rule = rule_of(chart);
        if (rule && rule->rule().unless) KITH_TRY(note_fired(subject, *rule, moved));
    }
    if (instance.ended) KITH_TRY(raise_of_case(instance, "process.ended", name, was, now, one));
    return {};
}

// What is always there is taken until none of it holds, or until one stays, which would be there for ever.
base::Result<void> Behaviour::settle_case(Subject &subject, std::size_t place, const Happening &one) {
    Happening by_itself = one;
    by_itself.set = {};
    by_itself.interaction = nullptr;
    by_itself.personal = nullptr;
    for (std::uint32_t step = 0;; ++step) {
        auto &instance = subject.instances[place];
        const auto state = instance.definition->state_index(instance.process.state);
        if (instance.ended || !state) return {};
        process_ = instance.programs;
        const auto before = instance.process.transitions;
        KITH_LET(moved, first_move(subject, instance, instance.programs->states[*state].always, by_itself));
        if (const auto outer = instance.definition->chart().states[*state].outer; outer && !moved) {
            KITH_LET(outside,
                     first_move(subject, instance, instance.programs->states[*outer].always, by_itself));
            moved = outside;
        }
        if (!moved || subject.instances[place].process.transitions == before) return {};
        if (step == kMicrostepsMax)
            return base::fail(Status::limit, "a process moves on for ever: 32 moves that are always there");
    }
}

// ---- data ----

// What an event says of the case's fields: what it was sent with, or fields of the interaction by their
// names.
std::vector<TypedValue> Behaviour::carried(const Instance &instance, const Happening &one) {
    std::vector<TypedValue> values(one.set.begin(), one.set.end());
    if (!one.interaction) return values;
    const auto add = [&](const model::Fields &fields) {
        for (const auto &value : fields.values) {
            const auto name = s_.text(value.name);
            if (!name) continue;
            for (const auto &field : instance.programs->fields) {
                if (field.name != *name || field.kind != value.kind) continue;
                values.push_back(
                    {value, value.kind == model::FieldKind::text ? fields.text(value) : std::string_view()});
            }
        }
    };
    add(one.interaction->fields);
    add(one.personal->fields);
    std::ranges::stable_sort(values, {}, [](const auto &value) { return value.value.name; });
    return values;
}

void Behaviour::set_data(Instance &instance, std::span<const TypedValue> values, model::Transition &log) {
    if (values.empty()) return;
    std::vector<model::Name> changed, cleared;
    instance.process.fields = s_.laid_over(instance.process.fields, values, changed);
    for (const auto &one : values) {
        if (one.value.kind == model::FieldKind::written) cleared.push_back(one.value.name);
    }
    log.fields = s_.packed(values, false, true);
    if (!cleared.empty()) {
        const auto kept = s_.texts_.array<model::Name>(cleared.size());
        std::ranges::copy(cleared, kept.begin());
        log.cleared = kept;
    }
    looked_ = false;
    instance.changed = true;
}

base::Result<void> Behaviour::check_required(const Instance &instance, const rules::State &state) {
    for (const auto &field : state.require) {
        if (s_.has_value(instance.process.fields, field)) continue;
        return base::fail(Status::rule, "the process \"" + instance.definition->chart().name +
                                            "\" enters \"" + state.name + "\" with \"" + field +
                                            "\" set: give it");
    }
    return {};
}

// The entry of the log, its row, and the feed's. Texts stand apart.
base::Result<void> Behaviour::write_log(Instance &instance, model::Transition &log,
                                        std::span<const TypedValue> values, bool starts) {
    auto &process = instance.process;
    log.party = process.party;
    log.process = process.id;
    log.version = process.version;
    if (starts) {
        log.definition = process.definition;
        log.key = process.key;
        log.parent = process.parent;
    }
    KITH_TRY(s_.record(log, model::ChangeKind::process, process.definition, starts));
    model::InteractionPersonal aside;
    aside.fields = s_.packed(values, true, false);
    aside.text = log.reason;
    if (aside.any())
        s_.overlay_.put(Table::personal, index::transition(log.party, log.process, log.origin, log.number),
                        s_.encoder_.encode(aside));
    process.stamp = s_.meta_.stamp;
    ++process.transitions;
    instance.changed = true;
    return {};
}

base::Result<void> Behaviour::raise_of_case(const Instance &instance, std::string_view type,
                                            std::string_view name, std::string_view from, std::string_view to,
                                            const Happening &cause) {
    if (!waits_for(type)) return {};
    // A move is at when it stands there since, which a late cause is before; a deadline runs out after it.
    const auto at = std::max(instance.process.since, cause.cause.at);
    Happening one;
    one.view = {type, name, from, to, at, false};
    one.cause = cause.cause;
    one.cause.at = at;
    KITH_LET(code, s_.name(type));
    one.cause.event = code;
    one.instance = instance.process.id;
    one.origin = occurrence_of(std::string(base::text_of(instance.process.id.view())) + "move" +
                               std::to_string(instance.process.transitions));
    one.depth = cause.depth + 1;
    raise(one);
    return {};
}

// ---- time ----

base::Result<std::string> Behaviour::hours_of(const Instance &instance, const Case &at) {
    return text_of(instance.definition->chart().hours, instance.programs->hours, at);
}

// When a timer is due, whether it was tried or not; never before its state was entered.
base::Result<std::optional<base::Micros>> Behaviour::due_of(Instance &instance, const TimerPrograms &timer,
                                                            base::Micros since, const Case &at) {
    std::optional<base::Micros> due;
    if (!timer.timer->at.empty()) {
        KITH_LET(instant, instant_of(timer.at, at));
        due = instant;
    } else {
        auto from = std::optional(since);
        if (!timer.timer->anchor.empty()) {
            KITH_LET(anchor, instant_of(timer.anchor, at));
            from = anchor;
        }
        if (!from) return due;
        KITH_LET(hours, hours_of(instance, at));
        KITH_LET(end, end_of(timer.timer->delay, timer.delay, *from, hours, at));
        due = end;
    }
    if (due) due = std::clamp(*due, since, base::kMaxTime);
    return due;
}

template <class Take>
base::Result<void> Behaviour::each_timer(Instance &instance, const Case &at, const Take &take) {
    const auto state = instance.definition->state_index(instance.process.state);
    if (!state) return {};
    const auto outer = instance.definition->chart().states[*state].outer;
    const auto of = [&](std::uint32_t one, base::Micros since, bool is_outer) -> base::Result<void> {
        for (const auto &timer : instance.programs->states[one].after) {
            auto due = due_of(instance, timer, since, at);
            // One that cannot be worked out is not armed, as one that is not known.
            if (!due && due.error().status != Status::rule && due.error().status != Status::limit)
                return due.take_error();
            if (due && *due) KITH_TRY(take(timer, **due, is_outer));
        }
        return {};
    };
    KITH_TRY(of(*state, instance.process.since, false));
    return outer ? of(*outer, instance.process.outer_since, true) : base::Result<void>();
}

base::Result<std::vector<Behaviour::DueTimer>> Behaviour::timers_of(Instance &instance, const Case &at) {
    std::vector<DueTimer> all;
    KITH_TRY(each_timer(
        instance, at, [&](const TimerPrograms &timer, base::Micros due, bool is_outer) -> base::Result<void> {
            all.push_back({&timer, due, is_outer});
            return {};
        }));
    return all;
}

// When the case moves by itself next, as things stand.
base::Result<void> Behaviour::reckon(Subject &subject, Instance &instance) {
    subject_ = &subject;
    instance.stale = false;
    auto &process = instance.process;
    auto due = kNever;
    auto looks = kNever;
    const Case at{&instance, nullptr};
    if (!instance.ended) {
        const auto take = [&](const TimerPrograms &, base::Micros one, bool is_outer) -> base::Result<void> {
            const auto &tried = is_outer ? process.outer_tried_at : process.tried_at;
            if (!tried || one > *tried) due = std::min(due, one);
            return {};
        };
        // By all that is known, what is replayed by what was: what fires late is looked at as of its time,
        // but has no second chance later.
        const auto as_of = std::exchange(now_, replays_ ? now_ : s_.instant_of(subject, now_));
        looked_ = looked_ && now_ == as_of;
        KITH_TRY(each_timer(instance, at, take));
        KITH_TRY(reckon_milestones(instance, at, due));
        looked_ = looked_ && now_ == as_of;
        now_ = as_of;
        KITH_LET(next, next_look(instance, at));
        looks = next;
    }
    if (process.due != due) looked_ = false;
    if (instance.moved || process.due != due || process.looks != looks) {
        process.due = due;
        process.looks = looks;
        instance.changed = true;
    }
    instance.moved = false;
    return {};
}

// When a guard of what is always there may come to hold by itself: never late, at times early.
base::Result<base::Micros> Behaviour::next_look(Instance &instance, const Case &at) {
    const auto state = instance.definition->state_index(instance.process.state);
    if (!state) return kNever;
    // One that is to come at this very instant is not passed over as another case moves.
    const auto coming = instance.process.looks;
    const auto &tried = instance.process.tried_at;
    if (!instance.moved && coming <= now_ && (!tried || coming > *tried)) return coming;
    const auto outer = instance.definition->chart().states[*state].outer;
    auto first = kNever;
    const auto of = [&](std::uint32_t one) -> base::Result<void> {
        for (const auto &move : instance.programs->states[one].always) {
            if (!move.watch || !move.watch->moves_with_time()) continue;
            if (move.guard) KITH_TRY(holds(move.move->guard, move.guard, at));  // binds what it reads
            s_.values_->set_host(host_);
            const auto before = instance.process.looks;
            const bool stands = !instance.moved && before != kNever && before > now_ &&
                                stands_until(*seen_, *move.watch, before);
            first = std::min(first, stands ? before : next_change(*seen_, *move.watch));
            s_.values_->set_host({});
            if (auto error = s_.values_->take_error()) return error;
            if (auto error = facts_->take_error()) return error;
        }
        return {};
    };
    KITH_TRY(of(*state));
    if (outer) KITH_TRY(of(*outer));
    return first;
}

// All timers that are due at one instant: the first whose guard holds moves the case.
base::Result<void> Behaviour::fire_case(Subject &subject, const base::Id &id, const Happening &one) {
    subject_ = &subject;
    const auto at = one.cause.at;
    auto *instance = s_.find_instance(subject, id);
    if (!instance) return {};
    process_ = instance->programs;
    for (std::size_t i = 0; i < instance->milestones.size(); ++i) {
        const auto running = [&] {
            instance = s_.find_instance(subject, id);
            return instance->milestones[i].state == MilestoneState::running;
        };
        const auto place = static_cast<std::size_t>(instance - subject.instances.data());
        if (running() && instance->milestones[i].warn <= at)
            KITH_TRY(fire_milestone(subject, place, i, true, one));
        if (running() && instance->milestones[i].due <= at)
            KITH_TRY(fire_milestone(subject, place, i, false, one));
    }
    instance = s_.find_instance(subject, id);
    std::vector<const TimerPrograms *> due;
    KITH_TRY(
        each_timer(*instance, Case{instance, &one},
                   [&](const TimerPrograms &timer, base::Micros when, bool is_outer) -> base::Result<void> {
                       const auto &tried = is_outer ? instance->outer_tried : instance->tried;
                       if (when == at && (!tried || when > *tried)) due.push_back(&timer);
                       return {};
                   }));
    for (const auto *timer : due) {
        const auto &move = timer->move;
        KITH_LET(taken, holds(move.move->guard, move.guard, Case{instance, &one}));
        if (!taken) continue;
        // Of a rule that waits its policy says whether what did not come is still told.
        const auto &chart = instance->definition->chart();
        if (move.move->target && chart.states[*move.move->target].name == rules::kMissed) {
            if (const auto *rule = rule_of(chart)) {
                KITH_LET(in_time, is_in_time(*rule, at, Case{instance, &one}));
                if (!in_time) continue;
            }
        }
        const auto place = static_cast<std::size_t>(instance - subject.instances.data());
        if (move.move->target) {
            auto target = *move.move->target;
            while (instance->definition->chart().states[target].initial)
                target = *instance->definition->chart().states[target].initial;
            const auto ready = check_required(*instance, instance->definition->chart().states[target]);
            if (!ready) return ask_for_data(subject, *instance, one, ready.error().message);
        }
        KITH_TRY(take(subject, place, move, one));
        break;
    }
    instance = s_.find_instance(subject, id);
    return settle_case(subject, static_cast<std::size_t>(instance - subject.instances.data()), one);
}

// Values have moved: what is always there may hold now, and instants may be others.
base::Result<void> Behaviour::look_again(Subject &subject, const Touched &touched,
                                         const model::Transition &cause) {
    subject_ = &subject;
    Happening one;
    one.cause = cause;
    one.cause.at = std::max(cause.at, base::kMinTime);
    if (cause.cause != model::Cause::event && cause.cause != model::Cause::timer) one.cause.at = now_;
    for (std::size_t place = 0; place < subject.instances.size(); ++place) {
        auto &instance = subject.instances[place];
        if (instance.ended || !is_at_work(instance.process.definition)) continue;
        instance.stale = true;
        const auto state = instance.definition->state_index(instance.process.state);
        if (!state) continue;
        const auto outer = instance.definition->chart().states[*state].outer;
        const auto reads = [&](std::uint32_t of) {
            return std::ranges::any_of(instance.programs->states[of].always, [&](const auto &move) {
                return !move.watch || touched.moves(*move.watch);
            });
        };
        if (reads(*state) || (outer && reads(*outer))) KITH_TRY(settle_case(subject, place, one));
    }
    return {};
}

// ---- by hand ----

base::Result<Outcome> Session::apply_process(const ProcessItem &item, std::span<const Outcome> before) {
    KITH_LET(code, name(item.process));
    const auto *definition = catalog_->newest(code);
    if (!definition) {
        return base::fail(Status::missing, "there is no process \"" + std::string(item.process) +
                                               "\": install it with kith define, or check its name");
    }
    const auto &chart = definition->chart();
    std::vector<TypedValue> values;
    for (const auto &one : item.values) {
        KITH_LET(value, value_for(chart.fields, chart.name, one));
        values.push_back(value);
    }
    std::ranges::sort(values, {}, [](const auto &one) { return one.value.name; });
    bool created = false;
    KITH_LET(known, find_party(item.ref, before));
    KITH_LET(found, require(known, item.ref, item.flags, {}, 0, created));
    auto &subject = *found;
    // The same event of the same instant is the same.
    const auto occurrence = sent_occurrence(subject.party.id, chart.name, item.key, item.event, item.at);
    KITH_LET(done, overlay_.get(Table::occurrences, occurrence));
    if (done) return Outcome{ItemResult::existing, subject.party.id, {}, false};
    KITH_TRY(fire_before(subject, item.at));

    Happening one;
    one.process = chart.name;
    one.key = item.key;
    one.opens = item.event.empty();
    one.view = {item.event, {}, {}, {}, item.at, false};
    one.cause.at = item.at;
    one.cause.cause = model::Cause::hand;
    KITH_LET(event, name(item.event));
    KITH_LET(actor, name(item.actor));
    one.cause.event = event;
    one.cause.actor = actor;
    one.cause.reason = item.reason;
    one.set = values;
    KITH_LET(moved, behaviour().send(subject, one));
    const bool starts = one.opens || std::ranges::any_of(chart.start, [&](const std::string &pattern) {
                            return rules::type_matches(pattern, item.event);
                        });
    if (!moved && !starts) {
        const auto runs = std::ranges::find_if(subject.instances, [&](const Instance &instance) {
            return instance.process.definition == code && !instance.ended &&
                   (item.key.empty() || instance.process.key == item.key);
        });
        if (runs == subject.instances.end())
            return base::fail(Status::missing,
                              "no case of \"" + chart.name + "\" runs with this key: open one first");
        KITH_LET(state, text(runs->process.state));
        return base::fail(Status::state, "the case stands in \"" + std::string(state) +
                                             "\", from which this event leads nowhere now");
    }
    if (!moved) return Outcome{ItemResult::unchanged, subject.party.id, {}, created};
    overlay_.put(Table::occurrences, occurrence, {});
    return Outcome{one.opens ? ItemResult::created : ItemResult::changed, subject.party.id, {}, created};
}

// ---- deadlines ----

base::Result<void> Behaviour::mark_milestones(Subject &subject, std::size_t place, const Happening &one) {
    auto &instance = subject.instances[place];
    const auto &chart = instance.definition->chart();
    const auto state = *instance.definition->state_index(instance.process.state);
    const auto at = instance.process.since;
    const auto &clock = [&]() -> const BusinessClock & {
        hand(&one);
        return s_.values_->clock();
    };
    for (std::size_t i = 0; i < chart.milestones.size(); ++i) {
        const auto &written = chart.milestones[i];
        const auto &programs = instance.programs->milestones[i];
        KITH_LET(code, s_.name(written.name));
        auto known = std::ranges::find(instance.milestones, code, &model::Milestone::name);
        if (known == instance.milestones.end()) {
            if (!chart.is_in(state, written.from)) continue;
            model::Milestone fresh;
            fresh.name = code;
            const Case here{&instance, &one};
            KITH_LET(hours, hours_of(instance, here));
            KITH_LET(length, length_of(written.within, programs.within, here));
            fresh.business = length && std::holds_alternative<rules::BusinessLength>(*length);
            if (length) {
                KITH_LET(end, clock().end_of(*length, at, hours));
                fresh.due = end;
            } else {
                KITH_LET(by, instant_of(programs.by, here));
                fresh.due = by.value_or(kNever);
            }
            KITH_LET(warn, end_of(written.warn, programs.warn, at, hours, here));
            fresh.warn = warn.value_or(kNever);
            KITH_LET(id, make_milestone(subject, instance, written.name, fresh.due, one));
            fresh.commitment = id;
            instance.milestones.push_back(fresh);
            known = instance.milestones.end() - 1;
        }
        auto &milestone = *known;
        const bool open =
            milestone.state == MilestoneState::running || milestone.state == MilestoneState::paused;
        if (!open) continue;
        instance.changed = true;
        if (chart.is_in(state, written.to)) {
            milestone.state = MilestoneState::met;
            KITH_TRY(end_milestone(subject, milestone.commitment, model::CommitmentState::kept, at));
            KITH_TRY(raise_of_case(instance, "milestone.met", written.name, {}, {}, one));
            continue;
        }
        if (instance.ended) {
            milestone.state = MilestoneState::dropped;
            KITH_TRY(end_milestone(subject, milestone.commitment, model::CommitmentState::cancelled, at));
            continue;
        }
        const bool pauses = std::ranges::any_of(
            written.pause, [&](std::uint32_t pause) { return chart.is_in(state, pause); });
        if (pauses && milestone.state == MilestoneState::running) {
            milestone.state = MilestoneState::paused;
            milestone.paused_at = at;
        } else if (!pauses && milestone.state == MilestoneState::paused) {
            milestone.state = MilestoneState::running;
            KITH_LET(hours, hours_of(instance, Case{&instance, &one}));
            const auto length =
                milestone.business ? rules::Length(rules::BusinessLength{}) : rules::Length(rules::Period{});
            const auto put_off = [&](base::Micros &due) -> base::Result<void> {
                if (due == kNever) return {};
                KITH_LET(later, clock().put_off(due, length, milestone.paused_at, at, hours));
                due = later;
                return {};
            };
            KITH_TRY(put_off(milestone.due));
            KITH_TRY(put_off(milestone.warn));
            KITH_TRY(put_off_milestone(subject, milestone.commitment, milestone.due));
        }
    }
    return {};
}

base::Result<void> Behaviour::reckon_milestones(Instance &instance, const Case &at, base::Micros &due) {
    const auto &chart = instance.definition->chart();
    for (auto &milestone : instance.milestones) {
        if (milestone.state != MilestoneState::running) continue;
        for (std::size_t i = 0; i < chart.milestones.size(); ++i) {
            const auto &programs = instance.programs->milestones[i];
            KITH_LET(code, s_.name(chart.milestones[i].name));
            if (code != milestone.name || !programs.by) continue;
            KITH_LET(by, instant_of(programs.by, at));
            if (by.value_or(kNever) == milestone.due) continue;
            milestone.due = by.value_or(kNever);
            instance.changed = true;
            KITH_TRY(put_off_milestone(*subject_, milestone.commitment, milestone.due));
        }
        due = std::min({due, milestone.due, milestone.warn});
    }
    // One that is past as it begins is late at once.
    due = std::max(due, instance.process.since);
    return {};
}

base::Result<void> Behaviour::fire_milestone(Subject &subject, std::size_t place, std::size_t which,
                                             bool is_warning, const Happening &one) {
    change(subject);
    auto &instance = subject.instances[place];
    auto &milestone = instance.milestones[which];
    const auto &chart = instance.definition->chart();
    instance.changed = instance.stale = true;
    std::size_t i = 0;
    for (; i < chart.milestones.size(); ++i) {
        KITH_LET(code, s_.name(chart.milestones[i].name));
        if (code == milestone.name) break;
    }
    if (is_warning) {
        milestone.warn = kNever;
    } else {
        milestone.state = MilestoneState::breached;
        KITH_TRY(end_milestone(subject, milestone.commitment, model::CommitmentState::broken, one.cause.at));
    }
    if (i == chart.milestones.size()) return {};
    const auto &programs = instance.programs->milestones[i];
    KITH_TRY(raise_of_case(instance, is_warning ? "milestone.warned" : "milestone.breached",
                           chart.milestones[i].name, {}, {}, one));
    Occurrence occurrence;
    occurrence.id = occurrence_of(std::string(base::text_of(instance.process.id.view())) +
                                  (is_warning ? "warned|" : "late|") + chart.milestones[i].name);
    return carry_out(subject, is_warning ? programs.warned : programs.late, Case{&instance, &one},
                     occurrence);
}

}  // namespace kith::engine
