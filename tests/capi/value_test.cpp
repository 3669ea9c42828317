// Goal: values through the C ABI: expressions over definitions for every kind of subject, refused where the
// definitions have changed; building, told and stopped. Method: a small shop whose values are counted by
// hand; each call with one argument wrong at a time.
#include <algorithm>
#include <iostream>
#include <map>
#include <random>
#include <sstream>

#include "capi/fixture.hpp"

namespace kith_test {
namespace {

constexpr const char *kShopValues = R"({"playbook": "shop", "format": 1, "version": 1, "about": "a test",
    "settings": {"many": 2},
    "define": [
    {"metric": "bought", "count": "order", "window": "P30D"},
    {"metric": "paid", "sum": "order", "of": "i.amount"},
    {"metric": "sold", "sum": "order", "of": "i.amount", "per": "actor"},
    {"metric": "pieces", "sum": "order.line", "of": "line.quantity", "per": "product"},
    {"metric": "trade", "sum": "order", "of": "i.amount", "per": "all", "by": "month"},
    {"bands": "often", "of": "m.bought", "classes": [{"is": "seldom", "below": "=setting.many"}, {"is": "often"}]},
    {"segment": "regular", "when": "band.often == 'often'"}]})";

class SubjectValuesTest : public Capi {
protected:
    ~SubjectValuesTest() override {
        for (auto *each : made_) kith_expr_free(each);
        for (auto *each : results_) kith_expr_result_free(each);
    }

    void define(const char *playbook) {
        ASSERT_EQ(kith_define(batch, playbook, KITH_NTS, nullptr, &error), KITH_OK) << error.message;
        ASSERT_EQ(commit(), KITH_OK) << error.message;
    }
    void fill() {
        const kith_line lines[] = {{str("tea"), 3 * KITH_DECIMAL_ONE, 0, 900, {}, 0, 0, 0}};
        for (int i = 0; i < 3; ++i) {
            const auto key = "R" + std::to_string(i);
            auto one = order(key, kNow - i * 20 * kDay, 1000);
            one.actor = str("mia");
            one.lines = lines;
            one.line_count = 1;
            ASSERT_EQ(append(host("shop", "ann"), one), KITH_OK) << error.message;
        }
        ASSERT_EQ(append(host("shop", "bob"), order("B1", kNow - kDay, 500)), KITH_OK) << error.message;
        ASSERT_EQ(commit(), KITH_OK) << error.message;
        ann = outcomes[0].party;
        bob = outcomes[3].party;
        sale = outcomes[2].interaction;
    }

    kith_subject party(const kith_id &id) {
        auto out = make<kith_subject>();
        out.party = id;
        return out;
    }
    kith_subject subject(std::uint32_t kind, std::string_view key = {}) {
        auto out = make<kith_subject>();
        out.kind = kind;
        out.key = str(key);
        return out;
    }

    kith_expr *compile(std::string_view source, std::uint32_t kind = KITH_SUBJECT_PARTY) {
        auto options = make<kith_expr_options>();
        options.definitions = fresh();
        options.subject = kind;
        kith_expr *out = nullptr;
        EXPECT_EQ(kith_expr_compile(source.data(), source.size(), &options, &out, &error), KITH_OK)
            << source << ": " << error.message;
        made_.push_back(out);
        return out;
    }
    kith_status eval(const kith_expr *expr, const kith_subject &of) {
        kith_expr_result *result = nullptr;
        const auto status = kith_expr_eval_subject(fresh(), expr, &of, nullptr, &result, &error);
        return keep(status, result);
    }
    kith_status keep(kith_status status, kith_expr_result *result) {
        json = "";
        results_.push_back(result);
        auto outcome = make<kith_expr_outcome>();
        if (result && kith_expr_result_describe(result, &outcome, &error) == KITH_OK)
            json = text_of(outcome.json);
        return status;
    }
    std::string value(std::string_view source, const kith_subject &of) {
        return eval(compile(source, of.kind), of) == KITH_OK ? json : error.message;
    }

    kith_id ann{}, bob{};
    kith_interaction_id sale{};
    std::string json;

private:
    std::vector<kith_expr *> made_;
    std::vector<kith_expr_result *> results_;
};

TEST_F(SubjectValuesTest, OfEveryKindOfSubject) {
    define(kShopValues);
    fill();
    EXPECT_EQ(value("m.bought", party(ann)), "2");
    EXPECT_EQ(value("m.paid", party(ann)), R"("30.00 USD")");
    EXPECT_EQ(value("m.orders", party(ann)), "3") << "kith's own figures stand beside the metrics";
    EXPECT_EQ(value("band.often", party(ann)), R"("often")");
    EXPECT_EQ(value("in_segment('regular') && setting.many == 2.0", party(ann)), "true");
    EXPECT_EQ(value("m.sold", subject(KITH_SUBJECT_ACTOR, "mia")), R"("30.00 USD")");
    EXPECT_EQ(value("m.pieces", subject(KITH_SUBJECT_PRODUCT, "tea")), "9");
    EXPECT_EQ(value("m.trade", subject(KITH_SUBJECT_ALL)), R"("15.00 USD")");
    EXPECT_EQ(value("all.m.trade > m.paid", party(ann)), "false");
    EXPECT_EQ(value("series.trade.size()", subject(KITH_SUBJECT_ALL)), "2");
    EXPECT_EQ(eval(compile("m.sold", KITH_SUBJECT_ACTOR), subject(KITH_SUBJECT_ACTOR, "zoe")),
              KITH_NOT_FOUND);
}

TEST_F(SubjectValuesTest, OfAPartyAndOfItsInteractionAtHand) {
    define(kShopValues);
    fill();
    kith_expr_result *result = nullptr;
    auto status = kith_expr_eval_party(fresh(), compile("m.bought + 1"), &ann, nullptr, &result, &error);
    ASSERT_EQ(keep(status, result), KITH_OK) << error.message;
    EXPECT_EQ(json, "3");
    status = kith_expr_eval_interaction(fresh(), compile("i.key + ' ' + string(m.bought)"), &sale, nullptr,
                                        &result, &error);
    ASSERT_EQ(keep(status, result), KITH_OK) << error.message;
    EXPECT_EQ(json, R"("R2 2")");
    // Without a file nothing is known of them.
    EXPECT_EQ(kith_expr_eval_values(compile("m.bought"), nullptr, &result, &error), KITH_E_RULE);
    EXPECT_EQ(error.detail, KITH_EXPR_CODE_ABSENT);
}

TEST_F(SubjectValuesTest, ChangedDefinitionsAreTold) {
    define(kShopValues);
    fill();
    auto *before = compile("m.bought");
    ASSERT_EQ(eval(before, party(ann)), KITH_OK);
    define(R"({"playbook": "more", "format": 1, "version": 1, "about": "a test",
        "define": [{"metric": "another", "count": "order"}]})");
    EXPECT_EQ(eval(before, party(ann)), KITH_E_STATE);
    EXPECT_STREQ(error.message, "the definitions have changed: compile the expression again");
    EXPECT_EQ(totals().sums_to_build, 0u) << "a sum that another definition has needs no building";
    EXPECT_EQ(value("m.another", party(ann)), "3");
}

TEST_F(SubjectValuesTest, AreBuiltOfWhatWasThere) {
    fill();
    define(kShopValues);
    EXPECT_EQ(totals().sums_to_build, 5u);
    auto *bought = compile("m.bought");
    EXPECT_EQ(eval(bought, party(ann)), KITH_E_RULE);
    EXPECT_NE(std::string(error.message).find("being built"), std::string::npos) << error.message;

    struct Told {
        int calls = 0;
        std::uint64_t done = 0, all = 0;
        int answer = 1;
    } told;
    const auto tell = [](std::uintptr_t user_data, std::uint64_t done, std::uint64_t all) {
        auto &out = *reinterpret_cast<Told *>(user_data);
        ++out.calls;
        out.done = done;
        out.all = all;
        return out.answer;
    };
    EXPECT_EQ(kith_definition_build(store, tell, reinterpret_cast<std::uintptr_t>(&told), &error),
              KITH_E_CANCELLED);
    EXPECT_EQ(told.calls, 1);
    told.answer = 0;
    EXPECT_EQ(kith_definition_build(store, tell, reinterpret_cast<std::uintptr_t>(&told), &error), KITH_OK)
        << error.message;
    EXPECT_LE(told.done, told.all);
    EXPECT_EQ(totals().sums_to_build, 0u);
    ASSERT_EQ(eval(bought, party(ann)), KITH_OK) << error.message << ": building changes no definition";
    EXPECT_EQ(json, "2");
    EXPECT_EQ(kith_definition_build(store, nullptr, 0, &error), KITH_OK) << "again, nothing to do";
}

TEST_F(SubjectValuesTest, WrongArgumentsAreRefused) {
    define(kShopValues);
    fill();
    auto *bought = compile("m.bought");
    EXPECT_EQ(eval(bought, subject(KITH_SUBJECT_ACTOR, "mia")), KITH_E_ARGUMENT);
    EXPECT_EQ(eval(bought, subject(KITH_SUBJECT_ALL + 1)), KITH_E_ARGUMENT);
    EXPECT_EQ(eval(compile("m.sold", KITH_SUBJECT_ACTOR), subject(KITH_SUBJECT_ACTOR)), KITH_E_ARGUMENT);
    EXPECT_EQ(eval(bought, party(kith_id{})), KITH_NOT_FOUND);
    auto small = party(ann);
    small.struct_size = 8;
    EXPECT_EQ(eval(bought, small), KITH_E_ARGUMENT);
    kith_expr_result *result = nullptr;
    EXPECT_EQ(kith_expr_eval_subject(fresh(), bought, nullptr, nullptr, &result, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_definition_build(nullptr, nullptr, 0, &error), KITH_E_ARGUMENT);
}

// ---- tables ----

// A table read into texts: empty cells "", reals as they are printed.
class ValueTables : public SubjectValuesTest {
protected:
    using Cells = std::vector<std::vector<std::string>>;

    Cells rows_of(kith_table *table) {
        std::size_t rows = 0, columns = 0;
        kith_table_size(table, &rows, &columns, nullptr);
        Cells out(rows);
        for (std::size_t i = 0; i < columns; ++i) {
            auto column = make<kith_column>();
            EXPECT_EQ(kith_table_column(table, i, &column, &error), KITH_OK) << error.message;
            names.push_back(text_of(column.name));
            for (std::size_t row = 0; row < rows; ++row) {
                std::string cell;
                if (column.type == KITH_COLUMN_ID) {
                    cell = "id";
                } else if (column.present && !column.present[row]) {
                    cell = "";
                } else if (column.type == KITH_COLUMN_TEXT) {
                    cell = text_of(column.texts[row]);
                } else if (column.type == KITH_COLUMN_REAL) {
                    std::ostringstream text;
                    text << column.reals[row];
                    cell = text.str();
                } else {
                    cell = std::to_string(column.ints[row]);
                }
                out[row].push_back(cell);
            }
        }
        kith_table_free(table);
        return out;
    }

    Cells values(std::uint32_t kind, const std::vector<std::string> &wanted, std::string_view where = {},
                 std::string_view order_by = {}, std::uint64_t limit = 0, std::uint32_t flags = 0) {
        std::vector<kith_str> all;
        for (const auto &name : wanted) all.push_back(str(name));
        auto options = make<kith_values_options>();
        options.subject = kind;
        options.names = all.data();
        options.name_count = all.size();
        options.where = str(where);
        options.order_by = str(order_by);
        options.limit = limit;
        options.flags = flags;
        kith_table *table = nullptr;
        names.clear();
        status = kith_values(fresh(), &options, &table, &error);
        return status == KITH_OK ? rows_of(table) : Cells();
    }

    Cells why(const kith_subject &of, std::string_view name) {
        kith_table *table = nullptr;
        names.clear();
        status = kith_why(fresh(), &of, name.data(), name.size(), nullptr, &table, &error);
        return status == KITH_OK ? rows_of(table) : Cells();
    }
    // "level kind name = value", a row a line.
    static std::string tree(const Cells &rows) {
        std::string out;
        for (const auto &row : rows) {
            out += row[0] + " " + row[1] + " " + row[2] + " = " + row[3] + "\n";
        }
        return out;
    }

    std::vector<std::string> names;
    kith_status status = KITH_OK;
};

TEST_F(ValueTables, HaveAColumnForEachName) {
    define(kShopValues);
    fill();
    const std::vector<std::string> wanted{"bought", "m.paid", "band.often", "party.name", "m.bought > 1"};
    EXPECT_EQ(values(KITH_SUBJECT_PARTY, wanted), (Cells{{"ann", "id", "2", "3000", "often", "", "1"},
                                                         {"bob", "id", "1", "500", "seldom", "", "0"}}));
    EXPECT_EQ(names, (std::vector<std::string>{"party", "id", "bought", "m.paid", "band.often", "party.name",
                                               "m.bought > 1"}));
    EXPECT_EQ(values(KITH_SUBJECT_PARTY, {"paid"}, "m.paid < money('10', 'USD')"),
              (Cells{{"bob", "id", "500"}}));
    EXPECT_EQ(values(KITH_SUBJECT_PARTY, {"paid"}, {}, "paid", 1), (Cells{{"bob", "id", "500"}}));
    EXPECT_EQ(values(KITH_SUBJECT_PARTY, {"paid"}, {}, "paid", 1, KITH_VALUES_DESCENDING),
              (Cells{{"ann", "id", "3000"}}));
    EXPECT_EQ(values(KITH_SUBJECT_ACTOR, {"sold"}), (Cells{{"mia", "3000"}}));
    EXPECT_EQ(values(KITH_SUBJECT_PRODUCT, {"m.pieces"}), (Cells{{"tea", "9"}}));
    EXPECT_EQ(values(KITH_SUBJECT_ALL, {"trade", "double(m.trade.getMinorUnits()) / 0.0"}), Cells());
    EXPECT_EQ(status, KITH_E_RULE) << "there is no such function";
    EXPECT_EQ(error.item, 1u);
    EXPECT_EQ(values(KITH_SUBJECT_ALL, {"trade", "1.0 / 0.0"}), (Cells{{"1500", ""}}));
    EXPECT_EQ(values(KITH_SUBJECT_CAMPAIGN, {}), Cells());
    EXPECT_EQ(status, KITH_OK);
    EXPECT_EQ(values(KITH_SUBJECT_PARTY, {"paid"}, {}, "bought"), Cells());
    EXPECT_EQ(status, KITH_E_ARGUMENT) << "an order by what is not there";
    EXPECT_EQ(values(KITH_SUBJECT_PARTY, {"paid"}, "m.paid"), Cells());
    EXPECT_EQ(status, KITH_E_RULE) << "no condition";
}

// Against expressions evaluated one by one, at drawn instants.
TEST_F(ValueTables, AgreeWithExpressions) {
    const auto seed = std::random_device()();
    std::cout << "seed " << seed << "\n";
    std::mt19937 random(seed);
    define(kShopValues);
    std::map<std::string, kith_id> parties;
    for (int i = 0; i < 120; ++i) {
        const auto key = "p" + std::to_string(random() % 40);
        const auto receipt = "R" + std::to_string(i);
        auto one = order(receipt, kNow - static_cast<kith_time>(random() % 60) * kDay,
                         static_cast<std::int64_t>(random() % 5000));
        ASSERT_EQ(append(host("shop", key), one), KITH_OK) << error.message;
        ASSERT_EQ(commit(), KITH_OK) << error.message;
        parties[key] = outcomes[0].party;
    }
    const std::vector<std::string> wanted{"m.bought", "band.often", "in_segment('regular') ? 1 : 0"};
    const auto table = values(KITH_SUBJECT_PARTY, wanted);
    ASSERT_EQ(table.size(), parties.size());
    auto party_at = parties.begin();
    for (const auto &row : table) {
        EXPECT_EQ(row[0], party_at->first);
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            auto found = value(wanted[i], party(party_at->second));
            std::erase(found, '"');
            EXPECT_EQ(row[2 + i], found) << row[0] << " " << wanted[i];
        }
        ++party_at;
    }
    const auto regular = values(KITH_SUBJECT_PARTY, {}, "in_segment('regular')");
    EXPECT_EQ(regular.size(), static_cast<std::size_t>(std::ranges::count_if(
                                  table, [](const auto &row) { return row[4] == "1"; })));
}

TEST_F(ValueTables, SeriesRunFromTheFirstRowToTheOpenPeriod) {
    define(kShopValues);
    fill();
    kith_table *table = nullptr;
    auto base = subject(KITH_SUBJECT_ALL);
    ASSERT_EQ(kith_series(fresh(), &base, "trade", KITH_NTS, nullptr, &table, &error), KITH_OK)
        << error.message;
    // kNow is 2023-11-14T22:13:20Z: orders of October 5, October 25 and November 13 and 14.
    EXPECT_EQ(rows_of(table), (Cells{{"2023-10-01", "1696118400000000", "2000"},
                                     {"2023-11-01", "1698796800000000", "1500"}}));
    EXPECT_EQ(kith_series(fresh(), &base, "nothing", KITH_NTS, nullptr, &table, &error), KITH_E_MISSING);
    auto of = party(ann);
    EXPECT_EQ(kith_series(fresh(), &of, "paid", KITH_NTS, nullptr, &table, &error), KITH_E_ARGUMENT);
    of.party = {};
    EXPECT_EQ(kith_series(fresh(), &of, "paid", KITH_NTS, nullptr, &table, &error), KITH_NOT_FOUND);
}

constexpr const char *kWorth = R"json({"playbook": "worth", "format": 1, "version": 1, "about": "a test",
    "labels": {"zh": {"cell.worth.best": "明星"}},
    "define": [
    {"metric": "share", "value": "double(m.bought) / double(all.m.orders_all)", "source": "a book, page 7"},
    {"metric": "orders_all", "count": "order", "per": "all"},
    {"metric": "wish", "given": "double"},
    {"bands": "much", "of": "m.paid", "classes": [{"is": "little", "up_to": 10}, {"is": "some", "below": 30},
                                                  {"is": "lots"}]},
    {"bands": "hope", "of": "m.wish", "classes": [{"is": "low", "up_to": 10}, {"is": "high"}]},
    {"matrix": "worth", "x": "band.often", "y": "band.much", "cells": [
        {"x": "seldom|often", "y": "little|some", "is": "low"}, {"x": "seldom", "y": "lots", "is": "big"},
        {"x": "often", "y": "lots", "is": "best", "policy": {"visits": 12}}]},
    {"scorecard": "fit", "method": "weighted_mean", "scale": [0, 10], "indicators": [
        {"name": "often", "value": "m.bought", "weight": 0.25}, {"name": "share", "value": "m.share", "weight": 0.75}]}]})json";

TEST_F(ValueTables, TellWhy) {
    define(kShopValues);
    define(kWorth);
    fill();
    EXPECT_EQ(tree(why(party(ann), "cell.worth")),
              "0 cell cell.worth = best\n"
              "1 x band.often = often\n"
              "2 band band.often = often\n"
              "3 of m.bought = 2\n"
              "4 metric m.bought = 2\n"
              "5 window window = 2 rows\n"
              "6 row order = 10.00 USD\n"
              "6 row order = 10.00 USD\n"
              "3 limit often = from 2\n"
              "4 setting setting.many = 2\n"
              "1 y band.much = lots\n"
              "2 band band.much = lots\n"
              "3 of m.paid = 30.00 USD\n"
              "4 metric m.paid = 30.00 USD\n"
              "5 window window = 3 rows\n"
              "6 row order = 10.00 USD\n"
              "6 row order = 10.00 USD\n"
              "6 row order = 10.00 USD\n"
              "3 limit lots = from 30\n");
    const auto cell = why(party(ann), "cell.worth")[0];
    EXPECT_EQ(cell[4], "policy: visits 12");
    EXPECT_EQ(cell[5], "matrix worth");
    EXPECT_EQ(cell[6], "1");
    const auto row = why(party(ann), "m.bought")[2];
    EXPECT_EQ(row[4], "2023-11-14T22:13:20Z");
    EXPECT_EQ(row[10], "ann");
    EXPECT_EQ(row[11].size(), 64u);

    // Formulas down to the base; what is read twice is explained once.
    const auto share = why(party(ann), "share");
    EXPECT_EQ(share[0][4], "= double(m.bought) / double(all.m.orders_all)");
    EXPECT_EQ(share[0][7], "a book, page 7");
    EXPECT_NE(tree(share).find("1 metric all.m.orders_all = 4\n2 window window = 4 rows\n"),
              std::string::npos)
        << tree(share);

    // Addends sum to the score.
    const auto fit = why(party(ann), "score.fit");
    double sum = 0;
    for (const auto &one : fit) {
        if (one[1] == "indicator") sum += std::stod(one[9]);
    }
    EXPECT_DOUBLE_EQ(sum, std::stod(fit[0][3]));
    EXPECT_DOUBLE_EQ(sum, 0.25 * 2 + 0.75 * 0.5);
    EXPECT_NE(tree(fit).find("2 metric m.bought = 2\n"), std::string::npos);

    // Conditions that decided a membership.
    const auto regular = why(party(ann), "segment.regular");
    EXPECT_EQ(tree(regular).substr(0, 97),
              "0 segment segment.regular = true\n1 since in = 2023-11-14T22:13:20Z\n"
              "1 condition band.often = often");
    EXPECT_EQ(regular[1][4], "because of order at 2023-10-25T22:13:20Z, recorded late")
        << "the newest was recorded first";
    EXPECT_EQ(regular[1][11].size(), 64u);
    EXPECT_EQ(why(party(bob), "segment.regular")[1][1], "condition") << "never in it";

    // What is missing.
    const auto hope = why(party(ann), "band.hope");
    EXPECT_EQ(hope[0][4], "unknown: the class is unknown");
    EXPECT_EQ(hope[1][4], "unknown: nobody gave a value");
    EXPECT_EQ(tree(why(subject(KITH_SUBJECT_ACTOR, "mia"), "sold")).substr(0, 58),
              "0 metric m.sold = 30.00 USD\n1 window window = 3 rows\n2 row");
    EXPECT_EQ(why(party(ann), "m.nothing"), Cells());
    EXPECT_EQ(status, KITH_E_MISSING);
    EXPECT_EQ(why(party(ann), "m.sold"), Cells()) << "an actor's";
    EXPECT_EQ(status, KITH_E_MISSING);
    EXPECT_EQ(why(subject(KITH_SUBJECT_ACTOR, "zoe"), "sold"), Cells());
    EXPECT_EQ(status, KITH_NOT_FOUND);

    // Not run yet: the condition no longer holds, the member is still kept.
    world.now = kNow + 15 * kDay;
    const auto due = why(party(ann), "segment.regular");
    EXPECT_EQ(due[0][3], "false");
    EXPECT_EQ(due[1][2], "in");
    EXPECT_TRUE(due[1][4].ends_with("; so it is kept: kith run-due brings it up to date")) << due[1][4];
}

constexpr const char *kPlaced = R"json({"playbook": "placed", "format": 1, "define": [
    {"metric": "interest", "sum": "order", "of": "i.amount", "decay": "P30D"},
    {"metric": "team", "sum": "order", "of": "i.amount", "per": "actor", "along": "part_of"},
    {"bands": "half", "of": "m.paid", "quantiles": 2, "every": "month"},
    {"bands": "part", "of": "m.bought", "cumulative_share": [0.5], "classes": ["A", "B"], "every": "month"},
    {"segment": "top", "when": "band.half == '2'"}]})json";

// What is not of the subject's own rows: the base's cuts, the tree below, what somebody gave.
TEST_F(ValueTables, TellWhyOfTheBaseAndTheTreeAndTheGiven) {
    define(kShopValues);
    define(kWorth);
    define(kPlaced);
    auto mia = make<kith_actor>();
    mia.key = str("mia");
    mia.fields = KITH_ACTOR_FIELD_PART_OF;
    mia.part_of = str("north");
    ASSERT_EQ(kith_actor_put(batch, &mia, 0, nullptr, &error), KITH_OK) << error.message;
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    fill();
    EXPECT_EQ(why(party(ann), "band.half")[0][4], "unknown: the class is unknown") << "no cuts yet";
    ASSERT_EQ(kith_store_run_due(store, kNow, nullptr, &error), KITH_OK) << error.message;

    // Quantiles of 5.00 and 30.00: the median.
    const auto half = why(party(ann), "band.half");
    EXPECT_EQ(tree(half),
              "0 band band.half = 2\n"
              "1 of m.paid = 30.00 USD\n"
              "2 metric m.paid = 30.00 USD\n"
              "3 window window = 3 rows\n"
              "4 row order = 10.00 USD\n"
              "4 row order = 10.00 USD\n"
              "4 row order = 10.00 USD\n"
              "1 limit 2 = \n"
              "2 cut 1 = 18.00 USD\n");
    EXPECT_EQ(half[7][4], "by its place in the base; cuts taken 2023-11-14T22:13:20Z of 2 parties");
    const auto part = tree(why(party(ann), "band.part"));
    EXPECT_NE(part.find("1 limit A = \n2 cut 1 = 2\n"), std::string::npos) << part;
    const auto top = why(party(ann), "segment.top");
    EXPECT_EQ(top[1][3], "2023-11-14T22:13:20Z");
    EXPECT_EQ(top[1][4], "because the definition was installed, or its cuts were taken");

    const auto interest = why(party(ann), "interest");
    EXPECT_TRUE(interest[1][4].ends_with("; a row's weight halves every 30 days")) << interest[1][4];

    // All that stand below north: itself and mia, who has the rows.
    EXPECT_EQ(tree(why(subject(KITH_SUBJECT_ACTOR, "north"), "team")),
              "0 metric m.team = 30.00 USD\n"
              "1 tree part_of = 2 subjects\n"
              "1 window window = 3 rows\n"
              "2 row order = 10.00 USD\n"
              "2 row order = 10.00 USD\n"
              "2 row order = 10.00 USD\n");

    auto wish = make<kith_score>();
    wish.metric = str("wish");
    wish.at = kNow - kDay;
    wish.fields = KITH_SCORE_FIELD_NUMBER;
    wish.number = 7;
    wish.nature = KITH_NATURE_STATED;
    wish.author = str("mia");
    wish.source = str("survey");
    const auto who = host("shop", "ann");
    ASSERT_EQ(kith_score_append(batch, &who, 0, &wish, nullptr, &error), KITH_OK) << error.message;
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    const auto given = why(party(ann), "wish");
    EXPECT_EQ(tree(given), "0 metric m.wish = 7\n1 given wish = 2023-11-13T22:13:20Z\n");
    EXPECT_EQ(given[1][4], "stated, by mia, source survey");
}

// ---- settings and labels ----

TEST_F(ValueTables, SettingsAreChangedByHandAndStay) {
    define(kShopValues);
    fill();
    EXPECT_EQ(value("band.often", party(ann)), R"("often")");
    const auto set = [&](std::string_view name, std::string_view to) {
        const auto set_status =
            kith_setting_set(batch, name.data(), name.size(), to.data(), to.size(), nullptr, &error);
        return set_status == KITH_OK ? commit() : set_status;
    };
    ASSERT_EQ(set("many", "2.5"), KITH_OK) << error.message;
    EXPECT_EQ(value("band.often", party(ann)), R"("seldom")");
    EXPECT_EQ(value("setting.many", party(ann)), "2.5");
    define(kShopValues);
    EXPECT_EQ(value("setting.many", party(ann)), "2.5") << "installed again, it stays as it was set";
    EXPECT_EQ(set("most", "2"), KITH_E_MISSING);
    kith_batch_clear(batch);
    EXPECT_EQ(set("many", "true"), KITH_E_RULE);
    EXPECT_NE(
        std::string(error.message).find("setting.many: must be a number, or an amount as \"500.00 EUR\""),
        std::string::npos);
    EXPECT_EQ(set("many", "2,\"x\":1"), KITH_E_FORMAT) << "one value";
    ASSERT_EQ(set("many", "2"), KITH_OK) << error.message;
    EXPECT_EQ(value("band.often", party(ann)), R"("often")");
}

TEST_F(ValueTables, LabelsOfAPlaybookAreStored) {
    define(kShopValues);
    define(kWorth);
    auto query = make<kith_query>();
    query.list = KITH_LIST_DEFINITIONS;
    kith_cursor *cursor = nullptr;
    ASSERT_EQ(kith_cursor_open(fresh(), &query, &cursor, &error), KITH_OK) << error.message;
    kith_page *page = nullptr;
    ASSERT_EQ(kith_cursor_next(cursor, 1000, &page, &error), KITH_OK) << error.message;
    std::size_t count = 0;
    const auto *definitions = kith_page_definitions(page, &count);
    std::string found;
    for (std::size_t i = 0; i < count; ++i) {
        if (text_of(definitions[i]->kind) == "labels" && text_of(definitions[i]->name) == "worth")
            found += text_of(definitions[i]->name) + " " + text_of(definitions[i]->json);
    }
    EXPECT_EQ(found, R"(worth {"zh":{"cell.worth.best":"明星"}})");
    kith_page_free(page);
    kith_cursor_free(cursor);
}

TEST_F(ValueTables, SayWhoWouldGetIt) {
    define(kShopValues);
    fill();
    auto zoe = make<kith_actor>();
    zoe.fields = KITH_ACTOR_FIELD_ACTIVE | KITH_ACTOR_FIELD_PART_OF;
    zoe.active = 1;
    zoe.key = str("zoe");
    ASSERT_EQ(kith_actor_put(batch, &zoe, 0, nullptr, &error), KITH_OK) << error.message;
    zoe.key = str("mia");
    zoe.part_of = str("zoe");
    ASSERT_EQ(kith_actor_put(batch, &zoe, 0, nullptr, &error), KITH_OK) << error.message;
    const auto refs = host("shop", "ann");
    auto owned = make<kith_party>();
    owned.fields = KITH_PARTY_FIELD_OWNER;
    owned.owner = str("mia");
    ASSERT_EQ(kith_party_put(batch, &refs, 0, &owned, nullptr, &error), KITH_OK) << error.message;
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    const auto try_it = [&](std::string_view among, const std::vector<std::string> &rankings) {
        auto options = make<kith_assign_options>();
        std::vector<kith_str> best;
        for (const auto &each : rankings) best.push_back(str(each));
        options.among = str(among);
        options.best = best.data();
        options.best_count = best.size();
        kith_table *table = nullptr;
        names.clear();
        status = kith_assign(fresh(), &ann, &options, &table, &error);
        return status == KITH_OK ? rows_of(table) : Cells();
    };
    EXPECT_EQ(try_it({}, {}), (Cells{{"mia", "", "1", "the owner, mia"}}));
    EXPECT_EQ(try_it("actor.key != party.owner", {"m.sold", "actor.key"}),
              (Cells{{"zoe", "", "1", "the only actor that fits, zoe", "0", "zoe"},
                     {"mia", "", "0", "actor.key != party.owner is false", "", ""}}));
    EXPECT_EQ(names, (std::vector<std::string>{"actor", "name", "taken", "because", "m.sold", "actor.key"}));
    EXPECT_EQ(try_it("actor.active", {"m.sold"}),
              (Cells{{"mia", "", "1", "the best of 2, mia", "3000"}, {"zoe", "", "0", "", "0"}}));
    EXPECT_EQ(try_it("actor.activ", {}), Cells());
    EXPECT_EQ(status, KITH_E_RULE);
    EXPECT_NE(std::string(error.message).find("1:7: no_field"), std::string::npos) << error.message;
    EXPECT_EQ(try_it({}, {"m.sold"}), Cells());
    EXPECT_EQ(status, KITH_E_ARGUMENT);
    EXPECT_EQ(try_it("true", std::vector<std::string>(17, "1")), Cells());
    EXPECT_EQ(status, KITH_E_LIMIT);
    kith_table *table = nullptr;
    const kith_id nobody{};
    EXPECT_EQ(kith_assign(fresh(), &nobody, nullptr, &table, &error), KITH_NOT_FOUND);
}

}  // namespace
}  // namespace kith_test
