// Text to tree, and back.
#pragma once

#include "expr/ast.hpp"

namespace kith::expr {

struct Parsed {
    Tree tree;              // root is kNoNode on failure
    Diagnostic diagnostic;  // the first failure
    explicit operator bool() const { return tree.root != kNoNode; }
};

// CEL with its macros, optional syntax and quoted fields. Bounded by limits.hpp.
Parsed parse(std::string_view source);

// The expression as text with the fewest parentheses; parse(unparse(t)) has the same tree.
std::string unparse(const Tree &tree, NodeId node);
inline std::string unparse(const Tree &tree) { return unparse(tree, tree.root); }

// A literal as CEL text: "'it\\'s'", "b'\\xff'", "12u", "1.0".
std::string literal_text(const Value &value);

}  // namespace kith::expr
