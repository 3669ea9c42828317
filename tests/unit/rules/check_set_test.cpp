// Goal: a set of definitions is right as a whole: what is named is there, nothing reads itself, every pair of
// classes has a cell; and what reads what is known, in order. Method: small sets with one or several
// mistakes, the messages compared whole; random sets of metrics against a search for cycles by brute force.
#include "rules/check_set.hpp"

#include <algorithm>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "unit/rules/full_playbook.hpp"

namespace kith::rules {
namespace {

std::string set_of(const std::string &define, const std::string &head = "") {
    return R"({"playbook": "p", "format": 1, )" + head + "\n\"define\": [\n" + define + "]}";
}

// The messages, one a line, of a set that parses.
std::string told(const std::string &text, const Surroundings &around = {}) {
    const Reading reading = read_playbook(text);
    for (const Mistake &mistake : reading.mistakes) ADD_FAILURE() << mistake.message;
    std::string all;
    for (const Mistake &mistake : check_set(reading.playbook, around).mistakes) {
        EXPECT_EQ(mistake.place, base::place_of_message(mistake.message));
        all += mistake.message + "\n";
    }
    return all;
}

TEST(CheckSet, TheFullPlaybookIsRight) { EXPECT_EQ(told(full_text()), ""); }

TEST(CheckSet, NamesThatAreNowhere) {
    EXPECT_EQ(told(set_of(R"({"metric": "orders", "count": "order"},
{"metric": "a", "value": "m.ordrs + party.owner.m.orders + all.m.oders"},
{"metric": "b", "value": "has(m.nothing_like_it) ? 1 : 2"},
{"segment": "s", "when": "series.orders.size() > 1 && band.b == 'x' && score.c > 1 && cell.d == 'y'"},
{"segment": "t", "when": "in_segment('u') && state.p == 'x' && setting.cut[party.trade] > 1 && state['q'] == 'y'"},
{"segment": "v", "when": "open('complaint|case').size() == 0 && policy('m').visits > 1"},
{"metric": "n", "avg": "answer.f", "of": "a.value"},
{"metric": "o", "count": "process.p", "drivers": ["ordres"]},
{"type": "party", "fields": {"trade": "list.trade"}})")),
              R"(line 4, column 29: define[1].value: there is no metric "ordrs"; did you mean "orders"?
line 4, column 66: define[1].value: there is no metric "oders"; did you mean "orders"?
line 5, column 33: define[2].value: there is no metric "nothing_like_it"; write "a", "b", "n", "o" or "orders"
line 6, column 34: define[3].when: the metric "orders" is no series; give it "by": "month"
line 6, column 60: define[3].when: there is no bands "b"; define it
line 6, column 78: define[3].when: there is no scorecard "c"; define it
line 6, column 92: define[3].when: there is no matrix "d"; define it
line 7, column 38: define[4].when: there is no segment "u"; did you mean "s"?
line 7, column 52: define[4].when: there is no process "p"; define it
line 7, column 72: define[4].when: there is no setting "cut"; define it
line 7, column 102: define[4].when: there is no process "q"; define it
line 8, column 32: define[5].when: there is no process "complaint"; define it
line 8, column 32: define[5].when: there is no process "case"; define it
line 8, column 72: define[5].when: there is no matrix "m"; define it
line 9, column 24: define[6].avg: there is no form "f"; define it
line 10, column 26: define[7].count: there is no process "p"; define it
line 10, column 51: define[7].drivers[0]: there is no metric "ordres"; did you mean "orders"?
line 11, column 39: define[8].fields.trade: there is no list "trade"; define it
)");
}

TEST(CheckSet, NamesThatAreHidden) {
    EXPECT_EQ(told(set_of(
                  R"x({"metric": "a", "value": "[1].exists(m, m.x > 0) ? cel.bind(band, 1, band.y) : 2"})x")),
              "");
    EXPECT_NE(
        told(set_of(R"x({"metric": "a", "value": "[m.y].exists(m, m.x > 0) ? 1 : 2"})x")).find(R"("y")"),
        std::string::npos);
}

TEST(CheckSet, InstalledAndAlwaysThere) {
    const std::string text = set_of(R"({"metric": "a", "value": "m.b + m.c + setting.d"})");
    const auto b = parse_definition(R"({"metric": "b", "value": "1"})");
    ASSERT_TRUE(b);
    const Definition *installed[] = {&*b};
    const std::string_view always[] = {"c"};
    Setting setting;
    setting.name = "d";
    Surroundings around;
    around.installed = installed;
    around.metrics = always;
    around.settings = {&setting, 1};
    EXPECT_EQ(told(text, around), "");
    EXPECT_EQ(std::ranges::count(told(text), '\n'), 3);
    around = {};
    around.complete = false;
    EXPECT_EQ(told(text, around), "");
    // One of the same name replaces it.
    around.installed = installed;
    EXPECT_EQ(
        told(set_of(R"({"metric": "b", "value": "2"}, {"metric": "a", "value": "series.b[0]"})"), around),
        "line 3, column 65: define[1].value: the metric \"b\" is no series; give it \"by\": \"month\"\n");
}

TEST(CheckSet, RowsThatAreNotAvailableYet) {
    const std::string_view available[] = {"interaction", "line", "segment.entered", "process"};
    Surroundings around;
    around.rows = available;
    const std::string text =
        set_of(R"({"metric": "a", "count": "order"}, {"metric": "b", "count": "order.line"},
{"metric": "c", "count": "milestone"}, {"metric": "d", "count": "segment.entered"},
{"metric": "e", "count": "quote.conflicted"}, {"metric": "f", "count": "party"},
{"metric": "g", "analysis": "clv", "give": "clv", "every": "day"}, {"metric": "h", "count": "product.viewed"},
{"process": "p", "start": {"on": "order"}, "initial": "x", "states": {"x": {}}},
{"metric": "i", "count": "process.p"}, {"metric": "j", "count": "process.p.stage"}, {"metric": "k", "count": "party"},
{"bands": "l", "per": "answer.f", "of": "a.value", "classes": [{"is": "x"}]}, {"form": "f", "scale": [1, 2], "items": [{"item": "i"}]})");
    EXPECT_EQ(
        told(text, around),
        R"(line 4, column 26: define[2].count: "milestone" is not yet available in this version; leave it out
line 5, column 26: define[4].count: "quote.conflicted" is not yet available in this version; leave it out
line 5, column 72: define[5].count: "party" is not yet available in this version; leave it out
line 6, column 29: define[6].analysis: "analysis" is not yet available in this version; leave it out
line 8, column 65: define[10].count: "process.stage" is not yet available in this version; leave it out
line 8, column 110: define[11].count: "party" is not yet available in this version; leave it out
line 9, column 23: define[12].per: "answer" is not yet available in this version; leave it out
)");
    const Reading reading = read_playbook(text);
    for (const Mistake &mistake : check_set(reading.playbook, around).mistakes)
        EXPECT_EQ(mistake.status, base::Status::unsupported);
    EXPECT_EQ(told(text), "");
}

TEST(CheckSet, DoubleNames) {
    EXPECT_EQ(told(set_of(R"({"metric": "a", "value": "1"}, {"bands": "a", "of": "m.a", "quantiles": 2},
{"metric": "a", "value": "2"})")),
              "line 4, column 1: define[2]: there is a metric \"a\" before it; give it another name\n");
}

TEST(CheckSet, Cycles) {
    EXPECT_EQ(told(set_of(R"({"metric": "a", "value": "m.b"}, {"bands": "x", "of": "m.a", "quantiles": 2},
{"metric": "b", "value": "band.x == '1' ? 1 : 2"}, {"metric": "c", "value": "m.b"}, {"metric": "d", "value": "m.d"})")),
              "line 3, column 58: define[1].of: reads itself: metric \"a\" -> metric \"b\" -> bands \"x\" -> "
              "metric \"a\"; "
              "break the circle\n"
              "line 4, column 113: define[4].value: reads itself: metric \"d\" -> metric \"d\"; break the "
              "circle\n");
    // A driver is named, not read.
    EXPECT_EQ(
        told(set_of(R"({"metric": "a", "value": "1", "drivers": ["b"]}, {"metric": "b", "value": "m.a"})")),
        "");
    // Through one that is installed.
    const auto b = parse_definition(R"({"metric": "b", "value": "m.a"})");
    const Definition *installed[] = {&*b};
    Surroundings around;
    around.installed = installed;
    EXPECT_EQ(told(set_of(R"({"metric": "a", "value": "m.b"})"), around),
              "line 1, column 1: metric \"b\": reads itself: metric \"a\" -> metric \"b\" -> metric \"a\"; "
              "break the circle\n");
}

TEST(CheckSet, Cells) {
    const std::string bands =
        R"({"bands": "x", "of": "1", "classes": [{"up_to": 1, "is": "low"}, {"is": "high"}]},
{"bands": "y", "of": "1", "quantiles": 2},
)";
    EXPECT_EQ(
        told(set_of(bands + R"({"matrix": "m", "x": "band.x", "y": "band.y", "cells": [
 {"x": "low", "y": "1", "is": "a"},
 {"x": "hihg", "y": "2|3", "is": "b"}]})")),
        R"(line 5, column 1: define[2].cells: no cell has the pair "low", "2"; "high", "1"; "high", "2"; every pair of classes needs one
line 7, column 2: define[2].cells[1].x: its bands have no class "hihg"; did you mean "high"?
line 7, column 2: define[2].cells[1].y: its bands have no class "3"; did you mean "1"?
)");
    // Of an axis that is no bands the classes are not known.
    EXPECT_EQ(told(set_of(bands + R"({"matrix": "m", "x": "m.z > 1 ? 'a' : 'b'", "y": "band.y", "cells": [
 {"x": "a", "y": "1", "is": "a"}]}, {"metric": "z", "value": "1"})")),
              "");
}

TEST(CheckSet, PartsOfOthers) {
    EXPECT_EQ(
        told(set_of(R"({"bands": "v", "of": "1", "classes": [{"up_to": 1, "is": "low"}, {"is": 5}]},
{"form": "f", "scale": [1, 2], "items": [{"item": "speed"}]},
{"matrix": "m", "x": "'a'", "y": "'b'", "cells": [{"x": "a", "y": "b", "is": "c", "policy": {"visits": 1}}]},
{"scorecard": "s", "method": "sum", "indicators": [
 {"name": "a", "value": "1", "score_by": {"bands": "v"}},
 {"name": "b", "asked": "f.sped"}, {"name": "c", "asked": "g.speed"},
 {"name": "d", "value": "policy('m').visit"}]})")),
        R"(line 7, column 52: define[3].indicators[0].score_by.bands: the bands "v" give no score: their class "low" is no number
line 8, column 25: define[3].indicators[1].asked: the form "f" has no item "sped"; did you mean "speed"?
line 8, column 59: define[3].indicators[2].asked: there is no form "g"; did you mean "f"?
line 9, column 38: define[3].indicators[3].value: no policy of the matrix "m" has "visit"; did you mean "visits"?
)");
}

TEST(CheckSet, Covers) {
    EXPECT_EQ(told(set_of(R"({"metric": "a", "value": "1", "tags": {"aim": "keep"}})",
                          R"("covers": {"aim": ["keep", "win_back"]},)")),
              "line 1, column 50: covers.aim: no metric has the tag \"aim\": \"win_back\"; give it to one, "
              "or leave the "
              "value out\n");
}

TEST(CheckSet, Tests) {
    const std::string text =
        R"({"playbook": "p", "format": 1, "define": [{"metric": "orders", "count": "order"}], "tests": [
 {"test": "t", "given": [{"at": "2026-01-01", "party": "a", "score": {"ordrs": 1}}], "expect": {"a": {"m.order": 1, "segment.s": true, "commitments": 1}}}]})";
    EXPECT_EQ(
        told(text),
        R"(line 2, column 71: tests[0].given[0].score.ordrs: there is no metric "ordrs"; did you mean "orders"?
line 2, column 103: tests[0].expect.a.m.order: there is no metric "order"; did you mean "orders"?
line 2, column 117: tests[0].expect.a.segment.s: there is no segment "s"; define it
)");
}

TEST(CheckSet, OrderAndReads) {
    const Reading reading = read_playbook(
        set_of(R"({"scorecard": "s", "method": "sum", "indicators": [{"name": "i", "value": "m.b + m.a"}]},
{"metric": "b", "value": "m.a * setting.cut + m.a"}, {"metric": "a", "count": "order"}, {"metric": "c", "value": "m.c"})",
               R"("settings": {"cut": 2},)"));
    const Checked checked = check_set(reading.playbook, {});
    EXPECT_EQ(checked.order, (std::vector<std::uint32_t>{2, 1, 0}));
    EXPECT_EQ(checked.reads[0], (std::vector<std::string>{"metric a", "metric b"}));
    EXPECT_EQ(checked.reads[1], (std::vector<std::string>{"metric a", "setting cut"}));
    EXPECT_TRUE(checked.reads[2].empty());
}

TEST(CheckSet, CyclesAgainstBruteForce) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 200; ++round) {
        const std::size_t n = 1 + random() % 8;
        std::vector<std::vector<bool>> reads(n, std::vector<bool>(n));
        std::string define;
        for (std::size_t i = 0; i < n; ++i) {
            std::string value = "1";
            for (std::size_t j = 0; j < n; ++j) {
                reads[i][j] = random() % (n + 1) == 0;
                if (reads[i][j]) value += " + m.m" + std::to_string(j);
            }
            define += (i > 0 ? ",\n" : "") + std::string(R"({"metric": "m)") + std::to_string(i) +
                      R"(", "value": ")" + value + "\"}";
        }
        const Reading reading = read_playbook(set_of(define));
        const Checked checked = check_set(reading.playbook, {});
        auto reaches = reads;
        for (std::size_t k = 0; k < n; ++k) {
            for (std::size_t i = 0; i < n; ++i) {
                for (std::size_t j = 0; j < n; ++j)
                    reaches[i][j] = reaches[i][j] || (reaches[i][k] && reaches[k][j]);
            }
        }
        std::size_t cyclic = 0;
        for (std::size_t i = 0; i < n; ++i) cyclic += reaches[i][i];
        ASSERT_EQ(checked.mistakes.empty(), cyclic == 0);
        // Each is in order after all it reads, but for those in a cycle.
        std::vector<std::size_t> place(n, n);
        for (std::size_t i = 0; i < checked.order.size(); ++i) place[checked.order[i]] = i;
        for (std::size_t i = 0; i < n; ++i) {
            if (cyclic == 0) {
                ASSERT_LT(place[i], n);
            }
            for (std::size_t j = 0; j < n; ++j) {
                if (reads[i][j] && place[i] < n && place[j] < n) {
                    ASSERT_LT(place[j], place[i]);
                }
            }
            if (place[i] == n) {
                ASSERT_TRUE(reaches[i][i]) << i;
            }
        }
    }
}

}  // namespace
}  // namespace kith::rules
