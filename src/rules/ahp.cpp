#include "rules/ahp.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>

namespace kith::rules {

namespace {

constexpr double kReciprocal = 1e-3;  // so exact is a fraction written as a decimal: 0.333
constexpr int kRoundsMax = 10'000;
constexpr double kSettled = 1e-15;
// Mean consistency index of random judgements, by their number (Saaty 1980).
constexpr std::array<double, kAhpMax + 1> kRandomIndex{0,    0,    0,    0.58, 0.90, 1.12,
                                                       1.24, 1.32, 1.41, 1.45, 1.49};

std::string judgement_at(std::size_t row, std::size_t column) {
    return "judgement [" + std::to_string(row) + "][" + std::to_string(column) + "]";
}

base::Result<void> check_judgements(std::span<const double> a, std::size_t n) {
    if (n == 0 || n > kAhpMax || a.size() != n * n)
        return base::fail(base::Status::rule, "needs judgements of each pair, of at most 10 things");
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            if (!(a[i * n + j] > 0) || !std::isfinite(a[i * n + j]))
                return base::fail(base::Status::rule, judgement_at(i, j) + " must be more than 0");
            if (j > i || std::abs(a[i * n + j] * a[j * n + i] - 1) <= kReciprocal * 2) continue;
            return base::fail(base::Status::rule,
                              i == j ? judgement_at(i, i) + " compares a thing with itself; write 1"
                                     : judgement_at(i, j) + " must be 1 divided by " + judgement_at(j, i));
        }
    }
    return {};
}

}  // namespace

base::Result<Ahp> ahp(std::span<const double> judgements, std::size_t n) {
    KITH_TRY(check_judgements(judgements, n));
    const auto a = [&](std::size_t row, std::size_t column) { return judgements[row * n + column]; };

    // Power iteration; it converges for positive matrices.
    Ahp result;
    result.weights.assign(n, 1 / static_cast<double>(n));
    for (int round = 0; round < kRoundsMax; ++round) {
        std::vector<double> next(n);
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < n; ++j) next[i] += a(i, j) * result.weights[j];
        }
        result.lambda = std::accumulate(next.begin(), next.end(), 0.0);  // the weights before sum to 1
        double moved = 0;
        for (std::size_t i = 0; i < n; ++i) {
            next[i] /= result.lambda;
            moved = std::max(moved, std::abs(next[i] - result.weights[i]));
        }
        result.weights = std::move(next);
        if (moved < kSettled) break;
    }

    if (n > 2) {
        const double index = (result.lambda - static_cast<double>(n)) / static_cast<double>(n - 1);
        result.consistency = std::max(0.0, index / kRandomIndex[n]);
    }
    double worst = 0;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = i + 1; j < n; ++j) {
            const double off = std::abs(std::log(a(i, j) * result.weights[j] / result.weights[i]));
            if (off <= worst) continue;
            worst = off;
            result.worst_row = i;
            result.worst_column = j;
        }
    }
    return result;
}

}  // namespace kith::rules
