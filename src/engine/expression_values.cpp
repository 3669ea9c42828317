#include "engine/expression_values.hpp"

#include <charconv>
#include <cmath>
#include <cstring>

#include "base/money.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "engine/json_line.hpp"

namespace kith::engine {

using base::Status;
using expr::Kind;
using expr::TypeKind;
using expr::Value;

namespace {

// Deeper than any expression nests what it makes.
constexpr std::uint32_t kDepthMax = 200;

base::Error too_large() {
    return base::fail(Status::limit, "the result is too large: at most " +
                                         std::to_string(KITH_EXPR_MAX_VALUES) + " values and 1 MiB of text");
}

kith_expr_value empty(std::uint32_t kind) {
    kith_expr_value value{};
    value.kind = kind;
    return value;
}

// ---- out: level by level, so that the parts of each value stand side by side ----

class Flattening {
public:
    Flattening(const expr::Schema &schema, expr::Memory &scratch, base::Arena &memory)
        : schema_(schema), scratch_(scratch), memory_(memory) {}

    base::Result<std::vector<kith_expr_value>> run(const Value &root) {
        KITH_TRY(add(root, 0));
        for (std::size_t next = 0; next < values_.size(); ++next) {
            const auto value = pending_[next];
            const auto depth = depths_[next] + 1;
            const auto first = values_.size();
            KITH_TRY(parts(value, depth));
            if (values_.size() == first) continue;
            values_[next].first = static_cast<std::uint32_t>(first);
            const auto count = values_.size() - first;
            const bool pairs = values_[next].kind == KITH_EXPR_MAP;
            values_[next].count = static_cast<std::uint32_t>(pairs ? count / 2 : count);
        }
        return std::move(values_);
    }

private:
    base::Result<void> parts(const Value &value, std::uint32_t depth) {
        switch (value.kind) {
            case Kind::list:
                if (value.lazy) return read(value, depth);
                for (std::uint32_t i = 0; i < value.size; ++i) KITH_TRY(add(value.items[i], depth));
                return {};
            case Kind::map:
                for (std::uint32_t i = 0; i < value.map->all().count; ++i) {
                    KITH_TRY(add(value.map->all().keys[i], depth));
                    KITH_TRY(add(value.map->all().values[i], depth));
                }
                return {};
            case Kind::optional:
                if (value.items != nullptr) return add(*value.items, depth);
                return {};
            case Kind::record:
                return fields(value, depth);
            default:
                return {};
        }
    }

    base::Result<void> read(const Value &list, std::uint32_t depth) {
        const auto iterator = list.range->open({});
        for (Value item; iterator->next(item);) KITH_TRY(add(item, depth));
        return {};
    }

    base::Result<void> fields(const Value &record, std::uint32_t depth) {
        const auto &type = schema_.record(record.tag);
        for (std::uint32_t i = 0; i < type.fields().size(); ++i) {
            if (!type.has(record.object, i)) continue;
            KITH_TRY(add(expr::of_text(type.fields()[i].name), depth));
            KITH_TRY(add(type.get(record.object, i, scratch_), depth));
        }
        return {};
    }

    base::Result<void> add(const Value &value, std::uint32_t depth) {
        if (values_.size() == KITH_EXPR_MAX_VALUES || depth > kDepthMax) return too_large();
        KITH_LET(out, scalar(value));
        values_.push_back(out);
        pending_.push_back(value);
        depths_.push_back(depth);
        return {};
    }

    base::Result<void> text(kith_expr_value &out, std::string_view text) {
        if (text.size() > KITH_EXPR_MAX_MEMORY_BYTES - memory_.used()) return too_large();
        const auto copy = memory_.copy(text.data() ? text : std::string_view(""));
        out.text = {copy.data(), copy.size()};
        return {};
    }

    // What a value is of itself, without its parts.
    base::Result<kith_expr_value> scalar(const Value &value) {
        auto out = empty(KITH_EXPR_NULL);
        out.integer = value.i;
        switch (value.kind) {
            case Kind::boolean:
                out.kind = KITH_EXPR_BOOL;
                return out;
            case Kind::int_:
                out.kind = KITH_EXPR_INT;
                return out;
            case Kind::uint_:
                out.kind = KITH_EXPR_UINT;
                return out;
            case Kind::duration:
                out.kind = KITH_EXPR_DURATION;
                return out;
            case Kind::date:
                out.kind = KITH_EXPR_DATE;
                return out;
            case Kind::timestamp:
                out.kind = KITH_EXPR_TIMESTAMP;
                out.integer = expr::micros_of(value);
                out.nanos = value.size % 1000;
                return out;
            case Kind::money: {
                out.kind = KITH_EXPR_MONEY;
                const auto code = base::Currency(value.size).text();
                std::memcpy(out.currency, code.data(), std::min(code.size(), sizeof out.currency - 1));
                return out;
            }
            default:
                break;
        }
        out.integer = 0;
        switch (value.kind) {
            case Kind::double_:
                out.kind = KITH_EXPR_DOUBLE;
                out.real = value.d;
                return out;
            case Kind::string:
            case Kind::bytes:
                out.kind = value.is(Kind::string) ? KITH_EXPR_STRING : KITH_EXPR_BYTES;
                KITH_TRY(text(out, value.view()));
                return out;
            case Kind::type:
                out.kind = KITH_EXPR_TYPE;
                KITH_TRY(text(out, expr::to_text(value.type)));
                return out;
            case Kind::calendar:
                out.kind = KITH_EXPR_TYPE;
                KITH_TRY(text(out, "calendar"));
                return out;
            case Kind::list:
                out.kind = KITH_EXPR_LIST;
                return out;
            case Kind::map:
            case Kind::record:
                out.kind = KITH_EXPR_MAP;
                return out;
            case Kind::optional:
                out.kind = KITH_EXPR_OPTIONAL;
                return out;
            case Kind::error: {
                auto error = base::fail(value.code() == expr::Code::memory ? Status::limit : Status::rule,
                                        std::string(expr::code_name(value.code())) + ": " + value.text);
                error.detail = static_cast<std::int32_t>(value.code());
                return error;
            }
            default:
                return out;
        }
    }

    const expr::Schema &schema_;
    expr::Memory &scratch_;
    base::Arena &memory_;
    std::vector<kith_expr_value> values_;
    std::vector<Value> pending_;
    std::vector<std::uint32_t> depths_;
};

// ---- in ----

class Reading {
public:
    Reading(std::span<const kith_expr_value> given, expr::Memory &memory) : given_(given), memory_(memory) {}

    base::Result<Value> value(std::uint32_t index, const expr::Type *type, std::uint32_t depth) {
        const auto &in = given_[index];
        if (depth > kDepthMax) return wrong(index, "is nested too deeply: at most 200 levels");
        if (in.reserved != 0) return wrong(index, "has a reserved field that is not zero: zero it first");
        switch (in.kind) {
            case KITH_EXPR_LIST:
                return list(index, type, depth);
            case KITH_EXPR_MAP:
                return map(index, type, depth);
            case KITH_EXPR_OPTIONAL:
                return optional(index, type, depth);
            default:
                break;
        }
        KITH_LET(out, scalar(index));
        // Null stands for times, durations and dates that are not there, as in the language.
        const bool null_fits =
            in.kind == KITH_EXPR_NULL && (type->kind == TypeKind::timestamp ||
                                          type->kind == TypeKind::duration || type->kind == TypeKind::date);
        if (!null_fits && !expr::fits(out, type)) return mismatch(index, type);
        return out;
    }

private:
    base::Error wrong(std::uint32_t index, const std::string &what) const {
        auto error = base::fail(Status::argument, "value " + std::to_string(index) + " " + what);
        error.item = index;
        return error;
    }
    base::Error mismatch(std::uint32_t index, const expr::Type *type) const {
        return wrong(index, "is of another type than declared: give a " + expr::to_text(type));
    }
    base::Error no_room(std::uint32_t index) const {
        auto error = base::fail(Status::limit, "the values take more than 1 MiB: give fewer");
        error.item = index;
        return error;
    }

    base::Result<Value> scalar(std::uint32_t index) {
        const auto &in = given_[index];
        switch (in.kind) {
            case KITH_EXPR_NULL:
                return expr::null_value();
            case KITH_EXPR_BOOL:
                if (in.integer != 0 && in.integer != 1) return wrong(index, "is no bool: integer is 0 or 1");
                return expr::of_bool(in.integer != 0);
            case KITH_EXPR_INT:
                return expr::of_int(in.integer);
            case KITH_EXPR_UINT:
                return expr::of_uint(static_cast<std::uint64_t>(in.integer));
            case KITH_EXPR_DOUBLE:
                return expr::of_double(in.real);
            case KITH_EXPR_STRING:
            case KITH_EXPR_BYTES:
                return text(index);
            case KITH_EXPR_TIMESTAMP: {
                if (in.integer < KITH_MIN_TIME || in.integer > KITH_MAX_TIME || in.nanos > 999) {
                    return wrong(index, "is out of range: microseconds since 1970, years 1 to 9999");
                }
                auto seconds = in.integer / 1'000'000, rest = in.integer % 1'000'000;
                if (rest < 0) {
                    --seconds;
                    rest += 1'000'000;
                }
                return expr::of_timestamp(seconds, static_cast<std::uint32_t>(rest) * 1000 + in.nanos);
            }
            case KITH_EXPR_DURATION:
                return expr::of_duration(in.integer);
            case KITH_EXPR_MONEY: {
                const auto *code = reinterpret_cast<const char *>(in.currency);
                auto currency = base::Currency::parse({code, ::strnlen(code, sizeof in.currency)});
                if (!currency) return wrong(index, "has no currency: give its ISO 4217 code, as EUR");
                if (in.integer > base::kMaxAmount || in.integer < -base::kMaxAmount) {
                    return wrong(index, "is too large an amount: at most 9*10^17 minor units");
                }
                return expr::of_money(in.integer, currency->packed());
            }
            case KITH_EXPR_DATE: {
                constexpr auto kDays = KITH_MAX_TIME / base::kDay;
                if (in.integer < KITH_MIN_TIME / base::kDay || in.integer > kDays) {
                    return wrong(index, "is out of range: days since 1970, years 1 to 9999");
                }
                return expr::of_date(in.integer);
            }
            default:
                return wrong(index, "is of no kind that can be given: use a KITH_EXPR_ constant");
        }
    }

    base::Result<Value> text(std::uint32_t index) {
        const auto &in = given_[index];
        const std::string_view view(in.text.data ? in.text.data : "",
                                    !in.text.data ? 0
                                    : in.text.size == KITH_NTS
                                        ? ::strnlen(in.text.data, KITH_EXPR_MAX_MEMORY_BYTES + 1)
                                        : in.text.size);
        if (!in.text.data && in.text.size != 0) return wrong(index, "is NULL with a length");
        if (view.size() > KITH_EXPR_MAX_MEMORY_BYTES) return no_room(index);
        text_bytes_ += view.size();
        if (text_bytes_ > KITH_EXPR_MAX_TEXT_BYTES) {
            auto error =
                base::fail(Status::limit, "the texts given are more than 16 MiB together: give fewer");
            error.item = index;
            return error;
        }
        if (in.kind == KITH_EXPR_BYTES) return expr::of_bytes(view);
        if (!base::valid_utf8(view)) return wrong(index, "is not valid UTF-8: convert it, or give bytes");
        return expr::of_text(view);
    }

    // Parts stand behind the value they belong to: so there are no circles.
    bool has_parts(std::uint32_t index, std::uint64_t count) const {
        const auto &in = given_[index];
        return count == 0 || (in.first > index && in.first + count <= given_.size());
    }
    base::Error bad_parts(std::uint32_t index) const {
        return wrong(index, "has parts outside of the array, or before it: set first and count");
    }

    static const expr::Type *any() { return expr::Types::of(TypeKind::dyn); }
    // The inner type of a list, map or optional; null where the type is another.
    static const expr::Type *inner(const expr::Type *type, TypeKind kind, std::size_t place) {
        if (type->kind == TypeKind::wrapper) type = type->args[0];
        if (type->kind == TypeKind::dyn) return any();
        return type->kind == kind ? type->args[place] : nullptr;
    }

    base::Result<Value> list(std::uint32_t index, const expr::Type *type, std::uint32_t depth) {
        const auto *of = inner(type, TypeKind::list, 0);
        if (of == nullptr) return mismatch(index, type);
        const auto &in = given_[index];
        if (!has_parts(index, in.count)) return bad_parts(index);
        expr::ListBuilder items(memory_);
        for (std::uint32_t i = 0; i < in.count; ++i) {
            KITH_LET(item, value(in.first + i, of, depth + 1));
            if (!items.add(item)) return no_room(index);
        }
        return items.list();
    }

    base::Result<Value> map(std::uint32_t index, const expr::Type *type, std::uint32_t depth) {
        const auto *key_type = inner(type, TypeKind::map, 0), *value_type = inner(type, TypeKind::map, 1);
        if (key_type == nullptr) return mismatch(index, type);
        const auto &in = given_[index];
        if (!has_parts(index, std::uint64_t{in.count} * 2)) return bad_parts(index);
        expr::MapBuilder entries(memory_);
        for (std::uint32_t i = 0; i < in.count; ++i) {
            KITH_LET(key, value(in.first + 2 * i, key_type, depth + 1));
            KITH_LET(item, value(in.first + 2 * i + 1, value_type, depth + 1));
            const auto added = entries.add(key, item);
            if (added.failed() && added.code() == expr::Code::memory) return no_room(index);
            if (added.failed()) return wrong(in.first + 2 * i, std::string("cannot be a key: ") + added.text);
        }
        const auto made = entries.map();
        if (made.failed()) return no_room(index);
        return made;
    }

    base::Result<Value> optional(std::uint32_t index, const expr::Type *type, std::uint32_t depth) {
        const auto *of = inner(type, TypeKind::optional, 0);
        if (of == nullptr) return mismatch(index, type);
        const auto &in = given_[index];
        if (in.count > 1 || !has_parts(index, in.count)) return bad_parts(index);
        if (in.count == 0) return expr::of_optional(nullptr);
        KITH_LET(item, value(in.first, of, depth + 1));
        auto *kept = memory_.array<Value>(1);
        if (kept == nullptr) return no_room(index);
        *kept = item;
        return expr::of_optional(kept);
    }

    std::span<const kith_expr_value> given_;
    expr::Memory &memory_;
    std::uint64_t text_bytes_ = 0;
};

// ---- JSON ----

void append_base64(std::string &out, std::string_view bytes) {
    constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            out += i + k > bytes.size() ? '=' : kDigits[group >> (18 - 6 * k) & 63];
        }
    }
}

template <class Number>
std::string number_text(Number number) {
    char digits[40];
    return {digits, std::to_chars(digits, digits + sizeof digits, number).ptr};
}

std::string decimal_text(std::int64_t scaled, int digits) { return base::format_decimal(scaled, digits); }

// Nanoseconds as "90s", "1.5s".
std::string duration_text(std::int64_t nanos) {
    auto text = decimal_text(nanos, 9);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text + "s";
}

std::string time_text(const kith_expr_value &value) {
    auto text = base::format_time(value.integer);
    if (value.nanos == 0) return text;
    text.pop_back();  // Z
    const auto point = text.find('.');
    if (point == std::string::npos) text += ".000000";
    while (text.size() - text.find('.') < 7) text += '0';
    const auto nanos = std::to_string(1000 + value.nanos).substr(1);
    text += nanos;
    text.erase(text.find_last_not_of('0') + 1);
    return text + "Z";
}

std::string money_text(const kith_expr_value &value) {
    const std::string code(reinterpret_cast<const char *>(value.currency));
    const auto currency = base::Currency::parse(code);
    return decimal_text(value.integer, currency ? currency->minor_digits() : 2) + " " + code;
}

std::string_view view(const kith_str &text) { return {text.data, text.size}; }

// A scalar as text, which as a key of an object stands in quotes; `plain`: not in quotes as a value.
std::string scalar_text(const kith_expr_value &value, bool &plain) {
    plain = false;
    switch (value.kind) {
        case KITH_EXPR_NULL:
            plain = true;
            return "null";
        case KITH_EXPR_BOOL:
            plain = true;
            return value.integer ? "true" : "false";
        case KITH_EXPR_INT:
            plain = true;
            return number_text(value.integer);
        case KITH_EXPR_UINT:
            plain = true;
            return number_text(static_cast<std::uint64_t>(value.integer));
        case KITH_EXPR_DOUBLE:
            plain = std::isfinite(value.real);
            if (plain) return number_text(value.real);
            return std::isnan(value.real) ? "NaN" : value.real > 0 ? "Infinity" : "-Infinity";
        case KITH_EXPR_TIMESTAMP:
            return time_text(value);
        case KITH_EXPR_DURATION:
            return duration_text(value.integer);
        case KITH_EXPR_MONEY:
            return money_text(value);
        case KITH_EXPR_DATE:
            return base::format_date(base::civil_of(value.integer));
        case KITH_EXPR_BYTES: {
            std::string text;
            append_base64(text, view(value.text));
            return text;
        }
        default:
            return std::string(view(value.text));
    }
}

// No deeper than values_out made it.
void append_json(std::string &out, std::span<const kith_expr_value> values, std::uint32_t index) {
    const auto &value = values[index];
    bool plain = false;
    switch (value.kind) {
        case KITH_EXPR_LIST:
            out += '[';
            for (std::uint32_t i = 0; i < value.count; ++i) {
                if (i != 0) out += ',';
                append_json(out, values, value.first + i);
            }
            out += ']';
            return;
        case KITH_EXPR_MAP:
            out += '{';
            for (std::uint32_t i = 0; i < value.count; ++i) {
                if (i != 0) out += ',';
                quote_json(out, scalar_text(values[value.first + 2 * i], plain));
                out += ':';
                append_json(out, values, value.first + 2 * i + 1);
            }
            out += '}';
            return;
        case KITH_EXPR_OPTIONAL:
            if (value.count == 0) {
                out += "null";
            } else {
                append_json(out, values, value.first);
            }
            return;
        default: {
            const auto text = scalar_text(value, plain);
            if (plain) {
                out += text;
            } else {
                quote_json(out, text);
            }
        }
    }
}

}  // namespace

base::Result<std::vector<kith_expr_value>> values_out(const expr::Schema &schema, const Value &value,
                                                      expr::Memory &scratch, base::Arena &memory) {
    return Flattening(schema, scratch, memory).run(value);
}

base::Result<std::vector<Value>> values_in(std::span<const kith_expr_value> given,
                                           std::span<const expr::Type *const> types, expr::Memory &memory) {
    if (given.size() < types.size()) {
        return base::fail(Status::argument,
                          "a value is missing: give one for each variable, in their order: " +
                              std::to_string(types.size()));
    }
    Reading reading(given, memory);
    std::vector<Value> values;
    for (std::uint32_t i = 0; i < types.size(); ++i) {
        KITH_LET(value, reading.value(i, types[i], 0));
        values.push_back(value);
    }
    return values;
}

std::string values_json(std::span<const kith_expr_value> values) {
    std::string out;
    append_json(out, values, 0);
    return out;
}

}  // namespace kith::engine
