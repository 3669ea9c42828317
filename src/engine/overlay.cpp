#include "engine/overlay.hpp"

#include <algorithm>
#include <utility>

#include "base/hash.hpp"

namespace kith::engine {

namespace {

constexpr std::size_t kSlotsAtFirst = 1024;

std::uint64_t hash_of(store::Table table, base::Bytes key) {
    return base::hash64(key) + static_cast<std::uint64_t>(table) * 0x9e3779b97f4a7c15u;
}

// Sorts by the first sixteen bytes of the keys, which decide most comparisons, without touching them.
void sort_rows(std::vector<store::Row> &rows) {
    const auto before = [](const store::Row &a, const store::Row &b) {
        return base::compare(a.key, b.key) < 0;
    };
    if (std::is_sorted(rows.begin(), rows.end(), before)) return;
    struct Place {
        std::uint64_t high, low;
        std::uint32_t row;
    };
    std::vector<Place> places(rows.size());
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
        const auto key = rows[i].key;
        places[i] = {base::load_big64(key.data()), key.size() >= 16 ? base::load_big64(key.data() + 8) : 0,
                     i};
    }
    std::sort(places.begin(), places.end(), [&](const Place &a, const Place &b) {
        if (a.high != b.high) return a.high < b.high;
        if (a.low != b.low) return a.low < b.low;
        return before(rows[a.row], rows[b.row]);
    });
    std::vector<store::Row> sorted;
    sorted.reserve(rows.size());
    for (const auto &place : places) sorted.push_back(rows[place.row]);
    rows.swap(sorted);
}

}  // namespace

const Overlay::Found *Overlay::find(store::Table table, base::Bytes key, std::uint64_t hash) const {
    if (found_.empty()) return nullptr;
    const auto mask = found_.size() - 1;
    for (auto slot = hash & mask;; slot = (slot + 1) & mask) {
        const auto &found = found_[slot];
        if (found.row == 0) return nullptr;
        if (found.hash != hash || found.table != static_cast<std::uint32_t>(table)) continue;
        const auto &row = tables_[found.table].rows[found.row - 1];
        if (base::compare(row.key, key) == 0) return &found;
    }
}

void Overlay::remember(store::Table table, std::uint64_t hash, std::uint32_t row) {
    if (found_count_ * 2 >= found_.size()) {
        std::vector<Found> larger(std::max(kSlotsAtFirst, found_.size() * 2));
        for (const auto &found : found_) {
            if (found.row == 0) continue;
            auto slot = found.hash & (larger.size() - 1);
            while (larger[slot].row != 0) slot = (slot + 1) & (larger.size() - 1);
            larger[slot] = found;
        }
        found_.swap(larger);
    }
    auto slot = hash & (found_.size() - 1);
    while (found_[slot].row != 0) slot = (slot + 1) & (found_.size() - 1);
    found_[slot] = {hash, static_cast<std::uint32_t>(table), row + 1};
    ++found_count_;
}

base::Result<std::optional<base::Bytes>> Overlay::get(store::Table table, base::Bytes key) const {
    if (const auto *found = find(table, key, hash_of(table, key))) {
        return std::optional(tables_[found->table].rows[found->row - 1].payload);
    }
    KITH_LET(stored, reader_.get(table, key));
    return stored ? std::optional(stored->payload) : std::nullopt;
}

base::Bytes Overlay::put(store::Table table, base::Bytes key, base::Bytes payload) {
    const auto hash = hash_of(table, key);
    if (const auto *found = find(table, key, hash)) {
        auto &row = tables_[found->table].rows[found->row - 1];
        if (began_) replaced_.push_back({found->table, found->row - 1, row.payload});
        return row.payload = arena_.copy(payload);
    }
    remember(table, hash, static_cast<std::uint32_t>(this->table(table).rows.size()));
    return add(table, key, payload);
}

base::Bytes Overlay::add(store::Table table, base::Bytes key, base::Bytes payload) {
    ++count_;
    const auto kept = arena_.copy(payload);
    this->table(table).rows.push_back({arena_.copy(key), kept});
    return kept;
}

void Overlay::remove(store::Table table, base::Bytes key) {
    ++count_;
    this->table(table).removed.push_back(arena_.copy(key));
}

void Overlay::begin() {
    began_ = true;
    for (std::size_t i = 0; i < tables_.size(); ++i)
        sizes_[i] = {tables_[i].rows.size(), tables_[i].removed.size()};
    count_before_ = count_;
    replaced_.clear();
}

void Overlay::undo() {
    began_ = false;
    for (auto one = replaced_.rbegin(); one != replaced_.rend(); ++one)
        tables_[one->table].rows[one->row].payload = one->payload;
    for (std::size_t i = 0; i < tables_.size(); ++i) {
        tables_[i].rows.resize(sizes_[i].first);
        tables_[i].removed.resize(sizes_[i].second);
    }
    count_ = count_before_;
    // What is found by its key is sought from its hash on, past others: put back one by one.
    auto found = std::exchange(found_, std::vector<Found>(found_.size()));
    found_count_ = 0;
    for (const auto &one : found) {
        if (one.row != 0 && one.row <= sizes_[one.table].first)
            remember(static_cast<store::Table>(one.table), one.hash, one.row - 1);
    }
}

base::Result<void> Overlay::flush(store::Writer &writer) {
    for (int i = 1; i <= store::kTables; ++i) {
        const auto name = static_cast<store::Table>(i);
        auto &rows = table(name);
        for (const auto key : rows.removed) KITH_TRY(writer.remove(name, key));
        sort_rows(rows.rows);
        KITH_TRY(writer.put_sorted(name, rows.rows));
        rows = {};
    }
    found_.clear();
    found_count_ = count_ = 0;
    return {};
}

}  // namespace kith::engine
