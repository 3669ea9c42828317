// Expressions as people and programs read them: checked, with their mistakes shown where they stand.
#pragma once

#include <kith/kith.h>

#include <span>
#include <string>

#include "cli/handles.hpp"
#include "cli/output.hpp"

namespace kith::cli {

// The expression, with or without mistakes.
Expr check_expression(const std::string &source);
// With the file's definitions, of subjects of this kind.
Expr check_expression(const std::string &source, const Snapshot &definitions, std::uint32_t subject);

kith_expr_description describe(const Expr &expr);
std::span<const kith_expr_diagnostic *const> diagnostics(const Expr &expr);

// Each mistake with its line of the source, a caret under the place, and the hint.
std::string diagnostics_text(const Expr &expr, const Context &context);
void append_diagnostics(Json &json, const Expr &expr);  // an array "diagnostics"

}  // namespace kith::cli
