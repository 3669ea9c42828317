// An entry of the change feed, and a stored definition.
#pragma once

#include <optional>
#include <string_view>

#include "base/id.hpp"
#include "base/time.hpp"
#include "model/name.hpp"

namespace kith::model {

enum class ChangeKind : std::uint8_t {
    party = 1,
    identifier,
    interaction,
    process,
    commitment,
    definition,
    product,
    actor,
    campaign,
    score,  // key in `from` (the subject's code), `to` (the score's key); the subject's kind in `changed`
    link,   // from `from`, an actor, or `party`, to `record`; its kind in `changed`
    membership,  // in a segment: from `from` to `to`
    rule,        // it ran, set off by `from`; or it failed, why in `to`; so may a process
    request,     // to `to`, an actor, or the party
    event,       // that `from`, a rule or process, has emitted
};
enum class Operation : std::uint8_t {
    created = 1,
    changed,
    corrected,
    historic,
    late,    // an open commitment: its due time has come
    failed,  // of a rule
};

struct Change {
    std::uint64_t seq = 0;
    std::uint64_t stamp = 0;
    std::uint32_t origin = 0, number = 0;
    ChangeKind kind{};
    Operation operation{};
    std::uint32_t changed = 0;
    base::Id party, record;
    Name name = 0, from = 0, to = 0;
    std::optional<base::Micros> at;
};

inline Change change_of(ChangeKind kind, Operation operation, const base::Id &party, const base::Id &record,
                        Name name = 0) {
    Change change;
    change.kind = kind;
    change.operation = operation;
    change.party = party;
    change.record = record;
    change.name = name;
    return change;
}

// When a change was recorded: the wall part of its stamp.
constexpr base::Micros wall_of(std::uint64_t stamp) { return static_cast<base::Micros>(stamp >> 16) * 1000; }

struct DefinitionRecord {
    std::string_view kind, name, playbook, json;
    std::uint32_t version = 0;
    std::uint64_t stamp = 0;
};

}  // namespace kith::model
