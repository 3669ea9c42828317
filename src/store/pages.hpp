// The file as LMDB 0.9 lays it out on a 64-bit little-endian machine (mdb.c, data version 1), and reading it
// without LMDB: by pread, so that a file cut off meanwhile is an error, not a signal. Private to this room.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace kith::store {

using PageNumber = std::uint64_t;

struct PageHeader {
    PageNumber number;
    std::uint16_t pad, flags;
    union {
        struct {
            std::uint16_t lower, upper;  // of a tree page: where its free room begins and ends
        };
        std::uint32_t pages;  // of an overflow page: how many follow each other
    };
};
struct Tree {
    std::uint32_t pad;
    std::uint16_t flags, depth;
    std::uint64_t branch_pages, leaf_pages, overflow_pages, entries;
    PageNumber root;
};
struct MetaPage {
    PageHeader header;
    std::uint32_t magic, version;
    std::uint64_t address, map_size;
    Tree free, main;  // free.pad is the page size
    PageNumber last_page;
    std::uint64_t txn;
};
struct Node {  // then the key, then the value, or the number of an overflow page
    std::uint16_t low, high, flags, key_size;
    std::uint64_t value_size() const { return low | std::uint64_t{high} << 16; }
    PageNumber child() const { return value_size() | std::uint64_t{flags} << 32; }
};
static_assert(sizeof(PageHeader) == 16 && sizeof(Tree) == 48 && sizeof(MetaPage) == 152 && sizeof(Node) == 8);

inline constexpr std::uint32_t kMagic = 0xBEEFC0DE, kDataVersion = 1;
inline constexpr std::uint16_t kBranchPage = 1, kLeafPage = 2, kOverflowPage = 4, kMetaPage = 8;
inline constexpr std::uint16_t kBigValue = 1, kSubTree = 2;  // flags of a node
inline constexpr std::uint16_t kIntegerKey = 8;              // of a tree
inline constexpr PageNumber kNoPage = ~PageNumber{0};
inline constexpr PageNumber kFirstPage = 2;  // after the meta pages
inline constexpr unsigned kMaxDepth = 32;

template <class T>
T load(const std::byte *from) {
    T out;
    std::memcpy(&out, from, sizeof out);
    return out;
}

class DataFile {
public:
    explicit DataFile(const std::string &path);  // bad() when it cannot be opened, with errno
    explicit DataFile(int borrowed) : descriptor_(borrowed), owned_(false) {}
    ~DataFile();
    DataFile(const DataFile &) = delete;
    DataFile &operator=(const DataFile &) = delete;

    bool bad() const { return descriptor_ < 0; }
    bool read(std::uint64_t offset, void *out, std::size_t size) const;
    std::uint64_t size() const;  // now
    void read_ahead() const;     // all of it, as it will be read in no order that the system could guess

private:
    int descriptor_;
    bool owned_ = true;
};

// Both meta pages, checked against each other.
struct Heads {
    MetaPage pages[2];
    std::uint64_t page_size() const { return pages[0].free.pad; }
    const MetaPage &newest() const { return pages[pages[1].txn > pages[0].txn]; }
    const MetaPage &older() const { return pages[pages[1].txn <= pages[0].txn]; }
};

// Whether the figures of a tree can be true at all.
bool plausible(const Tree &tree, PageNumber last_page);

// Status::format for what is no file of LMDB on this kind of machine, Status::corrupt for a damaged one.
base::Result<Heads> read_heads(const DataFile &file);

// Runs `check` over the meta pages until it gives true, or until they were the same after it as before: while
// other processes commit, a walk may meet pages that are being written anew.
// Status::busy after so many tries.
inline constexpr int kManyTries = 100;
base::Result<void> steadily(const DataFile &file, int tries,
                            const std::function<base::Result<bool>(const Heads &)> &check);

}  // namespace kith::store
