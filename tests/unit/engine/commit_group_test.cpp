// Goal: commits of many threads share transactions, and yet each succeeds or fails alone, in an order, ids,
// stamps and feed as if they had come one by one.
// Method: eight threads commit orders of shared customers, with new names, definitions, repetitions,
// conflicts and errors among them. What succeeded is committed again one by one, in order of stamps and with
// the same random bytes, into another file: both exports are the same to the byte. The queue by itself is
// driven with a leader that waits. That they overlap is not left to chance: who is first waits for the file's
// lock, or for the test, until the others are seen to wait behind.
#include <deque>
#include <future>
#include <map>
#include <thread>

#include "eventually.hpp"
#include "store/file_lock.hpp"
#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

using kith_test::eventually;

constexpr int kThreads = 8, kCommits = 40;

std::array<std::byte, 16> random_of(int thread, int commit) {
    std::array<std::byte, 16> bytes;
    std::mt19937_64 source(static_cast<std::uint64_t>(thread * 1000 + commit));
    for (auto &byte : bytes) byte = static_cast<std::byte>(source());
    return bytes;
}

std::string playbook_json(int number) {
    return R"({"playbook": "p", "format": 1, "version": 1, "define": [{"process": "p)" +
           std::to_string(number) +
           R"(", "per": "party", "start": {"on": "order"}, "initial": "a", "states": {"a": {}}}]})";
}

class CommitGroupTest : public EngineTest {
protected:
    struct Work {
        int thread, number;
        Batch batch;
    };

    std::unique_ptr<Store> open_with(const std::string &name) {
        OpenOptions options;
        options.file.create = true;
        options.file.map_reserve_bytes = 1 << 20;  // and it grows under them
        options.file.busy_timeout_ms = 100'000;
        options.now = [this] { return now_; };
        options.random = [](std::span<std::byte> out) {
            const auto bytes = random_of(thread_, commit_);
            std::copy_n(bytes.begin(), out.size(), out.begin());
        };
        auto store = Store::open((folder_ / name).string(), std::move(options));
        EXPECT_TRUE(store) << (store ? "" : store.error().message);
        return std::move(*store);
    }

    std::unique_ptr<Work> work(int thread, int number) {
        auto made = std::make_unique<Work>();
        made->thread = thread;
        made->number = number;
        auto &batch = made->batch;
        for (int i = 0; i < 5; ++i) {
            // Customers and keys are shared: who comes first makes them, others repeat or contradict.
            const auto key = "k" + std::to_string(number) + "-" + std::to_string(thread / 2 * 10 + i);
            const auto customer = "C" + std::to_string((number + i) % 7);
            auto item = order(customer, day(20'000 + number), 100 + thread % 2, key);
            const auto type = "visit." + std::to_string(number);
            if (i == 3) {
                item.type = type;
                item.amount.reset();
            }
            EXPECT_TRUE(batch.add(item));
        }
        if (number % 10 == 5) {
            const auto added = batch.add_playbook(playbook_json(thread));
            EXPECT_TRUE(added) << (added ? "" : added.error().message);
        }
        if (number % 7 == 3) {
            auto stranger = order("nobody", day(20'000), 1);
            stranger.flags.create = false;
            EXPECT_TRUE(batch.add(stranger));
        }
        return made;
    }

    inline static thread_local int thread_ = 0, commit_ = 0;
};

TEST_F(CommitGroupTest, AsIfOneByOne) {
    const auto together = open_with("together.kith");
    const auto before = together->env().info()->last_txn;
    std::mutex mutex;
    std::multimap<std::uint64_t, std::unique_ptr<Work>> done;  // by stamp
    std::vector<std::unique_ptr<Work>> failed;
    {
        auto other = std::move(*store::FileLock::open((folder_ / "together.kith").string()));
        ASSERT_TRUE(other.begin_writing(std::chrono::seconds(1)));
        std::vector<std::jthread> threads;
        for (int thread = 1; thread <= kThreads; ++thread) {
            threads.emplace_back([&, thread] {
                for (int number = 1; number <= kCommits; ++number) {
                    auto mine = work(thread, number);
                    thread_ = thread;
                    commit_ = number;
                    const auto counts = together->commit(mine->batch);
                    const std::lock_guard lock(mutex);
                    if (!counts) {
                        EXPECT_NE(counts.error().item, base::kNoItem) << counts.error().message;
                        EXPECT_TRUE(mine->batch.outcomes.empty());
                        failed.push_back(std::move(mine));
                    } else if (counts->first_seq != 0) {
                        EXPECT_EQ(mine->batch.outcomes.size(), mine->batch.count());
                        done.emplace(counts->stamp, std::move(mine));
                    }
                }
            });
        }
        EXPECT_TRUE(eventually([&] { return together->commits_waiting() == kThreads - 1; }));
        other.end_writing();
    }
    const auto transactions = together->env().info()->last_txn - before;
    std::cout << done.size() << " commits and " << failed.size() << " refusals in " << transactions
              << " transactions\n";
    EXPECT_LT(transactions, done.size());
    EXPECT_GT(failed.size(), 0u);

    thread_ = commit_ = 0;
    const auto alone = open_with("alone.kith");
    std::uint64_t last_stamp = 0;
    for (auto &[stamp, mine] : done) {
        EXPECT_GT(stamp, last_stamp) << "two commits have one stamp";
        last_stamp = stamp;
        thread_ = mine->thread;
        commit_ = mine->number;
        const auto expected = mine->batch.outcomes;
        commit(*alone, mine->batch);
        for (std::size_t i = 0; i < expected.size(); ++i)
            EXPECT_EQ(mine->batch.outcomes[i].result, expected[i].result);
    }
    for (auto &mine : failed) EXPECT_FALSE(alone->commit(mine->batch));
    EXPECT_EQ(exported(*together), exported(*alone));
    expect_sound(*together);
}

// ---- the queue ----

struct Queued {
    explicit Queued(std::uint32_t items) : commit(batch, {}) {
        CommitmentItem item;
        item.commitment.bytes.fill(std::byte{1});
        item.state = model::CommitmentState::kept;
        for (std::uint32_t i = 0; i < items; ++i) EXPECT_TRUE(batch.add(item));
    }
    Batch batch;
    Commit commit;
};

class CommitQueueTest : public testing::Test {
protected:
    // Takes the lead until `release`, so that others wait.
    void begin_leading() {
        leader_ = std::jthread([this] {
            Queued first(1);
            EXPECT_TRUE(queue_.pass(first.commit, std::chrono::seconds(10), [&](auto) {
                leading_.set_value();
                released_.get_future().wait();
            }));
        });
        leading_.get_future().wait();
    }

    CommitQueue queue_;
    std::promise<void> leading_, released_;
    std::jthread leader_;
};

TEST_F(CommitQueueTest, WhoWaitsTooLongIsBusyAndLeavesTheQueue) {
    begin_leading();
    Queued late(1);
    const auto passed = queue_.pass(late.commit, std::chrono::milliseconds(5), [](auto) { FAIL(); });
    ASSERT_FALSE(passed);
    EXPECT_EQ(passed.error().status, base::Status::busy);
    released_.set_value();
    leader_.join();
    Queued next(1);
    EXPECT_TRUE(
        queue_.pass(next.commit, std::chrono::seconds(10), [](auto group) { EXPECT_EQ(group.size(), 1u); }));
}

TEST_F(CommitQueueTest, AGroupIsBoundedAndInOrderOfArrival) {
    constexpr std::size_t kAll = CommitQueue::kCommitsMax + 6;
    begin_leading();
    std::deque<Queued> all;
    std::vector<std::vector<Commit *>> groups;  // one at a time leads
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < kAll; ++i) {
            auto &mine = all.emplace_back(i + 1 == kAll ? std::uint32_t{CommitQueue::kItemsMax} : 1u).commit;
            threads.emplace_back([&] {
                EXPECT_TRUE(queue_.pass(mine, std::chrono::seconds(100), [&](auto group) {
                    groups.emplace_back(group.begin(), group.end());
                }));
            });
            EXPECT_TRUE(eventually([&] { return queue_.waiting() == i + 1; })) << i;
        }
        released_.set_value();
    }
    ASSERT_EQ(groups.size(), 3u);
    EXPECT_EQ(groups[0].size(), CommitQueue::kCommitsMax);
    EXPECT_EQ(groups[1].size(), 5u);
    EXPECT_EQ(groups[2].size(), 1u) << "too many items to share a group";
    std::size_t place = 0;
    for (const auto &group : groups)
        for (const auto *commit : group) EXPECT_EQ(commit, &all[place++].commit) << place;
}

}  // namespace
}  // namespace kith::engine
