// Goal: cursors walk a table in key order from any place, in snapshots and write transactions alike.
// Method: random puts and removes beside a std::map; every seek and step compared with it.
#include "scratch.hpp"

#include <map>
#include <random>

namespace kith::store {
namespace {

using base::bytes_of;
using base::Status;

class CursorTest : public Scratch {
protected:
    using Model = std::map<std::string, std::string>;

    std::string random_key() {
        std::string key(8 * (1 + random_() % 4), '\0');
        for (auto &byte : key) byte = static_cast<char>(random_() % 3);
        return key;
    }

    static void same_row(const Cursor &cursor, bool found, const Model &model,
                         Model::const_iterator expected) {
        ASSERT_EQ(found, expected != model.end());
        if (!found) return;
        ASSERT_EQ(base::text_of(cursor.key()), expected->first);
        const auto value = cursor.value();
        ASSERT_TRUE(value);
        ASSERT_EQ(base::text_of(value->payload), expected->second);
        ASSERT_EQ(reinterpret_cast<std::uintptr_t>(value->payload.data()) % 8, 0u);
    }

    void compare(const Reader &reader, const Model &model) {
        EXPECT_EQ(*reader.count(Table::rows), model.size());
        auto cursor = *reader.cursor(Table::rows);
        auto row = model.begin();
        for (bool found = *cursor.first(); found || row != model.end(); found = *cursor.next()) {
            ASSERT_NO_FATAL_FAILURE(same_row(cursor, found, model, row));
            ++row;
        }
        EXPECT_EQ(status_of(cursor.value()), Status::state);
        EXPECT_EQ(*cursor.last(), !model.empty());
        for (int i = 0; i < 50; ++i) {
            const auto key = random_key();
            const auto after = model.lower_bound(key);
            ASSERT_NO_FATAL_FAILURE(same_row(cursor, *cursor.seek(bytes_of(key)), model, after));
            const auto before = after == model.begin() ? model.end() : std::prev(after);
            const bool found = *cursor.seek_before(bytes_of(key));
            ASSERT_NO_FATAL_FAILURE(same_row(cursor, found, model, before));
            if (!found || before == model.begin()) continue;
            ASSERT_NO_FATAL_FAILURE(same_row(cursor, *cursor.previous(), model, std::prev(before)));
        }
    }

    std::mt19937_64 random_{20261121};
};

TEST_F(CursorTest, FollowsARandomHistory) {
    const auto env = must_open(path(), creating());
    Model model;
    for (int round = 0; round < 20; ++round) {
        ASSERT_TRUE(env->update([&](Writer &writer) -> base::Result<void> {
            for (auto left = random_() % 100; left > 0; --left) {
                const auto key = random_key();
                if (random_() % 3 == 0) {
                    model.erase(key);
                    KITH_TRY(writer.remove(Table::rows, bytes_of(key)));
                } else {
                    model[key] = std::string(random_() % 300, 'v');
                    KITH_TRY(writer.put(Table::rows, bytes_of(key), bytes_of(model[key])));
                }
            }
            compare(writer, model);
            return {};
        }));
        compare(**env->snapshot(), model);
    }
}

TEST_F(CursorTest, RefusesUnfitKeysAndLeavesNothingOfAFailedBody) {
    const auto env = must_open(path(), creating());
    for (const std::size_t size : {0u, 7u, 12u, 512u})
        EXPECT_EQ(status_of(put(*env, std::string(size, 'k'), "x")), Status::argument) << size;
    EXPECT_TRUE(put(*env, std::string(504, 'k'), "x"));
    EXPECT_EQ(status_of(env->update([](Writer &writer) -> base::Result<void> {
                  KITH_TRY(writer.put(Table::rows, bytes_of(key_of(1)), {}));
                  return base::fail(Status::rule, "no");
              })),
              Status::rule);
    EXPECT_EQ(read(**env->snapshot(), key_of(1)), "-");
}

// Rows put in one go lie as if put one by one, among older ones and beyond them.
TEST_F(CursorTest, SortedRowsAreAllThereAmongOlderOnes) {
    const auto env = must_open(path(), creating());
    for (std::uint64_t i = 0; i < 1000; i += 3) ASSERT_TRUE(put(*env, key_of(i), "old"));
    ASSERT_TRUE(env->update([](Writer &writer) -> base::Result<void> {
        std::vector<std::string> keys;
        for (std::uint64_t i = 0; i < 3000; i += 2) keys.push_back(key_of(i));
        std::vector<Row> sorted;
        for (const auto &key : keys) sorted.push_back({bytes_of(key), bytes_of("new")});
        return writer.put_sorted(Table::rows, sorted);
    }));
    const auto snapshot = *env->snapshot();
    for (std::uint64_t i = 0; i < 3000; ++i) {
        EXPECT_EQ(read(*snapshot, key_of(i)), i % 2 == 0 ? "new" : i % 3 == 0 && i < 1000 ? "old" : "-") << i;
    }
}

// Views of a transaction may be given back to it: they are copied before pages move.
TEST_F(CursorTest, ARowMayBePutFromAViewOfItself) {
    const auto env = must_open(path(), creating());
    ASSERT_TRUE(put(*env, key_of(1), std::string(200, 'a')));
    ASSERT_TRUE(env->update([](Writer &writer) -> base::Result<void> {
        for (std::uint64_t i = 2; i < 200; ++i) {
            KITH_LET(value, writer.get(Table::rows, bytes_of(key_of(1))));
            KITH_TRY(writer.put(Table::rows, bytes_of(key_of(i)), value->payload));
        }
        auto cursor = *writer.cursor(Table::rows);
        KITH_TRY(cursor.first());
        return writer.remove(Table::rows, cursor.key());
    }));
    EXPECT_EQ(read(**env->snapshot(), key_of(1)), "-");
    EXPECT_EQ(read(**env->snapshot(), key_of(199)), std::string(200, 'a'));
}

}  // namespace
}  // namespace kith::store
