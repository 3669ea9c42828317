#include <kith/feed.h>

#include "capi/guard.hpp"
#include "capi/page.hpp"
#include "capi/snapshot.hpp"
#include "capi/structs.hpp"

using namespace kith;
using namespace kith::capi;

extern "C" kith_status kith_feed_read(kith_snapshot *snapshot, uint64_t after_seq, uint32_t items_max,
                                      kith_page **out_page, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_page, "out_page"));
        KITH_TRY(check_items_max(items_max));
        KITH_LET(pinned, use(snapshot));
        KITH_LET(changes, engine::Reads(*pinned->view).changes(after_seq, items_max));
        if (changes.empty()) return kEnd;
        PageWriter page(*pinned->view);
        KITH_TRY(page.add(std::span<const model::Change>(changes)));
        *out_page = page.finish();
        return kOk;
    });
}
