#include "engine/forms.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include "base/money.hpp"
#include "base/text.hpp"
#include "engine/types.hpp"
#include "expr/schema.hpp"
#include "rules/node.hpp"

namespace kith::engine {

using base::Status;
using model::Answer;
using model::AnswerKind;
using rules::FieldType;

namespace {

// A number, or a text that is one: what came from a file of texts.
std::optional<double> number_given(const AnswerItem &answer) {
    if (answer.number) return answer.number;
    const auto number = base::parse_number<double>(answer.text);
    return number && std::isfinite(*number) ? number : std::nullopt;
}

// An item as the form has it, or the numbered one of a dimension, "people.3".
struct AskedItem {
    std::string_view name, dimension, group;
    const rules::Scale *scale = nullptr;
    const FieldType *type = nullptr;  // of what is no point of a scale
};

class Aspects : public expr::Binding {
public:
    explicit Aspects(std::size_t count) : values(count) {}
    expr::Value variable(std::uint32_t number, expr::Memory &) const override {
        return values[number] ? expr::of_double(*values[number])
                              : expr::fail(expr::Code::absent, "the aspect is not answered");
    }
    std::vector<std::optional<double>> values;
};

class Filling {
public:
    Filling(const FormValue &value, const InteractionItem &item, const FormContext &context)
        : form_(value.form), score_(value.score.get()), item_(item), context_(context) {}

    base::Result<FilledForm> run() {
        KITH_TRY(check_head());
        if (item_.answers.empty()) return wrong("nothing is answered: give answers");
        KITH_TRY(form_.rows.empty() ? items() : sheet());
        return std::move(out_);
    }

private:
    base::Error wrong(const std::string &what) const {
        auto error = base::fail(Status::rule, "the form " + rules::quote(form_.name) + ": " + what);
        error.field = model::interaction_field::form;
        return error;
    }

    // Who fills it, in which round, about what.
    base::Result<void> check_head() {
        if (form_.by == "actor" && item_.actor.empty())
            return wrong("an actor answers it: say who, in `actor`");
        if (item_.round != 0 && !form_.rounds)
            return wrong("it has no rounds: leave `round` out, or give the form \"rounds\": true");
        out_.round = form_.rounds ? std::max(item_.round, 1U) : 0;
        std::vector<std::string_view> kinds(form_.about.begin(), form_.about.end());
        for (const auto &kind : form_.rate) {
            if (std::ranges::find(kinds, kind) == kinds.end()) kinds.emplace_back(kind);
        }
        auto kind = item_.about_kind;
        if (kinds.empty()) {
            if (kind.empty() && item_.about.empty()) return {};
            return wrong("it is about nothing but who fills it: leave `about` out, or give it an \"about\"");
        }
        if (kind.empty() && kinds.size() == 1) kind = kinds[0];
        if (kind.empty()) return wrong("say what it is about: " + listed(kinds));
        if (std::ranges::find(kinds, kind) == kinds.end()) {
            return wrong("it is not about " + rules::quote(kind) + "; " + rules::suggestion(kind, kinds));
        }
        const bool one_alone = kind == "self" || kind == "party";
        if (one_alone && !item_.about.empty()) {
            return wrong(kind == "self" ? "ourselves have no key: leave it out"
                                        : "it is recorded with the party it is about: leave the key out");
        }
        if (!one_alone && item_.about.empty())
            return wrong("say which " + std::string(kind) + " it is about: give its key");
        out_.about_kind = kind;
        out_.about = item_.about;
        return {};
    }

    static std::string listed(std::span<const std::string_view> names) {
        std::string text;
        for (const auto name : names) text += (text.empty() ? "" : ", ") + rules::quote(name);
        return text;
    }

    // ---- items ----

    base::Result<AskedItem> item_of(std::string_view name) const {
        const auto found = std::ranges::find(form_.items, name, &rules::Item::name);
        if (found != form_.items.end()) {
            return AskedItem{found->name, found->dimension, found->group,
                             found->scale    ? &*found->scale
                             : found->answer ? nullptr
                             : form_.scale   ? &*form_.scale
                                             : nullptr,
                             found->answer ? &*found->answer : nullptr};
        }
        const auto dot = name.rfind('.');
        for (const auto &one : form_.dimensions) {
            if (dot == name.npos || one.name != name.substr(0, dot)) continue;
            const auto number = base::parse_number<std::uint32_t>(name.substr(dot + 1)).value_or(0);
            if (number == 0 || number > one.items) {
                return wrong("the dimension " + rules::quote(one.name) + " has " + std::to_string(one.items) +
                             " items, from " + rules::quote(one.name + ".1") + " on");
            }
            return AskedItem{name, one.name, {}, form_.scale ? &*form_.scale : nullptr, nullptr};
        }
        std::vector<std::string_view> names;
        for (const auto &one : form_.items) names.push_back(one.name);
        std::vector<std::string> numbered;
        for (const auto &one : form_.dimensions) numbered.push_back(one.name + ".1");
        names.insert(names.end(), numbered.begin(), numbered.end());
        return wrong("it has no item " + rules::quote(name) + "; " + rules::suggestion(name, names));
    }

    std::size_t items_asked() const {
        if (form_.dimensions.empty()) return form_.items.size();
        std::size_t count = 0;
        for (const auto &one : form_.dimensions) count += one.items;
        for (const auto &one : form_.items) count += one.dimension.empty();
        return count;
    }

    struct AnsweredItem {
        AskedItem item;
        std::vector<const AnswerItem *> answers;  // by aspect
    };

    base::Result<void> items() {
        const auto aspects = aspects_of(form_);
        const std::vector<std::string_view> names(aspects.begin(), aspects.end());
        std::vector<AnsweredItem> all;
        for (const auto &one : item_.answers) {
            if (one.row != 0) return wrong("it has no rows but items: leave `row` out");
            if (one.item.empty()) return wrong("an answer names no item");
            const auto aspect = one.aspect.empty() && names.size() == 1
                                    ? names.begin()
                                    : std::ranges::find(names, one.aspect);
            if (aspect == names.end()) {
                return wrong("the item " + rules::quote(one.item) + " is asked for no aspect " +
                             rules::quote(one.aspect) + "; " + rules::suggestion(one.aspect, names));
            }
            auto found =
                std::ranges::find_if(all, [&](const auto &known) { return known.item.name == one.item; });
            if (found == all.end()) {
                KITH_LET(asked, item_of(one.item));
                found = all.insert(all.end(), {asked, std::vector<const AnswerItem *>(names.size())});
            }
            auto &place = found->answers[static_cast<std::size_t>(aspect - names.begin())];
            if (place)
                return wrong("the item " + rules::quote(one.item) + " is answered twice: keep one answer");
            place = &one;
        }
        const bool scored =
            static_cast<double>(all.size()) + 1e-9 >= form_.least * static_cast<double>(items_asked());
        for (const auto &one : all) KITH_TRY(item(one, scored));
        return {};
    }

    base::Result<void> item(const AnsweredItem &answered, bool scored) {
        ++row_;
        const auto &asked = answered.item;
        KITH_TRY(derive(model::kItemCell, asked.name));
        if (!asked.dimension.empty()) KITH_TRY(derive(model::kDimensionCell, asked.dimension));
        if (!asked.group.empty()) KITH_TRY(derive(model::kGroupCell, asked.group));
        const auto aspects = aspects_of(form_);
        Aspects numbers(aspects.size());
        for (std::size_t i = 0; i < aspects.size(); ++i) {
            if (!answered.answers[i]) continue;
            const auto where =
                rules::quote(asked.name) + (form_.aspects.empty() ? std::string() : ", " + aspects[i]);
            KITH_LET(cell, asked.type ? typed(*answered.answers[i], *asked.type, where)
                                      : scaled(*answered.answers[i], *asked.scale, where));
            KITH_LET(code, context_.name(aspects[i]));
            cell.name = code;
            if (cell.kind == AnswerKind::number) numbers.values[i] = std::bit_cast<double>(cell.value);
            if (cell.kind == AnswerKind::int_) numbers.values[i] = static_cast<double>(cell.value);
            put(cell);
        }
        if (!scored || std::ranges::find(aspects, model::kScoreCell) != aspects.end()) return {};
        const auto score = score_of(numbers);
        if (!std::isfinite(score)) return {};
        KITH_LET(code, context_.name(model::kScoreCell));
        put({row_, code, AnswerKind::number, 1, 0, std::bit_cast<std::int64_t>(score)});
        return {};
    }

    // Not finite: it has none.
    double score_of(const Aspects &numbers) const {
        if (!score_) return numbers.values.size() == 1 ? numbers.values[0].value_or(NAN) : NAN;
        expr::Evaluator evaluator;
        const auto found = evaluator.evaluate(*score_, numbers, {});
        return found.value.is(expr::Kind::double_) ? found.value.d : NAN;
    }

    base::Result<void> derive(std::string_view name, std::string_view value) {
        KITH_LET(code, context_.name(name));
        KITH_LET(text, context_.name(value));
        put({row_, code, AnswerKind::code, 1, text, 0});
        return {};
    }

    void put(Answer cell) {
        cell.row = row_;
        out_.answers.push_back(cell);
    }

    base::Result<Answer> scaled(const AnswerItem &answer, const rules::Scale &scale,
                                const std::string &where) {
        Answer cell;
        cell.kind = AnswerKind::number;
        const auto &points = scale.points;
        const auto given = number_given(answer);
        double number = given.value_or(0);
        if (!given) {
            if (points.empty()) {
                return wrong(where + " is answered with a number from " + rules::short_number(scale.low) +
                             " to " + rules::short_number(scale.high) + ", not with a text");
            }
            const auto point = std::ranges::find(points, answer.text);
            if (point == points.end()) {
                const std::vector<std::string_view> names(points.begin(), points.end());
                return wrong(where + ": the scale has no point " + rules::quote(answer.text) + "; " +
                             rules::suggestion(answer.text, names));
            }
            number = static_cast<double>(point - points.begin() + 1);
        }
        if (!(number >= scale.low && number <= scale.high)) {
            return wrong(where + ": " + rules::short_number(number) +
                         " is outside the scale, which runs from " + rules::short_number(scale.low) + " to " +
                         rules::short_number(scale.high));
        }
        if (!points.empty()) {
            if (number != std::floor(number))
                return wrong(where + ": a point of the scale is a whole number or its name");
            KITH_LET(code, context_.name(points[static_cast<std::size_t>(number) - 1]));
            cell.code = code;
        }
        cell.value = std::bit_cast<std::int64_t>(number);
        return cell;
    }

    // ---- sheets ----

    base::Result<void> sheet() {
        std::vector<std::string_view> names;
        for (const auto &one : form_.rows) names.emplace_back(one.name);
        auto answers = std::vector<const AnswerItem *>();
        for (const auto &one : item_.answers) answers.push_back(&one);
        std::ranges::stable_sort(answers, {}, [](const auto *one) { return one->row; });
        std::set<std::string_view> given;
        for (const auto *one : answers) {
            if (one->row == 0) return wrong("it is a sheet of rows: give each answer its `row`, from 1");
            if (!one->item.empty()) return wrong("it is a sheet of rows and has no items: leave them out");
            if (one->row != row_) given.clear();
            row_ = one->row;
            const auto column = std::ranges::find(names, one->aspect);
            if (column == names.end()) {
                return wrong("it has no column " + rules::quote(one->aspect) + "; " +
                             rules::suggestion(one->aspect, names));
            }
            const auto where = "row " + std::to_string(row_) + ", " + std::string(*column);
            if (!given.insert(*column).second) return wrong(where + " is given twice: keep one");
            const auto &type = form_.rows[static_cast<std::size_t>(column - names.begin())].type;
            KITH_LET(cell, typed(*one, type, where));
            KITH_LET(code, context_.name(*column));
            cell.name = code;
            put(cell);
        }
        return {};
    }

    // ---- values of a type ----

    base::Result<Answer> typed(const AnswerItem &answer, const FieldType &type, const std::string &where) {
        using Kind = FieldType::Kind;
        Answer cell;
        const bool wants_number =
            type.kind == Kind::int_ || type.kind == Kind::double_ || type.kind == Kind::bool_;
        auto given = wants_number ? number_given(answer) : answer.number;
        if (type.kind == Kind::bool_ && !given && (answer.text == "true" || answer.text == "false"))
            given = answer.text == "true" ? 1 : 0;
        if (wants_number && !given) return wrong(where + " is answered with a number");
        if (!wants_number && given) return wrong(where + " is answered with a text");
        const auto number = given.value_or(0);
        switch (type.kind) {
            case Kind::double_:
                cell.value = std::bit_cast<std::int64_t>(number);
                return cell;
            case Kind::int_:
            case Kind::bool_:
                cell.kind = type.kind == Kind::int_ ? AnswerKind::int_ : AnswerKind::boolean;
                if (number != std::floor(number) || std::abs(number) > 9e15 ||
                    (type.kind == Kind::bool_ && number != 0 && number != 1)) {
                    return wrong(where + (type.kind == Kind::int_ ? " is answered with a whole number"
                                                                  : " is answered with 1 for yes, 0 for no"));
                }
                cell.value = static_cast<std::int64_t>(number);
                return cell;
            case Kind::text:
                cell.kind = AnswerKind::text;
                cell.code = static_cast<std::uint32_t>(answer.text.size());
                cell.value = static_cast<std::int64_t>(out_.texts.size());
                out_.texts += answer.text;
                return cell;
            case Kind::money:
                return money(answer.text, where);
            case Kind::time:
            case Kind::date: {
                const auto at = base::parse_time(answer.text, context_.zone);
                if (!at) return wrong(where + ": " + at.error().message);
                cell.kind = type.kind == Kind::time ? AnswerKind::time : AnswerKind::date;
                cell.value = type.kind == Kind::time ? *at : context_.zone.local_day(*at);
                return cell;
            }
            case Kind::code:
            case Kind::reference:
            case Kind::link:
                break;
        }
        if (type.kind == Kind::code) KITH_TRY(check_code(answer.text, type, where));
        if (answer.text.empty()) return wrong(where + " is empty: leave it out");
        KITH_LET(code, context_.name(answer.text));
        cell.kind = AnswerKind::code;
        cell.code = code;
        return cell;
    }

    // "12.50 EUR"
    base::Result<Answer> money(std::string_view text, const std::string &where) {
        const auto blank = text.find(' ');
        const auto currency =
            base::Currency::parse(blank == text.npos ? std::string_view() : text.substr(blank + 1));
        const auto minor = currency ? base::parse_decimal(text.substr(0, blank), currency->minor_digits())
                                    : base::Result<std::int64_t>(base::fail(Status::argument, ""));
        if (!minor) return wrong(where + " is answered with an amount, as 12.50 EUR");
        return Answer{0, 0, AnswerKind::money, 0, currency->packed(), *minor};
    }

    base::Result<void> check_code(std::string_view code, const FieldType &type, const std::string &where) {
        const auto *list = type.codes.empty() ? context_.list("list." + type.name) : nullptr;
        if (type.codes.empty() && !list)
            return wrong(where + ": there is no list " + rules::quote(type.name));
        const auto codes = codes_of(type, list);
        if (std::ranges::find(codes, code) != codes.end()) return {};
        return wrong(where + " cannot be " + rules::quote(code) + "; " + rules::suggestion(code, codes));
    }

    const rules::Form &form_;
    const expr::Program *score_;
    const InteractionItem &item_;
    const FormContext &context_;
    FilledForm out_;
    std::uint32_t row_ = 0;
};

}  // namespace

std::span<const std::string> aspects_of(const rules::Form &form) {
    static const std::vector<std::string> value{std::string(model::kValueCell)};
    return form.aspects.empty() ? value : form.aspects;
}

std::shared_ptr<const expr::Schema> score_schema(const rules::Form &form) {
    auto schema = std::make_shared<expr::Schema>();
    for (const auto &aspect : aspects_of(form))
        schema->add_variable(aspect, expr::Types::of(expr::TypeKind::double_), 0, "an aspect of the item");
    return schema;
}

base::Result<FilledForm> fill(const FormValue &form, const InteractionItem &item,
                              const FormContext &context) {
    return Filling(form, item, context).run();
}

std::optional<double> number_in(const Answer &cell) {
    if (cell.kind == AnswerKind::number) return std::bit_cast<double>(cell.value);
    if (cell.kind == AnswerKind::int_ || cell.kind == AnswerKind::boolean)
        return static_cast<double>(cell.value);
    return std::nullopt;
}

std::string written(const Answer &cell) {
    using model::FieldKind;
    switch (cell.kind) {
        case AnswerKind::money:
            return written(model::FieldValue{0, FieldKind::money, cell.value, cell.code});
        case AnswerKind::time:
            return written(model::FieldValue{0, FieldKind::time, cell.value, 0});
        case AnswerKind::date:
            return written(model::FieldValue{0, FieldKind::date, cell.value, 0});
        default:
            return {};
    }
}

std::string_view text_in(const Answer &cell, std::string_view texts) {
    const auto begin = static_cast<std::uint64_t>(cell.value);
    if (cell.kind != AnswerKind::text || begin > texts.size()) return {};
    return texts.substr(begin, cell.code);
}

bool same_answers(std::span<const Answer> a, std::span<const Answer> b) {
    const auto next = [](std::span<const Answer> all, std::size_t &i) {
        while (i < all.size() && all[i].derived) ++i;
        return i < all.size() ? &all[i++] : nullptr;
    };
    for (std::size_t i = 0, j = 0;;) {
        const auto *one = next(a, i), *other = next(b, j);
        if (!one || !other) return one == other;
        if (*one != *other) return false;
    }
}

}  // namespace kith::engine
