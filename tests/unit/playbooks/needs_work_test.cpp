// Goal: what leads, what is looked ahead to, what is lost and what is remembered is kept to by the playbooks
// that come with kith. Method: as in needs_service_test.cpp; what is killed is a process of its own.
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include "unit/playbooks/life.hpp"

namespace kith::engine {
namespace {

class NeedsOfWork : public LifeTest {};

// How long it stood in each state: of the log, to the second, with the clock's change in it.
TEST_F(NeedsOfWork, R26_HowLongItStoodWhere) {
    begin({"opportunity"});
    ASSERT_EQ(happens("2026-03-27T10:00", "acme", "opportunity.opened", {{"value", "5000"}}, {.key = "o1"}),
              "");
    struct Step {
        const char *at, *event, *state;
        Sets sets{};
    };
    const Step steps[] = {{"2026-03-27T18:00", "prepared", "contact_prepared"},
                          {"2026-03-30T10:00", "visited", "visited"},
                          {"2026-03-30T10:00", "need_stated", "need_stated", {{"need", "Cold storage"}}},
                          {"2026-04-01T09:00", "need_confirmed", "need_confirmed"},
                          {"2026-04-02T09:00", "reviewed", "capability_reviewed", {{"go", "true"}}},
                          {"2026-04-10T09:00", "intent", "intent"},
                          {"2026-04-20T09:00", "negotiating", "negotiating"},
                          {"2026-05-04T09:00", "signed", "signed"},
                          {"2026-05-11T09:00", "handed_over", "handed_over"}};
    for (const auto &step : steps) {
        ASSERT_EQ(sends(step.at, "acme", "opportunity", step.event, step.sets), "") << step.event;
        EXPECT_EQ(state("acme", "opportunity"), step.state);
        ASSERT_EQ(
            happens("2026-03-27T10:00", "acme", "opportunity.opened", {{"value", "5000"}}, {.key = "o1"}),
            "");
    }
    const auto one = processes("acme", "opportunity").at(0);
    std::map<std::string, base::Micros> stood;
    {
        const auto snapshot = store_->snapshot();
        const auto entries = Reads(**snapshot).log(one.id);
        for (std::size_t i = 0; i + 1 < (*entries)->size(); ++i)
            stood[text((**entries)[i].to)] += (**entries)[i + 1].at - (**entries)[i].at;
    }
    constexpr auto kHour = base::kDay / 24;
    const std::map<std::string, base::Micros> expected{
        {"identified", 8 * kHour},
        {"contact_prepared", 63 * kHour},  // an hour of Sunday is left out
        {"visited", 0},
        {"need_stated", 47 * kHour},
        {"need_confirmed", 24 * kHour},
        {"decided", 0},
        {"capability_reviewed", 8 * base::kDay},
        {"intent", 10 * base::kDay},
        {"negotiating", 14 * base::kDay},
        {"signed", 7 * base::kDay}};
    EXPECT_EQ(stood, expected);
    EXPECT_EQ(value("2026-05-12T00:00", {}, "m.opportunity_days", SubjectKind::all), "45.0");
    // It stands still: told once, and the state is not left.
    ASSERT_EQ(happens("2026-05-12T10:00", "acme", "opportunity.opened", {{"value", "1"}}, {.key = "o2"}), "");
    actor("tom");
    customer("acme", "tom");
    due("2026-06-11T10:00");
    due("2026-06-30T10:00");
    EXPECT_EQ(told(), (Lines{"06-11 10:00 opportunity_still tom"}));
}

// Birthdays, renewals, what is used up, orders that come less often: each told once for each time it comes.
TEST_F(NeedsOfWork, R35_WhatIsComingIsSeenBefore) {
    begin({"anticipation"});
    actor("tom");
    customer("ann", "tom", {{"born_on", "1980-03-12"}, {"renews_on", "2026-05-01"}});
    for (const auto *night :
         {"2026-03-11T00:00", "2026-03-12T00:00", "2026-03-12T00:00", "2026-03-12T08:00", "2026-03-13T00:00"})
        due(night);
    EXPECT_EQ(work("ann", "greet"), (Lines{"03-12 00:00 greet open tom due 03-13 00:00"}));
    // Renewal in 30 days, by the local day; put off, it is told of anew for the new day, and of that once.
    due("2026-03-31T23:59:59");
    EXPECT_EQ(work("ann", "renew"), Lines{});
    due("2026-04-01T00:00");
    due("2026-04-02T00:00");
    EXPECT_EQ(work("ann", "renew"), (Lines{"04-01 00:00 renew open tom due 04-15 00:00"}));
    now_ = at("2026-04-02T10:00");
    customer("ann", "tom", {{"renews_on", "2026-06-01"}});
    customer("ann", "tom", {{"renews_on", "2026-06-01"}});
    reopen();
    due("2026-05-02T00:00");
    due("2026-05-03T00:00");
    EXPECT_EQ(commitments("ann", "renew").size(), 2U);
    EXPECT_EQ(local(commitments("ann", "renew")[1].opened_at), "05-02 00:00");
    // A birthday that nobody was there for is not wished days later; the next one is.
    due("2027-03-11T00:00");
    due("2027-03-16T00:00");
    EXPECT_EQ(commitments("ann", "greet").size(), 1U);
    due("2028-03-11T00:00");
    due("2028-03-12T00:00");
    EXPECT_EQ(commitments("ann", "greet").size(), 2U);
    // Bought every thirty days: five days before the next; bought before that, it is of the next.
    customer("bob", "tom");
    for (const auto *when : {"2026-01-01T10:00", "2026-01-31T10:00", "2026-03-02T10:00"})
        ASSERT_EQ(happens(when, "bob", "order", {}, {.key = when, .amount = 100}), "");
    EXPECT_EQ(commitments("bob", "offer_refill").size(), 1U) << "as it was due in the past";
    EXPECT_EQ(local(commitments("bob", "offer_refill")[0].opened_at), "03-27 10:00");
    ASSERT_EQ(happens("2026-03-02T10:00", "bob", "order", {}, {.key = "2026-03-02T10:00", .amount = 100}),
              "");
    due("2028-04-01T00:00");
    EXPECT_EQ(commitments("bob", "offer_refill").size(), 1U);
}

// Who was born on a leap day is wished well every year: on the 28th where there is no 29th.
TEST_F(NeedsOfWork, R35_ALeapDayComesEveryYear) {
    begin({"anticipation"});
    customer("ann", "", {{"born_on", "1980-02-29"}});
    for (const auto *year : {"2026", "2027", "2028"}) {
        for (const auto *night : {"-02-27", "-02-28", "-02-29", "-03-01"}) {
            if (std::string_view(night) == "-02-29" && std::string_view(year) != "2028") continue;
            due(std::string(year) + night + "T00:00");
        }
    }
    Lines wished;
    for (const auto &one : commitments("ann", "greet"))
        wished.push_back(base::format_time(zone_.local(one.opened_at)).substr(0, 10));
    EXPECT_EQ(wished, (Lines{"2026-02-28", "2027-02-28", "2028-02-29"}));
}

TEST_F(NeedsOfWork, R35_OrdersComeLessOften) {
    begin({"anticipation"});
    actor("tom");
    customer("ann", "tom");
    const auto buy = [&](std::initializer_list<const char *> days) {
        for (const auto *day : days)
            ASSERT_EQ(happens(day, "ann", "order", {}, {.key = day, .amount = 100}), "");
    };
    buy({"2025-01-10", "2025-01-20", "2025-02-10", "2025-03-10"});  // four
    buy({"2025-04-10", "2025-05-10", "2025-06-10"});                // three
    buy({"2025-07-10", "2025-08-10"});                              // two: known as the quarter is over
    due("2025-09-30T23:59:59");
    EXPECT_EQ(work("ann", "ask_frequency"), Lines{});
    due("2025-10-01T00:00");
    due("2025-10-02T00:00");
    EXPECT_EQ(work("ann", "ask_frequency"), (Lines{"10-01 00:00 ask_frequency open tom due 10-08 00:00"}));
    // An order of August that was written down late undoes the fall, and nothing is told twice.
    buy({"2025-08-20", "2025-09-01"});
    due("2025-12-31T00:00");
    EXPECT_EQ(commitments("ann", "ask_frequency").size(), 1U);
}

// Nobody is lost without a cause and a decision, and what came of it is on record.
TEST_F(NeedsOfWork, R39_NobodyIsLostWithoutACause) {
    begin({"termination"});
    actor("eva");
    actor("tom", "eva");
    for (const auto *who : {"ann", "bob"}) {
        customer(who, "tom");
        ASSERT_EQ(happens("2026-03-02T09:00", who, "relation.end_signalled", {}, {.key = who}), "");
        ASSERT_EQ(happens("2026-03-02T09:00", who, "relation.end_signalled", {}, {.key = who}), "");
    }
    EXPECT_EQ(work("ann"), (Lines{"03-02 09:00 find_loss_cause open tom due 03-04 09:00"}));
    EXPECT_NE(sends("2026-03-03T09:00", "ann", "termination", "gone", {{"outcome", "Left"}}), "")
        << "not from here";
    EXPECT_EQ(state("ann", "termination"), "signalled");
    EXPECT_NE(sends("2026-03-03T09:00", "ann", "termination", "analysed", {{"plan", "retain"}}), "")
        << "no cause";
    EXPECT_NE(sends("2026-03-03T09:00", "ann", "termination", "analysed", {{"cause", "own"}}), "")
        << "no plan";
    EXPECT_NE(sends("2026-03-03T09:00", "ann", "termination", "analysed",
                    {{"cause", "weather"}, {"plan", "retain"}}),
              "")
        << "no such cause";
    EXPECT_EQ(state("ann", "termination"), "signalled");
    due("2026-03-09T09:00");
    EXPECT_EQ(told(), (Lines{"03-05 09:00 cause_missing tom", "03-05 09:00 cause_missing tom",
                             "03-09 09:00 escalate eva: A customer is leaving and nobody knows why",
                             "03-09 09:00 escalate eva: A customer is leaving and nobody knows why"}));
    for (const auto *who : {"ann", "bob"}) {
        ASSERT_EQ(
            sends("2026-03-09T10:00", who, "termination", "analysed", {{"cause", "own"}, {"plan", "retain"}}),
            "");
        ASSERT_EQ(sends("2026-03-09T11:00", who, "termination", "started"), "");
    }
    EXPECT_NE(sends("2026-03-20T10:00", "ann", "termination", "kept"), "") << "what came of it?";
    ASSERT_EQ(
        sends("2026-03-20T10:00", "ann", "termination", "kept", {{"outcome", "Stays at the old price"}}), "");
    ASSERT_EQ(sends("2026-03-20T10:00", "bob", "termination", "gone", {{"outcome", "Went to another"}}), "");
    EXPECT_EQ(value("2026-03-21T00:00", "", "m.termination_save_rate", SubjectKind::all), "0.5");
    EXPECT_EQ(work("bob", "ask_again"), (Lines{"03-20 10:00 ask_again open tom due 06-18 10:00"}));
    // Once it is over, nothing moves it any more; a new signal begins anew.
    EXPECT_NE(sends("2026-03-22T10:00", "bob", "termination", "kept", {{"outcome", "Came back"}}), "");
    ASSERT_EQ(happens("2026-04-02T09:00", "ann", "relation.end_signalled"), "");
    EXPECT_EQ(state("ann", "termination"), "signalled");
    EXPECT_EQ(value("2026-04-21T00:00", "", "m.termination_save_rate", SubjectKind::all), "0.5");
}

// Within 24 hours of when it happened, in 90 days: of all, and of who wrote it down.
TEST_F(NeedsOfWork, R40_LateEntriesShow) {
    begin({"kpi"});
    actor("tom");
    actor("sue");
    const auto visit = [&](std::string_view happened, std::string_view recorded, std::string_view by) {
        now_ = at(recorded);
        ASSERT_EQ(happens(happened, "ann", "visit", {}, {.key = happened, .actor = by}), "");
    };
    visit("2026-03-02T10:00", "2026-03-02T10:05", "tom");
    visit("2026-03-03T10:00", "2026-03-04T10:00", "tom");     // at its very end
    visit("2026-03-04T10:00", "2026-03-05T10:00:01", "sue");  // a second after
    visit("2026-03-28T12:00", "2026-03-29T12:30", "tom");     // 23 hours and a half: the clock went forward
    EXPECT_EQ(value("2026-03-30T00:00", "", "m.timeliness", SubjectKind::all), "0.75");
    EXPECT_EQ(value("2026-03-30T00:00", "tom", "m.actor_timeliness", SubjectKind::actor), "1.0");
    EXPECT_EQ(value("2026-03-30T00:00", "sue", "m.actor_timeliness", SubjectKind::actor), "0.0");
    // Sent again, days later, it stays as it was first written down.
    visit("2026-03-02T10:00", "2026-04-05T10:00", "tom");
    EXPECT_EQ(value("2026-04-06T00:00", "", "m.timeliness", SubjectKind::all), "0.75");
    EXPECT_EQ(value("2026-04-06T00:00", "ann",
                    "interactions.filter(i, i.recorded_at - i.at > duration('24h')).size()"),
              "1");
    // The window: 90 days after the first of them it no longer counts.
    EXPECT_EQ(
        value("2026-05-31T10:00:01", "", "m.timeliness > 0.66 && m.timeliness < 0.67", SubjectKind::all),
        "true");
}

// Twelve visits a year to a star, each with an account plan and a contact map, or it is not ready.
TEST_F(NeedsOfWork, R44_AVisitIsPrepared) {
    begin({"visit-plan"});
    actor("tom");
    customer("acme", "tom");
    now_ = at("2026-01-02T10:00");
    ScoreItem power;
    power.kind = model::SubjectKind::party;
    power.ref = named("acme");
    power.metric = "buying_power";
    power.period = "2026";
    power.at = now_;
    power.nature = model::Nature::estimated;
    power.money = 9'000'000;
    ASSERT_EQ(done(power), "");
    ASSERT_EQ(happens("2026-01-03T10:00", "acme", "order", {}, {.key = "o1", .amount = 8'000'000}), "");
    ASSERT_EQ(happens("2026-01-03T11:00", "acme", "order", {}, {.key = "o2", .amount = 900'000}), "");
    due("2026-02-01T00:00");
    const auto cell = value("2026-02-01T00:00", "acme", "cell.service");
    EXPECT_EQ(value("2026-02-01T00:00", "acme", "policy('service').visits_per_year"), "12.0") << cell;
    auto visits = commitments("acme", "visit");
    ASSERT_EQ(visits.size(), 12U);
    EXPECT_EQ(value("2026-02-01T00:00", "acme", "commitments.exists(c, c.ready)"), "false");
    const auto prepare = [&](const model::Commitment &one, std::vector<std::string_view> there) {
        CommitmentChangeItem change;
        change.commitment = one.id;
        change.fields = model::commitment_field::artefacts;
        change.artefacts = there;
        return done(change);
    };
    ASSERT_EQ(prepare(visits[0], {"account_plan"}), "");
    EXPECT_EQ(value("2026-02-02T00:00", "acme", "commitments.exists(c, c.ready)"), "false");
    ASSERT_EQ(prepare(visits[0], {"account_plan", "contact_map"}), "");
    EXPECT_EQ(value("2026-02-02T00:00", "acme", "commitments.filter(c, c.ready).size()"), "1");
    ASSERT_EQ(prepare(visits[0], {"contact_map"}), "");
    EXPECT_EQ(value("2026-02-02T00:00", "acme", "commitments.exists(c, c.ready)"), "false")
        << "taken away again";
    // Planned again, and again after the end of the program: as many.
    due("2026-03-01T00:00");
    reopen();
    due("2026-03-01T00:00");
    due("2026-04-01T00:00");
    EXPECT_EQ(commitments("acme", "visit").size(), 12U);
    EXPECT_NE(happens("2026-04-02T10:00", "acme", "contact.visited"), "")
        << "it does not say what came of it";
    ASSERT_EQ(happens("2026-05-02T10:00", "acme", "contact.visited", {}, {.outcome = "Will buy more"}), "");
}

// A reminder, of a program that is killed before it is due, and started after: late, once; also if the clock
// is set back.
TEST_F(NeedsOfWork, R46_AReminderSurvives) {
    begin({});
    install(R"json({"playbook":"reminders","format":1,"define":[
        {"rule":"tell","on":"commitment.late","where":"c.sort == 'reminder'","then":[{"do":"notify","to":"='tom'","kind":"remind"}]}]})json");
    actor("tom");
    customer("ann", "tom");
    store_.reset();
    const auto child = fork();
    if (child == 0) {
        store_ = open("life.kith", "Europe/Zagreb", "EUR");
        now_ = at("2026-03-02T09:00");
        NewCommitmentItem reminder;
        reminder.ref = named("ann");
        reminder.sort = model::CommitmentSort::reminder;
        reminder.kind = "call_back";
        reminder.assignee = "tom";
        reminder.opened_at = now_;
        reminder.due = at("2026-03-03T09:00");
        if (!done(reminder).empty()) _exit(1);
        raise(SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it did not come so far";
    reopen();
    due("2026-03-03T08:59:59");
    EXPECT_EQ(told(), Lines{});
    due("2026-03-05T10:00");
    const Lines once{"03-03 09:00 remind tom"};
    EXPECT_EQ(told(), once);
    now_ = at("2026-03-01T00:00");
    due("2026-03-01T00:00");
    due("2026-03-03T09:00");
    due("2026-03-05T11:00");
    reopen();
    due("2026-03-06T11:00");
    EXPECT_EQ(told(), once);
    EXPECT_EQ(
        value("2026-03-06T12:00", "ann", "commitments.exists(c, c.sort == 'reminder' && c.late && !c.ended)"),
        "true");
    ASSERT_EQ(
        becomes("2026-03-06T13:00", commitments("ann", "call_back").at(0), model::CommitmentState::kept), "");
    due("2026-03-09T11:00");
    EXPECT_EQ(told(), once);
}

}  // namespace
}  // namespace kith::engine
