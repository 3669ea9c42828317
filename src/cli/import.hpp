// `kith import`: a CSV file of interactions into a kith file.
#pragma once

#include "cli/command.hpp"
#include "cli/context.hpp"

namespace kith::cli {

void add_import(CLI::App &app, Context &context);

}  // namespace kith::cli
