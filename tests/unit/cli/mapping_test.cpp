// Goal: columns are found as written in --map, in a mapping file, or by well-known names; what cannot
// be right is refused as wrong usage with a message that names it. Method: written cases.
#include "cli/mapping.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/context.hpp"
#include "cli/mapping_file.hpp"

namespace kith::cli {
namespace {

using ::testing::HasSubstr;

template <typename Call>
std::string usage_error(Call call) {
    try {
        call();
    } catch (const Failure &failure) {
        EXPECT_EQ(failure.exit_code, kUsage) << failure.message;
        return failure.message;
    }
    ADD_FAILURE() << "nothing was refused";
    return {};
}

Mapping map_option(std::string_view text) {
    Mapping mapping;
    read_map_option(text, mapping);
    return mapping;
}

TEST(Mapping, OptionNamesColumns) {
    const Mapping mapping = map_option("party=Customer ID,at=Day, Month,amount=x=y");
    EXPECT_EQ(mapping.columns[kParty].name, "Customer ID");
    EXPECT_EQ(mapping.columns[kAt].name, "Day, Month");
    EXPECT_EQ(mapping.columns[kAmount].name, "x=y");
    EXPECT_FALSE(mapping.columns[kKey].mapped());
    EXPECT_THAT(usage_error([] { map_option("customer=a,at=b"); }), HasSubstr("\"customer\""));
    EXPECT_THAT(usage_error([] { map_option("party"); }), HasSubstr("party=COL"));
    EXPECT_THAT(usage_error([] { map_option("party=,at=b"); }), HasSubstr("names no column"));
    usage_error([] { map_option(""); });
}

TEST(Mapping, FileSaysTheSame) {
    const Mapping mapping =
        read_mapping(R"({"system": "shop", "kind": "order", "map": {"party": "c", "at": 2},
        "when": [{"when": {"column": "n", "starts": "C"}, "kind": "return"},
                 {"when": [{"column": "q", "below": -0.5}, {"column": "c", "empty": false}], "kind": "adjustment"}],
        "delimiter": ";", "header": true})");
    EXPECT_EQ(mapping.system, "shop");
    EXPECT_EQ(mapping.kind, "order");
    EXPECT_EQ(mapping.columns[kParty].name, "c");
    EXPECT_EQ(mapping.columns[kAt].name, "2");
    EXPECT_EQ(mapping.delimiter, ';');
    EXPECT_EQ(mapping.header, true);
    ASSERT_EQ(mapping.rules.size(), 2U);
    EXPECT_EQ(mapping.rules[0].kind, "return");
    ASSERT_EQ(mapping.rules[1].conditions.size(), 2U);
    EXPECT_EQ(mapping.rules[1].conditions[0].number, -500000);
    EXPECT_FALSE(mapping.rules[1].conditions[1].empty);
}

TEST(Mapping, FileErrorsNameTheirPlace) {
    const auto refused = [](std::string_view json) { return usage_error([&] { read_mapping(json); }); };
    EXPECT_THAT(refused("{"), HasSubstr("not valid JSON"));
    EXPECT_THAT(refused("[]"), HasSubstr("not an object"));
    EXPECT_THAT(refused(R"({"maps": {}})"), HasSubstr("\"maps\""));
    EXPECT_THAT(refused(R"({"map": {"customer": "c"}})"), HasSubstr("\"customer\""));
    EXPECT_THAT(refused(R"({"map": {"party": true}})"), HasSubstr("name or the number"));
    EXPECT_THAT(refused(R"({"kind": 3})"), HasSubstr("\"kind\""));
    EXPECT_THAT(refused(R"({"when": {}})"), HasSubstr("list of rules"));
    EXPECT_THAT(refused(R"({"when": [{"kind": "return"}]})"), HasSubstr("rule 1"));
    EXPECT_THAT(refused(R"({"when": [{"when": [], "kind": "return"}]})"), HasSubstr("no condition"));
    EXPECT_THAT(refused(R"({"when": [{"when": {"column": "a"}, "kind": "r"}]})"), HasSubstr("one test"));
    EXPECT_THAT(refused(R"({"when": [{"when": {"column": "a", "is": "b"}, "kind": "r"}]})"),
                HasSubstr("\"is\""));
    EXPECT_THAT(refused(R"({"when": [{"when": {"column": "a", "below": "b"}, "kind": "r"}]})"),
                HasSubstr("\"below\""));
    EXPECT_THAT(refused(R"({"delimiter": "x"})"), HasSubstr("delimiter"));
    EXPECT_THAT(refused(R"({"header": "yes"})"), HasSubstr("\"header\""));
}

TEST(Mapping, Conditions) {
    Condition condition;
    condition.text = "C";
    condition.test = Condition::Test::kStarts;
    EXPECT_TRUE(condition.holds("C536379"));
    EXPECT_FALSE(condition.holds("536379C"));
    condition.test = Condition::Test::kEnds;
    EXPECT_TRUE(condition.holds("536379C"));
    EXPECT_FALSE(condition.holds(""));
    condition.test = Condition::Test::kEquals;
    EXPECT_TRUE(condition.holds("C"));
    EXPECT_FALSE(condition.holds("CC"));
    condition.test = Condition::Test::kEmpty;
    EXPECT_TRUE(condition.holds(""));
    condition.empty = false;
    EXPECT_TRUE(condition.holds("x"));
    condition.test = Condition::Test::kBelow;
    EXPECT_TRUE(condition.holds("-1"));
    EXPECT_FALSE(condition.holds("0"));
    EXPECT_FALSE(condition.holds("none"));
}

TEST(Mapping, GuessesWellKnownNames) {
    Mapping retail;
    EXPECT_EQ(guess_columns({"InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice",
                             "CustomerID", "Country"},
                            retail),
              "party=CustomerID,at=InvoiceDate,key=InvoiceNo,product=StockCode,quantity=Quantity,unit_price="
              "UnitPrice");
    Mapping plain;
    EXPECT_EQ(guess_columns({"customer_id", "date", "num_cds", "value"}, plain),
              "party=customer_id,at=date,amount=value");
    Mapping other;
    EXPECT_THAT(usage_error([&] { guess_columns({"who", "date"}, other); }), HasSubstr("who, date"));
    Mapping twice;
    EXPECT_THAT(usage_error([&] {
                    guess_columns({"customer", "date", "value", "total"}, twice);
                }),
                HasSubstr("\"value\" and \"total\""));
}

TEST(Mapping, BindsByNameThenByNumber) {
    const std::vector<std::string> header = {"date", "1", "who", "twice", "twice"};
    Mapping mapping = map_option("party=who,at=1,amount=4");
    bind_columns(mapping, &header, header.size());
    EXPECT_EQ(mapping.columns[kParty].index, 2U);
    EXPECT_EQ(mapping.columns[kAt].index, 1U);
    EXPECT_EQ(mapping.columns[kAmount].index, 3U);

    mapping = map_option("party=2,at=1");
    bind_columns(mapping, nullptr, 2);
    EXPECT_EQ(mapping.columns[kParty].index, 1U);

    const auto refused = [&](std::string_view map, bool with_header) {
        Mapping bad = map_option(map);
        return usage_error([&] { bind_columns(bad, with_header ? &header : nullptr, header.size()); });
    };
    EXPECT_THAT(refused("party=who", true), HasSubstr("time"));
    EXPECT_THAT(refused("at=date", true), HasSubstr("party"));
    EXPECT_THAT(refused("party=Who,at=date", true), HasSubstr("date, 1, who"));
    EXPECT_THAT(refused("party=twice,at=date", true), HasSubstr("two columns"));
    EXPECT_THAT(refused("party=6,at=1", false), HasSubstr("1 to 5"));
    EXPECT_THAT(refused("party=0,at=1", false), HasSubstr("1 to 5"));
}

TEST(Mapping, DetectsAHeader) {
    EXPECT_TRUE(detect_header({}, {"customer", "date"}));
    EXPECT_FALSE(detect_header({}, {"anna", "2026-01-31", "x"}));
    EXPECT_FALSE(detect_header({}, {"anna", "bob", "12.50"}));
    EXPECT_TRUE(detect_header(map_option("party=c,at=2"), {"c", "2026"}));
    EXPECT_FALSE(detect_header(map_option("party=1,at=2"), {"c", "20260131"}));
    EXPECT_TRUE(detect_header(map_option("party=1,at=2"), {"c", "d"}));
}

}  // namespace
}  // namespace kith::cli
