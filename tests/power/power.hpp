// A run recorded write by write, and the disks that a power cut at any moment of it may leave.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/load.hpp"
#include "support/system_calls.hpp"

namespace kith_test {

struct Operation {
    enum class Kind { write, durable_write, sync, name, sync_folder };
    Kind kind;
    ino_t file = 0;
    std::size_t offset = 0;
    std::string bytes;
    int acknowledged = 0;  // steps whose call had returned when this began
};

// The operations on one kith file, from its making on, while a load runs.
std::vector<Operation> record(const Load &load, std::uint32_t durability);

struct Images {
    int images = 0;
    int unnamed = 0;  // of these: cut before the file had its name
    int behind = 0;   // lack acknowledged commits, and hold all before them
    int lost = 0;     // the acknowledged commits that they lack, in all
    int corrupt = 0;  // refused, wrong, or part of a commit there
    int crashed = 0;  // the process
    std::string example;
};
std::ostream &operator<<(std::ostream &stream, const Images &images);

// Makes so many images, each of a cut at a random operation: what was synced is there; of the other writes
// each is there, or not, or in part, by sectors, in any order. Opens each in a child process.
// With `believe_syncs` false, as on a disk that lies, or under a program that never syncs.
Images cut(const std::vector<Operation> &run, const Load &load, int images, std::uint32_t seed,
           bool believe_syncs = true);

// Records and cuts in both modes, prints, and expects what each promises; and that without syncs it fails.
void cut_power(int images, std::uint32_t seed);

}  // namespace kith_test
