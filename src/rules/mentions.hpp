// The names of definitions in an expression: m.X, series.X, band.X, score.X, cell.X, state.X, setting.X,
// also after a subject ("party.owner.m.X"), in_segment("X"), policy("X").NAME, open("X"), related("X"); in a
// process data.X and in_state("X").
#pragma once

#include <optional>

#include "expr/ast.hpp"
#include "rules/node.hpp"

namespace kith::rules {

// Adds them to the node's findings, each with its place in the file.
void add_mentions(const Node &node, const Source &source, const expr::Tree &tree);

// In a condition over events of the engine, what the text is that e.name is compared with, or e.name one of
// a list: the name of something of this kind. e.process is the name of a process.
void add_event_mentions(const Node &node, const Source &source, std::optional<Mention::Kind> named);

}  // namespace kith::rules
