#include "base/text.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include <utf8proc.h>

namespace kith::base {
namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080;

// Below U+0300 no character combines and all are their own NFC: true of most Latin names.
bool is_below_combining(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0xCC; });
}

Error bad_text() { return fail(Status::argument, "text is not valid UTF-8: convert it to UTF-8 first"); }

Result<std::string> map(std::string_view text, int options) {
    utf8proc_uint8_t *out = nullptr;
    const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t *>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &out,
                                   static_cast<utf8proc_option_t>(options));
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(out, &std::free);
    if (size == UTF8PROC_ERROR_NOMEM) throw std::bad_alloc();
    if (size == UTF8PROC_ERROR_OVERFLOW) return fail(Status::limit, "text too long: shorten it");
    if (size < 0) return bad_text();
    return std::string(reinterpret_cast<const char *>(out), static_cast<std::size_t>(size));
}

Result<std::string> folded_with(std::string_view text, int options) {
    if (is_ascii(text)) {
        std::string folded(text);
        for (char &c : folded) {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
        }
        return folded;
    }
    if (!valid_utf8(text)) return bad_text();
    return map(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD | options);
}

constexpr bool is_ascii_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// White space that NFKC leaves: the ASCII characters, and these (next line, Ogham, separators).
constexpr std::string_view kOtherSpaces[] = {"\xC2\x85", "\xE1\x9A\x80", "\xE2\x80\xA8", "\xE2\x80\xA9"};

std::size_t space_at_start(std::string_view text) {
    if (!text.empty() && is_ascii_space(text.front())) return 1;
    for (const auto space : kOtherSpaces) {
        if (text.starts_with(space)) return space.size();
    }
    return 0;
}

std::size_t space_at_end(std::string_view text) {
    if (!text.empty() && is_ascii_space(text.back())) return 1;
    for (const auto space : kOtherSpaces) {
        if (text.ends_with(space)) return space.size();
    }
    return 0;
}

std::string_view trimmed(std::string_view text) {
    while (const auto size = space_at_start(text)) text.remove_prefix(size);
    while (const auto size = space_at_end(text)) text.remove_suffix(size);
    return text;
}

std::string phone_of(std::string_view folded) {
    std::string phone;
    for (const char c : folded) {
        if ((c >= '0' && c <= '9') || (c == '+' && phone.empty())) phone += c;
    }
    if (phone.starts_with("00")) phone.replace(0, 2, "+");
    if (phone == "+") phone.clear();
    return phone;
}

std::string without_separators(std::string_view folded) {
    std::string code;
    code.reserve(folded.size());
    while (!folded.empty()) {
        if (const auto size = space_at_start(folded)) {
            folded.remove_prefix(size);
            continue;
        }
        if (const char c = folded.front(); c != '-' && c != '.' && c != '/') code += c;
        folded.remove_prefix(1);
    }
    return code;
}

}  // namespace

bool is_ascii(std::string_view text) {
    const char *next = text.data();
    std::size_t left = text.size();
    std::uint64_t seen = 0;
    for (; left >= 8; left -= 8, next += 8) {
        std::uint64_t word;
        std::memcpy(&word, next, sizeof word);
        seen |= word;
    }
    for (; left > 0; --left, ++next) seen |= static_cast<unsigned char>(*next);
    return (seen & kHighBits) == 0;
}

bool valid_utf8(std::string_view text) {
    if (is_ascii(text)) return true;
    const auto *next = reinterpret_cast<const unsigned char *>(text.data());
    const auto *const end = next + text.size();
    while (next != end) {
        const unsigned lead = *next++;
        if (lead < 0x80) continue;
        if (lead < 0xC2 || lead > 0xF4) return false;
        const std::ptrdiff_t rest = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
        if (end - next < rest) return false;
        // The second byte decides what is overlong, a surrogate, or beyond U+10FFFF.
        const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (*next < low || *next > high) return false;
        for (std::ptrdiff_t i = 1; i < rest; ++i) {
            if ((next[i] & 0xC0) != 0x80) return false;
        }
        next += rest;
    }
    return true;
}

Result<std::string> to_nfc(std::string_view text) {
    if (!valid_utf8(text)) return bad_text();
    if (is_below_combining(text)) return std::string(text);
    return map(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

Result<std::string> fold(std::string_view text) {
    KITH_LET(folded, folded_with(text, UTF8PROC_COMPAT));
    return std::string(trimmed(folded));
}

Result<std::string> fold_case(std::string_view text) { return folded_with(text, 0); }

Result<std::string> normalise_identifier(std::string_view kind, std::string_view value) {
    KITH_LET(normal, fold(value));
    if (kind == "phone") {
        normal = phone_of(normal);
    } else if (kind != "email") {
        normal = without_separators(normal);
    }
    if (normal.empty())
        return fail(Status::argument, "empty identifier: give it a value with letters or digits");
    return normal;
}

std::string_view truncate(std::string_view text, std::size_t size_max) {
    if (text.size() <= size_max) return text;
    while (size_max > 0 && (static_cast<unsigned char>(text[size_max]) & 0xC0) == 0x80) --size_max;
    return text.substr(0, size_max);
}

const char *unicode_version() { return utf8proc_unicode_version(); }

}  // namespace kith::base
