// What a store says: its export and its feed, as lines of text. Two stores that say the same hold the same.
#pragma once

#include "capi/fixture.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace kith_test {

inline std::string read_file(const std::filesystem::path &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string golden_name(std::uint32_t format) { return "format-" + std::to_string(format); }

// Empty where a call fails; `error` then says why.
inline std::string said(kith_store *store, kith_error &error) {
    kith_snapshot *snapshot = nullptr;
    kith_export *lines = nullptr;
    std::string all;
    kith_status status = kith_snapshot_begin(store, &snapshot, &error);
    if (status == KITH_OK) status = kith_export_open(snapshot, nullptr, &lines, &error);
    kith_str piece{};
    while (status == KITH_OK) {
        status = kith_export_next(lines, &piece, &error);
        if (status == KITH_OK) all.append(piece.data, piece.size);
    }
    kith_export_free(lines);
    kith_page *page = nullptr;
    if (status == KITH_END) status = kith_feed_read(snapshot, 0, KITH_MAX_PAGE_ITEMS, &page, &error);
    if (status == KITH_OK) {
        std::size_t count = 0;
        const kith_change *const *changes = kith_page_changes(page, &count);
        for (std::size_t i = 0; i < count; ++i) {
            const kith_change &change = *changes[i];
            all += "change " + std::to_string(change.seq) + " kind " + std::to_string(change.kind) +
                   " operation " + std::to_string(change.operation) + " number " +
                   std::to_string(change.number) + " name " + text_of(change.name) + " from " +
                   text_of(change.from) + " to " + text_of(change.to) + "\n";
        }
    }
    kith_page_free(page);
    kith_snapshot_end(snapshot);
    return status == KITH_OK ? all : std::string();
}

}  // namespace kith_test
