#include <algorithm>
#include <utility>

#include "base/os.hpp"
#include "capi/snapshot.hpp"
#include "capi/store.hpp"

namespace kith::capi {

using base::Status;

namespace {

thread_local const Callback *innermost_callback = nullptr;

}  // namespace

Callback::Callback(const Core &core) : core_(core), outer_(innermost_callback) { innermost_callback = this; }

Callback::~Callback() { innermost_callback = outer_; }

bool Callback::running(const Core &core) {
    for (const auto *callback = innermost_callback; callback; callback = callback->outer_) {
        if (&callback->core_ == &core) return true;
    }
    return false;
}

engine::Progress progress_in(TellProgress progress, uintptr_t user_data, const Core &core) {
    if (!progress) return {};
    return [=, &core](std::uint64_t done, std::uint64_t all) {
        const Callback mark(core);
        progress(user_data, done, all);
    };
}

bool Core::forked() const { return mark_.forked(); }

base::Result<void> Core::check_process() const {
    if (!forked()) return {};
    return base::fail(Status::state,
                      "the process has forked since the file was opened: open it again in the child");
}

base::Result<void> Core::check() const {
    if (closed_.load(std::memory_order_acquire)) {
        return base::fail(Status::closed, "the store was closed: open it again");
    }
    if (Callback::running(*this)) {
        return base::fail(Status::state, "a callback may not call kith: return from it first");
    }
    return {};
}

void Core::enter(Snapshot *snapshot) {
    const std::lock_guard lock(mutex_);
    snapshots_.push_back(snapshot);
}

void Core::leave(Snapshot *snapshot) {
    const std::lock_guard lock(mutex_);
    std::erase(snapshots_, snapshot);
    snapshot->end();
}

// One in a call, or from which the host still holds a page or a text, is left for the next time.
void Core::end_old_snapshots() {
    const std::lock_guard lock(mutex_);
    for (auto *snapshot : snapshots_) {
        const std::unique_lock call(snapshot->in_call, std::try_to_lock);
        if (!call || !snapshot->view) continue;
        auto &view = snapshot->view->view();
        if (view.is_old() && !view.has_leases()) view.end();
    }
}

// Closing allocates nothing: it must not fail.
handles::Handle Core::next_to_end() {
    const std::lock_guard lock(mutex_);
    for (auto *snapshot : snapshots_) {
        if (std::exchange(snapshot->ending, true)) continue;
        return handles::number(snapshot->handle);
    }
    return 0;
}

// Snapshots come only from calls on the store, so once those are done the list can but shrink. It is not
// locked while waiting: whoever frees a snapshot meanwhile takes it off.
void Core::close() {
    const auto store = handles::number(handle);
    if (!handles::shut(store, Kind::store)) return;
    closed_.store(true, std::memory_order_release);
    handles::drain(store);
    while (const auto snapshot = next_to_end()) {
        handles::shut(snapshot, Kind::snapshot);
        handles::drain(snapshot);
    }
    {
        const std::lock_guard lock(mutex_);
        for (auto *snapshot : snapshots_) snapshot->end();
    }
    engine.reset();
    handles::free(store, Kind::store);
}

base::Result<Pin<Store>> use(const kith_store *handle) {
    KITH_LET(store, pin<Store>(handle));
    KITH_TRY(store->core->check_process());
    KITH_TRY(store->core->check());
    return store;
}

}  // namespace kith::capi
