// The built-in playbooks: JSON texts beside this file, compiled into the library by embed.cmake.
#pragma once

#include <span>
#include <string_view>

namespace kith::playbooks {

struct BuiltIn {
    std::string_view name;
    std::string_view json;
};

// By name. A new file is given "lifecycle"; the others are looked up when asked for.
std::span<const BuiltIn> built_in();

}  // namespace kith::playbooks
