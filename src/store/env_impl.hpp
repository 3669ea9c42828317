// What an Env holds. Private to this room.
#pragma once

#include <lmdb.h>
#include <array>
#include <atomic>
#include <string>

#include "base/os.hpp"
#include "store/file_lock.hpp"
#include "store/gate.hpp"
#include "store/store.hpp"

namespace kith::store {

inline constexpr unsigned kEnvFlags = MDB_NOSUBDIR | MDB_NOTLS | MDB_NORDAHEAD;
inline constexpr unsigned kFileMode = 0644;
inline constexpr unsigned kMaxReaders = 1024;

struct Env::Impl {
    Impl(std::string file_path, FileLock file_lock, const Options &options)
        : path(std::move(file_path)),
          busy_timeout(options.busy_timeout_ms),
          lock(std::move(file_lock)),
          gate(options.busy_timeout_ms) {}
    ~Impl();

    // Whether its tables were made now.
    base::Result<bool> open(const Options &options, bool alone, unsigned more_flags = 0);
    int find_tables(bool make);
    base::Result<bool> open_tables(bool create);  // whether they were made now
    base::Result<void> usable() const;            // neither forked nor without its map
    base::Result<void> grow();                    // by the writer, between its transactions
    base::Result<void> adopt_size(bool is_writer);
    int begin_read(MDB_txn **txn);
    MDB_dbi dbi(Table table) const { return dbis[static_cast<std::size_t>(table)]; }

    const std::string path;
    const FileLock::Timeout busy_timeout;
    FileLock lock;  // void once a draft has taken it over
    MDB_env *env = nullptr;
    std::array<MDB_dbi, kTables + 1> dbis{};
    base::os::ForkMark fork;
    Gate gate;
    bool unchecked = false;              // others wrote the file while its structure was to be checked
    bool draft = false;                  // of store/draft.hpp: not in the registry
    std::atomic<bool> map_lost = false;  // nothing works until the file is opened again
    // The running writer's:
    bool map_full = false;
    bool write_failed = false;  // no more writing until the file is opened again
    std::uint64_t commits = 0;
};

// Makes a new file with all tables, complete and durable before it has its name. Status::exists when
// another process was first.
base::Result<void> create_file(const std::string &path);

// The one path by which all processes name the file, as the lock file is named after it.
base::Result<std::string> resolve(const std::string &path);

// Status::busy when anybody has the file open.
base::Result<void> alone_with(FileLock &lock, const std::string &path);

base::Error forked_error();

}  // namespace kith::store
