// Definitions made ready to be read: names to places, expressions to programs, aggregates to measures.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "engine/installed.hpp"
#include "rules/partials.hpp"
#include "rules/playbook.hpp"

namespace kith::engine {

using rules::MeasureNumber;
struct ValueCatalog;  // values.hpp

struct DefinitionInUse {
    const rules::Definition *definition = nullptr;
    std::uint32_t version = 0;
    bool newest = true;  // else its sums go on, and nobody reads them once the newest's are built
};

// A measure as the file knows it.
struct KnownMeasure {
    MeasureNumber number = 0;
    std::uint32_t grain = 0;
    base::Id built_through;
};
using KnownMeasures = std::map<std::string, KnownMeasure, std::less<>>;  // by text

struct CompiledValues {
    std::shared_ptr<const ValueCatalog> catalog;
    // Measures the file does not know yet, with the numbers they are to have.
    std::vector<MeasureNumber> unknown;
    std::vector<rules::Mistake> mistakes;  // of expressions: types, names, cost
};

// `definitions`: each after those it reads, older versions first. Measures that are new get the numbers after
// the known ones.
CompiledValues compile_values(std::span<const DefinitionInUse> definitions,
                              std::span<const InstalledProcess> processes,
                              std::span<const rules::Setting> settings, const KnownMeasures &known);

}  // namespace kith::engine
