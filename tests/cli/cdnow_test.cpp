// Goal: a real file of purchases without order keys and with equal rows comes in whole, once, whatever
// the order of its rows, and the published figures come out.
// Method: the CDNOW master data set through the command; expected numbers from the literature and from
// the table beside the data.
#include <algorithm>
#include <random>

#include "cli/shop.hpp"

namespace kith::test {
namespace {

class CdnowTest : public Shop {
protected:
    void SetUp() override {
        csv_ = shared("data/cdnow/cdnow_master.csv");
        if (csv_.empty()) GTEST_SKIP() << "data/cdnow is not there";
        ASSERT_EQ(init().status, 0);
    }

    static Json import_report(const std::string &file, const std::string &csv) {
        const Ended ended = import_to(
            file, csv, {"--kind", "order", "--map", "party=customer_id,at=date,amount=value", "--json"});
        EXPECT_EQ(ended.status, 0) << ended;
        const Json report = parse(ended.out);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        EXPECT_LT(report["rss_anon_peak_bytes"], 64'000'000) << "batches of 5,000 must not need more";
#endif
        return report;
    }

    void expect_totals() const {
        const Json now = info();
        EXPECT_EQ(now["orders"], 69'659);
        EXPECT_EQ(now["interactions"], 69'659);
        EXPECT_EQ(now["parties"], 23'570);
        EXPECT_EQ(now["amount_total"], "2500315.63");
        EXPECT_EQ(now["returns_total"], "0.00");
        EXPECT_EQ(now["first_at"], "1997-01-01T00:00:00Z");
        EXPECT_EQ(now["last_at"], "1998-06-30T00:00:00Z");
    }

    void expect_cohorts() const {
        const Rows expected = csv_rows(read_text(shared("data/cdnow/expected_monthly_cohort_counts.csv")));
        const Rows got = csv_rows(text({"cohort", file_, "--by", "month", "--csv"}));
        ASSERT_EQ(got.size(), expected.size());
        for (std::size_t row = 1; row < got.size(); ++row) {
            EXPECT_EQ(got[row][0].substr(0, 7), expected[row][0]);
            ASSERT_EQ(got[row].size(), expected[row].size() + 1);
            EXPECT_EQ(got[row][1], expected[row][1]) << "the cohort's size";
            for (std::size_t month = 1; month < expected[row].size(); ++month) {
                // The table has 0 for months the data does not reach.
                const auto &want = expected[row][month];
                EXPECT_EQ(got[row][month + 1], want == "0" ? "" : want) << got[0][month + 1];
            }
        }
    }

    void expect_concentration() const {
        const Json abc = json({"abc", file_, "--rule", "inside"});
        EXPECT_EQ(abc["facts"]["total"], "2500315.63");
        EXPECT_EQ(abc["facts"]["a"], 7'694);
        EXPECT_EQ(abc["facts"]["b"], 8'044);
        EXPECT_EQ(abc["facts"]["c"], 7'832);
        EXPECT_NEAR(abc["facts"]["gini"].get<double>(), 0.634571, 5e-7);
        EXPECT_NEAR(abc["facts"]["top20"].get<double>(), 0.677774, 5e-7);
        EXPECT_EQ(abc["parties"].size(), 23'570U);
        EXPECT_EQ(std::count_if(abc["parties"].begin(), abc["parties"].end(),
                                [](const Json &party) { return party["value"] == "0.00"; }),
                  68);
        const Json crossing = json({"abc", file_});
        EXPECT_EQ(crossing["facts"]["a"], 7'695) << "by default the one who crosses is included";
    }

    std::string csv_;
};

TEST_F(CdnowTest, ComesInOnceAndGivesThePublishedFigures) {
    const Json first = import_report(file_, csv_);
    EXPECT_EQ(first["created"], 69'659);
    EXPECT_EQ(first["parties_created"], 23'570);
    EXPECT_EQ(first["amount_total"], "2500315.63");
    expect_totals();
    const std::string before = text({"export", file_});

    const Json again = import_report(file_, csv_);
    EXPECT_EQ(again["created"], 0);
    EXPECT_EQ(again["existing"], 69'659);
    EXPECT_EQ(again["parties_created"], 0);
    expect_totals();
    EXPECT_TRUE(text({"export", file_}) == before) << "the second import changed something";

    expect_cohorts();
    expect_concentration();
    EXPECT_EQ(run({"verify", file_}).status, 0);
}

TEST_F(CdnowTest, AFileThatGrewOrWasShuffledGivesTheSameBase) {
    const std::string whole = read_text(csv_);
    const auto end_of_first_half = whole.find('\n', whole.size() / 2) + 1;
    const Json half = import_report(file_, write("half.csv", whole.substr(0, end_of_first_half)));
    const Json grown = import_report(file_, csv_);
    EXPECT_GT(half["created"], 30'000);
    EXPECT_EQ(grown["existing"], half["created"]);
    EXPECT_EQ(half["created"].get<int>() + grown["created"].get<int>(), 69'659);
    expect_totals();

    const auto seed = std::random_device{}();
    std::cout << "seed " << seed << "\n";
    std::mt19937 random(seed);
    std::vector<std::string> lines;
    std::istringstream in(whole);
    for (std::string line; std::getline(in, line);) lines.push_back(line + "\n");
    std::shuffle(lines.begin() + 1, lines.end(), random);
    std::string shuffled;
    for (const auto &line : lines) shuffled += line;
    const std::string other = path("other.kith");
    ASSERT_EQ(init(other).status, 0);
    EXPECT_EQ(import_report(other, write("shuffled.csv", shuffled))["created"], 69'659);
    EXPECT_TRUE(facts(other) == facts()) << "the order of rows or the number of runs shows in the facts";
}

}  // namespace
}  // namespace kith::test
