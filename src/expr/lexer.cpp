#include "expr/lexer.hpp"

#include <algorithm>
#include <iterator>

namespace kith::expr {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
constexpr int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

constexpr std::string_view kReserved[] = {
    "as",  "break", "const",   "continue",  "else",   "for", "function", "if",    "import",
    "let", "loop",  "package", "namespace", "return", "var", "void",     "while",
};

struct Keyword {
    std::string_view text;
    TokenKind kind;
};
constexpr Keyword kKeywords[] = {{"true", TokenKind::true_},
                                 {"false", TokenKind::false_},
                                 {"null", TokenKind::null},
                                 {"in", TokenKind::in}};
// Longer ones first.
constexpr Keyword kSigns[] = {
    {"==", TokenKind::equal},       {"!=", TokenKind::not_equal},
    {"<=", TokenKind::less_equal},  {">=", TokenKind::greater_equal},
    {"&&", TokenKind::both},        {"||", TokenKind::either},
    {".", TokenKind::dot},          {",", TokenKind::comma},
    {":", TokenKind::colon},        {"?", TokenKind::question},
    {"(", TokenKind::left_paren},   {")", TokenKind::right_paren},
    {"[", TokenKind::left_bracket}, {"]", TokenKind::right_bracket},
    {"{", TokenKind::left_brace},   {"}", TokenKind::right_brace},
    {"+", TokenKind::plus},         {"-", TokenKind::minus},
    {"*", TokenKind::star},         {"/", TokenKind::slash},
    {"%", TokenKind::percent},      {"!", TokenKind::exclamation},
    {"<", TokenKind::less},         {">", TokenKind::greater},
};

// Characters that are no token, and what was meant.
struct Stranger {
    std::string_view text;
    Slip slip;
};
constexpr Slip kQuote = {"this is a typographic quote", "write ' or \""};
constexpr Slip kSpace = {"this is a special space", "write a plain space"};
constexpr Slip kDash = {"this is a dash, not a minus", "write -"};
constexpr Stranger kStrangers[] = {
    {"=>", {"'=>' is no operator", "write >="}},
    {"=<", {"'=<' is no operator", "write <="}},
    {"=", {"'=' is no operator", "write == to compare"}},
    {"&", {"'&' is no operator", "write && for 'and'"}},
    {"|", {"'|' is no operator", "write || for 'or'"}},
    {";", {"an expression has no ';'", "leave it out"}},
    {"#", {"'#' starts no comment", "write // before a comment"}},
    {"\xE2\x80\x98", kQuote},
    {"\xE2\x80\x99", kQuote},
    {"\xE2\x80\x9A", kQuote},
    {"\xE2\x80\x9C", kQuote},
    {"\xE2\x80\x9D", kQuote},
    {"\xE2\x80\x9E", kQuote},
    {"\xC2\xAB", kQuote},
    {"\xC2\xBB", kQuote},
    {"\xC2\xA0", kSpace},
    {"\xE2\x80\xAF", kSpace},
    {"\xE2\x80\x8B", kSpace},
    {"\xEF\xBB\xBF", kSpace},
    {"\xE2\x80\x93", kDash},
    {"\xE2\x80\x94", kDash},
    {"\xE2\x88\x92", kDash},
    {"\xE2\x89\xA0", {"this character is no operator", "write !="}},
    {"\xE2\x89\xA4", {"this character is no operator", "write <="}},
    {"\xE2\x89\xA5", {"this character is no operator", "write >="}},
    {"\xC3\x97", {"this character is no operator", "write *"}},
};

std::size_t size_of_character(char lead) {
    const auto c = static_cast<unsigned char>(lead);
    return c < 0xC0 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

void append_utf8(std::uint32_t point, std::string &out) {
    const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((point >> shift) & 0x3F)); };
    if (point < 0x80) {
        out += static_cast<char>(point);
    } else if (point < 0x800) {
        out += static_cast<char>(0xC0 | (point >> 6));
        tail(0);
    } else if (point < 0x10000) {
        out += static_cast<char>(0xE0 | (point >> 12));
        tail(6), tail(0);
    } else {
        out += static_cast<char>(0xF0 | (point >> 18));
        tail(12), tail(6), tail(0);
    }
}

// `n` digits of base 8 or 16 as a number, or -1.
std::int64_t digits(std::string_view text, std::size_t n, int base) {
    if (text.size() < n) return -1;
    std::int64_t value = 0;
    for (const char c : text.substr(0, n)) {
        const int digit = hex_digit(c);
        if (digit < 0 || digit >= base) return -1;
        value = value * base + digit;
    }
    return value;
}

}  // namespace

bool is_reserved(std::string_view name) {
    for (const auto word : kReserved)
        if (word[0] == name[0] && word == name) return true;
    return false;
}

bool is_name(std::string_view text) {
    if (text.empty() || is_digit(text[0])) return false;
    if (!std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c); }))
        return false;
    return std::none_of(std::begin(kKeywords), std::end(kKeywords),
                        [&](const auto &keyword) { return keyword.text == text; });
}

bool is_quotable(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '/' || c == ' ';
    });
}

Token Lexer::token(TokenKind kind, std::size_t size) {
    Token token;
    token.kind = kind;
    token.span = {static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(at_ + size)};
    token.text = source_.substr(at_, size);
    at_ += size;
    return token;
}

Token Lexer::wrong(std::size_t size, const char *message, const char *hint) {
    auto wrong = token(TokenKind::error, size);
    wrong.slip = {message, hint};
    return wrong;
}

void Lexer::skip_space() {
    while (at_ < source_.size()) {
        const char c = source_[at_];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
            ++at_;
        } else if (c == '/' && at(1) == '/') {
            at_ = std::min(source_.find('\n', at_), source_.size());
        } else {
            return;
        }
    }
}

Token Lexer::next() {
    skip_space();
    if (at_ == source_.size()) return token(TokenKind::end, 0);
    const char c = source_[at_];
    if (is_digit(c) || (c == '.' && is_digit(at(1)))) return number();

    std::size_t prefix = 0;
    const bool bytes = c == 'b' || c == 'B';
    if (bytes) ++prefix;
    const bool raw = at(prefix) == 'r' || at(prefix) == 'R';
    if (raw) ++prefix;
    if (at(prefix) == '"' || at(prefix) == '\'') return string(prefix, raw, bytes);

    if (is_letter(c)) {
        std::size_t size = 1;
        while (is_letter(at(size)) || is_digit(at(size))) ++size;
        auto name = token(TokenKind::name, size);
        for (const auto &keyword : kKeywords)
            if (keyword.text[0] == c && keyword.text == name.text) name.kind = keyword.kind;
        return name;
    }
    if (c == '`') return quoted();
    const auto rest = source_.substr(at_);
    for (const auto &sign : kSigns)
        if (sign.text[0] == c && rest.starts_with(sign.text)) return token(sign.kind, sign.text.size());
    return unknown();
}

Token Lexer::number() {
    std::size_t size = 0;
    if (at(0) == '0' && at(1) == 'x' && hex_digit(at(2)) >= 0) {
        size = 3;
        while (hex_digit(at(size)) >= 0) ++size;
    } else {
        const auto pass_digits = [&] {
            while (is_digit(at(size))) ++size;
        };
        pass_digits();
        bool real = false;
        if (at(size) == '.' && is_digit(at(size + 1))) {
            real = true;
            ++size;
            pass_digits();
        }
        if (at(size) == 'e' || at(size) == 'E') {
            const std::size_t sign = at(size + 1) == '+' || at(size + 1) == '-' ? 1 : 0;
            if (is_digit(at(size + 1 + sign))) {
                real = true;
                size += 1 + sign;
                pass_digits();
            }
        }
        if (real) return token(TokenKind::real, size);
    }
    if (at(size) == 'u' || at(size) == 'U') return token(TokenKind::uinteger, size + 1);
    return token(TokenKind::integer, size);
}

Token Lexer::string(std::size_t prefix, bool raw, bool bytes) {
    const char quote = at(prefix);
    const bool triple = at(prefix + 1) == quote && at(prefix + 2) == quote;
    const std::size_t quotes = triple ? 3 : 1;
    const std::size_t left = source_.size() - at_;
    for (auto size = prefix + quotes; size < left; ++size) {
        const char c = at(size);
        if (c == quote && (!triple || (at(size + 1) == quote && at(size + 2) == quote)))
            return token(bytes ? TokenKind::bytes : TokenKind::string, size + quotes);
        if (!triple && (c == '\n' || c == '\r'))
            return wrong(size, "the text is not closed on its line",
                         "close it with the quote it began with; write \\n for a line break");
        if (c == '\\' && !raw && at(size + 1) != '\n' && at(size + 1) != '\r') ++size;
    }
    return wrong(left, "the text is not closed", "close it with the quote it began with");
}

Token Lexer::quoted() {
    const auto end = source_.find_first_of("`\n", at_ + 1);
    if (end == std::string_view::npos || source_[end] != '`')
        return wrong(1, "the quoted name is not closed", "close it with `");
    const auto size = end + 1 - at_;
    if (!is_quotable(source_.substr(at_ + 1, size - 2)))
        return wrong(size, "this cannot stand in back-ticks",
                     "letters, digits, spaces and _ . - / can; write a['...'] for other keys");
    return token(TokenKind::quoted, size);
}

Token Lexer::unknown() {
    const auto rest = source_.substr(at_);
    for (const auto &stranger : kStrangers) {
        if (!rest.starts_with(stranger.text)) continue;
        auto wrong = token(TokenKind::error, stranger.text.size());
        wrong.slip = stranger.slip;
        return wrong;
    }
    return wrong(size_of_character(rest[0]), "this character has no meaning here");
}

bool unescape(const Token &token, std::string &out, Slip &slip, Span &where) {
    out.clear();
    auto text = token.text;
    auto begin = token.span.begin;
    const bool bytes = token.kind == TokenKind::bytes;
    const auto quote = text.find_first_of("'\"");
    const bool raw = text.substr(0, quote).find_first_of("rR") != std::string_view::npos;
    text.remove_prefix(quote);
    const bool triple = text.size() >= 6 && text[1] == text[0] && text[2] == text[0];
    const std::size_t quotes = triple ? 3 : 1;
    text = text.substr(quotes, text.size() - 2 * quotes);
    begin += static_cast<std::uint32_t>(quote + quotes);

    // Message null: `size` bytes were an escape that gave `point`.
    const auto fail = [&](std::size_t at, std::size_t size, Slip why) {
        slip = why;
        size = std::max(size, size_of_character(text[at]));
        where = {begin + static_cast<std::uint32_t>(at),
                 begin + static_cast<std::uint32_t>(std::min(at + size, text.size()))};
        return false;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '\r') {  // line breaks are the same wherever the text was written
            if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
            c = '\n';
        }
        if (c != '\\' || raw) {
            out += c;
            continue;
        }
        const char kind = i + 1 < text.size() ? text[i + 1] : '\0';
        constexpr std::string_view kLetters = "abfnrtv\\?\"'`", kMeant = "\a\b\f\n\r\t\v\\?\"'`";
        if (const auto n = kLetters.find(kind); n != std::string_view::npos) {
            out += kMeant[n];
            ++i;
            continue;
        }
        std::size_t size = 0, skip = 2;
        int base = 16;
        if (kind == 'x' || kind == 'X') size = 2;
        if (kind == 'u' && !bytes) size = 4;
        if (kind == 'U' && !bytes) size = 8;
        if (kind >= '0' && kind <= '3') size = 3, skip = 1, base = 8;
        if (size == 0) {
            if (bytes && (kind == 'u' || kind == 'U'))
                return fail(i, 2, {"bytes have no \\u", "write the octets, as \\xE2\\x82"});
            const auto next = i + 1 < text.size() ? size_of_character(kind) : 0;
            return fail(i, 1 + next, {"there is no such escape", "write \\\\ for a backslash, or r'...'"});
        }
        const auto point = digits(text.substr(i + skip), size, base);
        if (point < 0)
            return fail(i, 2,
                        {"the escape has not enough digits", "write \\x41, \\101, \\u0041 or \\U00000041"});
        if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
            return fail(
                i, skip + size,
                {"there is no such character", "a code point is at most 10FFFF, without D800 to DFFF"});
        if (bytes) {
            out += static_cast<char>(point);
        } else {
            append_utf8(static_cast<std::uint32_t>(point), out);
        }
        i += skip + size - 1;
    }
    return true;
}

}  // namespace kith::expr
