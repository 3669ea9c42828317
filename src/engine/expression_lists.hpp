// The lazy lists of an expression: rows of one party, oldest first, read as they are asked for.
#pragma once

#include "engine/party_facts.hpp"
#include "expr/schema.hpp"

namespace kith::engine {

enum class RowKind : std::uint8_t { interaction, order, commitment, identifier };

// A bound on an interaction's time leaves out what is outside without reading it; one on its type leaves
// out others before they take memory. Corrected interactions are left out.
class RowRange : public expr::Range {
public:
    RowRange(const PartyFacts &facts, RowKind kind) : facts_(facts), kind_(kind) {}

    // Where the views of its elements are made, and the count of rows passed over, of one evaluation.
    void use(expr::Memory &memory, std::uint32_t &passed) {
        memory_ = &memory;
        passed_ = &passed;
    }
    std::unique_ptr<expr::Iterator> open(std::span<const expr::Bound> bounds) const override;
    std::optional<std::uint32_t> size() const override;

private:
    const PartyFacts &facts_;
    RowKind kind_;
    expr::Memory *memory_ = nullptr;
    std::uint32_t *passed_ = nullptr;
};

// Made in the memory of an evaluation, and owns nothing.
class LineRange : public expr::Range {
public:
    LineRange(const RowContext &facts, const model::Interaction &interaction, std::uint32_t currency,
              expr::Memory &memory)
        : facts_(facts),
          lines_(interaction.lines),
          margins_(interaction.margins),
          currency_(currency),
          memory_(memory) {}

    std::unique_ptr<expr::Iterator> open(std::span<const expr::Bound> bounds) const override;
    std::optional<std::uint32_t> size() const override { return static_cast<std::uint32_t>(lines_.size()); }

private:
    const RowContext &facts_;
    std::span<const model::Line> lines_;
    std::span<const std::int64_t> margins_;
    std::uint32_t currency_;
    expr::Memory &memory_;
};

}  // namespace kith::engine
