// Goal and method as in kill_test.cpp, many times.
#include <gtest/gtest.h>

#include <random>

#include "kill/trials.hpp"

TEST(KillFull, ManyWriters) { kith_test::kill_writers(200, std::random_device{}()); }
