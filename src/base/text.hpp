// Text: validity, normal forms, and the forms in which identifiers are compared (utf8proc).
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace kith::base {

bool is_ascii(std::string_view text);
bool valid_utf8(std::string_view text);  // RFC 3629: no surrogates, nothing overlong

// NFC, as stored. Text that is ASCII comes back as it is.
Result<std::string> to_nfc(std::string_view text);

// NFKC with case folding and white space trimmed: the form in which keys are compared.
Result<std::string> fold(std::string_view text);

// Full case folding (CaseFolding.txt, C and F: "Straße" is "strasse"), in NFC; nothing else changes.
Result<std::string> fold_case(std::string_view text);

// The form in which an identifier of a kind is compared: email folded; phone digits with a leading
// "+" ("00" becomes "+"), other kinds folded without spaces and "-./" between their characters.
// Status::argument when nothing is left.
Result<std::string> normalise_identifier(std::string_view kind, std::string_view value);

// The first bytes of text that fit in `size_max`, cut between characters.
std::string_view truncate(std::string_view text, std::size_t size_max);

// A number that is all of the text, as std::from_chars reads it.
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failed == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// The version of the Unicode tables in use.
const char *unicode_version();

}  // namespace kith::base
