// Goal: any threads may write, read, open and close at once; writers wait for each other, boundedly.
// Method: four writers and four readers on a map that must grow under them (run under tsan), an
// invariant over two rows that every commit keeps; nested and concurrent writers.
#include <atomic>
#include <thread>

#include "scratch.hpp"

namespace kith::store {
namespace {

using base::bytes_of;
using base::Status;

using ThreadsTest = Scratch;

TEST_F(ThreadsTest, FourWritersAndFourReaders) {
    constexpr std::uint64_t kCommits = 60;
    const auto env = must_open(path(), creating());
    ASSERT_TRUE(put(*env, key_of(1), std::string("0")));
    ASSERT_TRUE(put(*env, key_of(1), std::string("0"), Table::counters));
    std::atomic<int> writing = 4;
    std::vector<std::thread> threads;
    for (std::uint64_t who = 0; who < 4; ++who)
        threads.emplace_back([&, who] {
            for (std::uint64_t i = 0; i < kCommits; ++i) {
                const auto done = env->update([&](Writer &writer) -> base::Result<void> {
                    const auto next = std::to_string(std::stoi(read(writer, key_of(1))) + 1);
                    KITH_TRY(writer.put(Table::rows, bytes_of(key_of(1)), bytes_of(next)));
                    KITH_TRY(writer.put(Table::counters, bytes_of(key_of(1)), bytes_of(next)));
                    return writer.put(Table::feed, bytes_of(key_of(who * kCommits + i)),
                                      bytes_of(std::string(9000, 'x')));
                });
                EXPECT_TRUE(done) << done.error().message;
            }
            --writing;
        });
    for (int who = 0; who < 4; ++who)
        threads.emplace_back([&] {
            while (writing > 0) {
                const auto snapshot = env->snapshot();
                ASSERT_TRUE(snapshot) << snapshot.error().message;
                EXPECT_EQ(read(**snapshot, key_of(1)), read(**snapshot, key_of(1), Table::counters));
                EXPECT_TRUE(env->info());
            }
        });
    for (auto &thread : threads) thread.join();
    EXPECT_EQ(read(**env->snapshot(), key_of(1)), std::to_string(4 * kCommits));
    EXPECT_EQ(*(*env->snapshot())->count(Table::feed), 4 * kCommits);
}

TEST_F(ThreadsTest, OpenAndCloseMeetInTheRegistry) {
    ASSERT_TRUE(put(*must_open(path(), creating()), key_of(1), "kept"));
    std::vector<std::thread> threads;
    for (int who = 0; who < 4; ++who)
        threads.emplace_back([&] {
            for (int i = 0; i < 30; ++i)
                EXPECT_EQ(read(**must_open(path(), {})->snapshot(), key_of(1)), "kept");
        });
    for (auto &thread : threads) thread.join();
}

TEST_F(ThreadsTest, AWriterInAWriterIsRefused) {
    const auto env = must_open(path(), creating());
    Status inner = Status::ok;
    ASSERT_TRUE(env->update([&](Writer &) -> base::Result<void> {
        inner = status_of(put(*env, key_of(1), "x"));
        return {};
    }));
    EXPECT_EQ(inner, Status::state);
    EXPECT_TRUE(put(*env, key_of(1), "x"));
}

TEST_F(ThreadsTest, AWriterWaitsForAnotherNoLongerThanAllowed) {
    Options options = creating();
    options.busy_timeout_ms = 30;
    const auto env = must_open(path(), options);
    Status other = Status::ok;
    ASSERT_TRUE(env->update([&](Writer &) -> base::Result<void> {
        std::thread([&] { other = status_of(put(*env, key_of(1), "x")); }).join();
        return {};
    }));
    EXPECT_EQ(other, Status::busy);
}

TEST_F(ThreadsTest, AThrowingBodyLeavesNothingHeld) {
    const auto env = must_open(path(), creating());
    EXPECT_THROW(
        static_cast<void>(env->update([](Writer &) -> base::Result<void> { throw std::bad_alloc(); })),
        std::bad_alloc);
    EXPECT_TRUE(put(*env, key_of(1), "x"));
}

}  // namespace
}  // namespace kith::store
