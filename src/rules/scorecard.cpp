#include "rules/scorecard.hpp"

#include <algorithm>
#include <cmath>

namespace kith::rules {

namespace {

constexpr double kMillion = 1e6;
constexpr double kSizeMax = 9e12;     // so that millionths fit
constexpr double kTinyWeight = 1e-9;  // two shares that differ by less are one

std::int64_t millionths(double value) { return static_cast<std::int64_t>(std::nearbyint(value * kMillion)); }

// Rounds each down, and those with the largest rests up, so many that their sum is the rounded sum.
void round_to_sum(std::span<const double> exact, Combined &out) {
    double sum = 0;
    for (const double addend : exact) sum += addend;
    out.score = millionths(sum);
    std::int64_t left = out.score;
    std::vector<std::pair<double, std::size_t>> rests;
    for (std::size_t i = 0; i < exact.size(); ++i) {
        const double down = std::floor(exact[i] * kMillion);
        out.addends.push_back(static_cast<std::int64_t>(down));
        left -= out.addends.back();
        rests.emplace_back(exact[i] * kMillion - down, i);
    }
    std::ranges::stable_sort(rests, std::greater(), &std::pair<double, std::size_t>::first);
    // What floating point has lost may take it below 0 or past the last.
    for (std::size_t i = 0; left != 0 && !rests.empty(); i = (i + 1) % rests.size()) {
        const std::int64_t step = left > 0 ? 1 : -1;
        out.addends[rests[i].second] += step;
        left -= step;
    }
}

}  // namespace

std::optional<Combined> combine(const Scorecard &scorecard, std::span<const std::optional<double>> scores) {
    using Method = Scorecard::Method;
    using Missing = Scorecard::Missing;
    const auto &indicators = scorecard.indicators;
    double all = 0, present = 0;
    for (std::size_t i = 0; i < indicators.size(); ++i) {
        all += indicators[i].weight;
        if (scores[i]) present += indicators[i].weight;
    }
    Combined out;
    out.present = all > 0 ? present / all : 0;
    const bool complete = std::ranges::all_of(scores, [](const auto &score) { return score.has_value(); });
    if (!complete && scorecard.missing == Missing::refuse) return std::nullopt;
    if (scorecard.missing == Missing::reweight &&
        (!(present > 0) || out.present < scorecard.least - kTinyWeight))
        return std::nullopt;

    const bool stands_in = scorecard.missing == Missing::score;
    const auto score_of = [&](std::size_t i) -> std::optional<double> {
        return scores[i] || !stands_in ? scores[i] : std::optional(scorecard.missing_score);
    };
    std::vector<double> addends(indicators.size());
    if (scorecard.method == Method::veto) {
        std::optional<std::size_t> lowest;
        for (std::size_t i = 0; i < indicators.size(); ++i) {
            if (score_of(i) && (!lowest || *score_of(i) < *score_of(*lowest))) lowest = i;
        }
        if (!lowest) return std::nullopt;
        addends[*lowest] = *score_of(*lowest);
    } else {
        const double weight = scorecard.method == Method::sum ? 1 : stands_in ? all : present;
        for (std::size_t i = 0; i < indicators.size(); ++i) {
            if (const auto score = score_of(i)) addends[i] = indicators[i].weight * *score / weight;
        }
    }
    double size = 0;
    for (const double addend : addends) size += std::abs(addend);
    if (!(size < kSizeMax)) return std::nullopt;
    round_to_sum(addends, out);
    return out;
}

}  // namespace kith::rules
