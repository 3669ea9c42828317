// Goal: after five days switched off `run_due` does, of the times that were missed, what each rule's policy
// says, once, each at its own instant. Method: tables worked out by hand, of rules by period, instant and
// condition, told beside a file that was never off.
#include <map>
#include <set>

#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

class CatchUpTest : public EngineTest {
protected:
    // Ann buys on day 1 at noon, and all is done up to then.
    void begin(std::string_view definitions) {
        now_ = day(0);
        store_ = open("off.kith");
        Batch batch;
        const auto added =
            batch.add_playbook(R"({"playbook":"p","format":1,"define":[)" + std::string(definitions) + "]}");
        ASSERT_TRUE(added) << added.error().message;
        commit(*store_, batch);
        batch.clear();
        ASSERT_TRUE(batch.add(order("ann", kBought, 100)));
        commit(*store_, batch);
        ASSERT_TRUE(store_->run_due(kBought));
    }

    // The days of the commitments of a kind, with the hour if it is not midnight: "1 3:12".
    std::string days(std::string_view kind) {
        auto snapshot = store_->snapshot();
        std::multiset<base::Micros> at;
        for (const auto &one : commitments_of(**snapshot, find(*store_, "ann"))) {
            if (*(*snapshot)->text(one.kind) == kind) at.insert(one.opened_at);
        }
        std::string text;
        for (const auto one : at) {
            text += (text.empty() ? "" : " ") + std::to_string(one / base::kDay);
            if (const auto hour = one % base::kDay / (base::kDay / 24)) text += ":" + std::to_string(hour);
        }
        return text;
    }

    // What each kind is to have.
    void expect_days(std::map<std::string, std::string> table) {
        for (const auto &[kind, expected] : table) EXPECT_EQ(days(kind), expected) << kind;
    }

    static constexpr base::Micros kBought = base::kDay + base::kDay / 2;
    std::unique_ptr<Store> store_;
};

constexpr base::Micros kNoon = base::kDay / 2;

// Every day: each that was missed, the last of them, or the day it is; and what is missed by more than it may
// be is left. One rule's policy is nothing to the others.
TEST_F(CatchUpTest, Periods) {
    begin(R"json({"rule":"a","every":"day","catch_up":"all","then":[{"do":"task","kind":"all"}]},
        {"rule":"b","every":"day","then":[{"do":"task","kind":"last"}]},
        {"rule":"c","every":"day","catch_up":"none","then":[{"do":"task","kind":"none"}]},
        {"rule":"d","every":"day","catch_up":"all","within":"P2D","then":[{"do":"task","kind":"all_2d"}]},
        {"rule":"e","every":"day","within":"PT6H","then":[{"do":"task","kind":"last_6h"}]},
        {"rule":"f","every":"week","catch_up":"none","then":[{"do":"task","kind":"weekly"}]})json");
    // Noon is more than six hours late. The fifth is a Monday.
    expect_days(
        {{"all", "1"}, {"last", "1"}, {"none", "1"}, {"all_2d", "1"}, {"last_6h", ""}, {"weekly", ""}});
    for (int again = 0; again < 2; ++again) {
        ASSERT_TRUE(store_->run_due(day(6) + kNoon));
        expect_days({{"all", "1 2 3 4 5 6"},
                     {"last", "1 6"},
                     {"none", "1 6"},
                     {"all_2d", "1 5 6"},
                     {"last_6h", ""},
                     {"weekly", "4"}});
    }
    ASSERT_TRUE(store_->run_due(day(7) + kNoon / 4));
    expect_days({{"all", "1 2 3 4 5 6 7"},
                 {"last", "1 6 7"},
                 {"none", "1 6 7"},
                 {"all_2d", "1 5 6 7"},
                 {"last_6h", "7"},
                 {"weekly", "4"}});
    expect_sound(*store_);
}

constexpr std::string_view kOnce = R"json({"metric":"bought_2d","count":"order","window":"P2D"},
    {"rule":"a","at":"addDays(m.last_order_at, 2, zone)","catch_up":"all","then":[{"do":"task","kind":"at_all"}]},
    {"rule":"b","at":"addDays(m.last_order_at, 2, zone)","then":[{"do":"task","kind":"at_last"}]},
    {"rule":"c","at":"addDays(m.last_order_at, 2, zone)","catch_up":"none","then":[{"do":"task","kind":"at_none"}]},
    {"rule":"d","at":"addDays(m.last_order_at, 2, zone)","within":"P2D","then":[{"do":"task","kind":"at_2d"}]},
    {"rule":"e","at":"addDays(m.last_order_at, 2, zone)","within":"P4D","then":[{"do":"task","kind":"at_4d"}]},
    {"rule":"f","when":"m.bought_2d == 0","then":[{"do":"task","kind":"when_last"}]},
    {"rule":"g","when":"m.bought_2d == 0","catch_up":"none","then":[{"do":"task","kind":"when_none"}]},
    {"rule":"h","when":"m.bought_2d == 0","within":"P2D","then":[{"do":"task","kind":"when_2d"}]},
    {"rule":"i","when":"m.bought_2d == 0","within":"P4D","then":[{"do":"task","kind":"when_4d"}]},
    {"rule":"j","on":"order","unless":{"event":"visit","within":"P2D"},"then":[{"do":"task","kind":"unless_last"}]},
    {"rule":"k","on":"order","unless":{"event":"visit","within":"P2D"},"catch_up":"none",
     "then":[{"do":"task","kind":"unless_none"}]},
    {"rule":"l","on":"order","unless":{"event":"visit","within":"P2D"},"within":"P2D",
     "then":[{"do":"task","kind":"unless_2d"}]},
    {"rule":"m","on":"order","unless":{"event":"visit","within":"P2D"},"within":"P4D",
     "then":[{"do":"task","kind":"unless_4d"}]},
    {"rule":"n","every":"day","catch_up":"all","then":[{"do":"task","kind":"daily"}]})json";

// What is due on the third at noon, by an instant, a condition and an absence, is three days late; the rule
// by period stops the run at each day, and is nothing to that.
TEST_F(CatchUpTest, InstantsConditionsAndAbsences) {
    begin(kOnce);
    for (int again = 0; again < 2; ++again) {
        ASSERT_TRUE(store_->run_due(day(6) + kNoon));
        expect_days({{"at_all", "3:12"},
                     {"at_last", "3:12"},
                     {"at_none", ""},
                     {"at_2d", ""},
                     {"at_4d", "3:12"},
                     {"when_last", "3:12"},
                     {"when_none", ""},
                     {"when_2d", ""},
                     {"when_4d", "3:12"},
                     {"unless_last", "3:12"},
                     {"unless_none", ""},
                     {"unless_2d", ""},
                     {"unless_4d", "3:12"},
                     {"daily", "1 2 3 4 5 6"}});
    }
    expect_sound(*store_);
}

// The same, never off: nothing is missed, whatever the policy.
TEST_F(CatchUpTest, NothingIsMissedByWhoIsNeverOff) {
    begin(kOnce);
    for (auto at = kBought; at <= day(6); at += base::kDay / 24) ASSERT_TRUE(store_->run_due(at));
    expect_days({{"at_all", "3:12"},
                 {"at_last", "3:12"},
                 {"at_none", "3:12"},
                 {"at_2d", "3:12"},
                 {"when_last", "3:12"},
                 {"when_none", "3:12"},
                 {"when_2d", "3:12"},
                 {"unless_last", "3:12"},
                 {"unless_none", "3:12"},
                 {"unless_2d", "3:12"},
                 {"daily", "1 2 3 4 5 6"}});
    expect_sound(*store_);
}

}  // namespace
}  // namespace kith::engine
