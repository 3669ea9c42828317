// Text to tokens.
#pragma once

#include "expr/diagnostic.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace kith::expr {

enum class TokenKind : std::uint8_t {
    end,
    error,   // Token::slip says what is wrong
    name,    // reserved words too
    quoted,  // `name`
    integer,
    uinteger,
    real,
    string,
    bytes,
    true_,
    false_,
    null,
    in,
    dot,
    comma,
    colon,
    question,
    left_paren,
    right_paren,
    left_bracket,
    right_bracket,
    left_brace,
    right_brace,
    plus,
    minus,
    star,
    slash,
    percent,
    exclamation,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    both,
    either,
};

// What is wrong with a token, and what to write instead.
struct Slip {
    const char *message = nullptr;
    const char *hint = "";
};

struct Token {
    TokenKind kind = TokenKind::end;
    Span span;
    std::string_view text;  // as written
    Slip slip;
};

// Reads one token after the other. Cheap to copy, to look ahead. The source is valid UTF-8 and outlives it.
class Lexer {
public:
    explicit Lexer(std::string_view source) : source_(source) {}
    Token next();

private:
    char at(std::size_t ahead) const { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; }
    void skip_space();
    Token token(TokenKind kind, std::size_t size);
    Token wrong(std::size_t size, const char *message, const char *hint = "");
    Token number();
    Token string(std::size_t prefix, bool raw, bool bytes);
    Token quoted();
    Token unknown();

    std::string_view source_;
    std::size_t at_ = 0;
};

// The value of a string or bytes token; false where an escape is wrong, which `slip` and `where` tell.
bool unescape(const Token &token, std::string &out, Slip &slip, Span &where);

bool is_name(std::string_view text);      // [_a-zA-Z][_a-zA-Z0-9]*, and none of: true false null in
bool is_reserved(std::string_view name);  // may be a field or method, not a variable or function
bool is_quotable(std::string_view text);  // may stand in back-ticks

}  // namespace kith::expr
