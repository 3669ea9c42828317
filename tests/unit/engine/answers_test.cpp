// Goal: answers to forms are checked, scored and counted exactly: as rows of metrics for parties, actors, the
// base and tuples, with the classes of bands of rows, and as indicators that are asked, whatever the order of
// arrival and whatever is corrected. Method: random filled forms in random batches (seed printed) against a
// recount written for this test, at instants drawn among and around them; then verify. The SERVQUAL gap and
// each refusal by hand.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "engine/values_at.hpp"
#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

constexpr std::string_view kRated[] = {"ann", "bob", "cyd"};
constexpr std::string_view kExperts[] = {"mia", "leo", "kim"};
constexpr std::string_view kQuestions[] = {"p1", "p2", "p3", "p4"};
constexpr int kDays = 60;

constexpr std::string_view kAnswersPlaybook = R"json({"playbook":"answers","format":1,"define":[
  {"form":"survey","scale":[1,9],"aspects":["expected","perceived"],"about":"party","by":"actor","rounds":true,
   "score":"perceived - expected","least":0.75,
   "items":[{"item":"p1","dimension":"d1"},{"item":"p2","dimension":"d1"},{"item":"p3","dimension":"d2"},
            {"item":"p4"}]},
  {"bands":"place","per":"answer.survey","of":"a.perceived","classes":[{"below":"=a.expected","is":"below"},
   {"up_to":"=a.expected + 2.0","is":"inside"},{"is":"above"}]},
  {"metric":"gap","avg":"answer.survey","of":"a.score"},
  {"metric":"gap_30d","avg":"answer.survey","of":"a.score","window":"P30D"},
  {"metric":"perceived","sum":"answer.survey","of":"a.perceived","where":"a.dimension == 'd1'","window":"P30D"},
  {"metric":"best","max":"answer.survey","of":"a.perceived"},
  {"metric":"middle","median":"answer.survey","of":"a.expected"},
  {"metric":"inside","count":"answer.survey","where":"band.place == 'inside'"},
  {"metric":"by_actor","avg":"answer.survey","of":"a.score","per":"actor"},
  {"metric":"of_all","avg":"answer.survey","of":"a.score","per":"all","window":"P30D"},
  {"metric":"by_dimension","sum":"answer.survey","of":"a.perceived","per":["party","a.dimension"]},
  {"metric":"by_place","count":"answer.survey","per":"band.place"},
  {"scorecard":"judged","scale":[-8,8],"method":"sum","missing":"refuse","indicators":[
   {"name":"q","asked":"survey.p1","combine":"median","round":"last","good_for":"P20D"}]},
  {"scorecard":"every_round","scale":[-8,8],"method":"sum","missing":"refuse","indicators":[
   {"name":"q","asked":"survey.d1","combine":"mean","round":"all"}]},
  {"segment":"liked","when":"score.judged >= 0.0"}]})json";

struct Said {
    int item = 0;
    double expected = 0, perceived = 0;
};

struct FilledRow {
    std::string party, actor;
    base::Micros at = 0;
    std::uint32_t round = 1;
    std::vector<Said> said;
    bool scored() const { return said.size() >= 3; }
};

std::string place_of(const Said &one) {
    if (one.perceived < one.expected) return "below";
    return one.perceived <= one.expected + 2 ? "inside" : "above";
}

class AnswersTest : public EngineTest {
protected:
    void define(Store &store, std::string_view json) {
        Batch batch;
        const auto added = batch.add_playbook(json);
        ASSERT_TRUE(added) << added.error().message;
        commit(store, batch);
    }

    static FilledRow random_row(std::mt19937_64 &random) {
        FilledRow row;
        row.party = kRated[random() % 3];
        row.actor = kExperts[random() % 3];
        row.at = day(19'000) + static_cast<std::int64_t>(random() % (kDays * base::kDay));
        row.round = 1 + static_cast<std::uint32_t>(random() % 3);
        for (int item = 0; item < 4; ++item) {
            if (random() % 4 == 0) continue;
            row.said.push_back(
                {item, static_cast<double>(1 + random() % 9), static_cast<double>(2 + random() % 17) / 2});
        }
        if (row.said.empty()) row.said.push_back({0, 5, 5});
        return row;
    }

    void write(Store &store, std::mt19937_64 &random) {
        Batch batch;
        std::vector<std::pair<FilledRow, std::optional<model::InteractionKey>>> planned;
        for (auto n = 1 + random() % 4; n > 0; --n) planned.emplace_back(random_row(random), std::nullopt);
        if (!rows_.empty() && random() % 3 == 0) {
            auto old = std::next(rows_.begin(), static_cast<std::ptrdiff_t>(random() % rows_.size()));
            planned.emplace_back(random_row(random), old->first);
        }
        std::vector<std::vector<AnswerItem>> answers(planned.size());
        for (std::size_t i = 0; i < planned.size(); ++i) {
            const auto &row = planned[i].first;
            auto item = order(row.party, row.at, 0);
            item.type = "form.filled";
            item.amount.reset();
            item.actor = row.actor;
            item.form = "survey";
            item.round = row.round;
            for (const auto &one : row.said) {
                answers[i].push_back({kQuestions[one.item], "expected", {}, one.expected});
                answers[i].push_back({kQuestions[one.item], "perceived", {}, one.perceived});
            }
            item.answers = answers[i];
            item.corrects = planned[i].second;
            const auto added = batch.add(item);
            ASSERT_TRUE(added) << added.error().message;
        }
        commit(store, batch);
        for (std::size_t i = 0; i < planned.size(); ++i) {
            if (planned[i].second) rows_.erase(*planned[i].second);
            rows_.emplace(*batch.outcomes[i].interaction, planned[i].first);
        }
    }

    // ---- the recount ----

    using Keep = std::function<bool(const FilledRow &, const Said &)>;
    std::vector<double> recount(base::Micros now, base::Micros after, const Keep &keep,
                                const std::function<double(const Said &)> &of) const {
        std::vector<double> out;
        for (const auto &[key, row] : rows_) {
            if (row.at <= after || row.at > now) continue;
            for (const auto &one : row.said) {
                if (keep(row, one)) out.push_back(of(one));
            }
        }
        return out;
    }

    // The last answer of each expert, or of each in each round, of a party.
    std::optional<double> judgement(std::string_view party, base::Micros now, bool all) const {
        std::map<std::pair<std::string, std::uint32_t>, std::pair<model::InteractionKey, double>> last;
        std::uint32_t newest = 0;
        for (const auto &[key, row] : rows_) {
            if (row.party != party || row.at > now || !row.scored()) continue;
            if (!all && row.at <= zone_.add(now, 0, -20, 0)) continue;  // days of the zone, not of 24 hours
            double sum = 0;
            int count = 0;
            for (const auto &one : row.said) {
                if (one.item != 0 && (!all || one.item != 1)) continue;
                sum += one.perceived - one.expected;
                ++count;
            }
            if (count == 0) continue;
            newest = std::max(newest, row.round);
            auto &mine = last[{row.actor, row.round}];
            if (mine.first.number == 0 || key > mine.first) mine = {key, sum / count};
        }
        std::vector<double> said;
        for (const auto &[rater, one] : last) {
            if (all || rater.second == newest) said.push_back(one.second);
        }
        if (said.empty()) return std::nullopt;
        std::ranges::sort(said);
        if (!all) return (said[(said.size() - 1) / 2] + said[said.size() / 2]) / 2;
        double sum = 0;
        for (const auto one : said) sum += one;
        return sum / static_cast<double>(said.size());
    }

    static std::optional<double> mean(const std::vector<double> &all) {
        if (all.empty()) return std::nullopt;
        double sum = 0;
        for (const auto one : all) sum += one;
        return sum / static_cast<double>(all.size());
    }
    static double total(const std::vector<double> &all) {
        return mean(all).value_or(0) * static_cast<double>(all.size());
    }

    // ---- compared ----

    void expect_value(const expr::Value &value, const std::optional<double> &expected,
                      const std::string &what) {
        ++points_;
        if (!expected) {
            EXPECT_TRUE(value.failed()) << what;
            return;
        }
        ASSERT_FALSE(value.failed()) << what << ": " << value.text;
        EXPECT_NEAR(*number_of(value), *expected, 1e-6) << what;
    }

    void compare(Store &store, std::mt19937_64 &random) {
        auto snapshot = store.snapshot();
        auto now = std::next(rows_.begin(), static_cast<std::ptrdiff_t>(random() % rows_.size()))->second.at;
        const std::int64_t steps[] = {0,
                                      -1,
                                      20 * base::kDay - 1,
                                      20 * base::kDay,
                                      30 * base::kDay,
                                      static_cast<std::int64_t>(random() % (40ULL * base::kDay))};
        now += steps[random() % 6];
        auto at = ValuesAt::of(**snapshot, now);
        ASSERT_TRUE(at);
        auto &values = (*at)->values();
        const auto &catalog = (*at)->catalog();
        const auto month = (*at)->values().moment().zone.add(now, 0, -30, 0);
        const auto said = base::format_time(now);
        const auto code = [&](std::string_view text) {
            const auto found = store.names().find((*snapshot)->reader(), text);
            return found && *found ? **found : model::Name{0};
        };
        const auto score = [](const Said &one) { return one.perceived - one.expected; };
        const auto perceived = [](const Said &one) { return one.perceived; };
        const auto wrong = [&](const char *name) { return std::string(name) + " at " + said; };
        const auto metric = [&](SubjectValues *of, const char *name) {
            return of->metric(*catalog.metrics.find(name));
        };
        for (const auto party : kRated) {
            if (std::ranges::none_of(rows_, [&](auto &row) { return row.second.party == party; })) continue;
            auto *of = values.of({SubjectKind::party, find(store, party), 0});
            ASSERT_NE(of, nullptr);
            const auto mine = [&](const FilledRow &row, const Said &) { return row.party == party; };
            const auto scored = [&](const FilledRow &row, const Said &) {
                return row.party == party && row.scored();
            };
            expect_value(metric(of, "gap"), mean(recount(now, INT64_MIN, scored, score)), wrong("gap"));
            expect_value(metric(of, "gap_30d"), mean(recount(now, month, scored, score)), wrong("gap_30d"));
            const auto d1 = [&](const FilledRow &row, const Said &one) {
                return row.party == party && one.item < 2;
            };
            expect_value(metric(of, "perceived"), total(recount(now, month, d1, perceived)),
                         wrong("perceived"));
            auto all = recount(now, INT64_MIN, mine, perceived);
            const auto best = all.empty() ? std::nullopt : std::optional(*std::ranges::max_element(all));
            expect_value(metric(of, "best"), best, wrong("best"));
            auto expected = recount(now, INT64_MIN, mine, [](const Said &one) { return one.expected; });
            std::ranges::sort(expected);
            const auto n = expected.size();
            const auto middle =
                n ? std::optional((expected[(n - 1) / 2] + expected[n / 2]) / 2) : std::nullopt;
            expect_value(metric(of, "middle"), middle, wrong("middle"));
            const auto inside = recount(
                now, INT64_MIN,
                [&](const FilledRow &row, const Said &one) {
                    return row.party == party && place_of(one) == "inside";
                },
                score);
            expect_value(metric(of, "inside"), static_cast<double>(inside.size()), wrong("inside"));
            expect_value(of->score(*catalog.scorecards.find("judged")), judgement(party, now, false),
                         wrong("judged"));
            expect_value(of->score(*catalog.scorecards.find("every_round")), judgement(party, now, true),
                         wrong("every_round"));
            // A tuple: the party and a dimension.
            const auto *measure = catalog.metrics.items[*catalog.metrics.find("by_dimension")].measure;
            SubjectKey key;
            key.add32(measure->grain->number).add(find(store, party)).add32(code("d1")).pad();
            const auto sums = aggregate(of->rows(key), *measure, INT64_MIN, now, false, values.measurer(),
                                        values.timeline());
            ASSERT_TRUE(sums);
            EXPECT_NEAR(rules::from_fixed_point(sums->partial.sum),
                        total(recount(now, INT64_MIN, d1, perceived)), 1e-6);
        }
        for (const auto actor : kExperts) {
            if (code(actor) == 0) continue;
            auto *of = values.of({SubjectKind::actor, {}, code(actor)});
            const auto theirs = [&](const FilledRow &row, const Said &) {
                return row.actor == actor && row.scored();
            };
            expect_value(metric(of, "by_actor"), mean(recount(now, INT64_MIN, theirs, score)),
                         wrong("by_actor"));
        }
        auto *base = values.of({SubjectKind::all, {}, 0});
        const auto any = [](const FilledRow &row, const Said &) { return row.scored(); };
        expect_value(metric(base, "of_all"), mean(recount(now, month, any, score)), wrong("of_all"));
        const auto *measure = catalog.metrics.items[*catalog.metrics.find("by_place")].measure;
        for (const auto *place : {"below", "inside", "above"}) {
            SubjectKey key;
            key.add32(measure->grain->number).add32(code(place)).pad();
            const auto counted = aggregate(base->rows(key), *measure, INT64_MIN, now, false,
                                           values.measurer(), values.timeline());
            ASSERT_TRUE(counted);
            const auto there = recount(
                now, INT64_MIN, [&](const FilledRow &, const Said &one) { return place_of(one) == place; },
                score);
            EXPECT_EQ(counted->partial.count, there.size()) << wrong(place);
        }
        ASSERT_FALSE(values.take_error());
    }

    base::Zone zone_ = *base::Zone::find("Europe/Zagreb");
    std::map<model::InteractionKey, FilledRow> rows_;  // that count
    int points_ = 0;
};

TEST_F(AnswersTest, EqualARecountAtAnyInstant) {
    const std::uint64_t seed = std::random_device{}();
    std::cout << "seed " << seed << "\n";
    RecordProperty("seed", std::to_string(seed));
    std::mt19937_64 random(seed);
    for (int again = 0; again < 3; ++again) {
        rows_.clear();
        auto store = open("answers" + std::to_string(again) + ".kith", "Europe/Zagreb");
        define(*store, kAnswersPlaybook);
        for (int round = 0; round < 25; ++round) {
            write(*store, random);
            if (HasFatalFailure()) return;
            for (int point = 0; point < 4; ++point) compare(*store, random);
            if (HasFailure()) return;
        }
        expect_sound(*store);
        // Who is liked changes as answers grow too old, at that instant.
        const auto now = day(19'000 + kDays) + static_cast<std::int64_t>(random() % (25ULL * base::kDay));
        ASSERT_TRUE(store->run_due(now));
        auto snapshot = store->snapshot();
        for (const auto party : kRated) {
            const auto judged = judgement(party, now, false);
            const auto code = store->names().find((*snapshot)->reader(), "liked");
            ASSERT_TRUE(code && *code);
            const auto row =
                (*snapshot)->reader().get(store::Table::members, index::member(**code, find(*store, party)));
            ASSERT_TRUE(row);
            EXPECT_EQ(row->has_value(), judged && *judged >= 0) << party << " at " << base::format_time(now);
        }
        expect_sound(*store);
    }
    EXPECT_GT(points_, 5000);
}

// The definition comes after the rows: metrics of answers are built from what was recorded.
TEST_F(AnswersTest, AreMeasuredByDefinitionsThatComeLater) {
    auto store = open("later.kith");
    define(*store, R"json({"playbook":"a","format":1,"define":[
      {"form":"csat","scale":["bad","fair","good"],"items":[{"item":"overall"}]}]})json");
    Batch batch;
    auto item = order("ann", day(19'000), 0);
    item.amount.reset();
    item.type = "form.filled";
    item.form = "csat";
    const AnswerItem answers[] = {{"overall", {}, "good", {}}};
    item.answers = answers;
    ASSERT_TRUE(batch.add(item));
    commit(*store, batch);
    define(*store, R"json({"playbook":"b","format":1,"define":[
      {"metric":"satisfaction","avg":"answer.csat","of":"a.value","where":"a.item == 'overall'"}]})json");
    ASSERT_TRUE(store->build({}));
    auto snapshot = store->snapshot();
    auto at = ValuesAt::of(**snapshot, day(19'001));
    auto *ann = (*at)->values().of({SubjectKind::party, find(*store, "ann"), 0});
    EXPECT_EQ(*number_of(ann->metric(*(*at)->catalog().metrics.find("satisfaction"))), 3);
    expect_sound(*store);
    EXPECT_NE(exported(*store).find(R"("name":"value","number":3,"code":"good")"), std::string::npos);
}

// What is wrong with a filled form is told by name, with what was meant.
TEST_F(AnswersTest, WrongOnesAreRefused) {
    auto store = open("wrong.kith");
    define(*store, kAnswersPlaybook);
    define(*store, R"json({"playbook":"w","format":1,"define":[
      {"type":"list.cause","codes":{"price":{},"quality":{}}},
      {"form":"mood","scale":["bad","good"],"items":[{"item":"today"},{"item":"why","answer":"list.cause"},
       {"item":"times","answer":"int"}],"dimensions":{"more":2}},
      {"form":"swot","about":"self|competitor","rows":{"box":["S","W"],"text":"text","due":"date"}}]})json");
    struct Wrong {
        std::string_view form, about_kind, about, actor, item, aspect, text;
        double number;
        std::uint32_t row, round;
        std::string_view message;
    };
    const Wrong all[] = {
        {"survy", "", "", "mia", "p1", "expected", "", 5, 0, 1, "did you mean \"survey\"?"},
        {"survey", "", "", "", "p1", "expected", "", 5, 0, 1, "an actor answers it"},
        {"survey", "", "", "mia", "p9", "expected", "", 5, 0, 1, "it has no item \"p9\""},
        {"survey", "", "", "mia", "p1", "expectd", "", 5, 0, 1, "did you mean \"expected\"?"},
        {"survey", "", "", "mia", "p1", "", "", 5, 0, 1, "no aspect \"\""},
        {"survey", "", "", "mia", "p1", "expected", "", 10, 0, 1, "outside the scale"},
        {"survey", "", "", "mia", "p1", "expected", "high", 0, 0, 1, "a number from 1 to 9"},
        {"survey", "self", "", "mia", "p1", "expected", "", 5, 0, 1, "it is not about \"self\""},
        {"survey", "", "x", "mia", "p1", "expected", "", 5, 0, 1, "leave the key out"},
        {"mood", "", "", "", "today", "", "god", 0, 0, 0, "did you mean \"good\"?"},
        {"mood", "", "", "", "today", "", "", 1.5, 0, 0, "a whole number or its name"},
        {"mood", "", "", "", "why", "", "prise", 0, 0, 0, "did you mean \"price\"?"},
        {"mood", "", "", "", "times", "", "", 1.5, 0, 0, "a whole number"},
        {"mood", "", "", "", "more.3", "", "bad", 0, 0, 0, "has 2 items"},
        {"mood", "", "", "", "today", "", "bad", 0, 0, 2, "it has no rounds"},
        {"mood", "self", "", "", "today", "", "bad", 0, 0, 0, "it is about nothing"},
        {"mood", "", "", "", "today", "", "bad", 0, 1, 0, "no rows but items"},
        {"swot", "", "", "", "", "box", "S", 0, 1, 0, "say what it is about"},
        {"swot", "competitor", "", "", "", "box", "S", 0, 1, 0, "say which competitor"},
        {"swot", "self", "", "", "", "box", "S", 0, 0, 0, "give each answer its `row`"},
        {"swot", "self", "", "", "", "bx", "S", 0, 1, 0, "did you mean \"box\"?"},
        {"swot", "self", "", "", "", "box", "T", 0, 1, 0, "cannot be \"T\""},
        {"swot", "self", "", "", "", "due", "soon", 0, 1, 0, "row 1, due"},
    };
    for (const auto &one : all) {
        Batch batch;
        auto item = order("ann", day(19'000), 0);
        item.amount.reset();
        item.type = "form.filled";
        item.form = one.form;
        item.about_kind = one.about_kind;
        item.about = one.about;
        item.actor = one.actor;
        item.round = one.round;
        const bool number = one.text.empty();
        const AnswerItem answers[] = {{one.item, one.aspect, number ? std::string_view() : one.text,
                                       number ? std::optional(one.number) : std::nullopt, one.row}};
        item.answers = answers;
        ASSERT_TRUE(batch.add(item)) << one.message;
        const auto done = store->commit(batch);
        ASSERT_FALSE(done) << one.message;
        EXPECT_EQ(done.error().status, base::Status::rule);
        EXPECT_EQ(done.error().field, model::interaction_field::form);
        EXPECT_NE(done.error().message.find(one.message), std::string::npos)
            << one.message << ": " << done.error().message;
    }
    expect_sound(*store);
}

// The mean of perceived less expected, by dimension: 22 items as Parasuraman, Zeithaml and Berry have them.
TEST_F(AnswersTest, ServqualGap) {
    auto store = open("servqual.kith");
    define(*store, R"json({"playbook":"s","format":1,"define":[
      {"form":"servqual","scale":[1,7],"aspects":["expected","perceived"],"score":"perceived - expected",
       "dimensions":{"tangibles":4,"reliability":5,"responsiveness":4,"assurance":4,"empathy":5},"least":0.8},
      {"metric":"gap","avg":"answer.servqual","of":"a.score"},
      {"metric":"reliability","avg":"answer.servqual","of":"a.score","where":"a.dimension == 'reliability'"}]})json");
    constexpr std::pair<const char *, int> kDimensions[] = {
        {"tangibles", 4}, {"reliability", 5}, {"responsiveness", 4}, {"assurance", 4}, {"empathy", 5}};
    std::vector<std::string> names;
    for (const auto &[dimension, items] : kDimensions) {
        for (int i = 1; i <= items; ++i) names.push_back(std::string(dimension) + "." + std::to_string(i));
    }
    const auto fill = [&](std::string_view party, std::size_t items) {
        std::vector<AnswerItem> answers;
        for (std::size_t i = 0; i < items; ++i) {
            const double perceived = names[i].starts_with("reliability") ? 4 : 5;
            answers.push_back({names[i], "expected", {}, 6});
            answers.push_back({names[i], "perceived", {}, perceived});
        }
        Batch batch;
        auto item = order(party, day(19'000), 0);
        item.amount.reset();
        item.type = "form.filled";
        item.form = "servqual";
        item.answers = answers;
        ASSERT_TRUE(batch.add(item));
        commit(*store, batch);
    };
    fill("ann", 22);
    fill("bob", 17);  // 17 of 22 are fewer than four fifths
    auto snapshot = store->snapshot();
    auto at = ValuesAt::of(**snapshot, day(19'001));
    const auto value = [&](std::string_view party, const char *name) {
        return (*at)
            ->values()
            .of({SubjectKind::party, find(*store, party), 0})
            ->metric(*(*at)->catalog().metrics.find(name));
    };
    EXPECT_NEAR(*number_of(value("ann", "gap")), -(17.0 * 1 + 5.0 * 2) / 22, 1e-9);
    EXPECT_NEAR(*number_of(value("ann", "reliability")), -2, 1e-9);
    EXPECT_TRUE(value("bob", "gap").failed());
}

}  // namespace
}  // namespace kith::engine
