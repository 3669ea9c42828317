#include "capi/fields.hpp"

#include "capi/batch.hpp"
#include "capi/strings.hpp"
#include "capi/structs.hpp"

namespace kith::capi {

static_assert(static_cast<int>(model::FieldKind::text) == KITH_FIELD_TEXT);
static_assert(static_cast<int>(model::FieldKind::double_) == KITH_FIELD_DOUBLE);
static_assert(static_cast<int>(model::FieldKind::money) == KITH_FIELD_MONEY);
static_assert(static_cast<int>(model::FieldKind::date) == KITH_FIELD_DATE);
static_assert(static_cast<int>(model::FieldKind::key) == KITH_FIELD_KEY);
static_assert(static_cast<int>(model::FieldKind::record) == KITH_FIELD_RECORD);

base::Result<void> values_in(const kith_field *values, std::size_t count, std::uint32_t at_fault,
                             std::vector<engine::FieldItem> &out) {
    const auto wrong = [&](base::Status status, std::string message) {
        auto error = base::fail(status, std::move(message));
        error.field = at_fault;
        return error;
    };
    out.clear();
    if (count == 0) return {};
    if (!values) return wrong(base::Status::argument, "values is NULL with a count: give the values");
    if (count > KITH_MAX_FIELDS) {
        return wrong(base::Status::limit,
                     "too many values: at most " + std::to_string(KITH_MAX_FIELDS) + " of a record");
    }
    out.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto &in = values[i];
        if (in.kind > KITH_FIELD_RECORD)
            return wrong(base::Status::argument, "a value's kind is unknown: use a KITH_FIELD_ constant");
        KITH_LET(name, view_in(in.name, "a value's name"));
        KITH_LET(text, view_in(in.text, "a value's text"));
        auto currency = currency_in(in.currency);
        if (!currency) return wrong(currency.error().status, currency.error().message);
        out.push_back({name, static_cast<model::FieldKind>(in.kind), in.integer, in.real, *currency, text,
                       id_in(in.id)});
    }
    return {};
}

}  // namespace kith::capi
