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
    // Whether time may move a case in this state.
    bool moves_by_itself(std::uint32_t state) const {
        const auto &all = chart().states;
        const auto moves = [](const rules::State &one) { return !one.after.empty() || !one.always.empty(); };
        return !is_final(state) && (moves(all[state]) || !chart().milestones.empty() ||
                                    (all[state].outer && moves(all[*all[state].outer])));
    }
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
