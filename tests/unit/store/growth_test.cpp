// Goal: the map grows when it is full, for this process and for others, never under a snapshot, and
// never waits without bound. Method: a reserve of 1 MiB and more data than that; snapshots held by the
// same and by another thread; two processes growing each other's map.
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "scratch.hpp"

namespace kith::store {
namespace {

using base::bytes_of;
using base::Status;

class GrowthTest : public Scratch {
protected:
    static base::Result<void> fill(Env &env, std::uint64_t first, std::uint64_t rows) {
        return env.update([&](Writer &writer) -> base::Result<void> {
            for (std::uint64_t i = first; i < first + rows; ++i)
                KITH_TRY(writer.put(Table::rows, bytes_of(key_of(i)), bytes_of(std::string(1000, 'x'))));
            return {};
        });
    }
    static std::uint64_t rows(Env &env) { return *(*env.snapshot())->count(Table::rows); }
};

TEST_F(GrowthTest, OneTransactionMayBeLargerThanTheReserve) {
    const auto env = must_open(path(), creating());
    EXPECT_EQ(env->info()->map_bytes, 1u << 20);
    int runs = 0;
    ASSERT_TRUE(env->update([&](Writer &writer) -> base::Result<void> {
        ++runs;
        for (std::uint64_t i = 0; i < 4000; ++i)
            KITH_TRY(writer.put(Table::rows, bytes_of(key_of(i)), bytes_of(std::string(1000, 'x'))));
        return {};
    }));
    EXPECT_GT(runs, 2);
    EXPECT_EQ(rows(*env), 4000u);
    EXPECT_GE(env->info()->map_bytes, 4u << 20);
}

TEST_F(GrowthTest, ABodyThatHidesTheErrorIsRunAgainToo) {
    const auto env = must_open(path(), creating());
    ASSERT_TRUE(env->update([&](Writer &writer) -> base::Result<void> {
        for (std::uint64_t i = 0; i < 2000; ++i)
            static_cast<void>(writer.put(Table::rows, bytes_of(key_of(i)), bytes_of(std::string(1000, 'x'))));
        return {};
    }));
    EXPECT_EQ(rows(*env), 2000u);
}

TEST_F(GrowthTest, ASnapshotOfTheSameThreadMakesItBusyAndStaysWhole) {
    Options options = creating();
    options.busy_timeout_ms = 50;
    const auto env = must_open(path(), options);
    ASSERT_TRUE(fill(*env, 0, 10));
    auto snapshot = *env->snapshot();
    const auto value = *snapshot->get(Table::rows, bytes_of(key_of(3)));
    const auto grown = fill(*env, 10, 2000);
    ASSERT_EQ(status_of(grown), Status::busy);
    EXPECT_NE(grown.error().message.find(" ms"), std::string::npos);
    EXPECT_EQ(value->payload.size(), 1000u);
    EXPECT_EQ(base::text_of(value->payload), std::string(1000, 'x'));
    EXPECT_EQ(*snapshot->count(Table::rows), 10u);
    snapshot.reset();
    ASSERT_TRUE(fill(*env, 10, 2000));
    EXPECT_EQ(rows(*env), 2010u);
}

TEST_F(GrowthTest, WaitsForTheSnapshotOfAnotherThreadAndHoldsNewOnesOff) {
    const auto env = must_open(path(), creating());
    ASSERT_TRUE(fill(*env, 0, 10));
    auto snapshot = *env->snapshot();
    std::thread reader([&, held = std::move(snapshot)]() mutable {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        EXPECT_EQ(read(*held, key_of(3)), std::string(1000, 'x'));
        EXPECT_TRUE(held->renew());  // takes part in the gate
        EXPECT_EQ(read(*held, key_of(3)), std::string(1000, 'x'));
        held.reset();
    });
    EXPECT_TRUE(fill(*env, 10, 2000));
    reader.join();
    EXPECT_EQ(rows(*env), 2010u);
}

// Parent and child take turns through pipes; each finds the map of the other larger than its own.
TEST_F(GrowthTest, TwoProcessesGrowEachOthersMap) {
    constexpr std::uint64_t kTurns = 4, kRows = 1500;
    int to_child[2], to_parent[2];
    ASSERT_EQ(::pipe(to_child), 0);
    ASSERT_EQ(::pipe(to_parent), 0);
    const auto play = [&](int in, int out, std::uint64_t first, bool begins) {
        const auto env = must_open(path(), creating());
        if (env == nullptr) return false;
        char token = begins ? 'x' : 0;
        for (std::uint64_t turn = first; turn < 2 * kTurns; turn += 2) {
            if (turn != 0 && (::read(in, &token, 1) != 1 || token != 'x')) return false;
            if (rows(*env) != turn * kRows || !fill(*env, turn * kRows, kRows)) return false;
            if (::write(out, "x", 1) != 1) return false;
        }
        return true;
    };
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) ::_exit(play(to_child[0], to_parent[1], 1, false) ? 0 : 1);
    EXPECT_TRUE(play(to_parent[0], to_child[1], 0, true));
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(rows(*must_open(path(), {})), 2 * kTurns * kRows);
}

}  // namespace
}  // namespace kith::store
