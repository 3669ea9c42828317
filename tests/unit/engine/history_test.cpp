// Goal: history imported at once ends as the same history lived day by day (architecture, section 4).
// Method: CDNOW's 69,659 purchases, once in batches of 5,000 and one run_due at the end, once a day at
// a time with run_due every night; facts exported from both (states, logs, commitments, interactions)
// must be equal to the byte.
#include <map>

#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

struct Purchase {
    std::string party, key;
    base::Micros at;
    std::int64_t amount;
};

std::vector<Purchase> read_cdnow() {
    std::ifstream in(shared_folder() + "/data/cdnow/cdnow_master.csv");
    std::vector<Purchase> all;
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
        std::istringstream cells(line);
        Purchase purchase;
        std::string date, count, value;
        std::getline(cells, purchase.party, ',');
        std::getline(cells, date, ',');
        std::getline(cells, count, ',');
        std::getline(cells, value, ',');
        purchase.at = *base::parse_time(date, base::Zone::utc());
        purchase.amount = *base::parse_decimal(value, 2);
        purchase.key = std::to_string(all.size());
        all.push_back(purchase);
    }
    std::stable_sort(all.begin(), all.end(), [](const auto &a, const auto &b) { return a.at < b.at; });
    return all;
}

class HistoryTest : public EngineTest {
protected:
    static InteractionItem item(const Purchase &purchase) {
        return order(purchase.party, purchase.at, purchase.amount, purchase.key);
    }
};

TEST_F(HistoryTest, CdnowAtOnceEqualsCdnowDayByDay) {
    const auto purchases = read_cdnow();
    if (purchases.empty()) GTEST_SKIP() << "needs shared data: cdnow/cdnow_master.csv";
    ASSERT_EQ(purchases.size(), 69659u);
    const auto end = purchases.back().at + 400 * base::kDay;

    auto at_once = open("at_once.kith");
    Batch batch;
    for (const auto &purchase : purchases) {
        ASSERT_TRUE(batch.add(item(purchase)));
        if (batch.count() == 5000) {
            commit(*at_once, batch);
            batch.clear();
        }
    }
    commit(*at_once, batch);
    batch.clear();
    ASSERT_TRUE(at_once->run_due(end));

    auto lived = open("lived.kith");
    for (std::size_t i = 0; i < purchases.size();) {
        const auto today = purchases[i].at;
        for (; i < purchases.size() && purchases[i].at == today; ++i)
            ASSERT_TRUE(batch.add(item(purchases[i])));
        commit(*lived, batch);
        batch.clear();
        const auto tomorrow = i < purchases.size() ? purchases[i].at : end;
        for (auto night = today + base::kDay; night <= tomorrow; night += base::kDay) {
            ASSERT_TRUE(lived->run_due(night));
        }
    }
    ASSERT_TRUE(lived->run_due(end));

    EXPECT_TRUE(facts(*at_once) == facts(*lived)) << "the exported facts differ";
    expect_sound(*at_once);
    expect_sound(*lived);

    // Not an empty comparison: every state has been entered, and the sums are the published ones.
    auto snapshot = at_once->snapshot();
    auto states = Reads(**snapshot).states("lifecycle");
    ASSERT_TRUE(states);
    std::uint64_t parties = 0;
    for (const auto &state : *states) parties += state.parties;
    EXPECT_EQ(parties, 23570u);
    EXPECT_GT(states->back().parties, 0u);
    auto info = Reads(**snapshot).info();
    ASSERT_TRUE(info);
    EXPECT_EQ(info->orders, 69659u);
    EXPECT_EQ(info->amount_total, 250031563);
}

}  // namespace
}  // namespace kith::engine
