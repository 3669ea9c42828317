// Money is integer minor units with an ISO 4217 code; quantities and unit prices are decimals scaled
// by a million. Nothing here is floating point; rounding is half to even.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace kith::base {

inline constexpr std::int64_t kMaxAmount = 900'000'000'000'000'000;
inline constexpr std::int64_t kDecimalOne = 1'000'000;

// Three capital letters packed into one number; 0 is none.
class Currency {
public:
    constexpr Currency() = default;
    constexpr explicit Currency(std::uint32_t packed) : packed_(packed) {}
    static Result<Currency> parse(std::string_view code);  // Status::argument unless three capitals
    std::uint32_t packed() const { return packed_; }
    std::string text() const;
    int minor_digits() const;  // ISO 4217: 2, but 0 for JPY and the like, 3 for KWD and the like
    auto operator<=>(const Currency &) const = default;

private:
    std::uint32_t packed_ = 0;
};

// "12", "-0.5", "1234.567890": optional sign, digits, point. Too many decimals are refused, not rounded,
// unless the rest is zeros; too large is Status::limit.
Result<std::int64_t> parse_decimal(std::string_view text, int digits);

// The shortest exact text with `digits` decimals: 1177 and 2 give "11.77".
std::string format_decimal(std::int64_t scaled, int digits);

// quantity * unit_price in minor units, half to even; none on overflow.
std::optional<std::int64_t> line_amount(std::int64_t quantity, std::int64_t unit_price, int minor_digits);

// The quotient rounded half to even; the divisor is positive.
__int128 divide_half_even(__int128 value, __int128 divisor);

std::optional<std::int64_t> add_checked(std::int64_t a, std::int64_t b);

}  // namespace kith::base
