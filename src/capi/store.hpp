// An open store as its handles share it: the engine's store while it is open, and what close must end.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "base/os.hpp"
#include "capi/handles.hpp"
#include "engine/copy.hpp"
#include "engine/store.hpp"

namespace kith::capi {

class Snapshot;

class Core {
public:
    // Whether a call may go on: not closed, not from a callback of this store; and not in a child
    // process, which calls on snapshots learn from the snapshot itself.
    base::Result<void> check() const;
    base::Result<void> check_process() const;
    bool forked() const;

    void enter(Snapshot *snapshot);
    void leave(Snapshot *snapshot);

    // Those that are too old to be read keep no pages of the file any more. Before a write, or another
    // snapshot.
    void end_old_snapshots();

    // Refuses new calls, waits for running ones, ends the snapshots, closes the file.
    void close();

    std::unique_ptr<engine::Store> engine;  // void once closed
    kith_store *handle = nullptr;

private:
    handles::Handle next_to_end();  // a snapshot that close has not ended yet, or 0

    const base::os::ForkMark mark_;
    std::atomic<bool> closed_{false};
    std::mutex mutex_;
    std::vector<Snapshot *> snapshots_;
};

// Marks, while a function of the host runs, that it must not call back into this store.
class Callback {
public:
    explicit Callback(const Core &core);
    ~Callback();
    Callback(const Callback &) = delete;
    Callback &operator=(const Callback &) = delete;

    static bool running(const Core &core);

private:
    const Core &core_;
    const Callback *outer_;
};

// The host's clock and random bytes, empty where it gives none.
std::function<base::Micros()> clock_in(int64_t (*now)(uintptr_t), uintptr_t user_data, const Core &core);
std::function<void(std::span<std::byte>)> random_in(void (*random)(uintptr_t, uint8_t *, size_t),
                                                    uintptr_t user_data, const Core &core);

// A host's function that is told of progress; none if it is null.
using TellProgress = void (*)(std::uintptr_t user_data, std::uint64_t done, std::uint64_t all);
engine::Progress progress_in(TellProgress progress, std::uintptr_t user_data, const Core &core);

class Store : public Object {
public:
    using Public = kith_store;
    static constexpr Kind kKind = Kind::store;
    static constexpr bool kShared = true;

    explicit Store(std::shared_ptr<Core> shared) : core(std::move(shared)) {}

    const std::shared_ptr<Core> core;
};

// The store, pinned and fit for a call.
base::Result<Pin<Store>> use(const kith_store *handle);

}  // namespace kith::capi
