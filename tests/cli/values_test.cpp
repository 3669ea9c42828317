// Goal: values on the command line: metrics, series, scores, matrices, segments, settings and why, as tables
// for people and exact in CSV and JSON; names in another language; mistakes that say what to do.
// Method: a small shop whose values are counted by hand, at one instant.
#include <kith/kith.h>

#include "cli/shop.hpp"

namespace kith::test {
namespace {

constexpr const char *kValuedOrders =
    "customer,when,total,number,what\n"
    "ann,2024-01-05,10.00,o1,tea\nann,2024-02-05,20.00,o2,cup\nann,2024-04-05,70.50,o3,tea\n"
    "ben,2024-04-06 18:30:00,7,o4,tea\ncyd,2024-04-07,700,o5,cup\n";

constexpr const char *kValues = R"json({"playbook": "values", "format": 1,
  "settings": {"high": 100},
  "labels": {"zh": {"cell.service": "客户矩阵", "cell.service.star": "明星", "band.loyal.high": "忠诚"}},
  "define": [
  {"metric": "orders_24m", "count": "order", "window": "P24M", "about": "orders in two years"},
  {"metric": "spent_24m", "sum": "order", "of": "i.amount", "window": "P24M"},
  {"metric": "sold", "sum": "order.line", "of": "line.amount", "per": "product"},
  {"metric": "trade", "sum": "order", "of": "i.amount", "per": "all", "by": "month"},
  {"bands": "loyal", "of": "m.orders_24m", "classes": [{"is": "low", "up_to": 2}, {"is": "high"}]},
  {"bands": "worth", "of": "m.spent_24m", "classes": [{"is": "low", "below": "=setting.high"}, {"is": "high"}]},
  {"matrix": "service", "x": "band.loyal", "y": "band.worth", "cells": [
    {"x": "low", "y": "low", "is": "serve"}, {"x": "high", "y": "low", "is": "keep"},
    {"x": "low", "y": "high", "is": "win", "labels": {"zh": "争取"}},
    {"x": "high", "y": "high", "is": "star", "policy": {"visits": 4}}]},
  {"segment": "good", "labels": {"zh": {"": "好客户", "cell.service.serve": "一般服务"}}, "when": "m.orders_24m >= 3 || m.spent_24m > money('100', 'EUR')"},
  {"scorecard": "fit", "method": "weighted_mean", "scale": [0, 10], "indicators": [
    {"name": "often", "value": "m.orders_24m", "weight": 0.5, "labels": {"zh": "频率"}},
    {"name": "more", "value": "m.orders_24m + 1", "weight": 0.5}]}]})json";

class ValuesTest : public Shop {
protected:
    void fill() {
        ASSERT_EQ(init(file_, {"--currency", "EUR", "--tz", "Europe/Zagreb"}).status, 0);
        ASSERT_EQ(import(write("orders.csv", kValuedOrders),
                         {"--kind", "order", "--map",
                          "party=customer,at=when,amount=total,key=number,product=what"})
                      .status,
                  0);
        const Ended defined = run({"define", file_, write("values.json", kValues)});
        ASSERT_EQ(defined.status, 0) << defined;
    }
    // At one instant.
    std::vector<std::string> at(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin() + 1, file_);
        arguments.insert(arguments.end(), {"--now", "2024-05-01"});
        return arguments;
    }
    std::string csv(std::vector<std::string> arguments) {
        arguments.emplace_back("--csv");
        return text(at(std::move(arguments)));
    }
};

TEST_F(ValuesTest, MetricsOfEverybody) {
    fill();
    EXPECT_EQ(
        csv({"metrics", "orders_24m", "spent_24m", "cell.service"}),
        "party,orders_24m,spent_24m,cell.service\nann,3,100.50,star\nben,1,7.00,serve\ncyd,1,700.00,win\n");
    EXPECT_EQ(csv({"metrics", "sold", "--per", "product"}), "product,sold\ncup,720.00\ntea,87.50\n");
    EXPECT_EQ(csv({"metrics", "spent_24m", "--where", "in_segment('good')", "--order", "spent_24m", "--limit",
                   "1"}),
              "party,spent_24m\ncyd,700.00\n");
    const Json values = json(at({"metrics", "orders_24m", "party.name"}));
    EXPECT_EQ(values["values"][0]["party"], "ann");
    EXPECT_EQ(values["values"][0]["orders_24m"], 3);
    EXPECT_EQ(values["values"][0]["party.name"], "");
    const std::string table = text(at({"metrics", "spent_24m"}));
    EXPECT_LT(table.find("cyd"), table.find("ann")) << "the largest first\n" << table;

    const Json listed = json({"metrics", file_});
    EXPECT_EQ(listed["metrics"].size(), 4U);
    EXPECT_EQ(listed["metrics"][0]["about"], "orders in two years");
    EXPECT_EQ(listed["metrics"][1]["counts"], "sum of line.amount over order.line");
    const Ended wrong = run(at({"metrics", "ordrs_24m"}));
    EXPECT_EQ(wrong.status, 1);
    EXPECT_NE(wrong.err.find("did you mean 'orders_24m'"), std::string::npos) << wrong;
}

TEST_F(ValuesTest, Series) {
    fill();
    EXPECT_EQ(csv({"series", "trade", "--all"}),
              "period,value\n2024-01-01,10.00\n2024-02-01,20.00\n2024-03-01,0.00\n2024-04-01,777.50\n"
              "2024-05-01,0.00\n");
    EXPECT_EQ(run(at({"series", "orders_24m", "ann"})).status, 2) << "no series";
    EXPECT_EQ(run(at({"series", "trade"})).status, 2) << "whose?";
}

TEST_F(ValuesTest, Scores) {
    fill();
    EXPECT_EQ(csv({"score", "fit"}), "party,score.fit,party.name\nann,3.5,\nben,1.5,\ncyd,1.5,\n");
    EXPECT_EQ(csv({"score", "fit", "ann"}), "indicator,value,weight,addend\noften,3,0.5,1.5\nmore,4,0.5,2\n");
    EXPECT_NE(text(at({"score", "fit", "ann", "--language", "zh"})).find("频率"), std::string::npos);
    EXPECT_EQ(json(at({"score", "fit", "ann"}))["score"], 3.5);
    EXPECT_EQ(run(at({"score", "fat"})).err, "kith: no scorecard is called fat; there are: fit\n");
}

TEST_F(ValuesTest, MatrixInChinese) {
    fill();
    EXPECT_EQ(csv({"matrix", "service"}),
              "x,y,cell,count\nlow,low,serve,1\nhigh,low,keep,0\nlow,high,win,1\nhigh,high,star,1\n");
    const std::string zh = text(at({"matrix", "service", "--language", "zh"}));
    for (const char *label : {"客户矩阵", "明星", "争取", "忠诚", "一般服务", "keep"})
        EXPECT_NE(zh.find(label), std::string::npos) << label << "\n" << zh;
    EXPECT_EQ(csv({"matrix", "service", "--members", "明星", "--language", "zh"}),
              "party,cell.service,party.name\nann,star,\n");
    EXPECT_EQ(json(at({"matrix", "service", "--members", "win"}))["members"][0]["party"], "cyd");
}

TEST_F(ValuesTest, Segments) {
    fill();
    EXPECT_EQ(csv({"segments"}),
              "segment,per,members,subjects,when,built\ngood,party,2,3,\"m.orders_24m >= 3 || m.spent_24m > "
              "money('100', 'EUR')\",true\n");
    EXPECT_EQ(csv({"segments", "good"}), "party,party.name\nann,\ncyd,\n");
    EXPECT_EQ(json(at({"segments", "good"}))["count"], 2);
    EXPECT_EQ(json(at({"segments", "--language", "zh"}))["segments"][0]["label"], "好客户");
}

// Installed by a host that has not built it yet: it is said so, and `run-due` goes on with it.
TEST_F(ValuesTest, ASegmentBeingBuiltIsSaidToBe) {
    fill();
    const std::string playbook = R"({"playbook": "late", "format": 1, "define": [
        {"segment": "often", "when": "m.orders_24m >= 3"}]})";
    kith_error error{};
    error.struct_size = sizeof error;
    kith_open_options options{};
    options.struct_size = sizeof options;
    kith_store *store = nullptr;
    kith_batch *batch = nullptr;
    ASSERT_EQ(kith_store_open(file_.c_str(), KITH_NTS, &options, &store, &error), KITH_OK) << error.message;
    ASSERT_EQ(kith_batch_new(store, &batch, &error), KITH_OK) << error.message;
    ASSERT_EQ(kith_define(batch, playbook.data(), playbook.size(), nullptr, &error), KITH_OK)
        << error.message;
    ASSERT_EQ(kith_batch_commit(batch, nullptr, &error), KITH_OK) << error.message;
    kith_batch_free(batch);
    kith_store_close(store);

    EXPECT_NE(text({"segments", file_}).find("often    0 (being built)"), std::string::npos)
        << text({"segments", file_});
    EXPECT_NE(text({"segments", file_, "often"})
                  .find("0 in often; it is being built: kith define or kith run-due goes on"),
              std::string::npos)
        << text({"segments", file_, "often"});
    EXPECT_EQ(json({"segments", file_, "often"})["built"], false);
    const auto rows = csv_rows(text({"segments", file_, "--csv"}));
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[2].back(), "false");
    EXPECT_EQ(rows[1].back(), "true");  // the other is not affected
    ASSERT_EQ(run({"run-due", file_, "--now", "2024-05-01"}).status, 0);
    EXPECT_EQ(text({"segments", file_}).find("being built"), std::string::npos);
    EXPECT_EQ(json({"segments", file_, "often"})["count"], 1);
    EXPECT_EQ(json({"segments", file_, "often"})["built"], true);
}

// Without --now: as kept. They are in from their last order on, as the definition came later. Two years after
// ann's first order and cyd's, at midnight in Zagreb, they leave.
TEST_F(ValuesTest, SegmentsAreKept) {
    fill();
    EXPECT_EQ(text({"segments", file_, "good", "--csv"}),
              "party,party.name,since\nann,,2024-04-04T22:00:00Z\ncyd,,2024-04-06T22:00:00Z\n");
    EXPECT_EQ(text({"segments", file_, "good", "--csv", "--limit", "1"}),
              "party,party.name,since\nann,,2024-04-04T22:00:00Z\n");
    EXPECT_EQ(text({"segments", file_, "good", "ann", "--csv"}),
              "at,did,cause,event,version,late\n2024-04-04T22:00:00Z,entered,definition,,1,false\n");
    const Json kept = json({"segments", file_, "good"});
    EXPECT_EQ(kept["count"], 2);
    EXPECT_EQ(kept["built"], true);
    EXPECT_EQ(kept["members"][1]["since"], "2024-04-06T22:00:00Z");
    EXPECT_EQ(json({"show", file_, "ann"})["segments"],
              Json::parse(R"([{"segment": "good", "since": "2024-04-04T22:00:00Z"}])"));
    EXPECT_EQ(json({"show", file_, "ben"})["segments"], Json::array());
    EXPECT_NE(text({"show", file_, "ann"}).find("good since 2024-04-04"), std::string::npos);

    ASSERT_EQ(run({"run-due", file_, "--now", "2026-02-01"}).status, 0);
    EXPECT_EQ(json({"segments", file_})["segments"][0]["members"], 1);
    const Json log = json({"segments", file_, "good", "ann"})["log"];
    ASSERT_EQ(log.size(), 2U);
    EXPECT_EQ(log[1]["did"], "left");
    EXPECT_EQ(log[1]["cause"], "timer");
    EXPECT_EQ(log[1]["at"], "2026-01-04T23:00:00Z");
    const std::string feed = text({"feed", file_, "--json"});
    EXPECT_NE(feed.find(R"("name":"good","from":"in","to":"out","at":"2026-01-04T23:00:00Z")"),
              std::string::npos)
        << feed;
    EXPECT_EQ(json(at({"segments", "good"}))["count"], 2) << "as it was then";
    EXPECT_EQ(run({"segments", file_, "good", "ben"}).out, "ben was never in good.\n");
    EXPECT_EQ(run({"segments", file_, "bad", "ann"}).status, 1);
}

TEST_F(ValuesTest, WhyIsATree) {
    fill();
    const std::string tree = text(at({"why", "cell.service", "ann", "--rows", "1"}));
    for (const char *line : {"cell.service", "    band.loyal", "        m.orders_24m", "above 2",
                             "setting.high", "70.50 EUR", "matrix service, version 1", "policy: visits 4"})
        EXPECT_NE(tree.find(line), std::string::npos) << line << "\n" << tree;
    EXPECT_EQ(tree.find("20.00 EUR"), std::string::npos) << "one row\n" << tree;
    const Json why = json(at({"why", "m.sold", "--product", "tea"}));
    EXPECT_EQ(why["product"], "tea");
    EXPECT_EQ(why["tree"][0]["value"], "87.50 EUR");
    EXPECT_EQ(why["tree"].size(), 5U);
    EXPECT_EQ(run(at({"why", "m.sold", "ann"})).status, 1) << "a product's";
    EXPECT_EQ(run(at({"why", "m.sold", "--product", "salt"})).err,
              "kith: the file knows of no product salt\n");
}

TEST_F(ValuesTest, SettingsAreChanged) {
    fill();
    EXPECT_EQ(json({"setting", file_})["settings"][0]["value"], "100");
    EXPECT_EQ(text({"setting", file_, "high", "101 EUR"}), "high is 101 EUR.\n");
    EXPECT_EQ(csv({"metrics", "cell.service", "--where", "m.orders_24m > 1"}),
              "party,cell.service\nann,keep\n");
    EXPECT_EQ(text({"setting", file_, "high", "101 EUR"}), "high is 101 EUR already.\n");
    EXPECT_EQ(run({"setting", file_, "hihg", "3"}).err, "kith: no setting is called hihg; there are: high\n");
    EXPECT_EQ(run({"setting", file_, "high", "much"}).status, 1);
}

TEST_F(ValuesTest, WhoWouldGetIt) {
    fill();
    ASSERT_EQ(run({"import", file_, "actors",
                   write("actors.csv",
                         "key,name,part_of,active,skills\nhq,Head,,1,\nmia,Mia,hq,1,repair:3\n"
                         "leo,Leo,hq,1,repair:5\ntom,Tom,hq,0,repair:9\n")})
                  .status,
              0);
    ASSERT_EQ(run({"import", file_, "parties", write("owners.csv", "key,owner\nann,tom\n")}).status, 0);
    EXPECT_EQ(text(at({"assign", "ann"})), "the owner, tom, is not active: it falls to hq, above\n");
    EXPECT_EQ(csv({"assign", "ann", "--among", "actor.skills.repair >= 3", "--best", "actor.skills.repair"}),
              "actor,name,taken,because,actor.skills.repair\n"
              "leo,Leo,1,\"the best of 2, leo\",5\nmia,Mia,0,,3\n"
              "hq,Head,0,there is no such key in the map: actor.skills.repair,\n"
              "tom,Tom,0,is not active,\n");
    EXPECT_EQ(text(at({"assign", "ann", "--among", "false"})),
              "Nobody: no actor fits.\n\nWhy not the others: --explain\n");
    const Ended wrong = run(at({"assign", "ann", "--among", "actor.skill == 3"}));
    EXPECT_EQ(wrong.status, 1);
    EXPECT_NE(wrong.err.find("did you mean 'skills'?"), std::string::npos) << wrong;
}

}  // namespace
}  // namespace kith::test
