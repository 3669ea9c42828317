// Goal: a value comes back exactly as it was put, and never when anything of it, its key or its table
// has changed. Method: round trips of every length; every bit of a sealed value flipped; rows moved
// within a file with raw LMDB.
#include "store/value.hpp"

#include <lmdb.h>

#include <cstring>
#include <vector>

#include "scratch.hpp"

namespace kith::store {
namespace {

using base::bytes_of;
using base::Status;

std::vector<std::uint64_t> aligned_copy(base::Bytes bytes) {
    std::vector<std::uint64_t> words(bytes.size() / 8);
    std::memcpy(words.data(), bytes.data(), bytes.size());
    return words;
}

TEST(ValueTest, EveryLengthComesBackPaddedAndAligned) {
    const std::string key = key_of(7);
    for (std::size_t size = 0; size < 4200; size += size < 300 ? 1 : 97) {
        const std::string payload(size, 'x');
        const Sealed row(Table::rows, bytes_of(key), bytes_of(payload), 3);
        ASSERT_EQ(row.stored().size() % 8, 0u);
        const auto stored = aligned_copy(row.stored());
        const auto value = unseal(Table::rows, bytes_of(key), std::as_bytes(std::span(stored)));
        ASSERT_TRUE(value) << size;
        EXPECT_EQ(base::text_of(value->payload), payload);
        EXPECT_EQ(value->schema, 3);
    }
}

TEST(ValueTest, EveryFlippedBitIsSeen) {
    const std::string key = key_of(7);
    const Sealed row(Table::rows, bytes_of(key), bytes_of(std::string_view("thirteen byte")), 1);
    auto stored = aligned_copy(row.stored());
    for (std::size_t bit = 0; bit < stored.size() * 64; ++bit) {
        stored[bit / 64] ^= std::uint64_t{1} << bit % 64;
        EXPECT_EQ(status_of(unseal(Table::rows, bytes_of(key), std::as_bytes(std::span(stored)))),
                  Status::corrupt)
            << bit;
        stored[bit / 64] ^= std::uint64_t{1} << bit % 64;
    }
    const auto bytes = std::as_bytes(std::span(stored));
    EXPECT_EQ(status_of(unseal(Table::rows, bytes_of(key), bytes)), Status::ok);
    EXPECT_EQ(status_of(unseal(Table::counters, bytes_of(key), bytes)), Status::corrupt);
    EXPECT_EQ(status_of(unseal(Table::rows, bytes_of(key_of(8)), bytes)), Status::corrupt);
    EXPECT_EQ(status_of(unseal(Table::rows, bytes_of(key), bytes.first(8))), Status::corrupt);
    EXPECT_EQ(status_of(unseal(Table::rows, bytes_of(key), {})), Status::corrupt);
}

// Flags and padding that are not zero are refused even under a right checksum.
TEST(ValueTest, FlagsAndPaddingMustBeZero) {
    const std::string key = key_of(7);
    const Sealed row(Table::rows, bytes_of(key), bytes_of(std::string_view("five5")), 1);
    for (const std::size_t at : {6u, 7u, 13u, 15u}) {  // flags, padding count, first and last padding byte
        auto stored = aligned_copy(row.stored());
        auto *const bytes = reinterpret_cast<unsigned char *>(stored.data());
        bytes[at] = at == 7 ? 9 : 1;
        const auto sum = checksum_of(Table::rows, bytes_of(key), std::as_bytes(std::span(stored)).subspan(4));
        std::memcpy(bytes, &sum, sizeof sum);
        EXPECT_EQ(status_of(unseal(Table::rows, bytes_of(key), std::as_bytes(std::span(stored)))),
                  Status::corrupt)
            << at;
    }
}

class MovedRowTest : public Scratch {
protected:
    // Puts the stored bytes of one row elsewhere, past the store.
    void move(const char *from_table, const std::string &from, const char *to_table, const std::string &to) {
        MDB_env *env = nullptr;
        MDB_txn *txn = nullptr;
        MDB_dbi source = 0, target = 0;
        ASSERT_EQ(mdb_env_create(&env), 0);
        ASSERT_EQ(mdb_env_set_maxdbs(env, kTables), 0);
        ASSERT_EQ(mdb_env_open(env, path().c_str(), MDB_NOSUBDIR, 0644), 0);
        ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &txn), 0);
        ASSERT_EQ(mdb_dbi_open(txn, from_table, 0, &source), 0);
        ASSERT_EQ(mdb_dbi_open(txn, to_table, 0, &target), 0);
        MDB_val key{from.size(), const_cast<char *>(from.data())}, value;
        ASSERT_EQ(mdb_get(txn, source, &key, &value), 0);
        std::string copy(static_cast<char *>(value.mv_data), value.mv_size);
        MDB_val to_key{to.size(), const_cast<char *>(to.data())}, to_value{copy.size(), copy.data()};
        ASSERT_EQ(mdb_put(txn, target, &to_key, &to_value, 0), 0);
        ASSERT_EQ(mdb_txn_commit(txn), 0);
        mdb_env_close(env);
    }
};

TEST_F(MovedRowTest, ARowUnderAnotherKeyOrInAnotherTableIsDamage) {
    ASSERT_TRUE(put(*must_open(path(), creating()), key_of(1), "payload"));
    move("rows", key_of(1), "rows", key_of(2));
    move("rows", key_of(1), "counters", key_of(1));
    const auto env = must_open(path(), {});
    const auto snapshot = *env->snapshot();
    EXPECT_EQ(read(*snapshot, key_of(1)), "payload");
    EXPECT_EQ(read(*snapshot, key_of(2)), "!-13");
    EXPECT_EQ(read(*snapshot, key_of(1), Table::counters), "!-13");
    auto cursor = snapshot->cursor(Table::counters);
    ASSERT_TRUE(*cursor->first());
    EXPECT_EQ(status_of(cursor->value()), Status::corrupt);
}

}  // namespace
}  // namespace kith::store
