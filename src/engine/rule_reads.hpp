// Rules as they run, and their last runs: tables as <kith/rule.h> says.
#pragma once

#include <string_view>

#include "engine/result_table.hpp"
#include "engine/store.hpp"

namespace kith::engine {

base::Result<ResultTable> rules_table(const Snapshot &snapshot, base::Micros now);
base::Result<ResultTable> runs_table(const Snapshot &snapshot, std::string_view rule, const base::Id *party,
                                     std::size_t rows_max);

}  // namespace kith::engine
