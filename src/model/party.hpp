// Party and Identifier: who they are. Text is borrowed, from a snapshot, a batch or an arena.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "base/time.hpp"
#include "model/field.hpp"
#include "model/name.hpp"

namespace kith::model {

enum class PartyKind : std::uint8_t { person, organisation, household, anonymous };

// Bits of the party's fields, as KITH_PARTY_FIELD_*.
namespace party_field {
inline constexpr std::uint32_t kind = 1, roles = 2, name = 4, language = 8, time_zone = 16, owner = 32,
                               tags = 64, revision = 128, values = 256;
// The source of a field that a type defines is kept under its name with this bit.
inline constexpr std::uint32_t typed = 1u << 31;
}  // namespace party_field

struct Party {
    base::Id id;
    PartyKind kind = PartyKind::person;
    std::uint32_t roles = 0;
    std::string_view name, language, time_zone, tags;
    Name owner = 0;
    std::uint64_t revision = 0;
    std::uint64_t created = 0;  // stamp
    std::uint64_t changed = 0;  // stamp
    Fields fields;              // that the type "party" defines
};

struct FieldSource {
    std::uint32_t field = 0;
    Name source = 0;
    std::uint64_t stamp = 0;
};

struct Identifier {
    base::Id party;
    std::uint32_t origin = 0, number = 0;
    Name kind = 0;
    std::uint32_t flags = 0;
    std::string_view value, normalised;
    std::optional<base::Micros> verified_at, valid_from, valid_to;
    std::uint64_t stamp = 0;
};

namespace identifier_flag {
inline constexpr std::uint32_t shared = 1, host = 2;
}

}  // namespace kith::model
