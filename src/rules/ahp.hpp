// Weights by pairwise comparison (analytic hierarchy process, Saaty 1980).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.hpp"

namespace kith::rules {

inline constexpr std::size_t kAhpMax = 10;       // things compared; random indices are known as far
inline constexpr double kConsistencyMax = 0.10;  // of the ratio, after Saaty

struct Ahp {
    std::vector<double> weights;  // sum 1
    double lambda = 0;            // principal eigenvalue
    double consistency = 0;       // ratio CR = CI / RI; 0 for one or two
    std::size_t worst_row = 0;    // the judgement that fits the weights least
    std::size_t worst_column = 0;
};

// `judgements`: n * n, row by row, positive, reciprocal (a[j][i] = 1 / a[i][j]). Status::rule if not.
base::Result<Ahp> ahp(std::span<const double> judgements, std::size_t n);

}  // namespace kith::rules
