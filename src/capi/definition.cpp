#include <kith/definition.h>

#include "capi/batch.hpp"
#include "capi/guard.hpp"
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
}
