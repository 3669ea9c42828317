#include "engine/built_in.hpp"

#include <vector>

#include "base/json.hpp"
#include "playbooks/playbooks.hpp"

namespace kith::engine {

namespace {

constexpr std::size_t kPlaybookDepthMax = 16;

BuiltInPlaybook head_of(const playbooks::BuiltIn &one) {
    BuiltInPlaybook out{one.name, one.json, {}, {}, 1};
    const auto tree = base::parse_json(one.json, kPlaybookDepthMax);
    if (!tree) return out;
    if (const auto *about = tree->find("about")) out.about = about->text;
    if (const auto *source = tree->find("source")) out.source = source->text;
    if (const auto *version = tree->find("version"))
        out.version = static_cast<std::uint32_t>(version->integer);
    return out;
}

}  // namespace

std::span<const BuiltInPlaybook> built_in_playbooks() {
    static const auto all = [] {
        std::vector<BuiltInPlaybook> made;
        for (const auto &one : playbooks::built_in()) made.push_back(head_of(one));
        return made;
    }();
    return all;
}

}  // namespace kith::engine
