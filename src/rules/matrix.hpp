// The matrix shape: two classes give a cell, and the cell a name and a policy.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/term.hpp"

namespace kith::rules {

struct Cell {
    std::vector<std::string> x, y;  // its classes: "low|below_zero" is two
    std::string is;                 // several cells may have one name
    bool internal = false;
    std::vector<std::pair<std::string, Term>> policy;
    Labels labels;
    std::uint32_t line = 0, column = 0;
};

struct Matrix {
    std::string name;
    SubjectKind subject = SubjectKind::party;
    std::optional<RowSource> rows;  // a cell for each row ("per": "order.line") instead of a subject
    Source x, y;
    std::vector<Cell> cells;
    std::string missing;  // the cell's name where a class is absent; "" is unknown
};

// The cell of a pair of classes; null where there is none.
const Cell *find_cell(const Matrix &matrix, std::string_view x, std::string_view y);

// What a cell's policy says under this name; null where it says nothing.
const Term *find_policy(const Cell &cell, std::string_view name);

}  // namespace kith::rules
