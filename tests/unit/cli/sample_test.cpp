// Goal: the sample shop is the same for the same seed and believable as a shop.
// Method: properties over whole shops of several seeds: order of time, sums, returns after orders,
// numbering, unique identifiers, the seasons and the habits.
#include "cli/sample.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <set>

namespace kith::cli {
namespace {

constexpr std::int64_t kMicrosADay = 86'400'000'000;

std::chrono::year_month_day date_of(kith_time at) {
    return std::chrono::sys_days(std::chrono::days(at / kMicrosADay));
}

class Sample : public testing::TestWithParam<std::uint64_t> {
protected:
    SampleShop shop_ = make_sample({GetParam(), 2500, 2});
};

TEST_P(Sample, HasTwoThousandCustomersWithinItsTwoYears) {
    EXPECT_GE(shop_.customers.size(), 2000U);
    EXPECT_LE(shop_.customers.size(), 2500U);
    EXPECT_EQ(shop_.end - shop_.begin, 731 * kMicrosADay);  // 2024 and 2025
    kith_time before = shop_.begin;
    for (const SampleEvent &event : shop_.events) {
        EXPECT_GE(event.at, before);
        EXPECT_LT(event.at, shop_.end);
        before = event.at;
    }
}

TEST_P(Sample, AmountsAreTheSumsOfTheirLines) {
    for (const SampleEvent &event : shop_.events) {
        std::int64_t sum = 0;
        for (const SampleLine &line : event.lines) {
            ASSERT_LT(line.product, sample_products().size());
            EXPECT_EQ(line.amount, line.quantity * sample_products()[line.product].price);
            sum += line.amount;
        }
        EXPECT_EQ(event.amount, sum);
        const bool goods = event.kind == SampleKind::kOrder || event.kind == SampleKind::kReturn;
        EXPECT_EQ(goods, !event.lines.empty());
        EXPECT_EQ(event.amount > 0, event.kind == SampleKind::kOrder);
        EXPECT_EQ(event.amount < 0, event.kind == SampleKind::kReturn);
    }
}

TEST_P(Sample, GoodsComeBackOnlyAfterTheyWereBought) {
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::int64_t> held;  // by customer and product
    std::size_t returns = 0;
    for (const SampleEvent &event : shop_.events) {
        for (const SampleLine &line : event.lines) {
            std::int64_t &quantity = held[{event.customer, line.product}];
            quantity += line.quantity;
            EXPECT_GE(quantity, 0) << event.key;
        }
        returns += event.kind == SampleKind::kReturn ? 1 : 0;
    }
    EXPECT_GT(returns, 100U);
}

TEST_P(Sample, CustomersAreNumberedInTheOrderInWhichTheyCameAndStartWithAnOrder) {
    std::uint32_t known = 0;
    for (const SampleEvent &event : shop_.events) {
        ASSERT_LE(event.customer, known);
        if (event.customer == known) {
            EXPECT_EQ(event.kind, SampleKind::kOrder);
            ++known;
        }
    }
    EXPECT_EQ(known, shop_.customers.size());
}

TEST_P(Sample, KeysAndIdentifiersAreUnique) {
    std::set<std::string> keys, identifiers;
    for (const SampleEvent &event : shop_.events) EXPECT_TRUE(keys.insert(event.key).second) << event.key;
    for (const SampleCustomer &customer : shop_.customers) {
        EXPECT_FALSE(customer.name.empty());
        EXPECT_TRUE(keys.insert(customer.key).second) << customer.key;
        for (const std::string *value : {&customer.email, &customer.phone, &customer.card}) {
            EXPECT_TRUE(value->empty() || identifiers.insert(*value).second) << *value;
        }
        EXPECT_TRUE(customer.email.empty() || customer.email.ends_with("@example.com"));
    }
}

TEST_P(Sample, TheSeasonsShow) {
    std::array<int, 13> months{};
    std::array<int, 7> weekdays{};
    std::array<int, 5> kinds{};
    for (const SampleEvent &event : shop_.events) {
        ++kinds[static_cast<std::size_t>(event.kind)];
        if (event.kind != SampleKind::kOrder) continue;
        ++months[unsigned(date_of(event.at).month())];
        ++weekdays[std::chrono::weekday(std::chrono::sys_days(date_of(event.at))).c_encoding()];
    }
    const int average = (months[3] + months[4] + months[5] + months[9] + months[10]) / 5;
    EXPECT_GT(months[12], average * 3 / 2);
    EXPECT_LT(months[7] + months[8], 2 * average);
    EXPECT_GT(weekdays[6], 3 * weekdays[0]);  // Saturday, Sunday
    EXPECT_TRUE(std::all_of(kinds.begin(), kinds.end(), [](int count) { return count > 50; }));
}

TEST_P(Sample, CustomersHaveHabits) {
    std::vector<std::uint32_t> orders(shop_.customers.size());
    for (const SampleEvent &event : shop_.events) {
        if (event.kind == SampleKind::kOrder) ++orders[event.customer];
    }
    const auto with = [&](auto &&holds) { return std::count_if(orders.begin(), orders.end(), holds); };
    const auto all = static_cast<std::ptrdiff_t>(orders.size());
    EXPECT_GT(with([](std::uint32_t n) { return n == 1; }), all / 4);
    EXPECT_GT(with([](std::uint32_t n) { return n >= 10; }), all / 10);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Sample, testing::Values(1, 2, 20260101));

bool same(const SampleShop &a, const SampleShop &b) {
    return std::equal(a.events.begin(), a.events.end(), b.events.begin(), b.events.end(),
                      [](const SampleEvent &x, const SampleEvent &y) {
                          return x.at == y.at && x.key == y.key && x.customer == y.customer &&
                                 x.amount == y.amount && x.text == y.text;
                      }) &&
           std::equal(a.customers.begin(), a.customers.end(), b.customers.begin(), b.customers.end(),
                      [](const SampleCustomer &x, const SampleCustomer &y) {
                          return x.name == y.name && x.email == y.email && x.phone == y.phone &&
                                 x.card == y.card;
                      });
}

TEST(SampleSeed, GivesTheSameShopAndAnotherSeedAnother) {
    const SampleShop shop = make_sample({7, 300, 2});
    EXPECT_TRUE(same(shop, make_sample({7, 300, 2})));
    EXPECT_FALSE(same(shop, make_sample({8, 300, 2})));
}

// Published values of splitmix64 with seed 1234567.
TEST(SampleRandomTest, GivesThePublishedNumbers) {
    SampleRandom random(1234567);
    EXPECT_EQ(random.next(), 6457827717110365317U);
    EXPECT_EQ(random.next(), 3203168211198807973U);
    EXPECT_EQ(random.next(), 9817491932198370423U);
}

}  // namespace
}  // namespace kith::cli
