// The events of the engine, which rules may wait for beside types of interactions.
#pragma once

#include <optional>
#include <string_view>

#include "rules/findings.hpp"

namespace kith::rules {

struct EngineEvents {
    std::string_view head;                 // "segment"
    std::string_view names;                // "entered left", with blanks between them
    std::optional<Mention::Kind> named{};  // what their e.name is the name of
    bool later = false;                    // of records of a later version
};

// Those that begin as `pattern` does ("segment.entered", "segment.*"); null for other types.
const EngineEvents *engine_events_of(std::string_view pattern);

}  // namespace kith::rules
