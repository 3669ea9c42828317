// Goal: civil dates, ISO 8601 times and durations are read and written exactly. Method: the calendar
// walked day by day, random round trips, and tables of what must be refused.
#include "base/time.hpp"

#include <random>

#include <gtest/gtest.h>

namespace kith::base {
namespace {

Micros parsed(std::string_view text) {
    const auto at = parse_time(text, Zone::utc());
    EXPECT_TRUE(at) << text;
    return at ? *at : 0;
}

Status status_of(std::string_view text, const Zone &zone = Zone::utc()) {
    const auto at = parse_time(text, zone);
    return at ? Status::ok : at.error().status;
}

TEST(Civil, EveryDayByBruteForce) {
    CivilDate date{1, 1, 1};
    for (auto day = kMinTime / kDay; day <= kMaxTime / kDay; ++day) {
        ASSERT_EQ(days_of(date), day);
        ASSERT_EQ(civil_of(day), date);
        const bool leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);
        const int lengths[] = {31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        if (++date.day > lengths[date.month - 1]) date.day = 1, ++date.month;
        if (date.month > 12) date.month = 1, ++date.year;
    }
    EXPECT_EQ(date, (CivilDate{10000, 1, 1}));
    EXPECT_EQ(days_of({1970, 1, 1}), 0);
    EXPECT_EQ(civil_of(days_of({-401, 2, 28}) + 1), (CivilDate{-401, 3, 1}));
}

TEST(ParseTime, Forms) {
    EXPECT_EQ(parsed("1970-01-01"), 0);
    EXPECT_EQ(parsed("19700102"), kDay);
    EXPECT_EQ(parsed("2026-01-31T09:30:00Z"), 1769851800000000);
    for (const auto *same : {"2026-01-31T09:30", "2026-01-31 09:30", "20260131T09:30:00.000000",
                             "2026-01-31T09:30Z", "2026-01-31T10:30+01:00", "2026-01-31T05:30:00.0-0400",
                             "2026-01-31 18:30+09", "2026-02-01T09:29:00+23:59"}) {
        EXPECT_EQ(parsed(same), 1769851800000000) << same;
    }
    EXPECT_EQ(parsed("1970-01-01T00:00:00.1"), 100000);
    EXPECT_EQ(parsed("1970-01-01T00:00:00.000001Z"), 1);
    EXPECT_EQ(parsed("1969-12-31T23:59:59.999999"), -1);
    EXPECT_EQ(parsed("0001-01-01"), kMinTime);
    EXPECT_EQ(parsed("9999-12-31T23:59:59.999999Z"), kMaxTime);
}

TEST(ParseTime, Refuses) {
    for (const auto *bad : {"",
                            "2026",
                            "2026-01",
                            "2026-1-31",
                            "2026-01-3",
                            "26-01-31",
                            "2026-02-30",
                            "2025-02-29",
                            "1900-02-29",
                            "2026-04-31",
                            "2026-00-10",
                            "2026-13-10",
                            "2026-01-00",
                            "2026-01-32",
                            "0000-01-01",
                            "2026-0131",
                            "202601-31",
                            "2026/01/31",
                            "31.01.2026",
                            "2026-01-31T",
                            "2026-01-31T9:30",
                            "2026-01-31T09",
                            "2026-01-31T0930",
                            "2026-01-31T24:00",
                            "2026-01-31T25:00",
                            "2026-01-31T09:60",
                            "2026-01-31T09:30:60",
                            "2026-01-31T09:30:",
                            "2026-01-31T09:30:00.",
                            "2026-01-31T09:30:00.1234567",
                            "2026-01-31T09:30.5",
                            "2026-01-31T09:30:00,5",
                            "2026-01-31Z",
                            "2026-01-31T09:30z",
                            "2026-01-31t09:30",
                            "2026-01-31T09:30 Z",
                            "2026-01-31T09:30+",
                            "2026-01-31T09:30+1",
                            "2026-01-31T09:30+24:00",
                            "2026-01-31T09:30+01:60",
                            "2026-01-31T09:30+01:",
                            "2026-01-31T09:30Zx",
                            "2026-01-31 ",
                            " 2026-01-31",
                            "2026-01-31T09:30:00Z\n",
                            "+2026-01-31",
                            "-026-01-31",
                            "1e10",
                            "2026-01-31T-9:30",
                            "\xEF\xBC\x92"
                            "026-01-31"}) {
        EXPECT_EQ(status_of(bad), Status::argument) << bad;
    }
    EXPECT_EQ(status_of(std::string_view("2026-01-31\0", 11)), Status::argument);
}

TEST(ParseTime, RangeIsCheckedInUtc) {
    EXPECT_EQ(status_of("0001-01-01T00:00+00:01"), Status::limit);
    EXPECT_EQ(status_of("9999-12-31T23:59:59.999999-00:01"), Status::limit);
    EXPECT_EQ(status_of("0001-01-01T00:00-00:01"), Status::ok);
    EXPECT_EQ(status_of("0001-01-01", *Zone::find("Asia/Shanghai")), Status::limit);
    EXPECT_EQ(status_of("9999-12-31T23:00", *Zone::find("America/New_York")), Status::limit);
    EXPECT_EQ(status_of("9999-12-31T23:00", *Zone::find("Asia/Shanghai")), Status::ok);
}

TEST(FormatTime, Golden) {
    EXPECT_EQ(format_time(0), "1970-01-01T00:00:00Z");
    EXPECT_EQ(format_time(-1), "1969-12-31T23:59:59.999999Z");
    EXPECT_EQ(format_time(500000), "1970-01-01T00:00:00.500000Z");
    EXPECT_EQ(format_time(kMinTime), "0001-01-01T00:00:00Z");
    EXPECT_EQ(format_time(kMaxTime), "9999-12-31T23:59:59.999999Z");
    EXPECT_EQ(format_date({2026, 1, 31}), "2026-01-31");
    EXPECT_EQ(format_date({1, 2, 3}), "0001-02-03");
}

TEST(FormatTime, RoundTrip) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 engine(seed);
    std::uniform_int_distribution<Micros> any(kMinTime, kMaxTime);
    for (int i = 0; i < 20'000; ++i) {
        const Micros at = i % 2 ? any(engine) : any(engine) / 1'000'000 * 1'000'000;
        ASSERT_EQ(parsed(format_time(at)), at);
    }
}

TEST(ParseDuration, Forms) {
    const auto is = [](std::string_view iso, std::int32_t months, std::int32_t days, Micros seconds) {
        const auto duration = parse_duration(iso);
        ASSERT_TRUE(duration) << iso;
        EXPECT_EQ(duration->months, months) << iso;
        EXPECT_EQ(duration->days, days) << iso;
        EXPECT_EQ(duration->micros, seconds * 1'000'000) << iso;
    };
    is("P90D", 0, 90, 0);
    is("P3M", 3, 0, 0);
    is("P1Y", 12, 0, 0);
    is("PT8H", 0, 0, 8 * 3600);
    is("P1DT12H", 0, 1, 12 * 3600);
    is("P1Y2M3W4DT5H6M7S", 14, 25, 5 * 3600 + 6 * 60 + 7);
    is("PT5M", 0, 0, 300);
    is("P0D", 0, 0, 0);
    is("P2147483647M", INT32_MAX, 0, 0);
    is("PT9223372036854S", 0, 0, 9223372036854);
}

TEST(ParseDuration, Refuses) {
    for (const auto *bad : {"",     "P",    "PT",        "P1",    "1D",    "P1DT",   "PT1",   "P1H",
                            "PT1D", "PT1Y", "P1D1D",     "P1D1M", "P1D2W", "PT1S1H", "P1.5D", "P-1D",
                            "-P1D", "p1d",  "P1DT1HT1M", "P 1D",  "P1D ",  "PD",     "P1M1Y"}) {
        const auto duration = parse_duration(bad);
        ASSERT_FALSE(duration) << bad;
        EXPECT_EQ(duration.error().status, Status::argument) << bad;
    }
    for (const auto *large : {"P2147483648D", "P178956971Y", "P306783379W", "P2147483647M1Y1M",
                              "PT9223372036855S", "P99999999999999999999D", "PT2562047788015216H"}) {
        const auto duration = parse_duration(large);
        ASSERT_FALSE(duration) << large;
        EXPECT_NE(duration.error().status, Status::ok) << large;
    }
}

}  // namespace
}  // namespace kith::base
