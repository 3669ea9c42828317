// Goal: eight threads on one store without a race: three commit, two read, one renews a snapshot, one does
// due work, one closes the store among them. What was acknowledged is there, and nothing else.
// Method: all go on until the close, which comes when each has done its share; the map is small and must grow
// under them. Run under the thread sanitizer.
#include <atomic>
#include <thread>

#include "capi/fixture.hpp"

namespace kith_test {
namespace {

constexpr int kWriters = 3, kReaders = 2, kOrders = 8;
constexpr int kCommits = 100, kReads = 40, kRenewals = 40, kDueRuns = 10;  // at least, before the close

class Threads : public Capi {
protected:
    // What a call may say: done, or the store is closed.
    bool on(kith_status status) {
        if (status == KITH_E_CLOSED) return false;
        if (status < 0) {
            ++failures;
            ADD_FAILURE() << kith_status_name(status);
        }
        return status >= 0;
    }

    void write(kith_store *into, int writer) {
        const std::string said(2'000, 's');  // so that the commits are more than the map holds
        kith_batch *work = nullptr;
        bool open = on(kith_batch_new(into, &work, nullptr));
        for (int i = 0; open; ++i) {
            for (int j = 0; j < kOrders && open; ++j) {
                const auto key = std::to_string(writer) + "-" + std::to_string(i * kOrders + j);
                const auto customer = "C" + std::to_string((i + j) % 50);
                const auto ref = host("shop", customer);
                auto sale = order(key, kNow + i, 1);
                sale.text = str(said);
                open = on(kith_interaction_append(work, &ref, KITH_ITEM_CREATE, &sale, nullptr, nullptr));
            }
            open = open && on(kith_batch_commit(work, nullptr, nullptr));
            commits += open;
            kith_batch_clear(work);
        }
        kith_batch_free(work);
    }

    // A brief and a page of the feed.
    bool look(kith_snapshot *view) {
        const auto ref = host("shop", "C1");
        kith_id party;
        kith_page *page = nullptr;
        auto found = kith_party_find(view, &ref, &party, nullptr);
        if (found == KITH_OK) {
            found = kith_brief(view, &party, 10, &page, nullptr);
            kith_page_free(page);
        }
        if (!on(found)) return false;
        const auto feed = kith_feed_read(view, 0, 100, &page, nullptr);
        kith_page_free(page);
        return on(feed);
    }

    void read(kith_store *from) {
        for (bool open = true; open;) {
            kith_snapshot *view = nullptr;
            open = on(kith_snapshot_begin(from, &view, nullptr)) && look(view);
            kith_snapshot_end(view);
            reads += open;
        }
    }

    void renew(kith_store *from) {
        kith_snapshot *view = nullptr;
        bool open = on(kith_snapshot_begin(from, &view, nullptr));
        while (open) {
            open = look(view) && on(kith_snapshot_renew(view, nullptr));
            renewals += open;
        }
        kith_snapshot_end(view);
    }

    void run_due(kith_store *in) {
        kith_time through = kNow;
        while (on(kith_store_run_due(in, through, nullptr, nullptr))) {
            through += 10 * kDay;
            ++due_runs;
        }
    }

    std::atomic<int> failures{0}, commits{0}, reads{0}, renewals{0}, due_runs{0};
};

TEST_F(Threads, EightAndACloseAmongThem) {
    auto options = world.options();
    options.now = nullptr;  // the test's clock and random bytes are for one thread
    options.random = nullptr;
    options.map_reserve_bytes = 1 << 20;
    options.busy_timeout_ms = 60'000;
    auto *shared = open("shared.kith", options);
    std::vector<std::thread> threads;
    for (int i = 0; i < kWriters; ++i) threads.emplace_back([&, i] { write(shared, i); });
    for (int i = 0; i < kReaders; ++i) threads.emplace_back([&] { read(shared); });
    threads.emplace_back([&] { renew(shared); });
    threads.emplace_back([&] { run_due(shared); });
    threads.emplace_back([&] {
        while (failures == 0 &&
               (commits < kCommits || reads < kReads || renewals < kRenewals || due_runs < kDueRuns)) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        kith_store_close(shared);
    });
    for (auto &thread : threads) thread.join();
    ASSERT_EQ(failures, 0);

    auto *again = open("shared.kith", options);
    kith_snapshot *view = nullptr;
    ASSERT_EQ(kith_snapshot_begin(again, &view, &error), KITH_OK);
    auto out = make<kith_info>();
    ASSERT_EQ(kith_store_info(view, &out, &error), KITH_OK);
    std::cout << commits << " commits, " << reads << " reads, " << renewals << " renewals, " << due_runs
              << " runs of due work, " << out.file_bytes << " bytes\n";
    EXPECT_EQ(out.orders, static_cast<std::uint64_t>(commits) * kOrders);
    EXPECT_GT(out.file_bytes, options.map_reserve_bytes) << "the map never grew";
    auto report = make<kith_verify_report>();
    ASSERT_EQ(kith_store_verify(view, nullptr, 0, &report, nullptr, &error), KITH_OK);
    EXPECT_EQ(report.problems, 0u);
    kith_snapshot_end(view);
    kith_store_close(again);
}

}  // namespace
}  // namespace kith_test
