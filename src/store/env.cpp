// Opening and closing: the registry of the process, LMDB's environment, the tables.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>

#include "store/env_impl.hpp"
#include "store/geometry.hpp"
#include "store/lmdb_error.hpp"
#include "store/structure.hpp"

namespace kith::store {

using base::Status;

namespace {

constexpr std::uint64_t kDefaultReserve = std::uint64_t{64} << 30;
constexpr std::uint64_t kLeastReserve = std::uint64_t{1} << 30;
constexpr std::uint64_t kDraftMap = std::uint64_t{1} << 20;  // at first: its last size is written in it

// LMDB loses its locks when a process opens a file twice, so the process must know what it has open:
// the one piece of global state. An entry stays until its Env has closed; one of a parent process is
// of no account.
struct Registry {
    struct Entry {
        std::weak_ptr<Env> env;
        pid_t process;
    };
    std::mutex mutex;
    std::condition_variable closed;
    std::map<FileId, Entry> entries;

    // The file's Env in this process, null if there is none; waits for one that is closing.
    std::shared_ptr<Env> find(const FileId &id, std::unique_lock<std::mutex> &lock) {
        for (;;) {
            const auto entry = entries.find(id);
            if (entry == entries.end()) return nullptr;
            if (entry->second.process != ::getpid()) {
                entries.erase(entry);
                return nullptr;
            }
            if (auto env = entry->second.env.lock()) return env;
            closed.wait(lock);
        }
    }
};

Registry &registry() {
    static Registry *const only = new Registry;  // outlives every static Env
    return *only;
}

bool address_space_for(std::uint64_t size) {
    void *const probe = ::mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (probe == MAP_FAILED) return false;
    ::munmap(probe, size);
    return true;
}

std::uint64_t choose_map_size(const Options &options, const Geometry &geometry) {
    const auto wanted = options.map_reserve_bytes != 0 ? options.map_reserve_bytes : kDefaultReserve;
    auto size = std::max(wanted, geometry.map_bytes);
    while (size / 2 >= std::max(kLeastReserve, geometry.used_bytes) && !address_space_for(size)) size /= 2;
    return base::round_up_8(std::max(size, geometry.used_bytes));
}

// Whether this call made the file.
base::Result<bool> find_or_create(const std::string &path, const Options &options) {
    std::error_code code;
    const bool found = std::filesystem::exists(path, code);
    if (code) return lmdb_error(code.value());
    if (found && options.must_be_new)
        return base::fail(Status::exists, "the file exists: open it, or choose another name");
    if (found) return false;
    if (!options.create)
        return base::fail(Status::missing, "there is no such file: check the path, or create it");
    auto made = create_file(path);
    if (!made && (made.error().status != Status::exists || options.must_be_new)) return made.take_error();
    return bool(made);
}

// Takes the disk space of the lock file, which LMDB maps: on a full disk, to touch a page of the map that has
// none is the end of the process. Not while the file is open in this process: its locks would be lost.
base::Result<void> allocate_lock_file(const std::string &path) {
    constexpr off_t kBytes = 64 * (kMaxReaders + 3);  // LMDB's header, and a slot for each reader
    const int descriptor = ::open((path + "-lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
    if (descriptor < 0) return {};  // LMDB will say why, or do without
    const int code = ::fallocate(descriptor, 0, 0, kBytes) == 0 ? 0 : errno;
    ::close(descriptor);
    if (code == ENOSPC || code == EDQUOT) return lmdb_error(code);
    return {};
}

// In a read transaction, as others write the file.
base::Result<std::shared_ptr<Env>> checked(const std::shared_ptr<Env> &env, Check check) {
    if (check == Check::quick) return env;
    KITH_LET(structure, env->check_structure());
    KITH_TRY(verdict(structure));
    return env;
}

}  // namespace

base::Result<std::string> resolve(const std::string &path) {
    if (path.empty() || path.find('\0') != std::string::npos)
        return base::fail(Status::argument, "the path is empty or has a zero byte: name a file");
    std::error_code code;
    auto resolved = std::filesystem::canonical(path, code);
    if (code == std::errc::no_such_file_or_directory) {
        const auto whole = std::filesystem::absolute(path, code);
        resolved = std::filesystem::canonical(whole.parent_path(), code) / whole.filename();
    }
    if (code) return lmdb_error(code.value());
    return resolved.string();
}

base::Result<void> alone_with(FileLock &lock, const std::string &path) {
    if (!lock.take_alone()) {
        if (errno == EBADF) return lmdb_error(EACCES);
        return base::fail(Status::busy,
                          "the file is open elsewhere, and this needs it alone: close it there");
    }
    KITH_LET(now, identify(path));
    if (now == lock.id()) return {};
    return base::fail(Status::busy, "another process has just put a new file in its place: try again");
}

base::Error forked_error() {
    return base::fail(Status::state,
                      "the process has forked since the file was opened: open it again in the child");
}

Env::Env(std::unique_ptr<Impl> impl, const Options &options) : impl_(std::move(impl)), options_(options) {}

Env::~Env() {
    if (impl_->fork.forked() || impl_->draft) return;
    Registry &files = registry();
    std::lock_guard lock(files.mutex);
    const FileId id = impl_->lock.id();
    impl_.reset();
    files.entries.erase(id);
    files.closed.notify_all();
}

base::Result<std::shared_ptr<Env>> Env::open(const std::string &path, const Options &options) {
    if (options.read_only && (options.create || options.must_be_new))
        return base::fail(Status::argument, "a file cannot be created read-only: choose one");
    KITH_LET(resolved, resolve(path));
    KITH_TRY(check_file_system(std::filesystem::path(resolved).parent_path().string()));

    std::shared_ptr<Env> env;   // dropped, if need be, after the lock: closing takes it
    std::unique_ptr<Env> made;  // likewise, where there is no memory to share it
    Registry &files = registry();
    std::unique_lock lock(files.mutex);
    for (;;) {
        KITH_LET(created, find_or_create(resolved, options));
        KITH_LET(id, identify(resolved));
        env = files.find(id, lock);
        if (env != nullptr) {
            if (options.alone || env->options_.alone)
                return base::fail(Status::busy, "the file is open in this process: close it there");
            if (env->options_.durability == options.durability &&
                env->options_.read_only == options.read_only)
                return checked(env, options.check);
            return base::fail(
                Status::state,
                "the file is open in this process with another durability or access: use the same");
        }
        KITH_LET(file, FileLock::open(resolved));
        if (options.alone) KITH_TRY(alone_with(file, resolved));
        const bool alone = options.alone || file.take_alone();
        if (!alone) KITH_TRY(file.share(FileLock::Timeout(options.busy_timeout_ms)));
        KITH_LET(now, identify(resolved));
        if (now != file.id()) continue;  // another process has put a new file in its place

        auto impl = std::make_unique<Impl>(resolved, std::move(file), options);
        KITH_LET(completed, impl->open(options, alone));
        if (alone && !options.alone) KITH_TRY(impl->lock.share(impl->busy_timeout));
        made.reset(new Env(std::move(impl), options));
        env = std::move(made);
        env->created_ = created || completed;
        files.entries[now] = {env, ::getpid()};
        return checked(env, env->impl_->unchecked ? Check::full : Check::quick);
    }
}

// No reader and no other writer ever sees it, so it needs neither LMDB's locks nor a sync before its end.
base::Result<std::shared_ptr<Env>> Env::make(const std::string &path) {
    Options options;
    options.create = options.alone = true;
    options.map_reserve_bytes = kDraftMap;
    options.snapshot_age_ms_max = UINT64_MAX;
    KITH_LET(file, FileLock::open(path));
    KITH_TRY(alone_with(file, path));
    auto impl = std::make_unique<Impl>(path, std::move(file), options);
    impl->draft = true;
    KITH_TRY(impl->open(options, true, MDB_NOSYNC | MDB_NOLOCK));
    return std::shared_ptr<Env>(new Env(std::move(impl), options));
}

// The map of the file is LMDB's alone, and what LMDB would die of must be found before there is one.
base::Result<bool> Env::Impl::open(const Options &options, bool alone, unsigned more_flags) {
    KITH_LET(geometry, check_geometry(path));
    if (geometry.page_size == 0 && !options.create)
        return base::fail(Status::format, "the file is empty: open it with create to make it a kith file");
    if (options.check == Check::full && geometry.page_size != 0) {
        auto structure = store::check_structure(DataFile(path), alone ? kManyTries : 1);
        unchecked = !alone && !structure && structure.error().status == Status::busy;
        if (!structure && !unchecked) return structure.take_error();
        if (structure) KITH_TRY(verdict(*structure));
    }
    if (const int code = mdb_env_create(&env); code != 0) return lmdb_error(code);
    install_assert(env);
    mdb_env_set_maxdbs(env, kTables);
    mdb_env_set_maxreaders(env, kMaxReaders);
    if (const int code = mdb_env_set_mapsize(env, choose_map_size(options, geometry)); code != 0)
        return lmdb_error(code);
    const unsigned flags = kEnvFlags | more_flags | (options.read_only ? MDB_RDONLY : 0u) |
                           (options.durability == Durability::none      ? MDB_NOSYNC
                            : options.durability == Durability::relaxed ? MDB_NOMETASYNC
                                                                        : 0u);
    if ((more_flags & MDB_NOLOCK) == 0) KITH_TRY(allocate_lock_file(path));
    if (const int code = mdb_env_open(env, path.c_str(), flags, kFileMode); code != 0)
        return commit_error(code, path);
    int dead = 0;
    mdb_reader_check(env, &dead);
    return open_tables(options.create);
}

base::Result<bool> Env::Impl::open_tables(bool create) {
    int code = find_tables(false);
    const bool make = code == MDB_NOTFOUND && create;
    if (make) code = find_tables(true);
    if (code == MDB_NOTFOUND)
        return base::fail(Status::format,
                          "the file has no kith tables: check the path, or create another file");
    if (code != 0) return commit_error(code, path);
    return make;
}

// Tables are made only where there is nothing, not in another program's file; and all are opened in a
// transaction that commits, as LMDB forgets the others.
int Env::Impl::find_tables(bool make) {
    MDB_txn *begun = nullptr;
    int code = guarded([&] { return mdb_txn_begin(env, nullptr, make ? 0u : MDB_RDONLY, &begun); });
    if (code == MDB_MAP_RESIZED) {
        code = mdb_env_set_mapsize(env, 0);
        return code != 0 ? code : find_tables(make);
    }
    if (code != 0) return code;
    std::unique_ptr<MDB_txn, void (*)(MDB_txn *)> txn(begun, mdb_txn_abort);
    return guarded([&] {
        MDB_dbi main = 0;
        MDB_stat stat;
        int result = mdb_dbi_open(begun, nullptr, 0, &main);
        if (result == 0) result = mdb_stat(begun, main, &stat);
        const unsigned flags = make && result == 0 && stat.ms_entries == 0 ? MDB_CREATE : 0u;
        for (std::size_t number = 1; result == 0 && number <= kTables; ++number)
            result = mdb_dbi_open(begun, table_name(static_cast<Table>(number)), flags, &dbis[number]);
        return result != 0 ? result : mdb_txn_commit(txn.release());
    });
}

Env::Impl::~Impl() {
    if (env == nullptr || fork.forked()) return;  // in a child it is left alone: see base::os::ForkMark
    for (MDB_txn *const txn : gate.take_resting()) mdb_txn_abort(txn);
    mdb_env_close(env);
}

base::Result<void> Env::Impl::usable() const {
    if (fork.forked()) return forked_error();
    if (map_lost)
        return base::fail(Status::nomem,
                          "the map was lost: close the file in this process and open it again");
    return {};
}

// The map must not be lost on the way, so the address space is tried first.
base::Result<void> Env::Impl::grow() {
    return gate.alone(true, [this]() -> base::Result<void> {
        MDB_envinfo now;
        mdb_env_info(env, &now);
        const auto size = std::uint64_t{now.me_mapsize} * 2;
        if (!address_space_for(size)) return lmdb_error(MDB_MAP_FULL);
        const int code = mdb_env_set_mapsize(env, size);
        if (code == 0) return {};
        map_lost = true;
        return lmdb_error(code);
    });
}

base::Result<void> Env::Impl::adopt_size(bool is_writer) {
    return gate.alone(is_writer, [this]() -> base::Result<void> {
        const int code = mdb_env_set_mapsize(env, 0);
        if (code == 0) return {};
        map_lost = true;
        return lmdb_error(code);
    });
}

base::Result<Structure> Env::check_structure() {
    constexpr int kTries = 100;
    for (int i = 0;; ++i) {
        KITH_LET(pinned, snapshot());
        int descriptor = -1;
        mdb_env_get_fd(impl_->env, &descriptor);
        auto found = store::check_structure(DataFile(descriptor), mdb_txn_id(pinned->txn_));
        if (found || found.error().status != Status::busy || i == kTries) return found;
    }
}

base::Result<Structure> Env::check_file(const std::string &path) {
    KITH_LET(resolved, resolve(path));
    std::shared_ptr<Env> env;
    {
        std::unique_lock lock(registry().mutex);
        KITH_LET(id, identify(resolved));
        env = registry().find(id, lock);
        if (env == nullptr) {
            KITH_LET(file, FileLock::open(resolved));
            auto found = store::check_structure(DataFile(resolved), file.take_alone() ? kManyTries : 1);
            if (found || found.error().status != Status::busy) return found;
        }
    }
    if (env == nullptr) {
        Options reading;
        reading.read_only = true;
        KITH_LET(opened, open(resolved, reading));
        env = std::move(opened);
    }
    return env->check_structure();
}

base::Result<EnvInfo> Env::info() const {
    KITH_TRY(impl_->usable());
    MDB_envinfo env;
    struct stat file;
    const int code = impl_->gate.standing([&] {
        int descriptor = -1;
        mdb_env_info(impl_->env, &env);
        mdb_env_get_fd(impl_->env, &descriptor);
        return ::fstat(descriptor, &file) == 0 ? 0 : errno;
    });
    if (code != 0) return lmdb_error(code);
    return EnvInfo{static_cast<std::uint64_t>(file.st_size), env.me_mapsize, env.me_numreaders,
                   env.me_last_txnid};
}

const std::string &Env::path() const { return impl_->path; }

const char *lmdb_version() { return mdb_version(nullptr, nullptr, nullptr); }

}  // namespace kith::store
