// Concentration: who makes the turnover. Classes by cumulative share, the Gini coefficient, the share of
// the top fifth. Sums and borders are compared in integers, without rounding.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"

namespace kith::analytics {

enum class AbcRule : std::uint8_t {
    crossing,  // a class includes the item that crosses its border, so A is never empty
    inside,    // an item is in a class if the share up to and with it is within
};

struct AbcOptions {
    AbcRule rule = AbcRule::crossing;
    double border_a = 0.80;  // used to nine decimals
    double border_b = 0.95;
};

// A party, largest value first.
struct AbcRow {
    std::size_t index = 0;  // in the values given
    double share = 0;
    double cumulative = 0;
    char name = 'C';
};

struct Abc {
    std::vector<AbcRow> rows;
    double total = 0;
    double gini = 0;
    double top20 = 0;  // share of the first fifth of the rows, rounded up to a whole row
    std::size_t a = 0, b = 0, c = 0;
};

// Equal values keep their order. Status::argument for borders out of order, Status::rule when a value is
// negative or the total zero: then shares have no meaning.
base::Result<Abc> abc(std::span<const std::int64_t> values, const AbcOptions &options = {});

}  // namespace kith::analytics
