// The store: one LMDB file, its tables, snapshots and write transactions. The only room that sees
// lmdb.h. It knows tables, keys and checksummed values; it knows nothing of what they mean.
//
// Value as stored = 8-byte header + payload + zero padding to a multiple of 8. Keys are given by the
// caller as multiples of 8 bytes, so LMDB keeps every payload 8-aligned. Header, little-endian:
// u32 checksum (low half of XXH3-64 over table id, key, and everything after the checksum),
// u16 schema version, u8 flags (reserved, 0), u8 number of padding bytes. Checked at every read.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

struct MDB_txn;
struct MDB_cursor;

namespace kith::store {

// The number is part of each row's checksum and of the format: append only.
enum class Table : std::uint8_t {
    meta = 1,
    origins = 2,
    names = 3,
    rows = 4,
    counters = 5,
    personal = 6,
    provenance = 7,
    claims = 8,
    host_refs = 9,
    corrected = 10,
    subjects = 11,
    states = 12,
    timers = 13,
    due_commitments = 14,
    occurrences = 15,
    feed = 16,
    definitions = 17,
    parties = 18,
    facts = 19,
    products = 20,
    actors = 21,
    campaigns = 22,
    scores = 23,
    links = 24,
    linked = 25,
    measures = 26,
    sums = 27,
    values = 28,
    references = 29,
    members = 30,
    rules = 31,
    requests = 32,
    runs = 33,
};
inline constexpr int kTables = 33;
const char *table_name(Table table);

struct Value {
    base::Bytes payload;  // 8-aligned, without header and padding
    std::uint16_t schema = 0;
};

// none: nothing is synced, for a file that is gone with its owner.
enum class Durability : std::uint8_t { full, relaxed, none };

// What is looked at before a file is used: its meta pages and size, which takes microseconds, or every page
// of its trees and its free list.
enum class Check : std::uint8_t { quick, full };

// What is wrong with the structure of a file, and where.
struct Finding {
    std::string place;  // a table, "tables" (the list of them), "free list", "file"
    std::uint64_t page = 0;
    std::string what;
    bool grave = true;  // the file is not to be used; else nothing of it is at risk
};
std::string describe(const Finding &finding);

struct Structure {
    std::uint64_t pages = 0;  // found to be sound
    std::uint64_t problems = 0;
    bool usable = true;             // no grave problem
    std::vector<Finding> findings;  // the first 1,000
};

struct Options {
    bool create = false;
    bool must_be_new = false;
    bool read_only = false;
    bool alone = false;  // nobody else may have it open, in this process or another
    Durability durability = Durability::full;
    Check check = Check::quick;
    std::uint64_t map_reserve_bytes = 0;  // 0: 64 GiB
    std::uint32_t busy_timeout_ms = 5000;
    std::uint64_t snapshot_age_ms_max = 60000;
};

struct EnvInfo {
    std::uint64_t file_bytes = 0;
    std::uint64_t map_bytes = 0;
    std::uint64_t readers = 0;
    std::uint64_t last_txn = 0;
};

class Env;

// Walks a table in key order. Valid until its transaction ends; in a write transaction, until the
// next put or remove. Every value reached is checksummed when read with value().
class Cursor {
public:
    Cursor(Cursor &&) noexcept;
    Cursor &operator=(Cursor &&) noexcept;
    ~Cursor();

    base::Result<bool> seek(base::Bytes key);         // to the first row not before key
    base::Result<bool> seek_before(base::Bytes key);  // to the last row before key
    base::Result<bool> first();
    base::Result<bool> last();
    base::Result<bool> next();
    base::Result<bool> previous();
    base::Bytes key() const { return key_; }
    base::Result<Value> value() const;

private:
    friend class Reader;
    Cursor(MDB_cursor *cursor, Table table, const Env *env) : cursor_(cursor), table_(table), env_(env) {}
    base::Result<bool> move(int operation);

    MDB_cursor *cursor_;
    Table table_;
    const Env *env_;
    base::Bytes key_, stored_;
};

// What can be read, from a snapshot or a write transaction.
class Reader {
public:
    base::Result<std::optional<Value>> get(Table table, base::Bytes key) const;
    base::Result<Cursor> cursor(Table table) const;
    base::Result<std::uint64_t> count(Table table) const;

protected:
    Reader() = default;
    MDB_txn *txn_ = nullptr;
    const Env *env_ = nullptr;
};

// A consistent view of the file at one commit. Any thread, one at a time. The transaction behind it
// comes from a pool and goes back to it.
class Snapshot : public Reader {
public:
    ~Snapshot();
    Snapshot(const Snapshot &) = delete;
    Snapshot &operator=(const Snapshot &) = delete;

    base::Result<void> renew();
    // Fails with Status::state when the snapshot is older than the limit or the process has forked.
    base::Result<void> check() const;
    bool is_old() const;
    // Lets the file use the snapshot's pages again. It is to be renewed before it is read.
    void end();

    // Held by whoever holds views into the file, until the snapshot is renewed or ended.
    std::shared_ptr<const void> lease() const { return lease_; }
    bool has_leases() const { return lease_.use_count() > 1; }
    std::uint64_t age_ms() const;

private:
    friend class Env;
    explicit Snapshot(std::shared_ptr<Env> env);
    std::shared_ptr<Env> owner_;
    std::chrono::steady_clock::time_point begun_;
    std::shared_ptr<const void> lease_;
};

// A row to be put. Neither part may be a view into the file: it moves as rows are put.
struct Row {
    base::Bytes key, payload;
};

// A write transaction: begun, used and ended inside Env::update, on the calling thread.
class Writer : public Reader {
public:
    base::Result<void> put(Table table, base::Bytes key, base::Bytes payload, std::uint16_t schema = 1);
    // The fast way for many: rows in ascending order of key, put with one cursor. Those beyond the
    // table's last row fill its pages to the brim.
    base::Result<void> put_sorted(Table table, std::span<const Row> rows, std::uint16_t schema = 1);
    base::Result<void> remove(Table table, base::Bytes key);  // a missing row is no error

private:
    friend class Env;
    Writer() = default;
    base::Result<void> check_key(base::Bytes key) const;
    base::Result<void> finished(int code);
};

class Env : public std::enable_shared_from_this<Env> {
public:
    // Opening a file that is open in this process gives the same Env (registry by device and inode).
    static base::Result<std::shared_ptr<Env>> open(const std::string &path, const Options &options);
    ~Env();

    base::Result<std::unique_ptr<Snapshot>> snapshot();

    // Runs `body` in a write transaction and commits it, durable on return; an error from body
    // aborts. Grows the map and runs `body` again when it is full or another process has grown it,
    // so body must depend on nothing but what it reads; waits at most busy_timeout_ms for other
    // writers of this process and for its snapshots.
    base::Result<void> update(const std::function<base::Result<void>(Writer &)> &body);

    // The structure of the file as it now is, others reading and writing meanwhile.
    base::Result<Structure> check_structure();

    // The same of a file that need not be fit to be opened.
    static base::Result<Structure> check_file(const std::string &path);

    base::Result<EnvInfo> info() const;
    const Options &options() const { return options_; }
    const std::string &path() const;           // resolved
    bool created() const { return created_; }  // this open made the file

private:
    friend class Cursor;
    friend class Draft;
    friend class Reader;
    friend class Snapshot;
    friend class Writer;
    struct Impl;
    static base::Result<std::shared_ptr<Env>> make(const std::string &path);  // of a draft
    Env(std::unique_ptr<Impl> impl, const Options &options);
    base::Result<int> attempt(const std::function<base::Result<void>(Writer &)> &body);
    std::unique_ptr<Impl> impl_;
    Options options_;
    bool created_ = false;
};

const char *lmdb_version();

}  // namespace kith::store
