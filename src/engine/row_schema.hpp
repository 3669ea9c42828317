// What expressions over rows see: `i`, `line` or `a`, and `band` of the row.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/row_view.hpp"
#include "engine/types.hpp"
#include "expr/program.hpp"
#include "model/process.hpp"
#include "rules/bands.hpp"
#include "rules/form.hpp"

namespace kith::engine {

// A row of a filled form, in place: its cells.
struct AnswerView {
    const RowContext *facts = nullptr;
    std::span<const model::Answer> cells;
    std::uint32_t round = 0;
};

// The part of an interaction that is measured: itself, a line of it, or a row of its form.
struct RowPart {
    const model::Line *line = nullptr;
    std::span<const model::Answer> answer;
};

class Measurer;
struct Measure;
struct RowMatrix;

// Of what the party's earlier rows decide.
struct RowAtHand {
    Measurer *measurer;
    const model::Line *line;
};

// Bands that class rows; their expressions see the row, but no bands.
struct RowBands {
    rules::Bands bands;
    std::shared_ptr<const expr::Program> of;
    std::vector<std::shared_ptr<const expr::Program>> limits;  // null where one is no expression
    std::string text;  // of the definition, by which it is known again
};
using RowBandsList = std::vector<std::shared_ptr<const RowBands>>;

// Of rows of interactions and lines; of a form's rows. With the fields that types define, but for texts: rows
// are measured without what is personal.
std::shared_ptr<const expr::Schema> row_schema(std::span<const TypedField> fields);
// And `m`: the first rows of measures; and `cell`: by matrices of rows.
std::shared_ptr<const expr::Schema> row_schema(
    const std::vector<std::pair<std::string, const Measure *>> &firsts, std::span<const TypedField> fields);
std::shared_ptr<const expr::Schema> row_schema(const std::vector<std::shared_ptr<const RowMatrix>> &matrices,
                                               std::span<const TypedField> fields);
std::shared_ptr<const expr::Schema> row_schema(const rules::Form &form, RowBandsList bands,
                                               std::span<const TypedField> fields);

// Who entered or left a segment, as a row: one of the log of memberships, under the key of its fact.
struct MemberChange {
    model::InteractionKey key;
    model::Name segment = 0;
    bool entered = false;
    std::uint32_t times = 0;  // how often the party has entered by then
    model::Cause cause = model::Cause::event;
};
inline constexpr std::string_view kEntered = "segment.entered", kLeft = "segment.left";
std::shared_ptr<const expr::Schema> change_schema();

class ChangeBinding : public expr::Binding {
public:
    ChangeBinding(const RowContext &facts, const MemberChange &change) : facts_(facts), change_(change) {}
    expr::Value variable(std::uint32_t number, expr::Memory &memory) const override;
    const RowContext &facts() const { return facts_; }
    const MemberChange &change() const { return change_; }

private:
    const RowContext &facts_;
    const MemberChange &change_;
};

class RowBinding : public expr::Binding {
public:
    RowBinding(const RowView &row, const LineView *line, const AnswerView *answer, const RowAtHand &at_hand)
        : row_(row), line_(line), answer_(answer), at_hand_(at_hand) {}
    expr::Value variable(std::uint32_t number, expr::Memory &) const override;

    const RowContext &context() const { return *row_.facts; }

private:
    const RowView &row_;
    const LineView *line_;
    const AnswerView *answer_;
    const RowAtHand &at_hand_;
};

// The class of a value between limits; null where one of them is not known.
const rules::BandClass *class_by_limits(const rules::Bands &bands, const expr::Value &value,
                                        std::uint32_t currency,
                                        const std::function<expr::Value(std::size_t)> &limit);

}  // namespace kith::engine
