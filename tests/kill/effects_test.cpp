// Goal: what rules and processes do is done exactly once: nothing is lost and nothing doubled by kill -9
// before, in and after run_due and the building of definitions, by events that are sent again, by definitions
// that are installed again and upgraded, and by two processes that call run_due at once. Method: a shop of
// 1,500 customers whose due work takes several transactions; the facts exported at the end, which list every
// transition, commitment and request, are to be those of a shop that nobody disturbed.
#include <gtest/gtest.h>

#include <random>

#include "kill/effects.hpp"

TEST(Effects, AreThereOnceAfterKills) { kith_test::kill_at_effects(2, std::random_device{}()); }

TEST(Effects, AreThereOnceWhenTwoRunWhatIsDue) { kith_test::run_due_twice(4, false, std::random_device{}()); }
