// Playbooks as a set: any text is read, checked beside what an empty file has, and compiled as it would be
// when it is installed, or there are messages. What is installed compiles again, to the same, with nothing
// new.
#include <cstdint>
#include <string_view>

#include "engine/catalog.hpp"
#include "engine/measures.hpp"
#include "engine/values.hpp"
#include "fuzz/require.hpp"
#include "rules/check_set.hpp"
#include "rules/playbook.hpp"

namespace {

using namespace kith;

void require_told(const std::vector<rules::Mistake> &mistakes) {
    for (const auto &mistake : mistakes) {
        KITH_REQUIRE(!mistake.message.empty());
        KITH_REQUIRE(mistake.status == base::Status::rule || mistake.status == base::Status::unsupported ||
                     mistake.status == base::Status::format || mistake.status == base::Status::limit);
    }
    if (!mistakes.empty()) KITH_REQUIRE(!rules::error_of(mistakes).message.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    const auto reading = rules::read_playbook(text);
    require_told(reading.mistakes);
    // What is right of a text with mistakes is checked too.
    require_told(rules::check_set(reading.playbook, {}).mistakes);

    const auto playbook = rules::parse_playbook(text);
    if (!playbook) return 0;
    engine::Catalog catalog;
    const auto mistakes = engine::check_beside(catalog, *playbook);
    require_told(mistakes);
    if (!mistakes.empty()) return 0;
    for (const auto &setting : playbook->settings) engine::add_installed(catalog, {nullptr, setting, 1});
    for (const auto &definition : playbook->definitions) {
        if (definition.kind == "process") continue;
        engine::add_installed(catalog, {std::make_shared<const rules::Definition>(definition), {}, 1});
    }
    const auto first = engine::compile(catalog, {});
    require_told(first.mistakes);
    if (!first.mistakes.empty()) return 0;
    engine::KnownMeasures known;
    for (const auto number : first.unknown) {
        const auto *measure = first.catalog->measures->find(number);
        KITH_REQUIRE(measure && !measure->text.empty());
        const bool fresh =
            known.emplace(measure->text, engine::KnownMeasure{number, measure->grain->number, {}}).second;
        KITH_REQUIRE(fresh);
    }
    const auto again = engine::compile(catalog, known);
    KITH_REQUIRE(again.mistakes.empty() && again.unknown.empty());
    KITH_REQUIRE(again.catalog->measures->all.size() == first.catalog->measures->all.size());
    return 0;
}
