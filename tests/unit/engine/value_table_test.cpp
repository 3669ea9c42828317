// Goal: a table with a limit has the first rows of the whole table, however many there are; a series of given
// values has for each period what was given last for it, by name or by time. Method: more parties than a
// table holds, with and without a limit; random scores of named and unnamed periods (seed printed) against
// the rule applied to each period anew.
#include <map>

#include "engine/given.hpp"
#include "engine/value_table.hpp"
#include "engine/values_at.hpp"
#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

class ValueTableTest : public EngineTest {};

TEST_F(ValueTableTest, ALimitGivesTheFirstRows) {
    auto store = open("limit.kith");
    Batch batch;
    ASSERT_TRUE(batch.add_playbook(R"json({"playbook": "p", "format": 1, "define": [
        {"metric": "spent", "sum": "order", "of": "i.amount"}]})json"));
    std::vector<std::string> names;
    for (int n = 0; n < 4500; ++n) names.push_back("p" + std::to_string(n));
    for (int n = 0; n < 4500; ++n)
        ASSERT_TRUE(batch.add(order(names[n], day(20'000), static_cast<std::int64_t>(random_() % 1000))));
    commit(*store, batch);
    auto snapshot = store->snapshot();
    for (const char *order_by : {"", "spent"}) {
        ValueQuery query;
        const std::vector<std::string_view> asked{"spent"};
        query.names = asked;
        query.order_by = order_by;
        query.descending = true;
        query.now = day(20'001);
        const auto all = value_table(**snapshot, query);
        ASSERT_TRUE(all) << all.error().message;
        ASSERT_EQ(all->columns[0].texts.size(), 4500U);
        query.limit = 7;
        const auto few = value_table(**snapshot, query);
        ASSERT_TRUE(few);
        ASSERT_EQ(few->columns[0].texts.size(), 7U);
        EXPECT_EQ(few->facts[0].second, 4500);
        for (std::size_t i = 0; i < 7; ++i) {
            EXPECT_EQ(few->columns[0].texts[i], all->columns[0].texts[i]);
            EXPECT_EQ(few->columns[2].ints[i], all->columns[2].ints[i]);
        }
    }
}

TEST_F(ValueTableTest, ASeriesHasWhatWasGivenLastForEachPeriod) {
    const std::uint64_t seed = std::random_device{}();
    std::cout << "seed " << seed << "\n";
    std::mt19937_64 random(seed);
    const auto zone = *base::Zone::find("Europe/Zagreb");
    auto store = open("given.kith", "Europe/Zagreb");
    Batch batch;
    ASSERT_TRUE(batch.add_playbook(R"json({"playbook": "p", "format": 1, "define": [
        {"metric": "power", "given": "double", "by": "month"}]})json"));
    ASSERT_TRUE(batch.add(order("ann", day(19'000), 100)));
    std::vector<std::string> periods;
    periods.reserve(60);
    struct PowerSaid {
        base::Micros at;
        std::string period;
        double value;
    };
    std::vector<PowerSaid> said;
    for (int n = 0; n < 60; ++n) {
        ScoreItem item;
        item.kind = model::SubjectKind::party;
        item.ref = order("ann", 0, 0).ref;
        item.metric = "power";
        item.at = day(19'400) + static_cast<base::Micros>(random() % 500) * base::kDay + n;
        item.number = n;
        item.nature = random() % 6 ? model::Nature::given : model::Nature::target;
        const auto of = day(19'400) + static_cast<base::Micros>(random() % 500) * base::kDay;
        periods.push_back(random() % 2 ? period_name(rules::PeriodUnit::month, of, zone) : "");
        item.period = periods.back();
        ASSERT_TRUE(batch.add(item));
        if (item.nature == model::Nature::given) said.push_back({item.at, periods.back(), *item.number});
    }
    commit(*store, batch);
    auto snapshot = store->snapshot();
    for (const auto now : {day(19'500) + 1, day(19'700), day(20'100)}) {
        auto at = ValuesAt::of(**snapshot, now);
        auto *ann = (*at)->values().of({SubjectKind::party, find(*store, "ann"), 0});
        const auto place = *(*at)->catalog().metrics.find("power");
        const auto begins = ann->periods(place);
        ASSERT_TRUE(begins && !begins->empty());
        for (const auto begin : *begins) {
            const auto name = period_name(rules::PeriodUnit::month, begin, zone);
            const auto next = period_next(rules::PeriodUnit::month, begin, zone);
            const PowerSaid *last = nullptr;
            for (const auto &one : said) {
                const bool of = one.period.empty() ? one.at >= begin && one.at < next : one.period == name;
                if (of && one.at <= now && (!last || one.at > last->at)) last = &one;
            }
            const auto value = ann->period_value(place, begin);
            ASSERT_EQ(value.failed(), last == nullptr) << name;
            if (last) {
                ASSERT_EQ(value.d, last->value) << name;
            }
        }
    }
}

}  // namespace
}  // namespace kith::engine
