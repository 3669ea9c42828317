#include "engine/commit_queue.hpp"

#include <algorithm>

namespace kith::engine {

base::Result<void> CommitQueue::pass(Commit &commit, std::chrono::milliseconds timeout,
                                     const std::function<void(std::span<Commit *const>)> &lead) {
    std::vector<Commit *> group;
    group.reserve(kCommitsMax);
    std::unique_lock lock(mutex_);
    waiting_.push_back(&commit);
    const auto my_turn = [&] { return commit.done || (!leading_ && waiting_.front() == &commit); };
    if (!commit.moved.wait_for(lock, timeout, my_turn)) {
        const auto place = std::find(waiting_.begin(), waiting_.end(), &commit);
        if (place != waiting_.end()) {
            waiting_.erase(place);
            return base::fail(base::Status::busy,
                              "other threads of this process are still writing: try again later");
        }
        commit.moved.wait(lock, [&] { return commit.done; });  // a leader has it in hand
    }
    if (commit.done) return {};
    leading_ = true;
    take(group);
    lock.unlock();
    try {
        lead(group);
    } catch (...) {  // whatever it promises: those who wait must not wait for ever
        for (auto *one : group) one->out_of_memory = true;
    }
    lock.lock();
    leading_ = false;
    for (auto *one : group) {
        one->done = true;
        one->moved.notify_one();
    }
    if (!waiting_.empty()) waiting_.front()->moved.notify_one();
    return {};
}

std::size_t CommitQueue::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
}

void CommitQueue::take(std::vector<Commit *> &group) {
    std::size_t items = 0;
    while (!waiting_.empty() && group.size() < kCommitsMax) {
        auto *const next = waiting_.front();
        items += next->batch.count();
        if (!group.empty() && items > kItemsMax) break;
        group.push_back(next);
        waiting_.pop_front();
    }
}

}  // namespace kith::engine
