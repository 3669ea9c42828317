// What the host's codes stand for: products, actors and campaigns. Each is known by the name code of its key,
// also while it has no record.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "model/name.hpp"

namespace kith::model {

// The root of the tree of actors: the enterprise.
inline constexpr std::string_view kSelf = "self";

// Laid out as stored, so that lists are read in place.
struct CodeValue {
    Name code = 0;
    std::uint32_t reserved = 0;
    std::int64_t value = 0;
    bool operator==(const CodeValue &) const = default;
};

// Bits of the fields, as KITH_PRODUCT_FIELD_*, KITH_ACTOR_FIELD_* and KITH_CAMPAIGN_FIELD_*.
namespace product_field {
inline constexpr std::uint32_t name = 1, category = 2, revision = 128;
}
namespace actor_field {
inline constexpr std::uint32_t kind = 1, name = 2, part_of = 4, active = 8, calendar = 16, skills = 32,
                               limits = 64, revision = 128;
}
namespace campaign_field {
inline constexpr std::uint32_t name = 1, purpose = 2, starts_at = 4, ends_at = 8, budget = 16, revision = 128;
}

struct Product {
    Name key = 0;
    std::string_view name;
    std::span<const Name> category;  // from the root
    std::uint64_t revision = 0;
    std::uint64_t created = 0, changed = 0;  // stamps
};

enum class ActorKind : std::uint8_t { staff, team, department, branch, site, device, service };

inline constexpr std::array<std::string_view, 7> kActorWords = {"staff", "team",   "department", "branch",
                                                                "site",  "device", "service"};
constexpr std::string_view word_of(ActorKind kind) {
    const auto index = static_cast<std::size_t>(kind);
    return index < kActorWords.size() ? kActorWords[index] : "unknown";
}

struct Actor {
    Name key = 0;
    ActorKind kind = ActorKind::staff;
    std::string_view name;
    Name part_of = 0;  // 0: of the enterprise itself
    bool active = true;
    Name calendar = 0;
    std::span<const CodeValue> skills, limits;
    std::uint64_t revision = 0;
    std::uint64_t created = 0, changed = 0;  // stamps
};

struct Campaign {
    Name key = 0;
    std::string_view name;
    Name purpose = 0;
    std::optional<base::Micros> starts_at, ends_at;
    std::optional<std::int64_t> budget;
    std::uint64_t revision = 0;
    std::uint64_t created = 0, changed = 0;  // stamps
};

}  // namespace kith::model
