// A snapshot as its handle holds it, with the exports that read it.
#pragma once

#include <map>

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
    std::unique_ptr<engine::Snapshot> view;  // null once the store is closed
    std::map<std::uint64_t, engine::Export> exports;
    std::uint64_t last_export = 0;
    kith_snapshot *handle = nullptr;
    bool ending = false;  // its store is closing; guarded by the core's lock
};

// The snapshot, pinned and fit to be read: its store open, not too old, not in a child process.
base::Result<Pin<Snapshot>> use(const kith_snapshot *handle);

}  // namespace kith::capi
