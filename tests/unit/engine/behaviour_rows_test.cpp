// Goal: cases, their stays in states and commitments are counted as rows, by any subject, window and key,
// exact at any instant; what is asked of an instant later is what was asked at it; segments over them are
// kept. Method: random histories (seed printed) of a process and of commitments, on their day or too late,
// installed before and half-way; each metric against a recount of logs and records, written here; then all
// instants that were lived asked again; members against the condition; verify.
#include <map>

#include "engine/commitment_reads.hpp"
#include "engine/directory_reads.hpp"
#include "engine/values_at.hpp"
#include "engine/why.hpp"
#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

using model::CommitmentSort;
using model::CommitmentState;

constexpr std::string_view kDealProcess = R"json({"playbook": "deals", "format": 1, "define": [
  {"type": "list.cause", "codes": {"price": {}, "time": {}}},
  {"type": "deal.lost", "fields": {"cause": "list.cause"}},
  {"process": "deal", "per": "party", "start": {"on": "deal.opened", "key": "i.topic"},
   "fields": {"cause": "list.cause"}, "initial": "open",
   "states": {"open": {"on": {"deal.worked": "working", "deal.lost": "lost"}},
              "working": {"on": {"deal.worked": "open", "deal.won": "won", "deal.lost": "lost"},
                          "after": [{"delay": "P9D", "target": "waiting"}]},
              "waiting": {"on": {"deal.worked": "working"}, "after": [{"delay": "P20D", "target": "lost"}]},
              "won": {"final": true}, "lost": {"final": true}}}]})json";

constexpr std::string_view kDealMetrics = R"json({"playbook": "rows", "format": 1, "define": [
  {"metric": "size", "given": "double"},
  {"metric": "owed", "count": "commitment", "where": "!c.ended", "by": "month"},
  {"metric": "owed_by", "count": "commitment", "where": "!c.ended", "per": "actor"},
  {"metric": "owed_below", "count": "commitment", "where": "!c.ended", "per": "actor", "along": "part_of"},
  {"metric": "owed_family", "count": "commitment", "where": "!c.ended", "along": "refers"},
  {"metric": "late_now", "count": "commitment", "where": "!c.ended && c.late", "per": "all", "by": "week"},
  {"metric": "broken_30d", "count": "promise.broken", "window": "P30D"},
  {"metric": "late_30d", "count": "task.late", "window": "P30D", "per": "actor", "along": "part_of"},
  {"metric": "compensated", "count": "promise.compensated", "per": "all"},
  {"metric": "kept_rate", "avg": "promise", "of": "c.state == 'kept'", "where": "c.ended", "at": "c.ended_at",
   "per": "actor", "window": "P60D"},
  {"metric": "kept_month", "avg": "promise", "of": "c.state == 'kept'", "where": "c.ended", "at": "c.ended_at",
   "per": "all", "by": "month"},
  {"metric": "broken_month", "count": "promise.broken", "per": "all", "by": "month"},
  {"metric": "days_open", "median": "commitment.ended", "of": "c.ended_at - c.opened_at", "per": "all"},
  {"metric": "last_due", "max": "commitment", "of": "c.due", "per": "c.kind"},
  {"metric": "by_state", "count": "commitment", "per": ["c.sort", "c.state"]},
  {"metric": "kinds_of", "count": "commitment", "per": ["actor", "c.kind"]},
  {"metric": "due_soon", "count": "commitment.due", "where": "!c.ended"},
  {"metric": "running", "count": "process.deal", "where": "!p.ended", "by": "month"},
  {"metric": "waiting_all", "count": "process.deal", "where": "p.state == 'waiting'", "per": "all", "by": "month"},
  {"metric": "win_rate", "avg": "process.deal", "of": "p.state == 'won'", "where": "p.ended", "at": "p.ended_at",
   "per": "all", "window": "P60D"},
  {"metric": "causes", "count": "process.deal", "where": "p.state == 'lost'", "at": "p.ended_at", "per": "p.data.cause"},
  {"metric": "hours_in", "median": "process.deal.stage", "of": "s.hours", "per": ["s.state", "p.owner"]},
  {"metric": "entered", "count": "process.deal.stage", "where": "s.state == 'waiting'", "window": "P30D"},
  {"metric": "days_won", "avg": "process.deal", "of": "p.ended_at - p.started_at", "where": "p.state == 'won'",
   "at": "p.ended_at", "per": "actor"},
  {"segment": "let_down", "when": "m.broken_30d >= 1"},
  {"segment": "due", "when": "m.due_soon >= 1"},
  {"segment": "busy", "when": "m.running >= 2 && m.owed > 0"}]})json";

constexpr const char *kDealParties[] = {"ann", "bob", "cat"};
constexpr const char *kDealActors[] = {"tim", "mia", "bo"};  // mia and bo are part of tim
constexpr const char *kDealOwners[] = {"mia", "bo", "mia"};

// What a case or commitment is known to have been, for the recount.
struct LoggedCase {
    std::size_t party = 0;
    std::vector<model::Transition> log;
    std::string cause;
};
struct OwedThen {
    std::size_t party = 0;
    model::Commitment c;
    std::string kind, answers;
};

class BehaviourRowsTest : public EngineTest {
protected:
    void define(std::string_view json) {
        Batch batch;
        const auto added = batch.add_playbook(json);
        ASSERT_TRUE(added) << added.error().message;
        commit(*store_, batch);
        ASSERT_TRUE(store_->build({}));
    }

    void begin() {
        store_ = open("rows.kith");
        ASSERT_TRUE(store_);
        define(kDealProcess);
        Batch batch;
        for (const auto *actor : kDealActors) {
            ActorItem item;
            item.key = actor;
            if (actor != kDealActors[0]) {
                item.part_of = kDealActors[0];
                item.fields = model::actor_field::part_of;
            }
            item.flags.create = true;
            ASSERT_TRUE(batch.add(item));
        }
        for (std::size_t n = 0; n < std::size(kDealParties); ++n) {
            PartyItem item;
            item.ref = order(kDealParties[n], 0, 0).ref;
            item.flags.create = true;
            item.owner = kDealOwners[n];
            item.fields = model::party_field::owner;
            ASSERT_TRUE(batch.add(item));
            if (n == 0) continue;
            LinkItem link;  // ann refers bob, and he cat
            link.from = order(kDealParties[n - 1], 0, 0).ref;
            link.to = item.ref;
            link.kind = model::LinkKind::refers;
            link.flags.create = true;
            ASSERT_TRUE(batch.add(link));
        }
        commit(*store_, batch);
    }

    std::uint64_t any(std::uint64_t below) { return (*dice_)() % below; }

    // One thing that happens at `at`, or is told of then.
    void happen(base::Micros at) {
        Batch batch;
        const auto who = kDealParties[any(3)];
        if (any(5) < 2) {
            static constexpr const char *kEvents[] = {"deal.opened", "deal.worked", "deal.worked", "deal.won",
                                                      "deal.lost"};
            static constexpr const char *kTopics[] = {"a", "b", "c"};
            auto item = order(who, at, 1);
            item.amount.reset();
            item.type = kEvents[any(5)];
            item.topic = kTopics[any(3)];
            FieldItem cause;
            cause.name = "cause";
            cause.kind = model::FieldKind::written;
            cause.text = any(2) ? "price" : "time";
            if (item.type == "deal.lost" && any(4)) item.values = std::span(&cause, 1);
            ASSERT_TRUE(batch.add(item));
            commit(*store_, batch);
            return;
        }
        if (made_.empty() || any(2)) {
            static constexpr CommitmentSort kSorts[] = {CommitmentSort::task, CommitmentSort::promise,
                                                        CommitmentSort::compensation,
                                                        CommitmentSort::reminder};
            NewCommitmentItem item;
            item.ref = order(who, 0, 0).ref;
            item.sort = kSorts[any(4)];
            item.kind = any(2) ? "visit" : "call";
            item.opened_at = at;
            if (any(4)) item.due = at + static_cast<base::Micros>(any(20 * 24)) * base::kDay / 24;
            if (any(4)) item.assignee = kDealActors[any(3)];
            if (any(3) == 0) item.debtor = kDealActors[any(3)];
            if (!made_.empty() && any(3) == 0) {
                item.for_kind = model::ForKind::commitment;
                item.for_record = made_[any(made_.size())];
            }
            ASSERT_TRUE(batch.add(item));
            const auto done = store_->commit(batch);
            ASSERT_TRUE(done) << done.error().message;
            made_.push_back(batch.outcomes[0].commitment);
            return;
        }
        static constexpr CommitmentState kTo[] = {CommitmentState::accepted, CommitmentState::doing,
                                                  CommitmentState::kept,     CommitmentState::broken,
                                                  CommitmentState::waived,   CommitmentState::cancelled};
        ASSERT_TRUE(batch.add(CommitmentItem{made_[any(made_.size())], kTo[any(6)], at}));
        (void)store_->commit(batch);  // what may not be is refused
    }

    // ---- the recount ----

    void read_all(const Snapshot &snapshot) {
        known_.clear();
        cases_.clear();
        const Reads reads(snapshot);
        const auto text = [&](model::Name name) {
            return name ? std::string(*snapshot.text(name)) : std::string();
        };
        for (std::size_t n = 0; n < std::size(kDealParties); ++n) {
            const auto party = find(*store_, kDealParties[n]);
            const auto owed = CommitmentReads(snapshot).of_party(party, {}, {}, 10'000);
            for (const auto &one : owed->items) {
                const auto &c = one.commitment;
                known_.push_back({n, c, text(c.kind), text(c.debtor.actor ? c.debtor.actor : c.assignee)});
            }
            const auto processes = reads.processes(party);
            for (const auto &one : *processes) {
                LoggedCase logged{n, **reads.log(one.process.id), {}};
                for (const auto &value : one.process.fields.values)
                    logged.cause = text(static_cast<model::Name>(value.number));
                cases_.push_back(std::move(logged));
            }
        }
        names_.clear();
        for (const auto *state : {"open", "working", "waiting", "won", "lost"}) {
            const auto code = DirectoryReads(snapshot).code(state);
            names_[state] = code && *code ? **code : 0;
        }
    }

    // Where a case stood; empty: it had not begun. And since when.
    std::pair<std::string, base::Micros> state_at(const LoggedCase &one, base::Micros now) const {
        std::pair<std::string, base::Micros> found;
        for (const auto &entry : one.log) {
            if (entry.at > now || entry.inside) continue;
            for (const auto &[name, code] : names_) {
                if (code == entry.to) found = {name, entry.at};
            }
        }
        return found;
    }

    struct State {
        bool there = false, open = false, late = false;
        std::string word;
    };
    static State state_at(const model::Commitment &c, base::Micros now) {
        State state;
        state.there = c.opened_at <= now;
        const auto first_end = c.broken_at ? c.broken_at : c.ended_at;
        state.open = !first_end || *first_end > now;
        if (!state.open) {
            const bool again = *c.ended_at <= now;
            state.word = again ? std::string(model::word_of(c.state)) : "broken";
            state.late =
                c.told_late || (c.due && (*first_end > *c.due || (c.broken_at && *first_end == *c.due)));
        } else {
            const bool doing = c.started_at && *c.started_at <= now;
            state.word = doing ? "doing" : c.accepted_at && *c.accepted_at <= now ? "accepted" : "open";
            state.late = c.due && *c.due <= now;
        }
        return state;
    }

    template <class Is>
    std::string counted(const Is &is) const {
        return std::to_string(std::ranges::count_if(known_, is));
    }
    template <class Is>
    std::string counted_cases(const Is &is) const {
        return std::to_string(std::ranges::count_if(cases_, is));
    }
    static std::string number(double value) {
        char text[40];
        std::snprintf(text, sizeof text, "%.6f", value);
        return text;
    }
    static std::string mean(const std::vector<double> &all) {
        double sum = 0;
        for (const auto one : all) sum += one;
        return all.empty() ? "-" : number(sum / static_cast<double>(all.size()));
    }
    static std::string median(std::vector<double> all) {
        std::ranges::sort(all);
        return all.empty() ? "-" : number((all[(all.size() - 1) / 2] + all[all.size() / 2]) / 2);
    }
    static bool in(base::Micros at, base::Micros now, std::int64_t days) {
        return at > now - days * base::kDay && at <= now;
    }

    // Every value at an instant, by a name of its own, from records alone.
    std::map<std::string, std::string> recounted(base::Micros now) const {
        std::map<std::string, std::string> all;
        const auto month = period_begin(rules::PeriodUnit::month, now, *base::Zone::find("UTC"));
        const auto is_open = [&](const OwedThen &one) {
            const auto state = state_at(one.c, now);
            return state.there && state.open;
        };
        const auto kept_of = [&](const auto &is) {
            std::vector<double> kept;
            for (const auto &one : known_) {
                const auto state = state_at(one.c, now);
                if (one.c.sort != CommitmentSort::promise || !state.there || state.open) continue;
                const auto ended = state.word == "broken" ? *one.c.broken_at : *one.c.ended_at;
                if (is(one, ended)) kept.push_back(state.word == "kept");
            }
            return mean(kept);
        };
        for (std::size_t n = 0; n < std::size(kDealParties); ++n) {
            const auto who = std::string(kDealParties[n]) + ".";
            all[who + "owed"] = counted([&](auto &one) { return one.party == n && is_open(one); });
            all[who + "owed_family"] = counted([&](auto &one) { return one.party >= n && is_open(one); });
            all[who + "broken_30d"] = counted([&](auto &one) {
                return one.party == n && one.c.sort == CommitmentSort::promise && one.c.opened_at <= now &&
                       one.c.broken_at && in(*one.c.broken_at, now, 30);
            });
            all[who + "due_soon"] = counted(
                [&](auto &one) { return one.party == n && is_open(one) && one.c.due && *one.c.due <= now; });
            all[who + "running"] = counted_cases([&](auto &one) {
                const auto [state, since] = state_at(one, now);
                return one.party == n && !state.empty() && state != "won" && state != "lost";
            });
            std::int64_t entered = 0;
            for (const auto &one : cases_) {
                for (const auto &entry : one.log)
                    entered += one.party == n && !entry.inside && entry.to == names_.at("waiting") &&
                               in(entry.at, now, 30);
            }
            all[who + "entered"] = std::to_string(entered);
        }
        for (const std::string actor : kDealActors) {
            const auto below = [&](const std::string &who) {
                return !who.empty() && (actor == "tim" || who == actor);
            };
            all[actor + ".owed_by"] =
                counted([&](auto &one) { return one.answers == actor && is_open(one); });
            all[actor + ".owed_below"] =
                counted([&](auto &one) { return below(one.answers) && is_open(one); });
            all[actor + ".late_30d"] = counted([&](auto &one) {
                const auto state = state_at(one.c, now);
                return below(one.answers) && one.c.sort == CommitmentSort::task && state.there &&
                       state.late && in(*one.c.due, now, 30);
            });
            all[actor + ".kept_rate"] =
                kept_of([&](auto &one, auto ended) { return one.answers == actor && in(ended, now, 60); });
            for (const auto *kind : {"visit", "call"}) {
                const auto count = counted([&](auto &one) {
                    return one.answers == actor && one.kind == kind && one.c.opened_at <= now;
                });
                all[actor + ".kinds_of " + kind] = count == "0" ? "-" : count;
            }
            std::vector<double> days;
            for (const auto &one : cases_) {
                const auto [state, since] = state_at(one, now);
                if (kDealOwners[one.party] == actor && state == "won")
                    days.push_back(static_cast<double>(since - one.log.front().at) / 1e6);
            }
            all[actor + ".days_won"] = mean(days);
        }
        all["late_now"] = counted([&](auto &one) { return is_open(one) && state_at(one.c, now).late; });
        all["compensated"] = counted([&](auto &one) {
            return one.c.sort == CommitmentSort::promise && one.c.opened_at <= now &&
                   one.c.state == CommitmentState::compensated && *one.c.ended_at <= now;
        });
        all["broken_month"] = counted([&](auto &one) {
            return one.c.sort == CommitmentSort::promise && one.c.opened_at <= now && one.c.broken_at &&
                   *one.c.broken_at >= month && *one.c.broken_at <= now;
        });
        all["kept_month"] = kept_of([&](auto &, auto ended) { return ended >= month && ended <= now; });
        std::vector<double> days_open;
        std::map<std::string, base::Micros> last_due;
        std::map<std::string, std::int64_t> by_state;
        for (const auto &one : known_) {
            const auto state = state_at(one.c, now);
            if (!state.there) continue;
            ++by_state[std::string(model::word_of(one.c.sort)) + "|" + state.word];
            if (one.c.due) last_due[one.kind] = std::max(last_due[one.kind], *one.c.due);
            if (state.open) continue;
            const auto end = *one.c.ended_at <= now ? *one.c.ended_at : *one.c.broken_at;
            days_open.push_back(static_cast<double>(end - one.c.opened_at) / 1e6);
        }
        all["days_open"] = median(days_open);
        for (const auto &[kind, at] : last_due) all["last_due " + kind] = std::to_string(at);
        for (const auto &[key, count] : by_state) all["by_state " + key] = std::to_string(count);

        all["waiting_all"] = counted_cases([&](auto &one) { return state_at(one, now).first == "waiting"; });
        std::vector<double> won;
        std::map<std::string, std::int64_t> causes;
        std::map<std::string, std::vector<double>> hours;
        for (const auto &one : cases_) {
            const auto [state, since] = state_at(one, now);
            const bool ended = state == "won" || state == "lost";
            if (ended && in(since, now, 60)) won.push_back(state == "won");
            if (state == "lost" && !one.cause.empty()) ++causes[one.cause];
            const model::Transition *last = nullptr;
            for (const auto &entry : one.log) {
                if (entry.inside || entry.at > now) continue;
                if (last) {
                    for (const auto &[name, code] : names_) {
                        if (code == last->to)
                            hours[name + "|" + kDealOwners[one.party]].push_back(
                                static_cast<double>(entry.at - last->at) / 3.6e9);
                    }
                }
                last = &entry;
            }
        }
        all["win_rate"] = mean(won);
        for (const auto &[cause, count] : causes) all["causes " + cause] = std::to_string(count);
        for (const auto &[key, each] : hours) all["hours_in " + key] = median(each);
        return all;
    }

    // ---- what kith says ----

    static std::string shown(const expr::Value &value) {
        switch (value.kind) {
            case expr::Kind::int_:
                return std::to_string(value.i);
            case expr::Kind::double_:
                return number(value.d);
            case expr::Kind::duration:
                return number(static_cast<double>(value.i) / 1e9);
            case expr::Kind::timestamp:
                return std::to_string(expr::micros_of(value));
            default:
                return value.failed() && value.code() == expr::Code::absent ? "-" : "failed";
        }
    }

    std::string asked(ValuesAt &at, const Snapshot &snapshot, std::string name) {
        std::string key;
        if (const auto blank = name.find(' '); blank != name.npos) {
            key = name.substr(blank + 1);
            name.resize(blank);
        }
        ValueSubject subject{SubjectKind::all, {}, 0};
        if (const auto dot = name.find('.'); dot != name.npos) {
            const auto who = name.substr(0, dot);
            name.erase(0, dot + 1);
            const bool party = std::ranges::find(kDealParties, who) != std::end(kDealParties);
            if (party) {
                subject = ValueSubject{SubjectKind::party, find(*store_, who), 0, 0};
            } else {
                subject = ValueSubject{SubjectKind::actor, {}, **DirectoryReads(snapshot).code(who), 0};
            }
        }
        const auto value = at.values().of(subject)->metric(*at.catalog().metrics.find(name));
        if (key.empty()) return shown(value);
        const auto *entry = value.map->entries->find(expr::of_text(key));
        return entry ? shown(*entry) : "-";
    }

    void expect_equal(const Snapshot &snapshot, base::Micros now,
                      const std::map<std::string, std::string> &wanted) {
        auto at = ValuesAt::of(snapshot, now);
        ASSERT_TRUE(at);
        for (const auto &[name, value] : wanted)
            ASSERT_EQ(asked(**at, snapshot, name), value) << name << " at " << base::format_time(now);
        // And no entry besides those.
        for (const auto *map : {"by_state", "causes", "hours_in", "last_due"}) {
            const auto all =
                (*at)->values().of({SubjectKind::all, {}, 0})->metric(*(*at)->catalog().metrics.find(map));
            const auto count = std::ranges::count_if(wanted, [&](auto &one) {
                return one.first.starts_with(std::string(map) + " ") && one.second != "-";
            });
            ASSERT_EQ(std::ssize(std::span(all.map->all().keys, all.map->all().count)), count) << map;
        }
        const auto error = (*at)->values().take_error();
        ASSERT_FALSE(error) << error->message;
    }

    void expect_members(const Snapshot &snapshot, base::Micros now) {
        auto at = ValuesAt::of(snapshot, now);
        const Reads reads(snapshot);
        for (const auto *segment : {"let_down", "due", "busy"}) {
            const auto members = reads.members(segment, {}, 100);
            ASSERT_TRUE(members && *members);
            for (const auto *who : kDealParties) {
                const auto party = find(*store_, who);
                const bool is_in = std::ranges::any_of(
                    (*members)->items, [&](auto &one) { return one.party == party && one.is_in; });
                auto *values = (*at)->values().of({SubjectKind::party, party, 0});
                ASSERT_EQ(is_in, values->is_member(*(*at)->catalog().segments.find(segment)))
                    << segment << " " << who << " at " << base::format_time(now);
            }
        }
    }

    void live(std::uint64_t seed, int defined_at, bool late);
    std::size_t cases_met_ = 0, commitments_met_ = 0;  // in all histories

    std::unique_ptr<Store> store_;
    std::optional<std::mt19937_64> dice_;
    std::vector<base::Id> made_;
    std::vector<OwedThen> known_;
    std::vector<LoggedCase> cases_;
    std::map<std::string, model::Name> names_;
};

void BehaviourRowsTest::live(std::uint64_t seed, int defined_at, bool late) {
    dice_.emplace(seed);
    begin();
    auto now = day(19'000);
    std::vector<std::pair<base::Micros, std::map<std::string, std::string>>> lived;
    constexpr int kRounds = 160;
    for (int round = 0; round < kRounds; ++round) {
        if (round == defined_at) define(kDealMetrics);
        // What was asked before is not added to at that very instant.
        now += static_cast<base::Micros>(1 + any(2 * 24 * 60)) * 60'000'000;
        now_ = now;
        for (auto n = any(4); n > 0; --n) {
            happen(late && any(3) == 0 ? now - static_cast<base::Micros>(any(30)) * base::kDay : now);
            if (HasFatalFailure()) return;
        }
        if (any(3)) continue;
        now += base::kDay / 7;
        ASSERT_TRUE(store_->run_due(now));
        auto snapshot = store_->snapshot();
        read_all(**snapshot);
        if (!late) lived.emplace_back(now, recounted(now));
        if (round < defined_at) continue;
        expect_equal(**snapshot, now, recounted(now));
        if (HasFatalFailure()) return;
        expect_members(**snapshot, now);
        const auto then = now - static_cast<base::Micros>(any(90 * 24 * 60)) * 60'000'000;
        expect_equal(**snapshot, then, recounted(then));
        if (HasFatalFailure()) return;
    }
    ASSERT_TRUE(store_->run_due(now));
    {
        auto last = store_->snapshot();
        read_all(**last);
    }
    cases_met_ += cases_.size();
    commitments_met_ += known_.size();
    // What was lived is told the same afterwards: a case's data alone are as they are now.
    auto snapshot = store_->snapshot();
    for (auto &[then, wanted] : lived) {
        std::erase_if(wanted, [](auto &one) { return one.first.starts_with("causes "); });
        auto at = ValuesAt::of(**snapshot, then);
        for (const auto &[name, value] : wanted)
            ASSERT_EQ(asked(**at, **snapshot, name), value)
                << name << " lived at " << base::format_time(then);
    }
    // Series have what stood at the end of each month.
    auto at = ValuesAt::of(**snapshot, now);
    for (const auto *name : {"ann.owed", "waiting_all", "ann.running", "broken_month"}) {
        const std::string text(name);
        const auto dot = text.find('.');
        const ValueSubject subject = dot == text.npos
                                         ? ValueSubject{SubjectKind::all, {}, 0}
                                         : ValueSubject{SubjectKind::party, find(*store_, "ann"), 0};
        auto *values = (*at)->values().of(subject);
        const auto place = *(*at)->catalog().metrics.find(dot == text.npos ? text : text.substr(dot + 1));
        const auto months = values->periods(place);
        ASSERT_TRUE(months);
        ASSERT_FALSE(months->empty()) << name;
        for (const auto begin : *months) {
            const auto end =
                std::min(now, period_next(rules::PeriodUnit::month, begin, *base::Zone::find("UTC")) - 1);
            // What happened in a month is counted by what is known now: also what was made after it was
            // broken.
            const auto broken = counted([&](auto &one) {
                return one.c.sort == CommitmentSort::promise && one.c.broken_at &&
                       *one.c.broken_at >= begin && *one.c.broken_at <= end;
            });
            ASSERT_EQ(shown(values->period_value(place, begin)),
                      text == "broken_month" ? broken : recounted(end).at(text))
                << name;
        }
    }
    expect_sound(*store_);
}

TEST_F(BehaviourRowsTest, EqualARecountAtAnyInstant) {
    const auto *given = std::getenv("KITH_SEED");
    const std::uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::cout << "seed " << seed << "\n";
    for (std::uint64_t n = 0; n < 4; ++n) {
        made_.clear();
        store_.reset();
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directory(folder_);
        live(seed + n, n % 2 ? 0 : 60, n >= 2);
        if (HasFatalFailure()) {
            std::cout << "history " << n << "\n";
            return;
        }
    }
    EXPECT_GT(cases_met_, 24U);
    EXPECT_GT(commitments_met_, 80U);
}

// Why tells how many count, and drills to the newest of them.
TEST_F(BehaviourRowsTest, WhyDrillsToTheRows) {
    begin();
    define(kDealMetrics);
    const auto made = [&](const char *who, base::Micros at, std::string_view assignee) {
        Batch batch;
        NewCommitmentItem item;
        item.ref = order(who, 0, 0).ref;
        item.sort = CommitmentSort::promise;
        item.kind = "call";
        item.opened_at = at;
        item.due = at + base::kDay;
        item.assignee = assignee;
        ASSERT_TRUE(batch.add(item));
        commit(*store_, batch);
    };
    made("ann", day(19'000), "mia");
    made("ann", day(19'010), "bo");
    made("bob", day(19'020), "bo");
    ASSERT_TRUE(store_->run_due(day(19'022)));
    auto snapshot = store_->snapshot();
    const auto rows_of = [&](std::string_view name, const ValueSubject &subject) {
        WhyQuery query;
        query.subject = subject;
        query.name = name;
        query.now = day(19'022);
        query.rows_max = 10;
        const auto table = why(**snapshot, query);
        EXPECT_TRUE(table) << table.error().message;
        std::vector<std::string> rows;
        for (std::size_t i = 0; table && i < table->columns[1].texts.size(); ++i) {
            if (table->columns[1].texts[i] == "row")
                rows.push_back(table->columns[10].texts[i] + " " + table->columns[2].texts[i] + " " +
                               table->columns[4].texts[i].substr(0, 10));
        }
        return rows;
    };
    using Rows = std::vector<std::string>;
    const auto day_of = [](std::int64_t n) { return base::format_time(day(n)).substr(0, 10); };
    EXPECT_EQ(rows_of("broken_30d", {SubjectKind::party, find(*store_, "ann"), 0, 0}),
              (Rows{"ann broken " + day_of(19'011), "ann broken " + day_of(19'001)}));
    const auto bo = **DirectoryReads(**snapshot).code("bo"), tim = **DirectoryReads(**snapshot).code("tim");
    EXPECT_EQ(rows_of("kept_rate", {SubjectKind::actor, {}, bo, 0}),
              (Rows{"bob broken " + day_of(19'021), "ann broken " + day_of(19'011)}));
    EXPECT_EQ(rows_of("owed_below", {SubjectKind::actor, {}, tim, 0}), Rows{});
    expect_sound(*store_);
}

TEST_F(BehaviourRowsTest, WhatTheyCannotBeIsToldWithAWayOut) {
    begin();
    const auto why = [&](const std::string &definition) {
        Batch batch;
        const auto added = batch.add_playbook(R"({"playbook":"p","format":1,"define":[)" + definition + "]}");
        if (!added) return added.error().message;
        const auto done = store_->commit(batch);
        return done ? std::string() : done.error().message;
    };
    const auto expect = [&](const std::string &definition, std::string_view text) {
        EXPECT_NE(why(definition).find(text), std::string::npos) << definition << ": " << why(definition);
    };
    expect(R"({"metric": "x", "count": "process.dael"})", "did you mean \"deal\"");
    expect(R"({"metric": "x", "count": "process.deal", "per": "product"})",
           "is counted per party, per actor");
    expect(R"({"metric": "x", "count": "task", "since": "order"})", "leave \"since\" and \"decay\" out");
    expect(R"({"metric": "x", "count": "task", "per": "all", "along": "part_of"})", "leave \"along\" out");
    expect(R"({"metric": "x", "count": "task.lost"})", "not yet available");
    expect(R"({"metric": "x", "sum": "task", "of": "c.kind"})", "does not add up");
    expect(R"({"metric": "x", "count": "process.deal", "where": "p.data.reason == 'a'"})", "reason");
    EXPECT_EQ(why(R"({"metric": "x", "count": "process.deal.stage", "where": "s.left"})"), "");
    expect(R"({"segment": "y", "when": "m.x > 1"})", "recheck");
    EXPECT_EQ(why(R"({"segment": "y", "when": "m.x > 1", "recheck": "P1D"})"), "");
}

}  // namespace
}  // namespace kith::engine
