// Goal: rules on the command line: listed with what they did, their runs with why one failed, one resumed; a
// changed rule simulated, the file left alone. Method: a small shop with five orders.
#include "cli/shop.hpp"

namespace kith::test {
namespace {

std::string rules_text(const char *least) {
    return std::string(R"json({"playbook": "mine", "format": 1, "define": [
  {"rule": "big", "on": "order", "when": "i.amount >= money(')json") +
           least + R"json(', 'EUR')", "then": [{"do": "notify", "to": "party", "title": "thanks"}]},
  {"rule": "odd", "on": "order", "when": "i.amount < money('10.00', 'EUR')", "limits": {"failures": 2},
   "then": [{"do": "notify", "to": "party", "title": "=string(7 % (m.orders - m.orders))"}]}]})json";
}

class RuleCommands : public Shop {
protected:
    void fill() {
        ASSERT_EQ(init(file_, {"--currency", "EUR"}).status, 0);
        const Ended defined = run({"define", file_, write("rules.json", rules_text("50.00"))});
        ASSERT_EQ(defined.status, 0) << defined;
        const Ended done = import(write("orders.csv",
                                        "customer,when,amount\n"
                                        "ann,2026-01-05,80.00\nben,2026-01-06,30.00\nann,2026-01-07,55.00\n"
                                        "cy,2026-01-08,5.00\ncy,2026-01-09,5.00\n"),
                                  {"--kind", "order", "--map", "party=customer,at=when,amount=amount"});
        ASSERT_EQ(done.status, 0) << done;
    }
};

TEST_F(RuleCommands, ListedAndResumed) {
    fill();
    const Json all = json({"rules", file_});
    ASSERT_EQ(all["rules"].size(), 2U) << all;
    EXPECT_EQ(all["rules"][0]["rule"], "big");
    EXPECT_EQ(all["rules"][0]["fired"], 2);
    EXPECT_EQ(all["rules"][1]["suspended"], 1);
    EXPECT_NE(text({"rules", file_}).find("SUSPENDED"), std::string::npos);
    const Json runs = json({"rules", file_, "big", "ann"});
    ASSERT_EQ(runs["runs"].size(), 2U) << runs;
    EXPECT_EQ(runs["runs"][0]["at"], "2026-01-05T00:00:00Z");
    EXPECT_EQ(runs["runs"][0]["event"], "order");
    EXPECT_NE(text({"rules", file_, "odd"}).find("failed"), std::string::npos);
    EXPECT_EQ(text({"rules", file_, "odd", "--resume"}), "odd runs.\n");
    EXPECT_EQ(json({"rules", file_})["rules"][1]["suspended"], 0);
    EXPECT_NE(run({"rules", file_, "none", "--resume"}).status, 0);
    const Json why = json({"why", file_, "rule.big", "ben"});
    EXPECT_EQ(why["tree"][0]["value"], "not fired") << why;
    EXPECT_EQ(why["tree"][1]["detail"], "\"when\" does not hold");
    EXPECT_NE(text({"why", file_, "process.lifecycle", "ann"}).find("on order"), std::string::npos);
}

TEST_F(RuleCommands, Simulated) {
    fill();
    const auto before = facts();
    const Json same = json({"simulate", file_, write("same.json", rules_text("50.00"))});
    EXPECT_EQ(same["added"], 0) << same;
    EXPECT_EQ(same["removed"], 0);
    EXPECT_EQ(same["lived"], 8) << "three customers, five orders";
    const Json more = json({"simulate", file_, write("more.json", rules_text("20.00"))});
    EXPECT_EQ(more["added"], 2) << "fired and notify: " << more;
    EXPECT_EQ(more["effects"][0]["definition"], "big");
    EXPECT_EQ(more["effects"][0]["kept"], 2);
    const auto &example = more["effects"][0]["examples"][0];
    EXPECT_EQ(example["party"], "ben");
    EXPECT_EQ(example["at"], "2026-01-06T00:00:00Z");
    const Json since =
        json({"simulate", file_, write("none.json", rules_text("90.00")), "--since", "2026-01-06"});
    EXPECT_EQ(since["removed"], 2) << since;
    EXPECT_NE(text({"simulate", file_, write("none.json", rules_text("90.00"))}).find("- 2026-01-05"),
              std::string::npos);
    EXPECT_EQ(facts(), before);
    const Ended wrong = run({"simulate", file_, write("wrong.json", "{\"playbook\": 1}")});
    EXPECT_NE(wrong.err.find("wrong.json:"), std::string::npos) << wrong;
}

}  // namespace
}  // namespace kith::test
