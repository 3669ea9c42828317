// Goal: a JSON text becomes the tree it says, and again the same text; all else is refused with line and
// column, within bounds. Method: tables of texts; damaged texts, and random strings through the quotes and
// back; bounds at the limit and one above.
#include "base/json.hpp"

#include <clocale>
#include <random>

#include <gtest/gtest.h>

namespace kith::base {
namespace {

constexpr std::size_t kDepth = 4;

std::string again(std::string_view text) {
    const auto json = parse_json(text, kDepth);
    return json ? to_text(*json) : json.error().message;
}

TEST(Json, TextOfTheTree) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {" null ", "null"},
        {"[true, false]", "[true,false]"},
        {R"({"b": 1, "a": {"d": [], "c": {}}})", R"({"b":1,"a":{"d":[],"c":{}}})"},
        {R"("\u0041\/\u00e9\ud83d\ude00")", "\"A/\u00e9\U0001F600\""},
        {R"("\"\\\n\r\t\u0001\u0000")", R"("\"\\\n\r\t\u0001\u0000")"},
        // Numbers that are not whole stay as written, and so do those beyond int64.
        {"[1.50, 1e2, -0.0, 1E-7]", "[1.50,1e2,-0.0,1E-7]"},
        {"[-9223372036854775808, 9223372036854775807]", "[-9223372036854775808,9223372036854775807]"},
        {"[9223372036854775808, 18446744073709551615]", "[9223372036854775808,18446744073709551615]"},
        {"[18446744073709551616, -9223372036854775809]", "[18446744073709551616,-9223372036854775809]"},
    };
    for (const auto &[text, written] : cases) EXPECT_EQ(again(text), written) << text;
}

TEST(Json, Values) {
    const auto json =
        parse_json(R"({"flag": true, "count": -3, "rate": 0.1, "big": 18446744073709551615})", 1);
    ASSERT_TRUE(json);
    EXPECT_TRUE(json->is(Json::Kind::object));
    EXPECT_EQ(json->find("none"), nullptr);
    EXPECT_TRUE(json->find("flag")->boolean);
    EXPECT_EQ(json->find("count")->integer, -3);
    EXPECT_EQ(json->find("rate")->real, 0.1);
    ASSERT_TRUE(json->find("big")->is(Json::Kind::real));
    EXPECT_EQ(json->find("big")->text, "18446744073709551615");
}

TEST(Json, RefusedWithLineAndColumn) {
    struct Case {
        std::string text;
        Status status;
        std::string_view message;
    };
    const Case cases[] = {
        {"", Status::format, "line 1, column 1: not JSON: unexpected end of input"},
        {"{\n  \"a\": nope}", Status::format, "line 2, column 9: not JSON: invalid literal"},
        {"[1,]", Status::format, "line 1, column 4: not JSON: unexpected ']'"},
        {"[1e999]", Status::format, "line 1, column 6: not JSON: number overflow"},
        {"\"\xff\"", Status::format, "line 1, column 2: not JSON: invalid string: ill-formed UTF-8"},
        {"1 2", Status::format, "line 1, column 3: not JSON: unexpected number literal"},
        {"[{\"a\": 1,\n  \"a\": 2}]", Status::rule, "line 2, column 3: this key stands twice in its object"},
        {"[[[\n[\n [", Status::limit, "line 3, column 2: nested deeper than 4 levels"},
        {"{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}", Status::limit, "line 1, column 21: nested deeper"},
        {std::string((1 << 20) + 1, ' '), Status::limit, "the text is longer than 1 MiB"},
    };
    for (const auto &each : cases) {
        const auto json = parse_json(each.text, kDepth);
        ASSERT_FALSE(json) << each.message;
        EXPECT_EQ(json.error().status, each.status) << json.error().message;
        EXPECT_TRUE(json.error().message.starts_with(each.message)) << json.error().message;
    }
}

// Every value and key has the place where it begins; columns count characters.
TEST(Json, Places) {
    const auto json = parse_json(
        "{ \"k\" : -1.5e3 ,\n  \"\u00e9\u00e9\": [true,\n\t{\"a\":{}} , \"x\\ty\",null, [ ] "
        ",12],\r\n\"z\":\"plain\"}",
        5);
    ASSERT_TRUE(json) << json.error().message;
    EXPECT_EQ(json->place, (Place{1, 1}));
    EXPECT_EQ(json->key_place, Place());
    EXPECT_EQ(json->items[0].key_place, (Place{1, 3}));
    EXPECT_EQ(json->items[0].place, (Place{1, 9}));
    const Json &list = json->items[1];
    EXPECT_EQ(list.key_place, (Place{2, 3}));
    EXPECT_EQ(list.place, (Place{2, 9}));
    const Place places[] = {{2, 10}, {3, 2}, {3, 13}, {3, 20}, {3, 26}, {3, 31}};
    ASSERT_EQ(list.items.size(), std::size(places));
    for (std::size_t i = 0; i < std::size(places); ++i) {
        EXPECT_EQ(list.items[i].place, places[i]) << i;
        EXPECT_EQ(list.items[i].key_place, Place()) << i;
    }
    EXPECT_EQ(list.items[1].items[0].key_place, (Place{3, 3}));
    EXPECT_EQ(list.items[1].items[0].place, (Place{3, 7}));
    EXPECT_EQ(list.items[2].plain, 1U);  // x
    EXPECT_EQ(json->items[2].place, (Place{4, 5}));
    EXPECT_EQ(json->items[2].plain, 5U);

    const auto marked = parse_json("\xEF\xBB\xBF[ 7 ]", 1);
    ASSERT_TRUE(marked);
    EXPECT_EQ(marked->place, (Place{1, 1}));
    EXPECT_EQ(marked->items[0].place, (Place{1, 3}));
}

TEST(Json, PlaceOfAMessage) {
    EXPECT_EQ(place_of_message(place_text({12, 345}) + ": wrong"), (Place{12, 345}));
    for (const char *text : {"", "line", "line 1", "line 1, column ", "line 1, column 2",
                             "line x, column 2: ", "line 1, column 99999999999: ", " line 1, column 2: "}) {
        EXPECT_EQ(place_of_message(text), Place()) << text;
    }
}

// A text may be a customer's.
TEST(Json, MessagesQuoteNothing) {
    for (const std::string_view text :
         {R"({"secret": secret})", R"({"secret": 1, "secret": 2})", R"(["secret)", R"("secret\x")",
          R"({"secret" "secret"})", R"("secret" "secret")"}) {
        const auto json = parse_json(text, kDepth);
        ASSERT_FALSE(json) << text;
        EXPECT_EQ(json.error().message.find("secret"), std::string::npos) << json.error().message;
    }
}

TEST(Json, Bounds) {
    EXPECT_TRUE(parse_json("[[[[1]], []]]", kDepth));
    const auto keys = [](std::size_t count) {
        std::string text = "{";
        for (std::size_t i = 0; i < count; ++i) text += (i ? ",\"" : "\"") + std::to_string(i) + "\":0";
        return text + "}";
    };
    EXPECT_TRUE(parse_json(keys(1024), 1));
    EXPECT_EQ(parse_json(keys(1025), 1).error().status, Status::limit);
    EXPECT_TRUE(parse_json("1" + std::string((1 << 20) - 1, ' '), 1));
}

// A host may have set its own locale.
TEST(Json, NumbersDoNotFollowTheLocale) {
    const std::string before = std::setlocale(LC_NUMERIC, nullptr);
    const char *found = nullptr;
    for (const auto *name : {"de_DE.UTF-8", "fr_FR.UTF-8", "hr_HR.UTF-8"})
        if (found == nullptr) found = std::setlocale(LC_NUMERIC, name);
    if (found == nullptr) GTEST_SKIP() << "no locale with a decimal comma is installed";
    const auto json = parse_json("1.5", 1);
    std::setlocale(LC_NUMERIC, before.c_str());
    ASSERT_TRUE(json);
    EXPECT_EQ(json->real, 1.5);
    EXPECT_EQ(json->text, "1.5");
}

TEST(Json, QuotedAndReadBack) {
    const auto seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    for (int n = 0; n < 2000; ++n) {
        std::string text;
        for (auto length = random() % 20; length > 0; --length) text += static_cast<char>(random() % 128);
        std::string quoted;
        quote_json(quoted, text);
        for (const char c : quoted) EXPECT_GE(c, ' ');
        const auto json = parse_json(quoted, 0);
        ASSERT_TRUE(json) << quoted;
        EXPECT_EQ(json->text, text);
    }
}

TEST(Json, DamagedTextIsRefusedOrJson) {
    const auto seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const std::string whole = R"({"a": [1, -2.5e3, "t\u00e9\n"], "b": {"c": null, "d": [true, false, {}]}})";
    for (int n = 0; n < 20000; ++n) {
        std::string text = whole;
        for (auto hits = 1 + random() % 3; hits > 0; --hits) {
            const auto at = random() % text.size();
            if (random() % 2)
                text[at] = whole[random() % whole.size()];
            else
                text.erase(at, random() % 4);
        }
        const auto json = parse_json(text, kDepth);
        if (json)
            EXPECT_EQ(again(to_text(*json)), to_text(*json)) << text;
        else
            EXPECT_TRUE(json.error().message.starts_with("line ")) << json.error().message;
    }
}

}  // namespace
}  // namespace kith::base
