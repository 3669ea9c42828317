// On real data it is one whether definitions are installed before the rows, after them or half-way: CDNOW and
// Online Retail, or the first rows of them.
#pragma once

#include <algorithm>
#include <map>

#include "cli/shop.hpp"

namespace kith::test {

inline constexpr const char *kRealPlaybooks[] = {"rfm-airline", "rfm-quintiles",  "abc",   "kpi", "value",
                                                 "loyalty",     "service-matrix", "growth"};

struct RealData {
    std::vector<std::string> init, import;
    std::string halves[2];      // paths of CSV files
    std::string between, then;  // when due work is run
};

class RealDataTest : public Shop {
protected:
    static std::string kith(const std::vector<std::string> &arguments) {
        const Ended ended = run(arguments);
        EXPECT_EQ(ended.status, 0) << ended;
        return ended.out;
    }

    // The rows in two files of about the same size, each with the header; rows of one key stay together.
    void halve(const std::string &csv, RealData &data) const {
        const std::string header = csv.substr(0, csv.find('\n') + 1);
        const auto next = [&](std::size_t from) { return csv.find('\n', from) + 1; };
        const auto key = [&](std::size_t row) { return csv.substr(row, csv.find(',', row) - row); };
        auto middle = next(csv.size() / 2);
        for (auto first = middle; key(middle) == key(first);) middle = next(middle);
        data.halves[0] = write("first.csv", csv.substr(0, middle));
        data.halves[1] = write("second.csv", header + csv.substr(middle));
    }

    // The values of all customers, of a file in which they were installed before the half `when` (2: last).
    std::string measured(const RealData &data, int when) {
        file_ = path("data" + std::to_string(when) + ".kith");
        EXPECT_EQ(init(file_, data.init).status, 0);
        for (const int now : {0, 1, 2}) {
            if (now == when) {
                for (const char *name : kRealPlaybooks) kith({"playbook", "install", file_, name});
            }
            if (now == 2) break;
            const Ended ended = import_to(file_, data.halves[now], data.import);
            EXPECT_EQ(ended.status, 0) << ended;
            kith({"run-due", file_, "--now", now == 0 ? data.between : data.then});
        }
        kith({"run-due", file_, "--now", data.then});  // cuts of what was installed last
        const Ended verified = run({"verify", file_});
        EXPECT_EQ(verified.status, 0) << verified;
        return kith({"metrics", file_, "m.rfm_cell", "m.rfm_group", "m.rfm_quintile_cell", "band.abc",
                     "sales_12m", "net_profit_12m", "score.loyalty_index", "cell.service",
                     "in_segment('below_zero')", "expansion_12m", "ranges_bought", "--now", data.then,
                     "--csv"});
    }

    // What stands in the file beside: figures, cuts, how many members.
    std::string other(const RealData &data) const {
        std::string all = kith({"board", file_, "--at", data.then, "--csv"});
        std::istringstream scores(kith({"list", file_, "scores", "--csv"}));
        for (std::string line; std::getline(scores, line);) {
            if (line.find(data.then) != line.npos) all += line + "\n";  // the cuts that stand
        }
        EXPECT_NE(all.find("band.abc,1,"), all.npos);
        for (const char *cell : {"loyalty", "expansion", "diversification"})
            all += kith({"metrics", file_, std::string("m.growth_sales_12m['") + cell + "']", "--per", "all",
                         "--now", data.then, "--csv"});
        return all + kith({"segments", file_, "--csv"});
    }

    void cdnow(std::size_t share);
    void online_retail(std::size_t share);

    static std::string first_part(const std::string &csv, std::size_t share) {
        return csv.substr(0, csv.find('\n', csv.size() / share - 1) + 1);
    }

    Rows same_whenever(const RealData &data) {
        const auto values = measured(data, 0), rest = other(data);
        for (const int when : {1, 2}) {
            EXPECT_EQ(measured(data, when), values) << when;
            EXPECT_EQ(other(data), rest) << when;
        }
        return csv_rows(values);
    }
};

inline std::int64_t cents(const std::string &amount) {
    const auto point = amount.find('.');
    return std::stoll(amount.substr(0, point) + amount.substr(point + 1));
}

// The class of each amount: the largest first, A up to and with the one that crosses 80 % of the sum, B 95 %;
// equal ones have the class of the first of them.
inline std::map<std::int64_t, std::string> abc_of(std::vector<std::int64_t> amounts) {
    std::ranges::sort(amounts, std::greater());
    std::int64_t total = 0, before = 0;
    for (const auto amount : amounts) total += amount;
    std::map<std::int64_t, std::string> classes;
    for (const auto amount : amounts) {
        classes.emplace(amount, before * 100 < total * 80 ? "A" : before * 100 < total * 95 ? "B" : "C");
        before += amount;
    }
    return classes;
}

inline void expect_abc(const Rows &values) {
    std::vector<std::int64_t> amounts;
    for (std::size_t i = 1; i < values.size(); ++i) amounts.push_back(cents(values[i][5]));
    const auto classes = abc_of(amounts);
    std::map<std::string, std::size_t> found;  // by class
    std::size_t different = 0;
    for (std::size_t i = 1; i < values.size(); ++i) {
        different += classes.at(cents(values[i][5])) != values[i][4];
        ++found[values[i][4]];
    }
    EXPECT_EQ(different, 0U);
    EXPECT_EQ(found.size(), 3U);
}

// `share`: of so many parts the first.
inline void RealDataTest::cdnow(std::size_t share) {
    const std::string csv = shared("data/cdnow/cdnow_master.csv");
    if (csv.empty()) GTEST_SKIP() << "data/cdnow is not there";
    RealData data{{},
                  {"--kind", "order", "--map", "party=customer_id,at=date,amount=value"},
                  {},
                  "1998-06-28",
                  "1998-07-01"};
    halve(first_part(read_text(csv), share), data);
    const auto values = same_whenever(data);
    if (share == 1) {
        EXPECT_EQ(values.size(), 23'571U);
    }
    ASSERT_GT(values.size(), 1'000U);
    expect_abc(values);
    // The cells are those of the command, by both schemes; its day ends before the next begins.
    const auto airline =
        csv_rows(kith({"metrics", file_, "m.rfm_cell", "--now", "1998-06-30T23:59:59", "--csv"}));
    for (const auto &[scheme, cells_found, column] :
         {std::tuple("airline", &airline, 1U), {"quantile:5", &values, 3U}}) {
        std::map<std::string, std::string> cells;
        for (const auto &row :
             csv_rows(kith({"rfm", file_, "--as-of", "1998-06-30", "--scheme", scheme, "--csv"})))
            cells[row[0]] = row[7];
        ASSERT_EQ(cells.size(), values.size());
        std::size_t different = 0;
        for (std::size_t i = 1; i < values.size(); ++i)
            different += cells[(*cells_found)[i][0]] != (*cells_found)[i][column];
        EXPECT_EQ(different, 0U) << scheme;
    }
}

inline void RealDataTest::online_retail(std::size_t share) {
    const std::string packed = shared("data/online_retail/online_retail.csv.gz");
    if (packed.empty()) GTEST_SKIP() << "data/online_retail is not there";
    const auto unpacked = path("retail.csv");
    ASSERT_EQ(std::system(("zcat " + packed + " > " + unpacked).c_str()), 0);
    RealData data{
        {"--currency", "GBP", "--tz", "Europe/London"},
        {"--kind", "order", "--mapping", write("mapping.json", R"({"system": "retail", "kind": "order",
        "map": {"party": "CustomerID", "at": "InvoiceDate", "key": "InvoiceNo", "product": "StockCode",
                "quantity": "Quantity", "unit_price": "UnitPrice"},
        "when": [{"when": {"column": "InvoiceNo", "starts": "C"}, "kind": "return"},
                 {"when": {"column": "InvoiceNo", "starts": "A"}, "kind": "adjustment"},
                 {"when": {"column": "Quantity", "below": 0}, "kind": "adjustment"}]})")},
        {},
        "2011-12-07",
        "2011-12-10"};
    halve(first_part(read_text(unpacked), share), data);
    const auto values = same_whenever(data);
    if (share == 1) {
        EXPECT_EQ(values.size(), 4'373U);  // and the header
    }
    ASSERT_GT(values.size(), 500U);
    expect_abc(values);
}

}  // namespace kith::test
