// Trials of damage: a sound file of every table, kinds of damage, and a child process that opens, verifies,
// reads and writes a damaged copy, so that a crash is an outcome and not the end of the run.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace kith_test {

enum class Damage {
    bit,
    bytes_16,
    header_bytes,
    zeroed,
    garbage,
    meta_bit,
    truncated,
    replaced,
    swapped,
    stale,
    older_form,
};
inline constexpr int kDamages = 11;
const char *name_of(Damage damage);

enum class Outcome {
    refused,  // at open
    found,    // by verify
    error,    // when read or written, after verify had found nothing
    none,     // all is there and can be written
    crash,    // a signal, or no end
    silent,   // other data than there were, and nobody said so
};
inline constexpr int kOutcomes = 6;

// In memory where the system has such a place; gone with the object.
struct Folder {
    Folder();
    ~Folder();
    std::string path;
};

struct Base {
    std::string sound;
    std::vector<std::string> earlier;  // the same file before each of its last commits
    std::vector<std::pair<std::size_t, std::string>> older_forms;  // of leaves: where, and their bytes before
    std::string truth;                                             // all that can be read of it
};
Base make_base(const std::string &folder);

std::string damaged(const Base &base, Damage damage, std::mt19937_64 &random);

// Opens with KITH_CHECK_QUICK or KITH_CHECK_FULL.
Outcome trial(const Base &base, const std::string &bytes, const std::string &path, std::uint32_t check);

// Runs so many trials of each kind, prints the table of outcomes and the seed of each crash or silent loss.
using Counts = std::array<std::array<int, kOutcomes>, kDamages>;
Counts run_trials(const Base &base, const std::string &folder, int trials_each, std::uint32_t check,
                  std::uint64_t seed);
int total(const Counts &counts, Outcome outcome);

// $KITH_SEED, or a new one; printed.
std::uint64_t choose_seed();

}  // namespace kith_test
