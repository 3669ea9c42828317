// Conversions between types, and numbers as text.
#include "base/money.hpp"
#include "base/text.hpp"
#include "expr/library.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <iterator>

namespace kith::expr {

namespace {

Value out_of_range() { return fail(Code::range, "the number is outside the range of the type"); }

// ---- numbers from text

// Digits alone, with a sign where `sign` says so, in base 10: std::from_chars takes no '+'.
template <class T>
bool read_integer(std::string_view text, bool sign, T &out) {
    if (sign && text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) return false;
    }
    const auto *end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, out);
    return read.ec == std::errc() && read.ptr == end;
}

// The exponent of ten of the first digit that is not 0, near enough to tell a number too small from one too
// large.
bool is_tiny(std::string_view text) {
    std::int64_t exponent = 0;
    bool point = false, leading = true;
    std::size_t i = 0;
    for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
        if (text[i] == '.') {
            point = true;
        } else if (leading && text[i] == '0') {
            exponent -= point;
        } else {
            leading = false;
            exponent += !point;
        }
    }
    if (i < text.size()) {
        auto rest = text.substr(i + 1);
        std::int64_t written = 0;
        if (rest.starts_with('+')) rest.remove_prefix(1);
        if (std::from_chars(rest.data(), rest.data() + rest.size(), written).ec != std::errc())
            return rest.starts_with('-');
        exponent = std::clamp<std::int64_t>(written, -INT32_MAX, INT32_MAX) + exponent;
    }
    return exponent < 0;
}

enum class Read { good, bad, too_large };

// Decimal with an optional sign, point and exponent; NaN, Inf and Infinity in any case.
Read read_double(std::string_view text, double &out) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    // std::from_chars would take a second sign, and "nan(1)".
    const bool number = !text.empty() && (text[0] == '.' || (text[0] >= '0' && text[0] <= '9'));
    if (!number && (text.empty() || text[0] == '-' || text.back() == ')')) return Read::bad;
    const auto *end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, out);
    if (read.ptr != end || read.ec == std::errc::invalid_argument) return Read::bad;
    if (read.ec == std::errc::result_out_of_range) {
        if (!is_tiny(text)) return Read::too_large;
        out = 0;
    }
    if (negative) out = -out;
    return Read::good;
}

// ---- rows

Value identity(Call &, const Value *args, std::uint32_t) { return args[0]; }

Value to_int(Call &call, const Value *args, std::uint32_t) {
    const auto &value = args[0];
    switch (value.kind) {
        case Kind::uint_:
            return value.u > INT64_MAX ? out_of_range() : of_int(value.i);
        case Kind::double_:  // the spec leaves out both ends
            if (!(value.d > -0x1p63 && value.d < 0x1p63)) return out_of_range();
            return of_int(static_cast<std::int64_t>(value.d));
        case Kind::string: {
            if (!call.charge(text_cost(value.size))) return out_of_budget();
            std::int64_t number = 0;
            if (read_integer(value.view(), true, number)) return of_int(number);
            return fail(Code::convert, "the text is no int: write digits, as in \"-12\"");
        }
        default:  // timestamp: seconds; duration: nanoseconds
            return of_int(value.i);
    }
}

Value to_uint(Call &call, const Value *args, std::uint32_t) {
    const auto &value = args[0];
    switch (value.kind) {
        case Kind::int_:
            return value.i < 0 ? out_of_range() : of_uint(value.u);
        case Kind::double_:
            if (!(value.d >= 0 && value.d < 0x1p64)) return out_of_range();
            return of_uint(static_cast<std::uint64_t>(value.d));
        default: {
            if (!call.charge(text_cost(value.size))) return out_of_budget();
            std::uint64_t number = 0;
            if (read_integer(value.view(), false, number)) return of_uint(number);
            return fail(Code::convert, "the text is no uint: write digits, as in \"12\"");
        }
    }
}

Value to_double(Call &call, const Value *args, std::uint32_t) {
    const auto &value = args[0];
    if (value.is(Kind::int_)) return of_double(static_cast<double>(value.i));
    if (value.is(Kind::uint_)) return of_double(static_cast<double>(value.u));
    if (!call.charge(text_cost(value.size))) return out_of_budget();
    double number = 0;
    switch (read_double(value.view(), number)) {
        case Read::good:
            return of_double(number);
        case Read::too_large:
            return out_of_range();
        default:
            return fail(Code::convert, "the text is no double: write a number, as in \"-1.5e3\"");
    }
}

Value to_bool(Call &, const Value *args, std::uint32_t) {
    constexpr std::string_view kTexts[] = {"0", "f", "false", "False", "FALSE",
                                           "1", "t", "true",  "True",  "TRUE"};
    const auto *found = std::find(std::begin(kTexts), std::end(kTexts), args[0].view());
    if (found != std::end(kTexts)) return of_bool(found - kTexts >= 5);
    return fail(Code::convert, "the text is no bool: write true or false");
}

Value to_bytes(Call &, const Value *args, std::uint32_t) { return of_bytes(args[0].view()); }

Value to_timestamp(Call &call, const Value *args, std::uint32_t) {
    const auto &value = args[0];
    if (value.is(Kind::int_)) {
        if (value.i < kMinSeconds || value.i > kMaxSeconds) return out_of_range();
        return of_timestamp(value.i, 0);
    }
    if (!call.charge(text_cost(value.size))) return out_of_budget();
    Value result;
    if (parse_timestamp(value.view(), result)) return result;
    return fail(Code::convert,
                "the text is no timestamp of the years 0001 to 9999: write 2026-01-31T09:30:00Z");
}

Value to_duration(Call &call, const Value *args, std::uint32_t) {
    if (!call.charge(text_cost(args[0].size))) return out_of_budget();
    Value result;
    if (parse_duration(args[0].view(), result)) return result;
    return fail(Code::convert,
                "the text is no duration below 292 years: write 1h30m; the units are h m s ms us ns");
}

Value to_string(Call &call, const Value *args, std::uint32_t) { return to_text(call, args[0]); }

constexpr Overload kConversions[] = {
    {"int", "(int): int", identity},
    {"int", "(uint): int", to_int},
    {"int", "(double): int", to_int},
    {"int", "(string): int", to_int, Work::linear},
    {"int", "(timestamp): int", to_int},
    {"int", "(duration): int", to_int},
    {"uint", "(uint): uint", identity},
    {"uint", "(int): uint", to_uint},
    {"uint", "(double): uint", to_uint},
    {"uint", "(string): uint", to_uint, Work::linear},
    {"double", "(double): double", identity},
    {"double", "(int): double", to_double},
    {"double", "(uint): double", to_double},
    {"double", "(string): double", to_double, Work::linear},
    {"bool", "(bool): bool", identity},
    {"bool", "(string): bool", to_bool},
    {"bytes", "(bytes): bytes", identity, Work::one, Growth::first},
    {"bytes", "(string): bytes", to_bytes, Work::one, Growth::first},
    {"timestamp", "(timestamp): timestamp", identity},
    {"timestamp", "(string): timestamp", to_timestamp, Work::linear},
    {"timestamp", "(int): timestamp", to_timestamp},
    {"duration", "(duration): duration", identity},
    {"duration", "(string): duration", to_duration, Work::linear},
    {"string", "(string): string", identity, Work::one, Growth::first},
    {"string", "(bytes): string", to_string, Work::linear, Growth::first},
    {"string", "(bool): string", to_string},
    {"string", "(int): string", to_string},
    {"string", "(uint): string", to_string},
    {"string", "(double): string", to_string},
    {"string", "(timestamp): string", to_string},
    {"string", "(duration): string", to_string},
    {"string", "(date): string", to_string},
    {"string", "(money): string", to_string},
};

// ---- text from values

// Into a buffer that the longest of them, a timestamp, does not fill.
class Writer {
public:
    void put(char c) { *next_++ = c; }
    void put(std::string_view text) {
        std::memcpy(next_, text.data(), text.size());
        next_ += text.size();
    }
    template <class T>
    void number(T value) {
        next_ = std::to_chars(next_, std::end(buffer_), value).ptr;
    }
    void digits(std::int64_t value, int count) {
        for (int i = count - 1; i >= 0; --i, value /= 10) next_[i] = static_cast<char>('0' + value % 10);
        next_ += count;
    }
    // ".5" of 500'000'000; nothing of 0.
    void fraction(std::uint32_t nanos) {
        if (nanos == 0) return;
        put('.');
        digits(nanos, 9);
        while (next_[-1] == '0') --next_;
    }
    void date(std::int64_t day) {
        const auto civil = base::civil_of(day);
        digits(civil.year, 4);
        put('-');
        digits(civil.month, 2);
        put('-');
        digits(civil.day, 2);
    }
    void real(double value) { next_ += write_double(value, next_); }
    std::string_view view() const { return {buffer_, static_cast<std::size_t>(next_ - buffer_)}; }

private:
    char buffer_[64];
    char *next_ = buffer_;
};

void put_timestamp(Writer &out, std::int64_t seconds, std::uint32_t nanos) {
    constexpr std::int64_t kDay = 86'400;
    const auto day = seconds / kDay - (seconds % kDay < 0);
    const auto clock = seconds - day * kDay;
    out.date(day);
    out.put('T');
    out.digits(clock / 3600, 2);
    out.put(':');
    out.digits(clock / 60 % 60, 2);
    out.put(':');
    out.digits(clock % 60, 2);
    out.fraction(nanos);
    out.put('Z');
}

void put_duration(Writer &out, std::int64_t nanos) {
    constexpr std::uint64_t kSecond = 1'000'000'000;
    if (nanos < 0) out.put('-');
    const auto size = nanos < 0 ? -static_cast<std::uint64_t>(nanos) : static_cast<std::uint64_t>(nanos);
    out.number(size / kSecond);
    out.fraction(static_cast<std::uint32_t>(size % kSecond));
    out.put('s');
}

// "-1.25e-07" as its digits and the exponent of the first one.
struct Shortest {
    char digits[24];
    int count = 0;
    int exponent = 0;
    bool negative = false;
};

Shortest shortest_of(double value) {
    char text[32];
    const auto *end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
    Shortest result;
    const char *next = text;
    for (; next != end && *next != 'e'; ++next) {
        if (*next == '-') result.negative = true;
        if (*next >= '0' && *next <= '9') result.digits[result.count++] = *next;
    }
    next += next + 1 < end && next[1] == '+' ? 2 : 1;
    std::from_chars(next, end, result.exponent);
    return result;
}

}  // namespace

Decimal decimal_of(double value) {
    const auto shortest = shortest_of(value);
    Decimal result;
    for (int i = 0; i < shortest.count; ++i) result.digits = result.digits * 10 + (shortest.digits[i] - '0');
    if (shortest.negative) result.digits = -result.digits;
    result.exponent = shortest.exponent - (shortest.count - 1);
    return result;
}

// As cel-go, which writes Go's %g of the shortest digits: 123456.5 and 1.2345675e+06.
std::size_t write_double(double value, char *out) {
    constexpr int kLeast = -4, kMost = 6;  // exponents from kLeast on and below kMost are not written
    char *next = out;
    const auto put = [&](std::string_view text) {
        std::memcpy(next, text.data(), text.size());
        next += text.size();
        return static_cast<std::size_t>(next - out);
    };
    if (std::isnan(value)) return put("NaN");
    if (std::isinf(value)) return put(value < 0 ? "-Infinity" : "Infinity");
    const auto shortest = shortest_of(value);
    const std::string_view digits(shortest.digits, static_cast<std::size_t>(shortest.count));
    const int exponent = shortest.exponent;
    if (shortest.negative) put("-");
    if (exponent < kLeast || exponent >= kMost) {
        put(digits.substr(0, 1));
        if (digits.size() > 1) put(".");
        put(digits.substr(1));
        put(exponent < 0 ? "e-" : "e+");
        const int size = std::abs(exponent);
        if (size < 10) put("0");
        next = std::to_chars(next, next + 3, size).ptr;
        return put("");
    }
    if (exponent < 0) {
        put(std::string_view("0.000").substr(0, static_cast<std::size_t>(1 - exponent)));
        return put(digits);
    }
    const auto whole = static_cast<std::size_t>(exponent) + 1;
    put(digits.substr(0, whole));
    if (digits.size() <= whole) return put(std::string_view("00000").substr(0, whole - digits.size()));
    put(".");
    return put(digits.substr(whole));
}

Value to_text(Call &call, const Value &value) {
    Writer out;
    switch (value.kind) {
        case Kind::string:
            return value;
        case Kind::bytes:
            if (!call.charge(text_cost(value.size))) return out_of_budget();
            if (base::valid_utf8(value.view())) return of_text(value.view());
            return fail(Code::utf8, "the bytes are no UTF-8 text");
        case Kind::boolean:
            return of_text(value.i != 0 ? "true" : "false");
        case Kind::int_:
            out.number(value.i);
            break;
        case Kind::uint_:
            out.number(value.u);
            break;
        case Kind::double_:
            out.real(value.d);
            break;
        case Kind::timestamp:
            put_timestamp(out, value.i, value.size);
            break;
        case Kind::duration:
            put_duration(out, value.i);
            break;
        case Kind::date:
            out.date(value.i);
            break;
        case Kind::money: {
            const base::Currency currency(value.size);
            out.put(base::format_decimal(value.i, currency.minor_digits()));
            out.put(' ');
            out.put(currency.text());
            break;
        }
        default:
            return no_overload();
    }
    return keep_text(call, out.view());
}

std::span<const Overload> conversion_functions() { return kConversions; }

}  // namespace kith::expr
