// Goal: an expression becomes the tree its grammar says, with macros recognised by name, way of calling
// and number of arguments; a failure has its place and says what to write; no text goes beyond the limits.
// Method: trees written out as terms; slips with place and hint; each limit at it and one above; random
// and damaged texts.
#include "expr/times.hpp"
#include "unit/expr/trees.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace kith::expr {
namespace {

// The tree as a term: "(_+_ a 1)"; macros with their variables in [].
std::string term(const Tree &tree, NodeId id) {
    const auto &node = tree[id];
    std::string out = node.optional_entry ? "?" : "";
    const std::string dot = node.rooted ? "." : "";
    switch (node.kind) {
        case NodeKind::literal:
            return out + literal_text(node.value);
        case NodeKind::identifier:
            return out + dot + std::string(node.name);
        case NodeKind::select:
            out += std::string(node.optional ? "(.? " : "(. ") + (node.quoted ? "`" : "") +
                   std::string(node.name);
            break;
        case NodeKind::has:
            out += "(has";
            break;
        case NodeKind::call:
            out += std::string(node.member ? "(@" : "(") + dot + std::string(node.name);
            break;
        case NodeKind::list:
            out += "(list";
            break;
        case NodeKind::map:
            out += "(map";
            break;
        case NodeKind::record:
            out += "(record " + dot + std::string(node.name);
            for (const auto label : tree.labels(id)) out += " " + std::string(label);
            break;
        case NodeKind::macro:
            out += std::string(node.member ? "(@" : "(") + std::string(node.name) + "[" +
                   std::string(node.vars[0]);
            if (!node.vars[1].empty()) out += " " + std::string(node.vars[1]);
            out += "]";
            break;
    }
    for (const auto child : tree.children(id)) out += " " + term(tree, child);
    return out + ")";
}

std::string term(std::string_view source) {
    const auto parsed = parse(source);
    return parsed ? term(parsed.tree, parsed.tree.root) : format(parsed.diagnostic, source);
}

TEST(Parser, Trees) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"a + b * c - d", "(_-_ (_+_ a (_*_ b c)) d)"},
        {"a < b == c", "(_==_ (_<_ a b) c)"},
        {"a in b != c", "(_!=_ (@in a b) c)"},
        {"a && b && c || d && e", "(_||_ (_&&_ a b c) (_&&_ d e))"},
        {"a && (b && c)", "(_&&_ a (_&&_ b c))"},
        {"a ? b : c ? d : e", "(_?_:_ a b (_?_:_ c d e))"},
        {"(a ? b : c) ? d : e", "(_?_:_ (_?_:_ a b c) d e)"},
        {"a ? (b ? c : d) : e", "(_?_:_ a (_?_:_ b c d) e)"},
        {"!!a.b", "(!_ (!_ (. b a)))"},
        {"--a", "(-_ (-_ a))"},
        {"-1", "-1"},
        {"--1", "(-_ -1)"},
        {"!-1", "(!_ -1)"},
        {"4--4", "(_-_ 4 -4)"},
        {"a-1", "(_-_ a 1)"},
        {"-1.abs()", "(@abs -1)"},
        {"-a.abs()", "(-_ (@abs a))"},
        {"-(1)", "(-_ 1)"},
        {"-1u", "(-_ 1u)"},
        {"a.b.c(d).e[0]", "(_[_] (. e (@c (. b a) d)) 0)"},
        {"a.?b[?c].d", "(. d (_[?_] (.? b a) c))"},
        {"a.in_", "(. in_ a)"},
        {"a.`in`.`b-c`", "(. `b-c (. `in a))"},
        {"a.for.if()", "(@if (. for a))"},
        {".a.b(.c())", "(@b .a (.c))"},
        {"[a, ?b,]", "(list a ?b)"},
        {"[]", "(list)"},
        {"{a: b, ?'c': d,}", "(map a b ?'c' d)"},
        {"{}", "(map)"},
        {"T{}", "(record T)"},
        {".a.b.T{x: 1, ?y: 2, `in`: 3,}", "(record .a.b.T x y in 1 ?2 3)"},
        {"size(x) > size", "(_>_ (size x) size)"},
        {"1in[1]", "(@in 1 (list 1))"},
        {"(((a)))", "a"},
        {"a // b\n + c", "(_+_ a c)"},
    };
    for (const auto &[source, tree] : cases) EXPECT_EQ(term(source), tree) << source;
}

TEST(Parser, Macros) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"has(a.b)", "(has (. b a))"},
        {"has((a.b.c))", "(has (. c (. b a)))"},
        {"has(a.?b.c)", "(has (. c (.? b a)))"},
        {"has(a.`b-c`)", "(has (. `b-c a))"},
        {"has(a, b)", "(has a b)"},
        {"a.has(b)", "(@has a b)"},
        {".has(a)", "(.has a)"},
        {"l.all(x, p)", "(@all[x] l p)"},
        {"l.all(i, x, p)", "(@all[i x] l p)"},
        {"l.all(x)", "(@all l x)"},
        {"l.all(a, b, c, d)", "(@all l a b c d)"},
        {"all(l, x, p)", "(all l x p)"},
        {"l.exists(x, p)", "(@exists[x] l p)"},
        {"l.exists_one(x, p)", "(@exists_one[x] l p)"},
        {"l.existsOne(i, x, p)", "(@existsOne[i x] l p)"},
        {"l.filter(x, p)", "(@filter[x] l p)"},
        {"l.filter(x, y, p)", "(@filter l x y p)"},
        {"l.map(x, t)", "(@map[x] l t)"},
        {"l.map(x, p, t)", "(@map[x] l p t)"},
        {"m.transformList(k, v, t)", "(@transformList[k v] m t)"},
        {"m.transformList(k, v, p, t)", "(@transformList[k v] m p t)"},
        {"m.transformList(k, t)", "(@transformList m k t)"},
        {"m.transformMap(k, v, p, t)", "(@transformMap[k v] m p t)"},
        {"m.transformMapEntry(k, v, {v: k})", "(@transformMapEntry[k v] m (map v k))"},
        {"cel.bind(x, 1, x + x)", "(cel.bind[x] 1 (_+_ x x))"},
        {"cel.bind(x, y, z)", "(cel.bind[x] y z)"},
        {"cel.bind(x, y)", "(@bind cel x y)"},
        {"cel.bind", "(. bind cel)"},
        {"cel.bound(x, y, z)", "(@bound cel x y z)"},
        {".cel.bind(x, y, z)", "(@bind .cel x y z)"},
        {"(cel).bind(x, y, z)", "(@bind cel x y z)"},
        {"cel.bind(x, 1, x).f()", "(@f (cel.bind[x] 1 x))"},
        {"o.optMap(x, x)", "(@optMap[x] o x)"},
        {"o.optFlatMap(x, x)", "(@optFlatMap[x] o x)"},
        {"l.sortBy(x, x.a)", "(@sortBy[x] l (. a x))"},
        {"sum(l, x, x.a)", "(sum[x] l (. a x))"},
        {"sum(f(l), x, x)", "(sum[x] (f l) x)"},
        {"l.sum(x, x)", "(@sum[x] l x)"},
        {"sum(l)", "(sum l)"},
        {"l.sum()", "(@sum l)"},
        {"sum(a, b)", "(sum a b)"},
        {"sum(a, b, c, d)", "(sum a b c d)"},
        {".sum(a, b, c)", "(.sum a b c)"},
        {"min(l, x, x)", "(min[x] l x)"},
        {"l.max(x, x)", "(@max[x] l x)"},
        {"avg(l, x, x)", "(avg[x] l x)"},
        {"count(l, x, p)", "(count[x] l p)"},
        {"l.all(l, l.all(l, l))", "(@all[l] l (@all[l] l l))"},
    };
    for (const auto &[source, tree] : cases) {
        EXPECT_EQ(term(source), tree) << source;
        const auto parsed = parse(source);
        // No node is left of a variable's name.
        EXPECT_EQ(test::reachable(parsed.tree, parsed.tree.root), parsed.tree.size()) << source;
    }
}

TEST(Parser, Places) {
    const std::string_view source = " (a  + b.c) * f( x ).all(y, z)";
    const auto parsed = parse(source);
    ASSERT_TRUE(parsed);
    const auto &tree = parsed.tree;
    const auto text = [&](NodeId id) {
        return source.substr(tree[id].span.begin, tree[id].span.end - tree[id].span.begin);
    };
    const auto mark = [&](NodeId id) { return source.substr(tree[id].mark, 1); };
    EXPECT_EQ(text(tree.root), "(a  + b.c) * f( x ).all(y, z)");
    EXPECT_EQ(mark(tree.root), "*");
    const auto sum = tree.child(tree.root, 0);
    EXPECT_EQ(text(sum), "a  + b.c");
    EXPECT_EQ(mark(sum), "+");
    EXPECT_EQ(text(tree.child(sum, 1)), "b.c");
    EXPECT_EQ(mark(tree.child(sum, 1)), "c");
    const auto all = tree.child(tree.root, 1);
    EXPECT_EQ(text(all), "f( x ).all(y, z)");
    EXPECT_EQ(source.substr(tree[all].mark, 3), "all");
    EXPECT_EQ(text(tree.child(all, 0)), "f( x )");
    const auto index = parse(" x[1]");
    EXPECT_EQ(index.tree[index.tree.root].mark, 2u);
}

TEST(Parser, Slips) {
    struct Case {
        std::string_view source, at, message, hint;
    };
    const Case cases[] = {
        {"", "", "the expression is empty", ""},
        {" // a", "", "the expression is empty", ""},
        {"a and b", "and", "an operator or the end is expected here", "write && for 'and'"},
        {"a OR b", "OR", "an operator or the end is expected here", "write || for 'or'"},
        {"(a or b)", "or", "an operator or ')' is expected here", "write || for 'or'"},
        {"not a", "a", "an operator or the end is expected here", "write ! for 'not'"},
        {"a <> b", "<>", "'<>' is no operator", "write !="},
        {"if (a) b", "if", "'if' is a reserved word", "write condition ? value : other"},
        {"a then b", "then", "an operator or the end is expected here", "write condition ? value : other"},
        {"var + 1", "var", "'var' is a reserved word", "choose another name"},
        {"l.map(var, 1)", "var", "'var' is a reserved word", "choose another name"},
        {"f(import())", "import", "'import' is a reserved word", "choose another name"},
        {"1.", "1.", "a number cannot end in a point", "write a digit after it, as 1.0"},
        {"1. + 2", "1.", "a number cannot end in a point", "write a digit after it, as 1.0"},
        {"1.2.3", ".3", "an operator or the end is expected here", "a number has one point"},
        {"(a + b", "(", "')' is missing", "it closes what is opened here"},
        {"f(a, [b)", ")", "an operator or ']' is expected here", ""},
        {"[1, 2", "[", "']' is missing", "it closes what is opened here"},
        {"{1: 2", "{", "'}' is missing", "it closes what is opened here"},
        {"T{a: 2", "{", "'}' is missing", "it closes what is opened here"},
        {"a[1", "[", "']' is missing", "it closes what is opened here"},
        {"a)", ")", "this closes nothing", "leave it out"},
        {"f(a,)", ")", "a value is expected here", "leave out the comma before it"},
        {"[,]", ",", "a value is expected here", ""},
        {"a +", "", "the expression ends too early", "a value is missing at its end"},
        {"a == == b", "==", "a value is expected here", "a value is missing before it"},
        {"a ? b", "?", "':' is missing", "write condition ? value : other"},
        {"a ? b ? c : d : e", "?", "a condition in the middle needs parentheses",
         "write a ? (b ? c : d) : e"},
        {"-!a", "-!", "'!' and '-' do not mix", "write !(-a) or -(!a)"},
        {"!-a", "!-", "'!' and '-' do not mix", "write !(-a) or -(!a)"},
        {"a.true", "true", "the name of a field is expected after the dot", "put the word in back-ticks"},
        {"a.'b'", "'b'", "the name of a field is expected after the dot", ""},
        {"`a` + 1", "`a`", "a value is expected here", "a name in back-ticks can only stand after a dot"},
        {"a.`b`()", "(", "what stands before this can be neither called nor built",
         "an operator may be missing"},
        {"a.?b()", "(", "what stands before this can be neither called nor built",
         "an operator may be missing"},
        {"T(){}", "{", "what stands before this can be neither called nor built",
         "an operator may be missing"},
        {"T{}()", "(", "what stands before this can be neither called nor built",
         "an operator may be missing"},
        {"{a}", "}", "':' is missing after the key", "write {key: value}"},
        {"T{1: 2}", "1", "the name of a field is expected here", "write Type{field: value}"},
        {"'it's'", "s", "an operator or the end is expected here",
         "a quote inside a text is written \\' or \\\""},
        {"in + 1", "in", "a value is expected here", "'in' is an operator: x in list"},
        {"has(a)", "a", "has() asks for a field: a selection", "write has(record.field)"},
        {"has(a.?b)", "a.?b", "has() asks for a field: a selection", "write has(record.field)"},
        {"l.all(a.b, c)", "a.b", "'all' needs the name of a variable here",
         "write a plain name of your choice, as x"},
        {"l.all(.a, c)", ".a", "'all' needs the name of a variable here",
         "write a plain name of your choice, as x"},
        {"l.all(i, 1, c)", "1", "'all' needs the name of a variable here",
         "write a plain name of your choice, as x"},
        {"l.all(i, i, c)", "i", "the two variables have the same name", "give the second another"},
        {"sum(l, x.y, c)", "x.y", "'sum' needs the name of a variable here",
         "write a plain name of your choice, as x"},
        {"cel.bind(1, 2, 3)", "1", "'cel.bind' needs the name of a variable here",
         "write a plain name of your choice, as x"},
        {"l.map(__result__, 1)", "__result__", "this name is reserved", "choose another"},
    };
    for (const auto &each : cases) {
        const auto parsed = parse(each.source);
        ASSERT_FALSE(parsed) << each.source;
        const auto &diagnostic = parsed.diagnostic;
        const auto at =
            each.source.substr(diagnostic.span.begin, diagnostic.span.end - diagnostic.span.begin);
        EXPECT_EQ(diagnostic.code, Code::parse) << each.source;
        EXPECT_EQ(at, each.at) << each.source;
        EXPECT_EQ(diagnostic.message, each.message) << each.source;
        EXPECT_EQ(diagnostic.hint, each.hint) << each.source;
    }
}

// Each limit has its own failure, and what is at it is taken.
TEST(Parser, Limits) {
    const auto code = [](const std::string &source) { return parse(source).diagnostic.code; };
    const std::pair<const char *, const char *> brackets[] = {
        {"(", ")"},    {"[", "]"},  {"{1:", "}"},      {"f(", ")"},
        {"T{a:", "}"}, {"a[", "]"}, {"l.all(x,", ")"}, {"cel.bind(x,", ",x)"},
        {"(-", ")"},   {"(!", ")"}, {"(a ? b : ", ")"}};
    for (const auto &[open, close] : brackets) {
        EXPECT_EQ(code(times(kNestingMax, open) + "a" + times(kNestingMax, close)), Code::none) << open;
        EXPECT_EQ(code(times(kNestingMax + 1, open) + "a" + times(kNestingMax + 1, close)), Code::depth)
            << open;
        EXPECT_EQ(code(times(5000 / std::string(open).size(), open)), Code::depth) << open;
    }
    // A level each, without brackets.
    const std::pair<const char *, const char *> chains[] = {
        {"a", "+a"}, {"a", "-a"},  {"a", "*a"},  {"a", "<a"},   {"a", " in a"},
        {"a", ".a"}, {"a", ".?a"}, {"a", "[0]"}, {"a", ".f()"}, {"a", ".map(x,x)"}};
    for (const auto &[first, more] : chains) {
        EXPECT_EQ(code(first + times(kDepthMax - 1, more)), Code::none) << more;
        EXPECT_EQ(code(first + times(kDepthMax, more)), Code::depth) << more;
    }
    for (const auto *before : {"!", "-", "a?b:"}) {
        EXPECT_EQ(code(times(kDepthMax - 1, before) + "a"), Code::none) << before;
        EXPECT_EQ(code(times(kDepthMax, before) + "a"), Code::depth) << before;
        EXPECT_EQ(code(times(1500, before) + "a"), Code::depth) << before;
    }
    // Flat, so that only their parts count.
    for (const auto *sign : {"&&", "||"}) {
        EXPECT_EQ(code("a" + times(kNodesMax - 2, std::string(sign) + "a")), Code::none);
        EXPECT_EQ(code("a" + times(kNodesMax - 1, std::string(sign) + "a")), Code::size);
    }
    EXPECT_EQ(code("[" + times(kNodesMax - 1, "1,") + "]"), Code::none);
    EXPECT_EQ(code("[" + times(kNodesMax, "1,") + "]"), Code::size);
    EXPECT_EQ(code(std::string(kSourceMax - 1, ' ') + "a"), Code::none);
    EXPECT_EQ(code(std::string(kSourceMax, ' ') + "a"), Code::size);
    EXPECT_EQ(code("'" + std::string(kSourceMax - 2, 'a') + "'"), Code::none);
}

TEST(Parser, TextsThatAreNotUtf8) {
    for (const std::string_view source :
         {"a == '\xff'", "a == '\xC3'", "a == '\xED\xA0\x80'", "a == '\xC0\x80'"}) {
        const auto parsed = parse(source);
        EXPECT_FALSE(parsed);
        EXPECT_EQ(parsed.diagnostic.code, Code::utf8);
        EXPECT_EQ(parsed.diagnostic.span.begin, 6u);
    }
    EXPECT_FALSE(parse(std::string_view("a\0", 2)));
    EXPECT_FALSE(parse(std::string_view("\0", 1)));
}

// Whatever the text, it ends in a tree within the limits or in one failure within the text.
TEST(Parser, AnyText) {
    const auto seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    test::RandomTrees trees(seed);
    static constexpr std::string_view kPieces[] = {
        "a",   "cel", ".",  "bind", "(",   ")",  "[",  "]",        "{",    "}",  "?",  ":",   ",",
        "-",   "!",   "1",  "1.5",  "'x'", "b'", "&&", "||",       "==",   "in", " ",  "has", "all",
        "sum", "`",   "\\", "\"",   "'''", "\n", "//", "\xC3\xA9", "\xff", "e5", "0x", "=",   "u"};
    for (int n = 0; n < 20000; ++n) {
        std::string source;
        if (n % 2 == 0) {
            for (auto count = random() % 20; count > 0; --count)
                source += kPieces[random() % std::size(kPieces)];
        } else {
            source = unparse(trees.next());
            for (auto hits = 1 + random() % 3; hits > 0 && !source.empty(); --hits) {
                const auto at = random() % source.size();
                if (random() % 2 == 0) {
                    source.erase(at, 1 + random() % 4);
                } else {
                    source.insert(at, kPieces[random() % std::size(kPieces)]);
                }
            }
        }
        const auto parsed = parse(source);
        if (parsed) {
            ASSERT_LE(parsed.tree[parsed.tree.root].depth, kDepthMax);
            ASSERT_EQ(test::reachable(parsed.tree, parsed.tree.root), parsed.tree.size()) << source;
            const auto again = parse(unparse(parsed.tree));
            ASSERT_TRUE(again && same(again.tree, parsed.tree)) << source << "\n" << unparse(parsed.tree);
        } else {
            ASSERT_NE(parsed.diagnostic.code, Code::none) << source;
            ASSERT_FALSE(parsed.diagnostic.message.empty()) << source;
            ASSERT_LE(parsed.diagnostic.span.begin, parsed.diagnostic.span.end) << source;
            ASSERT_LE(parsed.diagnostic.span.end, source.size()) << source;
        }
    }
}

}  // namespace
}  // namespace kith::expr
