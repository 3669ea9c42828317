// Goal: cases keep their data and deadlines, rules fire once for what they wait for, and what fails is taken
// back alone. Method: short stories against small playbooks, in hours that are worked out by hand; each ends
// with a file that verifies.
#include <map>

#include "engine/happening.hpp"
#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

using Texts = std::vector<std::string>;

class CasesTest : public EngineTest {
protected:
    void begin(std::string_view definitions) {
        store_ = open("cases.kith", "Europe/Zagreb", "EUR");
        ASSERT_TRUE(store_);
        Batch batch;
        const auto added =
            batch.add_playbook(R"({"playbook":"p","format":1,"define":[)" + std::string(definitions) + "]}");
        ASSERT_TRUE(added) << added.error().message;
        commit(*store_, batch);
    }
    base::Micros at(std::string_view time) { return *base::parse_time(time, store_->zone()); }

    void happen(std::string_view type, std::string_view time, std::string_view who = "ann",
                std::string_view key = {}) {
        Batch batch;
        auto item = order(who, at(time), 100, key);
        item.type = type;
        if (type != "order") item.amount.reset();
        ASSERT_TRUE(batch.add(item));
        commit(*store_, batch);
    }
    // Empty, or why it is refused.
    std::string send(std::string_view process, std::string_view event, std::string_view time,
                     std::vector<std::pair<std::string_view, std::string_view>> set = {},
                     std::string_view key = {}) {
        std::vector<FieldItem> values;
        for (const auto &[name, text] : set) {
            auto &one = values.emplace_back();
            one.name = name;
            one.kind = model::FieldKind::written;
            one.text = text;
        }
        ProcessItem item;
        item.ref = order("ann", 0, 1).ref;
        item.process = process;
        item.event = event;
        item.key = key;
        item.at = at(time);
        item.reason = "the customer rang";
        item.values = values;
        Batch batch;
        const auto added = batch.add(item);
        if (!added) return added.error().message;
        const auto done = store_->commit(batch);
        return done ? std::string() : done.error().message;
    }
    void run(std::string_view time) { ASSERT_TRUE(store_->run_due(at(time))); }

    // "open@2026-11-27T15:00": the log of a process, times in UTC.
    Texts log(std::string_view process, std::string_view who = "ann") {
        Texts all;
        auto snapshot = store_->snapshot();
        const Reads reads(**snapshot);
        const auto found = reads.processes(find(*store_, who));
        for (const auto &read : *found) {
            if (*(*snapshot)->text(read.process.definition) != process) continue;
            const auto entries = reads.log(read.process.id);
            for (const auto &entry : **entries)
                all.push_back(std::string(*(*snapshot)->text(entry.to)) + "@" +
                              base::format_time(entry.at).substr(0, 16));
        }
        return all;
    }
    // "task answer open due 2026-...".
    Texts owed(std::string_view who = "ann") {
        Texts all;
        auto snapshot = store_->snapshot();
        for (const auto &one : commitments_of(**snapshot, find(*store_, who))) {
            const auto label = one.name ? one.name : one.kind;
            auto line = std::string(model::word_of(one.sort)) + " " + std::string(*(*snapshot)->text(label)) +
                        " " + std::string(model::word_of(one.state));
            if (one.due) line += " due " + base::format_time(*one.due).substr(0, 16);
            if (one.assignee) line += " for " + std::string(*(*snapshot)->text(one.assignee));
            all.push_back(line);
        }
        return all;
    }
    // How often rules ran, and failed.
    std::map<std::string, int> runs(model::Operation operation) {
        std::map<std::string, int> all;
        auto snapshot = store_->snapshot();
        const auto changes = Reads(**snapshot).changes(0, 1000);
        for (const auto &one : *changes) {
            if (one.kind == model::ChangeKind::rule && one.operation == operation)
                ++all[std::string(*(*snapshot)->text(one.name))];
        }
        return all;
    }

    std::unique_ptr<Store> store_;
};

constexpr std::string_view kStore =
    R"({"calendar":"store","weekly":{"mon-fri":["08:00-12:00","13:00-17:00"]},"holidays":["2026-12-25"]},)";

// Friday 16:00 in Zagreb, eight hours of business: one on Friday, seven on Monday, of which lunch is none.
TEST_F(CasesTest, ADeadlineRunsInHoursOfBusiness) {
    begin(std::string(kStore) + R"({"process":"answer","start":"contact.mailed_in","initial":"open",
        "milestones":{"answer":{"from":"open","to":"answered","within":"business PT8H","warn":"business PT4H",
            "warned":[{"do":"tag","tag":"waits"}],
            "late":[{"do":"task","kind":"answer_now","due":"business PT2H"}]}},
        "states":{"open":{"on":{"contact.*_out":"answered"}},"answered":{"final":true}}})");
    happen("contact.mailed_in", "2026-11-27T16:00");
    EXPECT_EQ(owed(), (Texts{"milestone answer open due 2026-11-30T15:00"}));
    run("2026-11-30T12:30");  // three hours of Monday's morning have made four
    EXPECT_EQ(owed(), (Texts{"milestone answer open due 2026-11-30T15:00"}));
    run("2026-11-30T15:59");
    EXPECT_EQ(owed().size(), 1u);
    run("2026-11-30T16:00");
    EXPECT_EQ(owed(), (Texts{"milestone answer broken due 2026-11-30T15:00",
                             "task answer_now open due 2026-12-01T08:00"}));
    happen("contact.mailed_out", "2026-12-01T08:30");
    EXPECT_EQ(log("answer"), (Texts{"open@2026-11-27T15:00", "answered@2026-12-01T07:30"}));
    // Before the holiday: two hours on the 24th, the 25th closed, then the weekend.
    happen("contact.mailed_in", "2026-12-24T15:00");
    EXPECT_EQ(owed().back(), "milestone answer open due 2026-12-28T14:00");
    happen("contact.mailed_out", "2026-12-28T09:00");
    EXPECT_EQ(owed().back(), "milestone answer kept due 2026-12-28T14:00");
    expect_sound(*store_);
}

TEST_F(CasesTest, ADeadlineStandsStillInAPause) {
    begin(std::string(kStore) + R"({"process":"repair","start":"case.raised","initial":"raised",
        "milestones":{"fix":{"from":"raised","to":"fixed","within":"business P1D","pause":["waiting"]}},
        "states":{"raised":{"on":{"waits":"waiting","fixed":"fixed"}},"waiting":{"on":{"resumed":"raised"}},
                  "fixed":{"final":true}}})");
    happen("case.raised", "2026-11-26T10:00");  // Thursday: due on Friday at ten
    EXPECT_EQ(owed(), (Texts{"milestone fix open due 2026-11-27T09:00"}));
    EXPECT_EQ(send("repair", "waits", "2026-11-26T16:00"), "");
    run("2026-11-30T07:00");
    EXPECT_EQ(owed(), (Texts{"milestone fix open due 2026-11-27T09:00"})) << "nothing breaks while it waits";
    // Of Thursday an hour and of Friday eight were open in the pause.
    EXPECT_EQ(send("repair", "resumed", "2026-11-30T08:00"), "");
    EXPECT_EQ(owed(), (Texts{"milestone fix open due 2026-11-30T10:00"}));
    run("2026-11-30T11:00");
    EXPECT_EQ(owed(), (Texts{"milestone fix broken due 2026-11-30T10:00"}));
    expect_sound(*store_);
}

TEST_F(CasesTest, DataIsSetByEventsAndAskedFor) {
    begin(R"({"type":"list.cause","codes":{"ours":{},"theirs":{}}},
        {"process":"complaint","start":{"on":"complaint"},"initial":"raised",
         "fields":{"severity":"int","cause":"list.cause","solution":"text"},
         "states":{"raised":{"on":{"resolved":[{"guard":"data.severity < 3","target":"resolved"},
                                               {"guard":"data.severity >= 3","target":"escalated"}]}},
                   "escalated":{"on":{"resolved":"resolved"}},
                   "resolved":{"require":["solution"],"after":[{"delay":"P7D","target":"closed"}]},
                   "closed":{"final":true,"require":["cause"]}}})");
    happen("complaint", "2026-03-01T10:00");
    EXPECT_NE(send("complaint", "resolved", "2026-03-02T10:00"), "") << "no severity: neither guard holds";
    EXPECT_NE(send("complaint", "resolved", "2026-03-02T10:00", {{"severity", "1"}}).find("\"solution\""),
              std::string::npos);
    EXPECT_NE(send("complaint", "resolved", "2026-03-02T10:00", {{"sevrity", "1"}}).find("\"severity\""),
              std::string::npos);
    EXPECT_EQ(log("complaint").size(), 1u) << "what is refused has done nothing";
    EXPECT_EQ(
        send("complaint", "resolved", "2026-03-03T10:00", {{"severity", "1"}, {"solution", "a new one"}}),
        "");
    run("2026-03-20");
    EXPECT_EQ(log("complaint"), (Texts{"raised@2026-03-01T09:00", "resolved@2026-03-03T09:00"}));
    EXPECT_EQ(owed(), (Texts{"task complete_data open"})) << "time asks for the cause";
    EXPECT_NE(send("complaint", "undone", "2026-03-21T10:00"), "") << "leads nowhere";
    EXPECT_NE(send("complaint", "resolved", "2026-03-21T10:00", {}, "K-9"), "") << "there is no such case";
    expect_sound(*store_);
    auto snapshot = store_->snapshot();
    const Reads reads(**snapshot);
    const auto found = *reads.processes(find(*store_, "ann"));
    const auto entries = **reads.log(found.front().process.id);
    EXPECT_EQ(entries.back().reason, "the customer rang");
    EXPECT_EQ(found.front().process.fields.values.size(), 2u);
    EXPECT_TRUE(entries.back().fields.texts.empty()) << "texts stand apart";
}

TEST_F(CasesTest, ACaseHasAKeyAndEventsFindTheirs) {
    begin(
        R"({"type":"contact.mailed_in","fields":{"thread":"text"}},{"type":"contact.mailed_out","fields":{"thread":"text"}},
        {"process":"answer","start":{"on":"contact.mailed_in","key":"i.thread"},"initial":"open",
         "states":{"open":{"on":{"contact.mailed_out":"answered"}},"answered":{"final":true}}})");
    const auto mail = [&](std::string_view type, std::string_view time, std::string_view thread) {
        FieldItem field;
        field.name = "thread";
        field.kind = model::FieldKind::text;
        field.text = thread;
        auto item = order("ann", at(time), 1);
        item.type = type;
        item.amount.reset();
        item.values = {&field, 1};
        Batch batch;
        ASSERT_TRUE(batch.add(item));
        commit(*store_, batch);
    };
    mail("contact.mailed_in", "2026-03-01T10:00", "a");
    mail("contact.mailed_in", "2026-03-01T11:00", "b");
    mail("contact.mailed_in", "2026-03-01T12:00", "a");  // runs already
    mail("contact.mailed_out", "2026-03-02T10:00", "b");
    mail("contact.mailed_in", "2026-03-03T10:00", "b");  // answered: begins anew
    EXPECT_EQ(log("answer"), (Texts{"open@2026-03-01T09:00", "open@2026-03-01T10:00",
                                    "answered@2026-03-02T09:00", "open@2026-03-03T09:00"}));
    mail("contact.mailed_out", "2026-03-04T10:00", "b");
    EXPECT_EQ(log("answer").size(), 5u) << "of two that ended both are there";
    expect_sound(*store_);
}

// What a rule tells is waited for as what hosts record is, each by itself.
TEST_F(CasesTest, WhatIsEmittedIsWaitedFor) {
    begin(
        R"json({"rule":"hear","on":"complaint","then":[{"do":"emit","event":"host.heard"},{"do":"emit","event":"host.heard"}]},
        {"rule":"unanswered","on":"host.heard","unless":{"event":"contact.mailed_out","within":"P2D"},
         "then":[{"do":"task","kind":"answer"}]})json");
    happen("complaint", "2026-03-01T10:00", "ann", "c1");
    run("2026-03-04");
    EXPECT_EQ(owed(), (Texts{"task answer open", "task answer open"}));
    happen("complaint", "2026-03-05T10:00", "ann", "c2");
    happen("contact.mailed_out", "2026-03-06T10:00");
    run("2026-03-10");
    EXPECT_EQ(owed().size(), 2u);
    expect_sound(*store_);
}

TEST_F(CasesTest, RulesFireOnceForWhatTheyWaitFor) {
    begin(
        R"json({"metric":"complaints","count":"complaint","window":"P30D"},{"metric":"bought","count":"order"},
        {"rule":"each","on":"complaint","then":[{"do":"emit","event":"host.heard"}]},
        {"rule":"heard","on":"host.heard","then":[{"do":"tag","tag":"heard"}]},
        {"rule":"unhappy","when":"m.complaints >= 2","then":[{"do":"task","kind":"call","due":"P2D"}]},
        {"rule":"calm","on":"complaint","unless":{"event":"complaint","within":"P10D"},
         "then":[{"do":"task","kind":"ask"}]},
        {"rule":"follow_up","at":"addDays(m.last_order_at, 7, zone)","then":[{"do":"task","kind":"follow_up"}]},
        {"rule":"monthly","every":"month","when":"m.bought > 0","then":[{"do":"task","kind":"monthly"}]})json");
    using Runs = std::map<std::string, int>;
    run("2026-02-20");
    happen("complaint", "2026-03-01T10:00", "ann", "c1");
    happen("complaint", "2026-03-01T10:00", "ann", "c1");  // again the same
    EXPECT_EQ(runs(model::Operation::created), (Runs{{"each", 1}, {"heard", 1}}));
    happen("complaint", "2026-03-02T10:00", "ann", "c2");
    EXPECT_EQ(owed(), (Texts{"task call open due 2026-03-04T09:00"}));
    happen("complaint", "2026-03-03T10:00", "ann", "c3");
    EXPECT_EQ(owed().size(), 1u) << "it holds already";
    run("2026-03-13T09:59");
    EXPECT_EQ(owed().size(), 1u);
    run("2026-03-13T10:00");
    EXPECT_EQ(owed().back(), "task ask open") << "nothing came for ten days";
    run("2026-04-10");  // the complaints have left the window
    happen("complaint", "2026-04-20T10:00", "ann", "c4");
    happen("complaint", "2026-04-21T10:00", "ann", "c5");
    EXPECT_EQ(owed().back(), "task call open due 2026-04-23T08:00") << "it came to hold again";
    happen("order", "2026-05-01T10:00");
    run("2026-05-10");
    EXPECT_EQ(owed().back(), "task follow_up open");
    run("2026-06-02");
    run("2026-06-03");
    EXPECT_EQ(owed().back(), "task monthly open");
    run("2026-09-15");  // July, August and September were missed: the last counts
    const auto all = owed();
    EXPECT_EQ(std::ranges::count(all, "task monthly open"), 2);
    expect_sound(*store_);
}

TEST_F(CasesTest, WhatFailsIsTakenBackAlone) {
    begin(R"({"type":"party","fields":{"trade":["tea","coffee"]}},
        {"rule":"first","on":"visit","priority":10,"then":[{"do":"task","kind":"thanks"}]},
        {"rule":"wrong","on":"visit","limits":{"failures":2},"then":[{"do":"tag","tag":"seen"},{"do":"set","set":{"trade":"wine"}}]},
        {"rule":"ring","on":"meeting","when":"true","then":[{"do":"emit","event":"host.again"}]},
        {"rule":"again","on":"host.again","when":"true","then":[{"do":"task","kind":"more"},{"do":"emit","event":"host.again"}]})");
    using Runs = std::map<std::string, int>;
    happen("visit", "2026-03-01T10:00");
    EXPECT_EQ(owed(), Texts{}) << "the other rule of the same cause lost its task too";
    EXPECT_EQ(runs(model::Operation::failed), (Runs{{"wrong", 1}}));
    happen("visit", "2026-03-02T10:00");
    EXPECT_EQ(runs(model::Operation::failed), (Runs{{"wrong", 2}}));
    happen("visit", "2026-03-03T10:00");  // suspended: the first does its work again
    EXPECT_EQ(runs(model::Operation::failed), (Runs{{"wrong", 2}}));
    EXPECT_EQ(owed(), (Texts{"task thanks open"}));
    happen("meeting", "2026-03-04T10:00");
    EXPECT_EQ(owed(), (Texts{"task thanks open"})) << "a ring ends at the limit, and leaves the fact";
    auto snapshot = store_->snapshot();
    EXPECT_EQ(Reads(**snapshot).figures(find(*store_, "ann"))->interactions, 4u);
    expect_sound(*store_);
}

// A cause that fails takes back that its key is done, and another rule's instant still comes.
TEST_F(CasesTest, WhatFailsIsNotDone) {
    begin(R"json({"type":"party","fields":{"trade":["tea","coffee"]}},
        {"metric":"visits","count":"visit"},{"metric":"last_visit_at","last":"visit","of":"i.at"},
        {"rule":"again","at":"addDays(m.last_visit_at, 7, zone)","then":[{"do":"task","kind":"again"}]},
        {"rule":"once","on":"visit","key":"'one'","then":[{"do":"set","set":{"trade":"=m.visits > 1 ? 'tea' : 'wine'"}},
            {"do":"task","kind":"once"}]})json");
    happen("visit", "2026-03-01T10:00");
    using Runs = std::map<std::string, int>;
    EXPECT_EQ(runs(model::Operation::failed), (Runs{{"once", 1}}));
    EXPECT_EQ(owed(), Texts{});
    run("2026-03-09");
    EXPECT_EQ(owed(), (Texts{"task again open"})) << "the instant went with the failure of another rule";
    happen("visit", "2026-03-10T10:00");
    EXPECT_EQ(owed(), (Texts{"task again open", "task once open"})) << "the key went with the failure";
    happen("visit", "2026-03-11T10:00");
    const auto all = owed();
    EXPECT_EQ(std::ranges::count(all, "task once open"), 1);
    expect_sound(*store_);
}

TEST_F(CasesTest, WorkGoesToTheBestOfThoseWhoCan) {
    begin(R"({"metric":"sold","sum":"order","of":"i.amount","per":"actor"},
        {"rule":"care","on":"visit","then":[{"do":"task","kind":"care",
          "assign":{"among":"actor.skills['talk'] >= 3","best":["actor.skills['talk']"]}}]})");
    Batch batch;
    for (const auto &[key, level, active] :
         {std::tuple("bea", 4, true), std::tuple("cid", 9, false), std::tuple("dan", 2, true)}) {
        const CodeValueItem skill{"talk", level};
        ActorItem item;
        item.key = key;
        item.fields = model::actor_field::skills | model::actor_field::active;
        item.active = active;
        item.skills = {&skill, 1};
        ASSERT_TRUE(batch.add(item));
    }
    commit(*store_, batch);
    happen("visit", "2026-03-01T10:00");
    EXPECT_EQ(owed(), (Texts{"task care open for bea"}));
    expect_sound(*store_);
}

}  // namespace
}  // namespace kith::engine
