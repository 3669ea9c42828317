// What is looked at of every file before LMDB maps it, in microseconds. LMDB opens a truncated file without
// complaint and dies of SIGBUS later, so its size is compared with its meta pages first.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace kith::store {

struct Geometry {
    std::uint64_t page_size = 0;  // 0: the file is empty
    std::uint64_t used_bytes = 0;
    std::uint64_t map_bytes = 0;  // as the last process to commit had it
};

// Status::format for what LMDB did not write, Status::corrupt for what was cut off or overwritten.
base::Result<Geometry> check_geometry(const std::string &path);

// Status::unsupported on a network or FUSE file system: LMDB's locks and map need a local one.
bool is_remote(std::uint32_t file_system);  // by its number in statfs
base::Result<void> check_file_system(const std::string &directory);

}  // namespace kith::store
