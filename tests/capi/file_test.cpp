// Goal: backup, restore, compaction and repair through the C ABI: their reports, their refusals, and that
// they change nothing where they refuse. Method: a small store is copied and repaired under an injected
// clock; each argument is wrong once.
#include <fstream>
#include <iterator>

#include "capi/fixture.hpp"

namespace kith_test {
namespace {

class Files : public Capi {
protected:
    Files() {
        for (int i = 0; i < 20; ++i)
            append(host("shop", "C" + std::to_string(i % 5)),
                   order("R" + std::to_string(i), kNow + i * kDay, 100 + i));
        EXPECT_EQ(commit(), KITH_OK) << error.message;
        before = exported(store);
    }
    void shut() {
        kith_batch_free(std::exchange(batch, nullptr));
        kith_store_close(std::exchange(store, nullptr));
    }
    kith_status backup(const std::string &to, std::uint32_t flags = 0) {
        copy = make<kith_copy_report>();
        in_backup = true;
        const auto status = kith_store_backup(fresh(), to.data(), to.size(), flags, tell,
                                              reinterpret_cast<uintptr_t>(this), &copy, &error);
        in_backup = false;
        return status;
    }
    kith_status restore(const std::string &from, const std::string &to, std::uint32_t flags = 0) {
        copy = make<kith_copy_report>();
        auto options = make<kith_copy_options>();
        options.flags = flags;
        options.now = World::clock;
        options.random = World::random;
        options.user_data = reinterpret_cast<uintptr_t>(&world);
        options.device = str("till 2");
        return kith_store_restore(from.data(), from.size(), to.data(), to.size(), &options, tell,
                                  reinterpret_cast<uintptr_t>(this), &copy, &error);
    }
    kith_status repair(const std::string &from, const std::string &to = {}) {
        repaired = make<kith_repair_report>();
        kith_table_free(std::exchange(lost, nullptr));
        return kith_store_repair(from.data(), from.size(), to.empty() ? nullptr : to.data(), to.size(),
                                 nullptr, tell, reinterpret_cast<uintptr_t>(this), &repaired, &lost, &error);
    }
    static void tell(uintptr_t self, uint64_t done, uint64_t all) {
        auto &test = *reinterpret_cast<Files *>(self);
        test.done = done;
        test.all = all;
        // Not from a callback: refused where the store is known.
        if (test.in_backup) {
            EXPECT_EQ(kith_store_run_due(test.store, kNow, nullptr, nullptr), KITH_E_STATE);
        }
    }

    std::string before;
    uint64_t done = 0, all = 0;
    bool in_backup = false;
    kith_copy_report copy{};
    kith_repair_report repaired{};
    kith_table *lost = nullptr;
};

TEST_F(Files, ABackupAndWhatIsRestoredFromIt) {
    ASSERT_EQ(backup(path("copy.kith"), KITH_BACKUP_VERIFY), KITH_OK) << error.message;
    EXPECT_EQ(copy.origin, 0u);
    EXPECT_EQ(done, all);
    EXPECT_EQ(copy.rows, all);
    EXPECT_GE(copy.bytes_before, copy.bytes_after);
    EXPECT_EQ(backup(path("copy.kith")), KITH_E_EXISTS);
    ASSERT_EQ(restore(path("copy.kith"), path("again.kith")), KITH_OK) << error.message;
    EXPECT_NE(copy.origin, 0u);
    EXPECT_NE(copy.origin, totals().origin);
    EXPECT_EQ(restore(path("copy.kith"), path("again.kith")), KITH_E_EXISTS);
    auto *again = open("again.kith");
    EXPECT_EQ(exported(again), before);
    EXPECT_EQ(restore(path("copy.kith"), path("again.kith"), KITH_COPY_REPLACE), KITH_E_BUSY);
    kith_store_close(again);
    EXPECT_EQ(restore(path("copy.kith"), path("again.kith"), KITH_COPY_REPLACE), KITH_OK) << error.message;
    EXPECT_EQ(restore(path("none.kith"), path("new.kith")), KITH_E_MISSING);
}

TEST_F(Files, ASnapshotTooOldIsRefusedWhenTheBackupBegins) {
    auto options = world.options();
    options.snapshot_age_ms_max = 1;
    auto *other = open("other.kith", options);
    kith_snapshot *old = nullptr;
    ASSERT_EQ(kith_snapshot_begin(other, &old, &error), KITH_OK);
    const auto copied = path("old.kith");
    kith_status status = KITH_OK;
    for (int i = 0; i < 1000 && status == KITH_OK; ++i) {
        std::filesystem::remove(copied);
        status = kith_store_backup(old, copied.data(), copied.size(), 0, nullptr, 0, nullptr, &error);
    }
    EXPECT_EQ(status, KITH_E_STATE) << error.message;
    kith_snapshot_end(old);
    kith_store_close(other);
}

TEST_F(Files, CompactionAndRepairNeedTheFileAlone) {
    const auto file = path("base.kith");
    auto compact = [&] {
        copy = make<kith_copy_report>();
        return kith_store_compact(file.data(), file.size(), tell, reinterpret_cast<uintptr_t>(this), &copy,
                                  &error);
    };
    kith_snapshot *view = nullptr;
    auto held = make<kith_info>();
    ASSERT_EQ(kith_snapshot_begin(store, &view, &error), KITH_OK);
    ASSERT_EQ(kith_store_info(view, &held, &error), KITH_OK);
    kith_snapshot_end(view);
    EXPECT_EQ(compact(), KITH_E_BUSY);
    EXPECT_EQ(repair(file), KITH_E_BUSY);
    EXPECT_EQ(repair(file, path("new.kith")), KITH_E_BUSY);
    EXPECT_FALSE(std::filesystem::exists(path("new.kith")));
    shut();
    EXPECT_EQ(compact(), KITH_OK) << error.message;
    EXPECT_EQ(copy.origin, held.origin);
    EXPECT_EQ(repair(file), KITH_OK) << error.message;
    EXPECT_EQ(repaired.written, 0u);
    EXPECT_EQ(repaired.mended + repaired.lost + repaired.left, 0u);
    EXPECT_EQ(lost, nullptr);
    store = open("base.kith");
    batch = new_batch(store);
    EXPECT_EQ(exported(store), before);
    EXPECT_EQ(totals().erasure_pending_since, 0);
}

TEST_F(Files, WhatIsSavedOfADamagedFile) {
    shut();
    const auto file = path("base.kith");
    std::string bytes;
    {
        std::ifstream in(file, std::ios::binary);
        bytes.assign(std::istreambuf_iterator<char>(in), {});
    }
    // A host key as it stands in its interaction's record, behind its length; the index of host keys stays.
    const std::string key("\3\0\0\0R17", 7);
    std::size_t hits = 0;
    for (auto at = bytes.find(key); at != std::string::npos; at = bytes.find(key, at + 1), ++hits)
        bytes[at + 4] = '?';
    ASSERT_GT(hits, 0u);
    std::ofstream(file, std::ios::binary) << bytes;
    EXPECT_EQ(repair(file), KITH_OK) << error.message;
    EXPECT_EQ(repaired.written, 0u);
    EXPECT_EQ(repaired.lost, 1u);
    ASSERT_NE(lost, nullptr);
    std::size_t rows = 0;
    kith_table_size(lost, &rows, nullptr, nullptr);
    EXPECT_EQ(rows, 1u);
    EXPECT_EQ(repair(file, path("new.kith")), KITH_OK) << error.message;
    EXPECT_EQ(repaired.written, 1u);
    EXPECT_EQ(repaired.lost, 1u);
    EXPECT_EQ(repaired.left, 0u);
    EXPECT_NE(lost, nullptr);
    const auto feed_first = repaired.feed_first;
    EXPECT_EQ(repair(file, path("new.kith")), KITH_E_EXISTS);
    EXPECT_EQ(lost, nullptr);
    store = open("new.kith");
    batch = new_batch(store);
    EXPECT_EQ(totals().interactions, 19u);
    EXPECT_EQ(totals().feed_first, feed_first);
    // Who follows the feed is told to read all anew.
    kith_page *page = nullptr;
    EXPECT_EQ(kith_feed_read(fresh(), 0, 10, &page, &error), KITH_E_FEED_GAP);
}

TEST_F(Files, NothingCanBeSavedOfWhatIsNone) {
    std::ofstream(path("rubbish")) << std::string(100'000, 'x');
    EXPECT_EQ(repair(path("rubbish"), path("new.kith")), KITH_E_CORRUPT);
    EXPECT_EQ(repair(path("rubbish")), KITH_E_FORMAT);
    EXPECT_EQ(repair(path("none"), path("new.kith")), KITH_E_MISSING);
    EXPECT_FALSE(std::filesystem::exists(path("new.kith")));
}

TEST_F(Files, WrongArguments) {
    const auto p = path("copy.kith");
    auto *const v = fresh();
    EXPECT_EQ(kith_store_backup(nullptr, p.data(), p.size(), 0, nullptr, 0, nullptr, &error),
              KITH_E_ARGUMENT);
    EXPECT_EQ(kith_store_backup(v, nullptr, 0, 0, nullptr, 0, nullptr, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_store_backup(v, p.data(), p.size(), 2, nullptr, 0, nullptr, &error), KITH_E_UNSUPPORTED);
    auto small = make<kith_copy_report>();
    small.struct_size = 8;
    EXPECT_EQ(kith_store_backup(v, p.data(), p.size(), 0, nullptr, 0, &small, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_store_restore(nullptr, 0, p.data(), p.size(), nullptr, nullptr, 0, nullptr, &error),
              KITH_E_ARGUMENT);
    EXPECT_EQ(kith_store_restore(p.data(), p.size(), "", 0, nullptr, nullptr, 0, nullptr, &error),
              KITH_E_ARGUMENT);
    auto options = make<kith_copy_options>();
    options.flags = 2;
    EXPECT_EQ(kith_store_restore(p.data(), p.size(), "x", 1, &options, nullptr, 0, nullptr, &error),
              KITH_E_UNSUPPORTED);
    EXPECT_EQ(kith_store_compact(nullptr, 0, nullptr, 0, nullptr, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_store_compact(p.data(), p.size(), nullptr, 0, nullptr, &error), KITH_E_MISSING);
    EXPECT_EQ(
        kith_store_repair(p.data(), p.size(), nullptr, 0, nullptr, nullptr, 0, nullptr, nullptr, &error),
        KITH_E_ARGUMENT);
    options.flags = KITH_COPY_REPLACE;
    auto report = make<kith_repair_report>();
    EXPECT_EQ(kith_store_repair(p.data(), p.size(), "x", 1, &options, nullptr, 0, &report, nullptr, &error),
              KITH_E_UNSUPPORTED);
    EXPECT_FALSE(std::filesystem::exists(p));
    EXPECT_EQ(exported(store), before);
}

}  // namespace
}  // namespace kith_test
