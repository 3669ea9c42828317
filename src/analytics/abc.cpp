#include "analytics/abc.hpp"

#include <algorithm>
#include <cmath>

namespace kith::analytics {

namespace {

using Wide = __int128;  // sums of any number of amounts, times a border

constexpr Wide kParts = 1'000'000'000;

double ratio(Wide part, Wide whole) { return static_cast<double>(part) / static_cast<double>(whole); }

// Whether sums are within a share of the total, exactly.
class Border {
public:
    Border(double share, Wide total) : limit_(Wide{std::llround(share * 1e9)} * total) {}
    bool includes(Wide sum) const { return sum * kParts <= limit_; }
    bool follows(Wide sum) const { return sum * kParts < limit_; }

private:
    Wide limit_;
};

// sum of (2i - n - 1) x(i), x ascending, over n times the total: here i falls as x does.
double gini(std::span<const std::int64_t> values, std::span<const AbcRow> rows, Wide total) {
    const auto n = static_cast<Wide>(rows.size());
    Wide weighted = 0;
    Wide weight = n - 1;
    for (const AbcRow &row : rows) {
        weighted += weight * values[row.index];
        weight -= 2;
    }
    return ratio(weighted, n * total);
}

}  // namespace

base::Result<Abc> abc(std::span<const std::int64_t> values, const AbcOptions &options) {
    if (!(options.border_a > 0 && options.border_a < options.border_b && options.border_b <= 1)) {
        return base::fail(
            base::Status::argument,
            "borders must rise from above 0 to at most 1, as 0.80 and 0.95; mend border_a or border_b");
    }
    Wide total = 0;
    for (const std::int64_t value : values) {
        if (value < 0) {
            return base::fail(base::Status::rule,
                              "a party's sum is negative, so shares have no meaning; leave that party out");
        }
        total += value;
    }
    if (total == 0) {
        return base::fail(base::Status::rule,
                          "the total is zero, so shares have no meaning; record orders with amounts");
    }

    Abc result;
    result.rows.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) result.rows[i].index = i;
    std::ranges::stable_sort(result.rows, std::ranges::greater{},
                             [&](const AbcRow &row) { return values[row.index]; });

    const Border border_a(options.border_a, total);
    const Border border_b(options.border_b, total);
    const std::size_t fifth = (values.size() + 4) / 5;
    Wide sum = 0;
    for (std::size_t i = 0; i < result.rows.size(); ++i) {
        AbcRow &row = result.rows[i];
        const Wide before = sum;
        sum += values[row.index];
        const auto in = [&](const Border &border) {
            return options.rule == AbcRule::inside ? border.includes(sum) : border.follows(before);
        };
        row.share = ratio(values[row.index], total);
        row.cumulative = ratio(sum, total);
        row.name = in(border_a) ? 'A' : in(border_b) ? 'B' : 'C';
        ++(row.name == 'A' ? result.a : row.name == 'B' ? result.b : result.c);
        if (i + 1 == fifth) result.top20 = row.cumulative;
    }
    result.total = static_cast<double>(total);
    result.gini = gini(values, result.rows, total);
    return result;
}

}  // namespace kith::analytics
