// The code of a program: a stack machine. Every instruction costs one unit of the budget; functions charge
// what they do beside.
#pragma once

#include "expr/program.hpp"

namespace kith::expr {

// Stack effects as (before -- after); `slot` is a place of the stack counted from its bottom.
enum class Op : std::uint8_t {
    constant,        // ( -- v) constants[c]
    variable,        // ( -- v) the binding's variable c; of kind `a`, kAnyKind for any
    variable_field,  // ( -- v) field b of the record that variable c is
    now,             // ( -- v)
    today,           // ( -- v)
    zone,            // ( -- v)
    local,           // ( -- v) slot b; fails with what it holds where that is an error
    field,           // (record -- v) field c
    has_field,       // (record -- bool)
    select,          // (v -- v') the field or key constants[c]; a: 1 gives an optional
    has,             // (v -- bool)
    index,           // (v key -- v'); a: 1 gives an optional
    raise,           // ( -- ) fails with constants[c]
    list,            // (v... -- list) c elements; b: entries + 1 that are optional, 0 none
    map,             // (k v ... -- map) c pairs; b as list, by key
    call,            // (args... -- v) site c
    drop,            // (v -- )

    // Without overloads to choose from: kinds are known. (a b -- v); where `a` is 1, b is constants[c].
    int_add,
    int_subtract,
    int_multiply,
    int_equal,
    int_less,
    int_less_equal,
    int_greater,
    int_greater_equal,
    double_add,
    double_subtract,
    double_multiply,
    double_equal,
    double_less,
    double_less_equal,
    double_greater,
    double_greater_equal,
    text_equal,
    equal,     // (a b -- bool) any kinds
    contains,  // (element list-or-map -- bool)
    negate,    // (bool -- bool); the last six fail on other kinds
    flip,      // (bool -- bool) as negate, of what is known to be one

    jump,      // ( -- ) to c
    branch,    // (bool -- ) to c where false
    and_next,  // (bool -- ) where false: slot b = false, to c
    or_next,   // (bool -- ) where true: slot b = true, to c
    settle,    // (v -- v) fails where v is an error that was put aside
    keep,      // (v -- ... ) slot b = v, the stack ends after it

    // Loops keep in slots b...: range, position, first variable, second variable, accumulator.
    loop,       // (range bounds... -- range position v1 v2); c: bounds + 1, 0 none
    next,       // one variable: sets it, or to c at the end
    next_pair,  // two variables
    count,      // (bool -- ) where true: one more in slot b
    is_one,     // (int -- bool)
    new_list,   // ( -- builder)
    append,     // (v -- ) to the builder in slot b
    take_list,  // (builder -- list)
    new_map,    // ( -- builder)
    put,        // (key value -- ) to the builder in slot b
    put_all,    // (map -- )
    take_map,   // (builder -- map)
    new_sum,    // ( -- aggregate) of kind a
    sum,        // (v -- ) to the aggregate in slot b
    take_sum,   // (aggregate -- v) of elements of type c
    sort,       // (list keys -- list)
    read_all,   // (list -- list) with its elements in memory

    present,        // (optional -- v), or where none: slot b = none, to c
    otherwise,      // (optional -- ), or to c where present, with it or, where a is 1, its value left
    wrap,           // (v -- optional)
    only_optional,  // fails where the top is none

    // Free of cost: of traced programs alone.
    trace,          // node c has the top as its value
    trace_element,  // a new element of macro c, whose loop is at slot b
    done,           // (v -- v) the end
};

// Units of an instruction: about 30 machine instructions each.
constexpr std::uint8_t units_of(Op op) {
    switch (op) {
        case Op::trace:
        case Op::trace_element:
        case Op::done:
            return 0;
        case Op::variable_field:
            return 3;
        case Op::index:
            return 1 + kIndexCost;
        case Op::equal:
        case Op::contains:
            return 1 + kEqualCost;
        default:
            return 1;
    }
}

inline constexpr std::uint8_t kAnyKind = 255;

struct Instruction {
    Op op;
    std::uint8_t a = 0;
    std::uint16_t b = 0;
    std::uint32_t c = 0;
};
static_assert(sizeof(Instruction) == 8);

// Where an error goes instead of out: into `slot`, unless that holds one already, and on at `target`.
struct Handler {
    std::uint32_t target = 0;
    std::uint16_t slot = 0;
    std::uint16_t depth = 0;  // of the stack there
};

struct CallSite {
    std::uint32_t argc = 0;
    const Signature *only = nullptr;  // kinds are known to fit
    std::vector<const Signature *> candidates;
};

struct BoundTemplate {
    std::uint32_t field = 0;
    Bound::Op op = Bound::Op::equal;
};

struct Bytecode {
    static constexpr std::uint32_t kNoHandler = UINT32_MAX;

    std::vector<Instruction> code;
    std::vector<NodeId> nodes;            // by instruction: whose error it is
    std::vector<std::uint32_t> handlers;  // by instruction: the innermost handler
    std::vector<Handler> handler_table;
    std::vector<Value> constants;
    std::vector<CallSite> sites;
    std::vector<std::vector<bool>> optional_entries;
    std::vector<std::vector<BoundTemplate>> bounds;
    std::uint32_t stack_size = 0;
    std::uint64_t static_cost = 0;
    Memory memory{kMemoryMax};  // of constants computed beforehand
};

// compile.cpp
std::unique_ptr<const Bytecode> generate(const Checked &checked, bool traced);

}  // namespace kith::expr
