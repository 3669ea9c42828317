#include "cli/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <span>

namespace kith::cli {

namespace {

struct Range {
    char32_t first, last;
};

// Unicode's East Asian wide and fullwidth ranges, as far as names and goods use them.
constexpr std::array<Range, 9> kWide{{{0x1100, 0x115F},
                                      {0x2E80, 0x303E},
                                      {0x3041, 0xA4CF},
                                      {0xAC00, 0xD7A3},
                                      {0xF900, 0xFAFF},
                                      {0xFE30, 0xFE6F},
                                      {0xFF00, 0xFF60},
                                      {0x1F300, 0x1FAFF},
                                      {0x20000, 0x3FFFD}}};
constexpr std::array<Range, 8> kCombining{{{0x0300, 0x036F},
                                           {0x0591, 0x05C7},
                                           {0x0610, 0x061A},
                                           {0x064B, 0x065F},
                                           {0x200B, 0x200F},
                                           {0x20D0, 0x20FF},
                                           {0xFE00, 0xFE0F},
                                           {0xFE20, 0xFE2F}}};

bool in(char32_t c, std::span<const Range> ranges) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [c](const Range &range) { return c >= range.first && c <= range.last; });
}

std::size_t width_of(char32_t c) {
    if (in(c, kCombining)) return 0;
    return in(c, kWide) ? 2 : 1;
}

// The character at `at`, which moves on; a byte that starts none is taken as it stands.
char32_t next_character(std::string_view text, std::size_t &at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(at);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length == 1 || at + length > text.size()) {
        ++at;
        return lead;
    }
    char32_t c = static_cast<char32_t>(lead & (0x7F >> length));
    for (std::size_t i = 1; i < length; ++i) c = (c << 6) | static_cast<char32_t>(byte(at + i) & 0x3F);
    at += length;
    return c;
}

std::string hex(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
    return text;
}

}  // namespace

std::string time_text(kith_time time) {
    std::array<char, 32> buffer{};
    return {buffer.data(), kith_time_format(time, buffer.data(), buffer.size())};
}

std::string amount_text(std::int64_t amount, std::uint32_t digits) {
    std::array<char, 32> buffer{};
    return {buffer.data(), kith_decimal_format(amount, digits, buffer.data(), buffer.size())};
}

std::string id_text(const kith_id &id) {
    std::string text = hex(id.bytes);
    for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, 1, '-');
    return text;
}

std::string interaction_id_text(const kith_interaction_id &id) { return hex(id.bytes); }

std::string real_text(double value) {
    return std::isfinite(value) ? fmt::format("{}", value) : std::string();
}

bool is_none(const kith_id &id) {
    return std::all_of(std::begin(id.bytes), std::end(id.bytes), [](std::uint8_t b) { return b == 0; });
}

std::string day_text(kith_time time) {
    const std::string text = time_text(time);  // yyyy-mm-ddThh:mm...
    if (text.size() < 16) return text;
    const std::string clock = text.substr(11, 5);
    return clock == "00:00" ? text.substr(0, 10) : text.substr(0, 10) + " " + clock;
}

std::string grouped(std::string_view decimal) {
    std::string text(decimal);
    const std::size_t point = std::min(text.find('.'), text.size());
    const std::size_t start = !text.empty() && text[0] == '-' ? 1 : 0;
    for (std::size_t at = point; at > start + 3; at -= 3) text.insert(at - 3, 1, ',');
    return text;
}

std::string grouped(std::uint64_t count) { return grouped(std::to_string(count)); }

std::string percent(double share, int decimals) { return fmt::format("{:.{}f}%", share * 100, decimals); }

std::string plural(std::uint64_t count, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", grouped(count), count == 1 ? one : many);
}

std::string bytes_text(std::uint64_t bytes) {
    if (bytes < 1'000'000) return fmt::format("{:.0f} kB", static_cast<double>(bytes) / 1e3);
    if (bytes < 1'000'000'000) return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
    return fmt::format("{:.1f} GB", static_cast<double>(bytes) / 1e9);
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) width += width_of(next_character(text, at));
    return width;
}

std::string padded(std::string_view text, std::size_t width, bool right) {
    const std::size_t has = display_width(text);
    const std::string space(has < width ? width - has : 0, ' ');
    return right ? space + std::string(text) : std::string(text) + space;
}

std::string clipped(std::string_view text, std::size_t width, bool unicode) {
    if (display_width(text) <= width) return std::string(text);
    const std::string_view ellipsis = unicode ? "…" : "..";
    const std::size_t room = width - std::min(width, display_width(ellipsis));
    std::size_t end = 0;
    for (std::size_t at = 0, used = 0; at < text.size(); end = at) {
        used += width_of(next_character(text, at));
        if (used > room) break;
    }
    return std::string(text.substr(0, end)) + std::string(ellipsis);
}

std::string printable(std::string_view text) {
    std::string clean;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t start = at;
        const char32_t c = next_character(text, at);
        const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
        clean += control ? " " : text.substr(start, at - start);
    }
    return clean;
}

std::string bold(std::string_view text, const Context &context) {
    return context.colour ? fmt::format("\x1b[1m{}\x1b[0m", text) : std::string(text);
}

void TextTable::column(std::string title, Align align) { columns_.push_back({std::move(title), align}); }

void TextTable::row(std::vector<std::string> cells) {
    cells.resize(columns_.size());
    rows_.push_back(std::move(cells));
}

std::string TextTable::text(const Context &context, std::string_view indent) const {
    std::vector<std::size_t> widths;
    for (const Column &column : columns_) widths.push_back(display_width(column.title));
    std::vector<bool> shown(columns_.size(), rows_.empty());  // not a column in which nothing stands
    for (const auto &cells : rows_) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            widths[i] = std::max(widths[i], display_width(cells[i]));
            if (!cells[i].empty()) shown[i] = true;
        }
    }
    std::string out;
    const auto add_line = [&](auto &&cell) {
        std::string line(indent);
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (!shown[i]) continue;
            line += padded(cell(i), widths[i], columns_[i].align == Align::kRight) + "  ";
        }
        while (!line.empty() && line.back() == ' ') line.pop_back();
        return line;
    };
    out += bold(add_line([&](std::size_t i) { return columns_[i].title; }), context) + "\n";
    for (const auto &cells : rows_) out += add_line([&](std::size_t i) { return cells[i]; }) + "\n";
    return out;
}

void append_csv_cell(std::string &out, std::string_view cell) {
    if (cell.find_first_of(",\"\r\n") == std::string_view::npos) {
        out += cell;
        return;
    }
    out += '"';
    for (const char c : cell) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

void append_csv(std::string &out, const std::vector<std::string> &cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) out += ',';
        append_csv_cell(out, cells[i]);
    }
    out += '\n';
}

void Json::line() {
    if (indent_ == 0) return;
    out_ += '\n';
    out_.append(closers_.size() * indent_, ' ');
}

void Json::quote(std::string_view value) {
    out_ += '"';
    for (const char c : value) {
        switch (c) {
            case '"':
                out_ += "\\\"";
                break;
            case '\\':
                out_ += "\\\\";
                break;
            case '\n':
                out_ += "\\n";
                break;
            case '\r':
                out_ += "\\r";
                break;
            case '\t':
                out_ += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    out_ += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
                } else {
                    out_ += c;
                }
        }
    }
    out_ += '"';
}

void Json::begin(std::string_view key) {
    if (closers_.empty()) return;
    if (!first_) out_ += ',';
    first_ = false;
    line();
    if (closers_.back() == ']') return;
    quote(key);
    out_ += indent_ == 0 ? ":" : ": ";
}

Json &Json::object(std::string_view key) {
    begin(key);
    out_ += '{';
    closers_ += '}';
    first_ = true;
    return *this;
}

Json &Json::array(std::string_view key) {
    begin(key);
    out_ += '[';
    closers_ += ']';
    first_ = true;
    return *this;
}

Json &Json::end() {
    const char closer = closers_.back();
    closers_.pop_back();
    if (!first_) line();
    out_ += closer;
    first_ = false;
    if (closers_.empty()) out_ += '\n';
    return *this;
}

Json &Json::text(std::string_view key, std::string_view value) {
    begin(key);
    quote(value);
    return *this;
}

Json &Json::number(std::string_view key, std::int64_t value) {
    begin(key);
    out_ += std::to_string(value);
    return *this;
}

Json &Json::count(std::string_view key, std::uint64_t value) {
    begin(key);
    out_ += std::to_string(value);
    return *this;
}

Json &Json::real(std::string_view key, double value) {
    if (!std::isfinite(value)) return null(key);
    begin(key);
    out_ += real_text(value);
    return *this;
}

Json &Json::flag(std::string_view key, bool value) {
    begin(key);
    out_ += value ? "true" : "false";
    return *this;
}

Json &Json::null(std::string_view key) {
    begin(key);
    out_ += "null";
    return *this;
}

Json &Json::raw(std::string_view key, std::string_view json) {
    begin(key);
    out_ += json;
    return *this;
}

Json &Json::text_or_null(std::string_view key, const kith_str &value) {
    return value.data == nullptr ? null(key) : text(key, {value.data, value.size});
}

Json &Json::time_or_null(std::string_view key, kith_time value, bool present) {
    return present ? text(key, time_text(value)) : null(key);
}

void print(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
        fail(kFailed, "standard output does not take more; is the disk full?");
    }
}

void flush() {
    if (std::fflush(stdout) != 0) fail(kFailed, "standard output does not take more; is the disk full?");
}

}  // namespace kith::cli
