// Goal and method as in process_test.cpp: two readers and a writer for a minute.
#include "process/processes.hpp"

#include <gtest/gtest.h>

TEST(ProcessFull, ReadersAndAWriterForAMinute) { kith_test::read_and_write(60); }
