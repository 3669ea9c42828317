#include "engine/catalog.hpp"

#include <algorithm>

#include "record/record.hpp"

namespace kith::engine {

std::optional<std::uint32_t> InstalledProcess::state_index(model::Name state) const {
    const auto it = std::find(states.begin(), states.end(), state);
    if (it == states.end()) return std::nullopt;
    return static_cast<std::uint32_t>(it - states.begin());
}

const InstalledProcess *Catalog::find(model::Name process, std::uint32_t version) const {
    for (const auto &one : processes) {
        if (one.name == process && one.version == version) return &one;
    }
    return nullptr;
}

const InstalledProcess *Catalog::newest(model::Name process) const {
    for (const auto &one : processes) {
        if (one.name == process && one.newest) return &one;
    }
    return nullptr;
}

void add_process(Catalog &catalog, InstalledProcess process) {
    for (auto &one : catalog.processes) {
        if (one.name == process.name) one.newest = false;
    }
    process.newest = true;
    const auto place = std::find_if(catalog.processes.begin(), catalog.processes.end(),
                                    [&](const auto &one) { return one.process.name > process.process.name; });
    catalog.processes.insert(place, std::move(process));
}

base::Result<void> add_definition(Catalog &catalog, const store::Reader &reader, Names &names,
                                  const model::DefinitionRecord &stored) {
    KITH_LET(definition, rules::parse_definition(stored.json));
    auto *process = std::get_if<rules::Process>(&definition.body);
    if (!process) return {};
    InstalledProcess installed;
    installed.version = stored.version;
    for (const auto &state : process->states) {
        KITH_LET(name, names.find(reader, state.name));
        installed.states.push_back(name.value_or(0));
    }
    KITH_LET(name, names.find(reader, process->name));
    installed.name = name.value_or(0);
    installed.process = std::move(*process);
    add_process(catalog, std::move(installed));
    return {};
}

base::Result<std::shared_ptr<const Catalog>> load_catalog(const store::Reader &reader, Names &names,
                                                          std::uint64_t revision) {
    auto catalog = std::make_shared<Catalog>();
    catalog->revision = revision;
    KITH_LET(cursor, reader.cursor(store::Table::definitions));
    KITH_LET(found, cursor.first());
    while (found) {
        KITH_LET(row, cursor.value());
        KITH_TRY(add_definition(*catalog, reader, names, record::decode_definition(row.payload)));
        KITH_LET(more, cursor.next());
        found = more;
    }
    return std::shared_ptr<const Catalog>(std::move(catalog));
}

}  // namespace kith::engine
