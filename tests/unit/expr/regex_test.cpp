// Goal: regular expressions match, extract and replace as the regex extension says, in bounded time.
// Method: its examples; random texts against matches found one by one with std::regex; hostile patterns;
// charges against the static bound.
#include "calling.hpp"

#include "expr/extent.hpp"

#include <random>
#include <regex>

#include <gtest/gtest.h>

namespace kith::expr {
namespace {

struct Regex : ::testing::Test {
    Calling c{{regex_functions()}};
    Value t(std::string_view s) { return c.text(s); }
    std::string call(std::string_view name, const std::vector<Value> &args) { return c.shown(name, args); }
};

TEST_F(Regex, Matches) {
    EXPECT_EQ(call("matches", {t(""), t("foo|bar")}), "false");
    EXPECT_EQ(call("matches", {t("cows"), t("")}), "true");
    EXPECT_EQ(call("matches", {t("abcd"), t("bc")}), "true");
    EXPECT_EQ(call("matches", {t("abcd"), t("^bc")}), "false");
    EXPECT_EQ(call("matches", {t("mañana"), t("a+ñ+a+")}), "true");
    EXPECT_EQ(call("matches", {t("🐱😀😀"), t("(a|😀){2}")}), "true");
    EXPECT_EQ(call("matches", {t("a\nb"), t("a.b")}), "false");
    EXPECT_EQ(call("matches", {t("ab"), t("(?P<x>a)\\w")}), "true");
    for (const auto *bad : {"(", "[", "a**", "\\", "(?=a)", "(a)\\1", "a{2,1}"}) {
        EXPECT_EQ(call("matches", {t("a"), t(bad)}), "!regex") << bad;
        EXPECT_EQ(call("matches", {t("a"), t(bad)}), "!regex") << "and again, when kept";
    }
    EXPECT_EQ(call("matches", {t("a"), of_int(1)}), "!no_overload");
}

TEST_F(Regex, Extract) {
    EXPECT_EQ(call("regex.extract", {t("hello world"), t("hello(.*)")}), "optional(\" world\")");
    EXPECT_EQ(call("regex.extract", {t("item-A, item-B"), t("item-(\\w+)")}), "optional(\"A\")");
    EXPECT_EQ(call("regex.extract", {t("HELLO"), t("hello")}), "none");
    EXPECT_EQ(call("regex.extract", {t("testuser@testdomain"), t("(.*)@([^.]*)")}), "!regex");
    EXPECT_EQ(call("regex.extract", {t("ab"), t("a(x?)b")}), "none") << "an empty group";
    EXPECT_EQ(call("regex.extract", {t("ab"), t("x*")}), "optional(\"\")");
    EXPECT_EQ(call("regex.extractAll", {t("id:123, id:456"), t("id:\\d+")}), R"(["id:123", "id:456"])");
    EXPECT_EQ(call("regex.extractAll", {t("id:123, id:456"), t("id:(\\d+)")}), R"(["123", "456"])");
    EXPECT_EQ(call("regex.extractAll", {t("id:123, id:456"), t("assa")}), "[]");
    EXPECT_EQ(call("regex.extractAll", {t("testuser@testdomain"), t("(.*)@([^.]*)")}), "!regex");
    EXPECT_EQ(call("regex.extractAll", {t("baaac"), t("a*")}), R"(["", "aaa", ""])") << "as Go finds them";
    EXPECT_EQ(call("regex.extractAll", {t("a€b"), t("")}), R"(["", "", "", ""])");
    EXPECT_EQ(call("regex.extractAll", {t("a1b22"), t("\\b|\\d+")}), R"(["", "1", "22"])");
}

TEST_F(Regex, Replace) {
    const auto replace = [&](std::string_view a, std::string_view b, std::string_view r) {
        return call("regex.replace", {t(a), t(b), t(r)});
    };
    EXPECT_EQ(replace("hello world hello", "hello", "hi"), "\"hi world hi\"");
    EXPECT_EQ(replace("foo bar", "(fo)o (ba)r", R"(\2 \1)"), "\"ba fo\"");
    EXPECT_EQ(replace("foo", "(f)|(x)", R"([\0\1\2\\])"), R"("[ff\]oo")");
    EXPECT_EQ(replace("abc", "", "-"), "\"-a-b-c-\"");
    EXPECT_EQ(replace("test", "(.)", R"(\2)"), "!regex");
    EXPECT_EQ(replace("foo bar", "(", "$2 $1"), "!regex");
    EXPECT_EQ(replace("id=123", R"(id=(?P<value>\d+))", R"(value: \values)"), "!regex");
    EXPECT_EQ(replace("abc", "b", "\\"), "!regex");
    EXPECT_EQ(replace("abc", "x", "\\"), "\"abc\"") << "looked at only where it is used";
    EXPECT_EQ(replace("foo", "o", "$0"), "\"f$0$0\"");
    const auto count = [&](std::int64_t n) {
        return call("regex.replace", {t("banana"), t("a"), t("x"), of_int(n)});
    };
    EXPECT_EQ(count(0), "\"banana\"");
    EXPECT_EQ(count(1), "\"bxnana\"");
    EXPECT_EQ(count(2), "\"bxnxna\"");
    EXPECT_EQ(count(100), "\"bxnxnx\"");
    EXPECT_EQ(count(-12), "\"bxnxnx\"");
}

// std::regex has leftmost-first alternatives as RE2 does, for patterns without loops that match nothing.
TEST_F(Regex, AgainstAnotherEngine) {
    constexpr unsigned kSeed = 20260602;
    SCOPED_TRACE(kSeed);
    std::mt19937 random(kSeed);
    for (int round = 0; round < 400; ++round) {
        static const char *const kAtoms[] = {"a",  "b",   "ab",   "[ab]",      "(?:a|bb)",
                                             "b+", "a?b", "a{2}", "(?:ab|a)c?"};
        std::string pattern, text;
        for (auto n = 1 + random() % 3; n > 0; --n) pattern += kAtoms[random() % std::size(kAtoms)];
        if (random() % 2) pattern += std::string("|") + kAtoms[random() % std::size(kAtoms)];
        for (auto n = random() % 30; n > 0; --n) text += "abc"[random() % 3];
        const std::regex other(pattern);
        std::vector<Value> wanted;
        for (std::sregex_iterator i(text.begin(), text.end(), other), end; i != end; ++i)
            wanted.push_back(t(i->str()));
        const std::vector<Value> args = {t(text), t(pattern)};
        ASSERT_EQ(call("regex.extractAll", args), c.show(c.list(wanted))) << pattern << " in " << text;
        ASSERT_EQ(c.call("matches", args).i != 0, !wanted.empty()) << pattern << " in " << text;
        ASSERT_EQ(c.call("regex.replace", {args[0], args[1], t("<\\0>")}).view(),
                  std::regex_replace(text, other, "<$&>"));
        c.memory.clear();
    }
}

TEST_F(Regex, Limits) {
    EXPECT_EQ(call("matches", {t("a"), t(std::string(kRegexMax, 'a'))}), "false");
    EXPECT_EQ(call("matches", {t("a"), t(std::string(kRegexMax + 1, 'a'))}), "!regex");
    // Repetitions are counted written out: pattern + 128 characters.
    EXPECT_EQ(call("matches", {t("a"), t("a{134}")}), "false");
    for (const auto *large :
         {"a{135}", "(a|b)*a(a|b){200}", "(a{1,100}){1,10}b", "(\\w+\\s*){100}x", "((a|b|c|d){30}){30}",
          "x{1000}", "(?:a{2,}){90}", "(?i)\\pL{10}", "([^\\p{L}a]x){5}", "(?P<n>ab){99}"}) {
        EXPECT_EQ(call("matches", {t("a"), t(large)}), "!regex") << large;
    }
    for (const auto *fair :
         {"\\d{1,64}", "^[a-z0-9.-]{1,128}$", "^\\p{Lu}\\p{L}* \\p{Lu}\\p{L}*$", "a{,1000}", "[{]{5}",
          "\\x{1F600}", "[[:alpha:]{200}]", "(?i)(?:ab){20}", "\\{1000}"}) {
        EXPECT_NE(call("matches", {t("a"), t(fair)}), "!regex") << fair;
    }
    const std::string text(16'000, 'a');
    for (const auto *slow : {"(a+a+)+b", "(a|a)*b", "(.*a){9}b", "(a?){60}a{60}b", "(a|b)*a(a|b){60}c"}) {
        EXPECT_EQ(call("matches", {t(text), t(slow)}), "false") << slow;
        EXPECT_EQ(c.cost, 16'016 * (std::string(slow).size() + 64) / 16 + std::string(slow).size() * 4);
    }
}

// An evaluation cannot keep building patterns, and says so at the same one whatever was kept before.
TEST_F(Regex, DifferentPatternsOfAnEvaluation) {
    for (int run = 0; run < 2; ++run) {
        Call evaluation(c.memory, c.patterns, c.moment, nullptr, kBudget);
        const auto matches = c.find("matches", {t(""), t("")})->function;
        for (std::uint32_t i = 0; i <= kPatternsMax; ++i) {
            const Value args[] = {t("a7"), t("a" + std::to_string(i))};
            const auto result = matches(evaluation, args, 2);
            if (i == kPatternsMax) {
                EXPECT_EQ(c.show(result), "!regex");
            } else {
                EXPECT_EQ(c.show(result), i == 7 ? "true" : "false");
                EXPECT_EQ(c.show(matches(evaluation, args, 2)), c.show(result))
                    << "the same one again is free";
            }
        }
    }
}

TEST_F(Regex, ChargesNeverExceedTheirBound) {
    Types types;
    Library library;
    library.add(regex_functions());
    for (const auto name : library.names()) {
        for (const auto &signature : library.find(name)) {
            for (const auto size : {0u, 1u, 15u, 100u, 1000u}) {
                for (const auto *pattern : {"", "a", "a*", "(a|b)", "a.*b|a", "ba?"}) {
                    for (const auto third : {0u, 2u, 40u}) {
                        std::vector<Value> args = {t(std::string(size, 'a')), t(pattern),
                                                   t(std::string(third, 'x')), of_int(500)};
                        args.resize(signature.params.size());
                        std::vector<Extent> extents;
                        for (const auto &arg : args) extents.push_back(extent_of(arg));
                        c.memory.clear();
                        const auto result = c.call(name, args);
                        EXPECT_LE(c.cost, cost_of(signature.overload->work, extents))
                            << name << size << pattern;
                        if (result.failed()) continue;
                        const auto bound = result_of(signature.overload->growth, extents, signature.result);
                        EXPECT_LE(extent_of(result).size, bound.size) << name << size << pattern;
                        EXPECT_LE(extent_of(result).deep, bound.deep) << name << size << pattern;
                    }
                }
            }
        }
    }
    Calling poor({regex_functions()}, 100);
    EXPECT_EQ(poor.shown("matches", {t(std::string(1000, 'a')), t("a")}), "!cost");
    EXPECT_EQ(poor.shown("regex.extractAll", {t(std::string(100, 'a')), t("")}), "!cost");
    EXPECT_EQ(poor.shown("regex.replace", {t(std::string(100, 'a')), t(""), t("")}), "!cost");
}

}  // namespace
}  // namespace kith::expr
