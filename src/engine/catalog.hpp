// The installed definitions, compiled. Immutable; replaced when the file's definitions revision differs.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/installed.hpp"
#include "engine/names.hpp"
#include "engine/value_catalog.hpp"
#include "model/change.hpp"
#include "model/name.hpp"
#include "rules/playbook.hpp"
#include "store/store.hpp"

namespace kith::engine {

struct Behaviours;  // behaviours.hpp

// A definition of a value, or a setting, of which kind a definition is too.
struct InstalledDefinition {
    std::shared_ptr<const rules::Definition> definition;  // null: a setting
    rules::Setting setting;
    std::uint32_t version = 0;
};

struct Catalog {
    std::uint64_t revision = 0;
    std::vector<InstalledProcess> processes;       // every version, by name, then version
    std::vector<InstalledDefinition> definitions;  // the newest of each kind and name
    std::vector<InstalledDefinition> older;        // of aggregate metrics and types: what they made goes on
    std::shared_ptr<const ValueCatalog> values;    // of all that; set by compile()
    std::shared_ptr<const Behaviours> behaviours;  // of processes and rules; set by compile()

    const InstalledProcess *find(model::Name process, std::uint32_t version) const;
    const InstalledProcess *newest(model::Name process) const;
    bool has_setting(std::string_view name) const;
};

// Kinds under which settings, and the labels of a playbook, are stored.
inline constexpr std::string_view kSetting = "setting", kLabels = "labels";

base::Result<std::shared_ptr<const Catalog>> load_catalog(const store::Reader &reader, Names &names,
                                                          std::uint64_t revision);

// Adds one as stored, as the newest of its name; versions come in order.
base::Result<void> add_definition(Catalog &catalog, const store::Reader &reader, Names &names,
                                  const model::DefinitionRecord &stored);
// `code` gives names their codes. A rule that waits for what does not come has a process too, which waits.
base::Result<void> add_definition(Catalog &catalog, rules::Definition definition, std::uint32_t version,
                                  const std::function<base::Result<model::Name>(std::string_view)> &code);
void add_process(Catalog &catalog, InstalledProcess process);
void add_installed(Catalog &catalog, InstalledDefinition installed);

// All that is wrong with a playbook beside the definitions installed.
std::vector<rules::Mistake> check_beside(const Catalog &catalog, const rules::Playbook &playbook);

// Makes the values of a catalog ready. The measures that the file has no row of, and what is wrong.
CompiledValues compile(Catalog &catalog, const KnownMeasures &known);
base::Result<KnownMeasures> known_measures(const store::Reader &reader);

}  // namespace kith::engine
