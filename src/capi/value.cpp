#include <kith/value.h>

#include "capi/guard.hpp"
#include "capi/page.hpp"
#include "capi/snapshot.hpp"
#include "capi/strings.hpp"
#include "capi/subject.hpp"
#include "capi/table.hpp"
#include "engine/assignment.hpp"
#include "engine/value_table.hpp"
#include "engine/why.hpp"

using namespace kith;
using namespace kith::capi;

namespace {

constexpr std::size_t kNamesMax = 256, kRankingsMax = 16;

base::Result<base::Micros> now_in(std::uint32_t fields, kith_time now, const engine::Store &store) {
    KITH_TRY(check_bits(fields, KITH_VALUE_FIELD_NOW, "options->fields"));
    if (!(fields & KITH_VALUE_FIELD_NOW)) return store.now();
    KITH_TRY(check_time(now, "options->now"));
    return now;
}

base::Result<kith_value_options> value_options_in(const kith_value_options *options) {
    if (!options) return kith_value_options{};
    KITH_LET(in, read_struct(options, "options"));
    KITH_TRY(check_reserved(in.reserved));
    return in;
}

// `read(view, subject, name, now, options)` gives the table.
template <class Read>
Done table_of_subject(kith_snapshot *snapshot, const kith_subject *subject, const char *name,
                      std::size_t name_size, const kith_value_options *options, kith_table **out_table,
                      Read read) {
    KITH_TRY(clear_out(out_table, "out_table"));
    KITH_LET(of, subject_in(subject));
    KITH_LET(named, required_in(name, name_size, KITH_MAX_NAME_BYTES, "the name"));
    KITH_LET(in, value_options_in(options));
    KITH_LET(pinned, use(snapshot));
    KITH_LET(now, now_in(in.fields, in.now, pinned->view->store()));
    KITH_LET(found, engine::find_subject(*pinned->view, of));
    if (!found) return kNotFound;
    KITH_LET(result, read(*pinned->view, *found, named, now, in));
    *out_table = give(std::make_unique<Table>(std::move(result)));
    return kOk;
}

}  // namespace

extern "C" {

kith_status kith_values(kith_snapshot *snapshot, const kith_values_options *options, kith_table **out_table,
                        kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_table, "out_table"));
        KITH_LET(in, read_struct(options, "options"));
        KITH_TRY(check_bits(in.flags, KITH_VALUES_DESCENDING, "options->flags"));
        if (in.subject > KITH_SUBJECT_ALL) {
            return base::fail(base::Status::argument,
                              "options->subject is unknown: use a KITH_SUBJECT_ constant");
        }
        if (in.name_count > 0) KITH_TRY(not_null(in.names, "options->names"));
        if (in.name_count > kNamesMax) {
            return base::fail(base::Status::limit,
                              "options->name_count is too large: at most " + std::to_string(kNamesMax));
        }
        std::vector<std::string_view> names;
        for (std::size_t i = 0; i < in.name_count; ++i) {
            KITH_LET(name, required_in(in.names[i].data, in.names[i].size, KITH_EXPR_MAX_SOURCE_BYTES,
                                       "a name of options->names"));
            names.push_back(name);
        }
        engine::ValueQuery query;
        query.kind = static_cast<engine::SubjectKind>(in.subject);
        query.names = names;
        KITH_LET(where, text_in(in.where, KITH_EXPR_MAX_SOURCE_BYTES, "options->where"));
        KITH_LET(order_by, text_in(in.order_by, KITH_EXPR_MAX_SOURCE_BYTES, "options->order_by"));
        query.where = where;
        query.order_by = order_by;
        query.descending = in.flags & KITH_VALUES_DESCENDING;
        if (in.limit != 0) query.limit = in.limit;
        KITH_LET(pinned, use(snapshot));
        KITH_LET(now, now_in(in.fields, in.now, pinned->view->store()));
        query.now = now;
        KITH_LET(result, engine::value_table(*pinned->view, query));
        *out_table = give(std::make_unique<Table>(std::move(result)));
        return kOk;
    });
}

kith_status kith_series(kith_snapshot *snapshot, const kith_subject *subject, const char *metric,
                        size_t metric_size, const kith_value_options *options, kith_table **out_table,
                        kith_error *error) {
    return guard(error, [&]() -> Done {
        return table_of_subject(snapshot, subject, metric, metric_size, options, out_table,
                                [](auto &view, auto &of, auto name, auto now, auto &) {
                                    return engine::series_table(view, of, name, now);
                                });
    });
}

kith_status kith_why(kith_snapshot *snapshot, const kith_subject *subject, const char *name, size_t name_size,
                     const kith_value_options *options, kith_table **out_table, kith_error *error) {
    return guard(error, [&]() -> Done {
        return table_of_subject(snapshot, subject, name, name_size, options, out_table,
                                [](auto &view, auto &of, auto named, auto now, auto &in) {
                                    engine::WhyQuery query{of, named, now};
                                    if (in.rows != 0) query.rows_max = in.rows;
                                    return engine::why(view, query);
                                });
    });
}

kith_status kith_assign(kith_snapshot *snapshot, const kith_id *party, const kith_assign_options *options,
                        kith_table **out_table, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_table, "out_table"));
        KITH_TRY(not_null(party, "party"));
        kith_assign_options in{};
        if (options) {
            KITH_LET(given, read_struct(options, "options"));
            in = given;
        }
        KITH_LET(among, text_in(in.among, KITH_EXPR_MAX_SOURCE_BYTES, "options->among"));
        if (in.best_count > 0) KITH_TRY(not_null(in.best, "options->best"));
        if (in.best_count > kRankingsMax)
            return base::fail(base::Status::limit, "options->best_count is too large: at most 16");
        if (in.best_count > 0 && among.empty())
            return base::fail(base::Status::argument, "options->best ranks nobody: say among whom");
        std::vector<std::string_view> best;
        for (std::size_t i = 0; i < in.best_count; ++i) {
            KITH_LET(ranking, required_in(in.best[i].data, in.best[i].size, KITH_EXPR_MAX_SOURCE_BYTES,
                                          "a ranking of options->best"));
            best.push_back(ranking);
        }
        KITH_LET(pinned, use(snapshot));
        KITH_LET(now, now_in(in.fields, in.now, pinned->view->store()));
        KITH_LET(result, engine::assignment_table(*pinned->view, {id_in(*party), now, among, best}));
        if (!result) return kNotFound;
        *out_table = give(std::make_unique<Table>(std::move(*result)));
        return kOk;
    });
}

kith_status kith_segment_count(kith_snapshot *snapshot, const char *segment, size_t segment_size,
                               uint64_t *out_count, uint32_t *out_built, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_count, "out_count"));
        KITH_TRY(clear_out(out_built, "out_built"));
        KITH_LET(name, required_in(segment, segment_size, KITH_MAX_NAME_BYTES, "segment"));
        KITH_LET(pinned, use(snapshot));
        KITH_LET(read, engine::Reads(*pinned->view).segment(name));
        if (!read) return kNotFound;
        *out_count = read->count;
        *out_built = read->is_built;
        return kOk;
    });
}

kith_status kith_membership_log(kith_snapshot *snapshot, const kith_id *party, const char *segment,
                                size_t segment_size, kith_page **out_page, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_page, "out_page"));
        KITH_TRY(not_null(party, "party"));
        KITH_LET(name, required_in(segment, segment_size, KITH_MAX_NAME_BYTES, "segment"));
        KITH_LET(pinned, use(snapshot));
        const engine::Reads reads(*pinned->view);
        KITH_LET(known, reads.party(id_in(*party)));
        KITH_LET(read, reads.segment(name));
        if (!known || !read) return kNotFound;
        std::vector<model::Transition> log;
        if (read->name != 0) {
            KITH_LET(found, reads.membership_log(id_in(*party), read->name));
            log = std::move(found);
        }
        PageWriter page(*pinned->view);
        KITH_TRY(page.add(std::span<const model::Transition>(log)));
        *out_page = page.finish();
        return kOk;
    });
}
}
