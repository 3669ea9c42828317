// Goal: a real shop's invoices come in with their lines, returns, negative quantities and rows without
// customer; every row is accounted for, and nothing is doubled.
// Method: the Online Retail data set, unpacked through a pipe, with a mapping file that chooses the kind
// by row. Rows, kinds, customers and sums are counted again here, in integers, from the same CSV.
#include <cstdint>
#include <cstdio>
#include <map>
#include <set>

#include "cli/shop.hpp"

namespace kith::test {
namespace {

constexpr const char *kMapping = R"({
  "system": "retail",
  "kind": "order",
  "map": {"party": "CustomerID", "at": "InvoiceDate", "key": "InvoiceNo", "product": "StockCode",
          "quantity": "Quantity", "unit_price": "UnitPrice"},
  "when": [
    {"when": {"column": "InvoiceNo", "starts": "C"}, "kind": "return"},
    {"when": {"column": "InvoiceNo", "starts": "A"}, "kind": "adjustment"},
    {"when": {"column": "Quantity", "below": 0}, "kind": "adjustment"}
  ]
})";

// A decimal as millionths.
std::int64_t millionths(const std::string &text) {
    const auto point = text.find('.');
    std::string digits = text.substr(0, point);
    std::string decimals = point == std::string::npos ? "" : text.substr(point + 1);
    decimals.resize(6, '0');
    return std::stoll(digits + decimals);
}

// quantity times price in pence, rounded half-even.
std::int64_t pence(std::int64_t quantity, std::int64_t price_millionths) {
    constexpr std::int64_t kUnit = 10'000;  // millionths in a penny
    const std::int64_t exact = quantity * price_millionths;
    const std::int64_t size = exact < 0 ? -exact : exact;
    std::int64_t whole = size / kUnit;
    const std::int64_t rest = size % kUnit;
    if (rest * 2 > kUnit || (rest * 2 == kUnit && whole % 2 == 1)) ++whole;
    return exact < 0 ? -whole : whole;
}

std::string decimal(std::int64_t pence) {
    const std::string sign = pence < 0 ? "-" : "";
    const std::int64_t size = pence < 0 ? -pence : pence;
    const std::string cents = std::to_string(size % 100);
    return sign + std::to_string(size / 100) + (cents.size() < 2 ? ".0" : ".") + cents;
}

struct Counted {
    std::int64_t rows = 0, without_customer = 0, negative = 0;
    std::set<std::string> customers;
    std::map<std::string, std::int64_t> amount;                 // by kind
    std::map<std::string, std::set<std::string>> interactions;  // by kind
};

Counted count(const std::string &csv) {
    Counted counted;
    Rows rows = csv_rows(csv);
    rows.erase(rows.begin());
    for (const auto &row : rows) {
        const std::string &invoice = row[0];
        const std::int64_t quantity = std::stoll(row[3]);
        const std::string kind = invoice[0] == 'C'                   ? "return"
                                 : invoice[0] == 'A' || quantity < 0 ? "adjustment"
                                                                     : "order";
        ++counted.rows;
        counted.negative += quantity < 0;
        counted.without_customer += row[6].empty();
        if (!row[6].empty()) counted.customers.insert(row[6]);
        counted.amount[kind] += pence(quantity, millionths(row[5]));
        counted.interactions[kind].insert(invoice);
    }
    return counted;
}

class OnlineRetailTest : public Shop {
protected:
    void SetUp() override {
        packed_ = shared("data/online_retail/online_retail.csv.gz");
        if (packed_.empty()) GTEST_SKIP() << "data/online_retail is not there";
        mapping_ = write("mapping.json", kMapping);
        ASSERT_EQ(init(file_, {"--currency", "GBP", "--tz", "Europe/London"}).status, 0);
    }

    Json import_piped(const std::string &csv) const {
        const std::string report = path("report.json");
        const std::string line = "cat " + csv + " | " + command() + " import " + file_ +
                                 " interactions - --mapping " + mapping_ + " --json > " + report;
        EXPECT_EQ(std::system(line.c_str()), 0);
        return parse(read_text(report));
    }

    // The first `lines` of the file, or all of it.
    std::string unpack(std::size_t lines) const {
        const std::string csv = path("retail.csv");
        const std::string first = lines == 0 ? "" : " | head -n " + std::to_string(lines);
        EXPECT_EQ(std::system(("zcat " + packed_ + first + " > " + csv).c_str()), 0);
        return csv;
    }

    void expect_all_of(const std::string &csv) {
        const Counted want = count(read_text(csv));
        const Json first = import_piped(csv);
        EXPECT_EQ(first["rows"], want.rows);
        EXPECT_EQ(first["rows_skipped"], 0);
        EXPECT_EQ(first["bad_rows"], 0);
        EXPECT_EQ(first["anonymous_rows"], want.without_customer);
        EXPECT_EQ(first["parties_created"], want.customers.size() + 1);
        std::size_t interactions = 0;
        for (const char *kind : {"order", "return", "adjustment"}) {
            const auto &invoices = want.interactions.at(kind);
            EXPECT_EQ(first["kinds"][kind]["interactions"], invoices.size()) << kind;
            EXPECT_EQ(first["kinds"][kind]["amount"], decimal(want.amount.at(kind))) << kind;
            interactions += invoices.size();
        }
        EXPECT_EQ(first["created"], interactions);
        const Json base = info();
        EXPECT_EQ(base["parties"], want.customers.size() + 1);
        EXPECT_EQ(base["anonymous"], 1);
        EXPECT_EQ(base["interactions"], interactions);
        EXPECT_EQ(base["amount_total"], decimal(want.amount.at("order")));
        EXPECT_EQ(base["returns_total"], decimal(want.amount.at("return")));
        expect_lines_of(csv, want);
        EXPECT_LE(csv_rows(text({"rfm", file_, "--csv"})).size(), want.customers.size() + 1);

        const Json again = import_piped(csv);
        EXPECT_EQ(again["created"], 0);
        EXPECT_EQ(again["existing"], interactions);
        EXPECT_EQ(again["parties_created"], 0);
        EXPECT_EQ(info()["feed_last"], base["feed_last"]) << "the second import changed something";
        EXPECT_EQ(run({"verify", file_}).status, 0);
    }

    // Every row is a line in the export.
    void expect_lines_of(const std::string &csv, const Counted &want) const {
        std::int64_t lines = 0, negative = 0;
        std::istringstream in(facts());
        for (std::string text; std::getline(in, text);) {
            const Json record = parse(text);
            if (!record.contains("lines")) continue;
            for (const Json &line : record["lines"]) {
                ++lines;
                negative += line["quantity"].get<std::string>()[0] == '-';
            }
        }
        EXPECT_EQ(lines, want.rows) << csv;
        EXPECT_EQ(negative, want.negative);
    }

    std::string packed_, mapping_;
};

TEST_F(OnlineRetailTest, EveryRowIsAccountedFor) { expect_all_of(unpack(0)); }

}  // namespace
}  // namespace kith::test
