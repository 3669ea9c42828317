// Goal: four committing and four reading threads, and a close among them, without a race; nothing is lost.
// Method: each writer commits small batches of its own orders, each reader takes briefs and feed pages; run
// under the thread sanitizer. At the end every order is there; calls after the close give KITH_E_CLOSED.
#include <atomic>
#include <thread>

#include "capi/fixture.hpp"

namespace kith_test {
namespace {

constexpr int kThreads = 4, kCommits = 25, kOrders = 8;

class Threads : public Capi {
protected:
    static void write(kith_store *into, int writer, std::atomic<int> &failures) {
        kith_batch *work = nullptr;
        if (kith_batch_new(into, &work, nullptr) != KITH_OK) ++failures;
        for (int i = 0; i < kCommits; ++i) {
            for (int j = 0; j < kOrders; ++j) {
                const auto key = std::to_string(writer) + "-" + std::to_string(i * kOrders + j);
                const auto customer = "C" + std::to_string(j);
                const auto ref = host("shop", customer);
                const auto sale = order(key, kNow + i, 1);
                if (kith_interaction_append(work, &ref, KITH_ITEM_CREATE, &sale, nullptr, nullptr) != KITH_OK)
                    ++failures;
            }
            if (kith_batch_commit(work, nullptr, nullptr) != KITH_OK) ++failures;
            kith_batch_clear(work);
        }
        kith_batch_free(work);
    }

    // Until the store is closed.
    static void read(kith_store *from, std::atomic<int> &failures) {
        for (;;) {
            kith_snapshot *view = nullptr;
            const auto begun = kith_snapshot_begin(from, &view, nullptr);
            if (begun == KITH_E_CLOSED) return;
            if (begun != KITH_OK) ++failures;
            const auto ref = host("shop", "C1");
            kith_id party;
            kith_page *page = nullptr;
            if (kith_party_find(view, &ref, &party, nullptr) == KITH_OK) {
                const auto brief = kith_brief(view, &party, 10, &page, nullptr);
                if (brief != KITH_OK && brief != KITH_E_CLOSED) ++failures;
                kith_page_free(page);
            }
            const auto feed = kith_feed_read(view, 0, 100, &page, nullptr);
            if (feed < 0 && feed != KITH_E_CLOSED) ++failures;
            kith_page_free(page);
            kith_snapshot_end(view);
        }
    }
};

TEST_F(Threads, WritersReadersAndAClose) {
    std::atomic<int> failures{0};
    auto options = world.options();
    options.now = nullptr;  // the test's clock and random bytes are for one thread
    options.random = nullptr;
    auto *shared = open("shared.kith", options);
    std::vector<std::thread> writers, readers;
    for (int i = 0; i < kThreads; ++i) {
        readers.emplace_back([&] { read(shared, failures); });
        writers.emplace_back([&, i] { write(shared, i, failures); });
    }
    for (auto &writer : writers) writer.join();
    kith_store_close(shared);
    for (auto &reader : readers) reader.join();
    EXPECT_EQ(failures, 0);

    auto *again = open("shared.kith", options);
    kith_snapshot *view = nullptr;
    ASSERT_EQ(kith_snapshot_begin(again, &view, &error), KITH_OK);
    auto out = make<kith_info>();
    ASSERT_EQ(kith_store_info(view, &out, &error), KITH_OK);
    EXPECT_EQ(out.orders, std::uint64_t{kThreads * kCommits * kOrders});
    auto report = make<kith_verify_report>();
    ASSERT_EQ(kith_store_verify(view, nullptr, 0, &report, nullptr, &error), KITH_OK);
    EXPECT_EQ(report.problems, 0u);
    kith_snapshot_end(view);
    kith_store_close(again);
}

}  // namespace
}  // namespace kith_test
