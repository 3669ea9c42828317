// Goal: the walk over a file's structure finds nothing in any file that LMDB wrote, names what is wrong and
// where in a damaged one, and holds while others write. Method: random transactions of every kind, each
// followed by a walk; one patched field at a time, for each check of its own; a walk beside a writer; all
// bytes random.
#include <algorithm>
#include <atomic>
#include <fstream>
#include <random>
#include <thread>

#include "scratch.hpp"
#include "store/geometry.hpp"
#include "store/structure.hpp"

namespace kith::store {
namespace {

using base::Status;

std::string all_of(const Structure &structure) {
    std::string out;
    for (const auto &finding : structure.findings) out += describe(finding) + "\n";
    return out;
}

class StructureTest : public Scratch {
protected:
    // A file of every shape of page: branches, leaves, large values, a free list.
    void make(std::uint64_t rows = 3000) {
        const auto env = must_open(path(), creating());
        for (int round = 0; round < 3; ++round)
            ASSERT_TRUE(env->update([&](Writer &writer) -> base::Result<void> {
                for (std::uint64_t i = 0; i < rows; ++i)
                    KITH_TRY(writer.put(Table::facts, base::bytes_of(key_of(i)),
                                        base::bytes_of(std::string(i % 100 == 0 ? 9000 : 60, 'x'))));
                for (std::uint64_t i = 0; i < 40; ++i)
                    KITH_TRY(writer.put(Table::names, base::bytes_of(key_of(i)), base::bytes_of("short")));
                return {};
            }));
        file_ = read_file();
    }

    std::string read_file() const {
        std::ifstream stream(path(), std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    void write_file() const { std::ofstream(path("bad"), std::ios::binary) << file_; }

    Structure checked() const {
        write_file();
        auto found = check_structure(DataFile(path("bad")));
        EXPECT_TRUE(found) << found.error().message;
        return found ? *found : Structure{};
    }

    template <class T>
    T at(std::uint64_t offset) const {
        return load<T>(reinterpret_cast<const std::byte *>(file_.data()) + offset);
    }
    template <class T>
    void set(std::uint64_t offset, T value) {
        std::memcpy(file_.data() + offset, &value, sizeof value);
    }
    MetaPage newest() const {
        const auto first = at<MetaPage>(0), second = at<MetaPage>(4096);
        return first.txn > second.txn ? first : second;
    }
    // Where node `index` of a page is.
    std::uint64_t node_at(PageNumber page, std::uint64_t index) const {
        return page * 4096 + at<std::uint16_t>(page * 4096 + 16 + 2 * index);
    }
    // The tree of a table, and where its record is.
    Tree tree_of(const std::string &name, std::uint64_t *where = nullptr) const {
        const auto root = newest().main.root;
        for (std::uint64_t i = 0;; ++i) {
            const auto node = node_at(root, i);
            if (file_.substr(node + 8, at<Node>(node).key_size) != name) continue;
            if (where != nullptr) *where = node + 8 + name.size();
            return at<Tree>(node + 8 + name.size());
        }
    }

    std::string file_;
};

TEST_F(StructureTest, WhatLmdbWroteIsSound) {
    const std::uint64_t seed = 11;
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    Options options = creating();
    options.map_reserve_bytes = 64 << 20;
    options.durability = Durability::relaxed;
    const auto env = must_open(path(), options);
    std::uint64_t next = 0, walked = 0;
    int shorter = 0;
    for (int round = 0; round < 80; ++round) {
        ASSERT_TRUE(env->update([&](Writer &writer) -> base::Result<void> {
            const auto table = static_cast<Table>(1 + random() % kTables);
            const auto size = [&] { return random() % 10 == 0 ? random() % 9000 : random() % 300; };
            const auto key = [&](std::uint64_t number) {
                return key_of(number) + std::string(8 * (random() % 4) * (random() % 8), 'k');
            };
            std::vector<std::string> keys;
            for (auto left = random() % 300; left > 0; --left) {
                keys.push_back(key(random() % 2000));
                KITH_TRY(
                    writer.put(table, base::bytes_of(keys.back()), base::bytes_of(std::string(size(), 'x'))));
            }
            for (const auto &old : keys)  // some again, larger or smaller, some away
                if (random() % 3 == 0) {
                    KITH_TRY(writer.remove(table, base::bytes_of(old)));
                } else if (random() % 3 == 0) {
                    KITH_TRY(
                        writer.put(table, base::bytes_of(old), base::bytes_of(std::string(size(), 'y'))));
                }
            std::vector<std::string> sorted;
            for (auto left = random() % 200; left > 0; --left) sorted.push_back(key_of(1 << 20 | ++next));
            std::vector<Row> rows;
            for (const auto &one : sorted) rows.push_back({base::bytes_of(one), base::bytes_of(one)});
            KITH_TRY(writer.put_sorted(Table::facts, rows));
            if (random() % 10 != 0) return {};
            const auto emptied = random() % 2 == 0 ? table : Table::facts;
            std::vector<std::string> gone;
            KITH_LET(cursor, writer.cursor(emptied));
            KITH_LET(found, cursor.first());
            for (bool more = found; more;) {
                gone.emplace_back(base::text_of(cursor.key()));
                KITH_LET(moved, cursor.next());
                more = moved;
            }
            for (const auto &old : gone) KITH_TRY(writer.remove(emptied, base::bytes_of(old)));
            return {};
        }));
        const auto structure = check_structure(DataFile(path()));
        ASSERT_TRUE(structure) << structure.error().message;
        ASSERT_EQ(structure->problems, 0u) << round << ": " << all_of(*structure);
        walked += structure->pages;
        shorter += (structure->pages + 2) * 4096 > std::filesystem::file_size(path());
    }
    RecordProperty("walked", static_cast<int>(walked));
    EXPECT_GT(shorter, 0) << "no file was short of free pages";
}

TEST_F(StructureTest, NamesTheDamageAndItsPlace) {
    make();
    ASSERT_EQ(checked().problems, 0u);
    const std::string sound = file_;
    std::uint64_t record = 0;
    const auto facts = tree_of("facts", &record);
    const auto names = tree_of("names");
    ASSERT_EQ(facts.depth, 2u);
    ASSERT_EQ(names.depth, 1u);
    const auto root = facts.root, leaf = at<Node>(node_at(root, 1)).child();
    const auto other = at<Node>(node_at(root, 2)).child();
    const auto meta = newest();
    const auto page_of = [](PageNumber number) { return number * 4096; };
    std::uint64_t big = 0;  // a node with a large value
    for (std::uint64_t i = 0; big == 0; ++i)
        if (at<Node>(node_at(at<Node>(node_at(root, 0)).child(), i)).flags == kBigValue)
            big = node_at(at<Node>(node_at(root, 0)).child(), i);
    const auto run = at<PageNumber>(big + 16);
    std::uint64_t free_leaf = meta.free.root;
    ASSERT_EQ(meta.free.depth, 1u);
    const auto free_node = node_at(free_leaf, 0);
    ASSERT_GT(at<std::uint64_t>(free_node + 16), 1u);

    const struct {
        const char *what;
        std::function<void()> damage;
        std::string place;
        PageNumber page;
        const char *message;
    } kCases[] = {
        {"number", [&] { set(page_of(leaf), other); }, "facts", leaf, "number of another"},
        {"kind", [&] { set(page_of(leaf) + 10, kBranchPage); }, "facts", leaf, "another kind"},
        {"dirty", [&] { set<std::uint16_t>(page_of(leaf) + 10, kLeafPage | 0x10); }, "facts", leaf,
         "another kind"},
        {"lower", [&] { set<std::uint16_t>(page_of(leaf) + 12, 5000); }, "facts", leaf, "bounds"},
        {"no entry", [&] { set<std::uint16_t>(page_of(leaf) + 12, 16); }, "facts", leaf, "bounds"},
        {"upper", [&] { set<std::uint16_t>(page_of(leaf) + 14, 4098); }, "facts", leaf, "bounds"},
        {"pointer", [&] { set<std::uint16_t>(page_of(leaf) + 16, 4094); }, "facts", leaf, "overlap"},
        {"pointer twice", [&] { set(page_of(leaf) + 16, at<std::uint16_t>(page_of(leaf) + 18)); }, "facts",
         leaf, "overlap"},
        {"key size", [&] { set<std::uint16_t>(node_at(leaf, 1) + 6, 9); }, "facts", leaf, "key has a size"},
        {"value size", [&] { set<std::uint16_t>(node_at(leaf, 1), 9); }, "facts", leaf, ""},
        {"node flags", [&] { set<std::uint16_t>(node_at(leaf, 1) + 4, 4); }, "facts", leaf, "never writes"},
        {"keys", [&] { set<std::uint8_t>(node_at(leaf, 1) + 8, 255); }, "facts", leaf, "not in order"},
        {"first key", [&] { set<std::uint64_t>(node_at(leaf, 0) + 8, 0); }, "facts", leaf, "not in order"},
        {"last key",
         [&] {
             set<std::uint8_t>(node_at(leaf, (at<std::uint16_t>(page_of(leaf) + 12) - 16) / 2 - 1) + 8, 1);
         },
         "facts", leaf, "another page"},
        {"separator", [&] { set<std::uint8_t>(node_at(root, 2) + 8, 1); }, "facts", root, "not in order"},
        {"child twice", [&] { set(node_at(root, 1), at<std::uint32_t>(node_at(root, 2))); }, "facts", other,
         "twice"},
        {"child far", [&] { set(node_at(root, 1), 0x7fffffffu); }, "facts", 0x7fffffff, "out of the file"},
        {"child free", [&] { set(node_at(root, 1), at<std::uint32_t>(free_node + 24)); }, "facts",
         at<std::uint64_t>(free_node + 24), "twice"},
        {"run number", [&] { set<PageNumber>(page_of(run), 3); }, "facts", at<Node>(node_at(root, 0)).child(),
         "large"},
        {"run length", [&] { set<std::uint32_t>(page_of(run) + 12, 1); }, "facts",
         at<Node>(node_at(root, 0)).child(), "large"},
        {"run far", [&] { set<PageNumber>(big + 16, 1 << 30); }, "facts", at<Node>(node_at(root, 0)).child(),
         "large"},
        {"row count", [&] { set(record + 32, facts.entries + 1); }, "facts", 0, "rows"},
        {"page count", [&] { set(record + 16, facts.leaf_pages + 1); }, "facts", 0, "other pages"},
        {"overflow count", [&] { set(record + 24, facts.overflow_pages - 1); }, "facts", 0, "other pages"},
        {"depth", [&] { set<std::uint16_t>(record + 6, 3); }, "facts", leaf, "another kind"},
        {"depth 1", [&] { set<std::uint16_t>(record + 6, 1); }, "tables", meta.main.root, "figures"},
        {"dupsort", [&] { set<std::uint16_t>(record + 4, 4); }, "tables", meta.main.root, "figures"},
        {"root far", [&] { set<PageNumber>(record + 40, 1 << 30); }, "tables", meta.main.root, "figures"},
        {"table name", [&] { file_[record - 1] = 'z'; }, "tables", 0, "missing"},
        {"free txn", [&] { set<std::uint64_t>(free_node + 8, meta.txn + 9); }, "free list", free_leaf, ""},
        {"free count", [&] { set<std::uint64_t>(free_node + 16, 999); }, "free list", free_leaf, "damaged"},
        {"free order", [&] { set<std::uint64_t>(free_node + 24, 2); }, "free list", free_leaf, ""},
    };
    for (const auto &one : kCases) {
        SCOPED_TRACE(one.what);
        file_ = sound;
        one.damage();
        ASSERT_NE(file_, sound);
        const auto found = checked();
        EXPECT_FALSE(found.usable);
        EXPECT_TRUE(std::any_of(found.findings.begin(), found.findings.end(), [&](const Finding &finding) {
            return finding.place == one.place && finding.page == one.page &&
                   finding.what.find(one.message) != std::string::npos;
        })) << all_of(found);
        Options full;
        full.check = Check::full;
        const auto opened = Env::open(path("bad"), full);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().status, Status::corrupt) << opened.error().message;
        EXPECT_NE(opened.error().message.find("kith repair"), std::string::npos) << opened.error().message;
    }
}

// The number of the newest meta page is damaged so that the other is taken for it: the file stands a commit
// back.
TEST_F(StructureTest, ALostCommitIsSeen) {
    make();
    const auto meta = newest();
    const auto number_at = meta.header.number * 4096 + sizeof(MetaPage) - 8;
    set(number_at, meta.txn - 2);
    const auto back = checked();
    EXPECT_TRUE(back.usable);
    EXPECT_EQ(back.problems, 1u) << all_of(back);
    EXPECT_NE(all_of(back).find("last commit is not there"), std::string::npos) << all_of(back);

    set(number_at, meta.txn);  // and the other way: the older is taken for the newest
    set((1 - meta.header.number) * 4096 + sizeof(MetaPage) - 8, meta.txn + 1);
    const auto forward = checked();
    EXPECT_FALSE(forward.usable);
    EXPECT_NE(all_of(forward).find("not of the same commit"), std::string::npos) << all_of(forward);
}

TEST_F(StructureTest, PagesThatBelongToNothingAreNoDanger) {
    make();
    const auto meta = newest();
    const auto node = node_at(meta.free.root, 0);
    const auto count = at<std::uint64_t>(node + 16);
    ASSERT_GT(count, 3u);
    set(node + 16, count - 3);
    const auto found = checked();
    EXPECT_TRUE(found.usable);
    EXPECT_NE(all_of(found).find("3 pages belong to nothing"), std::string::npos) << all_of(found);
    Options full;
    full.check = Check::full;
    EXPECT_EQ(status_of_open(path("bad"), full), Status::ok);
}

TEST_F(StructureTest, AWalkBesideAWriterFindsNothing) {
    make(500);
    Options options = creating();
    options.durability = Durability::relaxed;
    const auto env = must_open(path(), options);
    std::atomic<bool> stop = false;
    std::atomic<int> commits = 0;
    std::thread writer([&] {
        for (std::uint64_t i = 0; !stop; ++i, ++commits) {
            const std::string payload(i % 5 == 0 ? 9000 : 100, 'w');
            EXPECT_TRUE(put(*env, key_of(i * 7919 % 5000), payload, Table::facts));
        }
    });
    int walks = 0;
    const auto walk_until = [&](auto walk) {
        for (const int end = commits + 100; commits < end; ++walks) {
            const auto found = walk();
            EXPECT_TRUE(found || found.error().status == Status::busy) << found.error().message;
            EXPECT_TRUE(!found || found->problems == 0) << all_of(*found);
        }
    };
    walk_until([&] { return env->check_structure(); });
    const auto path_of = path();
    walk_until([&] { return check_structure(DataFile(path_of)); });
    for (const int end = commits + 100; commits < end; ++walks) EXPECT_TRUE(check_geometry(path_of));
    Options full = options;  // of a file that is open already
    full.check = Check::full;
    EXPECT_EQ(must_open(path_of, full), env);
    EXPECT_EQ(Env::check_file(path_of)->problems, 0u);
    stop = true;
    writer.join();
    EXPECT_GT(walks, 10);
}

}  // namespace
}  // namespace kith::store
