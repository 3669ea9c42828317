// Goal: what holds for every expression: printing, parsing and the JSON form keep its meaning; explaining
// gives what evaluating gives; the static cost bounds the measured one; && and || commute; evaluation
// repeats; a result has the type deduced; and what checks without dyn never lacks an overload.
// Method: random expressions over the sample schema, from a table of productions: well-typed ones, and
// others where a production now and then takes an operand of any type. Seed printed; KITH_SEED repeats it.
#include <cstdlib>
#include <iostream>
#include <random>

#include <gtest/gtest.h>

#include "expr/sample.hpp"

namespace kith::expr {
namespace {

using sample::written;

struct Row {
    std::string_view type, text;
};

// {T} is an expression of type T; {!T} declares a variable of that type for the rest of the row, {~T} for
// what follows the next hole. Rows of type % stand for each type of kGeneric, and so does % in them; all
// {=} of a row are of one type.
constexpr Row kRows[] = {
    {"%", "({bool} ? {%} : {%})"},
    {"%", "cel.bind({~int}, {int}, {%})"},
    {"%", "cel.bind({~string}, {string}, {%})"},
    {"%", "[{%}, {%}][{index}]"},
    {"%", "optional.of({%}).orValue({%})"},
    {"%", "optional.none().orValue({%})"},
    {"%", "{'k': {%}}['k']"},
    {"%", "{'k': {%}}.k"},
    {"%", "{'a b': {%}}.`a b`"},
    {"%", "{1: {%}}[?{index}].orValue({%})"},
    {"%", "[{%}].map({!%}, {%})[0]"},
    {"%", "[{%}].filter({!%}, {bool})[0]"},
    {"%", "[{%}, {%}].first().orValue({%})"},
    {"%", "optional.of({int}).optMap({!int}, {%}).value()"},
    {"bool", "({=} == {=})"},
    {"bool", "({=} != {=})"},
    {"bool", "({=} in [{=}, {=}])"},

    {"int", "({int} + {int})"},
    {"int", "({int} - {int})"},
    {"int", "({int} * {int})"},
    {"int", "({int} / {int})"},
    {"int", "({int} % {int})"},
    {"int", "(-({int}))"},
    {"int", "{ints}[{index}]"},
    {"int", "size({string})"},
    {"int", "size({ints})"},
    {"int", "{strings}.size()"},
    {"int", "size({map})"},
    {"int", "{map}[{string}]"},
    {"int", "{Person}.age"},
    {"int", "int({string})"},
    {"int", "int({double})"},
    {"int", "int({uint})"},
    {"int", "int({timestamp})"},
    {"int", "{timestamp}.getFullYear()"},
    {"int", "{timestamp}.getHours('Europe/Zagreb')"},
    {"int", "{timestamp}.getDayOfWeek({string})"},
    {"int", "{duration}.getHours()"},
    {"int", "{string}.indexOf({string})"},
    {"int", "{optional}.orValue({int})"},
    {"int", "{optional}.value()"},
    {"int", "math.abs({int})"},
    {"int", "math.greatest({int}, {int}, {int})"},
    {"int", "math.least({ints})"},
    {"int", "math.bitXor({int}, {int})"},
    {"int", "sum({ints})"},
    {"int", "min({ints})"},
    {"int", "max({ints})"},
    {"int", "count({people}, {!Person}, {bool})"},
    {"int", "sum({people}, {!Person}, {int})"},
    {"int", "{money}.minor"},
    {"int", "daysBetween({timestamp}, {timestamp}, 'UTC')"},
    {"uint", "({uint} + {uint})"},
    {"uint", "({uint} - {uint})"},
    {"uint", "({uint} * {uint})"},
    {"uint", "({uint} % {uint})"},
    {"uint", "uint({int})"},
    {"uint", "uint({double})"},
    {"double", "({double} + {double})"},
    {"double", "({double} - {double})"},
    {"double", "({double} * {double})"},
    {"double", "({double} / {double})"},
    {"double", "(-({double}))"},
    {"double", "double({int})"},
    {"double", "double({string})"},
    {"double", "{Person}.score"},
    {"double", "math.round({double})"},
    {"double", "math.sqrt({double})"},
    {"double", "math.greatest({doubles})"},
    {"double", "sum({doubles})"},
    {"double", "avg({doubles})"},
    {"double", "ratio({money}, {money})"},
    {"double", "slope({ints}, {index})"},
    {"double", "slope({people}.map({!Person}, {money}), {index})"},
    {"double", "ago({doubles}, {index})"},
    {"bool", "({bool} && {bool})"},
    {"bool", "({bool} || {bool})"},
    {"bool", "({bool} && {bool} && {bool})"},
    {"bool", "(!{bool})"},
    {"bool", "({int} < {int})"},
    {"bool", "({uint} >= {uint})"},
    {"bool", "({double} <= {double})"},
    {"bool", "({string} < {string})"},
    {"bool", "({bytes} > {bytes})"},
    {"bool", "({timestamp} < {timestamp})"},
    {"bool", "({duration} <= {duration})"},
    {"bool", "({money} > {money})"},
    {"bool", "({string} in {map})"},
    {"bool", "({int} in {ints})"},
    {"bool", "{ints}.all({!int}, {bool})"},
    {"bool", "{ints}.exists({!int}, {bool})"},
    {"bool", "{ints}.exists_one({!int}, {bool})"},
    {"bool", "{strings}.exists({!int}, {!string}, {bool})"},
    {"bool", "{map}.all({!string}, {bool})"},
    {"bool", "{map}.exists({!string}, {!int}, {bool})"},
    {"bool", "{people}.exists({!Person}, {bool})"},
    {"bool", "{people}.all({!Person}, {bool})"},
    {"bool", "has({Person}.nick)"},
    {"bool", "has({map}.one)"},
    {"bool", "{Person}.vip"},
    {"bool", "{string}.contains({string})"},
    {"bool", "{string}.startsWith({string})"},
    {"bool", "{string}.matches('[a-k]+')"},
    {"bool", "{string}.matches({string})"},
    {"bool", "{optional}.hasValue()"},
    {"bool", "math.isNaN({double})"},
    {"bool", "sets.contains({ints}, {ints})"},
    {"bool", "rising({ints}, {index})"},
    {"bool", "falling({doubles}, {index})"},
    {"bool", "steady({ints}, {index}, {double})"},
    {"bool", "{money}.convertible({money})"},
    {"bool", "isWeekend({timestamp}, 'UTC')"},
    {"bool", "isBusinessDay({timestamp}, office)"},
    {"bool", "(type({int}) == int)"},
    {"string", "({string} + {string})"},
    {"string", "string({int})"},
    {"string", "string({double})"},
    {"string", "string({timestamp})"},
    {"string", "string({duration})"},
    {"string", "{string}.substring({index})"},
    {"string", "{string}.replace({string}, {string})"},
    {"string", "{string}.lowerAscii()"},
    {"string", "{string}.foldCase()"},
    {"string", "{string}.trim()"},
    {"string", "{string}.charAt({index})"},
    {"string", "{string}.reverse()"},
    {"string", "{strings}.join({string})"},
    {"string", "'%s and %d'.format([{string}, {int}])"},
    {"string", "{Person}.name"},
    {"string", "{strings}[{index}]"},
    {"string", "base64.encode({bytes})"},
    {"string", "{money}.currency"},
    {"string", "strings.quote({string})"},
    {"bytes", "({bytes} + {bytes})"},
    {"bytes", "bytes({string})"},
    {"timestamp", "({timestamp} + {duration})"},
    {"timestamp", "({timestamp} - {duration})"},
    {"timestamp", "timestamp({string})"},
    {"timestamp", "addDays({timestamp}, {int}, 'UTC')"},
    {"timestamp", "startOfDay({timestamp}, 'Europe/Zagreb')"},
    {"timestamp", "addMonths({timestamp}, {index}, 'America/New_York')"},
    {"duration", "({duration} + {duration})"},
    {"duration", "({timestamp} - {timestamp})"},
    {"duration", "duration({string})"},
    {"money", "({money} + {money})"},
    {"money", "({money} - {money})"},
    {"money", "({money} * {int})"},
    {"money", "{Person}.balance"},
    {"money", "money({string}, 'EUR')"},
    {"money", "sum({people}, {!Person}, {money})"},
    {"ints", "[{int}, {int}, ?{optional}]"},
    {"ints", "({ints} + {ints})"},
    {"ints", "{ints}.map({!int}, {int})"},
    {"ints", "{ints}.map({!int}, {bool}, {int})"},
    {"ints", "{ints}.filter({!int}, {bool})"},
    {"ints", "{strings}.transformList({!int}, {!string}, {int})"},
    {"ints", "{people}.map({!Person}, {int})"},
    {"ints", "{ints}.sort()"},
    {"ints", "{ints}.distinct()"},
    {"ints", "{ints}.reverse()"},
    {"ints", "{ints}.sortBy({!int}, {int})"},
    {"ints", "[{ints}, {ints}].flatten()"},
    {"ints", "lists.range({index})"},
    {"ints", "{map}.map({!string}, {int})"},
    {"doubles", "[{double}, {double}]"},
    {"doubles", "{ints}.map({!int}, {double})"},
    {"strings", "[{string}, {string}]"},
    {"strings", "{string}.split({string})"},
    {"strings", "{map}.map({!string}, {string})"},
    {"strings", "{strings}.filter({!string}, {bool})"},
    {"strings", "{Person}.tags"},
    {"strings", "words_of[{string}]"},
    {"map", "{{string}: {int}, {string}: {int}}"},
    {"map", "{'one': {int}, ?'two': {optional}}"},
    {"map", "{map}.transformMap({!string}, {!int}, {int})"},
    {"map", "{strings}.transformMapEntry({!int}, {!string}, {{string}: {int}})"},
    {"optional", "optional.of({int})"},
    {"optional", "optional.ofNonZeroValue({int})"},
    {"optional", "{map}.?one"},
    {"optional", "{map}[?{string}]"},
    {"optional", "{ints}[?{index}]"},
    {"optional", "{optional}.or({optional})"},
    {"optional", "{optional}.optMap({!int}, {int})"},
    {"optional", "{optional}.optFlatMap({!int}, {optional})"},
    {"Person", "{people}[{index}]"},
    {"people", "{people}.filter({!Person}, {bool})"},
    {"people", "{people}.sortBy({!Person}, {int})"},
};

constexpr Row kLeaves[] = {
    {"int", "n"},
    {"int", "m"},
    {"int", "zero"},
    {"int", "big"},
    {"int", "0"},
    {"int", "1"},
    {"int", "-2"},
    {"int", "0x1f"},
    {"int", "-9223372036854775808"},
    {"int", "person.age"},
    {"index", "0"},
    {"index", "1"},
    {"index", "2"},
    {"index", "n"},
    {"index", "-1"},
    {"uint", "u"},
    {"uint", "0u"},
    {"uint", "18446744073709551615u"},
    {"double", "x"},
    {"double", "y"},
    {"double", "1.5e3"},
    {"double", "0.0"},
    {"double", "-0.1"},
    {"double", "1e308"},
    {"bool", "flag"},
    {"bool", "true"},
    {"bool", "false"},
    {"bool", "person.vip"},
    {"string", "s"},
    {"string", "t"},
    {"string", "'one'"},
    {"string", "\"it's\""},
    {"string", "'\\u00e9\\n\\\\'"},
    {"string", "r'\\d'"},
    {"string", "'''a\nb'''"},
    {"string", "'-'"},
    {"string", "''"},
    {"string", "'12'"},
    {"bytes", "bin"},
    {"bytes", "b'\\xff\\000k'"},
    {"timestamp", "at"},
    {"timestamp", "now"},
    {"timestamp", "timestamp('2024-02-29T12:00:00Z')"},
    {"timestamp", "timestamp(0)"},
    {"duration", "gap"},
    {"duration", "duration('1h30m')"},
    {"duration", "duration('-1.5s')"},
    {"money", "price"},
    {"money", "fee"},
    {"money", "dollars"},
    {"money", "money('12.50', 'EUR')"},
    {"ints", "ints"},
    {"ints", "[1, 2, 3]"},
    {"doubles", "doubles"},
    {"doubles", "[0.5]"},
    {"strings", "words"},
    {"strings", "['kith', 'kin']"},
    {"strings", "person.tags"},
    {"map", "scores"},
    {"map", "{'one': 1, 'two': 2}"},
    {"optional", "maybe"},
    {"optional", "nothing"},
    {"Person", "person"},
    {"people", "people"},
    {"people", "stored"},
};
constexpr std::string_view kGeneric[] = {"int",       "bool",  "string", "double", "uint",  "bytes",
                                         "timestamp", "money", "ints",   "map",    "Person"};

class Generator {
public:
    // `astray`: how often, in a hundred, an operand is of any type.
    Generator(std::uint64_t seed, unsigned astray) : random_(seed), astray_(astray) {}

    std::string expression(std::string_view type, int depth) {
        if (below(100) < astray_) type = kRows[below(std::size(kRows))].type;
        if (type == "%") type = kGeneric[below(std::size(kGeneric))];
        if (depth > 0 && below(5) > 0) {
            std::vector<std::string_view> texts;
            for (const auto &row : kRows)
                if (row.type == type || (row.type == "%" && is_generic(type))) texts.push_back(row.text);
            if (!texts.empty()) return filled(texts[below(texts.size())], type, depth);
        }
        std::vector<std::string> texts = locals_of(type);
        if (texts.empty() || below(2) == 0)
            for (const auto &leaf : kLeaves)
                if (leaf.type == type) texts.emplace_back(leaf.text);
        return texts[below(texts.size())];
    }
    std::string_view any_type() { return kLeaves[below(std::size(kLeaves))].type; }
    std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

private:
    struct Local {
        std::string name;
        std::string_view type;
    };

    static bool is_generic(std::string_view type) {
        return std::find(std::begin(kGeneric), std::end(kGeneric), type) != std::end(kGeneric);
    }

    std::vector<std::string> locals_of(std::string_view type) const {
        std::vector<std::string> names;
        for (auto local = locals_.rbegin(); local != locals_.rend(); ++local) {
            const auto hidden = [&](const Local &inner) { return inner.name == local->name; };
            if (local->type == type && std::none_of(locals_.rbegin(), local, hidden))
                names.push_back(local->name);
        }
        return names;
    }

    std::string filled(std::string_view text, std::string_view type, int depth) {
        const auto same = kGeneric[below(std::size(kGeneric))];
        const auto outer = locals_.size();
        std::optional<Local> pending;
        std::string out;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto end = text.find_first_of("{}", i + 1);
            if (text[i] != '{' || end == text.npos || text[end] != '}' || end - i > 10 ||
                text[i + 1] == '\'' || (text[i + 1] >= '0' && text[i + 1] <= '9')) {
                out += text[i];
                continue;
            }
            auto hole = text.substr(i + 1, end - i - 1);
            i = end;
            const char mark = hole[0];
            if (mark == '!' || mark == '~') hole.remove_prefix(1);
            if (hole == "%") hole = type;
            if (hole == "=") hole = same;
            if (mark == '!' || mark == '~') {
                // Few names, so that some hide others.
                Local local{"v" + std::to_string(below(3)), hole};
                if (mark == '!' && !locals_.empty() && out.ends_with(", ") && locals_.size() > outer)
                    local.name += "_2";  // two variables of one macro
                out += local.name;
                if (mark == '!')
                    locals_.push_back(local);
                else
                    pending = local;
                continue;
            }
            out += expression(hole, depth - 1);
            if (pending) locals_.push_back(*pending);
            pending.reset();
        }
        locals_.resize(outer);
        return out;
    }

    std::mt19937_64 random_;
    unsigned astray_;
    std::vector<Local> locals_;
};

std::uint64_t new_seed() {
    const auto *given = std::getenv("KITH_SEED");
    const std::uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::cout << "seed " << seed << "\n";
    testing::Test::RecordProperty("seed", std::to_string(seed));
    return seed;
}

struct Counts {
    std::size_t checked = 0, values = 0, errors = 0;
};

class Properties : public testing::Test {
protected:
    Checked checked(Tree tree) { return check(std::move(tree), world_.schema()); }

    Program compiled(Checked what) {
        if (!what) ADD_FAILURE() << format(what.diagnostics[0], what.tree.source);
        auto program = compile(std::move(what));
        if (!program) std::abort();  // there is none to go on with
        return std::move(*program);
    }

    struct Result {
        std::string value;
        std::uint64_t cost = 0;
        std::size_t memory = 0;
        bool operator==(const Result &) const = default;
        friend void PrintTo(const Result &result, std::ostream *out) {
            *out << result.value << ", " << result.cost << " units, " << result.memory << " bytes";
        }
    };
    Result result(const Outcome &outcome) { return {written(outcome.value), outcome.cost, outcome.memory}; }
    Result evaluated(const Program &program) { return result(evaluator_.evaluate(program, world_, moment_)); }

    // Everything that holds for an expression that checks.
    void holds(const std::string &source, Counts &counts) {
        auto parsed = parse(source);
        ASSERT_TRUE(parsed) << format(parsed.diagnostic, source);
        const auto printed = unparse(parsed.tree);
        auto again = parse(printed);
        ASSERT_TRUE(again) << printed << "\n" << format(again.diagnostic, printed);
        EXPECT_TRUE(sample::same_tree(parsed.tree, parsed.tree.root, again.tree, again.tree.root)) << printed;
        EXPECT_EQ(unparse(again.tree), printed);

        auto first = checked(std::move(parsed.tree));
        if (!first) return;
        ++counts.checked;
        auto second = checked(std::move(again.tree));
        ASSERT_TRUE(second) << printed << "\n" << format(second.diagnostics[0], printed);
        EXPECT_EQ(to_text(second.type()), to_text(first.type()));
        const auto form = to_json(first);
        auto third_parsed = from_json(form);
        ASSERT_TRUE(third_parsed) << form << "\n" << third_parsed.diagnostic.message;
        EXPECT_TRUE(sample::same_tree(first.tree, first.tree.root, third_parsed.tree, third_parsed.tree.root))
            << form;
        auto third = checked(std::move(third_parsed.tree));
        ASSERT_TRUE(third) << form << "\n" << third.diagnostics[0].message;

        // Also where a function takes values of any type, as format does.
        const auto takes_dyn = [](const Reference &reference) {
            const auto of = [](const Signature *one) {
                return std::any_of(one->params.begin(), one->params.end(), sample::has_dyn);
            };
            return std::any_of(reference.overloads.begin(), reference.overloads.end(), of);
        };
        const bool dyn = std::any_of(first.types.begin(), first.types.end(),
                                     [](const Type *type) { return type && sample::has_dyn(type); }) ||
                         std::any_of(first.references.begin(), first.references.end(), takes_dyn);
        const auto deduced = first.type();
        const auto pool = first.pool;
        const auto program = compiled(std::move(first));
        const auto outcome = evaluator_.evaluate(program, world_, moment_);
        const auto value = result(outcome);
        if (outcome.value.failed()) {
            ++counts.errors;
            EXPECT_TRUE(dyn || outcome.value.code() != Code::no_overload) << outcome.value.text;
            EXPECT_NE(outcome.value.code(), Code::host);
        } else {
            ++counts.values;
            EXPECT_TRUE(dyn || sample::conforms(outcome.value, deduced))
                << value.value << " is no " << to_text(deduced);
        }
        EXPECT_GE(program.static_cost(), outcome.cost);
        EXPECT_LE(outcome.memory, kMemoryMax);
        EXPECT_EQ(evaluated(program), value);
        EXPECT_EQ(evaluated(compiled(std::move(second))), value) << printed;
        EXPECT_EQ(evaluated(compiled(std::move(third))), value) << form;
        const auto explained = explain(evaluator_, program, world_, moment_);
        EXPECT_EQ(result(explained.outcome), value);
        EXPECT_EQ(explained.outcome.node, outcome.node);
        EXPECT_FALSE(explained.reasons.empty());

        // What typed code relies on: every value is of the type of its node, unless types rest on dyn.
        std::vector<Trace> trace;
        evaluator_.trace(program, world_, moment_, trace);
        for (NodeId node = 0; node < trace.size() && !program.checked().gradual; ++node) {
            const auto &value_there = trace[node].value;
            if (trace[node].tick == 0 || value_there.failed() || value_there.is(Kind::null)) continue;
            EXPECT_TRUE(fits(value_there, program.checked().types[node]))
                << unparse(program.checked().tree, node) << " is no "
                << to_text(program.checked().types[node]);
        }
    }

    sample::World world_;
    Moment moment_ = sample::World::moment();
    Evaluator evaluator_;
};

TEST_F(Properties, OfWellTypedExpressions) {
    Generator generator(new_seed(), 0);
    Counts counts;
    constexpr std::size_t kExpressions = 3000;
    for (std::size_t i = 0; i < kExpressions && !HasFailure(); ++i) {
        const auto source = generator.expression(generator.any_type(), 1 + static_cast<int>(i % 4));
        SCOPED_TRACE(source);
        const auto before = counts.checked;
        holds(source, counts);
        if (counts.checked == before && !HasFailure()) {
            const auto what = checked(parse(source).tree);
            ADD_FAILURE() << format(what.diagnostics[0], source);
        }
    }
    // Otherwise the productions say nothing.
    EXPECT_GT(counts.values, kExpressions / 3);
    EXPECT_GT(counts.errors, kExpressions / 20);
}

TEST_F(Properties, OfArbitraryExpressions) {
    Generator generator(new_seed(), 12);
    Counts counts;
    constexpr std::size_t kExpressions = 3000;
    for (std::size_t i = 0; i < kExpressions && !HasFailure(); ++i) {
        const auto source = generator.expression(generator.any_type(), 1 + static_cast<int>(i % 4));
        SCOPED_TRACE(source);
        holds(source, counts);
    }
    EXPECT_GT(counts.checked, kExpressions / 4);
    EXPECT_LT(counts.checked, kExpressions);
}

// Which of two errors is given depends on the order; whether there is a value, and which, does not.
TEST_F(Properties, LogicCommutes) {
    Generator generator(new_seed(), 0);
    std::size_t values = 0;
    for (std::size_t i = 0; i < 500 && !HasFailure(); ++i) {
        const auto a = generator.expression("bool", 2), b = generator.expression("bool", 2);
        const auto outcome = [&](const std::string &source) {
            const auto value = evaluated(compiled(checked(parse(source).tree))).value;
            return value.starts_with("error") ? "error" : value;
        };
        for (const auto *op : {" && ", " || "}) {
            SCOPED_TRACE(a + op + b);
            const auto value = outcome(a + op + b);
            EXPECT_EQ(value, outcome(b + op + a));
            values += value != "error";
        }
    }
    EXPECT_GT(values, 300u);
}

// What is no expression is refused with a place inside the text, and what is one prints and parses again.
TEST_F(Properties, OfDamagedText) {
    Generator generator(new_seed(), 0);
    constexpr std::string_view kPieces[] = {"(", ")",  "[",  "]",    "{",   "}",    "'",   "\"",
                                            ".", "?",  ",",  "&&",   "!",   "-",    "0",   "1u",
                                            "x", "in", "\\", "\xff", "\0x", "null", "b''", " "};
    std::size_t refused = 0;
    for (std::size_t i = 0; i < 3000 && !HasFailure(); ++i) {
        auto source = generator.expression(generator.any_type(), 2);
        for (auto n = generator.below(3); n < 3; ++n)
            source.replace(generator.below(source.size() + 1), generator.below(3),
                           kPieces[generator.below(std::size(kPieces))]);
        SCOPED_TRACE(source);
        const auto parsed = parse(source);
        if (!parsed) {
            ++refused;
            EXPECT_NE(parsed.diagnostic.code, Code::none);
            EXPECT_LE(parsed.diagnostic.span.begin, parsed.diagnostic.span.end);
            EXPECT_LE(parsed.diagnostic.span.end, source.size());
            EXPECT_FALSE(parsed.diagnostic.message.empty());
            EXPECT_FALSE(format(parsed.diagnostic, source).empty());
            continue;
        }
        const auto printed = unparse(parsed.tree);
        const auto again = parse(printed);
        ASSERT_TRUE(again) << printed;
        EXPECT_TRUE(sample::same_tree(parsed.tree, parsed.tree.root, again.tree, again.tree.root)) << printed;
    }
    EXPECT_GT(refused, 1000u);
}

}  // namespace
}  // namespace kith::expr
