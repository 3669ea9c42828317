// Windows of sums: whole days are added up from their cells, days that an end of the window cuts from their
// rows.
#include <algorithm>
#include <cmath>

#include "engine/values.hpp"

namespace kith::engine {

using rules::DayCell;

namespace {

constexpr std::int64_t kHalfLives = 80;  // after which nothing is left of a row that a double would show

// How much of a day with rows lies in the window.
enum class Extent : std::uint8_t { none, cut, whole };

Extent extent_of(const rules::Partial &any, base::Micros after, base::Micros until) {
    if (any.last_at <= after || any.first_at > until) return Extent::none;
    return any.first_at > after && any.last_at <= until ? Extent::whole : Extent::cut;
}

class Summed {
public:
    Summed(CellRows &rows, const Measure &measure, base::Micros after, base::Micros until, bool with_days)
        : rows_(rows),
          sums_(rows.sums()),
          measure_(measure),
          subject_(rows.subject()),
          after_(after),
          until_(until),
          with_days_(with_days) {}

    base::Result<void> run(Measurer &measurer, Timeline &timeline) {
        if (after_ >= until_) return {};
        const bool decays = measure_.half_life != 0;
        if (decays) after_ = std::max(after_, until_ - kHalfLives * measure_.half_life);
        if (!with_days_ && !measure_.listed && !decays && after_ < base::kMinTime) {
            KITH_LET(told, from_totals());
            if (told) return {};
        }
        const auto &zone = sums_.zone();
        const auto first = after_ < base::kMinTime ? INT64_MIN : cell_day(zone.local_day(after_ + 1)).row;
        const auto last = cell_day(zone.local_day(until_)).row;
        KITH_LET(rows, rows_.rows(first, last));
        for (const auto &[row, cells] : rows) {
            if (row >= first && row <= last) take(row, cells);
        }
        KITH_TRY(add_cut_days(measurer, timeline));
        if (measure_.listed) KITH_TRY(list());
        std::ranges::sort(out.days);
        return {};
    }

    Aggregated out;

private:
    base::Result<bool> from_totals() {
        bool told = true;
        KITH_LET(rest, rows_.totals());
        DayCell cell;
        while (told && rules::next_cell(rest, cell)) {
            if (cell.measure == rules::kAnyRow) told = cell.partial().last_at <= until_;
            if (told && cell.measure == measure_.number) out.partial = cell.partial();
        }
        return told;
    }

    void take(std::int64_t row, base::Bytes rest) {
        DayCell cell;
        int day = -1;
        auto extent = Extent::none;
        while (rules::next_cell(rest, cell)) {
            const auto local_day = row * rules::kDaysPerRow + cell.day;
            if (cell.measure == rules::kAnyRow) {
                day = cell.day;
                extent = extent_of(cell.partial(), after_, until_);
                if (extent == Extent::whole && measure_.fades_in_a_day()) extent = Extent::cut;
                if (extent == Extent::cut) cut_.push_back(local_day);
                if (extent == Extent::whole && measure_.listed) whole_.push_back(local_day);
            } else if (cell.measure == measure_.number && cell.day == day && extent == Extent::whole) {
                const auto partial = cell.partial();
                out.partial.add(partial);
                if (measure_.half_life != 0) {
                    decay(sums_.zone().instant(local_day * base::kDay), rules::from_fixed_point(partial.sum));
                }
                if (with_days_) out.days.push_back(local_day);
            }
        }
    }

    // Of what was worth `value` at `since`, what is left.
    void decay(base::Micros since, double value) {
        out.decayed +=
            value * std::exp2(-static_cast<double>(until_ - since) / static_cast<double>(measure_.half_life));
    }

    base::Result<void> add_cut_days(Measurer &measurer, Timeline &timeline) {
        for (const auto day : cut_) {
            bool any = false;
            KITH_TRY(sums_.measure_day(
                *measure_.grain, subject_, day, after_, until_, measurer, timeline,
                [&](const Brought &brought) -> base::Result<void> {
                    any = true;
                    out.partial.add(brought.contribution);
                    if (measure_.half_life != 0) {
                        decay(brought.contribution.at, plain_value(measure_, brought.contribution));
                    }
                    if (measure_.listed) ++listed_[brought.contribution.value];
                    return {};
                },
                [&](const Measure &one) { return &one == &measure_; }));
            if (any && with_days_) out.days.push_back(day);
        }
        return {};
    }

    base::Result<void> list() {
        if (!whole_.empty()) {
            KITH_TRY(sums_.values(
                subject_, measure_.number, whole_.front(), whole_.back(),
                [&](std::int64_t day, std::int64_t value, std::uint64_t count) -> base::Result<void> {
                    if (!std::ranges::binary_search(cut_, day)) listed_[value] += count;
                    return {};
                }));
        }
        out.listed.assign(listed_.begin(), listed_.end());
        return {};
    }

    CellRows &rows_;
    const Sums &sums_;
    const Measure &measure_;
    const SubjectKey &subject_;
    base::Micros after_, until_;
    bool with_days_;
    std::vector<std::int64_t> cut_, whole_;  // ascending
    std::map<std::int64_t, std::uint64_t> listed_;
};

}  // namespace

base::Result<std::span<const std::pair<std::int64_t, base::Bytes>>> CellRows::rows(std::int64_t first,
                                                                                   std::int64_t last) {
    if (!read_ || first < first_ || last > last_) {
        if (read_) {
            first = std::min(first, first_);
            last = std::max(last, last_);
        }
        rows_.clear();
        KITH_TRY(sums_.cells(subject_, first, last,
                             [&](std::int64_t row, base::Bytes cells) -> base::Result<void> {
                                 rows_.emplace_back(row, cells);
                                 return {};
                             }));
        read_ = true;
        first_ = first;
        last_ = last;
    }
    return std::span<const std::pair<std::int64_t, base::Bytes>>(rows_);
}

base::Result<base::Bytes> CellRows::totals() {
    if (!totals_read_) {
        KITH_TRY(sums_.totals(subject_, [&](std::int64_t, base::Bytes cells) -> base::Result<void> {
            totals_ = cells;
            return {};
        }));
        totals_read_ = true;
    }
    return totals_;
}

base::Result<Aggregated> aggregate(CellRows &rows, const Measure &measure, base::Micros after,
                                   base::Micros until, bool with_days, Measurer &measurer,
                                   Timeline &timeline) {
    Summed window(rows, measure, after, until, with_days);
    KITH_TRY(window.run(measurer, timeline));
    return std::move(window.out);
}

base::Result<std::optional<base::Micros>> first_row_after(CellRows &rows, const Measure &measure,
                                                          base::Micros after, base::Micros until,
                                                          Measurer &measurer, Timeline &timeline) {
    const auto &sums = rows.sums();
    const auto &subject = rows.subject();
    const auto &zone = sums.zone();
    std::optional<base::Micros> first;
    std::vector<std::int64_t> cut;
    const auto first_number = cell_day(zone.local_day(after + 1)).row,
               last_number = cell_day(zone.local_day(until)).row;
    KITH_LET(found, rows.rows(first_number, last_number));
    for (const auto &[row, cells] : found) {
        if (row < first_number || row > last_number) continue;
        auto rest = cells;
        DayCell cell;
        auto extent = Extent::none;
        base::Micros day_first = 0;
        while (!first && rules::next_cell(rest, cell)) {
            if (cell.measure == rules::kAnyRow) {
                const auto any = cell.partial();
                extent = extent_of(any, after, until);
                day_first = any.first_at;
            } else if (cell.measure == measure.number && extent == Extent::whole) {
                first = day_first;
            } else if (cell.measure == measure.number && extent == Extent::cut) {
                cut.push_back(row * rules::kDaysPerRow + cell.day);
            }
        }
    }
    for (const auto day : cut) {
        KITH_TRY(sums.measure_day(
            *measure.grain, subject, day, after, until, measurer, timeline,
            [&](const Brought &brought) -> base::Result<void> {
                first = std::min(first.value_or(kNever), brought.contribution.at);
                return {};
            },
            [&](const Measure &one) { return &one == &measure; }));
    }
    return first;
}

index::Key subject_prefix(const Grain &grain, const ValueSubject &subject) {
    index::Key key;
    key.add32(grain.number);
    if (subject.kind == SubjectKind::party) {
        key.add(subject.party);
    } else if (subject.kind != SubjectKind::all) {
        key.add32(subject.name);
    }
    return key;
}

SubjectKey subject_key(const Grain &grain, const ValueSubject &subject) {
    auto key = subject_prefix(grain, subject);
    if (subject.key != 0) key.add32(subject.key);
    key.pad();
    return key;
}

base::Micros period_begin(const rules::Periods &periods, base::Micros at, const base::Zone &zone) {
    const auto day = zone.local_day(at);
    const auto civil = base::civil_of(day);
    auto first = day;
    const auto of_months = [&](std::int32_t length) {
        const auto into = (civil.month - periods.first_month + 12) % 12 % length;
        const auto month = civil.month - into;
        return base::days_of({civil.year - (month < 1), month < 1 ? month + 12 : month, 1});
    };
    switch (periods.unit) {
        case rules::PeriodUnit::day:
            break;
        case rules::PeriodUnit::week:
            first = day - ((day + 3 - periods.first_weekday) % 7 + 7) % 7;  // 1970-01-01 was a Thursday
            break;
        case rules::PeriodUnit::month:
            first = base::days_of({civil.year, civil.month, 1});
            break;
        case rules::PeriodUnit::quarter:
            first = of_months(3);
            break;
        case rules::PeriodUnit::year:
            first = of_months(12);
            break;
    }
    return zone.instant(first * base::kDay);
}

base::Micros period_next(const rules::Periods &periods, base::Micros begin, const base::Zone &zone) {
    constexpr std::int64_t kLongest[] = {1, 7, 31, 92, 366};
    const auto day = zone.local_day(begin);
    // Some day of the next period, then its first.
    return period_begin(
        periods, zone.instant((day + kLongest[static_cast<std::size_t>(periods.unit)]) * base::kDay), zone);
}

}  // namespace kith::engine
