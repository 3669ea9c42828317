// Lengths of time as rules and processes write them, of the calendar or of business: "P7D", "business PT4H".
#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "base/result.hpp"
#include "rules/business_time.hpp"
#include "rules/period.hpp"
#include "rules/term.hpp"

namespace kith::rules {

using Length = std::variant<Period, BusinessLength>;

// Of a text, also one that an expression gives. The message says what to write, without a place.
base::Result<Length> read_length(std::string_view text);

// A length where an expression may stand ("=..."), which gives a length as text, or the instant it ends.
struct LengthTerm {
    std::optional<Length> length;
    Source source{};

    bool empty() const { return !length && source.empty(); }
};

}  // namespace kith::rules
