#include "store/draft.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <new>

#include "store/env_impl.hpp"
#include "store/geometry.hpp"
#include "store/lmdb_error.hpp"
#include "store/structure.hpp"

namespace kith::store {

using base::Bytes;
using base::Status;

namespace {

constexpr std::size_t kChunkBytes = 4 << 20;  // of rows, a transaction
constexpr std::time_t kLeftOverAge = 60;      // seconds; a draft is locked long before
constexpr std::string_view kSuffix = ".new-XXXXXX";
constexpr std::uint64_t kProgressEvery = 4096;

std::string directory_of(const std::string &path) {
    return std::filesystem::path(path).parent_path().string();
}

// Drafts of processes that were killed: those nobody has open. `all`: also the youngest, as nobody else can
// be making one. Not with std::filesystem, whose iterator ends the process when it has no memory.
void remove_left_overs(const std::string &path, bool all) {
    const auto directory = directory_of(path);
    const auto name = std::filesystem::path(path).filename().string() + ".new-";
    const std::unique_ptr<DIR, int (*)(DIR *)> entries(::opendir(directory.c_str()), ::closedir);
    const dirent *entry = nullptr;
    while (entries && (entry = ::readdir(entries.get())) != nullptr) {
        const std::string_view found = entry->d_name;
        if (found.size() != name.size() + 6 || !found.starts_with(name)) continue;
        const auto whole = directory + "/" + entry->d_name;
        struct stat status;
        if (::lstat(whole.c_str(), &status) != 0 || !S_ISREG(status.st_mode) ||
            (!all && status.st_mtime + kLeftOverAge > std::time(nullptr)))
            continue;
        if (auto lock = FileLock::open(whole); lock && lock->take_alone()) ::unlink(whole.c_str());
    }
}

int sync_directory(const std::string &directory) {
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return errno;
    const int code = ::fsync(descriptor) == 0 ? 0 : errno;
    ::close(descriptor);
    return code;
}

base::Error there_already() {
    return base::fail(Status::exists, "the file exists: open it, or choose another name");
}

}  // namespace

base::Result<std::unique_ptr<Draft>> Draft::begin(const std::string &path, Place place,
                                                  const std::string &like) {
    KITH_LET(resolved, resolve(path));
    if (place == Place::free && ::access(resolved.c_str(), F_OK) == 0) return there_already();
    KITH_TRY(check_file_system(directory_of(resolved)));
    std::unique_ptr<Draft> draft(new Draft(std::move(resolved)));
    KITH_TRY(draft->open(like));
    return draft;
}

base::Result<void> Draft::open(const std::string &like) {
    remove_left_overs(path_, false);
    temporary_ = path_ + std::string(kSuffix);
    int descriptor = ::mkostemp(temporary_.data(), O_CLOEXEC);
    if (descriptor >= 0) {
        ::close(descriptor);
        ::unlink(temporary_.c_str());  // only the name was wanted: the mode is by the umask
        descriptor = ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
                            like.empty() ? kFileMode : S_IRUSR | S_IWUSR);
    }
    if (descriptor < 0) {
        temporary_.clear();
        return lmdb_error(errno);
    }
    struct stat status;
    if (!like.empty() && ::stat(like.c_str(), &status) == 0) {
        // Who may not give it away keeps it; where the group cannot be had, its rights are not given to
        // another. The mode last: giving the file away may change that.
        static_cast<void>(::fchown(descriptor, status.st_uid, static_cast<gid_t>(-1)) == 0);
        const bool same_group = ::fchown(descriptor, static_cast<uid_t>(-1), status.st_gid) == 0;
        const mode_t mode = status.st_mode & (same_group ? 0777u : 0700u);
        static_cast<void>(::fchmod(descriptor, mode) == 0);
    }
    ::close(descriptor);
    KITH_LET(env, Env::make(temporary_));
    env_ = std::move(env);
    return {};
}

void remove_file(const std::string &path) noexcept {
    ::unlink(path.c_str());
    try {
        ::unlink((path + "-lock").c_str());
    } catch (const std::bad_alloc &) {
        return;
    }
}

Draft::~Draft() {
    env_.reset();
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

base::Result<void> Draft::add(Table table, Bytes key, Bytes payload, std::uint16_t schema) {
    if (schema != schema_ || arena_.used() > kChunkBytes) KITH_TRY(flush());
    schema_ = schema;
    rows_[static_cast<std::size_t>(table)].push_back({arena_.copy(key), arena_.copy(payload)});
    return {};
}

base::Result<void> Draft::flush() {
    const auto order = [](const Row &a, const Row &b) { return base::compare(a.key, b.key); };
    for (auto &rows : rows_) {
        if (std::adjacent_find(rows.begin(), rows.end(),
                               [&](const Row &a, const Row &b) { return order(a, b) >= 0; }) == rows.end())
            continue;
        std::stable_sort(rows.begin(), rows.end(),
                         [&](const Row &a, const Row &b) { return order(a, b) < 0; });
        // Of equal keys the last stays.
        const auto end = std::unique(rows.rbegin(), rows.rend(),
                                     [&](const Row &a, const Row &b) { return order(a, b) == 0; });
        rows.erase(rows.begin(), end.base());
    }
    KITH_TRY(env_->update([&](Writer &writer) -> base::Result<void> {
        for (std::size_t i = 1; i < rows_.size(); ++i)
            KITH_TRY(writer.put_sorted(static_cast<Table>(i), rows_[i], schema_));
        return {};
    }));
    for (auto &rows : rows_) rows.clear();
    arena_.clear();
    return {};
}

base::Result<std::shared_ptr<Env>> Draft::env() {
    KITH_TRY(flush());
    return env_;
}

base::Result<void> Draft::take_place() {
    auto lock = FileLock::open(path_);
    if (!lock && lock.error().status == Status::missing) return {};
    if (!lock) return lock.take_error();
    KITH_TRY(alone_with(*lock, path_));
    place_.emplace(std::move(*lock));
    return {};
}

// LMDB's lock file is named after the file, and tells the next to open it what the last one left. So it is
// let go while still nobody can come in: whoever opens the new file finds it free, and begins it anew.
void Draft::take_place(std::shared_ptr<Env> old) {
    place_.emplace(std::move(old->impl_->lock));
    old.reset();
}

base::Result<Draft::Size> Draft::finish() {
    KITH_TRY(flush());
    Size size;
    {
        KITH_LET(written, env_->snapshot());
        KITH_LET(rows, each_row(*written, [](Table, Bytes, const Value &) { return base::Result<void>(); }));
        size.rows = rows;
    }
    int code = mdb_env_sync(env_->impl_->env, 1);
    if (code != 0) return commit_error(code, temporary_);
    KITH_LET(info, env_->info());
    size.bytes = info.file_bytes;
    KITH_LET(structure, check_structure(DataFile(temporary_)));
    KITH_TRY(verdict(structure));
    env_.reset();
    const auto directory = directory_of(path_);  // nothing may fail for memory once it has its name
    const unsigned flags = place_ ? 0u : unsigned{RENAME_NOREPLACE};
    if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), flags) != 0)
        return errno == EEXIST ? there_already() : commit_error(errno, path_);
    temporary_.clear();
    code = sync_directory(directory);
    if (code != 0) return commit_error(code, path_);
    try {
        if (place_) remove_left_overs(path_, true);
    } catch (const std::bad_alloc &) {  // done it is all the same
    }
    return size;
}

base::Result<void> create_file(const std::string &path) {
    KITH_LET(draft, Draft::begin(path, Draft::Place::free));
    KITH_TRY(draft->finish());
    return {};
}

base::Result<std::uint64_t> each_row(const Reader &reader, const TakeRow &take) {
    std::uint64_t all = 0;
    for (int i = 1; i <= kTables; ++i) {
        const auto table = static_cast<Table>(i);
        KITH_LET(expected, reader.count(table));
        KITH_LET(cursor, reader.cursor(table));
        std::uint64_t rows = 0;
        KITH_LET(found, cursor.first());
        for (; found; ++rows) {
            KITH_LET(value, cursor.value());
            KITH_TRY(take(table, cursor.key(), value));
            KITH_LET(more, cursor.next());
            found = more;
        }
        if (rows != expected)
            return base::fail(Status::corrupt, std::string("table ") + table_name(table) +
                                                   " has lost rows: repair the file, or restore a backup");
        all += rows;
    }
    return all;
}

base::Result<void> copy_rows(const Reader &from, Draft &to, const Progress &progress) {
    std::uint64_t done = 0, all = 0;
    for (int i = 1; i <= kTables; ++i) {
        KITH_LET(rows, from.count(static_cast<Table>(i)));
        all += rows;
    }
    KITH_TRY(each_row(from, [&](Table table, Bytes key, const Value &value) {
        if (progress && done++ % kProgressEvery == 0) progress(done - 1, all);
        return to.add(table, key, value.payload, value.schema);
    }));
    if (progress) progress(all, all);
    return {};
}

}  // namespace kith::store
