// The installed definitions, compiled. Immutable; replaced when the file's definitions revision differs.
#pragma once

#include <memory>
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

    const InstalledProcess *find(model::Name process, std::uint32_t version) const;
    const InstalledProcess *newest(model::Name process) const;
};

base::Result<std::shared_ptr<const Catalog>> load_catalog(const store::Reader &reader, Names &names,
                                                          std::uint64_t revision);

// Adds one as stored; only processes have a place here.
base::Result<void> add_definition(Catalog &catalog, const store::Reader &reader, Names &names,
                                  const model::DefinitionRecord &stored);

// Adds one definition as the newest of its name.
void add_process(Catalog &catalog, InstalledProcess process);

}  // namespace kith::engine
