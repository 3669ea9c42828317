// Goal and method as in effects_test.cpp, many times; and of the two that call run_due one is killed.
#include <gtest/gtest.h>

#include <random>

#include "kill/effects.hpp"

TEST(EffectsFull, AreThereOnceAfterKills) { kith_test::kill_at_effects(150, std::random_device{}()); }

TEST(EffectsFull, AreThereOnceWhenOneOfTwoIsKilled) {
    for (int i = 0; i < 10; ++i) kith_test::run_due_twice(30, i % 2 != 0, std::random_device{}());
}
