// Records that are older than the feed says. A page that the disk lost, or put in an older form of itself,
// holds rows that are right in themselves, and nothing is derived from a name or a note.
#pragma once

#include "engine/verify.hpp"

namespace kith::engine {

// In a file in which nothing else is wrong.
base::Result<void> find_stale_records(const Snapshot &snapshot, Problems &problems);

}  // namespace kith::engine
