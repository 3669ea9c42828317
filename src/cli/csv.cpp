#include "cli/csv.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace kith::cli {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kDelimiters = ",;\t|";

bool is_ascii(std::string_view text) {
    std::uint64_t seen = 0;
    std::size_t i = 0;
    for (; i + 8 <= text.size(); i += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + i, 8);
        seen |= word;
    }
    for (; i < text.size(); ++i) seen |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[i]));
    return (seen & 0x8080808080808080U) == 0;
}

bool is_space(char c) { return c == ' ' || c == '\t'; }

const char *find(const char *from, const char *to, char c) {
    if (from == to) return nullptr;
    return static_cast<const char *>(std::memchr(from, c, static_cast<std::size_t>(to - from)));
}

// The size of the UTF-8 sequence at the beginning of `text`, 0 if it is none.
std::size_t sequence_size(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t size = first >= 0xC2 && first < 0xE0 ? 2 : first >= 0xE0 && first < 0xF0 ? 3 : 4;
    if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
    }
    const unsigned char second = byte(1);
    if (first == 0xE0 && second < 0xA0) return 0;   // overlong
    if (first == 0xED && second >= 0xA0) return 0;  // surrogate
    if (first == 0xF0 && second < 0x90) return 0;   // overlong
    if (first == 0xF4 && second >= 0x90) return 0;  // beyond U+10FFFF
    return size;
}

}  // namespace

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

bool is_utf8(std::string_view text) {
    if (is_ascii(text)) return true;
    while (!text.empty()) {
        const std::size_t size = sequence_size(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

std::string_view cell_text(std::string_view input, Cell cell, std::string &scratch) {
    const std::string_view raw = trim(input.substr(cell.offset(), cell.size()));
    if (!cell.doubled()) return raw;
    scratch.clear();
    for (std::size_t i = 0; i < raw.size(); ++i) {
        scratch.push_back(raw[i]);
        if (raw[i] == '"') ++i;
    }
    return scratch;
}

CsvReader::CsvReader(std::string_view input, char delimiter)
    : begin_(input.data()), end_(input.data() + input.size()), at_(begin_), delimiter_(delimiter) {
    if (input.substr(0, kByteOrderMark.size()) == kByteOrderMark) at_ += kByteOrderMark.size();
    stops_[static_cast<unsigned char>(delimiter)] = true;
    stops_[static_cast<unsigned char>('\n')] = true;
    stops_[static_cast<unsigned char>('\r')] = true;
}

bool CsvReader::line_end(const char *at) const {
    return *at == '\n' || (*at == '\r' && (at + 1 == end_ || at[1] == '\n'));
}

void CsvReader::skip_blank_lines() {
    while (at_ != end_ && line_end(at_)) {
        at_ += *at_ == '\r' && at_ + 1 != end_ ? 2 : 1;
        ++next_line_;
    }
}

void CsvReader::add(const char *from, const char *to, bool doubled) {
    const auto offset = static_cast<std::uint64_t>(from - begin_);
    const auto size = static_cast<std::uint64_t>(to - from);
    if (size > Cell::kSizeMax) error_ = "a cell is longer than 8 MiB: is a quote missing?";
    if (offset > Cell::kOffsetMax) error_ = "the input is larger than 1 TiB: split it";
    if (error_ == nullptr) cells_.emplace_back(offset, size, doubled);
}

// A quote inside a cell that does not begin with one is an ordinary character.
const char *CsvReader::plain(const char *at) {
    const char *from = at;
    for (;; ++at) {
        while (at != end_ && !stops_[static_cast<unsigned char>(*at)]) ++at;
        if (at == end_ || *at == delimiter_ || line_end(at)) break;
    }
    add(from, at, false);
    return at;
}

const char *CsvReader::quoted(const char *at) {
    const char *from = ++at;
    bool doubled = false;
    for (;;) {
        at = find(at, end_, '"');
        if (at == nullptr) {
            error_ = "a quote is opened and never closed";
            return end_;
        }
        if (at + 1 == end_ || at[1] != '"') break;
        doubled = true;
        at += 2;
    }
    add(from, at, doubled);
    next_line_ += static_cast<std::uint32_t>(std::count(from, at, '\n'));
    ++at;
    if (at != end_ && *at != delimiter_ && !line_end(at)) {
        error_ = "there is text after a closing quote: write a quote inside quotes twice";
    }
    return at;
}

bool CsvReader::next() {
    skip_blank_lines();
    if (at_ == end_) return false;
    cells_.clear();
    error_ = nullptr;
    line_ = next_line_;
    const char *at = at_;
    for (;; ++at) {
        at = at != end_ && *at == '"' ? quoted(at) : plain(at);
        if (error_ != nullptr || at == end_ || *at != delimiter_) break;
    }
    if (error_ != nullptr) {
        const char *first_end = find(at_, end_, '\n');
        at_ = first_end == nullptr ? end_ : first_end + 1;
        next_line_ = line_ + 1;
        return true;
    }
    if (!is_utf8({at_, static_cast<std::size_t>(at - at_)})) {
        error_ = "it is not valid UTF-8: save the file as UTF-8";
    }
    at_ = at;
    if (at_ != end_) {
        at_ += *at_ == '\r' && at_ + 1 != end_ ? 2 : 1;
        ++next_line_;
    }
    return true;
}

char detect_delimiter(std::string_view input) {
    std::array<std::size_t, kDelimiters.size()> counts{};
    bool in_quotes = false;
    bool seen_text = false;
    for (const char c : input) {
        if (c == '"') in_quotes = !in_quotes;
        if (in_quotes) continue;
        if (c == '\n' && seen_text) break;
        seen_text = seen_text || (c != '\n' && c != '\r');
        const std::size_t which = kDelimiters.find(c);
        if (which != std::string_view::npos) ++counts[which];
    }
    const auto most = std::max_element(counts.begin(), counts.end());
    return kDelimiters[static_cast<std::size_t>(most - counts.begin())];
}

}  // namespace kith::cli
