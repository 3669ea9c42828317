// Characters of a text, and a text that grows at its end in the evaluation's memory.
#pragma once

#include "expr/library.hpp"

#include <cstring>

namespace kith::expr {

constexpr bool is_inside_char(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The byte after the character at `at`; bytes that are no UTF-8 are passed too.
constexpr std::size_t after_char(std::string_view text, std::size_t at) {
    const auto end = at + 4 < text.size() ? at + 4 : text.size();
    do ++at;
    while (at < end && is_inside_char(text[at]));
    return at;
}

// How many of eight bytes begin a character.
inline std::uint64_t characters_in_8(const char *bytes) {
    std::uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    const auto begin = (~word >> 7 | word >> 6) & 0x0101010101010101;  // 1 in each byte that is not 10xxxxxx
    return begin * 0x0101010101010101 >> 56;
}

inline std::int64_t count_characters(std::string_view text) {
    std::uint64_t count = 0;
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) count += characters_in_8(text.data() + at);
    for (; at < text.size(); ++at) count += !is_inside_char(text[at]);
    return static_cast<std::int64_t>(count);
}

class TextBuilder {
public:
    explicit TextBuilder(Call &call) : call_(call) {}

    bool add(std::string_view text) {  // false: out of memory
        if (text.size() > room_ - size_ && !grow(text.size())) return false;
        if (!text.empty()) std::memcpy(text_ + size_, text.data(), text.size());
        size_ += text.size();
        return true;
    }
    bool add(char c) { return add({&c, 1}); }
    std::string_view view() const { return {text_, size_}; }
    Value text() const { return of_text(view()); }

private:
    bool grow(std::size_t more) {
        constexpr std::size_t kFirstRoom = 64;
        if (more > call_.memory.limit()) return false;
        auto room = room_ < kFirstRoom ? kFirstRoom : room_ * 2;
        if (room < size_ + more) room = size_ + more;
        char *text = new_text(call_, room);
        if (text == nullptr) return false;
        if (size_ > 0) std::memcpy(text, text_, size_);
        text_ = text;
        room_ = room;
        return true;
    }

    Call &call_;
    char *text_ = nullptr;
    std::size_t size_ = 0, room_ = 0;
};

}  // namespace kith::expr
