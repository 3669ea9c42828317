#include "engine/measures.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/hash.hpp"
#include "engine/row_schema.hpp"
#include "engine/sums.hpp"
#include "engine/values.hpp"

namespace kith::engine {

using base::Status;
using expr::Kind;
using rules::Contribution;

namespace {

// One a thread: it keeps its memory from one row to the next.
// What a row is, its cell, and what was first are expressions in expressions.
constexpr std::size_t kRowLevels = 3;
expr::Evaluator &row_evaluator(std::size_t level) {
    thread_local std::array<expr::Evaluator, kRowLevels> all;
    return all[level];
}

const expr::Moment &no_moment() {
    static const expr::Moment moment;
    return moment;
}

// In the file's currency, as the interaction's own amounts are to its base amount.
std::int64_t converted(std::int64_t amount, std::int64_t base, std::int64_t own) {
    if (own == 0) return 0;
    const auto product = static_cast<__int128>(amount) * base;
    const auto half = static_cast<__int128>(own < 0 ? -own : own) / 2;
    const auto divisor = static_cast<__int128>(own);
    return static_cast<std::int64_t>((product >= 0) == (own > 0)
                                         ? (product + (own > 0 ? half : -half)) / divisor
                                         : (product - (own > 0 ? half : -half)) / divisor);
}

}  // namespace

expr::Value value_in_cell(expr::TypeKind type, std::int64_t value, std::uint32_t currency) {
    switch (type) {
        case expr::TypeKind::boolean:
            return expr::of_bool(value != 0);
        case expr::TypeKind::double_:
            return expr::of_double(rules::from_ordered(value));
        case expr::TypeKind::money:
            return expr::of_money(value, currency);
        case expr::TypeKind::duration:
            return expr::of_duration(value);
        case expr::TypeKind::date:
            return expr::of_date(value);
        case expr::TypeKind::null:  // nothing but when it happened
        case expr::TypeKind::timestamp:
            return expr::of_micros(value);
        default:
            return expr::of_int(value);
    }
}

// ---- what is stored ----

std::vector<std::byte> encode(const StoredMeasure &measure) {
    std::vector<std::byte> out(measure.built_through.bytes.begin(), measure.built_through.bytes.end());
    out.resize(24);
    std::memcpy(out.data() + 16, &measure.grain, 4);
    const auto text = base::bytes_of(measure.text);
    out.insert(out.end(), text.begin(), text.end());
    return out;
}

StoredMeasure decode_measure(base::Bytes bytes) {
    StoredMeasure measure;
    if (bytes.size() < 24) return measure;
    measure.built_through = base::Id::from(bytes.first(16));
    std::memcpy(&measure.grain, bytes.data() + 16, 4);
    measure.text = base::text_of(bytes.subspan(24));
    return measure;
}

base::Id last_party() {
    base::Id id;
    id.bytes.fill(std::byte{0xff});
    return id;
}

const Measure *Measures::find(MeasureNumber number) const {
    const auto found = std::ranges::lower_bound(all, number, {}, [](auto &one) { return one->number; });
    return found != all.end() && (*found)->number == number ? found->get() : nullptr;
}

const Measure *Measures::find(std::string_view text) const {
    const auto found = std::ranges::find_if(all, [&](auto &one) { return one->text == text; });
    return found != all.end() ? found->get() : nullptr;
}

const Grain *Measures::grain(std::uint32_t number) const {
    const auto found = std::ranges::find_if(grains, [&](auto &one) { return one->number == number; });
    return found != grains.end() ? found->get() : nullptr;
}

// ---- measuring ----

Measurer::Measurer(std::shared_ptr<const Measures> measures, NameSource &names, const Sums &sums,
                   std::uint32_t currency)
    : measures_(std::move(measures)), names_(names), sums_(sums), currency_(currency) {}

// Of all the party's rows: one that comes after this one was not there as of it.
expr::Value Measurer::first(const Measure &measure, const model::Line *line) {
    const auto failed = [&](base::ErrorBox error) {
        if (!error_) error_ = std::move(error);
        return expr::fail(expr::Code::host, "the data cannot be read");
    };
    const auto none = [] { return expr::fail(expr::Code::absent, "there was none by then"); };
    SubjectKey subject;
    auto known = key_of(*measure.grain, {line, {}}, subject);
    if (!known) return failed(known.take_error());
    if (!*known) return none();
    auto total = sums_.total(measure, subject);
    if (!total) return failed(total.take_error());
    if (total->count == 0 || total->first_at > row_->key.at) return none();
    if (measure.type == expr::TypeKind::string)
        return expr::of_text(text(static_cast<model::Name>(total->first_value)));
    return value_in_cell(measure.type, total->first_value, currency_);
}

expr::Value Measurer::cell(const RowMatrix &matrix, const model::Line *line) {
    const auto x = evaluate(*matrix.x, {line, {}}).value;
    const std::string kept(x.is(Kind::string) ? x.view() : std::string_view());
    const auto y = evaluate(*matrix.y, {line, {}}).value;
    const auto *found =
        x.is(Kind::string) && y.is(Kind::string) ? rules::find_cell(matrix.matrix, kept, y.view()) : nullptr;
    if (found) return expr::of_text(found->is);
    return !matrix.matrix.missing.empty() ? expr::of_text(matrix.matrix.missing)
                                          : expr::fail(expr::Code::absent, "the cell is unknown");
}

std::string_view Measurer::text(model::Name name) const {
    if (name == 0) return {};
    auto found = names_.text(name);
    if (found) return *found;
    if (!error_) error_ = found.take_error();
    return {};
}

base::Result<const Measurer::ByType *> Measurer::of_type(model::Name type, model::Name form) {
    for (const auto &known : by_type_) {
        if (known->type == type && known->form == form) return known.get();
    }
    KITH_LET(name, names_.text(type));
    std::string_view form_name;
    if (form != 0) {
        KITH_LET(text, names_.text(form));
        form_name = text;
    }
    auto made = std::make_unique<ByType>();
    made->type = type;
    made->form = form;
    for (const auto &measure : measures_->all) {
        using From = rules::RowSource::Kind;
        const auto from = measure->rows.kind;
        const bool reads = from == From::answer
                               ? measure->rows.types[0] == form_name
                               : (from == From::interaction || from == From::line) &&
                                     std::ranges::any_of(measure->rows.types, [&](auto &pattern) {
                                         return rules::type_matches(pattern, name);
                                     });
        if (!reads) continue;
        auto group = std::ranges::find_if(
            made->groups, [&](const Group &one) { return one.grain == measure->grain && one.from == from; });
        if (group == made->groups.end()) group = made->groups.insert(group, {measure->grain, from, {}});
        group->measures.push_back(measure.get());
    }
    return by_type_.emplace_back(std::move(made)).get();
}

base::Result<void> Measurer::measure(const model::Interaction &interaction, const TakeBrought &take,
                                     const std::function<bool(const Measure &)> &only, bool unbuilt_too) {
    KITH_LET(reading, of_type(interaction.type, interaction.form));
    if (reading->groups.empty()) return {};
    change_ = nullptr;
    row_ = &interaction;
    if (interaction.base_amount) {
        copy_ = interaction;
        copy_.amount = interaction.base_amount;
        copy_.currency = {};
        lines_.assign(interaction.lines.begin(), interaction.lines.end());
        for (auto &line : lines_) {
            line.amount = converted(line.amount, *interaction.base_amount, *interaction.amount);
        }
        copy_.lines = lines_;
        margins_.assign(interaction.margins.begin(), interaction.margins.end());
        for (auto &margin : margins_) {
            if (margin == model::kNoMargin) continue;
            margin = converted(margin, *interaction.base_amount, *interaction.amount);
        }
        copy_.margins = margins_;
        row_ = &copy_;
    }
    // `of`: the part whose subject it is.
    const auto measure_one = [&](const Group &group, const RowPart &part,
                                 const RowPart &of) -> base::Result<void> {
        SubjectKey subject;
        std::optional<bool> has_subject;
        for (const auto *measure : group.measures) {
            if (!unbuilt_too && !measure->is_built(interaction.key.party)) continue;
            if (only && !only(*measure)) continue;
            rules::Contribution one;
            KITH_LET(counts, contribution(*measure, part, one));
            if (!counts) continue;
            if (!has_subject) {
                KITH_LET(found, key_of(*group.grain, of, subject));
                has_subject = found;
            }
            if (!*has_subject) break;
            KITH_TRY(take({*measure, subject, one}));
        }
        return {};
    };
    for (const auto &group : reading->groups) {
        switch (group.from) {
            case rules::RowSource::Kind::line:
                for (const auto &line : row_->lines) KITH_TRY(measure_one(group, {&line, {}}, {&line, {}}));
                break;
            case rules::RowSource::Kind::answer:
                for (auto rest = row_->answers; !rest.empty();) {
                    const auto end =
                        std::ranges::find_if(rest, [&](const auto &cell) { return cell.row != rest[0].row; });
                    const RowPart part{nullptr, rest.first(static_cast<std::size_t>(end - rest.begin()))};
                    KITH_TRY(measure_one(group, part, part));
                    rest = rest.subspan(part.answer.size());
                }
                break;
            default:
                if (group.grain->of_lines) {
                    KITH_TRY(for_each_product(group, measure_one));
                } else {
                    KITH_TRY(measure_one(group, {}, {}));
                }
        }
    }
    if (error_) return std::move(error_);
    return {};
}

base::Result<void> Measurer::measure(const MemberChange &change, const TakeBrought &take,
                                     const std::function<bool(const Measure &)> &only, bool unbuilt_too) {
    if (!measures_->any_of_changes) return {};
    change_ = &change;
    for (const auto &measure : measures_->all) {
        if (measure->rows.kind != rules::RowSource::Kind::change) continue;
        const auto type = change.entered ? kEntered : kLeft;
        if (std::ranges::find(measure->rows.types, type) == measure->rows.types.end()) continue;
        if (!unbuilt_too && !measure->is_built(change.key.party)) continue;
        if (only && !only(*measure)) continue;
        rules::Contribution one;
        SubjectKey subject;
        KITH_LET(counts, contribution(*measure, {}, one));
        if (!counts) continue;
        KITH_LET(found, key_of(*measure->grain, {}, subject));
        if (found) KITH_TRY(take({*measure, subject, one}));
    }
    change_ = nullptr;
    if (error_) return std::move(error_);
    return {};
}

// Of interactions: each product, or category, that they have lines of, once.
template <class MeasureOne>
base::Result<void> Measurer::for_each_product(const Group &group, const MeasureOne &measure_one) {
    std::vector<SubjectKey> told;
    for (const auto &line : row_->lines) {
        SubjectKey subject;
        KITH_LET(has_subject, key_of(*group.grain, {&line, {}}, subject));
        const auto same = [&](const auto &one) { return base::compare(one, subject) == 0; };
        if (!has_subject || std::ranges::any_of(told, same)) continue;
        told.push_back(subject);
        KITH_TRY(measure_one(group, {}, {&line, {}}));
    }
    return {};
}

expr::Outcome Measurer::evaluate(const expr::Program &program, const RowPart &part) {
    if (change_) return row_evaluator(0).evaluate(program, ChangeBinding(*this, *change_), no_moment());
    const auto key = index::interaction(row_->key);
    const RowView row{this, key.view().data(), {}};
    const std::int64_t *margin = nullptr;
    if (part.line && !row_->margins.empty()) margin = row_->margins.data() + (part.line - row_->lines.data());
    const LineView line{this, part.line, margin, currency(*row_)};
    const AnswerView answer{this, part.answer, row_->round};
    const RowAtHand at_hand{this, part.line};
    const RowBinding binding(row, part.line ? &line : nullptr, part.answer.empty() ? nullptr : &answer,
                             at_hand);
    if (level_ == kRowLevels)
        return {expr::fail(expr::Code::depth, "cells of rows are defined too deeply"), expr::kNoNode, 0, 0};
    auto &evaluator = row_evaluator(level_++);
    auto outcome = evaluator.evaluate(program, binding, no_moment());
    --level_;
    return outcome;
}

// False where a part is not set: the row is none of any subject's.
base::Result<bool> Measurer::key_of(const Grain &grain, const RowPart &row_part, SubjectKey &out) {
    out.add32(grain.number);
    const auto code = [&](model::Name name) {
        out.add32(name);
        return name != 0;
    };
    for (const auto &part : grain.parts) {
        bool set = true;
        switch (part.from) {
            case KeyPart::From::party:
                out.add(key().party);
                break;
            case KeyPart::From::actor:
                set = code(row_->actor);
                break;
            case KeyPart::From::owner:
                set = code(row_->owner);
                break;
            case KeyPart::From::category:
                set = row_part.line && code(row_part.line->category);
                break;
            case KeyPart::From::campaign:
                set = code(row_->campaign);
                break;
            case KeyPart::From::product:
                set = row_part.line && code(row_part.line->product);
                break;
            case KeyPart::From::type:
                set = code(row_->type);
                break;
            case KeyPart::From::medium:
                set = code(row_->medium);
                break;
            case KeyPart::From::scope:
                set = code(row_->scope);
                break;
            case KeyPart::From::topic:
                set = code(row_->topic);
                break;
            case KeyPart::From::outcome:
                set = code(row_->outcome);
                break;
            case KeyPart::From::expression: {
                const auto outcome = evaluate(*part.program, row_part);
                if (!outcome.value.is(Kind::string) || outcome.value.size == 0) return false;
                KITH_LET(name, names_.code(outcome.value.view()));
                set = name && code(*name);
                break;
            }
        }
        if (!set) return false;
    }
    out.pad();
    return true;
}

// False if the row does not count.
base::Result<bool> Measurer::contribution(const Measure &measure, const RowPart &part, Contribution &one) {
    if (measure.where) {
        const auto met = evaluate(*measure.where, part);
        if (!met.value.is(Kind::boolean) || !met.value.i) return false;
    }
    one.at = key().at;
    one.value = one.at;
    if (measure.of) {
        const auto outcome = evaluate(*measure.of, part);
        const auto &value = outcome.value;
        if (!value.is(Kind::string)) return contribute(value, currency_, one);
        if (value.size == 0) return false;
        KITH_LET(name, names_.code(value.view()));
        if (!name) return false;
        one.value = *name;
    }
    return true;
}

// ---- keys ----

CellDay cell_day(std::int64_t local_day) {
    const auto row = base::floor_div(local_day, rules::kDaysPerRow);
    return {row, static_cast<int>(local_day - row * rules::kDaysPerRow)};
}

SubjectKey sums_key(const SubjectKey &subject, std::int64_t row) {
    return SubjectKey(subject).add64(static_cast<std::uint64_t>(row) ^ (1ULL << 63));
}

SubjectKey totals_key(const SubjectKey &subject) { return SubjectKey(subject).add64(0); }

std::int64_t sums_row(base::Bytes key) {
    return static_cast<std::int64_t>(base::load_big64(key.data() + key.size() - 8) ^ (1ULL << 63));
}

}  // namespace kith::engine
