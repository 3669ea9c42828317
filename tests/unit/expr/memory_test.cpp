// Goal: lists and maps grow right and stay within their memory. Method: random building against the standard
// containers, and every bound from nothing up until the building succeeds.
#include "expr/memory.hpp"

#include "calling.hpp"

#include <random>

#include <gtest/gtest.h>

namespace kith::expr {
namespace {

TEST(ListBuilder, KeepsWhatWasAdded) {
    for (const std::uint32_t count : {0U, 1U, 7U, 8U, 9U, 1000U}) {
        for (const std::uint32_t reserved : {0U, 3U, 8U, 1000U}) {
            Memory memory;
            ListBuilder list(memory);
            ASSERT_TRUE(list.reserve(reserved));
            const auto used = memory.used();
            for (std::uint32_t i = 0; i < count; ++i) ASSERT_TRUE(list.add(of_int(i)));
            if (count <= reserved) {
                EXPECT_EQ(memory.used(), used);
            }
            EXPECT_EQ(list.list().size, count);
            for (std::uint32_t i = 0; i < count; ++i) EXPECT_EQ(list.list().items[i].i, i);
        }
    }
}

TEST(ListBuilder, StopsAtTheBound) {
    for (std::uint32_t limit = 0; limit < 5000; limit += 40) {
        Memory memory(limit);
        ListBuilder list(memory);
        std::uint32_t added = 0;
        while (list.add(of_int(added))) ASSERT_LT(++added, 1000U);
        EXPECT_EQ(list.count(), added);
        EXPECT_LE(memory.used(), limit + 8);
        for (std::uint32_t i = 0; i < added; ++i) EXPECT_EQ(list.items()[i].i, i);
        EXPECT_FALSE(list.reserve(UINT32_MAX));
    }
}

TEST(Memory, ABoundThatIsNoMultipleOfEightHolds) {
    Memory memory(100);
    EXPECT_NE(memory.allocate(100), nullptr);
    EXPECT_EQ(memory.allocate(1), nullptr);
    EXPECT_EQ(memory.array<Value>(1), nullptr);
    EXPECT_EQ(memory.array<Value>(SIZE_MAX / 8), nullptr);
}

TEST(MapBuilder, KeepsOrderAndEachKeyOnce) {
    const auto seed = std::random_device()();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    Calling c({});
    for (int round = 0; round < 200; ++round) {
        c.memory.clear();
        MapBuilder builder(c.memory);
        std::vector<Value> kept;
        for (auto left = random() % 100; left > 0; --left) {
            const auto number = random() % 50;
            const Value kinds[] = {of_int(static_cast<std::int64_t>(number)), of_uint(number),
                                   c.text(std::to_string(number)), of_bool(number % 2 != 0)};
            const auto &key = kinds[random() % 4];
            bool known = false;
            for (const auto &other : kept) known |= equal_scalars(other, key);
            const auto result = builder.add(key, of_int(static_cast<std::int64_t>(kept.size())));
            EXPECT_EQ(Calling::show(result), known ? "!dup_key" : "null");
            if (!known) kept.push_back(key);
        }
        const auto map = builder.map();
        ASSERT_EQ(map.map->count, kept.size());
        for (std::uint32_t i = 0; i < kept.size(); ++i) {
            EXPECT_EQ(Calling::show(map.map->keys[i]), Calling::show(kept[i]));
            EXPECT_EQ(map.map->values[i].i, i);
            EXPECT_EQ(map.map->find(kept[i]), map.map->values + i);
        }
    }
}

TEST(MapBuilder, RefusesOtherKeys) {
    Calling c({});
    MapBuilder builder(c.memory);
    for (const auto &key : {null_value(), of_double(1), c.bytes("a"), c.list({}), c.map({}), of_date(0),
                            of_timestamp(0, 0), of_duration(1), c.optional(of_int(1))})
        EXPECT_EQ(Calling::show(builder.add(key, of_int(1))), "!key_type");
    EXPECT_EQ(Calling::show(builder.add(of_int(0), of_int(1))), "null");
    EXPECT_EQ(Calling::show(builder.add(of_uint(0), of_int(1))), "!dup_key");
    EXPECT_EQ(Calling::show(builder.map()), "{0: 1}");
}

TEST(MapBuilder, StopsAtTheBound) {
    std::uint32_t most = 0;
    for (std::uint32_t limit = 0; limit < 8000; limit += 56) {
        Memory memory(limit);
        MapBuilder builder(memory);
        std::int64_t added = 0;
        Value result;
        while (!(result = builder.add(of_int(added), of_int(added))).failed()) ASSERT_LT(++added, 1000);
        EXPECT_EQ(Calling::show(result), "!memory");
        const auto map = builder.map();
        if (map.failed()) {
            EXPECT_EQ(Calling::show(map), "!memory");
            continue;
        }
        EXPECT_EQ(map.map->count, added);
        for (std::int64_t i = 0; i < added; ++i) EXPECT_EQ(map.map->find(of_int(i))->i, i);
        most = std::max(most, map.map->count);
    }
    EXPECT_GE(most, 32U);
}

}  // namespace
}  // namespace kith::expr
