#include "engine/copy.hpp"

#include <cstring>

#include "engine/verify.hpp"
#include "feed/origin.hpp"
#include "index/keys.hpp"

namespace kith::engine {

using base::Status;
using store::Draft;

namespace {

base::Result<void> check_everything(Draft &draft, const Progress &progress) {
    KITH_LET(problems, problems_of(draft, progress));
    if (problems == 0) return {};
    return base::fail(Status::corrupt, "the file has " + std::to_string(problems) +
                                           " problems, and so would the copy: verify it, then repair it");
}

base::Result<CopyReport> finish(Draft &draft, CopyReport report) {
    KITH_LET(size, draft.finish());
    report.rows = size.rows;
    report.bytes_after = size.bytes;
    return report;
}

}  // namespace

base::Result<std::uint64_t> problems_of(Draft &draft, const Progress &progress) {
    KITH_LET(env, draft.env());
    KITH_LET(store, Store::over(std::move(env), {}));
    KITH_LET(snapshot, store->snapshot());
    KITH_LET(report, verify(*snapshot, progress));
    return report.problems.count;
}

base::Result<CopyReport> backup(const Snapshot &snapshot, const std::string &path, bool everything,
                                const Progress &progress) {
    KITH_TRY(check_writable(snapshot.meta()));
    auto &file = snapshot.store().env();
    KITH_LET(info, file.info());
    KITH_LET(draft, Draft::begin(path, Draft::Place::free, file.path()));
    KITH_TRY(copy_rows(snapshot.reader(), *draft, progress));
    {
        auto meta = snapshot.meta();
        meta.origin = meta.number = 0;
        meta.set_erasure_pending(0);
        KITH_LET(copy, draft->env());
        KITH_TRY(copy->update([&](store::Writer &writer) { return write_meta(writer, meta); }));
    }
    if (everything) KITH_TRY(check_everything(*draft, progress));
    return finish(*draft, {0, 0, info.file_bytes, 0});
}

base::Result<CopyReport> restore(const std::string &backup, const std::string &path, RestoreOptions options,
                                 const Progress &progress) {
    auto open = std::move(options.open);
    open.file = {};
    open.file.read_only = true;
    open.file.check = store::Check::full;  // it may have lain long
    KITH_LET(source, Store::open(backup, std::move(open)));
    KITH_LET(circumstances, source->draw());
    KITH_LET(info, source->env().info());
    // A backup's mode says nothing: it may come from a file system without modes.
    KITH_LET(draft, options.replace ? Draft::begin(path, Draft::Place::taken, path)
                                    : Draft::begin(path, Draft::Place::free));
    if (options.replace) KITH_TRY(draft->take_place());
    KITH_LET(snapshot, source->snapshot());
    KITH_TRY(check_writable(snapshot->meta()));
    KITH_TRY(copy_rows(snapshot->reader(), *draft, progress));
    CopyReport report{0, 0, info.file_bytes, 0};
    {
        auto config = source->config();
        if (!options.device.empty()) config.device = options.device;
        KITH_LET(copy, draft->env());
        KITH_TRY(copy->update([&](store::Writer &writer) -> base::Result<void> {
            KITH_LET(origin, begin_anew(writer, snapshot->meta(), config, circumstances));
            report.origin = origin;
            return {};
        }));
    }
    return finish(*draft, report);
}

base::Result<CopyReport> compact(const std::string &path, const Progress &progress) {
    store::Options alone;
    alone.read_only = alone.alone = true;
    alone.check = store::Check::full;
    KITH_LET(file, store::Env::open(path, alone));
    KITH_LET(info, file->info());
    CopyReport report{0, 0, info.file_bytes, 0};
    KITH_LET(draft, Draft::begin(path, Draft::Place::taken, file->path()));
    {
        KITH_LET(snapshot, file->snapshot());
        KITH_LET(meta, read_meta(*snapshot));
        KITH_TRY(check_writable(meta));
        KITH_TRY(copy_rows(*snapshot, *draft, progress));
        report.origin = meta.origin;
        meta.set_erasure_pending(0);
        KITH_LET(copy, draft->env());
        KITH_TRY(copy->update([&](store::Writer &writer) { return write_meta(writer, meta); }));
    }
    draft->take_place(std::move(file));
    return finish(*draft, report);
}

base::Result<std::uint32_t> begin_anew(store::Writer &writer, Meta meta, Config config,
                                       const Circumstances &circumstances) {
    std::uint32_t random;
    std::memcpy(&random, circumstances.random.data() + 10, sizeof random);
    KITH_LET(origin, feed::mint_origin(writer, random, config.device, circumstances.now));
    meta.origin = origin.origin;
    meta.number = 0;
    meta.set_erasure_pending(0);
    KITH_TRY(writer.put(store::Table::origins, index::by_number(origin.origin), origin.payload));
    KITH_TRY(write_config(writer, config));
    KITH_TRY(write_meta(writer, meta));
    return origin.origin;
}

}  // namespace kith::engine
