#include "store/gate.hpp"

#include <algorithm>
#include <memory>
#include <string>

namespace kith::store {

using base::Status;

namespace {

constexpr std::size_t kRestingMax = 64;

}  // namespace

// Leaving allocates nothing: it must not fail.
Gate::Gate(std::uint32_t timeout_ms) : timeout_(timeout_ms) { resting_.reserve(kRestingMax); }

base::Result<MDB_txn *> Gate::enter(const void *who, Clock::time_point since) {
    std::unique_lock lock(mutex_);
    if (movers_ != 0 && !moved_.wait_for(lock, timeout_, [&] { return movers_ == 0; }))
        return base::fail(Status::busy,
                          "the file is waiting to be enlarged: end older snapshots and try again");
    inside_.push_back({who, since});
    if (resting_.empty()) return nullptr;
    MDB_txn *const txn = resting_.back();
    resting_.pop_back();
    return txn;
}

void Gate::leave(const void *who, MDB_txn *resting) {
    std::unique_lock lock(mutex_);
    const auto stay =
        std::find_if(inside_.begin(), inside_.end(), [&](const Stay &s) { return s.who == who; });
    *stay = inside_.back();
    inside_.pop_back();
    const bool keep = resting != nullptr && resting_.size() < kRestingMax;
    if (keep) resting_.push_back(resting);
    if (movers_ != 0) left_.notify_all();
    if (resting == nullptr || keep) return;
    lock.unlock();
    mdb_txn_abort(resting);
}

base::Result<void> Gate::begin_writing() {
    std::unique_lock lock(mutex_);
    if (writing_ && writer_ == std::this_thread::get_id())
        return base::fail(Status::state, "this thread is already writing: end that transaction first");
    if (!turn_.wait_for(lock, timeout_, [&] { return !writing_; }))
        return base::fail(Status::busy, "another thread of this process is still writing: try again later");
    writing_ = true;
    writer_ = std::this_thread::get_id();
    return {};
}

void Gate::end_writing() {
    std::lock_guard lock(mutex_);
    writing_ = false;
    turn_.notify_one();
    if (movers_ != 0) left_.notify_all();
}

base::Result<void> Gate::alone(bool is_writer, const std::function<base::Result<void>()> &act) {
    std::unique_lock lock(mutex_);
    ++movers_;
    const auto moved = [](Gate *gate) {  // however this is left, by an exception too
        --gate->movers_;
        gate->moved_.notify_all();
    };
    const std::unique_ptr<Gate, decltype(moved)> mover(this, moved);
    const bool alone =
        left_.wait_for(lock, timeout_, [&] { return inside_.empty() && (is_writer || !writing_); });
    return alone ? act() : base::Result<void>(crowded());
}

base::Error Gate::crowded() const {
    if (inside_.empty())
        return base::fail(Status::busy, "the file must be enlarged, but a write is running: try again");
    const auto oldest = std::min_element(inside_.begin(), inside_.end(),
                                         [](const Stay &a, const Stay &b) { return a.since < b.since; });
    const auto age =
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - oldest->since).count();
    return base::fail(Status::busy,
                      "the file must be enlarged, but a snapshot of this process is open, the oldest for " +
                          std::to_string(age) + " ms: end it and try again");
}

std::vector<MDB_txn *> Gate::take_resting() {
    std::lock_guard lock(mutex_);
    return std::exchange(resting_, {});
}

}  // namespace kith::store
