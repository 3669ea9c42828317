#include "model/figures.hpp"

#include <algorithm>

namespace kith::model {

namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;

auto position_of(auto &gaps, std::uint32_t days) {
    return std::ranges::lower_bound(gaps, days, {}, &Gap::days);
}

}  // namespace

std::optional<std::int64_t> Figures::median_gap_us() const {
    std::uint64_t total = 0;
    for (const Gap &gap : gaps) total += gap.count;
    if (total == 0) return std::nullopt;

    const std::uint64_t lower_rank = (total - 1) / 2;
    const std::uint64_t upper_rank = total / 2;
    std::int64_t lower = 0;
    std::uint64_t below = 0;  // gaps before the one at hand
    for (const Gap &gap : gaps) {
        const std::uint64_t end = below + gap.count;
        if (below <= lower_rank && lower_rank < end) lower = gap.days;
        if (upper_rank < end) return (lower + gap.days) * (kDayUs / 2);
        below = end;
    }
    return std::nullopt;
}

void Figures::add_gap(std::uint32_t days) {
    const auto at = position_of(gaps, days);
    if (at != gaps.end() && at->days == days) {
        ++at->count;
    } else {
        gaps.insert(at, {days, 1});
    }
}

void Figures::remove_gap(std::uint32_t days) {
    const auto at = position_of(gaps, days);
    if (at == gaps.end() || at->days != days) return;
    if (--at->count == 0) gaps.erase(at);
}

}  // namespace kith::model
