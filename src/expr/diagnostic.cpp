#include "expr/diagnostic.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace kith::expr {
namespace {

constexpr std::size_t kShownMax = 40;  // bytes of the source repeated in a message

constexpr const char *kCodeNames[] = {
    "none",     "parse",  "undeclared", "no_overload", "no_field", "no_key",   "index",   "div_zero",
    "overflow", "range",  "convert",    "utf8",        "regex",    "key_type", "dup_key", "tz",
    "cost",     "memory", "depth",      "size",        "type",     "currency", "absent",  "host",
};
static_assert(std::size(kCodeNames) == static_cast<std::size_t>(Code::host) + 1);

}  // namespace

const char *code_name(Code code) {
    const auto number = static_cast<std::size_t>(code);
    return number < std::size(kCodeNames) ? kCodeNames[number] : "unknown";
}

Position position_of(std::string_view source, std::uint32_t offset) {
    Position position;
    for (const char c : source.substr(0, offset)) {
        if (c == '\n') {
            ++position.line;
            position.column = 1;
        } else if ((c & 0xC0) != 0x80) {
            ++position.column;
        }
    }
    return position;
}

std::string format(const Diagnostic &diagnostic, std::string_view source) {
    const auto begin = std::min<std::size_t>(diagnostic.span.begin, source.size());
    const auto at = position_of(source, static_cast<std::uint32_t>(begin));
    auto text = std::to_string(at.line) + ":" + std::to_string(at.column) + ": " +
                code_name(diagnostic.code) + ": " + diagnostic.message;
    if (!diagnostic.hint.empty()) text += "; " + diagnostic.hint;

    // Of the offending text no more than a piece of its first line.
    const auto whole =
        diagnostic.span.end > begin ? source.substr(begin, diagnostic.span.end - begin) : std::string_view();
    auto shown = whole.substr(0, whole.find_first_of("\r\n"));
    if (shown.empty() || !base::valid_utf8(shown)) return text;
    shown = base::truncate(shown, kShownMax);
    text += " [";
    for (const char c : shown) text += static_cast<unsigned char>(c) < ' ' || c == 0x7F ? '?' : c;
    return text + (shown.size() < whole.size() ? "...]" : "]");
}

}  // namespace kith::expr
