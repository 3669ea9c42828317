// Random command sequences, carried out by the engine and by the oracle.
#pragma once

#include <iosfwd>

#include "model/oracle.hpp"

namespace kith_model {

struct Tally {
    std::uint64_t sequences = 0, commands = 0, commits = 0, refused = 0, items = 0, created = 0, existing = 0,
                  changed = 0, skipped = 0, corrected = 0, fired = 0, checks = 0, valued = 0,
                  old_snapshots = 0, reopened = 0, grown = 0, busy = 0;
    std::map<kith_status, std::uint64_t> refusals;  // by status
};
std::ostream &operator<<(std::ostream &out, const Tally &tally);

// Carries out the sequence of a seed in a file of its own. "" when all agreed; else what did not, the
// shortest prefix of commands that shows it, and how to run it again.
std::string run_sequence(std::uint64_t seed, std::size_t commands, Tally &tally);

}  // namespace kith_model
