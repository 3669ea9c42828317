// Point reads and cursors: the paths everything waits for.
#include <lmdb.h>

#include <utility>

#include "store/env_impl.hpp"
#include "store/lmdb_error.hpp"
#include "store/value.hpp"

namespace kith::store {

using base::Bytes;
using base::Status;

namespace {

Bytes bytes_of(const MDB_val &val) { return {static_cast<const std::byte *>(val.mv_data), val.mv_size}; }
MDB_val val_of(Bytes bytes) { return {bytes.size(), const_cast<std::byte *>(bytes.data())}; }

[[gnu::cold]] base::Error ended() {
    return base::fail(Status::state,
                      "the snapshot has ended because it could not be renewed: begin a new one");
}

}  // namespace

base::Result<std::optional<Value>> Reader::get(Table table, Bytes key) const {
    if (env_->impl_->fork.forked()) return forked_error();
    if (txn_ == nullptr) return ended();
    MDB_val k = val_of(key), v;
    const int code = guarded([&] { return mdb_get(txn_, env_->impl_->dbi(table), &k, &v); });
    if (code == MDB_NOTFOUND) return std::optional<Value>();
    if (code != 0) return lmdb_error(code);
    auto value = unseal(table, key, bytes_of(v));
    if (!value) return value.take_error();
    return std::optional<Value>(*value);
}

base::Result<Cursor> Reader::cursor(Table table) const {
    if (env_->impl_->fork.forked()) return forked_error();
    if (txn_ == nullptr) return ended();
    MDB_cursor *cursor = nullptr;
    const int code = guarded([&] { return mdb_cursor_open(txn_, env_->impl_->dbi(table), &cursor); });
    if (code != 0) return lmdb_error(code);
    return Cursor(cursor, table, env_);
}

base::Result<std::uint64_t> Reader::count(Table table) const {
    if (env_->impl_->fork.forked()) return forked_error();
    if (txn_ == nullptr) return ended();
    MDB_stat stat;
    const int code = guarded([&] { return mdb_stat(txn_, env_->impl_->dbi(table), &stat); });
    if (code != 0) return lmdb_error(code);
    return std::uint64_t{stat.ms_entries};
}

Cursor::Cursor(Cursor &&other) noexcept
    : cursor_(std::exchange(other.cursor_, nullptr)),
      table_(other.table_),
      env_(other.env_),
      key_(other.key_),
      stored_(other.stored_) {}

Cursor &Cursor::operator=(Cursor &&other) noexcept {
    std::swap(cursor_, other.cursor_);
    table_ = other.table_;
    env_ = other.env_;
    key_ = other.key_;
    stored_ = other.stored_;
    return *this;
}

Cursor::~Cursor() {
    if (cursor_ != nullptr) mdb_cursor_close(cursor_);
}

base::Result<bool> Cursor::move(int operation) {
    if (env_->impl_->fork.forked()) return forked_error();
    MDB_val k = val_of(key_), v;
    const int code =
        guarded([&] { return mdb_cursor_get(cursor_, &k, &v, static_cast<MDB_cursor_op>(operation)); });
    if (code == 0) {
        key_ = bytes_of(k);
        stored_ = bytes_of(v);
        return true;
    }
    key_ = stored_ = {};
    if (code == MDB_NOTFOUND) return false;
    return lmdb_error(code);
}

base::Result<bool> Cursor::seek(Bytes key) {
    key_ = key;
    return move(MDB_SET_RANGE);
}

base::Result<bool> Cursor::seek_before(Bytes key) {
    KITH_LET(found, seek(key));
    return move(found ? MDB_PREV : MDB_LAST);
}

base::Result<bool> Cursor::first() { return move(MDB_FIRST); }
base::Result<bool> Cursor::last() { return move(MDB_LAST); }
base::Result<bool> Cursor::next() { return move(MDB_NEXT); }
base::Result<bool> Cursor::previous() { return move(MDB_PREV); }

base::Result<Value> Cursor::value() const {
    if (stored_.data() == nullptr)
        return base::fail(Status::state, "the cursor is on no row: move it to one");
    return unseal(table_, key_, stored_);
}

}  // namespace kith::store
