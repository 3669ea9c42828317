#include "rules/normalise.hpp"

#include <algorithm>

namespace kith::rules {

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
