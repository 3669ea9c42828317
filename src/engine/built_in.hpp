// The playbooks that come with kith, with what their heads say.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kith::engine {

struct BuiltInPlaybook {
    std::string_view name, json;
    std::string about, source;
    std::uint32_t version = 1;
};

std::span<const BuiltInPlaybook> built_in_playbooks();  // by name

}  // namespace kith::engine
