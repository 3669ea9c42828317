// Goal: output is right to the character: CSV that reads back, valid JSON, aligned tables.
// Method: golden strings at the edges, and a round trip of random cells through an RFC 4180 reader.
#include "cli/output.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace kith::cli {
namespace {

// A reader of one CSV record, straight from RFC 4180's grammar.
std::vector<std::string> read_csv(std::string_view line) {
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
            cells.back() += c;
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && c == ',') {
            cells.emplace_back();
        } else if (quoted || c != '\n') {
            cells.back() += c;
        }
    }
    return cells;
}

TEST(Csv, QuotesOnlyWhatNeedsIt) {
    std::string out;
    append_csv(out, {"a", "b c", "d,e", "f\"g", "h\ni", ""});
    EXPECT_EQ(out, "a,b c,\"d,e\",\"f\"\"g\",\"h\ni\",\n");
}

TEST(Csv, ReadsBack) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 500; ++round) {
        std::vector<std::string> cells(1 + random() % 5);
        for (std::string &cell : cells) {
            for (std::size_t i = random() % 6; i > 0; --i) cell += "ab,\"\r\n é"[random() % 8];
        }
        std::string out;
        append_csv(out, cells);
        EXPECT_EQ(read_csv(out), cells);
    }
}

TEST(JsonText, IsWhatAParserReads) {
    Json json;
    json.object().text("name", "Zoë \"Z\"\\\n\x01").number("minus", INT64_MIN).count("big", UINT64_MAX);
    json.real("third", 1.0 / 3).null("none").flag("yes", true).array("empty").end();
    json.array("rows").object().text("a", "1").end().object().end().text({}, "x").end().end();
    const auto parsed = nlohmann::json::parse(json.str());
    EXPECT_EQ(parsed["name"], "Zoë \"Z\"\\\n\x01");
    EXPECT_EQ(parsed["minus"], INT64_MIN);
    EXPECT_EQ(parsed["big"], UINT64_MAX);
    EXPECT_EQ(parsed["third"].get<double>(), 1.0 / 3);
    EXPECT_TRUE(parsed["none"].is_null());
    EXPECT_EQ(parsed["empty"].size(), 0U);
    EXPECT_EQ(parsed["rows"].size(), 3U);
}

TEST(JsonText, WithoutIndentIsOneLine) {
    Json json(0);
    json.object().text("a", "b").array("c").number({}, 1).number({}, 2).end().end();
    EXPECT_EQ(json.str(), "{\"a\":\"b\",\"c\":[1,2]}\n");
}

TEST(Numbers, AreGroupedByThousands) {
    EXPECT_EQ(grouped("0"), "0");
    EXPECT_EQ(grouped("999.99"), "999.99");
    EXPECT_EQ(grouped("-1000.5"), "-1,000.5");
    EXPECT_EQ(grouped("-100"), "-100");
    EXPECT_EQ(grouped("2500315.63"), "2,500,315.63");
    EXPECT_EQ(grouped(std::uint64_t{69659}), "69,659");
    EXPECT_EQ(plural(1, "order", "orders"), "1 order");
    EXPECT_EQ(plural(1200, "order", "orders"), "1,200 orders");
    EXPECT_EQ(percent(0.1234, 1), "12.3%");
}

TEST(Times, AreShortWhereTheyCanBe) {
    EXPECT_EQ(time_text(0), "1970-01-01T00:00:00Z");
    EXPECT_EQ(day_text(0), "1970-01-01");
    EXPECT_EQ(day_text(34'200'000'000), "1970-01-01 09:30");
}

TEST(Ids, AreUuidText) {
    kith_id id{};
    for (std::uint8_t i = 0; i < 16; ++i) id.bytes[i] = static_cast<std::uint8_t>(i * 17);
    EXPECT_EQ(id_text(id), "00112233-4455-6677-8899-aabbccddeeff");
    EXPECT_FALSE(is_none(id));
    EXPECT_TRUE(is_none(kith_id{}));
}

TEST(Text, KnowsItsWidth) {
    EXPECT_EQ(display_width("Zoë"), 3U);
    EXPECT_EQ(display_width("欧阳小雨"), 8U);
    EXPECT_EQ(display_width("e\u0301"), 1U);  // e and a combining accent
    EXPECT_EQ(padded("小", 4), "小  ");
    EXPECT_EQ(padded("小", 4, true), "  小");
    EXPECT_EQ(clipped("小雨小雨", 5, true), "小雨…");
    EXPECT_EQ(clipped("abcdef", 5, false), "abc..");
    EXPECT_EQ(clipped("abc", 5, false), "abc");
}

TEST(Text, CannotSteerTheTerminal) { EXPECT_EQ(printable("a\x1b[31mb\nc\u009bd"), "a [31mb c d"); }

TEST(Table, AlignsItsColumns) {
    TextTable table;
    table.column("name");
    table.column("amount", TextTable::Align::kRight);
    table.row({"王小雨", "1.00"});
    table.row({"Zoë", "1,000.00"});
    table.row({"x"});
    EXPECT_EQ(table.text(Context{}),
              "name      amount\n"
              "王小雨      1.00\n"
              "Zoë     1,000.00\n"
              "x\n");
}

TEST(ExitCodes, FollowTheStatus) {
    EXPECT_EQ(exit_code_of(KITH_OK), kDone);
    EXPECT_EQ(exit_code_of(KITH_E_IO), kFailed);
    EXPECT_EQ(exit_code_of(KITH_E_ARGUMENT), kUsage);
    EXPECT_EQ(exit_code_of(KITH_E_CORRUPT), kDamaged);
    EXPECT_EQ(exit_code_of(KITH_E_BUSY), kBusy);
    EXPECT_EQ(exit_code_of(KITH_E_TIMEOUT), kBusy);
    EXPECT_EQ(exit_code_of(-9999), kFailed);
}

}  // namespace
}  // namespace kith::cli
