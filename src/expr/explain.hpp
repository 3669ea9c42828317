// Why a result is what it is.
#pragma once

#include "expr/program.hpp"

namespace kith::expr {

// One sub-expression that decided the result.
struct Reason {
    NodeId node = kNoNode;
    std::uint32_t level = 0;  // 0: the whole expression; children follow their parent
    Value value;              // kind error: it failed
    // A quantifier's element that decided it: its place and value; none where all elements did.
    bool has_element = false;
    std::uint32_t element = 0;
    Value element_value;
};

// Lives as long as the evaluator it was made with is not used again.
struct Explanation {
    Outcome outcome;  // the same as Evaluator::evaluate gives
    std::vector<Reason> reasons;
};

// Evaluates with every node traced: the outcome is that of Evaluator::evaluate, cost included.
Explanation explain(Evaluator &evaluator, const Program &program, const Binding &binding,
                    const Moment &moment, std::uint64_t budget = kBudget);

// A value as CEL would write it: texts quoted; lists and maps cut after `items_max`, the whole after
// `bytes_max` with "..." behind.
std::string value_text(Call &call, const Value &value, std::uint32_t items_max = 10,
                       std::size_t bytes_max = 240);

}  // namespace kith::expr
