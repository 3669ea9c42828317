// Goal: rules and effects are read exactly; what contradicts itself, what is nowhere and rules that set each
// other off are told with place and cure. Method: the full playbook's rules looked at one by one; tables of
// wrong ones with their messages; modes of every trigger; lengths against a table; random sets of rules
// against a search for rings by brute force.
#include "rules/rule.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "rules/check_set.hpp"
#include "rules/event.hpp"
#include "unit/rules/full_playbook.hpp"

namespace kith::rules {
namespace {

using Do = Effect::Do;

class FullRules : public testing::Test {
protected:
    void SetUp() override {
        auto playbook = parse_playbook(full_text());
        ASSERT_TRUE(playbook) << playbook.error().message;
        playbook_ = std::move(*playbook);
    }
    const Rule &rule(std::string_view name) const { return *body_of<Rule>(playbook_, name); }

    Playbook playbook_;
};

TEST_F(FullRules, Head) {
    const Rule &care = rule("star_care");
    EXPECT_EQ(care.trigger, Rule::Trigger::event);
    EXPECT_EQ(care.on, (std::vector<std::string>{"cell.changed", "cell.*"}));
    EXPECT_EQ(care.where.text, "e.name == 'service'");
    EXPECT_EQ(care.when.text, "cell.service == 'star'");
    EXPECT_EQ(care.mode, Rule::Mode::edge);
    EXPECT_EQ(care.subject, SubjectKind::party);
    EXPECT_EQ(care.key.text, "e.id");
    EXPECT_EQ(care.priority, 50U);
    EXPECT_EQ(care.from, "2026-01-01");
    EXPECT_EQ(care.to, "2027-01-01T12:00");
    EXPECT_EQ(care.hours.text, "store");
    EXPECT_EQ(care.limits.depth, 4U);
    EXPECT_EQ(care.limits.effects, 32U);
    EXPECT_EQ(care.limits.failures, 5U);
    EXPECT_FALSE(care.unless);

    const Rule &answer = rule("answer_in_time");
    EXPECT_EQ(answer.priority, 100U);
    EXPECT_EQ(answer.mode, Rule::Mode::each);
    EXPECT_EQ(answer.catch_up, Rule::CatchUp::all);
    EXPECT_EQ(std::get<BusinessLength>(*answer.within.length), (BusinessLength{2, 0}));
    ASSERT_TRUE(answer.unless);
    EXPECT_EQ(answer.unless->events, (std::vector<std::string>{"contact.mailed_out", "contact.called_out"}));
    EXPECT_EQ(answer.unless->same.text, "i.thread");
    EXPECT_EQ(answer.unless->where.text, "i.channel != 'test'");
    EXPECT_EQ(std::get<BusinessLength>(*answer.unless->within.length), (BusinessLength{0, base::kDay / 3}));

    EXPECT_EQ(rule("weekly").trigger, Rule::Trigger::period);
    EXPECT_EQ(rule("weekly").mode, Rule::Mode::level);
    EXPECT_EQ(rule("weekly").every, PeriodUnit::week);
    EXPECT_EQ(rule("weekly").catch_up, Rule::CatchUp::last);
    EXPECT_EQ(rule("birthday").trigger, Rule::Trigger::instant);
    EXPECT_EQ(rule("birthday").mode, Rule::Mode::each);
    EXPECT_EQ(rule("birthday").at.text, "party.born_on");
    EXPECT_EQ(rule("birthday").catch_up, Rule::CatchUp::none);
    EXPECT_EQ(rule("trap").trigger, Rule::Trigger::condition);
    EXPECT_EQ(rule("trap").mode, Rule::Mode::edge);
}

TEST_F(FullRules, Effects) {
    const auto &then = rule("star_care").then;
    ASSERT_EQ(then.size(), 14U);
    ASSERT_EQ(then[0].set.size(), 3U);
    EXPECT_EQ(then[0].set[0].second.text, "star");
    EXPECT_EQ(then[0].set[1].second.source.text, "policy('service').visits");
    EXPECT_TRUE(then[0].set[2].second.is(Term::Kind::none));  // cleared
    EXPECT_EQ(then[1].tag.text, "lapsed");
    EXPECT_TRUE(then[1].remove);
    const Effect &task = then[2];
    EXPECT_EQ(task.kind, "call");
    EXPECT_EQ(task.title.text, "Call them");
    EXPECT_EQ(task.item.source.text, "e.to");
    EXPECT_EQ(task.to.text, "party");
    EXPECT_EQ(task.record.text, "e.id");
    EXPECT_EQ(std::get<BusinessLength>(*task.due.length), (BusinessLength{0, base::kDay / 12}));
    EXPECT_EQ(task.assign.to.text, "owner");
    EXPECT_EQ(task.require, std::vector<std::string>{"account_plan"});
    EXPECT_EQ(task.labels.at("zh"), "打电话");
    const Effect &gift = then[3];
    EXPECT_EQ(gift.to.source.text, "e.party");
    EXPECT_EQ(gift.due.source.text, "addDays(now, 3, zone)");
    EXPECT_FALSE(gift.due.length);
    EXPECT_EQ(gift.assign.among.text, "actor.active");
    ASSERT_EQ(gift.assign.best.size(), 2U);
    EXPECT_EQ(gift.assign.best[0].text, "-m.by_owner");
    EXPECT_EQ(gift.approve_over.text, "gifts");
    EXPECT_EQ(then[4].over, PeriodUnit::year);
    EXPECT_TRUE(then[4].count.is(Term::Kind::expression));
    EXPECT_EQ(then[5].record.text, "e.id");
    EXPECT_EQ(std::get<Period>(*then[5].due.length), (Period{0, 1, 0}));
    EXPECT_EQ(then[6].assign.to.source.text, "e.actor");
    EXPECT_EQ(then[7].to.text, "part_of");
    EXPECT_EQ(then[8].channel, "mail");
    EXPECT_EQ(then[9].name, "plan");
    EXPECT_EQ(then[9].key.text, "e.id");
    EXPECT_EQ(then[9].parent.text, "e.id");
    EXPECT_EQ(then[9].set[0].second.number, 2);
    EXPECT_EQ(then[10].event, "plan.done");
    EXPECT_EQ(then[11].event, "host.star");
    EXPECT_EQ(then[11].set[0].second.money.minor, 500);
    EXPECT_EQ(then[12].name, "buying_power");
    EXPECT_EQ(then[12].value.text, "money('1.00', 'EUR')");
    EXPECT_EQ(then[12].confidence, 0.5);
    EXPECT_EQ(then[12].method, "rule");
    EXPECT_EQ(then[13].name, "part_of");
    for (const Effect &effect : then) EXPECT_FALSE(comes_later(effect.what));

    const auto &later = rule("answer_in_time").then;
    ASSERT_EQ(later.size(), 5U);
    for (const Effect &effect : later) EXPECT_TRUE(comes_later(effect.what));
    EXPECT_EQ(later[0].item.text, "sorry");
    EXPECT_EQ(later[1].scope, "household");
    EXPECT_EQ(later[2].due.source.text, "addDays(now, 7, zone)");
    EXPECT_EQ(later[3].count.number, 10);
    EXPECT_EQ(later[4].what, Do::burn);
    EXPECT_EQ(rule("no_blank_visit").then[0].title.text, "Say who was there");
    // Each comes back from its stored form.
    for (const Definition &one : playbook_.definitions) {
        if (one.kind != "rule") continue;
        const auto again = parse_definition(one.json);
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_EQ(again->json, one.json);
    }
}

std::string rule_of(const std::string &rest, const std::string &then = R"({"do": "tag", "tag": "x"})") {
    return R"({"playbook": "p", "format": 1, "define": [{"rule": "r", )" + rest + R"(, "then": [)" + then +
           "]}]}";
}
std::string effect_of(const std::string &effect) { return rule_of(R"("on": "order")", effect); }

std::string told_of(const std::string &text) {
    std::string all;
    for (const Mistake &mistake : read_playbook(text).mistakes) {
        EXPECT_EQ(mistake.place, base::place_of_message(mistake.message));
        EXPECT_LT(mistake.message.size(), 500U) << mistake.message;
        all += mistake.message + "\n";
    }
    return all;
}

TEST(Rules, WrongOnesAreRefusedWithPlaceAndCure) {
    const std::pair<std::string, std::string> wrong[] = {
        {rule_of(R"("per": "party")"),
         R"(define[0]: says not when it fires; write "on", "when", "at" or "every")"},
        {rule_of(R"("on": "order", "at": "now")"),
         R"(define[0].at: has "on" too, and a rule has one trigger; make two)"},
        {rule_of(R"("at": "now", "every": "day")"), R"(define[0].every: has "at" too)"},
        {rule_of(R"("on": "Order")"), "on: must be a type of interaction"},
        {rule_of(R"("on": [])"), "on: the list is empty"},
        {rule_of(R"("on": ["order", "order"])"), "on[1]: is in the list already"},
        {rule_of(R"("on": "segment.enterd")"),
         R"(the event "segment.enterd" is not known; did you mean "segment.entered"?)"},
        {rule_of(R"("on": "task")"), R"(the event "task" is not known; write "task.made")"},
        {rule_of(R"("on": ["order", "promise.brok*x"])"),
         R"(on[1]: the event "promise.brok*x" is not known)"},
        {rule_of(R"("every": "hour")"), R"(every: the period "hour" is not known)"},
        {rule_of(R"("when": "m.a", "where": "true")"),
         R"(where: looks at an event, and there is no "on"; write it as "when")"},
        {rule_of(R"("when": "m.a", "unless": {"event": "order", "within": "P1D"})"),
         R"(unless: takes the place of an event)"},
        {rule_of(R"("on": "order", "unless": {"event": "return", "same": "i.id"})"),
         R"(unless: "within" is missing)"},
        {rule_of(R"("on": "order", "unless": {"event": "return", "within": "P0D"})"),
         "within: must be longer than nothing"},
        {rule_of(R"("on": "order", "same": "i.id")"), R"(the key "same" is not known)"},
        {rule_of(R"("on": "order", "mode": "level")"),
         R"(mode: fires once in each period; add "every" instead of)"},
        {rule_of(R"("when": "true", "mode": "level")"), R"(mode: fires once in each period; add "every")"},
        {rule_of(R"("on": "order", "mode": "edge")"),
         R"(mode: fires as a condition becomes true; add "when")"},
        {rule_of(R"("every": "day", "mode": "edge")"), R"(add "when")"},
        {rule_of(R"("every": "day", "mode": "each")"),
         R"(mode: there is no event to take each of; write "level")"},
        {rule_of(R"("when": "true", "mode": "each")"), R"(no event to take each of; write "edge")"},
        {rule_of(R"("at": "now", "when": "true", "mode": "edge")"),
         "mode: an instant comes once; leave it out"},
        {rule_of(R"("at": "now", "mode": "edge")"), "mode: an instant comes once; leave it out"},
        {rule_of(R"("on": "order", "mode": "once")"), R"(the mode "once" is not known)"},
        {rule_of(R"("on": "order", "catch_up": "all")"), "catch_up: goes with a time that can be missed"},
        {rule_of(R"("on": "order", "within": "P1D")"), "within: goes with a time that can be missed"},
        {rule_of(R"("every": "day", "catch_up": "none", "within": "P1D")"),
         R"(within: with "catch_up": "none")"},
        {rule_of(R"("on": "order", "from": "2026-02-01", "to": "2026-01-01")"), R"(to: is not after "from")"},
        {rule_of(R"("on": "order", "from": "soon")"), "from: must be a time"},
        {rule_of(R"("on": "order", "priority": -1)"), "priority: must be a whole number from 0"},
        {rule_of(R"("on": "order", "limits": {"depth": 9})"),
         "limits.depth: must be a whole number from 1 to 8"},
        {rule_of(R"("on": "order", "hours": 8)"), "hours: must be a name"},
        {rule_of(R"("on": "order", "key": "")"), "key: must be an expression"},
        {rule_of(R"("on": "order", "wher": "true")"),
         R"(the key "wher" is not known; did you mean "where"?)"},
        {rule_of(R"("every": "day")", R"({"do": "refuse", "message": "no"})"),
         "then[0]: refuses an event, and this rule"},
        {rule_of(R"("on": "order", "unless": {"event": "return", "within": "P1D"})",
                 R"({"do": "refuse", "message": "no"})"),
         "then[0]: refuses an event"},
        {R"({"playbook": "p", "format": 1, "define": [{"rule": "r", "on": "order"}]})",
         R"("then" is missing)"},
        {effect_of(""), "then: the list is empty"},
        {effect_of("5"), R"(then[0]: must be an object with "do": "set", "tag",)"},
        {effect_of(R"({"kind": "x"})"), R"(then[0]: must be an object with "do")"},
        {effect_of(R"({"do": "tsk", "kind": "x"})"),
         R"(then[0].do: the effect "tsk" is not known; did you mean "task"?)"},
        {effect_of(R"({"do": "task"})"), R"(then[0]: "kind" is missing)"},
        {effect_of(R"({"do": "task", "kind": "x", "titel": "x"})"),
         R"(the key "titel" is not known; did you mean "title"?)"},
        {effect_of(R"({"do": "task", "kind": "x", "approve_over": "1.00 EUR"})"),
         R"(the key "approve_over" is not known)"},
        {effect_of(R"({"do": "task", "kind": "x", "due": "2 days"})"), "due: must be a duration, as"},
        {effect_of(R"({"do": "task", "kind": "x", "due": "business P1M"})"),
         R"(due: weeks, months and years have no business length; write business days or hours)"},
        {effect_of(R"({"do": "task", "kind": "x", "due": "=1 +"})"), "due: in the expression: "},
        {effect_of(R"({"do": "task", "kind": "x", "due": 5})"), R"(due: must be a duration)"},
        {effect_of(R"({"do": "task", "kind": "x", "assign": "ownr"})"),
         R"(assign: the assignee "ownr" is not known; write "owner" or "part_of", or)"},
        {effect_of(R"({"do": "task", "kind": "x", "assign": {"best": ["1"]}})"),
         R"(assign: "among" is missing)"},
        {effect_of(R"({"do": "task", "kind": "x", "for": "c.id"})"),
         R"(for: must be "=" and an expression, as "=c.id")"},
        {effect_of(R"({"do": "commit", "kind": "x", "to": "creditor"})"),
         R"(to: the receiver "creditor" is not known)"},
        {effect_of(R"({"do": "commit", "kind": "x", "approve_over": "limits.x"})"),
         R"(approve_over: must be an amount, a limit)"},
        {effect_of(R"({"do": "plan", "kind": "x", "count": 1.5, "over": "year"})"),
         "count: must be a whole number, at most 256"},
        {effect_of(R"({"do": "plan", "kind": "x", "count": 257, "over": "year"})"),
         "count: must be a whole number, at most 256"},
        {effect_of(R"({"do": "plan", "kind": "x", "count": 1e300, "over": "year"})"),
         "count: must be a whole number, at most 256"},
        {effect_of(R"({"do": "plan", "kind": "x", "count": -1, "over": "year"})"),
         "count: must be a number not below 0"},
        {effect_of(R"({"do": "plan", "kind": "x", "count": 1})"), R"("over" is missing)"},
        {effect_of(R"({"do": "emit", "event": "segment.entered"})"),
         R"(event: "segment.entered" happens by itself; emit a type of your own, as "host.entered")"},
        {effect_of(R"({"do": "set", "set": {}})"), "set: must be an object"},
        {effect_of(R"({"do": "set", "set": {"A": 1}})"), "must be a name"},
        {effect_of(R"({"do": "tag", "tag": "two words"})"), "tag: must be one word"},
        {effect_of(R"({"do": "score", "metric": "m", "value": "1", "confidence": 2})"),
         "confidence: must be a share"},
        {effect_of(R"({"do": "notify", "to": "owner", "title": 5})"), "title: must be a text"},
        {effect_of(R"({"do": "task", "kind": "x", "title": "1.00 EUR"})"), "title: must be a text"},
    };
    for (const auto &[text, fragment] : wrong) {
        const std::string told = told_of(text);
        EXPECT_NE(told.find(fragment), std::string::npos) << text << "\n  says: " << told;
        EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 1) << told;
    }
    std::string many = R"({"do": "tag", "tag": "x"})";
    for (int i = 1; i < 16; ++i) many += R"(, {"do": "tag", "tag": "x"})";
    EXPECT_EQ(told_of(effect_of(many)), "");
    EXPECT_NE(told_of(effect_of(many + R"(, {"do": "tag", "tag": "x"})")).find("at most 16"),
              std::string::npos);
}

TEST(Rules, AllMistakesAreTold) {
    EXPECT_EQ(
        told_of(R"({"playbook": "p", "format": 1, "define": [
{"rule": "R", "on": "order", "mode": "levl", "then": [{"do": "task", "kind": "K", "due": "P"}, {"do": "open"}]},
{"metric": "m", "count": "Order"}]})"),
        R"(line 2, column 10: define[0].rule: must be a name: a small letter, then small letters, digits and "_", at most 64 in all
line 2, column 38: define[0].mode: the mode "levl" is not known; did you mean "level"?
line 2, column 78: define[0].then[0].kind: must be a name: a small letter, then small letters, digits and "_", at most 64 in all
line 2, column 90: define[0].then[0].due: must be a duration, as "P7D", "P3M", "PT8H" or "business PT4H"
line 2, column 96: define[0].then[1]: "process" is missing; add it
line 3, column 26: define[1].count: must be a type of interaction, as "order", "contact.called_in" or "contact.*"
)");
}

TEST(Rules, Lengths) {
    EXPECT_EQ(std::get<Period>(*read_length("P1Y2M3DT4H")), (Period{14, 3, base::kDay / 6}));
    EXPECT_EQ(std::get<Period>(*read_length("P2W")), (Period{0, 14, 0}));
    EXPECT_EQ(std::get<BusinessLength>(*read_length("business P1DT4H")), (BusinessLength{1, base::kDay / 6}));
    EXPECT_EQ(std::get<BusinessLength>(*read_length("business PT90M")), (BusinessLength{0, base::kDay / 16}));
    for (const char *text :
         {"", "P", "business", "business ", "business  PT4H", "businessPT4H", "business P1M", "business P1Y",
          "business P1W", "business PT0S", "P0D", "PT4H business", "P99999Y", "business P9999999D"})
        EXPECT_FALSE(read_length(text)) << text;
}

TEST(Rules, EventsOfTheEngine) {
    EXPECT_EQ(engine_events_of("cell.changed")->named, Mention::Kind::matrix);
    EXPECT_FALSE(engine_events_of("quote.*")->later.empty());
    for (const char *event :
         {"order", "host.segment", "contact.*", "*", "product.viewed", "segments.entered", ""})
        EXPECT_EQ(engine_events_of(event), nullptr) << event;
}

// The mistakes of the set, then its warnings.
std::string set_told(const std::string &define, std::span<const std::string_view> rows = {}) {
    const Reading reading = read_playbook(R"({"playbook": "p", "format": 1, "define": [)"
                                          "\n" +
                                          define + "]}");
    for (const Mistake &mistake : reading.mistakes) ADD_FAILURE() << mistake.message;
    Surroundings around;
    around.rows = rows;
    const Checked checked = check_set(reading.playbook, around);
    std::string all;
    for (const Mistake &mistake : checked.mistakes) all += mistake.message + "\n";
    for (const Mistake &warning : checked.warnings) all += "warning: " + warning.message + "\n";
    return all;
}

TEST(Rules, NamesThatAreNowhere) {
    EXPECT_EQ(
        set_told(
            R"x({"rule": "a", "on": "segment.entered", "where": "e.name == 'vip'", "then": [{"do": "open", "process": "save"}]},
{"rule": "b", "on": "cell.changed", "where": "e.name in ['srvice', 'other'] && e.from != 'dog'", "then": [{"do": "tag", "tag": "=cell.gone"}]},
{"rule": "c", "on": ["band.changed", "metric.crossed"], "where": "e.name == 'unclear'", "then": [{"do": "move", "process": "sav", "event": "x"}]},
{"rule": "d", "on": "milestone.breached", "where": "'complaint' == e.process && e.name == 'resolve'", "then": [{"do": "score", "metric": "made", "value": "1"}]},
{"rule": "e", "on": "order", "hours": "shop", "unless": {"event": "metric.crossed", "where": "e.name != 'mode'", "within": "=setting.wait"}, "then": [{"do": "task", "kind": "k", "assign": {"among": "m.load < 5", "best": ["-m.rank"]}}]},
{"rule": "f", "when": "in_segment('big')", "then": [{"do": "plan", "kind": "v", "count": "=policy('service').visit", "over": "year"}]},
{"rule": "f", "at": "m.made_at", "then": [{"do": "link", "link": "knows", "to": "=e.to"}]},
{"metric": "made", "value": "1"}, {"matrix": "service", "x": "'a'", "y": "'b'", "cells": [{"x": "a", "y": "b", "is": "c", "policy": {"visits": 1}}]})x"),
        R"(line 2, column 60: define[0].where: there is no segment "vip"; define it
line 2, column 103: define[0].then[0].process: there is no process "save"; define it
line 3, column 58: define[1].where: there is no matrix "srvice"; did you mean "service"?
line 3, column 68: define[1].where: there is no matrix "other"; write "service"
line 3, column 135: define[1].then[0].tag: there is no matrix "gone"; write "service"
line 4, column 124: define[2].then[0].process: there is no process "sav"; define it
line 5, column 53: define[3].where: there is no process "complaint"; define it
line 5, column 138: define[3].then[0].metric: the metric "made" is computed; name one that is "given"
line 6, column 39: define[4].hours: there is no calendar "shop"; define it
line 6, column 105: define[4].unless.where: there is no metric "mode"; did you mean "made"?
line 6, column 134: define[4].unless.within: there is no setting "wait"; define it
line 6, column 202: define[4].then[0].assign.among: there is no metric "load"; write "made"
line 6, column 226: define[4].then[0].assign.best[0]: there is no metric "rank"; write "made"
line 7, column 35: define[5].when: there is no segment "big"; define it
line 7, column 110: define[5].then[0].count: no policy of the matrix "service" has "visit"; did you mean "visits"?
line 8, column 1: define[6]: there is a rule "f" before it; give it another name
line 8, column 24: define[6].at: there is no metric "made_at"; write "made"
)");
}

TEST(Rules, WhatIsNotAvailableYet) {
    const std::string define =
        R"({"rule": "a", "on": "order", "then": [{"do": "deliver", "content": "x"}, {"do": "tag", "tag": "x"}]},
{"rule": "b", "on": ["order", "quote.conflicted"], "then": [{"do": "earn", "points": 1}]})";
    const std::string_view none[] = {"interaction"}, rules[] = {"interaction", "rule"};
    const std::string effects =
        R"(line 2, column 46: define[0].then[0].do: "deliver" is not yet available in this version; leave it out
line 3, column 31: define[1].on[1]: "quote.conflicted" is not yet available in this version; leave it out
line 3, column 68: define[1].then[0].do: "earn" is not yet available in this version; leave it out
)";
    EXPECT_EQ(set_told(define), "");
    EXPECT_EQ(set_told(define, rules), effects);
    const std::string all = set_told(define, none);
    EXPECT_NE(
        all.find(
            R"(line 2, column 10: define[0].rule: "rule" is not yet available in this version; leave it out)"),
        std::string::npos);
    EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 5);
}

std::string emitter(const std::string &name, const std::string &on, const std::string &emits,
                    const std::string &more = "") {
    return R"({"rule": ")" + name + R"(", "on": ")" + on + "\"" + more +
           R"(, "then": [{"do": "emit", "event": ")" + emits + "\"}]}";
}

TEST(Rules, ThatSetEachOtherOff) {
    EXPECT_EQ(set_told(emitter("a", "order", "x.a") + "," + emitter("b", "x.a", "y.b") + "," +
                       emitter("c", "y.b", "z.c")),
              "");
    EXPECT_EQ(set_told(emitter("a", "x.*", "x.a")),
              "line 2, column 1: define[0]: sets itself off by what it emits: \"a\" -> \"a\"; give one of "
              "them a condition, or "
              "break the circle\n");
    EXPECT_EQ(
        set_told(emitter("a", "x", "y") + ",\n" + emitter("b", "y", "z") + ",\n" + emitter("c", "z", "x")),
        "line 2, column 1: define[0]: sets itself off by what it emits: \"a\" -> \"b\" -> \"c\" -> \"a\"; "
        "give one of them a "
        "condition, or break the circle\n");
    for (const char *stop : {R"(, "where": "true")", R"(, "when": "true")", R"(, "key": "e.id")",
                             R"(, "unless": {"event": "q", "within": "P1D"})"})
        EXPECT_EQ(set_told(emitter("a", "x", "y") + ",\n" + emitter("b", "y", "x", stop)),
                  "warning: line 2, column 1: define[0]: sets itself off by what it emits: \"a\" -> \"b\" -> "
                  "\"a\"; it goes on until a condition stops it\n");
    // Also through a rule that is installed.
    const auto installed = parse_definition(emitter("b", "y", "x"));
    ASSERT_TRUE(installed);
    const Definition *beside[] = {&*installed};
    Surroundings around;
    around.installed = beside;
    const Reading reading =
        read_playbook(R"({"playbook": "p", "format": 1, "define": [)" + emitter("a", "x", "y") + "]}");
    EXPECT_EQ(check_set(reading.playbook, around).mistakes.size(), 1U);
}

// A rule is in a ring if it reaches itself; every ring has a rule that is reported, and no other is.
TEST(Rules, RingsOfRandomSets) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 300; ++round) {
        const std::size_t count = 1 + random() % 7;
        std::vector<std::vector<bool>> reaches(count, std::vector<bool>(count));
        std::string define;
        for (std::size_t i = 0; i < count; ++i) {
            std::string then;
            for (std::size_t j = 0; j < count; ++j) {
                if (random() % (count + 1) != 0) continue;
                reaches[i][j] = true;
                then += R"(, {"do": "emit", "event": "host.r)" + std::to_string(j) + R"("})";
            }
            define += (i ? "," : "") + std::string(R"({"rule": "r)") + std::to_string(i) +
                      R"(", "on": "host.r)" + std::to_string(i) + R"(", "then": [{"do": "tag", "tag": "x"})" +
                      then + "]}";
        }
        for (std::size_t k = 0; k < count; ++k)
            for (std::size_t i = 0; i < count; ++i)
                for (std::size_t j = 0; j < count; ++j)
                    if (reaches[i][k] && reaches[k][j]) reaches[i][j] = true;
        const Reading reading =
            read_playbook(R"({"playbook": "p", "format": 1, "define": [)" + define + "]}");
        ASSERT_TRUE(reading.mistakes.empty());
        const Checked checked = check_set(reading.playbook, {});
        std::vector<bool> told(count);
        for (const Mistake &mistake : checked.mistakes) {
            const auto at = mistake.message.find("define[") + 7;
            told[static_cast<std::size_t>(mistake.message[at] - '0')] = true;
        }
        for (std::size_t i = 0; i < count; ++i) {
            if (told[i]) {
                EXPECT_TRUE(reaches[i][i]) << define;
            }
            bool near = false;  // a rule of its rings is told
            for (std::size_t j = 0; j < count; ++j)
                near = near || (told[j] && reaches[i][j] && reaches[j][i]);
            EXPECT_EQ(near, bool(reaches[i][i])) << define;
        }
    }
}

}  // namespace
}  // namespace kith::rules
