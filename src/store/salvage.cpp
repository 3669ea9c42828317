#include "store/salvage.hpp"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <map>

#include "store/env_impl.hpp"
#include "store/pages.hpp"
#include "store/value.hpp"

namespace kith::store {

using base::Bytes;
using base::Status;

namespace {

constexpr std::size_t kValueMax = 16 << 20;  // no row of kith is larger
constexpr std::uint64_t kPagesPerTick = 256;

// Written once and never erased: an old copy is as good as the row.
bool is_written_once(Table table) {
    switch (table) {
        case Table::meta:
        case Table::origins:
        case Table::names:
        case Table::occurrences:
        case Table::feed:
        case Table::definitions:
        case Table::facts:
        case Table::scores:
        case Table::links:
            return true;
        default:
            return false;
    }
}

class Salvage {
public:
    Salvage(FileLock file, Draft &to, SalvageJudge &judge, const Progress &progress)
        : lock_(std::move(file)), file_(lock_.descriptor()), to_(to), judge_(judge), progress_(progress) {}
    base::Result<Salvaged> run();

private:
    using Page = std::vector<std::byte>;
    // Of a leaf: key and value. Of a branch: the child is in `page`.
    struct Entry {
        Bytes key, value;
        std::uint64_t page = kNoPage;
        std::uint16_t flags = 0;
        bool whole = false;  // its value could be read
    };
    using Take = std::function<base::Result<bool>(const Entry &)>;  // whether it was of use

    bool read(std::uint64_t number, Page &out) const;
    bool entry_at(const Page &page, std::size_t index, bool leaf, Entry &out, Page &value) const;
    static std::size_t entries_of(const Page &page);
    std::optional<MetaPage> meta_at(std::uint64_t offset);
    base::Result<void> follow(std::uint64_t number, int depth, const Take &take);
    base::Result<void> walk(const MetaPage &meta);
    base::Result<void> walk_table(Table table, const Tree &tree);
    void read_free_list(const MetaPage &meta);
    base::Result<void> search();
    base::Result<void> consider(const Reader &found, const Entry &entry, bool old);

    const FileLock lock_;
    const DataFile file_;
    Draft &to_;
    SalvageJudge &judge_;
    const Progress &progress_;
    std::uint64_t page_size_ = 0, pages_ = 0, last_page_ = 0, visits_ = 0;
    std::vector<bool> reached_, free_;
    std::array<bool, kTables + 1> damaged_{};
    bool broken_ = false;  // the tree being followed
    std::map<std::pair<Table, std::string>, std::string> candidates_;
    std::optional<Table> last_table_;
    Salvaged result_;
};

bool Salvage::read(std::uint64_t number, Page &out) const {
    out.resize(page_size_);
    return number < pages_ && file_.read(number * page_size_, out.data(), page_size_);
}

std::size_t Salvage::entries_of(const Page &page) {
    const auto header = load<PageHeader>(page.data());
    if (header.lower < sizeof header || header.lower > page.size()) return 0;
    return (header.lower - sizeof header) / sizeof(std::uint16_t);
}

// False where it is not within its page.
bool Salvage::entry_at(const Page &page, std::size_t index, bool leaf, Entry &out, Page &value) const {
    const std::size_t offset = load<std::uint16_t>(page.data() + sizeof(PageHeader) + index * 2);
    if (offset < sizeof(PageHeader) || offset + sizeof(Node) > page.size()) return false;
    const auto node = load<Node>(page.data() + offset);
    const std::size_t data = offset + sizeof node + node.key_size;
    if (data > page.size()) return false;
    const std::uint64_t size = node.value_size();
    out = {{page.data() + offset + sizeof node, node.key_size}, {}, kNoPage, node.flags, false};
    if (!leaf) {
        out.page = node.child();
        return true;
    }
    if ((node.flags & kBigValue) == 0) {
        if (data + size > page.size()) return false;
        out.value = {page.data() + data, size};
        return out.whole = true;
    }
    if (data + sizeof(std::uint64_t) > page.size()) return false;
    out.page = load<std::uint64_t>(page.data() + data);
    Page first;
    if (size > kValueMax || !read(out.page, first)) return true;
    const auto header = load<PageHeader>(first.data());
    if (header.number != out.page || header.flags != kOverflowPage ||
        sizeof header + size > header.pages * page_size_)
        return true;
    value.resize(size);
    out.whole = file_.read(out.page * page_size_ + sizeof header, value.data(), size);
    out.value = value;
    return true;
}

std::optional<MetaPage> Salvage::meta_at(std::uint64_t offset) {
    MetaPage meta;
    if (!file_.read(offset, &meta, sizeof meta) || meta.magic != kMagic ||
        (meta.header.flags & kMetaPage) == 0 || !std::has_single_bit(meta.free.pad) || meta.free.pad < 512 ||
        meta.free.pad > 65536)
        return std::nullopt;
    return meta;
}

// Every entry below a page. Where one cannot be read, the tree is broken.
base::Result<void> Salvage::follow(std::uint64_t number, int depth, const Take &take) {
    Page page, value;
    if (depth > static_cast<int>(kMaxDepth) || ++visits_ > 4 * pages_ || !read(number, page)) {
        broken_ = true;
        ++result_.pages;
        return {};
    }
    const auto header = load<PageHeader>(page.data());
    const bool leaf = (header.flags & kLeafPage) != 0;
    const auto count = entries_of(page);
    if (leaf == ((header.flags & kBranchPage) != 0) || count == 0) {
        broken_ = true;
        ++result_.pages;
        return {};
    }
    bool useful = !leaf, whole = header.number == number;
    for (std::size_t i = 0; i < count; ++i) {
        Entry entry;
        if (!entry_at(page, i, leaf, entry, value)) {
            whole = false;
        } else if (leaf) {
            KITH_LET(taken, take(entry));
            useful = useful || taken;
            whole = whole && taken;
            if (taken && entry.page < pages_)
                std::fill_n(reached_.begin() + static_cast<std::ptrdiff_t>(entry.page),
                            std::min(pages_ - entry.page, (entry.value.size() + 15) / page_size_ + 1), true);
        } else {
            KITH_TRY(follow(entry.page, depth + 1, take));
        }
    }
    // A wild pointer may lead to a page of another table, which has its own way there.
    if (useful && number < pages_) reached_[number] = true;
    if (whole) return {};
    broken_ = true;
    ++result_.pages;
    return {};
}

base::Result<void> Salvage::walk_table(Table table, const Tree &tree) {
    broken_ = false;
    std::uint64_t rows = 0;
    if (tree.root != kNoPage) {
        KITH_TRY(follow(tree.root, 0, [&](const Entry &entry) -> base::Result<bool> {
            const auto value = unseal(table, entry.key, entry.value);
            if (!entry.whole || !value) return false;
            ++rows;
            KITH_TRY(to_.add(table, entry.key, value->payload, value->schema));
            return true;
        }));
    }
    const auto number = static_cast<std::size_t>(table);
    result_.rows[number] = tree.entries;
    damaged_[number] = broken_ || rows != tree.entries;
    return {};
}

// All tables from one meta page; those that it does not lead to are damaged.
base::Result<void> Salvage::walk(const MetaPage &meta) {
    damaged_.fill(true);
    std::map<Table, Tree> trees;
    broken_ = false;
    KITH_TRY(follow(meta.main.root, 0, [&](const Entry &entry) -> base::Result<bool> {
        if ((entry.flags & kSubTree) == 0 || entry.value.size() != sizeof(Tree)) return false;
        for (int i = 1; i <= kTables; ++i) {
            const auto table = static_cast<Table>(i);
            if (base::text_of(entry.key) != table_name(table)) continue;
            trees.emplace(table, load<Tree>(entry.value.data()));
            return true;
        }
        return false;
    }));
    for (const auto &[table, tree] : trees) KITH_TRY(walk_table(table, tree));
    return {};
}

// Entries have no checksum, but must make sense.
void Salvage::read_free_list(const MetaPage &meta) {
    broken_ = false;
    if (meta.free.root != kNoPage) {
        const auto done = follow(meta.free.root, 0, [&](const Entry &entry) -> base::Result<bool> {
            const auto slots = entry.value.size() / sizeof(std::uint64_t);
            if (!entry.whole || slots == 0) return false;
            const auto count = load<std::uint64_t>(entry.value.data());
            if (count >= slots) return false;
            for (std::uint64_t i = 1; i <= count; ++i) {
                const auto page = load<std::uint64_t>(entry.value.data() + i * sizeof(std::uint64_t));
                if (page > meta.last_page) return false;
                if (page < pages_) free_[page] = true;
            }
            return true;
        });
        broken_ = broken_ || !done;
    }
    result_.uncertain = result_.uncertain || broken_;
}

base::Result<void> Salvage::consider(const Reader &found, const Entry &entry, bool old) {
    if (!entry.whole || entry.key.empty() || entry.key.size() % 8 != 0 || entry.key.size() > kMaxKeySize ||
        entry.value.size() < kHeaderSize)
        return {};
    // A page is of one table.
    const auto right = [&](Table table) {
        return load<std::uint32_t>(entry.value.data()) ==
               checksum_of(table, entry.key, entry.value.subspan(sizeof(std::uint32_t)));
    };
    if (!last_table_ || !right(*last_table_)) {
        last_table_.reset();
        for (int i = 1; i <= kTables && !last_table_; ++i)
            if (right(static_cast<Table>(i))) last_table_ = static_cast<Table>(i);
    }
    if (!last_table_) return {};
    const auto table = *last_table_;
    const auto value = unseal(table, entry.key, entry.value);
    if (!value) return {};
    const bool damaged = damaged_[static_cast<std::size_t>(table)];
    if (!damaged && !result_.uncertain) return {};
    if (!is_written_once(table)) {
        if (old) return {};
        const bool keeps_out = result_.uncertain && (!damaged || judge_.erased());
        if (keeps_out && !judge_.later(table, entry.key, value->payload)) return {};
    }
    const auto place = std::pair(table, std::string(base::text_of(entry.key)));
    if (const auto known = candidates_.find(place); known != candidates_.end()) {
        if (judge_.newer(table, entry.key, value->payload, base::bytes_of(known->second)))
            known->second = base::text_of(value->payload);
        return {};
    }
    KITH_LET(row, found.get(table, entry.key));
    if (row && !judge_.newer(table, entry.key, value->payload, row->payload)) return {};
    candidates_.emplace(place, base::text_of(value->payload));
    return {};
}

// Pages that no tree led to. Those in use first: what an old page says is then known already.
base::Result<void> Salvage::search() {
    KITH_LET(env, to_.env());
    KITH_LET(found, env->snapshot());
    judge_.learn(*found);
    Page page, value;
    for (const bool old : {false, true}) {
        for (std::uint64_t number = 2; number < pages_; ++number) {
            if (progress_ && number % kPagesPerTick == 0) progress_(number + (old ? pages_ : 0), 2 * pages_);
            const bool is_old = !result_.uncertain && (free_[number] || number > last_page_);
            if (reached_[number] || is_old != old || !read(number, page)) continue;
            const auto header = load<PageHeader>(page.data());
            if (header.number != number || header.flags != kLeafPage) continue;
            last_table_.reset();
            for (std::size_t i = 0; i < entries_of(page); ++i) {
                Entry entry;
                if (entry_at(page, i, true, entry, value)) KITH_TRY(consider(*found, entry, old));
            }
        }
    }
    return {};
}

base::Result<Salvaged> Salvage::run() {
    const auto first = meta_at(0);
    page_size_ = first ? first->free.pad : static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const auto second = meta_at(page_size_);
    if (!first && second) page_size_ = second->free.pad;
    pages_ = file_.size() / page_size_;
    if (pages_ < 3) return base::fail(Status::corrupt, "there is nothing in the file to be saved");
    reached_.resize(pages_);
    free_.resize(pages_);
    damaged_.fill(true);
    result_.uncertain = !first || !second;

    const auto *newest = !first                                ? (second ? &*second : nullptr)
                         : !second || first->txn > second->txn ? &*first
                                                               : &*second;
    if (newest != nullptr) {
        last_page_ = newest->last_page;
        KITH_TRY(walk(*newest));
        read_free_list(*newest);
    }
    if (result_.uncertain || std::ranges::any_of(damaged_.begin() + 1, damaged_.end(), std::identity())) {
        KITH_TRY(search());
        for (const auto &[place, payload] : candidates_)
            KITH_TRY(to_.add(place.first, base::bytes_of(place.second), base::bytes_of(payload)));
    }
    return result_;
}

}  // namespace

base::Result<Salvaged> salvage(const std::string &path, Draft &to, SalvageJudge &judge,
                               const Progress &progress) {
    KITH_LET(resolved, resolve(path));
    KITH_LET(file, FileLock::open(resolved));
    auto alone = alone_with(file, resolved);
    // A file that cannot be written is not written by others either, or by nobody who asks.
    if (!alone && alone.error().status != Status::permission) return alone.take_error();
    return Salvage(std::move(file), to, judge, progress).run();
}

}  // namespace kith::store
