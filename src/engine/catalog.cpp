#include "engine/catalog.hpp"

#include <algorithm>

#include "engine/expression_schema.hpp"
#include "record/record.hpp"
#include "rules/check_set.hpp"

namespace kith::engine {

namespace {

// What `m` has in every file, without a definition.
std::vector<std::string> figure_names() {
    const auto schema = make_expression_schema();
    std::vector<std::string> names;
    for (const auto &field : schema->record(static_cast<std::uint32_t>(ExpressionRecord::figures)).fields())
        names.push_back(field.name);
    return names;
}

}  // namespace

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

void keep_definition(Catalog &catalog, std::shared_ptr<const rules::Definition> definition) {
    const auto same = std::ranges::find_if(catalog.definitions, [&](const auto &one) {
        return one->kind == definition->kind && one->name == definition->name;
    });
    if (same == catalog.definitions.end()) {
        catalog.definitions.push_back(std::move(definition));
    } else {
        *same = std::move(definition);
    }
}

std::span<const std::string_view> row_sources() {
    static constexpr std::string_view kSources[] = {"interaction",     "line",         "answer",
                                                    "score",           "party",        "segment",
                                                    "segment.entered", "segment.left", "commitment"};
    return kSources;
}

base::Result<void> check_beside(const Catalog &catalog, const rules::Playbook &playbook) {
    static const std::vector<std::string> kFigures = figure_names();
    const std::vector<std::string_view> metrics(kFigures.begin(), kFigures.end());
    std::vector<const rules::Definition *> installed;
    for (const auto &one : catalog.definitions) installed.push_back(one.get());
    const rules::Checked checked =
        rules::check_set(playbook, {.installed = installed, .metrics = metrics, .rows = row_sources()});
    if (!checked.mistakes.empty()) return rules::error_of(checked.mistakes);
    return {};
}

base::Result<void> add_definition(Catalog &catalog, const store::Reader &reader, Names &names,
                                  const model::DefinitionRecord &stored) {
    KITH_LET(parsed, rules::parse_definition(stored.json));
    const auto definition = std::make_shared<const rules::Definition>(std::move(parsed));
    keep_definition(catalog, definition);
    const auto *process = std::get_if<rules::Process>(&definition->body);
    if (!process) return {};
    InstalledProcess installed;
    installed.version = stored.version;
    for (const auto &state : process->states) {
        KITH_LET(name, names.find(reader, state.name));
        installed.states.push_back(name.value_or(0));
    }
    KITH_LET(name, names.find(reader, process->name));
    installed.name = name.value_or(0);
    installed.process = *process;
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
