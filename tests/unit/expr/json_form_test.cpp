// Goal: a tree goes to JSON and back unchanged, in the shapes json_form.hpp describes, and no JSON makes
// anything but an expression or a clear error.
// Method: all expressions of the public vectors and random trees both ways, with the texts of what forms
// cannot show and without; shapes written out by hand; wrong, hostile and damaged JSON.
#include "expr/json_form.hpp"

#include "expr/times.hpp"
#include "unit/expr/trees.hpp"

#include <gtest/gtest.h>

namespace kith::expr {
namespace {

using nlohmann::json;

// A tree without types: the form does not need them.
Checked untyped(Tree tree) {
    Checked checked;
    checked.tree = std::move(tree);
    return checked;
}

json json_of(std::string_view source) {
    auto parsed = parse(source);
    EXPECT_TRUE(parsed) << source;
    return json::parse(to_json(untyped(std::move(parsed.tree))));
}

// Without what is not read, or is read instead of the shape.
json bare(const json &from, bool keep_marks = false) {
    json out = from;
    if (out.is_object()) {
        for (auto it = out.begin(); it != out.end();) {
            const auto &key = it.key();
            const bool about = key == "at" || key == "type" || key.ends_with("_at") || key.ends_with("_type");
            const bool mark = key == "text" || key == "form";
            it = about || (mark && !keep_marks) ? out.erase(it) : std::next(it);
        }
    }
    if (out.is_structured())
        for (auto &each : out) each = bare(each, keep_marks);
    return out;
}

void expect_same(const Tree &tree, const std::string &text) {
    const auto back = from_json(text);
    ASSERT_TRUE(back) << unparse(tree) << "\n" << text << "\n" << back.diagnostic.message;
    EXPECT_TRUE(same(tree, back.tree)) << unparse(tree) << "\n" << text << "\n" << unparse(back.tree);
    EXPECT_EQ(back.tree.source, unparse(tree));
}

void expect_both_ways(Tree tree) {
    const auto checked = untyped(std::move(tree));
    const auto text = to_json(checked);
    expect_same(checked.tree, text);
    expect_same(checked.tree, bare(json::parse(text)).dump());
}

TEST(JsonForm, VectorsBothWays) {
    auto all = test::vectors("dev");
    const auto more = test::vectors("ast");
    all.insert(all.end(), more.begin(), more.end());
    if (all.empty()) GTEST_SKIP() << "no " << test::vectors_folder();
    std::size_t count = 0;
    for (const auto &vector : all) {
        auto parsed = parse(vector.expr);
        if (!parsed) continue;
        expect_both_ways(std::move(parsed.tree));
        ++count;
    }
    EXPECT_GT(count, 1300u);
}

TEST(JsonForm, RandomTreesBothWays) {
    const auto seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    test::RandomTrees trees(seed);
    for (int n = 0; n < 1500 && !::testing::Test::HasFailure(); ++n) expect_both_ways(trees.next());
}

TEST(JsonForm, Shapes) {
    struct Case {
        std::string_view source;
        json shape;
    };
    const json frequent = {{"field", "customer.frequency"}, {"op", ">="}, {"value", 3}};
    const Case cases[] = {
        {"customer.frequency >= 3", frequent},
        {"customer.frequency >= 3 && a.b", {{"all", {frequent, {{"field", "a.b"}}}}}},
        {"a || !b", {{"any", {{{"field", "a"}}, {{"not", {{"field", "b"}}}}}}}},
        {"c.country in ['HR', 'SI']", {{"field", "c.country"}, {"op", "in"}, {"values", {"HR", "SI"}}}},
        {"'vip' in c.tags", {{"field", "c.tags"}, {"op", "contains"}, {"value", "vip"}}},
        {"a < b", {{"left", {{"field", "a"}}}, {"op", "<"}, {"right", {{"field", "b"}}}}},
        {"a in b", {{"left", {{"field", "a"}}}, {"op", "in"}, {"right", {{"field", "b"}}}}},
        {"orders.exists(o, o.open)",
         {{"quantifier", "exists"}, {"of", "orders"}, {"as", {"o"}}, {"where", {{"field", "o.open"}}}}},
        {"m.all(k, v, k)",
         {{"quantifier", "all"}, {"of", "m"}, {"as", {"k", "v"}}, {"where", {{"field", "k"}}}}},
        {"has(c.email)", {{"has", "c.email"}}},
        {"a == .b.c", {{"left", {{"field", "a"}}}, {"op", "=="}, {"right", {{"field", ".b.c"}}}}},
        // Kinds of literals.
        {"a == null", {{"field", "a"}, {"op", "=="}, {"value", nullptr}}},
        {"a == -9007199254740992", {{"field", "a"}, {"op", "=="}, {"value", -9007199254740992}}},
        {"a == 9007199254740993", {{"field", "a"}, {"op", "=="}, {"value", {{"int", "9007199254740993"}}}}},
        {"a == 3u", {{"field", "a"}, {"op", "=="}, {"value", {{"uint", "3"}}}}},
        {"a == 3.0", {{"field", "a"}, {"op", "=="}, {"value", {{"double", "3.0"}}}}},
        {"a == -0.0", {{"field", "a"}, {"op", "=="}, {"value", {{"double", "-0.0"}}}}},
        {"a == b'\\x00\\xff'", {{"field", "a"}, {"op", "=="}, {"value", {{"bytes", "00ff"}}}}},
        {"a > duration('24h')", {{"field", "a"}, {"op", ">"}, {"value", {{"duration", "24h"}}}}},
        {"a > money('12.50', 'EUR')",
         {{"field", "a"}, {"op", ">"}, {"value", {{"money", {"12.50", "EUR"}}}}}},
        {"a == '\"\\\\\\n\\x01'", {{"field", "a"}, {"op", "=="}, {"value", "\"\\\n\x01"}}},
    };
    for (const auto &each : cases) {
        EXPECT_EQ(bare(json_of(each.source), true), each.shape) << each.source;
        const auto back = from_json(each.shape.dump());
        EXPECT_TRUE(back && same(back.tree, parse(each.source).tree)) << each.source;
    }
}

TEST(JsonForm, WhatAFormCannotShowIsMarkedAndKeepsItsText) {
    struct Case {
        std::string_view source;
        json shape;
    };
    const json a = {{"field", "a"}};
    const Case cases[] = {
        {"a && size( b )>3",
         {{"all",
           {a,
            {{"left", {{"call", "size"}, {"args", {{{"field", "b"}}}}}},
             {"op", ">"},
             {"right", {{"value", 3}}},
             {"form", false},
             {"text", "size( b )>3"}}}}}},
        {"a.startsWith('x')",
         {{"call", "startsWith"},
          {"args", {a, {{"value", "x"}}}},
          {"method", true},
          {"form", false},
          {"text", "a.startsWith('x')"}}},
        {"!(a ? b : c)",
         {{"not",
           {{"call", "_?_:_"},
            {"args", {a, {{"field", "b"}}, {{"field", "c"}}}},
            {"form", false},
            {"text", "a ? b : c"}}}}},
        {"xs.map(x, x)",
         {{"macro", "map"},
          {"as", {"x"}},
          {"args", {{{"field", "xs"}}, {{"field", "x"}}}},
          {"form", false},
          {"text", "xs.map(x, x)"}}},
        {"sum(xs, x, 1)",
         {{"macro", "sum"},
          {"as", {"x"}},
          {"args", {{{"field", "xs"}}, {{"value", 1}}}},
          {"method", false},
          {"form", false},
          {"text", "sum(xs, x, 1)"}}},
        {"xs.exists(x, f(x))",
         {{"quantifier", "exists"},
          {"of", "xs"},
          {"as", {"x"}},
          {"where", {{"call", "f"}, {"args", {{{"field", "x"}}}}, {"form", false}, {"text", "f(x)"}}}}},
        {"has(f().b)",
         {{"has", {{"select", {{"call", "f"}, {"args", json::array()}}}, {"name", "b"}}},
          {"form", false},
          {"text", "has(f().b)"}}},
        {"a.?`b`",
         {{"select", a},
          {"name", "b"},
          {"optional", true},
          {"quoted", true},
          {"form", false},
          {"text", "a.?`b`"}}},
        {"{?'k': T{`in`: [?1]}}", json::parse(R"({
             "map": [[{"value": "k", "optional_entry": true},
                      {"record": "T", "fields": [["in", {"list": [{"value": 1, "optional_entry": true}]}]]}]],
             "form": false, "text": "{?'k': T{`in`: [?1]}}"})")},
        {"3", {{"value", 3}, {"form", false}, {"text", "3"}}},
    };
    for (const auto &each : cases) EXPECT_EQ(bare(json_of(each.source), true), each.shape) << each.source;
}

TEST(JsonForm, TypesAndPlaces) {
    auto checked = untyped(parse("a.b >= 3 && f(c)").tree);
    checked.types.assign(checked.tree.size(), Types::of(TypeKind::string));
    checked.types[checked.tree.root] = Types::of(TypeKind::boolean);
    const auto form = json::parse(to_json(checked));
    EXPECT_EQ(form["type"], "bool");
    EXPECT_EQ(form["at"], json({0, 16}));
    const auto &comparison = form["all"][0];
    EXPECT_EQ(comparison["type"], "string");
    EXPECT_EQ(comparison["at"], json({0, 8}));
    EXPECT_EQ(comparison["field_type"], "string");
    EXPECT_EQ(comparison["field_at"], json({0, 3}));
    EXPECT_EQ(comparison["value_type"], "string");
    EXPECT_EQ(comparison["value_at"], json({7, 8}));
    EXPECT_EQ(form["all"][1]["args"][0]["at"], json({14, 15}));
}

TEST(JsonForm, ReadMoreFreelyThanWritten) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {R"({"all": []})", "true"},
        {R"({"any": []})", "false"},
        {R"({"any": [{"field": "a"}]})", "a"},
        {R"({"all": [{"any": [{"field": "a"}, {"field": "b"}]}, {"field": "c"}]})", "(a || b) && c"},
        {R"({"text": "a  or_b"})", ""},
        {R"({"all": [{"text": "a ? b : c"}, {"field": "x", "form": false, "text": "1>2"}]})",
         "(a ? b : c) && 1 > 2"},
        {R"({"value": 1.0})", "1.0"},
        {R"({"value": 1e2})", "100.0"},
        {R"({"value": {"uint": 3}})", "3u"},
        {R"({"value": {"uint": 18446744073709551615}})", "18446744073709551615u"},
        {R"({"value": -9223372036854775808})", "-9223372036854775808"},
        {R"({"value": {"double": 9223372036854775808}})", "9223372036854775808.0"},
        {R"({"value": 0.1})", "0.1"},
        {R"({"value": 5e-324})", "5e-324"},
        {R"({"value": {"double": 3}})", "3.0"},
        {R"({"value": {"int": "-5"}})", "-5"},
        {R"({"value": {"bytes": "FFfe"}})", "b'\\xff\\xfe'"},
        {R"({"call": "-_", "args": [{"value": 1}]})", "-(1)"},
        {R"({"call": "has", "args": [{"field": "a.b"}]})", "has(a.b)"},
        {R"({"call": "_?_:_", "args": [{"value": true}, {"value": 1}, {"value": 2}]})", "true ? 1 : 2"},
        {R"({"macro": "cel.bind", "as": ["x"], "args": [{"value": 1}, {"field": "x"}]})",
         "cel.bind(x, 1, x)"},
        {R"({"select": {"value": "x"}, "name": "in"})", "'x'.`in`"},
    };
    for (const auto &[text, source] : cases) {
        const auto back = from_json(text);
        EXPECT_EQ(unparse(back.tree), source) << text << "\n" << back.diagnostic.message;
    }
}

// Names in JSON cannot bring in other syntax; the message says where.
TEST(JsonForm, WrongJsonIsRefused) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"", "line 1, column 1: not JSON: unexpected end of input"},
        {"{", "line 1, column 2: not JSON"},
        {"\xff", "line 1, column 1: not JSON"},
        {"{\"field\": \"a\",\n \"field\": \"b\"}", "line 2, column 2: this key stands twice"},
        {"[]", "a node must be an object"},
        {"null", "a node must be an object"},
        {"{}", "a node of no known shape"},
        {R"({"all": {}})", "/all: this must be a list of nodes"},
        {R"({"all": [{"field": "a"}, 3]})", "/all/1: a node must be an object"},
        {R"({"field": "a || true"})", "'field' must be a path of names"},
        {R"({"field": "a."})", "'field' must be a path of names"},
        {R"({"field": ""})", "'field' must be a path of names"},
        {R"({"field": 3})", "'field' must be a text"},
        {R"({"field": "if"})", "'if' is a reserved word"},
        {R"({"field": "true"})", "'field' must be a path of names"},
        {R"({"field": "a", "op": "=", "value": 1})", "there is no such 'op'"},
        {R"({"field": "a", "op": "=="})", "'value' is missing"},
        {R"({"field": "a", "op": "==", "value": [1]})", "/value: this is no value"},
        {R"({"field": "a", "op": "==", "value": {"int": "1", "uint": "1"}})", "/value: this is no value"},
        {R"({"left": {"value": 1}, "op": "=="})", "/right: this is missing"},
        {R"({"value": 9223372036854775808})", "this is no int"},
        {R"({"value": 18446744073709551616})", "this is no int"},
        {R"({"value": {"int": "9223372036854775808"}})", "this is no int"},
        {R"({"value": {"uint": 18446744073709551616}})", "this is no uint"},
        {R"({"value": {"int": "1 "}})", "this is no int"},
        {R"({"value": {"int": ""}})", "this is no int"},
        {R"({"value": {"uint": "-1"}})", "this is no uint"},
        {R"({"value": {"double": "nan"}})", "this is no double"},
        {R"({"value": {"double": "inf"}})", "this is no double"},
        {R"({"value": {"bytes": "0"}})", "bytes are written in hex"},
        {R"({"value": {"bytes": "0g"}})", "bytes are written in hex"},
        {R"({"has": "a"})", "'has' asks for a field"},
        {R"({"call": "f(", "args": []})", "'call' must be the name"},
        {R"({"call": "a.f", "args": []})", "'call' must be the name"},
        {R"({"call": "f"})", "/args: this must be a list of nodes"},
        {R"({"call": "f", "args": [], "method": true})", "a method needs its receiver"},
        {R"({"call": "_+_", "args": [{"value": 1}]})", "the operator takes another number"},
        {R"({"macro": "map", "as": ["x y"], "args": []})", "'as' must be a list of names"},
        {R"({"macro": "map", "as": ["x"], "args": []})", "there is no such macro"},
        {R"({"macro": "nap", "as": ["x"], "args": [{"value": 1}, {"value": 1}]})", "there is no such macro"},
        {R"({"macro": "map", "as": [], "args": []})", "'as' must be a list of one or two names"},
        {R"({"quantifier": "map", "of": "a", "as": ["x"], "where": {"value": true}})",
         "there is no such quantifier"},
        {R"({"select": {"value": 1}, "name": "a`b"})", "'name' cannot be the name of a field"},
        {R"({"map": [[{"value": 1}]]})", "/map/0: this must be a pair"},
        {R"({"record": "T", "fields": [[3, {"value": 1}]]})", "/fields/0: a pair begins"},
        {R"({"record": "T{}.a", "fields": []})", "'record' must be the name of a type"},
        {R"({"not": {"text": "a ="}})", "/not: '=' is no operator"},
        {R"({"text": "a) || (b"})", "this closes nothing"},
        {R"({"text": 1})", "'text' must be a text"},
    };
    for (const auto &[text, message] : cases) {
        const auto back = from_json(text);
        EXPECT_FALSE(back) << text << unparse(back.tree);
        EXPECT_TRUE(back.diagnostic.message.starts_with(message)) << text << "\n" << back.diagnostic.message;
    }
}

TEST(JsonForm, Bounded) {
    const auto nested = [](std::size_t n) {
        return times(n, R"({"not":)") + R"({"field":"a"})" + times(n, "}");
    };
    EXPECT_TRUE(from_json(nested(kDepthMax - 1)));
    EXPECT_EQ(from_json(nested(kDepthMax)).diagnostic.code, Code::depth);
    EXPECT_EQ(from_json(times(500000, "[")).diagnostic.code, Code::depth);
    EXPECT_EQ(from_json(times(100000, R"({"a":)")).diagnostic.code, Code::depth);
    EXPECT_EQ(from_json(std::string(kJsonMax + 1, ' ')).diagnostic.code, Code::size);
    const auto wide = [](std::size_t n) {
        return R"({"list":[)" + times(n - 1, R"({"value":1},)") + R"({"value":1}]})";
    };
    EXPECT_TRUE(from_json(wide(kNodesMax - 1)));
    EXPECT_EQ(from_json(wide(kNodesMax)).diagnostic.code, Code::size);
    EXPECT_EQ(from_json(R"({"field":"a)" + times(kDepthMax, ".a") + R"("})").diagnostic.code, Code::depth);
    // Texts within add up.
    const auto minus = times(60, "(") + "a" + times(60, ")");
    EXPECT_TRUE(from_json(json{{"text", minus}}.dump()));
    const auto deep = times(kDepthMax - 1, "!") + "a";
    EXPECT_TRUE(from_json(json{{"text", deep}}.dump()));
    EXPECT_EQ(from_json(json{{"not", {{"text", deep}}}}.dump()).diagnostic.code, Code::depth);
    EXPECT_EQ(from_json(json{{"value", std::string(kSourceMax, 'a')}}.dump()).diagnostic.code, Code::size);
}

TEST(JsonForm, DamagedJsonIsRefusedOrAnExpression) {
    const auto seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    test::RandomTrees trees(seed);
    for (int n = 0; n < 3000; ++n) {
        auto text = to_json(untyped(trees.next()));
        for (auto hits = 1 + random() % 3; hits > 0; --hits) {
            const auto at = random() % text.size();
            switch (random() % 3) {
                case 0:
                    text[at] = static_cast<char>(random());
                    break;
                case 1:
                    text.erase(at, random() % 8);
                    break;
                default:
                    text.insert(at, text.substr(random() % text.size(), random() % 20));
            }
        }
        const auto back = from_json(text);
        if (back) {
            EXPECT_TRUE(same(parse(unparse(back.tree)).tree, back.tree)) << text;
        } else {
            EXPECT_NE(back.diagnostic.code, Code::none);
            EXPECT_FALSE(back.diagnostic.message.empty());
        }
    }
}

}  // namespace
}  // namespace kith::expr
