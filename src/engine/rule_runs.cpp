// Rules: an event, a condition that comes to hold, an instant, the begin of a period; and what is kept of
// that.
#include <algorithm>

#include "base/text.hpp"
#include "engine/behaviour.hpp"
#include "engine/values.hpp"
#include "index/keys.hpp"
#include "rules/waiting.hpp"

namespace kith::engine {

using base::Status;
using rules::Rule;
using store::Table;

StoredRule decode_rule_row(base::Bytes bytes) {
    StoredRule row;
    if (bytes.size() == sizeof row) std::memcpy(&row, bytes.data(), sizeof row);
    return row;
}

StoredRun decode_run(base::Bytes bytes) {
    StoredRun run;
    if (bytes.size() == sizeof run) std::memcpy(&run, bytes.data(), sizeof run);
    return run;
}

base::Id occurrence_of(const Rule &rule, const base::Id &party, std::string_view occurrence) {
    std::string parts = "rule|" + rule.name + "|";
    parts += base::text_of(party.view());
    parts += "|";
    parts += occurrence;
    return occurrence_of(parts);
}

base::Result<Behaviour::RuleState *> Behaviour::state_of(const RulePrograms &rule) {
    auto &state = rule_states_[&rule];
    if (state.name != 0) return &state;
    KITH_LET(name, s_.name(rule.rule().name));
    state.name = name;
    KITH_LET(row, s_.overlay_.get(Table::rules, index::rule(name)));
    if (row) state.row = decode_rule_row(*row);
    if (state.row.version != rule.version) {
        // A new version begins anew: what it finds true does not come to be true.
        state.row.version = rule.version;
        state.row.failed_in_a_row = state.row.suspended = 0;
        state.row.built_through = {};
        state.row.ran_through = std::max(s_.meta_.due_through, s_.circumstances_.now);
        KITH_LET(parties, s_.writer_.count(Table::counters));
        if (parties == 0 && s_.subjects_.empty() && rule.watch) state.row.built_through = last_party();
        state.changed = true;
    }
    return &state;
}

base::Result<bool> Behaviour::resume(std::string_view name) {
    for (const auto &rule : made_.rules) {
        if (rule->rule().name != name) continue;
        KITH_LET(state, state_of(*rule));
        if (!state->row.suspended) return false;
        state->row.suspended = state->row.failed_in_a_row = 0;
        state->changed = true;
        auto change =
            model::change_of(model::ChangeKind::rule, model::Operation::changed, {}, {}, state->name);
        change.at = s_.instant_by_hand();
        KITH_TRY(s_.record_change(change));
        stage();
        return true;
    }
    return base::fail(Status::missing, "there is no rule with this name: kith rules lists them");
}

base::Result<Outcome> Session::apply_resume(const ResumeItem &item) {
    KITH_LET(resumed, behaviour().resume(item.rule));
    return Outcome{resumed ? ItemResult::changed : ItemResult::unchanged, {}, {}, false, {}};
}

base::Result<void> Behaviour::prepare() {
    for (const auto &rule : made_.rules) KITH_TRY(state_of(*rule));
    stage();
    return {};
}

void Behaviour::stage() {
    for (auto &[rule, state] : rule_states_) {
        if (!state.changed) continue;
        s_.overlay_.put(Table::rules, index::rule(state.name), base::bytes_of_object(state.row));
        state.changed = false;
    }
}

bool is_in_force(const Rule &rule, base::Micros at, const base::Zone &zone) {
    const auto is_past = [&](const std::string &text) {
        const auto limit = base::parse_time(text, zone);
        return limit && at >= *limit;
    };
    return (rule.from.empty() || is_past(rule.from)) && (rule.to.empty() || !is_past(rule.to));
}

// Once for its occurrence, if it is in force.
base::Result<bool> Behaviour::run(Subject &subject, const RulePrograms &rule, const Happening &one,
                                  std::string_view occurrence) {
    KITH_LET(state, state_of(rule));
    if (state->row.suspended || !is_in_force(rule.rule(), one.cause.at, s_.zone_)) return false;
    if (one.depth > rule.rule().limits.depth)
        return base::fail(Status::limit, "the rule stands too deep in a cascade");
    Occurrence of{occurrence_of(rule.rule(), subject.party.id, occurrence)};
    // What is once for a key or a period may come again; an event, a turn of a condition or an instant does
    // not.
    if (rule.key || (rule.rule().mode == Rule::Mode::level && rule.rule().every)) {
        const auto key = index::occurrence(of.id, 0, 0);
        KITH_LET(done, s_.overlay_.get(Table::occurrences, key));
        if (done) return false;
        change(subject);  // taken back with what fails
        s_.overlay_.put(Table::occurrences, key, {});
    }
    const auto before = effects_;
    KITH_TRY(carry_out(subject, rule.then, Case{nullptr, &one}, of));
    if (effects_ - before > rule.rule().limits.effects)
        return base::fail(Status::limit, "the rule has more effects than its limit");
    KITH_TRY(note_fired(subject, rule, one));
    return true;
}

base::Result<void> Behaviour::note_fired(Subject &subject, const RulePrograms &rule, const Happening &one) {
    KITH_LET(state, state_of(rule));
    change(*state);
    ++state->row.fired;
    state->row.failed_in_a_row = 0;
    state->row.fired_at = one.cause.at;
    auto change = model::change_of(model::ChangeKind::rule, model::Operation::created, subject.party.id, {},
                                   state->name);
    change.at = one.cause.at;
    change.from = one.cause.event;
    KITH_LET(number, s_.record_change(change));
    KITH_TRY(record_run(subject, change, number, RunResult::fired));
    s_.note(subject, rule.rule().name, "fired", std::string(one.view.type), one.cause.at);
    if (waits_for("rule.fired")) {
        Happening told = one;
        told.view = {"rule.fired", rule.rule().name, {}, {}, one.cause.at, false};
        told.interaction = nullptr;
        told.personal = nullptr;
        ++told.depth;
        raise(told);
    }
    return {};
}

// The rule for which a process waits.
const RulePrograms *Behaviour::rule_of(const rules::Statechart &waiting) const {
    std::string_view name(waiting.name);
    if (!name.starts_with(rules::kWaitingPrefix)) return nullptr;
    name.remove_prefix(rules::kWaitingPrefix.size());
    const auto rule =
        std::ranges::find_if(made_.rules, [&](const auto &one) { return one->rule().name == name; });
    return rule == made_.rules.end() ? nullptr : rule->get();
}

// The last of a rule and a party are kept.
base::Result<void> Behaviour::record_run(Subject &subject, const model::Change &change, std::uint32_t number,
                                         RunResult result) {
    const auto &party = subject.party.id;
    const auto prefix = index::runs_of(change.name, party);
    KITH_LET(cursor, s_.writer_.cursor(Table::runs));
    const auto each_kept = [&](const auto &take) -> base::Result<void> {
        KITH_LET(found, cursor.seek(prefix));
        while (found && index::starts_with(cursor.key(), prefix)) {
            if (!trimmed_.contains(cursor.key())) take(cursor.key());
            KITH_LET(more, cursor.next());
            found = more;
        }
        return {};
    };
    std::size_t count = 0;
    KITH_TRY(each_kept([&](base::Bytes) { ++count; }));
    if (count >= kRunsKept) {
        std::vector<std::vector<std::byte>> oldest;
        KITH_TRY(each_kept([&](base::Bytes key) {
            if (oldest.size() + kRunsKept <= count) oldest.emplace_back(key.begin(), key.end());
        }));
        for (auto &key : oldest) {
            s_.overlay_.remove(Table::runs, key);
            trimmed_.insert(std::move(key));
        }
    }
    const StoredRun run{static_cast<std::uint32_t>(result), change.from, change.to, 0};
    s_.overlay_.add(Table::runs,
                    index::run(change.name, party, change.at.value_or(0), s_.meta_.origin, number),
                    base::bytes_of_object(run));
    return {};
}

// ---- events ----

base::Result<void> Behaviour::on_event(Subject &subject, const RulePrograms &rule, const Happening &one) {
    const auto &written = rule.rule();
    rule_ = &rule;
    subject_ = &subject;
    const Case at{nullptr, &one};
    KITH_LET(wanted, holds(written.where, rule.where, at));
    if (!wanted) return rule_ = nullptr, base::Result<void>();
    KITH_LET(holds_now, holds(written.when, rule.when, at));
    auto occurrence = text_of_cause(one);
    if (written.mode == Rule::Mode::edge) {
        KITH_LET(state, state_of(rule));
        auto &truth = s_.watched_in(subject, Watched::rule, state->name);
        if (truth.is_member() != holds_now) {
            change(subject);
            auto &moved = s_.watched_in(subject, Watched::rule, state->name);
            moved.stored.member = holds_now;
            moved.stored.since = now_;
            moved.stored.times += holds_now;
            moved.changed = true;
            occurrence = "edge" + std::to_string(moved.stored.times);
        } else if (holds_now) {
            return rule_ = nullptr, base::Result<void>();
        }
    }
    if (!holds_now) return rule_ = nullptr, base::Result<void>();
    if (written.mode == Rule::Mode::level && written.every)
        occurrence = "in" + std::to_string(period_begin(*written.every, one.cause.at, s_.zone_));
    if (rule.key) {
        KITH_LET(key, optional_text(rule.key, at));
        if (!key) return rule_ = nullptr, base::Result<void>();
        occurrence = "key" + *key;
    }
    KITH_TRY(run(subject, rule, one, occurrence));
    rule_ = nullptr;
    return {};
}

// ---- conditions and instants ----

// Rules whose condition or instant may have moved, in order.
std::vector<std::uint32_t> Behaviour::affected(const Touched &touched) const {
    const auto &by = made_.conditions;
    if (touched.all) return by.all;
    std::vector<std::uint32_t> places;
    const auto add = [&](const std::vector<std::uint32_t> &of) {
        places.insert(places.end(), of.begin(), of.end());
    };
    if (touched.party) add(by.party);
    if (touched.figures) add(by.figures);
    if (touched.processes) add(by.processes);
    if (touched.commitments) add(by.commitments);
    const auto add_of = [&](const auto &all, const auto &key) {
        if (const auto of = all.find(key); of != all.end()) add(of->second);
    };
    for (const auto number : touched.measures) add_of(by.measures, number);
    for (const auto &metric : touched.given) add_of(by.given, metric);
    std::ranges::sort(places);
    const auto same = std::ranges::unique(places);
    places.erase(same.begin(), same.end());
    return places;
}

base::Result<void> Behaviour::look_at_rules(Subject &subject, const Touched &touched,
                                            const model::Transition &cause) {
    for (const auto place : affected(touched)) {
        const auto &rule = *made_.rules[place];
        KITH_LET(state, state_of(rule));
        if (subject.party.id <= state->row.built_through) KITH_TRY(look_at_rule(subject, rule, cause, true));
    }
    return {};
}

// When a condition may turn by time alone, with what it reads bound.
base::Result<base::Micros> Behaviour::next_wake(Membership &truth, const RulePrograms &rule) {
    s_.values_->set_host(host_);
    const auto before = truth.wake;
    const bool stands = before != kNever && before > now_ && stands_until(*seen_, *rule.watch, before);
    const auto wake = stands ? before : next_change(*seen_, *rule.watch);
    s_.values_->set_host({});
    if (auto error = s_.values_->take_error()) return error;
    return wake;
}

// After a cause that failed: whether it holds stays for the next look, but that comes when it is time.
base::Result<void> Behaviour::wake_again(Subject &subject, const RulePrograms &rule) {
    KITH_LET(state, state_of(rule));
    if (replays_ || subject.party.id > state->row.built_through) return {};
    subject_ = &subject;
    auto wake = kNever;
    if (rule.rule().trigger == Rule::Trigger::condition) {
        if (!rule.watch->moves_with_time()) return {};
        bind({});
        KITH_LET(next, next_wake(s_.watched_in(subject, Watched::rule, state->name), rule));
        wake = next;
    } else {
        KITH_LET(due, instant_of(rule.at, {}));
        if (due && *due > now_) wake = *due;
    }
    auto &truth = s_.watched_in(subject, Watched::rule, state->name);
    if (truth.wake == wake) return {};
    truth.wake = wake;
    truth.changed = true;
    return {};
}

base::Result<void> Behaviour::look_at_rule(Subject &subject, const RulePrograms &rule,
                                           const model::Transition &cause, bool fires) {
    subject_ = &subject;
    rule_ = &rule;
    const auto &written = rule.rule();
    KITH_LET(state, state_of(rule));
    Happening one;
    one.cause = cause;
    if (cause.cause != model::Cause::timer && cause.cause != model::Cause::event) one.cause.at = now_;
    one.cause.at = std::max(one.cause.at, base::kMinTime);
    one.view.at = one.cause.at;
    const Case at{nullptr, &one};
    const auto truth = [&]() -> Membership & { return s_.watched_in(subject, Watched::rule, state->name); };
    const auto stored = truth().stored;
    auto next = stored;
    auto wake = kNever;
    std::optional<std::string> occurrence;
    if (written.trigger == Rule::Trigger::condition) {
        KITH_LET(holds_now, holds(written.when, rule.when, at));
        if (holds_now != (stored.member != 0)) {
            next.member = holds_now;
            next.since = now_;
            next.times += holds_now;
            KITH_LET(in_time, is_in_time(rule, now_, at));
            if (holds_now && in_time) occurrence = "edge" + std::to_string(next.times);
        }
        if (rule.watch->moves_with_time()) {
            KITH_LET(next_one, next_wake(truth(), rule));
            wake = next_one;
        }
    } else {
        // An instant comes once: `since` is the last that has come.
        KITH_LET(due, instant_of(rule.at, at));
        if (due && *due > stored.since) {
            if (*due > now_) {
                wake = *due;
            } else {
                next.since = *due;
                ++next.times;
                KITH_LET(holds_now, holds(written.when, rule.when, at));
                one.cause.at = *due;
                if (holds_now) occurrence = "at" + std::to_string(*due);
                KITH_LET(in_time, is_in_time(rule, *due, at));
                if (!in_time) occurrence.reset();
            }
        }
    }
    if (next != stored || wake != truth().wake) {
        change(subject);
        auto &moved = truth();
        moved.stored = next;
        moved.wake = wake;
        moved.changed = true;
    }
    if (occurrence && fires) {
        if (rule.key) {
            KITH_LET(key, optional_text(rule.key, at));
            occurrence = key ? std::optional("key" + *key) : std::nullopt;
        }
        if (occurrence) KITH_TRY(run(subject, rule, one, *occurrence));
    }
    rule_ = nullptr;
    return {};
}

// Whether a time that is missed is still caught up.
base::Result<bool> Behaviour::is_in_time(const RulePrograms &rule, base::Micros due, const Case &at) {
    const auto &written = rule.rule();
    const auto now = std::max(now_, s_.run_now_.value_or(now_));
    if (written.catch_up == Rule::CatchUp::none) return now == due || written.every;
    KITH_LET(hours, text_of(written.hours, rule.hours, at));
    KITH_LET(end, end_of(written.within, rule.within, due, hours, at));
    return !end || now <= *end;
}

base::Result<void> Behaviour::fire(Subject &subject, Membership &membership, base::Micros due) {
    const auto name = membership.name;
    const auto rule = std::ranges::find_if(made_.rules, [&](const auto &one) {
        const auto code = s_.name(one->rule().name);
        return code && *code == name && one->watch;
    });
    membership.wake = kNever;
    membership.changed = true;
    if (rule == made_.rules.end()) return {};
    model::Transition cause;
    cause.at = due;
    cause.cause = model::Cause::timer;
    now_ = until_ = due;
    looked_ = false;
    return in_frame(subject, cause, [&]() -> base::Result<void> {
        KITH_TRY(look_at_rule(subject, **rule, cause, true));
        return drain(subject, {}, cause);
    });
}

// ---- periods ----

base::Result<void> Behaviour::run_period(Subject &subject, const RulePrograms &rule, base::Micros begin) {
    subject_ = &subject;
    KITH_TRY(s_.load_instances(subject));
    KITH_TRY(catch_up(subject));
    now_ = until_ = begin;
    looked_ = false;
    Happening one;
    one.cause.at = begin;
    one.cause.cause = model::Cause::timer;
    one.view.at = begin;
    return in_frame(subject, one.cause, [&]() -> base::Result<void> {
        rule_ = &rule;
        const Case at{nullptr, &one};
        KITH_LET(in_time, is_in_time(rule, begin, at));
        KITH_LET(holds_now, holds(rule.rule().when, rule.when, at));
        if (!in_time || !holds_now) return rule_ = nullptr, base::Result<void>();
        auto occurrence = "in" + std::to_string(begin);
        if (rule.key) {
            KITH_LET(key, optional_text(rule.key, at));
            if (!key) return rule_ = nullptr, base::Result<void>();
            occurrence = "key" + *key;
        }
        KITH_TRY(run(subject, rule, one, occurrence));
        rule_ = nullptr;
        return drain(subject, {}, one.cause);
    });
}

// When the period begins that a rule is to run for next; kNever if it is not for one.
base::Result<base::Micros> Behaviour::next_period(const RulePrograms &rule, base::Micros now) {
    if (rule.rule().trigger != Rule::Trigger::period) return kNever;
    KITH_LET(state, state_of(rule));
    const auto every = *rule.rule().every;
    const auto next = period_next(every, period_begin(every, state->row.ran_through, s_.zone_), s_.zone_);
    if (next > now) return next;
    // The period it is now is not missed.
    return rule.rule().catch_up == Rule::CatchUp::all ? next : period_begin(every, now, s_.zone_);
}

base::Result<base::Micros> Behaviour::next_period(base::Micros now) {
    auto first = kNever;
    for (const auto &rule : made_.rules) {
        KITH_LET(next, next_period(*rule, now));
        first = std::min(first, next);
    }
    return first;
}

base::Result<bool> Behaviour::run_periods(base::Micros begin, std::size_t parties_max) {
    for (const auto &rule : made_.rules) {
        if (rule->rule().trigger != Rule::Trigger::period) continue;
        KITH_LET(next, next_period(*rule, s_.run_now_.value_or(begin)));
        if (next != begin) continue;
        KITH_LET(state, state_of(*rule));
        KITH_LET(parties, s_.parties_after(state->row.built_through, parties_max));
        for (const auto &party : parties) {
            KITH_LET(owner, s_.subject(party));
            if (owner && !owner->row.anonymous) KITH_TRY(run_period(*owner, *rule, begin));
        }
        state->changed = true;
        if (parties.size() == parties_max) {
            state->row.built_through = parties.back();
            return false;
        }
        state->row.built_through = {};
        state->row.ran_through = begin;
    }
    return true;
}

base::Result<bool> Behaviour::build(std::size_t parties_max, BuildProgress &progress) {
    auto lowest = last_party();
    std::vector<std::pair<const RulePrograms *, RuleState *>> waiting;
    for (const auto &rule : made_.rules) {
        if (!rule->watch) continue;
        KITH_LET(state, state_of(*rule));
        lowest = std::min(lowest, state->row.built_through);
        waiting.emplace_back(rule.get(), state);
    }
    if (lowest == last_party()) return true;
    std::erase_if(waiting, [&](const auto &one) { return one.second->row.built_through != lowest; });
    KITH_LET(parties, s_.parties_after(lowest, parties_max));
    model::Transition cause;
    cause.cause = model::Cause::definition;
    for (const auto &party : parties) {
        KITH_LET(owner, s_.subject(party));
        if (!owner || owner->row.anonymous) continue;
        KITH_TRY(s_.load_instances(*owner));
        now_ = s_.instant_of(*owner, base::kMinTime);
        looked_ = false;
        cause.at = now_;
        // What holds already does not come to hold, and what is past does not come.
        for (const auto &[rule, state] : waiting)
            KITH_TRY(in_frame(*owner, cause, [&] { return look_at_rule(*owner, *rule, cause, false); }));
    }
    progress.parties += parties.size();
    const auto through = parties.size() < parties_max ? last_party() : parties.back();
    for (const auto &[rule, state] : waiting) {
        state->row.built_through = through;
        state->changed = true;
    }
    return false;
}

}  // namespace kith::engine
