#include <algorithm>
#include <array>

#include "rules/parse.hpp"
#include "rules/shapes.hpp"
#include "rules/ways.hpp"

namespace kith::rules {

namespace {

constexpr std::size_t kStatesMax = 64;
constexpr std::size_t kMovesMax = 64;  // of one state, on events, always and by timers
constexpr std::size_t kMilestonesMax = 64;
constexpr std::size_t kRequiredMax = 256;
constexpr std::array<std::string_view, 2> kInstances{"keep", "migrate"};

// Whether a length surely does not end before another of the same kind.
bool is_as_long(const LengthTerm &a, const LengthTerm &b) {
    if (!a.length || !b.length || a.length->index() != b.length->index()) return false;
    if (const auto *period = std::get_if<Period>(&*a.length))
        return days_in(*period) >= days_in(std::get<Period>(*b.length));
    const auto &of_a = std::get<BusinessLength>(*a.length), &of_b = std::get<BusinessLength>(*b.length);
    return of_a.days >= of_b.days && of_a.micros >= of_b.micros;
}

// Reads one process; holds the names its parts refer to, and what they do.
class StatechartParser {
public:
    Statechart parse(const Node &entry) {
        if (!entry.has_shape(shape::kProcess)) return chart_;
        read_head(entry);
        const Node states = entry.member("states");
        name_states(states, std::nullopt);
        if (nodes_.size() > kStatesMax) states.report(too_many(states));
        if (nodes_.empty() || nodes_.size() > kStatesMax) return chart_;
        read_target(entry, "initial", chart_.initial);
        for (std::uint32_t i = 0; i < nodes_.size(); ++i) read_state(nodes_[i], i);
        if (entry.has("on") && read_on(entry.member("on"), chart_.on) > kMovesMax)
            entry.member("on").report("has more than 64 moves; divide the process", base::Status::limit);
        if (has_moves_) check_ways();
        if (entry.has("milestones")) read_milestones(entry.member("milestones"));
        if (entry.has("mapping")) read_mapping(entry.member("mapping"));
        check_closed();
        return chart_;
    }

private:
    // ---- the head ----

    void read_head(const Node &entry) {
        entry.read("process", chart_.name, &Node::name);
        entry.read("per", chart_.subject, parse_subject);
        if (entry.has("start")) read_start(entry.member("start"));
        const bool has_key = !chart_.key.empty();
        if (entry.read("key", chart_.key, &Node::expression) && has_key)
            entry.member("key").report("\"start\" has a key too; leave out one of them");
        entry.read("parent", chart_.parent, [](const Node &node) -> base::Result<std::string> {
            KITH_LET(name, node.name());
            node.mention(Mention::Kind::process, name);
            return name;
        });
        entry.read("hours", chart_.hours, parse_hours_term);
        has_fields_ = !entry.has("fields") || entry.read("fields", chart_.fields, parse_fields);
        const bool knows_instances =
            !entry.has("instances") ||
            entry.read_choice("instances", chart_.instances, "what becomes of instances", kInstances);
        if (knows_instances && entry.has("mapping") && chart_.instances == Statechart::Instances::keep)
            entry.member("mapping").report("goes with \"instances\": \"migrate\"; add it");
    }

    void read_start(const Node &node) {
        const auto read = [&](const Node &events) {
            auto parsed = parse_events(events);
            if (!parsed) return events.report(parsed.error());
            chart_.start = std::move(*parsed);
        };
        if (!node.is(Json::Kind::object)) return read(node);
        if (!node.has_shape(shape::kStart)) return;
        read(node.member("on"));
        read_condition(node, "where", chart_.start, chart_.where);
        node.read("key", chart_.key, &Node::expression);
    }

    void read_mapping(const Node &node) {
        if (!node.is(Json::Kind::object) || node.size() == 0)
            return node.report("must be an object, { \"OLD STATE\": \"NEW STATE\" }");
        for (std::size_t i = 0; i < node.size(); ++i) {
            const auto old = node.name_key(i);
            if (!old) {
                node.value(i).report(old.error());
            } else if (const auto state = find_target(node.value(i)); !state) {
                node.value(i).report(state.error());
            } else {
                chart_.mapping.emplace_back(*old, chart_.states[*state].name);
            }
        }
    }

    // ---- states ----

    // Takes down the names of all, so that moves find them.
    void name_states(const Node &states, std::optional<std::uint32_t> outer) {
        if (!states.is(Json::Kind::object))
            return lose_states(states, states.error("must be an object, { \"STATE\": { ... } }"));
        if (states.size() == 0)
            return lose_states(states, states.error("has no state; give at least the initial one"));
        if (states.size() > kStatesMax) return lose_states(states, too_many(states));
        for (std::size_t i = 0; i < states.size(); ++i) {
            const Node node = states.value(i);
            const std::string &name = states.json().keys[i];
            const auto good = states.name_key(i);
            const bool again = chart_.find_state(name).has_value();
            if (!good) node.report(good.error());
            if (again) node.report("there is a state " + quote(name) + " before it; give it another name");
            if (!good || again) has_moves_ = false;
            const auto place = static_cast<std::uint32_t>(nodes_.size());
            chart_.states.push_back({.name = name, .outer = outer});
            nodes_.push_back(node);
            if (!node.is(Json::Kind::object) || !node.has("states")) continue;
            const Node inner = node.member("states");
            if (!outer) {
                name_states(inner, place);
            } else {
                lose_states(inner, inner.error("states nest one level deep; make it a process of its own"));
            }
        }
    }
    static base::Error too_many(const Node &states) {
        return states.error("has more than 64 states; divide it", base::Status::limit);
    }
    void lose_states(const Node &states, const base::Error &error) {
        states.report(error);
        has_states_ = false;
        lose_part();
    }

    base::Result<std::uint32_t> find_target(const Node &node) {
        std::vector<std::string_view> names;
        for (const State &state : chart_.states) names.push_back(state.name);
        const auto found = node.one_of("the state", names);
        if (found) return static_cast<std::uint32_t>(*found);
        has_moves_ = false;
        if (!has_states_ && node.name()) return 0U;
        return found.error();
    }
    bool read_target(const Node &node, std::string_view key, std::uint32_t &out) {
        return node.read(key, out, [this](const Node &target) { return find_target(target); });
    }

    // What is in a part that is not read, is not known to be missing elsewhere.
    void lose_part() { has_moves_ = has_effects_ = false; }
    bool has_shape(const Node &node, const Shape &shape) {
        if (!node.has_shape(shape)) return lose_part(), false;
        read_notes(node);
        return true;
    }
    static void read_notes(const Node &node) {
        if (const auto notes = node.notes(); !notes) node.report(notes.error());
    }

    void read_state(const Node &node, std::uint32_t place) {
        State &state = chart_.states[place];
        if (!has_shape(node, shape::kState)) return;
        std::size_t moves = node.has("on") ? read_on(node.member("on"), state.on) : 0;
        if (node.has("always")) read_always(node.member("always"), state.always);
        if (node.has("after")) read_after(node.member("after"), state.after);
        read_effects(node, "entry", state.entry);
        read_effects(node, "exit", state.exit);
        node.read_list("require", state.require, kRequiredMax,
                       [this](const Node &field) { return find_field(field); });
        node.read("final", state.final, &Node::boolean);
        if (node.has("states")) {
            if (!state.outer) read_initial(node, place);
        } else if (node.has("initial")) {
            node.member("initial").report("goes with \"states\"; leave it out");
        }
        moves += state.after.size() + state.always.size();
        if (moves > kMovesMax) node.report("has more than 64 moves; divide the state", base::Status::limit);
        if (!state.final) return;
        if (node.has("states")) {
            node.member("final").report(
                "the process does not end in a state with states; write it in one of those");
        } else if (moves > 0 || !state.exit.empty()) {
            node.report("is final, so nothing leaves it; drop \"final\", or the moves and \"exit\"");
        }
    }

    void read_initial(const Node &node, std::uint32_t place) {
        std::vector<std::string_view> inner;
        for (const State &state : chart_.states) {
            if (state.outer == place) inner.push_back(state.name);
        }
        if (inner.empty()) return;
        if (!node.has("initial")) {
            has_moves_ = false;
            return node.report("\"initial\" is missing; name the one of its states that is entered");
        }
        const Node initial = node.member("initial");
        const auto found = initial.one_of("among its states the state", inner);
        if (!found) {
            has_moves_ = false;
            return initial.report(found.error());
        }
        chart_.states[place].initial = place + 1 + static_cast<std::uint32_t>(*found);
    }

    base::Result<std::string> find_field(const Node &node) const {
        if (!has_fields_) return node.name();
        if (chart_.fields.empty()) return node.error("this process has no \"fields\"; add them");
        std::vector<std::string_view> names;
        for (const Field &field : chart_.fields) names.push_back(field.name);
        KITH_LET(found, node.one_of("the field", names));
        return chart_.fields[found].name;
    }

    // ---- moves ----

    Move read_move(const Node &node, std::span<const std::string> events) {
        Move move;
        std::uint32_t target = 0;
        if (read_target(node, "target", target)) move.target = target;
        read_condition(node, "guard", events, move.guard);
        // One that is wrong is a guard all the same.
        if (node.has("guard") && move.guard.empty()) move.guard.text = "false";
        read_effects(node, "actions", move.actions);
        node.read("reenter", move.reenter, &Node::boolean);
        if (move.reenter && !node.has("target"))
            node.member("reenter").report("goes with \"target\"; leave it out");
        return move;
    }

    // A state's name, a move, or a list of moves. `see` is told each with its node.
    template <class See>
    void read_moves(const Node &node, std::span<const std::string> events, std::vector<Move> &out,
                    const See &see) {
        const auto read = [&](const Node &one) {
            if (one.is(Json::Kind::text)) {
                const auto target = find_target(one);
                if (!target) return one.report(target.error());
                out.emplace_back().target = *target;
            } else if (has_shape(one, shape::kMove)) {
                out.push_back(read_move(one, events));
                see(one);
            }
        };
        if (node.is(Json::Kind::text) || node.is(Json::Kind::object)) {
            read(node);
        } else if (const auto good = node.array(kMovesMax); !good) {
            lose_part();
            node.report(
                node.is(Json::Kind::array)
                    ? good.error()
                    : node.error("must be a state's name, a move { \"target\": \"STATE\" }, or a list "
                                 "of moves"));
        } else {
            for (std::size_t i = 0; i < node.size(); ++i) {
                if (!out.empty() && out.back().guard.empty())
                    node.value(i).report(
                        "can never happen: the move before it has no guard; put that one last");
                read(node.value(i));
            }
        }
    }

    // How many moves there are.
    std::size_t read_on(const Node &node, std::vector<EventMoves> &on) {
        std::size_t count = 0;
        if (!node.is(Json::Kind::object)) {
            lose_part();
            node.report("must be an object, { \"order\": \"STATE\" }");
            return count;
        }
        if (node.size() > kMovesMax) {
            lose_part();
            node.report("has more than 64 events; divide it", base::Status::limit);
            return count;
        }
        for (std::size_t i = 0; i < node.size(); ++i) {
            const Node value = node.value(i);
            auto event = parse_event_key(node, i);
            if (!event) value.report(event.error());
            EventMoves moves{event ? std::move(*event) : std::string(), {}};
            const std::span<const std::string> events(&moves.event, 1);
            read_moves(value, events, moves.moves, [](const Node &) {});
            for (const EventMoves &before : on) {
                if (event && !before.moves.empty() && before.moves.back().guard.empty() &&
                    type_matches(before.event, moves.event))
                    value.report("can never happen: " + quote(before.event) +
                                 " before it takes every such event; put that one last");
            }
            count += moves.moves.size();
            on.push_back(std::move(moves));
        }
        return count;
    }

    void read_always(const Node &node, std::vector<Move> &out) {
        read_moves(node, {}, out, [](const Node &one) {
            if (!one.has("target"))
                one.report("\"target\" is missing; what is done without a move is a rule's, or \"entry\"");
        });
    }

    void read_after(const Node &node, std::vector<Timer> &out) {
        if (const auto good = node.array(kMovesMax); !good) {
            lose_part();
            return node.report(good.error());
        }
        for (std::size_t i = 0; i < node.size(); ++i) {
            const Node one = node.value(i);
            if (!has_shape(one, shape::kTimer)) continue;
            Timer timer;
            one.read("delay", timer.delay, parse_length);
            one.read("anchor", timer.anchor, &Node::expression);
            one.read("at", timer.at, &Node::expression);
            check_when(one);
            timer.move = read_move(one, {});
            if (!one.has("target") && !one.has("actions"))
                one.report("does nothing; give it a \"target\" or \"actions\"");
            check_refuses(one, "actions", timer.move.actions);
            out.push_back(std::move(timer));
        }
    }

    static void check_when(const Node &timer) {
        if (timer.has("at") && timer.has("delay")) {
            timer.member("at").report("has a \"delay\" too; leave out one of them");
        } else if (timer.has("at") && timer.has("anchor")) {
            timer.member("anchor").report(
                "a \"delay\" is counted from it, and this is \"at\" an instant; leave it out");
        } else if (!timer.has("at") && !timer.has("delay")) {
            timer.report("says not when; write \"delay\" or \"at\"");
        }
    }

    // ---- effects ----

    void read_effects(const Node &node, std::string_view key, std::vector<Effect> &out) {
        if (!node.has(key)) return;
        has_effects_ &= node.read_list(key, out, kEffectsMax, parse_effect);
        for (std::size_t i = 0; has_effects_ && i < out.size(); ++i) {
            using Do = Effect::Do;
            const Effect &one = out[i];
            const bool makes = one.what == Do::commit || one.what == Do::task || one.what == Do::plan;
            if (one.what == Do::approve) made_.emplace_back("approval");
            if (!makes && one.what != Do::close) continue;
            has_effects_ = !one.kind.empty();  // else that is told already
            if (makes) made_.push_back(one.kind);
            if (!makes && has_effects_) closed_.emplace_back(one.kind, node.member(key).value(i));
        }
    }

    static void check_refuses(const Node &node, std::string_view key, const std::vector<Effect> &effects) {
        if (std::ranges::find(effects, Effect::Do::refuse, &Effect::what) != effects.end())
            node.member(key).report("refuses an event, and time passes without one; leave \"refuse\" out");
    }

    // A close names a kind of commitment that the process makes.
    void check_closed() {
        if (!has_effects_) return;
        const std::vector<std::string_view> made(made_.begin(), made_.end());
        for (const auto &[kind, effect] : closed_) {
            if (std::ranges::find(made, kind) != made.end()) continue;
            const Node node = effect.member("kind");
            if (made.empty()) {
                node.report("this process makes no commitments, so it has none to close");
            } else {
                node.report(node.unknown("among the commitments this process makes the kind", kind, made));
            }
        }
    }

    // ---- milestones ----

    void read_milestones(const Node &node) {
        if (!node.is(Json::Kind::object) || node.size() == 0)
            return node.report("must be an object, { \"NAME\": { \"from\": \"STATE\", \"to\": \"STATE\" } }");
        if (node.size() > kMilestonesMax)
            return node.report("has more than 64 milestones; divide the process", base::Status::limit);
        for (std::size_t i = 0; i < node.size(); ++i) {
            const Node one = node.value(i);
            if (const auto name = node.name_key(i); !name) one.report(name.error());
            if (!has_shape(one, shape::kMilestone)) continue;
            chart_.milestones.push_back(read_milestone(one));
            chart_.milestones.back().name = node.json().keys[i];
        }
    }

    Milestone read_milestone(const Node &node) {
        Milestone made;
        const bool from = read_target(node, "from", made.from), to = read_target(node, "to", made.to);
        node.read("within", made.within, parse_length);
        node.read("by", made.by, &Node::computed);
        node.read("warn", made.warn, parse_length);
        node.read_list("pause", made.pause, kStatesMax,
                       [this](const Node &state) { return find_target(state); });
        read_effects(node, "warned", made.warned);
        read_effects(node, "late", made.late);
        check_refuses(node, "warned", made.warned);
        check_refuses(node, "late", made.late);
        if (node.has("by") == node.has("within"))
            node.report(node.has("by") ? "has \"within\" and \"by\"; leave out one of them"
                                       : "says not how long it has; write \"within\" or \"by\"");
        if (node.has("pause") && node.has("by"))
            node.member("pause").report("an instant does not stand still; it goes with \"within\"");
        if (node.has("warned") && !node.has("warn"))
            node.member("warned").report("is never done; add \"warn\", after how long");
        if (is_as_long(made.warn, made.within))
            node.member("warn").report("is not before it is late; warn earlier than \"within\"");
        if (from && to && has_moves_) check_end(node, made);
        return made;
    }

    void check_end(const Node &node, const Milestone &made) {
        const auto quoted = [this](std::uint32_t state) { return quote(chart_.states[state].name); };
        if (chart_.is_in(made.from, made.to)) {
            node.member("to").report("is met as it begins: " + quoted(made.from) +
                                     " is in it; name another state");
        } else if (!is_reached(made.from, made.to)) {
            node.member("to").report("can never be met: no moves lead from " + quoted(made.from) + " to " +
                                     quoted(made.to) + "; name another state");
        }
    }

    // Wherever in it a case stands.
    bool is_reached(std::uint32_t from, std::uint32_t to) const {
        for (std::uint32_t i = 0; i < chart_.states.size(); ++i) {
            if (chart_.is_in(i, from) && reached_from(chart_, i)[to]) return true;
        }
        return false;
    }

    // ---- all of it ----

    // Every state is entered, and none of them for ever.
    void check_ways() {
        std::vector<bool> reached = reached_from(chart_, chart_.initial);
        for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
            if (reached[i]) continue;
            nodes_[i].report("no move leads to this state; give it one, or leave the state out");
            const auto with = reached_from(chart_, i);  // which are missed because of it
            for (std::size_t j = 0; j < reached.size(); ++j) reached[j] = reached[j] || with[j];
        }
        const auto endless = find_endless(chart_);
        if (!endless) return;
        const Node all = nodes_[endless->state].member(endless->is_timer ? "after" : "always");
        const Node move = all.is(Json::Kind::array) ? all.value(endless->index) : all;
        move.report(
            endless->is_timer
                ? "leads into a ring of timers that could turn for ever; give one of them a \"delay\" "
                  "from entry, without \"anchor\""
                : "leads into a ring of moves that are always there; give one of them a guard");
    }

    Statechart chart_;
    std::vector<Node> nodes_;  // of its states
    std::vector<std::string> made_;
    std::vector<std::pair<std::string, Node>> closed_;  // kinds of commitments, with the effect
    // Whether all of them are read.
    bool has_states_ = true, has_moves_ = true, has_effects_ = true, has_fields_ = true;
};

}  // namespace

std::optional<std::uint32_t> Statechart::find_state(std::string_view wanted) const {
    const auto at = std::ranges::find(states, wanted, &State::name);
    if (at == states.end()) return std::nullopt;
    return static_cast<std::uint32_t>(at - states.begin());
}

Statechart parse_statechart(const Node &entry) { return StatechartParser().parse(entry); }

}  // namespace kith::rules
