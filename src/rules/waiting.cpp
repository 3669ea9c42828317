#include "rules/waiting.hpp"

namespace kith::rules {

Statechart waiting_for(const Rule &rule) {
    Statechart chart;
    chart.name = std::string(kWaitingPrefix) + rule.name;
    chart.subject = rule.subject;
    chart.start = rule.on;
    chart.where = rule.where;
    chart.hours = rule.hours;
    // Each event is waited for by itself; without "same" any that comes is for all of them.
    chart.key = rule.unless->same;
    chart.routes = !chart.key.empty();
    State waiting, came, missed, passed;
    waiting.name = kWaiting;
    came.name = kCame;
    missed.name = kMissed;
    passed.name = kPassed;
    came.final = missed.final = passed.final = true;
    for (const auto &event : rule.unless->events) {
        Move move;
        move.target = 1;
        move.guard = rule.unless->where;
        waiting.on.push_back({event, {std::move(move)}});
    }
    Timer timer, otherwise;
    timer.delay = otherwise.delay = rule.unless->within;
    timer.move.target = 2;
    timer.move.guard = rule.when;
    timer.move.actions = rule.then;
    otherwise.move.target = 3;
    waiting.after.push_back(std::move(timer));
    const bool may_pass = !rule.when.empty() || rule.catch_up == Rule::CatchUp::none || rule.within.length ||
                          !rule.within.source.empty();
    if (may_pass) waiting.after.push_back(std::move(otherwise));
    chart.states = {std::move(waiting), std::move(came), std::move(missed)};
    if (may_pass) chart.states.push_back(std::move(passed));
    return chart;
}

}  // namespace kith::rules
