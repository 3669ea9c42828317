// What copying commands say of the file that came of it.
#pragma once

#include <kith/kith.h>

#include <string_view>

#include "cli/context.hpp"

namespace kith::cli {

void print_copy(const kith_copy_report &report, std::string_view done, const Context &context);

}  // namespace kith::cli
