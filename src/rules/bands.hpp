// The bands shape: a number becomes a class, by thresholds or by quantiles of the whole base.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kith::rules {

// A class ends up_to its limit (included) or below it (excluded); the last has no limit.
struct BandClass {
    std::optional<double> limit;
    bool included = true;
    std::string is;
};

struct Bands {
    std::string name;
    std::string of;                  // the figure classified: "recency_days", "orders", "orders_24m", ...
    std::vector<BandClass> classes;  // ascending limits
    std::uint32_t quantiles = 0;     // > 0: cuts are taken over the base, classes "1".."k" from low to high
    bool reversed = false;           // low values get the high class ("good": "down")
};

// Index of the class of `value`. The classes' limits ascend and the last one is open, so there is
// always exactly one.
std::size_t classify(const Bands &bands, double value);

// The bands with thresholds at `cuts` (ascending, k - 1 of them, value on a cut in the lower class).
Bands with_cuts(const Bands &bands, std::span<const double> cuts);

}  // namespace kith::rules
