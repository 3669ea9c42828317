// Goal: the table of rules counts what fired and failed, and says who is suspended; the runs that are kept
// tell how each ended; a suspended rule runs again once it is resumed, and the feed tells so. Method: a rule
// that asks for a letter, and one whose title divides by zero, suspended after two failures.
#include "capi/fixture.hpp"

namespace kith_test {
namespace {

class Rules : public Capi {
protected:
    void define(const char *playbook) {
        ASSERT_EQ(kith_define(batch, playbook, KITH_NTS, nullptr, &error), KITH_OK) << error.message;
        ASSERT_EQ(commit(), KITH_OK) << error.message;
    }
    void buy(int days) {
        const auto key = "R" + std::to_string(days);
        ASSERT_EQ(append(host("shop", "ann"), order(key, kNow - days * kDay, 1000)), KITH_OK)
            << error.message;
        ASSERT_EQ(commit(), KITH_OK) << error.message;
        ann = outcomes[0].party;
    }
    // The cells of a column.
    std::string cells(kith_table *table, std::size_t index) {
        std::size_t rows = 0;
        kith_table_size(table, &rows, nullptr, nullptr);
        auto column = make<kith_column>();
        EXPECT_EQ(kith_table_column(table, index, &column, &error), KITH_OK) << error.message;
        std::string out;
        for (std::size_t row = 0; row < rows; ++row) {
            out += (row ? " " : "") +
                   (column.ints ? std::to_string(column.ints[row]) : text_of(column.texts[row]));
        }
        return out;
    }
    // "fired failed in_a_row suspended" of the only rule.
    std::string counts() {
        kith_table *table = nullptr;
        EXPECT_EQ(kith_rules(fresh(), kNow, &table, &error), KITH_OK) << error.message;
        auto out = cells(table, 4) + " " + cells(table, 5) + " " + cells(table, 6) + " " + cells(table, 7);
        kith_table_free(table);
        return out;
    }
    std::string runs(const kith_id *party) {
        kith_table *table = nullptr;
        EXPECT_EQ(kith_rule_runs(fresh(), str("r"), party, &table, &error), KITH_OK) << error.message;
        auto out = cells(table, 3);
        kith_table_free(table);
        return out;
    }
    kith_status resume(std::string_view rule) {
        EXPECT_EQ(kith_rule_resume(batch, str(rule), nullptr, &error), KITH_OK) << error.message;
        return commit();
    }
    kith_id ann{};
};

TEST_F(Rules, CountWhatFired) {
    define(R"({"playbook": "p", "format": 1, "define": [{"rule": "r", "on": "order",
        "then": [{"do": "notify", "to": "party"}]}]})");
    EXPECT_EQ(counts(), "0 0 0 0");
    EXPECT_EQ(runs(nullptr), "");
    buy(2);
    buy(1);
    EXPECT_EQ(counts(), "2 0 0 0");
    EXPECT_EQ(runs(nullptr), "fired fired");
    EXPECT_EQ(runs(&ann), "fired fired");
    kith_id other{};
    other.bytes[3] = 1;
    EXPECT_EQ(runs(&other), "");
    EXPECT_EQ(resume("r"), KITH_OK) << "unchanged";
    EXPECT_EQ(resume("none"), KITH_E_MISSING);
}

TEST_F(Rules, AreResumedAfterTheyWereSuspended) {
    define(
        R"json({"playbook": "p", "format": 1, "define": [{"rule": "r", "on": "order", "limits": {"failures": 2},
        "then": [{"do": "notify", "to": "party", "title": "=string(7 % (m.orders - m.orders))"}]}]})json");
    for (const int days : {5, 4, 3}) buy(days);
    EXPECT_EQ(counts(), "0 2 2 1");
    EXPECT_EQ(runs(&ann), "failed failed");
    ASSERT_EQ(resume("r"), KITH_OK) << error.message;
    EXPECT_EQ(info.last_seq, info.first_seq) << "one change";
    EXPECT_EQ(counts(), "0 2 0 0");
    buy(2);
    EXPECT_EQ(counts(), "0 3 1 0");
    auto report = make<kith_verify_report>();
    EXPECT_EQ(kith_store_verify(fresh(), nullptr, 0, &report, nullptr, &error), KITH_OK) << error.message;
    EXPECT_EQ(report.problems, 0U);
}

// A rule that waits fires when what it waits for has not come.
TEST_F(Rules, CountWhatDidNotCome) {
    define(R"({"playbook": "p", "format": 1, "define": [{"rule": "r", "on": "order",
        "unless": {"event": "visit", "within": "P1D"}, "then": [{"do": "notify", "to": "party"}]}]})");
    buy(5);
    EXPECT_EQ(counts(), "0 0 0 0");
    auto due = make<kith_due_report>();
    ASSERT_EQ(kith_store_run_due(store, kNow, &due, &error), KITH_OK) << error.message;
    EXPECT_EQ(counts(), "1 0 0 0");
    EXPECT_EQ(runs(&ann), "fired");
}

// The last 32 of each party are kept, and those of one commit more.
TEST_F(Rules, KeepTheLastRuns) {
    define(R"({"playbook": "p", "format": 1, "define": [{"rule": "r", "on": "order",
        "then": [{"do": "notify", "to": "party"}]}]})");
    for (int days = 80; days > 0; --days) {
        const auto key = "R" + std::to_string(days);
        ASSERT_EQ(append(host("shop", "ann"), order(key, kNow - days * kDay, 1000)), KITH_OK);
        if (days > 5 && days != 20) continue;
        ASSERT_EQ(commit(), KITH_OK) << error.message;
    }
    EXPECT_EQ(counts(), "80 0 0 0");
    const auto kept = runs(nullptr);
    EXPECT_EQ(std::count(kept.begin(), kept.end(), ' ') + 1, 32);
}

}  // namespace
}  // namespace kith_test
