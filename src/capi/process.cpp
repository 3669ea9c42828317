#include <kith/process.h>

#include "capi/batch.hpp"
#include "capi/fields.hpp"
#include "capi/guard.hpp"
#include "capi/page.hpp"
#include "capi/snapshot.hpp"
#include "capi/strings.hpp"
#include "capi/structs.hpp"
#include "capi/table.hpp"
#include "engine/analyses.hpp"

using namespace kith;
using namespace kith::capi;

namespace {

kith_status add_event(kith_batch *batch, const kith_ref *party, std::uint32_t flags,
                      const kith_process_event *event, bool opens, std::uint32_t *out_item,
                      kith_error *error) {
    return guard(error, [&]() -> Done {
        if (out_item) *out_item = 0;
        KITH_LET(pinned, use(batch));
        KITH_LET(ref, ref_in(party));
        KITH_LET(item_flags, item_flags_in(flags));
        KITH_LET(in, read_struct(event, "event"));
        KITH_TRY(check_reserved(in.reserved));
        engine::ProcessItem item;
        item.ref = ref;
        item.flags = item_flags;
        item.at = in.at;
        const std::tuple<const char *, const kith_str *, std::string_view *> texts[] = {
            {"event->process", &in.process, &item.process},
            {"event->key", &in.key, &item.key},
            {"event->event", &in.event, &item.event},
            {"event->actor", &in.actor, &item.actor},
            {"event->reason", &in.reason, &item.reason}};
        for (const auto &[name, text, target] : texts) {
            KITH_LET(view, view_in(*text, name));
            *target = view;
        }
        if (item.event.empty() != opens) {
            return base::fail(base::Status::argument,
                              opens ? "event->event is given: a process is opened without one"
                                    : "event->event is missing: say what happened");
        }
        std::vector<engine::FieldItem> values;
        KITH_TRY(values_in(in.values, in.value_count, 0, values));
        item.values = values;
        KITH_LET(added, pinned->items.add(item));
        if (out_item) *out_item = added;
        return kOk;
    });
}

}  // namespace

extern "C" {

kith_status kith_process_send(kith_batch *batch, const kith_ref *party, uint32_t flags,
                              const kith_process_event *event, uint32_t *out_item, kith_error *error) {
    return add_event(batch, party, flags, event, false, out_item, error);
}

kith_status kith_process_open(kith_batch *batch, const kith_ref *party, uint32_t flags,
                              const kith_process_event *event, uint32_t *out_item, kith_error *error) {
    return add_event(batch, party, flags, event, true, out_item, error);
}

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
