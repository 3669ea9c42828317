// Goal: the built-in playbooks parse and mean what they say. Method: each is parsed, and its entries again
// from their stored form; the lifecycle is walked by hand; the airline's borders are tried one by one.
#include "playbooks/playbooks.hpp"

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "rules/playbook.hpp"
#include "unit/rules/utc.hpp"

namespace kith::rules {
namespace {

using base::kDay;

Playbook built_in(std::string_view name) {
    const auto all = playbooks::built_in();
    const auto found = std::ranges::find(all, name, &playbooks::BuiltIn::name);
    if (found == all.end()) return {};
    auto playbook = parse_playbook(found->json);
    return playbook ? std::move(*playbook) : Playbook{};
}

TEST(BuiltIn, AllParseAndComeBackFromTheirStoredForm) {
    EXPECT_EQ(playbooks::built_in().size(), 17U);
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
        process_ = std::get<Process>(playbook.definitions[0].body);
        for (const char *name : {"exploration", "formation", "stable", "decline", "dormant"}) {
            ASSERT_TRUE(process_.find_state(name)) << name;
        }
    }

    std::uint32_t state(std::string_view name) const { return *process_.find_state(name); }

    // Where an order leads from `from`, with so many orders, so many days after the first.
    std::string ordered(std::string_view from, std::uint32_t orders, std::int64_t after_days) const {
        model::Figures figures;
        figures.orders = orders;
        const auto to = on_event(process_, state(from), "order", figures, after_days * kDay);
        return to ? process_.states[*to].name : std::string(from);
    }

    // Days from the last order to the only timer of a state.
    std::int64_t timer_days(std::string_view name, std::uint32_t gap) const {
        model::Figures figures;
        figures.orders = 1;
        if (gap > 0) figures.add_gap(gap);
        const auto &after = process_.states[state(name)].after;
        return after.size() == 1 ? *due_at(after[0], 0, figures, Utc()) / kDay : -1;
    }

    Process process_;
};

TEST_F(Lifecycle, OrdersLeadUpward) {
    EXPECT_EQ(process_.start, "order");
    EXPECT_EQ(process_.initial, state("exploration"));
    EXPECT_EQ(ordered("exploration", 2, 400), "exploration");
    EXPECT_EQ(ordered("exploration", 9, 89), "exploration");
    EXPECT_EQ(ordered("exploration", 3, 90), "formation");
    EXPECT_EQ(ordered("formation", 5, 400), "formation");
    EXPECT_EQ(ordered("formation", 6, 180), "stable");
    EXPECT_EQ(ordered("stable", 7, 200), "stable");
    for (const char *gone : {"decline", "dormant"}) {
        EXPECT_EQ(ordered(gone, 2, 300), "exploration");
        EXPECT_EQ(ordered(gone, 3, 300), "formation");
        EXPECT_EQ(ordered(gone, 6, 300), "stable");
    }
}

TEST_F(Lifecycle, SilenceLeadsDownward) {
    EXPECT_EQ(timer_days("exploration", 0), 90);  // a single order: the floor
    EXPECT_EQ(timer_days("exploration", 60), 120);
    EXPECT_EQ(timer_days("stable", 7), 30);
    EXPECT_EQ(timer_days("stable", 50), 100);
    EXPECT_EQ(timer_days("stable", 1000), 365);
    EXPECT_EQ(timer_days("decline", 0), 180);
    EXPECT_EQ(timer_days("decline", 100), 300);
    for (std::uint32_t gap = 0; gap < 1000; ++gap) {  // dormant never comes before decline
        for (const char *name : {"exploration", "formation", "stable"}) {
            ASSERT_LT(timer_days(name, gap), timer_days("decline", gap)) << name << gap;
        }
    }
    EXPECT_TRUE(process_.states[state("dormant")].after.empty());
}

TEST_F(Lifecycle, WinBackOpensAndCloses) {
    const auto &decline = process_.states[state("decline")].entry;
    ASSERT_EQ(decline.size(), 1U);
    EXPECT_EQ(decline[0].what, EntryEffect::Do::commit);
    EXPECT_EQ(decline[0].kind, "win_back");
    EXPECT_EQ(decline[0].due.fixed.days, 14);
    for (const auto &[name, as] :
         {std::pair{"exploration", 4U}, {"formation", 4U}, {"stable", 4U}, {"dormant", 5U}}) {
        const auto &entry = process_.states[state(name)].entry;
        ASSERT_EQ(entry.size(), 1U);
        EXPECT_EQ(entry[0].what, EntryEffect::Do::close);
        EXPECT_EQ(entry[0].as, as);
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

}  // namespace
}  // namespace kith::rules
