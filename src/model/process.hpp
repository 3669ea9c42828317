// Process instances and their log.
#pragma once

#include <optional>

#include "base/id.hpp"
#include "base/time.hpp"
#include "model/commitment.hpp"
#include "model/field.hpp"
#include "model/interaction.hpp"
#include "model/name.hpp"

namespace kith::model {

enum class MilestoneState : std::uint8_t { running = 1, paused, met, breached, dropped };

// How a process stands to a deadline. Laid out as stored.
struct Milestone {
    Name name = 0;
    MilestoneState state = MilestoneState::running;
    std::uint8_t business = 0;  // its length is time in which business is open
    std::uint16_t reserved = 0;
    base::Micros due = 0;
    base::Micros warn = INT64_MAX;  // INT64_MAX: no more
    base::Micros paused_at = 0;     // while it stands still
    base::Id commitment;
    bool operator==(const Milestone &) const = default;
};

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
    std::string_view key;  // of the instance among those of its subject
    base::Id parent;
    Fields fields;
    base::Micros due = INT64_MAX;    // its next timer; INT64_MAX: none
    base::Micros looks = INT64_MAX;  // when a guard may come to hold by itself, or before
    std::span<const Milestone> milestones;
    base::Micros outer_since = 0;  // when the state around its own was entered
    std::optional<base::Micros> outer_tried_at{};  // as tried_at, of the timers of that state
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
    std::string_view reason;  // by hand; it stands apart
    Name actor = 0;
    Fields fields;  // what it set; texts stand apart
    std::span<const Name> cleared;
    // Of a start.
    Name definition = 0;
    std::string_view key;
    base::Id parent;
    bool inside = false;  // of the state it stands in: its data alone were set
};

}  // namespace kith::model
