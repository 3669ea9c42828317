// Goal: wall times and instants agree with the tz database around every change of offset. Method:
// published changes as golden values; properties at random instants near changes, found by bisection.
#include <cstdlib>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "base/time.hpp"

namespace kith::base {
namespace {

constexpr Micros kMinute = 60'000'000;
constexpr Micros kHour = 60 * kMinute;

Zone zone(std::string_view name) { return std::move(*Zone::find(name)); }
Micros wall(std::string_view text) { return *parse_time(text, Zone::utc()); }
std::string there(const Zone &in, std::string_view text) { return format_time(*parse_time(text, in)); }
std::string added(const Zone &in, std::string_view at, std::int32_t months, std::int32_t days,
                  Micros micros = 0) {
    const auto local = format_time(in.local(in.add(*parse_time(at, in), months, days, micros)));
    return local.substr(0, local.size() - 1);
}

TEST(Zone, Names) {
    EXPECT_EQ(zone("Europe/Zagreb").name(), "Europe/Zagreb");
    EXPECT_EQ(zone("UTC").name(), "UTC");
    EXPECT_EQ(Zone::utc().name(), "UTC");
    EXPECT_EQ(zone("US/Eastern").local(0), -5 * kHour);  // an old name is a name
    for (const auto *bad : {"", "Nowhere/Atlantis", "europe/zagreb", "../etc/passwd", "Europe", "/UTC",
                            "zone.tab", "leapseconds", "tzdata.zi", "+01:00"}) {
        const auto found = Zone::find(bad);
        ASSERT_FALSE(found) << bad;
        EXPECT_EQ(found.error().status, Status::argument) << bad;
    }
}

TEST(Zone, VersionOfTheDatabase) {
    const auto version = tz_version();
    if (version == "unknown") GTEST_SKIP() << "the system does not say its tz version";
    EXPECT_EQ(version.substr(0, 2), "20");
}

TEST(Zone, Golden) {
    EXPECT_EQ(there(zone("Europe/Zagreb"), "2026-01-31T09:30"), "2026-01-31T08:30:00Z");
    EXPECT_EQ(there(zone("Europe/Zagreb"), "2026-07-31"), "2026-07-30T22:00:00Z");
    EXPECT_EQ(there(zone("America/New_York"), "2026-07-04T12:00"), "2026-07-04T16:00:00Z");
    EXPECT_EQ(there(zone("Asia/Shanghai"), "2026-07-04"), "2026-07-03T16:00:00Z");
    EXPECT_EQ(there(zone("Australia/Lord_Howe"), "2026-01-01"), "2025-12-31T13:00:00Z");
    EXPECT_EQ(there(zone("Etc/GMT+5"), "2026-01-01"), "2026-01-01T05:00:00Z");
}

TEST(Zone, GapGivesItsEnd) {
    EXPECT_EQ(there(zone("Europe/Zagreb"), "2026-03-29T02:00"), "2026-03-29T01:00:00Z");
    EXPECT_EQ(there(zone("Europe/Zagreb"), "2026-03-29T02:59:59"), "2026-03-29T01:00:00Z");
    EXPECT_EQ(there(zone("Europe/Zagreb"), "2026-03-29T03:00:01"), "2026-03-29T01:00:01Z");
    EXPECT_EQ(there(zone("Australia/Lord_Howe"), "2026-10-04T02:15"), "2026-10-03T15:30:00Z");
    EXPECT_EQ(there(zone("Pacific/Apia"), "2011-12-30T12:00"), "2011-12-30T10:00:00Z");  // a day left out
    EXPECT_EQ(there(zone("America/Sao_Paulo"), "2018-11-04"), "2018-11-04T03:00:00Z");   // midnight left out
}

TEST(Zone, OverlapGivesTheEarlier) {
    EXPECT_EQ(there(zone("Europe/Zagreb"), "2026-10-25T02:30"), "2026-10-25T00:30:00Z");
    EXPECT_EQ(there(zone("Europe/Zagreb"), "2026-10-25T03:00"), "2026-10-25T02:00:00Z");
    EXPECT_EQ(there(zone("America/New_York"), "2026-11-01T01:00"), "2026-11-01T05:00:00Z");
    EXPECT_EQ(there(zone("Australia/Lord_Howe"), "2026-04-05T01:45"), "2026-04-04T14:45:00Z");
}

// local() is nowhere cached wrongly, and instant() is the smallest instant at or after a wall time.
TEST(Zone, PropertiesNearChanges) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 engine(seed);
    std::uniform_int_distribution<Micros> near(-3 * kHour / kMinute, 3 * kHour / kMinute);
    for (const auto *name : {"Europe/Zagreb", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe",
                             "Pacific/Apia", "UTC"}) {
        const Zone used = zone(name);
        std::vector<Micros> changes{0, wall("2026-01-01")};
        const auto offset = [&](Micros at) { return Zone(used).local(at) - at; };
        for (Micros from = wall("1900-01-01"); from < wall("2037-01-01"); from += 10 * kDay) {
            Micros low = from, high = from + 10 * kDay;
            if (offset(low) == offset(high)) continue;
            while (high - low > 1)
                (offset(low + (high - low) / 2) == offset(low) ? low : high) = low + (high - low) / 2;
            changes.push_back(high);
        }
        for (int i = 0; i < 5000; ++i) {
            const Micros at = changes[engine() % changes.size()] + near(engine) * kMinute;
            const Micros local = used.local(at);
            ASSERT_EQ(local, zone(name).local(at)) << name << " " << at;
            ASSERT_EQ(used.local_day(at), days_of(civil_of((local - ((local % kDay) + kDay) % kDay) / kDay)));
            const Micros back = used.instant(local);
            ASSERT_EQ(back, zone(name).instant(local)) << name << " " << at;
            ASSERT_LE(back, at) << name;
            ASSERT_EQ(used.local(back), local)
                << name << " " << at;  // else an overlap, the same wall time earlier
            if (back != at) {
                ASSERT_NE(offset(back), offset(at)) << name << " " << at;
            }
            const Micros wished = local + near(engine) * kMinute;  // may lie in a gap
            const Micros got = used.instant(wished);
            ASSERT_GE(used.local(got), wished) << name << " " << at;
            ASSERT_TRUE(used.local(got) == wished || used.local(got - 1) < wished) << name << " " << at;
        }
    }
}

TEST(Zone, EndsOfTime) {
    for (const auto *name :
         {"Europe/Zagreb", "America/New_York", "Asia/Shanghai", "Pacific/Apia", "Etc/GMT-14", "UTC"}) {
        const Zone used = zone(name);
        for (const Micros at : {kMinTime, kMinTime + 1, kMaxTime - 1, kMaxTime}) {
            EXPECT_EQ(used.instant(used.local(at)), at) << name;
            EXPECT_LE(std::abs(used.local(at) - at), kDay) << name;
        }
    }
}

TEST(Add, MonthsClampToTheirEnd) {
    const auto zagreb = zone("Europe/Zagreb");
    for (const auto &in : {Zone::utc(), zagreb}) {
        EXPECT_EQ(added(in, "2026-01-31", 1, 0), "2026-02-28T00:00:00");
        EXPECT_EQ(added(in, "2024-01-31", 1, 0), "2024-02-29T00:00:00");
        EXPECT_EQ(added(in, "2024-02-29", 12, 0), "2025-02-28T00:00:00");
        EXPECT_EQ(added(in, "2024-02-29", 48, 0), "2028-02-29T00:00:00");
        EXPECT_EQ(added(in, "2026-03-31", -1, 0), "2026-02-28T00:00:00");
        EXPECT_EQ(added(in, "2026-01-15", -1, 0), "2025-12-15T00:00:00");
        EXPECT_EQ(added(in, "2026-12-31", 2, 1), "2027-03-01T00:00:00");
        EXPECT_EQ(added(in, "2026-05-31T08:15", 1, -1, kHour), "2026-06-29T09:15:00");
    }
}

TEST(Add, DaysKeepTheWallTimeAndHoursDoNot) {
    const auto zagreb = zone("Europe/Zagreb");
    EXPECT_EQ(added(zagreb, "2026-03-28T12:00", 0, 1), "2026-03-29T12:00:00");
    EXPECT_EQ(added(zagreb, "2026-03-28T12:00", 0, 0, 24 * kHour), "2026-03-29T13:00:00");
    EXPECT_EQ(added(zagreb, "2026-03-28T02:30", 0, 1), "2026-03-29T03:00:00");
    EXPECT_EQ(added(zagreb, "2026-02-28T02:30", 1, 1), "2026-03-29T03:00:00");
    const Micros second = *parse_time("2026-10-25T02:30+01:00", zagreb);  // the later of two
    EXPECT_EQ(zagreb.add(second, 0, 0, 0), second);
}

TEST(Add, StopsAtTheEndsOfTime) {
    const auto zagreb = zone("Europe/Zagreb");
    for (const auto &in : {Zone::utc(), zagreb}) {
        EXPECT_EQ(in.add(0, INT32_MAX, INT32_MAX, INT64_MAX), kMaxTime);
        EXPECT_EQ(in.add(0, INT32_MIN, INT32_MIN, INT64_MIN), kMinTime);
        EXPECT_EQ(in.add(kMaxTime, 0, 0, 1), kMaxTime);
        EXPECT_EQ(in.add(kMinTime, 0, -1, 0), kMinTime);
        EXPECT_EQ(in.add(kMaxTime, 0, 0, -1), kMaxTime - 1);
        EXPECT_EQ(in.add(kMinTime, 1, 0, 0) > kMinTime, true);
    }
}

}  // namespace
}  // namespace kith::base
