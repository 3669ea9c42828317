// Goal: what is given for a metric is counted as rows, in any window, of a subject and of all; targets do not
// count. Method: random scores in random order (seed printed), against a recount at random instants; a
// segment over them; verify.
#include <map>

#include "engine/values_at.hpp"
#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

constexpr std::string_view kScores = R"json({"playbook": "scores", "format": 1, "define": [
  {"metric": "satisfaction", "given": "double"},
  {"metric": "wealth", "given": "money", "per": ["party", "product"]},
  {"metric": "asked", "count": "score.satisfaction", "window": "P30D"},
  {"metric": "mean", "avg": "score.satisfaction", "of": "s.value", "window": "P30D"},
  {"metric": "best", "max": "score.satisfaction", "of": "s.value", "where": "s.nature == 'stated'"},
  {"metric": "middle", "median": "score.satisfaction", "of": "s.value"},
  {"metric": "sources", "distinct": "score.satisfaction", "of": "s.source"},
  {"metric": "last_source", "last": "score.satisfaction", "of": "s.source"},
  {"metric": "all_mean", "avg": "score.satisfaction", "of": "s.value", "per": "all", "by": "month"},
  {"metric": "wealth_said", "sum": "score.wealth", "of": "s.value", "where": "s.key == 'tea'"},
  {"segment": "asked_often", "when": "m.times > 3"},
  {"metric": "times", "count": "score.satisfaction"}]})json";

class ScoreRowsTest : public EngineTest {};

TEST_F(ScoreRowsTest, EqualARecountAtAnyInstant) {
    const std::uint64_t seed = std::random_device{}();
    std::cout << "seed " << seed << "\n";
    std::mt19937_64 random(seed);
    struct Given {
        std::string party;
        base::Micros at;
        double value;
        model::Nature nature;
        std::string source;
    };
    constexpr model::Nature kNatures[] = {model::Nature::stated, model::Nature::given, model::Nature::target};
    std::vector<Given> given;
    std::map<std::string, std::int64_t> wealth;
    auto store = open("scores.kith");
    ASSERT_TRUE(store);
    for (int round = 0; round < 40; ++round) {
        Batch batch;
        if (round == 10) {
            const auto added = batch.add_playbook(kScores);
            ASSERT_TRUE(added) << added.error().message;
        }
        const std::string party = random() % 2 ? "ann" : "bob";
        auto bought = order(party, day(19'000), 1);
        ASSERT_TRUE(batch.add(bought));
        ScoreItem item;
        item.kind = model::SubjectKind::party;
        item.ref = bought.ref;
        item.metric = "satisfaction";
        item.at = day(19'000) + round * 7 + static_cast<base::Micros>(random() % 80) * base::kDay;
        item.number = static_cast<double>(random() % 9);
        item.nature = kNatures[random() % 3];
        const std::string source = random() % 2 ? "mail" : "call";
        item.source = source;
        ASSERT_TRUE(batch.add(item));
        given.push_back({party, item.at, *item.number, item.nature, source});
        ScoreItem worth = item;
        worth.metric = "wealth";
        const std::string product = random() % 2 ? "tea" : "cup";
        worth.key = product;
        worth.number.reset();
        worth.money = static_cast<std::int64_t>(random() % 100);
        worth.currency = *base::Currency::parse("USD");
        worth.nature = model::Nature::estimated;
        ASSERT_TRUE(batch.add(worth));
        if (product == "tea") wealth[party] += *worth.money;
        commit(*store, batch);
        if (round < 10) continue;
        ASSERT_TRUE(store->build({}));
        const auto now = day(19'000 + static_cast<std::int64_t>(random() % 100));
        auto snapshot = store->snapshot();
        auto values = ValuesAt::of(**snapshot, now);
        ASSERT_TRUE(values);
        const auto value = [&](const char *metric, const ValueSubject &subject) {
            return (*values)->values().of(subject)->metric(*(*values)->catalog().metrics.find(metric));
        };
        const auto rows = [&](const std::string &who, base::Micros after, base::Micros until) {
            std::vector<Given> found;
            for (const auto &one : given) {
                if ((who.empty() || one.party == who) && one.at > after && one.at <= until &&
                    one.nature != model::Nature::target)
                    found.push_back(one);
            }
            std::ranges::sort(found, {}, &Given::at);
            return found;
        };
        const auto mean = [](const std::vector<Given> &of) {
            double sum = 0;
            for (const auto &one : of) sum += one.value;
            return sum / static_cast<double>(of.size());
        };
        std::size_t often = 0;
        for (const auto *who : {"ann", "bob"}) {
            if (rows(who, INT64_MIN, INT64_MAX).size() > 3) ++often;
            if (std::ranges::none_of(given, [&](auto &one) { return one.party == who; })) continue;
            const ValueSubject subject{SubjectKind::party, find(*store, who), 0};
            const auto recent = rows(who, now - 30 * base::kDay, now), all = rows(who, INT64_MIN, now);
            ASSERT_EQ(value("asked", subject).i, std::ssize(recent));
            const auto found = value("mean", subject);
            ASSERT_EQ(found.failed(), recent.empty());
            if (!recent.empty()) {
                ASSERT_DOUBLE_EQ(found.d, mean(recent));
            }
            double best = -1;
            std::set<std::string> sources;
            std::vector<double> sorted;
            for (const auto &one : all) {
                if (one.nature == model::Nature::stated) best = std::max(best, one.value);
                sources.insert(one.source);
                sorted.push_back(one.value);
            }
            std::ranges::sort(sorted);
            const auto most = value("best", subject);
            ASSERT_EQ(most.failed() ? -1 : most.d, best);
            ASSERT_EQ(value("sources", subject).i, std::ssize(sources));
            if (!all.empty()) {
                ASSERT_EQ(value("middle", subject).d,
                          (sorted[(sorted.size() - 1) / 2] + sorted[sorted.size() / 2]) / 2);
                ASSERT_EQ(value("last_source", subject).view(), all.back().source);
            }
            auto later = ValuesAt::of(**snapshot, day(19'200));
            auto *at_last = (*later)->values().of(subject);
            ASSERT_EQ(at_last->metric(*(*later)->catalog().metrics.find("wealth_said")).i, wealth[who]);
        }
        auto *base = (*values)->values().of({SubjectKind::all, {}, 0});
        const auto place = *(*values)->catalog().metrics.find("all_mean");
        const auto periods = base->periods(place);
        ASSERT_TRUE(periods);
        for (const auto begin : *periods) {
            const auto end = period_next(rules::PeriodUnit::month, begin, *base::Zone::find("UTC")) - 1;
            const auto of_month = rows("", begin - 1, std::min(end, now));
            const auto found = base->period_value(place, begin);
            ASSERT_EQ(found.failed(), of_month.empty());
            if (!of_month.empty()) {
                ASSERT_DOUBLE_EQ(found.d, mean(of_month));
            }
        }
        ASSERT_FALSE((*values)->values().take_error());
        // Instants of scores count as any: who has been asked often is kept as of the last one that happened.
        if (round == 39) {
            ASSERT_TRUE(store->run_due(day(19'200)));
            auto after = store->snapshot();
            const auto kept = Reads(**after).segment("asked_often");
            ASSERT_TRUE(kept && *kept);
            EXPECT_EQ((*kept)->count, often);
        }
    }
    expect_sound(*store);
}

TEST_F(ScoreRowsTest, WhatTheyCannotBeIsToldWithAWayOut) {
    auto store = open("refused.kith");
    const auto why = [&](const std::string &definition) {
        Batch batch;
        const auto added = batch.add_playbook(
            R"({"playbook": "p", "format": 1, "define": [{"metric": "g", "given": "text"}, {"metric": "c", "count": "order"}, )" +
            definition + "]}");
        if (!added) return added.error().message;
        const auto done = store->commit(batch);
        return done ? std::string() : done.error().message;
    };
    const auto refused = [&](const std::string &definition, const char *what) {
        const auto told = why(definition);
        EXPECT_NE(told.find(what), std::string::npos) << definition << ": " << told;
    };
    refused(R"({"metric": "x", "count": "score.c"})", "is no metric that is \"given\"");
    refused(R"({"metric": "x", "count": "score.g", "per": "actor"})", "or per all");
    refused(R"({"metric": "x", "sum": "score.g", "of": "s.value"})", "does not add up");
    refused(R"({"metric": "x", "max": "score.g", "of": "s.value"})", "text");
    refused(R"({"metric": "x", "max": "order", "of": "i.type"})", "text");
    refused(R"({"metric": "x", "count": "score.g", "decay": "P30D"})", "leave");
    EXPECT_EQ(why(R"({"metric": "x", "last": "score.g", "of": "s.value"})"), "");
}

}  // namespace
}  // namespace kith::engine
