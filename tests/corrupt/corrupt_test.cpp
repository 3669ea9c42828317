// Goal: a damaged file is refused, found by verify, or does no harm; it never crashes its host, and verify
// never passes over rows that are wrong or missing. Method: a shop's file with every table filled, damaged in
// ten ways at random places; each copy opened with the full check, verified, read whole, compared with what
// the sound file says, and written to, in a child process of its own. The seed is printed; KITH_SEED repeats
// a run.
#include <gtest/gtest.h>
#include <kith/kith.h>

#include "corrupt/damage.hpp"

namespace kith_test {
namespace {

TEST(Corrupt, DamageIsFoundAndHarmsNobody) {
    constexpr int kEach = 8;
    const auto seed = choose_seed();
    const Folder folder;
    const auto base = make_base(folder.path);
    ASSERT_FALSE(HasFailure());
    EXPECT_EQ(trial(base, base.sound, folder.path + "/bad.kith", KITH_CHECK_FULL), Outcome::none);
    EXPECT_NE(trial(base, base.earlier.back(), folder.path + "/bad.kith", KITH_CHECK_FULL), Outcome::none)
        << "an older file is not seen to differ: the comparison is blind";
    const auto counts = run_trials(base, folder.path, kEach, KITH_CHECK_FULL, seed);
    EXPECT_EQ(total(counts, Outcome::crash), 0);
    EXPECT_EQ(total(counts, Outcome::silent), 0);
    EXPECT_GT(total(counts, Outcome::refused), kEach * kDamages / 4);
}

}  // namespace
}  // namespace kith_test
