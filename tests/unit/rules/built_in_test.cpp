// Goal: the built-in playbooks parse and mean what they say. Method: each is parsed, and its entries again
// from their stored form; the lifecycle's moves are told one by one; the airline's borders are tried one by
// one.
#include "playbooks/playbooks.hpp"

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "rules/playbook.hpp"

namespace kith::rules {
namespace {

Playbook built_in(std::string_view name) {
    const auto all = playbooks::built_in();
    const auto found = std::ranges::find(all, name, &playbooks::BuiltIn::name);
    if (found == all.end()) return {};
    auto playbook = parse_playbook(found->json);
    return playbook ? std::move(*playbook) : Playbook{};
}

TEST(BuiltIn, AllParseAndComeBackFromTheirStoredForm) {
    EXPECT_EQ(playbooks::built_in().size(), 34U);
    for (const auto &[name, json] : playbooks::built_in()) {
        const auto playbook = parse_playbook(json);
        ASSERT_TRUE(playbook) << name << ": " << playbook.error().message;
        EXPECT_EQ(playbook->name, name);
        for (const Definition &definition : playbook->definitions) {
            const auto again = parse_definition(definition.json);
            ASSERT_TRUE(again) << again.error().message;
            EXPECT_EQ(again->json, definition.json);
            EXPECT_EQ(again->name, definition.name);
            EXPECT_EQ(again->kind, definition.kind);
        }
    }
}

class Lifecycle : public testing::Test {
protected:
    void SetUp() override {
        const Playbook playbook = built_in("lifecycle");
        ASSERT_EQ(playbook.definitions.size(), 1U);
        chart_ = std::get<Statechart>(playbook.definitions[0].body);
        ASSERT_EQ(chart_.states.size(), 5U);
        for (const char *name : {"exploration", "formation", "stable", "decline", "dormant"})
            ASSERT_TRUE(chart_.find_state(name)) << name;
    }

    const State &state(std::string_view name) const { return chart_.states[*chart_.find_state(name)]; }

    // Where a move leads, and under which guard: "formation if m.orders > 3".
    std::string told(const Move &move) const {
        return chart_.states[*move.target].name + (move.guard.empty() ? "" : " if " + move.guard.text);
    }
    // What an order does, one move a line.
    std::string ordered(std::string_view from) const {
        std::string all;
        for (const EventMoves &on : state(from).on) {
            EXPECT_EQ(on.event, "order");
            for (const Move &move : on.moves) all += told(move) + "\n";
        }
        return all;
    }
    // The only timer of a state, which is at an instant.
    std::string timed(std::string_view name) const {
        const auto &after = state(name).after;
        return after.size() == 1 ? told(after[0].move) + " at " + after[0].at.text : "";
    }

    Statechart chart_;
};

// The third order after 90 days, the sixth after 180.
TEST_F(Lifecycle, OrdersLeadUpward) {
    EXPECT_EQ(chart_.start, std::vector<std::string>{"order"});
    EXPECT_EQ(chart_.states[chart_.initial].name, "exploration");
    const std::string formation =
        "formation if m.orders >= 3 && now - m.first_order_at >= duration('2160h')\n";
    const std::string stable = "stable if m.orders >= 6 && now - m.first_order_at >= duration('4320h')\n";
    EXPECT_EQ(ordered("exploration"), formation);
    EXPECT_EQ(ordered("formation"), stable);
    EXPECT_EQ(ordered("stable"), "");
    for (const char *gone : {"decline", "dormant"})
        EXPECT_EQ(ordered(gone), stable + formation + "exploration\n");
}

// Twice the customer's own gap, at least 90 or 30 days, at most a year; three times, at least half a year.
TEST_F(Lifecycle, SilenceLeadsDownward) {
    const auto after = [](const std::string &to, const std::string &times, const std::string &least,
                          const std::string &most) {
        return to + " at addDays(m.last_order_at, has(m.gap_days) ? int(min([max([" + times +
               " * m.gap_days, " + least + ".0]), " + most + ".0])) : " + least + ", zone)";
    };
    EXPECT_EQ(timed("exploration"), after("decline", "2.0", "90", "365"));
    EXPECT_EQ(timed("formation"), after("decline", "2.0", "30", "365"));
    EXPECT_EQ(timed("stable"), after("decline", "2.0", "30", "365"));
    EXPECT_EQ(timed("decline"), after("dormant", "3.0", "180", "730"));
    EXPECT_TRUE(state("dormant").after.empty());
}

TEST_F(Lifecycle, WinBackOpensAndCloses) {
    const auto &decline = state("decline").entry;
    ASSERT_EQ(decline.size(), 1U);
    EXPECT_EQ(decline[0].what, Effect::Do::task);
    EXPECT_EQ(decline[0].kind, "win_back");
    EXPECT_EQ(std::get<Period>(*decline[0].due.length).days, 14);
    for (const auto &[name, as] :
         {std::pair{"exploration", 0U}, {"formation", 0U}, {"stable", 0U}, {"dormant", 1U}}) {
        const auto &entry = state(name).entry;
        ASSERT_EQ(entry.size(), 1U);
        EXPECT_EQ(entry[0].what, Effect::Do::close);
        EXPECT_EQ(entry[0].kind, "win_back");
        EXPECT_EQ(entry[0].as, as);  // kept, broken
    }
}

std::string class_of(const Playbook &playbook, std::string_view name, double value) {
    for (const Definition &definition : playbook.definitions) {
        if (definition.name != name) continue;
        const auto &bands = std::get<Bands>(definition.body);
        return bands.classes[classify<double>(*number_limits(bands), value)].is;
    }
    return "";
}

TEST(Airline, Borders) {
    const Playbook airline = built_in("rfm-airline");
    const auto classes = [&](std::string_view name, std::initializer_list<double> values) {
        std::string all;
        for (const double value : values) all += class_of(airline, name, value);
        return all;
    };
    EXPECT_EQ(classes("recency", {0, 1, 2, 3, 4, 6, 7, 12, 13, 400}), "5544332211");
    EXPECT_EQ(classes("frequency", {0, 1, 2, 5, 6, 10, 11, 23, 24, 25}), "1122334455");
    EXPECT_EQ(classes("monetary", {0, 500, 500.01, 1000, 1000.01, 3000, 3000.01, 5000, 5000.01, 1e9}),
              "1122334455");
}

TEST(Quintiles, RecencyIsReversed) {
    std::size_t quintiles = 0;
    for (const Definition &definition : built_in("rfm-quintiles").definitions) {
        const auto *bands = std::get_if<Bands>(&definition.body);
        if (!bands) continue;
        ++quintiles;
        EXPECT_EQ(bands->kind, Bands::Kind::quantiles);
        EXPECT_EQ(bands->classes.size(), 5U);
        EXPECT_EQ(bands->reversed, definition.name == "recency_quintile");
    }
    EXPECT_EQ(quintiles, 3U);
}

// Every object that has states' or milestones' names as keys names each in Chinese.
void expect_named(const nlohmann::json &parts, std::string_view playbook) {
    for (const auto &[name, part] : parts.items()) {
        EXPECT_TRUE(part.contains("labels")) << playbook << ": " << name;
        if (part.contains("states")) expect_named(part["states"], playbook);
    }
}

TEST(BuiltIn, PlaybooksOfBehaviourHaveAboutSourceStoriesAndChineseNames) {
    int count = 0;
    for (const auto &[name, text] : playbooks::built_in()) {
        auto json = nlohmann::json::parse(text);
        const bool behaves = std::ranges::any_of(
            json["define"], [](const auto &one) { return one.contains("process") || one.contains("rule"); });
        if (!behaves || name == "lifecycle") continue;
        ++count;
        EXPECT_GT(json.value("about", "").size(), 100U) << name;
        EXPECT_FALSE(json.value("source", "").empty()) << name;
        EXPECT_FALSE(json["tests"].empty()) << name;
        const auto &zh = json["labels"]["zh"];
        EXPECT_TRUE(zh.contains("playbook")) << name;
        for (const auto &[setting, value] : json["settings"].items())
            EXPECT_TRUE(zh.contains("setting." + setting)) << name << ": " << setting << value;
        for (auto &entry : json["define"]) {
            EXPECT_TRUE(entry.contains("labels")) << name << ": " << entry;
            expect_named(entry["states"], name);
            expect_named(entry["milestones"], name);
            for (const auto &[code, one] : entry["codes"].items())
                EXPECT_TRUE(one.contains("labels")) << name << ": " << code;
        }
    }
    EXPECT_EQ(count, 17);
}

}  // namespace
}  // namespace kith::rules
