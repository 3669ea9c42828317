// Goal: ids are UUIDv7 and strictly increasing whatever clock and random bits do. Method: chains of
// ids under fixed, backward and random clocks with random and saturated bits, checked pairwise.
#include "base/id.hpp"

#include <random>

#include <gtest/gtest.h>

namespace kith::base {
namespace {

using Random = std::array<std::byte, 10>;

Random filled(int byte) {
    Random random;
    random.fill(static_cast<std::byte>(byte));
    return random;
}

int version(const Id &id) { return std::to_integer<int>(id.bytes[6]) >> 4; }
int variant(const Id &id) { return std::to_integer<int>(id.bytes[8]) >> 6; }
std::int64_t milliseconds(const Id &id) {
    return static_cast<std::int64_t>(load_big64(id.bytes.data()) >> 16);
}

TEST(Id, TextOfThePublishedExample) {
    // RFC 9562, appendix A.6: time 0x017F22E279B0, rand_a 0xCC3, rand_b 0x18C4DC0C0C07398F.
    Random random{};
    random[0] = std::byte{0xFC};  // the upper four bits have no place
    random[1] = std::byte{0xC3};
    store_big64(random.data() + 2, 0x18C4DC0C0C07398F);
    const Id id = next_id({}, 0x017F22E279B0, random);
    EXPECT_EQ(to_text(id), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    EXPECT_EQ(parse_id("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"), id);
}

TEST(Id, ParseRefusesWhatIsNoId) {
    const std::string good = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (const char c : {'g', '_', ' ', '\0', '\x80'}) {
            std::string bad = good;
            bad[i] = c;
            EXPECT_FALSE(parse_id(bad)) << i;
        }
        EXPECT_FALSE(parse_id(good.substr(0, i)));
    }
    EXPECT_FALSE(parse_id(good + "0"));
}

TEST(Id, TextRoundTrip) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 engine(seed);
    for (int i = 0; i < 1000; ++i) {
        Id id;
        for (auto &byte : id.bytes) byte = static_cast<std::byte>(engine());
        EXPECT_EQ(parse_id(to_text(id)), id);
    }
}

TEST(Id, IncreasesUnderAnyClockAndBits) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 engine(seed);
    Id last;
    std::int64_t now = 1'700'000'000'000;
    for (int i = 0; i < 20'000; ++i) {
        if (engine() % 4 == 0) now += static_cast<std::int64_t>(engine() % 7) - 3;
        Random random = engine() % 3 == 0 ? filled(0xFF) : filled(static_cast<int>(engine() & 0xFF));
        const Id id = next_id(last, now, random);
        ASSERT_GT(id, last) << i;
        ASSERT_EQ(version(id), 7);
        ASSERT_EQ(variant(id), 2);
        ASSERT_GE(milliseconds(id), now);
        last = id;
    }
}

TEST(Id, LastPlusOneInTheSameMillisecondOrBefore) {
    const Id first = next_id({}, 1000, filled(0x12));
    const Id second = next_id(first, 1000, filled(0xEE));
    const Id third = next_id(second, 10, filled(0xEE));
    EXPECT_EQ(load_big64(second.bytes.data() + 8), load_big64(first.bytes.data() + 8) + 1);
    EXPECT_EQ(load_big64(third.bytes.data() + 8), load_big64(first.bytes.data() + 8) + 2);
    EXPECT_EQ(milliseconds(third), 1000);
    EXPECT_EQ(milliseconds(next_id(third, 1001, filled(0))), 1001);
}

TEST(Id, CarriesFromFieldToField) {
    const auto after = [](const char *text) { return to_text(next_id(*parse_id(text), 0, filled(0))); };
    EXPECT_EQ(after("00000000-0001-7abc-bfff-ffffffffffff"), "00000000-0001-7abd-8000-000000000000");
    EXPECT_EQ(after("00000000-0001-7fff-bfff-ffffffffffff"), "00000000-0002-7000-8000-000000000000");
    EXPECT_EQ(after("0000ffff-ffff-7fff-bfff-ffffffffffff"), "00010000-0000-7000-8000-000000000000");
}

TEST(Id, StandsAboveForeignIds) {
    for (const char *text :
         {"00000000-0001-ffff-ffff-ffffffffffff", "00000000-0001-4fff-ffff-ffffffffffff",
          "00000000-0001-7fff-ffff-fffffffffffe", "00000000-0001-7abc-c000-000000000000"}) {
        const Id last = *parse_id(text);
        EXPECT_GT(next_id(last, 1, filled(0)), last) << text;
        EXPECT_GT(next_id(last, 2, filled(0)), last) << text;
    }
}

TEST(Id, TakesAnyClock) {
    EXPECT_TRUE(next_id({}, 0, filled(0)));
    EXPECT_EQ(milliseconds(next_id({}, INT64_MIN, filled(0))), 0);
    EXPECT_EQ(milliseconds(next_id({}, INT64_MAX, filled(0xFF))), (std::int64_t{1} << 48) - 1);
}

}  // namespace
}  // namespace kith::base
