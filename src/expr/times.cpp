// Timestamps, durations and dates: their texts, their parts, and the calendar.
#include "base/time.hpp"
#include "expr/library.hpp"
#include "expr/limits.hpp"

#include <algorithm>
#include <cmath>
#include <compare>
#include <iterator>
#include <optional>
#include <utility>

namespace kith::expr {

namespace {

constexpr std::int64_t kNanos = 1'000'000'000;  // a second
constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kMinDay = kMinSeconds / kDaySeconds, kMaxDay = kMaxSeconds / kDaySeconds;

constexpr std::size_t kZoneMax = 64;  // bytes of a zone's name

constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0); }
constexpr std::int64_t floor_mod(std::int64_t a, std::int64_t b) { return a - floor_div(a, b) * b; }

Value out_of_calendar() {
    return fail(Code::overflow, "the result is outside the calendar, the years 0001 to 9999");
}
Value bad_zone() {
    return fail(
        Code::tz,
        "no such time zone, or too many of them: write an IANA name such as Europe/Zagreb, or +02:00");
}

// ---- texts

class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}
    std::string_view rest() const { return rest_; }
    bool at_end() const { return rest_.empty(); }
    bool at_digit() const { return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; }
    bool take(std::string_view text) {
        if (!rest_.starts_with(text)) return false;
        rest_.remove_prefix(text.size());
        return true;
    }
    int digit() {  // only where at_digit()
        const int value = rest_[0] - '0';
        rest_.remove_prefix(1);
        return value;
    }
    bool digits(int count, std::int32_t &value) {
        for (value = 0; count > 0; --count) {
            if (!at_digit()) return false;
            value = value * 10 + digit();
        }
        return true;
    }
    // The digits after a point: `value` of 10^-places, what is finer is cut off.
    bool fraction(int places, std::int64_t &value) {
        if (!at_digit()) return false;
        for (value = 0; places > 0; --places) value = value * 10 + (at_digit() ? digit() : 0);
        while (at_digit()) digit();
        return true;
    }
    bool date(base::CivilDate &date) {
        return digits(4, date.year) && take("-") && digits(2, date.month) && take("-") &&
               digits(2, date.day) && base::civil_of(base::days_of(date)) == date;
    }
    bool clock(int hour_max, std::int64_t &seconds) {  // hh:mm
        std::int32_t hour = 0, minute = 0;
        if (!digits(2, hour) || !take(":") || !digits(2, minute)) return false;
        seconds = hour * 3600 + minute * 60;
        return hour <= hour_max && minute < 60;
    }

private:
    std::string_view rest_;
};

// ---- wall time

struct Wall {
    std::int64_t day = 0, second = 0;  // since 1970, of the day
    std::uint32_t nanos = 0;
    auto operator<=>(const Wall &) const = default;
};

Wall wall_of(const Value &timestamp, const ZoneAt &zone) {
    const auto wall = zone.zone == nullptr ? timestamp.i + zone.offset_seconds
                                           : floor_div(zone.zone->local(timestamp.i * 1'000'000), 1'000'000);
    return {floor_div(wall, kDaySeconds), floor_mod(wall, kDaySeconds), timestamp.size};
}

// As base::Zone::instant: the first instant after a gap, the earlier of two in an overlap.
Value instant_of(const Wall &wall, const ZoneAt &zone) {
    const auto seconds = wall.day * kDaySeconds + wall.second;
    auto at = seconds - zone.offset_seconds;
    auto nanos = wall.nanos;
    if (zone.zone != nullptr) {
        const auto micros = zone.zone->instant(seconds * 1'000'000);
        if (zone.zone->local(micros) != seconds * 1'000'000) nanos = 0;
        at = floor_div(micros, 1'000'000);
    }
    return at < kMinSeconds || at > kMaxSeconds ? out_of_calendar() : of_timestamp(at, nanos);
}

bool in_calendar(std::int64_t day) { return day >= kMinDay && day <= kMaxDay; }
Value date_at(std::int64_t day) { return in_calendar(day) ? of_date(day) : out_of_calendar(); }

// Months clamp to the end of the month.
std::int64_t add_months(std::int64_t day, std::int64_t months) {
    const auto date = base::civil_of(day);
    const auto month = std::int64_t{date.year} * 12 + date.month - 1 + months;
    const auto first = [](std::int64_t m) {
        return base::days_of({static_cast<std::int32_t>(floor_div(m, 12)),
                              static_cast<std::int32_t>(floor_mod(m, 12)) + 1, 1});
    };
    return std::min(first(month) + date.day, first(month + 1)) - 1;
}

int iso_weekday(std::int64_t day) { return static_cast<int>(floor_mod(day + 3, 7)) + 1; }

std::int64_t day_of_year(std::int64_t day) {
    return day - base::days_of({base::civil_of(day).year, 1, 1}) + 1;
}

// The zone given at `place` of the arguments, else the moment's.
bool zone_at(Call &call, const Value *args, std::uint32_t count, std::uint32_t place, ZoneAt &out) {
    if (count > place) return find_zone(call, args[place], out);
    out.zone = &call.moment.zone;
    return true;
}

std::int64_t day_of(const Value &value, const ZoneAt &zone) {
    return value.is(Kind::date) ? value.i : local_day(value, zone);
}

// ---- parts of a timestamp and of a duration

enum class Part {
    year,
    month,         // from 0
    date,          // from 1
    day_of_month,  // from 0
    day_of_year,   // from 0
    day_of_week,   // Sunday is 0
    hours,
    minutes,
    seconds,
    milliseconds,
};

Value part_of_duration(std::int64_t nanos, Part part) {
    switch (part) {
        case Part::hours:
            return of_int(nanos / kNanos / 3600);
        case Part::minutes:
            return of_int(nanos / kNanos / 60);
        case Part::seconds:
            return of_int(nanos / kNanos);
        default:  // cel-go answers with the whole duration; the suite wants the part below a second
            return of_int(nanos / 1'000'000 % 1000);
    }
}

Value part_of(Call &call, const Value *args, std::uint32_t count, Part part) {
    if (args[0].is(Kind::duration)) return part_of_duration(args[0].i, part);
    ZoneAt zone;
    if (count > 1 && !find_zone(call, args[1], zone)) return bad_zone();
    const auto wall = wall_of(args[0], zone);
    switch (part) {
        case Part::year:
            return of_int(base::civil_of(wall.day).year);
        case Part::month:
            return of_int(base::civil_of(wall.day).month - 1);
        case Part::date:
            return of_int(base::civil_of(wall.day).day);
        case Part::day_of_month:
            return of_int(base::civil_of(wall.day).day - 1);
        case Part::day_of_year:
            return of_int(day_of_year(wall.day) - 1);
        case Part::day_of_week:
            return of_int(iso_weekday(wall.day) % 7);
        case Part::hours:
            return of_int(wall.second / 3600);
        case Part::minutes:
            return of_int(wall.second / 60 % 60);
        case Part::seconds:
            return of_int(wall.second % 60);
        default:
            return of_int(wall.nanos / 1'000'000);
    }
}

template <Part kPart>
Value get(Call &call, const Value *args, std::uint32_t count) {
    return part_of(call, args, count, kPart);
}

// ---- dates

Value make_date(Call &call, const Value *args, std::uint32_t count) {
    const auto &value = args[0];
    base::CivilDate date;
    switch (value.kind) {
        case Kind::date:
            return value;
        case Kind::timestamp: {
            ZoneAt zone;
            if (!zone_at(call, args, count, 1, zone)) return bad_zone();
            return date_at(local_day(value, zone));
        }
        case Kind::string: {
            Scanner in(value.view());
            if (!in.date(date) || !in.at_end() || !in_calendar(base::days_of(date)))
                return fail(Code::convert, "the text is no date: write 2026-01-31, a day that exists");
            return of_date(base::days_of(date));
        }
        default: {
            const bool near =
                std::all_of(args, args + 3, [](const Value &part) { return part.i >= 1 && part.i <= 9999; });
            date = {static_cast<std::int32_t>(args[0].i), static_cast<std::int32_t>(args[1].i),
                    static_cast<std::int32_t>(args[2].i)};
            if (!near || base::civil_of(base::days_of(date)) != date)
                return fail(Code::range, "there is no such day: give year, month 1 to 12, day");
            return of_date(base::days_of(date));
        }
    }
}

Value year(Call &, const Value *args, std::uint32_t) { return of_int(base::civil_of(args[0].i).year); }
Value month(Call &, const Value *args, std::uint32_t) { return of_int(base::civil_of(args[0].i).month); }
Value day(Call &, const Value *args, std::uint32_t) { return of_int(base::civil_of(args[0].i).day); }
Value weekday(Call &, const Value *args, std::uint32_t) { return of_int(iso_weekday(args[0].i)); }
Value yearday(Call &, const Value *args, std::uint32_t) { return of_int(day_of_year(args[0].i)); }

// ---- calendar

Value days_between(Call &call, const Value *args, std::uint32_t count) {
    ZoneAt zone;
    if (!zone_at(call, args, count, 2, zone)) return bad_zone();
    return of_int(day_of(args[1], zone) - day_of(args[0], zone));
}

// The most months that can be added to the earlier without passing the later; negative where the first is
// the later.
Value months_between(Call &call, const Value *args, std::uint32_t count) {
    ZoneAt zone;
    if (!zone_at(call, args, count, 2, zone)) return bad_zone();
    Wall walls[2];
    for (int i : {0, 1}) walls[i] = args[i].is(Kind::date) ? Wall{args[i].i} : wall_of(args[i], zone);
    const bool swapped = walls[1] < walls[0];
    if (swapped) std::swap(walls[0], walls[1]);
    const auto from = base::civil_of(walls[0].day), to = base::civil_of(walls[1].day);
    std::int64_t months = (to.year - from.year) * 12 + to.month - from.month;
    Wall reached = walls[0];
    reached.day = add_months(reached.day, months);
    if (reached > walls[1]) --months;
    return of_int(swapped ? -months : months);
}

enum class Step { days, months, years };

template <Step kStep>
Value add_steps(Call &call, const Value *args, std::uint32_t count) {
    ZoneAt zone;
    if (!zone_at(call, args, count, 2, zone)) return bad_zone();
    auto steps = args[1].i;
    if (args[1].is(Kind::double_)) {
        // Settings and metrics are doubles, and days are whole.
        const double written = args[1].d;
        if (!(std::abs(written) <= 2.0 * kMaxDay)) return out_of_calendar();
        steps = static_cast<std::int64_t>(written);
        if (static_cast<double>(steps) != written)
            return fail(Code::range, "days, months and years are whole: write int(n)");
    }
    if (steps < -2 * kMaxDay || steps > 2 * kMaxDay) return out_of_calendar();
    const auto moved = [&](std::int64_t from) {
        return kStep == Step::days ? from + steps
                                   : add_months(from, kStep == Step::years ? steps * 12 : steps);
    };
    if (args[0].is(Kind::date)) return date_at(moved(args[0].i));
    auto wall = wall_of(args[0], zone);
    wall.day = moved(wall.day);
    // A day more at either end: another zone may be a day behind.
    if (!in_calendar(wall.day - 1) && !in_calendar(wall.day + 1)) return out_of_calendar();
    return instant_of(wall, zone);
}

enum class Unit { day, week, month, quarter, year };

template <Unit kUnit>
Value start_of(Call &call, const Value *args, std::uint32_t count) {
    ZoneAt zone;
    if (!zone_at(call, args, count, 1, zone)) return bad_zone();
    auto first = day_of(args[0], zone);
    const auto date = base::civil_of(first);
    switch (kUnit) {
        case Unit::day:
            break;
        case Unit::week:
            first -= iso_weekday(first) - 1;
            break;
        case Unit::month:
            first -= date.day - 1;
            break;
        case Unit::quarter:
            first = base::days_of({date.year, (date.month - 1) / 3 * 3 + 1, 1});
            break;
        case Unit::year:
            first = base::days_of({date.year, 1, 1});
            break;
    }
    if (kUnit != Unit::day && args[0].is(Kind::date)) return date_at(first);
    return instant_of({first}, zone);
}

Value day_name(Call &call, const Value *args, std::uint32_t count) {
    static constexpr std::string_view kNames[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                  "Friday", "Saturday", "Sunday"};
    ZoneAt zone;
    if (!zone_at(call, args, count, 1, zone)) return bad_zone();
    return of_text(kNames[iso_weekday(day_of(args[0], zone)) - 1]);
}

Value month_name(Call &call, const Value *args, std::uint32_t count) {
    static constexpr std::string_view kNames[] = {"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};
    ZoneAt zone;
    if (!zone_at(call, args, count, 1, zone)) return bad_zone();
    return of_text(kNames[base::civil_of(day_of(args[0], zone)).month - 1]);
}

Value is_weekend(Call &call, const Value *args, std::uint32_t count) {
    ZoneAt zone;
    if (!zone_at(call, args, count, 1, zone)) return bad_zone();
    return of_bool(iso_weekday(day_of(args[0], zone)) >= 6);
}

Value is_business_day(Call &, const Value *args, std::uint32_t) {
    const auto &calendar = *args[1].calendar;
    const auto on = args[0].is(Kind::date) ? args[0].i : calendar.zone().local_day(args[0].i * 1'000'000);
    return of_bool(calendar.is_business_day(on));
}

// What takes its zone from the moment is not the same at every moment.
constexpr Overload moving(std::string_view name, std::string_view signature, Function function) {
    return {name, signature, function, Work::one, Growth::small, false};
}

constexpr Overload kTimeFunctions[] = {
    {"getFullYear", "timestamp.(): int", get<Part::year>},
    {"getFullYear", "timestamp.(string): int", get<Part::year>},
    {"getMonth", "timestamp.(): int", get<Part::month>},
    {"getMonth", "timestamp.(string): int", get<Part::month>},
    {"getDate", "timestamp.(): int", get<Part::date>},
    {"getDate", "timestamp.(string): int", get<Part::date>},
    {"getDayOfMonth", "timestamp.(): int", get<Part::day_of_month>},
    {"getDayOfMonth", "timestamp.(string): int", get<Part::day_of_month>},
    {"getDayOfYear", "timestamp.(): int", get<Part::day_of_year>},
    {"getDayOfYear", "timestamp.(string): int", get<Part::day_of_year>},
    {"getDayOfWeek", "timestamp.(): int", get<Part::day_of_week>},
    {"getDayOfWeek", "timestamp.(string): int", get<Part::day_of_week>},
    {"getHours", "timestamp.(): int", get<Part::hours>},
    {"getHours", "timestamp.(string): int", get<Part::hours>},
    {"getHours", "duration.(): int", get<Part::hours>},
    {"getMinutes", "timestamp.(): int", get<Part::minutes>},
    {"getMinutes", "timestamp.(string): int", get<Part::minutes>},
    {"getMinutes", "duration.(): int", get<Part::minutes>},
    {"getSeconds", "timestamp.(): int", get<Part::seconds>},
    {"getSeconds", "timestamp.(string): int", get<Part::seconds>},
    {"getSeconds", "duration.(): int", get<Part::seconds>},
    {"getMilliseconds", "timestamp.(): int", get<Part::milliseconds>},
    {"getMilliseconds", "timestamp.(string): int", get<Part::milliseconds>},
    {"getMilliseconds", "duration.(): int", get<Part::milliseconds>},

    {"date", "(date): date", make_date},
    {"date", "(string): date", make_date},
    {"date", "(int, int, int): date", make_date},
    moving("date", "(timestamp): date", make_date),
    {"date", "(timestamp, string): date", make_date},
    // The fields of a date, from 1; a week begins on Monday, 1. d.month and d.month() are the same.
    {"date.year", "(date): int", year},
    {"date.month", "(date): int", month},
    {"date.day", "(date): int", day},
    {"date.dayOfWeek", "(date): int", weekday},
    {"date.dayOfYear", "(date): int", yearday},
    {"year", "date.(): int", year},
    {"month", "date.(): int", month},
    {"day", "date.(): int", day},
    {"dayOfWeek", "date.(): int", weekday},
    {"dayOfYear", "date.(): int", yearday},

    {"daysBetween", "(date, date): int", days_between},
    moving("daysBetween", "(timestamp, timestamp): int", days_between),
    {"daysBetween", "(timestamp, timestamp, string): int", days_between},
    {"monthsBetween", "(date, date): int", months_between},
    moving("monthsBetween", "(timestamp, timestamp): int", months_between),
    {"monthsBetween", "(timestamp, timestamp, string): int", months_between},
    {"addDays", "(date, int): date", add_steps<Step::days>},
    moving("addDays", "(timestamp, int): timestamp", add_steps<Step::days>),
    {"addDays", "(timestamp, int, string): timestamp", add_steps<Step::days>},
    {"addDays", "(date, double): date", add_steps<Step::days>},
    moving("addDays", "(timestamp, double): timestamp", add_steps<Step::days>),
    {"addDays", "(timestamp, double, string): timestamp", add_steps<Step::days>},
    {"addMonths", "(date, int): date", add_steps<Step::months>},
    moving("addMonths", "(timestamp, int): timestamp", add_steps<Step::months>),
    {"addMonths", "(timestamp, int, string): timestamp", add_steps<Step::months>},
    {"addMonths", "(date, double): date", add_steps<Step::months>},
    moving("addMonths", "(timestamp, double): timestamp", add_steps<Step::months>),
    {"addMonths", "(timestamp, double, string): timestamp", add_steps<Step::months>},
    {"addYears", "(date, int): date", add_steps<Step::years>},
    moving("addYears", "(timestamp, int): timestamp", add_steps<Step::years>),
    {"addYears", "(timestamp, int, string): timestamp", add_steps<Step::years>},
    {"addYears", "(date, double): date", add_steps<Step::years>},
    moving("addYears", "(timestamp, double): timestamp", add_steps<Step::years>),
    {"addYears", "(timestamp, double, string): timestamp", add_steps<Step::years>},
    moving("startOfDay", "(date): timestamp", start_of<Unit::day>),
    {"startOfDay", "(date, string): timestamp", start_of<Unit::day>},
    moving("startOfDay", "(timestamp): timestamp", start_of<Unit::day>),
    {"startOfDay", "(timestamp, string): timestamp", start_of<Unit::day>},
    {"startOfWeek", "(date): date", start_of<Unit::week>},
    moving("startOfWeek", "(timestamp): timestamp", start_of<Unit::week>),
    {"startOfWeek", "(timestamp, string): timestamp", start_of<Unit::week>},
    {"startOfMonth", "(date): date", start_of<Unit::month>},
    moving("startOfMonth", "(timestamp): timestamp", start_of<Unit::month>),
    {"startOfMonth", "(timestamp, string): timestamp", start_of<Unit::month>},
    {"startOfQuarter", "(date): date", start_of<Unit::quarter>},
    moving("startOfQuarter", "(timestamp): timestamp", start_of<Unit::quarter>),
    {"startOfQuarter", "(timestamp, string): timestamp", start_of<Unit::quarter>},
    {"startOfYear", "(date): date", start_of<Unit::year>},
    moving("startOfYear", "(timestamp): timestamp", start_of<Unit::year>),
    {"startOfYear", "(timestamp, string): timestamp", start_of<Unit::year>},
    {"dayName", "(date): string", day_name},
    moving("dayName", "(timestamp): string", day_name),
    {"dayName", "(timestamp, string): string", day_name},
    {"monthName", "(date): string", month_name},
    moving("monthName", "(timestamp): string", month_name),
    {"monthName", "(timestamp, string): string", month_name},
    {"isWeekend", "(date): bool", is_weekend},
    moving("isWeekend", "(timestamp): bool", is_weekend),
    {"isWeekend", "(timestamp, string): bool", is_weekend},
    moving("isBusinessDay", "(date, calendar): bool", is_business_day),
    moving("isBusinessDay", "(timestamp, calendar): bool", is_business_day),
};

}  // namespace

bool find_zone(Call &call, const Value &name, ZoneAt &out) {
    const auto text = name.view();
    Scanner in(text);
    const bool west = in.take("-");
    if (!west) in.take("+");
    if (std::int64_t seconds = 0; in.clock(14, seconds) && in.at_end()) {  // as far as zones go
        out.offset_seconds = west ? -seconds : seconds;
        return true;
    }
    if (text.size() > kZoneMax) return false;
    auto known = std::find_if(call.zones.begin(), call.zones.end(),
                              [&](const auto &zone) { return zone.first == text; });
    if (known == call.zones.end()) {
        if (call.zones.size() == kZonesMax) return false;
        auto found = base::Zone::find(text);
        call.zones.emplace_back(text, found ? std::optional(std::move(*found)) : std::nullopt);
        known = call.zones.end() - 1;
    }
    if (!known->second) return false;
    out.zone = &*known->second;
    return true;
}

std::int64_t local_day(const Value &timestamp, const ZoneAt &zone) { return wall_of(timestamp, zone).day; }

bool parse_timestamp(std::string_view text, Value &out) {
    Scanner in(text);
    base::CivilDate date;
    std::int64_t clock = 0, nanos = 0, offset = 0;
    std::int32_t second = 0;
    if (!in.date(date) || !(in.take("T") || in.take("t")) || !in.clock(23, clock)) return false;
    if (!in.take(":") || !in.digits(2, second) || second > 59) return false;
    if (in.take(".") && !in.fraction(9, nanos)) return false;
    if (!in.take("Z") && !in.take("z")) {
        const bool west = in.take("-");
        if (!west && !in.take("+")) return false;
        if (!in.clock(23, offset)) return false;
        if (west) offset = -offset;
    }
    const auto seconds = base::days_of(date) * kDaySeconds + clock + second - offset;
    out = of_timestamp(seconds, static_cast<std::uint32_t>(nanos));
    return in.at_end() && seconds >= kMinSeconds && seconds <= kMaxSeconds;
}

bool parse_duration(std::string_view text, Value &out) {
    struct Unit {
        std::string_view name;
        std::int64_t nanos;
    };
    static constexpr Unit kUnits[] = {{"ns", 1},           {"us", 1000},  {"\xC2\xB5s", 1000},  // micro sign
                                      {"\xCE\xBCs", 1000},                                      // Greek mu
                                      {"ms", 1'000'000},   {"s", kNanos}, {"m", 60 * kNanos},
                                      {"h", 3600 * kNanos}};
    constexpr int kPlaces = 18;
    constexpr __int128 kScale = 1'000'000'000'000'000'000, kLimit = __int128{1} << 63;
    Scanner in(text);
    const bool negative = in.take("-");
    if (!negative) in.take("+");
    __int128 total = 0;
    const bool bare_zero = in.rest() == "0";  // needs no unit
    if (in.at_end()) return false;
    while (!in.at_end() && !bare_zero) {
        bool number = in.at_digit();
        __int128 whole = 0;
        while (in.at_digit()) whole = std::min(whole * 10 + in.digit(), kLimit + 1);
        std::int64_t fraction = 0;
        if (in.take(".")) number |= in.fraction(kPlaces, fraction);  // "1.5", ".5" and "1.", not "."
        if (!number) return false;
        const auto *unit = std::find_if(std::begin(kUnits), std::end(kUnits),
                                        [&](const Unit &u) { return in.take(u.name); });
        if (unit == std::end(kUnits)) return false;
        total += whole * unit->nanos + __int128{fraction} * unit->nanos / kScale;
        if (total > kLimit) return false;
    }
    if (!negative && total == kLimit) return false;
    out = of_duration(static_cast<std::int64_t>(negative ? -total : total));
    return true;
}

std::string tz_version() { return base::tz_version(); }

std::span<const Overload> time_functions() { return kTimeFunctions; }

}  // namespace kith::expr
