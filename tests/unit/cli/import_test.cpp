// Goal: the plan of an import is what issue and help promise: rows grouped by key, ordered by time, bad
// rows named by line, keys of keyless rows stable when a file grows; and the two real files fit.
// Method: small written inputs; CDNOW and Online Retail against counts taken from the files themselves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "cli/input.hpp"
#include "cli/plan.hpp"

namespace kith::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A mapping of an input with a header, and the plan of it.
struct Planned {
    Planned(std::string_view text, std::string_view map, std::vector<KindRule> rules = {}) : input(text) {
        mapping.kind = "order";
        mapping.rules = std::move(rules);
        read_map_option(map, mapping);
        CsvReader reader(input, ',');
        EXPECT_TRUE(reader.next());
        std::string scratch;
        for (const Cell cell : reader.cells()) header.emplace_back(cell_text(input, cell, scratch));
        bind_columns(mapping, &header, header.size());
        plan.emplace(mapping, PlanSettings{input, ',', true, "Europe/London", 2});
    }

    std::string key(std::size_t i) const {
        std::string scratch;
        return std::string(plan->key_text(plan->schedule()[i], scratch));
    }
    std::string party(std::size_t i) const {
        std::string scratch;
        return std::string(plan->text(at(i).party, scratch));
    }
    const PlannedInteraction &at(std::size_t i) const { return plan->interaction(plan->schedule()[i]); }
    std::vector<std::uint32_t> lines(std::size_t i) const {
        std::vector<std::uint32_t> out;
        for (auto row = at(i).first_row; row != kNoRow; row = plan->row(row).next)
            out.push_back(plan->row(row).line);
        return out;
    }
    std::vector<std::string> problems() const {
        std::vector<std::string> out;
        for (const Problem &p : plan->problems())
            out.push_back(std::to_string(p.line) + ": " + plan->problem_text(p));
        return out;
    }
    std::vector<std::string> keys() const {
        std::vector<std::string> out;
        for (std::size_t i = 0; i < plan->schedule().size(); ++i) out.push_back(key(i));
        return out;
    }

    std::string input;
    Mapping mapping;
    std::vector<std::string> header;
    std::optional<Plan> plan;
};

KindRule starts(std::string column, std::string text, std::string kind) {
    Condition condition;
    condition.column.name = std::move(column);
    condition.test = Condition::Test::kStarts;
    condition.text = std::move(text);
    return {{condition}, std::move(kind)};
}

KindRule below(std::string column, std::int64_t number, std::string kind) {
    Condition condition;
    condition.column.name = std::move(column);
    condition.test = Condition::Test::kBelow;
    condition.number = number;
    return {{condition}, std::move(kind)};
}

TEST(Plan, RowsWithTheSameKeyAreOneInteraction) {
    const Planned p(
        "k,c,d,p,q,u\n"
        "o1,anna,2026-01-02,apple,2,0.105\n"
        "o2,bob,2026-01-01,pear,1,3\n"
        "o1,,2026-01-01 10:00,plum,3,0.005\n",
        "key=k,party=c,at=d,product=p,quantity=q,unit_price=u");
    EXPECT_THAT(p.problems(), IsEmpty());
    ASSERT_EQ(p.plan->schedule().size(), 2U);
    EXPECT_THAT(p.keys(), ElementsAre("o2", "o1"));
    EXPECT_EQ(p.party(1), "anna");
    EXPECT_THAT(p.lines(1), ElementsAre(2, 4));
    EXPECT_EQ(p.at(1).amount, 21 + 2);  // 0.015 rounds half to even: 0.02
    EXPECT_LT(p.at(0).at, p.at(1).at);
    EXPECT_EQ(p.plan->anonymous_rows(), 0U);
}

TEST(Plan, RowsAreInOrderOfTimeThenOfKey) {
    const Planned p("k,c,d\nb,x,20260102\na,x,20260101\nc,x,20260102\nd,x,20260101\n", "key=k,party=c,at=d");
    EXPECT_THAT(p.keys(), ElementsAre("a", "d", "b", "c"));
}

TEST(Plan, TimesWithoutZoneAreInTheFilesZone) {
    const Planned p("c,d\nx,2026-07-01\nx,2026-07-01T00:00:00Z\n", "party=c,at=d");
    EXPECT_EQ(p.at(1).at - p.at(0).at, 3'600'000'000);  // British summer time
}

// A row without key has a date, a hash and a count for one: 2026-01-01-<32 digits>-0.
std::string hash_of(const std::string &key) { return key.substr(11, 32); }
std::string count_of(const std::string &key) { return key.substr(43); }

TEST(Plan, KeylessRowsKeepTheirKeysWhenTheFileGrows) {
    const std::string head = "c,d,v,note\nx,2026-01-01,1,a\ny,2026-01-01,1,b\nx,2026-01-01,1,c\n";
    const Planned shorter(head, "party=c,at=d,amount=v");
    const Planned longer(head + "x,2026-01-01,1,d\nz,2026-01-01,1,e\n", "party=c,at=d,amount=v");
    const auto before = shorter.keys();
    const auto after = longer.keys();
    ASSERT_EQ(after.size(), 5U);
    EXPECT_TRUE(std::includes(after.begin(), after.end(), before.begin(), before.end()));
    EXPECT_EQ(std::set(after.begin(), after.end()).size(), 5U);
    const auto first =
        std::find_if(after.begin(), after.end(), [&](const auto &key) { return count_of(key) == "-1"; }) - 1;
    EXPECT_THAT((std::vector{count_of(first[0]), count_of(first[1]), count_of(first[2])}),
                ElementsAre("-0", "-1", "-2"));
    EXPECT_EQ(hash_of(first[0]), hash_of(first[2]));
}

TEST(Plan, HashedCellsCannotRunIntoEachOther) {
    const Planned p("c,p,d\nab,c,2026-01-01\na,bc,2026-01-01\n", "party=c,product=p,at=d");
    EXPECT_NE(hash_of(p.key(0)), hash_of(p.key(1)));
}

TEST(Plan, EachBadRowHasItsLineAndReason) {
    const Planned p(
        "c,d,v\n"
        "x,2026-13-01,1\n"
        "x,2026-01-01,one\n"
        "x,2026-01-01,1.005\n"
        "x,2026-01-01,\n"
        "x,2026-01-01\n"
        "x,2026-01-01,1,2\n"
        "\"x,2026-01-01,1\n"
        "\xFF,2026-01-01,1\n"
        "x,2026-01-01,-1\n"
        "(anonymous),2026-01-01,1\n"
        "x,2026-01-01,99999999999999999999\n"
        "x,2026-01-01,9000000000000001\n"
        "x,2026-01-01,1\n",
        "party=c,at=d,amount=v");
    EXPECT_THAT(
        p.problems(),
        ElementsAre(HasSubstr("2: at (column d)"), HasSubstr("3: amount (column v) is not a number"),
                    HasSubstr("4: amount (column v)"), HasSubstr("5: amount (column v) is empty"),
                    HasSubstr("6: it has 2 fields"), HasSubstr("7: it has 4 fields"),
                    HasSubstr("8: a quote is opened"), HasSubstr("9: it is not valid UTF-8"),
                    HasSubstr("10: an order's amount"), HasSubstr("11: party (column c) is a reserved"),
                    HasSubstr("12: amount (column v) is too large"),
                    HasSubstr("13: amount (column v) is too large")));
    EXPECT_EQ(p.plan->rows_read(), 13U);
    EXPECT_EQ(p.plan->schedule().size(), 1U);
}

TEST(Plan, ABadRowTakesItsWholeInteraction) {
    const Planned p(
        "k,c,d,v\n"
        "o1,x,2026-01-01,1\n"
        "o1,x,2026-01-01,bad\n"
        "o2,x,2026-01-01,1\n"
        "o2,y,2026-01-01,1\n"
        "o3,x,2026-01-01,bad\n"
        "o3,x,2026-01-01,1\n"
        "o4,x,2026-01-01,1\n",
        "key=k,party=c,at=d,amount=v");
    EXPECT_THAT(p.problems(),
                ElementsAre("2: another row with the same key is bad (line 3)", HasSubstr("3: amount"),
                            "4: another row with the same key is bad (line 5)",
                            "5: a row with the same key has another party (line 4)", HasSubstr("6: amount"),
                            "7: another row with the same key is bad (line 6)"));
    EXPECT_THAT(p.keys(), ElementsAre("o4"));
}

TEST(Plan, RulesChooseTheKind) {
    const std::string text =
        "k,c,d,q,u\nC1,x,2026-01-01,-1,2\n2,x,2026-01-01,1,2\n3,x,2026-01-01,-4,0\nC4,x,2026-01-01,1,5\n";
    const Planned p(text, "key=k,party=c,at=d,quantity=q,unit_price=u",
                    {starts("k", "C", "return"), below("q", 0, "adjustment")});
    EXPECT_THAT(p.problems(), IsEmpty());
    EXPECT_THAT(p.plan->kinds(), ElementsAre("order", "return", "adjustment"));
    EXPECT_THAT((std::vector{p.at(0).kind, p.at(1).kind, p.at(2).kind, p.at(3).kind}),
                ElementsAre(0, 2, 1, 1));
    EXPECT_EQ(p.at(2).amount, -200);

    const Planned refused(text, "key=k,party=c,at=d,quantity=q,unit_price=u", {starts("k", "C", "return")});
    EXPECT_THAT(refused.problems(), ElementsAre(HasSubstr("4: an order's quantity cannot be negative")));
    const Planned mixed("k,c,d,q\n1,x,20260101,1\n1,x,20260101,-1\n", "key=k,party=c,at=d,quantity=q",
                        {below("q", 0, "return")});
    EXPECT_THAT(mixed.problems(), ElementsAre(HasSubstr("2: another row"),
                                              HasSubstr("3: a row with the same key is of another kind")));
}

TEST(Plan, NegativePricesAndLinesNeedAKindThatAllowsThem) {
    const std::string text = "c,d,p,q,u\nx,20260101,a,1,-2\n";
    const std::string map = "party=c,at=d,product=p,quantity=q,unit_price=u";
    EXPECT_THAT(Planned(text, map).problems(),
                ElementsAre(HasSubstr("2: an order's unit_price cannot be negative")));
    EXPECT_THAT(Planned(text, map, {starts("c", "x", "visit")}).problems(),
                ElementsAre("2: only the unit_price of a return or an adjustment can be negative"));
    EXPECT_THAT(Planned(text, map, {starts("c", "x", "adjustment")}).problems(), IsEmpty());
}

TEST(Plan, LinesHaveCategoryAndMarginInteractionsACampaign) {
    const std::string map = "key=k,party=c,at=d,product=p,amount=a,category=g,margin=m,campaign=n";
    const Planned p(
        "k,c,d,p,a,g,m,n\n1,x,20260101,tea,5,drinks,-1.25,spring\n1,x,20260101,cup,7,,,\n2,x,20260102,tea,1,,"
        "0.5,\n",
        map);
    EXPECT_THAT(p.problems(), IsEmpty());
    std::string scratch;
    const auto &first = p.plan->row(p.at(0).first_row), &second = p.plan->row(first.next);
    EXPECT_EQ(p.plan->text(first.category, scratch), "drinks");
    EXPECT_EQ(first.margin, -125);
    EXPECT_TRUE(second.category.empty());
    EXPECT_EQ(second.margin, kNoMargin) << "an empty cell is no margin";
    EXPECT_EQ(p.plan->text(p.at(0).campaign, scratch), "spring");
    EXPECT_TRUE(p.at(1).campaign.empty());
    const Planned two(
        "k,c,d,p,a,g,m,n\n1,x,20260101,tea,5,,,spring\n1,x,20260101,cup,7,,x,\n1,x,20260101,cup,7,,,May\n",
        map);
    EXPECT_THAT(two.problems(), ElementsAre(HasSubstr("2: another row with the same key is bad"),
                                            HasSubstr("3: margin (column m) is not a number"),
                                            HasSubstr("4: a row with the same key has another campaign")));
}

TEST(Plan, RowsWithoutPartyAreAnonymous) {
    const Planned p("k,c,d\n1,,2026-01-01\n1,,2026-01-01\n2,x,2026-01-01\n", "key=k,party=c,at=d");
    EXPECT_EQ(p.plan->anonymous_rows(), 2U);
    EXPECT_TRUE(p.at(0).party.empty());
}

TEST(Plan, AmountsThatOverflowAreRefused) {
    const Planned p("k,c,d,q,u\n1,x,20260101,9000000000000,9000000000000\n",
                    "key=k,party=c,at=d,quantity=q,unit_price=u");
    EXPECT_THAT(p.problems(), ElementsAre(HasSubstr("too large")));
}

// Real data.

std::optional<std::filesystem::path> data_file(const std::string &name) {
    const char *folder = std::getenv("KITH_SHARED");
#ifdef KITH_SHARED_DIR
    if (folder == nullptr) folder = KITH_SHARED_DIR;
#endif
    if (folder == nullptr) return std::nullopt;
    const auto path = std::filesystem::path(folder) / "data" / name;
    return std::filesystem::exists(path) ? std::optional(path) : std::nullopt;
}

TEST(RealFiles, CdnowFits) {
    const auto path = data_file("cdnow/cdnow_master.csv");
    if (!path) GTEST_SKIP() << "cdnow_master.csv is not there";
    const Input input(path->string());
    const Planned p(input.bytes(), "party=customer_id,at=date,amount=value");
    EXPECT_THAT(p.problems(), IsEmpty());
    ASSERT_EQ(p.plan->schedule().size(), 69659U);
    std::set<std::string> parties, keys;
    std::int64_t total = 0;
    std::size_t repeated = 0;
    for (std::size_t i = 0; i < p.plan->schedule().size(); ++i) {
        parties.insert(p.party(i));
        const std::string key = p.key(i);
        if (count_of(key) != "-0") ++repeated;
        keys.insert(key);
        total += p.at(i).amount;
    }
    EXPECT_EQ(parties.size(), 23570U);
    EXPECT_EQ(keys.size(), 69659U);
    EXPECT_EQ(repeated, 255U);
    EXPECT_EQ(total, 250031563);
}

std::string unpacked(const std::filesystem::path &path) {
    std::string out;
    std::FILE *pipe = popen(("gzip -dc '" + path.string() + "'").c_str(), "r");
    std::array<char, 65536> buffer;
    for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
        out.append(buffer.data(), n);
    pclose(pipe);
    return out;
}

// Cancellations are returns; write-offs (negative without C) and bad-debt entries (A...) are adjustments.
TEST(RealFiles, OnlineRetailFitsWithThreeRules) {
    const auto path = data_file("online_retail/online_retail.csv.gz");
    if (!path) GTEST_SKIP() << "online_retail.csv.gz is not there";
    const Planned p(unpacked(*path),
                    "party=CustomerID,at=InvoiceDate,key=InvoiceNo,product=StockCode,quantity=Quantity,unit_"
                    "price=UnitPrice",
                    {starts("InvoiceNo", "C", "return"), starts("InvoiceNo", "A", "adjustment"),
                     below("Quantity", 0, "adjustment")});
    EXPECT_THAT(p.problems(), IsEmpty());
    EXPECT_EQ(p.plan->rows_read(), 541909U);
    EXPECT_EQ(p.plan->schedule().size(), 25900U);
    EXPECT_EQ(p.plan->anonymous_rows(), 135080U);
    std::map<std::string, std::uint64_t> rows;
    for (std::size_t i = 0; i < p.plan->schedule().size(); ++i) {
        rows[p.plan->kinds()[p.at(i).kind]] += p.at(i).row_count;
    }
    EXPECT_EQ(rows["return"], 9288U);
    EXPECT_EQ(rows["adjustment"], 1339U);
    EXPECT_EQ(rows["order"], 531282U);
}

}  // namespace
}  // namespace kith::cli
