// Goal: times and dates follow the calendar, to the nanosecond and in every zone. Method: worked tables from
// the public suite and of clock changes; every day of the calendar against a loop that counts days; random
// times against the definition of each function.
#include "calling.hpp"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace kith::expr {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

class Times : public testing::Test {
protected:
    Value at(std::string_view text) {
        Value result;
        EXPECT_TRUE(parse_timestamp(text, result)) << text;
        return result;
    }
    Value day(std::string_view text) { return c.call("date", {c.text(text)}); }
    Value text(std::string_view s) { return c.text(s); }
    std::string show(std::string_view name, const std::vector<Value> &args) { return c.shown(name, args); }
    // As string(x) shows it, or the error.
    std::string said(std::string_view name, const std::vector<Value> &args) {
        const auto result = c.call(name, args);
        const auto shown = c.call("string", {result});
        return shown.is(Kind::string) ? std::string(shown.view()) : Calling::show(result);
    }
    void in_zone(std::string_view name) { c.moment.zone = *base::Zone::find(name); }

    Calling c{time_functions(), conversion_functions(), operator_functions()};
};

TEST_F(Times, ParsesRfc3339) {
    const std::pair<const char *, const char *> good[] = {
        {"2009-02-13T23:31:30Z", "1234567890.0t"},
        {"1970-01-01T00:00:00.5Z", "0.500000000t"},
        {"1970-01-01T00:00:00.123456789Z", "0.123456789t"},
        {"1970-01-01T00:00:00.1234567899Z", "0.123456789t"},
        {"1970-01-01T01:00:00+01:00", "0.0t"},
        {"1969-12-31T14:30:00-09:30", "0.0t"},
        {"1970-01-01t00:00:00z", "0.0t"},
        {"0001-01-01T00:00:00Z", "-62135596800.0t"},
        {"0000-12-31T23:00:00-01:00", "-62135596800.0t"},
        {"9999-12-31T23:59:59.999999999Z", "253402300799.999999999t"},
        {"2024-02-29T00:00:00Z", "1709164800.0t"},
        {"1969-12-31T23:59:59.000000001Z", "-1.1t"},
    };
    for (const auto &[given, expect] : good) {
        Value result;
        EXPECT_TRUE(parse_timestamp(given, result)) << given;
        EXPECT_EQ(Calling::show(result), expect) << given;
    }
    for (const auto *bad : {"",
                            "2009",
                            "2009-02-13",
                            "2009-02-13T23:31:30",
                            "2009-02-13T23:31Z",
                            "2009-02-13 23:31:30Z",
                            "2009-02-13T24:00:00Z",
                            "2009-02-13T23:60:00Z",
                            "2009-02-13T23:59:60Z",
                            "2009-02-29T00:00:00Z",
                            "2009-13-01T00:00:00Z",
                            "2009-00-01T00:00:00Z",
                            "2009-01-00T00:00:00Z",
                            "2009-04-31T00:00:00Z",
                            "0000-01-01T00:00:00Z",
                            "10000-01-01T00:00:00Z",
                            "9999-12-31T23:59:59-00:01",
                            "0001-01-01T00:00:00+00:01",
                            "2009-02-13T23:31:30.Z",
                            "2009-02-13T23:31:30,5Z",
                            "2009-02-13T23:31:30+1:00",
                            "2009-02-13T23:31:30+0100",
                            "2009-02-13T23:31:30+24:00",
                            "2009-02-13T23:31:30+00:60",
                            "2009-02-13T23:31:30ZZ",
                            " 2009-02-13T23:31:30Z",
                            "2009-02-13T23:31:30Z ",
                            "-009-02-13T23:31:30Z",
                            "2009-2-13T23:31:30Z",
                            "20090213T233130Z"}) {
        Value result;
        EXPECT_FALSE(parse_timestamp(bad, result)) << bad;
    }
}

TEST_F(Times, TheTextOfATimestampReadsBack) {
    const auto seed = std::random_device()();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    for (int round = 0; round < 20'000; ++round) {
        const auto span = static_cast<std::uint64_t>(kMaxSeconds - kMinSeconds + 1);
        const auto seconds = kMinSeconds + static_cast<std::int64_t>(random() % span);
        static constexpr std::uint32_t kUnits[] = {1, 1000, 1'000'000, 100'000'000, 1'000'000'000};
        const auto nanos =
            static_cast<std::uint32_t>(random() % kSecond) / kUnits[round % 5] * kUnits[round % 5];
        const auto shown = c.call("string", {of_timestamp(seconds, nanos)});
        Value back;
        ASSERT_TRUE(parse_timestamp(shown.view(), back)) << shown.view();
        EXPECT_EQ(back.i, seconds);
        EXPECT_EQ(back.size, nanos);
    }
}

TEST_F(Times, ParsesDurationsExactly) {
    const std::pair<const char *, std::int64_t> good[] = {
        {"0", 0},
        {"+0", 0},
        {"-0", 0},
        {"0s", 0},
        {"1h30m", 5400 * kSecond},
        {"-1.5h", -5400 * kSecond},
        {"1h34us", 3600 * kSecond + 34000},
        {"1m1ms", 60 * kSecond + 1'000'000},
        {".5s", kSecond / 2},
        {"1.s", kSecond},
        {"0.1s", kSecond / 10},
        {"0.000000001s", 1},
        {"0.0000000019s", 1},
        {"1\xC2\xB5s", 1000},
        {"1\xCE\xBCs", 1000},
        {"3us2ns", 3002},
        {"0.3333333333333333333h", 1'199'999'999'999},
        {"9223372036.854775807s", INT64_MAX},
        {"-9223372036.854775808s", INT64_MIN},
        {"9223372036854775807ns", INT64_MAX},
        {"-9223372036854775808ns", INT64_MIN},
        {"2562047h47m16.854775807s", INT64_MAX},
        {"00000000000000000000000000000000000000000000001s", kSecond},
        {"0.00000000000000000000000000000000000000000000001s", 0},
    };
    for (const auto &[given, nanos] : good) {
        Value result;
        ASSERT_TRUE(parse_duration(given, result)) << given;
        EXPECT_EQ(result.i, nanos) << given;
        EXPECT_TRUE(result.is(Kind::duration));
    }
    for (const auto *bad : {"",
                            "+",
                            "-",
                            "1",
                            "00",
                            "s",
                            ".s",
                            ".",
                            "1.5",
                            "1d",
                            "1w",
                            "1 s",
                            " 1s",
                            "1s ",
                            "1h-1m",
                            "--1s",
                            "+-1s",
                            "1S",
                            "1hs",
                            "1e3s",
                            "9223372036854775808ns",
                            "-9223372036854775809ns",
                            "9223372036.854775808s",
                            "320000000000s",
                            "-320000000000s",
                            "2562047h47m17s",
                            "99999999999999999999999999999999999999999999999999h",
                            "1\xC2s"}) {
        Value result;
        EXPECT_FALSE(parse_duration(bad, result)) << bad;
    }
}

TEST_F(Times, TheTextOfADurationReadsBack) {
    const auto seed = std::random_device()();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    for (int round = 0; round < 20'000; ++round) {
        const auto nanos = static_cast<std::int64_t>(random()) >> (random() % 64);
        const auto shown = c.call("string", {of_duration(nanos)});
        Value back;
        ASSERT_TRUE(parse_duration(shown.view(), back)) << shown.view();
        EXPECT_EQ(back.i, nanos);
    }
}

TEST_F(Times, PartsOfATimestamp) {
    const auto friday = at("2009-02-13T23:31:20.123456789Z");
    const std::pair<const char *, int> utc[] = {
        {"getFullYear", 2009}, {"getMonth", 1},         {"getDate", 13},  {"getDayOfMonth", 12},
        {"getDayOfYear", 43},  {"getDayOfWeek", 5},     {"getHours", 23}, {"getMinutes", 31},
        {"getSeconds", 20},    {"getMilliseconds", 123}};
    for (const auto &[name, value] : utc) {
        EXPECT_EQ(c.call(name, {friday}).i, value) << name;
        EXPECT_EQ(c.call(name, {friday, text("UTC")}).i, value) << name;
        EXPECT_EQ(c.call(name, {friday, text("-00:00")}).i, value) << name;
    }
    const struct {
        const char *name, *at, *zone;
        int value;
    } zoned[] = {
        {"getDate", "2009-02-13T23:31:30Z", "Australia/Sydney", 14},
        {"getDayOfMonth", "2009-02-13T23:31:30Z", "US/Central", 12},
        {"getDayOfMonth", "2009-02-13T23:31:30Z", "+11:00", 13},
        {"getDayOfMonth", "2009-02-13T02:00:00Z", "-02:30", 11},
        {"getDayOfMonth", "2009-02-13T02:00:00Z", "America/St_Johns", 11},
        {"getDayOfYear", "2009-02-13T23:31:30Z", "US/Central", 43},
        {"getFullYear", "2009-02-13T23:31:30Z", "-09:30", 2009},
        {"getHours", "2009-02-13T23:31:30Z", "02:00", 1},
        {"getMinutes", "2009-02-13T23:31:30Z", "Asia/Kathmandu", 16},
        {"getDayOfWeek", "2009-02-13T23:31:30Z", "Asia/Tokyo", 6},
        {"getDayOfWeek", "2009-02-14T23:31:30Z", "Asia/Tokyo", 0},
        {"getHours", "2026-03-29T00:59:59Z", "Europe/Zagreb", 1},
        {"getHours", "2026-03-29T01:00:00Z", "Europe/Zagreb", 3},
        {"getFullYear", "1969-12-31T23:30:00Z", "+00:30", 1970},
        {"getSeconds", "1880-01-01T00:00:00Z", "Europe/Paris", 21},  // local mean time: +00:09:21
    };
    for (const auto &row : zoned)
        EXPECT_EQ(c.call(row.name, {at(row.at), text(row.zone)}).i, row.value) << row.name << row.zone;
    EXPECT_EQ(c.call("getSeconds", {of_timestamp(-1, 999'000'000)}).i, 59);
    EXPECT_EQ(c.call("getMilliseconds", {of_timestamp(-1, 999'000'000)}).i, 999);
}

TEST_F(Times, BadZones) {
    for (const auto *bad : {"", "Mars/Olympus", "+1:00", "1:00", "+15:00", "+01:60", "+0100", "++01:00",
                            "+01:00x", "europe/zagreb ", "../../etc/passwd", "/etc/localtime"})
        EXPECT_EQ(show("getHours", {at("2009-02-13T23:31:30Z"), text(bad)}), "!tz") << bad;
    EXPECT_EQ(show("getHours", {at("2009-02-13T23:31:30Z"), text(std::string(100'000, 'x'))}), "!tz");
    for (const auto *name : {"startOfDay", "startOfYear", "dayName", "isWeekend", "date"})
        EXPECT_EQ(show(name, {at("2009-02-13T23:31:30Z"), text("Mars/Olympus")}), "!tz") << name;
    EXPECT_EQ(show("addDays", {at("2009-02-13T23:31:30Z"), of_int(1), text("Mars/Olympus")}), "!tz");
    EXPECT_EQ(show("addDays", {at("2009-02-13T23:31:30Z"), of_double(-3)}),
              show("addDays", {at("2009-02-13T23:31:30Z"), of_int(-3)}));
    for (const double none : {0.5, 1e300, std::nan("")})
        EXPECT_TRUE(show("addMonths", {at("2009-02-13T23:31:30Z"), of_double(none)}).starts_with("!"))
            << none;
    EXPECT_EQ(show("daysBetween", {of_timestamp(0, 0), of_timestamp(0, 0), text("Mars/Olympus")}), "!tz");
    EXPECT_EQ(show("monthsBetween", {of_timestamp(0, 0), of_timestamp(0, 0), text("Mars/Olympus")}), "!tz");
}

TEST_F(Times, ZonesAreFoundAgain) {
    Call call(c.memory, c.patterns, c.moment, nullptr, kBudget);
    for (const auto *name : {"Europe/Zagreb", "Europe/Zagreb", "Asia/Tokyo", "Europe/Zagreb"}) {
        ZoneAt zone;
        ASSERT_TRUE(find_zone(call, text(name), zone));
        ASSERT_NE(zone.zone, nullptr);
        EXPECT_EQ(zone.zone->name(), name);
    }
    EXPECT_EQ(call.zones.size(), 2U);
    ZoneAt zone;
    ASSERT_TRUE(find_zone(call, text("-02:30"), zone));
    EXPECT_EQ(zone.zone, nullptr);
    EXPECT_EQ(zone.offset_seconds, -9000);
    EXPECT_EQ(local_day(of_timestamp(9000, 0), zone), 0);
    EXPECT_EQ(local_day(of_timestamp(8999, 0), zone), -1);
    EXPECT_EQ(tz_version(), base::tz_version());
    // Unknown names count as well: looking for them is what takes time.
    for (std::uint32_t i = 2; i < kZonesMax; ++i)
        EXPECT_FALSE(find_zone(call, text(std::to_string(i)), zone));
    EXPECT_FALSE(find_zone(call, text("Europe/Paris"), zone));
    EXPECT_TRUE(find_zone(call, text("Asia/Tokyo"), zone));
    EXPECT_EQ(call.zones.size(), kZonesMax);
}

TEST_F(Times, PartsOfADuration) {
    EXPECT_EQ(show("getHours", {of_duration(10'000 * kSecond)}), "2");
    EXPECT_EQ(show("getMinutes", {of_duration(3730 * kSecond)}), "62");
    EXPECT_EQ(show("getSeconds", {of_duration(3730 * kSecond)}), "3730");
    EXPECT_EQ(show("getMilliseconds", {of_duration(123'321'456'789)}), "321");
    EXPECT_EQ(show("getSeconds", {of_duration(-1'500'000'000)}), "-1");
    EXPECT_EQ(show("getMilliseconds", {of_duration(-1'500'000'000)}), "-500");
    EXPECT_EQ(show("getHours", {of_duration(-3599 * kSecond)}), "0");
}

TEST_F(Times, EveryDayOfTheCalendar) {
    const auto function = [&](std::string_view name) { return c.find(name, {of_date(0)})->function; };
    const auto year = function("date.year"), month = function("date.month"), day_of = function("date.day"),
               weekday = function("date.dayOfWeek"), yearday = function("date.dayOfYear");
    Call call(c.memory, c.patterns, c.moment, nullptr, kBudget);
    static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    std::int64_t days = kMinSeconds / 86'400, week = 0;  // 0001-01-01 is a Monday
    for (int y = 1; y <= 9999; ++y) {
        int of_year = 0;
        for (int m = 1; m <= 12; ++m) {
            const bool leap = m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
            for (int d = 1; d <= kDays[m - 1] + leap; ++d, ++days, ++week) {
                const auto date = of_date(days);
                ++of_year;
                ASSERT_TRUE(year(call, &date, 1).i == y && month(call, &date, 1).i == m &&
                            day_of(call, &date, 1).i == d && weekday(call, &date, 1).i == week % 7 + 1 &&
                            yearday(call, &date, 1).i == of_year)
                    << y << '-' << m << '-' << d;
            }
        }
    }
    EXPECT_EQ(days, kMaxSeconds / 86'400 + 1);
}

TEST_F(Times, Dates) {
    EXPECT_EQ(show("date", {text("2026-11-21")}), "20778days");
    EXPECT_EQ(show("date", {of_int(2026), of_int(11), of_int(21)}), "20778days");
    EXPECT_EQ(show("date", {of_date(5)}), "5days");
    EXPECT_EQ(said("date", {text("0001-01-01")}), "0001-01-01");
    EXPECT_EQ(said("date", {text("9999-12-31")}), "9999-12-31");
    EXPECT_EQ(said("date", {text("2024-02-29")}), "2024-02-29");
    for (const auto *bad :
         {"", "2026-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "0000-01-01", "10000-01-01", "2026-1-1",
          "20260101", "2026-01-01T00:00:00Z", " 2026-01-01", "2026-01-01 "})
        EXPECT_EQ(show("date", {text(bad)}), "!convert") << bad;
    const std::int64_t none[][3] = {{2026, 2, 29},
                                    {2026, 13, 1},
                                    {0, 1, 1},
                                    {10000, 1, 1},
                                    {2026, 1, 0},
                                    {INT64_MAX, 1, 1},
                                    {2026, INT64_MIN, 1},
                                    {2026, 1, (1LL << 32) + 1}};
    for (const auto &[y, m, d] : none)
        EXPECT_EQ(show("date", {of_int(y), of_int(m), of_int(d)}), "!range") << y << ' ' << m << ' ' << d;
    EXPECT_EQ(said("date", {at("2026-03-28T23:30:00Z"), text("Europe/Zagreb")}), "2026-03-29");
    EXPECT_EQ(said("date", {at("2026-03-28T23:30:00Z")}), "2026-03-28");
    in_zone("Asia/Tokyo");
    EXPECT_EQ(said("date", {at("2026-03-28T23:30:00Z")}), "2026-03-29");
    EXPECT_EQ(show("date", {at("9999-12-31T23:30:00Z")}), "!overflow");
    EXPECT_EQ(show("month", {day("2026-11-21")}), "11");
    EXPECT_EQ(show("dayOfWeek", {day("2026-11-22")}), "7");
    EXPECT_EQ(show("_<_", {day("2026-11-21"), day("2026-11-22")}), "true");
    EXPECT_EQ(show("_==_", {day("2026-11-21"), day("2026-11-21")}), "true");
}

TEST_F(Times, DaysBetweenCountsMidnights) {
    EXPECT_EQ(show("daysBetween", {day("2024-02-28"), day("2024-03-01")}), "2");
    EXPECT_EQ(show("daysBetween", {day("2024-03-01"), day("2024-02-28")}), "-2");
    const auto late = at("2026-03-28T22:59:00Z"), early = at("2026-03-28T23:01:00Z");
    EXPECT_EQ(show("daysBetween", {late, early}), "0");
    EXPECT_EQ(show("daysBetween", {late, early, text("Europe/Zagreb")}), "1");
    in_zone("Europe/Zagreb");
    EXPECT_EQ(show("daysBetween", {late, early}), "1");
}

TEST_F(Times, AddingDaysKeepsTheWallTime) {
    const auto zagreb = text("Europe/Zagreb");
    const auto add = [&](const char *name, const char *from, std::int64_t n) {
        return said(name, {at(from), of_int(n), zagreb});
    };
    EXPECT_EQ(add("addDays", "2026-03-28T11:00:00.000000001Z", 1), "2026-03-29T10:00:00.000000001Z");
    EXPECT_EQ(add("addDays", "2026-03-29T10:00:00Z", -1), "2026-03-28T11:00:00Z");
    // 02:30 does not exist on the 29th: the first instant after the gap, its fraction dropped.
    EXPECT_EQ(add("addDays", "2026-03-28T01:30:00.5Z", 1), "2026-03-29T01:00:00Z");
    // 02:30 comes twice on October 25th: the earlier.
    EXPECT_EQ(add("addDays", "2026-10-24T00:30:00.5Z", 1), "2026-10-25T00:30:00.5Z");
    EXPECT_EQ(add("addMonths", "2026-01-30T23:00:00Z", 1), "2026-02-27T23:00:00Z");  // the 31st there
    EXPECT_EQ(add("addMonths", "2026-03-31T12:00:00Z", -1), "2026-02-28T13:00:00Z");
    EXPECT_EQ(add("addYears", "2024-02-29T12:00:00Z", 1), "2025-02-28T12:00:00Z");
    EXPECT_EQ(said("addDays", {at("2026-03-28T12:00:00Z"), of_int(1), text("+05:30")}),
              "2026-03-29T12:00:00Z");
    EXPECT_EQ(said("addDays", {day("2026-12-31"), of_int(1)}), "2027-01-01");
    EXPECT_EQ(said("addMonths", {day("2026-01-31"), of_int(13)}), "2027-02-28");
    EXPECT_EQ(said("addYears", {day("2024-02-29"), of_int(-4)}), "2020-02-29");
    in_zone("Europe/Zagreb");
    EXPECT_EQ(said("addDays", {at("2026-03-28T11:00:00Z"), of_int(1)}), "2026-03-29T10:00:00Z");
}

TEST_F(Times, AddingStaysInTheCalendar) {
    const auto first = day("0001-01-01"), last = day("9999-12-31");
    EXPECT_EQ(said("addDays", {first, of_int(3'652'058)}), "9999-12-31");
    EXPECT_EQ(said("addDays", {last, of_int(-3'652'058)}), "0001-01-01");
    EXPECT_EQ(said("addMonths", {last, of_int(-119'987)}), "0001-01-31");
    EXPECT_EQ(said("addYears", {last, of_int(-9998)}), "0001-12-31");
    const auto end = of_timestamp(kMaxSeconds, 0), start = of_timestamp(kMinSeconds, 0);
    EXPECT_EQ(said("addDays", {end, of_int(-3'652'058)}), "0001-01-01T23:59:59Z");
    for (const auto *name : {"addDays", "addMonths", "addYears"}) {
        for (const std::int64_t n : {std::int64_t{1}, std::int64_t{4'000'000}, INT64_MAX}) {
            EXPECT_EQ(show(name, {last, of_int(n)}), "!overflow") << name << n;
            EXPECT_EQ(show(name, {first, of_int(-n)}), "!overflow") << name << n;
            EXPECT_EQ(show(name, {end, of_int(n)}), "!overflow") << name << n;
            EXPECT_EQ(show(name, {start, of_int(-n)}), "!overflow") << name << n;
        }
        EXPECT_EQ(show(name, {start, of_int(INT64_MIN)}), "!overflow") << name;
    }
    EXPECT_EQ(show("startOfYear", {start, text("-08:00")}), "!overflow");
    EXPECT_EQ(show("startOfDay", {first, text("+08:00")}), "!overflow");
}

TEST_F(Times, MonthsBetweenIsTheMostThatCanBeAdded) {
    EXPECT_EQ(show("monthsBetween", {day("2026-01-31"), day("2026-02-28")}), "1");
    EXPECT_EQ(show("monthsBetween", {day("2026-01-31"), day("2026-03-30")}), "1");
    EXPECT_EQ(show("monthsBetween", {day("2026-03-30"), day("2026-01-31")}), "-1");
    EXPECT_EQ(show("monthsBetween", {day("2026-01-15"), day("2026-01-15")}), "0");
    const auto seed = std::random_device()();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    for (int round = 0; round < 20'000; ++round) {
        const auto near = static_cast<std::int64_t>(random() % 2000),
                   from = static_cast<std::int64_t>(random() % 900'000) - 100'000;
        const auto a = of_date(from), b = of_date(from + near);
        const auto months = c.call("monthsBetween", {a, b}).i;
        EXPECT_LE(c.call("addMonths", {a, of_int(months)}).i, b.i);
        EXPECT_GT(c.call("addMonths", {a, of_int(months + 1)}).i, b.i);
        EXPECT_EQ(c.call("monthsBetween", {b, a}).i, -months);
        // The same with a time of the day, in UTC and at a fixed offset.
        const auto x = of_timestamp(from * 86'400 + static_cast<std::int64_t>(random() % 86'400), 5);
        const auto y = of_timestamp(x.i + near * 86'400 + static_cast<std::int64_t>(random() % 86'400), 4);
        for (const auto *zone : {"UTC", "-05:00"}) {
            const auto n = c.call("monthsBetween", {x, y, text(zone)}).i;
            EXPECT_TRUE(compare(c.call("addMonths", {x, of_int(n), text(zone)}), y).order <= 0);
            EXPECT_TRUE(compare(c.call("addMonths", {x, of_int(n + 1), text(zone)}), y).order > 0);
        }
    }
}

TEST_F(Times, AddingMonthsClampsToTheMonth) {
    const auto seed = std::random_device()();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    for (int round = 0; round < 20'000; ++round) {
        const auto from = static_cast<std::int64_t>(random() % 2'000'000) - 500'000;
        const auto n = static_cast<std::int64_t>(random() % 2000) - 1000;
        const auto a = base::civil_of(from),
                   b = base::civil_of(c.call("addMonths", {of_date(from), of_int(n)}).i);
        EXPECT_EQ(b.year * 12 + b.month, a.year * 12 + a.month + n);
        if (b.day != a.day) {
            EXPECT_LT(b.day, a.day);
            EXPECT_EQ(base::civil_of(base::days_of(b) + 1).day, 1);
        }
    }
}

TEST_F(Times, StartsOfUnits) {
    const auto zagreb = text("Europe/Zagreb");
    const auto saturday = at("2026-11-21T22:30:00Z"), sunday = at("2026-11-21T23:30:00Z");
    EXPECT_EQ(said("startOfDay", {saturday, zagreb}), "2026-11-20T23:00:00Z");
    EXPECT_EQ(said("startOfDay", {sunday, zagreb}), "2026-11-21T23:00:00Z");
    EXPECT_EQ(said("startOfWeek", {sunday, zagreb}), "2026-11-15T23:00:00Z");
    EXPECT_EQ(said("startOfMonth", {sunday, zagreb}), "2026-10-31T23:00:00Z");
    EXPECT_EQ(said("startOfQuarter", {sunday, zagreb}), "2026-09-30T22:00:00Z");
    EXPECT_EQ(said("startOfYear", {sunday, zagreb}), "2025-12-31T23:00:00Z");
    EXPECT_EQ(said("startOfDay", {sunday}), "2026-11-21T00:00:00Z");
    EXPECT_EQ(said("startOfDay", {at("2026-11-21T22:30:00.000000001Z"), text("+01:00")}),
              "2026-11-20T23:00:00Z");
    // A day that begins at 01:00: clocks went forward at midnight.
    EXPECT_EQ(said("startOfDay", {at("2018-11-04T12:00:00Z"), text("America/Sao_Paulo")}),
              "2018-11-04T03:00:00Z");
    EXPECT_EQ(said("startOfDay", {day("2026-07-01"), zagreb}), "2026-06-30T22:00:00Z");
    EXPECT_EQ(said("startOfWeek", {day("2026-11-22")}), "2026-11-16");
    EXPECT_EQ(said("startOfWeek", {day("2026-11-16")}), "2026-11-16");
    EXPECT_EQ(said("startOfMonth", {day("2026-11-22")}), "2026-11-01");
    EXPECT_EQ(said("startOfYear", {day("2026-11-22")}), "2026-01-01");
    static constexpr const char *kQuarters[] = {"01", "01", "01", "04", "04", "04",
                                                "07", "07", "07", "10", "10", "10"};
    for (int m = 1; m <= 12; ++m) {
        EXPECT_EQ(said("startOfQuarter", {c.call("date", {of_int(2026), of_int(m), of_int(28)})}),
                  "2026-" + std::string(kQuarters[m - 1]) + "-01");
    }
    in_zone("Europe/Zagreb");
    EXPECT_EQ(said("startOfDay", {sunday}), "2026-11-21T23:00:00Z");
    EXPECT_EQ(said("startOfDay", {day("2026-07-01")}), "2026-06-30T22:00:00Z");
}

TEST_F(Times, NamesAndWeekends) {
    static constexpr const char *kDays[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                            "Friday", "Saturday", "Sunday"};
    for (int d = 0; d < 7; ++d) {
        const auto date = of_date(day("2026-11-16").i + d);
        EXPECT_EQ(said("dayName", {date}), kDays[d]);
        EXPECT_EQ(show("isWeekend", {date}), d >= 5 ? "true" : "false");
    }
    static constexpr const char *kMonths[] = {"January",   "February", "March",    "April",
                                              "May",       "June",     "July",     "August",
                                              "September", "October",  "November", "December"};
    for (int m = 1; m <= 12; ++m)
        EXPECT_EQ(said("monthName", {c.call("date", {of_int(2026), of_int(m), of_int(1)})}), kMonths[m - 1]);
    const auto friday = at("2026-11-20T23:30:00Z"), month_end = at("2026-10-31T23:30:00Z");
    EXPECT_EQ(said("dayName", {friday}), "Friday");
    EXPECT_EQ(said("dayName", {friday, text("Europe/Zagreb")}), "Saturday");
    EXPECT_EQ(show("isWeekend", {friday}), "false");
    EXPECT_EQ(show("isWeekend", {friday, text("Europe/Zagreb")}), "true");
    EXPECT_EQ(said("monthName", {month_end}), "October");
    EXPECT_EQ(said("monthName", {month_end, text("Europe/Zagreb")}), "November");
    in_zone("Europe/Zagreb");
    EXPECT_EQ(said("dayName", {friday}), "Saturday");
}

struct EvenDays : Calendar {
    bool is_business_day(std::int64_t day) const override { return day % 2 == 0; }
    const base::Zone &zone() const override { return zone_; }
    base::Zone zone_ = *base::Zone::find("Europe/Zagreb");
};

TEST_F(Times, BusinessDaysAreTheCalendars) {
    const EvenDays calendar;
    EXPECT_EQ(show("isBusinessDay", {of_date(20), of_calendar(&calendar)}), "true");
    EXPECT_EQ(show("isBusinessDay", {of_date(21), of_calendar(&calendar)}), "false");
    const auto last_second = of_timestamp(20 * 86'400 + 82'799, 999'999'999);  // 23:59:59 in Zagreb
    EXPECT_EQ(show("isBusinessDay", {last_second, of_calendar(&calendar)}), "true");
    EXPECT_EQ(show("isBusinessDay", {of_timestamp(last_second.i + 1, 0), of_calendar(&calendar)}), "false");
}

TEST_F(Times, WhatDependsOnTheMomentIsNotConstant) {
    for (const auto &row : time_functions()) {
        const bool zoned = row.signature.find("string): ") != row.signature.npos;
        const bool timestamp = row.signature.starts_with("(timestamp");
        if (timestamp) {
            EXPECT_EQ(row.constant, zoned) << row.name << row.signature;
        }
        if (row.signature.find("calendar") != row.signature.npos) {
            EXPECT_FALSE(row.constant) << row.name;
        }
    }
    EXPECT_FALSE(c.find("startOfDay", {of_date(0)})->constant);
    EXPECT_TRUE(c.find("startOfMonth", {of_date(0)})->constant);
    EXPECT_TRUE(c.find("getHours", {of_timestamp(0, 0)})->constant);
}

}  // namespace
}  // namespace kith::expr
