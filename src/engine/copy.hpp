// Copies of a whole file: backup, restore, compaction. Each writes a new file beside its place, checks it,
// and only then gives it its name (store/draft.hpp). A copy has no free pages, so nothing that was erased is
// in it.
#pragma once

#include <functional>
#include <string>

#include "engine/store.hpp"
#include "store/draft.hpp"

namespace kith::engine {

using store::Progress;

struct CopyReport {
    std::uint32_t origin = 0;  // of the copy; 0 for a backup
    std::uint64_t rows = 0;
    std::uint64_t bytes_before = 0, bytes_after = 0;
};

// What verify finds in a file in the making.
base::Result<std::uint64_t> problems_of(store::Draft &draft, const Progress &progress);

// The file as of the snapshot, while others go on working. `everything`: refused if the copy has any problem
// that verify finds; without it, checksums and counts of rows are checked.
base::Result<CopyReport> backup(const Snapshot &snapshot, const std::string &path, bool everything,
                                const Progress &progress);

struct RestoreOptions {
    bool replace = false;  // a file that is there, if nobody has it open
    std::string device;    // empty: the one in the backup
    OpenOptions open;      // the clock and the random bytes
};

// A backup, or any file, as a new one that goes on under an origin of its own.
base::Result<CopyReport> restore(const std::string &backup, const std::string &path, RestoreOptions options,
                                 const Progress &progress);

// The file without what was deleted. Needs it alone.
base::Result<CopyReport> compact(const std::string &path, const Progress &progress);

// The file's own row in the copy, under an origin minted now. No personal data waits to be erased there.
base::Result<std::uint32_t> begin_anew(store::Writer &writer, Meta meta, Config config,
                                       const Circumstances &circumstances);

}  // namespace kith::engine
