// Goal: `kith check-expr` shows a type and a cost, or each mistake in its place; `kith eval` answers for one
// customer, says why, and ends as scripts expect.
// Method: a small shop whose answers can be counted by hand; text and JSON of the same questions.
#include <iterator>
#include <sstream>

#include "cli/shop.hpp"

namespace kith::test {
namespace {

constexpr const char *kTwoCustomers =
    "customer,when,total,number\n"
    "ann,2024-01-05,10.00,o1\nann,2024-02-05,20.00,o2\nann,2024-03-05,30.00,o3\nann,2024-04-05,40.50,o4\n"
    "ben,2024-04-06 18:30:00,7,o5\n";

class ExprTest : public Shop {
protected:
    void import_orders() const {
        ASSERT_EQ(init(file_, {"--currency", "EUR", "--tz", "Europe/Zagreb"}).status, 0);
        const Ended ended =
            import(write("orders.csv", kTwoCustomers),
                   {"--kind", "order", "--map", "party=customer,at=when,amount=total,key=number"});
        ASSERT_EQ(ended.status, 0) << ended;
    }
    std::string eval(const std::string &source, const std::string &party = "ann") const {
        return text({"eval", file_, party, source, "--now", "2024-05-01"});
    }
};

TEST_F(ExprTest, CheckSaysTypeAndCost) {
    const std::string out = text({"check-expr", "m.orders >= 3"});
    EXPECT_EQ(out.rfind("bool, at most ", 0), 0U) << out;
    const Json checked = json({"check-expr", "orders.map(o, o.amount)"});
    EXPECT_EQ(checked["ok"], true);
    EXPECT_EQ(checked["type"], "list(money)");
    EXPECT_GT(checked["static_cost"].get<int>(), 100);
    EXPECT_TRUE(checked["diagnostics"].empty());
}

// The help names fields and gives examples: each of them must pass.
TEST_F(ExprTest, HelpIsTrue) {
    const std::string help = text({"check-expr", "--help"});
    const auto words = [&](const std::string &from, const std::string &to) {
        const auto begin = help.find(from) + from.size();
        std::istringstream in(help.substr(begin, help.find(to, begin) - begin));
        return std::vector<std::string>(std::istream_iterator<std::string>(in), {});
    };
    const std::pair<std::string, std::vector<std::string>> records[] = {
        {"party.", words("\n  party ", "\n  m ")},
        {"m.", words("the party's figures:", "\n  state ")},
        {"i.", words("\n  interactions ", "\n  orders ")},
        {"i.lines[0].", words("of an interaction:", "\n  processes ")},
        {"processes[0].", words("\n  processes ", "\n  commitments ")},
        {"commitments[0].", words("\n  commitments ", "\n  identifiers ")},
        {"identifiers[0].", words("\n  identifiers ", "\n  now, ")}};
    std::string all;
    for (const auto &[record, fields] : records) {
        EXPECT_GE(fields.size(), 4U) << record;
        for (const auto &field : fields) all += (all.empty() ? "has(" : " || has(") + record + field + ")";
    }
    EXPECT_EQ(run({"check-expr", all}).status, 0) << run({"check-expr", all});

    std::istringstream lines(help);
    int examples = 0;
    for (std::string line; std::getline(lines, line);) {
        const auto quote = line.find('\'');
        if (line.rfind("  kith check-expr '", 0) != 0) continue;
        ++examples;
        EXPECT_EQ(run({"check-expr", line.substr(quote + 1, line.rfind('\'') - quote - 1)}).status, 0)
            << line;
    }
    EXPECT_EQ(examples, 3);
}

TEST_F(ExprTest, CheckShowsMistakesWhereTheyStand) {
    const Ended ended = run({"check-expr", "m.orders >= 3 &&\n  party.nmae == 'Ž'"});
    EXPECT_EQ(ended.status, 1);
    EXPECT_EQ(ended.err, "");
    EXPECT_EQ(ended.out.rfind("2:", 0), 0U) << ended;
    EXPECT_NE(ended.out.find("\n    party.nmae == 'Ž'\n"), std::string::npos) << ended;
    EXPECT_NE(ended.out.find("'name'"), std::string::npos) << ended;
    // The caret stands under what is wrong, after text of any script too.
    const Ended wide = run({"check-expr", "'数' == nowhere"});
    EXPECT_NE(wide.out.find("\n  '数' == nowhere\n          ^~~~~~~\n"), std::string::npos) << wide;
    const Ended as_json = run({"check-expr", "m.orders >= 3 && party.nmae == ''", "--json"});
    EXPECT_EQ(as_json.status, 1);
    const Json checked = parse(as_json.out);
    EXPECT_EQ(checked["ok"], false);
    EXPECT_EQ(checked["type"], nullptr);
    ASSERT_EQ(checked["diagnostics"].size(), 1U);
    EXPECT_EQ(checked["diagnostics"][0]["code"], "no_field");
    EXPECT_EQ(checked["diagnostics"][0]["line"], 1);
    EXPECT_NE(checked["diagnostics"][0]["hint"].get<std::string>().find("name"), std::string::npos);
    EXPECT_EQ(run({"check-expr", ""}).status, 1);
    EXPECT_EQ(run({"check-expr", "1 +"}).status, 1);
    EXPECT_EQ(run({"check-expr"}).status, 2);
}

TEST_F(ExprTest, EvalAnswersForOneCustomer) {
    import_orders();
    EXPECT_EQ(eval("m.orders"), "4\n");
    EXPECT_EQ(eval("m.orders", "ben"), "1\n");
    EXPECT_EQ(eval("sum(orders, o, o.amount)"), eval("m.amount_total"));
    EXPECT_EQ(eval("party.host_key"), "ann\n");  // texts and times stand without quotes
    EXPECT_EQ(eval("m.last_order_at"), "2024-04-04T22:00:00Z\n");
    EXPECT_EQ(eval("m.last_order_at - m.first_order_at"), "7858800s\n");
    EXPECT_EQ(eval("orders.map(o, o.key)"), "[\"o1\",\"o2\",\"o3\",\"o4\"]\n");
    EXPECT_EQ(eval("orders.exists(o, o.amount > money('40.00', 'EUR'))"), "true\n");
    EXPECT_EQ(eval("orders.exists(o, o.amount > money('40.00', 'EUR'))", "ben"), "false\n");
    EXPECT_EQ(eval("orders.filter(o, o.at >= timestamp('2024-03-01T00:00:00Z')).size()"), "2\n");
    EXPECT_EQ(eval("string(today) + ' ' + zone"), "2024-05-01 Europe/Zagreb\n");
    EXPECT_EQ(eval("state.lifecycle"), "formation\n");
    const Json all = json({"eval", file_, "ann", "sum(orders, o, o.amount)", "--now", "2024-05-01"});
    EXPECT_EQ(all["party"], "ann");
    EXPECT_EQ(all["value"], "100.50 EUR");
    EXPECT_EQ(all["type"], "money");
    EXPECT_EQ(all["now"], "2024-04-30T22:00:00Z");
    EXPECT_EQ(all["zone"], "Europe/Zagreb");
    EXPECT_GT(all["cost"].get<int>(), 4);
    EXPECT_EQ(all.count("reasons"), 0U);
    EXPECT_EQ(json({"eval", file_, "ann", "{'a': [1, 2.5, null]}"})["value"],
              Json::parse(R"({"a": [1, 2.5, null]})"));
}

TEST_F(ExprTest, EvalSaysWhy) {
    import_orders();
    const std::string source = "m.orders > 9 || orders.exists(o, o.amount > money('25.00', 'EUR'))";
    const std::string why = text({"eval", file_, "ann", source, "--explain", "--now", "2024-05-01"});
    EXPECT_EQ(why.rfind("true\n", 0), 0U) << why;
    EXPECT_NE(why.find("because"), std::string::npos) << why;
    EXPECT_NE(why.find("30.00 EUR"), std::string::npos) << why;
    EXPECT_NE(why.find("element 2"), std::string::npos) << why;
    EXPECT_NE(why.find("unit"), std::string::npos) << why;
    EXPECT_NE(why.find("seen from 2024-05-01 00:00 Europe/Zagreb.\n"), std::string::npos) << why;
    const Json all = json({"eval", file_, "ann", source, "--explain", "--now", "2024-05-01"});
    EXPECT_EQ(all["value"], true);
    EXPECT_EQ(all["reasons"][0]["text"], source);
    EXPECT_EQ(all["reasons"][0]["value"], "true");
    EXPECT_EQ(all["reasons"][1]["element"], 2);
    EXPECT_EQ(json({"eval", file_, "ann", source, "--now", "2024-05-01"})["cost"], all["cost"]);
}

TEST_F(ExprTest, EvalFailsWithWords) {
    import_orders();
    const Ended divided = run({"eval", file_, "ann", "1 / (m.orders - 4)"});
    EXPECT_EQ(divided.status, 1);
    EXPECT_EQ(divided.out, "");
    EXPECT_EQ(divided.err.rfind("kith: 1:", 0), 0U) << divided;
    EXPECT_NE(divided.err.find("div_zero"), std::string::npos) << divided;
    const Ended why = run({"eval", file_, "ann", "1 / (m.orders - 4)", "--explain"});
    EXPECT_EQ(why.status, 1);
    EXPECT_NE(why.out.find("div_zero"), std::string::npos) << why;
    EXPECT_NE(why.out.find("m.orders - 4"), std::string::npos) << why;
    const Ended wrong = run({"eval", file_, "ann", "m.ordres"});
    EXPECT_EQ(wrong.status, 1);
    EXPECT_NE(wrong.err.find("^"), std::string::npos) << wrong;
    EXPECT_NE(wrong.err.find("'orders'"), std::string::npos) << wrong;
    // Programs read the same as JSON.
    const Ended divided_json = run({"eval", file_, "ann", "1 / (m.orders - 4)", "--json"});
    EXPECT_EQ(divided_json.status, 1);
    const Json failed = parse(divided_json.out);
    EXPECT_EQ(failed["value"], nullptr);
    EXPECT_EQ(failed["error"]["code"], "div_zero");
    EXPECT_EQ(failed["error"]["line"], 1);
    EXPECT_EQ(
        failed["error"]["column"],
        parse(
            run({"eval", file_, "ann", "1 / (m.orders - 4)", "--json", "--explain"}).out)["error"]["column"]);
    EXPECT_FALSE(failed["error"]["message"].get<std::string>().empty());
    const Ended wrong_json = run({"eval", file_, "ann", "m.ordres", "--json"});
    EXPECT_EQ(wrong_json.status, 1);
    EXPECT_EQ(parse(wrong_json.out)["diagnostics"][0]["code"], "no_field");
    EXPECT_EQ(parse(wrong_json.out)["diagnostics"][0]["line"], 1);
    EXPECT_EQ(run({"eval", file_, "nobody", "1"}).status, 1);
    EXPECT_EQ(run({"eval", path("none.kith"), "ann", "1"}).status, 1);
    EXPECT_EQ(run({"eval", file_, "ann", "1", "--now", "yesterday"}).status, 2);
    EXPECT_EQ(run({"eval", file_, "ann"}).status, 2);
}

// A file's definitions, and other subjects than customers.
TEST_F(ExprTest, DefinitionsAreNamed) {
    import_orders();
    const std::string playbook = write("values.json", R"({"playbook": "values", "format": 1, "define": [
        {"metric": "spent_90d", "sum": "order", "of": "i.amount", "window": "P90D"},
        {"metric": "trade", "sum": "order", "of": "i.amount", "per": "all"},
        {"metric": "sold", "count": "order.line", "per": "product"}]})");
    EXPECT_EQ(run({"define", file_, playbook}).status, 0);
    EXPECT_EQ(info()["sums_to_build"], 0);
    EXPECT_EQ(eval("m.spent_90d"), "90.50 EUR\n");
    EXPECT_EQ(eval("m.spent_90d > all.m.trade"), "false\n");
    EXPECT_EQ(text({"eval", file_, "--all", "m.trade"}), "107.50 EUR\n");
    EXPECT_EQ(json({"eval", file_, "--all", "m.trade"})["all"], true);
    const Ended unknown = run({"eval", file_, "--product", "tea", "m.sold"});
    EXPECT_EQ(unknown.status, 1);
    EXPECT_EQ(unknown.err, "kith: the file knows of no product tea\n");
    EXPECT_EQ(run({"eval", file_, "--all", "ann", "m.trade"}).status, 2) << "one subject";
    EXPECT_EQ(run({"eval", file_, "ann"}).status, 2) << "no expression";
}

}  // namespace
}  // namespace kith::test
