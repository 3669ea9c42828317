// Goal: a metric of a subject and one further key is a map in expressions, of which an entry is worked out
// for itself; formulas of the same key read it by that key; what has no rows is no entry, and a map lists no
// more than 256. Method: random lines and given values (seed printed) at random instants, against maps made
// anew from what was written; a segment over an entry; maps of the base; maps that are too large; verify.
#include <map>
#include <set>

#include "engine/value_table.hpp"
#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

constexpr std::string_view kMaps = R"json({"playbook": "maps", "format": 1, "define": [
  {"metric": "preference", "given": "double", "per": ["party", "product"]},
  {"metric": "interest", "sum": "order.line", "of": "line.quantity", "per": ["party", "line.product"], "window": "P30D"},
  {"metric": "affinity", "value": "has(m.preference) ? m.preference : m.interest * 2.0 + double(m.lines)",
   "per": ["party", "line.product"]},
  {"metric": "lines", "count": "order.line", "per": ["party", "line.product"]},
  {"metric": "of_product", "count": "order.line", "per": "line.product"},
  {"metric": "doubled", "value": "m.of_product * 2", "per": "line.product"},
  {"segment": "shod", "when": "has(m.lines[\"shoes\"]) && m.lines[\"shoes\"] >= 2"}]})json";

constexpr const char *kThings[] = {"shoes", "hat", "coat", "b-1"};

class MapsTest : public EngineTest {
protected:
    static ResultTable ask(Store &store, SubjectKind kind, std::vector<std::string_view> names,
                           base::Micros now) {
        auto snapshot = store.snapshot();
        ValueQuery query;
        query.kind = kind;
        query.names = names;
        query.now = now;
        auto table = value_table(**snapshot, query);
        EXPECT_TRUE(table) << table.error().message;
        return table ? std::move(*table) : ResultTable();
    }
};

TEST_F(MapsTest, EqualARecountAtAnyInstant) {
    const std::uint64_t seed = std::random_device{}();
    std::cout << "seed " << seed << "\n";
    std::mt19937_64 random(seed);
    struct Bought {
        std::string party, product;
        base::Micros at;
        std::int64_t quantity;
    };
    struct Told {
        std::string party, product;
        base::Micros at;
        double value;
    };
    for (const int defined_at : {0, 15}) {
        std::vector<Bought> bought;
        std::vector<Told> said;
        auto store = open("maps" + std::to_string(defined_at) + ".kith");
        ASSERT_TRUE(store);
        for (int round = 0; round < 30; ++round) {
            Batch batch;
            if (round == defined_at) {
                const auto added = batch.add_playbook(kMaps);
                ASSERT_TRUE(added) << added.error().message;
                commit(*store, batch);
                ASSERT_TRUE(store->build({}));
                batch.clear();
            }
            const std::string party = random() % 2 ? "ann" : "bob";
            const std::string product = kThings[random() % 4];
            const auto at = day(19'000 + static_cast<std::int64_t>(random() % 60)) +
                            static_cast<base::Micros>(random() % base::kDay);
            auto item = order(party, at, 100);
            const auto quantity = static_cast<std::int64_t>(1 + random() % 5);
            const LineItem lines[] = {{product, quantity * 1'000'000, 1'000'000, 100}};
            item.lines = lines;
            ASSERT_TRUE(batch.add(item));
            bought.push_back({party, product, at, quantity});
            if (round > 15 && random() % 3 == 0) {
                ScoreItem score;
                score.kind = model::SubjectKind::party;
                score.ref = item.ref;
                score.metric = "preference";
                score.key = product;
                score.at = at;
                score.number = static_cast<double>(random() % 10);
                score.nature = model::Nature::given;
                ASSERT_TRUE(batch.add(score));
                std::erase_if(said, [&](auto &one) {
                    return one.party == party && one.product == product && one.at == at;
                });
                said.push_back({party, product, at, *score.number});
            }
            commit(*store, batch);
            if (round < defined_at) continue;
            const auto now = day(19'000 + static_cast<std::int64_t>(random() % 100));
            const auto table = ask(*store, SubjectKind::party,
                                   {"has(m.affinity[\"shoes\"])", "m.affinity[\"shoes\"]",
                                    "m.affinity.size()", "m.affinity.exists(k, v, v > 3.0)",
                                    "m.affinity[?\"coat\"].orValue(-1.0)", "in_segment(\"shod\")"},
                                   now);
            for (std::size_t row = 0; row < table.columns[0].texts.size(); ++row) {
                const auto &who = table.columns[0].texts[row];
                std::map<std::string, double> wanted;
                std::int64_t shoes = 0;
                for (const auto *one : kThings) {
                    std::optional<Told> last;
                    for (const auto &each : said) {
                        if (each.party == who && each.product == one && each.at <= now &&
                            (!last || each.at > last->at))
                            last = each;
                    }
                    std::int64_t times = 0;
                    double interest = 0;
                    for (const auto &each : bought) {
                        if (each.party != who || each.product != one || each.at > now) continue;
                        ++times;
                        if (each.at > now - 30 * base::kDay) interest += static_cast<double>(each.quantity);
                    }
                    if (one == std::string("shoes")) shoes = times;
                    if (last) {
                        wanted[one] = last->value;
                    } else if (interest > 0) {
                        wanted[one] = interest * 2 + static_cast<double>(times);
                    }
                }
                const auto &columns = table.columns;
                const bool has = wanted.contains("shoes");
                ASSERT_EQ(columns[2].ints[row], has);
                ASSERT_EQ(columns[3].present[row], has);
                if (has) {
                    ASSERT_EQ(columns[3].reals[row], wanted["shoes"]);
                }
                ASSERT_EQ(columns[4].ints[row], static_cast<std::int64_t>(wanted.size()));
                ASSERT_EQ(columns[5].ints[row],
                          std::ranges::any_of(wanted, [](auto &one) { return one.second > 3; }));
                ASSERT_EQ(columns[6].reals[row], wanted.contains("coat") ? wanted["coat"] : -1);
                ASSERT_EQ(columns[7].ints[row], shoes >= 2);
            }
            const auto base =
                ask(*store, SubjectKind::all, {"m.doubled[\"b-1\"]", "m.of_product.size()"}, now);
            std::map<std::string, std::int64_t> counts;
            for (const auto &each : bought) counts[each.product] += each.at <= now;
            std::erase_if(counts, [](auto &one) { return one.second == 0; });
            ASSERT_EQ(base.columns[0].present[0], counts.contains("b-1"));
            if (counts.contains("b-1")) {
                ASSERT_EQ(base.columns[0].ints[0], counts["b-1"] * 2);
            }
            ASSERT_EQ(base.columns[1].ints[0], static_cast<std::int64_t>(counts.size()));
        }
        // Who is in the segment that reads an entry is kept, as of the last event.
        auto snapshot = store->snapshot();
        std::map<std::string, int> shoes;
        for (const auto &each : bought) shoes[each.party] += each.product == "shoes";
        const auto kept = Reads(**snapshot).segment("shod");
        ASSERT_TRUE(kept && *kept);
        EXPECT_EQ((*kept)->count, static_cast<std::uint64_t>(std::ranges::count_if(
                                      shoes, [](auto &one) { return one.second >= 2; })));
        expect_sound(*store);
    }
}

TEST_F(MapsTest, ListNoMoreThan256EntriesButReadAny) {
    auto store = open("large.kith");
    Batch batch;
    ASSERT_TRUE(batch.add_playbook(kMaps));
    commit(*store, batch);
    const auto buy = [&](int first, int last) {
        batch.clear();
        for (auto n = first; n < last; ++n) {
            auto item = order("ann", day(19'000), 100);
            const auto product = "p" + std::to_string(n);
            const LineItem lines[] = {{product, 1'000'000, 1'000'000, 100}};
            item.lines = lines;
            ASSERT_TRUE(batch.add(item));
        }
        commit(*store, batch);
    };
    buy(0, 256);
    const std::vector<std::string_view> names{"m.lines.size()", "m.lines[\"p7\"]"};
    const auto full = ask(*store, SubjectKind::party, names, day(19'001));
    EXPECT_EQ(full.columns[2].ints[0], 256);
    EXPECT_EQ(full.columns[3].ints[0], 1);
    buy(256, 257);
    const auto over = ask(*store, SubjectKind::party, names, day(19'001));
    EXPECT_FALSE(over.columns[2].present[0]);
    EXPECT_EQ(over.columns[3].ints[0], 1);
}

TEST_F(MapsTest, ThatMoveWithTheClockNeedARecheck) {
    auto store = open("clock.kith");
    const auto why = [&](const char *segment) {
        Batch batch;
        const auto added = batch.add_playbook(
            std::string(R"({"playbook": "p", "format": 1, "define": [{"metric": "interest", "count":
            "order.line", "per": ["party", "line.product"], "window": "P30D"}, )") +
            segment + "]}");
        EXPECT_TRUE(added) << added.error().message;
        const auto done = store->commit(batch);
        return done ? std::string() : done.error().message;
    };
    EXPECT_NE(why(R"({"segment": "s", "when": "m.interest['hat'] > 1"})").find("recheck"), std::string::npos);
    EXPECT_EQ(why(R"({"segment": "s", "when": "m.interest['hat'] > 1", "recheck": "P1D"})"), "");
}

}  // namespace
}  // namespace kith::engine
