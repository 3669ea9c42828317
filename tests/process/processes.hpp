#pragma once

namespace kith_test {

// Two reader processes and a writer on one file whose map grows, for so long; see process_test.cpp.
void read_and_write(int seconds);

}  // namespace kith_test
