// Goal and method as in power_test.cpp, with many images.
#include <gtest/gtest.h>

#include <random>

#include "power/power.hpp"

TEST(PowerFull, ManyImages) { kith_test::cut_power(1000, std::random_device{}()); }
