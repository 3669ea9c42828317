#include "base/time.hpp"

#include <algorithm>
#include <iterator>

namespace kith::base {
namespace {

constexpr Micros kSecond = 1'000'000;
constexpr Micros kMinute = 60 * kSecond;
constexpr Micros kHour = 60 * kMinute;
constexpr std::int64_t kEraDays = 146'097;          // of 400 years
constexpr std::int64_t kEpochFromMarch0 = 719'468;  // 0000-03-01 to 1970-01-01

constexpr int days_in_month(std::int32_t year, std::int32_t month) {
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (month == 2) return leap ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

struct Scanner {
    const char *next;
    const char *end;

    explicit Scanner(std::string_view text) : next(text.data()), end(next + text.size()) {}
    bool at_end() const { return next == end; }
    bool take(char c) {
        if (next == end || *next != c) return false;
        ++next;
        return true;
    }
    bool at_digit() const { return next != end && *next >= '0' && *next <= '9'; }
    bool digits(int count, std::int32_t &value) {
        value = 0;
        for (; count > 0; --count, ++next) {
            if (!at_digit()) return false;
            value = value * 10 + (*next - '0');
        }
        return true;
    }
};

// yyyy-mm-dd or yyyymmdd, and a day that exists.
bool scan_date(Scanner &in, CivilDate &date) {
    if (!in.digits(4, date.year)) return false;
    const bool dashes = in.take('-');
    if (!in.digits(2, date.month)) return false;
    if (dashes && !in.take('-')) return false;
    if (!in.digits(2, date.day)) return false;
    return date.year >= 1 && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
           date.day <= days_in_month(date.year, date.month);
}

// hh:mm, hh:mm:ss or hh:mm:ss.f with one to six decimals.
bool scan_clock(Scanner &in, Micros &micros) {
    std::int32_t hour = 0, minute = 0, second = 0;
    if (!in.digits(2, hour) || !in.take(':') || !in.digits(2, minute)) return false;
    Micros fraction = 0;
    if (in.take(':')) {
        if (!in.digits(2, second)) return false;
        if (in.take('.')) {
            if (!in.at_digit()) return false;
            Micros unit = kSecond;
            for (; in.at_digit(); ++in.next) {
                if (unit == 1) return false;
                unit /= 10;
                fraction += unit * (*in.next - '0');
            }
        }
    }
    micros = hour * kHour + minute * kMinute + second * kSecond + fraction;
    return hour < 24 && minute < 60 && second < 60;
}

// "Z", +hh:mm, +hhmm or +hh.
bool scan_offset(Scanner &in, Micros &offset) {
    offset = 0;
    if (in.take('Z')) return true;
    const bool west = in.take('-');
    if (!west && !in.take('+')) return false;
    std::int32_t hour = 0, minute = 0;
    if (!in.digits(2, hour)) return false;
    if (!in.at_end()) {
        in.take(':');
        if (!in.digits(2, minute)) return false;
    }
    offset = (hour * kHour + minute * kMinute) * (west ? -1 : 1);
    return hour < 24 && minute < 60;
}

Error bad_time() {
    return fail(Status::argument,
                "not a time: write 2026-01-31, 20260131 or 2026-01-31T09:30:00Z, and a day that exists");
}

Error bad_duration() {
    return fail(Status::argument,
                "not a duration: write whole numbers in ISO 8601, as in P90D, P1M or P1DT12H");
}

char *put_digits(char *out, std::int64_t value, int count) {
    for (int i = count - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
    return out + count;
}

char *put_date(char *out, CivilDate date) {
    out = put_digits(out, date.year, 4);
    *out++ = '-';
    out = put_digits(out, date.month, 2);
    *out++ = '-';
    return put_digits(out, date.day, 2);
}

// The parts of a duration in their order; `sum` is months, days or microseconds.
struct Part {
    char letter;
    bool time;
    enum { months, days, micros } sum;
    std::int64_t factor;
};
constexpr Part kParts[] = {
    {'Y', false, Part::months, 12},     {'M', false, Part::months, 1},    {'W', false, Part::days, 7},
    {'D', false, Part::days, 1},        {'H', true, Part::micros, kHour}, {'M', true, Part::micros, kMinute},
    {'S', true, Part::micros, kSecond},
};

}  // namespace

// After Howard Hinnant, "chrono-compatible low-level date algorithms": years begin in March.
std::int64_t days_of(CivilDate date) {
    const std::int64_t year = std::int64_t{date.year} - (date.month <= 2);
    const auto era = floor_div(year, 400);
    const auto year_of_era = year - era * 400;
    const auto month = date.month > 2 ? date.month - 3 : date.month + 9;
    const auto day_of_year = (153 * month + 2) / 5 + date.day - 1;
    const auto day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * kEraDays + day_of_era - kEpochFromMarch0;
}

CivilDate civil_of(std::int64_t days) {
    days += kEpochFromMarch0;
    const auto era = floor_div(days, kEraDays);
    const auto day_of_era = days - era * kEraDays;
    const auto year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const auto day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const auto month = (5 * day_of_year + 2) / 153;
    const auto civil_month = month < 10 ? month + 3 : month - 9;
    return {static_cast<std::int32_t>(era * 400 + year_of_era + (civil_month <= 2)),
            static_cast<std::int32_t>(civil_month),
            static_cast<std::int32_t>(day_of_year - (153 * month + 2) / 5 + 1)};
}

Result<Micros> parse_time(std::string_view text, const Zone &zone) {
    Scanner in(text);
    CivilDate date;
    if (!scan_date(in, date)) return bad_time();
    Micros clock = 0, offset = 0;
    bool in_zone = true;
    if (!in.at_end()) {
        if (!in.take('T') && !in.take(' ')) return bad_time();
        if (!scan_clock(in, clock)) return bad_time();
        in_zone = in.at_end();
        if (!in_zone && !scan_offset(in, offset)) return bad_time();
        if (!in.at_end()) return bad_time();
    }
    const Micros wall = days_of(date) * kDay + clock;
    const Micros at = in_zone ? zone.instant(wall) : wall - offset;
    if (at < kMinTime || at > kMaxTime) {
        return fail(Status::limit,
                    "time out of range: write one from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999Z");
    }
    return at;
}

std::string format_time(Micros at) {
    const auto days = floor_div(at, kDay);
    const auto clock = at - days * kDay;
    char buffer[32];
    char *next = put_date(buffer, civil_of(days));
    *next++ = 'T';
    next = put_digits(next, clock / kHour, 2);
    *next++ = ':';
    next = put_digits(next, clock / kMinute % 60, 2);
    *next++ = ':';
    next = put_digits(next, clock / kSecond % 60, 2);
    if (const auto fraction = clock % kSecond; fraction != 0) {
        *next++ = '.';
        next = put_digits(next, fraction, 6);
    }
    *next++ = 'Z';
    return {buffer, next};
}

std::string format_date(CivilDate date) {
    char buffer[16];
    return {buffer, put_date(buffer, date)};
}

Result<Duration> parse_duration(std::string_view iso) {
    Scanner in(iso);
    if (!in.take('P') || in.at_end()) return bad_duration();
    std::int64_t sums[3] = {};
    bool time = false, overflow = false;
    const Part *part = std::begin(kParts);
    while (!in.at_end()) {
        if (!time && in.take('T')) time = true;
        if (!in.at_digit()) return bad_duration();
        std::int64_t count = 0;
        for (; in.at_digit(); ++in.next) {
            overflow |= __builtin_mul_overflow(count, 10, &count);
            overflow |= __builtin_add_overflow(count, *in.next - '0', &count);
        }
        // Each letter at most once and in order: the search goes on where the last one ended.
        part = std::find_if(part, std::end(kParts),
                            [&](const Part &p) { return p.time == time && in.take(p.letter); });
        if (part == std::end(kParts)) return bad_duration();
        overflow |= __builtin_mul_overflow(count, part->factor, &count);
        overflow |= __builtin_add_overflow(sums[part->sum], count, &sums[part->sum]);
        ++part;
    }
    overflow |= sums[Part::months] > INT32_MAX || sums[Part::days] > INT32_MAX;
    if (overflow)
        return fail(Status::limit, "duration too long: years and days must fit the calendar, 0001 to 9999");
    return Duration{static_cast<std::int32_t>(sums[Part::months]),
                    static_cast<std::int32_t>(sums[Part::days]), sums[Part::micros]};
}

}  // namespace kith::base
