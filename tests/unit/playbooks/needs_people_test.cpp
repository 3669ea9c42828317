// Goal: what those who work with customers need of each other, and of who leads them, is kept to by the
// playbooks that come with kith. Method: as in needs_service_test.cpp.
#include <gmock/gmock.h>

#include <chrono>

#include "engine/assignment.hpp"
#include "engine/commitment_reads.hpp"
#include "unit/playbooks/life.hpp"

namespace kith::engine {
namespace {

class NeedsOfPeople : public LifeTest {
protected:
    // What is open and late at an instant: "stock 2 1 all 3 1".
    Lines late(std::string_view when) {
        const auto snapshot = store_->snapshot();
        const auto table = CommitmentReads(**snapshot).counts(at(when));
        Lines lines;
        for (std::size_t row = 0; row < table->columns[0].texts.size(); ++row) {
            std::string line = table->columns[0].texts[row];
            for (std::size_t column = 1; column < 5; ++column)
                line += " " + std::to_string(table->columns[column].ints[row]);
            lines.push_back(line);
        }
        return lines;
    }
    // Who gets it, and why the others do not: "tom: taken", in the order of the ranking.
    Lines assignment(std::string_view when, std::string_view who, std::string_view among,
                     std::initializer_list<std::string_view> best) {
        const auto snapshot = store_->snapshot();
        const std::vector<std::string_view> rankings(best);
        AssignmentQuery query;
        query.party = id_of(who);
        query.now = at(when);
        query.among = among;
        query.best = rankings;
        const auto table = assignment_table(**snapshot, query);
        if (!table) return {table.error().message};
        Lines lines;
        for (std::size_t row = 0; row < (*table)->columns[0].texts.size(); ++row)
            lines.push_back((*table)->columns[0].texts[row] + ": " + (*table)->columns[3].texts[row]);
        return lines;
    }
};

// Below the gate a lead is nobody's work; twenty that are sent back are what their source is known by.
TEST_F(NeedsOfPeople, R1_OnlyLeadsThatAreWorthItReachSales) {
    begin({"leads"});
    actor("tom");
    const Says fair{.campaign = "fair"};
    customer("cold", "tom");
    ASSERT_EQ(happens("2026-03-02T09:00", "cold", "lead.created", {{"fit", "2"}}, fair), "");
    EXPECT_EQ(queue("tom"), Lines{});
    EXPECT_EQ(value("2026-03-02T10:00", "cold", "score.lead"), "1.6");
    EXPECT_NE(happens("2026-03-02T09:00", "cold", "lead.created", {{"fit", "2"}}), "") << "it has no source";
    for (int i = 0; i < 20; ++i) {
        const auto who = "p" + std::to_string(i);
        customer(who, "tom");
        ASSERT_EQ(happens("2026-03-02T09:00", who, "lead.created", {{"fit", "5"}},
                          {.key = who, .campaign = "fair"}),
                  "");
        ASSERT_EQ(happens("2026-03-02T09:00", who, "lead.created", {{"fit", "5"}},
                          {.key = who, .campaign = "fair"}),
                  "");
    }
    EXPECT_EQ(queue("tom").size(), 20U);
    EXPECT_NE(happens("2026-03-03T09:00", "p0", "lead.rejected", {}, fair), "") << "it does not say why";
    for (int i = 0; i < 20; ++i)
        ASSERT_EQ(happens("2026-03-03T10:00", "p" + std::to_string(i), "lead.rejected",
                          {{"reason", "no_need"}}, fair),
                  "");
    EXPECT_EQ(queue("tom"), Lines{});
    EXPECT_EQ(value("2026-03-04T00:00", "fair", "m.source_acceptance", SubjectKind::campaign), "0.0");
    EXPECT_EQ(value("2026-03-04T00:00", "fair", "m.source_leads", SubjectKind::campaign), "21");
    // What comes of itself lifts it over the gate, once; time alone never does.
    due("2026-03-20T00:00");
    EXPECT_EQ(queue("tom"), Lines{});
    for (int day = 20; day < 24; ++day)
        ASSERT_EQ(happens("2026-03-" + std::to_string(day) + "T10:00", "cold", "contact.mailed_in"), "");
    EXPECT_EQ(work("cold"), (Lines{"03-23 10:00 call_lead open tom due 03-24 10:00"}));
    ASSERT_EQ(happens("2026-03-24T09:00", "cold", "lead.accepted", {}, fair), "");
    EXPECT_EQ(value("2026-03-25T00:00", "fair", "m.source_acceptance > 0.04", SubjectKind::campaign), "true");
    EXPECT_EQ(work("cold"), (Lines{"03-23 10:00 call_lead kept tom due 03-24 10:00 ended 03-24 09:00"}));
}

// The owner leaves: nothing is lost, nothing new goes to him, and one change moves his work.
TEST_F(NeedsOfPeople, R19_TheCustomerStaysAsTheOwnerLeaves) {
    begin({"handover", "complaint", "promises"});
    actor("eva");
    actor("tom", "eva");
    actor("sue", "eva");
    customer("ann", "tom");
    ASSERT_EQ(happens("2026-03-02T09:00", "ann", "contact.promised",
                      {{"item", "A sample"}, {"until", "2026-03-13T12:00"}}, {.actor = "tom"}),
              "");
    ASSERT_EQ(happens("2026-03-02T10:00", "ann", "feedback.complained", {{"severity", "1"}}), "");
    const auto before = facts(*store_);
    actor("tom", "eva", false);
    EXPECT_EQ(work("ann"), (Lines{"03-02 09:00 promise open tom due 03-13 12:00"}));
    EXPECT_EQ(log("ann", "complaint").size(), 1U);
    EXPECT_NE(before.find("A sample"), std::string::npos);
    EXPECT_NE(facts(*store_).find("A sample"), std::string::npos);
    due("2026-03-02T16:00");
    EXPECT_EQ(work("ann", "answer_complaint"),
              (Lines{"03-02 15:00 answer_complaint open eva due 03-02 17:00"}))
        << "to the nearest above who is there";
    now_ = at("2026-03-03T09:00");
    customer("ann", "sue");
    EXPECT_EQ(work("ann", "promise"), (Lines{"03-02 09:00 promise open sue due 03-13 12:00"}));
    EXPECT_EQ(work("ann", "write_brief"), (Lines{"03-03 09:00 write_brief open sue due 03-05 09:00"}));
    EXPECT_EQ(queue("tom"), Lines{});
    customer("ann", "sue");
    EXPECT_EQ(commitments("ann", "write_brief").size(), 1U) << "the same owner again is no handover";
    EXPECT_NE(sends("2026-03-03T10:00", "ann", "handover", "briefed"), "");
    ASSERT_EQ(sends("2026-03-03T10:00", "ann", "handover", "briefed", {{"brief", "Likes plain words"}}), "");
    ASSERT_EQ(happens("2026-03-04T10:00", "ann", "contact.called_out", {}, {.actor = "sue"}), "");
    EXPECT_EQ(state("ann", "handover"), "done");
    EXPECT_EQ(value("2026-03-05T00:00", "", "m.handovers_on_time", SubjectKind::all), "1.0");
}

TEST_F(NeedsOfPeople, R19_ABriefOfALongHistoryIsQuick) {
    begin({"handover", "complaint", "promises"});
    Batch batch;
    for (int i = 0; i < 10'000; ++i)
        ASSERT_TRUE(batch.add(order("ann", at("2016-01-01T10:00") + i * base::kDay / 4, 100 + i)));
    commit(*store_, batch);
    const auto who = id_of("ann");
    std::vector<double> took;
    for (int i = 0; i < 5; ++i) {
        const auto begun = std::chrono::steady_clock::now();
        const auto snapshot = store_->snapshot();
        const auto brief = Reads(**snapshot).brief(who, 50);
        took.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count());
        ASSERT_EQ((*brief)->interactions.size(), 50U);
        EXPECT_EQ((*brief)->figures.orders, 10'000U);
    }
    std::ranges::sort(took);
    EXPECT_LT(took[2], 50) << "ms";
}

// Three who promised: each stands with his own, until when, and what shows that it was kept; also after he
// left.
TEST_F(NeedsOfPeople, R20_WhoPromisedWhat) {
    begin({"promises"});
    actor("eva");
    for (const auto *who : {"tom", "sue", "kim"}) actor(who, "eva");
    customer("ann", "tom");
    const auto promise = [&](std::string_view who, std::string_view item, std::string_view until) {
        return happens("2026-03-02T09:00", "ann", "contact.promised", {{"item", item}, {"until", until}},
                       {.key = item, .actor = who});
    };
    for (int twice = 0; twice < 2; ++twice) {
        ASSERT_EQ(promise("tom", "A sample", "2026-03-06T12:00"), "");
        ASSERT_EQ(promise("sue", "A discount", "2026-03-09T12:00"), "");
        ASSERT_EQ(promise("kim", "A visit", "2026-03-10T12:00"), "");
    }
    EXPECT_EQ(work("ann"), (Lines{"03-02 09:00 promise open tom due 03-06 12:00",
                                  "03-02 09:00 promise open sue due 03-09 12:00",
                                  "03-02 09:00 promise open kim due 03-10 12:00"}));
    EXPECT_NE(happens("2026-03-02T09:00", "ann", "contact.promised", {{"item", "Nothing"}}), "");
    EXPECT_EQ(value("2026-03-02T10:00", "ann", "commitments.filter(c, c.kind == 'promise').map(c, c.item)"),
              "['A sample', 'A discount', 'A visit']");
    actor("kim", "eva", false);
    const auto all = commitments("ann", "promise");
    CommitmentChangeItem shown;
    shown.commitment = all[0].id;
    shown.fields = model::commitment_field::evidence;
    shown.personal.evidence = "Signed slip 12";
    ASSERT_EQ(done(shown), "");
    ASSERT_EQ(becomes("2026-03-06T12:00", all[0], model::CommitmentState::kept), "") << "at the very time";
    EXPECT_EQ(value("2026-03-07T10:00", "ann",
                    "commitments.exists(c, c.evidence == 'Signed slip 12' && c.state == 'kept')"),
              "true");
    due("2026-03-09T12:00");
    EXPECT_NE(becomes("2026-03-09T13:00", all[1], model::CommitmentState::kept), "") << "it is broken";
    EXPECT_EQ(commitments("ann", "promise").at(2).state, model::CommitmentState::open);
    EXPECT_EQ(queue("kim"), (Lines{"promise ann"})) << "his word stands as he leaves";
    EXPECT_EQ(value("2026-03-10T00:00", "", "m.promises_kept", SubjectKind::all), "0.5");
    // Written down after he left, it is for who is above him.
    ASSERT_EQ(happens("2026-03-11T09:00", "ann", "contact.promised",
                      {{"item", "A map"}, {"until", "2026-03-20T12:00"}}, {.actor = "kim"}),
              "");
    EXPECT_EQ(text(commitments("ann", "promise").back().assignee), "eva");
}

// A big deal: of those who negotiate at its level who leads the fewest, then who sold most; never who has
// left.
TEST_F(NeedsOfPeople, R21_WhoLeadsABigDeal) {
    begin({"opportunity"});
    actor("old", {}, false, {{"deals", 5}});
    actor("low", {}, true, {{"deals", 2}});
    actor("new", {}, true, {{"deals", 3}});
    actor("top", {}, true, {{"deals", 4}});
    actor("none");
    customer("acme", "low");
    for (const auto *who : {"top", "old"})
        ASSERT_EQ(happens("2026-02-02T10:00", "other", "order", {}, {.actor = who, .amount = 5'000'000}), "");
    ASSERT_EQ(happens("2026-02-02T10:00", "other", "order", {}, {.actor = "new", .amount = 100}), "");
    ASSERT_EQ(happens("2026-03-02T10:00", "acme", "opportunity.opened", {{"value", "99999"}}), "");
    EXPECT_EQ(work("acme"), Lines{}) << "not a big one";
    ASSERT_EQ(
        happens("2026-03-02T10:00", "acme", "opportunity.opened", {{"value", "100000"}}, {.key = "deal"}),
        "");
    ASSERT_EQ(
        happens("2026-03-02T10:00", "acme", "opportunity.opened", {{"value", "100000"}}, {.key = "deal"}),
        "");
    EXPECT_EQ(work("acme"), (Lines{"03-02 10:00 lead_deal open top due 03-04 10:00"}));
    const auto *among = "has(actor.skills.deals) && actor.skills.deals >= 3";
    const auto told = assignment("2026-03-02T11:00", "acme", among, {"-m.deals_led_90d", "m.sold_24m"});
    EXPECT_EQ(told.size(), 5U);
    EXPECT_THAT(told[0], testing::StartsWith("top: "));
    EXPECT_THAT(told[1], testing::StartsWith("new: "));
    EXPECT_THAT(told, testing::Contains(
                          testing::AllOf(testing::StartsWith("old: "), testing::HasSubstr("not active"))));
    // Who leads one already comes after who leads none; once he has left too, nobody fits.
    ASSERT_EQ(happens("2026-03-03T10:00", "acme", "opportunity.led", {}, {.actor = "top"}), "");
    ASSERT_EQ(happens("2026-03-03T11:00", "acme", "opportunity.opened", {{"value", "200000"}}), "");
    EXPECT_EQ(commitments("acme", "lead_deal").size(), 2U);
    EXPECT_EQ(text(commitments("acme", "lead_deal")[1].assignee), "new");
    actor("top", {}, false, {{"deals", 4}});
    actor("new", {}, false, {{"deals", 3}});
    ASSERT_EQ(happens("2026-03-04T11:00", "acme", "opportunity.opened", {{"value", "300000"}}), "");
    EXPECT_EQ(text(commitments("acme", "lead_deal").at(2).assignee), "");
}

// A hard repair: only who has the level it asks for; of equals who has been out least.
TEST_F(NeedsOfPeople, R22_WhoRepairs) {
    begin({"service-request"});
    actor("ann_t", {}, true, {{"repair", 3}}, {}, "office");
    actor("bob_t", {}, true, {{"repair", 3}}, {}, "office");
    actor("cem_t", {}, true, {{"repair", 1}}, {}, "office");
    actor("dan_t", {}, false, {{"repair", 5}});
    const auto sent = [&](std::string_view when, std::string_view who, std::string_view severity) {
        Sets values;
        if (!severity.empty()) values.push_back({"severity", severity});
        EXPECT_EQ(happens(when, who, "case.raised", values), "");
        return text(commitments(who, "visit_customer").back().assignee);
    };
    ASSERT_EQ(happens("2026-03-02T10:00", "x", "contact.visited", {}, {.actor = "ann_t", .outcome = "fixed"}),
              "");
    EXPECT_EQ(sent("2026-03-03T10:00", "c1", "3"), "bob_t");
    ASSERT_EQ(happens("2026-03-03T11:00", "x", "contact.visited", {}, {.actor = "bob_t", .outcome = "fixed"}),
              "");
    EXPECT_EQ(sent("2026-03-03T12:00", "c2", "3"), "ann_t") << "of equals the first";
    EXPECT_EQ(sent("2026-03-03T12:00", "c3", ""), "cem_t") << "anybody, and he has been out least";
    EXPECT_EQ(sent("2026-03-03T12:00", "c4", "4"), "") << "who could has left";
    // At night who works at night, though she has been out more.
    install(
        R"json({"playbook":"nights","format":1,"define":[{"calendar":"nights","weekly":{"mon-fri":["18:00-23:00"]}}]})json");
    actor("eve_t", {}, true, {{"repair", 3}}, {}, "nights");
    for (const auto *when : {"2026-03-03T19:00", "2026-03-03T20:00"})
        ASSERT_EQ(
            happens(when, "x", "contact.visited", {}, {.key = when, .actor = "eve_t", .outcome = "fixed"}),
            "");
    EXPECT_EQ(sent("2026-03-03T21:00", "c6", "3"), "eve_t");
    EXPECT_EQ(sent("2026-03-04T10:00", "c7", "3"), "ann_t");
    EXPECT_EQ(sent("2026-03-09T10:30", "c5", "2"), "ann_t") << "her visit is more than seven days ago";
    ASSERT_EQ(sends("2026-03-09T11:00", "c5", "service_request", "withdrawn"), "");
    EXPECT_EQ(commitments("c5", "visit_customer").at(0).state, model::CommitmentState::cancelled);
}

// Between teams: accepted within four hours of business, answered within two days; who is late shows by team.
TEST_F(NeedsOfPeople, R34_WhatATeamOwesAnother) {
    begin({"hand-off"});
    actor("house");
    actor("stock", "house");
    actor("lab", "house");
    actor("ivo", "stock");
    customer("ann", "");
    const auto ask = [&](std::string_view key, std::string_view team) {
        return happens("2026-03-06T16:00", "ann", "handoff.requested",
                       {{"team", team}, {"what", "Where is it?"}}, {.key = key});
    };
    ASSERT_EQ(ask("h1", "stock"), "");
    ASSERT_EQ(ask("h1", "stock"), "");
    ASSERT_EQ(ask("h2", "stock"), "");
    ASSERT_EQ(ask("h3", "lab"), "");
    EXPECT_EQ(queue("stock"), (Lines{"help_out ann", "help_out ann"}));
    const auto cases = processes("ann", "hand_off");
    ASSERT_EQ(cases.size(), 3U);
    ASSERT_EQ(sends("2026-03-09T10:00", "ann", "hand_off", "accepted", {}, cases[0].key), "");
    due("2026-03-09T11:00");
    EXPECT_EQ(told(),
              (Lines{"03-09 11:00 hand_off_not_accepted lab", "03-09 11:00 hand_off_not_accepted stock"}));
    EXPECT_NE(sends("2026-03-10T10:00", "ann", "hand_off", "answered", {}, cases[0].key), "")
        << "without an answer";
    ASSERT_EQ(
        sends("2026-03-10T10:00", "ann", "hand_off", "answered", {{"answer", "On the way"}}, cases[0].key),
        "");
    due("2026-03-10T16:00");
    due("2026-03-10T16:00");
    // Open and late: its own, and with those below.
    EXPECT_EQ(late("2026-03-10T16:00:01"), (Lines{"house 0 0 2 2", "lab 1 1 1 1", "stock 1 1 1 1"}));
    EXPECT_EQ(queue("house", true), (Lines{"help_out ann", "help_out ann"}));
    ASSERT_EQ(
        sends("2026-03-11T10:00", "ann", "hand_off", "declined", {{"answer", "Not ours"}}, cases[1].key), "");
    EXPECT_EQ(commitments("ann", "help_out").size(), 3U);
}

// The plan's actions: who is behind, week by week, along the tree.
TEST_F(NeedsOfPeople, R37_WhoLags) {
    begin({"plan"});
    actor("house");
    actor("north", "house");
    actor("ivo", "north");
    actor("eva", "house");
    struct Action {
        const char *who, *owner, *due;
        const char *reviewed;  // "": not yet
    };
    const Action actions[] = {{"a", "ivo", "2026-03-06", "2026-03-05T10:00"},
                              {"b", "ivo", "2026-03-06", ""},
                              {"c", "eva", "2026-03-06", "2026-03-09T10:00"},
                              {"d", "ivo", "2026-03-13", ""}};
    for (const auto &one : actions) {
        customer(one.who, one.owner);
        now_ = at("2026-03-02T09:00");
        ASSERT_EQ(sends("2026-03-02T09:00", one.who, "plan_item", "", {{"due_on", one.due}}, "k"), "");
        ASSERT_EQ(sends("2026-03-02T10:00", one.who, "plan_item", "begun",
                        {{"measures", "Call"}, {"accept", "Spoken to"}}, "k"),
                  "");
    }
    const auto review = [&](int n) {
        return sends(actions[n].reviewed, actions[n].who, "plan_item", "reviewed", {{"result", "Good"}}, "k");
    };
    ASSERT_EQ(review(0), "");
    due("2026-03-07T00:00");
    // Of Friday: b and c; rolled up to the north and to the house. Nobody's is the deadline of d itself.
    EXPECT_EQ(late("2026-03-08T12:00"),
              (Lines{"eva 1 1 1 1", "house 0 0 3 2", "ivo 2 1 2 1", "north 0 0 2 1", " 1 0 1 0"}));
    ASSERT_EQ(review(2), "");
    due("2026-03-14T00:00");
    EXPECT_EQ(late("2026-03-15T12:00"), (Lines{"house 0 0 2 2", "ivo 2 2 2 2", "north 0 0 2 2"}));
    EXPECT_EQ(told(), (Lines{"03-07 00:00 escalate house: A plan's item is late",
                             "03-07 00:00 escalate north: A plan's item is late",
                             "03-14 00:00 escalate north: A plan's item is late"}));
}

// A promise that is broken makes another: what was promised for that, else an apology; once, whatever comes.
TEST_F(NeedsOfPeople, R38_WhatIsBrokenIsMadeGood) {
    begin({"promises"});
    actor("eva");
    actor("tom", "eva");
    customer("ann", "tom");
    NewCommitmentItem promise;
    promise.ref = named("ann");
    promise.sort = model::CommitmentSort::promise;
    promise.kind = "promise";
    promise.assignee = promise.debtor = "tom";
    promise.opened_at = at("2026-03-02T09:00");
    promise.due = at("2026-03-06T12:00");
    promise.personal.item = "A delivery";
    promise.personal.compensation = "The freight";
    now_ = promise.opened_at;
    ASSERT_EQ(done(promise), "");
    for (const auto *night : {"2026-03-04T00:00", "2026-03-05T00:00", "2026-03-06T00:00"}) due(night);
    due("2026-03-06T12:00");
    due("2026-03-06T12:00");
    reopen();
    due("2026-03-07T12:00");
    EXPECT_EQ(work("ann"), (Lines{"03-02 09:00 promise broken tom due 03-06 12:00 ended 03-06 12:00",
                                  "03-06 12:00 compensation open tom due 03-10 13:00"}));
    EXPECT_EQ(value("2026-03-07T12:00", "ann",
                    "commitments.exists(c, c.sort == 'compensation' && c.item == 'The freight')"),
              "true");
    EXPECT_EQ(told(), (Lines{"03-05 00:00 promise_due_soon tom", "03-06 00:00 promise_due_soon tom",
                             "03-06 12:00 escalate eva: A promise is broken"}));
    ASSERT_EQ(
        becomes("2026-03-09T10:00", commitments("ann", "compensation")[0], model::CommitmentState::kept), "");
    EXPECT_EQ(commitments("ann").size(), 2U) << "what is made good makes nothing more";
    // Without a word about it: an apology.
    ASSERT_EQ(happens("2026-03-10T09:00", "ann", "contact.promised",
                      {{"item", "A call"}, {"until", "2026-03-10T10:00"}}),
              "");
    due("2026-03-20T00:00");
    EXPECT_EQ(
        value(
            "2026-03-20T12:00", "ann",
            "commitments.exists(c, c.sort == 'compensation' && c.item == 'apology' && c.state == 'broken')"),
        "true");
    EXPECT_EQ(commitments("ann", "compensation").size(), 2U)
        << "a broken compensation is told of, not doubled";
    EXPECT_EQ(value("2026-03-21T00:00", "", "m.promises_kept", SubjectKind::all), "0.0");
}

}  // namespace
}  // namespace kith::engine
