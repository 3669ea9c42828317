// Reads the whole file and recomputes what is derived. Finds damage; repairs nothing.
#pragma once

#include <functional>

#include "engine/result_table.hpp"
#include "engine/store.hpp"
#include "store/draft.hpp"

namespace kith::engine {

struct VerifyReport {
    std::uint64_t rows = 0, records = 0, derived = 0, problems = 0;
    ResultTable listed;  // table, key (hexadecimal), problem: of the first 1,000
};

using store::Progress;

base::Result<VerifyReport> verify(const Snapshot &snapshot, const Progress &progress);

}  // namespace kith::engine
