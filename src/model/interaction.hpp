// Interaction: anything that happened with a party, and the laws of its amounts.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "base/id.hpp"
#include "base/money.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "model/field.hpp"
#include "model/name.hpp"

namespace kith::model {

// Names an interaction for ever: the party as recorded, when it happened, and its change.
struct InteractionKey {
    base::Id party;
    base::Micros at = 0;
    std::uint32_t origin = 0, number = 0;
    auto operator<=>(const InteractionKey &) const = default;
};

// Laid out as stored, so that lines are read in place.
struct Line {
    Name product = 0;
    Name category = 0;  // of the product when it was recorded
    std::int64_t quantity = 0;
    std::int64_t unit_price = 0;
    std::int64_t amount = 0;
    bool operator==(const Line &) const = default;
};

// Of a line without a margin.
inline constexpr std::int64_t kNoMargin = INT64_MIN;

// What stands in a cell of a filled form.
enum class AnswerKind : std::uint16_t {
    number,  // the bits of a double; `code` is the point of the scale where that has a name
    int_,
    boolean,
    time,   // microseconds
    date,   // days
    money,  // minor units; `code` is the currency, packed
    code,   // a name: of a list, or of the record meant
    text,   // `code` bytes of InteractionPersonal::answers, from `value` on
};

// A cell of a row of a filled form, laid out as stored. Cells of a row stand together.
struct Answer {
    std::uint32_t row = 0;  // counted from 1
    Name name = 0;          // of the aspect or the column
    AnswerKind kind{};
    std::uint16_t derived = 0;  // 1: found by kith when the form was filled
    std::uint32_t code = 0;
    std::int64_t value = 0;
    bool operator==(const Answer &) const = default;
};

// Names of cells that kith adds to those of a form.
inline constexpr std::string_view kItemCell = "item", kDimensionCell = "dimension", kGroupCell = "group",
                                  kScoreCell = "score", kValueCell = "value";

struct Interaction {
    InteractionKey key;
    std::uint64_t stamp = 0;
    Name type = 0;
    Name system = 0;
    std::string_view host_key;
    std::optional<std::int64_t> amount, base_amount;
    base::Currency currency;
    std::uint8_t direction = 0;
    std::optional<InteractionKey> corrects;
    std::span<const Line> lines;
    std::span<const std::int64_t> margins;  // of the lines, one by one; empty: no line has one
    Name medium = 0, scope = 0, topic = 0, outcome = 0, actor = 0, campaign = 0;
    Name owner = 0;  // the party's, when it was recorded
    std::optional<std::int64_t> cost, duration_s;
    Fields fields;                             // that its type defines, but for texts
    Name form = 0, about_kind = 0, about = 0;  // of a filled form
    std::uint32_t round = 0;
    std::span<const Answer> answers;
};

// The part kept aside, to be erased with the party.
struct InteractionPersonal {
    std::string_view with_whom, text, next_step;
    Fields fields{};           // that are texts
    std::string_view answers;  // texts of a filled form, one after the other
    bool any() const {
        return with_whom.data() || text.data() || next_step.data() || !fields.values.empty() ||
               answers.data();
    }
    bool operator==(const InteractionPersonal &) const = default;
};

// Types whose meaning the kernel knows; all others are only recorded.
inline constexpr std::string_view kOrder = "order", kReturn = "return", kAdjustment = "adjustment";

// Orders take no negative amounts or quantities; returns and adjustments take either sign; other
// types take no negative amounts. Amounts stay within kMaxAmount. The error names the field.
base::Result<void> check_amounts(std::string_view type, std::optional<std::int64_t> amount,
                                 std::optional<std::int64_t> base_amount, std::optional<std::int64_t> cost);
base::Result<void> check_line(std::string_view type, std::int64_t quantity, std::int64_t unit_price,
                              std::int64_t amount, std::optional<std::int64_t> margin);

// Bits of the fields an error may name, as KITH_INTERACTION_FIELD_*.
namespace interaction_field {
inline constexpr std::uint32_t amount = 1, base_amount = 2, corrects = 4, cost = 8, duration = 16, type = 256,
                               at = 512, currency = 1024, lines = 2048, key = 4096, text = 8192,
                               values = 16384, form = 32768;
}

}  // namespace kith::model
