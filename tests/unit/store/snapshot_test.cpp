// Goal: a snapshot is one moment of the file, its age is known, and neither it nor its Env is of use
// after a fork. Method: writes beside open snapshots; a child process that tries everything.
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "scratch.hpp"

namespace kith::store {
namespace {

using base::bytes_of;
using base::Status;

using SnapshotTest = Scratch;

TEST_F(SnapshotTest, SeesOneMomentUntilRenewed) {
    const auto env = must_open(path(), creating());
    ASSERT_TRUE(put(*env, key_of(1), "old"));
    const auto snapshot = *env->snapshot();
    ASSERT_TRUE(put(*env, key_of(1), "new"));
    EXPECT_EQ(read(*snapshot, key_of(1)), "old");
    EXPECT_EQ(read(*snapshot, key_of(2)), "-");
    EXPECT_EQ(read(**env->snapshot(), key_of(1)), "new");
    ASSERT_TRUE(snapshot->renew());
    EXPECT_EQ(read(*snapshot, key_of(1)), "new");
    EXPECT_EQ(read(*snapshot, ""), "!-1");
    EXPECT_EQ(read(*snapshot, std::string(512, 'k')), "-");
}

TEST_F(SnapshotTest, OutlivesTheHandleAndMovesBetweenThreads) {
    auto env = must_open(path(), creating());
    ASSERT_TRUE(put(*env, key_of(1), "kept"));
    auto snapshot = *env->snapshot();
    env.reset();
    std::thread([held = std::move(snapshot)] { EXPECT_EQ(read(*held, key_of(1)), "kept"); }).join();
    EXPECT_EQ(read(**must_open(path(), {})->snapshot(), key_of(1)), "kept");
}

TEST_F(SnapshotTest, ManyAtOnceAndTheSlotsComeBack) {
    const auto env = must_open(path(), creating());
    for (int round = 0; round < 3; ++round) {
        std::vector<std::unique_ptr<Snapshot>> snapshots;
        Status last = Status::ok;
        while (last == Status::ok && snapshots.size() < 2000) {
            auto snapshot = env->snapshot();
            last = status_of(snapshot);
            if (snapshot) snapshots.push_back(std::move(*snapshot));
        }
        EXPECT_EQ(last, Status::busy);
        EXPECT_GE(snapshots.size(), 1000u);
    }
}

TEST_F(SnapshotTest, AgeHasALimit) {
    Options options = creating();
    options.snapshot_age_ms_max = 20;
    const auto env = must_open(path(), options);
    const auto snapshot = *env->snapshot();
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    EXPECT_GE(snapshot->age_ms(), 30u);
    EXPECT_EQ(status_of(snapshot->check()), Status::state);
    ASSERT_TRUE(snapshot->renew());
    options.snapshot_age_ms_max = UINT64_MAX;
    const auto other = must_open(path("other"), options);
    const auto ageless = *other->snapshot();
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    EXPECT_EQ(status_of(ageless->check()), Status::ok);
}

// The parent's snapshot must also still be protected after the child has gone: the child may not touch
// its reader slot. So the parent overwrites everything and looks again.
TEST_F(SnapshotTest, AfterAForkEveryCallIsRefusedAndTheParentUnharmed) {
    auto env = must_open(path(), creating());
    for (std::uint64_t i = 0; i < 100; ++i) ASSERT_TRUE(put(*env, key_of(i), "old"));
    auto snapshot = *env->snapshot();
    auto cursor = std::make_unique<Cursor>(*snapshot->cursor(Table::rows));
    ASSERT_TRUE(*cursor->first());
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const bool refused =
            status_of(env->snapshot()) == Status::state && status_of(env->info()) == Status::state &&
            status_of(put(*env, key_of(1), "child")) == Status::state &&
            status_of(snapshot->check()) == Status::state && status_of(snapshot->renew()) == Status::state &&
            status_of(snapshot->get(Table::rows, bytes_of(key_of(1)))) == Status::state &&
            status_of(snapshot->cursor(Table::rows)) == Status::state &&
            status_of(snapshot->count(Table::rows)) == Status::state &&
            status_of(cursor->next()) == Status::state;
        cursor.reset();
        snapshot.reset();
        env.reset();
        const auto own = Env::open(path(), {});
        ::_exit(refused && own && read(**(*own)->snapshot(), key_of(1)) == "old" ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    for (int round = 0; round < 5; ++round)
        for (std::uint64_t i = 0; i < 100; i += 7) ASSERT_TRUE(put(*env, key_of(i), "new"));
    for (std::uint64_t i = 0; i < 100; ++i) EXPECT_EQ(read(*snapshot, key_of(i)), "old");
}

}  // namespace
}  // namespace kith::store
