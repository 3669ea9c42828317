#include "process/processes.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <iostream>
#include <new>

#include "support/load.hpp"

namespace kith_test {

namespace {

constexpr std::int64_t kSum = 1000;  // of the orders of one commit
constexpr std::uint64_t kOrders = 10;

struct Counts {
    std::atomic<std::uint64_t> commits, reads, busy, other;
};

template <class T>
T make() {
    T out{};
    out.struct_size = sizeof out;
    return out;
}

kith_str str(const std::string &text) { return {text.data(), text.size()}; }

// 0; KITH_E_BUSY is counted, anything else ends the process.
bool went_well(kith_status status, Counts &counts, const kith_error &error) {
    if (status >= 0) return true;
    if (status == KITH_E_BUSY) return ++counts.busy, false;
    std::cerr << kith_status_name(status) << ": " << error.message << "\n";
    ++counts.other;
    ::_exit(1);
}

void commit(kith_store *store, std::uint64_t number, Counts &counts) {
    auto error = make<kith_error>();
    kith_batch *batch = nullptr;
    const std::string text(700, 't');
    if (!went_well(kith_batch_new(store, &batch, &error), counts, error)) return;
    bool well = true;
    for (std::uint64_t i = 0; well && i < kOrders; ++i) {
        const auto customer = std::to_string((number * 7 + i) % 200),
                   key = std::to_string(number) + "-" + std::to_string(i);
        kith_ref ref{};
        ref.by = KITH_REF_HOST;
        ref.kind = {"shop", 4};
        ref.value = str(customer);
        auto order = make<kith_interaction>();
        order.fields = KITH_INTERACTION_FIELD_AMOUNT;
        order.type = {"order", 5};
        order.system = {"till", 4};
        order.key = str(key);
        order.at = 1'600'000'000'000'000 + static_cast<kith_time>(number) * 1'000'000;
        order.amount = i + 1 < kOrders ? static_cast<std::int64_t>(number % 100)
                                       : kSum - static_cast<std::int64_t>((kOrders - 1) * (number % 100));
        order.text = str(text);
        well = went_well(kith_interaction_append(batch, &ref, KITH_ITEM_CREATE, &order, nullptr, &error),
                         counts, error);
    }
    while (well && !went_well(kith_batch_commit(batch, nullptr, &error), counts, error)) continue;
    kith_batch_free(batch);
    ++counts.commits;
}

// The sums that every commit keeps, and that none ever takes back.
void read(kith_store *store, std::uint64_t &orders, Counts &counts) {
    auto error = make<kith_error>();
    kith_snapshot *snapshot = nullptr;
    auto info = make<kith_info>();
    if (!went_well(kith_snapshot_begin(store, &snapshot, &error), counts, error)) return;
    if (went_well(kith_store_info(snapshot, &info, &error), counts, error)) {
        const auto whole = info.orders % kOrders == 0 && info.orders >= orders &&
                           info.amount_total == static_cast<std::int64_t>(info.orders / kOrders) * kSum;
        if (!whole) {
            std::cerr << info.orders << " orders after " << orders << ", sum " << info.amount_total << "\n";
            ++counts.other;
            ::_exit(1);
        }
        orders = info.orders;
        auto query = make<kith_query>();
        query.list = KITH_LIST_PARTIES;
        kith_cursor *cursor = nullptr;
        kith_page *page = nullptr;
        went_well(kith_cursor_open(snapshot, &query, &cursor, &error), counts, error);
        went_well(kith_cursor_next(cursor, 500, &page, &error), counts, error);
        std::size_t parties = 0;
        kith_page_parties(page, &parties);
        if (parties != info.parties) ++counts.other;
        kith_page_free(page);
        kith_cursor_free(cursor);
    }
    kith_snapshot_end(snapshot);
    ++counts.reads;
}

}  // namespace

void read_and_write(int seconds) {
    using Clock = std::chrono::steady_clock;
    const Folder folder;
    const auto path = folder.path("shop.kith");
    auto error = make<kith_error>();
    kith_store *store = nullptr;
    ASSERT_EQ(open(path, {}, &store, &error), KITH_OK) << error.message;
    kith_store_close(store);
    void *const memory =
        ::mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    auto &counts = *new (memory) Counts{};
    const auto end = Clock::now() + std::chrono::seconds(seconds);
    pid_t children[3];
    for (int i = 0; i < 3; ++i) {
        children[i] = ::fork();
        if (children[i] != 0) continue;
        if (open(path, {}, &store, &error) != KITH_OK) ::_exit(2);
        std::uint64_t number = 0, orders = 0;
        while (Clock::now() < end) {
            if (i == 0) {
                commit(store, number++, counts);
                ::usleep(1000);
            } else {
                read(store, orders, counts);
            }
        }
        kith_store_close(store);
        ::_exit(i > 0 && orders == 0);
    }
    for (const auto child : children) {
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
    kith_snapshot *snapshot = nullptr;
    auto report = make<kith_verify_report>();
    auto info = make<kith_info>();
    ASSERT_EQ(open(path, {}, &store, &error), KITH_OK) << error.message;
    EXPECT_EQ(kith_snapshot_begin(store, &snapshot, &error), KITH_OK);
    EXPECT_EQ(kith_store_info(snapshot, &info, &error), KITH_OK);
    EXPECT_EQ(kith_store_verify(snapshot, nullptr, 0, &report, nullptr, &error), KITH_OK) << error.message;
    kith_snapshot_end(snapshot);
    kith_store_close(store);
    EXPECT_EQ(report.problems, 0u);
    EXPECT_EQ(info.orders, counts.commits * kOrders);
    EXPECT_EQ(counts.other, 0u);
    EXPECT_EQ(counts.busy, 0u) << "the writer holds no snapshot that the growing map would wait for";
    EXPECT_GT(info.file_bytes, std::uint64_t{4} << 20) << "the map did not have to grow twice";
    std::cout << seconds << " s: " << counts.commits << " commits, " << counts.reads << " reads, "
              << counts.busy << " busy, " << counts.other << " other errors, file of " << info.file_bytes
              << " bytes from a map of " << How().reserve << "\n";
    ::munmap(memory, sizeof(Counts));
}

}  // namespace kith_test
