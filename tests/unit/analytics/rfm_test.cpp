// Goal: RFM classes are those of the rfm package (R), and months of recency are exact. Method: every
// row of its answer for its own data; months against a walk through the calendar.
#include "analytics/rfm.hpp"

#include <map>

#include <gtest/gtest.h>

#include "analytics/quantiles.hpp"
#include "base/time.hpp"
#include "unit/analytics/shared_csv.hpp"

namespace kith::analytics {
namespace {

struct Customer {
    std::int64_t last_day = 0, orders = 0, amount = 0;
};

TEST(Rfm, EveryRowOfTheRfmPackage) {
    KITH_NEEDS_SHARED("rfm/rfm_data_orders.csv");
    std::map<std::string, Customer> customers;
    for (const auto &row : test::read_shared("rfm/rfm_data_orders.csv")) {
        Customer &customer = customers[row[0]];
        customer.last_day = std::max(customer.last_day, test::day_of(row[1]));
        customer.orders += 1;
        customer.amount += std::stoll(row[2]);
    }
    std::vector<double> recency, frequency, monetary;
    for (const auto &[name, customer] : customers) {
        recency.push_back(static_cast<double>(test::day_of("2006-12-31") - customer.last_day));
        frequency.push_back(static_cast<double>(customer.orders));
        monetary.push_back(static_cast<double>(customer.amount));
    }
    const auto r = quantile_classes(recency, 5, true);
    const auto f = quantile_classes(frequency, 5);
    const auto m = quantile_classes(monetary, 5);

    const auto expected = test::read_shared("rfm/expected_rfm_orders_2006-12-31.csv");
    ASSERT_EQ(expected.size(), 995U);
    ASSERT_EQ(customers.size(), expected.size());
    std::map<std::string, std::size_t> index;
    for (const auto &entry : customers) index.emplace(entry.first, index.size());
    for (const auto &row : expected) {
        ASSERT_TRUE(index.contains(row[0]));
        const std::size_t i = index[row[0]];
        EXPECT_EQ(std::to_string(static_cast<std::int64_t>(recency[i])), row[1]);
        EXPECT_EQ(std::to_string(static_cast<std::int64_t>(frequency[i])), row[2]);
        EXPECT_EQ(std::to_string(static_cast<std::int64_t>(monetary[i])), row[3]);
        EXPECT_EQ(std::to_string(r[i]), row[4]) << row[0];
        EXPECT_EQ(std::to_string(f[i]), row[5]) << row[0];
        EXPECT_EQ(std::to_string(m[i]), row[6]) << row[0];
    }
}

std::int64_t day(std::int32_t year, std::int32_t month, std::int32_t day_of_month) {
    return base::days_of({year, month, day_of_month});
}

TEST(RecencyMonths, Borders) {
    EXPECT_EQ(recency_months(day(2026, 1, 15), day(2026, 1, 15)), 0);
    EXPECT_EQ(recency_months(day(2026, 1, 16), day(2026, 1, 15)), 0);
    EXPECT_EQ(recency_months(day(2026, 1, 15), day(2026, 1, 16)), 1);
    EXPECT_EQ(recency_months(day(2026, 1, 15), day(2026, 2, 15)), 1);
    EXPECT_EQ(recency_months(day(2026, 1, 15), day(2026, 2, 16)), 2);
    EXPECT_EQ(recency_months(day(2026, 1, 31), day(2026, 2, 28)), 1);
    EXPECT_EQ(recency_months(day(2026, 1, 31), day(2026, 3, 1)), 2);
    EXPECT_EQ(recency_months(day(2024, 2, 29), day(2025, 2, 28)), 12);
    EXPECT_EQ(recency_months(day(2024, 2, 29), day(2025, 3, 1)), 13);
}

TEST(RecencyMonths, AgainstTheDefinition) {
    const base::Zone utc = base::Zone::utc();
    for (std::int64_t last = day(2023, 12, 25); last < day(2024, 4, 5); ++last) {
        for (std::int64_t as_of = last; as_of < last + 430; as_of += 3) {
            std::int32_t months = 0;
            while (utc.add(last * base::kDay, months, 0, 0) < as_of * base::kDay) ++months;
            ASSERT_EQ(recency_months(last, as_of), months) << last << " " << as_of;
        }
    }
}

}  // namespace
}  // namespace kith::analytics
