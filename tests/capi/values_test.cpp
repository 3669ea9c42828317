// Goal: times, decimals, hashes and names as text. Method: known pairs, there and back, and refusals.
#include "capi/fixture.hpp"

namespace kith_test {
namespace {

TEST(ValueCalls, Times) {
    auto error = make<kith_error>();
    kith_time time = 0;
    ASSERT_EQ(kith_time_parse("2026-01-31 09:30", KITH_NTS, "Europe/Paris", KITH_NTS, &time, &error),
              KITH_OK);
    char text[32];
    EXPECT_EQ(kith_time_format(time, text, sizeof text), 20u);
    EXPECT_STREQ(text, "2026-01-31T08:30:00Z");
    EXPECT_EQ(kith_time_format(time, text, 20), 0u);
    EXPECT_EQ(kith_time_format(KITH_MAX_TIME + 1, text, sizeof text), 0u);
    EXPECT_EQ(kith_time_parse("yesterday", KITH_NTS, nullptr, 0, &time, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_time_parse("2026-01-31", KITH_NTS, "Nowhere/City", KITH_NTS, &time, &error),
              KITH_E_ARGUMENT);
    ASSERT_EQ(kith_time_parse("20260131", KITH_NTS, nullptr, 0, &time, &error), KITH_OK);
    kith_time_format(time, text, sizeof text);
    EXPECT_STREQ(text, "2026-01-31T00:00:00Z");
}

TEST(ValueCalls, DecimalsAndAmounts) {
    auto error = make<kith_error>();
    std::int64_t value = 0;
    ASSERT_EQ(kith_decimal_parse("-0.50", KITH_NTS, 2, &value, &error), KITH_OK);
    EXPECT_EQ(value, -50);
    char text[32];
    EXPECT_EQ(kith_decimal_format(-50, 2, text, sizeof text), 5u);
    EXPECT_STREQ(text, "-0.50");
    EXPECT_EQ(kith_decimal_format(-50, 2, text, 5), 0u);
    EXPECT_EQ(kith_decimal_parse("0.001", KITH_NTS, 2, &value, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_decimal_parse("99999999999999999999", KITH_NTS, 2, &value, &error), KITH_E_LIMIT);
    EXPECT_EQ(kith_decimal_parse("1", KITH_NTS, 99, &value, &error), KITH_E_ARGUMENT);
    ASSERT_EQ(kith_line_amount(2'500'000, 4'708'000, 2, &value, &error), KITH_OK);
    EXPECT_EQ(value, 1177);
    EXPECT_EQ(kith_line_amount(INT64_MAX, INT64_MAX, 2, &value, &error), KITH_E_LIMIT);
}

TEST(ValueCalls, HashesAndNames) {
    char hex[33];
    kith_hash_text("", 0, hex);
    EXPECT_STREQ(hex, "99aa06d3014798d86001c324468d497f");  // XXH3 128 of nothing, as published
    EXPECT_STREQ(kith_status_name(KITH_E_BUSY), "KITH_E_BUSY");
    EXPECT_NE(kith_status_name(-12345), nullptr);
    EXPECT_STREQ(kith_version_string(), "0.1.0");
    EXPECT_EQ(kith_version_number(), static_cast<std::uint32_t>(KITH_VERSION_NUMBER));
    EXPECT_NE(std::string_view(kith_version_lmdb()).find("LMDB"), std::string_view::npos);
    EXPECT_GE(std::string_view(kith_version_tzdata()).size(), 5U);  // "2025b"
    EXPECT_EQ(kith_version_tzdata(), kith_version_tzdata());
}

}  // namespace
}  // namespace kith_test
