// A snapshot as its handle holds it, with the exports that read it.
#pragma once

#include <map>
#include <mutex>

#include "capi/store.hpp"
#include "engine/export.hpp"

namespace kith::capi {

class Snapshot : public Object {
public:
    using Public = kith_snapshot;
    static constexpr Kind kKind = Kind::snapshot;
    static constexpr bool kShared = false;

    Snapshot(std::shared_ptr<Core> shared, std::unique_ptr<engine::Snapshot> begun);
    ~Snapshot() override;

    void end();

    const std::shared_ptr<Core> core;
    std::mutex in_call;
    std::unique_ptr<engine::Snapshot> view;  // null once the store is closed
    std::shared_ptr<const void> lease;       // once a text was given without a page
    std::shared_ptr<const void> kept;        // what is not the file's of the party that was got last
    std::map<std::uint64_t, engine::Export> exports;
    std::uint64_t last_export = 0;
    kith_snapshot *handle = nullptr;
    bool ending = false;  // its store is closing; guarded by the core's lock
};

// A snapshot in a call: pinned, and not ended by a commit of another thread meanwhile.
class SnapshotCall {
public:
    explicit SnapshotCall(Pin<Snapshot> pinned) : pin_(std::move(pinned)), lock_(pin_->in_call) {}
    Snapshot *operator->() const { return &*pin_; }

private:
    Pin<Snapshot> pin_;
    std::unique_lock<std::mutex> lock_;
};

// A snapshot fit to be read: its store open, not too old, not in a child process.
base::Result<SnapshotCall> use(const kith_snapshot *handle);

}  // namespace kith::capi
