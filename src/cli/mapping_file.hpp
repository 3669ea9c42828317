// A mapping written down in a JSON file.
#pragma once

#include <string_view>

#include "cli/mapping.hpp"

namespace kith::cli {

// The form of the file, for help texts.
extern const char *const kMappingHelp;

// Ends the command with kUsage and the place of what is wrong.
Mapping read_mapping(std::string_view json);

}  // namespace kith::cli
