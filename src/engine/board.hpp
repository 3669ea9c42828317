// The board: metrics with tags, their values against their targets, and what they are made of.
#pragma once

#include <string_view>

#include "engine/result_table.hpp"
#include "engine/subjects.hpp"

namespace kith::engine {

struct BoardQuery {
    std::string_view rows, columns;  // tags: "element", "layer"
    std::string_view row, column;    // of one cell alone: "experience", "operation"; both or neither
    SubjectName subject;
    base::Micros at = 0;
    std::string_view language;  // of labels; "" is their names
    bool operands = false;      // also what each is computed from, below it
};

// As kith_board of <kith/board.h>. Nothing: there is no such subject.
base::Result<std::optional<ResultTable>> board(const Snapshot &snapshot, const BoardQuery &query);

// How much of a target is reached: 1 is all of it. Where less is better, the target's share of the value.
double share_of_target(double value, double target, rules::Good good);

// The light of a share; "red" below all of them. Without lights of its own: green from 1, amber from 0.9.
std::string_view light_of(const rules::Metric &metric, double share);

}  // namespace kith::engine
