// Goal: several processes on one file see whole commits while its map grows under them; a killed reader does
// not keep the file growing; processes of the same number are told so; a fork's child can do no harm.
// Method: child processes, forked before any store is open or, for the last, after; reserves of 1 MiB; sums
// over the records of a commit. A fault provoked is first shown to be one: a living reader does keep it
// growing.
#include "process/processes.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "support/load.hpp"

namespace kith_test {
namespace {

namespace fs = std::filesystem;

class Process : public ::testing::Test {
protected:
    ~Process() override { EXPECT_EQ(kith_debug_live_handles(), 0); }

    kith_store *opened(const How &how = {}) {
        kith_store *out = nullptr;
        EXPECT_EQ(open(path_, how, &out, &error_), KITH_OK) << error_.message;
        return out;
    }
    kith_snapshot *snapshot(kith_store *store) {
        kith_snapshot *out = nullptr;
        EXPECT_EQ(kith_snapshot_begin(store, &out, &error_), KITH_OK) << error_.message;
        return out;
    }
    static int status_of(pid_t child) {
        int status = 0;
        ::waitpid(child, &status, 0);
        return status;
    }

    const Folder folder_;
    const std::string path_ = folder_.path("shop.kith");
    kith_error error_{sizeof(kith_error), 0, 0, 0, 0, 0, ""};
};

TEST_F(Process, ReadersAndAWriterWhileTheMapGrows) { read_and_write(3); }

// Both open it at 1 MiB; the child makes it larger than that, and the parent, once reading and once
// writing, takes the new size over.
TEST_F(Process, GrowthByAnotherIsTakenOver) {
    const Load load(11, 100);
    const auto grower = [&](int from, int to) {
        int ends[2];
        EXPECT_EQ(::pipe(ends), 0);
        const pid_t child = ::fork();
        if (child != 0) return std::pair(child, ends[1]);
        char token;
        kith_store *mine = nullptr;
        if (::read(ends[0], &token, 1) != 1 || open(path_, {}, &mine, nullptr) != KITH_OK) ::_exit(1);
        for (int step = from; step < to; ++step)
            if (load.run(mine, step, nullptr) != KITH_OK) ::_exit(2);
        kith_store_close(mine);
        ::_exit(0);
    };
    const auto [first, go_first] = grower(1, 60);
    const auto [second, go_second] = grower(60, 99);
    auto *store = opened();
    ASSERT_EQ(load.run(store, 0, &error_), KITH_OK) << error_.message;
    ASSERT_EQ(::write(go_first, "g", 1), 1);
    ASSERT_EQ(status_of(first), 0);
    EXPECT_GT(fs::file_size(path_), How().reserve);
    std::string why;
    EXPECT_EQ(load.found(store, why), 60) << why;  // a reader
    ASSERT_EQ(::write(go_second, "g", 1), 1);
    EXPECT_EQ(status_of(second), 0);
    EXPECT_EQ(load.run(store, 99, &error_), KITH_OK) << error_.message;  // a writer
    EXPECT_EQ(load.found(store, why), 100) << why;
    kith_store_close(store);
}

// The same commits again and again, which need no more room unless a reader holds the old pages.
TEST_F(Process, AKilledReaderDoesNotKeepTheFileGrowing) {
    const Load load(12, 8);
    auto *store = opened();
    const auto rewrite = [&](int times) {
        for (int i = 0; i < times; ++i) ASSERT_EQ(load.run(store, i % 7, &error_), KITH_OK) << error_.message;
    };
    rewrite(50);
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t reader = ::fork();
    if (reader == 0) {
        kith_store *mine = nullptr;
        kith_snapshot *view = nullptr;
        if (open(path_, {}, &mine, nullptr) != KITH_OK ||
            kith_snapshot_begin(mine, &view, nullptr) != KITH_OK || ::write(ready[1], "r", 1) != 1)
            ::_exit(1);
        for (;;) ::pause();
    }
    char token;
    ASSERT_EQ(::read(ready[0], &token, 1), 1);
    const auto before = fs::file_size(path_);
    rewrite(100);
    const auto held = fs::file_size(path_);
    EXPECT_GT(held, before + before / 2) << "a reader does not hold pages: this shows nothing";
    ::kill(reader, SIGKILL);
    EXPECT_EQ(status_of(reader), SIGKILL);
    rewrite(300);  // dead readers are looked for now and then
    const auto cleared = fs::file_size(path_);
    rewrite(300);
    std::cout << "file: " << before << " bytes, " << held << " after 100 commits under a reader, " << cleared
              << " after 300 since it was killed, " << fs::file_size(path_) << " after 300 more\n";
    EXPECT_EQ(fs::file_size(path_), cleared);
    kith_store_close(store);
}

TEST_F(Process, TwoOfTheSameNumberAreToldSo) {
    kith_store_close(opened());
    int ready[2], hold[2], told[2];
    ASSERT_TRUE(::pipe(ready) == 0 && ::pipe(hold) == 0 && ::pipe(told) == 0);
    // Forks a process that is number 1 in a namespace of its own; 77 when that is not permitted.
    const auto contained = [](auto body) {
        const pid_t child = ::fork();
        if (child != 0) return child;
        if (::unshare(CLONE_NEWPID) != 0) ::_exit(77);
        const pid_t first = ::fork();
        if (first == 0) ::_exit(::getpid() == 1 ? body() : 3);
        ::_exit(WEXITSTATUS(status_of(first)));
    };
    const pid_t holder = contained([&] {
        kith_store *store = nullptr;
        kith_snapshot *view = nullptr;
        char token;
        if (open(path_, {}, &store, nullptr) != KITH_OK ||
            kith_snapshot_begin(store, &view, nullptr) != KITH_OK)
            return 1;
        if (::write(ready[1], "r", 1) != 1 || ::read(hold[0], &token, 1) != 1) return 2;
        kith_snapshot_end(view);
        kith_store_close(store);
        return 0;
    });
    ::close(ready[1]);
    char token;
    if (::read(ready[0], &token, 1) != 1) {
        if (WEXITSTATUS(status_of(holder)) == 77)
            GTEST_SKIP() << "no right to make a pid namespace: run as root";
        FAIL() << "the holder could not open the file";
    }
    const pid_t second = contained([&] {
        kith_store *store = nullptr;
        kith_error error{sizeof(kith_error), 0, 0, 0, 0, 0, ""};
        const auto status = open(path_, {}, &store, &error);
        if (::write(told[1], error.message, sizeof error.message) < 0) return 2;
        return status == KITH_E_BUSY ? 0 : 1;
    });
    EXPECT_EQ(WEXITSTATUS(status_of(second)), 0);
    char message[sizeof error_.message] = "";
    EXPECT_GT(::read(told[0], message, sizeof message), 0);
    EXPECT_NE(std::string(message).find("the same number"), std::string::npos) << message;
    ASSERT_EQ(::write(hold[1], "h", 1), 1);
    EXPECT_EQ(WEXITSTATUS(status_of(holder)), 0);
}

TEST_F(Process, AForksChildIsRefusedAndHarmless) {
    const Load load(13, 16);
    How roomy;  // its snapshot stays open all the time
    roomy.reserve = 64 << 20;
    auto *store = opened(roomy);
    for (int step = 0; step < 8; ++step) ASSERT_EQ(load.run(store, step, &error_), KITH_OK) << error_.message;
    auto *view = snapshot(store);
    kith_batch *batch = nullptr;
    kith_cursor *cursor = nullptr;
    kith_page *page = nullptr;
    kith_export *lines = nullptr;
    kith_query query{};
    query.struct_size = sizeof query;
    query.list = KITH_LIST_PARTIES;
    ASSERT_EQ(kith_batch_new(store, &batch, &error_), KITH_OK);
    ASSERT_EQ(kith_cursor_open(view, &query, &cursor, &error_), KITH_OK);
    ASSERT_EQ(kith_cursor_next(cursor, 1, &page, &error_), KITH_OK);
    ASSERT_EQ(kith_export_open(view, nullptr, &lines, &error_), KITH_OK);
    const auto free_all = [&] {
        kith_export_free(lines);
        kith_page_free(page);
        kith_cursor_free(cursor);
        kith_batch_free(batch);
        kith_snapshot_end(view);
        kith_store_close(store);
    };
    const pid_t child = ::fork();
    if (child == 0) {
        kith_snapshot *new_view = nullptr;
        kith_batch *new_batch = nullptr;
        kith_page *new_page = nullptr;
        kith_str text{};
        kith_verify_report report{};
        report.struct_size = sizeof report;
        const bool refused = kith_snapshot_begin(store, &new_view, nullptr) == KITH_E_STATE &&
                             kith_snapshot_renew(view, nullptr) == KITH_E_STATE &&
                             kith_batch_new(store, &new_batch, nullptr) == KITH_E_STATE &&
                             kith_batch_commit(batch, nullptr, nullptr) == KITH_E_STATE &&
                             kith_store_run_due(store, 0, nullptr, nullptr) == KITH_E_STATE &&
                             kith_store_verify(view, nullptr, 0, &report, nullptr, nullptr) == KITH_E_STATE &&
                             kith_cursor_next(cursor, 1, &new_page, nullptr) == KITH_E_STATE &&
                             kith_export_next(lines, &text, nullptr) == KITH_E_STATE;
        free_all();
        // It may open the file anew, and then has a store of its own.
        kith_store *own = nullptr;
        const bool works = open(path_, {}, &own, nullptr) == KITH_OK && load.run(own, 8, nullptr) == KITH_OK;
        kith_store_close(own);
        ::_exit(!refused ? 1 : !works ? 2 : 0);
    }
    EXPECT_EQ(status_of(child), 0);
    EXPECT_EQ(kith_snapshot_renew(view, &error_), KITH_OK) << error_.message;
    std::string why;
    EXPECT_EQ(load.found(store, why), 9) << why;
    for (int step = 9; step < load.steps(); ++step)
        ASSERT_EQ(load.run(store, step, &error_), KITH_OK) << error_.message;
    EXPECT_EQ(load.found(store, why), load.steps()) << why;
    free_all();
}

}  // namespace
}  // namespace kith_test
