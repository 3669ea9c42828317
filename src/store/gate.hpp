// Who of this process is in the map: its snapshots and its one writer. The map may be moved only when
// nobody else is; meanwhile nobody enters. Waiting is bounded everywhere.
#pragma once

#include <lmdb.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.hpp"

namespace kith::store {

class Gate {
public:
    using Clock = std::chrono::steady_clock;

    explicit Gate(std::uint32_t timeout_ms);

    // A snapshot comes in, with a resting transaction if there is one (else null), and goes out.
    base::Result<MDB_txn *> enter(const void *who, Clock::time_point since);
    void leave(const void *who, MDB_txn *resting);

    // One writer at a time; a second one on the same thread is refused, as it would wait for itself.
    base::Result<void> begin_writing();
    void end_writing();

    // Runs `act` once all snapshots have left, and the writer too unless the caller is the writer.
    base::Result<void> alone(bool is_writer, const std::function<base::Result<void>()> &act);

    // Runs `act` while the map stands still.
    template <class Act>
    auto standing(Act act) {
        std::lock_guard lock(mutex_);
        return act();
    }

    // The resting transactions, for closing.
    std::vector<MDB_txn *> take_resting();

private:
    struct Stay {
        const void *who;
        Clock::time_point since;
    };

    base::Error crowded() const;

    const std::chrono::milliseconds timeout_;
    std::mutex mutex_;
    std::condition_variable moved_;  // the map: snapshots wait
    std::condition_variable left_;   // a snapshot or the writer: movers wait
    std::condition_variable turn_;   // the writer has ended: writers wait
    std::vector<Stay> inside_;
    std::vector<MDB_txn *> resting_;
    std::size_t movers_ = 0;
    bool writing_ = false;
    std::thread::id writer_;
};

}  // namespace kith::store
