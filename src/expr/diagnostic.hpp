// What can be wrong with an expression, when it is written and when it is evaluated.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kith::expr {

// Stable codes. Texts may change, codes do not.
enum class Code : std::uint16_t {
    none = 0,
    parse,        // the text is not CEL
    undeclared,   // no variable, field type or function of this name
    no_overload,  // a function or operator does not take these types
    no_field,     // the record type has no such field
    no_key,       // the map has no such key
    index,        // outside the list or text
    div_zero,
    overflow,  // of an integer, an amount, a time or a duration
    range,     // an argument outside what the function takes
    convert,   // a value that the target type cannot hold
    utf8,
    regex,
    key_type,  // of a map
    dup_key,
    tz,
    cost,    // the budget of units is used up, or the static cost is too high
    memory,  // the budget of bytes is used up
    depth,
    size,      // the text or its tree is too large
    type,      // the result is not of the type wanted
    currency,  // money of different currencies
    absent,  // a value that is not known (ratio to zero, average of nothing): design/definitions "unknown is
             // not zero"
    host,    // what the binding reports
};

const char *code_name(Code code);  // "no_overload"

// Bytes [begin, end) of the source.
struct Span {
    std::uint32_t begin = 0, end = 0;
};

struct Diagnostic {
    Code code = Code::none;
    Span span;
    std::string message;  // one line
    std::string hint;     // what to write instead; may be empty
};

// 1-based; columns count code points.
struct Position {
    std::uint32_t line = 1, column = 1;
};
Position position_of(std::string_view source, std::uint32_t offset);

// "3:14: undeclared: there is no 'frequncy'; did you mean 'frequency'? [frequncy]"
std::string format(const Diagnostic &diagnostic, std::string_view source);

}  // namespace kith::expr
