// Goal: why says of a rule when it fired and because of what, or which part of its condition does not hold,
// with the values of then, that its key is used, that it is suspended, until when it waits; of a process its
// log with reasons and what each way out waits for; of a milestone how long is left; of an assignment why
// each other was left out. Method: one party, a small playbook, and rows of the tree looked for.
#include <algorithm>

#include "capi/fixture.hpp"

namespace kith_test {
namespace {

constexpr const char *kPlaybook = R"json({"playbook": "p", "format": 1, "define": [
    {"rule": "big", "on": "order", "when": "i.amount >= money('50.00', 'USD') && m.orders >= 2",
     "then": [{"do": "notify", "to": "party"}]},
    {"rule": "once", "on": "order", "where": "i.amount < money('1000.00', 'USD')", "key": "'first'",
     "then": [{"do": "notify", "to": "party"}]},
    {"rule": "odd", "on": "visit", "limits": {"failures": 1},
     "then": [{"do": "notify", "to": "party", "title": "=string(7 % (m.orders - m.orders))"}]},
    {"rule": "quiet", "on": "order", "unless": {"event": "visit", "within": "P10D"},
     "then": [{"do": "task", "kind": "call", "title": "call"}]},
    {"rule": "often", "when": "m.orders >= 3", "then": [{"do": "task", "kind": "thank", "title": "thank",
     "assign": {"among": "actor.kind == 'staff'"}}]},
    {"process": "care", "start": ["order"], "initial": "fresh", "milestones": {
        "seen": {"from": "fresh", "to": "seen", "within": "P9D", "pause": ["held"]}},
     "states": {
        "fresh": {"on": {"visit": [{"guard": "m.orders >= 5", "target": "seen"}], "hold": "held"},
                  "after": [{"delay": "P7D", "target": "stale"}]},
        "held": {"on": {"go": "fresh"}}, "seen": {"final": true}, "stale": {"final": true}}}
    ]})json";

class WhyBehaviour : public Capi {
protected:
    void SetUp() override {
        ASSERT_EQ(kith_define(batch, kPlaybook, KITH_NTS, nullptr, &error), KITH_OK) << error.message;
        ASSERT_EQ(commit(), KITH_OK) << error.message;
    }
    void happen(const char *type, int day, std::int64_t amount = 0) {
        const auto key = type + std::to_string(day);
        auto what = order(key, kNow + day * kDay, amount);
        what.type = str(type);
        if (amount == 0) what.fields = 0;
        ASSERT_EQ(append(host("shop", "ann"), what), KITH_OK) << error.message;
        ASSERT_EQ(commit(), KITH_OK) << error.message;
        ann = outcomes[0].party;
    }
    // "level kind name value detail", a line each.
    std::string why(const char *name, int day) {
        auto subject = make<kith_subject>();
        subject.kind = KITH_SUBJECT_PARTY;
        subject.party = ann;
        auto options = make<kith_value_options>();
        options.fields = KITH_VALUE_FIELD_NOW;
        options.now = kNow + day * kDay;
        kith_table *table = nullptr;
        const auto status = kith_why(fresh(), &subject, name, KITH_NTS, &options, &table, &error);
        if (status != KITH_OK) return error.message;
        std::size_t rows = 0;
        kith_table_size(table, &rows, nullptr, nullptr);
        std::string all;
        for (std::size_t row = 0; row < rows; ++row) {
            for (std::size_t i = 0; i < 5; ++i) {
                auto column = make<kith_column>();
                EXPECT_EQ(kith_table_column(table, i, &column, &error), KITH_OK) << error.message;
                all += i == 0                ? std::to_string(column.ints[row])
                       : column.present[row] ? " " + text_of(column.texts[row])
                                             : " -";
            }
            all += "\n";
        }
        kith_table_free(table);
        return all;
    }
    static std::string day(int days, const char *time = "22:13:20Z") {
        char text[32];
        std::snprintf(text, sizeof text, "2023-11-%02dT%s", 14 + days, time);
        return text;
    }
    kith_id ann{};
};

#define EXPECT_SAYS(tree, line) EXPECT_NE((tree).find(line), std::string::npos) << (tree)

TEST_F(WhyBehaviour, OfARule) {
    happen("order", 0, 60'00);
    happen("order", 1, 20'00);
    happen("order", 2, 80'00);
    auto tree = why("rule.big", 3);
    EXPECT_SAYS(tree, "0 rule rule.big fired on order\n1 run fired " + day(2) + " because of order\n");
    EXPECT_SAYS(tree, "1 event order " + day(2) + " it fired\n");
    EXPECT_SAYS(tree, "1 event order " + day(1) + " \"when\" does not hold\n");
    EXPECT_SAYS(tree, "condition i.amount 20.00 USD");
    // As of then: it was the first.
    const auto first = tree.substr(tree.find("1 event order " + day(0)));
    EXPECT_SAYS(first, "condition m.orders 1 ");
    EXPECT_SAYS(why("rule.often", 3), "1 run fired " + day(2) + " because of order\n");
    EXPECT_EQ(why("rule.none", 3).find("no definition of such subjects"), 0U);
}

TEST_F(WhyBehaviour, OfAKeyAndASuspension) {
    happen("order", 0, 60'00);
    happen("order", 1, 20'00);
    happen("order", 2, 2000'00);
    const auto tree = why("rule.once", 3);
    EXPECT_SAYS(tree, "1 event order " + day(0) + " it fired\n");
    EXPECT_SAYS(tree, "1 event order " + day(1) + " its key is used\n");
    EXPECT_SAYS(tree, "2 key 'first' first it fires once for it, and has\n");
    EXPECT_SAYS(tree, "1 event order " + day(2) + " \"where\" does not hold\n");
    happen("visit", 3);
    happen("visit", 4);
    const auto odd = why("odd", 5);
    EXPECT_SAYS(odd, "0 rule rule.odd failed on visit; suspended after 1 failures in a row");
    EXPECT_SAYS(odd, "1 event visit " + day(3) + " it failed: ");
    EXPECT_SAYS(odd, "1 event visit " + day(4) + " suspended\n");
}

TEST_F(WhyBehaviour, OfWhatDoesNotCome) {
    happen("order", 0, 60'00);
    EXPECT_SAYS(why("quiet", 1),
                "0 rule rule.quiet not fired on order unless visit\n1 waiting visit waiting since " + day(0) +
                    ", until " + day(10) + "\n");
    auto due = make<kith_due_report>();
    ASSERT_EQ(kith_store_run_due(store, kNow + 11 * kDay, &due, &error), KITH_OK) << error.message;
    const auto tree = why("quiet", 12);
    EXPECT_SAYS(tree, "0 rule rule.quiet fired");
    EXPECT_SAYS(tree, "1 run fired " + day(10) + " because time went by");
    EXPECT_SAYS(tree, "1 waiting visit missed since " + day(0));
}

TEST_F(WhyBehaviour, OfAProcess) {
    happen("visit", -1);
    EXPECT_EQ(why("process.care", 1), "0 process process.care - not started: it starts on order\n");
    happen("order", 0, 60'00);
    auto tree = why("process.care", 1);
    EXPECT_SAYS(tree, "0 process process.care fresh since " + day(0) + "; due " + day(7) + "\n");
    EXPECT_SAYS(tree, "1 move fresh " + day(0) + " because of order, version 1\n");
    EXPECT_SAYS(tree, "1 milestone seen running from fresh to seen; due " + day(9) +
                          "; left 11520 min; pauses in held\n");
    EXPECT_SAYS(
        tree,
        "1 waits on visit seen for the event\n2 condition m.orders >= 5 false -\n3 condition m.orders 1 -\n");
    EXPECT_SAYS(tree, "1 waits until " + day(7) + " stale -\n");
    const auto who = host("shop", "ann");
    auto event = make<kith_process_event>();
    event.process = str("care");
    event.event = str("hold");
    event.at = kNow + 2 * kDay;
    event.actor = str("mia");
    event.reason = str("she is away");
    ASSERT_EQ(kith_process_send(batch, &who, 0, &event, nullptr, &error), KITH_OK) << error.message;
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    tree = why("care", 4);
    EXPECT_SAYS(tree,
                "1 move fresh -> held " + day(2) + " by hand: hold, by mia, \"she is away\", version 1\n");
    EXPECT_SAYS(tree, "1 milestone seen paused from fresh to seen; due " + day(9) + "; stands still since " +
                          day(2) + "; left 10080 min");
    EXPECT_SAYS(tree, "1 waits on go fresh for the event\n");
}

TEST_F(WhyBehaviour, OfAnAssignment) {
    for (const auto &[key, kind, active] :
         {std::tuple("mia", KITH_ACTOR_STAFF, 1U), std::tuple("shop", KITH_ACTOR_BRANCH, 1U)}) {
        auto actor = make<kith_actor>();
        actor.key = str(key);
        actor.kind = kind;
        actor.active = active;
        actor.fields = KITH_ACTOR_FIELD_KIND | KITH_ACTOR_FIELD_ACTIVE;
        ASSERT_EQ(kith_actor_put(batch, &actor, 0, nullptr, &error), KITH_OK) << error.message;
    }
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    happen("order", 0, 60'00);
    const auto tree = why("rule.often", 1);
    EXPECT_SAYS(tree, "0 rule rule.often not fired as it comes to hold\n");
    EXPECT_SAYS(tree, "1 condition m.orders >= 3 false -\n2 condition m.orders 1 -\n");
    EXPECT_SAYS(tree, "1 assign thank mia ");
    EXPECT_SAYS(tree, "2 candidate mia taken");
    EXPECT_SAYS(tree, "2 candidate shop left out ");
}

}  // namespace
}  // namespace kith_test
