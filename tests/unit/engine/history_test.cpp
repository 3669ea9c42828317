// Goal: history imported at once ends as the same history lived day by day (architecture, section 4).
// Method: CDNOW's 69,659 purchases, once in batches of 5,000 and one run_due at the end, once a day at
// a time with run_due every night; facts exported from both (states, logs, commitments, interactions)
// must be equal to the byte. The same with random histories (seed printed) of visits, complaints, parties of
// several keys or of none, equal times and segments, where within a day parties come in another order.
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

struct ShopEvent {
    base::Micros at = 0;
    std::string party, type, key, card;
    bool by_email = false;
    std::uint64_t place = 0;  // of the party within the day
    std::int64_t day() const { return at / base::kDay; }
};

void add(Batch &batch, const ShopEvent &event) {
    InteractionItem item;
    item.ref.by = event.by_email ? Ref::By::identifier : Ref::By::host;
    item.ref.kind = event.by_email ? "email" : "shop";
    item.ref.text = event.party;
    item.flags.create = true;
    item.type = event.type;
    item.at = event.at;
    item.system = "shop";
    item.host_key = event.key;
    if (event.type == "order") item.amount = 100;
    ASSERT_TRUE(batch.add(item));
    IdentifierItem card;
    card.ref = item.ref;
    card.kind = "card";
    card.value = event.card;
    ASSERT_TRUE(event.card.empty() || batch.add(card));
}

TEST_F(HistoryTest, RandomHistoriesAtOnceEqualThoseDayByDay) {
    const auto seed = std::random_device()();
    std::cout << "seed " << seed << "\n";
    std::mt19937 random(seed);
    const auto below = [&](unsigned n) { return static_cast<unsigned>(random()) % n; };
    constexpr const char *kTypes[] = {"order", "order", "order", "visit", "complaint", "message"};
    constexpr const char *kSegments =
        R"json({"playbook":"h","format":1,"define":[{"metric":"recent","count":"order","window":"P60D"},
        {"segment":"busy","when":"m.recent >= 2"},{"segment":"any","when":"m.orders > 0"}]})json";
    for (int round = 0; round < 2; ++round) {
        std::vector<ShopEvent> events;
        std::map<std::pair<std::int64_t, std::string>, std::uint64_t> places;
        for (int i = 0; i < 300; ++i) {
            ShopEvent event;
            event.at = day(10'000 + below(200)) + below(3) * (base::kDay / 4);
            const auto party = below(25);
            event.by_email = party < 5;
            event.party = "p" + std::to_string(party) + (event.by_email ? "@x.example" : "");
            event.type = kTypes[below(6)];
            event.key = "e" + std::to_string(i);
            if (party % 7 == 6) event.card = std::to_string(900'000 + party * 10 + below(3));
            event.place = places.try_emplace({event.day(), event.party}, random()).first->second;
            events.push_back(event);
        }
        std::ranges::stable_sort(events, {}, &ShopEvent::at);
        // As many days at a time as are said, and the due work after each.
        const auto run = [&](const std::string &name, std::int64_t days) {
            auto store = open(name + std::to_string(round) + ".kith", "Europe/Zagreb");
            Batch batch;
            EXPECT_TRUE(batch.add_playbook(kSegments));
            commit(*store, batch);
            EXPECT_TRUE(store->build({}));
            batch.clear();
            for (std::size_t i = 0; i < events.size(); batch.clear()) {
                const auto last = events[i].day() + days - 1;
                for (; i < events.size() && events[i].day() <= last; ++i) add(batch, events[i]);
                commit(*store, batch);
                EXPECT_TRUE(store->run_due(day(last + 1)));
            }
            EXPECT_TRUE(store->run_due(day(10'500)));
            return facts(*store);
        };
        const auto at_once = run("once", 300);
        EXPECT_TRUE(at_once == run("lived", 1)) << "round " << round;
        EXPECT_TRUE(at_once == run("weekly", 7)) << "round " << round;
        // Ids, codes and numbers are others if the customers of a day come in another order.
        std::ranges::stable_sort(events, [](const auto &a, const auto &b) {
            return std::pair(a.day(), a.place) < std::pair(b.day(), b.place);
        });
        EXPECT_TRUE(at_once == run("shuffled", 300)) << "round " << round;
        EXPECT_TRUE(at_once == run("shuffled and lived", 1)) << "round " << round;
        EXPECT_NE(at_once.find(R"("record":"membership")"), at_once.npos);
        EXPECT_NE(at_once.find(R"("party":"p1@x.example")"), at_once.npos);
    }
}

}  // namespace
}  // namespace kith::engine
