// Goal: a party's figures are exact whatever the order of arrival, repeats and corrections.
// Method: random orders, returns and visits, late and corrected, in random batches over two parties
// (seed printed), against a recount written for this test; and verify, which recomputes every derived
// row from the records.
#include <map>

#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

struct Event {
    std::string party, type;
    base::Micros at;
    std::int64_t amount;
};

struct Expected {
    std::uint64_t interactions = 0, orders = 0, returns = 0;
    std::int64_t amount = 0, returned = 0;
    std::vector<std::int64_t> gaps;
};

Expected recount(const std::map<model::InteractionKey, Event> &events, const std::string &party) {
    Expected out;
    std::vector<std::int64_t> days;
    for (const auto &[key, event] : events) {
        if (event.party != party) continue;
        ++out.interactions;
        if (event.type == "return") {
            ++out.returns;
            out.returned += event.amount;
        }
        if (event.type != "order") continue;
        ++out.orders;
        out.amount += event.amount;
        days.push_back(event.at / base::kDay);
    }
    std::sort(days.begin(), days.end());
    days.erase(std::unique(days.begin(), days.end()), days.end());
    for (std::size_t i = 1; i < days.size(); ++i) out.gaps.push_back(days[i] - days[i - 1]);
    std::sort(out.gaps.begin(), out.gaps.end());
    return out;
}

TEST_F(EngineTest, FiguresEqualARecountAfterEveryBatch) {
    const std::uint64_t seed = std::random_device{}();
    std::cout << "seed " << seed << "\n";
    RecordProperty("seed", std::to_string(seed));
    std::mt19937_64 random(seed);
    auto store = open("figures.kith");
    std::map<model::InteractionKey, Event> events;  // those that count
    const std::string parties[] = {"ann", "bob"};
    const std::string types[] = {"order", "order", "order", "return", "visit"};
    for (int round = 0; round < 60; ++round) {
        Batch batch;
        std::vector<std::pair<Event, std::optional<model::InteractionKey>>> added;
        const auto count = 1 + random() % 8;
        for (std::size_t i = 0; i < count; ++i) {
            Event event{parties[random() % 2], types[random() % 5],
                        day(10'000) + static_cast<std::int64_t>(random() % 400) * base::kDay / 3,
                        static_cast<std::int64_t>(random() % 10'000)};
            if (event.type == "visit") event.amount = 0;
            auto item = order(event.party, event.at, event.amount);
            item.type = event.type;
            if (event.type == "visit") item.amount.reset();
            std::optional<model::InteractionKey> old;
            if (i == 0 && !events.empty() && random() % 2) {
                old = std::next(events.begin(), static_cast<std::ptrdiff_t>(random() % events.size()))->first;
                item.corrects = old;
            }
            ASSERT_TRUE(batch.add(item));
            added.emplace_back(event, old);
        }
        commit(*store, batch);
        for (std::size_t i = 0; i < added.size(); ++i) {
            if (added[i].second) events.erase(*added[i].second);
            events[*batch.outcomes[i].interaction] = added[i].first;
        }
        for (const auto &party : parties) {
            const auto expected = recount(events, party);
            if (expected.interactions == 0) continue;
            auto snapshot = store->snapshot();
            auto figures = Reads(**snapshot).figures(find(*store, party));
            ASSERT_TRUE(figures);
            EXPECT_EQ(figures->interactions, expected.interactions);
            EXPECT_EQ(figures->orders, expected.orders);
            EXPECT_EQ(figures->returns, expected.returns);
            EXPECT_EQ(figures->amount_total, expected.amount);
            EXPECT_EQ(figures->returns_total, expected.returned);
            std::vector<std::int64_t> gaps;
            for (const auto &gap : figures->gaps) gaps.insert(gaps.end(), gap.count, gap.days);
            EXPECT_EQ(gaps, expected.gaps) << party << " in round " << round;
        }
    }
    expect_sound(*store);
}

// A party of which nothing is left but corrected interactions counts nothing.
TEST_F(EngineTest, ACorrectionMovesAnOrderToAnotherParty) {
    auto store = open("moved.kith");
    Batch batch;
    ASSERT_TRUE(batch.add(order("ann", day(100), 500, "r1")));
    commit(*store, batch);
    const auto wrong = *batch.outcomes[0].interaction;
    batch.clear();
    auto right = order("bob", day(100), 500, "r1-corrected");
    right.corrects = wrong;
    ASSERT_TRUE(batch.add(right));
    commit(*store, batch);
    EXPECT_EQ(batch.outcomes[0].result, ItemResult::corrected);

    auto snapshot = store->snapshot();
    const Reads reads(**snapshot);
    EXPECT_EQ(reads.figures(find(*store, "ann"))->orders, 0u);
    EXPECT_EQ(reads.figures(find(*store, "bob"))->amount_total, 500);
    TimelineQuery query;
    query.party = find(*store, "ann");
    EXPECT_TRUE(reads.timeline(query, {}, 10)->items.empty());
    expect_sound(*store);

    batch.clear();
    right.host_key = "r1-again";
    ASSERT_TRUE(batch.add(right));
    auto twice = store->commit(batch);
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().status, base::Status::conflict);
}

}  // namespace
}  // namespace kith::engine
