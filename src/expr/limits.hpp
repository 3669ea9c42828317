// Bounds that hold for every expression, so that no text can overflow the stack, run long or allocate
// without end. Tested at the limit and one above.
#pragma once

#include <cstdint>

namespace kith::expr {

inline constexpr std::uint32_t kSourceMax = 16 * 1024;  // bytes of text
inline constexpr std::uint32_t kNestingMax = 64;        // parentheses, brackets, calls, macros in each other
// Levels of the tree: a chain a + b + c ... has one for each term.
inline constexpr std::uint32_t kDepthMax = 250;
inline constexpr std::uint32_t kNodesMax = 4096;
inline constexpr std::uint32_t kRegexMax = 1024;          // bytes of a pattern
inline constexpr std::uint32_t kPatternsMax = 64;         // different patterns in one evaluation
inline constexpr std::uint32_t kZonesMax = 64;            // different time zones in one evaluation
inline constexpr std::uint64_t kStaticCostMax = 100'000;  // units, with the schema's maxima
inline constexpr std::uint64_t kBudget = 1'000'000;       // units of an event, over all its rules
inline constexpr std::uint32_t kMemoryMax = 1024 * 1024;  // bytes an evaluation may allocate

// Units, of about 30 machine instructions each.
inline constexpr std::uint32_t kReadCost = 8;     // reading a record from the store, in a walk of a list
inline constexpr std::uint32_t kCompareCost = 4;  // a comparison while sorting
inline constexpr std::uint32_t kEqualCost = 8;    // comparing two elements of lists or maps
inline constexpr std::uint32_t kIndexCost = 7;    // looking up a key or an element

}  // namespace kith::expr
