#include "capi/store.hpp"

#include "base/id.hpp"
#include "capi/guard.hpp"
#include "capi/snapshot.hpp"
#include "capi/strings.hpp"
#include "capi/structs.hpp"
#include "capi/table.hpp"
#include "engine/reads.hpp"
#include "engine/verify.hpp"

using namespace kith;
using namespace kith::capi;

namespace {

static_assert(static_cast<int>(store::Durability::full) == KITH_DURABILITY_FULL);
static_assert(static_cast<int>(store::Durability::relaxed) == KITH_DURABILITY_RELAXED);
static_assert(static_cast<int>(store::Check::full) == KITH_CHECK_FULL);
static_assert(base::kMinTime == KITH_MIN_TIME && base::kMaxTime == KITH_MAX_TIME);

constexpr std::uint32_t kOpenFlags = KITH_OPEN_CREATE | KITH_OPEN_NEW | KITH_OPEN_READ_ONLY | KITH_OPEN_BARE;

base::Result<engine::OpenOptions> options_in(const kith_open_options *theirs, const Core &core) {
    engine::OpenOptions out;
    if (!theirs) return out;
    KITH_LET(in, read_struct(theirs, "options"));
    KITH_TRY(check_bits(in.flags, kOpenFlags, "options->flags"));
    if (in.durability > KITH_DURABILITY_RELAXED) {
        return base::fail(base::Status::argument,
                          "options->durability is unknown: use a KITH_DURABILITY_ constant");
    }
    KITH_TRY(check_reserved(in.reserved));
    if (in.check > KITH_CHECK_FULL) {
        return base::fail(base::Status::argument, "options->check is unknown: use a KITH_CHECK_ constant");
    }
    out.file.check = static_cast<store::Check>(in.check);
    out.file.must_be_new = in.flags & KITH_OPEN_NEW;
    out.file.create = in.flags & (KITH_OPEN_CREATE | KITH_OPEN_NEW);
    out.file.read_only = in.flags & KITH_OPEN_READ_ONLY;
    out.bare = in.flags & KITH_OPEN_BARE;
    out.file.durability = static_cast<store::Durability>(in.durability);
    out.file.map_reserve_bytes = in.map_reserve_bytes;
    if (in.busy_timeout_ms) out.file.busy_timeout_ms = in.busy_timeout_ms;
    if (in.snapshot_age_ms_max) out.file.snapshot_age_ms_max = in.snapshot_age_ms_max;
    KITH_LET(currency, text_in(in.currency, KITH_MAX_NAME_BYTES, "options->currency"));
    if (!currency.empty()) {
        KITH_LET(parsed, base::Currency::parse(currency));
        out.config.currency = parsed;
    }
    KITH_LET(time_zone, text_in(in.time_zone, KITH_MAX_NAME_BYTES, "options->time_zone"));
    KITH_LET(device, text_in(in.device, KITH_MAX_NAME_BYTES, "options->device"));
    out.config.time_zone = time_zone;
    out.config.device = device;
    out.now = clock_in(in.now, in.user_data, core);
    out.random = random_in(in.random, in.user_data, core);
    return out;
}

// The pages' findings, of which as many are counted as there are and the first are listed.
void add(const store::Structure &structure, engine::Problems &problems) {
    for (const auto &finding : structure.findings) problems.add(finding);
    problems.count += structure.problems - structure.findings.size();
}

}  // namespace

namespace kith::capi {

std::function<base::Micros()> clock_in(int64_t (*now)(uintptr_t), uintptr_t user_data, const Core &core) {
    if (!now) return {};
    return [&core, now, user_data] {
        const Callback mark(core);
        return now(user_data);
    };
}

std::function<void(std::span<std::byte>)> random_in(void (*random)(uintptr_t, uint8_t *, size_t),
                                                    uintptr_t user_data, const Core &core) {
    if (!random) return {};
    return [&core, random, user_data](std::span<std::byte> bytes) {
        const Callback mark(core);
        random(user_data, reinterpret_cast<std::uint8_t *>(bytes.data()), bytes.size());
    };
}

}  // namespace kith::capi

extern "C" {

kith_status kith_store_open(const char *path, size_t path_size, const kith_open_options *options,
                            kith_store **out_store, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_store, "out_store"));
        KITH_LET(name, required_in(path, path_size, KITH_MAX_TEXT_BYTES, "path"));
        auto core = std::make_shared<Core>();
        KITH_LET(wanted, options_in(options, *core));
        KITH_LET(opened, engine::Store::open(std::string(name), std::move(wanted)));
        core->engine = std::move(opened);
        auto *handle = give(std::make_unique<capi::Store>(core));
        core->handle = handle;
        *out_store = handle;
        return kOk;
    });
}

void kith_store_close(kith_store *store) {
    guard_value(0, [&] {
        std::shared_ptr<Core> core;
        if (const auto opened = pin<capi::Store>(store)) core = (*opened)->core;
        if (core && !core->forked() && !Callback::running(*core)) core->close();
        return 0;
    });
}

kith_status kith_store_info(kith_snapshot *snapshot, kith_info *out_info, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_struct(out_info, "out_info"));
        KITH_LET(pinned, use(snapshot));
        const auto &view = *pinned->view;
        KITH_LET(counted, engine::Reads(view).info());
        KITH_LET(file, view.store().env().info());
        const auto &meta = view.meta();
        const auto &config = view.store().config();
        kith_info info{};
        info.format = meta.format;
        info.parties = counted.parties;
        info.anonymous = counted.anonymous;
        info.identifiers = counted.identifiers;
        info.interactions = counted.interactions;
        info.orders = counted.orders;
        info.returns = counted.returns;
        info.amount_total = counted.amount_total;
        info.returns_total = counted.returns_total;
        info.first_at = counted.first_at.value_or(0);
        info.last_at = counted.last_at.value_or(0);
        info.due_through = meta.due_through;
        info.processes = counted.processes;
        info.commitments_open = counted.commitments_open;
        info.definitions = counted.definitions;
        info.feed_first = meta.feed_first;
        info.feed_last = meta.feed_last;
        info.file_bytes = file.file_bytes;
        info.origin = meta.origin;
        info.durability = static_cast<std::uint32_t>(view.store().env().options().durability);
        const auto currency = config.currency.text();
        std::copy(currency.begin(), currency.end(), info.currency);
        info.minor_digits = static_cast<std::uint32_t>(config.currency.minor_digits());
        info.time_zone = str_out(config.time_zone);
        if (!config.device.empty()) info.device = str_out(config.device);
        info.snapshot_age_ms = view.view().age_ms();
        info.readers = file.readers;
        info.erasure_pending_since = meta.erasure_pending_since;
        info.sums_to_build = counted.sums_to_build;
        write_struct(out_info, info);
        return kOk;
    });
}

kith_status kith_store_run_due(kith_store *store, kith_time now, kith_due_report *out_report,
                               kith_error *error) {
    return guard(error, [&]() -> Done {
        if (out_report) KITH_TRY(clear_struct(out_report, "out_report"));
        KITH_LET(opened, use(store));
        opened->core->end_old_snapshots();
        KITH_LET(done, opened->core->engine->run_due(now));
        if (!out_report) return kOk;
        kith_due_report report{};
        report.timers = done.counts.timers;
        report.transitions = done.counts.transitions;
        report.commitments = done.counts.commitments;
        report.due_through = done.due_through;
        report.last_seq = done.last_seq;
        write_struct(out_report, report);
        return kOk;
    });
}

kith_status kith_store_verify(kith_snapshot *snapshot,
                              void (*progress)(uintptr_t user_data, uint64_t done, uint64_t all),
                              uintptr_t user_data, kith_verify_report *out_report, kith_table **out_problems,
                              kith_error *error) {
    return guard(error, [&]() -> Done {
        if (out_problems) *out_problems = nullptr;
        KITH_TRY(clear_struct(out_report, "out_report"));
        KITH_LET(pinned, use(snapshot));
        KITH_LET(structure, pinned->view->store().env().check_structure());
        engine::VerifyReport found;
        if (structure.usable) {
            KITH_LET(read, engine::verify(*pinned->view, progress_in(progress, user_data, *pinned->core)));
            found = std::move(read);
        }
        auto &problems = found.problems;
        add(structure, problems);
        if (out_problems && problems.count)
            *out_problems = give(std::make_unique<Table>(std::move(problems.listed)));
        kith_verify_report report{};
        report.rows = found.rows;
        report.records = found.records;
        report.derived = found.derived;
        report.problems = found.problems.count;
        report.pages = structure.pages;
        write_struct(out_report, report);
        return kOk;
    });
}

kith_status kith_store_check_file(const char *path, size_t path_size, kith_verify_report *out_report,
                                  kith_table **out_problems, kith_error *error) {
    return guard(error, [&]() -> Done {
        if (out_problems) *out_problems = nullptr;
        KITH_TRY(clear_struct(out_report, "out_report"));
        KITH_LET(name, required_in(path, path_size, KITH_MAX_TEXT_BYTES, "path"));
        KITH_LET(structure, store::Env::check_file(std::string(name)));
        engine::Problems problems;
        add(structure, problems);
        if (out_problems && problems.count)
            *out_problems = give(std::make_unique<Table>(std::move(problems.listed)));
        kith_verify_report report{};
        report.problems = structure.problems;
        report.pages = structure.pages;
        write_struct(out_report, report);
        return kOk;
    });
}
}
