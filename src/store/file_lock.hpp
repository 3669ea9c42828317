// Who has the file open and who writes it, across processes. LMDB's own locks cannot be asked for either, and
// its writers wait without limit.
//
// These are locks of an open file description on bytes far behind the data. They go with the process, however
// it ends, and with the children it forked meanwhile: those hold the description too. Opening and closing the
// file elsewhere in the process does not drop them.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <utility>

#include "base/result.hpp"

namespace kith::store {

// A file, whatever its path.
struct FileId {
    dev_t device = 0;
    ino_t inode = 0;
    auto operator<=>(const FileId &) const = default;
};

base::Result<FileId> identify(const std::string &path);

class FileLock {
public:
    using Timeout = std::chrono::milliseconds;

    static base::Result<FileLock> open(const std::string &path);
    FileLock(FileLock &&other) noexcept
        : descriptor_(std::exchange(other.descriptor_, -1)), process_(other.process_), id_(other.id_) {}
    FileLock &operator=(FileLock &&) = delete;
    ~FileLock();  // in a child the parent keeps its locks

    const FileId &id() const { return id_; }
    int descriptor() const { return descriptor_; }  // to read the file by

    // Whether nobody else has the file open; then nobody can open it until share() or release(). False too
    // where the file cannot be written.
    bool take_alone();

    // As one of those who have the file open, waiting for one who is alone with it.
    base::Result<void> share(Timeout timeout);
    void release();

    // One writer at a time, in order of arrival: who waits holds the turn, so that one who writes again and
    // again must queue behind.
    base::Result<void> begin_writing(Timeout timeout);
    void end_writing();

private:
    explicit FileLock(int descriptor);
    bool set(short type, int byte, int count = 1) const;
    int wait(short type, int byte, std::chrono::steady_clock::time_point until) const;

    int descriptor_;
    pid_t process_;
    FileId id_;
};

}  // namespace kith::store
