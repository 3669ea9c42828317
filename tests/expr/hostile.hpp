// Expressions written to overflow the stack, run long or fill memory. Each ends in a clear error, or in a
// result, within the limits: hostile_test.cpp asserts units and bytes, the full tier instructions.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "expr/sample.hpp"
#include "expr/times.hpp"

namespace kith::expr::hostile {

struct Input {
    std::string name, source;
    std::vector<Code> ends;  // how it may end; Code::none: with a value
};

// "a+a+a": `n` terms.
inline std::string chain(std::size_t n, const std::string &term, const std::string &op) {
    return term + times(n - 1, op + term);
}
// f(f(f(x))): `n` times.
inline std::string nest(std::size_t n, const std::string &before, const std::string &inner,
                        const std::string &after) {
    return times(n, before) + inner + times(n, after);
}
// A body evaluated a million times, were there no budget.
inline std::string loop(const std::string &body) {
    return "cel.bind(r, lists.range(1000), r.all(i, r.all(j, " + body + ")))";
}
// cel.bind(a0, init, cel.bind(a1, step(a0), ...)): `n` steps, then `body` of the last.
inline std::string binds(int n, const std::string &init, const std::function<std::string(std::string)> &step,
                         const std::function<std::string(std::string)> &body) {
    std::string out = "cel.bind(a0, " + init + ", ";
    for (int i = 1; i <= n; ++i) {
        const auto number = std::to_string(i);
        out += "cel.bind(a" + number + ", " + step("a" + std::to_string(i - 1)) + ", ";
    }
    return out + body("a" + std::to_string(n)) + times(static_cast<std::size_t>(n) + 1, ")");
}

inline std::vector<Input> inputs() {
    using enum Code;
    std::vector<Input> all;
    const auto add = [&](std::string name, std::string source, std::vector<Code> ends) {
        all.push_back({std::move(name), std::move(source), std::move(ends)});
    };

    // Text and tree.
    for (const auto *op : {"+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", " in "}) {
        const auto name = std::string(op);
        add("5000 terms of " + name, chain(5000, "1", op), {depth, size});
        add("5000 texts of " + name, "cel.bind(a,'x'," + chain(5000, "a", op) + ")", {depth, size});
    }
    add("5000 terms of &&", "cel.bind(b,true," + chain(5000, "b", "&&") + ")", {size});
    add("5000 terms of ||", "cel.bind(b,false," + chain(5000, "b", "||") + ")", {size});
    add("3000 terms of &&", "cel.bind(b,true," + chain(3000, "b", "&&") + ")", {none});
    add("5000 conditionals", "cel.bind(b,true," + times(3000, "b?1:") + "0)", {depth, size});
    add("5000 selections", "any" + times(5000, ".a"), {depth, size});
    add("5000 indexes", "any" + times(5000, "[0]"), {depth, size});
    add("5000 calls", "''" + times(1600, ".trim()"), {depth, size});
    add("5000 elements", "[" + chain(5000, "1", ",") + "]", {size});
    add("4000 elements", "[" + chain(4000, "1", ",") + "].size() == 4000", {none});
    add("4000 arguments", "math.greatest(" + chain(4000, "1", ",") + ")", {none});
    add("entries of one key", "{" + chain(1000, "1:1", ",") + "}", {dup_key});
    for (const auto *open : {"(",
                             "[",
                             "!",
                             "-",
                             "{1:",
                             "size(",
                             "[1].map(x,",
                             "a.?",
                             "has(",
                             "f(x).",
                             "''",
                             "//",
                             "b'\\x",
                             "1?",
                             "\"\"\"",
                             "`",
                             "1e",
                             "0x",
                             "\\",
                             "\xf0\x9f\x98\x80",
                             "cel.bind(x,1,"}) {
        const std::string text = open;
        add("100 kB of " + text, times(100'000 / text.size(), text), {size});
        add("16 kB of " + text, times(kSourceMax / text.size(), text), {parse, depth, size});
    }
    add("closed parentheses", nest(8000, "(", "1", ")"), {depth});
    add("closed brackets", nest(8000, "[", "1", "]"), {depth});
    add("closed braces", nest(3000, "{1:", "1", "}"), {depth});
    add("closed calls", nest(2000, "size(", "''", ")"), {depth});
    add("closed macros", nest(800, "[1].map(x,", "1", ")"), {depth});
    add("long text", "'" + times(kSourceMax - 16, "x") + "' == ''", {none});
    add("long text of escapes", "'" + times(4000, "\\x41") + "' == ''", {none});
    add("long number", times(16000, "9"), {parse});
    add("long fraction", "0." + times(16000, "3") + " < 1.0", {none});
    add("long name", times(16000, "n"), {undeclared});
    add("many unknown names", chain(200, "nnn", "+"), {undeclared});

    // Loops in loops, and what grows in them.
    add("nested ranges", nest(12, "lists.range(100).map(x, ", "1", ")"), {cost, memory});
    add("nested exists", nest(20, "[1, 2, 3, 4].exists(x, ", "false", ")"), {cost});
    add("nested filters", nest(20, "[1, 2, 3, 4].filter(x, ", "true", ").size() > 5"), {cost});
    add("lists in a chain of maps", "[[1]]" + times(40, ".map(x,[x+x,x+x])"), {none});
    add("lists in a chain of maps, compared",
        "cel.bind(a, [[1]]" + times(40, ".map(x,[x+x,x+x])") + ", a == a)", {cost});
    add("doubling of texts in maps", "['x']" + times(40, ".map(x,x+x)"), {memory, cost});
    add("nested doubling maps",
        binds(
            20, "['xx']", [](auto a) { return a + ".map(x, x + x) + " + a; },
            [](auto a) { return a + ".size()"; }),
        {memory, cost});
    add("doubling by bind",
        binds(
            40, "'xxxxxxxx'", [](auto a) { return a + " + " + a; }, [](auto a) { return "size(" + a + ")"; }),
        {memory});
    add("doubling lists by bind",
        binds(
            40, "[1]", [](auto a) { return a + " + " + a; }, [](auto a) { return "size(" + a + ")"; }),
        {memory});
    add("lists of lists by bind",
        binds(
            20, "[1]", [](auto a) { return "[" + a + "," + a + "," + a + "]"; },
            [](auto a) { return a + " == " + a; }),
        {cost});
    add("lists of lists in a map key",
        binds(
            18, "[1]", [](auto a) { return "[" + a + "," + a + "]"; },
            [](auto a) { return a + " in [" + a + "]"; }),
        {cost});
    add("lists of lists as text",
        binds(
            18, "[1]", [](auto a) { return "[" + a + "," + a + "]"; },
            [](auto a) { return "'%s'.format([" + a + "])"; }),
        {cost, memory});
    add("range of all ints", "lists.range(9223372036854775807).size()", {memory, cost, range});
    add("range below zero", "lists.range(-9223372036854775807 - 1).size()", {none, range});
    add("range in range", "lists.range(60000).map(x, lists.range(60000))", {memory, cost});
    add("sum of ranges", loop("lists.range(1000).sum() > 0"), {cost, memory});
    add("lazy list read again and again", loop("!stored.exists(p, p.age > 1000)"), {cost, memory});

    // Regular expressions.
    const auto as = "'" + times(60, "a") + "!'";
    add("nested plus", as + ".matches('(a+)+$')", {none});
    add("nested star", as + ".matches('^(a|a)*$')", {none});
    add("optional run", "'" + times(60, "a") + "'.matches('(a?){60}a{60}')", {none});
    add("repeats of repeats", "'x'.matches('(x{1000}){1000}')", {regex});
    add("repeats in a row", "'x'.matches('x{1000}{1000}')", {regex});
    add("repeats of repeats that fit", "'x'.matches('((x{30}){30})')", {none, regex});
    add("large classes", "'x'.matches('" + times(80, "\\\\pL{9}") + "')", {none, regex});
    add("alternations", "'zz'.matches('(" + chain(250, "a.*", "|") + ")$')", {none});
    add("nested groups", "'x'.matches('" + nest(500, "(", "x", ")") + "')", {none, regex});
    add("nested stars", "'x'.matches('" + nest(330, "(", "x", ")*") + "')", {none, regex});
    add("computed pattern", "'x'.matches('(x{1000}){' + string(n * 100) + '}')", {regex});
    add("other patterns in a loop", loop("!'aaaa'.matches(string(i) + '(a+)+$' + string(j))"), {cost});
    add("large other patterns in a loop",
        loop("!'aaaa'.matches(string(i) + '(a?){99}(b{9}){9}' + string(j))"), {cost});
    add("patterns over a long text",
        binds(
            15, "'aaaaaaaa'", [](auto a) { return a + " + " + a; },
            [](auto a) {
                return "lists.range(1000).all(i, !" + a + ".matches('(a+)+b" + "' + string(i) + '$'))";
            }),
        {cost});
    add("replace by pattern",
        binds(
            12, "'aaaaaaaa'", [](auto a) { return a + " + " + a; },
            [](auto a) { return "regex.replace(" + a + ", '', 'xxxxxxxxxxxxxxxx')"; }),
        {none, memory, cost});
    add("extract all",
        binds(
            14, "'aaaaaaaa'", [](auto a) { return a + " + " + a; },
            [](auto a) { return "regex.extractAll(" + a + ", 'a')"; }),
        {memory, cost});

    // Texts.
    const auto doubled = [](int n, const std::function<std::string(std::string)> &body) {
        return binds(
            n, "'aaaaaaaa'", [](auto a) { return a + " + " + a; }, body);
    };
    add("precision", "'%.1000000000f'.format([1.0])", {range, none, memory, cost});
    add("largest precision", "'%.9223372036854775808e'.format([1.0])", {range, none, memory, cost});
    add("precision in a loop", loop("'%.100f'.format([1e300]) != ''"), {cost, memory});
    add("widths", "'%.999f%.999f%.999f'.format([1e300, 1e300, 1e300]).size() > 0", {none, range});
    add("many clauses", "'" + times(4000, "%s") + "'.format([])", {index, range});
    add("format of a long text",
        doubled(14, [](auto a) { return "'%s%s%s%s%s%s%s%s'.format([" + chain(8, a, ",") + "])"; }),
        {memory, cost});
    add("replace that grows", doubled(12, [](auto a) { return a + ".replace('a', " + a + ")"; }),
        {memory, cost});
    add("replace of nothing", doubled(12, [](auto a) { return a + ".replace('', " + a + ")"; }),
        {memory, cost});
    add("replace in a row", "'a'" + times(20, ".replace('a', 'aaaaaaaa')"), {memory, cost});
    add("split to characters", doubled(14, [](auto a) { return a + ".split('')"; }), {memory, cost});
    add("join that grows", doubled(12, [](auto a) { return a + ".split('').join(" + a + ")"; }),
        {memory, cost});
    add("search that nearly matches",
        doubled(14,
                [](auto a) {
                    return "cel.bind(b, " + a + " + 'b', cel.bind(c, " + a + " + " + a +
                           ", lists.range(1000).all(i, !c.contains(b))))";
                }),
        {cost});
    add("search of half that nearly matches",
        doubled(14, [](auto a) { return "!(" + a + " + " + a + ").contains(" + a + " + 'b')"; }),
        {cost, none});
    add("last index that nearly matches",
        doubled(13, [](auto a) { return "(" + a + " + " + a + ").lastIndexOf('b' + " + a + ")"; }),
        {cost, none});
    add("index of many",
        doubled(12, [](auto a) { return "(" + a + " + " + a + ").indexOf(" + a + " + 'b')"; }), {cost, none});
    add("characters of a long text",
        doubled(15, [](auto a) { return "lists.range(10000).all(i, " + a + ".charAt(200000 + i) == 'a')"; }),
        {cost});
    add("size of a long text",
        doubled(15, [](auto a) { return "lists.range(10000).all(i, size(" + a + ") > i)"; }), {cost});
    add("base64 in a row", doubled(10, [](auto a) { return "base64.encode(bytes(" + a + "))"; }),
        {none, cost});
    add("base64 that grows",
        binds(
            20, "b'aaaaaaaa'", [](auto a) { return "bytes(base64.encode(" + a + " + " + a + "))"; },
            [](auto a) { return a; }),
        {memory, cost});
    add("quotes that grow",
        binds(
            20, "'\"'", [](auto a) { return "strings.quote(" + a + " + " + a + ")"; },
            [](auto a) { return a; }),
        {memory, cost});
    add("folding",
        doubled(14,
                [](auto a) { return a + ".foldCase().upperAscii().lowerAscii().trim().reverse().size()"; }),
        {none, memory, cost});

    // Lists and maps.
    add("flatten of deep lists", nest(50, "[", "1", "]") + ".flatten(50)", {none});
    add("flatten to all depths", nest(50, "[", "1", "]") + ".flatten(9223372036854775807)", {none});
    add("flatten of wide lists",
        binds(
            20, "[1]", [](auto a) { return "[" + a + "," + a + "]"; },
            [](auto a) { return a + ".flatten(30)"; }),
        {memory, cost});
    add("sort of a large list", "lists.range(30000).reverse().sort().size()", {none, memory, cost});
    add("sort by of a large list", "lists.range(20000).sortBy(x, -x).size()", {none, memory, cost});
    add("sorts in a loop", loop("lists.range(2000).sort().size() > 0"), {cost, memory});
    add("sort of long texts",
        doubled(10, [](auto a) { return "lists.range(20).map(x, " + a + " + string(x)).sort().size()"; }),
        {none, memory, cost});
    add("slopes of a large list", "cel.bind(r, lists.range(20000), r.all(i, slope(r, 19999) == 1.0))",
        {cost});
    add("rises of a large list", "cel.bind(r, lists.range(20000), r.all(i, rising(r, 19998)))", {cost});
    add("steadiness of a large list", "cel.bind(r, lists.range(20000), r.all(i, steady(r, 19999, 1.0)))",
        {cost});
    add("slopes of a list read again and again", loop("slope(stored.map(p, p.age), 2) != 0.5"),
        {cost, memory});
    add("distinct of a large list", "lists.range(20000).distinct().size()", {none, cost, memory});
    add("distinct of lists", "lists.range(3000).map(x, [x]).distinct().size()", {none, cost, memory});
    add("sets of large lists", "sets.equivalent(lists.range(20000), lists.range(20000).reverse())",
        {none, cost, memory});
    add("intersection of large lists",
        "sets.intersects(lists.range(20000), lists.range(20000).map(x, x + 20000))", {none, cost, memory});
    add("in a large list", "lists.range(20000).all(x, x in lists.range(20000))", {cost, memory});
    add("a large map", "size(lists.range(60000).transformMapEntry(i, v, {v: v}))", {none, cost, memory});
    add("a map of like keys", "size(lists.range(16000).transformMapEntry(i, v, {v * 4294967296: v}))",
        {none, cost, memory});
    add("a map of likelier keys",
        "size(lists.range(16000).transformMapEntry(i, v, {v * 1152921504606847: v}))",
        {none, cost, memory, overflow});
    add("maps of maps",
        binds(
            20, "{1: 1}", [](auto a) { return "{1: " + a + ", 2: " + a + "}"; },
            [](auto a) { return a + " == " + a; }),
        {cost});
    add("appending one by one", "lists.range(1000).map(x, lists.range(x) + [x]).size()", {memory, cost});
    add("equality of deep lists", nest(60, "[", "1", "]") + " == " + nest(60, "[", "1", "]"), {none});
    add("equality of deep optionals",
        nest(60, "optional.of(", "1", ")") + " == " + nest(60, "optional.of(", "1", ")"), {none});
    add("type of types", nest(60, "type(", "1", ")") + " == type", {none});

    // A unit must pay for its work, whatever the function.
    for (const auto *body : {"true",
                             "i + j >= 0",
                             "0.1 * double(i) >= 0.0",
                             "string(0.1 + double(i)) != ''",
                             "string(i * 1000003) != ''",
                             "double('1.7976931348623157e308') > 0.0",
                             "int('-9223372036854775808') < 0",
                             "timestamp('2024-02-29T12:00:00.123456789+01:00') != at",
                             "duration('1h2m3s4ms5us6ns') != gap",
                             "string(at) != ''",
                             "string(gap) != ''",
                             "at.getHours('Europe/Zagreb') >= 0",
                             "at.getHours('America/New_York') + at.getHours('Asia/Tokyo') >= 0",
                             "at.getDayOfYear('+05:30') >= 0",
                             "addMonths(at, j, 'Europe/Zagreb') >= at",
                             "addDays(at, j, 'Europe/Zagreb') >= at",
                             "startOfDay(at, 'Europe/Zagreb') <= at",
                             "daysBetween(at, now, 'Europe/Zagreb') != -1",
                             "isBusinessDay(at, office) || true",
                             "money('12.50', 'EUR') == price || true",
                             "price * 1.5 != fee",
                             "ratio(price, fee) < 0.0",
                             "s.matches('[a-z]+')",
                             "s.contains('kith')",
                             "s.foldCase() != ''",
                             "s.upperAscii() != ''",
                             "s.split(',').size() > 0",
                             "words.join('-') != ''",
                             "s.replace('k', 'c') != ''",
                             "strings.quote(s) != ''",
                             "base64.encode(bin) != ''",
                             "'%d %s %.3f'.format([i, s, x]) != ''",
                             "'%x'.format([i]) != ''",
                             "'%s'.format([words]) != ''",
                             "math.sqrt(double(j)) >= 0.0",
                             "math.greatest(i, j, n) >= 0",
                             "math.bitXor(i, j) >= 0",
                             "ints.sort()[0] == 1",
                             "ints.distinct().size() == 3",
                             "ints.reverse()[0] == 3",
                             "scores['one'] == 3",
                             "{'a': i, 'b': j}.a == i",
                             "[i, j, n].size() == 3",
                             "sum(ints) == 9",
                             "rising(ints, 1)",
                             "falling(doubles, 1) || true",
                             "steady(ints, 3, 0.9)",
                             "slope(doubles, 2) < 0.0",
                             "ago(ints, 1) == 2",
                             "optional.of(i).hasValue()",
                             "maybe.optMap(v, v + 1).orValue(0) == 6",
                             "person.name != ''",
                             "person.tags.size() == 2",
                             "'vip' in person.tags",
                             "stored.exists(p, p.age > 70)",
                             "people.map(p, p.age).size() == 3",
                             "type(i) == int",
                             "any == 42",
                             "any + 1 == 43",
                             "dyn(i) < dyn(1e18)",
                             "words == ['kith', 'and', 'kin']",
                             "regex.extract(s, 'k(.)').hasValue()",
                             "regex.replace(s, 'k', 'c') != ''",
                             "sets.contains(ints, [1, 2])",
                             "[[1], [2]].flatten().size() == 2",
                             "lists.range(3).size() == 3",
                             "s.charAt(3) != ''",
                             "s.substring(1, 4) != ''",
                             "s.indexOf('k') > 0",
                             "bytes(s).size() > 0",
                             "string(bin) == '' || true"})
        add(std::string("a loop of ") + body, loop(body), {cost, memory});
    return all;
}

// How an expression ends, whatever stage refuses it. Its static cost is looked at elsewhere: a budget must
// hold without it.
struct End {
    Code code = Code::none;
    std::string message;
    std::uint64_t cost = 0, static_cost = 0;
    std::size_t memory = 0;
};

inline End run(const sample::World &world, Evaluator &evaluator, const Moment &moment,
               const std::string &source) {
    auto parsed = parse(source);
    if (!parsed) return {parsed.diagnostic.code, parsed.diagnostic.message};
    auto checked = check(std::move(parsed.tree), world.schema());
    if (!checked) return {checked.diagnostics[0].code, checked.diagnostics[0].message};
    const auto program = compile(std::move(checked));
    if (!program) return {Code::host, program.error().message};
    const auto outcome = evaluator.evaluate(*program, world, moment);
    End end{Code::none, {}, outcome.cost, program->static_cost(), outcome.memory};
    if (outcome.value.failed()) {
        end.code = outcome.value.code();
        end.message = outcome.value.text;
    }
    return end;
}

}  // namespace kith::expr::hostile
