#include <algorithm>
#include <array>

#include "base/time.hpp"
#include "rules/parse.hpp"
#include "rules/shapes.hpp"

namespace kith::rules {

namespace {

constexpr std::size_t kStatesMax = 64;
constexpr std::size_t kMovesMax = 64;  // of one state, on events and by timers
constexpr std::size_t kGuardsMax = 16;
constexpr std::int64_t kAmountMax = 900'000'000'000'000'000;
constexpr double kTimesMin = 0.001, kTimesMax = 1000;

// In the order of the enums.
constexpr std::array<std::string_view, 6> kFigures{"orders",       "returns",    "interactions",
                                                   "amount_total", "median_gap", "days_since_first_order"};
constexpr std::array<std::string_view, 1> kLengths{"median_gap"};
constexpr std::array<std::string_view, 4> kAnchors{"entry", "last_order_at", "first_order_at", "last_at"};
constexpr std::array<std::string_view, 2> kEffects{"commit", "close"};
// KITH_COMMITMENT_KEPT and the three after it.
constexpr std::array<std::string_view, 4> kEnds{"kept", "broken", "waived", "cancelled"};
constexpr std::uint32_t kFirstEnd = 4;

base::Result<Delay> parse_delay(const Node &node) {
    Delay delay;
    if (!node.is(Json::Kind::object)) {
        KITH_LET(fixed, parse_period(node));
        delay.fixed = fixed;
        return delay;
    }
    KITH_TRY(node.object(shape::kDelay));
    KITH_LET(times, node.member("times").number());
    if (times < kTimesMin || times > kTimesMax)
        return node.member("times").error("must be from 0.001 to 1000");
    delay.times = times;
    KITH_TRY(node.member("of").one_of("as a length of time the figure", kLengths));
    delay.of = Figure::median_gap;
    if (node.has("at_least")) {
        KITH_LET(at_least, parse_period(node.member("at_least")));
        delay.at_least = at_least;
    }
    if (node.has("at_most")) {
        KITH_LET(at_most, parse_period(node.member("at_most")));
        delay.at_most = at_most;
    }
    if (delay.at_least && delay.at_most && days_in(*delay.at_most) < days_in(*delay.at_least)) {
        return node.error("\"at_most\" is shorter than \"at_least\"; exchange them");
    }
    return delay;
}

base::Result<Guard> parse_guard(const Node &node) {
    KITH_TRY(node.object(shape::kGuard));
    Guard guard;
    KITH_LET(figure, node.member("figure").one_of("the figure", kFigures));
    guard.figure = static_cast<Figure>(figure);

    // A median gap is written in days.
    const bool gap = guard.figure == Figure::median_gap;
    const std::int64_t max = gap ? kDaysMax : kAmountMax;
    const auto limit = [&](std::string_view key, std::optional<std::int64_t> &out) -> base::Result<void> {
        if (!node.has(key)) return {};
        KITH_LET(number, node.member(key).integer(guard.figure == Figure::amount_total ? -max : 0, max));
        out = gap ? number * base::kDay : number;
        return {};
    };
    KITH_TRY(limit("at_least", guard.at_least));
    KITH_TRY(limit("below", guard.below));
    if (!guard.at_least && !guard.below) return node.error("needs \"at_least\" or \"below\", or both");
    if (guard.at_least && guard.below && *guard.below <= *guard.at_least) {
        return node.error("can never hold: \"below\" must be more than \"at_least\"");
    }
    return guard;
}

base::Result<std::vector<Guard>> parse_guards(const Node &node) {
    KITH_TRY(node.array(kGuardsMax));
    std::vector<Guard> guards;
    for (std::size_t i = 0; i < node.size(); ++i) {
        KITH_LET(guard, parse_guard(node.value(i)));
        guards.push_back(guard);
    }
    return guards;
}

// Parses one process; holds what its parts refer to.
class Parser {
public:
    base::Result<Process> parse(const Node &entry);

private:
    base::Result<void> read_head(const Node &entry);
    base::Result<State> parse_state(const Node &node);
    base::Result<std::vector<EventMoves>> parse_on(const Node &node);
    base::Result<std::vector<Move>> parse_moves(const Node &node);
    base::Result<Timer> parse_timer(const Node &node);
    base::Result<EntryEffect> parse_effect(const Node &node);
    base::Result<std::uint32_t> parse_target(const Node &node);

    base::Result<void> check_reached(const Node &states) const;
    base::Result<void> check_timers(const Node &states) const;
    base::Result<void> check_closed(const Node &states) const;

    Process process_;
    std::vector<std::string_view> names_;  // of the states, in the text
};

base::Result<std::uint32_t> Parser::parse_target(const Node &node) {
    KITH_LET(index, node.one_of("the state", names_));
    return static_cast<std::uint32_t>(index);
}

base::Result<std::vector<Move>> Parser::parse_moves(const Node &node) {
    std::vector<Move> moves;
    if (node.is(Json::Kind::text)) {  // "order": "formation"
        KITH_LET(target, parse_target(node));
        moves.push_back({target, {}});
        return moves;
    }
    KITH_TRY(node.array(kMovesMax));
    for (std::size_t i = 0; i < node.size(); ++i) {
        const Node entry = node.value(i);
        if (i > 0 && moves.back().guards.empty()) {
            return entry.error("can never happen: the move before it has no guard; put that one last");
        }
        KITH_TRY(entry.object(shape::kMove));
        Move move;
        KITH_LET(target, parse_target(entry.member("target")));
        move.target = target;
        if (entry.has("guard")) {
            KITH_LET(guards, parse_guards(entry.member("guard")));
            move.guards = std::move(guards);
        }
        moves.push_back(std::move(move));
    }
    return moves;
}

base::Result<std::vector<EventMoves>> Parser::parse_on(const Node &node) {
    if (!node.is(Json::Kind::object)) return node.error("must be an object, { \"order\": \"STATE\" }");
    std::vector<EventMoves> on;
    for (std::size_t i = 0; i < node.size(); ++i) {
        KITH_LET(event, node.event_key(i));
        KITH_LET(moves, parse_moves(node.value(i)));
        on.push_back({std::move(event), std::move(moves)});
    }
    return on;
}

base::Result<Timer> Parser::parse_timer(const Node &node) {
    KITH_TRY(node.object(shape::kTimer));
    Timer timer;
    KITH_LET(delay, parse_delay(node.member("delay")));
    timer.delay = delay;
    if (node.has("anchor")) {
        KITH_LET(anchor, node.member("anchor").one_of("the anchor", kAnchors));
        timer.anchor = static_cast<Anchor>(anchor);
    }
    KITH_LET(target, parse_target(node.member("target")));
    timer.move.target = target;
    if (node.has("guard")) {
        KITH_LET(guards, parse_guards(node.member("guard")));
        timer.move.guards = std::move(guards);
    }
    return timer;
}

base::Result<EntryEffect> Parser::parse_effect(const Node &node) {
    if (!node.is(Json::Kind::object) || !node.has("do"))
        return node.error("needs \"do\": " + choice_of(kEffects));
    KITH_LET(what, node.member("do").one_of("the effect", kEffects));
    EntryEffect effect;
    effect.what = static_cast<EntryEffect::Do>(what);
    if (effect.what == EntryEffect::Do::commit) {
        KITH_TRY(node.object(shape::kCommit));
        KITH_TRY(node.notes());
        KITH_LET(title, node.member("title").line());
        effect.title = std::move(title);
        KITH_LET(due, parse_delay(node.member("due")));
        effect.due = due;
    } else {
        KITH_TRY(node.object(shape::kClose));
        KITH_LET(end, node.member("as").one_of("the end", kEnds));
        effect.as = kFirstEnd + static_cast<std::uint32_t>(end);
    }
    KITH_LET(kind, node.member("kind").name());
    effect.kind = std::move(kind);
    return effect;
}

base::Result<State> Parser::parse_state(const Node &node) {
    KITH_TRY(node.object(shape::kState));
    KITH_TRY(node.notes());
    State state;
    if (node.has("on")) {
        KITH_LET(on, parse_on(node.member("on")));
        state.on = std::move(on);
    }
    if (node.has("after")) {
        const Node after = node.member("after");
        KITH_TRY(after.array(kMovesMax));
        for (std::size_t i = 0; i < after.size(); ++i) {
            KITH_LET(timer, parse_timer(after.value(i)));
            state.after.push_back(std::move(timer));
        }
    }
    if (node.has("entry")) {
        const Node entry = node.member("entry");
        KITH_TRY(entry.array(kEffectsMax));
        for (std::size_t i = 0; i < entry.size(); ++i) {
            KITH_LET(effect, parse_effect(entry.value(i)));
            state.entry.push_back(std::move(effect));
        }
    }
    if (node.has("final")) {
        if (!node.member("final").is(Json::Kind::boolean))
            return node.member("final").error("must be true or false");
        state.final = node.member("final").json().boolean;
    }

    std::size_t moves = state.after.size();
    for (const EventMoves &on : state.on) moves += on.moves.size();
    if (moves > kMovesMax) return node.error("has more than 64 moves; divide the state", base::Status::limit);
    if (state.final && moves > 0)
        return node.error("is final, so nothing leaves it; drop \"final\" or the moves");
    return state;
}

// Every state can be reached from the initial one.
base::Result<void> Parser::check_reached(const Node &states) const {
    std::vector<bool> reached(process_.states.size());
    std::vector<std::uint32_t> open{process_.initial};
    reached[process_.initial] = true;
    const auto reach = [&](std::uint32_t state) {
        if (!reached[state]) open.push_back(state);
        reached[state] = true;
    };
    while (!open.empty()) {
        const State &state = process_.states[open.back()];
        open.pop_back();
        for (const EventMoves &on : state.on) {
            for (const Move &move : on.moves) reach(move.target);
        }
        for (const Timer &timer : state.after) reach(timer.move.target);
    }
    const auto missed = std::ranges::find(reached, false);
    if (missed == reached.end()) return {};
    return states.value(static_cast<std::size_t>(missed - reached.begin()))
        .error("no move leads to this state; give it one, or leave the state out");
}

// A timer anchored on a date of the past is due at once; a ring of such timers would turn for ever. One
// anchored on entry waits. So the others alone must form no ring: taken away one by one, states from
// which none of them leads on, nothing is left.
base::Result<void> Parser::check_timers(const Node &states) const {
    std::vector<bool> in_ring(process_.states.size(), true);
    const auto turning = [&](const Timer &timer) {
        return timer.anchor != Anchor::entry && in_ring[timer.move.target];
    };
    for (bool changed = true; changed;) {
        changed = false;
        for (std::size_t i = 0; i < in_ring.size(); ++i) {
            if (!in_ring[i] || std::ranges::any_of(process_.states[i].after, turning)) continue;
            in_ring[i] = false;
            changed = true;
        }
    }
    for (std::size_t i = 0; i < in_ring.size(); ++i) {
        if (!in_ring[i]) continue;
        const auto &after = process_.states[i].after;
        const auto timer = static_cast<std::size_t>(std::ranges::find_if(after, turning) - after.begin());
        return states.value(i).member("after").value(timer).error(
            "leads into a ring of timers that could turn for ever; give one of them \"anchor\": \"entry\"");
    }
    return {};
}

// A close names a kind of commitment that the process makes.
base::Result<void> Parser::check_closed(const Node &states) const {
    std::vector<std::string_view> made;
    for (const State &state : process_.states) {
        for (const EntryEffect &effect : state.entry) {
            if (effect.what == EntryEffect::Do::commit) made.push_back(effect.kind);
        }
    }
    for (std::size_t i = 0; i < process_.states.size(); ++i) {
        const auto &entry = process_.states[i].entry;
        for (std::size_t j = 0; j < entry.size(); ++j) {
            if (entry[j].what == EntryEffect::Do::commit ||
                std::ranges::find(made, entry[j].kind) != made.end())
                continue;
            const Node kind = states.value(i).member("entry").value(j).member("kind");
            if (made.empty()) return kind.error("this process makes no commitments, so it has none to close");
            return kind.unknown("among the commitments this process makes the kind", entry[j].kind, made);
        }
    }
    return {};
}

base::Result<void> Parser::read_head(const Node &entry) {
    KITH_TRY(entry.object(shape::kProcess));
    KITH_LET(name, entry.member("process").name());
    process_.name = std::move(name);
    if (entry.has("per")) {
        const Node per = entry.member("per");
        if (!per.is(Json::Kind::text) || per.json().text != "party") {
            return per.error("only \"party\" is available in this version", base::Status::unsupported);
        }
    }
    const Node start = entry.member("start");
    KITH_TRY(start.object(shape::kStart));
    KITH_LET(event, start.member("on").event());
    process_.start = std::move(event);

    const Node states = entry.member("states");
    if (!states.is(Json::Kind::object)) return states.error("must be an object, { \"STATE\": { ... } }");
    if (states.size() == 0) return states.error("has no state; give at least the initial one");
    if (states.size() > kStatesMax)
        return states.error("has more than 64 states; divide it", base::Status::limit);
    for (std::size_t i = 0; i < states.size(); ++i) {
        KITH_TRY(states.name_key(i));
        names_.push_back(states.json().keys[i]);
    }
    KITH_LET(initial, parse_target(entry.member("initial")));
    process_.initial = initial;
    return {};
}

base::Result<Process> Parser::parse(const Node &entry) {
    KITH_TRY(read_head(entry));
    const Node states = entry.member("states");
    for (std::size_t i = 0; i < states.size(); ++i) {
        KITH_LET(state, parse_state(states.value(i)));
        state.name = names_[i];
        process_.states.push_back(std::move(state));
    }
    KITH_TRY(check_reached(states));
    KITH_TRY(check_timers(states));
    KITH_TRY(check_closed(states));
    return std::move(process_);
}

}  // namespace

base::Result<Process> parse_process(const Node &entry) { return Parser().parse(entry); }

}  // namespace kith::rules
