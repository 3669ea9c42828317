#include "store/geometry.hpp"

#include <fcntl.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <set>
#include <span>
#include <vector>

#include "store/lmdb_error.hpp"

namespace kith::store {

using base::Status;

namespace {

// The pages of LMDB 0.9 on a 64-bit machine (mdb.c).
struct PageHeader {
    std::uint64_t number;
    std::uint16_t pad, flags, lower, upper;
};
struct Tree {
    std::uint32_t pad;
    std::uint16_t flags, depth;
    std::uint64_t branch_pages, leaf_pages, overflow_pages, entries, root;
};
struct Meta {
    PageHeader header;
    std::uint32_t magic, version;
    std::uint64_t address, map_size;
    Tree free, main;
    std::uint64_t last_page, txn;
};
static_assert(sizeof(PageHeader) == 16 && sizeof(Tree) == 48 && sizeof(Meta) == 152);
struct Node {
    std::uint16_t low, high, flags, key_size;
};

constexpr std::uint32_t kMagic = 0xBEEFC0DE, kDataVersion = 1;
constexpr std::uint16_t kBranchPage = 1, kLeafPage = 2, kMetaPage = 8, kBigData = 1;
constexpr std::uint64_t kNoPage = ~std::uint64_t{0};
constexpr std::uint64_t kMaxDepth = 32;

class Descriptor {
public:
    explicit Descriptor(const std::string &path)
        : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    int number() const { return number_; }
    bool read(std::uint64_t offset, void *out, std::size_t size) const {
        return ::pread(number_, out, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size);
    }

private:
    int number_;
};

bool is_meta(const Meta &meta, std::uint64_t number) {
    return (meta.header.flags & kMetaPage) != 0 && meta.header.number == number && meta.magic == kMagic;
}

// A page taken and given back within one transaction is never written, so a sound file may be shorter
// than its meta page says: by pages that stand in the free list, and no others.
class FreeList {
public:
    FreeList(const Descriptor &file, std::uint64_t page_size, std::uint64_t from)
        : file_(file), page_size_(page_size), from_(from) {}
    bool read(std::uint64_t root) { return root == kNoPage || walk(root, 0); }
    std::uint64_t found() const { return pages_.size(); }  // free pages from `from` on

private:
    bool walk(std::uint64_t number, std::uint64_t depth) {
        std::vector<std::byte> page(page_size_);
        if (depth > kMaxDepth || number >= from_ || !file_.read(number * page_size_, page.data(), page_size_))
            return false;
        PageHeader header;
        std::memcpy(&header, page.data(), sizeof header);
        if (header.lower < sizeof header || header.lower > page_size_ || header.number != number)
            return false;
        for (std::size_t at = sizeof header; at + 2 <= header.lower; at += 2) {
            std::uint16_t offset;
            std::memcpy(&offset, page.data() + at, sizeof offset);
            if (offset + sizeof(Node) > page_size_ || !walk_node(page, offset, header.flags, depth))
                return false;
        }
        return true;
    }

    bool walk_node(const std::vector<std::byte> &page, std::size_t offset, std::uint16_t page_flags,
                   std::uint64_t depth) {
        Node node;
        std::memcpy(&node, page.data() + offset, sizeof node);
        const std::uint64_t size = node.low | std::uint64_t{node.high} << 16;
        if ((page_flags & kBranchPage) != 0) return walk(size | std::uint64_t{node.flags} << 32, depth + 1);
        if ((page_flags & kLeafPage) == 0) return false;
        const std::size_t data = offset + sizeof node + node.key_size;
        const bool big = (node.flags & kBigData) != 0;
        if (data + (big ? sizeof(std::uint64_t) : size) > page_size_) return false;
        if (!big) return collect({page.data() + data, size});
        std::uint64_t overflow;
        std::memcpy(&overflow, page.data() + data, sizeof overflow);
        if (overflow >= from_ || size > (from_ - overflow) * page_size_) return false;
        std::vector<std::byte> list(size);
        return file_.read(overflow * page_size_ + sizeof(PageHeader), list.data(), size) && collect(list);
    }

    bool collect(std::span<const std::byte> list) {  // a count, then page numbers
        for (std::size_t at = sizeof(std::uint64_t); at + sizeof(std::uint64_t) <= list.size(); at += 8) {
            std::uint64_t number, count;
            std::memcpy(&number, list.data() + at, sizeof number);
            std::memcpy(&count, list.data(), sizeof count);
            if (at / 8 <= count && number >= from_) pages_.insert(number);
        }
        return true;
    }

    const Descriptor &file_;
    std::uint64_t page_size_, from_;
    std::set<std::uint64_t> pages_;
};

base::Error not_kith() { return base::fail(Status::format, "this is not a kith file: check the path"); }
base::Error truncated() {
    return base::fail(Status::corrupt, "the file is shorter than it was: it was cut off, restore a backup");
}

base::Result<Meta> newest_meta(const Descriptor &file, std::uint64_t size, std::uint64_t *page_size) {
    Meta first, second;
    if (size < sizeof first || !file.read(0, &first, sizeof first) || !is_meta(first, 0)) return not_kith();
    if (first.version != kDataVersion)
        return base::fail(Status::format,
                          "the file was made by another LMDB version: use a kith built with that");
    *page_size = first.free.pad;
    if (*page_size < 512 || *page_size > 65536 || !std::has_single_bit(*page_size)) return not_kith();
    if (*page_size > 4096 && MDB_VERSION_FULL < MDB_VERINT(0, 9, 30))
        return base::fail(Status::unsupported,
                          "the file has large pages: use a kith built with LMDB 0.9.30 or later");
    if (size < 2 * *page_size || !file.read(*page_size, &second, sizeof second)) return truncated();
    if (!is_meta(second, 1) || second.version != kDataVersion || second.free.pad != *page_size)
        return base::fail(Status::corrupt, "the second meta page is damaged: restore a backup");
    return first.txn > second.txn ? first : second;
}

}  // namespace

base::Result<Geometry> check_geometry(const std::string &path) {
    const Descriptor file(path);
    struct stat status;
    if (file.number() < 0 || ::fstat(file.number(), &status) != 0) return lmdb_error(errno);
    if (!S_ISREG(status.st_mode))
        return base::fail(Status::argument, "the path is not a regular file: name a file");
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size == 0) return Geometry{};
    std::uint64_t page_size = 0;
    KITH_LET(meta, newest_meta(file, size, &page_size));
    const std::uint64_t pages = size / page_size;
    if (meta.last_page < 1 || meta.last_page >= kNoPage / page_size)
        return base::fail(Status::corrupt, "a meta page is damaged: restore a backup");
    if (pages <= meta.last_page) {
        FreeList missing(file, page_size, pages);
        if (!missing.read(meta.free.root) || missing.found() < meta.last_page + 1 - pages) return truncated();
    }
    return Geometry{page_size, (meta.last_page + 1) * page_size, meta.map_size};
}

base::Result<void> check_file_system(const std::string &directory) {
    constexpr unsigned kRemote[] = {0x6969 /* NFS */,      0x517B /* SMB */,     0xFF534D42 /* CIFS */,
                                    0xFE534D42 /* SMB2 */, 0x01021997 /* 9P */,  0x65735546 /* FUSE */,
                                    0x00C36400 /* Ceph */, 0x5346414F /* AFS */, 0x73757245 /* Coda */};
    struct statfs status;
    if (::statfs(directory.c_str(), &status) != 0) return lmdb_error(errno);
    for (const unsigned kind : kRemote)
        if (static_cast<unsigned>(status.f_type) == kind)
            return base::fail(
                Status::unsupported,
                "the file is on a network or FUSE file system, where locks and maps are not safe: "
                "put it on a local disk");
    return {};
}

}  // namespace kith::store
