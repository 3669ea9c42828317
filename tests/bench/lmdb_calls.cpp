#include "bench/lmdb_calls.hpp"

#include <lmdb.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string_view>

namespace kith_bench {
namespace {

enum class Call : std::uint8_t { get, move, put, remove };

struct Recorded {
    Call call{};
    unsigned argument = 0;  // of move: the operation; of put: flags
    unsigned table = 0, cursor = 0;
    std::size_t at = 0, key = 0, value = 0;  // bytes
};

struct Cursor {
    unsigned table = 0, number = 0;  // number: among the open ones of its table
};

std::map<unsigned, std::string> tables;
std::map<const MDB_cursor *, Cursor> cursors;
std::vector<Recorded> calls;
std::vector<std::size_t> ends;  // of transactions
std::string bytes;
unsigned env_flags = 0;
const MDB_txn *writing = nullptr;
bool recording = false;
Rows rows;

void record(Call call, const MDB_txn *txn, unsigned argument, Cursor cursor, const MDB_val *key,
            const MDB_val *value) {
    if (!recording || txn != writing) return;
    Recorded one{call,
                 argument,
                 cursor.table,
                 cursor.number,
                 bytes.size(),
                 key ? key->mv_size : 0,
                 value ? value->mv_size : 0};
    if (key) bytes.append(static_cast<const char *>(key->mv_data), key->mv_size);
    if (value) bytes.append(static_cast<const char *>(value->mv_data), value->mv_size);
    calls.push_back(one);
}

void must(int code) {
    if (code == 0 || code == MDB_NOTFOUND) return;
    std::fprintf(stderr, "bench_values: LMDB: %s\n", mdb_strerror(code));
    std::exit(1);
}

// A file opened by itself.
class Raw {
public:
    explicit Raw(const std::string &file) {
        must(mdb_env_create(&env_));
        must(mdb_env_set_maxdbs(env_, 64));
        must(mdb_env_set_mapsize(env_, std::size_t{16} << 30));
        must(mdb_env_open(env_, file.c_str(), env_flags, 0644));
        MDB_txn *txn = nullptr;
        must(mdb_txn_begin(env_, nullptr, 0, &txn));
        for (const auto &[number, name] : tables) must(mdb_dbi_open(txn, name.c_str(), 0, &dbis_[number]));
        must(mdb_txn_commit(txn));
    }
    ~Raw() { mdb_env_close(env_); }
    Raw(const Raw &) = delete;
    Raw &operator=(const Raw &) = delete;

    void commit(std::size_t first, std::size_t end, bool with_reads) {
        MDB_txn *txn = nullptr;
        must(mdb_txn_begin(env_, nullptr, 0, &txn));
        std::map<std::pair<unsigned, unsigned>, MDB_cursor *> open;
        const auto cursor = [&](const Recorded &one) {
            auto &found = open[{one.table, one.cursor}];
            if (!found) must(mdb_cursor_open(txn, dbis_.at(one.table), &found));
            return found;
        };
        for (auto i = first; i < end; ++i) {
            const auto &one = calls[i];
            MDB_val key{one.key, bytes.data() + one.at}, value{one.value, bytes.data() + one.at + one.key};
            switch (one.call) {
                case Call::get:
                    if (with_reads) must(mdb_get(txn, dbis_.at(one.table), &key, &value));
                    break;
                case Call::move:
                    if (with_reads)
                        must(mdb_cursor_get(cursor(one), &key, &value,
                                            static_cast<MDB_cursor_op>(one.argument)));
                    break;
                case Call::put:
                    must(mdb_cursor_put(cursor(one), &key, &value, one.argument));
                    break;
                case Call::remove:
                    must(mdb_del(txn, dbis_.at(one.table), &key, nullptr));
            }
        }
        for (const auto &[where, one] : open) mdb_cursor_close(one);
        must(mdb_txn_commit(txn));
    }

private:
    MDB_env *env_ = nullptr;
    std::map<unsigned, MDB_dbi> dbis_;
};

}  // namespace

Rows rows_so_far() { return rows; }

void begin_recording() {
    calls.clear();
    ends.clear();
    bytes.clear();
    recording = true;
}

void end_recording() { recording = false; }

std::vector<Times> repeat(const std::string &file, bool with_reads) {
    std::vector<Times> times;
    Raw raw(file);
    std::size_t first = 0;
    for (const auto end : ends) {
        times.push_back(time_of([&] { raw.commit(first, end, with_reads); }));
        first = end;
    }
    return times;
}

}  // namespace kith_bench

// ---- between kith and LMDB ----

#define KITH_BETWEEN(result, function, ...)           \
    extern "C" result __real_##function(__VA_ARGS__); \
    extern "C" result __wrap_##function(__VA_ARGS__)

using namespace kith_bench;

KITH_BETWEEN(int, mdb_env_open, MDB_env *env, const char *path, unsigned flags, mdb_mode_t mode) {
    env_flags = flags;
    return __real_mdb_env_open(env, path, flags, mode);
}
KITH_BETWEEN(int, mdb_dbi_open, MDB_txn *txn, const char *name, unsigned flags, MDB_dbi *dbi) {
    const int code = __real_mdb_dbi_open(txn, name, flags, dbi);
    if (code == 0 && name) tables[*dbi] = name;
    return code;
}
KITH_BETWEEN(int, mdb_txn_begin, MDB_env *env, MDB_txn *parent, unsigned flags, MDB_txn **txn) {
    const int code = __real_mdb_txn_begin(env, parent, flags, txn);
    if (code == 0 && !(flags & MDB_RDONLY)) writing = *txn;
    return code;
}
KITH_BETWEEN(int, mdb_txn_commit, MDB_txn *txn) {
    if (recording && txn == writing) ends.push_back(calls.size());
    return __real_mdb_txn_commit(txn);
}
KITH_BETWEEN(int, mdb_get, MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *value) {
    ++rows.read;
    record(Call::get, txn, 0, {dbi, 0}, key, nullptr);
    return __real_mdb_get(txn, dbi, key, value);
}
KITH_BETWEEN(int, mdb_cursor_open, MDB_txn *txn, MDB_dbi dbi, MDB_cursor **cursor) {
    const int code = __real_mdb_cursor_open(txn, dbi, cursor);
    if (code != 0 || !recording) return code;
    unsigned number = 0;
    for (const auto &[other, known] : cursors) number += known.table == dbi;
    cursors[*cursor] = {dbi, number};
    return code;
}
KITH_BETWEEN(void, mdb_cursor_close, MDB_cursor *cursor) {
    if (recording) cursors.erase(cursor);
    __real_mdb_cursor_close(cursor);
}
KITH_BETWEEN(int, mdb_cursor_get, MDB_cursor *cursor, MDB_val *key, MDB_val *value, MDB_cursor_op operation) {
    ++rows.read;
    const bool by_key = operation == MDB_SET_RANGE || operation == MDB_SET || operation == MDB_SET_KEY;
    if (recording)
        record(Call::move, mdb_cursor_txn(cursor), operation, cursors[cursor], by_key ? key : nullptr,
               nullptr);
    return __real_mdb_cursor_get(cursor, key, value, operation);
}
KITH_BETWEEN(int, mdb_cursor_put, MDB_cursor *cursor, MDB_val *key, MDB_val *value, unsigned flags) {
    ++rows.written;
    if (recording) record(Call::put, mdb_cursor_txn(cursor), flags, cursors[cursor], key, value);
    return __real_mdb_cursor_put(cursor, key, value, flags);
}
KITH_BETWEEN(int, mdb_cursor_del, MDB_cursor *cursor, unsigned flags) {
    MDB_val key{}, value{};
    ++rows.written;
    if (recording && __real_mdb_cursor_get(cursor, &key, &value, MDB_GET_CURRENT) == 0)
        record(Call::remove, mdb_cursor_txn(cursor), 0, cursors[cursor], &key, nullptr);
    return __real_mdb_cursor_del(cursor, flags);
}
