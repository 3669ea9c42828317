// Values of many subjects as a table, and of one subject over time.
#pragma once

#include "engine/result_table.hpp"
#include "engine/subjects.hpp"

namespace kith::engine {

struct ValueQuery {
    SubjectKind kind = SubjectKind::party;
    // Each a column: an expression over the subject with its definitions ("m.sales_12m", "cell.service",
    // "party.name"); a name alone is a metric's.
    std::span<const std::string_view> names;
    base::Micros now = 0;
    std::string_view where;     // a condition: subjects that do not meet it are left out; empty: none are
    std::string_view order_by;  // one of `names`; empty: by subject
    bool descending = false;    // unknown values come last either way
    std::uint64_t limit = UINT64_MAX;
};

// Parties that are not anonymous ("party", "id"); actors, products, campaigns with rows ("actor", ...); of
// the base one row. Unknown values are empty cells. Fact "subjects": how many there are without the limit.
base::Result<ResultTable> value_table(const Snapshot &snapshot, const ValueQuery &query);

// "period" (its first day), "begin", "value": from the first period with a row to the open one. Empty where
// a period's value is unknown. Status::argument for a metric without `by`, not_found for none of this name.
base::Result<ResultTable> series_table(const Snapshot &snapshot, const ValueSubject &subject,
                                       std::string_view metric, base::Micros now);

// A column of values of this type, and how a value stands in it.
Column column_of(std::string name, expr::TypeKind type);
void put_value(Column &column, const expr::Value &value, const expr::Schema &schema,
               const expr::Moment &moment, std::uint32_t currency);
// As programs write it: amounts "12.50 EUR", times ISO 8601, texts as they are; empty if it is unknown.
std::string plain_text(const expr::Value &value, const expr::Schema &schema, const expr::Moment &moment);

}  // namespace kith::engine
