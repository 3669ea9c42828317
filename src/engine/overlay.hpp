// What a batch will write: rows put and removed, kept in memory until the whole batch is evaluated,
// then written once in key order. Later items of the batch see earlier ones through it.
#pragma once

#include <optional>
#include <unordered_map>
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

    // Keys and payloads are copied.
    void put(store::Table table, base::Bytes key, base::Bytes payload);
    void remove(store::Table table, base::Bytes key);

    // A row that nothing in this batch will ask for again.
    void add(store::Table table, base::Bytes key, base::Bytes payload);

    bool empty() const { return rows_.empty(); }

    base::Result<void> flush(store::Writer &writer);

private:
    struct Row {
        store::Table table{};
        bool removed = false;
        std::uint64_t prefix = 0;  // first eight bytes of the key: decides most comparisons
        base::Bytes key, payload;
    };
    struct Hash {
        std::size_t operator()(const std::pair<store::Table, base::Bytes> &at) const;
    };
    struct Equal {
        bool operator()(const std::pair<store::Table, base::Bytes> &a,
                        const std::pair<store::Table, base::Bytes> &b) const {
            return a.first == b.first && base::compare(a.second, b.second) == 0;
        }
    };

    Row &row_for(store::Table table, base::Bytes key);

    const store::Reader &reader_;
    base::Arena arena_{256 * 1024};
    std::vector<Row> rows_;
    std::unordered_map<std::pair<store::Table, base::Bytes>, std::uint32_t, Hash, Equal> found_;
};

}  // namespace kith::engine
