// Which calls are macros: by name, way of calling and number of arguments.
#pragma once

#include "expr/ast.hpp"

namespace kith::expr {

struct MacroRow {
    std::string_view name;
    Macro macro;
    bool method;
    std::uint8_t least, most;  // arguments, with variables, without the receiver
    std::uint8_t two_from;     // this many arguments or more: two variables

    std::uint32_t variables(std::uint32_t arguments) const { return arguments >= two_from ? 2 : 1; }
};

inline constexpr std::uint8_t kNever = 255;
inline constexpr MacroRow kBind = {"cel.bind", Macro::bind, false, 3, 3, kNever};
inline constexpr MacroRow kMacros[] = {
    {"all", Macro::all, true, 2, 3, 3},
    {"exists", Macro::exists, true, 2, 3, 3},
    {"exists_one", Macro::exists_one, true, 2, 3, 3},
    {"existsOne", Macro::exists_one, true, 2, 3, 3},
    {"filter", Macro::filter, true, 2, 2, kNever},
    {"map", Macro::map, true, 2, 3, kNever},
    {"transformList", Macro::transform_list, true, 3, 4, 0},
    {"transformMap", Macro::transform_map, true, 3, 4, 0},
    {"transformMapEntry", Macro::transform_map_entry, true, 3, 4, 0},
    {"optMap", Macro::opt_map, true, 2, 2, kNever},
    {"optFlatMap", Macro::opt_flat_map, true, 2, 2, kNever},
    {"sortBy", Macro::sort_by, true, 2, 2, kNever},
    {"sum", Macro::sum, true, 2, 2, kNever},
    {"sum", Macro::sum, false, 3, 3, kNever},
    {"min", Macro::min, true, 2, 2, kNever},
    {"min", Macro::min, false, 3, 3, kNever},
    {"max", Macro::max, true, 2, 2, kNever},
    {"max", Macro::max, false, 3, 3, kNever},
    {"avg", Macro::avg, true, 2, 2, kNever},
    {"avg", Macro::avg, false, 3, 3, kNever},
    {"count", Macro::count, true, 2, 2, kNever},
    {"count", Macro::count, false, 3, 3, kNever},
};

// Without a number: whether any macro is called so.
inline const MacroRow *find_macro(std::string_view name, bool method, std::uint32_t arguments = kNever) {
    for (const auto &row : kMacros)
        if (row.name == name && row.method == method &&
            (arguments == kNever || (arguments >= row.least && arguments <= row.most)))
            return &row;
    return nullptr;
}

}  // namespace kith::expr
