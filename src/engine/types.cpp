#include "engine/types.hpp"

#include <algorithm>
#include <bit>

#include "engine/expression_schema.hpp"
#include "engine/json_line.hpp"
#include "rules/node.hpp"

namespace kith::engine {

using model::FieldKind;

namespace {

// The format writes them as a person says them, records as they are stored.
constexpr std::string_view kPartyHas[] = {"roles", "name", "language", "time_zone", "owner", "tags"};
constexpr std::string_view kInteractionHas[] = {"medium",    "with",   "with_whom", "scope",    "topic",
                                                "outcome",   "actor",  "campaign",  "text",     "next",
                                                "next_step", "amount", "cost",      "duration", "direction"};

std::string in_one(const std::vector<TypedField> &known, const rules::Field &field, const std::string &type) {
    const auto kind = kind_of(field.type);
    const auto same = std::ranges::find(known, field.name, &TypedField::name);
    if (same == known.end() || same->kind == kind) return {};
    return "the field " + rules::quote(field.name) + " is " + name_of(field.type) +
           " here, and of another type " +
           (same->about == type ? std::string("in the version before") : "in " + same->about) +
           "; give it the same type, or another name";
}

}  // namespace

const rules::Type *TypeSet::find(std::string_view name) const {
    const auto found = all.find(name);
    return found == all.end() ? nullptr : &found->second;
}

std::string TypeSet::add(const rules::Type &type, bool &unavailable) {
    unavailable = false;
    all.insert_or_assign(type.name, type);
    const bool subject = type.of == rules::Type::Of::subject;
    if (!subject && type.of != rules::Type::Of::interaction) return {};
    if (subject && type.name != "party" && !(type.fields.empty() && type.require.empty())) {
        unavailable = true;
        return "fields of " + type.name + "s";
    }
    if (subject && type.name != "party") return {};
    const std::span<const std::string_view> has = subject
                                                      ? std::span<const std::string_view>(kPartyHas)
                                                      : std::span<const std::string_view>(kInteractionHas);
    auto &known = subject ? party : interaction;
    std::vector<std::string_view> names(has.begin(), has.end());
    for (const auto &field : type.fields) {
        if (field.type.kind == rules::FieldType::Kind::link) {
            unavailable = true;
            return "a field that is a link";
        }
        if (is_built_in(subject ? ExpressionRecord::party : ExpressionRecord::interaction, field.name) ||
            std::ranges::find(has, field.name) != has.end()) {
            return "every " + std::string(subject ? "party" : "interaction") + " has " +
                   rules::quote(field.name) + " anyway; give the field another name";
        }
        if (auto wrong = in_one(known, field, type.name); !wrong.empty()) return wrong;
        if (std::ranges::find(known, field.name, &TypedField::name) == known.end())
            known.push_back({field.name, kind_of(field.type), type.name});
        names.push_back(field.name);
    }
    for (const auto &name : type.require) {
        if (std::ranges::find(names, name) == names.end())
            return "requires " + rules::quote(name) + ", which it does not have; " +
                   rules::suggestion(name, names);
    }
    return {};
}

FieldKind kind_of(const rules::FieldType &type) {
    using Sort = rules::FieldType::Kind;
    switch (type.kind) {
        case Sort::text:
            return FieldKind::text;
        case Sort::int_:
            return FieldKind::int_;
        case Sort::double_:
            return FieldKind::double_;
        case Sort::bool_:
            return FieldKind::bool_;
        case Sort::money:
            return FieldKind::money;
        case Sort::time:
            return FieldKind::time;
        case Sort::date:
            return FieldKind::date;
        case Sort::code:
            return FieldKind::code;
        default:
            break;
    }
    const bool by_key = type.name == "actor" || type.name == "product" || type.name == "campaign";
    return by_key ? FieldKind::key : FieldKind::record;
}

expr::TypeKind type_of(FieldKind kind) {
    switch (kind) {
        case FieldKind::int_:
            return expr::TypeKind::int_;
        case FieldKind::double_:
            return expr::TypeKind::double_;
        case FieldKind::bool_:
            return expr::TypeKind::boolean;
        case FieldKind::money:
            return expr::TypeKind::money;
        case FieldKind::time:
            return expr::TypeKind::timestamp;
        case FieldKind::date:
            return expr::TypeKind::date;
        default:
            return expr::TypeKind::string;
    }
}

std::vector<std::string_view> codes_of(const rules::FieldType &type, const rules::Type *list) {
    std::vector<std::string_view> codes(type.codes.begin(), type.codes.end());
    if (codes.empty() && list) {
        for (const auto &one : list->codes) codes.emplace_back(one.name);
    }
    return codes;
}

std::string name_of(const rules::FieldType &type) {
    constexpr std::string_view kPlain[] = {"text", "int", "double", "bool", "money", "time", "date"};
    using Sort = rules::FieldType::Kind;
    if (static_cast<std::size_t>(type.kind) < std::size(kPlain))
        return std::string(kPlain[static_cast<std::size_t>(type.kind)]);
    if (type.kind == Sort::link) return "link." + type.name;
    if (type.kind == Sort::reference) return type.name;
    return type.codes.empty() ? "list." + type.name : "one of its codes";
}

std::string written(const model::FieldValue &value) {
    switch (value.kind) {
        case FieldKind::int_:
            return std::to_string(value.number);
        case FieldKind::double_:
            return JsonLine::real_text(std::bit_cast<double>(value.number));
        case FieldKind::bool_:
            return value.number != 0 ? "true" : "false";
        case FieldKind::money: {
            const base::Currency currency(static_cast<std::uint32_t>(value.extra));
            return base::format_decimal(value.number, currency.minor_digits()) + " " + currency.text();
        }
        case FieldKind::time:
            return base::format_time(value.number);
        case FieldKind::date:
            return base::format_date(base::civil_of(value.number));
        default:
            return {};
    }
}

const rules::Field *find_field(const rules::Type &type, std::string_view name) {
    const auto found = std::ranges::find(type.fields, name, &rules::Field::name);
    return found == type.fields.end() ? nullptr : &*found;
}

bool is_set(const model::Party &party, std::string_view name) {
    if (name == "roles") return party.roles != 0;
    if (name == "name") return !party.name.empty();
    if (name == "language") return !party.language.empty();
    if (name == "time_zone") return !party.time_zone.empty();
    if (name == "owner") return party.owner != 0;
    return name == "tags" && !party.tags.empty();
}

bool is_set(const model::Interaction &interaction, const model::InteractionPersonal &personal,
            std::string_view name) {
    if (name == "medium") return interaction.medium != 0;
    if (name == "with" || name == "with_whom") return !personal.with_whom.empty();
    if (name == "scope") return interaction.scope != 0;
    if (name == "topic") return interaction.topic != 0;
    if (name == "outcome") return interaction.outcome != 0;
    if (name == "actor") return interaction.actor != 0;
    if (name == "campaign") return interaction.campaign != 0;
    if (name == "text") return !personal.text.empty();
    if (name == "next" || name == "next_step") return !personal.next_step.empty();
    if (name == "amount") return interaction.amount.has_value();
    if (name == "cost") return interaction.cost.has_value();
    if (name == "duration") return interaction.duration_s.has_value();
    return name == "direction" && interaction.direction != 0;
}

}  // namespace kith::engine
