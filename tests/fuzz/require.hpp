// What must hold, in any build: stops the fuzzer (and the replay) where it does not.
#pragma once

#include <cstdio>
#include <cstdlib>

#define KITH_REQUIRE(condition)                                                          \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                                \
        }                                                                                \
    } while (false)
