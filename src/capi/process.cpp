#include <kith/process.h>

#include "capi/batch.hpp"
#include "capi/guard.hpp"
#include "capi/page.hpp"
#include "capi/snapshot.hpp"
#include "capi/strings.hpp"
#include "capi/structs.hpp"
#include "capi/table.hpp"
#include "engine/analyses.hpp"

using namespace kith;
using namespace kith::capi;

extern "C" {

kith_status kith_process_log(kith_snapshot *snapshot, const kith_id *process, kith_page **out_page,
                             kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_page, "out_page"));
        KITH_TRY(not_null(process, "process"));
        KITH_LET(pinned, use(snapshot));
        KITH_LET(log, engine::Reads(*pinned->view).log(id_in(*process)));
        if (!log) return kNotFound;
        PageWriter page(*pinned->view);
        KITH_TRY(page.add(std::span<const model::Transition>(*log)));
        *out_page = page.finish();
        return kOk;
    });
}

kith_status kith_process_states(kith_snapshot *snapshot, const char *definition, size_t definition_size,
                                kith_table **out_table, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_table, "out_table"));
        KITH_LET(name, required_in(definition, definition_size, KITH_MAX_NAME_BYTES, "definition"));
        KITH_LET(pinned, use(snapshot));
        KITH_LET(result, engine::process_states(*pinned->view, name));
        *out_table = give(std::make_unique<Table>(std::move(result)));
        return kOk;
    });
}
}
