// What the quick and the full test share.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>

#include "model/sequence.hpp"
#include "sanitized.hpp"

namespace kith_model {

inline void run_sequences(std::size_t sequences, std::size_t commands) {
    Tally tally;
    if (const char *given = std::getenv("KITH_MODEL_SEED")) {
        EXPECT_EQ(run_sequence(std::strtoull(given, nullptr, 10), 200, tally), "");
        return;
    }
    sequences /= kith_test::kSanitizedShare;
    const std::uint64_t first = std::random_device{}();
    std::cout << "seeds " << first << " and on" << std::endl;
    for (std::size_t i = 0; i < sequences; ++i) {
        const auto failure = run_sequence(first + i, commands, tally);
        if (!failure.empty()) FAIL() << failure;
    }
    std::cout << tally << std::endl;
    // What must have come up, or the sequences prove less than they say.
    for (const auto count : {tally.refused, tally.existing, tally.changed, tally.skipped, tally.corrected,
                             tally.fired, tally.valued, tally.old_snapshots, tally.reopened, tally.grown}) {
        EXPECT_GT(count, 0u);
    }
}

}  // namespace kith_model
