// Goal: what is counted by the cells of rows is exact, as cells depend on the party's earlier rows: late rows
// and corrections change those of later ones. Method: random orders in random batches (seed printed), the
// definitions before them or half-way, against a recount written for this test; then verify.
#include <map>
#include <set>

#include "engine/values_at.hpp"
#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

constexpr std::string_view kGrowth = R"json({"playbook": "cells", "format": 1, "define": [
  {"metric": "first_order_at", "first": "order", "of": "i.at"},
  {"metric": "first_of_product", "first": "order.line", "of": "i.at", "per": ["party", "line.product"]},
  {"matrix": "growth", "per": "order.line", "x": "m.first_order_at < i.at ? 'existing' : 'new'",
   "y": "m.first_of_product < i.at ? 'existing' : 'new'", "cells": [
     {"x": "existing", "y": "existing", "is": "loyalty"}, {"x": "existing", "y": "new", "is": "expansion"},
     {"x": "new", "y": "existing", "is": "acquisition"}, {"x": "new", "y": "new", "is": "diversification"}]},
  {"metric": "all_expansion", "sum": "order.line", "of": "line.amount", "where": "cell.growth == 'expansion'", "per": "all"},
  {"metric": "all_loyalty", "max": "order.line", "of": "line.amount", "where": "cell.growth == 'loyalty'", "per": "all", "window": "P90D"},
  {"metric": "loyalty", "median": "order.line", "of": "line.amount", "where": "cell.growth == 'loyalty'"},
  {"metric": "expansion", "first": "order.line", "of": "line.amount", "where": "cell.growth == 'expansion'", "window": "P90D"},
  {"metric": "diversified", "distinct": "order.line", "of": "line.product", "where": "cell.growth == 'diversification'"}
]})json";

struct CellLine {
    std::string product;
    std::int64_t amount = 0;
};
struct CellOrder {
    std::string party;
    base::Micros at = 0;
    std::vector<CellLine> lines;
};

class CellsOfRowsTest : public EngineTest {
protected:
    void write(Store &store, std::mt19937_64 &random) {
        Batch batch;
        std::vector<std::pair<CellOrder, std::optional<model::InteractionKey>>> planned;
        for (auto n = 1 + random() % 8; n > 0; --n) {
            CellOrder one;
            one.party = random() % 2 ? "ann" : "bob";
            one.at = (19'000 + static_cast<std::int64_t>(random() % 60) * 5) * base::kDay +
                     static_cast<std::int64_t>(random() % 3) * base::kDay / 24;
            for (auto lines = random() % 4; lines > 0; --lines) {
                one.lines.push_back({std::string(1, static_cast<char>('a' + random() % 6)),
                                     static_cast<std::int64_t>(1 + random() % 50) * 2});
            }
            std::optional<model::InteractionKey> corrects;
            if (!orders_.empty() && random() % 4 == 0) {
                const auto old =
                    std::next(orders_.begin(), static_cast<std::ptrdiff_t>(random() % orders_.size()))->first;
                const auto same = [&](const auto &each) { return each.second == old; };
                if (std::ranges::none_of(planned, same)) corrects = old;
            }
            planned.emplace_back(one, corrects);
        }
        std::vector<std::vector<LineItem>> lines(planned.size());
        for (std::size_t i = 0; i < planned.size(); ++i) {
            auto item = order(planned[i].first.party, planned[i].first.at, 100);
            for (const auto &line : planned[i].first.lines)
                lines[i].push_back({line.product, 1'000'000, 1'000'000, line.amount});
            item.lines = lines[i];
            item.corrects = planned[i].second;
            const auto added = batch.add(item);
            ASSERT_TRUE(added) << added.error().message;
        }
        commit(store, batch);
        for (std::size_t i = 0; i < planned.size(); ++i) {
            if (planned[i].second) orders_.erase(*planned[i].second);
            orders_.emplace(*batch.outcomes[i].interaction, planned[i].first);
        }
    }

    // (time, amount, product) of lines in a cell, of one party or of all.
    using Lines = std::multiset<std::tuple<base::Micros, std::int64_t, std::string>>;
    Lines in_cell(std::string_view cell, std::string_view party, base::Micros after, base::Micros until) {
        Lines out;
        for (const auto &[key, one] : orders_) {
            if ((!party.empty() && one.party != party) || one.at <= after || one.at > until) continue;
            for (const auto &line : one.lines) {
                bool bought = false, the_same = false;
                for (const auto &[other, earlier] : orders_) {
                    if (earlier.party != one.party || earlier.at >= one.at) continue;
                    bought = true;
                    for (const auto &each : earlier.lines) the_same |= each.product == line.product;
                }
                const auto *is = bought ? (the_same ? "loyalty" : "expansion")
                                        : (the_same ? "acquisition" : "diversification");
                if (cell == is) out.emplace(one.at, line.amount, line.product);
            }
        }
        return out;
    }

    void compare(Store &store, base::Micros now) {
        auto snapshot = store.snapshot();
        ASSERT_TRUE(snapshot);
        auto at = ValuesAt::of(**snapshot, now);
        ASSERT_TRUE(at) << at.error().message;
        const auto value = [&](const char *metric, const ValueSubject &subject) -> std::int64_t {
            auto *values = (*at)->values().of(subject);
            const auto found = values->metric(*(*at)->catalog().metrics.find(metric));
            return found.failed() ? -1 : found.i;
        };
        const ValueSubject all{SubjectKind::all, {}, 0};
        std::int64_t sum = 0, most = -1;
        for (const auto &line : in_cell("expansion", "", INT64_MIN, now)) sum += std::get<1>(line);
        const auto begin = now - 90 * base::kDay;
        for (const auto &line : in_cell("loyalty", "", begin, now)) most = std::max(most, std::get<1>(line));
        EXPECT_EQ(value("all_expansion", all), sum);
        EXPECT_EQ(value("all_loyalty", all), most);
        for (const auto *party : {"ann", "bob"}) {
            if (std::ranges::none_of(orders_, [&](auto &one) { return one.second.party == party; })) continue;
            const ValueSubject subject{SubjectKind::party, find(store, party), 0};
            std::vector<std::int64_t> amounts;
            for (const auto &line : in_cell("loyalty", party, INT64_MIN, now))
                amounts.push_back(std::get<1>(line));
            std::ranges::sort(amounts);
            EXPECT_EQ(value("loyalty", subject),
                      amounts.empty()
                          ? -1
                          : (amounts[(amounts.size() - 1) / 2] + amounts[amounts.size() / 2]) / 2 +
                                ((amounts[(amounts.size() - 1) / 2] + amounts[amounts.size() / 2]) % 4 == 3));
            const auto first = in_cell("expansion", party, begin, now);
            EXPECT_EQ(value("expansion", subject), first.empty() ? -1 : std::get<1>(*first.begin()));
            std::set<std::string> products;
            for (const auto &line : in_cell("diversification", party, INT64_MIN, now))
                products.insert(std::get<2>(line));
            EXPECT_EQ(value("diversified", subject), static_cast<std::int64_t>(products.size()));
        }
    }

    std::map<model::InteractionKey, CellOrder> orders_;  // that count
};

TEST_F(CellsOfRowsTest, WhatIsCountedByThemEqualsARecount) {
    const std::uint64_t seed = std::random_device{}();
    std::cout << "seed " << seed << "\n";
    std::mt19937_64 random(seed);
    for (const int defined_at : {0, 8}) {
        orders_.clear();
        auto store = open("cells" + std::to_string(defined_at) + ".kith", "UTC");
        ASSERT_TRUE(store);
        for (int round = 0; round < 25; ++round) {
            if (round == defined_at) {
                Batch batch;
                const auto added = batch.add_playbook(kGrowth);
                ASSERT_TRUE(added) << added.error().message;
                commit(*store, batch);
                ASSERT_TRUE(store->build({}));
            }
            write(*store, random);
            if (round < defined_at) continue;
            for (int point = 0; point < 4; ++point) {
                const auto one =
                    std::next(orders_.begin(), static_cast<std::ptrdiff_t>(random() % orders_.size()));
                compare(*store, one->second.at + static_cast<std::int64_t>(random() % 3) - 1);
            }
            compare(*store, 19'700 * base::kDay);
            if (HasFailure()) FAIL() << "round " << round << ", defined before round " << defined_at;
        }
        expect_sound(*store);
    }
}

}  // namespace
}  // namespace kith::engine
