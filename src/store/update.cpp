// Writing: one writer at a time, its transaction, and the map that grows under it.
#include <lmdb.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "store/env_impl.hpp"
#include "store/lmdb_error.hpp"
#include "store/value.hpp"

namespace kith::store {

using base::Bytes;
using base::Status;

namespace {

constexpr std::uint64_t kReaderCheckEvery = 256;  // commits

using CursorGuard = std::unique_ptr<MDB_cursor, void (*)(MDB_cursor *)>;

MDB_val val_of(Bytes bytes) { return {bytes.size(), const_cast<std::byte *>(bytes.data())}; }

// Instead of mdb_put and mdb_del: the transaction knows their cursors, which lie on the stack, and after an
// assert that throws past them its abort would free them.
template <class Call>
int with_cursor(MDB_txn *txn, MDB_dbi dbi, Call call) {
    MDB_cursor *opened = nullptr;
    if (const int code = guarded([&] { return mdb_cursor_open(txn, dbi, &opened); }); code != 0) return code;
    const CursorGuard cursor(opened, mdb_cursor_close);
    return guarded([&] { return call(opened); });
}

// Gives the turn to write back: of this process, or of all.
template <class Lock>
class Turn {
public:
    explicit Turn(Lock &lock) : lock_(lock) {}
    ~Turn() { lock_.end_writing(); }
    Turn(const Turn &) = delete;
    Turn &operator=(const Turn &) = delete;

private:
    Lock &lock_;
};

}  // namespace

base::Result<void> Env::update(const std::function<base::Result<void>(Writer &)> &body) {
    KITH_TRY(impl_->usable());
    if (options_.read_only)
        return base::fail(Status::state, "the file is open read-only: open it for writing");
    KITH_TRY(impl_->gate.begin_writing());
    const Turn here(impl_->gate);
    KITH_TRY(impl_->lock.begin_writing(impl_->busy_timeout));
    const Turn everywhere(impl_->lock);
    if (impl_->write_failed)
        return base::fail(Status::io,
                          "an earlier write failed: close the file in this process and open it again");
    for (;;) {
        KITH_TRY(impl_->usable());
        KITH_LET(code, attempt(body));
        if (code == 0) break;
        if (code == MDB_MAP_FULL) {
            KITH_TRY(impl_->grow());
        } else {
            KITH_TRY(impl_->adopt_size(true));
        }
    }
    int dead = 0;
    if (++impl_->commits % kReaderCheckEvery == 0) mdb_reader_check(impl_->env, &dead);
    return {};
}

// 0 when committed, MDB_MAP_FULL or MDB_MAP_RESIZED when the map must be moved first.
base::Result<int> Env::attempt(const std::function<base::Result<void>(Writer &)> &body) {
    MDB_txn *begun = nullptr;
    int code = guarded([&] { return mdb_txn_begin(impl_->env, nullptr, 0, &begun); });
    if (code == MDB_MAP_RESIZED) return code;
    if (code != 0) return lmdb_error(code);
    std::unique_ptr<MDB_txn, void (*)(MDB_txn *)> txn(begun, mdb_txn_abort);
    Writer writer;
    writer.txn_ = begun;
    writer.env_ = this;
    impl_->map_full = false;
    auto done = body(writer);
    if (impl_->map_full) return int{MDB_MAP_FULL};
    if (!done) return done.take_error();
    code = guarded([&] {
        const int ended = mdb_txn_commit(txn.get());
        static_cast<void>(txn.release());  // freed by LMDB, unless an assert threw
        return ended;
    });
    if (code == 0 || code == MDB_MAP_FULL) return code;
    auto error = commit_error(code, impl_->path);
    // After a failed sync nobody knows what of it is on the disk; a short write is only forgotten.
    if (error.status == Status::io || error.status == Status::corrupt) impl_->write_failed = true;
    return error;
}

base::Result<void> Writer::check_key(Bytes key) const {
    if (!key.empty() && key.size() % 8 == 0 && key.size() <= kMaxKeySize) return {};
    return base::fail(Status::argument, "a key must be a multiple of 8 bytes, 8 to 504: pad or hash it");
}

base::Result<void> Writer::finished(int code) {
    if (code == 0) return {};
    if (code == MDB_MAP_FULL) env_->impl_->map_full = true;
    return lmdb_error(code);
}

base::Result<void> Writer::put(Table table, Bytes key, Bytes payload, std::uint16_t schema) {
    KITH_TRY(check_key(key));
    const Sealed row(table, key, payload, schema);
    MDB_val k = val_of(row.key()), v = val_of(row.stored());
    return finished(with_cursor(txn_, env_->impl_->dbi(table),
                                [&](MDB_cursor *cursor) { return mdb_cursor_put(cursor, &k, &v, 0); }));
}

base::Result<void> Writer::put_sorted(Table table, std::span<const Row> rows, std::uint16_t schema) {
    if (rows.empty()) return {};
    MDB_cursor *opened = nullptr;
    KITH_TRY(finished(guarded([&] { return mdb_cursor_open(txn_, env_->impl_->dbi(table), &opened); })));
    const CursorGuard cursor(opened, mdb_cursor_close);
    MDB_val k, v;
    const int code = guarded([&] { return mdb_cursor_get(opened, &k, &v, MDB_LAST); });
    if (code != 0 && code != MDB_NOTFOUND) return finished(code);
    std::vector<std::byte> last;
    if (code == 0)
        last.assign(static_cast<std::byte *>(k.mv_data), static_cast<std::byte *>(k.mv_data) + k.mv_size);
    bool beyond = last.empty();
    for (const auto &row : rows) {
        KITH_TRY(check_key(row.key));
        beyond = beyond || base::compare(row.key, last) > 0;
        const Sealed sealed(table, row.key, row.payload, schema);
        k = val_of(sealed.key());
        v = val_of(sealed.stored());
        KITH_TRY(finished(guarded([&] { return mdb_cursor_put(opened, &k, &v, beyond ? MDB_APPEND : 0u); })));
    }
    return {};
}

base::Result<void> Writer::remove(Table table, Bytes key) {
    std::array<std::byte, kMaxKeySize> copy;  // the caller's may be a view into a page about to change
    if (key.size() > copy.size()) return {};
    std::copy(key.begin(), key.end(), copy.begin());
    MDB_val k{key.size(), copy.data()}, v;
    const int code = with_cursor(txn_, env_->impl_->dbi(table), [&](MDB_cursor *cursor) {
        const int found = mdb_cursor_get(cursor, &k, &v, MDB_SET);
        return found != 0 ? found : mdb_cursor_del(cursor, 0);
    });
    return code == MDB_NOTFOUND ? base::Result<void>() : finished(code);
}

}  // namespace kith::store
