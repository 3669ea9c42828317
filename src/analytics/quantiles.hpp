// Quantiles of type 7 (Hyndman & Fan 1996; the default of R, numpy and spreadsheets).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace kith::analytics {

// The k - 1 inner cuts, at 1/k, 2/k, ..., ascending; none for no values. By selection, O(n log k).
std::vector<double> quantile_cuts(std::span<const double> values, std::uint32_t k);

// The cuts as borders of classes. Between whole numbers (days, orders, amounts without cents) a border is
// whole too, rounded up, so that it says "up to 297" and not "up to 296.4": the borders of the rfm package
// (R) for such data. Values with a fraction keep the cuts as they are. `unit`: what one is, 100 where they
// are cents.
std::vector<double> quantile_borders(std::span<const double> values, std::uint32_t k, double unit = 1);

// The class of each value, 1 to k: j holds what is above border j - 1 and up to border j with it. Equal
// values may leave a class empty. `reversed` turns the classes round: low values get k.
std::vector<std::uint32_t> quantile_classes(std::span<const double> values, std::uint32_t k,
                                            bool reversed = false);

}  // namespace kith::analytics
