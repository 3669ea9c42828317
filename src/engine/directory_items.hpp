// Items of a batch about products, actors, campaigns, scores and links.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "engine/ref.hpp"
#include "model/directory.hpp"
#include "model/score.hpp"

namespace kith::engine {

struct CodeValueItem {
    std::string_view code;
    std::int64_t value = 0;
};

// `fields` says what is set; others stay as they are.
struct ProductItem {
    ItemFlags flags;
    std::uint32_t fields = 0;  // model::product_field bits
    std::string_view key, name;
    std::span<const std::string_view> category;  // codes from the root
    std::uint64_t revision = 0;
};

struct ActorItem {
    ItemFlags flags;
    std::uint32_t fields = 0;  // model::actor_field bits
    std::string_view key, name, part_of, calendar;
    model::ActorKind kind = model::ActorKind::staff;
    bool active = true;
    std::span<const CodeValueItem> skills, limits;
    std::uint64_t revision = 0;
};

struct CampaignItem {
    ItemFlags flags;
    std::uint32_t fields = 0;  // model::campaign_field bits
    std::string_view key, name, purpose;
    base::Micros starts_at = 0, ends_at = 0;
    std::int64_t budget = 0;
    std::uint64_t revision = 0;
};

struct ScoreItem {
    model::SubjectKind kind = model::SubjectKind::all;
    Ref ref;                       // of a party
    std::string_view subject_key;  // of an actor, a product or a campaign
    ItemFlags flags;
    std::string_view metric, key, period, source, method, author, system, host_key, text;
    base::Micros at = 0;
    model::Nature nature{};
    std::optional<double> number, confidence, spread;
    std::optional<std::int64_t> money, n;
    base::Currency currency;  // none: the file's
    std::uint32_t definition_version = 0;
};

struct LinkItem {
    Ref from;                // a party, unless `actor` is given
    std::string_view actor;  // key of the actor it comes from
    Ref to;
    ItemFlags flags;
    model::LinkKind kind{};
    bool undone = false;
    std::optional<base::Micros> valid_from, valid_to;
    std::uint8_t stance = 0, strength = 0;
};

}  // namespace kith::engine
