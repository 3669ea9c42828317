#include "engine/analyses.hpp"

#include "capi/guard.hpp"
#include "capi/snapshot.hpp"
#include "capi/strings.hpp"
#include "capi/structs.hpp"
#include "capi/table.hpp"

using namespace kith;
using namespace kith::capi;

static_assert(static_cast<int>(engine::Column::Type::integer) == KITH_COLUMN_INT);
static_assert(static_cast<int>(engine::Column::Type::real) == KITH_COLUMN_REAL);
static_assert(static_cast<int>(engine::Column::Type::text) == KITH_COLUMN_TEXT);
static_assert(static_cast<int>(engine::Column::Type::amount) == KITH_COLUMN_AMOUNT);
static_assert(static_cast<int>(engine::Column::Type::id) == KITH_COLUMN_ID);
static_assert(static_cast<int>(engine::Period::month) == KITH_COHORT_MONTH);
static_assert(static_cast<int>(engine::Period::week) == KITH_COHORT_WEEK);
static_assert(static_cast<int>(engine::Period::quarter) == KITH_COHORT_QUARTER);
static_assert(static_cast<int>(engine::Period::year) == KITH_COHORT_YEAR);
static_assert(sizeof(kith_id) == sizeof(base::Id));

namespace {

std::size_t rows_of(const engine::Column &column) {
    switch (column.type) {
        case engine::Column::Type::real:
            return column.reals.size();
        case engine::Column::Type::text:
            return column.texts.size();
        case engine::Column::Type::id:
            return column.ids.size();
        default:
            return column.ints.size();
    }
}

template <class T>
const T *data_or_null(const std::vector<T> &values) {
    return values.empty() ? nullptr : values.data();
}

base::Error no_such(const char *what) {
    return base::fail(base::Status::argument, std::string("the table has no such ") + what +
                                                  ": give an index below the count of kith_table_size");
}

}  // namespace

capi::Table::Table(engine::ResultTable given) : result(std::move(given)), texts(result.columns.size()) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
        texts[i].reserve(result.columns[i].texts.size());
        for (const auto &text : result.columns[i].texts) texts[i].push_back(str_out(text));
    }
}

extern "C" {

void kith_table_size(const kith_table *table, size_t *out_rows, size_t *out_columns, size_t *out_facts) {
    for (auto *out : {out_rows, out_columns, out_facts}) {
        if (out) *out = 0;
    }
    guard_value(0, [&] {
        const auto pinned = pin<Table>(table);
        if (!pinned) return 0;
        const auto &result = (*pinned)->result;
        if (out_rows && !result.columns.empty()) *out_rows = rows_of(result.columns.front());
        if (out_columns) *out_columns = result.columns.size();
        if (out_facts) *out_facts = result.facts.size();
        return 0;
    });
}

kith_status kith_table_column(const kith_table *table, size_t index, kith_column *out_column,
                              kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_struct(out_column, "out_column"));
        KITH_LET(pinned, pin<Table>(table));
        if (index >= pinned->result.columns.size()) return no_such("column");
        const auto &column = pinned->result.columns[index];
        kith_column out{};
        out.type = static_cast<std::uint32_t>(column.type);
        out.name = str_out(column.name);
        out.count = rows_of(column);
        out.ints = data_or_null(column.ints);
        out.reals = data_or_null(column.reals);
        out.texts = data_or_null(pinned->texts[index]);
        out.ids = reinterpret_cast<const kith_id *>(data_or_null(column.ids));
        out.present = data_or_null(column.present);
        write_struct(out_column, out);
        return kOk;
    });
}

kith_status kith_table_fact(const kith_table *table, size_t index, kith_fact *out_fact, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_struct(out_fact, "out_fact"));
        KITH_LET(pinned, pin<Table>(table));
        if (index >= pinned->result.facts.size()) return no_such("fact");
        const auto &[name, value] = pinned->result.facts[index];
        kith_fact out{};
        out.name = str_out(name);
        out.value = value;
        write_struct(out_fact, out);
        return kOk;
    });
}

void kith_table_free(kith_table *table) { free_handle<Table>(table); }

kith_status kith_rfm(kith_snapshot *snapshot, const kith_rfm_options *options, kith_table **out_table,
                     kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_table, "out_table"));
        KITH_LET(in, read_struct(options, "options"));
        KITH_TRY(check_reserved(in.reserved));
        KITH_TRY(check_time(in.as_of, "options->as_of"));
        KITH_LET(scheme, text_in(in.scheme, KITH_MAX_RECORD_BYTES, "options->scheme"));
        KITH_LET(pinned, use(snapshot));
        KITH_LET(result, engine::rfm(*pinned->view, in.as_of, scheme.empty() ? "quantile:5" : scheme));
        *out_table = give(std::make_unique<Table>(std::move(result)));
        return kOk;
    });
}

kith_status kith_abc(kith_snapshot *snapshot, const kith_abc_options *options, kith_table **out_table,
                     kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_table, "out_table"));
        KITH_LET(in, read_struct(options, "options"));
        if (in.rule > KITH_ABC_INSIDE) {
            return base::fail(base::Status::argument, "options->rule is unknown: use a KITH_ABC_ constant");
        }
        engine::AbcOptions wanted;
        wanted.inside = in.rule == KITH_ABC_INSIDE;
        if (in.border_a != 0) wanted.border_a = in.border_a;
        if (in.border_b != 0) wanted.border_b = in.border_b;
        KITH_LET(pinned, use(snapshot));
        KITH_LET(result, engine::abc(*pinned->view, wanted));
        *out_table = give(std::make_unique<Table>(std::move(result)));
        return kOk;
    });
}

kith_status kith_cohort(kith_snapshot *snapshot, const kith_cohort_options *options, kith_table **out_table,
                        kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_table, "out_table"));
        KITH_LET(in, read_struct(options, "options"));
        if (in.by > KITH_COHORT_YEAR) {
            return base::fail(base::Status::argument, "options->by is unknown: use a KITH_COHORT_ constant");
        }
        KITH_LET(pinned, use(snapshot));
        KITH_LET(result, engine::cohort(*pinned->view, static_cast<engine::Period>(in.by)));
        *out_table = give(std::make_unique<Table>(std::move(result)));
        return kOk;
    });
}
}
