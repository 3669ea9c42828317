// What expressions may name of kith's own records: the schema, and what it reads for one party.
//
// A program compiled against the schema can be used for any file: it holds nothing of one.
#pragma once

#include <memory>

#include "engine/expression_lists.hpp"
#include "engine/types.hpp"
#include "expr/schema.hpp"

namespace kith::engine {

// Numbers of kith's own variables; `now`, `today` and `zone` follow, then the host's.
enum class ExpressionVariable : std::uint32_t {
    party,
    i,
    m,
    state,
    interactions,
    orders,
    commitments,
    processes,
    identifiers,
};
inline constexpr std::uint32_t kHostVariables = 12;
inline constexpr std::uint32_t kHostVariablesOfValues = 20;  // after those of definitions (values.hpp)

// Numbers of the records, which are the tags of their values.
enum class ExpressionRecord : std::uint16_t {
    line,
    interaction,
    party,
    process,
    commitment,
    identifier,
    figures,
};

// Fields of an interaction by which its list is bounded.
inline constexpr std::uint32_t kInteractionType = 1, kInteractionAt = 2;

// The two records of a row of the timeline, the same as in make_expression_schema(), for a schema that has
// none.
struct RowTypes {
    const expr::Type *line = nullptr, *interaction = nullptr;
};
RowTypes add_row_records(expr::Schema &schema, std::span<const TypedField> fields = {});

// The party's figures, one by one.
std::span<const expr::Field> figure_fields();
expr::Value figure_value(std::uint32_t field, const PartyFacts &facts, expr::Memory &memory);

// Of a field that a type or process defines; an error where it is not set. Under a former definition it may
// be of another kind: then it is not set.
expr::Value field_value(const model::Fields &fields, const RowContext &names, const TypedField &field,
                        expr::Memory &memory);

// Whether every record of this kind has the field, whatever the types.
bool is_built_in(ExpressionRecord record, std::string_view field);

// kith's records and variables, with what types define, for a schema to which more may be added.
std::shared_ptr<expr::Schema> make_expression_schema(const TypeSet &types = {});

// Gives kith's variables of a party (null: none of them), and the host's, for one evaluation. [one thread at
// a time]
class PartyBinding : public expr::Binding {
public:
    // The host's variables have numbers from `first_host` on.
    PartyBinding(const PartyFacts *facts, std::span<const expr::Value> host,
                 std::uint32_t first_host = kHostVariables);
    expr::Value variable(std::uint32_t number, expr::Memory &memory) const override;

private:
    expr::Value state(expr::Memory &memory) const;
    expr::Value processes(expr::Memory &memory) const;

    const PartyFacts *facts_;
    std::span<const expr::Value> host_;
    std::uint32_t first_host_;
    mutable std::optional<RowRange> lists_[4];  // by RowKind, those that are named
    mutable std::uint32_t passed_ = 0;          // rows, by all lists together
};

}  // namespace kith::engine
