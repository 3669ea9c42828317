// Goal: a right playbook is read exactly, a wrong one refused with its place, what is wrong and what to
// write. Method: a table of wrong texts with the fragments their messages must have; every prefix and
// random damage of a right text, which must never crash. (Processes: see statechart_test.)
#include "rules/playbook.hpp"

#include <random>

#include <gtest/gtest.h>

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

std::string bands_of(const std::string &members) {
    return playbook_of(R"({"bands": "b", "of": "orders", )" + members + "}");
}

struct Wrong {
    std::string json;
    std::string fragment;
    Status status = Status::rule;
};

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
        "a": { "on": { "order": [ { "guard": "m.gap < 3", "target": "b" } ] },
               "entry": [ { "do": "close", "kind": "call", "as": "waived" } ], "final": false },
        "b": { "on": { "return": "a" },
               "after": [ { "delay": "P1M2DT3H", "anchor": "m.last_at", "guard": "m.n > 1", "target": "end" } ],
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
    const auto &process = std::get<Statechart>(playbook->definitions[0].body);
    EXPECT_EQ(process.name, "p");
    EXPECT_EQ(process.states[1].entry[0].title.text, "Rufen Sie \"A\\B\" an\u00e9");

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
