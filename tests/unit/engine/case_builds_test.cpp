// Goal: a process that is installed over data stands as if it had been there before them, and does nothing of
// the past; a new version of a process takes its running cases with it, or leaves them, as it says.
// Method: short stories with times worked out by hand; random histories (seed printed) against a file in
// which the definitions stood first, compared by their exported facts, with the build cut into steps and cut
// short.
#include <map>

#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

class CaseBuildsTest : public EngineTest {
protected:
    void begin(std::string_view definitions, const std::string &name = "builds.kith") {
        store_ = open(name, "Europe/Zagreb", "EUR");
        ASSERT_TRUE(store_);
        const auto wrong = definitions.empty() ? std::string() : define(definitions);
        ASSERT_EQ(wrong, "");
    }
    // Empty, or why it is refused.
    std::string define(std::string_view definitions) {
        Batch batch;
        const auto added =
            batch.add_playbook(R"({"playbook":"p","format":1,"define":[)" + std::string(definitions) + "]}");
        if (!added) return added.error().message;
        const auto done = store_->commit(batch);
        return done ? std::string() : done.error().message;
    }
    void build() { ASSERT_TRUE(store_->build({})); }
    base::Micros at(std::string_view time) { return *base::parse_time(time, store_->zone()); }
    void happen(std::string_view type, std::string_view time, std::string_view who = "ann") {
        Batch batch;
        auto item = order(who, at(time), 100);
        item.type = type;
        if (type != "order") item.amount.reset();
        ASSERT_TRUE(batch.add(item));
        commit(*store_, batch);
    }
    void run(std::string_view time) { ASSERT_TRUE(store_->run_due(at(time))); }

    // Lines of the exported facts that are of the kind, without their head.
    std::string told(std::string_view record) {
        std::string all;
        std::istringstream lines(facts(*store_));
        const auto head = R"({"record":")" + std::string(record) + "\"";
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with(head)) all += line.substr(head.size() + 1) + "\n";
        }
        return all;
    }
    std::vector<model::Transition> log(std::string_view who = "ann") {
        auto snapshot = store_->snapshot();
        const Reads reads(**snapshot);
        std::vector<model::Transition> all;
        const auto found = reads.processes(find(*store_, who));
        for (const auto &read : *found) {
            const auto entries = reads.log(read.process.id);
            all.insert(all.end(), (*entries)->begin(), (*entries)->end());
        }
        return all;
    }
    std::string state(std::string_view who = "ann") {
        auto snapshot = store_->snapshot();
        const auto found = Reads(**snapshot).processes(find(*store_, who));
        std::string all;
        for (const auto &read : *found) {
            if (*(*snapshot)->text(read.process.definition) == "lifecycle") continue;
            all += (all.empty() ? "" : ", ") + std::string(*(*snapshot)->text(read.process.state)) + " v" +
                   std::to_string(read.process.version) + " since " +
                   base::format_time(read.process.since).substr(0, 10);
            if (read.due) all += " due " + base::format_time(*read.due).substr(0, 10);
        }
        return all;
    }

    std::unique_ptr<Store> store_;
};

// ---- a new version ----

std::string care(std::string_view more, std::string_view states) {
    return R"({"process":"care","start":"care.begun","initial":"open",)" + std::string(more) +
           R"("states":{)" + std::string(states) + "}}";
}
constexpr std::string_view kCareV1 =
    R"("open":{"on":{"care.asked":"asked"},"after":[{"delay":"P90D","target":"lost"}]},
    "asked":{"on":{"care.done":"done"},"after":[{"delay":"P10D","target":"lost"}]},
    "lost":{"final":true},"done":{"final":true})";

TEST_F(CaseBuildsTest, RunningCasesStayWithTheirVersionWhereNothingElseIsSaid) {
    begin(care("", kCareV1));
    happen("care.begun", "2026-01-10T10:00");
    EXPECT_EQ(define(care(R"("instances":"keep",)", R"("open":{"after":[{"delay":"P30D","target":"lost"}]},
        "lost":{"final":true})")),
              "");
    build();
    happen("care.begun", "2026-01-10T10:00", "ben");
    EXPECT_EQ(state(), "open v1 since 2026-01-10 due 2026-04-10");
    EXPECT_EQ(state("ben"), "open v2 since 2026-01-10 due 2026-02-09");
    happen("care.asked", "2026-01-20T10:00");  // which only the first version knows
    EXPECT_EQ(state(), "asked v1 since 2026-01-20 due 2026-01-30");
    run("2027-01-01T00:00");
    EXPECT_EQ(state(), "lost v1 since 2026-01-30");
    expect_sound(*store_);
}

// A case that stands since the 10th of January, moved on the 1st of February: its 30 days are over on the
// 9th.
TEST_F(CaseBuildsTest, RunningCasesMoveToTheNewVersionWithTheirTimers) {
    begin(care("", kCareV1));
    happen("care.begun", "2026-01-10T10:00");
    happen("care.begun", "2026-01-12T10:00", "ben");
    happen("care.asked", "2026-01-20T10:00", "ben");
    run("2026-01-25T00:00");
    const auto next =
        care(R"("instances":"migrate","mapping":{"asked":"waiting"},)",
             R"("open":{"on":{"care.asked":"waiting"},"after":[{"delay":"P30D","target":"lost"}]},
        "waiting":{"on":{"care.done":"done"},"after":[{"delay":"P20D","target":"lost"}]},
        "lost":{"final":true},"done":{"final":true})");
    EXPECT_EQ(define(next), "");
    build();
    EXPECT_EQ(state(), "open v2 since 2026-01-10 due 2026-02-09");
    EXPECT_EQ(state("ben"), "waiting v2 since 2026-01-20 due 2026-02-09");
    const auto moved = log("ben");
    ASSERT_EQ(moved.size(), 3u);
    EXPECT_EQ(moved[1].version, 1u);
    EXPECT_EQ(moved[2].version, 2u);
    EXPECT_EQ(moved[2].cause, model::Cause::definition);
    EXPECT_EQ(moved[2].at, at("2026-01-25T00:00"));
    // Again changes nothing.
    const auto before = exported(*store_);
    EXPECT_EQ(define(next), "");
    build();
    EXPECT_EQ(exported(*store_), before);
    expect_sound(*store_);
    run("2026-02-09T09:00");
    EXPECT_EQ(state("ben"), "waiting v2 since 2026-01-20 due 2026-02-09");
    run("2026-02-10T00:00");
    EXPECT_EQ(state(), "lost v2 since 2026-02-09");
    EXPECT_EQ(state("ben"), "lost v2 since 2026-02-09");
    expect_sound(*store_);
}

TEST_F(CaseBuildsTest, AStateThatIsGoneHasToBeNamed) {
    begin(care("", kCareV1));
    happen("care.begun", "2026-01-10T10:00");
    const auto without = [&](std::string_view mapping) {
        return define(care(R"("instances":"migrate",)" + std::string(mapping),
                           R"("open":{"on":{"care.done":"done"}},"done":{"final":true})"));
    };
    EXPECT_EQ(without(""),
              "line 1, column 38: define[0]: cases of version 1 may stand in \"asked\", which is gone: say "
              "where they go, \"mapping\": { \"asked\": \"STATE\" }");
    EXPECT_EQ(state(), "open v1 since 2026-01-10 due 2026-04-10");
    EXPECT_EQ(without(R"("mapping":{"asked":"open"},)"), "");
    // A third version: what the second did away with is not asked for again, as nobody stands there.
    happen("care.begun", "2026-01-11T10:00", "ben");
    build();
    EXPECT_EQ(state(), "open v2 since 2026-01-10");
    auto third =
        care(R"("instances":"migrate","mapping":{"open":"begun"},)", R"("begun":{"on":{"care.done":"done"}},
        "done":{"final":true})");
    third.replace(third.find(R"("initial":"open")"), 16, R"("initial":"begun")");
    EXPECT_EQ(define(third), "");
    build();
    EXPECT_EQ(state(), "begun v3 since 2026-01-10");
    EXPECT_EQ(state("ben"), "begun v3 since 2026-01-11");
    // That is one stay, now and as of then: nothing was left or entered.
    EXPECT_EQ(define(R"({"metric":"stays","count":"process.care.stage"},
        {"metric":"begun","last":"process.care.stage","of":"s.at"})"),
              "");
    build();
    auto snapshot = store_->snapshot();
    for (const auto *time : {"2026-02-01", "2026-12-01"}) {
        const auto then = ValuesAt::of(**snapshot, at(time));
        auto *ann = (*then)->values().of(ValueSubject{SubjectKind::party, find(*store_, "ann"), 0, 0});
        EXPECT_EQ(ann->metric(*(*then)->catalog().metrics.find("stays")).i, 1) << time;
        EXPECT_EQ(expr::micros_of(ann->metric(*(*then)->catalog().metrics.find("begun"))),
                  at("2026-01-10T10:00"))
            << time;
    }
    expect_sound(*store_);
}

// Two versions on before the first was built: each mapping is gone through, once.
TEST_F(CaseBuildsTest, ACaseGoesThroughEachVersionsMapping) {
    begin(care("", R"("open":{"on":{"care.asked":"asked"}},"asked":{})"));
    happen("care.begun", "2026-01-10T10:00");
    happen("care.begun", "2026-01-10T10:00", "ben");
    happen("care.asked", "2026-01-11T10:00", "ben");
    const auto swapped = [](std::string_view a, std::string_view b) {
        return care(R"("instances":"migrate","mapping":{"open":"asked","asked":"open"},)",
                    std::string(a) + "," + std::string(b));
    };
    EXPECT_EQ(
        define(swapped(R"("open":{"on":{"care.asked":"asked"}})", R"("asked":{"on":{"care.x":"open"}})")),
        "");
    EXPECT_EQ(
        define(swapped(R"("open":{"on":{"care.asked":"asked"}})", R"("asked":{"on":{"care.y":"open"}})")),
        "");
    // What happens to a party finds its case moved already.
    happen("care.asked", "2026-01-12T10:00");
    EXPECT_EQ(state(), "asked v3 since 2026-01-12");
    EXPECT_EQ(state("ben"), "asked v1 since 2026-01-11");
    build();
    EXPECT_EQ(state("ben"), "asked v3 since 2026-01-11");
    EXPECT_EQ(log().size(), 3u);
    expect_sound(*store_);
}

// Friday 16:00, four hours of business: Monday 11:00, and 12:00 as it stood still from 9:00 to 10:00. Eight:
// 9:00 to 10:00, so noon. Eight hours in place of four: 8:00 to 12:00 has two left at 10:00... worked out by
// hand.
TEST_F(CaseBuildsTest, DeadlinesFollowTheNewLength) {
    const auto chart = [](std::string_view more, std::string_view within, std::string_view name) {
        return R"({"calendar":"store","weekly":{"mon-fri":["08:00-12:00","13:00-17:00"]}},)" +
               care(std::string(more) + R"("milestones":{")" + std::string(name) +
                        R"(":{"from":"open","to":"done","within":")" + std::string(within) +
                        R"(","pause":["waits"],"late":[{"do":"task","kind":"hurry"}]}},)",
                    R"("open":{"on":{"care.done":"done","care.held":"waits"}},
                       "waits":{"on":{"care.freed":"open"}},"done":{"final":true})");
    };
    begin(chart("", "business PT4H", "fix"));
    happen("care.begun", "2026-11-27T16:00");
    happen("care.held", "2026-11-30T09:00");
    happen("care.freed", "2026-11-30T10:00");
    const auto due = [&] {
        const auto all = told("commitment");
        const auto place = all.find("\"due\":\"");
        return place == all.npos ? all : all.substr(place + 7, 16);
    };
    EXPECT_EQ(due(), "2026-11-30T11:00");  // in UTC
    // Eight of them: to Monday 16:00, and the hour it stood still.
    EXPECT_EQ(define(chart(R"("instances":"migrate",)", "business PT8H", "fix")), "");
    build();
    EXPECT_EQ(due(), "2026-11-30T16:00");
    run("2026-11-30T16:59");
    EXPECT_EQ(told("commitment").find("broken"), std::string::npos);
    // One hour is over already: late at once.
    EXPECT_EQ(define(chart(R"("instances":"migrate",)", "business PT1H", "fix")), "");
    build();
    EXPECT_NE(told("commitment").find(R"("state":"broken")"), std::string::npos);
    EXPECT_NE(told("commitment").find(R"("kind":"hurry")"), std::string::npos);
    // Another deadline: the old one is dropped, and the new begins as its state was entered.
    EXPECT_EQ(define(chart(R"("instances":"migrate",)", "business PT40H", "other")), "");
    build();
    EXPECT_NE(told("commitment").find(R"("name":"other","state":"open","opened_at":"2026-11-30T09:00:00Z")"),
              std::string::npos)
        << told("commitment");
    expect_sound(*store_);
}

// Its message of the seventh day has gone out; the new version has it too, and one that would have been
// before.
TEST_F(CaseBuildsTest, WhatATimerHasDoneIsNotDoneAgain) {
    const auto states = [](std::string_view first) {
        return R"("open":{"after":[)" + std::string(first) +
               R"({"delay":"P7D","actions":[{"do":"task","kind":"write"}]}]},"lost":{"final":true})";
    };
    begin(care("", R"("open":{"after":[{"delay":"P7D","actions":[{"do":"task","kind":"write"}]},
        {"delay":"P90D","target":"lost"}]},"lost":{"final":true})"));
    happen("care.begun", "2026-01-10T10:00");
    run("2026-01-20T00:00");
    const auto tasks = [&] {
        std::size_t count = 0;
        const auto all = told("commitment");
        for (auto place = all.find("\"task\""); place != all.npos; place = all.find("\"task\"", place + 1))
            ++count;
        return count;
    };
    EXPECT_EQ(tasks(), 1u);
    EXPECT_EQ(define(care(R"("instances":"migrate",)",
                          states(R"({"delay":"P3D","guard":"m.orders > 0","target":"lost"},)"))),
              "");
    build();
    run("2026-01-21T00:00");
    EXPECT_EQ(tasks(), 1u);
    EXPECT_EQ(state(), "open v2 since 2026-01-10");
    EXPECT_EQ(define(care(R"("instances":"migrate",)", states(R"({"delay":"P4D","target":"lost"},)"))), "");
    build();
    EXPECT_EQ(tasks(), 1u);
    EXPECT_EQ(state(), "lost v3 since 2026-01-20");  // in UTC
    expect_sound(*store_);
}

// ---- history ----

TEST_F(CaseBuildsTest, HistoryIsReplayedWithoutEffects) {
    begin("");
    happen("contact.mailed_in", "2026-01-10T10:00");
    happen("contact.mailed_in", "2026-01-10T10:00", "ben");
    happen("contact.mailed_out", "2026-01-10T11:00", "ben");
    happen("contact.mailed_in", "2026-01-24T10:00", "cid");
    run("2026-01-25T00:00");
    EXPECT_EQ(define(R"({"process":"answer","start":"contact.mailed_in","initial":"open",
        "milestones":{"answer":{"from":"open","to":"answered","within":"P2D","late":[{"do":"task","kind":"hurry"}]}},
        "states":{"open":{"entry":[{"do":"task","kind":"answer"},{"do":"tag","tag":"waits"}],
                          "on":{"contact.mailed_out":"answered"},"after":[{"delay":"P9D","target":"lost"}]},
                  "answered":{"final":true},"lost":{"final":true,"entry":[{"do":"notify","to":"party"}]}}})"),
              "");
    build();
    EXPECT_EQ(state(), "lost v1 since 2026-01-19");
    EXPECT_EQ(state("ben"), "answered v1 since 2026-01-10");
    EXPECT_EQ(state("cid"), "open v1 since 2026-01-24 due 2026-01-26");
    EXPECT_EQ(told("commitment").find("\"task\""), std::string::npos);
    EXPECT_EQ(told("request"), "");
    EXPECT_EQ(exported(*store_).find("waits"), exported(*store_).rfind("waits"));  // in the definition alone
    // What was due comes as it would have: from now on.
    run("2026-01-26T12:00");
    EXPECT_NE(told("commitment").find(R"("kind":"hurry","state":"open","opened_at":"2026-01-26T09:00:00Z")"),
              std::string::npos);
    run("2026-02-03T00:00");
    EXPECT_EQ(state("cid"), "lost v1 since 2026-02-02");
    EXPECT_NE(told("request"), "");
    expect_sound(*store_);
}

// In the definitions' order: typed data and keys; nested states, deadlines with pauses, and a process that
// another one opens, and one that waits for what it emits; conditions on figures, windows and segments'
// moves.
constexpr std::string_view kOfEvents = R"json(
    {"type":"feedback.complained","fields":{"severity":"int"}},
    {"process":"complaint","start":{"on":"feedback.complained","key":"i.topic"},"initial":"raised",
     "fields":{"severity":"int"},
     "milestones":{"fix":{"from":"raised","to":"fixed","within":"=data.severity >= 3 ? 'P2D' : 'P5D'",
        "pause":["waits"],"warn":"P1D","warned":[{"do":"task","kind":"look"}],"late":[{"do":"task","kind":"hurry"}]}},
     "states":{"raised":{"on":{"visit":"work","contact.*":{"actions":[{"do":"task","kind":"note"}]}}},
        "work":{"initial":"busy","on":{"message":"fixed"},"after":[{"delay":"P20D","target":"dropped"}],
           "states":{"busy":{"on":{"contact.called":"waits"}},
                     "waits":{"on":{"visit":"busy"},"after":[{"delay":"P3D","target":"busy"}]}}},
        "fixed":{"entry":[{"do":"emit","event":"complaint.fixed"}],
           "on":{"feedback.complained":{"guard":"data.severity > 1","target":"raised"}},
           "after":[{"delay":"P7D","target":"closed"}]},
        "closed":{"final":true,"entry":[{"do":"open","process":"check"}]},
        "dropped":{"final":true,"entry":[{"do":"task","kind":"recover"}]}}},
    {"process":"check","initial":"open","states":{"open":{"on":{"order":"good"},"after":[{"delay":"P30D","target":"bad"}]},
        "good":{"final":true},"bad":{"final":true,"entry":[{"do":"notify","to":"party"}]}}},
    {"process":"thanks","start":"complaint.fixed","initial":"due","states":{
        "due":{"after":[{"delay":"P1D","target":"sent","actions":[{"do":"task","kind":"thank"}]}]},"sent":{"final":true}}},
    {"rule":"call","on":"contact.called","unless":{"event":"visit","within":"P4D"},"then":[{"do":"task","kind":"visit"}]})json";
constexpr std::string_view kOfValues = R"json(
    {"metric":"recent","count":"order","window":"P30D"},{"metric":"last","last":"order","of":"i.at"},
    {"process":"habit","start":["order","party.created"],"initial":"idle","states":{
        "idle":{"always":[{"guard":"m.recent >= 2","target":"busy"}],
                "after":[{"anchor":"m.last","delay":"P45D","guard":"m.orders < 3","target":"gone"}]},
        "busy":{"always":[{"guard":"m.recent == 0","target":"idle"}],"entry":[{"do":"task","kind":"thank"}],
                "on":{"order":{"guard":"m.orders >= 6","target":"loyal"}}},
        "loyal":{"after":[{"anchor":"m.last","delay":"P25D","target":"idle","actions":[{"do":"task","kind":"ask"}]}]},
        "gone":{"on":{"order":"idle"}}}})json";

struct HistoryEvent {
    base::Micros at = 0;
    std::string party, type, key, topic;
    int severity = 0;
    std::size_t corrects = SIZE_MAX;  // place of another
};

class RandomBuild : public CaseBuildsTest {
protected:
    unsigned below(unsigned n) { return static_cast<unsigned>(dice_() % n); }

    std::vector<HistoryEvent> random_history(int events, bool late) {
        constexpr const char *kTypes[] = {
            "order", "order", "order", "visit", "message", "contact.called", "feedback.complained"};
        std::vector<HistoryEvent> all;
        for (int i = 0; i < events; ++i) {
            HistoryEvent one;
            // No two at one instant.
            one.at = day(19'000) +
                     (static_cast<base::Micros>(i) * 400 / events * 24 + below(20)) * base::kDay / 24 + i;
            one.party = "p" + std::to_string(below(12));
            one.type = kTypes[below(7)];
            one.key = "e" + std::to_string(i);
            one.topic = "t" + std::to_string(below(2));
            one.severity = 1 + static_cast<int>(below(4));
            all.push_back(one);
        }
        std::ranges::sort(all, {}, &HistoryEvent::at);
        if (!late) return all;
        for (int i = 0; i < events / 10; ++i) {
            const auto from = below(static_cast<unsigned>(events - 10));
            std::swap(all[from], all[from + 1 + below(8)]);
        }
        for (std::size_t i = 20; i < all.size(); i += 1 + below(20)) {
            const auto old = i - 1 - below(15);
            if (all[old].corrects != SIZE_MAX ||
                std::ranges::any_of(all, [&](const auto &one) { return one.corrects == old; }))
                continue;
            all[i].corrects = old;
            if (below(2)) all[i].party = all[old].party;
            if (below(2)) all[i].type = all[old].type;
        }
        return all;
    }
    void record(std::span<const HistoryEvent> events, std::map<std::string, model::InteractionKey> &made) {
        Batch batch;
        for (const auto &one : events) {
            auto item = order(one.party, one.at, 100, one.key);
            item.type = one.type;
            if (one.type != "order") item.amount.reset();
            item.topic = one.topic;
            FieldItem severity;
            severity.name = "severity";
            severity.kind = model::FieldKind::int_;
            severity.integer = one.severity;
            if (one.type == "feedback.complained") item.values = std::span(&severity, 1);
            if (one.corrects != SIZE_MAX) item.corrects = made.at("e" + std::to_string(one.corrects));
            ASSERT_TRUE(batch.add(item));
            commit(*store_, batch);
            made["e" + std::to_string(made.size())] = batch.outcomes.front().interaction.value();
            batch.clear();
        }
    }
    // States, logs and deadlines; and what was done after an instant.
    std::string stands() {
        std::vector<std::string> lines;
        std::istringstream all(told("process") + told("transition") + told("commitment"));
        for (std::string line; std::getline(all, line);) {
            const bool owed = line.find(R"("sort":)") != line.npos;
            if (owed && line.find(R"("sort":"milestone")") == line.npos) continue;
            lines.push_back(line + "\n");
        }
        std::ranges::sort(lines);
        std::string sorted;
        for (const auto &line : lines) sorted += line;
        return sorted;
    }
    std::string done_since(base::Micros from) {
        std::string all;
        std::istringstream lines(told("commitment") + told("request"));
        for (std::string line; std::getline(lines, line);) {
            if (line.find(R"("sort":"milestone")") != line.npos || line.find("\"win_back\"") != line.npos)
                continue;  // that one is of the lifecycle, which was there first
            auto place = line.find(R"("opened_at":")");
            place = place == line.npos ? line.find(R"("at":")") + 6 : place + 13;
            const auto when =
                base::parse_time(line.substr(place, line.find('"', place) - place), base::Zone::utc());
            if (when && *when >= from) all += line + "\n";
        }
        return all;
    }
    // Of definitions that come after so many events; the due work as it is asked for.
    void live(const std::string &name, std::span<const HistoryEvent> events, std::size_t installed,
              std::string_view definitions, bool nights) {
        begin(R"({"type":"feedback.complained","fields":{"severity":"int"}})", name);
        std::map<std::string, model::InteractionKey> made;
        const auto install = [&] {
            EXPECT_EQ(define(definitions), "");
            EXPECT_TRUE(store_->build({}));
        };
        if (installed == 0) install();
        for (std::size_t i = 0; i < events.size(); ++i) {
            if (i != 0 && i % 25 == 0 && nights) {
                EXPECT_TRUE(store_->run_due(events[i].at));
            }
            if (i != 0 && i == installed) install();
            record(events.subspan(i, 1), made);
        }
        if (installed == events.size()) install();
    }

    std::mt19937 dice_;
};

TEST_F(RandomBuild, HistoryReplayedEqualsHistoryLived) {
    const auto seed = std::random_device()();
    std::cout << "seed " << seed << "\n";
    dice_.seed(seed);
    std::size_t lines = 0, effects = 0;
    for (int round = 0; round < 4; ++round) {
        const bool late = round % 2 != 0;
        const auto events = random_history(200, late);
        const auto installed = 25 * (2 + below(6));
        const auto end = events.back().at + 100 * base::kDay;
        const auto from = events[installed].at;
        // What depends on values is told of what is known today: late news would have been unknown then.
        const auto definitions = std::string(kOfEvents) + (late ? "" : "," + std::string(kOfValues));
        std::string stands_lived, done_lived;
        for (const std::size_t place : {std::size_t{0}, std::size_t{installed}}) {
            live("r" + std::to_string(round) + "-" + std::to_string(place), events, place, definitions,
                 !late);
            EXPECT_TRUE(store_->run_due(end));
            expect_sound(*store_);
            if (place == 0) {
                stands_lived = stands();
                done_lived = done_since(from);
                continue;
            }
            EXPECT_EQ(stands(), stands_lived) << "round " << round;
            if (!late) {
                EXPECT_EQ(done_since(from), done_lived) << "round " << round;
            }
            if (!late) {
                EXPECT_EQ(done_since(0), done_since(from)) << "round " << round;
            }
            lines += static_cast<std::size_t>(std::ranges::count(stands_lived, '\n'));
            effects += static_cast<std::size_t>(std::ranges::count(done_lived, '\n'));
        }
        if (testing::Test::HasFailure()) return;
    }
    std::cout << lines << " lines of states and logs, " << effects << " effects after\n";
    EXPECT_GT(lines, 700u);
    EXPECT_GT(effects, 50u);
}

// In steps, cut short, in a file opened anew; and a party of which something happens meanwhile.
TEST_F(RandomBuild, AReplayThatIsCutShortGoesOn) {
    std::string whole;
    for (const bool cut : {false, true}) {
        const auto name = cut ? "cut.kith" : "whole.kith";
        begin("", name);
        std::map<std::string, model::InteractionKey> made;
        Batch batch;
        const auto add = [&](int i, std::string_view type, base::Micros at) {
            auto item = order("p" + std::to_string(i), at, 100);
            item.type = type;
            item.amount.reset();
            ASSERT_TRUE(batch.add(item));
        };
        for (int i = 0; i < 10'500; ++i) {
            add(i, "visit", day(19'000) + i);
            if (i % 2) add(i, "message", day(19'001) + i);
            if (batch.count() > 5000) commit(*store_, batch), batch.clear();
        }
        commit(*store_, batch);
        batch.clear();
        constexpr std::string_view kProcess = R"({"process":"care","start":"visit","initial":"open","states":{
            "open":{"entry":[{"do":"task","kind":"call"}],"on":{"message":"asked"}},
            "asked":{"on":{"contact.called":"done"},"after":[{"delay":"P5D","target":"done"}]},"done":{}}})";
        if (!cut) {
            ASSERT_EQ(define(kProcess), "");
        }
        if (cut) {
            ASSERT_EQ(define(kProcess), "");
            int steps = 0;
            const auto stopped = store_->build([&](const auto &) { return ++steps < 2; });
            ASSERT_FALSE(stopped);
            EXPECT_EQ(steps, 2);
            store_.reset();
            store_ = open(name, "Europe/Zagreb", "EUR");
            ASSERT_TRUE(store_);
            expect_sound(*store_);
        }
        // One of the last, of which nothing is built yet; and one of the first.
        for (const int i : {10'499, 1}) add(i, "contact.called", day(19'002));
        commit(*store_, batch);
        batch.clear();
        ASSERT_TRUE(store_->run_due(day(19'003)));
        EXPECT_EQ(told("commitment"), "");
        expect_sound(*store_);
        ASSERT_TRUE(store_->run_due(day(19'020)));
        if (!cut) whole = stands();
        if (cut) {
            EXPECT_TRUE(stands() == whole);
        }
    }
    EXPECT_EQ(std::ranges::count(whole, '\n'), 5250 * (2 + 4));
}

}  // namespace
}  // namespace kith::engine
