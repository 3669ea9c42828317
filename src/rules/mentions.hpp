// The names of definitions in an expression: m.X, series.X, band.X, score.X, cell.X, state.X, setting.X,
// also after a subject ("party.owner.m.X"), in_segment("X"), policy("X").NAME, open("X"), related("X").
#pragma once

#include "expr/ast.hpp"
#include "rules/node.hpp"

namespace kith::rules {

// Adds them to the node's findings, each with its place in the file.
void add_mentions(const Node &node, const Source &source, const expr::Tree &tree);

}  // namespace kith::rules
