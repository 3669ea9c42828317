// Goal: only valid UTF-8 passes, and identifiers written in different ways compare equal. Method: the
// table of RFC 3629 boundaries, every code point against its own encoding, golden normal forms.
#include "base/text.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace kith::base {
namespace {

std::string encode(std::uint32_t code) {
    const auto tail = [&](int shift) { return static_cast<char>(0x80 | (code >> shift & 0x3F)); };
    if (code < 0x80) return {static_cast<char>(code)};
    if (code < 0x800) return {static_cast<char>(0xC0 | code >> 6), tail(0)};
    if (code < 0x10000) return {static_cast<char>(0xE0 | code >> 12), tail(6), tail(0)};
    return {static_cast<char>(0xF0 | code >> 18), tail(12), tail(6), tail(0)};
}

std::string identifier(std::string_view kind, std::string_view value) {
    const auto normal = normalise_identifier(kind, value);
    return normal ? *normal : "refused";
}

TEST(Utf8, BadSequences) {
    const char *const bad[] = {
        "\x80",
        "\xBF",
        "\xFE",
        "\xFF",  // no lead byte
        "\xC0\x80",
        "\xC0\xAF",
        "\xC1\xBF",  // overlong, two bytes
        "\xE0\x80\x80",
        "\xE0\x9F\xBF",
        "\xF0\x80\x80\x80",
        "\xF0\x8F\xBF\xBF",
        "\xED\xA0\x80",
        "\xED\xAF\xBF",
        "\xED\xB0\x80",
        "\xED\xBF\xBF",  // surrogates
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xF8\x88\x80\x80\x80",
        "\xFC\x84\x80\x80\x80\x80",
        "\xC3",
        "\xE2\x82",
        "\xE2",
        "\xF0\x9F\x98",
        "\xF0\x9F",
        "\xF0",  // cut off
        "\xC3\x28",
        "\xE2\x28\xA1",
        "\xE2\x82\x28",
        "\xF0\x28\x8C\xBC",
        "\xF0\x90\x28\xBC",
        "\xF0\x90\x8C\x28",
    };
    for (const std::string sequence : bad) {
        for (const std::string around : {"", "a", "eight characters and more \xC3\xA9"}) {
            EXPECT_FALSE(valid_utf8(around + sequence));
            EXPECT_FALSE(valid_utf8(sequence + " " + around));
            EXPECT_EQ(to_nfc(around + sequence).error().status, Status::argument);
            EXPECT_EQ(fold(around + sequence).error().status, Status::argument);
        }
    }
}

TEST(Utf8, EveryCodePoint) {
    for (std::uint32_t code = 0; code < 0x110000; ++code) {
        const bool surrogate = code >= 0xD800 && code < 0xE000;
        ASSERT_EQ(valid_utf8(encode(code)), !surrogate) << code;
    }
    EXPECT_FALSE(valid_utf8(encode(0x110000)));
    EXPECT_TRUE(valid_utf8(std::string_view("a\0b", 3)));
    EXPECT_TRUE(valid_utf8(""));
}

TEST(Nfc, Golden) {
    EXPECT_EQ(*to_nfc("plain"), "plain");
    EXPECT_EQ(*to_nfc("Ane\xCC\x81"), "An\xC3\xA9");                                   // e + acute
    EXPECT_EQ(*to_nfc("\xC4\x90ur\xC4\x91i\xC4\x87"), "\xC4\x90ur\xC4\x91i\xC4\x87");  // Đurđić
    EXPECT_EQ(*to_nfc("\xE2\x84\xAB"), "\xC3\x85");                                    // angstrom sign
    EXPECT_EQ(*to_nfc("\xE1\x84\x80\xE1\x85\xA1"), "\xEA\xB0\x80");                    // Hangul jamo
    EXPECT_EQ(*to_nfc("\xEF\xBC\x91"), "\xEF\xBC\x91");                                // full-width stays
}

TEST(Fold, Golden) {
    EXPECT_EQ(*fold("  MiXed Case\t"), "mixed case");
    EXPECT_EQ(*fold("STRASSE"), *fold("Stra\xC3\x9F"
                                      "e"));
    EXPECT_EQ(*fold("\xC5\xA0IME"), "\xC5\xA1ime");
    EXPECT_EQ(*fold("\xEF\xBC\xA1\xEF\xBC\xA2\xEF\xBC\x91"), "ab1");  // full-width
    EXPECT_EQ(*fold("\xE3\x80\x80\xC2\xA0"
                    "a\xE2\x80\xA9"),
              "a");                            // wide, no-break, paragraph
    EXPECT_EQ(*fold("\xEF\xAC\x81x"), "fix");  // ligature
    EXPECT_EQ(*fold(""), "");
    EXPECT_EQ(*fold(" \t\n"), "");
}

TEST(Fold, IsIdempotent) {
    for (std::uint32_t code = 0; code < 0x20000; ++code) {
        if (code >= 0xD800 && code < 0xE000) continue;
        const auto once = *fold("a" + encode(code) + "b");
        ASSERT_EQ(*fold(once), once) << std::hex << code;
    }
}

TEST(Identifier, Phone) {
    EXPECT_EQ(identifier("phone", "\xEF\xBC\x90\xEF\xBC\x90\xEF\xBC\x94\xEF\xBC\x99 (0)170-123"),
              "+490170123");
    EXPECT_EQ(identifier("phone", "+385 (1) 234-56/78"), "+38512345678");
    EXPECT_EQ(identifier("phone", "(+385) 1.234"), "+3851234");
    EXPECT_EQ(identifier("phone", "\xEF\xBC\x8B\x33\x38\x35"), "+385");
    EXPECT_EQ(identifier("phone", "091 234 567"), "091234567");
    EXPECT_EQ(identifier("phone", "12+34"), "1234");
    for (const auto *bad : {"", " ", "+", "00", "()-", "none"})
        EXPECT_EQ(identifier("phone", bad), "refused") << bad;
}

TEST(Identifier, EmailAndOthers) {
    EXPECT_EQ(identifier("email", " Ana.Horvat@Example.COM "), "ana.horvat@example.com");
    EXPECT_EQ(identifier("email", "a-b/c@x.hr"), "a-b/c@x.hr");
    EXPECT_EQ(identifier("plate", "ZG 1234-\xC4\x8C\xC4\x86"), "zg1234\xC4\x8D\xC4\x87");
    EXPECT_EQ(identifier("card", "4000.1234/56 78"), "400012345678");
    EXPECT_EQ(identifier("card", "\xEF\xBC\x94\xE3\x80\x80\xEF\xBC\x90"), "40");
    EXPECT_EQ(identifier("card", " - . / "), "refused");
    EXPECT_EQ(identifier("card", "\xFF"), "refused");
}

TEST(Truncate, CutsBetweenCharacters) {
    const std::string text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z";
    for (std::size_t size = 0; size <= text.size() + 2; ++size) {
        const auto cut = truncate(text, size);
        EXPECT_TRUE(valid_utf8(cut)) << size;
        EXPECT_LE(cut.size(), size);
        EXPECT_GT(cut.size() + 4, std::min(size, text.size()));
        EXPECT_TRUE(std::string_view(text).starts_with(cut));
    }
}

TEST(Unicode, HasAVersion) { EXPECT_NE(std::string(unicode_version()), ""); }

}  // namespace
}  // namespace kith::base
