// Goal and method: as corrupt_test.cpp, 2,200 damaged files with the full check at open, and, for the report
// only, 550 with the quick one, which does not look at pages: they may crash.
#include <gtest/gtest.h>
#include <kith/kith.h>

#include "corrupt/damage.hpp"

namespace kith_test {
namespace {

TEST(CorruptFull, TwoThousandDamagedFiles) {
    const auto seed = choose_seed();
    const Folder folder;
    const auto base = make_base(folder.path);
    ASSERT_FALSE(HasFailure());
    const auto counts = run_trials(base, folder.path, 200, KITH_CHECK_FULL, seed);
    EXPECT_EQ(total(counts, Outcome::crash), 0);
    EXPECT_EQ(total(counts, Outcome::silent), 0);
    const auto quick = run_trials(base, folder.path, 50, KITH_CHECK_QUICK, seed);
    RecordProperty("crashes_with_the_quick_check", total(quick, Outcome::crash));
    EXPECT_EQ(total(quick, Outcome::silent), 0);
}

}  // namespace
}  // namespace kith_test
