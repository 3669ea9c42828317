// Goal: playbooks and the board do from the command line what their help says. Method: the real command on
// real files: all built-in playbooks in one file, a test that fails, a board worked out by hand.
#include <map>
#include <set>

#include "cli/shop.hpp"

namespace kith::test {
namespace {

class PlaybooksTest : public Shop {
protected:
    std::string kith(const std::vector<std::string> &arguments, int status = 0) const {
        const Ended ended = run(arguments);
        EXPECT_EQ(ended.status, status) << ended;
        return ended.out;
    }
    Json json_of(std::vector<std::string> arguments, int status = 0) const {
        arguments.emplace_back("--json");
        return parse(kith(arguments, status));
    }
};

TEST_F(PlaybooksTest, AllOfThemInOneFile) {
    ASSERT_EQ(init().status, 0);
    const auto all = json_of({"playbook", "list"});
    ASSERT_GE(all.size(), 16U);
    std::size_t installed = 0;
    for (const auto &one : all) {
        const auto name = one["name"].get<std::string>();
        EXPECT_NE(one["about"], "") << name;
        EXPECT_EQ(parse(kith({"playbook", "show", name, "--json"}))["playbook"], name);
        EXPECT_NE(kith({"playbook", "show", name}).find(name), std::string::npos);
        EXPECT_EQ(json_of({"playbook", "install", file_, name})["changed"], name != "lifecycle") << name;
        ++installed;
    }
    EXPECT_EQ(installed, all.size());
    // Again: no definition of one is another's, with another text.
    for (const auto &one : all) {
        const auto name = one["name"].get<std::string>();
        EXPECT_EQ(json_of({"playbook", "install", file_, name})["changed"], false) << name;
    }
    EXPECT_EQ(run({"verify", file_}).status, 0);
}

TEST_F(PlaybooksTest, WhatIsInTheFileIsMeasured) {
    ASSERT_EQ(run({"sample", file_, "--customers", "50"}).status, 0);
    kith({"playbook", "install", file_, "rfm-airline"});
    const auto rows = csv_rows(kith({"rfm", file_, "--as-of", "2026-01-01", "--scheme", "airline", "--csv"}));
    ASSERT_GT(rows.size(), 30U);
    // The command's cells are those of the definitions, seen from the end of that day.
    for (std::size_t i = 1; i < rows.size(); ++i) {
        EXPECT_EQ(kith({"eval", file_, rows[i][0], "m.rfm_cell", "--now", "2026-01-01T23:59:59"}),
                  rows[i][7] + "\n")
            << rows[i][0];
    }
}

TEST_F(PlaybooksTest, TestsSayWhatTheyFound) {
    const auto with = [&](const std::string &name, int expected) {
        return write(name, R"({"playbook": "own", "format": 1, "define": [{"metric": "n", "count": "order"}],
            "tests": [{"test": "one order", "given": [{"at": "2026-01-01T09:00", "party": "ann", "event": "order",
            "amount": "1.00 EUR"}], "expect": {"ann": {"m.n": )" +
                               std::to_string(expected) + "}}}]}");
    };
    const auto good = with("good.json", 1), bad = with("bad.json", 2);
    EXPECT_NE(kith({"playbook", "test", good}).find("ok    one order: ann m.n is 1"), std::string::npos);
    EXPECT_NE(kith({"playbook", "test", bad}, 1).find("FAIL  one order: ann m.n: expected 2, found 1"),
              std::string::npos);
    const auto both = json_of({"playbook", "test", good, bad}, 1);
    ASSERT_EQ(both.size(), 2U);
    EXPECT_EQ(both[0]["result"], "passed");
    EXPECT_EQ(both[1]["result"], "failed");
    EXPECT_EQ(both[1]["expect"][0]["expected"], 2);
    EXPECT_EQ(both[1]["expect"][0]["found"], 1);
    // All that come with kith.
    std::set<std::string> tested;
    for (const auto &test : json_of({"playbook", "test"})) {
        EXPECT_EQ(test["result"], "passed") << test.dump();
        tested.insert(test["playbook"].get<std::string>());
    }
    EXPECT_GE(tested.size(), 15U);
    EXPECT_NE(run({"playbook", "test", "nobody"}).err.find("there is no playbook nobody"), std::string::npos);
    EXPECT_EQ(run({"playbook", "test", write("junk.json", "{")}).status, 1);
    EXPECT_EQ(run({"playbook"}).status, 2);
    EXPECT_EQ(run({"playbook", "install", file_}).status, 2);
}

TEST_F(PlaybooksTest, TheBoardIsWorkedOutByHand) {
    ASSERT_EQ(init(file_, {"--currency", "EUR"}).status, 0);
    kith({"define", file_, write("board.json", R"json({"playbook": "board", "format": 1, "define": [
        {"metric": "orders_n", "count": "order", "per": "all", "good": "up", "target": 4, "tags": {"e": "count", "l": "work"},
         "labels": {"zh": "订单数"}},
        {"metric": "returns_n", "count": "return", "per": "all"},
        {"metric": "return_rate", "value": "ratio(m.returns_n, m.orders_n)", "per": "all", "good": "down", "target": 0.25,
         "lights": {"fine": 1.0, "so_so": 0.5}, "tags": {
        "e" : "worth", "l" : "work"}},
        {"metric": "sales", "sum": "order", "of": "i.amount", "per": "all", "good": "up", "target": "=money('60.00', 'EUR')",
         "tags": {"e": "worth", "l": "goal"}},
        {"metric": "visits_mean", "avg": "visit", "of": "i.amount", "per": "all", "good": "up", "target": "1.00 EUR",
         "tags": {"e": "count", "l": "goal"}},
        {"metric": "untagged", "count": "*", "per": "all", "tags": {"e": "count"}},
        {"metric": "own_orders", "count": "order", "per": "actor", "good": "up", "target": 1, "tags": {"e": "count", "l": "work"}}
        ]
})json")});
    // Three orders of 20.00 each, and one return.
    for (const auto &[kind, rows] :
         {std::pair("order", "ann,2026-01-01,20.00\nann,2026-01-02,20.00\nbob,2026-01-03,20.00\n"),
          {"return", "bob,2026-01-04,20.00\n"}}) {
        kith({"import", file_, "interactions", write("rows.csv", std::string("who,at,amount\n") + rows),
              "--kind", kind, "--map", "party=who,at=at,amount=amount"});
    }
    const auto board = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"board", file_, "--rows", "e", "--columns", "l", "--at", "2026-02-01"});
        return more;
    };
    std::map<std::string, Json> metrics;
    const Json all = json_of(board({}));
    for (const auto &one : all["metrics"]) metrics[one["metric"].get<std::string>()] = one;
    ASSERT_EQ(metrics.size(), 4U);
    const auto &orders = metrics["orders_n"], &rate = metrics["return_rate"], &sales = metrics["sales"];
    EXPECT_EQ(orders["value"], 3);
    EXPECT_EQ(orders["share"], 0.75);
    EXPECT_EQ(orders["light"], "red");
    EXPECT_EQ(orders["row"], "count");
    EXPECT_EQ(orders["column"], "work");
    EXPECT_NEAR(rate["share"].get<double>(), 0.75, 1e-9);  // 0.25 / (1/3)
    EXPECT_EQ(rate["light"], "so_so");
    EXPECT_EQ(sales["value"], 60);
    EXPECT_EQ(sales["text"], "60.00 EUR");
    EXPECT_EQ(sales["target"], 60);
    EXPECT_EQ(sales["light"], "green");
    EXPECT_TRUE(metrics["visits_mean"]["value"].is_null());
    EXPECT_TRUE(metrics["visits_mean"]["light"].is_null());
    EXPECT_EQ(metrics["visits_mean"]["unknown"], "no rows to take the mean of");

    const auto cell = json_of(board({"--cell", "worth/work"}))["metrics"];
    ASSERT_EQ(cell.size(), 3U);
    EXPECT_EQ(cell[0]["metric"], "return_rate");
    EXPECT_EQ(cell[1]["metric"], "returns_n");
    EXPECT_EQ(cell[1]["level"], 1);
    EXPECT_EQ(cell[2]["metric"], "orders_n");
    EXPECT_EQ(cell[2]["made_of"], "count of order");

    EXPECT_NE(kith(board({"--language", "zh"})).find("订单数"), std::string::npos);
    EXPECT_NE(kith(board({})).find("3 red"), std::string::npos);
    EXPECT_NE(kith(board({})).find("60.00 EUR green"), std::string::npos);
    EXPECT_EQ(csv_rows(kith(board({"--csv"}))).size(), 5U);
    EXPECT_NE(kith({"board", file_}).find("No metric"), std::string::npos);
    EXPECT_EQ(run(board({"--cell", "worth"})).status, 2);
    EXPECT_EQ(run(board({"--actor", "nobody"})).status, 1);
}

TEST_F(PlaybooksTest, TheFlightBoardSpeaksChinese) {
    ASSERT_EQ(init().status, 0);
    kith({"playbook", "install", file_, "kpi"});
    const auto text = kith({"board", file_, "--at", "2026-01-01", "--language", "zh"});
    std::size_t from = 0;
    for (const char *word :
         {"导航层", "绩效层", "运营层", "环境层", "客户数量", "保持率", "客户体验", "客户贡献"}) {
        const auto found = text.find(word, from);
        EXPECT_NE(found, std::string::npos) << word << " in its order\n" << text;
        from = found == std::string::npos ? from : found;
    }
}

}  // namespace
}  // namespace kith::test
