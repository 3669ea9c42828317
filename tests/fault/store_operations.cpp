// kith's calls into LMDB (the linker's --wrap sends them here), made to fail as LMDB itself may.
#include <errno.h>
#include <lmdb.h>

#include <iterator>

#include "fault/strike.hpp"

using namespace kith_test::fault;

namespace {

// 0, or the error: which of those a function may give goes by the number of the call.
template <std::size_t N>
int fails(const char *function, const int (&codes)[N]) {
    if (!strike(Kind::store_operation, function)) return 0;
    struck() = {function, codes[count() % N]};
    return struck().code;
}

}  // namespace

extern "C" {

int __real_mdb_env_open(MDB_env *, const char *, unsigned, mdb_mode_t);
int __real_mdb_env_set_mapsize(MDB_env *, size_t);
int __real_mdb_txn_begin(MDB_env *, MDB_txn *, unsigned, MDB_txn **);
int __real_mdb_txn_renew(MDB_txn *);
int __real_mdb_txn_commit(MDB_txn *);
int __real_mdb_dbi_open(MDB_txn *, const char *, unsigned, MDB_dbi *);
int __real_mdb_get(MDB_txn *, MDB_dbi, MDB_val *, MDB_val *);
int __real_mdb_put(MDB_txn *, MDB_dbi, MDB_val *, MDB_val *, unsigned);
int __real_mdb_del(MDB_txn *, MDB_dbi, MDB_val *, MDB_val *);
int __real_mdb_cursor_open(MDB_txn *, MDB_dbi, MDB_cursor **);
int __real_mdb_cursor_get(MDB_cursor *, MDB_val *, MDB_val *, MDB_cursor_op);
int __real_mdb_cursor_put(MDB_cursor *, MDB_val *, MDB_val *, unsigned);

int __wrap_mdb_env_open(MDB_env *env, const char *path, unsigned flags, mdb_mode_t mode) {
    const int code = fails("mdb_env_open", {EIO, ENOSPC, ENOMEM, EACCES, EAGAIN, EMFILE});
    return code != 0 ? code : __real_mdb_env_open(env, path, flags, mode);
}
int __wrap_mdb_env_set_mapsize(MDB_env *env, size_t size) {
    const int code = fails("mdb_env_set_mapsize", {ENOMEM});
    return code != 0 ? code : __real_mdb_env_set_mapsize(env, size);
}
int __wrap_mdb_txn_begin(MDB_env *env, MDB_txn *parent, unsigned flags, MDB_txn **out) {
    const int code = (flags & MDB_RDONLY) != 0
                         ? fails("mdb_txn_begin", {ENOMEM, MDB_MAP_RESIZED, EAGAIN, MDB_READERS_FULL})
                         : fails("mdb_txn_begin", {ENOMEM, MDB_MAP_RESIZED});
    return code != 0 ? code : __real_mdb_txn_begin(env, parent, flags, out);
}
int __wrap_mdb_txn_renew(MDB_txn *txn) {
    const int code = fails("mdb_txn_renew", {MDB_MAP_RESIZED, MDB_READERS_FULL, ENOMEM});
    return code != 0 ? code : __real_mdb_txn_renew(txn);
}
int __wrap_mdb_txn_commit(MDB_txn *txn) {
    const int code = fails("mdb_txn_commit", {EIO, ENOSPC, ENOMEM, MDB_MAP_FULL});
    if (code == 0) return __real_mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return code;
}
int __wrap_mdb_dbi_open(MDB_txn *txn, const char *name, unsigned flags, MDB_dbi *out) {
    const int code = fails("mdb_dbi_open", {ENOMEM, MDB_DBS_FULL});
    return code != 0 ? code : __real_mdb_dbi_open(txn, name, flags, out);
}
int __wrap_mdb_get(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *value) {
    const int code = fails("mdb_get", {MDB_CORRUPTED, MDB_PAGE_NOTFOUND});
    return code != 0 ? code : __real_mdb_get(txn, dbi, key, value);
}
int __wrap_mdb_put(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *value, unsigned flags) {
    const int code = fails("mdb_put", {MDB_MAP_FULL, ENOMEM, MDB_TXN_FULL, MDB_PAGE_FULL, EIO, ENOSPC});
    return code != 0 ? code : __real_mdb_put(txn, dbi, key, value, flags);
}
int __wrap_mdb_del(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *value) {
    const int code = fails("mdb_del", {ENOMEM, MDB_MAP_FULL, EIO, MDB_TXN_FULL});
    return code != 0 ? code : __real_mdb_del(txn, dbi, key, value);
}
int __wrap_mdb_cursor_open(MDB_txn *txn, MDB_dbi dbi, MDB_cursor **out) {
    const int code = fails("mdb_cursor_open", {ENOMEM});
    return code != 0 ? code : __real_mdb_cursor_open(txn, dbi, out);
}
int __wrap_mdb_cursor_get(MDB_cursor *cursor, MDB_val *key, MDB_val *value, MDB_cursor_op operation) {
    const int code = fails("mdb_cursor_get", {MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_CURSOR_FULL});
    return code != 0 ? code : __real_mdb_cursor_get(cursor, key, value, operation);
}
int __wrap_mdb_cursor_put(MDB_cursor *cursor, MDB_val *key, MDB_val *value, unsigned flags) {
    const int code = fails("mdb_cursor_put", {MDB_MAP_FULL, ENOMEM, MDB_TXN_FULL, MDB_PAGE_FULL, EIO});
    return code != 0 ? code : __real_mdb_cursor_put(cursor, key, value, flags);
}
}
