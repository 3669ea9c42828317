#include "analytics/cohort.hpp"

#include <algorithm>
#include <map>

#include "base/time.hpp"

namespace kith::analytics {

namespace {

constexpr std::int64_t kCellsMax = 10'000'000;

// Months in a period; weeks have none.
std::int64_t months_in(CohortBy by) { return by == CohortBy::year ? 12 : by == CohortBy::quarter ? 3 : 1; }

}  // namespace

std::int64_t period_of(std::int64_t day, CohortBy by) {
    if (by == CohortBy::week) return base::floor_div(day + 3, 7);
    const base::CivilDate date = base::civil_of(day);
    const std::int64_t month = (std::int64_t{date.year} - 1970) * 12 + date.month - 1;
    return base::floor_div(month, months_in(by));
}

std::int64_t first_day_of(std::int64_t period, CohortBy by) {
    if (by == CohortBy::week) return period * 7 - 3;
    const std::int64_t month = period * months_in(by);
    const std::int64_t year = base::floor_div(month, 12);
    return base::days_of(
        {static_cast<std::int32_t>(1970 + year), static_cast<std::int32_t>(month - year * 12 + 1), 1});
}

std::optional<std::int64_t> Cohorts::cell(std::size_t row, std::size_t column) const {
    const auto &active = rows[row].active;
    if (column >= active.size()) return std::nullopt;
    return active[column];
}

base::Result<Cohorts> cohorts(std::vector<Activity> activity) {
    if (!std::ranges::is_sorted(activity)) std::ranges::sort(activity);
    activity.erase(std::unique(activity.begin(), activity.end()), activity.end());
    if (activity.empty()) return Cohorts{};
    const std::int64_t last = std::ranges::max(activity, {}, &Activity::period).period;

    std::map<std::int64_t, std::vector<std::int64_t>> by_period;
    std::int64_t cells = 0;
    std::vector<std::int64_t> *active = nullptr;
    for (std::size_t i = 0, first = 0; i < activity.size(); ++i) {
        if (i == 0 || activity[i].party != activity[first].party) {
            first = i;
            active = &by_period[activity[i].period];
            if (active->empty()) {
                const std::int64_t width = last - activity[i].period + 1;
                cells += width;
                if (cells > kCellsMax) {
                    return base::fail(
                        base::Status::limit,
                        "the cohort table has more than ten million cells; choose longer periods");
                }
                active->resize(static_cast<std::size_t>(width));
            }
        }
        ++(*active)[static_cast<std::size_t>(activity[i].period - activity[first].period)];
    }

    Cohorts result;
    for (auto &[period, counts] : by_period) result.rows.push_back({period, std::move(counts)});
    result.columns = result.rows.front().active.size();
    return result;
}

}  // namespace kith::analytics
