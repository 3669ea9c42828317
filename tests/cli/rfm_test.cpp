// Goal: `kith rfm` answers as the reference implementation does, row for row, and takes the other
// schemes it promises.
// Method: the rfm package's order data and its complete expected table (names with apostrophes among
// the keys); a made-up shop whose classes can be worked out by hand for the rest.
#include <algorithm>

#include "cli/shop.hpp"

namespace kith::test {
namespace {

class RfmTest : public Shop {};

constexpr const char *kHeader = "party,recency_days,frequency,monetary,r,f,m,cell\n";

TEST_F(RfmTest, EveryRowOfTheReferenceTable) {
    const std::string orders = shared("data/rfm/rfm_data_orders.csv");
    if (orders.empty()) GTEST_SKIP() << "data/rfm is not there";
    ASSERT_EQ(init().status, 0);
    const Ended ended =
        import(orders, {"--kind", "order", "--map", "party=customer_id,at=order_date,amount=revenue"});
    ASSERT_EQ(ended.status, 0) << ended;

    const std::string csv = text({"rfm", file_, "--as-of", "2006-12-31", "--csv"});
    EXPECT_EQ(csv.substr(0, csv.find('\n') + 1), kHeader);
    Rows got = csv_rows(csv),
         expected = csv_rows(read_text(shared("data/rfm/expected_rfm_orders_2006-12-31.csv")));
    for (Rows *rows : {&got, &expected}) {
        rows->erase(rows->begin());
        std::sort(rows->begin(), rows->end());
    }
    for (auto &row : expected) row[3] += ".00";
    EXPECT_EQ(expected.size(), 995U);
    EXPECT_EQ(got, expected);
}

// Seen from 2024-12-31; an order of a later day, which does not count yet.
constexpr const char *kYearOfOrders =
    "who,when,value\n"
    "often,2024-12-30,6000\noften,2024-12-20,6000\noften,2024-11-20,6000\n"
    "once,2024-01-15,100.50\n"
    "zero,2024-12-31,0\n"
    "later,2025-01-01,10\n";

TEST_F(RfmTest, SchemesAreChosenByNameOrFile) {
    ASSERT_EQ(init().status, 0);
    ASSERT_EQ(import(write("orders.csv", kYearOfOrders),
                     {"--kind", "order", "--map", "party=who,at=when,amount=value"})
                  .status,
              0);
    const auto rows = [&](const std::string &scheme) {
        return csv_rows(text({"rfm", file_, "--as-of", "2024-12-31", "--scheme", scheme, "--csv"}));
    };
    const Rows airline = rows("airline");
    ASSERT_EQ(airline.size(), 4U);  // the header, and who had ordered by then
    for (const auto &row : airline) EXPECT_NE(row[0], "later");
    const auto row_of = [](const Rows &table, const std::string &party) {
        const auto found =
            std::find_if(table.begin(), table.end(), [&](const auto &row) { return row[0] == party; });
        return found == table.end() ? std::vector<std::string>(8) : *found;
    };
    EXPECT_EQ(row_of(airline, "often"),
              (std::vector<std::string>{"often", "1", "3", "18000.00", "5", "2", "5", "525"}));
    EXPECT_EQ(row_of(airline, "once"),
              (std::vector<std::string>{"once", "351", "1", "100.50", "2", "1", "1", "211"}));
    EXPECT_EQ(row_of(airline, "zero"),
              (std::vector<std::string>{"zero", "0", "1", "0.00", "5", "1", "1", "511"}));

    const std::string own = write("own.json", R"({"playbook": "own", "format": 1, "version": 1, "define": [
        {"bands": "recency", "of": "recency_days", "classes": [{"up_to": 30, "is": 2}, {"is": 1}]},
        {"bands": "frequency", "of": "orders", "classes": [{"below": 2, "is": 1}, {"is": 2}]},
        {"bands": "monetary", "of": "monetary", "classes": [{"up_to": 100, "is": 1}, {"is": 2}]}]})");
    const Rows banded = rows(own);
    EXPECT_EQ(row_of(banded, "often")[7], "222");
    EXPECT_EQ(row_of(banded, "once")[7], "112");
    EXPECT_EQ(row_of(banded, "zero")[7], "211");

    EXPECT_EQ(rows("quantile:2").size(), 4U);
    const Json as_json = json({"rfm", file_, "--as-of", "2024-12-31"});
    EXPECT_EQ(as_json["parties"].size(), 3U);
    EXPECT_NE(text({"rfm", file_}).find("RFM of 4 customers"), std::string::npos);
}

TEST_F(RfmTest, WrongSchemesAreRefusedWithAHint) {
    ASSERT_EQ(init().status, 0);
    const auto refused = [&](const std::string &scheme, int status) {
        const Ended ended = run({"rfm", file_, "--as-of", "2024-12-31", "--scheme", scheme});
        EXPECT_EQ(ended.status, status) << scheme << ended;
        EXPECT_EQ(ended.err.rfind("kith: ", 0), 0U) << ended;
        EXPECT_EQ(ended.out, "");
    };
    for (const char *scheme : {"quantile:1", "quantile:10", "quantile:", "quantile:five", "quantile:5x"})
        refused(scheme, 2);
    refused(path("absent.json"), 1);
    refused("quantiles", 1);  // neither a name nor a file
    refused(write("junk.json", "not JSON"), 1);
    refused(write("empty.json", "{}"), 1);
    refused(write("list.json", "[]"), 1);
    const Ended ended = run({"rfm", file_, "--as-of", "yesterday"});
    EXPECT_EQ(ended.status, 2) << ended;
    EXPECT_NE(ended.err.find("--as-of"), std::string::npos) << ended;
}

}  // namespace
}  // namespace kith::test
