#include <kith/rule.h>

#include <algorithm>

#include "capi/directory.hpp"
#include "capi/table.hpp"
#include "engine/rule_reads.hpp"
#include "engine/simulate.hpp"

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

kith_status kith_simulate(kith_snapshot *snapshot, const kith_simulate_options *options,
                          kith_table **out_table, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_table, "out_table"));
        KITH_LET(in, read_struct(options, "options"));
        KITH_TRY(check_reserved(in.reserved));
        KITH_LET(playbook,
                 required_in(in.playbook.data, in.playbook.size, KITH_MAX_RECORD_BYTES, "options->playbook"));
        KITH_LET(folder, required_in(in.folder.data, in.folder.size, KITH_MAX_TEXT_BYTES, "options->folder"));
        engine::SimulateQuery query;
        query.playbook = playbook;
        query.folder = folder;
        if (in.fields & KITH_SIMULATE_SINCE) {
            KITH_TRY(check_time(in.since, "options->since"));
            query.since = in.since;
        }
        if (in.fields & KITH_SIMULATE_UNTIL) {
            KITH_TRY(check_time(in.until, "options->until"));
            query.until = in.until;
        }
        if (in.examples != 0) query.examples_max = std::min<std::size_t>(in.examples, KITH_MAX_PAGE_ITEMS);
        KITH_LET(pinned, use(snapshot));
        if (in.progress) {
            query.progress = [&](std::uint64_t done, std::uint64_t all) {
                const Callback mark(*pinned->core);
                return in.progress(in.user_data, done, all) == 0;
            };
        }
        KITH_LET(result, engine::simulate(*pinned->view, query));
        *out_table = give(std::make_unique<Table>(std::move(result)));
        return kOk;
    });
}
}
