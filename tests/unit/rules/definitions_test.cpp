// Goal: each kind of definition is read exactly, and what is wrong with one is told with its place and a
// cure, all of it. Method: the full playbook, its parts looked at one by one; a table of wrong entries with
// the fragments their messages must have; entries with several mistakes; damage, which must never crash.
#include <algorithm>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "rules/playbook.hpp"
#include "unit/rules/full_playbook.hpp"

namespace kith::rules {
namespace {

class Full : public testing::Test {
protected:
    void SetUp() override {
        auto playbook = parse_playbook(full_text());
        ASSERT_TRUE(playbook) << playbook.error().message;
        playbook_ = std::move(*playbook);
    }
    const Metric &metric(std::string_view name) const { return *body_of<Metric>(playbook_, name); }

    Playbook playbook_;
};

TEST_F(Full, Head) {
    EXPECT_EQ(playbook_.name, "full");
    EXPECT_EQ(playbook_.version, 2U);
    ASSERT_EQ(playbook_.settings.size(), 3U);
    EXPECT_EQ(playbook_.settings[0].name, "steady");
    EXPECT_EQ(playbook_.settings[0].value.number, 0.1);
    EXPECT_EQ(playbook_.settings[1].value.money.minor, 100000);
    EXPECT_EQ(playbook_.settings[1].value.money.currency.text(), "EUR");
    EXPECT_EQ(playbook_.settings[2].value.number, 2);
    EXPECT_EQ(playbook_.settings[2].by[0].first, "grocery");
    EXPECT_EQ(playbook_.settings[2].by[0].second.number, 1.5);
    EXPECT_EQ(playbook_.settings[2].json, R"({"decline_factor":{"default":2.0,"grocery":1.5}})");
    for (const Setting &setting : playbook_.settings) {  // each comes back from its stored form
        const auto again = parse_setting(setting.json);
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_EQ(again->name, setting.name);
        EXPECT_EQ(again->json, setting.json);
        EXPECT_EQ(again->value.number, setting.value.number);
        EXPECT_EQ(again->value.money, setting.value.money);
        EXPECT_EQ(again->by.size(), setting.by.size());
    }
    for (const char *json : {"{}", R"({"a":1,"b":2})", R"({"a":"b"})", "[]", "{"})
        EXPECT_FALSE(parse_setting(json)) << json;
    EXPECT_EQ(playbook_.labels.at("zh").at("playbook"), "全");
    EXPECT_EQ(
        std::ranges::find(playbook_.definitions, "list.cause", &Definition::name)->labels.at("zh").at(""),
        "原因");
    ASSERT_EQ(playbook_.covers.size(), 1U);
    EXPECT_EQ(playbook_.covers[0].tag, "aim");
    EXPECT_EQ(playbook_.covers[0].values, (std::vector<std::string>{"keep", "develop"}));
    ASSERT_EQ(playbook_.tests.size(), 1U);
    const TestCase &test = playbook_.tests[0];
    EXPECT_EQ(test.name, "a large customer is a star");
    EXPECT_EQ(test.at, "2026-03-01T00:00");
    ASSERT_EQ(test.given.size(), 3U);
    EXPECT_EQ(test.given[1].subject, "party");
    EXPECT_EQ(test.given[1].name, "acme");
    EXPECT_EQ(test.given[1].event, "order");
    EXPECT_EQ(test.given[1].values.find("amount")->text, "60000.00 EUR");
    ASSERT_EQ(test.expect.size(), 3U);
    EXPECT_EQ(test.expect[0].subject, "acme");
    EXPECT_EQ(test.expect[0].path, "cell.service");
    EXPECT_EQ(test.expect[0].value.text, "star");
}

TEST_F(Full, MetricsFromRows) {
    const Metric &orders = metric("orders_24m");
    EXPECT_EQ(orders.kind, Metric::Kind::aggregate);
    EXPECT_EQ(orders.aggregate, Aggregate::count);
    EXPECT_EQ(orders.rows.kind, RowSource::Kind::interaction);
    EXPECT_EQ(orders.rows.types, (std::vector<std::string>{"order", "contact.*_in"}));
    EXPECT_EQ(orders.where->text, "i.channel != 'test'");
    EXPECT_EQ(orders.window.kind, Window::Kind::sliding);
    EXPECT_EQ(orders.window.length, (Period{24, 0, 0}));
    EXPECT_EQ(orders.unit, "orders");
    EXPECT_EQ(orders.subject, SubjectKind::party);
    EXPECT_TRUE(orders.key.empty());

    EXPECT_EQ(metric("sales_12m").of->text, "i.amount");
    EXPECT_EQ(metric("sales_12m").at->text, "i.at");
    EXPECT_EQ(metric("sales_q").by, PeriodUnit::quarter);
    EXPECT_EQ(metric("elsewhere").window.kind, Window::Kind::since);
    EXPECT_EQ(metric("elsewhere").window.since, std::vector<std::string>{"purchase.elsewhere"});
    EXPECT_EQ(metric("elsewhere").decay, (Period{0, 30, 0}));
    const std::pair<const char *, Aggregate> aggregates[] = {
        {"sales_q", Aggregate::sum},
        {"mean", Aggregate::avg},
        {"least", Aggregate::min},
        {"most", Aggregate::max},
        {"first_order_at", Aggregate::first},
        {"affinity", Aggregate::last},
        {"categories", Aggregate::distinct},
        {"middle", Aggregate::median},
        {"gap_days", Aggregate::median_gap},
    };
    for (const auto &[name, aggregate] : aggregates) EXPECT_EQ(metric(name).aggregate, aggregate) << name;

    EXPECT_EQ(metric("affinity").rows.kind, RowSource::Kind::line);
    EXPECT_EQ(metric("affinity").rows.types, std::vector<std::string>{"order"});
    EXPECT_EQ(metric("affinity").subject, SubjectKind::party);
    ASSERT_EQ(metric("affinity").key.size(), 2U);
    EXPECT_EQ(metric("affinity").key[1].text, "line.category");
    EXPECT_EQ(metric("by_owner").subject, SubjectKind::key);
    EXPECT_EQ(metric("by_owner").key[0].text, "i.actor");
    EXPECT_EQ(metric("by_owner").along, "part_of");
    EXPECT_EQ(metric("given_sum").rows.kind, RowSource::Kind::score);
    EXPECT_EQ(metric("given_sum").rows.types[0], "buying_power");
    EXPECT_EQ(metric("satisfaction").rows.kind, RowSource::Kind::answer);
    EXPECT_EQ(metric("satisfaction").rows.types[0], "csat");
    EXPECT_EQ(metric("customers").rows.kind, RowSource::Kind::record);
    EXPECT_EQ(metric("customers").rows.types[0], "segment.customers");
    EXPECT_EQ(metric("customers").subject, SubjectKind::all);
}

TEST_F(Full, MetricsOtherwise) {
    EXPECT_EQ(metric("buying_power").kind, Metric::Kind::given);
    EXPECT_EQ(metric("buying_power").given, ValueType::money);
    const Metric &share = metric("share_of_wallet");
    EXPECT_EQ(share.kind, Metric::Kind::formula);
    EXPECT_EQ(share.value.text, "ratio(m.sales_12m, m.buying_power)");
    EXPECT_EQ(share.good, Good::up);
    EXPECT_EQ(share.target.number, 0.5);
    ASSERT_EQ(share.lights.size(), 2U);
    EXPECT_EQ(share.lights[1].name, "amber");
    EXPECT_EQ(share.lights[1].share, 0.8);
    EXPECT_EQ(share.tags[0], std::pair(std::string("aim"), std::string("develop")));
    EXPECT_EQ(share.drivers, (std::vector<std::string>{"sales_12m", "satisfaction"}));
    EXPECT_TRUE(metric("satisfaction").target.is(Term::Kind::expression));
    EXPECT_EQ(metric("satisfaction").target.source.text, "setting.steady");
    const Metric &future = metric("future_value");
    EXPECT_EQ(future.kind, Metric::Kind::analysis);
    EXPECT_EQ(future.analysis, "clv");
    EXPECT_EQ(future.options, R"({"model":"mbg_nbd"})");
    EXPECT_EQ(future.give, "clv.sum");
    EXPECT_EQ(future.every, PeriodUnit::month);
    EXPECT_EQ(body_of<Segment>(playbook_, "customers")->when.text, "m.orders_24m > 0");
    EXPECT_EQ(body_of<Segment>(playbook_, "customers")->every, PeriodUnit::day);
    EXPECT_EQ(body_of<Segment>(playbook_, "customers")->recheck, (Period{0, 1, 0}));
}

TEST_F(Full, BandsOfAllKinds) {
    const Bands &volume = *body_of<Bands>(playbook_, "volume");
    EXPECT_EQ(volume.kind, Bands::Kind::thresholds);
    EXPECT_EQ(volume.missing, "0");
    EXPECT_TRUE(volume.classes[0].internal);
    EXPECT_FALSE(volume.classes[0].included);
    EXPECT_EQ(volume.classes[0].limit.money.currency.text(), "EUR");
    EXPECT_TRUE(volume.classes[1].included);
    EXPECT_EQ(volume.classes[1].limit.source.text, "setting.current_cut");
    EXPECT_EQ(volume.classes[1].labels.at("zh"), "低");
    const Bands &quintile = *body_of<Bands>(playbook_, "quintile");
    EXPECT_EQ(quintile.kind, Bands::Kind::quantiles);
    EXPECT_TRUE(quintile.reversed);
    EXPECT_EQ(quintile.classes[1].is, "few");
    EXPECT_EQ(quintile.every, PeriodUnit::day);
    const Bands &abc = *body_of<Bands>(playbook_, "abc");
    EXPECT_EQ(abc.kind, Bands::Kind::cumulative_share);
    EXPECT_EQ(abc.shares, (std::vector<double>{0.8, 0.95}));
    EXPECT_EQ(abc.border, Border::inside);
    EXPECT_EQ(body_of<Bands>(playbook_, "zone")->rows->kind, RowSource::Kind::answer);
}

TEST_F(Full, Scorecards) {
    const Scorecard &card = *body_of<Scorecard>(playbook_, "attractiveness");
    EXPECT_EQ(card.low, 1);
    EXPECT_EQ(card.high, 5);
    EXPECT_EQ(card.missing, Scorecard::Missing::reweight);
    EXPECT_EQ(card.least, 0.7);
    ASSERT_EQ(card.indicators.size(), 3U);
    EXPECT_EQ(card.indicators[0].score_by, "volume");
    EXPECT_EQ(card.indicators[0].weight, 0.4);
    EXPECT_EQ(card.indicators[1].form, "csat");
    EXPECT_EQ(card.indicators[1].item, "overall");
    EXPECT_EQ(card.indicators[1].combine, Combine::median);
    EXPECT_FALSE(card.indicators[1].last_round);
    EXPECT_EQ(card.indicators[1].good_for, (Period{12, 0, 0}));
    EXPECT_EQ(card.indicators[2].normalise, Normalise::Kind::min_max);
    EXPECT_EQ(card.indicators[2].a.number, -0.5);
    EXPECT_EQ(card.indicators[2].b.source.text, "setting.steady");
    const Scorecard &relation = *body_of<Scorecard>(playbook_, "relation");
    ASSERT_TRUE(relation.ahp);
    EXPECT_NEAR(relation.indicators[0].weight, 0.648, 5e-4);
    EXPECT_TRUE(relation.indicators[0].less_is_better);
    EXPECT_EQ(relation.indicators[0].a.number, 0.5);
    EXPECT_EQ(relation.indicators[1].normalise, Normalise::Kind::z);
    EXPECT_EQ(relation.indicators[2].normalise, Normalise::Kind::efficacy);
    const Scorecard &idic = *body_of<Scorecard>(playbook_, "idic");
    EXPECT_EQ(idic.method, Scorecard::Method::sum);
    EXPECT_EQ(idic.missing, Scorecard::Missing::score);
    EXPECT_EQ(idic.indicators[1].weight, 1);
}

TEST_F(Full, Matrices) {
    const Matrix &service = *body_of<Matrix>(playbook_, "service");
    EXPECT_EQ(service.x.text, "band.volume");
    EXPECT_EQ(service.missing, "dog");
    const Cell *star = find_cell(service, "2", "many");
    ASSERT_TRUE(star);
    EXPECT_EQ(star->is, "star");
    EXPECT_EQ(star->labels.at("zh"), "明星");
    EXPECT_EQ(find_policy(*star, "visits")->number, 12);
    EXPECT_EQ(find_policy(*star, "aim")->text, "keep");
    EXPECT_EQ(find_policy(*star, "budget")->money.minor, 10000);
    EXPECT_TRUE(find_policy(*star, "call")->boolean);
    EXPECT_EQ(find_policy(*star, "due")->source.text, "now");
    EXPECT_EQ(find_policy(*star, "none"), nullptr);
    for (const char *x : {"0", "1"}) {
        for (const char *y : {"many", "few"}) EXPECT_EQ(find_cell(service, x, y)->is, "dog");
    }
    EXPECT_TRUE(find_cell(service, "1", "few")->internal);
    EXPECT_EQ(find_cell(service, "3", "few"), nullptr);
    EXPECT_EQ(body_of<Matrix>(playbook_, "growth")->rows->kind, RowSource::Kind::line);
}

TEST_F(Full, FormsAndTypes) {
    const Form &csat = *body_of<Form>(playbook_, "csat");
    EXPECT_EQ(csat.scale->high, 5);
    EXPECT_EQ(csat.aspects, (std::vector<std::string>{"expected", "perceived"}));
    EXPECT_EQ(csat.dimensions[0].items, 2U);
    EXPECT_EQ(csat.score->text, "perceived - expected");
    EXPECT_EQ(csat.least, 0.5);
    EXPECT_EQ(csat.about, std::vector<std::string>{"party"});
    EXPECT_EQ(csat.by, "party");
    EXPECT_TRUE(csat.rounds);
    EXPECT_EQ(csat.items[0].group, "all");
    EXPECT_EQ(csat.items[1].scale->points[1], "fast");
    EXPECT_EQ(csat.items[1].scale->high, 2);
    EXPECT_EQ(csat.items[2].answer->kind, FieldType::Kind::link);
    const Form &swot = *body_of<Form>(playbook_, "swot");
    EXPECT_EQ(swot.about, (std::vector<std::string>{"self", "process.plan"}));
    EXPECT_EQ(swot.rate[1], "competitor");
    EXPECT_EQ(swot.within, "party");
    EXPECT_TRUE(swot.ordered);
    EXPECT_EQ(swot.rows[0].type.codes, (std::vector<std::string>{"S", "W"}));
    EXPECT_EQ(swot.rows[2].type.kind, FieldType::Kind::reference);
    EXPECT_EQ(swot.rows[3].type.name, "cause");

    const Type &party = *body_of<Type>(playbook_, "party");
    EXPECT_EQ(party.of, Type::Of::subject);
    EXPECT_EQ(party.fields[0].type.kind, FieldType::Kind::code);
    EXPECT_EQ(party.fields[1].type.kind, FieldType::Kind::date);
    EXPECT_EQ(party.fields[2].type.name, "process.plan");
    EXPECT_EQ(party.fields[3].type.name, "party");
    const Type &visit = *body_of<Type>(playbook_, "contact.visited");
    EXPECT_EQ(visit.of, Type::Of::interaction);
    EXPECT_EQ(visit.cost->minor, 6000);
    EXPECT_EQ(visit.require.size(), 2U);
    const Type &cause = *body_of<Type>(playbook_, "list.cause");
    EXPECT_EQ(cause.of, Type::Of::list);
    ASSERT_EQ(cause.codes.size(), 4U);
    EXPECT_EQ(cause.find_code("queue")->sign, -1);
    EXPECT_EQ(cause.codes[*cause.find_code("queue")->parent].name, "process");
    EXPECT_FALSE(cause.find_code("other")->parent);
    EXPECT_EQ(cause.find_code("none"), nullptr);
    EXPECT_TRUE(body_of<Type>(playbook_, "link.part_of")->tree);
}

TEST_F(Full, CalendarDays) {
    const WorkCalendar &store = *body_of<WorkCalendar>(playbook_, "store");
    EXPECT_EQ(store.zone, "Europe/Zagreb");
    EXPECT_EQ(store.fiscal_month, 4);
    EXPECT_EQ(store.first_weekday, 0);
    const auto day = [&](base::CivilDate date) { return store.day(base::days_of(date)); };
    const Day weekday{{480, 720}, {780, 1020}};
    EXPECT_EQ(day({2026, 11, 27}), weekday);            // a Friday
    EXPECT_EQ(day({2026, 11, 28}), (Day{{540, 780}}));  // Saturday
    EXPECT_EQ(day({2026, 11, 29}), Day());
    EXPECT_EQ(day({2026, 12, 24}), (Day{{480, 720}}));
    EXPECT_EQ(day({2026, 12, 25}), Day());
    EXPECT_EQ(day({1969, 12, 31}), weekday);  // a Wednesday
}

TEST(TypeMatches, Patterns) {
    EXPECT_TRUE(type_matches("order", "order"));
    EXPECT_FALSE(type_matches("order", "orders"));
    EXPECT_TRUE(type_matches("contact.*", "contact.mailed_in"));
    EXPECT_FALSE(type_matches("contact.*", "contact"));
    EXPECT_TRUE(type_matches("contact.*_out", "contact.mailed_out"));
    EXPECT_FALSE(type_matches("contact.*_out", "contact.mailed_in"));
    EXPECT_FALSE(type_matches("aba*aba", "aba"));  // the ends may not share what there is
}

std::string entry_of(const std::string &entry) {
    return R"({"playbook": "p", "format": 1, "define": [)" + entry + "]}";
}

std::string metric_of(const std::string &rest) { return entry_of(R"({"metric": "m", )" + rest + "}"); }
std::string card_of(const std::string &indicators, const std::string &rest = "") {
    return entry_of(R"({"scorecard": "s", "method": "weighted_mean", )" + rest + R"("indicators": [)" +
                    indicators + "]}");
}
std::string ahp_of(const std::string &matrix) {
    return card_of(R"({"name": "a", "value": "1"}, {"name": "b", "value": "1"}, {"name": "c", "value": "1"})",
                   R"("weights": {"ahp": )" + matrix + "}, ");
}
std::string matrix_of(const std::string &cells) {
    return entry_of(R"({"matrix": "m", "x": "a", "y": "b", "cells": [)" + cells + "]}");
}
std::string form_of(const std::string &rest) { return entry_of(R"({"form": "f", )" + rest + "}"); }
std::string calendar_of(const std::string &rest) { return entry_of(R"({"calendar": "c", )" + rest + "}"); }
std::string type_of(const std::string &name, const std::string &rest) {
    return entry_of(R"({"type": ")" + name + R"(", )" + rest + "}");
}
std::string test_of(const std::string &test) {
    return R"({"playbook": "p", "format": 1, "define": [{"segment": "s", "when": "true"}], "tests": [)" +
           test + "]}";
}

struct WrongEntry {
    std::string json, fragment;
    base::Status status = base::Status::rule;
};

const std::vector<WrongEntry> &wrong_entries() {
    static const std::vector<WrongEntry> kWrong{
        // metrics
        {metric_of(R"("unit": "x")"), "define[0]: says not how it is made"},
        {metric_of(R"("count": "order", "value": "1")"), R"(value: is made by "count" already)"},
        {metric_of(R"("count": "Order")"), "define[0].count: must be a type of interaction"},
        {metric_of(R"("count": "a.*.*")"), "count: must be a type of interaction"},
        {metric_of(R"("count": ["order", "answer.f"])"), "count[1]: a list has types of interactions alone"},
        {metric_of(R"("sum": "order")"), R"("sum" needs "of")"},
        {metric_of(R"("count": "order", "of": "i.at")"), R"(of: "count" takes the rows themselves)"},
        {metric_of(R"("count": "order", "window": "P1Y", "since": "x")"), R"(since: has a "window" too)"},
        {metric_of(R"("count": "order", "window": "1 year")"), "window: must be a duration"},
        {metric_of(R"("value": "1", "where": "true")"), "where: goes with an aggregate"},
        {metric_of(R"("value": "1 +")"), "line 1, column 72: define[0].value: in the expression: "},
        {metric_of(R"("value": "")"), "value: must be an expression"},
        {metric_of(R"("given": "string")"), R"(given: the type "string" is not known)"},
        {metric_of(R"("given": "int", "give": "x")"), "give: goes with an analysis"},
        {metric_of(R"("analysis": "clv", "every": "day")"), R"(an analysis needs "give")"},
        {metric_of(R"("analysis": "clv", "give": "x")"), R"(an analysis needs "every")"},
        {metric_of(R"("analysis": "clv", "give": "x", "every": "hour")"),
         R"(every: the period "hour" is not known)"},
        {metric_of(R"("max": "order", "of": "1", "decay": "P1D")"), "decay: goes with"},
        {metric_of(R"("count": "order", "per": ["party", "all"])"), R"(per[1]: "all" has one value)"},
        {metric_of(R"("count": "order", "per": [])"), "per: the list is empty"},
        {metric_of(R"("value": "1", "target": 3)"), R"(target: needs "good")"},
        {metric_of(R"("value": "1", "target": "high", "good": "up")"), "target: must be a number, an amount"},
        {metric_of(R"("value": "1", "good": "up", "target": 1, "lights": {"amber": 0.9, "green": 1}})")
             .substr(0, 150),
         "not JSON", base::Status::format},
        {metric_of(R"("value": "1", "good": "up", "target": 1, "lights": {"amber": 0.9, "green": 1})"),
         "lights.green: must be less than the light before it"},
        {metric_of(R"("value": "1", "lights": {"green": 1})"),
         R"(lights: are shares of the target; add "target")"},
        {metric_of(R"("value": "1", "tags": {"aim": "a b"})"), "tags.aim: must be one word"},
        {metric_of(R"("values": "1")"), R"(the key "values" is not known; did you mean "value"?)"},
        {metric_of(R"("value": "1", "labels": {"zh": 5})"), "labels.zh: must be a text of one line"},
        {metric_of(R"("value": "1", "labels": {"zh": {"a": []}})"),
         "labels.zh.a: must be a text of one line"},
        {entry_of(R"({"segment": "s"})"), R"("when" is missing)"},
        {entry_of(R"({"segment": "s", "when": "true", "per": "order"})"),
         R"(per: the subject "order" is not known)"},
        // scorecards
        {card_of(R"({"name": "a", "weight": 0.5, "value": "1"}, {"name": "b", "weight": 0.4, "value": "1"})"),
         "define[0].indicators: the weights sum to 0.9; they must sum to 1"},
        {card_of(R"({"name": "a", "value": "1"})"), R"(a weighted mean needs a "weight" of each)"},
        {card_of(R"({"name": "a", "weight": 0, "value": "1"})"), "weight: must be more than 0"},
        {card_of(R"({"name": "a", "weight": 1})"), R"(indicators[0]: needs either "value")"},
        {card_of(R"({"name": "a", "weight": 1, "value": "1", "asked": "f.i"})"), R"(needs either "value")"},
        {card_of(R"({"name": "a", "weight": 1, "asked": "f"})"), "asked: must be an item of a form"},
        {card_of(R"({"name": "a", "weight": 1, "value": "1", "round": "last"})"),
         R"(round: goes with "asked")"},
        {card_of(R"({"name": "a", "weight": 0.5, "value": "1"}, {"name": "a", "weight": 0.5, "value": "1"})"),
         R"(indicators[1]: there is an indicator "a" before it)"},
        {card_of(R"({"name": "a", "weight": 1, "value": "1", "normalise": {}})"), "normalise: needs one of"},
        {card_of(R"({"name": "a", "weight": 1, "value": "1", "normalise": {"min_max": [2, 2]}})"),
         "the two must differ"},
        {card_of(R"({"name": "a", "weight": 1, "value": "1", "normalise": {"min_max": [2]}})"),
         "must be a list of two"},
        {card_of(R"({"name": "a", "weight": 1, "value": "1", "normalise": {"z": [2, 0]}})"),
         "a standard deviation"},
        {card_of(R"({"name": "a", "weight": 1, "value": "1", "normalise": {"z": [2, 1], "index": 1}})"),
         R"(stands beside "index")"},
        {card_of(R"({"name": "a", "weight": 1, "value": "1", "normalise": {"z": [2, 1], "good": "down"}})"),
         R"(good: goes with "index")"},
        {card_of(R"({"name": "a", "weight": 1, "value": "1"})", R"("missing": "reweight", )"),
         R"("reweight" needs "least")"},
        {card_of(R"({"name": "a", "weight": 1, "value": "1"})", R"("least": 0.5, )"),
         R"(least: goes with "missing": "reweight")"},
        {card_of(R"({"name": "a", "weight": 1, "value": "1"})", R"("missing": "reweight", "least": 2, )"),
         "least: must be a share"},
        {card_of(R"({"name": "a", "weight": 1, "value": "1"})", R"("missing": "skip", )"),
         R"(missing: the rule "skip" is not known)"},
        {card_of(R"({"name": "a", "weight": 1, "value": "1"})", R"("scale": [5, 1], )"), "scale: must rise"},
        {card_of(R"({"name": "a", "weight": 1, "value": "1"})", R"("weights": {"ahp": [[1]]}, )"),
         "weights: the indicators have weights too"},
        {ahp_of("[[1, 2], [\"1/2\", 1]]"), "ahp[0]: has 2 judgements where there are 3 indicators"},
        {ahp_of("[[1, 3, 5], [\"1/3\", 1, 2]]"), "ahp: has 2 rows where there are 3 indicators"},
        {ahp_of("[[1, 3, 5], [3, 1, 2], [\"1/5\", \"1/2\", 1]]"),
         "judgement [1][0] must be 1 divided by judgement [0][1]"},
        {ahp_of("[[1, 3, \"1/5\"], [\"1/3\", 1, 2], [5, \"1/2\", 1]]"),
         R"(the judgements contradict each other: consistency ratio )"},
        {ahp_of("[[1, 3, \"5/1\"], [\"1/3\", 1, 2], [5, \"1/2\", 1]]"), "must be a number, or a fraction"},
        // matrices
        {matrix_of(R"({"x": "a", "y": "b", "is": "c"}, {"x": "b|a", "y": "b", "is": "d"})"),
         R"(cells[1]: has the pair "a", "b" that cell 0 has already)"},
        {matrix_of(R"({"x": "a|a", "y": "b", "is": "c"})"), R"(cells[0].x: names "a" twice)"},
        {matrix_of(R"({"x": "a|", "y": "b", "is": "c"})"), "cells[0].x: must be one word"},
        {matrix_of(R"({"x": "a", "y": "b"})"), R"(cells[0]: "is" is missing)"},
        {matrix_of(R"({"x": "a", "y": "b", "is": "c", "policy": {"n": []}})"),
         "policy.n: must be a number, a text"},
        // forms
        {form_of(R"("scale": [1, 5])"), "define[0]: asks nothing"},
        {form_of(R"("scale": [1], "items": [{"item": "a"}])"), "scale: must be the lowest and the highest"},
        {form_of(R"("scale": ["a", "a"], "items": [{"item": "a"}])"),
         "scale[1]: this point is there already"},
        {form_of(R"("items": [{"item": "a"}])"), "items[0]: has nothing to be answered with"},
        {form_of(R"("scale": [1, 5], "items": [{"item": "a"}, {"item": "a"}])"),
         R"(there is an item "a" before it)"},
        {form_of(
             R"("scale": [1, 5], "dimensions": {"dim": 1}, "items": [{"item": "a", "dimension": "dom"}])"),
         R"(the dimension "dom" is not known; did you mean "dim"?)"},
        {form_of(
             R"("scale": [1, 5], "dimensions": {"d": 1}, "items": [{"item": "a", "dimension": "d"}, {"item": "b", "dimension": "d"}])"),
         "items[1]: is one more item than the dimension"},
        {form_of(R"("rows": {"a": "txt"})"), R"(rows.a: the type "txt" is not known; did you mean "text"?)"},
        {form_of(R"("rows": {"a": "text"}, "about": "rival")"), R"(about: the thing "rival" is not known)"},
        {form_of(R"("scale": [1, 5], "items": [{"item": "a"}], "ordered": true)"),
         R"(ordered: goes with "rows")"},
        // calendars
        {calendar_of(R"("weekly": {"mon-fri": ["8:00-12:00"]})"),
         "weekly.mon-fri[0]: must be hours of one day"},
        {calendar_of(R"("weekly": {"mon-fri": ["08:00-12:00", "11:00-13:00"]})"), "without overlap"},
        {calendar_of(R"("weekly": {"mon-fri": ["08:00-12:00"], "fri": []})"),
         R"(weekly.fri: has "fri" that is told already)"},
        {calendar_of(R"("weekly": {"fri-mon": ["08:00-12:00"]})"), "must be a day or days in order"},
        {calendar_of(R"("weekly": {"mon": ["08:00-24:01"]})"), "must be hours of one day"},
        {calendar_of(R"("weekly": {"mon": ["08:00-12:00"]}, "holidays": ["2026-02-30"])"),
         "holidays[0]: must be a date"},
        {calendar_of(R"("weekly": {"mon": ["08:00-12:00"]}, "zone": "Mars/Base")"), "zone: must be a zone"},
        {calendar_of(
             R"("weekly": {"mon": []}, "holidays": ["2026-01-01"], "exceptions": {"2026-01-01": []})"),
         "is a holiday too"},
        {calendar_of(R"("weekly": {"mon": []}, "fiscal_year": 13)"),
         "fiscal_year: must be a whole number from 1 to 12"},
        // types
        {type_of("list.x", R"("about": "y")"), R"(define[0]: a list needs "codes")"},
        {type_of("list.x.y", R"("codes": {"a": {}})"), "type: must be \"list.NAME\""},
        {type_of("order", R"("codes": {"a": {}})"), "codes: goes with a list"},
        {type_of("list.x", R"("codes": {"a": {"codes": {"a": {}}}})"), R"(there is a code "a" before it)"},
        {type_of("list.x", R"("codes": {"a": {"sign": 0}})"), "sign: must be 1 or -1"},
        {type_of("order", R"("cost": "-1.00 EUR")"), "cost: must not be less than nothing"},
        {type_of("order", R"("cost": 5)"), "cost: must be an amount with its currency"},
        {type_of("party", R"("cost": "5.00 EUR")"), "cost: goes with a type of interaction"},
        // tests
        {test_of(R"({"test": "t", "expect": {}})"), "tests[0].expect: must be an object"},
        {test_of(
             R"({"test": "t", "given": [{"at": "soon", "party": "a", "event": "order"}], "expect": {"a": {"x": 1}}})"),
         "tests[0].given[0].at: must be a time"},
        {test_of(
             R"({"test": "t", "given": [{"at": "2026-01-01", "party": "a"}], "expect": {"a": {"x": 1}}})"),
         "given[0]: tells nothing"},
        {test_of(
             R"({"test": "t", "given": [{"at": "2026-01-01", "event": "order"}], "expect": {"a": {"x": 1}}})"),
         "given[0]: names nobody"},
        {test_of(
             R"({"test": "t", "given": [{"at": "2026-01-01", "party": "a", "evnt": "order"}], "expect": {"a": {"x": 1}}})"),
         R"(the key "evnt" is not known; did you mean "event"?)"},
    };
    return kWrong;
}

TEST(Definitions, WrongOnesAreRefusedWithPlaceAndCure) {
    for (const WrongEntry &wrong : wrong_entries()) {
        const Reading reading = read_playbook(wrong.json);
        ASSERT_FALSE(reading.mistakes.empty()) << wrong.json;
        const Mistake &first = reading.mistakes[0];
        EXPECT_NE(first.message.find(wrong.fragment), std::string::npos)
            << wrong.json << "\n  says: " << first.message;
        EXPECT_EQ(first.status, wrong.status) << first.message;
        EXPECT_GT(first.place.line, 0U) << first.message;
        EXPECT_EQ(first.message.find('\n'), std::string::npos) << first.message;
        EXPECT_LT(first.message.size(), 500U) << first.message;
        EXPECT_EQ(parse_playbook(wrong.json).error().message.rfind(first.message, 0), 0U);
    }
}

TEST(Definitions, AllMistakesAreTold) {
    const Reading reading = read_playbook(R"({ "playbook": "P", "format": 1,
  "define": [
    { "metric": "a", "sum": "order", "by": "monht", "good": "better" },
    { "segment": "s", "when": "m.a >" },
    { "metric": "b", "value": "1" }
  ] })");
    std::string told;
    for (const Mistake &mistake : reading.mistakes) told += mistake.message + "\n";
    EXPECT_EQ(
        told,
        "line 1, column 15: playbook: must be a name: a small letter, then small letters, digits, \"_\" and "
        "\"-\", at most 64 in all\n"
        "line 3, column 5: define[0]: \"sum\" needs \"of\": what to take of each row, as \"i.amount\"\n"
        "line 3, column 44: define[0].by: the period \"monht\" is not known; did you mean \"month\"?\n"
        "line 3, column 61: define[0].good: the direction \"better\" is not known; write \"up\" or \"down\"\n"
        "line 4, column 37: define[1].when: in the expression: the expression ends too early; a value is "
        "missing at its end\n");
    EXPECT_TRUE(reading.playbook.definitions[2].sound);
    EXPECT_FALSE(reading.playbook.definitions[1].sound);
}

// The place of a mistake in an expression: after an escape only the text's start is known.
TEST(Definitions, PlacesInsideExpressions) {
    const auto place_of = [](const std::string &value) {
        const Reading reading = read_playbook(metric_of("\"value\": \"" + value + "\""));
        return reading.mistakes.empty() ? base::Place() : reading.mistakes[0].place;
    };
    const std::uint32_t start = 69;
    EXPECT_EQ(place_of("1 ++ )"), (base::Place{1, start + 3}));
    EXPECT_EQ(place_of("'é' ++ )"), (base::Place{1, start + 5}));  // columns count characters
    EXPECT_EQ(place_of("'\\\"' ++ )"), (base::Place{1, start}));
}

TEST(Definitions, DamageIsHarmless) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::string full = full_text();
    for (int round = 0; round < 400; ++round) {
        std::string text = full;
        for (auto left = 1 + random() % 3; left > 0; --left) {
            const std::size_t at = random() % text.size();
            switch (random() % 3) {
                case 0:
                    text[at] = "\"{}[]:,0aZ=."[random() % 12];
                    break;
                case 1:
                    text.erase(at, 1 + random() % 30);
                    break;
                default:
                    text.insert(at, text.substr(random() % text.size(), random() % 30));
            }
        }
        const auto playbook = parse_playbook(text);
        ASSERT_TRUE(playbook || !playbook.error().message.empty());
    }
}

}  // namespace
}  // namespace kith::rules
