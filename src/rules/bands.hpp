// The bands shape: a value becomes a class, by thresholds, by quantiles or by cumulative share of the
// whole base.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "rules/period.hpp"
#include "rules/term.hpp"

namespace kith::rules {

// A class ends up_to its limit (included) or below it (excluded); the last has no limit.
struct BandClass {
    Term limit{};  // none, number, money or expression
    bool included = true;
    std::string is{};
    bool internal = false;
    Labels labels{};
};

enum class Border : std::uint8_t {
    crossing,  // who crosses a border is still in the class before it, so that the first is never empty
    inside,    // who crosses it is in the next
};

struct Bands {
    std::string name;
    SubjectKind subject = SubjectKind::party;
    std::optional<RowSource> rows;  // classes a row ("per": "answer.zone") instead of a subject
    Source of;
    enum class Kind : std::uint8_t { thresholds, quantiles, cumulative_share } kind = Kind::thresholds;

    // thresholds: in order. quantiles: "1".."k", unless named. cumulative_share: one more than shares.
    // The last two run from low values to high ones and from high to low.
    std::vector<BandClass> classes;
    std::vector<double> shares;        // cumulative_share: ascending, in (0, 1)
    Border border = Border::crossing;  // cumulative_share
    bool reversed = false;             // "good": "down": low values get the classes of high ones
    std::string missing;               // the class of an absent value; "" is unknown
    std::optional<PeriodUnit> every;   // how often the cuts are taken anew
};

// A limit with its number: `value` of minor units, of a count, or of any number.
template <class T>
struct Limit {
    T value{};
    bool included = true;
};

// The class of `value` with these limits between the classes: the first that takes it, limits.size() where
// none does. Limits that are computed may cross; then a class between is empty.
template <class T>
std::size_t classify(std::span<const Limit<T>> limits, T value) {
    const auto found = std::ranges::find_if(limits, [&](const Limit<T> &limit) {
        return value < limit.value || (limit.included && value == limit.value);
    });
    return static_cast<std::size_t>(found - limits.begin());
}

// The limits of thresholds that are all numbers; none where one is an amount or an expression.
std::optional<std::vector<Limit<double>>> number_limits(const Bands &bands);

// The limits that make quantiles out of the base's values (type 7), for classify. Equal cuts leave a class
// empty. `unit`: how many there are in a whole one (100 cents), between which borders are whole.
std::vector<Limit<double>> quantile_limits(std::span<const double> values, std::size_t classes,
                                           double unit = 1);

// Each value's class, index into Bands::classes, as the cuts of this base have it: of bands by quantiles
// or by cumulative share. Status::rule for cumulative shares of a negative value or of nothing.
base::Result<std::vector<std::size_t>> classify_base(const Bands &bands, std::span<const double> values,
                                                     double unit = 1);

// The cuts that this base makes, as values, so that equal values get one class: of quantiles ascending, a
// value on a cut below it; of shares descending, a value on a cut within it. As classify_base fails.
base::Result<std::vector<double>> base_cuts(const Bands &bands, std::span<const double> values,
                                            double unit = 1);
// The class of a value by such cuts.
std::size_t classify_by(const Bands &bands, std::span<const double> cuts, double value);

}  // namespace kith::rules
