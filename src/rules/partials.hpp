// Partial sums: what the rows of one subject add up to, day by day, so that an aggregate over any window is
// made of a few of them, and an event moves one of them whatever the history.
//
// A cell is one measure on one day: a count, and what else adds up. The cells of a subject stand in rows of
// kDaysPerRow days, sorted by day and measure; cells of no rows are not there. The same rows in any order of
// arrival give the same cells: sums are of 128-bit integers, and of rows at the same instant the first has
// the least value and the last the greatest.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace kith::rules {

// What a cell has beside its count.
enum class Summary : std::uint8_t { count, sum, extremes, ends };

// What one row brings. A value is a whole number: of money minor units, of time microseconds, of text its
// code, of a double ordered(); its addend is the same number, of a double fixed_point().
struct Contribution {
    base::Micros at = 0;
    std::int64_t value = 0;
    __int128 addend = 0;
};

struct Partial {
    std::uint64_t count = 0;
    __int128 sum = 0;
    std::int64_t min = 0, max = 0;           // set if count > 0, as are all below
    base::Micros first_at = 0, last_at = 0;  // of the rows that count
    std::int64_t first_value = 0, last_value = 0;

    void add(const Contribution &one);
    void add(const Partial &other);
    // False if what remains cannot be told without the rows: an extreme or an end went.
    bool remove(const Contribution &one, Summary summary);
};

// Doubles as whole numbers of the same order, and back. No NaN.
inline std::int64_t ordered(double value) {
    const auto bits = std::bit_cast<std::int64_t>(value == 0 ? 0.0 : value);
    return bits < 0 ? bits ^ INT64_MAX : bits;
}
inline double from_ordered(std::int64_t bits) {
    return std::bit_cast<double>(bits < 0 ? bits ^ INT64_MAX : bits);
}

// Doubles add up as multiples of 1e-9: exact, whatever the order.
inline constexpr double kFixedPoint = 1e9;
inline constexpr double kAddendMax = 1e15;          // what a row may bring, at most
std::optional<__int128> fixed_point(double value);  // none: not finite, or above kAddendMax
inline double from_fixed_point(__int128 sum) { return static_cast<double>(sum) / kFixedPoint; }

using MeasureNumber = std::uint16_t;

// Of every subject and day: the count and the ends of all rows that any measure counted. It tells whether a
// day is cut by the end of a window.
inline constexpr MeasureNumber kAnyRow = 0;

inline constexpr int kDaysPerRow = 32;

struct DayCell {
    int day = 0;  // of the row: 0 to kDaysPerRow - 1
    MeasureNumber measure = 0;
    Summary summary{};
    std::uint64_t count = 0;
    const std::byte *words = nullptr;  // what else it has, read when it is asked for
    Partial partial() const;
};

// Takes the next cell off `rest`; false at the end, and where the bytes are none.
bool next_cell(base::Bytes &rest, DayCell &out);

// A row of cells in memory.
class PartialRow {
public:
    PartialRow() = default;
    explicit PartialRow(base::Bytes stored) : bytes_(stored.begin(), stored.end()) {}

    base::Bytes bytes() const { return bytes_; }
    bool empty() const { return bytes_.empty(); }

    std::optional<Partial> find(int day, MeasureNumber measure) const;
    void add(int day, MeasureNumber measure, Summary summary, const Contribution &one);
    // As Partial::remove; then the cell is to be put anew.
    bool remove(int day, MeasureNumber measure, const Contribution &one);
    void put(int day, MeasureNumber measure, Summary summary, const Partial &partial);  // count 0: removed

private:
    struct Place {
        std::size_t offset = 0, size = 0;  // size 0: where it would stand
    };
    Place place(int day, MeasureNumber measure) const;
    void put(const Place &old, int day, MeasureNumber measure, Summary summary, const Partial &partial);

    std::vector<std::byte> bytes_;
    // Where the day looked at last begins: most of what follows is of the same one.
    mutable int near_day_ = 0;
    mutable std::size_t near_ = 0;
};

}  // namespace kith::rules
