// A file comes into being under a temporary name, with its tables, synced, and is then given its own:
// a crash on the way leaves no file that looks damaged.
#include <fcntl.h>
#include <lmdb.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "store/env_impl.hpp"
#include "store/lmdb_error.hpp"

namespace kith::store {

using base::Status;

namespace {

int make_tables(MDB_env *env) {
    MDB_txn *txn = nullptr;
    if (const int code = mdb_txn_begin(env, nullptr, 0, &txn); code != 0) return code;
    for (int number = 1; number <= kTables; ++number) {
        MDB_dbi dbi = 0;
        if (const int code = mdb_dbi_open(txn, table_name(static_cast<Table>(number)), MDB_CREATE, &dbi);
            code != 0) {
            mdb_txn_abort(txn);
            return code;
        }
    }
    return mdb_txn_commit(txn);
}

// No lock: nobody else knows the name.
int make_file(const std::string &path) {
    MDB_env *opened = nullptr;
    if (const int code = mdb_env_create(&opened); code != 0) return code;
    const std::unique_ptr<MDB_env, void (*)(MDB_env *)> env(opened, mdb_env_close);
    if (const int code = mdb_env_set_maxdbs(env.get(), kTables); code != 0) return code;
    if (const int code = mdb_env_open(env.get(), path.c_str(), kEnvFlags | MDB_NOLOCK, kFileMode); code != 0)
        return code;
    return make_tables(env.get());
}

int sync_directory(const std::string &directory) {
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return errno;
    const int code = ::fsync(descriptor) == 0 ? 0 : errno;
    ::close(descriptor);
    return code;
}

}  // namespace

base::Result<void> allocate_lock_file(const std::string &path) {
    constexpr off_t kBytes = 64 * (kMaxReaders + 3);  // LMDB's header, and a slot for each reader
    const int descriptor = ::open((path + "-lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
    if (descriptor < 0) return {};  // LMDB will say why, or do without
    const int code = ::fallocate(descriptor, 0, 0, kBytes) == 0 ? 0 : errno;
    ::close(descriptor);
    if (code == ENOSPC || code == EDQUOT) return lmdb_error(code);
    return {};
}

base::Result<void> create_file(const std::string &path) {
    std::string temporary = path + ".new-XXXXXX";
    const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
    if (descriptor < 0) return lmdb_error(errno);
    ::close(descriptor);
    ::unlink(temporary.c_str());  // only the name was wanted: LMDB makes the file, by the umask

    int code = make_file(temporary);
    if (code == 0 && ::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) != 0)
        code = errno;
    if (code != 0) ::unlink(temporary.c_str());
    if (code == EEXIST) return base::fail(Status::exists, "the file exists: open it, or choose another name");
    if (code == 0) code = sync_directory(std::filesystem::path(path).parent_path().string());
    if (code != 0) return commit_error(code, path);
    return {};
}

}  // namespace kith::store
