// Values of expressions in the form of the C ABI, both ways, and as JSON.
#pragma once

#include <kith/expr.h>

#include <span>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "base/result.hpp"
#include "expr/schema.hpp"

namespace kith::engine {

// The value as an array with its parts behind it; texts are copied into `memory`. Lazy lists are read,
// records become maps of the fields that are set. Status::limit where there is too much of it.
base::Result<std::vector<kith_expr_value>> values_out(const expr::Schema &schema, const expr::Value &value,
                                                      expr::Memory &scratch, base::Arena &memory);

// The first `types.size()` values as given by a host, each checked against its type; texts stay where they
// are, all else is made in `memory`. The error's item is the index of the value at fault.
base::Result<std::vector<expr::Value>> values_in(std::span<const kith_expr_value> given,
                                                 std::span<const expr::Type *const> types,
                                                 expr::Memory &memory);

std::string values_json(std::span<const kith_expr_value> values);

}  // namespace kith::engine
