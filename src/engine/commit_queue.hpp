// Commits of several threads, written together. The first to come leads: it takes those that wait behind it,
// in order of arrival, into one transaction with one sync, while their threads sleep. No thread but the
// callers'.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "engine/session.hpp"

namespace kith::engine {

// One caller's commit, and what became of it.
struct Commit {
    Commit(Batch &what, const Circumstances &when) : batch(what), circumstances(when) {}

    Batch &batch;
    Circumstances circumstances;

    CommitCounts counts;
    std::vector<Outcome> outcomes;
    base::ErrorBox error;        // null: committed
    bool out_of_memory = false;  // for the caller to throw

    // The queue's:
    bool done = false;
    std::condition_variable moved;
};

class CommitQueue {
public:
    static constexpr std::size_t kCommitsMax = 64, kItemsMax = 5000;  // together; one alone may be larger

    // Returns once `commit` is done, by this thread calling `lead` or by another one's; busy when its turn
    // has not come by the timeout. `lead` reports in each of its commits and does not throw.
    base::Result<void> pass(Commit &commit, std::chrono::milliseconds timeout,
                            const std::function<void(std::span<Commit *const>)> &lead);

    std::size_t waiting() const;  // behind the one who leads

private:
    void take(std::vector<Commit *> &group);

    mutable std::mutex mutex_;
    std::deque<Commit *> waiting_;
    bool leading_ = false;
};

}  // namespace kith::engine
