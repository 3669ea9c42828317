#include "engine/catalog.hpp"

#include "engine/behaviours.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "engine/values.hpp"
#include "record/record.hpp"
#include "rules/check_set.hpp"
#include "rules/waiting.hpp"

namespace kith::engine {

using store::Table;

namespace {

bool same_name(const InstalledDefinition &a, const InstalledDefinition &b) {
    if (!a.definition != !b.definition) return false;
    if (!a.definition) return a.setting.name == b.setting.name;
    return a.definition->kind == b.definition->kind && a.definition->name == b.definition->name;
}

// Whether sums, or values recorded under it, go on when there is a newer version.
bool goes_on(const InstalledDefinition &one) {
    if (!one.definition) return false;
    const auto *metric = std::get_if<rules::Metric>(&one.definition->body);
    return (metric && metric->kind == rules::Metric::Kind::aggregate) ||
           std::holds_alternative<rules::Type>(one.definition->body);
}

}  // namespace

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

bool Catalog::has_setting(std::string_view name) const {
    return std::ranges::any_of(definitions,
                               [&](const auto &one) { return !one.definition && one.setting.name == name; });
}

void add_process(Catalog &catalog, InstalledProcess process) {
    for (auto &one : catalog.processes) {
        if (one.name == process.name) one.newest = false;
    }
    process.newest = true;
    const auto place = std::find_if(catalog.processes.begin(), catalog.processes.end(),
                                    [&](const auto &one) { return one.chart().name > process.chart().name; });
    catalog.processes.insert(place, std::move(process));
}

void add_installed(Catalog &catalog, InstalledDefinition installed) {
    const auto before =
        std::ranges::find_if(catalog.definitions, [&](const auto &one) { return same_name(one, installed); });
    if (before == catalog.definitions.end()) {
        catalog.definitions.push_back(std::move(installed));
        return;
    }
    if (goes_on(*before)) catalog.older.push_back(*before);
    *before = std::move(installed);
}

base::Result<void> add_definition(Catalog &catalog, const store::Reader &reader, Names &names,
                                  const model::DefinitionRecord &stored) {
    if (stored.kind == kLabels) return {};  // for readers alone
    if (stored.kind == kSetting) {
        KITH_LET(setting, rules::parse_setting(stored.json));
        add_installed(catalog, {nullptr, std::move(setting), stored.version});
        return {};
    }
    KITH_LET(definition, rules::parse_definition(stored.json));
    return add_definition(catalog, std::move(definition), stored.version,
                          [&](std::string_view text) -> base::Result<model::Name> {
                              KITH_LET(known, names.find(reader, text));
                              return known.value_or(0);
                          });
}

base::Result<void> add_definition(Catalog &catalog, rules::Definition definition, std::uint32_t version,
                                  const std::function<base::Result<model::Name>(std::string_view)> &code) {
    const auto *rule = std::get_if<rules::Rule>(&definition.body);
    const bool waits = rule && rule->unless;
    if (waits || std::holds_alternative<rules::Statechart>(definition.body)) {
        InstalledProcess installed;
        if (waits) {
            auto waiting = definition;
            waiting.body = rules::waiting_for(*rule);
            installed.definition = std::make_shared<const rules::Definition>(std::move(waiting));
        } else {
            installed.definition = std::make_shared<const rules::Definition>(definition);
        }
        installed.version = version;
        KITH_LET(name, code(installed.chart().name));
        installed.name = name;
        for (const auto &state : installed.chart().states) {
            KITH_LET(state_name, code(state.name));
            installed.states.push_back(state_name);
        }
        add_process(catalog, std::move(installed));
        if (!waits) return {};
    }
    add_installed(catalog, {std::make_shared<const rules::Definition>(std::move(definition)), {}, version});
    return {};
}

std::vector<rules::Mistake> check_beside(const Catalog &catalog, const rules::Playbook &playbook) {
    static const std::vector<std::string_view> kFigures = [] {
        std::vector<std::string_view> names;
        for (const auto &field : figure_fields()) names.push_back(field.name);
        return names;
    }();
    // What metrics may aggregate in this version.
    static const auto kRows = [] {
        std::vector<std::string_view> names{"interaction", "line",  "answer",  "score",
                                            "rule",        "party", "segment", "segment.entered",
                                            "segment.left"};
        const auto behaviour = behaviour_sources();
        names.insert(names.end(), behaviour.begin(), behaviour.end());
        return names;
    }();
    std::vector<const rules::Definition *> installed;
    std::vector<rules::Setting> settings;
    for (const auto &one : catalog.definitions) {
        if (one.definition) {
            installed.push_back(one.definition.get());
        } else {
            settings.push_back(one.setting);
        }
    }
    std::vector<rules::Definition> processes;
    for (const auto &one : catalog.processes) {
        if (!one.newest) continue;
        processes.emplace_back().kind = "process";
        processes.back().name = one.chart().name;
    }
    for (const auto &one : processes) installed.push_back(&one);
    return rules::check_set(
               playbook, {.installed = installed, .settings = settings, .metrics = kFigures, .rows = kRows})
        .mistakes;
}

CompiledValues compile(Catalog &catalog, const KnownMeasures &known) {
    rules::Playbook all;
    std::vector<std::pair<std::shared_ptr<const rules::Definition>, std::uint32_t>> kept;
    for (const auto &one : catalog.definitions) {
        if (one.definition) {
            all.definitions.push_back(*one.definition);
            kept.emplace_back(one.definition, one.version);
        } else {
            all.settings.push_back(one.setting);
        }
    }
    rules::Surroundings alone;
    alone.complete = false;  // it was checked when it was installed
    const auto checked = rules::check_set(all, alone);
    std::vector<DefinitionInUse> in_order;
    for (const auto &one : catalog.older) in_order.push_back({one.definition.get(), one.version, false});
    for (const auto place : checked.order)
        in_order.push_back({kept[place].first.get(), kept[place].second, true});
    auto compiled = compile_values(in_order, catalog.processes, all.settings, known);
    catalog.values = compiled.catalog;
    std::vector<BehaviourInUse> rules;
    for (const auto &one : catalog.definitions) {
        if (one.definition && std::holds_alternative<rules::Rule>(one.definition->body))
            rules.push_back({one.definition, one.version});
    }
    catalog.behaviours = compile_behaviours(*catalog.values, catalog.processes, rules, compiled.mistakes);
    std::ranges::stable_sort(compiled.mistakes, {}, &rules::Mistake::place);
    return compiled;
}

base::Result<KnownMeasures> known_measures(const store::Reader &reader) {
    KnownMeasures known;
    KITH_LET(cursor, reader.cursor(Table::measures));
    KITH_LET(found, cursor.first());
    while (found) {
        KITH_LET(row, cursor.value());
        const auto stored = decode_measure(row.payload);
        known.emplace(stored.text,
                      KnownMeasure{static_cast<MeasureNumber>(base::load_big64(cursor.key().data())),
                                   stored.grain, stored.built_through});
        KITH_LET(more, cursor.next());
        found = more;
    }
    return known;
}

base::Result<std::shared_ptr<const Catalog>> load_catalog(const store::Reader &reader, Names &names,
                                                          std::uint64_t revision) {
    auto catalog = std::make_shared<Catalog>();
    catalog->revision = revision;
    KITH_LET(cursor, reader.cursor(Table::definitions));
    KITH_LET(found, cursor.first());
    while (found) {
        KITH_LET(row, cursor.value());
        KITH_TRY(add_definition(*catalog, reader, names, record::decode_definition(row.payload)));
        KITH_LET(more, cursor.next());
        found = more;
    }
    KITH_LET(known, known_measures(reader));
    const auto compiled = compile(*catalog, known);
    if (!compiled.unknown.empty() || !compiled.mistakes.empty()) {
        return base::fail(base::Status::corrupt,
                          "definitions and their measures do not match: run kith repair");
    }
    return std::shared_ptr<const Catalog>(std::move(catalog));
}

}  // namespace kith::engine
