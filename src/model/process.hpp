// Process instances, their log, and commitments.
#pragma once

#include <iterator>
#include <optional>
#include <string_view>

#include "base/id.hpp"
#include "base/time.hpp"
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
    base::Micros warn = INT64_MAX;         // INT64_MAX: no more
    base::Micros paused_at = 0;      // while it stands still
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
    Name actor = 0;
    Fields fields;  // what it set; texts stand apart
    std::span<const Name> cleared;
    // Of a start.
    Name definition = 0;
    std::string_view key;
    base::Id parent;
    bool inside = false;  // of the state it stands in: its data alone were set
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

enum class CommitmentSort : std::uint8_t { task = 1, promise, approval, compensation, milestone, reminder };

struct Commitment {
    base::Id party, id;
    CommitmentSort sort = CommitmentSort::task;
    Name rule = 0, assignee = 0;
    Name kind = 0, title = 0;
    CommitmentState state = CommitmentState::open;
    base::Micros opened_at = 0;
    std::optional<base::Micros> due, ended_at;
    base::Id process;
    std::uint64_t stamp = 0;
};

}  // namespace kith::model
