// Goal: open time is exact: across lunch, weekends, holidays, both changes of the clock, and in zones other
// than the file's.
// Method: tables worked out by hand; and random calendars, zones and instants against an oracle that walks
// minute by minute and knows nothing of spans. Prints its seed (KITH_SEED gives it).
#include "rules/business_time.hpp"

#include <cstdlib>
#include <iostream>
#include <random>
#include <span>

#include <gtest/gtest.h>

namespace kith::rules {
namespace {

using base::Micros;
constexpr Micros kMinute = 60'000'000, kHour = 60 * kMinute;

base::Zone zone_of(const char *name) { return *base::Zone::find(name); }

Micros wall(const char *text, const base::Zone &zone) { return *base::parse_time(text, zone); }

Day hours(std::initializer_list<Hours> all) { return Day(all); }
constexpr Hours between_hours(int from, int to) { return {from * 60, to * 60}; }

// Monday to Friday with lunch, Saturday morning; Easter Monday closed; the nights of both clock changes
// worked.
WorkCalendar shop() {
    WorkCalendar calendar;
    for (std::size_t day = 0; day < 5; ++day)
        calendar.weekly[day] = hours({between_hours(8, 12), between_hours(13, 17)});
    calendar.weekly[5] = hours({between_hours(9, 13)});
    calendar.special[base::days_of({2026, 4, 6})] = {};
    calendar.special[base::days_of({2026, 3, 29})] = hours({between_hours(0, 6)});
    calendar.special[base::days_of({2026, 10, 25})] = hours({between_hours(0, 6)});
    return calendar;
}

struct Row {
    const char *from;
    BusinessLength length;
    const char *to;
};

using Step = std::optional<Micros> (BusinessTime::*)(Micros, const BusinessLength &) const;

void expect_rows(std::span<const Row> rows, Step step) {
    const auto calendar = shop();
    const auto zagreb = zone_of("Europe/Zagreb");
    const BusinessTime time(calendar, zagreb);
    for (const auto &row : rows) {
        const auto to = (time.*step)(wall(row.from, zagreb), row.length);
        ASSERT_TRUE(to) << row.from;
        EXPECT_EQ(base::format_time(*to), base::format_time(wall(row.to, zagreb))) << row.from;
    }
}

TEST(BusinessTime, AddsAsTheTableSays) {
    const Row rows[] = {
        {"2026-03-23T09:00", {0, 2 * kHour}, "2026-03-23T11:00"},
        {"2026-03-23T11:30", {0, 2 * kHour}, "2026-03-23T14:30"},  // over lunch
        {"2026-03-23T12:20", {0, kHour}, "2026-03-23T14:00"},      // begun at lunch
        {"2026-03-23T08:00", {0, 4 * kHour}, "2026-03-23T12:00"},  // ends as lunch begins
        {"2026-03-27T16:00", {0, 4 * kHour}, "2026-03-28T12:00"},  // Friday into Saturday
        {"2026-03-28T12:00",
         {0, 4 * kHour},
         "2026-03-29T04:00"},  // 1 h on Saturday, and 3 of a night without 2 to 3
        {"2026-03-28T13:00", {0, 5 * kHour}, "2026-03-29T06:00"},  // all of that night
        {"2026-03-28T13:00", {0, 6 * kHour}, "2026-03-30T09:00"},
        {"2026-10-24T13:00", {0, 7 * kHour}, "2026-10-25T06:00"},  // a night with 2 to 3 twice
        {"2026-10-24T13:00", {0, 8 * kHour}, "2026-10-26T09:00"},
        {"2026-04-04T10:00", {0, 4 * kHour}, "2026-04-07T09:00"},     // over Easter
        {"2026-04-04T20:00", {1, 0}, "2026-04-08T08:00"},             // opens on Tuesday, a day later
        {"2026-04-03T16:30", {1, 0}, "2026-04-04T13:00"},             // Saturday has no 16:30
        {"2026-04-03T10:00", {2, 0}, "2026-04-07T10:00"},             // Saturday, Tuesday
        {"2026-04-03T12:30", {3, 30 * kMinute}, "2026-04-08T13:30"},  // opens at 13, days, then time
        {"2026-03-27T10:00", {3, 0}, "2026-03-30T10:00"},             // Saturday, the worked Sunday, Monday
    };
    expect_rows(rows, &BusinessTime::add);
}

TEST(BusinessTime, SubtractsAsTheTableSays) {
    const Row rows[] = {
        {"2026-03-23T11:00", {0, 2 * kHour}, "2026-03-23T09:00"},
        {"2026-03-23T14:30", {0, 2 * kHour}, "2026-03-23T11:30"},
        {"2026-03-30T08:00", {0, 5 * kHour}, "2026-03-29T00:00"},
        {"2026-04-07T09:00", {0, 2 * kHour}, "2026-04-04T12:00"},
        {"2026-04-07T10:00", {1, 0}, "2026-04-04T10:00"},
        {"2026-04-07T16:00", {1, 0}, "2026-04-04T13:00"},
        {"2026-04-07T08:30", {1, 0}, "2026-04-04T09:00"},  // Saturday begins at nine
        {"2026-04-08T08:00", {1, 0}, "2026-04-04T13:00"},  // Tuesday's end goes before Wednesday's begin
    };
    expect_rows(rows, &BusinessTime::subtract);
}

TEST(BusinessTime, ASiteHasTheHoursOfItsOwnZone) {
    const auto calendar = shop();
    const auto new_york = zone_of("America/New_York"), zagreb = zone_of("Europe/Zagreb");
    const BusinessTime time(calendar, new_york);
    // Between the changes there are five hours between the two, not six.
    EXPECT_EQ(*time.opening(wall("2026-03-16T09:00", zagreb)), wall("2026-03-16T13:00", zagreb));
    EXPECT_EQ(*time.opening(wall("2026-04-13T09:00", zagreb)), wall("2026-04-13T14:00", zagreb));
    EXPECT_EQ(*time.add(wall("2026-03-16T09:00", zagreb), {0, 8 * kHour}), wall("2026-03-16T22:00", zagreb));
}

TEST(BusinessTime, RoundTheClockIsTimeItself) {
    WorkCalendar calendar;
    calendar.weekly.fill(hours({between_hours(0, 24)}));
    const auto zagreb = zone_of("Europe/Zagreb");
    const BusinessTime time(calendar, zagreb);
    const auto at = wall("2026-03-28T13:07", zagreb);
    EXPECT_EQ(*time.add(at, {0, 100 * kHour}), at + 100 * kHour);
    EXPECT_EQ(*time.subtract(at, {0, 100 * kHour}), at - 100 * kHour);
    EXPECT_EQ(*time.add(at, {1, 0}), wall("2026-03-29T13:07", zagreb));
    EXPECT_EQ(*time.subtract(at, {1, 0}), wall("2026-03-27T13:07", zagreb));
    EXPECT_EQ(time.between(at, at + 400 * base::kDay), 400 * base::kDay);
}

TEST(BusinessTime, WhatIsNeverOpenHasNoEnd) {
    const WorkCalendar closed;
    const BusinessTime time(closed, base::Zone::utc());
    EXPECT_FALSE(time.is_open(0));
    EXPECT_FALSE(time.opening(0));
    EXPECT_FALSE(time.add(0, {0, 1}));
    EXPECT_FALSE(time.add(0, {1, 0}));
    EXPECT_FALSE(time.subtract(0, {0, 1}));
    EXPECT_FALSE(time.subtract(0, {1, 0}));
    EXPECT_EQ(time.between(0, 1000 * base::kDay), 0);
    EXPECT_EQ(*time.add(5, {}), 5);
}

// What the wall clock says, minute by minute. Right where no hours begin or end while it is changed.
class Walk {
public:
    Walk(const WorkCalendar &calendar, base::Zone zone) : calendar_(calendar), zone_(std::move(zone)) {}

    bool is_open(Micros at) const {
        const auto local = zone_.local(at);
        const auto day = base::floor_div(local, base::kDay);
        const auto minute = (local - day * base::kDay) / kMinute;
        for (const auto &each : calendar_.day(day))
            if (each.from <= minute && minute < each.to) return true;
        return false;
    }
    Micros add(Micros at, Micros micros) const {
        for (; micros > 0; at += kMinute)
            if (is_open(at)) micros -= kMinute;
        return at;
    }
    Micros subtract(Micros at, Micros micros) const {
        for (; micros > 0; at -= kMinute)
            if (is_open(at - kMinute)) micros -= kMinute;
        return at;
    }
    Micros between(Micros from, Micros to) const {
        Micros open = 0;
        for (; from < to; from += kMinute) open += is_open(from) ? kMinute : 0;
        return open;
    }
    // The date so many days with hours later, from the next open minute.
    std::int64_t day_after(Micros at, int days) const {
        while (!is_open(at)) at += kMinute;
        auto day = zone_.local_day(at);
        while (days > 0) days -= calendar_.day(++day).empty() ? 0 : 1;
        return day;
    }

private:
    const WorkCalendar &calendar_;
    base::Zone zone_;
};

TEST(BusinessTime, IsWhatAWalkByMinutesFinds) {
    const auto *given = std::getenv("KITH_SEED");
    const std::uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::cout << "seed " << seed << "\n";
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint64_t n) { return static_cast<std::int64_t>(random() % n); };
    constexpr const char *kZones[] = {"Europe/Zagreb", "America/New_York", "Asia/Shanghai",
                                      "Australia/Lord_Howe", "UTC"};
    // Weeks about which clocks change, in the north and in the south.
    const Micros about[] = {
        base::days_of({2026, 3, 25}) * base::kDay, base::days_of({2026, 10, 21}) * base::kDay,
        base::days_of({2026, 3, 5}) * base::kDay, base::days_of({2026, 4, 1}) * base::kDay,
        base::days_of({2026, 12, 22}) * base::kDay};
    for (int round = 0; round < 120; ++round) {
        WorkCalendar calendar;
        const auto any_day = [&] {
            Day day;
            for (auto minute = below(300); minute < 1440 && day.size() < 4;) {
                auto to = minute + 1 + below(600);
                // No hours begin or end from one to four, when clocks change.
                const auto outside = [](std::int64_t m) { return m > 50 && m < 250 ? std::int64_t{250} : m; };
                const auto from = outside(minute);
                to = std::min<std::int64_t>(outside(to), 1440);
                if (from < to)
                    day.push_back({static_cast<std::int32_t>(from), static_cast<std::int32_t>(to)});
                minute = std::max(from, to) + below(300);
            }
            return day;
        };
        for (auto &day : calendar.weekly)
            if (below(4) != 0) day = any_day();
        calendar.weekly[static_cast<std::size_t>(below(7))] = hours({between_hours(8, 16)});
        const auto start = about[below(std::size(about))];
        for (int i = 0; i < 3; ++i)
            calendar.special[start / base::kDay + below(14)] = below(2) ? any_day() : Day();
        const auto zone = zone_of(kZones[below(std::size(kZones))]);
        const BusinessTime time(calendar, zone);
        const Walk walk(calendar, zone);
        for (int i = 0; i < 10; ++i) {
            const auto at = start + below(12 * 1440) * kMinute;
            const auto micros = (1 + below(3000)) * kMinute;
            SCOPED_TRACE(base::format_time(at) + " " + zone.name() + " " + std::to_string(micros / kMinute));
            ASSERT_EQ(time.is_open(at), walk.is_open(at));
            const auto end = time.add(at, {0, micros}), begin = time.subtract(at, {0, micros});
            ASSERT_TRUE(end && begin);
            ASSERT_EQ(*end, walk.add(at, micros));
            ASSERT_EQ(*begin, walk.subtract(at, micros));
            ASSERT_EQ(time.between(at, *end), micros);
            ASSERT_EQ(time.between(*begin, at), micros);
            const auto later = at + below(10 * 1440) * kMinute;
            ASSERT_EQ(time.between(at, later), walk.between(at, later));
            // A later day has hours, and is as many of them on.
            const auto days = static_cast<std::int32_t>(1 + below(5));
            const auto day = time.add(at, {days, 0});
            ASSERT_TRUE(day);
            // The instant between two days is of either.
            const auto expected = walk.day_after(at, days);
            ASSERT_TRUE(zone.local_day(*day) == expected || zone.local_day(*day - 1) == expected)
                << base::format_time(*day);
            ASSERT_TRUE(time.is_open(*day) || time.is_open(*day - 1));
        }
    }
}

}  // namespace
}  // namespace kith::rules
