// Goal: choose the trees of a kith file by measurement: one tree clustered by party for everything
// (A), the same with the counters in a tree of their own (B), a tree per kind (C), or purchases appended to a
// tree in order of arrival, beside a narrow index by party, and one row a party for what each event moves
// (D). Method: raw LMDB, no engine. A base like CDNOW (23,570 parties, 69,659 purchases, skewed, in time
// order, ids that grow with time) is imported in durable batches of 5,000, sorted within a batch; then
// single durable commits, briefs and scans of the counters. Medians of three interleaved rounds.
// Usage: bench_layout [DIRECTORY]   (on the disk to be measured; default: here)
#include <lmdb.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace {

constexpr std::size_t kParties = 23'570, kPurchases = 69'659, kBatch = 5'000;
constexpr std::size_t kPartySize = 120, kIdentifierSize = 48, kProcessSize = 120, kInteractionSize = 104,
                      kCounterSize = 80, kIndexSize = 24;
constexpr std::uint64_t kDayUs = 86'400'000'000, kBeginUs = 852'076'800'000'000;  // 1997-01-01

enum Kind : std::size_t { party, identifier, process, interaction, counter, kKinds };

struct Layout {
    const char *name;
    std::array<std::size_t, kKinds> tree;  // by kind
    std::size_t trees;
    // Purchases go to the last tree by number, an index row by party; counters and process are one row.
    bool split = false;

    std::size_t counter_size() const { return split ? kCounterSize + kProcessSize : kCounterSize; }
};

constexpr std::array<Layout, 4> kLayouts{{
    {"A one tree for all", {0, 0, 0, 0, 0}, 1},
    {"B rows + counters", {0, 0, 0, 0, 1}, 2},
    {"C a tree per kind", {0, 1, 2, 3, 4}, 5},
    {"D facts appended", {0, 0, 2, 1, 2}, 4, true},
}};

struct Purchase {
    std::uint64_t at;
    std::uint32_t party;
};

using Key = std::string;

void check(int code, const char *what) {
    if (code == 0) return;
    std::fprintf(stderr, "%s: %s\n", what, mdb_strerror(code));
    std::exit(1);
}

double now_us() {
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                     values.end());
    return values[values.size() / 2];
}

void append_big(Key &key, std::uint64_t value) {
    std::byte bytes[8];
    kith::base::store_big64(bytes, value);
    key.append(reinterpret_cast<const char *>(bytes), 8);
}

// First purchases in the first 12 weeks, repeats over 18 months, half the customers buying once.
std::vector<Purchase> make_purchases() {
    std::mt19937_64 random(20261121);
    std::vector<Purchase> purchases;
    std::vector<std::uint64_t> first(kParties);
    for (auto &at : first) at = kBeginUs + random() % (84 * kDayUs);
    std::sort(first.begin(), first.end());
    for (std::uint32_t who = 0; who < kParties; ++who) purchases.push_back({first[who], who});
    std::vector<std::uint32_t> scrambled(kParties);
    for (std::uint32_t who = 0; who < kParties; ++who) scrambled[who] = who;
    std::shuffle(scrambled.begin(), scrambled.end(), random);
    std::uniform_real_distribution<double> unit;
    while (purchases.size() < kPurchases) {
        const double u = unit(random);
        const auto who = scrambled[static_cast<std::size_t>(u * u * u * kParties / 2)];
        purchases.push_back({first[who] + random() % (545 * kDayUs - (first[who] - kBeginUs)), who});
    }
    std::sort(purchases.begin(), purchases.end(), [](auto &a, auto &b) { return a.at < b.at; });
    return purchases;
}

struct Base {
    std::vector<Purchase> purchases = make_purchases();
    std::vector<Key> ids = std::vector<Key>(kParties);  // growing in order of first purchase, as UUIDv7

    Base() {
        std::mt19937_64 random(7);
        for (std::uint64_t who = 0; who < kParties; ++who) {
            append_big(ids[who], (who << 16) + 0x0192f0c100000000);
            append_big(ids[who], random());
        }
    }
};

// A party's rows sort as: party, counter, process, identifier, interactions in time order. In trees of
// their own the rows of which a party has one are keyed by its id alone.
Key key_of(const Layout &layout, Kind kind, const Key &id, std::uint64_t at = 0, std::uint64_t number = 0) {
    Key key = id;
    const bool shared = layout.trees < kKinds && layout.tree[kind] == 0;
    if (kind == interaction) {
        append_big(key, at ^ (std::uint64_t{1} << 63));
        append_big(key, number);
    } else if (kind == identifier) {
        append_big(key, 3);
        append_big(key, number);
    } else if (shared && kind != party) {
        append_big(key, kind == counter ? 1 : 2);
    }
    return key;
}

MDB_val val(const Key &key) { return {key.size(), const_cast<char *>(key.data())}; }

class File {
public:
    File(const Layout &layout, const std::string &path) : layout_(layout), path_(path) {
        remove();
        check(mdb_env_create(&env_), "create");
        check(mdb_env_set_maxdbs(env_, kKinds), "maxdbs");
        check(mdb_env_set_mapsize(env_, std::size_t{4} << 30), "mapsize");
        check(mdb_env_open(env_, path_.c_str(), MDB_NOSUBDIR | MDB_NOTLS | MDB_NORDAHEAD, 0644), "open");
        MDB_txn *txn = begin(0);
        for (std::size_t tree = 0; tree < layout_.trees; ++tree)
            check(mdb_dbi_open(txn, std::to_string(tree).c_str(), MDB_CREATE, &tables_[tree]), "dbi");
        check(mdb_txn_commit(txn), "commit");
    }
    ~File() {
        mdb_env_close(env_);
        remove();
    }
    File(const File &) = delete;
    File &operator=(const File &) = delete;

    MDB_txn *begin(unsigned flags) {
        MDB_txn *txn = nullptr;
        check(mdb_txn_begin(env_, nullptr, flags, &txn), "begin");
        return txn;
    }
    MDB_dbi table(Kind kind) const { return tables_[layout_.tree[kind]]; }
    MDB_dbi facts() const { return tables_[layout_.trees - 1]; }

    bool read(MDB_txn *txn, Kind kind, const Key &key, std::uint64_t *sum) {
        MDB_val k = val(key), v;
        const int code = mdb_get(txn, table(kind), &k, &v);
        if (code == MDB_NOTFOUND) return false;
        check(code, "get");
        *sum += first_word(v);
        return true;
    }

    // What one batch writes: each row once, sorted by tree and key, as an engine's overlay gives it.
    void commit(const Base &base, std::size_t from, std::size_t to) {
        MDB_txn *txn = begin(0);
        std::map<std::pair<MDB_dbi, Key>, std::size_t> rows;
        std::uint64_t sum = 0;
        for (std::size_t i = from; i < to; ++i) {
            const auto &[at, who] = base.purchases[i % kPurchases];
            const Key &id = base.ids[who];
            rows[{table(interaction), key_of(layout_, interaction, id, at, i)}] =
                layout_.split ? kIndexSize : kInteractionSize;
            if (layout_.split) {
                Key number;
                append_big(number, i);
                rows[{facts(), number}] = kInteractionSize;
            }
            const auto counters = key_of(layout_, counter, id), state = key_of(layout_, process, id);
            if (!rows.try_emplace({table(counter), counters}, layout_.counter_size()).second) continue;
            if (read(txn, counter, counters, &sum)) {
                if (!layout_.split) read(txn, process, state, &sum);
            } else {
                rows[{table(party), key_of(layout_, party, id)}] = kPartySize;
                rows[{table(identifier), key_of(layout_, identifier, id, 0, who * 0x9e3779b97f4a7c15)}] =
                    kIdentifierSize;
            }
            if (!layout_.split) rows[{table(process), state}] = kProcessSize;
        }
        std::array<std::uint64_t, 16> bytes{};
        for (const auto &[row, size] : rows) {
            bytes[0] = ++written_ + sum % 2;
            MDB_val k = val(row.second), v{size, bytes.data()};
            check(mdb_put(txn, row.first, &k, &v, 0), "put");
        }
        check(mdb_txn_commit(txn), "commit");
    }

    // Party, counter, process and the last 20 interactions, in a renewed snapshot.
    std::uint64_t brief(MDB_txn *txn, const Key &id) {
        check(mdb_txn_renew(txn), "renew");
        std::uint64_t sum = 0;
        for (const Kind kind : {party, counter, process}) {
            if (kind != process || !layout_.split) read(txn, kind, key_of(layout_, kind, id), &sum);
        }
        MDB_cursor *cursor = nullptr;
        check(mdb_cursor_open(txn, table(interaction), &cursor), "cursor");
        Key end = key_of(layout_, interaction, id, UINT64_MAX >> 1, UINT64_MAX);
        MDB_val k = val(end), v;
        int code = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
        code = mdb_cursor_get(cursor, &k, &v, code == 0 ? MDB_PREV : MDB_LAST);
        for (int left = 20; left > 0 && code == 0; --left) {
            if (k.mv_size != 32 || std::memcmp(k.mv_data, id.data(), 16) != 0 || is_identifier(k)) break;
            sum += first_word(v);
            if (layout_.split) {
                MDB_val number{8, static_cast<char *>(k.mv_data) + 24}, fact;
                check(mdb_get(txn, facts(), &number, &fact), "fact");
                sum += first_word(fact);
            }
            code = mdb_cursor_get(cursor, &k, &v, MDB_PREV);
        }
        mdb_cursor_close(cursor);
        mdb_txn_reset(txn);
        return sum;
    }

    // All counters, as RFM reads them.
    std::uint64_t scan(MDB_txn *txn) {
        check(mdb_txn_renew(txn), "renew");
        std::uint64_t sum = 0;
        MDB_cursor *cursor = nullptr;
        check(mdb_cursor_open(txn, table(counter), &cursor), "cursor");
        MDB_val k, v;
        for (int code = mdb_cursor_get(cursor, &k, &v, MDB_FIRST); code == 0;
             code = mdb_cursor_get(cursor, &k, &v, MDB_NEXT))
            if (v.mv_size == layout_.counter_size()) sum += first_word(v);
        mdb_cursor_close(cursor);
        mdb_txn_reset(txn);
        return sum;
    }

    double file_mb() const { return static_cast<double>(std::filesystem::file_size(path_)) / 1e6; }

    // Pages of the file less those that were free when `pinned` began: grows by one per page written.
    std::size_t spent_pages(MDB_txn *pinned) {
        MDB_envinfo info;
        check(mdb_env_info(env_, &info), "info");
        std::size_t free = 0;
        MDB_txn *txn = begin(MDB_RDONLY);
        MDB_cursor *cursor = nullptr;
        check(mdb_cursor_open(txn, 0, &cursor), "free list");
        MDB_val k, v;
        while (mdb_cursor_get(cursor, &k, &v, MDB_NEXT) == 0) {
            std::size_t id, count;
            std::memcpy(&id, k.mv_data, sizeof id);
            std::memcpy(&count, v.mv_data, sizeof count);
            if (id <= mdb_txn_id(pinned)) free += count;
        }
        mdb_cursor_close(cursor);
        mdb_txn_abort(txn);
        return info.me_last_pgno - free;
    }

private:
    static std::uint64_t first_word(const MDB_val &v) {
        std::uint64_t word;
        std::memcpy(&word, v.mv_data, sizeof word);
        return word;
    }
    static bool is_identifier(const MDB_val &k) {
        return static_cast<const unsigned char *>(k.mv_data)[16] == 0;
    }
    void remove() {
        ::unlink(path_.c_str());
        ::unlink((path_ + "-lock").c_str());
    }

    const Layout &layout_;
    std::string path_;
    MDB_env *env_ = nullptr;
    std::array<MDB_dbi, kKinds> tables_{};
    std::uint64_t written_ = 0;
};

struct Figures {
    std::vector<double> import_ms, commit_us, commit_kib, brief_ns, scan_ms, file_mb;
};

void measure(const Layout &layout, const Base &base, const std::string &path, Figures &out) {
    File file(layout, path);
    const double begun = now_us();
    for (std::size_t i = 0; i < kPurchases; i += kBatch)
        file.commit(base, i, std::min(i + kBatch, kPurchases));
    out.import_ms.push_back((now_us() - begun) / 1000);
    out.file_mb.push_back(file.file_mb());

    MDB_txn *reader = file.begin(MDB_RDONLY);
    mdb_txn_reset(reader);
    std::mt19937_64 random(1);
    constexpr int kBriefs = 50'000;
    std::uint64_t sum = 0;
    const double briefs = now_us();
    for (int i = 0; i < kBriefs; ++i)
        sum += file.brief(reader, base.ids[base.purchases[random() % kPurchases].party]);
    out.brief_ns.push_back((now_us() - briefs) * 1000 / kBriefs);
    std::vector<double> scans;
    for (int i = 0; i < 9; ++i) {
        const double start = now_us();
        sum += file.scan(reader);
        scans.push_back((now_us() - start) / 1000);
    }
    out.scan_ms.push_back(median(scans));
    if (sum == 1) std::printf(" ");  // keeps the sums alive

    std::vector<double> commits;
    for (int i = 0; i < 300; ++i) {
        const std::size_t row = kPurchases + random() % kPurchases;
        const double start = now_us();
        file.commit(base, row, row + 1);
        commits.push_back(now_us() - start);
    }
    out.commit_us.push_back(median(commits));

    // With a snapshot held, a page written comes from the end of the file or from pages free before it.
    check(mdb_txn_renew(reader), "renew");
    constexpr int kPinned = 200;
    const auto before = file.spent_pages(reader);
    for (int i = 0; i < kPinned; ++i) {
        const std::size_t row = 2 * kPurchases + random() % kPurchases;
        file.commit(base, row, row + 1);
    }
    const auto pages = static_cast<double>(file.spent_pages(reader) - before) / kPinned;
    out.commit_kib.push_back((pages + 1) * 4);  // and the meta page
    mdb_txn_abort(reader);
}

}  // namespace

int main(int argc, char **argv) {
    const std::string path = std::string(argc > 1 ? argv[1] : ".") + "/bench_layout.tmp";
    const Base base;
    std::array<Figures, kLayouts.size()> figures;
    for (int round = 0; round < 3; ++round)
        for (std::size_t i = 0; i < kLayouts.size(); ++i) measure(kLayouts[i], base, path, figures[i]);
    std::printf(
        "| layout | import ms | durable commit p50 us | KiB per commit | brief ns | RFM scan ms | file MB "
        "|\n");
    std::printf("|---|---|---|---|---|---|---|\n");
    for (std::size_t i = 0; i < kLayouts.size(); ++i) {
        const Figures &f = figures[i];
        std::printf("| %s | %.0f | %.0f | %.1f | %.0f | %.2f | %.1f |\n", kLayouts[i].name,
                    median(f.import_ms), median(f.commit_us), median(f.commit_kib), median(f.brief_ns),
                    median(f.scan_ms), median(f.file_mb));
    }
    return 0;
}
