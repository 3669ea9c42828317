// Goal: an expression printed from its tree reads back as the same tree, with no parenthesis too many.
// Method: all expressions of the public vectors and random trees through print and parse; printed forms
// written out by hand; every parenthesis of a printed text taken away changes the tree.
#include "unit/expr/trees.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace kith::expr {
namespace {

std::string printed(std::string_view source) {
    const auto parsed = parse(source);
    EXPECT_TRUE(parsed) << source << "\n" << format(parsed.diagnostic, source);
    return unparse(parsed.tree);
}

void expect_same(const Tree &tree) {
    const auto text = unparse(tree);
    const auto again = parse(text);
    ASSERT_TRUE(again) << text << "\n" << format(again.diagnostic, text);
    EXPECT_TRUE(same(tree, again.tree)) << text << "\n" << unparse(again.tree);
    EXPECT_EQ(unparse(again.tree), text);
}

TEST(Unparse, AMethodOfAVariableCelIsNoMacro) {
    EXPECT_EQ(printed("(cel).bind(v, 1, x)"), "(cel).bind(v, 1, x)");
    EXPECT_EQ(printed("(cel).bind(v, 1)"), "cel.bind(v, 1)");
    expect_same(parse("(cel).bind(v, 1, x)").tree);
}

TEST(Unparse, VectorsReadBackTheSame) {
    auto all = test::vectors("dev");
    const auto more = test::vectors("ast");
    all.insert(all.end(), more.begin(), more.end());
    if (all.empty()) GTEST_SKIP() << "no " << test::vectors_folder();
    std::size_t count = 0;
    for (const auto &vector : all) {
        const auto parsed = parse(vector.expr);
        if (!parsed) continue;
        expect_same(parsed.tree);
        ++count;
    }
    EXPECT_GT(count, 1300u);
}

TEST(Unparse, RandomTreesReadBackTheSame) {
    const auto seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    test::RandomTrees trees(seed);
    for (int n = 0; n < 5000 && !::testing::Test::HasFailure(); ++n) expect_same(trees.next());
}

TEST(Unparse, NoParenthesisTooMany) {
    const auto seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    test::RandomTrees trees(seed);
    std::size_t tried = 0;
    for (int n = 0; n < 1000; ++n) {
        const auto tree = trees.next();
        const auto text = unparse(tree);
        // Parentheses of grouping follow no name; those in texts and names are passed over.
        std::vector<std::size_t> open;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\'') {
                while (text[++i] != '\'') i += text[i] == '\\' ? 1 : 0;
            } else if (text[i] == '`') {
                i = text.find('`', i + 1);
            } else if (text[i] == '(') {
                const bool call =
                    i > 0 && (std::isalnum(static_cast<unsigned char>(text[i - 1])) || text[i - 1] == '_');
                open.push_back(call ? std::string::npos : i);
            } else if (text[i] == ')') {
                const auto begin = open.back();
                open.pop_back();
                if (begin == std::string::npos) continue;
                auto without = text;
                without[i] = without[begin] = ' ';
                const auto parsed = parse(without);
                EXPECT_FALSE(parsed && same(parsed.tree, tree)) << text << "\n" << without;
                ++tried;
            }
        }
    }
    EXPECT_GT(tried, 300u);
}

TEST(Unparse, Forms) {
    struct Case {
        std::string_view source, text;
    };
    const Case cases[] = {
        {"((a))+(b*c)", "a + b * c"},
        {"(a+b)*c", "(a + b) * c"},
        {"a-(b-c)", "a - (b - c)"},
        {"(a-b)-c", "a - b - c"},
        {"(a<b)==c", "a < b == c"},
        {"a<(b==c)", "a < (b == c)"},
        {"a&&(b&&c)", "a && (b && c)"},
        {"(a&&b)&&c", "(a && b) && c"},
        {"a&&b&&c||d", "a && b && c || d"},
        {"a&&(b||c)", "a && (b || c)"},
        {"(a?b:c)?d:(e?f:g)", "(a ? b : c) ? d : e ? f : g"},
        {"a?(b?c:d):e", "a ? (b ? c : d) : e"},
        {"!(a)", "!a"},
        {"!(!a)", "!!a"},
        {"-(-a)", "--a"},
        {"!(-a)", "!(-a)"},
        {"-(1)", "-(1)"},
        {"-1", "-1"},
        {"- 1", "-1"},
        {"-(-1)", "--1"},
        {"-(1.abs())", "-(1.abs())"},
        {"-1.abs()", "-1.abs()"},
        {"-(1u)", "-1u"},
        {"!(a.b[0])", "!a.b[0]"},
        {"(a+b).c", "(a + b).c"},
        {"a.?b[?c].d", "a.?b[?c].d"},
        {"[?a,b,]", "[?a, b]"},
        {"{?a:b,'c':1,}", "{?a: b, 'c': 1}"},
        {".a.B{?c:1,`in`:2,}", ".a.B{?c: 1, `in`: 2}"},
        {"m.`content-type`", "m.`content-type`"},
        {"m.`b`", "m.`b`"},
        {".f(.x)", ".f(.x)"},
        {"has( a . b )", "has(a.b)"},
        {"xs.existsOne(i,i>0)", "xs.existsOne(i, i > 0)"},
        {"xs.exists_one(i,v,i>0)", "xs.exists_one(i, v, i > 0)"},
        {"xs.map(x,p,t)", "xs.map(x, p, t)"},
        {"sum(xs,x,x*2)", "sum(xs, x, x * 2)"},
        {"xs.sum(x,x*2)", "xs.sum(x, x * 2)"},
        {"(a||b).sum(x,x)", "(a || b).sum(x, x)"},
        {"cel . bind ( x , 1 , x+x )", "cel.bind(x, 1, x + x)"},
        {"cel.bind(x)", "cel.bind(x)"},
        {"a in [1]", "a in [1]"},
        {"\"it's\"", "'it\\'s'"},
        {"'''a\r\nb'''", "'a\\nb'"},
        {"b'\\xff\\n'", "b'\\xff\\n'"},
    };
    for (const auto &each : cases) EXPECT_EQ(printed(each.source), each.text);
}

TEST(Unparse, LiteralsAreExact) {
    EXPECT_EQ(literal_text(of_double(1)), "1.0");
    EXPECT_EQ(literal_text(of_double(-0.0)), "-0.0");
    EXPECT_EQ(literal_text(of_double(0.1)), "0.1");
    EXPECT_EQ(literal_text(of_double(1e100)), "1e+100");
    EXPECT_EQ(literal_text(of_int(INT64_MIN)), "-9223372036854775808");
    EXPECT_EQ(literal_text(of_uint(UINT64_MAX)), "18446744073709551615u");
    EXPECT_EQ(literal_text(of_text("\x7f\x01\xC3\xA9\"`")), "'\\x7f\\x01\xC3\xA9\"`'");
    EXPECT_EQ(literal_text(of_text(std::string_view("\0", 1))), "'\\x00'");
    EXPECT_EQ(literal_text(null_value()), "null");
    EXPECT_EQ(literal_text(of_bool(true)), "true");

    const auto seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    for (int n = 0; n < 20000; ++n) {
        const auto number = std::bit_cast<double>(random());
        if (!std::isfinite(number)) continue;
        const auto parsed = parse(literal_text(of_double(number)));
        ASSERT_TRUE(parsed) << literal_text(of_double(number));
        const auto &value = parsed.tree[parsed.tree.root].value;
        ASSERT_TRUE(value.is(Kind::double_));
        ASSERT_EQ(std::bit_cast<std::uint64_t>(value.d), std::bit_cast<std::uint64_t>(number));
    }
}

}  // namespace
}  // namespace kith::expr
