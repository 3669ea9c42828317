#include "rules/matrix.hpp"

#include <algorithm>

namespace kith::rules {

const Cell *find_cell(const Matrix &matrix, std::string_view x, std::string_view y) {
    const auto has = [](const std::vector<std::string> &classes, std::string_view one) {
        return std::ranges::find(classes, one) != classes.end();
    };
    const auto found = std::ranges::find_if(
        matrix.cells, [&](const Cell &cell) { return has(cell.x, x) && has(cell.y, y); });
    return found == matrix.cells.end() ? nullptr : &*found;
}

const Term *find_policy(const Cell &cell, std::string_view name) {
    const auto found = std::ranges::find(cell.policy, name, &std::pair<std::string, Term>::first);
    return found == cell.policy.end() ? nullptr : &found->second;
}

}  // namespace kith::rules
