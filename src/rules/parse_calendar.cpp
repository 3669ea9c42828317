#include <algorithm>
#include <array>

#include "base/time.hpp"
#include "rules/parse.hpp"
#include "rules/shapes.hpp"

namespace kith::rules {

namespace {

constexpr std::size_t kHoursMax = 24;
constexpr std::size_t kHolidaysMax = 1024;
constexpr std::array<std::string_view, 7> kWeekdays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

// Digits [from, from + 2) as a number; 99 if they are none.
std::int32_t two_digits(std::string_view text, std::size_t from) {
    const auto digit = [&](std::size_t i) {
        return i < text.size() && text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : 99;
    };
    const std::int32_t tens = digit(from), ones = digit(from + 1);
    return tens == 99 || ones == 99 ? 99 : tens * 10 + ones;
}

// "08:00-12:00"
base::Result<Hours> parse_hours(const Node &node) {
    const std::string &text = node.json().text;
    if (node.is(Json::Kind::text) && text.size() == 11 && text[2] == ':' && text[5] == '-' &&
        text[8] == ':') {
        const std::int32_t from_hour = two_digits(text, 0), from_minute = two_digits(text, 3);
        const std::int32_t to_hour = two_digits(text, 6), to_minute = two_digits(text, 9);
        const Hours hours{from_hour * 60 + from_minute, to_hour * 60 + to_minute};
        if (from_minute < 60 && to_minute < 60 && hours.from < hours.to && hours.to <= 24 * 60) return hours;
    }
    return node.error("must be hours of one day, as \"08:00-12:00\"");
}

base::Result<Day> parse_day(const Node &node) {
    Day day;
    if (node.is(Json::Kind::array) && node.size() == 0) return day;  // closed
    node.read_each(day, kHoursMax, parse_hours);
    for (std::size_t i = 1; i < day.size(); ++i) {
        if (day[i].from < day[i - 1].to)
            return node.error("the hours must follow each other without overlap");
    }
    return day;
}

// "2026-12-25"
std::optional<std::int64_t> date_of(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto time = base::parse_time(text, base::Zone::utc());
    if (!time) return std::nullopt;
    return base::floor_div(*time, base::kDay);
}

base::Result<std::int64_t> parse_date(const Node &node) {
    const auto date = node.is(Json::Kind::text) ? date_of(node.json().text) : std::nullopt;
    if (!date) return node.error("must be a date, as \"2026-12-25\"");
    return *date;
}

// "mon-fri", "sat"
std::optional<std::pair<std::size_t, std::size_t>> weekdays_of(std::string_view key) {
    const auto weekday = [](std::string_view name) {
        return static_cast<std::size_t>(std::ranges::find(kWeekdays, name) - kWeekdays.begin());
    };
    const auto dash = key.find('-');
    const std::size_t first = weekday(key.substr(0, dash));
    const std::size_t last = dash == key.npos ? first : weekday(key.substr(dash + 1));
    if (first >= kWeekdays.size() || last >= kWeekdays.size() || first > last) return std::nullopt;
    return std::pair(first, last);
}

void read_weekly(const Node &node, WorkCalendar &calendar) {
    if (!node.is(Json::Kind::object) || node.size() == 0)
        return node.report("must be an object, { \"mon-fri\": [\"08:00-12:00\"] }");
    std::array<bool, 7> told{};
    for (std::size_t i = 0; i < node.size(); ++i) {
        const auto days = weekdays_of(node.json().keys[i]);
        if (!days) {
            node.value(i).report("must be a day or days in order, as \"sat\" or \"mon-fri\"; write " +
                                 choice_of(kWeekdays));
            continue;
        }
        const auto day = parse_day(node.value(i));
        if (!day) {
            node.report(day.error());
            continue;
        }
        for (std::size_t weekday = days->first; weekday <= days->second; ++weekday) {
            if (told[weekday])
                node.value(i).report("has " + quote(kWeekdays[weekday]) +
                                     " that is told already; tell it once");
            told[weekday] = true;
            calendar.weekly[weekday] = *day;
        }
    }
}

void read_exceptions(const Node &node, WorkCalendar &calendar) {
    if (!node.is(Json::Kind::object))
        return node.report("must be an object, { \"2026-12-24\": [\"08:00-12:00\"] }");
    for (std::size_t i = 0; i < node.size(); ++i) {
        const auto date = date_of(node.json().keys[i]);
        const auto day = parse_day(node.value(i));
        if (!date) node.value(i).report("its key must be a date, as \"2026-12-25\"");
        if (!day) node.report(day.error());
        if (date && day && !calendar.special.emplace(*date, *day).second)
            node.value(i).report("is a holiday too; keep one of them");
    }
}

}  // namespace

const Day &WorkCalendar::day(std::int64_t days_since_1970) const {
    const auto found = special.find(days_since_1970);
    if (found != special.end()) return found->second;
    const std::int64_t weekday = days_since_1970 + 3;  // 1970-01-01 was a Thursday
    return weekly[static_cast<std::size_t>(weekday - base::floor_div(weekday, 7) * 7)];
}

WorkCalendar parse_calendar(const Node &entry) {
    WorkCalendar calendar;
    if (!entry.has_shape(shape::kCalendar)) return calendar;
    entry.read("calendar", calendar.name, &Node::name);
    entry.read("zone", calendar.zone, [](const Node &node) -> base::Result<std::string> {
        KITH_LET(zone, node.line());
        if (!base::Zone::find(zone))
            return node.error("must be a zone of the tz database, as \"Europe/Zagreb\"");
        return zone;
    });
    if (entry.has("weekly")) read_weekly(entry.member("weekly"), calendar);
    std::vector<std::int64_t> holidays;
    entry.read_list("holidays", holidays, kHolidaysMax, parse_date);
    for (const std::int64_t date : holidays) calendar.special.emplace(date, Day());
    if (entry.has("exceptions")) read_exceptions(entry.member("exceptions"), calendar);
    entry.read_choice("first_weekday", calendar.first_weekday, "the weekday", kWeekdays);
    entry.read("fiscal_year", calendar.fiscal_month, [](const Node &node) -> base::Result<std::int32_t> {
        KITH_LET(month, node.integer(1, 12));
        return static_cast<std::int32_t>(month);
    });
    return calendar;
}

}  // namespace kith::rules
