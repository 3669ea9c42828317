// A batch: changes collected in memory, copied and checked one by one, applied together at commit.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "base/arena.hpp"
#include "base/id.hpp"
#include "base/money.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "engine/commitment_items.hpp"
#include "engine/directory_items.hpp"
#include "engine/ref.hpp"
#include "model/interaction.hpp"
#include "model/party.hpp"
#include "model/process.hpp"
#include "rules/playbook.hpp"

namespace kith::engine {

// A value of a field that a type defines.
struct FieldItem {
    std::string_view name;
    model::FieldKind kind{};
    std::int64_t integer =
        0;  // of money minor units, of a time microseconds, of a date days; a bool's 0 or 1
    double real = 0;
    base::Currency currency;
    std::string_view text;  // absent, of a value that is written: the party's is cleared
    base::Id id;
};

struct PartyItem {
    Ref ref;
    ItemFlags flags;
    std::uint32_t fields = 0;  // model::party_field bits
    model::Party party;        // without owner
    std::string_view owner;
    std::span<const FieldItem> values;
};

struct IdentifierItem {
    Ref ref;
    ItemFlags flags;
    std::string_view kind, value;
    bool shared = false;
    std::optional<base::Micros> verified_at, valid_from, valid_to;
};

struct LineItem {
    std::string_view product;
    std::int64_t quantity = 0, unit_price = 0, amount = 0;
    std::string_view category{};  // empty: the product's
    std::optional<std::int64_t> margin{};
};

// An answer as given: of an item's aspect, or of a column in a row of a sheet.
struct AnswerItem {
    std::string_view item, aspect, text;
    std::optional<double> number;
    std::uint32_t row = 0;  // of a sheet, from 1
};

struct InteractionItem {
    Ref ref;
    ItemFlags flags;
    std::string_view type, system, host_key, medium, scope, topic, outcome, actor, campaign;
    base::Micros at = 0;
    std::optional<std::int64_t> amount, base_amount, cost, duration_s;
    base::Currency currency;  // none: the file's
    std::uint8_t direction = 0;
    std::optional<model::InteractionKey> corrects;
    std::span<const LineItem> lines;
    model::InteractionPersonal personal;
    std::span<const FieldItem> values;
    std::string_view form, about_kind, about;
    std::uint32_t round = 0;
    std::span<const AnswerItem> answers;
};

// An event for a process of a party; without one it opens the process by hand.
struct ProcessItem {
    Ref ref;
    ItemFlags flags;
    std::string_view process, key;  // key absent: the one that has none
    std::string_view event, actor, reason;
    base::Micros at = 0;
    std::span<const FieldItem> values;  // of the fields that its definition has
};

struct DefineItem {
    std::size_t playbook = 0;  // index into Batch::playbooks
};

using Item = std::variant<PartyItem, IdentifierItem, InteractionItem, CommitmentItem, DefineItem, ProductItem,
                          ActorItem, CampaignItem, ScoreItem, LinkItem, NewCommitmentItem,
                          CommitmentChangeItem, ProcessItem, RequestItem, ResumeItem>;

enum class ItemResult : std::uint32_t { created = 1, existing, unchanged, changed, corrected, skipped };

struct Outcome {
    ItemResult result = ItemResult::unchanged;
    base::Id party;
    std::optional<model::InteractionKey> interaction;
    bool party_created = false;
    base::Id commitment{};
};

class Batch {
public:
    // Each add copies what it is given and checks what can be checked without the file: UTF-8,
    // limits, ranges, signs, references to earlier items. On failure the batch is as before.
    base::Result<std::uint32_t> add(const PartyItem &item);
    base::Result<std::uint32_t> add(const IdentifierItem &item);
    base::Result<std::uint32_t> add(const InteractionItem &item);
    base::Result<std::uint32_t> add(const NewCommitmentItem &item);
    base::Result<std::uint32_t> add(const CommitmentItem &item);
    base::Result<std::uint32_t> add(const CommitmentChangeItem &item);
    base::Result<std::uint32_t> add(const RequestItem &item);
    base::Result<std::uint32_t> add(const ResumeItem &item);
    base::Result<std::uint32_t> add(const ProcessItem &item);
    base::Result<std::uint32_t> add(const ProductItem &item);
    base::Result<std::uint32_t> add(const ActorItem &item);
    base::Result<std::uint32_t> add(const CampaignItem &item);
    base::Result<std::uint32_t> add(const ScoreItem &item);
    base::Result<std::uint32_t> add(const LinkItem &item);
    base::Result<std::uint32_t> add_playbook(std::string_view json);
    // A new value of a setting, as it stands in a playbook: 150, "150.00 EUR", { "default": 2, "de": 3 }.
    base::Result<std::uint32_t> add_setting(std::string_view name, std::string_view json);

    // Takes back the items from `count` on; their memory stays used until clear().
    void truncate(std::uint32_t count) { items_.resize(count); }
    void clear();

    std::uint32_t count() const { return static_cast<std::uint32_t>(items_.size()); }
    std::span<const Item> items() const { return items_; }
    const rules::Playbook &playbook(const DefineItem &item) const { return playbooks_[item.playbook]; }

    base::Micros effects_from = INT64_MIN;
    std::vector<base::Micros> instants;  // of the clock, by item; empty: it stands for all of them
    std::vector<Outcome> outcomes;       // of the last commit; empty before it

private:
    base::Result<std::uint32_t> push(Item item);
    base::Result<Ref> copy(const Ref &ref);
    std::span<const CodeValueItem> copy(std::span<const CodeValueItem> values);
    base::Result<std::span<const std::string_view>> copy(std::span<const std::string_view> codes,
                                                         std::uint32_t at_fault);
    base::Result<model::CommitmentPersonal> copy(const model::CommitmentPersonal &personal);
    base::Result<std::span<const FieldItem>> copy(std::span<const FieldItem> values, std::uint32_t at_fault);

    base::Arena arena_;
    std::vector<Item> items_;
    std::vector<rules::Playbook> playbooks_;
};

}  // namespace kith::engine
