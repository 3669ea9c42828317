// Goal: an indicator is normalised by the least and greatest, or the mean and deviation, of the whole base as
// it was at the last run: between runs nobody's score moves because of others; segments follow at the run.
// Method: random purchases (seed printed), a run each month, against the numbers recounted for this test; a
// golden example worked out by hand; refusals.
#include <cmath>
#include <map>

#include "engine/values_at.hpp"
#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

class OfBaseTest : public EngineTest {};

TEST_F(OfBaseTest, ScoresStandFromRunToRun) {
    const std::uint64_t seed = std::random_device{}();
    std::cout << "seed " << seed << "\n";
    std::mt19937_64 random(seed);
    auto store = open("base.kith");
    Batch batch;
    const auto added = batch.add_playbook(R"json({"playbook":"base","format":1,"define":[
      {"metric":"sales","sum":"order","of":"i.amount"},
      {"metric":"orders","count":"order"},
      {"scorecard":"place","scale":[1,5],"method":"weighted_mean","every":"month","indicators":[
         {"name":"size","weight":1,"value":"m.sales","normalise":{"min_max":"base"}}]},
      {"scorecard":"apart","scale":[-9,9],"method":"sum","every":"month","indicators":[
         {"name":"often","value":"m.orders","normalise":{"z":"base"}}]},
      {"segment":"above","when":"score.apart > 0.5"}]})json");
    ASSERT_TRUE(added) << added.error().message;
    commit(*store, batch);
    std::map<std::string, std::pair<double, double>> now_of;  // sales, orders
    double least = 0, most = 0, mean = 0, deviation = 0;
    auto now = *base::parse_time("2026-01-05", *base::Zone::find("UTC"));
    const auto check = [&](bool taken) {
        auto snapshot = store->snapshot();
        auto at = ValuesAt::of(**snapshot, now);
        const auto &catalog = (*at)->catalog();
        std::uint64_t above = 0;
        for (const auto &[party, own] : now_of) {
            auto *values = (*at)->values().of({SubjectKind::party, find(*store, party), 0});
            const auto place = values->score(*catalog.scorecards.find("place")),
                       apart = values->score(*catalog.scorecards.find("apart"));
            ASSERT_EQ(place.failed(), !taken || least == most);
            if (!place.failed()) {
                const auto share = std::clamp((own.first / 100 - least) / (most - least), 0.0, 1.0);
                ASSERT_NEAR(place.d, 1 + 4 * share, 1e-6);
            }
            ASSERT_EQ(apart.failed(), !taken || deviation == 0);
            if (!apart.failed()) {
                ASSERT_NEAR(apart.d, (own.second - mean) / deviation, 1e-6);
                above += apart.d > 0.5;
            }
        }
        const auto segment = Reads(**snapshot).segment("above");
        ASSERT_EQ((*segment)->count, above);
    };
    for (int month = 0; month < 6; ++month) {
        for (int i = 0; i < 8; ++i) {
            const auto party = "p" + std::to_string(random() % 6);
            const auto amount = static_cast<std::int64_t>(1 + random() % 9) * 100;
            batch.clear();
            ASSERT_TRUE(batch.add(order(party, now + i, amount)));
            commit(*store, batch);
            now_of[party].first += static_cast<double>(amount);
            ++now_of[party].second;
            now += 10;
            check(month > 0);
            if (HasFatalFailure()) return;
        }
        now = period_next(rules::PeriodUnit::month, now, *base::Zone::find("UTC")) +
              static_cast<base::Micros>(random() % 5) * base::kDay;
        ASSERT_TRUE(store->run_due(now));
        least = 1e18;
        most = mean = deviation = 0;
        const auto count = static_cast<double>(now_of.size());
        for (const auto &[party, own] : now_of) {
            least = std::min(least, own.first / 100);
            most = std::max(most, own.first / 100);
            mean += own.second / count;
        }
        for (const auto &[party, own] : now_of)
            deviation += (own.second - mean) * (own.second - mean) / count;
        deviation = std::sqrt(deviation);
        if (deviation < 1e-9) deviation = 0;
        check(true);
        if (HasFatalFailure()) return;
    }
    expect_sound(*store);
}

// Golden: 2, 4, 4, 4, 5, 5, 7, 9 have mean 5 and standard deviation 2.
TEST_F(OfBaseTest, MeanAndDeviationAreThoseOfTheTextbook) {
    const std::vector<double> values{9, 2, 4, 5, 4, 7, 4, 5};
    EXPECT_EQ(rules::base_of(rules::Normalise::Kind::z, values), std::pair(5.0, 2.0));
    EXPECT_EQ(rules::base_of(rules::Normalise::Kind::min_max, values), std::pair(2.0, 9.0));
}

TEST_F(OfBaseTest, WhatIsNotOfTheBaseIsRefused) {
    auto store = open("refused.kith");
    const auto why = [&](const std::string &rest) {
        Batch batch;
        const auto added = batch.add_playbook(
            R"({"playbook":"b","format":1,"define":[{"metric":"orders","count":"order","per":"actor"},
                {"scorecard":"s","scale":[1,5],"method":"weighted_mean",)" +
            rest + "]}");
        if (!added) return added.error().message;
        const auto done = store->commit(batch);
        return done ? std::string() : done.error().message;
    };
    EXPECT_NE(why(R"("indicators":[{"name":"a","weight":1,"value":"1","normalise":{"efficacy":"base"}}]})")
                  .find("list of two"),
              std::string::npos);
    EXPECT_NE(
        why(R"("per":"actor","indicators":[{"name":"a","weight":1,"value":"m.orders","normalise":{"z":"base"}}]})")
            .find("not yet available"),
        std::string::npos);
    Batch batch;
    ScoreItem item;
    item.kind = model::SubjectKind::all;
    item.metric = "score.place.size";
    item.key = "1";
    item.at = day(20'000);
    item.number = 100;
    item.nature = model::Nature::computed;
    ASSERT_TRUE(batch.add(item));
    EXPECT_FALSE(store->commit(batch)) << "they are taken, not recorded";
}

}  // namespace
}  // namespace kith::engine
