// Output in its three forms: tables for people, CSV (RFC 4180) and JSON for programs. Values become
// text here and nowhere else: amounts decimal, times ISO 8601 in UTC.
#pragma once

#include <kith/kith.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.hpp"

namespace kith::cli {

// Values as text, for programs.
std::string time_text(kith_time time);                               // 2026-01-31T09:30:00Z
std::string amount_text(std::int64_t amount, std::uint32_t digits);  // 1234.50
std::string id_text(const kith_id &id);                              // a UUID
std::string interaction_id_text(const kith_interaction_id &id);      // 64 hexadecimal digits
std::string real_text(double value);                                 // the shortest that reads back the same
bool is_none(const kith_id &id);

// Values as text, for people.
std::string day_text(kith_time time);           // 2026-01-31, or 2026-01-31 09:30 if not midnight UTC
std::string grouped(std::string_view decimal);  // 12,345.60
std::string grouped(std::uint64_t count);
std::string percent(double share, int decimals);  // 12.3%
std::string plural(std::uint64_t count, std::string_view one,
                   std::string_view many);    // 1 order, 1,200 orders
std::string bytes_text(std::uint64_t bytes);  // 10.5 MB

// Columns a text takes on a terminal: wide East Asian characters take two, combining marks none.
std::size_t display_width(std::string_view text);
// Padded to `width` columns, or cut to it with an ellipsis.
std::string padded(std::string_view text, std::size_t width, bool right = false);
std::string clipped(std::string_view text, std::size_t width, bool unicode);
// Control characters replaced: stored text must not steer a terminal.
std::string printable(std::string_view text);
std::string bold(std::string_view text, const Context &context);

// Rows under aligned headings.
class TextTable {
public:
    enum class Align { kLeft, kRight };
    void column(std::string title, Align align = Align::kLeft);
    void row(std::vector<std::string> cells);  // missing cells are empty
    std::string text(const Context &context, std::string_view indent = "") const;

private:
    struct Column {
        std::string title;
        Align align;
    };
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

// Appends a row to `out`: cells quoted as RFC 4180 has it, lines ended by LF.
void append_csv(std::string &out, const std::vector<std::string> &cells);
void append_csv_cell(std::string &out, std::string_view cell);

// Builds JSON text. An indent of zero gives one line.
class Json {
public:
    explicit Json(std::size_t indent = 2) : indent_(indent) {}
    Json &object(std::string_view key = {});
    Json &array(std::string_view key = {});
    Json &end();
    Json &text(std::string_view key, std::string_view value);
    Json &number(std::string_view key, std::int64_t value);
    Json &count(std::string_view key, std::uint64_t value);
    Json &real(std::string_view key, double value);
    Json &flag(std::string_view key, bool value);
    Json &null(std::string_view key);
    Json &raw(std::string_view key, std::string_view json);  // a value that is JSON already
    Json &text_or_null(std::string_view key, const kith_str &value);
    Json &time_or_null(std::string_view key, kith_time value, bool present);
    const std::string &str() const { return out_; }

private:
    void begin(std::string_view key);
    void line();
    void quote(std::string_view value);

    std::size_t indent_;
    std::string out_;
    std::string closers_;  // of the open objects and arrays
    bool first_ = true;
};

// Writes to standard output; fails if it does not take it.
void print(std::string_view text);
void flush();

}  // namespace kith::cli
