// What a batch will write: rows put and removed, kept in memory until the whole batch is evaluated,
// then written once, table by table in key order. Later items of the batch see earlier ones through it.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "base/arena.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace kith::engine {

class Overlay {
public:
    explicit Overlay(const store::Reader &reader) : reader_(reader) {}

    // The row as this batch sees it: its own, or the file's. The payload is valid until flush().
    base::Result<std::optional<base::Bytes>> get(store::Table table, base::Bytes key) const;

    // Keys and payloads are copied; returns the payload's copy, valid until flush().
    base::Bytes put(store::Table table, base::Bytes key, base::Bytes payload);

    // A row that nothing in this batch asks for again through get().
    base::Bytes add(store::Table table, base::Bytes key, base::Bytes payload);
    void remove(store::Table table, base::Bytes key);

    // What is written from here on can be taken back: everything since, at one time. Not nested.
    void begin();
    void keep() { began_ = false; }
    void undo();

    bool empty() const { return count_ == 0; }
    base::Result<void> flush(store::Writer &writer);

private:
    struct Table {
        std::vector<store::Row> rows;
        std::vector<base::Bytes> removed;
    };
    struct Found {
        std::uint64_t hash = 0;
        std::uint32_t table = 0;
        std::uint32_t row = 0;  // index + 1; 0 is a free slot
    };

    Table &table(store::Table table) { return tables_[static_cast<std::size_t>(table)]; }
    const Found *find(store::Table table, base::Bytes key, std::uint64_t hash) const;
    void remember(store::Table table, std::uint64_t hash, std::uint32_t row);

    const store::Reader &reader_;
    base::Arena arena_{256 * 1024};
    std::array<Table, store::kTables + 1> tables_;
    std::vector<Found> found_;  // open addressing, a power of two
    std::size_t found_count_ = 0, count_ = 0;

    struct Replaced {
        std::uint32_t table, row;
        base::Bytes payload;
    };
    bool began_ = false;                                                         // and then:
    std::array<std::pair<std::size_t, std::size_t>, store::kTables + 1> sizes_;  // rows, removed
    std::size_t count_before_ = 0;
    std::vector<Replaced> replaced_;
};

}  // namespace kith::engine
