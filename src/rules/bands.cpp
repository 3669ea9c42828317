#include "rules/bands.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analytics/quantiles.hpp"

namespace kith::rules {

namespace {

constexpr double kTie = 1e-12;  // a sum so near to a border, in shares of the total, is on it

}  // namespace

std::optional<std::vector<Limit<double>>> number_limits(const Bands &bands) {
    std::vector<Limit<double>> limits;
    for (const BandClass &band : bands.classes) {
        if (band.limit.is(Term::Kind::none)) continue;  // the last
        if (!band.limit.is(Term::Kind::number)) return std::nullopt;
        limits.push_back({band.limit.number, band.included});
    }
    return limits;
}

std::vector<Limit<double>> quantile_limits(std::span<const double> values, std::size_t classes, double unit) {
    std::vector<Limit<double>> limits;
    for (const double border : analytics::quantile_borders(values, static_cast<std::uint32_t>(classes), unit))
        limits.push_back({border, true});
    return limits;
}

base::Result<std::vector<std::size_t>> classify_base(const Bands &bands, std::span<const double> values,
                                                     double unit) {
    std::vector<std::size_t> classes(values.size());
    if (bands.kind == Bands::Kind::quantiles) {
        const auto limits = quantile_limits(values, bands.classes.size(), unit);
        for (std::size_t i = 0; i < values.size(); ++i) {
            const std::size_t at = classify<double>(limits, values[i]);
            classes[i] = bands.reversed ? bands.classes.size() - 1 - at : at;
        }
        return classes;
    }
    // The largest first, equal ones in the order given.
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::greater(), [&](std::size_t i) { return values[i]; });
    double total = 0;
    for (const std::size_t i : order) total += values[i];
    if (!order.empty() && values[order.back()] < 0)
        return base::fail(base::Status::rule, "shares of a total need values of at least 0");
    if (!(total > 0) && !order.empty())
        return base::fail(base::Status::rule, "shares of a total need a total of more than 0");
    double sum = 0;
    std::size_t at = 0;
    for (const std::size_t i : order) {
        const double before = sum;
        sum += values[i];
        const auto is_past = [&](double share) {
            return bands.border == Border::crossing ? before >= share * total - kTie * total
                                                    : sum > share * total + kTie * total;
        };
        while (at < bands.shares.size() && is_past(bands.shares[at])) ++at;
        classes[i] = at;
    }
    return classes;
}

base::Result<std::vector<double>> base_cuts(const Bands &bands, std::span<const double> values, double unit) {
    std::vector<double> cuts;
    if (bands.kind == Bands::Kind::quantiles) {
        for (const auto &limit : quantile_limits(values, bands.classes.size(), unit))
            cuts.push_back(limit.value);
        return cuts;
    }
    KITH_LET(classes, classify_base(bands, values));
    // Of several equal values on a border all are in the class of the largest.
    auto least = std::nextafter(*std::ranges::max_element(values), HUGE_VAL);
    for (std::size_t c = 0; c < bands.shares.size(); ++c) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (classes[i] <= c) least = std::min(least, values[i]);
        }
        cuts.push_back(least);
    }
    return cuts;
}

std::size_t classify_by(const Bands &bands, std::span<const double> cuts, double value) {
    std::size_t at = 0;
    if (bands.kind == Bands::Kind::quantiles) {
        while (at < cuts.size() && value > cuts[at]) ++at;
        return bands.reversed ? bands.classes.size() - 1 - at : at;
    }
    while (at < cuts.size() && value < cuts[at]) ++at;
    return at;
}

}  // namespace kith::rules
