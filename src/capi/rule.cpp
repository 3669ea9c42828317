#include <kith/rule.h>

#include "capi/directory.hpp"
#include "capi/table.hpp"
#include "engine/rule_reads.hpp"

using namespace kith;
using namespace kith::capi;

extern "C" {

kith_status kith_rules(kith_snapshot *snapshot, kith_time now, kith_table **out_table, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_table, "out_table"));
        KITH_TRY(check_time(now, "now"));
        KITH_LET(pinned, use(snapshot));
        KITH_LET(result, engine::rules_table(*pinned->view, now));
        *out_table = give(std::make_unique<Table>(std::move(result)));
        return kOk;
    });
}

kith_status kith_rule_runs(kith_snapshot *snapshot, kith_str rule, const kith_id *party,
                           kith_table **out_table, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_table, "out_table"));
        KITH_LET(name, view_in(rule, "rule"));
        KITH_LET(pinned, use(snapshot));
        const auto of = party ? id_in(*party) : base::Id();
        KITH_LET(result, engine::runs_table(*pinned->view, name, party ? &of : nullptr, KITH_MAX_PAGE_ITEMS));
        *out_table = give(std::make_unique<Table>(std::move(result)));
        return kOk;
    });
}

kith_status kith_rule_resume(kith_batch *batch, kith_str rule, uint32_t *out_item, kith_error *error) {
    return put_item(batch, out_item, error, [&]() -> base::Result<engine::ResumeItem> {
        KITH_LET(name, view_in(rule, "rule"));
        return engine::ResumeItem{name};
    });
}
}
