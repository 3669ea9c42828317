// Expressions as hosts use them: checked against kith's records and the host's variables, evaluated for a
// party at a snapshot or over the host's values alone, and explained.
#pragma once

#include <kith/expr.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "engine/values.hpp"
#include "expr/parse.hpp"
#include "expr/program.hpp"

namespace kith::engine {

struct HostVariable {
    std::string_view name, type;
    std::uint32_t size_max = 0;
};

struct ExpressionOptions {
    std::span<const HostVariable> variables;
    std::string_view result_type;  // empty: any
    // With the values of these definitions, of subjects of this kind; null: without.
    std::shared_ptr<const ValueCatalog> values;
    rules::SubjectKind subject = rules::SubjectKind::party;
};

struct EvaluateOptions {
    expr::Moment moment;
    std::uint64_t budget = expr::kBudget;
    bool explain = false;
    std::span<const kith_expr_value> values;  // of the host's variables, then their parts
};

struct ExpressionReason {
    expr::Span span;
    std::uint32_t level = 0;
    bool failed = false;
    bool has_element = false;
    std::uint32_t element = 0;
    std::string value, element_value;
};

// Owns all it holds.
struct ExpressionResult {
    base::Arena memory{4096};
    std::vector<kith_expr_value> values;  // the value, then its parts
    std::string text, json;
    std::uint64_t cost = 0, memory_bytes = 0;
    std::vector<ExpressionReason> reasons;
};

// Whom an expression is evaluated for. With neither, over the host's values alone.
struct ExpressionSubject {
    PartyFacts *facts = nullptr;
    SubjectValues *values = nullptr;  // of an expression with values
};

// Immutable; any thread.
class Expression {
public:
    // An error only for wrong options: mistakes in the text are diagnostics.
    static base::Result<std::unique_ptr<Expression>> check(std::string_view source,
                                                           const ExpressionOptions &options);
    // From the JSON form of a tree; Status::format where it is none.
    static base::Result<std::unique_ptr<Expression>> from_json(std::string_view json,
                                                               const ExpressionOptions &options);

    const std::string &source() const { return source_; }
    const std::vector<expr::Diagnostic> &diagnostics() const { return diagnostics_; }
    base::Error mistake() const;  // the first diagnostic, as an error
    const std::string &type() const { return type_; }
    std::uint64_t static_cost() const { return program_ ? program_->static_cost() : 0; }
    const std::string &json() const;  // of its tree; not with diagnostics

    // What it was compiled with: its subject's values must be of the same definitions.
    const std::shared_ptr<const ValueCatalog> &values() const { return values_; }
    rules::SubjectKind subject() const { return subject_; }

    // `of` null: over the host's values alone. Status::rule or limit with the code as detail, and line and
    // column in the message, when the evaluation fails; explained, that is a result of kind error.
    base::Result<std::unique_ptr<ExpressionResult>> evaluate(const ExpressionSubject &of,
                                                             const EvaluateOptions &options) const;

private:
    Expression() = default;
    base::Result<void> prepare(expr::Parsed parsed, const ExpressionOptions &options);
    base::Error failure(const expr::Outcome &outcome) const;

    std::string source_, type_;
    std::shared_ptr<const ValueCatalog> values_;
    rules::SubjectKind subject_ = rules::SubjectKind::party;
    std::vector<expr::Diagnostic> diagnostics_;
    expr::Types types_;  // of the host's variables
    std::vector<const expr::Type *> variable_types_;
    std::optional<expr::Program> program_;
    mutable std::once_flag json_made_;
    mutable std::string json_;
};

}  // namespace kith::engine
