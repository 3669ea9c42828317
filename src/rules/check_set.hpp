// Definitions checked as a set: what they name exists, nothing reads itself, nothing is left out.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/playbook.hpp"

namespace kith::rules {

// What a set is checked in.
struct Surroundings {
    std::span<const Definition *const> installed{};  // one of the same kind and name is replaced
    std::span<const Setting> settings{};             // installed too
    std::span<const std::string_view> metrics{};     // that are always there
    // Whether all there is, is known: then a name that is nowhere is a mistake.
    bool complete = true;
    // The rows that are there to aggregate, by row_source_name, "analysis", "rule", and effects by name.
    // None: all are.
    std::span<const std::string_view> rows{};
};

// The name under which a source of rows is available: "interaction", "line", "answer", "score"; of a record
// or an event of the engine its kind, "party", "process", "process.stage", "segment", "segment.entered".
std::string row_source_name(const RowSource &rows);

struct Checked {
    std::vector<Mistake> mistakes;  // by place
    std::vector<Mistake> warnings;  // what may be meant so: rules that set each other off under conditions
    // Indices of Playbook::definitions, each after those of them it reads; those in a cycle are left out.
    std::vector<std::uint32_t> order;
    // For each of Playbook::definitions the definitions it reads, as kind and name, and settings: "metric
    // orders_24m", "setting cut"; sorted, each once.
    std::vector<std::vector<std::string>> reads;
};

Checked check_set(const Playbook &playbook, const Surroundings &surroundings);

}  // namespace kith::rules
