#include <kith/definition.h>

#include <algorithm>
#include <set>

#include "capi/batch.hpp"
#include "capi/guard.hpp"
#include "capi/store.hpp"
#include "capi/strings.hpp"

using namespace kith;
using namespace kith::capi;

namespace {

base::Result<std::uint32_t> add(engine::Batch &batch, const char *json, std::size_t size) {
    KITH_LET(text, required_in(json, size, KITH_MAX_RECORD_BYTES, "json"));
    return batch.add_playbook(text);
}

}  // namespace

extern "C" {

kith_status kith_definition_check(const char *json, size_t json_size, kith_error *error) {
    return guard(error, [&]() -> Done {
        engine::Batch scratch;
        KITH_TRY(add(scratch, json, json_size));
        return kOk;
    });
}

kith_status kith_define(kith_batch *batch, const char *json, size_t json_size, uint32_t *out_item,
                        kith_error *error) {
    return guard(error, [&]() -> Done {
        if (out_item) *out_item = 0;
        KITH_LET(pinned, use(batch));
        KITH_LET(added, add(pinned->items, json, json_size));
        if (out_item) *out_item = added;
        return kOk;
    });
}

kith_status kith_setting_set(kith_batch *batch, const char *name, size_t name_size, const char *json,
                             size_t json_size, uint32_t *out_item, kith_error *error) {
    return guard(error, [&]() -> Done {
        if (out_item) *out_item = 0;
        KITH_LET(setting, required_in(name, name_size, KITH_MAX_NAME_BYTES, "name"));
        KITH_LET(value, required_in(json, json_size, KITH_MAX_RECORD_BYTES, "json"));
        KITH_LET(pinned, use(batch));
        KITH_LET(added, pinned->items.add_setting(setting, value));
        if (out_item) *out_item = added;
        return kOk;
    });
}

kith_status kith_definition_build(kith_store *store,
                                  int (*progress)(uintptr_t user_data, uint64_t done, uint64_t all),
                                  uintptr_t user_data, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_LET(opened, use(store));
        auto &core = *opened->core;
        core.end_old_snapshots();
        // All parties once for each group of sums that stand at the same party; the first is ahead of it.
        std::uint64_t all = 0;
        {
            KITH_LET(snapshot, core.engine->snapshot());
            KITH_LET(parties, snapshot->reader().count(store::Table::counters));
            KITH_LET(known, engine::known_measures(snapshot->reader()));
            std::set<base::Id> steps;
            for (const auto &[text, one] : known) {
                if (one.built_through != engine::last_party()) steps.insert(one.built_through);
            }
            all = parties * steps.size();
        }
        KITH_TRY(core.engine->build([&](const engine::BuildProgress &done) {
            if (!progress) return true;
            const Callback mark(core);
            return progress(user_data, done.parties, std::max(all, done.parties)) == 0;
        }));
        return kOk;
    });
}
}
