// Goal and method: as corrupt_test.cpp, 2,200 damaged files with the full check at open, and, for the report
// only, 550 with the quick one, which does not look at pages: they may crash.
#include <gtest/gtest.h>
#include <kith/kith.h>

#include "corrupt/damage.hpp"

namespace kith_test {
namespace {

struct CorruptFull : testing::Test {
    Counts run(int trials_each, std::uint32_t check) const {
        const auto seed = choose_seed();
        const Folder folder;
        return run_trials(make_base(folder.path), folder.path, trials_each, check, seed);
    }
};

TEST_F(CorruptFull, TwoThousandDamagedFiles) {
    const auto counts = run(200, KITH_CHECK_FULL);
    EXPECT_EQ(total(counts, Outcome::crash), 0);
    EXPECT_EQ(total(counts, Outcome::silent), 0);
    EXPECT_GT(total(counts, Outcome::refused), 600);
}

TEST_F(CorruptFull, TheQuickCheckLeavesMuchToVerify) {
    const auto counts = run(50, KITH_CHECK_QUICK);
    RecordProperty("crashes", total(counts, Outcome::crash));
    EXPECT_EQ(total(counts, Outcome::silent), 0);
    EXPECT_GT(total(counts, Outcome::found), 100);
}

}  // namespace
}  // namespace kith_test
