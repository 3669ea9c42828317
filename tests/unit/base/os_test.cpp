// Goal: the clock is the civil one and random bytes are. Method: bounds that hold on any machine.
#include "base/os.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kith::base {
namespace {

TEST(Os, ClockCountsFrom1970) {
    const auto now = os::now_us();
    EXPECT_GT(now, 1'600'000'000'000'000);
    EXPECT_LT(now, 253'402'300'800'000'000);
}

TEST(Os, RandomFillsAll) {
    std::vector<std::byte> bytes(100'000);
    os::random(bytes);
    for (std::size_t block = 0; block < bytes.size(); block += 1000) {
        const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(block);
        EXPECT_FALSE(std::all_of(from, from + 1000, [](std::byte b) { return b == std::byte{0}; })) << block;
    }
    os::random({});
}

TEST(Os, AForkMarkTellsTheChild) {
    const os::ForkMark mark;
    EXPECT_FALSE(mark.forked());
    const pid_t child = fork();
    if (child == 0) _exit(mark.forked() ? 0 : 1);
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_FALSE(mark.forked());
}

}  // namespace
}  // namespace kith::base
