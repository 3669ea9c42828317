// Goal: cohort counts are exact, the future is empty and not 0. Method: the monthly table of CDNOW,
// random activity against sets, periods against a walk through the calendar.
#include "analytics/cohort.hpp"

#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "unit/analytics/shared_csv.hpp"

namespace kith::analytics {
namespace {

TEST(Cohorts, CdnowByMonth) {
    KITH_NEEDS_SHARED("cdnow/cdnow_master.csv");
    std::vector<Activity> activity;
    for (const auto &row : test::read_shared("cdnow/cdnow_master.csv")) {
        const auto party = static_cast<std::uint32_t>(std::stoul(row[0]));
        activity.push_back({party, period_of(test::day_of(row[1]), CohortBy::month)});
    }
    const auto table = cohorts(std::move(activity));
    ASSERT_TRUE(table);
    const auto expected = test::read_shared("cdnow/expected_monthly_cohort_counts.csv");
    ASSERT_EQ(table->rows.size(), expected.size());
    ASSERT_EQ(table->columns + 1, expected[0].size());
    int empty = 0;
    for (std::size_t row = 0; row < expected.size(); ++row) {
        const std::int64_t first = first_day_of(table->rows[row].period, CohortBy::month);
        EXPECT_EQ(base::format_date(base::civil_of(first)), expected[row][0] + "-01");
        for (std::size_t column = 0; column < table->columns; ++column) {
            const auto cell = table->cell(row, column);
            EXPECT_EQ(std::to_string(cell.value_or(0)), expected[row][column + 1]) << row << ", " << column;
            empty += !cell;
        }
    }
    EXPECT_EQ(empty, 3);  // one month beyond the data for February, two for March
}

TEST(Cohorts, Edges) {
    const auto none = cohorts({});
    ASSERT_TRUE(none);
    EXPECT_TRUE(none->rows.empty());
    EXPECT_EQ(none->columns, 0U);

    const auto one = cohorts({{7, -3}, {7, -3}});
    ASSERT_TRUE(one);
    ASSERT_EQ(one->rows.size(), 1U);
    EXPECT_EQ(one->rows[0].period, -3);
    EXPECT_EQ(one->rows[0].active, std::vector<std::int64_t>{1});

    const auto wide = cohorts({{1, 0}, {1, 10'000'000}});
    ASSERT_FALSE(wide);
    EXPECT_EQ(wide.error().status, base::Status::limit);
}

TEST(Cohorts, AgainstSets) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 100; ++round) {
        std::vector<Activity> activity(random() % 200);
        std::map<std::uint32_t, std::set<std::int64_t>> periods;
        std::int64_t last = INT64_MIN;
        for (Activity &entry : activity) {
            entry = {static_cast<std::uint32_t>(random() % 30), static_cast<std::int64_t>(random() % 12) - 6};
            periods[entry.party].insert(entry.period);
            last = std::max(last, entry.period);
        }
        std::map<std::int64_t, std::map<std::int64_t, std::int64_t>> expected;
        for (const auto &[party, active] : periods) {
            for (const std::int64_t period : active) ++expected[*active.begin()][period - *active.begin()];
        }
        const auto table = cohorts(activity);
        ASSERT_TRUE(table);
        ASSERT_EQ(table->rows.size(), expected.size());
        std::size_t row = 0;
        for (auto &[period, counts] : expected) {
            ASSERT_EQ(table->rows[row].period, period);
            for (std::size_t column = 0; column < table->columns; ++column) {
                const auto offset = static_cast<std::int64_t>(column);
                const auto cell = table->cell(row, column);
                ASSERT_EQ(cell.has_value(), period + offset <= last);
                ASSERT_EQ(cell.value_or(counts[offset]), counts[offset]);
            }
            ++row;
        }
    }
}

TEST(Periods, EveryDayOfCenturies) {
    for (const CohortBy by : {CohortBy::month, CohortBy::week, CohortBy::quarter, CohortBy::year}) {
        const std::int64_t begin = base::days_of({1890, 1, 1});
        for (std::int64_t day = begin; day < begin + 366 * 200; ++day) {
            const std::int64_t period = period_of(day, by);
            const std::int64_t first = first_day_of(period, by);
            ASSERT_LE(first, day);
            ASSERT_GT(first_day_of(period + 1, by), day);
            ASSERT_EQ(period_of(first, by), period);
            const base::CivilDate date = base::civil_of(first);
            if (by == CohortBy::week) {
                ASSERT_EQ((first + 3) % 7, 0);
            } else {
                ASSERT_EQ(date.day, 1);
                ASSERT_EQ((date.month - 1) % (by == CohortBy::year      ? 12
                                              : by == CohortBy::quarter ? 3
                                                                        : 1),
                          0);
            }
        }
    }
    EXPECT_EQ(period_of(0, CohortBy::month), 0);
    EXPECT_EQ(first_day_of(0, CohortBy::week), -3);  // Monday, 1969-12-29
}

}  // namespace
}  // namespace kith::analytics
