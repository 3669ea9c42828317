// Goal: what is told of where a statechart leads is so. Method: random charts; the states that a walk enters,
// taken one move at a time until nothing is new; rings found by walking from each state as often as there are
// states.
#include "rules/ways.hpp"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace kith::rules {
namespace {

class RandomChart {
public:
    explicit RandomChart(std::mt19937 &random) : random_(random) {
        const std::uint32_t outers = 1 + pick(4);
        for (std::uint32_t i = 0; i < outers; ++i) {
            const auto place = static_cast<std::uint32_t>(chart.states.size());
            chart.states.emplace_back();
            const std::uint32_t inner = pick(3);
            for (std::uint32_t j = 0; j < inner; ++j) chart.states.emplace_back().outer = place;
            if (inner > 0) chart.states[place].initial = place + 1 + pick(inner);
        }
        for (State &state : chart.states) {
            if (pick(3) == 0) state.on.push_back({"x", {move(), move()}});
            while (pick(3) == 0) {
                Timer timer;
                timer.move = move();
                (pick(2) ? timer.at : pick(2) ? timer.anchor : timer.move.guard).text = "x";
                state.after.push_back(std::move(timer));
            }
            if (pick(3) == 0) state.always.push_back(move());
            if (pick(2) && !state.always.empty()) state.always[0].guard.text = "x";
        }
        if (pick(4) == 0) chart.on.push_back({"y", {move()}});
    }
    Statechart chart;

private:
    std::uint32_t pick(std::size_t count) { return static_cast<std::uint32_t>(random_() % count); }
    Move move() {
        Move one;
        if (pick(8)) one.target = pick(chart.states.size());
        return one;
    }
    std::mt19937 &random_;
};

std::uint32_t stands_in(const Statechart &chart, std::uint32_t state) {
    return chart.states[state].initial ? stands_in(chart, *chart.states[state].initial) : state;
}

// Where a case that stands in a state may stand next; `at_once`: with no time between.
std::set<std::uint32_t> next_of(const Statechart &chart, std::uint32_t stands, bool at_once) {
    std::set<std::uint32_t> next;
    const auto add = [&](const Move &move) {
        if (move.target) next.insert(stands_in(chart, *move.target));
    };
    for (std::uint32_t i = 0; i < chart.states.size(); ++i) {
        if (!chart.is_in(stands, i)) continue;
        const State &state = chart.states[i];
        for (const Move &move : state.always) {
            if (!at_once || move.guard.empty()) add(move);
        }
        for (const Timer &timer : state.after) {
            const bool waits = timer.at.empty() && timer.anchor.empty();
            if (!at_once || (!waits && timer.move.target != stands)) add(timer.move);
        }
        for (const EventMoves &on : state.on) {
            for (const Move &move : on.moves) {
                if (!at_once) add(move);
            }
        }
    }
    for (const EventMoves &on : chart.on) {
        for (const Move &move : on.moves) {
            if (!at_once) add(move);
        }
    }
    return next;
}

TEST(Ways, AsAWalkFindsThem) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    int rings = 0;
    for (int round = 0; round < 3000; ++round) {
        const Statechart chart = RandomChart(random).chart;
        const auto count = static_cast<std::uint32_t>(chart.states.size());
        bool turns = false;
        for (std::uint32_t from = 0; from < count; ++from) {
            std::set<std::uint32_t> seen{stands_in(chart, from)};
            for (std::uint32_t step = 0; step < count; ++step) {
                for (const auto one : std::set(seen)) seen.merge(next_of(chart, one, false));
            }
            const auto reached = reached_from(chart, from);
            for (std::uint32_t i = 0; i < count; ++i) {
                bool entered = false;
                for (const auto one : seen) entered |= chart.is_in(one, i);
                ASSERT_EQ(reached[i], entered) << round << " " << from << " " << i;
            }
            // As many moves at once as there are states: then one is entered twice.
            std::set<std::uint32_t> now{stands_in(chart, from)};
            for (std::uint32_t step = 0; step < count; ++step) {
                std::set<std::uint32_t> next;
                for (const auto one : now) next.merge(next_of(chart, one, true));
                now = next;
            }
            turns |= !now.empty();
        }
        const auto found = find_endless(chart);
        ASSERT_EQ(found.has_value(), turns) << round;
        rings += turns;
        if (!found) continue;
        const State &state = chart.states[found->state];
        const Move &move =
            found->is_timer ? state.after.at(found->index).move : state.always.at(found->index);
        ASSERT_TRUE(move.target);
    }
    EXPECT_GT(rings, 100);
    EXPECT_LT(rings, 2900);
}

}  // namespace
}  // namespace kith::rules
