// What changed definitions would have done: what is in a snapshot is lived once more, in the order of its
// time, with the definitions as they are and as they would be, and what they did is compared.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/result_table.hpp"
#include "engine/store.hpp"

namespace kith::engine {

struct SimulateQuery {
    std::string_view playbook;  // JSON: what would be installed
    std::string folder;         // two files are made in it, and removed
    std::optional<base::Micros> since, until;
    std::size_t examples_max = 3;                                         // of each effect, added and removed
    std::function<bool(std::uint64_t done, std::uint64_t all)> progress;  // false: stop
};

// As kith_simulate of <kith/rule.h> says.
base::Result<ResultTable> simulate(const Snapshot &snapshot, const SimulateQuery &query);

}  // namespace kith::engine
