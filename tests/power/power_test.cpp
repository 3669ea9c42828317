// Goal: a power cut at any moment loses no acknowledged commit in mode full, only the last ones in mode
// relaxed, and never harms the file. Method: every write, sync and rename of a run is recorded; images of
// the disk after a cut are built (unsynced writes left out, reordered, torn at 512 bytes, by a printed
// seed) and opened. That the images tell good from bad is shown by leaving the syncs out.
#include <gtest/gtest.h>

#include <random>

#include "power/power.hpp"

TEST(Power, SomeImages) { kith_test::cut_power(40, std::random_device{}()); }
