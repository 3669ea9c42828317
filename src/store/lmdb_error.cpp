#include "store/lmdb_error.hpp"

#include <sys/statvfs.h>

#include <cerrno>

namespace kith::store {

using base::Status;

namespace {

struct Meaning {
    int code;
    Status status;
    const char *message;
};

constexpr Meaning kMeanings[] = {
    {MDB_KEYEXIST, Status::exists, "a row with this key exists, or rows were not appended in key order"},
    {MDB_NOTFOUND, Status::not_found, "no such row"},
    {MDB_PAGE_NOTFOUND, Status::corrupt, "the file is damaged (a page is missing): restore a backup"},
    {MDB_CORRUPTED, Status::corrupt, "the file is damaged: repair it into a new file, or restore a backup"},
    {MDB_PANIC, Status::io,
     "an earlier write failed half way: close the file in this process and open it again"},
    {MDB_VERSION_MISMATCH, Status::format,
     "the file or its lock file was made by another LMDB version: use that version"},
    {MDB_INVALID, Status::format, "this is not a kith file: check the path"},
    {MDB_MAP_FULL, Status::full, "the map is full: allow more address space (map_reserve_bytes)"},
    {MDB_DBS_FULL, Status::internal, "too many tables: report this as a bug"},
    {MDB_READERS_FULL, Status::busy, "too many snapshots are open on this file: end some and try again"},
    {MDB_TXN_FULL, Status::limit, "the transaction is too large: commit in smaller batches"},
    {MDB_CURSOR_FULL, Status::corrupt, "the file is damaged (a tree is too deep): restore a backup"},
    {MDB_PAGE_FULL, Status::corrupt,
     "the file is damaged (a page has no room it should have): restore a backup"},
    {MDB_MAP_RESIZED, Status::busy, "another process has enlarged the file: try again"},
    {MDB_INCOMPATIBLE, Status::format, "a table of the file is of another kind: this is not a kith file"},
    {MDB_BAD_RSLOT, Status::state, "the snapshot is in use elsewhere: use it from one thread at a time"},
    {MDB_BAD_TXN, Status::state, "the transaction has ended or failed: begin a new one"},
    {MDB_BAD_VALSIZE, Status::argument, "a key is empty or longer than 504 bytes: shorten or hash it"},
    {MDB_BAD_DBI, Status::internal, "a table is not open: report this as a bug"},
    {EACCES, Status::permission, "no permission: make the file, its lock file and their directory writable"},
    {EPERM, Status::permission, "the system does not permit it: check the owner and mode of the file"},
    {EROFS, Status::permission, "the file system is read-only: open the file read-only"},
    {ENOENT, Status::missing, "no such file or directory: check the path"},
    {ENOTDIR, Status::missing, "a part of the path is no directory: check the path"},
    {EISDIR, Status::argument, "the path is a directory: name a file"},
    {ELOOP, Status::argument, "the links of the path lead in a circle: name the file itself"},
    {ENAMETOOLONG, Status::argument, "the path is too long: choose a shorter one"},
    {ENOSPC, Status::full, "the disk is full: free space and try again"},
    {EDQUOT, Status::full, "the disk quota is used up: free space and try again"},
    {EFBIG, Status::full, "the file has reached the size limit of this process or file system: raise it"},
    {ENOMEM, Status::nomem,
     "not enough memory or address space: free some, or set a smaller map_reserve_bytes"},
    {EMFILE, Status::limit, "too many open files in this process: close some"},
    {ENFILE, Status::limit, "too many open files in the system: close some"},
    {EAGAIN, Status::busy,
     "a process with the same number, perhaps in another container, uses the file: give it another"},
    {EINVAL, Status::state, "the transaction or cursor has ended: begin a new one"},
    {EIO, Status::io, "the disk reported an error: close the file, check the disk, open it again"},
};

}  // namespace

base::Error lmdb_error(int code) {
    base::Error error = base::fail(Status::io, "the system reported an error on the file: ");
    error.os_code = code;
    for (const auto &meaning : kMeanings) {
        if (meaning.code != code) continue;
        error.status = meaning.status;
        error.message = meaning.message;
        return error;
    }
    error.message += mdb_strerror(code);
    return error;
}

base::Error commit_error(int code, const std::string &path) {
    constexpr unsigned long kRoomBytes = 1 << 20;
    struct statvfs disk;
    const bool full =
        code == EIO && ::statvfs(path.c_str(), &disk) == 0 && disk.f_bavail < kRoomBytes / disk.f_frsize;
    base::Error error = lmdb_error(full ? ENOSPC : code);
    error.os_code = code;
    return error;
}

void install_assert(MDB_env *env) {
    mdb_env_set_assert(env, [](MDB_env *, const char *) { throw DamagedPage{}; });
}

}  // namespace kith::store
