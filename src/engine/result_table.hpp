// The result of an analysis: columns of equal length, and facts about the whole.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/id.hpp"

namespace kith::engine {

struct Column {
    enum class Type : std::uint32_t { integer = 1, real, text, amount, id };  // as KITH_COLUMN_*

    std::string name;
    Type type = Type::integer;
    std::vector<std::int64_t> ints;  // integer, amount
    std::vector<double> reals;
    std::vector<std::string> texts;
    std::vector<base::Id> ids;
    std::vector<std::uint8_t> present;  // empty: all are
};

struct ResultTable {
    std::vector<Column> columns;
    std::vector<std::pair<std::string, double>> facts;
};

}  // namespace kith::engine
