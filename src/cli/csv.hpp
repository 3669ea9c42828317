// CSV as RFC 4180 has it: quotes, doubled quotes, line ends inside quotes, LF or CRLF, an optional byte
// order mark, UTF-8. The reader copies nothing: a cell is a place in the input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kith::cli {

// A cell's place: 40 bits of offset, 23 of size, and one that says that quotes inside are doubled.
class Cell {
public:
    static constexpr std::uint64_t kOffsetMax = (std::uint64_t{1} << 40) - 1;
    static constexpr std::uint64_t kSizeMax = (std::uint64_t{1} << 23) - 1;

    Cell() = default;
    Cell(std::uint64_t offset, std::uint64_t size, bool doubled)
        : packed_(offset << 24 | size << 1 | (doubled ? 1U : 0U)) {}

    std::uint64_t offset() const { return packed_ >> 24; }
    std::uint64_t size() const { return packed_ >> 1 & kSizeMax; }
    bool doubled() const { return (packed_ & 1) != 0; }
    bool empty() const { return size() == 0; }

private:
    std::uint64_t packed_ = 0;
};

std::string_view trim(std::string_view text);  // without spaces and tabs at its ends

// The cell's text, trimmed; `scratch` holds it where quotes are undoubled.
std::string_view cell_text(std::string_view input, Cell cell, std::string &scratch);

class CsvReader {
public:
    CsvReader(std::string_view input, char delimiter);

    // The next row; false at the end. Blank lines are passed over. After a row with an error the reader
    // goes on with the line after the row's first, so that a stray quote swallows no good rows.
    bool next();

    std::uint32_t line() const { return line_; }               // on which the row begins; the first is 1
    const std::vector<Cell> &cells() const { return cells_; }  // up to the error, if there is one
    const char *error() const { return error_; }               // null if the row is well formed
    std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }  // of what comes next

private:
    void skip_blank_lines();
    const char *plain(const char *at);
    const char *quoted(const char *at);
    bool line_end(const char *at) const;
    void add(const char *from, const char *to, bool doubled);

    const char *begin_;
    const char *end_;
    const char *at_;
    char delimiter_;
    bool stops_[256] = {};
    std::uint32_t line_ = 0;
    std::uint32_t next_line_ = 1;
    std::vector<Cell> cells_;
    const char *error_ = nullptr;
};

// The delimiter (, ; tab |) that is most frequent, outside quotes, in the first row.
char detect_delimiter(std::string_view input);

// RFC 3629: nothing overlong, no surrogates.
bool is_utf8(std::string_view text);

}  // namespace kith::cli
