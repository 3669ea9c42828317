// Parties that were there before a process, or before its new version: their history is replayed, without
// effects, and their running cases are moved. Either is done once: for all parties by and by, for one that
// something happens to before it happens.
#include <algorithm>

#include "engine/behaviour.hpp"
#include "engine/values.hpp"
#include "index/keys.hpp"
#include "rules/waiting.hpp"

namespace kith::engine {

using base::Status;
using model::MilestoneState;
using rules::Statechart;
using store::Table;

namespace {

// To which version running cases of a process go; null: they stay.
const InstalledProcess *migrates_to(const Catalog &catalog, model::Name process) {
    const InstalledProcess *last = nullptr;
    for (const auto &one : catalog.processes) {
        const bool takes = one.name == process && one.chart().instances == Statechart::Instances::migrate;
        if (takes && (!last || one.version > last->version)) last = &one;
    }
    return last;
}

std::optional<std::uint32_t> innermost(const Statechart &chart, std::string_view name) {
    auto state = chart.find_state(name);
    while (state && chart.states[*state].initial) state = chart.states[*state].initial;
    return state;
}

std::string_view mapped(const Statechart &chart, std::string_view state) {
    if (chart.instances != Statechart::Instances::migrate) return state;
    const auto named = std::ranges::find(chart.mapping, state, [](const auto &one) { return one.first; });
    return named == chart.mapping.end() ? state : std::string_view(named->second);
}

// Where a case of an older version comes to stand, through what each version since says.
std::optional<std::uint32_t> migrated(const Catalog &catalog, const InstalledProcess &from,
                                      std::string_view state, const Statechart &to, std::uint32_t before) {
    std::vector<const InstalledProcess *> between;
    for (const auto &one : catalog.processes) {
        if (one.name == from.name && one.version > from.version && one.version < before)
            between.push_back(&one);
    }
    std::ranges::sort(between, {}, &InstalledProcess::version);
    for (const auto *one : between) state = mapped(one->chart(), state);
    return innermost(to, mapped(to, state));
}

bool same_length(const rules::LengthTerm &a, const rules::LengthTerm &b) {
    return a.length == b.length && a.source.text == b.source.text;
}

}  // namespace

// ---- what is not built yet ----

base::Result<std::span<CaseBuild>> Session::case_builds() {
    if (std::exchange(case_builds_loaded_, true)) return std::span(case_builds_);
    KITH_LET(cursor, writer_.cursor(Table::rules));
    KITH_LET(found, cursor.first());
    while (found && cursor.key().size() == 16 && base::load_big32(cursor.key().data()) == 0) {
        KITH_LET(row, cursor.value());
        StoredCaseBuild stored;
        if (row.payload.size() == sizeof stored) std::memcpy(&stored, row.payload.data(), sizeof stored);
        case_builds_.push_back({base::load_big32(cursor.key().data() + 4),
                                base::load_big32(cursor.key().data() + 12) == 2, stored.built_through});
        KITH_LET(more, cursor.next());
        found = more;
    }
    return std::span(case_builds_);
}

base::Result<void> Session::begin_build(const rules::Definition &definition, std::uint32_t version) {
    const auto *chart = std::get_if<Statechart>(&definition.body);
    const auto *rule = std::get_if<rules::Rule>(&definition.body);
    const bool migrates = chart && version > 1 && chart->instances == Statechart::Instances::migrate;
    if (migrates) KITH_TRY(check_migration(definition, *chart));
    const bool replays = version == 1 && (chart || (rule && rule->unless));
    if (!migrates && !replays) return {};
    KITH_LET(parties, writer_.count(Table::counters));
    if (parties == 0 && subjects_.empty()) return {};
    KITH_TRY(case_builds());
    KITH_LET(code, name(rule ? texts_.copy(rules::waiting_for(*rule).name) : definition.name));
    std::erase_if(case_builds_,
                  [&](const auto &one) { return one.process == code && one.migrates == migrates; });
    case_builds_.push_back({code, migrates, {}});
    overlay_.put(Table::rules, index::case_build(code, migrates), base::bytes_of_object(StoredCaseBuild{}));
    return {};
}

// Each state in which cases may stand has to be there still, or to be named in the mapping; of versions
// before the last only those in which some stand.
base::Result<void> Session::check_migration(const rules::Definition &definition, const Statechart &chart) {
    const auto refuse = [&](const std::string &what) {
        return base::fail(Status::rule,
                          base::place_text(definition.place) + ": " + definition.path + ": " + what);
    };
    KITH_LET(code, name(definition.name));
    for (const auto &old : catalog_->processes) {
        if (old.name != code) continue;
        for (std::uint32_t i = 0; i < old.states.size(); ++i) {
            const auto &state = old.chart().states[i];
            if (state.initial || old.is_final(i)) continue;
            if (migrated(*catalog_, old, state.name, chart, UINT32_MAX)) continue;
            KITH_LET(cursor, writer_.cursor(Table::states));
            const auto prefix = index::states_of(code, old.states[i]);
            KITH_LET(found, cursor.seek(prefix));
            if (!old.newest && !(found && index::starts_with(cursor.key(), prefix))) continue;
            return refuse("cases of version " + std::to_string(old.version) + " may stand in \"" +
                          state.name + "\", which is gone: say where they go, \"mapping\": { \"" +
                          state.name + "\": \"STATE\" }");
        }
        for (const auto &field : old.chart().fields) {
            const auto same = std::ranges::find(chart.fields, field.name, &rules::Field::name);
            if (same == chart.fields.end() || same->type.kind == field.type.kind) continue;
            return refuse("the field \"" + field.name +
                          "\" had another type before, which running cases bring: give it another name");
        }
    }
    return {};
}

// Whether a party's history has been replayed for a process whose build goes on, at once or, `note`, from
// now on.
base::Result<bool> Behaviour::is_replayed(const base::Id &party, model::Name process, bool note) {
    std::string parts = "replay|" + std::to_string(process) + "|";
    parts += base::text_of(party.view());
    const auto key = index::occurrence(occurrence_of(parts), 0, 0);
    KITH_LET(done, s_.overlay_.get(Table::occurrences, key));
    if (!done && note) s_.overlay_.put(Table::occurrences, key, {});
    return done.has_value();
}

base::Result<void> Behaviour::catch_up(Subject &subject) {
    if (builds_ || framed_) return {};
    KITH_LET(builds, s_.case_builds());
    if (builds.empty()) return {};
    if (subject.row.anonymous) {  // what happens to nobody in particular starts nothing, nor once he has a name
        for (const auto &one : builds) {
            if (!one.migrates) KITH_TRY(is_replayed(subject.party.id, one.process, true));
        }
        return {};
    }
    builds_ = true;
    auto waiting = std::exchange(queue_, {});  // what has been told is not of the past
    auto done = build_cases_of(subject, builds, true);
    queue_ = std::move(waiting);
    builds_ = false;
    return done;
}

base::Result<void> Behaviour::build_cases_of(Subject &subject, std::span<const CaseBuild> builds, bool note) {
    Names new_ones, moved;
    for (const auto &one : builds) {
        if (subject.party.id <= one.built_through) continue;
        if (one.migrates) {
            moved.push_back(one.process);
            continue;
        }
        KITH_LET(done, is_replayed(subject.party.id, one.process, note));
        if (!done) new_ones.push_back(one.process);
    }
    const bool is_blank = subject.is_new && subject.pending.empty();
    if (!new_ones.empty() && !is_blank) KITH_TRY(replay(subject, new_ones));
    return moved.empty() ? base::Result<void>() : migrate(subject, moved);
}

// True when there was nothing left to do.
base::Result<bool> Behaviour::build_cases(std::size_t parties_max, BuildProgress &progress) {
    KITH_LET(builds, s_.case_builds());
    if (builds.empty()) return true;
    const auto lowest = std::ranges::min(builds, {}, &CaseBuild::built_through).built_through;
    std::vector<CaseBuild> group;
    for (const auto &one : builds) {
        if (one.built_through == lowest) group.push_back(one);
    }
    KITH_LET(parties, s_.parties_after(lowest, parties_max));
    builds_ = true;
    for (const auto &party : parties) {
        KITH_LET(owner, s_.subject(party));
        if (!owner || owner->row.anonymous) continue;
        KITH_TRY(s_.load_instances(*owner));
        KITH_TRY(build_cases_of(*owner, group, false));
    }
    builds_ = false;
    progress.parties += parties.size();
    const bool all = parties.size() < parties_max;
    for (auto &one : s_.case_builds_) {
        if (one.built_through != lowest) continue;
        const auto key = index::case_build(one.process, one.migrates);
        if (all) {
            s_.overlay_.remove(Table::rules, key);
        } else {
            one.built_through = parties.back();
            s_.overlay_.put(Table::rules, key, base::bytes_of_object(StoredCaseBuild{one.built_through}));
        }
    }
    if (all) std::erase_if(s_.case_builds_, [&](const auto &one) { return one.built_through == lowest; });
    return false;
}

// ---- replay ----

// An interaction of the file or the batch, else what a log tells.
struct Behaviour::Past {
    base::Micros clock = 0;  // the latest time that has come when it came
    std::uint64_t stamp = 0;
    std::uint32_t number = 0;
    PendingInteraction fact;
    Happening told;
};

// In the order in which it came to the file, which is not always that of its times.
base::Result<std::vector<Behaviour::Past>> Behaviour::history_of(Subject &subject) {
    std::vector<Past> history;
    const auto add = [&](const model::InteractionKey &key, base::Bytes payload) {
        Past one;
        one.fact = {key, record::summarise_interaction(payload), payload};
        one.stamp = record::decode_interaction(key, payload).stamp;
        one.number = key.number;
        history.push_back(std::move(one));
    };
    KITH_LET(cursor, s_.writer_.cursor(Table::rows));
    const auto &party = subject.party.id;
    KITH_LET(found, cursor.seek(index::interactions_from(party, base::kMinTime)));
    while (found && index::starts_with(cursor.key(), party.view())) {
        const auto key = index::interaction_key(cursor.key());
        KITH_LET(row, s_.writer_.get(Table::facts, index::fact(key.origin, key.number)));
        if (!row) return base::fail(Status::corrupt, "an interaction's record is missing: run kith verify");
        add(key, row->payload);
        KITH_LET(more, cursor.next());
        found = more;
    }
    for (const auto &one : subject.pending) add(one.key, one.payload);
    std::ranges::sort(history, {}, [](const Past &one) { return std::pair(one.stamp, one.number); });
    auto clock = base::kMinTime;
    for (auto &one : history) one.clock = clock = std::max(clock, one.fact.key.at);
    KITH_TRY(add_log(subject, history));
    return history;
}

// What segments and older processes told comes after the interactions of its instant.
base::Result<void> Behaviour::add_log(Subject &subject, std::vector<Past> &history) {
    static constexpr std::string_view kTypes[] = {"segment.entered", "segment.left",  "process.started",
                                                  "state.left",      "state.changed", "state.entered",
                                                  "process.ended"};
    if (std::ranges::none_of(kTypes, [&](auto type) { return waits_for(type); })) return {};
    const auto &party = subject.party.id;
    const auto interactions = history.size();
    std::map<base::Id, std::pair<model::Name, std::uint32_t>> known;  // definition and version
    KITH_LET(cursor, s_.writer_.cursor(Table::rows));
    const auto prefix = index::row(party, index::Tag::transition);
    KITH_LET(found, cursor.seek(prefix));
    while (found && index::starts_with(cursor.key(), prefix)) {
        const auto process = base::Id::from(cursor.key().subspan(24, 16));
        const auto origin = base::load_big32(cursor.key().data() + 40),
                   number = base::load_big32(cursor.key().data() + 44);
        KITH_LET(row, s_.writer_.get(Table::facts, index::fact(origin, number)));
        if (!row) return base::fail(Status::corrupt, "a record of a log is missing: run kith verify");
        const auto one = record::decode_transition(party, process, origin, number, row->payload);
        const auto tell = [&](std::string_view type, model::Name name) -> base::Result<void> {
            if (!waits_for(type)) return {};
            KITH_LET(event, s_.name(type));
            KITH_LET(called, s_.text(name));
            KITH_LET(from, s_.text(one.from));
            KITH_LET(to, s_.text(one.to));
            Past past;
            past.clock = one.at;
            past.stamp = one.stamp;
            past.number = number;
            past.told.view = {type, called, from, to, one.at, false};
            past.told.cause = one;
            past.told.cause.reason = {};
            past.told.cause.event = event;
            if (!is_watched(process)) past.told.instance = process;
            past.told.origin = occurrence_of(base::text_of(index::fact(origin, number)));
            past.told.depth = 1;
            history.push_back(std::move(past));
            return {};
        };
        if (is_membership(process)) {
            KITH_LET(to, s_.text(one.to));
            KITH_TRY(tell(to == kIn ? "segment.entered" : "segment.left", segment_of(process)));
        } else if (!is_watched(process)) {
            auto &[definition, version] = known[process];
            if (one.definition) definition = one.definition;
            const bool migrates = version != 0 && version != one.version;
            version = one.version;
            const auto *installed = s_.catalog_->find(definition, one.version);
            const auto state = installed ? installed->state_index(one.to) : std::nullopt;
            if (state && !one.inside && !migrates) {
                KITH_TRY(tell(one.from == 0 ? "process.started" : "state.left", definition));
                KITH_TRY(tell("state.changed", definition));
                KITH_TRY(tell("state.entered", definition));
                if (installed->is_final(*state)) KITH_TRY(tell("process.ended", definition));
            }
        }
        KITH_LET(more, cursor.next());
        found = more;
    }
    if (history.size() == interactions) return {};
    std::stable_sort(history.begin() + static_cast<std::ptrdiff_t>(interactions), history.end(),
                     [](const Past &a, const Past &b) {
                         return std::pair(a.stamp, a.number) < std::pair(b.stamp, b.number);
                     });
    std::ranges::stable_sort(history, {}, &Past::clock);
    return {};
}

// As if the processes had been there: what has happened, and what was due between, up to where the party is.
base::Result<void> Behaviour::replay(Subject &subject, const Names &processes) {
    KITH_TRY(s_.load_party(subject));
    KITH_TRY(s_.load_instances(subject));
    const auto figures = std::exchange(subject.row.figures, {});
    const auto touched = std::exchange(s_.touched_, {});
    const auto before = subject.instances.size();
    replays_ = &processes;
    auto done = replay_all(subject);
    replays_ = nullptr;
    subject.row.figures = figures;
    s_.touched_ = touched;
    queue_.clear();
    looked_ = false;
    if (!done) return done;
    if (subject.instances.size() == before) return {};
    // What reads where the party stands looks at it as it is now.
    Touched moved;
    moved.processes = moved.commitments = true;
    model::Transition cause;
    cause.cause = model::Cause::definition;
    cause.at = s_.instant_of(subject, base::kMinTime);
    KITH_TRY(s_.settle_segments(subject, moved, cause.at, cause));
    return react(subject, cause.at, moved, cause, nullptr);
}

base::Result<void> Behaviour::replay_all(Subject &subject) {
    KITH_LET(history, history_of(subject));
    if (waits_for("party.created")) {
        const auto created = subject.party.created;
        Happening one;
        // By an interaction it was made at the time of that.
        const bool by_first = !history.empty() && history.front().stamp == created;
        one.cause.cause = model::Cause::hand;
        one.cause.at = by_first ? history.front().fact.key.at : model::wall_of(created);
        if (by_first) {
            one.cause.cause = model::Cause::event;
            one.cause.event = history.front().fact.summary.type;
            one.cause.interaction = history.front().fact.key;
        }
        one.view = {"party.created", {}, {}, {}, one.cause.at, false};
        KITH_TRY(replay_event(subject, one));
    }
    std::vector<PendingInteraction> seen;
    for (const auto &one : history) {
        if (one.told.view.type.empty()) {
            KITH_TRY(replay_fact(subject, one, seen));
        } else {
            KITH_TRY(replay_event(subject, one.told));
        }
    }
    return fire_cases(subject, s_.instant_of(subject, base::kMinTime));
}

base::Result<void> Behaviour::replay_fact(Subject &subject, const Past &past,
                                          std::vector<PendingInteraction> &seen) {
    const auto &key = past.fact.key;
    const auto interaction = record::decode_interaction(key, past.fact.payload);
    KITH_LET(aside, s_.overlay_.get(Table::personal, index::interaction(key)));
    const auto personal = aside ? record::decode_personal(*aside) : model::InteractionPersonal();
    KITH_LET(type, s_.text(interaction.type));
    KITH_TRY(fire_cases(subject, key.at));

    // The party's figures as they were.
    bool news = true, in_order = seen.empty() || seen.back().key < key;
    if (interaction.corrects) {
        KITH_LET(old, s_.interaction_row(*interaction.corrects));
        const auto was = old ? record::summarise_interaction(*old).type : model::Name{0};
        news = interaction.corrects->party != subject.party.id || was != interaction.type;
        in_order =
            std::erase_if(seen, [&](const auto &one) { return one.key == *interaction.corrects; }) == 0 &&
            in_order;
    }
    seen.insert(std::ranges::upper_bound(seen, key, {}, &PendingInteraction::key), past.fact);
    if (in_order) {
        KITH_TRY(s_.count(subject, past.fact));
    } else {
        subject.row.figures = {};
        for (const auto &one : seen) KITH_TRY(s_.count(subject, one));
    }

    Happening one;
    one.view = {type, {}, {}, {}, key.at, false};
    one.cause.at = key.at;
    one.cause.cause = model::Cause::event;
    one.cause.event = interaction.type;
    one.cause.interaction = key;
    one.interaction = &interaction;
    one.personal = &personal;
    if (!news) one.view.type = {};
    return replay_event(subject, one);
}

// Of no type: only values have moved.
base::Result<void> Behaviour::replay_event(Subject &subject, const Happening &one) {
    if (!one.interaction) KITH_TRY(fire_cases(subject, one.cause.at));
    now_ = std::max(one.cause.at,
                    subject.row.figures.interactions ? subject.row.figures.last_at : base::kMinTime);
    until_ = one.cause.at;
    looked_ = false;
    if (!one.view.type.empty()) queue_.push_back(one);
    Touched all;
    all.all = true;
    return in_frame(subject, one.cause, [&] { return drain(subject, all, one.cause); });
}

// What the replayed cases do by themselves up to an instant.
base::Result<void> Behaviour::fire_cases(Subject &subject, base::Micros at) {
    while (true) {
        Instance *first = nullptr;
        for (auto &one : subject.instances) {
            if (one.ended || !is_at_work(one.process.definition) || one.due() > at) continue;
            if (!first || one.due() < first->due()) first = &one;
        }
        if (!first) return {};
        KITH_TRY(fire(subject, *first, first->due()));
    }
}

// ---- a new version ----

base::Result<void> Behaviour::migrate(Subject &subject, const Names &processes) {
    subject_ = &subject;
    for (std::size_t place = 0; place < subject.instances.size(); ++place) {
        const auto &instance = subject.instances[place];
        const auto &process = instance.process;
        if (instance.ended || std::ranges::find(processes, process.definition) == processes.end()) continue;
        const auto *to = migrates_to(*s_.catalog_, process.definition);
        if (!to || process.version >= to->version) continue;
        KITH_LET(name, s_.text(process.state));
        const auto state = migrated(*s_.catalog_, *instance.definition, name, to->chart(), to->version);
        if (!state) continue;  // it came to stand there meanwhile, and stays
        Happening one;
        one.cause.cause = model::Cause::definition;
        one.cause.at = one.view.at = now_ = s_.instant_of(subject, base::kMinTime);
        until_ = now_;
        looked_ = false;
        std::vector<const MovePrograms *> missed;
        KITH_TRY(
            in_frame(subject, one.cause, [&] { return migrate(subject, place, *to, *state, one, missed); }));
        if (subject.instances[place].process.version != to->version) continue;  // it failed, and is told
        Touched moved;
        moved.processes = true;
        KITH_TRY(in_frame(subject, one.cause, [&]() -> base::Result<void> {
            for (const auto *move : missed) {
                KITH_LET(taken, holds(move->move->guard, move->guard, Case{&subject.instances[place], &one}));
                if (!taken) continue;
                KITH_TRY(take(subject, place, *move, one));
                break;
            }
            KITH_TRY(settle_case(subject, place, one));
            return drain(subject, moved, one.cause);
        }));
    }
    return {};
}

// It stands where it stood, from when it stood there: what is due is reckoned anew from then. Nothing is left
// or entered. Timers that have been tried are not tried again; those that would have been due before them,
// and were not there, are missed.
base::Result<void> Behaviour::migrate(Subject &subject, std::size_t place, const InstalledProcess &to,
                                      std::uint32_t state, const Happening &one,
                                      std::vector<const MovePrograms *> &missed) {
    change(subject);
    const auto *programs = made_.find(&to);
    auto &instance = subject.instances[place];
    auto &process = instance.process;
    KITH_TRY(migrate_milestones(subject, place, *programs, one));
    KITH_LET(before, timers_of(instance, Case{&instance, &one}));
    const auto outer_of = [](const InstalledProcess &of, std::optional<std::uint32_t> in) {
        const auto outer = in ? of.chart().states[*in].outer : std::nullopt;
        return outer ? std::string_view(of.chart().states[*outer].name) : std::string_view();
    };
    const auto outer = outer_of(*instance.definition, instance.definition->state_index(process.state));
    if (outer.empty() || outer != outer_of(to, state)) process.outer_since = process.since;
    model::Transition log = one.cause;
    log.from = process.state;
    log.to = process.state = to.states[state];
    process.version = to.version;
    instance.definition = &to;
    instance.programs = programs;
    instance.ended = to.is_final(state);
    instance.changed = instance.stale = instance.moved = true;
    looked_ = false;
    KITH_TRY(write_log(instance, log, {}, false));
    s_.touched_.processes = true;
    KITH_TRY(mark_milestones(subject, place, one));
    KITH_LET(after, timers_of(instance, Case{&instance, &one}));
    for (const auto &[timer, due, is_outer] : after) {
        const auto &tried = is_outer ? process.outer_tried_at : process.tried_at;
        if (tried && due <= *tried && std::ranges::find(before, due, &DueTimer::due) == before.end())
            missed.push_back(&timer->move);
    }
    return {};
}

// Those that run go on under the new length, from when they began, put off by what they stood still.
base::Result<void> Behaviour::migrate_milestones(Subject &subject, std::size_t place,
                                                 const ProcessPrograms &to, const Happening &one) {
    auto &instance = subject.instances[place];
    const Case at{&instance, &one};
    const auto *const from = instance.programs;
    const auto of_name = [](const ProcessPrograms &programs, std::string_view name) {
        const auto &all = programs.milestones;
        const auto found = std::ranges::find(all, name, [](const auto &of) { return of.milestone->name; });
        return found == all.end() ? nullptr : &*found;
    };
    for (auto &milestone : instance.milestones) {
        if (milestone.state != MilestoneState::running && milestone.state != MilestoneState::paused) continue;
        KITH_LET(name, s_.text(milestone.name));
        const auto *before = of_name(*from, name), *after = of_name(to, name);
        if (!after) {
            milestone.state = MilestoneState::dropped;
            KITH_TRY(end_milestone(subject, milestone.commitment, model::CommitmentState::cancelled,
                                   one.cause.at));
            continue;
        }
        const auto &old = *before->milestone, &now = *after->milestone;
        const bool same = same_length(old.within, now.within) && same_length(old.warn, now.warn) &&
                          old.by.text == now.by.text;
        KITH_LET(open, open_milestone(subject, milestone.commitment));
        if (same || !open) continue;
        const auto began = open->commitment.opened_at;
        // What it was before any pause, and is to be; both as the case's data are now.
        KITH_LET(old_hours, hours_of(instance, at));
        KITH_LET(old_end, end_of(old.within, before->within, began, old_hours, at));
        instance.definition = to.process;
        instance.programs = &to;
        KITH_LET(hours, hours_of(instance, at));
        KITH_LET(length, length_of(now.within, after->within, at));
        KITH_LET(new_end, end_of(now.within, after->within, began, hours, at));
        KITH_LET(warn, end_of(now.warn, after->warn, began, hours, at));
        instance.definition = from->process;
        instance.programs = from;
        auto due = new_end.value_or(kNever);
        if (new_end && old_end && milestone.due != kNever && milestone.due > *old_end && length) {
            const auto &clock = s_.values_->clock();
            KITH_LET(later, clock.put_off(due, *length, *old_end, milestone.due, hours));
            due = later;
        }
        if (length) milestone.business = std::holds_alternative<rules::BusinessLength>(*length);
        if (milestone.warn != kNever) milestone.warn = warn.value_or(kNever);
        if (!after->by && due != milestone.due) {
            milestone.due = due;
            KITH_TRY(put_off_milestone(subject, milestone.commitment, due));
        }
        instance.changed = true;
    }
    return {};
}

}  // namespace kith::engine
