#include "store/pages.hpp"

#include <fcntl.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>

namespace kith::store {

using base::Status;

namespace {

constexpr std::uint64_t kMinPageSize = 4096, kMaxPageSize = 32768;  // of LMDB
constexpr std::uint64_t kMaxMap = std::uint64_t{1} << 48;           // no machine maps more

bool is_meta(const MetaPage &meta, PageNumber number) {
    return meta.header.flags == kMetaPage && meta.header.number == number && meta.magic == kMagic;
}

base::Error damaged_meta(const char *which) {
    return base::fail(Status::corrupt,
                      std::string(which) + " is damaged: run `kith repair`, or restore a backup");
}

// What the first bytes say of a file that does not begin as one of ours does.
base::Error foreign(const DataFile &file, const MetaPage &first) {
    const auto *const bytes = reinterpret_cast<const std::byte *>(&first);
    constexpr std::uint32_t kSwapped = __builtin_bswap32(kMagic);
    const auto at_16 = load<std::uint32_t>(bytes + 16), at_12 = load<std::uint32_t>(bytes + 12);
    if (at_12 == kMagic || at_12 == kSwapped)
        return base::fail(Status::format,
                          "the file was made on a 32-bit machine: export it there, and import here");
    if (at_16 == kSwapped)
        return base::fail(Status::format,
                          "the file was made on a big-endian machine: export it there, and import here");
    for (std::uint64_t size = kMinPageSize; size <= kMaxPageSize; size *= 2) {
        MetaPage second;
        if (file.read(size, &second, sizeof second) && is_meta(second, 1))
            return damaged_meta("the first meta page");
    }
    return base::fail(Status::format, "this is not a kith file: check the path");
}

// Of the newest meta page; the older one may be half of a commit that failed.
bool plausible(const MetaPage &meta, std::uint64_t page_size) {
    if (meta.last_page < 1 || meta.last_page >= kMaxMap / page_size) return false;
    const auto used = (meta.last_page + 1) * page_size;
    return meta.map_size >= used && meta.map_size < kMaxMap &&
           (meta.free.flags & ~MDB_NOSUBDIR) == kIntegerKey && meta.main.flags == 0 && meta.main.pad == 0 &&
           plausible(meta.free, meta.last_page) && plausible(meta.main, meta.last_page);
}

}  // namespace

DataFile::DataFile(const std::string &path)
    : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}

DataFile::~DataFile() {
    if (owned_ && descriptor_ >= 0) ::close(descriptor_);
}

bool DataFile::read(std::uint64_t offset, void *out, std::size_t size) const {
    return ::pread(descriptor_, out, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size);
}

std::uint64_t DataFile::size() const {
    struct stat status;
    return ::fstat(descriptor_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

void DataFile::read_ahead() const { ::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_WILLNEED); }

bool plausible(const Tree &tree, PageNumber last_page) {
    const auto pages = tree.branch_pages + tree.leaf_pages + tree.overflow_pages;
    if (tree.root == kNoPage) return tree.depth == 0 && pages == 0 && tree.entries == 0;
    return tree.root >= kFirstPage && tree.root <= last_page && tree.depth >= 1 && tree.depth <= kMaxDepth &&
           tree.branch_pages < last_page && tree.leaf_pages < last_page && tree.overflow_pages < last_page &&
           tree.leaf_pages >= 1 && tree.entries >= tree.leaf_pages &&
           (tree.branch_pages == 0) == (tree.depth == 1);
}

base::Result<Heads> read_heads(const DataFile &file) {
    Heads heads;
    auto &[first, second] = heads.pages;
    if (!file.read(0, &first, sizeof first))
        return base::fail(Status::format, "the file is too short for a kith file: check the path");
    if (!is_meta(first, 0)) return foreign(file, first);
    const auto page_size = heads.page_size();
    if (page_size < kMinPageSize || page_size > kMaxPageSize || !std::has_single_bit(page_size))
        return damaged_meta("the first meta page");
    const bool whole = file.read(page_size, &second, sizeof second);
    if (first.version != kDataVersion && (!whole || second.version != kDataVersion))
        return base::fail(Status::format,
                          "the file was made by another LMDB version: use a kith built with that");
    if (first.version != kDataVersion) return damaged_meta("the first meta page");
    if (!whole)
        return base::fail(Status::corrupt, "the file was cut off after its first page: restore a backup");
    if (!is_meta(second, 1) || second.version != kDataVersion) return damaged_meta("the second meta page");
    if (page_size > 4096 && MDB_VERSION_FULL < MDB_VERINT(0, 9, 30))
        return base::fail(Status::unsupported,
                          "the file has large pages: use a kith built with LMDB 0.9.30 or later");
    // Commits write the two in turn.
    const bool fresh = first.txn == 0 && second.txn == 0;
    if (second.free.pad != page_size || heads.newest().txn - heads.older().txn > 1 ||
        (!fresh && (first.txn % 2 != 0 || second.txn % 2 != 1)) || !plausible(heads.newest(), page_size))
        return damaged_meta("a meta page");
    return heads;
}

base::Result<void> steadily(const DataFile &file, int tries,
                            const std::function<base::Result<bool>(const Heads &)> &check) {
    for (int i = 0; i < tries; ++i) {
        auto before = read_heads(file);
        auto result = before ? check(*before) : base::Result<bool>(before.take_error());
        if (result && *result) return {};
        const auto after = read_heads(file);
        const bool same =
            before && after ? std::memcmp(&*before, &*after, sizeof(Heads)) == 0 : !before && !after && i > 0;
        if (!same) continue;
        if (!result) return result.take_error();
        return {};
    }
    return base::fail(Status::busy, "other processes write the file all the time: try again later");
}

}  // namespace kith::store
