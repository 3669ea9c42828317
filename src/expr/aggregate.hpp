// Sum, least, greatest, mean and number of values given one by one, so that no list is built for them.
#pragma once

#include "expr/library.hpp"

namespace kith::expr {

class Aggregate {
public:
    enum class Of : std::uint8_t { sum, min, max, avg, count };

    explicit Aggregate(Of of) : of_(of) {}

    // Null, or the error. sum and avg take int, uint, double, duration or money, all of one kind; min and max
    // what has an order. A double that is no number makes the result one.
    Value add(Call &call, const Value &value);
    // The sum of nothing is the zero of `element` (int where that is dyn); all else of nothing, and a sum of
    // no money, is Code::absent. A sum is checked at the end only, so that it does not depend on the order.
    Value result(TypeKind element) const;

private:
    using Whole [[gnu::aligned(8)]] = __int128;  // so that the evaluation's memory can hold it
    Value add_to_sum(const Value &value);

    Whole whole_ = 0;  // sum of int, uint, duration, money
    Value value_;      // least or greatest; else kind and currency, and the sum of doubles
    std::uint64_t count_ = 0;
    Of of_;
};
static_assert(sizeof(Aggregate) <= 48 && alignof(Aggregate) <= 8);

}  // namespace kith::expr
