// Goal: functions of texts do what the strings and encoders extensions say, for every place and limit.
// Method: tables from the extensions' documents and the conformance vectors; random texts of few characters,
// where matches are dense, against simple searches and rebuilt texts; charges against the static bound.
#include "base/text.hpp"
#include "calling.hpp"

#include "expr/extent.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace kith::expr {
namespace {

struct Texts : ::testing::Test {
    Calling c{{text_functions()}};
    Value t(std::string_view s) { return c.text(s); }
    std::string call(std::string_view name, const std::vector<Value> &args) { return c.shown(name, args); }
};

TEST_F(Texts, Search) {
    EXPECT_EQ(call("contains", {t("kitten"), t("itt")}), "true");
    EXPECT_EQ(call("contains", {t("kitten"), t("")}), "true");
    EXPECT_EQ(call("contains", {t(""), t("a")}), "false");
    EXPECT_EQ(call("startsWith", {t("kitten"), t("kit")}), "true");
    EXPECT_EQ(call("startsWith", {t("ki"), t("kit")}), "false");
    EXPECT_EQ(call("endsWith", {t("kitten"), t("ten")}), "true");
    EXPECT_EQ(call("contains", {t("kitten"), of_int(1)}), "!no_overload");
}

TEST_F(Texts, IndexOf) {
    EXPECT_EQ(call("indexOf", {t("hello mellow"), t("")}), "0");
    EXPECT_EQ(call("indexOf", {t("hello mellow"), t("ello")}), "1");
    EXPECT_EQ(call("indexOf", {t("hello mellow"), t("jello")}), "-1");
    EXPECT_EQ(call("indexOf", {t("hello mellow"), t(""), of_int(2)}), "2");
    EXPECT_EQ(call("indexOf", {t("hello mellow"), t("ello"), of_int(2)}), "7");
    EXPECT_EQ(call("indexOf", {t("hello mellow"), t("ello"), of_int(20)}), "!index");
    EXPECT_EQ(call("indexOf", {t("tacocat"), t("a"), of_int(30)}), "!index");
    EXPECT_EQ(call("indexOf", {t("tacocat"), t("a"), of_int(-1)}), "!index");
    EXPECT_EQ(call("indexOf", {t("tacocat"), t("a"), of_int(7)}), "-1");
    EXPECT_EQ(call("indexOf", {t("tacocat"), t(""), of_int(7)}), "7");
    EXPECT_EQ(call("indexOf", {t("ta©o©αT"), t("©"), of_int(3)}), "4");
    EXPECT_EQ(call("indexOf", {t("ta©o©αT"), t("©αT"), of_int(3)}), "4");
    EXPECT_EQ(call("indexOf", {t(""), t("a")}), "-1");
    EXPECT_EQ(call("lastIndexOf", {t("hello mellow"), t("")}), "12");
    EXPECT_EQ(call("lastIndexOf", {t("hello mellow"), t("ello")}), "7");
    EXPECT_EQ(call("lastIndexOf", {t("hello mellow"), t("jello")}), "-1");
    EXPECT_EQ(call("lastIndexOf", {t("hello mellow"), t("ello"), of_int(6)}), "1");
    EXPECT_EQ(call("lastIndexOf", {t("hello mellow"), t("ello"), of_int(-1)}), "!index");
    EXPECT_EQ(call("lastIndexOf", {t("tacocat"), t("a"), of_int(30)}), "!index");
    EXPECT_EQ(call("lastIndexOf", {t("bananananana"), t("nana"), of_int(7)}), "6");
    EXPECT_EQ(call("lastIndexOf", {t("ta©o©αT"), t("©")}), "4");
    EXPECT_EQ(call("lastIndexOf", {t("ta©o©αT"), t(""), of_int(3)}), "3");
}

TEST_F(Texts, Parts) {
    EXPECT_EQ(call("charAt", {t("hello"), of_int(4)}), "\"o\"");
    EXPECT_EQ(call("charAt", {t("©αT"), of_int(1)}), "\"α\"");
    EXPECT_EQ(call("charAt", {t("hello"), of_int(5)}), "\"\"");
    EXPECT_EQ(call("charAt", {t("hello"), of_int(6)}), "!index");
    EXPECT_EQ(call("charAt", {t("hello"), of_int(-1)}), "!index");
    EXPECT_EQ(call("charAt", {t("hello"), of_int(INT64_MAX)}), "!index");
    EXPECT_EQ(call("substring", {t("tacocat"), of_int(4)}), "\"cat\"");
    EXPECT_EQ(call("substring", {t("tacocat"), of_int(7)}), "\"\"");
    EXPECT_EQ(call("substring", {t("tacocat"), of_int(0), of_int(4)}), "\"taco\"");
    EXPECT_EQ(call("substring", {t("ta©o©αT"), of_int(2), of_int(6)}), "\"©o©α\"");
    EXPECT_EQ(call("substring", {t("tacocat"), of_int(-1)}), "!index");
    EXPECT_EQ(call("substring", {t("tacocat"), of_int(40)}), "!index");
    EXPECT_EQ(call("substring", {t("tacocat"), of_int(1), of_int(50)}), "!index");
    EXPECT_EQ(call("substring", {t("tacocat"), of_int(4), of_int(3)}), "!index");
}

TEST_F(Texts, JoinSplitReplace) {
    EXPECT_EQ(call("join", {c.texts({"x", "y"})}), "\"xy\"");
    EXPECT_EQ(call("join", {c.texts({"hello", "", "mellow"}), t(", ")}), "\"hello, , mellow\"");
    EXPECT_EQ(call("join", {c.texts({}), t("/")}), "\"\"");
    EXPECT_EQ(call("join", {c.lazy({t("a"), t("b")}), t("/")}), "\"a/b\"");
    EXPECT_EQ(call("join", {c.list({t("a"), of_int(1)})}), "!no_overload");

    const auto hello = t("hello hello hello");
    EXPECT_EQ(call("split", {hello, t(" ")}), R"(["hello", "hello", "hello"])");
    EXPECT_EQ(call("split", {hello, t(" "), of_int(0)}), "[]");
    EXPECT_EQ(call("split", {hello, t(" "), of_int(1)}), R"(["hello hello hello"])");
    EXPECT_EQ(call("split", {hello, t(" "), of_int(2)}), R"(["hello", "hello hello"])");
    EXPECT_EQ(call("split", {hello, t(" "), of_int(-1)}), R"(["hello", "hello", "hello"])");
    EXPECT_EQ(call("split", {t("a,b,"), t(",")}), R"(["a", "b", ""])");
    EXPECT_EQ(call("split", {t(""), t(",")}), R"([""])");
    EXPECT_EQ(call("split", {t(""), t("")}), "[]");
    EXPECT_EQ(call("split", {t("h€j"), t("")}), R"(["h", "€", "j"])");
    EXPECT_EQ(call("split", {t("h€j"), t(""), of_int(2)}), R"(["h", "€j"])");

    EXPECT_EQ(call("replace", {t("12 days 12 hours"), t("{0}"), t("2")}), "\"12 days 12 hours\"");
    EXPECT_EQ(call("replace", {t("hello hello"), t("he"), t("we")}), "\"wello wello\"");
    EXPECT_EQ(call("replace", {t("hello hello"), t("he"), t("we"), of_int(-1)}), "\"wello wello\"");
    EXPECT_EQ(call("replace", {t("hello hello"), t("he"), t("we"), of_int(1)}), "\"wello hello\"");
    EXPECT_EQ(call("replace", {t("hello hello"), t("he"), t("we"), of_int(0)}), "\"hello hello\"");
    EXPECT_EQ(call("replace", {t("aaa"), t("aa"), t("")}), "\"a\"");
    EXPECT_EQ(call("replace", {t("aa"), t("a"), t("")}), "\"\"");
    EXPECT_EQ(call("replace", {t("h€"), t(""), t("_")}), "\"_h_€_\"");
    EXPECT_EQ(call("replace", {t("h€"), t(""), t("_"), of_int(2)}), "\"_h_€\"");
    EXPECT_EQ(call("replace", {t(""), t(""), t("_")}), "\"_\"");
}

TEST_F(Texts, CaseTrimReverseQuote) {
    EXPECT_EQ(call("trim", {t(" \f\n\r\t\vtext  ")}), "\"text\"");
    EXPECT_EQ(call("trim", {t("\u0085\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000a b\u3000")}),
              "\"a b\"");
    EXPECT_EQ(call("trim", {t("\u180etext\u200b\u200c\u200d\u2060\ufeff")}),
              "\"\u180etext\u200b\u200c\u200d\u2060\ufeff\"");
    EXPECT_EQ(call("trim", {t(" \u3000 ")}), "\"\"");
    EXPECT_EQ(call("lowerAscii", {t("TacoCÆt Xii@[")}), "\"tacocÆt xii@[\"");
    EXPECT_EQ(call("upperAscii", {t("tacoCαt`{")}), "\"TACOCαT`{\"");
    EXPECT_EQ(call("reverse", {t("")}), "\"\"");
    EXPECT_EQ(call("reverse", {t("Ta©oα€🐱")}), "\"🐱€αo©aT\"");
    EXPECT_EQ(call("foldCase", {t(" Straße Ǆ ΣΊΣΥΦΟΣ ")}), "\" strasse ǆ σίσυφοσ \"");
    EXPECT_EQ(call("foldCase", {t("ŽELJKA")}), call("foldCase", {t("Z\u030Celjka")})) << "composed or not";
    EXPECT_EQ(call("foldCase", {t("A\xff")}), "!utf8");
    EXPECT_EQ(call("strings.quote", {t("")}), R"("""")");
    EXPECT_EQ(call("strings.quote", {t("\a\b\f\n\r\t\v\\\"'")}), R"(""\a\b\f\n\r\t\v\\\"'"")");
    EXPECT_EQ(call("strings.quote", {t("size('ÿ🐱')")}), R"_(""size('ÿ🐱')"")_");
    EXPECT_EQ(call("strings.quote", {t("a\xff\x80 b")}), "\"\"a\uFFFD b\"\"");
}

TEST_F(Texts, Base64) {
    EXPECT_EQ(call("base64.encode", {c.bytes("hello")}), "\"aGVsbG8=\"");
    EXPECT_EQ(call("base64.decode", {t("aGVsbG8=")}), "b\"hello\"");
    EXPECT_EQ(call("base64.decode", {t("aGVsbG8")}), "b\"hello\"");
    EXPECT_EQ(call("base64.decode", {t("aGVs\r\nbG8=\n")}), "b\"hello\"");
    EXPECT_EQ(call("base64.decode", {t("")}), "b\"\"");
    for (const auto *bad : {"a", "aGVsb", "aGVsbG8==", "aGVs=", "a=Vs", "aGV*", "====", "aGV-", "aA==aA=="}) {
        EXPECT_EQ(call("base64.decode", {t(bad)}), "!convert") << bad;
    }
    std::mt19937 random(7);
    for (int size = 0; size < 200; ++size) {
        std::string bytes(static_cast<std::size_t>(size), '\0');
        for (auto &b : bytes) b = static_cast<char>(random());
        const auto encoded = c.call("base64.encode", {c.bytes(bytes)});
        EXPECT_EQ(encoded.size, (bytes.size() + 2) / 3 * 4);
        EXPECT_EQ(c.call("base64.decode", {encoded}).view(), bytes);
        const auto bare = encoded.view().substr(0, encoded.view().find('='));
        EXPECT_EQ(c.call("base64.decode", {t(bare)}).view(), bytes);
    }
}

// Characters of a text, found in another way than the functions do.
std::vector<std::string> chars_of(const std::string &text) {
    std::vector<std::string> chars;
    for (const char b : text) {
        if ((static_cast<unsigned char>(b) & 0xC0) == 0x80) {
            chars.back() += b;
        } else {
            chars.emplace_back(1, b);
        }
    }
    return chars;
}
std::string text_of(const std::vector<std::string> &chars, std::size_t begin, std::size_t end) {
    std::string text;
    for (auto i = begin; i < end; ++i) text += chars[i];
    return text;
}

TEST_F(Texts, SearchAgainstSimpleSearch) {
    constexpr unsigned kSeed = 20260601;
    SCOPED_TRACE(kSeed);
    std::mt19937 random(kSeed);
    for (int round = 0; round < 4000; ++round) {
        // Periodic pieces: what a two-way search gets wrong first.
        const auto piece = [&](std::size_t size, std::size_t kinds) {
            static const char *const kChars[] = {"a", "b", "ä", "€"};
            std::string text;
            for (std::size_t i = 0; i < size; ++i) text += kChars[random() % kinds];
            return text;
        };
        const auto unit = piece(1 + random() % 6, 2 + random() % 3);
        std::string needle, text;
        for (auto n = random() % 12; n > 0; --n) needle += unit;
        needle += piece(random() % 4, 2);
        for (auto n = random() % 8; n > 0; --n) text += random() % 3 != 0 ? needle : piece(random() % 10, 2);
        const auto chars = chars_of(text), wanted = chars_of(needle);
        std::vector<std::int64_t> places;
        for (std::size_t i = 0; i + wanted.size() <= chars.size(); ++i) {
            if (std::equal(wanted.begin(), wanted.end(), chars.begin() + static_cast<std::ptrdiff_t>(i)))
                places.push_back(static_cast<std::int64_t>(i));
        }
        const auto a = t(text), b = t(needle);
        ASSERT_EQ(c.call("contains", {a, b}).i != 0, !places.empty()) << text << " " << needle;
        ASSERT_EQ(c.call("indexOf", {a, b}).i, places.empty() ? -1 : places.front()) << text << " " << needle;
        ASSERT_EQ(c.call("lastIndexOf", {a, b}).i, places.empty() ? -1 : places.back())
            << text << " " << needle;
        const auto start = static_cast<std::int64_t>(random() % (chars.size() + 1));
        const auto from = std::lower_bound(places.begin(), places.end(), start);
        ASSERT_EQ(c.call("indexOf", {a, b, of_int(start)}).i, from == places.end() ? -1 : *from);
        const auto after = std::upper_bound(places.begin(), places.end(), start);
        ASSERT_EQ(c.call("lastIndexOf", {a, b, of_int(start)}).i,
                  after == places.begin() ? -1 : *(after - 1));

        const auto size = static_cast<std::int64_t>(chars.size());
        const auto end =
            start + static_cast<std::int64_t>(random() % static_cast<std::size_t>(size - start + 1));
        ASSERT_EQ(c.call("substring", {a, of_int(start), of_int(end)}).view(),
                  text_of(chars, static_cast<std::size_t>(start), static_cast<std::size_t>(end)));
        // Split and join are inverse, and replace is both.
        const auto parts = c.call("split", {a, b});
        if (!needle.empty()) {
            ASSERT_EQ(c.call("join", {parts, b}).view(), text);
            ASSERT_EQ(c.call("replace", {a, b, t("#€")}).view(), c.call("join", {parts, t("#€")}).view());
            const auto limit = 1 + random() % 4;
            const auto few = c.call("split", {a, b, of_int(static_cast<std::int64_t>(limit))});
            ASSERT_EQ(few.size, std::min<std::size_t>(limit, parts.size));
            ASSERT_EQ(c.call("replace", {a, b, t("#"), of_int(static_cast<std::int64_t>(limit - 1))}).view(),
                      c.call("join", {few, t("#")}).view());
        } else {
            ASSERT_EQ(parts.size, chars.size());
        }
        const auto back = c.call("reverse", {a});
        ASSERT_EQ(c.call("reverse", {back}).view(), text);
        c.memory.clear();
    }
}

// A hostile needle is found in linear time: a simple search would need 10^10 steps.
TEST_F(Texts, SearchIsLinear) {
    const std::string text(400'000, 'a'), half(100'000, 'a');
    EXPECT_EQ(call("contains", {t(text), t(half + "b" + half)}), "false");
    EXPECT_EQ(call("lastIndexOf", {t(text), t(half + "b" + half)}), "-1");
    EXPECT_EQ(call("contains", {t(text), t("b" + half)}), "false");
    EXPECT_LE(c.cost, (text.size() + half.size()) / 2 + 1);
}

TEST_F(Texts, ChargesNeverExceedTheirBound) {
    const auto argument = [&](std::string_view type, std::size_t size) -> Value {
        if (type == "string") return t(std::string(size, 'a') + (size % 2 ? "  " : ""));
        if (type == "bytes") return c.bytes(std::string(size, 'a'));
        if (type == "int") return of_int(static_cast<std::int64_t>(size / 2));
        std::vector<Value> items(size, t(std::string(size % 40, 'b')));
        return c.list(items);
    };
    Types types;
    Library library;
    library.add(text_functions());
    for (const auto name : library.names()) {
        for (const auto &signature : library.find(name)) {
            for (const auto size : {0u, 1u, 15u, 16u, 17u, 100u, 300u}) {
                for (const auto other : {0u, 1u, 16u, 50u}) {
                    std::vector<Value> args;
                    std::vector<Extent> extents;
                    for (const auto *param : signature.params) {
                        args.push_back(argument(to_text(param).substr(0, 6), args.empty() ? size : other));
                        extents.push_back(extent_of(args.back()));
                    }
                    c.memory.clear();
                    const auto result = c.call(name, args);
                    EXPECT_LE(c.cost, cost_of(signature.overload->work, extents))
                        << name << " " << size << " " << other;
                    if (result.failed()) continue;
                    const auto got = extent_of(result);
                    const auto bound = result_of(signature.overload->growth, extents, signature.result);
                    EXPECT_LE(got.size, bound.size) << name << " " << size << " " << other;
                    EXPECT_LE(got.deep, bound.deep) << name << " " << size << " " << other;
                }
            }
        }
    }
}

TEST_F(Texts, BudgetAndMemoryEnd) {
    Calling poor({text_functions()}, 10);
    EXPECT_EQ(poor.shown("contains", {t(std::string(1000, 'a')), t("b")}), "!cost");
    EXPECT_EQ(poor.shown("split", {t(std::string(500, 'a')), t("")}), "!cost");
    EXPECT_EQ(poor.shown("replace", {t("aaaa"), t("a"), t(std::string(100, 'b'))}), "!cost");
    Calling small({text_functions()}, kBudget, 1000);
    EXPECT_EQ(small.shown("replace", {t(std::string(100, 'a')), t(""), t(std::string(100, 'b'))}), "!memory");
    EXPECT_EQ(small.shown("split", {t(std::string(500, 'a')), t("")}), "!memory");
    EXPECT_EQ(small.shown("lowerAscii", {t(std::string(2000, 'a'))}), "!memory");
    EXPECT_EQ(small.shown("base64.encode", {c.bytes(std::string(2000, 'a'))}), "!memory");
}

}  // namespace
}  // namespace kith::expr
