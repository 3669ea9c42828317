// Goal: when the transaction that several commits share fails, each of them is tried again alone, and
// succeeds or fails alone. Method: another holder of the file's lock keeps the first commit waiting, so that
// those of seven more threads gather behind it; then the second transaction's commit is made to fail. One of
// the seven can never succeed.
#include <atomic>
#include <thread>

#include "capi/fixture.hpp"
#include "fault/strike.hpp"
#include "store/file_lock.hpp"

namespace kith_test {
namespace {

constexpr int kThreads = 8;

using Group = Capi;

TEST_F(Group, IsTriedAgainOneByOne) {
    auto other = std::move(*kith::store::FileLock::open(path("base.kith")));
    ASSERT_TRUE(other.begin_writing(std::chrono::seconds(1)));
    fault::plan({.kind = fault::Kind::store_operation, .at = 2, .function = "mdb_txn_commit"});
    std::atomic<int> begun = 0;
    std::vector<kith_status> statuses(kThreads);
    fault::arm();
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < kThreads; ++i) {
            threads.emplace_back([&, i] {
                kith_batch *work = nullptr;
                auto failed = make<kith_error>();
                if (kith_batch_new(store, &work, &failed) != KITH_OK) return;
                const auto customer = "C" + std::to_string(i), receipt = "R" + std::to_string(i);
                const auto ref = host("shop", customer);
                const auto sale = order(receipt, kNow, 1);
                const auto flags = i == 5 ? 0u : unsigned{KITH_ITEM_CREATE};  // a party that is not there
                if (kith_interaction_append(work, &ref, flags, &sale, nullptr, &failed) == KITH_OK) {
                    ++begun;
                    statuses[static_cast<std::size_t>(i)] = kith_batch_commit(work, nullptr, &failed);
                }
                kith_batch_free(work);
            });
            while (begun <= i) std::this_thread::yield();
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(300));  // they are in the queue by now
        other.end_writing();
    }
    fault::disarm();
    EXPECT_EQ(fault::hits(), 1u);
    EXPECT_GT(fault::count(), 4u) << "the first, the group that failed, and each of the group";
    for (int i = 0; i < kThreads; ++i)
        EXPECT_EQ(statuses[static_cast<std::size_t>(i)], i == 5 ? KITH_E_MISSING : KITH_OK) << i;
    EXPECT_EQ(totals().orders, static_cast<std::uint64_t>(kThreads - 1));
    auto report = make<kith_verify_report>();
    EXPECT_EQ(kith_store_verify(fresh(), nullptr, 0, &report, nullptr, &error), KITH_OK);
    EXPECT_EQ(report.problems, 0u);
}

}  // namespace
}  // namespace kith_test
