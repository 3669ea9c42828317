#include "rules/bands.hpp"

#include <algorithm>

namespace kith::rules {

std::size_t classify(const Bands &bands, double value) {
    const auto &classes = bands.classes;
    const auto found = std::ranges::find_if(classes, [&](const BandClass &band) {
        return !band.limit || value < *band.limit || (band.included && value == *band.limit);
    });
    return static_cast<std::size_t>(found - classes.begin());
}

Bands with_cuts(const Bands &bands, std::span<const double> cuts) {
    Bands result = bands;
    result.classes.clear();
    result.quantiles = 0;
    const std::size_t count = cuts.size() + 1;
    for (std::size_t index = 0; index < count; ++index) {
        BandClass band;
        if (index < cuts.size()) band.limit = cuts[index];
        band.is = std::to_string(bands.reversed ? count - index : index + 1);
        result.classes.push_back(std::move(band));
    }
    return result;
}

}  // namespace kith::rules
