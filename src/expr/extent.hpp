// How large a value can get, for the static cost.
#pragma once

#include "expr/schema.hpp"

namespace kith::expr {

// `size`: bytes of a text, elements of a list or map. `deep`: bytes of all texts in it, and 16 for each
// element at any depth, so that deep / 16 bounds the cost of passing over it. All arithmetic saturates.
struct Extent {
    std::uint64_t size = 0, deep = 0;
};

inline constexpr std::uint64_t kPiece = 16;
inline constexpr std::uint64_t kUnbounded = std::uint64_t{1} << 60;
constexpr std::uint64_t plus(std::uint64_t a, std::uint64_t b) {
    return a + b < kUnbounded ? a + b : kUnbounded;
}
constexpr std::uint64_t times(std::uint64_t a, std::uint64_t b) {
    return a != 0 && b > kUnbounded / a ? kUnbounded : a * b;
}

Extent extent_of(const Type *type, std::uint32_t size_max);
Extent extent_of(const Value &literal);
Extent element_of(const Extent &of, const Type *element);
Extent either(const Extent &a, const Extent &b);
Extent both(const Extent &a, const Extent &b);  // one after the other

// What a call costs beside its own unit, and how large its result is.
std::uint64_t cost_of(Work work, std::span<const Extent> args);
Extent result_of(Growth growth, std::span<const Extent> args, const Type *result);

}  // namespace kith::expr
