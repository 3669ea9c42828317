// Goal: kill -9 at any moment loses no acknowledged commit, leaves a sound file, with a commit cut short
// there wholly or not at all, and sending everything again completes it without doubling anything.
// Method: a writer in a child process, killed at a random moment of its run (seed printed), every second
// time by a timer of its own that is sure to meet it at work; it acknowledges through a pipe each step that
// returned. In both durability modes, as the page cache outlives the process.
#include <gtest/gtest.h>

#include <random>

#include "kill/trials.hpp"

TEST(Kill, SomeWriters) { kith_test::kill_writers(10, std::random_device{}()); }
