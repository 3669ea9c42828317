// Goal: the CSV reader reads what RFC 4180 allows, says where it does not, and loses no row after that.
// Method: written cases; then random tables written with random quoting and read back (seed printed).
#include "cli/csv.hpp"

#include <gtest/gtest.h>

#include <random>

namespace kith::cli {
namespace {

using Row = std::vector<std::string>;

struct Read {
    std::uint32_t line;
    std::string error;
    Row cells;
    bool operator==(const Read &) const = default;
};

std::vector<Read> read(std::string_view input, char delimiter = ',') {
    CsvReader reader(input, delimiter);
    std::vector<Read> rows;
    std::string scratch;
    while (reader.next()) {
        Read row{reader.line(), reader.error() == nullptr ? "" : reader.error(), {}};
        for (const Cell cell : reader.cells()) row.cells.emplace_back(cell_text(input, cell, scratch));
        rows.push_back(std::move(row));
    }
    return rows;
}

TEST(Csv, PlainRows) {
    const std::vector<Read> expected = {{1, "", {"a", "b"}}, {2, "", {"1", ""}}, {3, "", {"", "2"}}};
    EXPECT_EQ(read("a,b\n1,\n,2\n"), expected);
    EXPECT_EQ(read("a,b\n1,\n,2"), expected);
    EXPECT_EQ(read("a,b\r\n1,\r\n,2\r\n"), expected);
    EXPECT_EQ(read("\xEF\xBB\xBF"
                   "a,b\n1,\n,2\r"),
              expected);
    EXPECT_EQ(read("a;b\n1;\n;2", ';'), expected);
    EXPECT_TRUE(read("").empty());
    EXPECT_TRUE(read("\n\r\n\n").empty());
}

TEST(Csv, QuotesAndLineNumbers) {
    const std::vector<Read> expected = {{1, "", {"a,b", "say \"hi\"", ""}},
                                        {2, "", {"two\nlines", "5\" pipe", "x"}},
                                        {5, "", {"end", "", "\""}}};
    EXPECT_EQ(read("\"a,b\",\"say \"\"hi\"\"\",\"\"\n\"two\nlines\",5\" pipe,\"x\"\n\nend,,\"\"\"\""),
              expected);
}

TEST(Csv, SpacesAroundCellsAreDropped) {
    EXPECT_EQ(read(" a ,\t b,\" c \"\n")[0].cells, (Row{"a", "b", "c"}));
}

TEST(Csv, FaultsAreReportedAndTheNextRowsStillRead) {
    auto rows = read("a,b\n\"open,1\nx,2\n");
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_NE(rows[1].error.find("never closed"), std::string::npos);
    EXPECT_EQ(rows[2], (Read{3, "", {"x", "2"}}));

    rows = read("\"open,1\n\"x\",2\n\"y\"z,3\nw,4\n");
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_NE(rows[0].error.find("after a closing quote"), std::string::npos);
    EXPECT_EQ(rows[1], (Read{2, "", {"x", "2"}}));
    EXPECT_NE(rows[2].error, "");
    EXPECT_EQ(rows[3], (Read{4, "", {"w", "4"}}));

    rows = read("a,\xFF\nb,\xC3\xA9\n");
    EXPECT_NE(rows[0].error.find("UTF-8"), std::string::npos);
    EXPECT_EQ(rows[1], (Read{2, "", {"b", "\xC3\xA9"}}));
}

TEST(Csv, ACellBeyondTheLimitIsAFault) {
    const std::string cell(Cell::kSizeMax, 'x');
    EXPECT_EQ(read(cell + "\n")[0].error, "");
    EXPECT_NE(read(cell + "x\n")[0].error, "");
}

TEST(Csv, Utf8) {
    for (const char *good : {"", "abc", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                             "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "12345678\xC3\xA4"}) {
        EXPECT_TRUE(is_utf8(good)) << good;
    }
    for (const char *bad :
         {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE2\x82",
          "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "12345678\xA4"}) {
        EXPECT_FALSE(is_utf8(bad)) << bad;
    }
}

TEST(Csv, DelimiterIsDetectedOutsideQuotes) {
    EXPECT_EQ(detect_delimiter("a,b,c\n1;2;3;4;5\n"), ',');
    EXPECT_EQ(detect_delimiter("\"a,b,c,d\";e;f\n"), ';');
    EXPECT_EQ(detect_delimiter("\r\na\tb\n"), '\t');
    EXPECT_EQ(detect_delimiter("a|b"), '|');
    EXPECT_EQ(detect_delimiter("one"), ',');
}

std::string in_quotes(const std::string &text) {
    std::string out = "\"";
    for (const char c : text) out.append(c == '"' ? 2 : 1, c);
    return out + "\"";
}

TEST(Csv, RandomTablesComeBack) {
    const unsigned seed = std::random_device{}();
    RecordProperty("seed", std::to_string(seed));
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto upto = [&](std::size_t n) { return random() % (n + 1); };
    constexpr std::string_view kAlphabet = "ab,;\"\n\r1";
    for (int round = 0; round < 500; ++round) {
        const std::size_t width = 2 + upto(3);
        std::string input;
        std::vector<Row> table(upto(5));
        for (Row &row : table) {
            for (std::size_t i = 0; i < width; ++i) {
                std::string cell;
                for (std::size_t n = upto(6); n > 0; --n)
                    cell.push_back(kAlphabet[upto(kAlphabet.size() - 1)]);
                const bool needs_quotes = cell.find_first_of(",\"\n\r") != std::string::npos;
                input += (i > 0 ? "," : "") + (needs_quotes || upto(1) == 0 ? in_quotes(cell) : cell);
                row.push_back(cell);
            }
            input += upto(1) == 0 ? "\n" : "\r\n";
        }
        std::vector<Row> back;
        for (Read &row : read(input)) {
            EXPECT_EQ(row.error, "");
            back.push_back(std::move(row.cells));
        }
        ASSERT_EQ(back, table) << input;
    }
}

}  // namespace
}  // namespace kith::cli
