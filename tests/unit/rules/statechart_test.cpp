// Goal: a process is read exactly; what is wrong with one is told with its place and a cure, all of it, and
// nothing twice. Method: the full playbook's, looked at part by part; a table of wrong processes with the
// fragments their messages must have; processes with several mistakes; limits that are just kept; the
// collection of hard ones.
#include "rules/statechart.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "rules/check_set.hpp"
#include "unit/rules/full_playbook.hpp"

namespace kith::rules {
namespace {

using base::Status;

std::string playbook_with(const std::string &entry) {
    return R"({"playbook": "p", "format": 1, "define": [)"
           "\n" +
           entry + "]}";
}

// The mistakes of a text, then those of its set: one a line.
std::string all_told(const std::string &define, std::span<const std::string_view> rows = {}) {
    const Reading reading = read_playbook(playbook_with(define));
    std::vector<Mistake> all = reading.mistakes;
    Surroundings around;
    around.rows = rows;
    for (const Mistake &mistake : check_set(reading.playbook, around).mistakes) all.push_back(mistake);
    std::string text;
    for (const Mistake &mistake : all) text += mistake.message + "\n";
    return text;
}

// A process that starts with an order in state a, with more keys.
std::string states_with(const std::string &states, const std::string &more = "") {
    return R"({"process": "p", "start": "order", "initial": "a", "states": )" + states + more + "}";
}
// Its state a has these members; b is reached by an event.
std::string one_state(const std::string &members) {
    return states_with(R"({"a": {"on": {"go": "b"}, )" + members + R"(}, "b": {}})");
}
std::string one_timer(const std::string &timer) { return one_state(R"("after": [)" + timer + "]"); }
std::string one_always(const std::string &moves) { return one_state(R"("always": )" + moves); }
// What an order does in a.
std::string on_order(const std::string &moves) {
    return states_with(R"({"a": {"on": {"order": )" + moves + R"(, "go": "b"}}, "b": {}})");
}
std::string one_milestone(const std::string &members) {
    return states_with(R"({"a": {"on": {"go": "b"}}, "b": {"on": {"go": "c"}}, "c": {}})",
                       R"(, "milestones": {"m": {)" + members + "}}");
}
std::string with_key(const std::string &members) { return states_with(R"({"a": {}})", ", " + members); }

std::string repeated(std::size_t count, const std::string &item) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += (i > 0 ? "," : "") + item;
    return "[" + text + "]";
}

// States s0, s1, ... each leading to the next, the last to the first.
std::string circle_of(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += (i > 0 ? ",\"s" : "\"s") + std::to_string(i) + R"(": {"on": {"go": "s)" +
                std::to_string((i + 1) % count) + "\"}}";
    return R"({"process": "p", "initial": "s0", "states": {)" + text + "}}";
}

std::string named(const std::string &head, std::size_t count, const std::string &value) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += (i > 0 ? ",\"" : "\"") + head + std::to_string(i) + "\": " + value;
    return "{" + text + "}";
}

TEST(Processes, TheFullOneIsReadExactly) {
    const auto playbook = parse_playbook(full_text());
    ASSERT_TRUE(playbook) << playbook.error().message;
    const Statechart &plan = *body_of<Statechart>(*playbook, "plan");
    EXPECT_EQ(plan.subject, SubjectKind::party);
    EXPECT_EQ(plan.start, (std::vector<std::string>{"plan.made", "plan.re*"}));
    EXPECT_EQ(plan.where.text, "i.channel != 'test'");
    EXPECT_EQ(plan.key.text, "i.id");
    EXPECT_TRUE(plan.routes);
    EXPECT_EQ(plan.parent, "plan");
    EXPECT_EQ(plan.hours.text, "store");
    ASSERT_EQ(plan.fields.size(), 3U);
    EXPECT_EQ(plan.fields[1].name, "solution");
    EXPECT_EQ(plan.fields[2].type.kind, FieldType::Kind::time);
    EXPECT_EQ(plan.instances, Statechart::Instances::migrate);
    EXPECT_EQ(plan.mapping,
              (std::vector<std::pair<std::string, std::string>>{{"started", "open"}, {"old", "waiting"}}));
    ASSERT_EQ(plan.states.size(), 5U);
    for (std::uint32_t i = 0; i < 5; ++i) {
        constexpr const char *kNames[] = {"running", "open", "waiting", "done", "dropped"};
        EXPECT_EQ(plan.states[i].name, kNames[i]);
        EXPECT_EQ(plan.states[i].outer, i == 1 || i == 2 ? std::optional(0U) : std::nullopt);
        EXPECT_EQ(plan.states[i].final, i > 2);
        EXPECT_TRUE(plan.is_in(i, i));
        EXPECT_EQ(plan.is_in(i, 0), i < 3);
    }
    EXPECT_EQ(plan.initial, 1U);
    ASSERT_EQ(plan.on.size(), 1U);
    EXPECT_EQ(plan.on[0].event, "plan.dropped");
    EXPECT_EQ(plan.on[0].moves[0].target, 4U);

    const State &running = plan.states[0];
    EXPECT_EQ(running.initial, 1U);
    EXPECT_EQ(running.on[0].moves[0].target, 2U);
    ASSERT_EQ(running.always.size(), 1U);
    EXPECT_EQ(running.always[0].guard.text, "in_state('open') && data.size == 0");
    EXPECT_EQ(running.always[0].target, 3U);
    ASSERT_EQ(running.after.size(), 2U);
    EXPECT_EQ(std::get<Period>(*running.after[0].delay.length).months, 12);
    EXPECT_EQ(running.after[0].anchor.text, "data.end");
    EXPECT_EQ(running.after[0].move.guard.text, "m.orders_24m > 0");
    EXPECT_EQ(running.after[0].move.target, 3U);
    EXPECT_EQ(running.after[1].at.text, "addDays(data.end, 9, zone)");
    EXPECT_TRUE(running.after[1].delay.empty());
    EXPECT_FALSE(running.after[1].move.target);
    EXPECT_EQ(running.after[1].move.actions[0].what, Effect::Do::notify);

    const State &open = plan.states[1];
    ASSERT_EQ(open.on.size(), 3U);
    ASSERT_EQ(open.on[0].moves.size(), 2U);
    EXPECT_EQ(open.on[0].moves[0].guard.text, "m.orders_24m >= 1");
    EXPECT_EQ(open.on[0].moves[0].actions[0].tag.text, "planned");
    EXPECT_FALSE(open.on[0].moves[1].target);
    EXPECT_FALSE(open.on[0].moves[0].reenter);
    EXPECT_TRUE(open.on[1].moves[0].reenter);
    EXPECT_EQ(open.on[2].event, "contact.*_in");
    EXPECT_EQ(std::get<BusinessLength>(*open.after[0].delay.length).days, 14);
    EXPECT_EQ(open.entry[0].kind, "review");
    EXPECT_EQ(open.exit[0].what, Effect::Do::close);
    EXPECT_EQ(open.exit[0].as, 2U);
    EXPECT_EQ(plan.states[2].on[0].moves[0].target, 1U);
    EXPECT_EQ(plan.states[3].require, std::vector<std::string>{"solution"});

    ASSERT_EQ(plan.milestones.size(), 2U);
    const Milestone &finish = plan.milestones[0];
    EXPECT_EQ(finish.name, "finish");
    EXPECT_EQ(finish.from, 1U);
    EXPECT_EQ(finish.to, 3U);
    EXPECT_EQ(finish.within.source.text, "data.size >= 3 ? 'business P1D' : 'business P3D'");
    EXPECT_EQ(finish.pause, std::vector<std::uint32_t>{2});
    EXPECT_EQ(std::get<BusinessLength>(*finish.warn.length).micros, base::kDay / 6);
    EXPECT_EQ(finish.warned[0].what, Effect::Do::notify);
    EXPECT_EQ(finish.late[0].what, Effect::Do::escalate);
    EXPECT_EQ(plan.milestones[1].by.text, "addDays(data.end, -7, zone)");
    EXPECT_TRUE(plan.milestones[1].within.empty());

    const Statechart &item = *body_of<Statechart>(*playbook, "item");
    EXPECT_EQ(item.start, std::vector<std::string>{"order"});
    EXPECT_EQ(item.key.text, "i.id");
    EXPECT_EQ(item.instances, Statechart::Instances::keep);
}

struct WrongProcess {
    std::string entry;
    std::string fragment;
    Status status = Status::rule;
};

const std::vector<WrongProcess> &wrong_processes() {
    static const std::vector<WrongProcess> kWrong{
        // the head
        {R"({"process": "P", "initial": "a", "states": {"a": {}}})", "define[0].process: must be a name"},
        {R"({"process": "p", "states": {"a": {}}})", R"("initial" is missing)"},
        {R"({"process": "p", "initial": "x", "states": {"alpha": {}}})",
         R"(define[0].initial: the state "x" is not known; write "alpha")"},
        {R"({"process": "p", "initial": "a", "states": {}})", "define[0].states: has no state"},
        {R"({"process": "p", "initial": "a", "states": []})", "define[0].states: must be an object"},
        {R"({"process": "p", "initial": "a", "state": {"a": {}}})",
         R"(the key "state" is not known; did you mean "states"?)"},
        {with_key(R"("per": "house")"), R"(per: the subject "house" is not known)"},
        {with_key(R"("key": "i.")"), "define[0].key: in the expression: "},
        {with_key(R"("parent": "A")"), "define[0].parent: must be a name"},
        {with_key(R"("hours": "9 to 5")"), "define[0].hours: must be a name"},
        {with_key(R"("fields": {"x": "txt"})"),
         R"(define[0].fields.x: the type "txt" is not known; did you mean "text"?)"},
        {with_key(R"("fields": )" + named("f", 257, R"("int")")), "fields: has more than 256 fields",
         Status::limit},
        {with_key(R"("instances": "drop")"),
         R"(instances: what becomes of instances "drop" is not known; write "keep" or "migrate")"},
        {with_key(R"("mapping": {"x": "a"})"), R"(mapping: goes with "instances": "migrate"; add it)"},
        {with_key(R"("instances": "migrate", "mapping": {})"), "mapping: must be an object"},
        {with_key(R"("instances": "migrate", "mapping": {"x": "b"})"),
         R"(mapping.x: the state "b" is not known)"},
        {with_key(R"("instances": "migrate", "mapping": {"X": "a"})"), "mapping.\"X\": must be a name"},
        {with_key(R"("on": [])"), "define[0].on: must be an object"},
        {with_key(R"("on": {"go": "b"})"), R"(define[0].on.go: the state "b" is not known)"},
        // starting
        {R"({"process": "p", "start": "", "initial": "a", "states": {"a": {}}})",
         "define[0].start: must be a type of interaction"},
        {R"({"process": "p", "start": {"where": "true"}, "initial": "a", "states": {"a": {}}})",
         R"(define[0].start: "on" is missing)"},
        {R"({"process": "p", "start": {"on": "o", "when": "x"}, "initial": "a", "states": {"a": {}}})",
         R"(the key "when" is not known; did you mean "where"?)"},
        {R"({"process": "p", "start": ["o", "o"], "initial": "a", "states": {"a": {}}})",
         "start[1]: is in the list already"},
        {R"({"process": "p", "start": "segment.enterd", "initial": "a", "states": {"a": {}}})",
         R"(start: the event "segment.enterd" is not known; did you mean "segment.entered"?)"},
        {R"({"process": "p", "start": {"on": "o", "key": "i.id"}, "key": "i.id", "initial": "a", "states": {"a": {}}})",
         R"(define[0].key: "start" has a key too)"},
        // states
        {circle_of(65), "states: has more than 64 states", Status::limit},
        {states_with(R"({"a": {}, "Big One": {}})"), "define[0].states.\"Big One\": must be a name"},
        {states_with(R"({"a": {}, ")" + std::string(65, 'x') + R"(": {}})"), "must be a name"},
        {states_with(R"({"a": {}, "b": {}})"), "define[0].states.b: no move leads to this state"},
        {states_with(R"({"a": {"labels": 5}})"), "a.labels: must be an object"},
        {states_with(R"({"a": 5})"), "define[0].states.a: must be an object"},
        {states_with(R"({"a": {"initial": "a"}})"), R"(states.a.initial: goes with "states")"},
        {states_with(R"({"a": {"states": {"b": {}}}})"), R"(states.a: "initial" is missing; name the one)"},
        {states_with(R"({"a": {"states": {}, "initial": "b"}})"), "states.a.states: has no state"},
        {states_with(R"({"a": {"initial": "c", "states": {"b": {}}, "on": {"go": "c"}}, "c": {}})"),
         R"(a.initial: among its states the state "c" is not known; did you mean "b"?)"},
        {states_with(R"({"a": {"initial": "b", "states": {"b": {}, "a": {}}}})"),
         R"(states.a.states.a: there is a state "a" before it; give it another name)"},
        {states_with(R"({"a": {"initial": "b", "states": {"b": {"initial": "c", "states": {"c": {}}}}}})"),
         "a.states.b.states: states nest one level deep"},
        {states_with(R"({"a": {"initial": "b", "states": {"b": {}, "c": {}}}})"),
         "states.a.states.c: no move leads to this state"},
        {states_with(R"({"a": {"initial": "b", "final": true, "states": {"b": {}}}})"),
         "a.final: the process does not end in a state with states"},
        {one_state(R"("entri": [])"), R"(states.a: the key "entri" is not known; did you mean "entry"?)"},
        {one_state(R"("final": true)"), "define[0].states.a: is final, so nothing leaves it"},
        {states_with(R"({"a": {"final": true, "exit": [{"do": "tag", "tag": "x"}]}})"), "states.a: is final"},
        {states_with(R"({"a": {"final": true, "always": {"guard": "true", "target": "a"}}})"),
         "states.a: is final"},
        {one_state(R"("final": 1)"), "final: must be true or false"},
        {one_state(R"("require": ["x"])"), R"(a.require[0]: this process has no "fields")"},
        {states_with(R"({"a": {"require": ["cuase"]}})", R"(, "fields": {"cause": "text"})"),
         R"(a.require[0]: the field "cuase" is not known; did you mean "cause"?)"},
        // ... and what is in a state that is not read is not missed elsewhere
        {states_with(R"({"a": {"initial": "b", "states": [], "on": {"go": "b", "come": "c"}}})",
                     R"(, "milestones": {"m": {"from": "b", "to": "c", "within": "P1D"}})"),
         "a.states: must be an object"},
        {states_with(
             R"({"a": {"on": {"go": "b"}, "entri": [{"do": "commit", "kind": "k"}]}, "b": {"exit": [{"do": "close", "kind": "k", "as": "kept"}]}})"),
         R"(states.a: the key "entri")"},
        {states_with(
             R"({"a": {"after": {"delay": "P1D", "target": "b", "actions": [{"do": "commit", "kind": "k"}]}}, "b": {"exit": [{"do": "close", "kind": "k", "as": "kept"}]}})"),
         "states.a.after: must be a list"},
        {states_with(R"({"a": {"states": 5}})"), "a.states: must be an object"},
        {states_with(
             R"({"a": {"always": [{"guard": "1 +", "target": "b"}, "b"]}, "b": {"always": {"guard": "true", "target": "a"}}})"),
         "a.always[0].guard: in the expression: "},
        {states_with(R"({"a": {"on": {"go": ["b", "c"]}}, "b": {}, "c": {}})"), "on.go[1]: can never happen"},
        // moves
        {on_order(R"("c")"), R"(states.a.on.order: the state "c" is not known; did you mean "a"?)"},
        {on_order("7"), "on.order: must be a state's name, a move"},
        {on_order("[]"), "on.order: the list is empty"},
        {on_order("[7]"), "on.order[0]: must be an object"},
        {on_order(R"({"target": "c"})"), R"(on.order.target: the state "c" is not known)"},
        {on_order(R"([{"target": "b"}, {"target": "a"}])"),
         "on.order[1]: can never happen: the move before it has no guard; put that one last"},
        {on_order(R"(["b", {"target": "a"}])"), "on.order[1]: can never happen"},
        {on_order(R"([{"target": "b", "when": "x"}])"), R"(the key "when" is not known; write "target")"},
        {on_order(R"({"target": "b", "guard": "m."})"), "on.order.guard: in the expression: "},
        {on_order(R"({"target": "b", "guard": [{"figure": "orders"}]})"), "guard: must be an expression"},
        {on_order(R"({"reenter": true})"), R"(order.reenter: goes with "target")"},
        {on_order(R"({"target": "b", "actions": [{"do": "tga"}]})"),
         R"(actions[0].do: the effect "tga" is not)"},
        {on_order(repeated(65, R"({"target": "b", "guard": "true"})")), "at most 64", Status::limit},
        {on_order(repeated(64, R"({"target": "b", "guard": "true"})")), "states.a: has more than 64 moves",
         Status::limit},
        {states_with(R"({"a": {}})", R"(, "on": )" + named("e", 65, R"("a")")),
         "define[0].on: has more than 64 events", Status::limit},
        {states_with(R"({"a": {}})",
                     R"(, "on": )" + named("e", 33, R"([{"guard": "true", "target": "a"}, "a"])")),
         "define[0].on: has more than 64 moves", Status::limit},
        {states_with(R"({"a": {"initial": "s0", "states": )" + named("s", 65, "{}") + "}}"),
         "define[0].states.a.states: has more than 64 states", Status::limit},
        {states_with(R"({"a": {"initial": "s0", "states": )" + named("s", 64, "{}") + "}}"),
         "define[0].states: has more than 64 states", Status::limit},
        {states_with(R"({"a": {"on": {"Order!": "a"}}})"), "must be a type of interaction"},
        {states_with(R"({"a": {"on": {"a*b*": "a"}}})"), "must be a type of interaction"},
        {states_with(R"({"a": {"on": ["order"]}})"), "states.a.on: must be an object"},
        {states_with(R"({"a": {"on": {"task.lat": "a"}}})"),
         R"(on.task.lat: the event "task.lat" is not known; did you mean "task.late"?)"},
        {states_with(R"({"a": {"on": {"contact.*": "a", "order": "a", "contact.*_in": "a"}}})"),
         R"(states.a.on."contact.*_in": can never happen: "contact.*" before it takes every such event)"},
        {one_always("[]"), "a.always: the list is empty"},
        {one_always(R"({"guard": "true"})"), R"(a.always: "target" is missing; what is done without a move)"},
        {one_always(R"(["b", "b"])"), "a.always[1]: can never happen"},
        {one_always(R"("a")"),
         "a.always: leads into a ring of moves that are always there; give one of them a guard"},
        {states_with(
             R"({"a": {"always": [{"guard": "true", "target": "b"}, {"target": "b"}]}, "b": {"always": "a"}})"),
         "a.always[1]: leads into a ring of moves"},
        {states_with(R"({"a": {"initial": "b", "always": "c", "states": {"b": {}, "c": {}}}})"),
         "a.always: leads into a ring of moves"},
        // timers
        {one_state(R"("after": {})"), "a.after: must be a list"},
        {one_timer(R"({"target": "b"})"), R"(states.a.after[0]: says not when; write "delay" or "at")"},
        {one_timer(R"({"delay": "P1D"})"), R"(after[0]: does nothing; give it a "target" or "actions")"},
        {one_timer(R"({"delay": "P1D", "target": "bb"})"), R"(after[0].target: the state "bb")"},
        {one_timer(R"({"delay": "P1D", "at": "now", "target": "b"})"), R"(after[0].at: has a "delay" too)"},
        {one_timer(R"({"at": "now", "anchor": "now", "target": "b"})"),
         R"(after[0].anchor: a "delay" is counted from it)"},
        {one_timer(R"({"at": "now +", "target": "b"})"), "after[0].at: in the expression: "},
        {one_timer(R"({"delay": "P1D", "anchor": "m.", "target": "b"})"),
         "after[0].anchor: in the expression: "},
        {one_timer(R"({"delay": "P1D", "target": "b", "reenter": true})"),
         R"(the key "reenter" is not known)"},
        {one_timer(R"({"delay": "90 days", "target": "b"})"),
         R"(after[0].delay: must be a duration, as "P7D")"},
        {one_timer(R"({"delay": 90, "target": "b"})"), "after[0].delay: must be a duration"},
        {one_timer(R"({"delay": "P0D", "target": "b"})"), "must be longer than nothing"},
        {one_timer(R"({"delay": "business P1M", "target": "b"})"), "have no business length"},
        {one_timer(R"({"delay": "P99999Y", "target": "b"})"), "longer than the calendar"},
        {one_timer(R"({"delay": "P1D", "actions": [{"do": "refuse", "message": "no"}]})"),
         "after[0].actions: refuses an event, and time passes without one"},
        {states_with(R"({"a": {"after": [{"delay": "P1D", "anchor": "m.x", "target": "b"}]},
                        "b": {"after": [{"delay": "P1D", "target": "a"}, {"at": "m.y", "target": "a"}]}})"),
         R"(states.a.after[0]: leads into a ring of timers that could turn for ever; give one of them a "delay")"},
        {states_with(
             R"({"a": {"initial": "b", "after": [{"at": "m.x", "target": "a"}], "states": {"b": {}}}})"),
         "states.a.after[0]: leads into a ring of timers"},
        {states_with(
             R"({"a": {"always": {"target": "b"}}, "b": {"after": [{"at": "m.x", "guard": "m.x < now", "target": "a"}]}})"),
         "leads into a ring of"},
        // effects
        {one_state(R"("entry": {})"), "entry: must be a list"},
        {one_state(R"("exit": [])"), "exit: the list is empty"},
        {one_state(R"("entry": [{"kind": "x"}])"), R"(entry[0]: must be an object with "do")"},
        {one_state(R"("entry": [{"do": "comit"}])"),
         R"(the effect "comit" is not known; did you mean "commit"?)"},
        {one_state(R"("entry": [{"do": "commit", "kind": "X"}])"), "kind: must be a name"},
        {one_state(R"("entry": [{"do": "commit", "kind": "x"}, {"do": "close", "kind": "x", "as": "done"}])"),
         R"(entry[1].as: the end "done" is not known; write "kept", "broken", "waived" or "cancelled")"},
        {one_state(R"("exit": [{"do": "close", "kind": "x", "as": "kept"}])"),
         "exit[0].kind: this process makes no commitments, so it has none to close"},
        {states_with(R"({"a": {"on": {"x": {"actions": [{"do": "close", "kind": "winback", "as": "kept"}]}},
                             "after": [{"delay": "P1D", "actions": [{"do": "task", "kind": "win_back"}]}]}})"),
         R"(actions[0].kind: among the commitments this process makes the kind "winback" is not known; did you mean "win_back"?)"},
        // milestones
        {with_key(R"("milestones": [])"), "milestones: must be an object"},
        {with_key(R"("milestones": {})"), "milestones: must be an object"},
        {with_key(R"("milestones": )" + named("m", 65, "{}")), "milestones: has more than 64", Status::limit},
        {states_with(R"({"a": {"on": {"go": "b"}}, "b": {}})",
                     R"(, "milestones": {"M": {"from": "a", "to": "b", "within": "P1D"}})"),
         "milestones.\"M\": must be a name"},
        {one_milestone(R"("to": "b", "within": "P1D")"), R"(milestones.m: "from" is missing)"},
        {one_milestone(R"("from": "a", "to": "d", "within": "P1D")"), R"(m.to: the state "d" is not known)"},
        {one_milestone(R"("from": "a", "to": "b")"),
         R"(m: says not how long it has; write "within" or "by")"},
        {one_milestone(R"("from": "a", "to": "b", "within": "P1D", "by": "=now")"),
         R"(m: has "within" and "by"; leave out one of them)"},
        {one_milestone(R"("from": "a", "to": "b", "by": "P1D")"), R"(m.by: must be "=" and an expression)"},
        {one_milestone(R"("from": "a", "to": "b", "pause": ["b"])"), "m: says not how long it has"},
        {one_milestone(R"("from": "a", "to": "b", "by": "=now", "pause": ["b"])"),
         "m.pause: an instant does not stand still"},
        {one_milestone(R"("from": "a", "to": "b", "within": "P1D", "pause": ["x"])"),
         R"(m.pause[0]: the state "x")"},
        {one_milestone(R"("from": "a", "to": "b", "within": "P1D", "warn": "P1D")"),
         "m.warn: is not before it is late; warn earlier"},
        {one_milestone(R"("from": "a", "to": "b", "within": "business PT4H", "warn": "business PT5H")"),
         "m.warn: is not before it is late"},
        {one_milestone(R"("from": "a", "to": "b", "within": "P1D", "warned": [{"do": "tag", "tag": "x"}])"),
         R"(m.warned: is never done; add "warn")"},
        {one_milestone(
             R"("from": "a", "to": "b", "within": "P1D", "late": [{"do": "refuse", "message": "x"}])"),
         "m.late: refuses an event"},
        {one_milestone(R"("from": "a", "to": "a", "within": "P1D")"),
         R"(m.to: is met as it begins: "a" is in it; name another state)"},
        {one_milestone(R"("from": "b", "to": "a", "within": "P1D")"),
         R"(m.to: can never be met: no moves lead from "b" to "a"; name another state)"},
    };
    return kWrong;
}

TEST(Processes, WrongOnesAreRefusedWithPlaceAndCure) {
    for (const auto &[entry, fragment, status] : wrong_processes()) {
        const std::string text = playbook_with(entry);
        const Reading reading = read_playbook(text);
        EXPECT_EQ(reading.mistakes.size(), 1U) << entry << "\n" << all_told(entry);
        ASSERT_FALSE(reading.mistakes.empty());
        const auto &message = reading.mistakes[0].message;
        EXPECT_NE(message.find(fragment), message.npos) << entry << "\n  says: " << message;
        EXPECT_EQ(reading.mistakes[0].status, status) << message;
        EXPECT_EQ(message.find('\n'), message.npos) << message;
        EXPECT_LT(message.size(), 400U) << message;
        EXPECT_FALSE(reading.playbook.definitions[0].sound);
        EXPECT_FALSE(parse_playbook(text));
    }
}

TEST(Processes, AllThatIsWrongIsTold) {
    EXPECT_EQ(
        all_told(R"({"process": "p", "start": ["ordr!", "order"], "initial": "b", "fields": {"x": "txt"},
"milestones": {"m": {"from": "a", "to": "q", "within": "P1D", "late": [{"do": "tsk"}]}, "n": {"from": "a"}},
"states": {
"a": {"on": {"go": "c", "go.": "b", "x": {"guard": "1 +", "target": "b"}}, "require": ["y"], "entry": [{"do": "close", "kind": "k", "as": "kept"}]},
"b": {"after": [{"target": "a"}, {"delay": "x", "at": "y"}], "final": 1},
"d": {"initial": "e", "states": {"e": {"lables": {}}}}}})"),
        R"(line 2, column 28: define[0].start[0]: must be a type of interaction, as "order", "contact.called_in" or "contact.*"
line 2, column 79: define[0].fields.x: the type "txt" is not known; did you mean "text"?
line 3, column 41: define[0].milestones.m.to: the state "q" is not known; did you mean "a"?
line 3, column 79: define[0].milestones.m.late[0].do: the effect "tsk" is not known; did you mean "task"?
line 3, column 94: define[0].milestones.n: "to" is missing; add it
line 5, column 20: define[0].states.a.on.go: the state "c" is not known; did you mean "a"?
line 5, column 32: define[0].states.a.on.go.: must be a type of interaction, as "order", "contact.called_in" or "contact.*"
line 5, column 56: define[0].states.a.on.x.guard: in the expression: the expression ends too early; a value is missing at its end
line 6, column 17: define[0].states.b.after[0]: says not when; write "delay" or "at"
line 6, column 34: define[0].states.b.after[1]: does nothing; give it a "target" or "actions"
line 6, column 44: define[0].states.b.after[1].delay: must be a duration, as "P7D", "P3M", "PT8H" or "business PT4H"
line 6, column 55: define[0].states.b.after[1].at: has a "delay" too; leave out one of them
line 6, column 71: define[0].states.b.final: must be true or false
line 7, column 40: define[0].states.d.states.e: the key "lables" is not known; did you mean "labels"?
)");
}

// What names other things is checked in the set.
TEST(Processes, NamesThatAreNowhere) {
    EXPECT_EQ(
        all_told(
            R"x({"process": "p", "start": {"on": "segment.entered", "where": "e.name == 'vip'"}, "parent": "q", "hours": "shop", "initial": "a", "fields": {"cause": "list.cause", "size": "int"},
"milestones": {"m": {"from": "a", "to": "b", "within": "=data.siez > 3 ? 'P1D' : 'P2D'", "late": [{"do": "open", "process": "save"}]}},
"states": {
"a": {"on": {"go": {"guard": "in_state('c') || data.size > 1 && in_state('a')", "target": "b"}, "segment.left": {"guard": "e.name == 'big'", "target": "b"}},
"always": {"guard": "open('case').exists(p, p.data.other > 1) && state.q == 'x' && data['no'] == 1", "target": "b"}},
"b": {"after": [{"at": "m.next", "actions": [{"do": "set", "set": {"x": "=data.caus"}}]}]}}})x"),
        R"(line 2, column 73: define[0].start.where: there is no segment "vip"; define it
line 2, column 92: define[0].parent: there is no process "q"; did you mean "p"?
line 2, column 106: define[0].hours: there is no calendar "shop"; define it
line 2, column 150: define[0].fields.cause: there is no list "cause"; define it
line 3, column 63: define[0].milestones.m.within: this process has no field "siez"; did you mean "size"?
line 3, column 125: define[0].milestones.m.late[0].process: there is no process "save"; write "p"
line 5, column 40: define[0].states.a.on.go.guard: this process has no state "c"; did you mean "a"?
line 5, column 134: define[0].states.a.on.segment.left.guard: there is no segment "big"; define it
line 6, column 27: define[0].states.a.always.guard: there is no process "case"; write "p"
line 6, column 72: define[0].states.a.always.guard: there is no process "q"; did you mean "p"?
line 6, column 89: define[0].states.a.always.guard: this process has no field "no"; write "cause" or "size"
line 7, column 27: define[0].states.b.after[0].at: there is no metric "next"; define it
line 7, column 80: define[0].states.b.after[0].actions[0].set.x: this process has no field "caus"; did you mean "cause"?
)");
}

// A case reads where others, and it itself, stand: no circle.
TEST(Processes, MayReadWhatReadsThem) {
    EXPECT_EQ(
        all_told(
            R"x({"process": "p", "initial": "a", "states": {"a": {"always": {"guard": "m.cases > 1 && open('p').size() > 2 && in_segment('s')", "target": "b"}}, "b": {"entry": [{"do": "open", "process": "q"}]}}},
{"process": "q", "initial": "a", "states": {"a": {"entry": [{"do": "move", "process": "p", "event": "x"}]}}},
{"metric": "cases", "count": "process.p"}, {"segment": "s", "when": "state.p == 'a'"})x"),
        "");
}

TEST(Processes, EventsThatAreNotRaisedYet) {
    const std::string_view none[] = {"interaction"}, cells[] = {"cell.changed", "party.merged"};
    const std::string define =
        R"({"process": "p", "start": ["cell.changed", "party.created", "party.*"], "initial": "a",
"on": {"metric.*": "a", "score.crossed": "a", "band.changed": "a", "rule.fired": "a", "state.*": "a", "task.late": "a", "milestone.breached": "a"},
"states": {"a": {"on": {"party.merged": "a", "quote.*": "a", "process.ended": "a", "segment.left": "a", "order": "a", "party.owner_changed": "a"}}}})";
    EXPECT_EQ(all_told(define), "");
    EXPECT_EQ(
        all_told(define, none),
        R"(line 2, column 28: define[0].start[0]: "cell.changed" is not yet available in this version; leave it out
line 3, column 20: define[0].on."metric.*": "metric.crossed" is not yet available in this version; leave it out
line 3, column 42: define[0].on.score.crossed: "score.crossed" is not yet available in this version; leave it out
line 3, column 63: define[0].on.band.changed: "band.changed" is not yet available in this version; leave it out
line 4, column 41: define[0].states.a.on.party.merged: "party.merged" is not yet available in this version; leave it out
line 4, column 57: define[0].states.a.on."quote.*": "quote.offered" is not yet available in this version; leave it out
)");
    EXPECT_EQ(
        all_told(define, cells),
        R"(line 3, column 20: define[0].on."metric.*": "metric.crossed" is not yet available in this version; leave it out
line 3, column 42: define[0].on.score.crossed: "score.crossed" is not yet available in this version; leave it out
line 3, column 63: define[0].on.band.changed: "band.changed" is not yet available in this version; leave it out
line 4, column 57: define[0].states.a.on."quote.*": "quote.offered" is not yet available in this version; leave it out
)");
}

TEST(Processes, LimitsAreInclusive) {
    EXPECT_EQ(all_told(circle_of(64)), "");
    EXPECT_EQ(all_told(on_order(repeated(63, R"({"target": "b", "guard": "true"})"))), "");
    EXPECT_EQ(all_told(states_with(R"({"a": {}})", R"(, "on": )" + named("e", 64, R"("a")"))), "");
    EXPECT_EQ(all_told(states_with(R"({"a": {}})", R"(, "fields": )" + named("f", 256, R"("int")"))), "");
    EXPECT_EQ(all_told(states_with(
                  R"({"a": {"on": {"go": "b"}}, "b": {}})",
                  R"(, "milestones": )" + named("m", 64, R"({"from": "a", "to": "b", "within": "P1D"})"))),
              "");
    const std::string longest(64, 'x');
    EXPECT_EQ(
        all_told(states_with(R"({"a": {"on": {"go": ")" + longest + R"("}}, ")" + longest + R"(": {}})")),
        "");
}

TEST(Processes, RightOnesNearWrongOnes) {
    for (
        const std::string &entry : {
            // A ring of timers may turn where one of them waits, or one that is always there has a guard.
            states_with(
                R"({"a": {"after": [{"at": "now", "target": "b"}]}, "b": {"after": [{"delay": "P1D", "target": "a"}]}})"),
            states_with(R"({"a": {"always": {"guard": "now > 1", "target": "b"}}, "b": {"always": "a"}})"),
            // One that leads where the case stands does not enter it again.
            states_with(R"({"a": {"after": [{"at": "now", "target": "a"}]}})"),
            // A narrower pattern comes first, and one with a guard lets others pass.
            states_with(R"({"a": {"on": {"contact.*_in": "a", "contact.*": "a"}}})"),
            states_with(
                R"({"a": {"on": {"contact.*": {"guard": "true", "target": "a"}, "contact.*_in": "a"}}})"),
            // A move may do nothing, so that what is outside of it does not take the event.
            states_with(R"({"a": {"on": {"go": {}}}, "b": {}})", R"(, "on": {"go": "b"})"),
            // Reached only from one of the states of another; met inside of one.
            states_with(
                R"({"a": {"initial": "b", "states": {"b": {"on": {"go": "c"}}, "c": {"on": {"go": "d"}}}}, "d": {"final": true}})",
                R"(, "milestones": {"m": {"from": "a", "to": "d", "within": "P1D", "warn": "business P1D"}, "n": {"from": "b", "to": "c", "within": "P1D", "warn": "PT23H"}})"),
            // What a case makes by itself may be closed wherever it is made.
            states_with(
                R"({"a": {"entry": [{"do": "close", "kind": "approval", "as": "waived"}, {"do": "close", "kind": "visit", "as": "kept"}],
                                  "on": {"x": {"actions": [{"do": "approve", "what": "=e.id"}, {"do": "plan", "kind": "visit", "count": 1, "over": "month"}]}}}})"),
            states_with(
                R"({"a": {"on": {"go": {"target": "a", "actions": [{"do": "refuse", "message": "no"}]}}}})"),
        })
        EXPECT_EQ(all_told(entry), "") << entry;
}

TEST(Processes, TheHardOnes) {
    std::ifstream file(std::string(KITH_SHARED_DIR) + "/design/hard-definitions.jsonl");
    if (!file) GTEST_SKIP() << "the hard definitions are not there";
    std::size_t count = 0;
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with("{ \"process\"")) continue;
        ++count;
        const Reading reading = read_playbook(playbook_with(line));
        for (const Mistake &mistake : reading.mistakes) ADD_FAILURE() << mistake.message;
        // Beside names of other definitions, nothing is amiss in its set.
        Surroundings alone;
        alone.complete = false;
        for (const Mistake &mistake : check_set(reading.playbook, alone).mistakes)
            ADD_FAILURE() << mistake.message;
    }
    EXPECT_EQ(count, 6U);
}

// A complaint: deadlines in business time that depend on its data and stand still, data that states need.
TEST(Processes, AComplaint) {
    EXPECT_EQ(
        all_told(
            R"({"process": "complaint", "start": {"on": "feedback.complained", "key": "i.id"}, "initial": "raised",
"fields": {"severity": "int", "cause": "text", "solution": "text"},
"milestones": {
 "acknowledge": {"from": "raised", "to": "acknowledged", "within": "business PT4H", "warn": "business PT3H"},
 "resolve": {"from": "raised", "to": "resolved", "within": "=data.severity >= 3 ? 'business P1D' : 'business P3D'", "pause": ["waiting"], "late": [{"do": "escalate", "to": "part_of"}]}},
"states": {
 "raised": {"on": {"acknowledged": "acknowledged"}},
 "acknowledged": {"on": {"method_proposed": "in_work"}},
 "in_work": {"on": {"resolved": "resolved", "waiting_customer": "waiting"}},
 "waiting": {"on": {"customer_answered": "in_work"}},
 "resolved": {"require": ["solution"], "on": {"confirmed": "closed", "reopened": "in_work"}, "after": [{"delay": "P7D", "target": "closed"}]},
 "closed": {"final": true, "require": ["cause"]}}})"),
        "");
}

}  // namespace
}  // namespace kith::rules
