// Process instances, their log, and commitments.
#pragma once

#include <iterator>
#include <optional>
#include <string_view>

#include "base/id.hpp"
#include "base/time.hpp"
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

constexpr std::string_view word_of(Cause cause) {
    constexpr std::string_view kWords[] = {"event", "timer", "hand", "definition"};
    const auto place = static_cast<std::size_t>(cause) - 1;
    return place < 4 ? kWords[place] : std::string_view();
}

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

enum class CommitmentState : std::uint8_t {
    open = 1,
    accepted = 2,
    doing = 3,
    kept = 4,
    broken = 5,
    waived = 6,
    cancelled = 7,
    compensated = 8,
    historic = 9,
};

constexpr std::string_view word_of(CommitmentState state) {
    constexpr std::string_view kWords[] = {"",       "open",   "accepted",  "doing",       "kept",
                                           "broken", "waived", "cancelled", "compensated", "historic"};
    const auto index = static_cast<std::size_t>(state);
    return index < std::size(kWords) ? kWords[index] : "unknown";
}

constexpr bool is_open(CommitmentState state) { return state <= CommitmentState::doing; }

struct Commitment {
    base::Id party, id;
    Name kind = 0, title = 0;
    CommitmentState state = CommitmentState::open;
    base::Micros opened_at = 0;
    std::optional<base::Micros> due, ended_at;
    base::Id process;
    std::uint64_t stamp = 0;
};

}  // namespace kith::model
