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

}  // namespace
}  // namespace kith::engine
