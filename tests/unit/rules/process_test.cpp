// Goal: guards, moves, delays and timers do what the definition says, at borders and without figures.
// Method: hand-made figures; random processes driven beside a naive interpreter of their JSON.
#include "rules/process.hpp"

#include <map>
#include <random>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/time.hpp"
#include "rules/playbook.hpp"
#include "unit/rules/utc.hpp"

namespace kith::rules {
namespace {

using base::kDay;

const Utc kUtc;

model::Figures with_gaps(std::initializer_list<std::uint32_t> days) {
    model::Figures figures;
    for (const auto gap : days) figures.add_gap(gap);
    return figures;
}

Period days(std::int32_t count) { return {.days = count}; }

Delay fixed(const Period &period) {
    Delay delay;
    delay.fixed = period;
    return delay;
}

Delay gap_times(double times) {
    Delay delay;
    delay.of = Figure::median_gap;
    delay.times = times;
    return delay;
}

TEST(Guards, BoundsAndAbsence) {
    model::Figures figures;
    const auto holds_for = [&](Guard guard, std::int64_t at = 0) { return holds({guard}, figures, at); };
    EXPECT_TRUE(holds({}, figures, 0));
    EXPECT_TRUE(holds_for({Figure::orders, std::nullopt, 1}));
    EXPECT_FALSE(holds_for({Figure::orders, 1, std::nullopt}));
    figures.orders = 3;
    EXPECT_TRUE(holds_for({Figure::orders, 3, 4}));
    EXPECT_FALSE(holds_for({Figure::orders, std::nullopt, 3}));
    figures.returns = 2;
    figures.interactions = 9;
    figures.amount_total = -5;
    EXPECT_TRUE(holds_for({Figure::returns, 2, 3}));
    EXPECT_TRUE(holds_for({Figure::interactions, 9, 10}));
    EXPECT_TRUE(holds_for({Figure::amount_total, -5, -4}));
    EXPECT_FALSE(holds({{Figure::orders, 3, std::nullopt}, {Figure::returns, 3, std::nullopt}}, figures, 0));

    EXPECT_FALSE(holds_for({Figure::median_gap, 0, std::nullopt}));  // absent
    EXPECT_FALSE(holds_for({Figure::median_gap, std::nullopt, INT64_MAX}));
    figures.add_gap(7);
    EXPECT_TRUE(holds_for({Figure::median_gap, 7 * kDay, 7 * kDay + 1}));

    figures.first_order_at = 1000;
    const Guard ninety{Figure::days_since_first_order, 90, std::nullopt};
    EXPECT_FALSE(holds_for(ninety, 1000 + 90 * kDay - 1));
    EXPECT_TRUE(holds_for(ninety, 1000 + 90 * kDay));
    EXPECT_TRUE(holds_for({Figure::days_since_first_order, std::nullopt, 0}, 999));  // the day before
    figures.orders = 0;
    EXPECT_FALSE(holds_for(ninety, 1000 + 90 * kDay));
}

TEST(Delays, FixedAndMultiple) {
    const auto end = [](const Delay &delay, const model::Figures &figures) {
        return end_of(delay, 0, figures, kUtc);
    };
    EXPECT_EQ(end(fixed({.months = 1, .days = 1, .micros = 5}), {}), 32 * kDay + 5);  // 1970-02-02

    Delay delay = gap_times(2);
    EXPECT_FALSE(end(delay, {}));  // no gap, nothing to stand in
    EXPECT_EQ(end(delay, with_gaps({10})), 20 * kDay);
    delay.times = 0.5;
    EXPECT_EQ(end(delay, with_gaps({10, 11})), 21 * kDay / 4);
    delay.times = 2;
    delay.at_least = days(30);
    EXPECT_EQ(end(delay, {}), 30 * kDay);
    EXPECT_EQ(end(delay, with_gaps({10})), 30 * kDay);
    EXPECT_EQ(end(delay, with_gaps({15})), 30 * kDay);
    EXPECT_EQ(end(delay, with_gaps({16})), 32 * kDay);
    delay.at_most = days(40);
    EXPECT_EQ(end(delay, with_gaps({20})), 40 * kDay);
    EXPECT_EQ(end(delay, with_gaps({300})), 40 * kDay);
    delay.at_least = std::nullopt;
    EXPECT_FALSE(end(delay, {}));  // at_most does not stand in
}

TEST(Delays, NotBeyondTheLastInstant) {
    EXPECT_EQ(end_of(gap_times(1000), base::kMinTime, with_gaps({3'650'000}), kUtc), base::kMaxTime);
    EXPECT_EQ(end_of(fixed(days(2)), base::kMaxTime - kDay, {}, kUtc), base::kMaxTime);
}

TEST(Timers, AnchorsAndEntry) {
    model::Figures figures;
    const auto due = [&](Anchor anchor, std::int64_t since) {
        return due_at({.delay = fixed(days(10)), .anchor = anchor, .move = {}}, since, figures, kUtc);
    };
    EXPECT_EQ(due(Anchor::entry, 5), 10 * kDay + 5);
    EXPECT_FALSE(due(Anchor::last_at, 5));
    EXPECT_FALSE(due(Anchor::last_order_at, 5));
    EXPECT_FALSE(due(Anchor::first_order_at, 5));
    figures.interactions = 3;
    figures.orders = 2;
    figures.first_order_at = 1 * kDay;
    figures.last_order_at = 4 * kDay;
    figures.last_at = 6 * kDay;
    EXPECT_EQ(due(Anchor::first_order_at, 0), 11 * kDay);
    EXPECT_EQ(due(Anchor::last_order_at, 0), 14 * kDay);
    EXPECT_EQ(due(Anchor::last_at, 0), 16 * kDay);
    EXPECT_EQ(due(Anchor::first_order_at, 12 * kDay), 12 * kDay);  // never before the entry
}

TEST(Moves, FirstWhoseGuardsHold) {
    const auto definition =
        parse_definition(R"({"process": "p", "start": {"on": "order"}, "initial": "a", "states": {
        "a": {"on": {"order": [{"guard": [{"figure": "orders", "at_least": 5}], "target": "c"},
                               {"guard": [{"figure": "orders", "at_least": 3}], "target": "b"}],
                     "return": "a"}},
        "b": {}, "c": {"final": true}}})");
    ASSERT_TRUE(definition) << definition.error().message;
    const auto &process = std::get<Process>(definition->body);
    EXPECT_EQ(process.find_state("c"), 2U);
    EXPECT_FALSE(process.find_state("d"));
    model::Figures figures;
    figures.orders = 2;
    EXPECT_FALSE(on_event(process, 0, "order", figures, 0));
    EXPECT_EQ(on_event(process, 0, "return", figures, 0), 0U);
    EXPECT_FALSE(on_event(process, 0, "visit", figures, 0));
    figures.orders = 3;
    EXPECT_EQ(on_event(process, 0, "order", figures, 0), 1U);
    figures.orders = 5;
    EXPECT_EQ(on_event(process, 0, "order", figures, 0), 2U);
    EXPECT_FALSE(on_event(process, 2, "order", figures, 0));
}

// A random process as JSON; every state is reached by a ring of events.
nlohmann::ordered_json random_process(std::mt19937 &random) {
    const auto state_name = [](std::size_t i) { return "s" + std::to_string(i); };
    const std::size_t count = 2 + random() % 6;
    nlohmann::ordered_json states;
    for (std::size_t i = 0; i < count; ++i) {
        nlohmann::ordered_json state;
        state["on"]["next"] = state_name((i + 1) % count);
        for (const char *event : {"order", "return"}) {
            for (auto left = random() % 3; left > 0; --left) {
                const auto least = random() % 6;
                nlohmann::ordered_json guard{{"figure", random() % 2 ? "orders" : "returns"},
                                             {"at_least", least}};
                if (random() % 2) guard["below"] = least + 1 + random() % 4;
                state["on"][event].push_back({{"guard", {guard}}, {"target", state_name(random() % count)}});
            }
        }
        states[state_name(i)] = state;
    }
    return {{"process", "p"}, {"start", {{"on", "order"}}}, {"initial", "s0"}, {"states", states}};
}

std::string naive_move(const nlohmann::ordered_json &process, const std::string &state,
                       const std::string &event, const std::map<std::string, std::uint64_t> &figures) {
    const auto &on = process["states"][state]["on"];
    if (!on.contains(event)) return "";
    if (on[event].is_string()) return on[event];
    for (const auto &move : on[event]) {
        const auto &guard = move["guard"][0];
        const auto value = figures.at(guard["figure"]);
        const bool low = guard["at_least"].get<std::uint64_t>() <= value;
        if (low && (!guard.contains("below") || value < guard["below"].get<std::uint64_t>()))
            return move["target"];
    }
    return "";
}

TEST(Moves, RandomProcessesAgainstNaiveInterpreter) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 100; ++round) {
        const auto json = random_process(random);
        const auto definition = parse_definition(json.dump());
        ASSERT_TRUE(definition) << definition.error().message << json.dump();
        EXPECT_EQ(definition->json, json.dump());  // canonical as it is
        const auto &process = std::get<Process>(definition->body);

        model::Figures figures;
        std::uint32_t state = process.initial;
        for (int step = 0; step < 40; ++step) {
            const char *events[] = {"order", "return", "next", "visit"};
            const std::string event = events[random() % 4];
            if (event == "order") figures.orders = (figures.orders + 1) % 8;
            if (event == "return") figures.returns = (figures.returns + 1) % 8;
            const auto expected = naive_move(json, process.states[state].name, event,
                                             {{"orders", figures.orders}, {"returns", figures.returns}});
            const auto moved = on_event(process, state, event, figures, 0);
            ASSERT_EQ(moved ? process.states[*moved].name : "", expected);
            if (moved) state = *moved;
        }
    }
}

}  // namespace
}  // namespace kith::rules
