#include "engine/row_schema.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "engine/expression_schema.hpp"
#include "engine/forms.hpp"
#include "engine/values.hpp"

namespace kith::engine {

using expr::Code;
using expr::Memory;
using expr::TypeKind;
using expr::Value;
using model::AnswerKind;
using rules::FieldType;

namespace {

// Of rows of a form `band` and `a`; of others what earlier rows decide, `m` or `cell`.
enum RowVariable : std::uint32_t { kRowInteraction, kRowLine, kRowBand, kRowEarlier = kRowBand, kRowAnswer };
// After those of lines and interactions.
constexpr std::uint16_t kRowBandsTag = 2, kRowEarlierTag = 2, kRowAnswerTag = 3;
constexpr std::uint32_t kCellSize = 64;

// Fields are the cells of a row by name; `row` and `round` are numbers beside them.
class AnswerRecord : public expr::RecordType {
public:
    explicit AnswerRecord(std::vector<expr::Field> fields)
        : RecordType("Answer", std::move(fields)), row_(*find("row")), round_(*find("round")) {}

    Value get(const void *object, std::uint32_t field, Memory &) const override {
        const auto &row = *static_cast<const AnswerView *>(object);
        if (field == row_) return expr::of_int(row.cells.empty() ? 0 : row.cells[0].row);
        if (field == round_) return expr::of_int(row.round);
        const auto &wanted = fields()[field];
        for (const auto &cell : row.cells) {
            if (row.facts->text(cell.name) == wanted.name) return value(row, cell, wanted.type->kind);
        }
        return absent();
    }

private:
    static Value absent() { return expr::fail(Code::absent, "it was not answered: test it with has()"); }

    // Absent too where the form has changed its mind about what it asks for.
    static Value value(const AnswerView &row, const model::Answer &cell, TypeKind wanted) {
        switch (cell.kind) {
            case AnswerKind::number:
                if (wanted == TypeKind::double_) return expr::of_double(std::bit_cast<double>(cell.value));
                break;
            case AnswerKind::int_:
                if (wanted == TypeKind::int_) return expr::of_int(cell.value);
                break;
            case AnswerKind::boolean:
                if (wanted == TypeKind::boolean) return expr::of_bool(cell.value != 0);
                break;
            case AnswerKind::time:
                if (wanted == TypeKind::timestamp) return expr::of_micros(cell.value);
                break;
            case AnswerKind::date:
                if (wanted == TypeKind::date) return expr::of_date(cell.value);
                break;
            case AnswerKind::money:
                if (wanted == TypeKind::money) return expr::of_money(cell.value, cell.code);
                break;
            case AnswerKind::code:
                if (wanted == TypeKind::string) return expr::of_text(row.facts->text(cell.code));
                break;
            case AnswerKind::text:
                break;
        }
        return absent();
    }

    std::uint32_t row_, round_;
};

// One a thread: the row's own is at work when its class is asked for.
expr::Evaluator &row_bands_evaluator() {
    thread_local expr::Evaluator one;
    return one;
}

// Fields are the classes of the row at hand.
class RowBandsRecord : public expr::RecordType {
public:
    RowBandsRecord(std::vector<expr::Field> fields, RowBandsList bands)
        : RecordType("RowBands", std::move(fields)), bands_(std::move(bands)) {}

    Value get(const void *object, std::uint32_t field, Memory &) const override {
        const auto &row = *static_cast<const RowBinding *>(object);
        const auto &bands = *bands_[field];
        const auto evaluate = [&](const expr::Program &program) {
            return row_bands_evaluator().evaluate(program, row, {}).value;
        };
        const auto value = evaluate(*bands.of);
        if (!number_of(value)) {
            if (!bands.bands.missing.empty()) return expr::of_text(bands.bands.missing);
            return expr::fail(Code::absent, "what is classed is not known of this row");
        }
        const auto *found = class_by_limits(bands.bands, value, row.context().currency(),
                                            [&](std::size_t i) { return evaluate(*bands.limits[i]); });
        if (!found) return expr::fail(Code::absent, "a limit of the class is not known of this row");
        return expr::of_text(found->is);
    }

private:
    RowBandsList bands_;
};

// None for a text: it is personal, and rows are measured without.
std::optional<TypeKind> cell_type(const FieldType &type) {
    return type.kind == FieldType::Kind::text ? std::nullopt : std::optional(type_of(kind_of(type)));
}

std::vector<expr::Field> cells_of(const rules::Form &form) {
    std::vector<expr::Field> fields;
    const auto add = [&](std::string_view name, TypeKind type, const char *about) {
        if (std::ranges::find(fields, name, &expr::Field::name) == fields.end())
            fields.push_back({std::string(name), expr::Types::of(type), kCellSize, false, about});
    };
    add("row", TypeKind::int_, "of a sheet, from 1");
    add("round", TypeKind::int_, "in which it was filled, from 1");
    for (const auto &column : form.rows) {
        if (const auto type = cell_type(column.type)) add(column.name, *type, "a column");
    }
    if (!form.rows.empty()) return fields;
    add(model::kItemCell, TypeKind::string, "what was asked");
    add(model::kDimensionCell, TypeKind::string, "of the item, when the form was filled");
    add(model::kGroupCell, TypeKind::string, "of the item, when the form was filled");
    // Items that are answered with codes or whole numbers give the aspect that type where all do.
    std::optional<TypeKind> only;
    for (const auto &item : form.items) {
        const auto type = item.answer ? cell_type(*item.answer) : TypeKind::double_;
        if (!type) continue;
        only = only.value_or(*type) == *type ? *type : TypeKind::double_;
    }
    for (const auto &aspect : aspects_of(form))
        add(aspect, only.value_or(TypeKind::double_), "what was answered");
    add(model::kScoreCell, TypeKind::double_, "of the item");
    return fields;
}

// Fields that depend on the party's earlier rows too; an object is a RowAtHand.
template <class Item>
class EarlierRecord : public expr::RecordType {
public:
    using Read = expr::Value (*)(const RowAtHand &, const Item &);
    EarlierRecord(const char *name, std::vector<expr::Field> fields, std::vector<Item> items, Read read)
        : RecordType(name, std::move(fields)), items_(std::move(items)), read_(read) {}
    expr::Value get(const void *object, std::uint32_t field, expr::Memory &) const override {
        return read_(*static_cast<const RowAtHand *>(object), items_[field]);
    }

private:
    std::vector<Item> items_;
    Read read_;
};

std::vector<TypedField> without_texts(std::span<const TypedField> fields) {
    std::vector<TypedField> kept;
    std::ranges::copy_if(fields, std::back_inserter(kept),
                         [](auto &field) { return field.kind != model::FieldKind::text; });
    return kept;
}

std::shared_ptr<expr::Schema> plain_schema(std::span<const TypedField> fields) {
    auto made = std::make_shared<expr::Schema>();
    const auto types = add_row_records(*made, without_texts(fields));
    made->add_variable("i", types.interaction, 0, "the interaction at hand");
    made->add_variable("line", types.line, 0, "the line of it at hand");
    return made;
}

// `e`; an object is a ChangeBinding.
class ChangeRecord : public expr::RecordType {
public:
    ChangeRecord()
        : RecordType(
              "Change",
              {{"type", expr::Types::of(TypeKind::string), 16, false, "segment.entered, segment.left"},
               {"name", expr::Types::of(TypeKind::string), 0, false, "of the segment"},
               {"at", expr::Types::of(TypeKind::timestamp), 0, false, "when"},
               {"times", expr::Types::of(TypeKind::int_), 0, false, "that it has entered by then"},
               {"cause", expr::Types::of(TypeKind::string), 16, false, "event, timer, hand or definition"}}) {
    }
    Value get(const void *object, std::uint32_t field, Memory &) const override {
        const auto &binding = *static_cast<const ChangeBinding *>(object);
        const auto &change = binding.change();
        switch (field) {
            case 0:
                return expr::of_text(change.entered ? kEntered : kLeft);
            case 1:
                return expr::of_text(binding.facts().text(change.segment));
            case 2:
                return expr::of_micros(change.key.at);
            case 3:
                return expr::of_int(change.times);
            default:
                return expr::of_text(model::word_of(change.cause));
        }
    }
    bool has(const void *, std::uint32_t) const override { return true; }
};

}  // namespace

Value ChangeBinding::variable(std::uint32_t, Memory &) const { return expr::of_record(this, 0); }

std::shared_ptr<const expr::Schema> change_schema() {
    static const auto made = [] {
        auto schema = std::make_shared<expr::Schema>();
        const auto *record = schema->add_record(std::make_unique<ChangeRecord>());
        schema->add_variable("e", record, 0, "who entered or left");
        return schema;
    }();
    return made;
}

Value RowBinding::variable(std::uint32_t number, Memory &) const {
    switch (number) {
        case kRowInteraction:
            return expr::of_record(&row_, static_cast<std::uint16_t>(ExpressionRecord::interaction));
        case kRowLine:
            if (line_) return expr::of_record(line_, static_cast<std::uint16_t>(ExpressionRecord::line));
            break;
        case kRowBand:
            if (answer_) return expr::of_record(this, kRowBandsTag);
            return expr::of_record(&at_hand_, kRowEarlierTag);
        case kRowAnswer:
            if (answer_) return expr::of_record(answer_, kRowAnswerTag);
            break;
        default:
            break;
    }
    return expr::fail(Code::absent, "there is no such part of the row at hand");
}

std::shared_ptr<const expr::Schema> row_schema(std::span<const TypedField> fields) {
    return plain_schema(fields);
}

std::shared_ptr<const expr::Schema> row_schema(
    const std::vector<std::pair<std::string, const Measure *>> &firsts, std::span<const TypedField> typed) {
    std::vector<expr::Field> fields;
    std::vector<const Measure *> measures;
    for (const auto &[name, measure] : firsts) {
        const auto type = measure->type == expr::TypeKind::null ? expr::TypeKind::timestamp : measure->type;
        fields.push_back({name, expr::Types::of(type), 0, false, ""});
        measures.push_back(measure);
    }
    auto made = plain_schema(typed);
    const auto *record = made->add_record(std::make_unique<EarlierRecord<const Measure *>>(
        "FirstRows", std::move(fields), std::move(measures),
        [](const RowAtHand &row, const Measure *const &one) { return row.measurer->first(*one, row.line); }));
    made->add_variable("m", record, 0, "what was first, as of the row");
    return made;
}

std::shared_ptr<const expr::Schema> row_schema(const std::vector<std::shared_ptr<const RowMatrix>> &matrices,
                                               std::span<const TypedField> typed) {
    using Shared = std::shared_ptr<const RowMatrix>;
    std::vector<expr::Field> fields;
    for (const auto &one : matrices)
        fields.push_back({one->matrix.name, expr::Types::of(expr::TypeKind::string), 0, false, ""});
    auto made = plain_schema(typed);
    const auto *record = made->add_record(std::make_unique<EarlierRecord<Shared>>(
        "CellsOfRow", std::move(fields), matrices,
        [](const RowAtHand &row, const Shared &one) { return row.measurer->cell(*one, row.line); }));
    made->add_variable("cell", record, 0, "of the row, by matrix");
    return made;
}

std::shared_ptr<const expr::Schema> row_schema(const rules::Form &form, RowBandsList bands,
                                               std::span<const TypedField> fields) {
    auto made = std::make_shared<expr::Schema>();
    const auto types = add_row_records(*made, without_texts(fields));
    std::vector<expr::Field> classes;
    for (const auto &one : bands) {
        classes.push_back(
            {one->bands.name, expr::Types::of(TypeKind::string), kCellSize, false, "the class of the row"});
    }
    const auto *band =
        made->add_record(std::make_unique<RowBandsRecord>(std::move(classes), std::move(bands)));
    const auto *answer = made->add_record(std::make_unique<AnswerRecord>(cells_of(form)));
    // In the order of RowVariable.
    made->add_variable("i", types.interaction, 0, "the interaction at hand");
    made->add_variable("line", types.line, 0, "there is none");
    made->add_variable("band", band, 0, "the classes of the row");
    made->add_variable("a", answer, 0, "the answered item, or the row of the sheet");
    return made;
}

const rules::BandClass *class_by_limits(const rules::Bands &bands, const Value &value, std::uint32_t currency,
                                        const std::function<Value(std::size_t)> &computed) {
    const auto number = number_of(value);
    if (!number) return nullptr;
    const bool money = value.is(expr::Kind::money);
    // A number beside an amount means major units.
    const auto major = money ? std::pow(10, base::Currency(currency).minor_digits()) : 1.0;
    // A limit that is not known leaves the class unknown, wherever the value stands.
    const rules::BandClass *within = nullptr;
    for (std::size_t i = 0; i + 1 < bands.classes.size(); ++i) {
        const auto &one = bands.classes[i];
        std::optional<double> limit;
        switch (one.limit.kind) {
            case rules::Term::Kind::number:
                limit = one.limit.number * major;
                break;
            case rules::Term::Kind::money:
                if (one.limit.money.currency.packed() == currency)
                    limit = static_cast<double>(one.limit.money.minor);
                break;
            case rules::Term::Kind::expression: {
                const auto found = computed(i);
                limit = number_of(found);
                if (limit && !found.is(expr::Kind::money)) *limit *= major;
                break;
            }
            default:
                break;
        }
        if (!limit) return nullptr;
        const rules::Limit<double> end{*limit, one.included};
        if (!within && rules::classify<double>(std::span(&end, 1), *number) == 0) within = &one;
    }
    return within ? within : &bands.classes.back();
}

}  // namespace kith::engine
