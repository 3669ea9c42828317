#include "store/structure.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "store/value.hpp"

namespace kith::store {

using base::Bytes;
using base::Status;

namespace {

constexpr std::size_t kListedMax = 1000;
constexpr std::size_t kMaxLmdbKey = 511;
constexpr std::uint64_t kIdSize = sizeof(PageNumber);
constexpr const char *kFile = "file", *kFreeList = "free list", *kTableList = "tables";

bool is_kith_table(std::string_view name) {
    for (int number = 1; number <= kTables; ++number)
        if (name == table_name(static_cast<Table>(number))) return true;
    return false;
}

bool is_aligned(std::size_t size) { return size % 8 == 0 && size >= 8; }

class Walk {
public:
    Walk(const DataFile &file, const Heads &heads)
        : file_(file),
          meta_(heads.newest()),
          page_size_(heads.page_size()),
          pages_(meta_.last_page + 1),
          stored_(file.size() / page_size_) {}

    bool ends_in_free_pages();
    void check_older(const MetaPage &older);
    base::Result<Structure> run();

private:
    enum class Kind { free, main, rows, unknown };

    struct Entry {
        const std::byte *at;  // its node
        Node node;
        Bytes key() const { return {at + sizeof node, node.key_size}; }
        const std::byte *value() const { return at + sizeof node + node.key_size; }
        bool big() const { return (node.flags & kBigValue) != 0; }
    };
    struct Level {
        std::vector<std::byte> page;
        std::vector<Entry> entries;
    };

    void find(std::string what, PageNumber page = 0, bool grave = true);
    bool begin();
    void walk(Kind kind, std::string place, const Tree &told);
    void walk_page(PageNumber number, unsigned depth, Bytes low, Bytes high);
    const char *read_page(PageNumber number, unsigned depth);
    const char *check_nodes(Level &level, const PageHeader &header, bool leaf);
    const char *check_node(const Node &node, bool leaf, std::size_t index) const;
    const char *check_order(const Level &level, bool leaf, Bytes low, Bytes high) const;
    const char *check_entry(const Entry &entry);
    const char *check_run(PageNumber first, std::uint64_t size);
    const char *check_free_pages(std::uint64_t txn, Bytes list);
    const char *check_table(const Entry &entry);
    bool claim(PageNumber first, std::uint64_t count);
    int compare(Bytes a, Bytes b) const;
    PageNumber first_lost() const;
    void check_lost_pages();

    const DataFile &file_;
    const MetaPage meta_;
    const std::uint64_t page_size_, pages_, stored_;  // pages by the meta page, and in the file
    std::vector<bool> seen_, starts_;
    Level levels_[kMaxDepth + 1];
    std::vector<std::pair<std::string, Tree>> tables_;
    std::uint64_t last_free_ = 0;  // the newest transaction in the free list
    // Of the tree being walked:
    Kind kind_ = Kind::free;
    std::string place_ = kFile;
    Tree told_{}, found_{};
    Structure out_;
};

void Walk::find(std::string what, PageNumber page, bool grave) {
    ++out_.problems;
    out_.usable = out_.usable && !grave;
    if (out_.findings.size() < kListedMax) out_.findings.push_back({place_, page, std::move(what), grave});
}

// False when the file is so short that the free list cannot name all that is missing.
bool Walk::begin() {
    if (pages_ > stored_ && (pages_ - stored_) * kIdSize > stored_ * page_size_) return false;
    seen_.resize(pages_);
    walk(Kind::free, kFreeList, meta_.free);
    return true;
}

bool Walk::ends_in_free_pages() { return begin() && out_.usable && first_lost() >= pages_; }

base::Result<Structure> Walk::run() {
    file_.read_ahead();
    if (!begin()) {
        find("the file is shorter than its meta page says: it was cut off");
        return std::move(out_);
    }
    // Each commit frees the pages it replaces, under its own number; the first replaces none.
    place_ = kFile;
    if (out_.usable && meta_.txn > 1 && last_free_ != meta_.txn)
        find("the meta page and the free list are not of the same commit: one of them is damaged");
    walk(Kind::main, kTableList, meta_.main);
    std::size_t ours = 0;
    for (const auto &[name, tree] : tables_) ours += is_kith_table(name);
    if (ours == 0 && out_.usable && meta_.main.entries > 0)
        return base::fail(Status::format, "this is an LMDB file, but not a kith file: check the path");
    if (ours < kTables && meta_.main.entries > 0) find("a table is missing");
    for (const auto &[name, tree] : tables_)
        walk(is_kith_table(name) ? Kind::rows : Kind::unknown, name, tree);
    check_lost_pages();
    return std::move(out_);
}

void Walk::walk(Kind kind, std::string place, const Tree &told) {
    kind_ = kind;
    place_ = std::move(place);
    told_ = told;
    found_ = {};
    if (told.root == kNoPage) return;
    const auto before = out_.problems;
    walk_page(told.root, 1, {}, {});
    if (out_.problems != before) return;
    if (found_.branch_pages != told.branch_pages || found_.leaf_pages != told.leaf_pages ||
        found_.overflow_pages != told.overflow_pages)
        find("the tree has other pages than it should have: some are lost or foreign");
    if (found_.entries != told.entries)
        find("the tree has " + std::to_string(found_.entries) + " rows, it should have " +
             std::to_string(told.entries));
}

// All keys are from `low` on and before `high`, where they are given: what the page above says.
void Walk::walk_page(PageNumber number, unsigned depth, Bytes low, Bytes high) {
    const bool leaf = depth == told_.depth;
    auto &level = levels_[depth];
    const char *wrong =
        claim(number, 1) ? read_page(number, depth) : "the page is used twice, or is out of the file";
    if (wrong == nullptr) wrong = check_order(level, leaf, low, high);
    if (wrong != nullptr) return find(wrong, number);
    ++out_.pages;
    ++(leaf ? found_.leaf_pages : found_.branch_pages);
    const auto &entries = level.entries;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (leaf) {
            if (const char *const bad = check_entry(entries[i])) find(bad, number);
        } else {
            walk_page(entries[i].node.child(), depth + 1, i == 0 ? low : entries[i].key(),
                      i + 1 == entries.size() ? high : entries[i + 1].key());
        }
    }
    if (leaf) found_.entries += entries.size();
}

const char *Walk::read_page(PageNumber number, unsigned depth) {
    auto &level = levels_[depth];
    level.page.resize(page_size_);
    if (number >= stored_) return "the page is missing: the file was cut off";
    if (!file_.read(number * page_size_, level.page.data(), page_size_)) return "the page cannot be read";
    const auto header = load<PageHeader>(level.page.data());
    const bool leaf = depth == told_.depth;
    if (header.number != number) return "the page has the number of another";
    if (header.flags != (leaf ? kLeafPage : kBranchPage))
        return "the page is of another kind than its place asks for";
    if (header.lower <= sizeof header || header.lower % 2 != 0 || header.lower > header.upper ||
        header.upper > page_size_)
        return "the page's bounds are wrong";
    return check_nodes(level, header, leaf);
}

// Nodes fill the page from its upper bound to its end, without gap or overlap, in any order: so each ends
// where another begins, and together they are as large as that room.
const char *Walk::check_nodes(Level &level, const PageHeader &header, bool leaf) {
    constexpr const char *kOverlap = "the page's nodes overlap or leave its bounds";
    const std::size_t count = (header.lower - sizeof header) / 2;
    level.entries.resize(count);
    starts_.assign(page_size_ / 2 + 1, false);
    starts_[page_size_ / 2] = true;
    std::size_t room = 0;
    const auto size_of = [leaf](const Entry &entry) {
        const std::size_t value = !leaf ? 0 : entry.big() ? kIdSize : entry.node.value_size();
        return (sizeof(Node) + entry.node.key_size + value + 1) & ~std::size_t{1};
    };
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t offset = load<std::uint16_t>(level.page.data() + sizeof header + 2 * i);
        if (offset < header.upper || offset % 2 != 0 || offset + sizeof(Node) > page_size_ ||
            starts_[offset / 2])
            return kOverlap;
        starts_[offset / 2] = true;
        auto &entry = level.entries[i];
        entry = {level.page.data() + offset, load<Node>(level.page.data() + offset)};
        if (offset + size_of(entry) > page_size_) return kOverlap;
        room += size_of(entry);
        if (const char *const wrong = check_node(entry.node, leaf, i)) return wrong;
    }
    if (room != page_size_ - header.upper) return kOverlap;
    for (const auto &entry : level.entries)
        if (!starts_[(static_cast<std::size_t>(entry.at - level.page.data()) + size_of(entry)) / 2])
            return kOverlap;
    // While a free list is written, one of its branches may be left with one child.
    if (!leaf && count < 2 && kind_ != Kind::free) return "the page has too few entries";
    return nullptr;
}

const char *Walk::check_node(const Node &node, bool leaf, std::size_t index) const {
    constexpr const char *kKey = "a key has a size that it cannot have";
    if (node.key_size > kMaxLmdbKey) return kKey;
    if (leaf || index > 0) {  // the first key of a branch page is never looked at
        if (node.key_size == 0) return kKey;
        if (kind_ == Kind::free && node.key_size != kIdSize) return kKey;
        if (kind_ == Kind::rows && !is_aligned(node.key_size)) return kKey;
    }
    if (!leaf) return nullptr;
    const bool big = (node.flags & kBigValue) != 0;
    const std::uint64_t node_max = ((page_size_ - sizeof(PageHeader)) / 2 & ~std::uint64_t{1}) - 2;
    if (kind_ == Kind::main ? node.flags != kSubTree || node.value_size() != sizeof(Tree)
                            : (node.flags & ~kBigValue) != 0)
        return "an entry is of a kind that kith never writes";
    if ((kind_ == Kind::free || kind_ == Kind::rows) && !is_aligned(node.value_size()))
        return "a value has a size that it cannot have";
    if (!big && sizeof node + node.key_size + node.value_size() > node_max)
        return "a value stands in a page although it is too large";
    return nullptr;
}

const char *Walk::check_order(const Level &level, bool leaf, Bytes low, Bytes high) const {
    Bytes last = low;
    bool equal = true;  // the lowest key may be the bound itself
    for (std::size_t i = leaf ? 0 : 1; i < level.entries.size(); ++i) {
        const auto key = level.entries[i].key();
        if (!last.empty()) {
            const int order = compare(last, key);
            if (order > 0 || (order == 0 && !equal)) return "the page's keys are not in order";
        }
        last = key;
        equal = false;
    }
    if (!high.empty() && !last.empty() && compare(last, high) >= 0)
        return "the page's keys belong to another page";
    return nullptr;
}

int Walk::compare(Bytes a, Bytes b) const {
    if (kind_ != Kind::free) return base::compare(a, b);
    const auto x = load<std::uint64_t>(a.data()), y = load<std::uint64_t>(b.data());
    return x < y ? -1 : x > y;
}

const char *Walk::check_entry(const Entry &entry) {
    if (kind_ == Kind::main) return check_table(entry);
    const auto size = entry.node.value_size();
    const auto run = entry.big() ? load<PageNumber>(entry.value()) : kNoPage;
    if (entry.big())
        if (const char *const wrong = check_run(run, size)) return wrong;
    if (kind_ != Kind::free) return nullptr;
    const auto txn = load<std::uint64_t>(entry.key().data());
    if (!entry.big()) return check_free_pages(txn, {entry.value(), size});
    std::vector<std::byte> list(size);
    if (!file_.read(run * page_size_ + sizeof(PageHeader), list.data(), size))
        return "a free list cannot be read";
    return check_free_pages(txn, list);
}

// A large value: pages in a row, of which the first has a header. They may be more than it needs.
const char *Walk::check_run(PageNumber first, std::uint64_t size) {
    PageHeader header;
    if (first < kFirstPage || first >= std::min(pages_, stored_) ||
        !file_.read(first * page_size_, &header, sizeof header))
        return "the pages of a large value are out of the file";
    if (header.number != first || header.flags != kOverflowPage || header.pages > stored_ - first ||
        header.pages * page_size_ < size + sizeof header)
        return "the pages of a large value are damaged";
    if (!claim(first, header.pages)) return "the pages of a large value are used twice";
    found_.overflow_pages += header.pages;
    out_.pages += header.pages;
    return nullptr;
}

// A count, then page numbers, the largest first.
const char *Walk::check_free_pages(std::uint64_t txn, Bytes list) {
    constexpr const char *kDamaged = "a list of free pages is damaged";
    const auto count = load<std::uint64_t>(list.data());
    if (txn == 0 || txn > meta_.txn || count > list.size() / kIdSize - 1) return kDamaged;
    last_free_ = txn;
    PageNumber last = pages_;
    for (std::uint64_t i = 1; i <= count; ++i) {
        const auto number = load<PageNumber>(list.data() + i * kIdSize);
        if (number >= last) return kDamaged;
        if (!claim(number, 1)) return "a free page is used, or out of the file";
        last = number;
    }
    out_.pages += count;
    return nullptr;
}

const char *Walk::check_table(const Entry &entry) {
    const auto tree = load<Tree>(entry.value());
    if (tree.pad != 0 || tree.flags != 0 || !plausible(tree, meta_.last_page))
        return "the figures of a table are damaged";
    tables_.emplace_back(base::text_of(entry.key()), tree);
    return nullptr;
}

bool Walk::claim(PageNumber first, std::uint64_t count) {
    if (first < kFirstPage || first >= pages_ || count > pages_ - first) return false;
    for (auto number = first; number < first + count; ++number) {
        if (seen_[number]) return false;
        seen_[number] = true;
    }
    return true;
}

PageNumber Walk::first_lost() const {
    const auto from = static_cast<std::ptrdiff_t>(std::max(kFirstPage, std::min(stored_, pages_)));
    return static_cast<PageNumber>(std::find(seen_.begin() + from, seen_.end(), false) - seen_.begin());
}

// LMDB loses pages in rare cases (ITS#9155), which costs room and nothing else.
void Walk::check_lost_pages() {
    place_ = kFile;
    if (!out_.usable) return;
    if (first_lost() < pages_) return find("the page is missing: the file was cut off", first_lost());
    const auto lost = std::count(seen_.begin() + kFirstPage, seen_.end(), false);
    if (lost == 0) return;
    const auto first = std::find(seen_.begin() + kFirstPage, seen_.end(), false) - seen_.begin();
    find(std::to_string(lost) +
             " pages belong to nothing, this is the first: `kith compact` gives their room back",
         static_cast<PageNumber>(first), false);
}

// The older meta page leads to the state before the last commit. When it leads to a later one its number is
// wrong, and the file stands a commit back: the number was damaged, or a commit failed as it wrote that page.
void Walk::check_older(const MetaPage &older) {
    if (!plausible(older.free, stored_)) return;
    kind_ = Kind::free;
    told_ = older.free;
    auto number = told_.root;
    for (unsigned depth = 1; depth <= told_.depth; ++depth) {
        if (number < kFirstPage || read_page(number, depth) != nullptr) return;
        const auto &last = levels_[depth].entries.back();
        number = last.node.child();
        if (depth == told_.depth && load<std::uint64_t>(last.key().data()) > older.txn) {
            place_ = kFile;
            find("the last commit is not there: its meta page was damaged, or could not be written",
                 older.header.number, false);
        }
    }
}

}  // namespace

bool ends_in_free_pages(const DataFile &file, const Heads &heads) {
    return Walk(file, heads).ends_in_free_pages();
}

base::Result<Structure> check_structure(const DataFile &file, int tries) {
    Structure found;
    KITH_TRY(steadily(file, tries, [&](const Heads &heads) -> base::Result<bool> {
        Walk walk(file, heads);
        walk.check_older(heads.older());
        KITH_LET(structure, walk.run());
        found = std::move(structure);
        return found.problems == 0;
    }));
    return found;
}

base::Result<Structure> check_structure(const DataFile &file, std::uint64_t txn) {
    Heads now{};
    KITH_TRY(steadily(file, kManyTries, [&](const Heads &heads) -> base::Result<bool> {
        now = heads;
        return false;  // read twice: a meta page may be half written
    }));
    Heads then = now;
    if (now.newest().txn != txn && now.older().txn != txn)
        return base::fail(Status::busy, "the file was written meanwhile: try again");
    const MetaPage &meta = now.newest().txn == txn ? now.newest() : now.older();
    then.pages[0] = then.pages[1] = meta;
    return Walk(file, then).run();
}

base::Result<void> verdict(const Structure &structure) {
    for (const auto &finding : structure.findings)
        if (finding.grave)
            return base::fail(Status::corrupt, describe(finding) +
                                                   "; `kith verify` lists all, `kith repair FILE NEW` "
                                                   "saves what can be read");
    return {};
}

std::string describe(const Finding &finding) {
    const std::string page = finding.page == 0 ? "" : ", page " + std::to_string(finding.page);
    return finding.place + page + ": " + finding.what;
}

}  // namespace kith::store
