#include "rules/normalise.hpp"

#include <algorithm>
#include <cmath>

namespace kith::rules {

// In order, so that the same values have the same sum.
std::pair<double, double> base_of(Normalise::Kind kind, std::vector<double> values) {
    std::ranges::sort(values);
    if (kind == Normalise::Kind::min_max) return {values.front(), values.back()};
    const auto count = static_cast<double>(values.size());
    double sum = 0, squares = 0;
    for (const auto value : values) sum += value;
    for (const auto value : values) squares += (value - sum / count) * (value - sum / count);
    return {sum / count, std::sqrt(squares / count)};
}

std::optional<double> normalise(Normalise::Kind kind, double x, double a, double b, bool less_is_better) {
    switch (kind) {
        case Normalise::Kind::index: {
            const double above = less_is_better ? a : x, below = less_is_better ? x : a;
            if (below == 0) return std::nullopt;
            return above / below * 100;
        }
        case Normalise::Kind::min_max:
            if (a == b) return std::nullopt;
            return std::clamp((x - a) / (b - a), 0.0, 1.0);
        case Normalise::Kind::z:
            if (b == 0) return std::nullopt;
            return (x - a) / b;
        case Normalise::Kind::efficacy:
            if (a == b) return std::nullopt;
            return 60 + 40 * (x - a) / (b - a);
    }
    return std::nullopt;
}

}  // namespace kith::rules
