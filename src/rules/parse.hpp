// The parsers of the kinds of definition, one file each; playbook.cpp calls them.
#pragma once

#include "base/result.hpp"
#include "rules/bands.hpp"
#include "rules/node.hpp"
#include "rules/process.hpp"

namespace kith::rules {

base::Result<Process> parse_process(const Node &entry);
base::Result<Bands> parse_bands(const Node &entry);

}  // namespace kith::rules
