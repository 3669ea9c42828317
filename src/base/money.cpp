#include "base/money.hpp"

#include <algorithm>
#include <iterator>

namespace kith::base {
namespace {

constexpr std::uint32_t packed_code(std::string_view code) {
    std::uint32_t packed = 0;
    for (const char c : code) packed = packed << 8 | static_cast<unsigned char>(c);
    return packed;
}

// ISO 4217 list one: the currencies whose minor unit is not a hundredth.
struct MinorDigits {
    std::uint32_t packed;
    int digits;
};
constexpr MinorDigits kMinorDigits[] = {
    {packed_code("BIF"), 0}, {packed_code("CLP"), 0}, {packed_code("DJF"), 0}, {packed_code("GNF"), 0},
    {packed_code("ISK"), 0}, {packed_code("JPY"), 0}, {packed_code("KMF"), 0}, {packed_code("KRW"), 0},
    {packed_code("PYG"), 0}, {packed_code("RWF"), 0}, {packed_code("UGX"), 0}, {packed_code("UYI"), 0},
    {packed_code("VND"), 0}, {packed_code("VUV"), 0}, {packed_code("XAF"), 0}, {packed_code("XOF"), 0},
    {packed_code("XPF"), 0}, {packed_code("BHD"), 3}, {packed_code("IQD"), 3}, {packed_code("JOD"), 3},
    {packed_code("KWD"), 3}, {packed_code("LYD"), 3}, {packed_code("OMR"), 3}, {packed_code("TND"), 3},
    {packed_code("CLF"), 4}, {packed_code("UYW"), 4}};

constexpr __int128 power_of_ten(int exponent) {
    __int128 power = 1;
    while (exponent-- > 0) power *= 10;
    return power;
}

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

Error bad_decimal() {
    return fail(Status::argument, "not a decimal number: write digits with a point, as in -12.50");
}

}  // namespace

Result<Currency> Currency::parse(std::string_view code) {
    const bool capitals = std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (code.size() != 3 || !capitals) {
        return fail(Status::argument,
                    "not a currency: write its ISO 4217 code, three capital letters as in USD");
    }
    return Currency(packed_code(code));
}

std::string Currency::text() const {
    if (packed_ == 0) return {};
    return {static_cast<char>(packed_ >> 16), static_cast<char>(packed_ >> 8 & 0xff),
            static_cast<char>(packed_ & 0xff)};
}

int Currency::minor_digits() const {
    for (const auto &[packed, digits] : kMinorDigits) {
        if (packed == packed_) return digits;
    }
    return 2;
}

Result<std::int64_t> parse_decimal(std::string_view text, int digits) {
    const char *next = text.data();
    const char *const end = next + text.size();
    const bool negative = next != end && *next == '-';
    if (next != end && (*next == '-' || *next == '+')) ++next;

    std::int64_t value = 0;
    bool too_large = false, too_fine = false;
    const auto append = [&](int digit) {
        if (value > (kMaxAmount - digit) / 10) {
            too_large = true;
        } else {
            value = value * 10 + digit;
        }
    };
    const char *const whole = next;
    for (; next != end && is_digit(*next); ++next) append(*next - '0');
    auto digit_count = next - whole;
    int left = digits;
    if (next != end && *next == '.') {
        const char *const fraction = ++next;
        for (; next != end && is_digit(*next); ++next) {
            if (left > 0) {
                append(*next - '0');
                --left;
            } else {
                too_fine |= *next != '0';
            }
        }
        digit_count += next - fraction;
    }
    if (next != end || digit_count == 0) return bad_decimal();
    for (; left > 0; --left) append(0);
    if (too_fine) {
        return fail(Status::argument,
                    "too many decimals: write at most " + std::to_string(digits) + " after the point");
    }
    if (too_large)
        return fail(Status::limit, "number too large: at most 9*10^17 of its smallest unit are possible");
    return negative ? -value : value;
}

std::string format_decimal(std::int64_t scaled, int digits) {
    auto rest = scaled < 0 ? -static_cast<std::uint64_t>(scaled) : static_cast<std::uint64_t>(scaled);
    char buffer[64];
    char *next = std::end(buffer);
    const int places = std::clamp(digits, 0, 40);
    for (int i = 0; i <= places || rest != 0; ++i) {
        if (i == places && i > 0) *--next = '.';
        *--next = static_cast<char>('0' + rest % 10);
        rest /= 10;
    }
    if (scaled < 0) *--next = '-';
    return {next, std::end(buffer)};
}

__int128 divide_half_even(__int128 value, __int128 divisor) {
    auto quotient = value / divisor;
    // Twice the rest may not fit: it is compared with what is left to the divisor.
    const auto rest = value < 0 ? -(value % divisor) : value % divisor, left = divisor - rest;
    if (rest > left || (rest == left && quotient % 2 != 0)) quotient += value < 0 ? -1 : 1;
    return quotient;
}

std::optional<std::int64_t> line_amount(std::int64_t quantity, std::int64_t unit_price, int minor_digits) {
    // Both factors are scaled by 10^6, the amount by 10^minor_digits.
    constexpr int kProductDigits = 12;
    if (minor_digits < 0 || minor_digits > kProductDigits) return std::nullopt;
    const auto product = static_cast<__int128>(quantity) * unit_price;
    const auto amount = divide_half_even(product, power_of_ten(kProductDigits - minor_digits));
    if (amount > kMaxAmount || amount < -kMaxAmount) return std::nullopt;
    return static_cast<std::int64_t>(amount);
}

std::optional<std::int64_t> add_checked(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
    return sum;
}

}  // namespace kith::base
