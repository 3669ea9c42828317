#include <kith/request.h>

#include "capi/directory.hpp"
#include "capi/table.hpp"
#include "engine/requests.hpp"

using namespace kith;
using namespace kith::capi;

extern "C" {

kith_status kith_requests(kith_snapshot *snapshot, const kith_request_query *query, kith_table **out_table,
                          kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_table, "out_table"));
        KITH_LET(pinned, use(snapshot));
        KITH_LET(in, read_struct(query, "query"));
        KITH_TRY(check_bits(in.fields, KITH_REQUEST_QUERY_ALL, "query->fields"));
        KITH_TRY(check_reserved(in.reserved));
        if (in.limit > KITH_MAX_PAGE_ITEMS)
            return base::fail(base::Status::argument, "query->limit is out of range: at most 4096");
        KITH_LET(actor, view_in(in.actor, "query->actor"));
        engine::RequestQuery wanted;
        wanted.all = (in.fields & KITH_REQUEST_QUERY_ALL) != 0;
        wanted.actor = actor;
        wanted.party = id_in(in.party);
        wanted.after = id_in(in.after);
        wanted.limit = in.limit ? in.limit : KITH_MAX_PAGE_ITEMS;
        KITH_LET(result, engine::requests(*pinned->view, wanted));
        *out_table = give(std::make_unique<Table>(std::move(result)));
        return kOk;
    });
}

kith_status kith_request_take(kith_batch *batch, const kith_id *request, kith_time lease_until,
                              uint32_t *out_item, kith_error *error) {
    return put_item(batch, out_item, error, [&]() -> base::Result<engine::RequestItem> {
        KITH_TRY(not_null(request, "request"));
        return engine::RequestItem{id_in(*request), {}, lease_until, {}};
    });
}

kith_status kith_request_done(kith_batch *batch, const kith_id *request, kith_str result, uint32_t failed,
                              kith_time at, uint32_t *out_item, kith_error *error) {
    return put_item(batch, out_item, error, [&]() -> base::Result<engine::RequestItem> {
        KITH_TRY(not_null(request, "request"));
        if (failed > 1) return base::fail(base::Status::argument, "failed is 0 or 1");
        KITH_LET(text, view_in(result, "result"));
        const auto state = failed ? model::RequestState::failed : model::RequestState::done;
        return engine::RequestItem{id_in(*request), state, at, text};
    });
}
}
