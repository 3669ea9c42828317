// Goal: a playbook's tests say truly what holds. Method: a playbook whose tests are right and one with each
// expectation wrong, told to real files; what this version cannot tell is not run; values are compared by a
// table.
#include "cli/playbook_tests.hpp"

#include <gtest/gtest.h>

namespace kith::cli {
namespace {

TEST(PlaybookTests, ValuesAreComparedByWhatTheySay) {
    const struct {
        const char *expected, *found;
        bool same;
    } kCases[] = {
        {"1", "1", true},
        {"1", "1.0000001", true},
        {"1", "1.00001", false},
        {"1000000", "1000000.5", true},  // a millionth of it
        {"5", R"("5")", true},           // a class that is a number
        {"5", R"("55")", false},
        {R"("5")", "5", false},
        {R"("0 EUR")", R"("0.00 EUR")", true},
        {R"("1 EUR")", R"("1.01 EUR")", false},
        {R"("1 EUR")", R"("1.00 USD")", false},
        {R"("2026-01-01T00:00")", R"("2026-01-01T00:00:00Z")", true},
        {R"("2026-01-01T00:00")", R"("2026-01-01T00:00:01Z")", false},
        {R"("star")", R"("star")", true},
        {R"("star")", R"("dog")", false},
        {"null", "null", true},
        {"null", "0", false},
        {"0", "null", false},
        {"true", "true", true},
        {"false", "null", false},
        {"[1, 2]", "[1, 2.0]", true},
        {"[1, 2]", "[1, 2, 3]", false},
        {R"(["1 EUR"])", R"(["1.00 EUR"])", true},
    };
    for (const auto &one : kCases)
        EXPECT_EQ(same_value(one.expected, one.found), one.same) << one.expected << " and " << one.found;
}

// Two orders and a return, and what is expected of them.
Playbook sales_with(const std::string &expect) {
    return {"sales.json",
            R"({"playbook": "sales", "format": 1, "settings": {"cut": 50}, "define": [
        {"metric": "sales", "sum": "order", "of": "i.amount", "window": "P12M"},
        {"metric": "sales_q", "sum": "order", "of": "i.amount", "by": "quarter"},
        {"metric": "sold", "count": "order", "per": "actor"},
        {"metric": "pieces", "sum": "order.line", "of": "line.quantity", "per": "product"},
        {"metric": "everything", "count": "*", "per": "all"},
        {"metric": "late", "avg": "order", "of": "i.recorded_at > i.at", "per": "all"},
        {"metric": "never", "last": "visit", "of": "i.amount"},
        {"bands": "size", "of": "m.sales", "classes": [{"below": "=setting.cut", "is": "low"}, {"is": "high"}]},
        {"matrix": "m", "x": "band.size", "y": "band.size", "cells": [
            {"x": "low|high", "y": "low", "is": "small"},
            {"x": "low|high", "y": "high", "is": "large", "policy": {"visits": 4}}]},
        {"segment": "buyers", "when": "m.sales.minor > 0"}],
      "tests": [{"test": "a story", "given": [
        {"at": "2026-04-01T09:00", "party": "ann", "event": "return", "by": "leo", "channel": "shop"},
        {"at": "2026-01-10T09:00", "party": "ann", "event": "order", "by": "mia", "cost": "2.00 EUR",
         "lines": [{"product": "tea", "quantity": 2, "price": 10.5}, {"product": "cup", "amount": "9.00 EUR"}]},
        {"at": "2026-02-10T09:00", "party": "ann", "event": "order", "by": "mia", "amount": "20.00 EUR",
         "values": {"recorded_at": "2026-02-10T10:00"}}],
      "at": "2026-04-02T00:00", "expect": )" +
                expect + "}]}",
            false};
}

TEST(PlaybookTests, WhatHoldsIsMet) {
    const auto tests = run_tests(sales_with(R"({
        "ann": {"m.sales": "50 EUR", "band.size": "high", "cell.m": "large", "policy.m.visits": 4,
                "segment.buyers": true, "m.never": null, "series.sales_q": ["50.00 EUR", "0 EUR"],
                "m.returns": 1, "commitments": [{"kind": "win_back", "count": 0}]},
        "mia": {"m.sold": 2}, "tea": {"m.pieces": 2}, "all": {"m.everything": 3, "m.late": 0.5}})"));
    ASSERT_EQ(tests.size(), 1U);
    EXPECT_TRUE(tests[0].passed());
    EXPECT_EQ(tests[0].expectations.size(), 13U);
    for (const auto &one : tests[0].expectations)
        EXPECT_TRUE(one.met) << one.subject << " " << one.path << ": " << one.found << " " << one.why;
}

TEST(PlaybookTests, WhatDoesNotHoldIsNot) {
    const auto tests = run_tests(sales_with(R"({
        "ann": {"m.sales": "50.01 EUR", "band.size": "low", "cell.m": null, "policy.m.visits": 5,
                "segment.buyers": false, "m.never": 0, "series.sales_q": ["50 EUR"],
                "commitments": [{"kind": "win_back", "count": 1}]},
        "mia": {"m.sold": 1}, "cup": {"m.pieces": 2}, "all": {"m.everything": null}})"));
    ASSERT_EQ(tests.size(), 1U);
    EXPECT_TRUE(tests[0].failed());
    for (const auto &one : tests[0].expectations)
        EXPECT_FALSE(one.met) << one.subject << " " << one.path << ": " << one.found;
    EXPECT_EQ(tests[0].expectations[0].found, "\"50.00 EUR\"");
    EXPECT_NE(tests[0].expectations[5].why, "");  // says why nothing is known
}

TEST(PlaybookTests, ASettingMovesTheBorder) {
    auto playbook = sales_with(R"({"ann": {"band.size": "low"}})");
    playbook.json.replace(playbook.json.find("50"), 2, "51");
    EXPECT_TRUE(run_tests(playbook).at(0).passed());
}

TEST(PlaybookTests, WhatIsNotAvailableIsNotRun) {
    for (const char *step : {R"("event": "order", "on": "ben")", R"("event": "order", "product": "tea")"}) {
        const auto tests = run_tests({"own.json",
                                      std::string(R"({"playbook": "own", "format": 1, "define": [
            {"metric": "sales", "given": "double"}, {"form": "sheet", "scale": [1, 5], "items": [{"item": "a"}]}], "tests": [{"test": "one", "given": [
            {"at": "2026-01-01T00:00", "party": "ann", )") +
                                          step + R"(}], "expect": {"ann": {"m.sales": 1}}}]})",
                                      false});
        ASSERT_EQ(tests.size(), 1U);
        EXPECT_FALSE(tests[0].passed() || tests[0].failed());
        EXPECT_NE(tests[0].not_run.find("not yet available"), std::string::npos) << tests[0].not_run;
    }
}

TEST(PlaybookTests, AMistakeIsAFailure) {
    const auto message = [](const Playbook &playbook) {
        try {
            run_tests(playbook);
        } catch (const Failure &failure) {
            return failure.message;
        }
        return std::string("none");
    };
    EXPECT_NE(message({"own.json", "{", false}).find("own.json:1:"), std::string::npos);
    EXPECT_NE(message({"own.json", R"({"playbook": "own", "format": 1, "define": [{"type": "order",
                       "fields": {"colour": ["red"]}}], "tests": [{"test": "one", "given": [{"at": "2026-01-01T00:00",
                       "party": "ann", "event": "order", "values": {"color": "red"}}], "expect": {"ann": {"m.orders": 1}}}]})",
                       false})
                  .find("has no field \"color\"; did you mean \"colour\"?"),
              std::string::npos);
    // Wrong only when it is compiled; one that the story says nothing of.
    EXPECT_NE(
        message({"own.json",
                 R"({"playbook": "own", "format": 1, "define": [{"metric": "a", "value": "m.orders + 'x'"}],
                       "tests": [{"test": "one", "at": "2026-01-01T00:00", "expect": {"all": {"m.a": 1}}}]})",
                 false})
            .find("own.json:1:"),
        std::string::npos);
    EXPECT_NE(message(sales_with(R"({"eve": {"m.sales": 1}})")).find("eve"), std::string::npos);
    // Of a type that a step cannot have, wherever it stands.
    for (const char *key : {"amount", "cost", "lines", "values", "by", "channel"}) {
        for (const char *value :
             {"true", "[]", "[3]", "{}", R"({"text": 3})", R"([{"product": 3}])", R"("x")", "null"}) {
            const auto said = message({"own.json",
                                       std::string(R"({"playbook": "own", "format": 1, "define": [
                {"metric": "n", "count": "order"}], "tests": [{"test": "one", "given": [{"at": "2026-01-01T00:00",
                "party": "ann", "event": "order", ")") +
                                           key + "\": " + value + R"(}], "expect": {"ann": {"m.n": 1}}}]})",
                                       false});
            EXPECT_TRUE(said == "none" || said.find("own.json") != std::string::npos) << key << value << said;
        }
    }
}

// Values given: of every subject and type, by key, of a period; the latest at the instant asked counts.
TEST(PlaybookTests, ScoresAreGiven) {
    const auto tests = run_tests({"own.json", R"json({"playbook": "own", "format": 1, "define": [
        {"metric": "power", "given": "money", "by": "year"}, {"metric": "mood", "given": "double"},
        {"metric": "group", "given": "text"}, {"metric": "born", "given": "date"}, {"metric": "met", "given": "time"},
        {"metric": "vip", "given": "bool"}, {"metric": "rank", "given": "int"},
        {"metric": "quota", "given": "money", "per": "actor"}, {"metric": "shelf", "given": "double", "per": "product"},
        {"metric": "reach", "given": "double", "per": "campaign"}, {"metric": "climate", "given": "double", "per": "all"}],
      "tests": [{"test": "given", "given": [
        {"at": "2025-06-01T09:00", "party": "ann", "score": {"power": "70.00 USD", "year": 2025}},
        {"at": "2026-01-10T09:00", "party": "ann", "score": {"power": "90.50 USD", "year": 2026}},
        {"at": "2026-01-11T09:00", "party": "ann", "score": {"power": "60.00 USD", "year": 2025}},
        {"at": "2026-01-10T09:00", "party": "ann", "score": {"mood": 4.5, "group": "12.00 EUR", "born": "1990-02-28",
            "met": "2026-01-09T10:30", "vip": true, "rank": 3}},
        {"at": "2026-01-12T09:00", "party": "ann", "score": {"mood": 3.5}},
        {"at": "2026-01-10T09:00", "actor": "mia", "score": {"quota": "1000.00 USD"}},
        {"at": "2026-01-10T09:00", "product": "tea", "score": {"shelf": 0.25}},
        {"at": "2026-01-10T09:00", "campaign": "may", "score": {"reach": 800}},
        {"at": "2026-01-10T09:00", "all": true, "score": {"climate": -1}}],
      "at": "2026-02-01T00:00", "expect": {
        "ann": {"m.power": "90.50 USD", "series.power": ["60.00 USD", "90.50 USD"], "m.mood": 3.5, "m.group": "12.00 EUR",
                "m.born": "1990-02-28", "m.met": "2026-01-09T10:30", "m.vip": true, "m.rank": 3},
        "mia": {"m.quota": "1000.00 USD"}, "tea": {"m.shelf": 0.25}, "may": {"m.reach": 800},
        "all": {"m.climate": -1}}},
      {"test": "before the next word", "given": [
        {"at": "2026-01-10T09:00", "party": "ann", "score": {"mood": 4.5}},
        {"at": "2026-01-12T09:00", "party": "ann", "score": {"mood": 3.5}}],
      "at": "2026-01-12T08:59", "expect": {"ann": {"m.mood": 4.5, "m.rank": null}}}]})json",
                                  false});
    ASSERT_EQ(tests.size(), 2U);
    for (const auto &test : tests) {
        EXPECT_EQ(test.not_run, "");
        EXPECT_TRUE(test.passed());
        for (const auto &one : test.expectations)
            EXPECT_TRUE(one.met) << one.subject << " " << one.path << ": " << one.found << " " << one.why;
    }
    EXPECT_EQ(tests[0].expectations.size(), 12U);
}

// Classes over the whole base are of the last night before the instant, not of the rows since; what time
// alone does has been done.
TEST(PlaybookTests, NightsPassBetweenTheSteps) {
    const auto tests = run_tests({"own.json", R"json({"playbook": "own", "format": 1, "define": [
        {"metric": "sales", "sum": "order", "of": "i.amount"}, {"metric": "first_at", "first": "order", "of": "i.at"}, {"metric": "days", "value": "daysBetween(m.first_at, now)"},
        {"bands": "half", "of": "m.sales", "quantiles": 2, "every": "day"},
        {"segment": "week_old", "when": "m.days >= 7"}],
      "tests": [{"test": "a night", "given": [
        {"at": "2026-01-01T09:00", "party": "a", "event": "order", "amount": "1.00 EUR"},
        {"at": "2026-01-01T10:00", "party": "b", "event": "order", "amount": "3.00 EUR"},
        {"at": "2026-01-05T09:00", "party": "a", "event": "order", "amount": "1.50 EUR"}],
      "at": "2026-01-08T12:00", "expect": {"a": {"band.half": 1, "segment.week_old": true}, "b": {"band.half": 2}}},
      {"test": "no night", "given": [
        {"at": "2026-01-01T09:00", "party": "a", "event": "order", "amount": "1.00 EUR"},
        {"at": "2026-01-01T10:00", "party": "b", "event": "order", "amount": "3.00 EUR"},
        {"at": "2026-01-02T09:00", "party": "a", "event": "order", "amount": "9.00 EUR"}],
      "at": "2026-01-02T12:00", "expect": {"a": {"band.half": 2, "segment.week_old": false}, "b": {"band.half": 2}}}]})json",
                                  false});
    for (const auto &test : tests) {
        for (const auto &one : test.expectations)
            EXPECT_TRUE(one.met) << test.name << ": " << one.subject << " " << one.path << ": " << one.found
                                 << " " << one.why;
    }
}

// Events of processes and states of commitments are steps; what is refused is counted where it is expected,
// and ends the test where it is not.
TEST(PlaybookTests, ProcessesAndCommitmentsAreTold) {
    const auto story = [](const std::string &steps, const std::string &expect) {
        return Playbook{"own.json",
                        R"({"playbook": "own", "format": 1, "define": [{"process": "repair",
            "start": {"on": "case.raised", "key": "i.id"}, "fields": {"cause": "text", "visits": "int"}, "initial": "open",
            "states": {"open": {"entry": [{"do": "task", "kind": "visit"}], "on": {"fixed": "done", "resumed": "open"}},
              "done": {"final": true, "require": ["cause"]}}}],
            "tests": [{"test": "one", "given": [)" +
                            steps + R"(], "expect": {"ann": )" + expect + "}}]}",
                        false};
    };
    const std::string raised = R"({"at": "2026-01-01T09:00", "party": "ann", "event": "case.raised"})";
    const std::string fixed =
        R"(,{"at": "2026-01-02T09:00", "party": "ann", "process": "repair", "event": "fixed")";
    const auto passes = [&](const std::string &steps, const std::string &expect) {
        const auto tests = run_tests(story(steps, expect));
        for (const auto &one : tests.at(0).expectations)
            EXPECT_TRUE(one.met) << one.path << ": " << one.found << " " << one.why;
        EXPECT_EQ(tests[0].not_run, "");
    };
    passes(raised + fixed + R"(, "set": {"cause": "wear", "visits": 2}})",
           R"({"state.repair": "done", "commitments": [{"kind": "visit", "count": 1}]})");
    passes(raised + fixed + "}", R"({"state.repair": "open", "refused": 1})");
    passes(
        raised + R"(,{"at": "2026-01-03T09:00", "party": "ann", "commitment": "visit", "state": "kept"})",
        R"({"commitments": [{"kind": "visit", "count": 0}, {"kind": "visit", "count": 1, "state": "kept"}]})");
    // By hand, with keys of their own: to the one that is said.
    const std::string opened =
        R"({"at": "2026-01-01T09:00", "party": "ann", "event": "contact.called_in"},
           {"at": "2026-01-01T09:00", "party": "ann", "process": "repair", "event": "open", "key": "a"},
           {"at": "2026-01-01T10:00", "party": "ann", "process": "repair", "event": "open", "key": "b"})";
    passes(opened + fixed + R"(, "key": "a", "set": {"cause": "wear"}})",
           R"({"commitments": [{"kind": "visit", "count": 2}]})");
    const auto message = [&](const std::string &steps) {
        try {
            run_tests(story(steps, R"({"state.repair": "open"})"));
        } catch (const Failure &failure) {
            return failure.message;
        }
        return std::string("none");
    };
    EXPECT_NE(message(raised + fixed + "}").find("cause"), std::string::npos)
        << message(raised + fixed + "}");
    EXPECT_NE(message(opened + fixed + "}").find("say which"), std::string::npos);
    EXPECT_NE(message(raised +
                      R"(,{"at": "2026-01-03T09:00", "party": "ann", "commitment": "call", "state": "kept"})")
                  .find("no open commitment of kind call"),
              std::string::npos);
    EXPECT_NE(message(raised + R"(,{"at": "2026-01-03T09:00", "party": "ann", "commitment": "visit"})")
                  .find("what became of it"),
              std::string::npos);
}

// The tests of every built-in playbook are run by the command's own test; here they are counted, so that none
// is forgotten.
TEST(PlaybookTests, BuiltInOnesPass) {
    std::size_t passed = 0, not_run = 0;
    for (const auto &one : built_in_playbooks()) {
        for (const auto &test : run_tests(find_playbook(std::string(view(one.name))))) {
            EXPECT_FALSE(test.failed()) << view(one.name) << ": " << test.name;
            passed += test.passed();
            not_run += !test.not_run.empty();
        }
    }
    EXPECT_GE(passed, 129U);
    EXPECT_EQ(not_run, 0U);
}

}  // namespace
}  // namespace kith::cli
