// The installed definitions, compiled. Immutable; replaced when the file's definitions revision differs.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/names.hpp"
#include "model/change.hpp"
#include "model/name.hpp"
#include "rules/playbook.hpp"
#include "store/store.hpp"

namespace kith::engine {

struct InstalledProcess {
    rules::Process process;
    model::Name name = 0;
    std::uint32_t version = 0;
    bool newest = false;
    std::vector<model::Name> states;  // names of process.states

    std::optional<std::uint32_t> state_index(model::Name state) const;
};

struct Catalog {
    std::uint64_t revision = 0;
    std::vector<InstalledProcess> processes;  // every version, by name, then version
    // The newest of each kind and name.
    std::vector<std::shared_ptr<const rules::Definition>> definitions;

    const InstalledProcess *find(model::Name process, std::uint32_t version) const;
    const InstalledProcess *newest(model::Name process) const;
};

base::Result<std::shared_ptr<const Catalog>> load_catalog(const store::Reader &reader, Names &names,
                                                          std::uint64_t revision);

// What metrics may aggregate in this version; see rules::Surroundings.
std::span<const std::string_view> row_sources();

// All that is wrong with a playbook beside the definitions installed.
base::Result<void> check_beside(const Catalog &catalog, const rules::Playbook &playbook);

// Adds one as the newest of its kind and name.
void keep_definition(Catalog &catalog, std::shared_ptr<const rules::Definition> definition);

// Adds one as stored, after the versions before it.
base::Result<void> add_definition(Catalog &catalog, const store::Reader &reader, Names &names,
                                  const model::DefinitionRecord &stored);

// Adds one definition as the newest of its name.
void add_process(Catalog &catalog, InstalledProcess process);

}  // namespace kith::engine
