// Why a rule fired or did not, where a process stands, what it waits for, and who gets what it gives.
#include <algorithm>

#include "engine/behaviour.hpp"
#include "engine/value_records.hpp"
#include "engine/value_table.hpp"
#include "engine/why_tree.hpp"
#include "index/keys.hpp"
#include "rules/waiting.hpp"

namespace kith::engine {

using base::Status;
using expr::Value;
using rules::Rule;
using store::Table;

namespace {

constexpr std::size_t kEventsShown = 3, kTimelineLooked = 500;

std::string words_of(std::span<const std::string> texts) {
    std::string all;
    for (const auto &one : texts) all += (all.empty() ? "" : ", ") + one;
    return all;
}

bool is_true(const Value &value) { return value.is(expr::Kind::boolean) && value.i != 0; }

class BehaviourReasons {
public:
    BehaviourReasons(const Snapshot &snapshot, const WhyQuery &query, ValuesAt &at, WhyTree &tree)
        : snapshot_(snapshot),
          reads_(snapshot),
          query_(query),
          at_(at),
          tree_(tree),
          made_(*tree.definitions().behaviours),
          zone_(snapshot.store().zone()) {}

    base::Result<bool> run() {
        auto name = query_.name;
        std::string_view group;
        if (const auto dot = name.find('.'); dot != name.npos) {
            group = name.substr(0, dot);
            name.remove_prefix(dot + 1);
        }
        if (query_.subject.kind != SubjectKind::party) return false;
        KITH_LET(facts, PartyFacts::of(snapshot_, query_.subject.party));
        if (!facts) return false;
        facts_ = std::move(facts);
        subject_ = &at_.values().walk_to(query_.subject.party, facts_);
        const auto rule = std::ranges::find(
            made_.rules, name, [](const auto &one) -> std::string_view { return one->rule().name; });
        if (rule != made_.rules.end() && (group.empty() || group == "rule")) {
            KITH_TRY(explain_rule(**rule));
            return true;
        }
        for (const auto &process : made_.processes) {
            if (!process->process->newest || process->process->chart().name != name) continue;
            if (!group.empty() && group != "process") continue;
            KITH_TRY(explain_process(*process));
            return true;
        }
        return false;
    }

private:
    const base::Id &party() const { return query_.subject.party; }
    static std::string time(base::Micros at) { return base::format_time(at); }
    std::size_t add(std::uint32_t level, std::string_view kind, std::string name, std::string value,
                    std::string detail = {}) {
        return tree_.add({level, kind, std::move(name), std::move(value), std::move(detail)});
    }
    base::Result<std::string> word(model::Name name) const {
        if (name == 0) return std::string();
        KITH_LET(text, snapshot_.text(name));
        return std::string(text);
    }

    // What the variables of behaviour are: e, p, c, open; then of each process its data and where it stands.
    std::vector<Value> host(const PartyFacts &facts, const EventView *event, const ProcessPrograms *programs,
                            const base::Id &instance) {
        const auto absent = [](const char *what) { return expr::fail(expr::Code::absent, what); };
        std::vector<Value> all(4 + 2 * made_.processes.size(), absent("there is no process at hand"));
        all[0] = event ? expr::of_record(event, made_.tags[0]) : absent("there is no event at hand");
        all[2] = absent("there is no commitment at hand");
        all[3] = expr::of_record(&facts, made_.tags[3]);
        for (const auto &view : facts.processes()) {
            if (!programs || view.read->process.id != instance) continue;
            case_view_ = {view, programs};
            all[1] = expr::of_record(&view, made_.tags[1]);
            all[4 + 2 * programs->place] = expr::of_record(&view, made_.data_tags[programs->place]);
            all[5 + 2 * programs->place] = expr::of_record(&case_view_, made_.state_tags[programs->place]);
        }
        return all;
    }

    Value evaluate(ValuesAt &at, SubjectValues &subject, const ProgramPtr &program,
                   std::span<const Value> host) {
        at.values().set_host(host);
        const auto value = subject.evaluate(*program).value;
        at.values().set_host({});
        return value;
    }

    // True where nothing is written, or it holds.
    base::Result<bool> explain_guard(ValuesAt &at, SubjectValues &subject, const rules::Source &written,
                                     const ProgramPtr &program, std::span<const Value> host,
                                     std::uint32_t level) {
        if (written.empty()) return true;
        if (!program) {
            add(level, "condition", written.text, {}, "it no longer reads");
            return false;
        }
        KITH_LET(value, explain_condition(snapshot_, query_, at, subject, {program.get(), written.text, host},
                                          level, tree_));
        return is_true(value);
    }

    // ---- rules ----

    struct Run {
        base::Micros at = 0;
        bool fired = false;
        std::string event, why;
    };
    base::Result<std::vector<Run>> runs_of(model::Name rule) const {
        std::vector<Run> all;
        const auto prefix = index::runs_of(rule, party());
        KITH_LET(cursor, snapshot_.reader().cursor(Table::runs));
        KITH_LET(first, cursor.seek(prefix));
        for (bool found = first; found && index::starts_with(cursor.key(), prefix);) {
            KITH_LET(row, cursor.value());
            const auto stored = decode_run(row.payload);
            KITH_LET(event, word(stored.event));
            KITH_LET(why, word(stored.why));
            all.push_back({index::run_time(cursor.key()), stored.result == 1, event, why});
            KITH_LET(more, cursor.next());
            found = more;
        }
        std::ranges::reverse(all);
        return all;
    }

    static std::string what_sets_off(const Rule &rule) {
        switch (rule.trigger) {
            case Rule::Trigger::event:
                return "on " + words_of(rule.on) +
                       (rule.unless ? " unless " + words_of(rule.unless->events) : "");
            case Rule::Trigger::condition:
                return rule.mode == Rule::Mode::level ? "while it holds" : "as it comes to hold";
            case Rule::Trigger::instant:
                return "at " + rule.at.text;
            case Rule::Trigger::period:
                break;
        }
        return "in each period";
    }

    base::Result<void> explain_rule(const RulePrograms &programs) {
        const auto &rule = programs.rule();
        KITH_LET(code, snapshot_.store().names().find(snapshot_.reader(), rule.name));
        StoredRule state;
        std::vector<Run> runs;
        if (code) {
            KITH_LET(row, snapshot_.reader().get(Table::rules, index::rule(*code)));
            if (row) state = decode_rule_row(row->payload);
            KITH_LET(read, runs_of(*code));
            runs = std::move(read);
        }
        auto detail = what_sets_off(rule);
        if (state.suspended) {
            detail += "; suspended after " + std::to_string(state.failed_in_a_row) +
                      " failures in a row: kith rules --resume lets it run";
        }
        if (!is_in_force(rule, query_.now, zone_)) detail += "; out of its time";
        tree_.add({0, "rule", "rule." + rule.name,
                   runs.empty()         ? "not fired"
                   : runs.front().fired ? "fired"
                                        : "failed",
                   detail, "rule", rule.name, programs.version});
        for (std::size_t i = 0; i < std::min(runs.size(), query_.rows_max); ++i) {
            const auto &run = runs[i];
            add(1, "run", run.fired ? "fired" : "failed", time(run.at),
                run.fired
                    ? run.event.empty() ? "because time went by, or a value moved" : "because of " + run.event
                    : run.why);
        }
        if (rule.unless) KITH_TRY(explain_waiting(rule));
        const auto plain = host(*facts_, nullptr, nullptr, {});
        if (rule.trigger == Rule::Trigger::event) {
            KITH_TRY(explain_events(programs, state, runs));
        } else {
            KITH_TRY(explain_moment(programs, state, code.value_or(0), plain));
        }
        return explain_choices(programs.then, plain, 1);
    }

    // kith's own figures, as they stood.
    base::Result<model::Figures> figures_at(base::Micros until) const {
        const auto &reader = snapshot_.reader();
        auto &names = snapshot_.store().names();
        KITH_LET(order, names.find(reader, model::kOrder));
        KITH_LET(returned, names.find(reader, model::kReturn));
        KITH_LET(corrections, reader.count(Table::corrected));
        FiguresCount count(order.value_or(0), returned.value_or(0), zone_,
                           facts_->party().kind != model::PartyKind::anonymous);
        KITH_LET(cursor, reader.cursor(Table::rows));
        KITH_LET(first, cursor.seek(index::interactions_from(party(), base::kMinTime)));
        for (bool found = first; found && index::starts_with(cursor.key(), party().view());) {
            const auto at = index::interaction_key(cursor.key()).at;
            if (at > until) break;
            bool counts = true;
            if (corrections) {
                KITH_LET(corrected, reader.get(Table::corrected, cursor.key()));
                counts = !corrected;
            }
            KITH_LET(row, cursor.value());
            if (counts) count.add(at, record::decode_summary(row.payload));
            KITH_LET(more, cursor.next());
            found = more;
        }
        return std::move(count.figures);
    }

    // The newest events that could have set it off, each as things stood then.
    base::Result<void> explain_events(const RulePrograms &programs, const StoredRule &state,
                                      std::span<const Run> runs) {
        const auto &rule = programs.rule();
        TimelineQuery timeline;
        timeline.party = party();
        if (query_.now < base::kMaxTime) timeline.until = query_.now + 1;
        KITH_LET(page, reads_.timeline(timeline, {}, kTimelineLooked));
        std::size_t shown = 0;
        for (const auto &read : page.items) {
            const auto &one = read.interaction;
            KITH_LET(type, word(one.type));
            const bool meant = std::ranges::any_of(
                rule.on, [&](const auto &pattern) { return rules::type_matches(pattern, type); });
            if (!meant || shown == kEventsShown) continue;
            ++shown;
            const auto row = add(1, "event", type, time(one.key.at));
            tree_.put_text(11, row, base::to_hex(index::interaction(one.key).view()));
            if (rule.unless) continue;  // the process that waits says it
            KITH_LET(at, ValuesAt::of(snapshot_, one.key.at));
            KITH_LET(facts, PartyFacts::of(snapshot_, one.key));
            const std::shared_ptr<PartyFacts> then = std::move(facts);
            if (!then) continue;
            KITH_LET(figures, figures_at(one.key.at));
            then->set_figures(std::move(figures));
            auto &subject = at->values().walk_to(party(), then);
            const EventView view{type, {}, {}, {}, one.key.at, false};
            const auto seen = host(*then, &view, nullptr, {});
            KITH_LET(wanted, explain_guard(*at, subject, rule.where, programs.where, seen, 2));
            auto holds = wanted;
            if (wanted) {
                KITH_LET(met, explain_guard(*at, subject, rule.when, programs.when, seen, 2));
                holds = met;
            }
            std::string verdict = holds ? "" : wanted ? "\"when\" does not hold" : "\"where\" does not hold";
            if (holds && programs.key) {
                const auto key = evaluate(*at, subject, programs.key, seen);
                const auto text = plain_text(key, *programs.key->checked().schema, at->values().moment());
                const auto used = snapshot_.reader().get(
                    Table::occurrences, index::occurrence(occurrence_of(rule, party(), "key" + text), 0, 0));
                if (!used) return base::Error(used.error());
                add(2, "key", rule.key.text, text, *used ? "it fires once for it, and has" : "");
                if (*used) verdict = "its key is used";
            }
            const auto run = std::ranges::find(runs, one.key.at, &Run::at);
            if (run != runs.end()) verdict = run->fired ? "it fired" : "it failed: " + run->why;
            if (verdict.empty() && state.suspended) verdict = "suspended";
            if (verdict.empty() && !is_in_force(rule, one.key.at, zone_)) verdict = "out of its time";
            if (verdict.empty() && rule.mode == Rule::Mode::edge)
                verdict = "it held before: it fires as it comes to hold";
            if (verdict.empty())
                verdict = "it holds now; the rule was not there then, or its run is not kept";
            tree_.put_text(4, row, verdict);
        }
        if (shown == 0) add(1, "event", words_of(rule.on), {}, "none has come from outside");
        return {};
    }

    base::Result<void> explain_moment(const RulePrograms &programs, const StoredRule &state, model::Name code,
                                      std::span<const Value> host) {
        const auto &rule = programs.rule();
        KITH_LET(kept, reads_.watched(party(), code));
        if (rule.trigger == Rule::Trigger::period) {
            const auto begin = period_begin(*rule.every, state.ran_through, zone_);
            add(1, "period", "next", time(period_next(*rule.every, begin, zone_)));
        } else if (rule.trigger == Rule::Trigger::instant && programs.at) {
            const auto due = evaluate(at_, *subject_, programs.at, host);
            const bool known = due.is(expr::Kind::timestamp);
            const bool came = known && kept && expr::micros_of(due) <= kept->since;
            add(1, "due", rule.at.text, known ? time(expr::micros_of(due)) : std::string(),
                !known ? "unknown"
                : came ? "it has come"
                : expr::micros_of(due) <= query_.now
                    ? "it has come, or was before the rule: kith run-due runs what is due"
                    : "to come");
        } else if (kept) {
            add(1, "since", kept->member ? "holds" : "does not hold", time(kept->since),
                kept->member ? "it fires as it comes to hold, which was then" : std::string());
        }
        KITH_LET(holds, explain_guard(at_, *subject_, rule.when, programs.when, host, 1));
        (void)holds;
        return {};
    }

    // A rule that fires when something does not come.
    base::Result<void> explain_waiting(const Rule &rule) {
        const auto name = std::string(rules::kWaitingPrefix) + rule.name;
        KITH_LET(all, reads_.processes(party()));
        std::size_t shown = 0;
        std::ranges::sort(all,
                          [](const auto &a, const auto &b) { return a.process.since > b.process.since; });
        for (const auto &one : all) {
            KITH_LET(called, word(one.process.definition));
            if (called != name || shown++ >= query_.rows_max) continue;
            KITH_LET(state, word(one.process.state));
            auto detail = "since " + time(one.process.started_at);
            if (one.due) detail += ", until " + time(*one.due);
            if (one.ended) detail += ", ended " + time(one.process.since);
            add(1, "waiting", words_of(rule.unless->events), state, detail);
        }
        return {};
    }

    // Who gets it, and why not the others.
    base::Result<void> explain_choices(std::span<const EffectPrograms> effects, std::span<const Value> host,
                                       std::uint32_t level) {
        for (const auto &effect : effects) {
            if (!effect.choice) continue;
            auto &values = at_.values();
            values.set_host(host);
            const ValueBinding variables(*subject_, host);
            auto assigned = assign(*effect.choice, values, {facts_->party().owner, 0, variables}, true);
            values.set_host({});
            if (!assigned) return assigned.take_error();
            KITH_LET(actor, word(assigned->actor));
            add(level, "assign", effect.effect->kind, actor, assigned->how);
            for (const auto &one : assigned->candidates) {
                if (tree_.full()) break;
                add(level + 1, "candidate", one.key,
                    one.actor == assigned->actor ? "taken"
                    : one.fits                   ? "fits"
                                                 : "left out",
                    one.fits ? words_of(one.rank_text) : one.why_not);
            }
        }
        return {};
    }

    // ---- processes ----

    base::Result<void> explain_process(const ProcessPrograms &newest) {
        const auto &chart = newest.process->chart();
        KITH_LET(all, reads_.processes(party()));
        std::erase_if(all, [&](const auto &one) { return one.process.definition != newest.process->name; });
        // Those that run, then the newest.
        std::ranges::sort(all, [](const auto &a, const auto &b) {
            return std::pair(!a.ended, a.process.since) > std::pair(!b.ended, b.process.since);
        });
        if (all.empty()) {
            tree_.add({0,
                       "process",
                       "process." + chart.name,
                       {},
                       chart.start.empty() ? "not started: it is opened by hand or by a rule"
                                           : "not started: it starts on " + words_of(chart.start),
                       "process",
                       chart.name,
                       newest.process->version});
            return {};
        }
        for (std::size_t i = 0; i < std::min(all.size(), query_.rows_max); ++i)
            KITH_TRY(explain_case(all[i]));
        return {};
    }

    base::Result<void> explain_case(const ProcessRead &read) {
        const auto &process = read.process;
        const auto *installed = tree_.definitions().find(process.definition, process.version);
        const auto *programs = installed ? made_.find(installed) : nullptr;
        if (!programs) return {};
        const auto &chart = installed->chart();
        KITH_LET(state, word(process.state));
        auto detail = "since " + time(process.since);
        KITH_LET(key, Reads(snapshot_).case_key(process.key));
        if (!key.empty()) detail += "; key " + key;
        if (read.ended) detail += "; ended";
        if (read.due) detail += "; due " + time(*read.due);
        tree_.add(
            {0, "process", "process." + chart.name, state, detail, "process", chart.name, process.version});
        KITH_LET(log, reads_.log(process.id));
        if (log) KITH_TRY(explain_log(*log));
        const auto seen = host(*facts_, nullptr, programs, process.id);
        const auto here = installed->state_index(process.state);
        if (!here || read.ended) return {};
        KITH_TRY(explain_milestones(process, *programs, seen));
        const auto outer = chart.states[*here].outer;
        const auto hours = hours_of(*programs, seen);
        KITH_TRY(explain_state(*programs, *here, process.since, hours, seen));
        if (outer) KITH_TRY(explain_state(*programs, *outer, process.outer_since, hours, seen));
        for (const auto &each : programs->on) KITH_TRY(explain_moves(*programs, each, seen));
        return explain_choices(programs->states[*here].entry, seen, 1);
    }

    base::Result<void> explain_log(std::span<const model::Transition> log) {
        for (std::size_t i = 0; i < std::min(log.size(), query_.rows_max); ++i) {
            const auto &one = log[log.size() - 1 - i];
            KITH_LET(from, word(one.from));
            KITH_LET(to, word(one.to));
            KITH_LET(event, word(one.event));
            KITH_LET(actor, word(one.actor));
            std::string why = one.cause == model::Cause::timer        ? "because it was due"
                              : one.cause == model::Cause::definition ? "because the definition changed"
                              : one.cause == model::Cause::event      ? "because of " + event
                                                                      : "by hand";
            if (one.cause == model::Cause::hand && !event.empty()) why += ": " + event;
            if (!actor.empty()) why += ", by " + actor;
            if (!one.reason.empty()) why += ", \"" + std::string(one.reason) + "\"";
            if (one.late) why += ", recorded late";
            why += ", version " + std::to_string(one.version);
            const auto row = add(1, "move", from.empty() ? to : from + " -> " + to, time(one.at), why);
            if (one.cause == model::Cause::event)
                tree_.put_text(11, row, base::to_hex(index::interaction(one.interaction).view()));
        }
        return {};
    }

    std::string hours_of(const ProcessPrograms &programs, std::span<const Value> host) {
        if (!programs.hours) return programs.process->chart().hours.text;
        const auto value = evaluate(at_, *subject_, programs.hours, host);
        return value.is(expr::Kind::string) ? std::string(value.view()) : std::string();
    }

    static std::string target_of(const rules::Statechart &chart, const rules::Move &move) {
        return move.target ? chart.states[*move.target].name : "stays";
    }

    base::Result<void> explain_moves(const ProcessPrograms &programs, const EventPrograms &on,
                                     std::span<const Value> host) {
        for (const auto &move : on.moves) {
            if (tree_.full()) return {};
            add(1, "waits", "on " + std::string(on.event), target_of(programs.process->chart(), *move.move),
                "for the event");
            KITH_LET(holds, explain_guard(at_, *subject_, move.move->guard, move.guard, host, 2));
            (void)holds;
        }
        return {};
    }

    base::Result<void> explain_state(const ProcessPrograms &programs, std::uint32_t state, base::Micros since,
                                     const std::string &hours, std::span<const Value> host) {
        const auto &chart = programs.process->chart();
        for (const auto &each : programs.states[state].on) KITH_TRY(explain_moves(programs, each, host));
        for (const auto &timer : programs.states[state].after) {
            KITH_LET(due, due_of(timer, since, hours, host));
            add(1, "waits", due ? "until " + time(*due) : "for a time", target_of(chart, *timer.move.move),
                !due                 ? "its time is not known"
                : *due <= query_.now ? "due: kith run-due brings it up to date, if its guard holds"
                                     : "");
            KITH_LET(holds, explain_guard(at_, *subject_, timer.move.move->guard, timer.move.guard, host, 2));
            (void)holds;
        }
        for (const auto &move : programs.states[state].always) {
            add(1, "waits", "always", target_of(chart, *move.move), "as soon as it holds");
            KITH_LET(holds, explain_guard(at_, *subject_, move.move->guard, move.guard, host, 2));
            (void)holds;
        }
        return {};
    }

    base::Result<std::optional<base::Micros>> due_of(const TimerPrograms &timer, base::Micros since,
                                                     const std::string &hours, std::span<const Value> host) {
        using Due = std::optional<base::Micros>;
        const auto instant = [&](const ProgramPtr &program) -> Due {
            const auto value = program ? evaluate(at_, *subject_, program, host) : Value();
            return value.is(expr::Kind::timestamp) ? Due(expr::micros_of(value)) : Due();
        };
        Due due;
        if (!timer.timer->at.empty()) {
            due = instant(timer.at);
        } else {
            const auto from = timer.timer->anchor.empty() ? Due(since) : instant(timer.anchor);
            auto length = timer.timer->delay.length;
            if (!length && timer.delay) {
                const auto text = evaluate(at_, *subject_, timer.delay, host);
                auto read = text.is(expr::Kind::string)
                                ? rules::read_length(text.view())
                                : base::Result<rules::Length>(base::fail(Status::rule, "no length"));
                if (read) length = *read;
            }
            if (!from || !length) return Due();
            auto end = at_.values().clock().end_of(*length, *from, hours);
            if (end) due = *end;
        }
        return due ? Due(std::max(*due, since)) : due;
    }

    base::Result<void> explain_milestones(const model::Process &process, const ProcessPrograms &programs,
                                          std::span<const Value> host) {
        using model::MilestoneState;
        const auto &chart = programs.process->chart();
        for (const auto &one : process.milestones) {
            KITH_LET(name, word(one.name));
            const auto written = std::ranges::find(chart.milestones, name, &rules::Milestone::name);
            constexpr const char *kStates[] = {"", "running", "paused", "met", "breached", "dropped"};
            std::string detail;
            if (written != chart.milestones.end())
                detail = "from " + chart.states[written->from].name + " to " + chart.states[written->to].name;
            if (one.due != kNever) detail += "; due " + time(one.due);
            if (one.warn != kNever && one.state == MilestoneState::running)
                detail += "; warns " + time(one.warn);
            const bool paused = one.state == MilestoneState::paused;
            if (paused) detail += "; stands still since " + time(one.paused_at);
            const auto until = paused ? one.paused_at : query_.now;
            if ((paused || one.state == MilestoneState::running) && one.due != kNever) {
                auto left = one.business
                                ? at_.values().clock().between(until, one.due, hours_of(programs, host))
                                : base::Result<base::Micros>(std::max(one.due - until, base::Micros{0}));
                if (left) {
                    detail += "; left " + std::to_string(*left / 60'000'000) + " min";
                    if (one.business) detail += " of business time";
                }
            }
            if (written != chart.milestones.end() && !written->pause.empty()) {
                detail += "; pauses in ";
                for (std::size_t i = 0; i < written->pause.size(); ++i)
                    detail += (i ? ", " : "") + chart.states[written->pause[i]].name;
            }
            add(1, "milestone", name, kStates[static_cast<std::size_t>(one.state)], detail);
        }
        return {};
    }

    const Snapshot &snapshot_;
    const Reads reads_;
    const WhyQuery &query_;
    ValuesAt &at_;
    WhyTree &tree_;
    const Behaviours &made_;
    base::Zone zone_;
    std::shared_ptr<PartyFacts> facts_;
    SubjectValues *subject_ = nullptr;
    CaseView case_view_;
};

}  // namespace

base::Result<bool> explain_behaviour(const Snapshot &snapshot, const WhyQuery &query, ValuesAt &at,
                                     WhyTree &tree) {
    return BehaviourReasons(snapshot, query, at, tree).run();
}

}  // namespace kith::engine
