#include <lmdb.h>

#include "store/env_impl.hpp"
#include "store/lmdb_error.hpp"

namespace kith::store {

using base::Status;

namespace {

std::uint64_t ms_since(std::chrono::steady_clock::time_point then) {
    const auto age = std::chrono::steady_clock::now() - then;
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(age).count());
}

}  // namespace

Snapshot::Snapshot(std::shared_ptr<Env> env) : owner_(std::move(env)) { env_ = owner_.get(); }

Snapshot::~Snapshot() { end(); }

void Snapshot::end() {
    // In a child the reader slot is the parent's: it is left alone.
    if (txn_ == nullptr || owner_->impl_->fork.forked()) return;
    mdb_txn_reset(txn_);
    owner_->impl_->gate.leave(this, txn_);
    txn_ = nullptr;
}

base::Result<std::unique_ptr<Snapshot>> Env::snapshot() {
    std::unique_ptr<Snapshot> snapshot(new Snapshot(shared_from_this()));
    KITH_TRY(snapshot->renew());
    return snapshot;
}

base::Result<void> Snapshot::renew() {
    Env::Impl &env = *owner_->impl_;
    KITH_TRY(env.usable());
    end();
    lease_ = std::make_shared<char>();
    for (;;) {
        begun_ = std::chrono::steady_clock::now();
        KITH_LET(resting, env.gate.enter(this, begun_));
        MDB_txn *txn = resting;
        const int code = env.begin_read(&txn);
        if (code == 0) {
            txn_ = txn;
            return {};
        }
        env.gate.leave(this, txn);
        if (code != MDB_MAP_RESIZED) return lmdb_error(code);
        KITH_TRY(env.adopt_size(false));
    }
}

// `*txn` is a resting transaction or null. When it fails it is a resting one again, or null.
int Env::Impl::begin_read(MDB_txn **txn) {
    const auto begin = [&] {
        return guarded([&] {
            return *txn != nullptr ? mdb_txn_renew(*txn) : mdb_txn_begin(env, nullptr, MDB_RDONLY, txn);
        });
    };
    int code = begin();
    if (code != MDB_READERS_FULL) return code;
    int dead = 0;  // slots of processes that were killed
    mdb_reader_check(env, &dead);
    return begin();
}

base::Result<void> Snapshot::check() const {
    if (owner_->impl_->fork.forked()) return forked_error();
    if (is_old())
        return base::fail(Status::state, "the snapshot is older than the limit of " +
                                             std::to_string(owner_->options_.snapshot_age_ms_max) +
                                             " ms, and old snapshots make the file grow: renew it");
    if (txn_ == nullptr)
        return base::fail(Status::state, "the snapshot could not be renewed: begin a new one");
    return {};
}

bool Snapshot::is_old() const {
    const auto limit = owner_->options_.snapshot_age_ms_max;
    return limit != UINT64_MAX && age_ms() > limit;
}

std::uint64_t Snapshot::age_ms() const { return ms_since(begun_); }

}  // namespace kith::store
