// Goal: across processes, one is alone with a file or all share it; one writes at a time, in order of
// arrival; waiting ends; nothing outlives the process. Method: a lock of its own stands for each process
// (they belong to descriptions of open files), and real children are killed holding one.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "eventually.hpp"
#include "scratch.hpp"
#include "store/file_lock.hpp"

namespace kith::store {
namespace {

using base::Status;
using kith_test::eventually;
using namespace std::chrono_literals;

class FileLockTest : public Scratch {
protected:
    FileLockTest() { std::ofstream(path()) << "some bytes"; }
    FileLock another() { return std::move(*FileLock::open(path())); }
    // Whether somebody else waits to write; asks only, where begin_writing() would take the turn for a
    // moment.
    static bool turn_is_taken(const FileLock &asking) {
        constexpr off_t kTurn = (off_t{1} << 62) + 1;
        struct flock lock {};
        lock.l_type = F_WRLCK;
        lock.l_whence = SEEK_SET;
        lock.l_start = kTurn;
        lock.l_len = 1;
        EXPECT_EQ(::fcntl(asking.descriptor(), F_OFD_GETLK, &lock), 0);
        return lock.l_type != F_UNLCK;
    }
    // How many descriptors of this process have it open.
    static int times_open(const std::string &path) {
        int times = 0;
        std::error_code gone;
        for (const auto &entry : std::filesystem::directory_iterator("/proc/self/fd"))
            times += std::filesystem::equivalent(entry.path(), path, gone);
        return times;
    }
};

TEST_F(FileLockTest, AloneOrShared) {
    auto first = another(), second = another();
    EXPECT_TRUE(first.take_alone());
    EXPECT_FALSE(second.take_alone());
    EXPECT_EQ(status_of(second.share(5ms)), Status::busy);
    ASSERT_TRUE(first.share(0ms));
    ASSERT_TRUE(second.share(0ms));
    EXPECT_FALSE(first.take_alone());
    second.release();
    EXPECT_TRUE(first.take_alone());
}

TEST_F(FileLockTest, OneWriterAtATime) {
    auto first = another(), second = another();
    ASSERT_TRUE(first.begin_writing(0ms));
    EXPECT_EQ(status_of(second.begin_writing(5ms)), Status::busy);
    first.end_writing();
    ASSERT_TRUE(second.begin_writing(0ms));
    second.end_writing();
    ASSERT_TRUE(first.begin_writing(0ms));
}

TEST_F(FileLockTest, WhoWritesAgainAndAgainQueuesBehindWhoWaits) {
    auto greedy = another(), patient = another();
    ASSERT_TRUE(greedy.begin_writing(0ms));
    std::atomic<bool> served = false;
    std::thread waiting([&] {
        EXPECT_TRUE(patient.begin_writing(100s));
        served = true;
        patient.end_writing();
    });
    EXPECT_TRUE(eventually([&] { return turn_is_taken(greedy); }));
    greedy.end_writing();
    EXPECT_TRUE(greedy.begin_writing(100s));
    EXPECT_TRUE(served);
    waiting.join();
}

TEST_F(FileLockTest, OpeningTheFileElsewhereDropsNothing) {
    auto first = another();
    ASSERT_TRUE(first.take_alone());
    { std::ifstream(path()).get(); }
    { another(); }
    EXPECT_FALSE(another().take_alone());
}

TEST_F(FileLockTest, EndsWithItsProcess) {
    int told[2];
    ASSERT_EQ(::pipe(told), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        auto lock = another();
        const bool mine = lock.take_alone() && lock.begin_writing(0ms);
        const char answer = mine ? 'y' : 'n';
        if (::write(told[1], &answer, 1) == 1) ::pause();
        ::_exit(0);
    }
    char answer = 0;
    ASSERT_EQ(::read(told[0], &answer, 1), 1);
    EXPECT_EQ(answer, 'y');
    auto mine = another();
    EXPECT_FALSE(mine.take_alone());
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    EXPECT_TRUE(mine.take_alone());
    EXPECT_TRUE(mine.begin_writing(0ms));
    ::close(told[0]);
    ::close(told[1]);
}

TEST_F(FileLockTest, AWriterThatHangsMakesOthersBusyNotHang) {
    auto options = creating();
    options.busy_timeout_ms = 10;
    const auto env = must_open(path("base"), options);
    auto suspended = std::move(*FileLock::open(path("base")));
    ASSERT_TRUE(suspended.begin_writing(0ms));
    EXPECT_EQ(status_of(put(*env, key_of(1), "later")), Status::busy);
    suspended.end_writing();
    EXPECT_TRUE(put(*env, key_of(1), "now"));
}

TEST_F(FileLockTest, OpeningWaitsForWhoIsAlone) {
    must_open(path("base"), creating());
    auto checking = std::move(*FileLock::open(path("base")));
    ASSERT_TRUE(checking.take_alone());
    Options options;
    options.busy_timeout_ms = 10;
    EXPECT_EQ(status_of_open(path("base"), options), Status::busy);
    checking.release();
    const auto env = must_open(path("base"), options);
    EXPECT_FALSE(checking.take_alone());
}

// A file put in the place of another while its opener waited is the one that is opened.
TEST_F(FileLockTest, OpensTheFileThatHasTheNameInTheEnd) {
    must_open(path("base"), creating());
    ASSERT_TRUE(put(*must_open(path("new"), creating()), key_of(1), "new"));
    auto replacing = std::move(*FileLock::open(path("base")));
    ASSERT_TRUE(replacing.take_alone());
    std::thread opener([&] {
        Options options;
        options.busy_timeout_ms = 100'000;
        const auto env = must_open(path("base"), options);
        EXPECT_EQ(read(**env->snapshot(), key_of(1)), "new");
    });
    EXPECT_TRUE(eventually([&] { return times_open(path("base")) == 2; })) << "the opener has it open";
    std::filesystem::rename(path("new"), path("base"));
    replacing.release();
    opener.join();
}

}  // namespace
}  // namespace kith::store
