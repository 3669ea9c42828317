// Puts right what can be put right: derived rows from records, and records out of a file that LMDB can no
// longer read. Fires no timer, writes no feed entry.
#pragma once

#include "engine/copy.hpp"
#include "engine/result_table.hpp"

namespace kith::engine {

struct RepairReport {
    bool written = false;          // the file was replaced, or the new one made
    std::uint32_t origin = 0;      // of that file
    std::uint64_t rows = 0;        // in that file
    std::uint64_t mended = 0;      // derived rows that were missing, damaged, wrong, or left over
    std::uint64_t lost = 0;        // records that are damaged, or not there any more
    std::uint64_t left = 0;        // problems that verify finds in that file
    std::uint64_t feed_first = 0;  // it keeps the feed from this sequence on
    std::uint64_t bytes = 0;
    std::uint64_t pages = 0;  // damaged
    bool uncertain = false;   // a meta page or the list of free pages is damaged: the last commit may be lost
    ResultTable listed;  // what is lost: table, key (hexadecimal), problem, of the first 1,000; lost rows by
                         // table as facts
};

// In place: all derived rows worked out anew; the repaired file takes the old one's place. Needs it alone and
// readable. Writes nothing where nothing is wrong, or where a record is lost: that is for salvage().
base::Result<RepairReport> repair(const std::string &path, const Progress &progress);

// Whatever can be saved of a damaged file, in a new one under an origin of its own. The feed begins after the
// last change that is lost or whose record is, so that who follows it reads the records anew.
base::Result<RepairReport> salvage(const std::string &path, const std::string &new_path,
                                   RestoreOptions options, const Progress &progress);

}  // namespace kith::engine
