// What is installed of behaviour, as it was read.
#pragma once

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "model/name.hpp"
#include "rules/playbook.hpp"

namespace kith::engine {

// A version of a process.
struct InstalledProcess {
    std::shared_ptr<const rules::Definition> definition;
    model::Name name = 0;
    std::uint32_t version = 0;
    bool newest = false;
    std::vector<model::Name> states;  // names of chart().states

    const rules::Statechart &chart() const { return std::get<rules::Statechart>(definition->body); }
    std::optional<std::uint32_t> state_index(model::Name state) const;
    bool is_final(std::uint32_t state) const {
        const auto &all = chart().states;
        return all[state].final || (all[state].outer && all[*all[state].outer].final);
    }
};

// A rule.
struct BehaviourInUse {
    std::shared_ptr<const rules::Definition> definition;
    std::uint32_t version = 0;
};

}  // namespace kith::engine
