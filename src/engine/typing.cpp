// Values of typed fields: read as their type has them, checked, and packed as they are stored.
#include <kith/base.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/text.hpp"
#include "engine/happening.hpp"
#include "engine/session.hpp"
#include "engine/values.hpp"
#include "rules/node.hpp"

namespace kith::engine {

using base::Status;
using model::FieldKind;
using model::FieldValue;
using store::Table;

namespace {

// "12.50 EUR", or a number of the file's currency.
base::Result<FieldValue> read_money(std::string_view text, base::Currency currency) {
    if (const auto blank = text.find(' '); blank != text.npos) {
        KITH_LET(named, base::Currency::parse(text.substr(blank + 1)));
        currency = named;
        text = text.substr(0, blank);
    }
    KITH_LET(minor, base::parse_decimal(text, currency.minor_digits()));
    return FieldValue{0, FieldKind::money, minor, currency.packed()};
}

FieldValue record_value(const base::Id &id) {
    FieldValue value{0, FieldKind::record, 0, 0};
    std::memcpy(&value.number, id.bytes.data(), 8);
    std::memcpy(&value.extra, id.bytes.data() + 8, 8);
    return value;
}

const char *how_to_write(FieldKind kind) {
    switch (kind) {
        case FieldKind::int_:
            return "a whole number";
        case FieldKind::double_:
            return "a number, as 0.75";
        case FieldKind::bool_:
            return "true or false";
        case FieldKind::money:
            return "an amount, as 12.50 EUR";
        case FieldKind::time:
            return "a time, as 2026-01-31T09:30";
        case FieldKind::date:
            return "a date, as 2026-01-31";
        case FieldKind::record:
            return "the id of a record that is there";
        default:
            return "a text";
    }
}

// The error's field, as its record has it.
base::Error faulty(base::Error error, std::string_view record) {
    error.field = record == "party" ? model::party_field::values : model::interaction_field::values;
    return error;
}

base::Error missing(const rules::Type &type, std::string_view name) {
    return faulty(base::fail(Status::rule, "the type " + rules::quote(type.name) + " requires " +
                                               rules::quote(name) + ": give it"),
                  type.name);
}

bool goes_as_text(FieldKind kind) { return kind == FieldKind::text || kind == FieldKind::written; }

}  // namespace

// What is written, as the field's type has it; none where it is nothing of that sort.
base::Result<std::optional<FieldValue>> Session::written_value(FieldKind kind, std::string_view text) {
    const auto kept = [&](std::int64_t number) { return std::optional(FieldValue{0, kind, number, 0}); };
    switch (kind) {
        case FieldKind::int_:
            if (const auto number = base::parse_number<std::int64_t>(text)) return kept(*number);
            break;
        case FieldKind::double_:
            if (const auto number = base::parse_number<double>(text); number && std::isfinite(*number))
                return kept(std::bit_cast<std::int64_t>(*number));
            break;
        case FieldKind::bool_:
            if (text == "true" || text == "1") return kept(1);
            if (text == "false" || text == "0") return kept(0);
            break;
        case FieldKind::money:
            if (auto money = read_money(text, config_.currency)) return std::optional(*money);
            break;
        case FieldKind::time:
            if (const auto at = base::parse_time(text, zone_)) return kept(*at);
            break;
        case FieldKind::date:
            if (const auto at = base::parse_time(text, base::Zone::utc()); at && *at % base::kDay == 0)
                return kept(*at / base::kDay);
            break;
        case FieldKind::record:
            if (const auto id = base::parse_id(text)) return std::optional(record_value(*id));
            break;
        default:
            break;
    }
    return std::optional<FieldValue>();
}

// Texts are left to be packed.
base::Result<FieldValue> Session::typed_value(const rules::Field &field, const FieldItem &item) {
    const auto kind = kind_of(field.type);
    const auto wrong = [&](std::string what) {
        return base::fail(Status::rule, "the field " + rules::quote(field.name) + " " + std::move(what));
    };
    const auto write = [&] { return wrong("is " + name_of(field.type) + ": give " + how_to_write(kind)); };
    FieldValue value{0, kind, item.integer, 0};
    if (kind == FieldKind::text || kind == FieldKind::code || kind == FieldKind::key) {
        if (item.kind != kind && !goes_as_text(item.kind)) return write();
        if (kind == FieldKind::text) return value;
        if (item.text.empty() || item.text.size() > KITH_MAX_NAME_BYTES) return write();
        if (kind == FieldKind::code) KITH_TRY(check_code(field, item.text));
        KITH_LET(code, name(item.text));
        value.number = code;
        return value;
    }
    if (item.kind == FieldKind::written) {
        KITH_LET(read, written_value(kind, item.text));
        if (!read) return write();
        value = *read;
    } else if (item.kind != kind) {
        return write();
    } else if (kind == FieldKind::double_) {
        if (!std::isfinite(item.real)) return write();
        value.number = std::bit_cast<std::int64_t>(item.real);
    } else if (kind == FieldKind::money) {
        value.extra = item.currency.packed() ? item.currency.packed() : config_.currency.packed();
    } else if (kind == FieldKind::record) {
        value = record_value(item.id);
    }
    bool fits = true;
    if (kind == FieldKind::bool_) fits = value.number == 0 || value.number == 1;
    if (kind == FieldKind::money)
        fits = value.number <= base::kMaxAmount && value.number >= -base::kMaxAmount;
    if (kind == FieldKind::time) fits = value.number >= base::kMinTime && value.number <= base::kMaxTime;
    if (kind == FieldKind::date) {
        fits = value.number >= base::floor_div(base::kMinTime, base::kDay) &&
               value.number <= base::kMaxTime / base::kDay;
    }
    if (kind == FieldKind::record) {
        KITH_LET(there, has_record(field.type, model::id_of(value)));
        fits = there;
    }
    if (!fits) return write();
    return value;
}

base::Result<void> Session::check_code(const rules::Field &field, std::string_view code) {
    const auto codes = codes_of(field.type, catalog_->values->types.find("list." + field.type.name));
    if (std::ranges::find(codes, code) != codes.end()) return {};
    return base::fail(Status::rule, "the field " + rules::quote(field.name) + " has no such code; " +
                                        rules::suggestion(code, codes));
}

base::Result<bool> Session::has_record(const rules::FieldType &type, const base::Id &id) {
    if (!id) return false;
    if (type.name == "party") {
        KITH_LET(party, subject(id));
        return party != nullptr;
    }
    KITH_LET(row, overlay_.get(Table::subjects, index::by_id(id)));
    return row.has_value();
}

base::Result<std::vector<TypedValue>> Session::typed_values(std::string_view record,
                                                            std::span<const FieldItem> items) {
    std::vector<TypedValue> out;
    if (items.empty()) return out;
    const auto *type = catalog_->values->types.find(record);
    for (const auto &item : items) {
        const auto *field = type ? find_field(*type, item.name) : nullptr;
        if (!field) {
            std::vector<std::string_view> names;
            if (type) {
                for (const auto &one : type->fields) names.push_back(one.name);
            }
            return faulty(base::fail(Status::rule, "the type " + rules::quote(record) + " has no field " +
                                                       rules::quote(item.name) + "; " +
                                                       (names.empty() ? "define it in a type, or leave it out"
                                                                      : rules::suggestion(item.name, names))),
                          record);
        }
        TypedValue one;
        if (item.kind != FieldKind::written || item.text.data()) {
            auto value = typed_value(*field, item);
            if (!value) return faulty(std::move(value.error()), record);
            one.value = *value;
            if (value->kind == FieldKind::text) one.text = item.text;
        }
        KITH_LET(code, name(field->name));
        one.value.name = code;
        out.push_back(one);
    }
    std::ranges::sort(out, {}, [](const auto &one) { return one.value.name; });
    return out;
}

base::Result<TypedValue> Session::value_for(std::span<const rules::Field> fields, const std::string &of,
                                            const FieldItem &item) {
    const auto field = std::ranges::find(fields, item.name, &rules::Field::name);
    if (field == fields.end()) {
        std::vector<std::string_view> names;
        for (const auto &one : fields) names.push_back(one.name);
        return base::fail(Status::rule, rules::quote(of) + " has no field " + rules::quote(item.name) + "; " +
                                            (names.empty() ? "give it one in its definition"
                                                           : rules::suggestion(item.name, names)));
    }
    TypedValue one;
    if (item.kind != FieldKind::written || item.text.data()) {
        KITH_LET(value, typed_value(*field, item));
        one.value = value;
        if (value.kind == FieldKind::text) one.text = item.text;
    }
    KITH_LET(code, name(field->name));
    one.value.name = code;
    return one;
}

// Those that are texts, or those that are not.
model::Fields Session::packed(std::span<const TypedValue> values, bool texts, bool others) {
    const auto wanted = [&](const TypedValue &one) {
        return one.value.kind != FieldKind::written && (one.value.kind == FieldKind::text ? texts : others);
    };
    const auto count = static_cast<std::size_t>(std::ranges::count_if(values, wanted));
    if (count == 0) return {};
    std::size_t size = 0;
    for (const auto &one : values) size += wanted(one) ? one.text.size() : 0;
    const auto out = texts_.array<FieldValue>(count);
    auto *text = size ? reinterpret_cast<char *>(texts_.allocate(size)) : nullptr;
    std::size_t at = 0, next = 0;
    for (const auto &one : values) {
        if (!wanted(one)) continue;
        auto &value = out[next++] = one.value;
        if (value.kind != FieldKind::text) continue;
        value.number = static_cast<std::int64_t>(at);
        value.extra = static_cast<std::int64_t>(one.text.size());
        if (!one.text.empty()) std::memcpy(text + at, one.text.data(), one.text.size());
        at += one.text.size();
    }
    return {out, {text, size}};
}

// Fields with others set or cleared over them, and the names of what changed.
model::Fields Session::laid_over(const model::Fields &fields, std::span<const TypedValue> given,
                                 std::vector<model::Name> &changed) {
    const auto same = [](const TypedValue &a, const TypedValue &b) {
        if (a.value.kind == FieldKind::text && b.value.kind == FieldKind::text) return a.text == b.text;
        return a.value == b.value;
    };
    std::vector<TypedValue> all;
    for (const auto &value : fields.values)
        all.push_back({value, value.kind == FieldKind::text ? fields.text(value) : std::string_view()});
    for (const auto &one : given) {
        const auto at =
            std::ranges::lower_bound(all, one.value.name, {}, [](auto &v) { return v.value.name; });
        const bool there = at != all.end() && at->value.name == one.value.name;
        if (there ? same(*at, one) : one.value.kind == FieldKind::written) continue;
        changed.push_back(one.value.name);
        if (one.value.kind == FieldKind::written) {
            all.erase(at);
        } else if (there) {
            *at = one;
        } else {
            all.insert(at, one);
        }
    }
    return changed.empty() ? fields : packed(all, true, true);
}

base::Result<std::vector<model::Name>> Session::set_values(model::Party &party,
                                                           std::span<const FieldItem> items) {
    std::vector<model::Name> changed;
    KITH_LET(given, typed_values("party", items));
    party.fields = laid_over(party.fields, given, changed);
    return changed;
}

base::Result<void> Session::check_type(const rules::Definition &definition, const rules::Type &type) const {
    if (!type.cost || type.cost->currency == config_.currency) return {};
    return base::fail(Status::rule, base::place_text(definition.place) + ": " + definition.path +
                                        ": the cost is not in the file's currency; write it in " +
                                        config_.currency.text());
}

base::Result<void> Session::check_required(const model::Party &party) {
    if (const auto *type = catalog_->values->types.find("party")) {
        for (const auto &name : type->require) {
            if (!is_set(party, name) && !has_value(party.fields, name)) return missing(*type, name);
        }
    }
    return {};
}

base::Result<void> Session::check_required(const rules::Type &type, const model::Interaction &interaction,
                                           const model::InteractionPersonal &personal) {
    for (const auto &name : type.require) {
        if (!is_set(interaction, personal, name) && !has_value(interaction.fields, name) &&
            !has_value(personal.fields, name)) {
            return missing(type, name);
        }
    }
    return {};
}

bool Session::has_value(const model::Fields &fields, std::string_view field) const {
    return std::ranges::any_of(fields.values, [&](const FieldValue &value) {
        const auto found = text(value.name);
        return found && *found == field;
    });
}

}  // namespace kith::engine
