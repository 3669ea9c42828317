#include "analytics/quantiles.hpp"

#include <algorithm>
#include <cmath>

namespace kith::analytics {

namespace {

// Puts the values of these ranks (ascending) where sorting would; `first` is the rank of values[0].
void select(std::span<double> values, std::size_t first, std::span<const std::size_t> ranks) {
    if (ranks.empty() || values.size() < 2) return;
    const std::size_t half = ranks.size() / 2;
    const std::size_t at = ranks[half] - first;
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
    select(values.first(at), first, ranks.first(half));
    select(values.subspan(at + 1), ranks[half] + 1, ranks.subspan(half + 1));
}

}  // namespace

std::vector<double> quantile_cuts(std::span<const double> values, std::uint32_t k) {
    if (values.empty() || k < 2) return {};
    // The place of cut i is (n - 1) i / k: `whole` values below it, and `rest` kths on to the next.
    const std::size_t last = values.size() - 1;
    const auto whole = [&](std::size_t i) { return last * i / k; };
    const auto rest = [&](std::size_t i) { return last * i % k; };

    std::vector<std::size_t> ranks;
    for (std::size_t i = 1; i < k; ++i) {
        ranks.push_back(whole(i));
        if (rest(i) > 0) ranks.push_back(whole(i) + 1);
    }
    std::ranges::sort(ranks);  // with more cuts than values, pairs of ranks repeat
    ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
    std::vector<double> sorted(values.begin(), values.end());
    select(sorted, 0, ranks);

    std::vector<double> cuts;
    for (std::size_t i = 1; i < k; ++i) {
        const double low = sorted[whole(i)];
        const double step = rest(i) > 0 ? sorted[whole(i) + 1] - low : 0.0;
        cuts.push_back(low + step * static_cast<double>(rest(i)) / k);
    }
    return cuts;
}

std::vector<double> quantile_borders(std::span<const double> values, std::uint32_t k, double unit) {
    std::vector<double> cuts = quantile_cuts(values, k);
    if (std::ranges::all_of(values, [&](double value) { return std::floor(value / unit) * unit == value; })) {
        std::ranges::transform(cuts, cuts.begin(), [&](double cut) { return std::ceil(cut / unit) * unit; });
    }
    return cuts;
}

std::vector<std::uint32_t> quantile_classes(std::span<const double> values, std::uint32_t k, bool reversed) {
    const std::vector<double> borders = quantile_borders(values, k);
    std::vector<std::uint32_t> classes;
    classes.reserve(values.size());
    for (const double value : values) {
        const auto below =
            static_cast<std::uint32_t>(std::ranges::lower_bound(borders, value) - borders.begin());
        classes.push_back(reversed ? k - below : below + 1);
    }
    return classes;
}

}  // namespace kith::analytics
