// Goal: a right playbook is read exactly, a wrong one refused with its place, what is wrong and what to
// write. Method: a table of wrong texts with the fragments their messages must have; every prefix and
// random damage of a right text, which must never crash.
#include "rules/playbook.hpp"

#include <random>

#include <gtest/gtest.h>

#include "base/time.hpp"

namespace kith::rules {
namespace {

using base::Status;

std::string playbook_of(const std::string &entry) {
    return R"({"playbook": "test", "format": 1, "define": [)" + entry + "]}";
}

std::string process_of(const std::string &states) {
    return playbook_of(R"({"process": "p", "start": {"on": "order"}, "initial": "a", "states": )" + states +
                       "}");
}

// A process whose state a has these members and whose state b is reached by an event.
std::string state_of(const std::string &members) {
    return process_of(R"({"a": {"on": {"go": "b"}, )" + members + R"(}, "b": {}})");
}

std::string timer_of(const std::string &timer) { return state_of(R"("after": [)" + timer + "]"); }
std::string delay_of(const std::string &delay) {
    return timer_of(R"({"target": "b", "delay": )" + delay + "}");
}
std::string moves_of(const std::string &moves) {
    return process_of(R"({"a": {"on": {"order": )" + moves + R"(, "go": "b"}}, "b": {}})");
}
std::string guard_of(const std::string &guard) {
    return moves_of(R"([{"target": "b", "guard": [)" + guard + "]}]");
}
std::string bands_of(const std::string &members) {
    return playbook_of(R"({"bands": "b", "of": "orders", )" + members + "}");
}

struct Wrong {
    std::string json;
    std::string fragment;
    Status status = Status::rule;
};

std::string many(std::size_t count, const std::string &item) {
    std::string text = "[";
    for (std::size_t i = 0; i < count; ++i) text += (i > 0 ? "," : "") + item;
    return text + "]";
}

std::string ring_of(std::size_t states) {
    std::string text = "{";
    for (std::size_t i = 0; i < states; ++i) {
        text += (i > 0 ? ",\"s" : "\"s") + std::to_string(i) + R"(": {"on": {"go": "s)" +
                std::to_string((i + 1) % states) + "\"}}";
    }
    return playbook_of(R"({"process": "p", "start": {"on": "go"}, "initial": "s0", "states": )" + text +
                       "}}");
}

const std::vector<Wrong> &wrong_texts() {
    static const std::vector<Wrong> kWrong{
        // not JSON
        {"", "line 1, column 1: not JSON: unexpected end of input", Status::format},
        {"{", "line 1, column 2: not JSON", Status::format},
        {"{\n  \"playbook\": nope}", "line 2, column 16: not JSON: invalid literal", Status::format},
        {"{\"a\": 1e999}", "not JSON: number overflow", Status::format},
        {"{\"a\": \"\xff\"}", "ill-formed UTF-8", Status::format},
        {"{} {}", "expected end of input", Status::format},
        {std::string(40, '['), "nested deeper than 16 levels", Status::limit},
        {std::string((1 << 20) + 1, ' '), "longer than 1 MiB", Status::limit},
        {R"({"playbook": "a", "playbook": "b"})", "line 1, column 19: this key stands twice"},
        {process_of(R"({"a": {}, "a": {}})"), "this key stands twice in its object"},
        // the head
        {"[]", "the playbook: must be an object"},
        {R"({"format": 1, "define": []})", R"("playbook" is missing; add it)"},
        {R"({"playbook": "a", "define": []})", R"("format" is missing)"},
        {R"({"playbook": "a", "format": 1})", R"("define" is missing)"},
        {R"({"playbook": "a", "format": 1, "defines": []})",
         R"(the key "defines" is not known; did you mean "define"?)"},
        {R"({"playbook": "a", "format": 2, "define": []})", "format: this version reads format 1",
         Status::unsupported},
        {R"({"playbook": "A b", "format": 1, "define": []})", "playbook: must be a name"},
        {R"({"playbook": "a", "format": 1, "define": []})", "define: the list is empty"},
        {R"({"playbook": "a", "format": 1, "define": {}})", "define: must be a list"},
        {R"({"playbook": "a", "format": 1, "version": 0, "define": []})",
         "version: must be a whole number from 1"},
        {R"({"playbook": "a", "format": 1, "about": 5, "define": []})", "about: must be text"},
        {R"({"playbook": "a", "format": 1, "labels": [], "define": []})", "labels: must be an object"},
        {R"({"playbook": "a", "format": 1, "labels": {"zh": "x"}, "define": []})",
         "line 1, column 49: labels.zh: must be an object, { \"cell.MATRIX.NAME\": \"TEXT\" }"},
        {R"({"playbook": "a", "format": 1, "labels": {"zh": {"cell.m.a": 5}}, "define": []})",
         "labels.zh.cell.m.a: must be a"},
        {R"({"playbook": "a", "format": 1, "settings": [], "define": []})", "settings: must be an object"},
        {R"({"playbook": "a", "format": 1, "settings": {"x": "y"}, "define": []})",
         "line 1, column 50: settings.x: must be a number, or an amount"},
        {R"({"playbook": "a", "format": 1, "settings": {"x": {}}, "define": []})", "settings.x: is empty"},
        {R"({"playbook": "a", "format": 1, "settings": {"X": 1}, "define": []})",
         "settings.\"X\": must be a name"},
        {R"({"playbook": "a", "format": 1, "covers": {"aim": []}, "define": []})",
         "covers.aim: the list is empty"},
        // entries
        {playbook_of("7"), "define[0]: must be an object"},
        {playbook_of("{}"), "define[0]: names no kind of definition"},
        {playbook_of(R"({"proces": "p"})"),
         R"(the kind of definition "proces" is not known; did you mean "process"?)"},
        {playbook_of(R"({"program": "m"})"), R"(does not install the kind "program"; it installs "type", )",
         Status::unsupported},
        {playbook_of(R"({"policy": "r"})"), R"(the kind "policy")", Status::unsupported},
        {playbook_of(R"({"process": "p", "bands": "b"})"), R"(is "process" and "bands"; make two entries)"},
        {playbook_of(
             R"({"bands": "b", "of": "orders", "quantiles": 5}, {"bands": "b", "of": "orders", "quantiles": 4})"),
         R"(define[1]: there is a bands "b" before it)"},
        // processes
        {playbook_of(R"({"process": "P", "start": {"on": "order"}, "initial": "a", "states": {"a": {}}})"),
         "define[0].process: must be a name"},
        {playbook_of(R"({"process": "p", "start": {"on": "order"}, "states": {"a": {}}})"),
         R"("initial" is missing)"},
        {playbook_of(
             R"({"process": "p", "start": {"on": "order"}, "initial": "x", "states": {"alpha": {}}})"),
         R"(define[0].initial: the state "x" is not known; write "alpha")"},
        {playbook_of(R"({"process": "p", "start": {"on": "order"}, "initial": "a", "states": {}})"),
         "states: has no state"},
        {playbook_of(R"({"process": "p", "start": {"on": "order"}, "initial": "a", "states": []})"),
         "define[0].states: must be an object"},
        {playbook_of(R"({"process": "p", "start": {"on": ""}, "initial": "a", "states": {"a": {}}})"),
         "define[0].start.on: must be an event's name"},
        {playbook_of(
             R"({"process": "p", "start": {"on": "order", "key": "i.id"}, "initial": "a", "states": {"a": {}}})"),
         R"(define[0].start: "key" is not available)", Status::unsupported},
        {playbook_of(
             R"({"process": "p", "per": "actor", "start": {"on": "x"}, "initial": "a", "states": {"a": {}}})"),
         R"(per: only "party" is available)", Status::unsupported},
        {playbook_of(
             R"({"process": "p", "fields": {}, "start": {"on": "x"}, "initial": "a", "states": {"a": {}}})"),
         R"("fields" is not available)", Status::unsupported},
        {ring_of(65), "states: has more than 64 states", Status::limit},
        {process_of(R"({"a": {}, "Big One": {}})"), "define[0].states.\"Big One\": must be a name"},
        {process_of(R"({"a": {}, ")" + std::string(65, 'x') + R"(": {}})"), "must be a name"},
        {process_of(R"({"a": {}, "b": {}})"), "define[0].states.b: no move leads to this state"},
        {process_of(R"({"a": {"labels": 5}})"), "a.labels: must be an object"},
        {process_of(R"({"a": 5})"), "define[0].states.a: must be an object"},
        {state_of(R"("entri": [])"), R"(states.a: the key "entri" is not known; did you mean "entry"?)"},
        {state_of(R"("require": ["x"])"), R"("require" is not available)", Status::unsupported},
        {state_of(R"("final": true)"), "define[0].states.a: is final, so nothing leaves it"},
        {state_of(R"("final": 1)"), "final: must be true or false"},
        // moves and guards
        {moves_of(R"("c")"), R"(states.a.on.order: the state "c" is not known; did you mean "a"?)"},
        {moves_of("7"), "on.order: must be a list"},
        {moves_of("[]"), "on.order: the list is empty"},
        {moves_of(R"([{"guard": []}])"), R"(on.order[0]: "target" is missing)"},
        {moves_of(R"([{"target": "b"}, {"target": "a"}])"), "on.order[1]: can never happen"},
        {moves_of(R"([{"target": "b", "when": "x"}])"),
         R"(the key "when" is not known; write "target" or "guard")"},
        {moves_of(many(65, R"({"target": "b", "guard": [{"figure": "orders", "below": 9}]})")), "at most 64",
         Status::limit},
        {moves_of(many(64, R"({"target": "b", "guard": [{"figure": "orders", "below": 9}]})")),
         "more than 64 moves", Status::limit},
        {process_of(R"({"a": {"on": {"Order!": "a"}}})"), "must be an event's name"},
        {process_of(R"({"a": {"on": ["order"]}})"), "states.a.on: must be an object"},
        {guard_of(R"({"figure": "order", "at_least": 1})"),
         R"(on.order[0].guard[0].figure: the figure "order" is not known; did you mean "orders"?)"},
        {guard_of(R"({"figure": "loyalty", "at_least": 1})"), R"(write "orders", "returns", )"},
        {guard_of(R"({"figure": "orders"})"), R"(guard[0]: needs "at_least" or "below", or both)"},
        {guard_of(R"({"figure": "orders", "at_least": 3, "below": 3})"), "guard[0]: can never hold"},
        {guard_of(R"({"figure": "orders", "at_least": 2.5})"), "at_least: must be a whole number"},
        {guard_of(R"({"figure": "orders", "at_least": -1})"), "at_least: must be a whole number from 0"},
        {guard_of(R"({"figure": "orders", "at_least": "3"})"), "at_least: must be a whole number"},
        {guard_of(R"({"figure": "median_gap", "below": 99999999})"),
         "below: must be a whole number from 0 to 3652059"},
        // timers and delays
        {timer_of(R"({"target": "b"})"), R"(states.a.after[0]: "delay" is missing)"},
        {timer_of(R"({"delay": "P1D"})"), R"(states.a.after[0]: "target" is missing)"},
        {timer_of(R"({"delay": "P1D", "target": "bb"})"), R"(after[0].target: the state "bb")"},
        {timer_of(R"({"delay": "P1D", "target": "b", "anchor": "last_order"})"),
         R"(did you mean "last_order_at"?)"},
        {timer_of(R"({"at": "x", "target": "b"})"), R"("at" is not available)", Status::unsupported},
        {delay_of(R"("90 days")"), R"(after[0].delay: must be a duration, as "P90D")"},
        {delay_of("90"), "after[0].delay: must be a duration"},
        {delay_of(R"("P0D")"), "must be longer than nothing"},
        {delay_of(R"("PT0S")"), "must be longer than nothing"},
        {delay_of(R"("business P1D")"), "business time is not available", Status::unsupported},
        {delay_of(R"("P99999Y")"), "longer than the calendar"},
        {delay_of(R"({"times": 0, "of": "median_gap"})"), "delay.times: must be from 0.001 to 1000"},
        {delay_of(R"({"times": -2, "of": "median_gap"})"), "delay.times: must be from 0.001 to 1000"},
        {delay_of(R"({"times": "2", "of": "median_gap"})"), "delay.times: must be a number"},
        {delay_of(R"({"of": "median_gap"})"), R"("times" is missing)"},
        {delay_of(R"({"times": 2, "of": "median_gaps"})"),
         R"(define[0].states.a.after[0].delay.of: as a length of time the figure "median_gaps" is not known; did you mean)"},
        {delay_of(R"({"times": 2, "of": "orders"})"), R"(write "median_gap")"},
        {delay_of(R"({"times": 2, "of": "median_gap", "at_least": "P0D"})"),
         "delay.at_least: must be longer than nothing"},
        {delay_of(R"({"times": 2, "of": "median_gap", "at_least": "P1Y", "at_most": "P3M"})"),
         R"("at_most" is shorter than "at_least")"},
        {process_of(R"({"a": {"after": [{"delay": "P1D", "anchor": "last_at", "target": "a"}]}})"),
         "define[0].states.a.after[0]: leads into a ring of timers"},
        {process_of(R"({"a": {"after": [{"delay": "P1D", "anchor": "last_at", "target": "b"}]},
                        "b": {"after": [{"delay": "P1D", "anchor": "first_order_at", "target": "a"}]}})"),
         "ring of timers that could turn for ever"},
        // effects
        {state_of(R"("entry": {})"), "entry: must be a list"},
        {state_of(R"("entry": [{"kind": "x"}])"), R"(entry[0]: needs "do": "commit" or "close")"},
        {state_of(R"("entry": [{"do": "comit"}])"),
         R"(the effect "comit" is not known; did you mean "commit"?)"},
        {state_of(R"("entry": [{"do": "commit", "kind": "x", "title": "X"}])"),
         R"(entry[0]: "due" is missing)"},
        {state_of(R"("entry": [{"do": "commit", "kind": "X", "title": "X", "due": "P1D"}])"),
         "kind: must be a name"},
        {state_of(R"("entry": [{"do": "commit", "kind": "x", "title": "", "due": "P1D"}])"),
         "title: must be a text of one line"},
        {state_of(R"("entry": [{"do": "commit", "kind": "x", "title": "a\nb", "due": "P1D"}])"),
         "title: must be a text of"},
        {state_of(R"("entry": [{"do": "close", "kind": "x", "as": "done"}])"),
         R"(entry[0].as: the end "done" is not known; write "kept", "broken", "waived" or "cancelled")"},
        {state_of(R"("entry": [{"do": "close", "kind": "x", "as": "kept"}])"),
         "entry[0].kind: this process makes no commitments"},
        {state_of(R"("entry": [{"do": "commit", "kind": "win_back", "title": "X", "due": "P1D"},
                               {"do": "close", "kind": "winback", "as": "kept"}])"),
         R"(entry[1].kind: among the commitments this process makes the kind "winback" is not known; did you mean "win_back"?)"},
        // bands
        {playbook_of(R"({"bands": "b", "quantiles": 5})"), R"(define[0]: "of" is missing)"},
        {playbook_of(R"({"bands": "b", "of": "orders >", "quantiles": 5})"),
         "line 1, column 76: define[0].of: in the expression: "},
        {playbook_of(R"({"bands": "b", "of": "orders"})"),
         R"(needs "classes" with limits, "quantiles" with a number or "cumulative_share")"},
        {bands_of(R"("quantiles": 5, "classes": ["a", "b"])"), "has 2 names where there are 5 classes"},
        {bands_of(R"("quantiles": 2, "classes": ["a", "a"])"), R"(there is a class "a" before it)"},
        {bands_of(R"("quantiles": 2, "cumulative_share": [0.8])"),
         R"(has "quantiles" and "cumulative_share")"},
        {bands_of(R"("quantiles": 1)"), "quantiles: must be a whole number from 2 to 100"},
        {bands_of(R"("quantiles": 5, "good": "low")"), R"(the direction "low" is not known)"},
        {bands_of(R"("classes": [{"is": 1}], "good": "down")"), R"(good: goes with "quantiles")"},
        {bands_of(R"("cumulative_share": [0.8, 0.8])"), "cumulative_share[1]: the shares must rise"},
        {bands_of(R"("cumulative_share": [1])"), "cumulative_share[0]: must be a share between 0 and 1"},
        {bands_of(R"("cumulative_share": [0.8], "border": "cross")"),
         R"(border: the border "cross" is not known)"},
        {bands_of(R"("quantiles": 3, "border": "inside")"), R"(border: goes with "cumulative_share")"},
        {bands_of(R"("classes": [])"), "classes: the list is empty"},
        {bands_of(R"("classes": [{"up_to": 1, "is": 1}])"), "classes[0]: the last class has no limit"},
        {bands_of(R"("classes": [{"is": 1}, {"is": 2}])"), R"(classes[0]: needs "up_to" or "below")"},
        {bands_of(R"("classes": [{"up_to": 1, "below": 2, "is": 1}, {"is": 2}])"),
         R"(has "up_to" and "below")"},
        {bands_of(R"("classes": [{"up_to": 5, "is": 1}, {"up_to": 5, "is": 2}, {"is": 3}])"),
         "classes[1]: the limits must rise"},
        {bands_of(R"("classes": [{"up_to": "5", "is": 1}, {"is": 3}])"),
         "classes[0].up_to: must be a number"},
        {bands_of(R"("classes": [{"up_to": 5}, {"is": 3}])"), R"(classes[0]: "is" is missing)"},
        {bands_of(R"("classes": [{"up_to": 5, "is": "Big one"}, {"is": 3}])"),
         "classes[0].is: must be one word"},
        {bands_of(R"("classes": [{"up_to": 5, "is": "a"}, {"below": "5.00 EUR", "is": "b"}, {"is": "c"}])"),
         "classes[1]: has an amount among numbers"},
        {bands_of(
             R"("classes": [{"up_to": "5.00 USD", "is": "a"}, {"below": "6.00 EUR", "is": "b"}, {"is": "c"}])"),
         "classes[1]: has another currency"},
        {bands_of(R"("classes": [{"up_to": "5.001 EUR", "is": "a"}, {"is": "c"}])"), "classes[0].up_to: "},
        {bands_of(
             R"("classes": [{"up_to": 9, "is": "a"}, {"below": "=m.x", "is": "b"}, {"up_to": 9, "is": "c"}, {"is": "d"}])"),
         "classes[2]: the limits must rise"},
        {bands_of(R"("classes": [{"up_to": 9, "is": "few"}, {"is": "many"}], "missing": "fev")"),
         R"(missing: the class "fev" is not known; did you mean "few"?)"},
        {bands_of(R"("classes": [{"up_to": 9, "is": "few"}, {"is": "many"}], "every": "day")"),
         "every: goes with cuts"},
        {bands_of(R"("classes": [{"upto": 5, "is": 1}, {"is": 3}])"),
         R"(the key "upto" is not known; did you mean "up_to"?)"},
    };
    return kWrong;
}

TEST(Playbook, WrongTextsAreRefusedWithPlaceAndCure) {
    for (const Wrong &wrong : wrong_texts()) {
        const auto playbook = parse_playbook(wrong.json);
        ASSERT_FALSE(playbook) << wrong.json;
        const auto &message = playbook.error().message;
        EXPECT_NE(message.find(wrong.fragment), message.npos) << wrong.json << "\n  says: " << message;
        EXPECT_EQ(playbook.error().status, wrong.status) << message;
        EXPECT_EQ(message.find('\n'), message.npos) << message;
        EXPECT_LT(message.size(), 400U) << message;
    }
}

constexpr std::string_view kRight = R"({
  "playbook": "right-one", "format": 1, "version": 3, "about": "x", "source": "y", "labels": { "zh": { "a": "甲" } },
  "settings": {}, "tests": [],
  "define": [
    { "process": "p", "per": "party", "start": { "on": "contact.called_in" }, "initial": "b", "labels": {},
      "states": {
        "a": { "on": { "order": [ { "guard": [ { "figure": "median_gap", "at_least": 2, "below": 3 },
                                               { "figure": "amount_total", "below": -1 } ], "target": "b" } ] },
               "entry": [ { "do": "close", "kind": "call", "as": "waived" } ], "final": false },
        "b": { "on": { "return": "a" },
               "after": [ { "delay": { "times": 1.50, "of": "median_gap", "at_least": "P30D", "at_most": "P1Y" },
                            "anchor": "last_at", "guard": [ { "figure": "orders", "at_least": 1 } ], "target": "end" },
                          { "delay": "P1M2DT3H", "target": "b" } ],
               "entry": [ { "do": "commit", "kind": "call", "title": "Rufen Sie \"A\\B\" an\u00e9", "due": "PT8H" } ] },
        "end": { "final": true } } },
    { "bands": "p", "of": "monetary", "classes": [ { "below": -0.5, "is": "low" }, { "up_to": 1e3, "is": 7 }, { "is": "rest" } ] },
    { "bands": "q", "of": "recency_days", "quantiles": 4, "good": "down" }
  ] })";

TEST(Playbook, RightTextIsReadExactly) {
    const auto playbook = parse_playbook(kRight);
    ASSERT_TRUE(playbook) << playbook.error().message;
    EXPECT_EQ(playbook->name, "right-one");
    ASSERT_EQ(playbook->definitions.size(), 3U);

    EXPECT_EQ(playbook->definitions[0].kind, "process");
    const auto &process = std::get<Process>(playbook->definitions[0].body);
    EXPECT_EQ(process.name, "p");
    EXPECT_EQ(process.start, "contact.called_in");
    EXPECT_EQ(process.initial, 1U);
    ASSERT_EQ(process.states.size(), 3U);
    const State &a = process.states[0];
    EXPECT_EQ(a.name, "a");
    ASSERT_EQ(a.on.size(), 1U);
    ASSERT_EQ(a.on[0].moves[0].guards.size(), 2U);
    EXPECT_EQ(a.on[0].moves[0].guards[0].figure, Figure::median_gap);
    EXPECT_EQ(a.on[0].moves[0].guards[0].at_least, 2 * base::kDay);
    EXPECT_EQ(a.on[0].moves[0].guards[0].below, 3 * base::kDay);
    EXPECT_EQ(a.on[0].moves[0].guards[1].figure, Figure::amount_total);
    EXPECT_EQ(a.on[0].moves[0].guards[1].below, -1);
    EXPECT_EQ(a.entry[0].what, EntryEffect::Do::close);
    EXPECT_EQ(a.entry[0].as, 6U);
    const State &b = process.states[1];
    ASSERT_EQ(b.after.size(), 2U);
    EXPECT_EQ(b.after[0].delay.times, 1.5);
    EXPECT_EQ(b.after[0].delay.of, Figure::median_gap);
    EXPECT_EQ(b.after[0].delay.at_least->days, 30);
    EXPECT_EQ(b.after[0].delay.at_most->months, 12);
    EXPECT_EQ(b.after[0].anchor, Anchor::last_at);
    EXPECT_EQ(b.after[0].move.target, 2U);
    EXPECT_EQ(b.after[0].move.guards.size(), 1U);
    EXPECT_EQ(b.after[1].anchor, Anchor::entry);
    EXPECT_EQ(b.after[1].delay.fixed.months, 1);
    EXPECT_EQ(b.after[1].delay.fixed.days, 2);
    EXPECT_EQ(b.after[1].delay.fixed.micros, 3 * base::kDay / 24);
    EXPECT_EQ(b.entry[0].title, "Rufen Sie \"A\\B\" an\u00e9");
    EXPECT_TRUE(process.states[2].final);

    const auto &bands = std::get<Bands>(playbook->definitions[1].body);
    ASSERT_EQ(bands.classes.size(), 3U);
    EXPECT_EQ(bands.of.text, "monetary");
    EXPECT_EQ(bands.classes[0].limit.number, -0.5);
    EXPECT_FALSE(bands.classes[0].included);
    EXPECT_EQ(bands.classes[1].limit.number, 1000);
    EXPECT_EQ(bands.classes[1].is, "7");
    EXPECT_TRUE(bands.classes[2].limit.is(Term::Kind::none));
    EXPECT_EQ(
        playbook->definitions[1].json,
        R"({"bands":"p","of":"monetary","classes":[{"below":-0.5,"is":"low"},{"up_to":1e3,"is":7},{"is":"rest"}]})");
    const auto &quantiles = std::get<Bands>(playbook->definitions[2].body);
    EXPECT_EQ(quantiles.kind, Bands::Kind::quantiles);
    EXPECT_TRUE(quantiles.reversed);
    ASSERT_EQ(quantiles.classes.size(), 4U);  // without limits until the base is there
    EXPECT_EQ(quantiles.classes[3].is, "4");
}

TEST(Playbook, LabelsAreKeptAsWritten) {
    const auto playbook = parse_playbook(
        R"({"playbook": "a", "format": 1, "labels": { "zh": { "m.x": "甲" }, "de": {} }, "define": [
            {"metric": "x", "count": "order"}]})");
    ASSERT_TRUE(playbook) << playbook.error().message;
    EXPECT_EQ(playbook->labels_json, R"({"zh":{"m.x":"甲"},"de":{}})");
    EXPECT_EQ(parse_playbook(playbook_of(R"({"metric": "x", "count": "order"})"))->labels_json, "");
}

// "Below 1", then "up to 1": a class of 1 alone. Two limits that leave a class empty are refused.
TEST(Playbook, AClassMayBeOneValue) {
    const auto playbook =
        parse_playbook(bands_of(R"("classes": [{"below": 1, "is": 1}, {"up_to": 1, "is": 2}, {"is": 3}])"));
    ASSERT_TRUE(playbook) << playbook.error().message;
    const auto limits = number_limits(std::get<Bands>(playbook->definitions[0].body));
    ASSERT_TRUE(limits);
    EXPECT_EQ(classify<double>(*limits, 0.99), 0U);
    EXPECT_EQ(classify<double>(*limits, 1), 1U);
    EXPECT_EQ(classify<double>(*limits, 1.01), 2U);
    for (const char *empty : {R"("classes": [{"up_to": 1, "is": 1}, {"below": 1, "is": 2}, {"is": 3}])",
                              R"("classes": [{"below": 1, "is": 1}, {"below": 1, "is": 2}, {"is": 3}])"})
        EXPECT_FALSE(parse_playbook(bands_of(empty))) << empty;
}

TEST(Playbook, StoredFormComesBack) {
    const auto playbook = parse_playbook(kRight);
    ASSERT_TRUE(playbook);
    for (const Definition &definition : playbook->definitions) {
        const auto again = parse_definition(definition.json);
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_EQ(again->json, definition.json);
    }
    const auto wrong = parse_definition(R"({"bands": "b", "of": "orders", "quantiles": 0})");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().message,
              "line 1, column 45: definition.quantiles: must be a whole number from 2 to 100");
}

TEST(Playbook, LimitsAreInclusive) {
    EXPECT_TRUE(parse_playbook(ring_of(64)));
    EXPECT_TRUE(parse_playbook(
        moves_of(many(63, R"({"target": "b", "guard": [{"figure": "orders", "below": 9}]})"))));
    EXPECT_TRUE(parse_playbook(process_of(R"({"a": {"on": {"go": ")" + std::string(64, 'x') + R"("}}, ")" +
                                          std::string(64, 'x') + R"(": {}})")));
    // A ring of timers may turn when one of them waits.
    EXPECT_TRUE(
        parse_playbook(process_of(R"({"a": {"after": [{"delay": "P1D", "anchor": "last_at", "target": "b"}]},
                                              "b": {"after": [{"delay": "P1D", "target": "a"}]}})")));
}

TEST(Playbook, EveryPrefixIsRefused) {
    for (std::size_t size = 0; size < kRight.size(); ++size)
        ASSERT_FALSE(parse_playbook(kRight.substr(0, size))) << size;
}

TEST(Playbook, DamageIsHarmless) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 3000; ++round) {
        std::string text(kRight);
        for (auto left = 1 + random() % 3; left > 0; --left) {
            const std::size_t at = random() % text.size();
            switch (random() % 3) {
                case 0:
                    text[at] = static_cast<char>(random() % 256);
                    break;
                case 1:
                    text.erase(at, 1 + random() % 30);
                    break;
                default:
                    text.insert(at, text.substr(random() % text.size(), random() % 30));
            }
        }
        const auto playbook = parse_playbook(text);
        ASSERT_TRUE(playbook || !playbook.error().message.empty());
    }
}

}  // namespace
}  // namespace kith::rules
