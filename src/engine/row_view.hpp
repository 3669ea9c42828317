// Rows as records of expressions see them: in place, read with what knows how.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "model/commitment.hpp"
#include "model/interaction.hpp"

namespace kith::engine {

struct RowView;

// What a row is read with: its record decoded, its names as texts.
class RowContext {
public:
    virtual ~RowContext() = default;

    // The row decoded, until another is asked for.
    virtual const model::Interaction &interaction(const RowView &row) const = 0;
    virtual const model::InteractionPersonal &personal(const RowView &row) const = 0;
    virtual const model::CommitmentPersonal &commitment_personal(const RowView &) const {
        static constexpr model::CommitmentPersonal kNone{};
        return kNone;
    }
    virtual std::string_view text(model::Name name) const = 0;                 // absent where it is 0
    virtual std::string_view process_name(const base::Id &process) const = 0;  // absent where there is none
    virtual std::string_view parent_name(const base::Id &) const {
        return {};
    }                                            // of the process it is a part of
    virtual std::uint32_t currency() const = 0;  // the file's
    std::uint32_t currency(const model::Interaction &interaction) const {
        return interaction.currency.packed() ? interaction.currency.packed() : currency();
    }
};

// Keys and records that the file has not, or not so.
using RowsInHand = std::vector<std::pair<std::vector<std::byte>, std::vector<std::byte>>>;

// A row of the file, in place: what a record of an expression points at.
struct RowView {
    const RowContext *facts = nullptr;
    const std::byte *key = nullptr;  // 32 bytes for an interaction or identifier, 40 for a commitment
    base::Bytes payload;             // of an interaction: its row beside others, not its fact
};

// A line of an interaction, in place.
struct LineView {
    const RowContext *facts = nullptr;
    const model::Line *line = nullptr;
    const std::int64_t *margin = nullptr;  // none of the lines has one
    std::uint32_t currency = 0;
};

}  // namespace kith::engine
