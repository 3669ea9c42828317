// Process instances and their log.
#pragma once

#include <optional>

#include "base/id.hpp"
#include "base/time.hpp"
#include "model/commitment.hpp"
#include "model/interaction.hpp"
#include "model/name.hpp"

namespace kith::model {

// A fold over its log.
struct Process {
    base::Id party, id;
    Name definition = 0;
    std::uint32_t version = 0;
    Name state = 0;
    base::Micros since = 0;       // in event time
    base::Micros started_at = 0;  // in event time
    std::uint32_t transitions = 0;
    std::optional<base::Micros> tried_at;  // due instant of the last timer whose guards failed in this state
    std::uint64_t stamp = 0;
};

enum class Cause : std::uint8_t { event = 1, timer = 2, hand = 3, definition = 4 };

struct Transition {
    base::Id party, process;
    std::uint32_t origin = 0, number = 0;
    std::uint64_t stamp = 0;
    base::Micros at = 0;
    Name from = 0, to = 0;
    Cause cause = Cause::event;
    Name event = 0;
    InteractionKey interaction;  // if caused by one
    std::uint32_t version = 0;
    bool late = false;
};

}  // namespace kith::model
