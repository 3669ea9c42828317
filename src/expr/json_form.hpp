// The syntax tree as JSON, both ways, for hosts that show rules as forms.
//
// Every node is an object. What it is, one of:
//   {"all": [N, N...]}  {"any": [N, N...]}  {"not": N}            && || !
//   {"field": "customer.frequency", "op": ">=", "value": V}       op: == != < <= > >=
//   {"field": "customer.country", "op": "in", "values": [V...]}   in a list that is written out
//   {"field": "customer.tags", "op": "contains", "value": V}      V in customer.tags
//   {"left": N, "op": "<", "right": N}                            all other comparisons; op "in" too
//   {"quantifier": "exists", "of": "orders", "as": ["o"], "where": N}
//       all, exists, exists_one or existsOne, with one or two variables; "of" may be N
//   {"has": "customer.email"}                                     or {"has": N}
//   {"field": "customer.active"}                                  a name, or a path of names
//   {"value": V}
// and for all else:
//   {"call": "size", "args": [N...]}                 a function, or an operator by its name in ast.hpp
//   {"call": "startsWith", "args": [N...], "method": true}        args[0] is the receiver
//   {"macro": "map", "as": ["x"], "args": [N...]}                 args[0] is the range, or cel.bind's value
//   {"macro": "sum", "as": ["x"], "args": [N...], "method": false}   written sum(xs, x, ...)
//   {"select": N, "name": "b"}                                    with "optional" (.?b), "quoted" (`b`)
//   {"list": [N...]}  {"map": [[N, N]...]}  {"record": "Type", "fields": [["name", N]...]}
//       "optional_entry": true on an element, key or value that stands after a `?`
// A name with a leading dot is one that is looked up from the root.
//
// V is a literal whose kind is always kept: null, true, "text", 3 (an int), {"int": "9007199254740993"}
// beyond 2^53, {"uint": "3"}, {"double": "3.0"}, {"bytes": "00ff"} in hex, and as literals too
// {"duration": "24h"}, {"timestamp": "2024-01-31T00:00:00Z"}, {"date": "2024-01-31"} and
// {"money": ["12.50", "EUR"]}, which are calls of these functions. Read, a number with a point or an
// exponent is a double, and an int, uint or double may be a number or a text.
//
// Every node has "type", as "list(string)", and "at": [begin, end) in the source; what a node names by a
// path or a V has them as "field_type", "field_at", "value_type", and so on. A condition that a form
// cannot show by the first group of shapes has "form": false and "text", the CEL that is to be shown
// instead, besides its general shape.
//
// Read, a node with "text" is that CEL, whatever else it has, so that a form can let it be edited. Types,
// places and marks are not read. An "all" or "any" of one is that one; of none, true or false.
#pragma once

#include "expr/check.hpp"
#include "expr/parse.hpp"

namespace kith::expr {

inline constexpr std::uint32_t kJsonMax = 1024 * 1024;  // bytes that from_json reads

// The checked tree. [any thread]
std::string to_json(const Checked &checked);

// The tree of such a JSON text; its `source` is its unparsed text. The message of a failure begins with the
// place in the JSON ("/all/1: ..."), or with line and column for a text that is not JSON or has a key twice;
// its span is one of the "text" there. Without a place, what the JSON says is no expression: the span is one
// of `source`. [any thread]
Parsed from_json(std::string_view json);

}  // namespace kith::expr
