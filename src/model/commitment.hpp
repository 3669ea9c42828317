// A commitment: what someone owes someone by a time.
#pragma once

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>

#include "base/id.hpp"
#include "base/time.hpp"
#include "model/name.hpp"

namespace kith::model {

enum class CommitmentSort : std::uint8_t {
    task = 1,
    promise = 2,
    approval = 3,
    compensation = 4,
    milestone = 5,
    reminder = 6,
};
inline constexpr std::string_view kCommitmentSorts[] = {
    "", "task", "promise", "approval", "compensation", "milestone", "reminder"};

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
inline constexpr std::string_view kCommitmentStates[] = {
    "", "open", "accepted", "doing", "kept", "broken", "waived", "cancelled", "compensated", "historic"};

constexpr std::string_view word_of(CommitmentSort sort) {
    const auto index = static_cast<std::size_t>(sort);
    return index < std::size(kCommitmentSorts) ? kCommitmentSorts[index] : "unknown";
}
constexpr std::string_view word_of(CommitmentState state) {
    const auto index = static_cast<std::size_t>(state);
    return index < std::size(kCommitmentStates) ? kCommitmentStates[index] : "unknown";
}

constexpr bool is_open(CommitmentState state) { return state <= CommitmentState::doing; }

// Forwards only; what has ended stays so, but for what was broken, which may be made good or let off.
constexpr bool may_move(CommitmentState from, CommitmentState to) {
    using enum CommitmentState;
    if (from == broken) return to == compensated || to == waived;
    return is_open(from) && to > from && to <= cancelled;
}

// Whether it breaks when its due time comes. Others stay open, and are late.
constexpr bool breaks_when_due(CommitmentSort sort) {
    return sort == CommitmentSort::promise || sort == CommitmentSort::compensation ||
           sort == CommitmentSort::milestone;
}

namespace commitment_flag {
inline constexpr std::uint8_t is_explicit = 1;  // said in so many words
inline constexpr std::uint8_t internal = 2;     // among ourselves: never shown to a customer
}  // namespace commitment_flag

// What changed, or is to change.
namespace commitment_field {
inline constexpr std::uint32_t due = 1;
inline constexpr std::uint32_t assignee = 2;
inline constexpr std::uint32_t title = 4;
inline constexpr std::uint32_t artefacts = 8;
inline constexpr std::uint32_t evidence = 16;
inline constexpr std::uint32_t result = 32;
inline constexpr std::uint32_t item = 64;
inline constexpr std::uint32_t condition = 128;
inline constexpr std::uint32_t compensation = 256;
inline constexpr std::uint32_t revision = 512;
}  // namespace commitment_field

// Who owes, or is owed: a party or an actor; neither where it was not said.
struct Side {
    base::Id party;
    Name actor = 0;
    bool operator==(const Side &) const = default;
};

enum class ForKind : std::uint8_t { none, party, process, commitment };

struct Commitment {
    base::Id party, id;
    CommitmentSort sort = CommitmentSort::task;
    CommitmentState state = CommitmentState::open;
    std::uint8_t flags = 0;  // commitment_flag
    ForKind for_kind = ForKind::none;
    bool told_late = false;  // of the due time it has now
    Name kind = 0, name = 0;
    Name title = 0;  // of a definition; those of people are personal
    Name assignee = 0;
    Name owner = 0;  // of the party, when it was made
    Side debtor, creditor;
    base::Id for_record;
    std::span<const Name> require, artefacts;  // what it needs, what is there
    base::Micros opened_at = 0;
    std::optional<base::Micros> due, accepted_at, started_at, ended_at;
    std::optional<base::Micros> broken_at;  // also of what has been made good, or let off, since
    base::Id process;  // that made it
    Name rule = 0;     // that made it
    std::uint32_t version = 0;
    std::uint32_t revision = 0;
    std::uint64_t stamp = 0;
    Name system = 0;
    std::string_view host_key;

    // When it next does something by itself. The process of a milestone does it.
    std::optional<base::Micros> falls_due() const {
        const bool waits = is_open(state) && !told_late && !(sort == CommitmentSort::milestone && process);
        return waits ? due : std::nullopt;
    }
    // Whether its due time came while it was open.
    bool was_late() const {
        const auto end = broken_at ? broken_at : ended_at;
        return told_late || (due && end && (*end > *due || (broken_at && *end == *due)));
    }
    bool has(Name artefact) const { return std::ranges::find(artefacts, artefact) != artefacts.end(); }
    bool is_ready() const {
        return std::ranges::all_of(require, [&](Name one) { return has(one); });
    }
};

// What people wrote; absent is not empty.
struct CommitmentPersonal {
    std::string_view title, item, condition, compensation, evidence, result;
    std::uint64_t stamp = 0;
    bool any() const {
        return title.data() || item.data() || condition.data() || compensation.data() || evidence.data() ||
               result.data();
    }
};

}  // namespace kith::model
