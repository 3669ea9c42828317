// Goal: a rule with "unless" becomes the process that waits for what does not come. Method: rules with each
// of the keys that matter; their charts told state by state.
#include "rules/waiting.hpp"

#include <gtest/gtest.h>

#include "rules/playbook.hpp"
#include "rules/ways.hpp"

namespace kith::rules {
namespace {

Rule rule_that(const std::string &keys) {
    const auto definition = parse_definition(R"({"rule": "r", "on": ["a", "b.*"], )" + keys +
                                             R"(, "then": [{"do": "tag", "tag": "x"}]})");
    if (!definition) ADD_FAILURE() << definition.error().message;
    return definition ? std::get<Rule>(definition->body) : Rule{};
}

// A line for each state: what moves a case out of it.
std::string moves_told(const Statechart &chart) {
    std::string all;
    const auto add = [&](const std::string &when, const Move &move) {
        all += " " + when + "->" + chart.states[*move.target].name;
        if (!move.guard.empty()) all += " if " + move.guard.text;
        if (!move.actions.empty()) all += " do " + std::to_string(move.actions.size());
        all += ";";
    };
    for (const State &state : chart.states) {
        all += state.name + (state.final ? "." : ":");
        for (const EventMoves &on : state.on) {
            for (const Move &move : on.moves) add(on.event, move);
        }
        for (const Timer &timer : state.after) {
            EXPECT_EQ(timer.delay.length, std::optional<Length>(BusinessLength{1, 0}));
            add("time", timer.move);
        }
        all += "\n";
    }
    return all;
}

TEST(Waiting, ForOneOfSeveralEvents) {
    const Statechart chart = waiting_for(
        rule_that(R"("per": "actor", "where": "i.x", "hours": "shop", "unless": {"event": ["c", "d.*"],
                      "same": "i.thread", "where": "i.y", "within": "business P1D"})"));
    EXPECT_EQ(chart.name, "rule.r");
    EXPECT_EQ(chart.subject, SubjectKind::actor);
    EXPECT_EQ(chart.start, (std::vector<std::string>{"a", "b.*"}));
    EXPECT_EQ(chart.where.text, "i.x");
    EXPECT_EQ(chart.key.text, "i.thread");
    EXPECT_TRUE(chart.routes);
    EXPECT_EQ(chart.hours.text, "shop");
    EXPECT_EQ(chart.states[chart.initial].name, kWaiting);
    EXPECT_EQ(moves_told(chart),
              "waiting: c->came if i.y; d.*->came if i.y; time->missed do 1;\n"
              "came.\nmissed.\n");
}

// A condition is looked at when the time is over; each event waits by itself.
TEST(Waiting, UnderACondition) {
    const Statechart chart =
        waiting_for(rule_that(R"("when": "m.n > 1", "unless": {"event": "c", "within": "business P1D"})"));
    EXPECT_FALSE(chart.routes);
    EXPECT_TRUE(chart.key.text.empty());
    EXPECT_EQ(moves_told(chart),
              "waiting: c->came; time->missed if m.n > 1 do 1; time->passed;\n"
              "came.\nmissed.\npassed.\n");
    EXPECT_EQ(reached_from(chart, chart.initial), std::vector<bool>(4, true));
    EXPECT_FALSE(find_endless(chart));
}

}  // namespace
}  // namespace kith::rules
