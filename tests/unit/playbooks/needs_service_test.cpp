// Goal: what customers need of service is kept to by the playbooks that come with kith. Method: each need is
// a story told from its playbook as it is, to a table worked out by hand; then it is attacked: told twice,
// late, out of order, at the edge of the time, with another version of the definition in between, with nobody
// there.
#include "unit/playbooks/life.hpp"

namespace kith::engine {
namespace {

class NeedsOfService : public LifeTest {};

// A mail of Friday evening. Open hours: 9 to 12 and 13 to 18. Warned after 6 hours of business, a task after
// 8, told upwards after 16.
TEST_F(NeedsOfService, R15_WhatIsWrittenInIsAnswered) {
    begin({"response-clock"});
    actor("eva");
    actor("tom", "eva");
    customer("ann", "tom");
    ASSERT_EQ(happens("2026-03-06T19:00", "ann", "contact.mailed_in", {{"thread", "a1"}}, {.key = "m1"}), "");
    ASSERT_EQ(happens("2026-03-06T19:00", "ann", "contact.mailed_in", {{"thread", "a1"}}, {.key = "m1"}), "");
    due("2026-03-09T17:59:59");
    EXPECT_EQ(work("ann"), Lines{});
    EXPECT_EQ(told(), (Lines{"03-09 16:00 unanswered tom"}));
    due("2026-03-09T18:00");
    const Lines once{"03-09 18:00 write_answer open tom due 03-10 11:00"};
    EXPECT_EQ(work("ann"), once);
    due("2026-03-09T18:00");
    due("2026-03-08T10:00");  // the clock set back
    reopen();
    due("2026-03-10T17:00");
    EXPECT_EQ(work("ann"), once);
    due("2026-03-11T09:00");
    EXPECT_EQ(told(), (Lines{"03-09 16:00 unanswered tom", "03-10 18:00 escalate eva: Still not answered"}));
    ASSERT_EQ(happens("2026-03-11T10:00", "ann", "contact.mailed_out", {{"thread", "a1"}}), "");
    EXPECT_EQ(work("ann"), (Lines{"03-09 18:00 write_answer kept tom due 03-10 11:00 ended 03-11 10:00"}));
    EXPECT_EQ(value("2026-03-12T00:00", "", "m.answers_on_time", SubjectKind::all), "0.0");
}

// Only an answer in the thread stops it; at the very due time it is in time; one that is written down late
// closes what is open and unmakes nothing; what needs no answer has no clock; those that run keep their
// version.
TEST_F(NeedsOfService, R15_OnlyTheAnswerStopsTheClock) {
    begin({"response-clock"});
    actor("tom");
    for (const auto *who : {"ann", "bob", "cem", "dan"}) {
        customer(who, "tom");
        ASSERT_EQ(happens("2026-03-06T10:00", who, "contact.mailed_in", {{"thread", who}}), "");
    }
    ASSERT_EQ(
        happens("2026-03-06T10:00", "eve", "contact.mailed_in", {{"thread", "e"}, {"needs_answer", "false"}}),
        "");
    upgrade("response-clock", {{"business PT8H", "business PT4H"}, {"business PT6H", "business PT3H"}});
    ASSERT_EQ(happens("2026-03-06T10:00", "fay", "contact.mailed_in", {{"thread", "f"}}), "");
    EXPECT_EQ(processes("ann", "answer").at(0).version + 1, processes("fay", "answer").at(0).version);
    ASSERT_EQ(happens("2026-03-06T11:00", "ann", "contact.mailed_out", {{"thread", "other"}}), "");
    due("2026-03-06T15:00");  // 10 to 12 and 13 to 15
    EXPECT_EQ(work("fay"), (Lines{"03-06 15:00 write_answer open due 03-06 17:00"}));
    EXPECT_EQ(work("ann"), Lines{});
    ASSERT_EQ(happens("2026-03-09T09:59:59", "bob", "contact.mailed_out", {{"thread", "bob"}}), "");
    due("2026-03-09T10:00");
    const Lines late{"03-09 10:00 write_answer open tom due 03-09 12:00"};
    EXPECT_EQ(work("ann"), late);
    EXPECT_EQ(work("bob"), Lines{});
    EXPECT_EQ(work("eve"), Lines{});
    // Answered on Friday, written down on Monday.
    ASSERT_EQ(happens("2026-03-06T17:00", "cem", "contact.mailed_out", {{"thread", "cem"}}), "");
    EXPECT_EQ(state("cem", "answer"), "answered");
    EXPECT_EQ(commitments("cem", "write_answer").at(0).state, model::CommitmentState::kept);
    due("2026-03-20T10:00");
    EXPECT_EQ(commitments("cem", "write_answer").size(), 1U);
    EXPECT_EQ(commitments("dan", "write_answer").size(), 1U);
}

// A seminar on Monday after the clocks change, to be confirmed three days before: by Friday at ten.
TEST_F(NeedsOfService, R17_ARegistrationIsConfirmedBeforeTheEvent) {
    begin({"registration"});
    actor("tom");
    const Says fair{.campaign = "seminar"};
    for (const auto *who : {"ann", "bob", "cem"}) {
        customer(who, "tom");
        ASSERT_EQ(
            happens("2026-03-02T09:00", who, "registration.made", {{"event_at", "2026-03-30T10:00"}}, fair),
            "");
    }
    ASSERT_EQ(
        happens("2026-03-02T09:00", "ann", "registration.made", {{"event_at", "2026-03-30T10:00"}}, fair),
        "");
    EXPECT_EQ(processes("ann", "registration").size(), 1U) << "registered twice";
    ASSERT_EQ(happens("2026-03-27T09:59:59", "bob", "registration.confirmed", {}, fair), "");
    ASSERT_EQ(happens("2026-03-26T10:00", "cem", "registration.confirmed", {}, {.campaign = "another"}), "");
    due("2026-03-27T09:59:59");
    EXPECT_EQ(work("ann"), Lines{});
    due("2026-03-27T10:00");
    reopen();
    due("2026-03-27T10:01");
    const Lines task{"03-27 10:00 confirm open tom due 03-27 12:00"};
    EXPECT_EQ(work("ann"), task);
    EXPECT_EQ(work("bob"), Lines{});
    EXPECT_EQ(work("cem"), task) << "what was confirmed is another event";
    EXPECT_EQ(told(), (Lines{"03-27 10:00 not_confirmed tom", "03-27 10:00 not_confirmed tom"}));
    // After the time: at once, and once.
    customer("dan", "tom");
    ASSERT_EQ(
        happens("2026-03-28T20:00", "dan", "registration.made", {{"event_at", "2026-03-30T10:00"}}, fair),
        "");
    EXPECT_EQ(work("dan"), (Lines{"03-28 20:00 confirm open tom due 03-30 11:00"}));
    due("2026-03-31T10:00");
    EXPECT_EQ(commitments("dan", "confirm").size(), 1U);
    EXPECT_EQ(state("dan", "registration"), "no_show");
    ASSERT_EQ(happens("2026-03-30T10:05", "bob", "registration.attended", {}, fair), "");
    EXPECT_EQ(state("bob", "registration"), "no_show")
        << "written down after it was over: somebody has to look";
}

// The event moves to another day, and with it the time to confirm; a later registration goes by a new number
// of days.
TEST_F(NeedsOfService, R17_TheTimeToConfirmMoves) {
    begin({"registration"});
    const Says fair{.campaign = "seminar"};
    for (const auto *who : {"ann", "bob"})
        ASSERT_EQ(
            happens("2026-03-02T09:00", who, "registration.made", {{"event_at", "2026-03-30T10:00"}}, fair),
            "");
    const Sets later{{"event_at", "2026-04-13T10:00"}};
    for (int twice = 0; twice < 2; ++twice)
        ASSERT_EQ(happens("2026-03-10T09:00", "bob", "registration.moved", later,
                          {.key = "m1", .campaign = "seminar"}),
                  "");
    ASSERT_EQ(happens("2026-03-10T09:00", "ann", "registration.moved", later, {.campaign = "another"}), "");
    Batch batch;
    ASSERT_TRUE(batch.add_setting("confirm_days", "5"));
    commit(*store_, batch);
    ASSERT_EQ(
        happens("2026-03-11T09:00", "cem", "registration.made", {{"event_at", "2026-03-30T10:00"}}, fair),
        "");
    due("2026-03-25T10:00");
    EXPECT_EQ(work("cem"), (Lines{"03-25 10:00 confirm open due 03-25 12:00"}));
    due("2026-03-27T10:00");
    EXPECT_EQ(work("ann"), (Lines{"03-27 10:00 confirm open due 03-27 12:00"}));
    due("2026-04-07T10:00");
    EXPECT_EQ(work("bob"), Lines{});
    due("2026-04-12T10:00");
    EXPECT_EQ(commitments("bob", "confirm").size(), 1U);
    due("2026-04-20T10:00");
    EXPECT_EQ(commitments("ann", "confirm").size(), 1U);
    EXPECT_EQ(log("bob", "registration").back(), "04-14 10:00 no_show");
}

// Easter Monday is a holiday, and the clocks change on the 29th of March. Open: 9 to 12 and 13 to 18.
constexpr std::string_view kOffice =
    R"json({"playbook":"office","format":1,"define":[{"calendar":"office",
    "weekly":{"mon-fri":["09:00-12:00","13:00-18:00"]},"holidays":["2026-04-06"]}]})json";

TEST_F(NeedsOfService, R18_MilestonesAreInBusinessTime) {
    begin({"service-request"});
    install(kOffice);
    struct Row {
        const char *raised, *severity, *acknowledge, *visit, *fix;
    };
    const Row rows[] = {
        // Two hours on Friday, two on Monday; a working day; ten.
        {"2026-03-27T16:00", "3", "03-30 11:00", "03-30 16:00", "04-13 16:00"},
        // From outside of hours: Tuesday morning, as Monday is a holiday.
        {"2026-04-04T12:00", "1", "04-07 14:00", "04-10 09:00", "04-21 09:00"},
        // Over lunch; the holiday is no day.
        {"2026-04-03T11:00", "1", "04-03 16:00", "04-09 11:00", "04-20 11:00"},
        // Before a night on which the clock goes back.
        {"2026-10-23T17:30", "3", "10-26 13:30", "10-26 17:30", "11-06 17:30"},
    };
    int n = 0;
    for (const auto &[raised, severity, acknowledge, visit, fix] : rows) {
        const auto who = "c" + std::to_string(++n);
        ASSERT_EQ(happens(raised, who, "case.raised", {{"severity", severity}}), "");
        const Lines expected{std::string(acknowledge), std::string(visit), std::string(fix)};
        Lines found;
        for (const auto &one : commitments(who, "service_request")) found.push_back(local(*one.due));
        EXPECT_EQ(found, expected) << raised;
    }
}

// Severe, raised on Wednesday at ten: a visit by Thursday at ten. The customer is away from Wednesday noon
// until Tuesday: of the day two hours were gone.
TEST_F(NeedsOfService, R18_WhatTheCustomerTakesDoesNotCount) {
    begin({"service-request"});
    install(kOffice);
    actor("eva");
    actor("tom", "eva");
    customer("ann", "tom");
    ASSERT_EQ(happens("2026-04-01T10:00", "ann", "case.raised", {{"severity", "3"}}, {.key = "r1"}), "");
    ASSERT_EQ(sends("2026-04-01T11:00", "ann", "service_request", "acknowledged"), "");
    ASSERT_EQ(sends("2026-04-01T12:00", "ann", "service_request", "waiting_customer"), "");
    ASSERT_EQ(happens("2026-04-01T10:00", "ann", "case.raised", {{"severity", "3"}}, {.key = "r1"}), "");
    due("2026-04-07T08:00");
    EXPECT_EQ(work("ann", "call_customer"), Lines{}) << "it stands still";
    ASSERT_EQ(sends("2026-04-07T09:00", "ann", "service_request", "resumed"), "");
    due("2026-04-07T18:00");
    const auto visit = commitments("ann", "service_request").at(1);
    EXPECT_EQ(text(visit.name), "visit");
    // Of the business day from Wednesday 10:00 six hours were left.
    EXPECT_EQ(local(*visit.due), "04-07 16:00");
    EXPECT_EQ(visit.state, model::CommitmentState::broken);
    EXPECT_EQ(work("ann", "call_customer"), (Lines{"04-07 16:00 call_customer open tom due 04-07 18:00"}));
    ASSERT_EQ(sends("2026-04-08T10:00", "ann", "service_request", "visited"), "");
    EXPECT_NE(sends("2026-04-08T11:00", "ann", "service_request", "fixed"), "") << "without its cause";
    ASSERT_EQ(sends("2026-04-08T11:00", "ann", "service_request", "fixed",
                    {{"cause", "wear"}, {"first_visit", "true"}}),
              "");
    due("2026-04-16T10:00");
    EXPECT_EQ(log("ann", "service_request"),
              (Lines{"04-01 10:00 raised", "04-01 11:00 acknowledged", "04-01 12:00 waiting_customer",
                     "04-07 09:00 acknowledged", "04-08 10:00 visited", "04-08 11:00 fixed",
                     "04-15 11:00 closed"}));
    EXPECT_EQ(told(), Lines{});
    EXPECT_EQ(value("2026-04-17T00:00", "", "m.requests_on_time", SubjectKind::all), "1.0");
}

// A word and nothing else is a complaint: of somebody without a name, whom a card finds later.
TEST_F(NeedsOfService, R31_AComplaintNeedsOnlyItsText) {
    begin({"complaint"});
    now_ = at("2026-03-06T11:00");
    InteractionItem said;
    said.flags.create = true;
    said.type = "feedback.complained";
    said.at = now_;
    said.system = "till";
    said.host_key = "slip 7";
    said.personal.text = "The bread was stale";
    ASSERT_EQ(done(said), "");
    const auto who = known_["ann"] = outcome_.party;
    ASSERT_EQ(done(said), "");
    EXPECT_EQ(outcome_.party, who) << "sent again it is the same";
    EXPECT_EQ(state("ann", "complaint"), "raised");
    PartyItem ann;
    ann.ref = named("ann");
    ann.fields = model::party_field::name;
    ann.party.name = "Ann";
    ASSERT_EQ(done(ann), "");
    IdentifierItem card;
    card.ref = ann.ref;
    card.kind = "loyalty_card";
    card.value = "7001";
    ASSERT_EQ(done(card), "");
    Ref by_card;
    by_card.by = Ref::By::identifier;
    by_card.kind = card.kind;
    by_card.text = card.value;
    {
        const auto snapshot = store_->snapshot();
        EXPECT_EQ(*Reads(**snapshot).find(by_card), who);
    }
    ASSERT_EQ(sends("2026-03-06T14:00", "ann", "complaint", "acknowledged"), "");
    EXPECT_EQ(value("2026-03-07T00:00", "ann", "interactions.exists(i, i.text == 'The bread was stale')"),
              "true");
    EXPECT_EQ(log("ann", "complaint"), (Lines{"03-06 11:00 raised", "03-06 14:00 acknowledged"}));
}

// What was said at a till that many people share has nobody to go on with, until it is put right: then its
// clock runs from when it was said.
TEST_F(NeedsOfService, R31_AComplaintOfTheTillIsLinkedLater) {
    begin({"complaint"});
    customer("ann", "");
    now_ = at("2026-03-06T11:00");
    InteractionItem said;
    said.flags.create_anonymous = true;
    said.type = "feedback.complained";
    said.at = now_;
    said.personal.text = "The bread was stale";
    ASSERT_EQ(done(said), "");
    known_["till"] = outcome_.party;
    EXPECT_EQ(state("till", "complaint"), "none");
    due("2026-03-07T09:00");
    said.corrects = *outcome_.interaction;
    said.ref = named("ann");
    ASSERT_EQ(done(said), "");
    EXPECT_EQ(state("ann", "complaint"), "raised");
    EXPECT_EQ(value("2026-03-07T10:00", "till", "interactions.size()"), "0");
    due("2026-03-07T10:00");
    EXPECT_EQ(work("ann", "answer_complaint"), (Lines{"03-06 16:00 answer_complaint open due 03-06 18:00"}));
}

// Of those that ended, or ran out, within twelve months: how many within their limit.
TEST_F(NeedsOfService, R32_ComplaintsAreHandledInTime) {
    begin({"complaint"});
    install(kOffice);
    actor("eva");
    actor("tom", "eva");
    struct Row {
        const char *who, *severity, *resolved;  // raised on Monday the second of March at ten
        bool in_time;
    };
    const Row rows[] = {{"a", "3", "2026-03-03T09:59:59", true},
                        {"b", "3", "2026-03-03T10:00", false},  // what is due comes first
                        {"c", "1", "2026-03-05T09:59:59", true},
                        {"d", "1", "2026-03-05T17:00", false},
                        {"e", "", "2026-03-04T17:00", true}};
    for (const auto &row : rows) {
        customer(row.who, "tom");
        Sets values;
        if (*row.severity) values.push_back({"severity", row.severity});
        ASSERT_EQ(happens("2026-03-02T10:00", row.who, "feedback.complained", values), "");
        ASSERT_EQ(sends("2026-03-02T11:00", row.who, "complaint", "acknowledged"), "");
        ASSERT_EQ(sends("2026-03-02T11:30", row.who, "complaint", "method_proposed"), "");
    }
    int in_time = 0, all = 0;
    for (const auto &row : rows) {
        ASSERT_EQ(sends(row.resolved, row.who, "complaint", "resolved", {{"solution", "A new one"}}), "");
        in_time += row.in_time;
        ++all;
        EXPECT_EQ(value("2026-03-10T00:00", row.who, "m.complaint_in_time"), row.in_time ? "1.0" : "0.0")
            << row.who;
    }
    EXPECT_EQ(value("2026-03-10T00:00", "", "m.complaint_on_time_rate", SubjectKind::all),
              std::to_string(static_cast<double>(in_time) / all).substr(0, 3));
    // Nobody answers: the clock of the first word is told of too, once.
    customer("f", "tom");
    ASSERT_EQ(happens("2026-03-06T19:00", "f", "feedback.complained", {{"severity", "2"}}), "");
    due("2026-03-09T13:59");
    EXPECT_EQ(work("f"), Lines{});
    due("2026-03-09T14:00");
    due("2026-03-09T15:00");
    EXPECT_EQ(work("f"), (Lines{"03-09 14:00 answer_complaint open tom due 03-09 16:00"}));
    // Reopened after it was resolved in time it stays counted once.
    ASSERT_EQ(sends("2026-03-09T15:00", "a", "complaint", "reopened"), "");
    ASSERT_EQ(sends("2026-03-20T15:00", "a", "complaint", "resolved", {{"solution", "Another"}}), "");
    EXPECT_EQ(value("2026-03-21T00:00", "a", "m.complaint_in_time"), "1.0");
    due("2026-03-21T00:00");
    // What comes of a deadline is of the time when it ran out.
    EXPECT_EQ(value("2026-03-12T08:59:59", "f", "has(m.complaint_in_time)"), "false");
    EXPECT_EQ(value("2026-03-12T09:00", "f", "m.complaint_in_time"), "0.0");
    EXPECT_EQ(value("2026-03-21T00:00", "", "m.complaint_on_time_rate", SubjectKind::all), "0.5")
        << "f ran out: 3 of 6";
    EXPECT_EQ(value("2027-03-21T00:00", "", "has(m.complaint_on_time_rate)", SubjectKind::all), "false");
}

}  // namespace
}  // namespace kith::engine
