// Goal: processes move by events and due times as their definition says, each occurrence once.
// Method: short stories against a small definition, told in dates; each checks states, log,
// commitments and that the file verifies.
#include <bit>
#include <map>
#include <set>

#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

constexpr std::string_view kStory =
    R"({"playbook":"story","format":1,"version":1,"define":[{"process":"visits",
 "per":"party","start":{"on":"order"},"initial":"fresh","states":{
  "fresh":{"on":{"order":"regular"},"after":[{"delay":"P10D","anchor":"m.last_order_at","target":"quiet"}]},
  "regular":{"on":{"order":{"target":"regular","reenter":true}},"after":[{"delay":"P20D","anchor":"m.last_order_at","target":"quiet"}],
             "entry":[{"do":"close","kind":"call","as":"kept"}]},
  "quiet":{"on":{"order":"regular"},"after":[{"delay":"P5D","target":"gone"}],
           "entry":[{"do":"task","kind":"call","title":"Call them","due":"P3D"}]},
  "gone":{"on":{"order":"regular"}}}}]})";

class BehaviourTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        store_ = open("story.kith");
        Batch batch;
        auto added = batch.add_playbook(kStory);
        ASSERT_TRUE(added) << added.error().message;
        commit(*store_, batch);
    }

    void buy(std::int64_t on_day, std::string_view key = {}, base::Micros effects_from = INT64_MIN) {
        Batch batch;
        batch.effects_from = effects_from;
        ASSERT_TRUE(batch.add(order("ann", day(on_day), 100, key)));
        commit(*store_, batch);
    }

    // "fresh@0 quiet@10": the log of process visits.
    std::string log(std::string_view process = "visits") {
        auto snapshot = store_->snapshot();
        const Reads reads(**snapshot);
        const auto party = find(*store_, "ann");
        std::string text;
        const auto processes = *reads.processes(party);
        for (const auto &read : processes) {
            if (*(*snapshot)->text(read.process.definition) != process) continue;
            const auto entries = **reads.log(read.process.id);
            for (const auto &entry : entries) {
                text += (text.empty() ? "" : " ") + std::string(*(*snapshot)->text(entry.to)) + "@" +
                        std::to_string(entry.at / base::kDay) + (entry.late ? "late" : "");
            }
        }
        return text;
    }

    // Where the first row of table `timers` stands.
    base::Micros next_timer() {
        auto snapshot = store_->snapshot();
        auto cursor = *(*snapshot)->reader().cursor(store::Table::timers);
        return *cursor.first() ? index::timer_key(cursor.key()).due : kNever;
    }

    std::vector<model::Commitment> calls(model::CommitmentState state) { return commitments("call", state); }
    std::vector<model::Commitment> commitments(std::string_view kind, model::CommitmentState state) {
        auto snapshot = store_->snapshot();
        std::vector<model::Commitment> found;
        for (const auto &one : commitments_of(**snapshot, find(*store_, "ann"))) {
            if (*(*snapshot)->text(one.kind) == kind && one.state == state) found.push_back(one);
        }
        return found;
    }

    void define(std::string_view definitions) {
        Batch batch;
        auto added = batch.add_playbook(R"({"playbook":"more","format":1,"define":[)" +
                                        std::string(definitions) + "]}");
        ASSERT_TRUE(added) << added.error().message;
        commit(*store_, batch);
    }

    // Of ann: who looks after her, or a field.
    void put(std::string_view owner, std::vector<FieldItem> values = {}) {
        Batch batch;
        PartyItem item;
        item.ref.by = Ref::By::host;
        item.ref.kind = "shop";
        item.ref.text = "ann";
        item.flags.create = true;
        item.fields = values.empty() ? model::party_field::owner : model::party_field::values;
        item.owner = owner;
        item.values = std::move(values);
        ASSERT_TRUE(batch.add(item));
        commit(*store_, batch);
    }

    // Whose the open ones of a kind are, in their order: "tom tom".
    std::string assignees(std::string_view kind) {
        std::string all;
        for (const auto &one : commitments(kind, model::CommitmentState::open)) {
            auto snapshot = store_->snapshot();
            all += (all.empty() ? "" : " ") + std::string(*(*snapshot)->text(one.assignee));
        }
        return all;
    }

    std::unique_ptr<Store> store_;
};

TEST_F(BehaviourTest, TimersFireInRunDueAtTheirOwnInstants) {
    buy(0);
    ASSERT_TRUE(store_->run_due(day(9)));
    EXPECT_EQ(log(), "fresh@0");
    auto report = store_->run_due(day(100));
    ASSERT_TRUE(report);
    EXPECT_EQ(log(), "fresh@0 quiet@10 gone@15");
    EXPECT_GE(report->counts.transitions, 2u);
    const auto open = calls(model::CommitmentState::open);
    ASSERT_EQ(open.size(), 1u);
    EXPECT_EQ(open[0].opened_at, day(10));
    EXPECT_EQ(open[0].due, day(13));
    expect_sound(*store_);
}

TEST_F(BehaviourTest, TimersFireJustBeforeALaterEvent) {
    buy(0);
    buy(12);
    EXPECT_EQ(log(), "fresh@0 quiet@10 regular@12");
    EXPECT_EQ(calls(model::CommitmentState::open).size(), 0u);
    ASSERT_EQ(calls(model::CommitmentState::kept).size(), 1u);
    EXPECT_EQ(calls(model::CommitmentState::kept)[0].ended_at, day(12));
    expect_sound(*store_);
}

TEST_F(BehaviourTest, ATimerDueAtTheInstantOfAnEventFiresFirst) {
    buy(0);
    buy(10);
    EXPECT_EQ(log(), "fresh@0 quiet@10 regular@10");
}

TEST_F(BehaviourTest, RunningDueWorkTwiceOrWithAnOlderNowFiresNothingAgain) {
    buy(0);
    ASSERT_TRUE(store_->run_due(day(11)));
    const auto once = facts(*store_);
    EXPECT_EQ(store_->run_due(day(11))->counts.timers, 0u);
    EXPECT_EQ(store_->run_due(day(1))->counts.timers, 0u);
    EXPECT_EQ(store_->run_due(day(1))->due_through, day(11));
    EXPECT_EQ(facts(*store_), once);
}

// Events put due times off all the time. The row of table `timers` stays where it is, is moved on in silence
// when it comes up, and moves at once when the due time comes nearer.
TEST_F(BehaviourTest, ADueTimeThatWasPutOffIsMovedOnInSilence) {
    buy(0);
    Batch batch;
    ASSERT_TRUE(batch.add(order("ann", day(4), 100, "r1")));
    commit(*store_, batch);
    const auto second = *batch.outcomes[0].interaction;
    EXPECT_EQ(next_timer(), day(10)) << "due on day 24 now, but looked at on day 10";
    expect_sound(*store_);

    const auto before = facts(*store_);
    const auto report = store_->run_due(day(12));
    ASSERT_TRUE(report);
    EXPECT_EQ(report->counts.timers, 0u);
    EXPECT_EQ(facts(*store_), before);
    EXPECT_EQ(next_timer(), day(24));
    expect_sound(*store_);

    batch.clear();
    auto earlier = order("ann", day(3), 100, "r1-corrected");
    earlier.corrects = second;
    ASSERT_TRUE(batch.add(earlier));
    commit(*store_, batch);
    EXPECT_EQ(next_timer(), day(23));
    expect_sound(*store_);
    ASSERT_TRUE(store_->run_due(day(23) - 1));
    EXPECT_EQ(log(), "fresh@0 regular@4");
    ASSERT_TRUE(store_->run_due(day(23)));
    EXPECT_EQ(log(), "fresh@0 regular@4 quiet@23");
    expect_sound(*store_);
}

TEST_F(BehaviourTest, ALateEventIsAppliedOnArrivalAndRewindsNothing) {
    buy(0);
    ASSERT_TRUE(store_->run_due(day(11)));
    buy(8);  // before the transition of day 10
    EXPECT_EQ(log(), "fresh@0 quiet@10 regular@10late");
    expect_sound(*store_);
}

TEST_F(BehaviourTest, CausesBeforeEffectsFromMoveStatesButOpenNothing) {
    buy(0);
    buy(12, {}, day(50));
    EXPECT_EQ(log(), "fresh@0 quiet@10 regular@12");
    EXPECT_EQ(calls(model::CommitmentState::historic).size(), 1u);
    EXPECT_EQ(calls(model::CommitmentState::kept).size(), 0u);
    expect_sound(*store_);
}

// What was taken over as history stays so when run_due finds it.
TEST_F(BehaviourTest, EffectsFromHoldsForDueWorkToo) {
    buy(0, {}, day(50));
    ASSERT_TRUE(store_->run_due(day(100)));
    EXPECT_EQ(log(), "fresh@0 quiet@10 gone@15");
    EXPECT_EQ(calls(model::CommitmentState::historic).size(), 1u);
    EXPECT_EQ(calls(model::CommitmentState::open).size(), 0u);
    expect_sound(*store_);
}

// An amount put right is no new order: nobody has come back.
TEST_F(BehaviourTest, ACorrectionOfAnOrderMovesNothing) {
    Batch batch;
    ASSERT_TRUE(batch.add(order("ann", day(0), 100, "r1")));
    commit(*store_, batch);
    const auto wrong = *batch.outcomes[0].interaction;
    ASSERT_TRUE(store_->run_due(day(11)));
    batch.clear();
    auto right = order("ann", day(0), 120, "r1-corrected");
    right.corrects = wrong;
    ASSERT_TRUE(batch.add(right));
    commit(*store_, batch);
    EXPECT_EQ(log(), "fresh@0 quiet@10");
    EXPECT_EQ(calls(model::CommitmentState::open).size(), 1u);
    expect_sound(*store_);
}

// An old order that turns up would move to a state that due time has ended long since.
TEST_F(BehaviourTest, ALateOrderThatDueTimeHasUndoneMovesNothing) {
    Batch batch;
    ASSERT_TRUE(batch.add_playbook(
        R"({"playbook":"late","format":1,"version":1,"define":[{"process":"late","per":"party",
        "start":{"on":"order"},"initial":"active","states":{
        "active":{"after":[{"delay":"P20D","anchor":"m.last_order_at","target":"lost"}]},
        "lost":{"on":{"order":"active"},"entry":[{"do":"task","kind":"win_back","title":"Win back","due":"P3D"}]}}}]})"));
    commit(*store_, batch);
    buy(0);
    ASSERT_TRUE(store_->run_due(day(100)));
    EXPECT_EQ(log("late"), "active@0 lost@20");
    buy(-5);
    EXPECT_EQ(log("late"), "active@0 lost@20") << "older than the last one: due before it was lost";
    buy(10);
    EXPECT_EQ(log("late"), "active@0 lost@20 active@20late") << "due on day 30: it was not lost on day 20";
    ASSERT_TRUE(store_->run_due(day(101)));
    EXPECT_EQ(log("late"), "active@0 lost@20 active@20late lost@30");
    expect_sound(*store_);
}

// Guards that come after see the case where it stands.
TEST_F(BehaviourTest, WhatALateOrderMightHaveMovedIsNotSeen) {
    define(R"json({"process":"late","per":"party","start":{"on":"order"},"initial":"active",
  "on":{"order":[{"guard":"in_state('active')","target":"odd"}]},"states":{
  "active":{"after":[{"delay":"P20D","anchor":"m.last_order_at","target":"lost"}]},
  "lost":{"on":{"order":"active"}},"odd":{}}})json");
    buy(0);
    ASSERT_TRUE(store_->run_due(day(100)));
    buy(-5);
    EXPECT_EQ(log("late"), "active@0 lost@20");
    expect_sound(*store_);
}

// Both are due on day 3; that one fails takes nothing from the other, and it is the one that is named.
TEST_F(BehaviourTest, WhatIsDueByItselfIsACauseOfItsOwn) {
    define(R"({"process":"a_good","per":"party","start":{"on":"order"},"initial":"s","states":{
  "s":{"after":[{"delay":"P3D","target":"done"}]},"done":{"final":true}}},
 {"process":"bell","per":"party","start":{"on":"order"},"initial":"s","states":{
  "s":{"after":[{"delay":"P3D","target":"rings"}]},
  "rings":{"entry":[{"do":"emit","event":"y"}],"on":{"y":[{"actions":[{"do":"emit","event":"y"}]}]}}}},
 {"process":"hears","per":"party","start":{"on":"order"},"initial":"s","states":{
  "s":{"on":{"y":[{"actions":[{"do":"tag","tag":"heard"}]}]}}}})");
    buy(0);
    ASSERT_TRUE(store_->run_due(day(4)));
    EXPECT_EQ(log("a_good"), "s@0 done@3");
    EXPECT_EQ(log("bell"), "s@0");
    auto snapshot = store_->snapshot();
    std::string failed;
    const auto changes = *Reads(**snapshot).changes(0, 1'000);
    for (const auto &change : changes) {
        if (change.operation == model::Operation::failed) failed += *(*snapshot)->text(change.name);
    }
    EXPECT_EQ(failed, "bell");
    expect_sound(*store_);
}

// The case begins late, when an order after it is known: what its first timer looks at, as of its own time,
// is before that order, and yet the second is armed by it.
TEST_F(BehaviourTest, ALateCaseIsArmedByWhatIsKnown) {
    define(R"json({"metric":"bought_at","last":"order","of":"i.at"},
 {"process":"care","per":"party","start":{"on":"visit"},"initial":"s","states":{
  "s":{"after":[{"delay":"P1D","guard":"in_state('t')","target":"t"},
                {"delay":"P3D","anchor":"m.bought_at","target":"t"}]},"t":{}}})json");
    buy(5);
    ASSERT_TRUE(store_->run_due(day(6)));
    Batch batch;
    auto visit = order("ann", day(1), 0);
    visit.type = "visit";
    ASSERT_TRUE(batch.add(visit));
    commit(*store_, batch);
    ASSERT_TRUE(store_->run_due(day(9)));
    EXPECT_EQ(log("care"), "s@1 t@8");
    expect_sound(*store_);
}

// What a task that falls due moves is due in the same run.
TEST_F(BehaviourTest, WhatFallsDueArmsWithinTheRun) {
    define(R"({"process":"chase","per":"party","start":{"on":"order"},"initial":"a","states":{
  "a":{"entry":[{"do":"task","kind":"call","title":"t","due":"P2D"}],"on":{"x":"b"}},
  "b":{"after":[{"delay":"P1D","target":"c"}]},"c":{}}},
 {"rule":"missed","on":"task.late","then":[{"do":"emit","event":"x"}]})");
    buy(0);
    ASSERT_TRUE(store_->run_due(day(9)));
    EXPECT_EQ(log("chase"), "a@0 b@2 c@3");
    expect_sound(*store_);
}

// A ring of short delays is done page by page, in order, with nothing lost between the pages.
TEST_F(BehaviourTest, ShortDelaysAreDoneInPages) {
    Batch batch;
    ASSERT_TRUE(batch.add_playbook(
        R"({"playbook":"ring","format":1,"version":1,"define":[{"process":"ring","per":"party",
        "start":{"on":"tick"},"initial":"a","states":{"a":{"after":[{"delay":"PT1S","target":"b"}]},
        "b":{"after":[{"delay":"PT1S","target":"a"}]}}}]})"));
    auto tick = order("ann", 0, 0);
    tick.type = "tick";
    ASSERT_TRUE(batch.add(tick));
    commit(*store_, batch);
    auto report = store_->run_due(12'000'000'000);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->counts.timers, 12'000u);
    auto snapshot = store_->snapshot();
    const auto changes = Reads(**snapshot).changes(0, 100'000);
    std::set<std::uint64_t> stamps;
    for (const auto &change : *changes) stamps.insert(change.stamp);
    EXPECT_GE(stamps.size(), 4u) << "12,000 due times are more than two commits of 5,000";
    expect_sound(*store_);
}

TEST_F(BehaviourTest, TheSameOrderSentAgainMovesNothing) {
    buy(0, "r1");
    const auto once = facts(*store_);
    buy(0, "r1");
    EXPECT_EQ(facts(*store_), once);
}

TEST_F(BehaviourTest, RunningInstancesKeepTheirVersion) {
    buy(0);
    std::string changed(kStory);
    changed.replace(changed.find("P10D"), 4, "P99D");
    Batch batch;
    ASSERT_TRUE(batch.add_playbook(changed));
    commit(*store_, batch);
    EXPECT_EQ(batch.outcomes[0].result, ItemResult::changed);
    ASSERT_TRUE(store_->run_due(day(11)));
    EXPECT_EQ(log(), "fresh@0 quiet@10");
    expect_sound(*store_);
}

TEST_F(BehaviourTest, AClosedCommitmentStaysClosed) {
    buy(0);
    ASSERT_TRUE(store_->run_due(day(11)));
    const auto id = calls(model::CommitmentState::open).at(0).id;
    Batch batch;
    ASSERT_TRUE(batch.add(CommitmentItem{id, model::CommitmentState::kept, day(12)}));
    commit(*store_, batch);
    ASSERT_TRUE(store_->run_due(day(12)));
    EXPECT_EQ(calls(model::CommitmentState::kept).size(), 1u);
    batch.clear();
    ASSERT_TRUE(batch.add(CommitmentItem{id, model::CommitmentState::broken, day(13)}));
    auto again = store_->commit(batch);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().status, base::Status::state);
    expect_sound(*store_);
}

// No event brings the party's record with it: what fires by time alone reads it all the same.
TEST_F(BehaviourTest, WhatTimeSetsOffReadsThePartysRecord) {
    now_ = day(0);
    define(R"json({"type":"party","fields":{"renews_on":"date"}},
        {"rule":"renewal","at":"startOfDay(addDays(party.renews_on, -30), zone)","then":[{"do":"task","kind":"renew"}]},
        {"rule":"daily","every":"day","when":"has(party.renews_on)","then":[{"do":"task","kind":"greet"}]},
        {"process":"renewing","start":"order","initial":"a","states":{
          "a":{"after":[{"delay":"P40D","guard":"has(party.renews_on)","target":"b"}]},"b":{}}})json");
    FieldItem renews;
    renews.name = "renews_on";
    renews.kind = model::FieldKind::written;
    renews.text = "1970-03-02";
    put({}, {renews});
    buy(1);
    ASSERT_TRUE(store_->run_due(day(29)));
    EXPECT_TRUE(commitments("renew", model::CommitmentState::open).empty());
    EXPECT_FALSE(commitments("greet", model::CommitmentState::open).empty());
    ASSERT_TRUE(store_->run_due(day(50)));
    const auto found = commitments("renew", model::CommitmentState::open);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].opened_at, day(30));
    EXPECT_EQ(log("renewing"), "a@1 b@41");
    expect_sound(*store_);
}

// As the owner changes what the former one had goes to the new one, what others have stays; else a rule
// assigns what it has made; and a commitment that is said, or at hand, alone.
TEST_F(BehaviourTest, WorkIsAssignedToAnother) {
    now_ = day(0);
    define(R"json({"rule":"call","on":"order","then":[{"do":"task","kind":"call_back","assign":"owner"}]},
        {"rule":"fix","on":"order","then":[{"do":"task","kind":"fix","assign":"='ivo'"}]},
        {"rule":"given","on":"party.owner_changed","then":[{"do":"assign","assign":"owner"}]},
        {"rule":"made","on":"order","when":"m.orders > 1","then":[{"do":"task","kind":"own","assign":"='ivo'"},
            {"do":"assign","assign":"='eva'"}]},
        {"rule":"at_hand","on":"commitment.started","then":[{"do":"assign","assign":"='kim'"}]})json");
    put("tom");
    buy(1);
    EXPECT_EQ(assignees("call_back"), "tom");
    put("sue");
    EXPECT_EQ(assignees("call_back"), "sue");
    EXPECT_EQ(assignees("fix"), "ivo");
    buy(2);
    EXPECT_EQ(assignees("own"), "eva");
    EXPECT_EQ(assignees("fix"), "ivo ivo");
    const auto id = commitments("call_back", model::CommitmentState::open).at(0).id;
    Batch batch;
    ASSERT_TRUE(batch.add(CommitmentItem{id, model::CommitmentState::doing, day(3)}));
    commit(*store_, batch);
    EXPECT_EQ(assignees("call_back"), "sue");  // the other one
    const auto started = commitments("call_back", model::CommitmentState::doing);
    ASSERT_EQ(started.size(), 1U);
    EXPECT_EQ(*(*store_->snapshot())->text(started[0].assignee), "kim");
    expect_sound(*store_);
}

// What a rule sets stands as it is written: a number to its last digit, and who had the party before is told.
TEST_F(BehaviourTest, WhatIsSetIsWhatIsWritten) {
    now_ = day(0);
    define(R"json({"type":"party","fields":{"share":"double","visits":"int"}},
        {"rule":"numbers","on":"order","then":[{"do":"set","set":{"share":0.123456789,"visits":3,"owner":"ivo"}}]},
        {"rule":"told","on":"party.owner_changed","then":[{"do":"tag","tag":"='from ' + e.from + ' to ' + e.to"}]})json");
    put("tom");
    buy(1);
    auto snapshot = store_->snapshot();
    const auto party = **Reads(**snapshot).party(find(*store_, "ann"));
    std::map<std::string, std::int64_t> set;
    for (const auto &one : party.fields.values) set[std::string(*(*snapshot)->text(one.name))] = one.number;
    EXPECT_EQ(std::bit_cast<double>(set["share"]), 0.123456789);
    EXPECT_EQ(set["visits"], 3);
    EXPECT_EQ(party.tags, "from tom to ivo");
    expect_sound(*store_);
}

}  // namespace
}  // namespace kith::engine
