#include "capi/snapshot.hpp"

#include "capi/guard.hpp"
#include "capi/structs.hpp"

namespace kith::capi {

Snapshot::Snapshot(std::shared_ptr<Core> shared, std::unique_ptr<engine::Snapshot> begun)
    : core(std::move(shared)), view(std::move(begun)) {
    core->enter(this);
}

// In a child process the store's lock may be held for ever, and what it guards is the parent's.
Snapshot::~Snapshot() {
    if (!core->forked()) core->leave(this);
}

void Snapshot::end() {
    exports.clear();
    view.reset();
}

namespace {

// Before its lock is taken: in a child process that may be held for ever.
base::Result<void> check(const Snapshot &snapshot) {
    KITH_TRY(snapshot.core->check_process());
    return snapshot.core->check();
}

}  // namespace

base::Result<SnapshotCall> use(const kith_snapshot *handle) {
    KITH_LET(pinned, pin<Snapshot>(handle));
    KITH_TRY(check(*pinned));
    SnapshotCall call(std::move(pinned));
    KITH_TRY(call->view->view().check());
    return call;
}

}  // namespace kith::capi

using namespace kith;
using namespace kith::capi;

extern "C" {

kith_status kith_snapshot_begin(kith_store *store, kith_snapshot **out_snapshot, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_snapshot, "out_snapshot"));
        KITH_LET(opened, use(store));
        opened->core->end_old_snapshots();
        KITH_LET(view, opened->core->engine->snapshot());
        auto made = std::make_unique<capi::Snapshot>(opened->core, std::move(view));
        auto *snapshot = made.get();
        *out_snapshot = snapshot->handle = give(std::move(made));
        return kOk;
    });
}

kith_status kith_snapshot_renew(kith_snapshot *snapshot, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_LET(pinned, pin<capi::Snapshot>(snapshot));
        KITH_TRY(check(*pinned));
        const SnapshotCall call(std::move(pinned));
        call->exports.clear();
        call->lease.reset();
        call->kept.reset();
        KITH_TRY(call->view->renew());
        return kOk;
    });
}

void kith_snapshot_end(kith_snapshot *snapshot) { free_handle<capi::Snapshot>(snapshot); }
}
