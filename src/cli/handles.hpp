// The library's handles as values that free themselves, and strings to and fro.
#pragma once

#include <fmt/format.h>
#include <kith/kith.h>

#include <memory>
#include <string>
#include <string_view>

#include "cli/context.hpp"

namespace kith::cli {

template <auto Free>
struct Deleter {
    template <typename T>
    void operator()(T *handle) const {
        Free(handle);
    }
};

using Store = std::unique_ptr<kith_store, Deleter<kith_store_close>>;
using Snapshot = std::unique_ptr<kith_snapshot, Deleter<kith_snapshot_end>>;
using Batch = std::unique_ptr<kith_batch, Deleter<kith_batch_free>>;
using Cursor = std::unique_ptr<kith_cursor, Deleter<kith_cursor_free>>;
using Page = std::unique_ptr<kith_page, Deleter<kith_page_free>>;
using Table = std::unique_ptr<kith_table, Deleter<kith_table_free>>;
using Export = std::unique_ptr<kith_export, Deleter<kith_export_free>>;
using Expr = std::unique_ptr<kith_expr, Deleter<kith_expr_free>>;
using ExprResult = std::unique_ptr<kith_expr_result, Deleter<kith_expr_result_free>>;

inline kith_str to_str(std::string_view text) { return {text.data(), text.size()}; }

inline std::string_view view(const kith_str &text) {
    return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}

// A public struct, empty but for its size.
template <typename T>
T make() {
    T value{};
    value.struct_size = sizeof(T);
    return value;
}

inline Store open_store(const std::string &path, const kith_open_options &options) {
    kith_error error = make_error();
    kith_store *store = nullptr;
    const kith_status status = kith_store_open(path.data(), path.size(), &options, &store, &error);
    const bool anew = (options.flags & (KITH_OPEN_NEW | KITH_OPEN_CREATE)) != 0;
    if (status == KITH_E_MISSING && anew) {
        fail(kFailed, fmt::format("cannot make {}: make its folder first", path));
    }
    if (status == KITH_E_MISSING) {
        fail(kFailed, fmt::format("there is no file {}; make it with: kith init {}", path, path));
    }
    if (status == KITH_E_ARGUMENT && !anew) fail(kFailed, error.message);  // the path, no option
    check(status, error);
    return Store(store);
}

inline Store open_store(const std::string &path, std::uint32_t flags = 0) {
    kith_open_options options = make<kith_open_options>();
    options.flags = flags;
    options.snapshot_age_ms_max = UINT64_MAX;  // a pipe may be read slowly
    return open_store(path, options);
}

inline Snapshot begin_snapshot(const Store &store) {
    kith_error error = make_error();
    kith_snapshot *snapshot = nullptr;
    check(kith_snapshot_begin(store.get(), &snapshot, &error), error);
    return Snapshot(snapshot);
}

inline Batch new_batch(const Store &store) {
    kith_error error = make_error();
    kith_batch *batch = nullptr;
    check(kith_batch_new(store.get(), &batch, &error), error);
    return Batch(batch);
}

// Strings inside are borrowed until the snapshot ends.
inline kith_info read_info(const Snapshot &snapshot) {
    kith_error error = make_error();
    kith_info info = make<kith_info>();
    check(kith_store_info(snapshot.get(), &info, &error), error);
    return info;
}

inline Cursor open_cursor(const Snapshot &snapshot, const kith_query &query) {
    kith_error error = make_error();
    kith_cursor *cursor = nullptr;
    check(kith_cursor_open(snapshot.get(), &query, &cursor, &error), error);
    return Cursor(cursor);
}

// The next page, null at the end.
inline Page next_page(const Cursor &cursor, std::uint32_t items_max) {
    kith_error error = make_error();
    kith_page *page = nullptr;
    const kith_status status = kith_cursor_next(cursor.get(), items_max, &page, &error);
    if (status == KITH_END) return nullptr;
    check(status, error);
    return Page(page);
}

}  // namespace kith::cli
