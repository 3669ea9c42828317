#include <new>

#include "capi/guard.hpp"
#include "capi/snapshot.hpp"
#include "capi/strings.hpp"
#include "capi/structs.hpp"
#include "capi/table.hpp"
#include "engine/repair.hpp"

using namespace kith;
using namespace kith::capi;

namespace {

base::Result<std::string> path_in(const char *path, size_t path_size, const char *name) {
    KITH_LET(text, required_in(path, path_size, KITH_MAX_TEXT_BYTES, name));
    return std::string(text);
}

base::Result<engine::RestoreOptions> options_in(const kith_copy_options *theirs, std::uint32_t flags,
                                                const Core &core) {
    engine::RestoreOptions out;
    if (!theirs) return out;
    KITH_LET(in, read_struct(theirs, "options"));
    KITH_TRY(check_bits(in.flags, flags, "options->flags"));
    out.replace = in.flags & KITH_COPY_REPLACE;
    KITH_LET(device, text_in(in.device, KITH_MAX_NAME_BYTES, "options->device"));
    out.device = device;
    out.open.now = clock_in(in.now, in.user_data, core);
    out.open.random = random_in(in.random, in.user_data, core);
    return out;
}

Done report_out(const engine::CopyReport &copied, kith_copy_report *out_report) {
    if (!out_report) return kOk;
    kith_copy_report report{};
    report.origin = copied.origin;
    report.rows = copied.rows;
    report.bytes_before = copied.bytes_before;
    report.bytes_after = copied.bytes_after;
    write_struct(out_report, report);
    return kOk;
}

base::Result<void> clear_report(kith_copy_report *out_report) {
    return out_report ? clear_struct(out_report, "out_report") : base::Result<void>();
}

}  // namespace

extern "C" {

kith_status kith_store_backup(kith_snapshot *snapshot, const char *path, size_t path_size, uint32_t flags,
                              TellProgress progress, uintptr_t user_data, kith_copy_report *out_report,
                              kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_report(out_report));
        KITH_TRY(check_bits(flags, KITH_BACKUP_VERIFY, "flags"));
        KITH_LET(to, path_in(path, path_size, "path"));
        KITH_LET(pinned, use(snapshot));
        KITH_LET(copied, engine::backup(*pinned->view, to, flags & KITH_BACKUP_VERIFY,
                                        progress_in(progress, user_data, *pinned->core)));
        return report_out(copied, out_report);
    });
}

kith_status kith_store_restore(const char *backup, size_t backup_size, const char *path, size_t path_size,
                               const kith_copy_options *options, TellProgress progress, uintptr_t user_data,
                               kith_copy_report *out_report, kith_error *error) {
    return guard(error, [&]() -> Done {
        const Core core;
        KITH_TRY(clear_report(out_report));
        KITH_LET(from, path_in(backup, backup_size, "backup"));
        KITH_LET(to, path_in(path, path_size, "path"));
        KITH_LET(wanted, options_in(options, KITH_COPY_REPLACE, core));
        KITH_LET(copied,
                 engine::restore(from, to, std::move(wanted), progress_in(progress, user_data, core)));
        return report_out(copied, out_report);
    });
}

kith_status kith_store_compact(const char *path, size_t path_size, TellProgress progress, uintptr_t user_data,
                               kith_copy_report *out_report, kith_error *error) {
    return guard(error, [&]() -> Done {
        const Core core;
        KITH_TRY(clear_report(out_report));
        KITH_LET(file, path_in(path, path_size, "path"));
        KITH_LET(copied, engine::compact(file, progress_in(progress, user_data, core)));
        return report_out(copied, out_report);
    });
}

kith_status kith_store_repair(const char *path, size_t path_size, const char *new_path, size_t new_path_size,
                              const kith_copy_options *options, TellProgress progress, uintptr_t user_data,
                              kith_repair_report *out_report, kith_table **out_lost, kith_error *error) {
    return guard(error, [&]() -> Done {
        const Core core;
        if (out_lost) *out_lost = nullptr;
        KITH_TRY(clear_struct(out_report, "out_report"));
        KITH_LET(file, path_in(path, path_size, "path"));
        KITH_LET(to, text_in(new_path, new_path_size, KITH_MAX_TEXT_BYTES, "new_path"));
        KITH_LET(wanted, options_in(options, 0, core));
        const auto tell = progress_in(progress, user_data, core);
        KITH_LET(done, to.empty() ? engine::repair(file, tell)
                                  : engine::salvage(file, std::string(to), std::move(wanted), tell));
        kith_repair_report report{};
        report.written = done.written;
        report.origin = done.origin;
        report.uncertain = done.uncertain;
        report.rows = done.rows;
        report.mended = done.mended;
        report.lost = done.lost;
        report.left = done.left;
        report.pages = done.pages;
        report.feed_first = done.feed_first;
        report.bytes = done.bytes;
        try {
            if (out_lost && (done.lost != 0 || !done.listed.facts.empty()))
                *out_lost = give(std::make_unique<Table>(std::move(done.listed)));
        } catch (const std::bad_alloc &) {  // the file is made: the call has not failed
        }
        write_struct(out_report, report);
        return kOk;
    });
}
}
