// Goal: a backup holds what its snapshot held and nothing that was erased, a restored file goes on under an
// origin of its own, compaction takes erased bytes out of the file; and none of them ever leaves half a file.
// Method: a small shop is copied, restored and compacted; exports are compared, raw bytes are searched, the
// file is held open elsewhere, targets are there already or cannot be written, a writer goes on meanwhile.
#include "engine/copy.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <csignal>

#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

using base::Status;
using store::Table;

class CopyTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        auto store = open("shop.kith");
        Batch batch;
        for (int i = 0; i < 300; ++i) {
            auto item = order(names_.emplace_back("c" + std::to_string(i % 60)), day(19000 + i), 100 + i);
            item.personal.text = texts_.emplace_back("the secret of customer " + std::to_string(i % 60));
            ASSERT_TRUE(batch.add(item));
        }
        commit(*store, batch);
        ASSERT_TRUE(store->run_due(day(19500)));
    }

    std::string path(const std::string &name) const { return (folder_ / name).string(); }

    RestoreOptions restoring(bool replace = false) {
        RestoreOptions options;
        options.replace = replace;
        options.open.now = [this] { return now_; };
        options.open.random = [this](std::span<std::byte> out) {
            for (auto &byte : out) byte = static_cast<std::byte>(random_());
        };
        return options;
    }

    static std::string bytes(const std::string &path) {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    static bool holds(const std::string &path, const std::string &text) {
        return bytes(path).find(text) != std::string::npos;
    }

    // The names of all files beside the shop.
    std::vector<std::string> folder() const {
        std::vector<std::string> names;
        for (const auto &entry : std::filesystem::directory_iterator(folder_))
            names.push_back(entry.path().filename().string());
        std::sort(names.begin(), names.end());
        return names;
    }

    static Meta meta_of(Store &store) { return (*store.snapshot())->meta(); }

    std::deque<std::string> names_, texts_;
};

TEST_F(CopyTest, ABackupHoldsWhatItsSnapshotHeldWhileOthersGoOn) {
    auto store = open("shop.kith");
    const auto before = facts(*store);
    auto snapshot = store->snapshot();
    std::uint64_t told = 0, all = 0, committed = 0;
    const auto progress = [&](std::uint64_t done, std::uint64_t rows) {
        told = done;
        all = rows;
        Batch batch;  // a writer meanwhile
        ASSERT_TRUE(batch.add(order("late", day(20000), 1)));
        commit(*store, batch);
        ++committed;
    };
    auto done = backup(**snapshot, path("copy.kith"), true, progress);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_GT(committed, 0u);
    EXPECT_EQ(told, all);
    EXPECT_EQ(done->rows, all);
    EXPECT_EQ(done->bytes_after, std::filesystem::file_size(path("copy.kith")));
    EXPECT_LT(done->bytes_after, done->bytes_before);
    auto copy = open("copy.kith");
    ASSERT_TRUE(copy);
    EXPECT_EQ(facts(*copy), before);
    EXPECT_NE(facts(*store), before);
    expect_sound(*copy);
}

TEST_F(CopyTest, ABackupThatIsWrittenToCountsUnderAnOriginOfItsOwn) {
    auto store = open("shop.kith");
    ASSERT_TRUE(backup(**store->snapshot(), path("copy.kith"), false, {}));
    auto copy = open("copy.kith");
    EXPECT_EQ(meta_of(*copy).origin, 0u);
    for (auto *file : {store.get(), copy.get()}) {
        Batch batch;
        ASSERT_TRUE(batch.add(order("new", day(20000), 1)));
        commit(*file, batch);
        expect_sound(*file);
    }
    EXPECT_NE(meta_of(*copy).origin, 0u);
    EXPECT_NE(meta_of(*copy).origin, meta_of(*store).origin);
    EXPECT_EQ(facts(*copy), facts(*store));
}

TEST_F(CopyTest, ARestoredFileIsTheSameUnderANewOriginAndEpoch) {
    auto store = open("shop.kith");
    ASSERT_TRUE(backup(**store->snapshot(), path("copy.kith"), false, {}));
    auto options = restoring();
    options.device = "till 2";
    auto done = restore(path("copy.kith"), path("again.kith"), options, {});
    ASSERT_TRUE(done) << done.error().message;
    auto again = open("again.kith");
    EXPECT_EQ(facts(*again), facts(*store));
    EXPECT_EQ(meta_of(*again).origin, done->origin);
    EXPECT_NE(done->origin, meta_of(*store).origin);
    EXPECT_EQ(again->config().device, "till 2");
    auto snapshot = again->snapshot();
    auto row = (*snapshot)->reader().get(Table::origins, index::by_number(done->origin));
    ASSERT_TRUE(row && *row);
    std::uint64_t epoch = 0;
    std::memcpy(&epoch, (*row)->payload.data(), sizeof epoch);
    EXPECT_EQ(epoch, 2u);
    EXPECT_EQ(base::text_of((*row)->payload).substr(16, 6), "till 2");
    expect_sound(*again);
}

TEST_F(CopyTest, NothingThatIsThereIsOverwrittenUnasked) {
    auto store = open("shop.kith");
    ASSERT_TRUE(backup(**store->snapshot(), path("backup.kith"), false, {}));
    std::ofstream(path("copy.kith")) << "mine";
    auto refused = backup(**store->snapshot(), path("copy.kith"), false, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().status, Status::exists);
    auto again = restore(path("backup.kith"), path("copy.kith"), restoring(), {});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().status, Status::exists);
    EXPECT_EQ(bytes(path("copy.kith")), "mine");

    // It comes while the backup runs.
    auto late = backup(**store->snapshot(), path("late.kith"), false,
                       [&](auto, auto) { std::ofstream(path("late.kith")) << "mine"; });
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().status, Status::exists);
    EXPECT_EQ(bytes(path("late.kith")), "mine");
    for (const auto &name : folder()) EXPECT_EQ(name.find(".new-"), std::string::npos) << name;
}

TEST_F(CopyTest, AFileIsReplacedOnlyWhenAskedAndWhenNobodyHasItOpen) {
    ASSERT_TRUE(backup(**open("shop.kith")->snapshot(), path("copy.kith"), false, {}));
    {
        auto store = open("shop.kith");
        Batch batch;
        ASSERT_TRUE(batch.add(order("new", day(20000), 1)));
        commit(*store, batch);
        auto refused = restore(path("copy.kith"), path("shop.kith"), restoring(true), {});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().status, Status::busy);
    }
    ASSERT_TRUE(restore(path("copy.kith"), path("shop.kith"), restoring(true), {}));
    EXPECT_EQ(facts(*open("shop.kith")), facts(*open("copy.kith")));
    // Also where the file is no longer one.
    std::ofstream(path("shop.kith")) << "rubbish";
    ASSERT_TRUE(restore(path("copy.kith"), path("shop.kith"), restoring(true), {}));
    expect_sound(*open("shop.kith"));
    auto itself = restore(path("shop.kith"), path("shop.kith"), restoring(true), {});
    ASSERT_FALSE(itself);
    EXPECT_EQ(itself.error().status, Status::busy);
}

TEST_F(CopyTest, ErasedBytesStayInTheFileUntilItIsCompacted) {
    const std::string secret = "the secret of customer 7";
    std::string before;
    {
        auto store = open("shop.kith");
        const auto party = find(*store, "c7");
        ASSERT_TRUE(store->env().update([&](store::Writer &writer) -> base::Result<void> {
            std::vector<std::string> keys;
            {
                KITH_LET(cursor, writer.cursor(Table::personal));
                KITH_LET(found, cursor.seek(party.view()));
                while (found && index::starts_with(cursor.key(), party.view())) {
                    keys.emplace_back(base::text_of(cursor.key()));
                    KITH_LET(more, cursor.next());
                    found = more;
                }
            }
            for (const auto &key : keys) KITH_TRY(writer.remove(Table::personal, base::bytes_of(key)));
            return {};
        }));
        ASSERT_TRUE(store->mark_erasure());
        now_ += base::kDay;
        ASSERT_TRUE(store->mark_erasure());  // the first remains
        EXPECT_EQ(meta_of(*store).erasure_pending_since, now_ - base::kDay);
        before = facts(*store);
        EXPECT_EQ(before.find(secret + "\""), std::string::npos);
        Batch batch;  // this kith understands the mark
        ASSERT_TRUE(batch.add(order("c7", day(20000), 1)));
        commit(*store, batch);
        before = facts(*store);

        ASSERT_TRUE(backup(**store->snapshot(), path("copy.kith"), true, {}));
        EXPECT_FALSE(holds(path("copy.kith"), secret + '\0'));
        EXPECT_EQ(meta_of(*open("copy.kith")).erasure_pending_since, 0);
    }
    ASSERT_TRUE(holds(path("shop.kith"), secret + '\0'))
        << "LMDB no longer leaves deleted bytes: nothing is shown";
    ASSERT_EQ(::chmod(path("shop.kith").c_str(), 0640), 0);
    auto done = compact(path("shop.kith"), {});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_LT(done->bytes_after, done->bytes_before);
    EXPECT_EQ(done->bytes_after, std::filesystem::file_size(path("shop.kith")));
    for (const auto &name : folder()) EXPECT_FALSE(holds(path(name), secret + '\0')) << name;
    EXPECT_TRUE(holds(path("shop.kith"), "the secret of customer 8"));
    struct stat status;
    ASSERT_EQ(::stat(path("shop.kith").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0640u);

    auto store = open("shop.kith");
    const auto meta = meta_of(*store);
    EXPECT_EQ(meta.erasure_pending_since, 0);
    EXPECT_EQ(meta.must_understand, 0u);
    EXPECT_EQ(meta.origin, done->origin);
    EXPECT_EQ(facts(*store), before);
    expect_sound(*store);
    Batch batch;
    ASSERT_TRUE(batch.add(order("c7", day(20001), 1)));
    commit(*store, batch);
    expect_sound(*store);
}

TEST_F(CopyTest, CompactionNeedsTheFileAlone) {
    auto store = open("shop.kith");
    auto refused = compact(path("shop.kith"), {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().status, Status::busy);
    store.reset();
    // Nobody can open it meanwhile.
    bool tried = false;
    auto done = compact(path("shop.kith"), [&](auto, auto) {
        store::Options options;
        options.busy_timeout_ms = 1;
        auto late = store::Env::open(path("shop.kith"), options);
        ASSERT_FALSE(late);
        EXPECT_EQ(late.error().status, Status::busy);
        tried = true;
    });
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_TRUE(tried);
    expect_sound(*open("shop.kith"));
}

TEST_F(CopyTest, WhatAKilledProcessLeftIsRemoved) {
    const auto before = folder();
    for (const char *name : {"shop.kith.new-abcdef", "copy.kith.new-abcdef"})
        std::ofstream(path(name)) << "half";
    // A minute must pass, in case another process is only beginning; who has the file alone need not wait.
    const timeval old[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
    ASSERT_EQ(::utimes(path("copy.kith.new-abcdef").c_str(), old), 0);
    std::ofstream(path("copy.kith.new-fedcba")) << "young";
    ASSERT_TRUE(compact(path("shop.kith"), {}));
    ASSERT_TRUE(backup(**open("shop.kith")->snapshot(), path("copy.kith"), false, {}));
    auto expected = before;
    expected.insert(expected.end(), {"copy.kith", "copy.kith.new-fedcba"});
    std::sort(expected.begin(), expected.end());
    auto found = folder();
    std::erase_if(found, [](const auto &name) { return name.ends_with("-lock"); });
    std::erase_if(expected, [](const auto &name) { return name.ends_with("-lock"); });
    EXPECT_EQ(found, expected);
}

// A file size limit stands for a full disk: the write comes back short.
TEST_F(CopyTest, AFullDiskLeavesNothingBehind) {
    auto store = open("shop.kith");
    auto snapshot = store->snapshot();
    const auto before = folder();
    rlimit limit;
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
    const auto kept = limit;
    limit.rlim_cur = 64 << 10;
    std::signal(SIGXFSZ, SIG_IGN);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    auto failed = backup(**snapshot, path("copy.kith"), false, {});
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &kept), 0);
    std::signal(SIGXFSZ, SIG_DFL);
    ASSERT_FALSE(failed);
    EXPECT_TRUE(failed.error().status == Status::full || failed.error().status == Status::io)
        << failed.error().message;
    EXPECT_EQ(folder(), before);
    EXPECT_TRUE(backup(**snapshot, path("copy.kith"), false, {}));
}

TEST_F(CopyTest, ADamagedRowIsNotCopied) {
    const auto text = bytes(path("shop.kith"));
    const auto at = text.rfind("the secret of customer 7");
    ASSERT_NE(at, std::string::npos);
    std::size_t refusals = 0;
    // Old copies of the page are harmless: each place is tried until the row itself is hit.
    for (auto place = text.find("the secret of customer 7"); place != std::string::npos;
         place = text.find("the secret of customer 7", place + 1)) {
        auto damaged = text;
        damaged[place] = 'T';
        std::ofstream(path("bad.kith"), std::ios::binary) << damaged;
        auto done = compact(path("bad.kith"), {});
        if (!done) {
            ++refusals;
            EXPECT_EQ(done.error().status, Status::corrupt);
            EXPECT_EQ(bytes(path("bad.kith")), damaged) << "the file is as it was";
        }
        std::filesystem::remove(path("bad.kith"));
    }
    EXPECT_GE(refusals, 5u) << "of the five texts of the customer";
}

}  // namespace
}  // namespace kith::engine
