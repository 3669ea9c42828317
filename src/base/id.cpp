#include "base/id.hpp"

#include <algorithm>

namespace kith::base {
namespace {

constexpr std::uint64_t kMaxMs = (std::uint64_t{1} << 48) - 1;
constexpr std::uint64_t kMaxCounter = (std::uint64_t{1} << 60) - 1;  // milliseconds and 12 random bits
constexpr std::uint64_t kMaxTail = (std::uint64_t{1} << 62) - 1;     // 62 random bits

// An id without its version and variant bits: two integers that count up.
struct Fields {
    std::uint64_t counter;
    std::uint64_t tail;
};

Fields fields_of(const Id &id) {
    const auto high = load_big64(id.bytes.data());
    const auto low = load_big64(id.bytes.data() + 8);
    return {(high >> 16 << 12) | (high & 0xfff), low & kMaxTail};
}

Id id_of(Fields fields) {
    Id id;
    store_big64(id.bytes.data(), (fields.counter >> 12 << 16) | 0x7000 | (fields.counter & 0xfff));
    store_big64(id.bytes.data() + 8, std::uint64_t{2} << 62 | fields.tail);
    return id;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

constexpr bool dash_before(std::size_t byte) { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }

}  // namespace

std::string to_text(const Id &id) {
    constexpr char kHex[] = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < id.bytes.size(); ++i) {
        if (dash_before(i)) text += '-';
        const auto byte = std::to_integer<unsigned>(id.bytes[i]);
        text += kHex[byte >> 4];
        text += kHex[byte & 15];
    }
    return text;
}

std::optional<Id> parse_id(std::string_view text) {
    if (text.size() != 36) return std::nullopt;
    Id id;
    std::size_t next = 0;
    for (std::size_t i = 0; i < id.bytes.size(); ++i) {
        if (dash_before(i) && text[next++] != '-') return std::nullopt;
        const int high = hex_value(text[next++]);
        const int low = hex_value(text[next++]);
        if (high < 0 || low < 0) return std::nullopt;
        id.bytes[i] = static_cast<std::byte>(high * 16 + low);
    }
    return id;
}

Id next_id(const Id &last, std::int64_t now_ms, const std::array<std::byte, 10> &random) {
    const auto now = std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(now_ms, 0)), kMaxMs);
    const auto before = fields_of(last);
    if (!last || now > before.counter >> 12) {
        const auto twelve =
            std::to_integer<std::uint64_t>(random[0]) << 8 | std::to_integer<std::uint64_t>(random[1]);
        return id_of({now << 12 | (twelve & 0xfff), load_big64(random.data() + 2) & kMaxTail});
    }
    const Fields after = before.tail == kMaxTail ? Fields{(before.counter + 1) & kMaxCounter, 0}
                                                 : Fields{before.counter, before.tail + 1};
    // A host's own id may have other version and variant bits and so stand higher: then on to the next
    // millisecond.
    if (const Id id = id_of(after); id > last) return id;
    return id_of({((before.counter >> 12) + 1) << 12 & kMaxCounter, 0});
}

}  // namespace kith::base
