// Goal: tokens are those of the language, literals have their exact values, and what is no token says what
// to write instead.
// Method: tokens of texts written out; every escape; slips with their place and hint.
#include "expr/lexer.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "expr/parse.hpp"

namespace kith::expr {
namespace {

std::vector<TokenKind> kinds(std::string_view source) {
    std::vector<TokenKind> all;
    Lexer lexer(source);
    do all.push_back(lexer.next().kind);
    while (all.back() != TokenKind::end && all.back() != TokenKind::error);
    return all;
}

// The only literal of a text.
Value value_of(const Parsed &parsed) {
    return parsed && parsed.tree[parsed.tree.root].kind == NodeKind::literal
               ? parsed.tree[parsed.tree.root].value
               : fail(Code::parse, "no literal");
}

TEST(Lexer, Tokens) {
    using enum TokenKind;
    EXPECT_EQ(kinds(""), (std::vector{end}));
    EXPECT_EQ(kinds(" \t\r\n\f// a == b\n//"), (std::vector{end}));
    EXPECT_EQ(kinds("a.?b[0]"),
              (std::vector{name, dot, question, name, left_bracket, integer, right_bracket, end}));
    EXPECT_EQ(kinds("==!=<=>=&&||<>!"), (std::vector{equal, not_equal, less_equal, greater_equal, both,
                                                     either, less, greater, exclamation, end}));
    EXPECT_EQ(kinds("+-*/%(){},:"), (std::vector{plus, minus, star, slash, percent, left_paren, right_paren,
                                                 left_brace, right_brace, comma, colon, end}));
    EXPECT_EQ(kinds("true false null in inn _in"), (std::vector{true_, false_, null, in, name, name, end}));
    EXPECT_EQ(
        kinds("1 0x1F 1u 0xfU 1.5 .5 1e3 1.5E-3 1.e5"),
        (std::vector{integer, integer, uinteger, uinteger, real, real, real, real, integer, dot, name, end}));
    EXPECT_EQ(kinds("1in[1]0x"),
              (std::vector{integer, in, left_bracket, integer, right_bracket, integer, name, end}));
    EXPECT_EQ(kinds("'a' \"\" r'\\' b'x' Br\"\" ''' ' '' ''' b r rb"),
              (std::vector{string, string, string, bytes, bytes, string, name, name, name, end}));
    EXPECT_EQ(kinds("`a-b/c d.e_1`"), (std::vector{quoted, end}));
    EXPECT_EQ(kinds("rb''"), (std::vector{name, string, end}));
}

TEST(Lexer, TokensStandWhereTheyAre) {
    Lexer lexer(" ab // c\n 'd'");
    auto token = lexer.next();
    EXPECT_EQ(token.span.begin, 1u);
    EXPECT_EQ(token.span.end, 3u);
    EXPECT_EQ(token.text, "ab");
    token = lexer.next();
    EXPECT_EQ(token.span.begin, 10u);
    EXPECT_EQ(token.span.end, 13u);
}

TEST(Lexer, Texts) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {R"('\a\b\f\n\r\t\v\\\?\"\'\`')", "\a\b\f\n\r\t\v\\?\"'`"},
        {R"("\x41\X4a\101\u0041\U00000041")", "AJAAA"},
        {R"('\xff\377')", "\xC3\xBF\xC3\xBF"},
        {R"('\u20ac\U0001F601')", "\xE2\x82\xAC\xF0\x9F\x98\x81"},
        {R"('\ud7ff\ue000\U0010ffff')", "\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF"},
        {R"(r'\n\x')", "\\n\\x"},
        {R"(R"a'b")", "a'b"},
        {"'''a\r\nb\rc\nd'''", "a\nb\nc\nd"},
        {"r\"\"\"a\"\"b\\\"\"\"", "a\"\"b\\"},
        {"\"\"\"\"a\"\"\"", "\"a"},
        {"''", ""},
        {"''''''", ""},
    };
    for (const auto &[source, text] : cases) {
        const auto parsed = parse(source);
        const auto value = value_of(parsed);
        ASSERT_TRUE(value.is(Kind::string)) << source;
        EXPECT_EQ(value.view(), text) << source;
    }
    const auto parsed = parse(std::string_view("'a\0b'", 5));
    EXPECT_EQ(value_of(parsed).view(), std::string_view("a\0b", 3));
}

TEST(Lexer, Bytes) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {R"(b'\xff\377A')",
         "\xff\xff"
         "A"},
        {R"(B"\n\'")", "\n'"},
        {"b'\xC3\xA9'", "\xC3\xA9"},
        {R"(br'\xff')", "\\xff"},
        {"bR'''\r\n'''", "\n"},
    };
    for (const auto &[source, text] : cases) {
        const auto parsed = parse(source);
        const auto value = value_of(parsed);
        ASSERT_TRUE(value.is(Kind::bytes)) << source;
        EXPECT_EQ(value.view(), text) << source;
    }
}

TEST(Lexer, Numbers) {
    const auto int_of = [](std::string_view source) {
        const auto value = value_of(parse(source));
        EXPECT_TRUE(value.is(Kind::int_)) << source;
        return value.i;
    };
    EXPECT_EQ(int_of("007"), 7);
    EXPECT_EQ(int_of("0x7FFFFFFFFFFFFFFF"), INT64_MAX);
    EXPECT_EQ(int_of("9223372036854775807"), INT64_MAX);
    EXPECT_EQ(int_of("-9223372036854775808"), INT64_MIN);
    EXPECT_EQ(int_of("- 0x8000000000000000"), INT64_MIN);
    EXPECT_EQ(int_of("-0"), 0);
    EXPECT_EQ(value_of(parse("18446744073709551615u")).u, UINT64_MAX);
    EXPECT_EQ(value_of(parse("0xFFFFFFFFFFFFFFFFu")).u, UINT64_MAX);
    const auto double_of = [](std::string_view source) {
        const auto value = value_of(parse(source));
        EXPECT_TRUE(value.is(Kind::double_)) << source;
        return value.d;
    };
    EXPECT_EQ(double_of(".5"), 0.5);
    EXPECT_EQ(double_of("-1.5e-3"), -0.0015);
    EXPECT_EQ(double_of("1E3"), 1000);
    EXPECT_EQ(double_of("1.7976931348623157e308"), 1.7976931348623157e308);
    EXPECT_EQ(double_of("4.9e-324"), 5e-324);
    EXPECT_EQ(double_of("1e-400"), 0);
    EXPECT_EQ(double_of("0.0001e-99999999999999999999"), 0);
    EXPECT_EQ(double_of("0e99999999999999999999"), 0);
    EXPECT_TRUE(std::signbit(double_of("-0.0")));
    for (const auto *source :
         {"9223372036854775808", "-9223372036854775809", "0x8000000000000000", "18446744073709551616u",
          "0xFFFFFFFFFFFFFFFFF", "1e309", "1.99e90000009", "-1e309", "100000e99999999999999999999"}) {
        const auto parsed = parse(source);
        EXPECT_FALSE(parsed) << source;
        EXPECT_EQ(parsed.diagnostic.message, "the number is too large") << source;
    }
}

// The place is the offending text; the hint is what to write.
TEST(Lexer, Slips) {
    struct Case {
        std::string_view source, at, hint;
    };
    const Case cases[] = {
        {"a = 1", "=", "write == to compare"},
        {"a => 1", "=>", "write >="},
        {"a =< 1", "=<", "write <="},
        {"a === 1", "===", "write =="},
        {"a !== 1", "!==", "write !="},
        {"a & b", "&", "write && for 'and'"},
        {"a | b", "|", "write || for 'or'"},
        {"a;", ";", "leave it out"},
        {"a # b", "#", "write // before a comment"},
        {"a == \xE2\x80\x9Cx\xE2\x80\x9D", "\xE2\x80\x9C", "write ' or \""},
        {"a == \xE2\x80\x98x\xE2\x80\x99", "\xE2\x80\x98", "write ' or \""},
        {"a\xC2\xA0+ b", "\xC2\xA0", "write a plain space"},
        {"a \xE2\x88\x92 b", "\xE2\x88\x92", "write -"},
        {"a \xE2\x89\xA5 b", "\xE2\x89\xA5", "write >="},
        {"a + \xF0\x9F\x98\x81", "\xF0\x9F\x98\x81", ""},
        {"a $ b", "$", ""},
        {"'a", "'a", "close it with the quote it began with"},
        {"'''a'", "'''a'", "close it with the quote it began with"},
        {"'a\\'", "'a\\'", "close it with the quote it began with"},
        {"'a\n' + b", "'a", "close it with the quote it began with; write \\n for a line break"},
        {"'\\d'", "\\d", "write \\\\ for a backslash, or r'...'"},
        {"'\\\xC3\xA9'", "\\\xC3\xA9", "write \\\\ for a backslash, or r'...'"},
        {"'a\\400'", "\\4", "write \\\\ for a backslash, or r'...'"},
        {"'\\x4'", "\\x", "write \\x41, \\101, \\u0041 or \\U00000041"},
        {"'\\19'", "\\1", "write \\x41, \\101, \\u0041 or \\U00000041"},
        {"'\\udead'", "\\udead", "a code point is at most 10FFFF, without D800 to DFFF"},
        {"'\\U00110000'", "\\U00110000", "a code point is at most 10FFFF, without D800 to DFFF"},
        {"b'\\u0041'", "\\u", "write the octets, as \\xE2\\x82"},
        {"a.`$b`", "`$b`", "letters, digits, spaces and _ . - / can; write a['...'] for other keys"},
        {"a.``", "``", "letters, digits, spaces and _ . - / can; write a['...'] for other keys"},
        {"a.`b", "`", "close it with `"},
    };
    for (const auto &each : cases) {
        const auto parsed = parse(each.source);
        ASSERT_FALSE(parsed) << each.source;
        const auto &diagnostic = parsed.diagnostic;
        EXPECT_EQ(diagnostic.code, Code::parse) << each.source;
        EXPECT_EQ(each.source.substr(diagnostic.span.begin, diagnostic.span.end - diagnostic.span.begin),
                  each.at)
            << each.source;
        EXPECT_EQ(diagnostic.hint, each.hint) << each.source;
    }
}

TEST(Diagnostic, PositionsCountCodePoints) {
    const std::string_view source = "a\n\xC3\xA9\xF0\x9F\x98\x81 b";
    EXPECT_EQ(position_of(source, 0).line, 1u);
    EXPECT_EQ(position_of(source, 0).column, 1u);
    EXPECT_EQ(position_of(source, 9).line, 2u);
    EXPECT_EQ(position_of(source, 9).column, 4u);
    EXPECT_EQ(position_of(source, 1000).line, 2u);
}

TEST(Diagnostic, Format) {
    EXPECT_EQ(format({Code::undeclared, {3, 11}, "there is no 'frequncy'", "did you mean 'frequency'?"},
                     "a\n+frequncy + 1"),
              "2:2: undeclared: there is no 'frequncy'; did you mean 'frequency'? [frequncy]");
    EXPECT_EQ(format({Code::parse, {1, 1}, "more is expected", ""}, "a"), "1:2: parse: more is expected");
    EXPECT_EQ(format({Code::type, {0, 7}, "no bool", ""}, "a\n  + b"), "1:1: type: no bool [a...]");
    EXPECT_EQ(format({Code::type, {0, 60}, "no bool", ""}, std::string(60, 'x')),
              "1:1: type: no bool [" + std::string(40, 'x') + "...]");
    EXPECT_EQ(format({Code::type, {5, 900}, "no bool", ""}, "a"), "1:2: type: no bool");
    EXPECT_STREQ(code_name(Code::none), "none");
    EXPECT_STREQ(code_name(Code::key_type), "key_type");
    EXPECT_STREQ(code_name(Code::host), "host");
    EXPECT_STREQ(code_name(static_cast<Code>(999)), "unknown");
}

}  // namespace
}  // namespace kith::expr
