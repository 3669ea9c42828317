// The events of the engine, which rules and processes may wait for beside types of interactions.
#pragma once

#include <optional>
#include <string_view>

#include "rules/findings.hpp"

namespace kith::rules {

struct EngineEvents {
    std::string_view head;                 // "segment"
    std::string_view names;                // "entered left", with blanks between them
    std::string_view later{};              // that a version may not raise yet, alike
    std::optional<Mention::Kind> named{};  // what their e.name is the name of
};

// Those that begin as `pattern` does ("segment.entered", "segment.*"); null for other types.
const EngineEvents *engine_events_of(std::string_view pattern);

}  // namespace kith::rules
