#include <algorithm>
#include <array>

#include "rules/parse.hpp"
#include "rules/shapes.hpp"

namespace kith::rules {

namespace {

constexpr std::size_t kStatesMax = 64;
constexpr std::size_t kMovesMax = 64;  // of one list
constexpr std::array<std::string_view, 2> kInstances{"keep", "migrate"};

// Reads one process; holds the names its parts refer to.
class StatechartParser {
public:
    Statechart parse(const Node &entry) {
        if (!entry.has_shape(shape::kProcess)) return chart_;
        entry.read("process", chart_.name, &Node::name);
        entry.read("per", chart_.subject, parse_subject);
        if (entry.has("start")) read_start(entry.member("start"));
        entry.read("key", chart_.key, &Node::expression);
        entry.read("parent", chart_.parent, &Node::name);
        if (entry.has("fields")) entry.read("fields", chart_.fields, parse_fields);
        entry.read_choice("instances", chart_.instances, "what becomes of cases", kInstances);
        if (entry.has("hours")) {
            const auto hours = entry.member("hours").term();
            if (hours) chart_.hours = *hours;
        }
        const Node states = entry.member("states");
        if (!states.is(Json::Kind::object)) {
            states.report("must be an object, { \"STATE\": { } }");
            return chart_;
        }
        name_states(states, std::nullopt);
        chart_.initial = target(entry.member("initial"));
        for (std::size_t i = 0; i < nodes_.size(); ++i) read_state(nodes_[i], chart_.states[i]);
        if (entry.has("on")) read_on(entry.member("on"), chart_.on);
        if (entry.has("milestones")) read_milestones(entry.member("milestones"));
        return chart_;
    }

private:
    void read_start(const Node &node) {
        if (!node.is(Json::Kind::object)) {
            const auto events = parse_types(node);
            if (events) {
                chart_.start = *events;
            } else {
                node.report(events.error());
            }
            return;
        }
        if (!node.has_shape(shape::kStart)) return;
        node.read("on", chart_.start, parse_types);
        node.read("where", chart_.where, &Node::expression);
        node.read("key", chart_.key, &Node::expression);
    }

    void name_states(const Node &states, std::optional<std::uint32_t> outer) {
        for (std::size_t i = 0; i < states.size(); ++i) {
            const auto name = states.name_key(i);
            if (!name) {
                states.value(i).report(name.error());
                continue;
            }
            if (chart_.find_state(*name)) states.value(i).report("there is a state of this name; choose another");
            const auto place = static_cast<std::uint32_t>(chart_.states.size());
            State state;
            state.name = *name;
            state.outer = outer;
            chart_.states.push_back(std::move(state));
            nodes_.push_back(states.value(i));
            if (nodes_.back().is(Json::Kind::object) && nodes_.back().has("states")) {
                if (outer) {
                    nodes_.back().report("states nest one level deep; write a process of its own");
                } else {
                    name_states(Node(nodes_.back()).member("states"), place);
                }
            }
        }
    }

    std::uint32_t target(const Node &node) {
        std::vector<std::string_view> names;
        for (const auto &state : chart_.states) names.push_back(state.name);
        const auto index = node.one_of("the state", names);
        if (index) return static_cast<std::uint32_t>(*index);
        node.report(index.error());
        return 0;
    }

    Move read_move(const Node &node) {
        Move move;
        if (node.has("target")) move.target = target(node.member("target"));
        node.read("guard", move.guard, &Node::expression);
        node.read_list("actions", move.actions, kEffectsMax, parse_effect);
        node.read("reenter", move.reenter, &Node::boolean);
        return move;
    }

    std::vector<Move> read_moves(const Node &node) {
        std::vector<Move> moves;
        if (node.is(Json::Kind::text)) {
            moves.emplace_back().target = target(node);
        } else if (node.is(Json::Kind::object)) {
            if (node.has_shape(shape::kMove)) moves.push_back(read_move(node));
        } else if (const auto good = node.array(kMovesMax); !good) {
            node.report(good.error());
        } else {
            for (std::size_t i = 0; i < node.size(); ++i) {
                if (node.value(i).has_shape(shape::kMove)) moves.push_back(read_move(node.value(i)));
            }
        }
        return moves;
    }

    void read_on(const Node &node, std::vector<EventMoves> &on) {
        for (std::size_t i = 0; i < node.size(); ++i)
            on.push_back({node.json().keys[i], read_moves(node.value(i))});
    }

    void read_state(const Node &node, State &state) {
        if (!node.has_shape(shape::kState)) return;
        if (node.has("on")) read_on(node.member("on"), state.on);
        if (node.has("always")) state.always = read_moves(node.member("always"));
        if (node.has("after")) {
            const Node after = node.member("after");
            for (std::size_t i = 0; i < after.size(); ++i) {
                const Node one = after.value(i);
                if (!one.has_shape(shape::kTimer)) continue;
                Timer timer;
                one.read("delay", timer.delay, parse_length);
                one.read("anchor", timer.anchor, &Node::expression);
                one.read("at", timer.at, &Node::expression);
                timer.move = read_move(one);
                state.after.push_back(std::move(timer));
            }
        }
        node.read_list("entry", state.entry, kEffectsMax, parse_effect);
        node.read_list("exit", state.exit, kEffectsMax, parse_effect);
        if (node.has("require")) node.member("require").read_each(state.require, 64, &Node::name);
        node.read("final", state.final, &Node::boolean);
        if (node.has("initial")) state.initial = target(node.member("initial"));
    }

    void read_milestones(const Node &node) {
        for (std::size_t i = 0; i < node.size(); ++i) {
            const Node one = node.value(i);
            if (!one.has_shape(shape::kMilestone)) continue;
            Milestone made;
            const auto name = node.name_key(i);
            if (name) made.name = *name;
            made.from = target(one.member("from"));
            made.to = target(one.member("to"));
            one.read("within", made.within, parse_length);
            one.read("by", made.by, &Node::computed);
            one.read("warn", made.warn, parse_length);
            one.read_list("warned", made.warned, kEffectsMax, parse_effect);
            one.read_list("late", made.late, kEffectsMax, parse_effect);
            if (one.has("pause")) {
                for (std::size_t k = 0; k < one.member("pause").size(); ++k)
                    made.pause.push_back(target(one.member("pause").value(k)));
            }
            chart_.milestones.push_back(std::move(made));
        }
    }

    Statechart chart_;
    std::vector<Node> nodes_;  // of its states
};

}  // namespace

std::optional<std::uint32_t> Statechart::find_state(std::string_view wanted) const {
    const auto at = std::ranges::find(states, wanted, &State::name);
    if (at == states.end()) return std::nullopt;
    return static_cast<std::uint32_t>(at - states.begin());
}

Statechart parse_statechart(const Node &entry) { return StatechartParser().parse(entry); }

}  // namespace kith::rules
