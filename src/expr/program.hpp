// A checked expression, compiled and evaluated.
#pragma once

#include "base/result.hpp"
#include "expr/check.hpp"
#include "expr/limits.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kith::expr {

struct Bytecode;

// Immutable: any number of threads may evaluate it at once, each with its own Evaluator.
class Program {
public:
    // Status::argument for a tree with diagnostics.
    static base::Result<Program> compile(Checked checked);

    Program(Program &&) noexcept;
    Program &operator=(Program &&) noexcept;
    ~Program();

    const Checked &checked() const { return *checked_; }
    // Units it costs at most while data keeps to the schema's largest sizes; saturates.
    std::uint64_t static_cost() const;
    // The field of a variable that the whole expression is, if it is no more: "m.sales_12m".
    struct Path {
        std::uint32_t variable = 0, field = 0;
    };
    const std::optional<Path> &path() const { return path_; }
    // The value it has whatever the data is, where that is known: of literals.
    const Value *constant() const;
    // Code::cost where that is above kStaticCostMax: such an expression must not be saved. Else Code::none.
    Diagnostic cost_diagnostic() const;

private:
    friend class Evaluator;
    Program(std::shared_ptr<const Checked> checked, bool traced);

    std::shared_ptr<const Checked> checked_;
    std::unique_ptr<const Bytecode> code_;
    std::optional<Path> path_;
};

inline base::Result<Program> compile(Checked checked) { return Program::compile(std::move(checked)); }

struct Outcome {
    Value value;             // kind error: `value.code()` and a static text
    NodeId node = kNoNode;   // of an error: the sub-expression that failed
    std::uint64_t cost = 0;  // units used
    std::size_t memory = 0;  // bytes used
};

// The last value a node had, and the element that was at hand.
struct Trace {
    Value value;
    std::uint32_t tick = 0;  // when: 0 never, greater is later
    std::uint32_t place = 0;
    Value element;  // macros: the element of the last iteration, its place, and when it began
    std::uint32_t element_tick = 0;
};

// Evaluates programs, one after the other, and keeps its stack, memory and patterns between them. [one
// thread]
class Evaluator {
public:
    Evaluator();
    ~Evaluator();
    Evaluator(Evaluator &&) noexcept;
    Evaluator &operator=(Evaluator &&) noexcept;

    // The result lives until the next evaluation, and no longer than what the binding gave. The same program,
    // data and moment give the same outcome, cost and memory included.
    Outcome evaluate(const Program &program, const Binding &binding, const Moment &moment,
                     std::uint64_t budget = kBudget);
    // As evaluate, with the value of every node in `trace`, by node.
    Outcome trace(const Program &program, const Binding &binding, const Moment &moment,
                  std::vector<Trace> &trace, std::uint64_t budget = kBudget);
    // Forgets the last result, and with it what was opened to read data. The memory is kept.
    void clear();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace kith::expr
