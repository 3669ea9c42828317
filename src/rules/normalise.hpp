// Values of any unit brought to a common one.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace kith::rules {

struct Normalise {
    enum class Kind : std::uint8_t {
        index,     // of a best: x / a * 100, and a / x * 100 where less is better
        min_max,   // a gives 0, b gives 1; held within
        z,         // (x - a) / b: mean and standard deviation
        efficacy,  // 60 + 40 (x - a) / (b - a): not allowed and satisfactory
    };
};

// The two of the values there are, at least one: the least and the greatest; or their mean and standard
// deviation.
std::pair<double, double> base_of(Normalise::Kind kind, std::vector<double> values);

// None where a denominator is zero.
std::optional<double> normalise(Normalise::Kind kind, double x, double a, double b, bool less_is_better);

}  // namespace kith::rules
