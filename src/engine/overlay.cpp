#include "engine/overlay.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace kith::engine {

using store::Table;

std::size_t Overlay::Hash::operator()(const std::pair<Table, base::Bytes> &at) const {
    return base::hash64(at.second) + static_cast<std::size_t>(at.first);
}

base::Result<std::optional<base::Bytes>> Overlay::get(Table table, base::Bytes key) const {
    if (const auto it = found_.find({table, key}); it != found_.end()) {
        const auto &row = rows_[it->second];
        return row.removed ? std::optional<base::Bytes>() : std::optional(row.payload);
    }
    KITH_LET(stored, reader_.get(table, key));
    return stored ? std::optional(stored->payload) : std::nullopt;
}

Overlay::Row &Overlay::row_for(Table table, base::Bytes key) {
    if (const auto it = found_.find({table, key}); it != found_.end()) return rows_[it->second];
    const auto kept = arena_.copy(key);
    found_.emplace(std::pair(table, kept), static_cast<std::uint32_t>(rows_.size()));
    return rows_.emplace_back(Row{table, false, base::load_big64(kept.data()), kept, {}});
}

void Overlay::put(Table table, base::Bytes key, base::Bytes payload) {
    auto &row = row_for(table, key);
    row.removed = false;
    row.payload = arena_.copy(payload);
}

void Overlay::remove(Table table, base::Bytes key) {
    auto &row = row_for(table, key);
    row.removed = true;
    row.payload = {};
}

void Overlay::add(Table table, base::Bytes key, base::Bytes payload) {
    const auto kept = arena_.copy(key);
    rows_.push_back({table, false, base::load_big64(kept.data()), kept, arena_.copy(payload)});
}

base::Result<void> Overlay::flush(store::Writer &writer) {
    // Table by table, in key order: neighbours are written while their page is at hand.
    std::sort(rows_.begin(), rows_.end(), [](const Row &a, const Row &b) {
        if (a.table != b.table) return a.table < b.table;
        if (a.prefix != b.prefix) return a.prefix < b.prefix;
        return base::compare(a.key, b.key) < 0;
    });
    for (const auto &row : rows_) {
        if (row.removed) {
            KITH_TRY(writer.remove(row.table, row.key));
        } else if (row.table == Table::feed) {
            KITH_TRY(writer.append(row.table, row.key, row.payload));
        } else {
            KITH_TRY(writer.put(row.table, row.key, row.payload));
        }
    }
    rows_.clear();
    found_.clear();
    return {};
}

}  // namespace kith::engine
