#include "engine/sums.hpp"

#include <algorithm>
#include <cmath>

namespace kith::engine {

using base::Bytes;
using rules::DayCell;
using rules::Partial;
using rules::PartialRow;
using store::Table;

namespace {

std::string text_of_key(Bytes key) { return std::string(base::text_of(key)); }

constexpr std::uint64_t biased(std::int64_t number) {
    return static_cast<std::uint64_t>(number) ^ (1ULL << 63);
}

// Rows of a map and of a table together, the map's before the table's, those in [from, prefix end].
template <class Map, class Take>
base::Result<void> merged(const store::Reader *reader, Table table, const Map &changed, Bytes from,
                          Bytes prefix, const Take &take) {
    auto next = changed.lower_bound(base::text_of(from));
    const auto ours = [&] {
        return next != changed.end() && index::starts_with(base::bytes_of(next->first), prefix);
    };
    if (reader) {
        KITH_LET(cursor, reader->cursor(table));
        KITH_LET(found, cursor.seek(from));
        while (found && index::starts_with(cursor.key(), prefix)) {
            while (ours() && base::compare(base::bytes_of(next->first), cursor.key()) < 0) {
                KITH_LET(more, take(base::bytes_of(next->first), &next->second, Bytes()));
                if (!more) return {};
                ++next;
            }
            if (ours() && base::compare(base::bytes_of(next->first), cursor.key()) == 0) {
                KITH_LET(more, take(base::bytes_of(next->first), &next->second, Bytes()));
                if (!more) return {};
                ++next;
            } else {
                KITH_LET(value, cursor.value());
                KITH_LET(more, take(cursor.key(), nullptr, value.payload));
                if (!more) return {};
            }
            KITH_LET(more, cursor.next());
            found = more;
        }
    }
    for (; ours(); ++next) {
        KITH_LET(more, take(base::bytes_of(next->first), &next->second, Bytes()));
        if (!more) return {};
    }
    return {};
}

}  // namespace

SubjectKey values_key(const SubjectKey &subject, MeasureNumber measure, std::int64_t local_day) {
    return SubjectKey(subject).add32(measure).add32(static_cast<std::uint32_t>(local_day) ^ (1U << 31));
}

SubjectKey reference_key(const SubjectKey &subject, base::Micros at) {
    return SubjectKey(subject).add_time(at);
}

SubjectKey reference_key(const SubjectKey &subject, const model::InteractionKey &interaction) {
    return reference_key(subject, interaction.at).add32(interaction.origin).add32(interaction.number);
}

Sums::Pending &Sums::pending(const SubjectKey &subject) {
    const auto text = base::text_of(subject.view());
    if (last_ && last_->first == text) return last_->second;
    auto known = rows_.find(text);
    if (known == rows_.end()) known = rows_.emplace(text, Pending()).first;
    last_ = &*known;
    return known->second;
}

const Sums::Pending *Sums::find_pending(const SubjectKey &subject) const {
    const auto known = rows_.find(base::text_of(subject.view()));
    return known == rows_.end() ? nullptr : &known->second;
}

base::Result<PartialRow> Sums::stored(const SubjectKey &key) const {
    if (!reader_) return PartialRow();
    KITH_LET(found, reader_->get(Table::sums, key));
    return found ? PartialRow(found->payload) : PartialRow();
}

base::Result<PartialRow *> Sums::row(const SubjectKey &subject, std::int64_t number) {
    auto &mine = pending(subject).rows;
    if (const auto known = mine.find(number); known != mine.end()) return &known->second;
    KITH_LET(loaded, stored(sums_key(subject, number)));
    return &mine.emplace(number, std::move(loaded)).first->second;
}

base::Result<PartialRow *> Sums::all_days(const SubjectKey &subject) {
    auto &mine = pending(subject).totals;
    if (!mine) {
        KITH_LET(loaded, stored(totals_key(subject)));
        mine = std::move(loaded);
    }
    return &*mine;
}

base::Result<void> Sums::count_value(const Measure &measure, const SubjectKey &subject, std::int64_t value,
                                     std::int64_t local_day, int by) {
    const auto key = values_key(subject, measure.number, local_day).add64(biased(value));
    const auto text = base::text_of(key.view());
    auto known = values_.find(text);
    if (known == values_.end()) {
        std::uint64_t count = 0;
        if (reader_) {
            KITH_LET(stored, reader_->get(Table::values, key));
            if (stored && stored->payload.size() == sizeof count) {
                std::memcpy(&count, stored->payload.data(), sizeof count);
            }
        }
        known = values_.emplace(text, count).first;
    }
    if (by > 0 || known->second > 0) known->second += static_cast<std::uint64_t>(by);
    return {};
}

double plain_value(const Measure &measure, const rules::Contribution &one) {
    if (measure.type == expr::TypeKind::double_) return rules::from_ordered(one.value);
    return measure.of ? static_cast<double>(one.value) : 1.0;
}

// A row's weight decays from the day's beginning on: what a day adds up to is weighed once when it is read.
// What fades within a day would grow out of all bounds; its rows are weighed one by one when they are read.
rules::Contribution Sums::weighed(const Measure &measure, rules::Contribution one) const {
    if (measure.half_life == 0 || measure.fades_in_a_day()) return one;
    const auto begin = zone_.instant(zone_.local_day(one.at) * base::kDay);
    const auto grown =
        std::exp2(static_cast<double>(one.at - begin) / static_cast<double>(measure.half_life));
    one.addend = rules::fixed_point(plain_value(measure, one) * grown).value_or(0);
    return one;
}

base::Result<void> Sums::find_place(const Brought &brought, const model::InteractionKey &interaction) {
    const auto &subject = brought.subject;
    const auto text = base::text_of(subject.view());
    if (place_.row && place_.subject == text && place_.interaction == interaction) return {};
    place_.row = nullptr;
    place_.local_day = zone_.local_day(brought.contribution.at);
    const auto [number, day] = cell_day(place_.local_day);
    KITH_LET(cells, row(subject, number));
    KITH_LET(all, all_days(subject));
    place_.subject = text;
    place_.interaction = interaction;
    place_.day = day;
    place_.row = cells;
    place_.totals = all;
    if (brought.measure.grain->of_party) return {};
    const auto key = reference_key(subject, interaction);
    references_.insert_or_assign(std::string(base::text_of(key.view())), interaction.party);
    return {};
}

base::Result<void> Sums::add(const Brought &brought, const model::InteractionKey &interaction) {
    KITH_TRY(find_place(brought, interaction));
    const auto &[measure, subject, bare] = brought;
    const auto one = weighed(measure, bare);
    const rules::Contribution any{one.at, 0, 0};
    place_.row->add(place_.day, rules::kAnyRow, rules::Summary::ends, any);
    place_.row->add(place_.day, measure.number, measure.summary, one);
    place_.totals->add(0, rules::kAnyRow, rules::Summary::ends, any);
    place_.totals->add(0, measure.number, measure.summary, one);
    if (measure.listed) KITH_TRY(count_value(measure, subject, one.value, place_.local_day, 1));
    return {};
}

base::Result<void> Sums::remove(std::span<const Taken> brought, const model::InteractionKey &interaction,
                                Measurer &measurer, Timeline &timeline) {
    place_.row = nullptr;
    std::map<std::string, std::vector<const Taken *>, std::less<>> by_subject;
    for (const auto &one : brought) by_subject[text_of_key(one.subject)].push_back(&one);
    const auto local_day = zone_.local_day(interaction.at);
    const auto [number, day] = cell_day(local_day);
    for (const auto &of_one : by_subject) {
        const auto &taken = of_one.second;
        const auto &subject = taken.front()->subject;
        const auto &grain = *taken.front()->measure->grain;
        if (!grain.of_party) {
            references_.insert_or_assign(text_of_key(reference_key(subject, interaction)), std::nullopt);
        }
        for (const auto *one : taken) {
            if (!one->measure->listed) continue;
            KITH_TRY(count_value(*one->measure, subject, one->contribution.value, local_day, -1));
        }
        const auto without = [&](PartialRow &cells, int place) {
            for (const auto *one : taken) {
                if (!cells.remove(place, one->measure->number, weighed(*one->measure, one->contribution)))
                    return false;
            }
            auto any = cells.find(place, rules::kAnyRow).value_or(Partial());
            const bool at_end = any.first_at == interaction.at || any.last_at == interaction.at;
            if (at_end && any.count > taken.size()) return false;
            any.count -= std::min<std::uint64_t>(any.count, taken.size());
            cells.put(place, rules::kAnyRow, rules::Summary::ends, any);
            return true;
        };
        KITH_LET(cells, row(subject, number));
        auto fewer = *cells;
        if (without(fewer, day)) {
            *cells = std::move(fewer);
        } else {
            KITH_TRY(count_day(grain, subject, local_day, measurer, timeline));
        }
        KITH_LET(all, all_days(subject));
        auto total = *all;
        if (without(total, 0)) {
            *all = std::move(total);
        } else {
            KITH_TRY(add_up(subject));
        }
    }
    return {};
}

base::Result<void> Sums::replace(std::span<const TakenOfRow> before, std::span<const TakenOfRow> after,
                                 Measurer &measurer, Timeline &timeline) {
    const auto less = [](const TakenOfRow *a, const TakenOfRow *b) {
        const auto of = [](const TakenOfRow &one) {
            const auto &[measure, subject, contribution] = one.taken;
            return std::tuple(one.row, measure->number, base::text_of(subject.view()), contribution.value,
                              contribution.addend);
        };
        return of(*a) < of(*b);
    };
    const auto sorted = [&](std::span<const TakenOfRow> all) {
        std::vector<const TakenOfRow *> out;
        for (const auto &one : all) out.push_back(&one);
        std::ranges::sort(out, less);
        return out;
    };
    const auto old = sorted(before), fresh = sorted(after);
    std::vector<const TakenOfRow *> gone, come;
    std::ranges::set_difference(old, fresh, std::back_inserter(gone), less);
    std::ranges::set_difference(fresh, old, std::back_inserter(come), less);
    place_.row = nullptr;
    // Days and totals whose ends or extremes went: they are counted when all else is as it is to be.
    std::map<std::pair<std::string, std::int64_t>, const TakenOfRow *> days;
    std::map<std::string, const TakenOfRow *, std::less<>> totals;
    const auto without = [&](PartialRow &cells, int place, const TakenOfRow &one) {
        const auto &[measure, subject, contribution] = one.taken;
        return cells.remove(place, measure->number, weighed(*measure, contribution)) &&
               cells.remove(place, rules::kAnyRow, {contribution.at, 0, 0});
    };
    for (const auto *one : gone) {
        const auto &[measure, subject, contribution] = one->taken;
        const auto local_day = zone_.local_day(contribution.at);
        const auto [number, day] = cell_day(local_day);
        if (!measure->grain->of_party)
            references_.insert_or_assign(text_of_key(reference_key(subject, one->row)), std::nullopt);
        if (measure->listed) KITH_TRY(count_value(*measure, subject, contribution.value, local_day, -1));
        KITH_LET(cells, row(subject, number));
        if (!without(*cells, day, *one)) days[{text_of_key(subject), local_day}] = one;
        KITH_LET(all, all_days(subject));
        if (!without(*all, 0, *one)) totals[text_of_key(subject)] = one;
    }
    for (const auto *one : come)
        KITH_TRY(add({*one->taken.measure, one->taken.subject, one->taken.contribution}, one->row));
    // A row may still bring the subject something by another line or measure.
    for (const auto *one : fresh) {
        if (one->taken.measure->grain->of_party) continue;
        references_.insert_or_assign(text_of_key(reference_key(one->taken.subject, one->row)),
                                     one->row.party);
    }
    place_.row = nullptr;
    for (const auto &[day, one] : days) {
        KITH_TRY(count_day(*one->taken.measure->grain, one->taken.subject, day.second, measurer, timeline));
    }
    for (const auto &[subject, one] : totals) KITH_TRY(add_up(one->taken.subject));
    return {};
}

base::Result<void> Sums::codes_after(const index::Key &prefix,
                                     const std::function<bool(model::Name code)> &take) const {
    const auto size = prefix.size();
    for (const auto &[subject, pending] : rows_) {
        const auto key = base::bytes_of(subject);
        if (!index::starts_with(key, prefix) || key.size() < size + 4) continue;
        if (!take(base::load_big32(key.data() + size))) return {};
    }
    if (!reader_) return {};
    KITH_LET(cursor, reader_->cursor(Table::sums));
    KITH_LET(found, cursor.seek(prefix));
    while (found && index::starts_with(cursor.key(), prefix)) {
        const auto code = base::load_big32(cursor.key().data() + size);
        if (!take(code) || code == UINT32_MAX) break;
        KITH_LET(more, cursor.seek(index::Key(prefix).add32(code + 1)));
        found = more;
    }
    return {};
}

base::Result<Partial> Sums::total(const Measure &measure, const SubjectKey &subject) const {
    Partial out;
    KITH_TRY(totals(subject, [&](std::int64_t, Bytes rest) -> base::Result<void> {
        DayCell cell;
        while (rules::next_cell(rest, cell)) {
            if (cell.measure == measure.number) out = cell.partial();
        }
        return {};
    }));
    return out;
}

base::Result<void> Sums::count_day(const Grain &grain, const SubjectKey &subject, std::int64_t local_day,
                                   Measurer &measurer, Timeline &timeline) {
    std::map<MeasureNumber, std::pair<rules::Summary, Partial>> counted;
    KITH_TRY(measure_day(grain, subject, local_day, INT64_MIN, INT64_MAX, measurer, timeline,
                         [&](const Brought &brought) -> base::Result<void> {
                             const auto one = weighed(brought.measure, brought.contribution);
                             auto &mine = counted[brought.measure.number];
                             mine.first = brought.measure.summary;
                             mine.second.add(one);
                             auto &any = counted[rules::kAnyRow];
                             any.first = rules::Summary::ends;
                             any.second.add(rules::Contribution{one.at, 0, 0});
                             return {};
                         }));
    const auto [number, day] = cell_day(local_day);
    KITH_LET(cells, row(subject, number));
    // Those of this day that no row brings any more go.
    std::vector<MeasureNumber> there;
    DayCell cell;
    for (auto rest = cells->bytes(); rules::next_cell(rest, cell);) {
        if (cell.day == day) there.push_back(cell.measure);
    }
    for (const auto one : there) cells->put(day, one, rules::Summary::count, {});
    for (const auto &[one, summed] : counted) cells->put(day, one, summed.first, summed.second);
    return {};
}

base::Result<void> Sums::add_up(const SubjectKey &subject) {
    std::map<MeasureNumber, std::pair<rules::Summary, Partial>> totals;
    KITH_TRY(cells(subject, INT64_MIN, INT64_MAX, [&](std::int64_t, Bytes rest) -> base::Result<void> {
        DayCell cell;
        while (rules::next_cell(rest, cell)) {
            auto &total = totals[cell.measure];
            total.first = cell.summary;
            total.second.add(cell.partial());
        }
        return {};
    }));
    PartialRow all;
    for (const auto &[one, total] : totals) all.put(0, one, total.first, total.second);
    pending(subject).totals = std::move(all);
    return {};
}

// ---- reading ----

base::Result<void> Sums::cells(const SubjectKey &subject, std::int64_t first_row, std::int64_t last_row,
                               const TakeCells &take) const {
    static const std::map<std::int64_t, PartialRow> kNone;
    const auto *mine = find_pending(subject);
    const auto &changed = mine ? mine->rows : kNone;
    auto next = changed.lower_bound(first_row);
    const auto take_changed = [&]() -> base::Result<void> {
        const auto &[number, row] = *next++;
        return row.empty() ? base::Result<void>() : take(number, row.bytes());
    };
    if (reader_) {
        if (!cursor_) {
            KITH_LET(opened, reader_->cursor(Table::sums));
            cursor_ = std::move(opened);
        }
        auto &cursor = *cursor_;
        KITH_LET(found, cursor.seek(sums_key(subject, std::max(first_row, INT64_MIN + 1))));
        for (; found && index::starts_with(cursor.key(), subject);) {
            const auto number = sums_row(cursor.key());
            if (number > last_row) break;
            while (next != changed.end() && next->first < number) KITH_TRY(take_changed());
            if (next != changed.end() && next->first == number) {
                KITH_TRY(take_changed());
            } else {
                KITH_LET(value, cursor.value());
                KITH_TRY(take(number, value.payload));
            }
            KITH_LET(more, cursor.next());
            found = more;
        }
    }
    while (next != changed.end() && next->first <= last_row) KITH_TRY(take_changed());
    return {};
}

base::Result<void> Sums::totals(const SubjectKey &subject, const TakeCells &take) const {
    if (const auto *mine = find_pending(subject); mine && mine->totals) {
        return mine->totals->empty() ? base::Result<void>() : take(0, mine->totals->bytes());
    }
    if (!reader_) return {};
    KITH_LET(found, reader_->get(Table::sums, totals_key(subject)));
    return found ? take(0, found->payload) : base::Result<void>();
}

base::Result<void> Sums::values(const SubjectKey &subject, MeasureNumber measure, std::int64_t first_day,
                                std::int64_t last_day, const TakeValue &take) const {
    const auto prefix = SubjectKey(subject).add32(measure);
    return merged(
        reader_, Table::values, values_, values_key(subject, measure, first_day), prefix,
        [&](Bytes key, const std::uint64_t *changed, Bytes stored) -> base::Result<bool> {
            if (key.size() != prefix.size() + 12) return true;
            const auto *at = key.data() + prefix.size();
            const auto day = static_cast<std::int32_t>(base::load_big32(at) ^ (1U << 31));
            if (day > last_day) return false;
            std::uint64_t count = 0;
            if (changed) {
                count = *changed;
            } else if (stored.size() == sizeof count) {
                std::memcpy(&count, stored.data(), sizeof count);
            }
            if (count == 0) return true;
            KITH_TRY(take(
                day, static_cast<std::int64_t>(biased(static_cast<std::int64_t>(base::load_big64(at + 4)))),
                count));
            return true;
        });
}

base::Result<void> Sums::references(const SubjectKey &subject, base::Micros after, base::Micros until,
                                    const TakeReference &take) const {
    return merged(reader_, Table::references, references_, reference_key(subject, after + 1), subject,
                  [&](Bytes key, const std::optional<base::Id> *changed, Bytes stored) -> base::Result<bool> {
                      if (key.size() != subject.size() + 16) return true;
                      const auto *at = key.data() + subject.size();
                      model::InteractionKey found;
                      found.at = index::time_at(at);
                      if (found.at > until) return false;
                      found.origin = base::load_big32(at + 8);
                      found.number = base::load_big32(at + 12);
                      if (changed && !*changed) return true;
                      if (!changed && stored.size() != 16) return true;
                      found.party = changed ? **changed : base::Id::from(stored);
                      KITH_TRY(take(found));
                      return true;
                  });
}

base::Result<void> Sums::measure(const Grain &grain, const SubjectKey &subject, base::Micros after,
                                 base::Micros until, Measurer &measurer, Timeline &timeline,
                                 const TakeBrought &take,
                                 const std::function<bool(const Measure &)> &only) const {
    const auto wanted = [&](const Measure &measure) {
        return measure.grain == &grain && (!only || only(measure));
    };
    const auto of_subject = [&](const Brought &brought) -> base::Result<void> {
        return base::compare(brought.subject, subject) == 0 ? take(brought) : base::Result<void>();
    };
    const TakeInteraction take_interaction = [&](const model::Interaction &interaction) {
        return measurer.measure(interaction, of_subject, wanted);
    };
    const TakeChange take_change = [&](const MemberChange &change) {
        return measurer.measure(change, of_subject, wanted);
    };
    if (grain.of_party) {
        const auto party = base::Id::from(subject.view().subspan(4, 16));
        if (grain.of_changes) return timeline.changes(party, after, until, take_change);
        return timeline.interactions(party, after, until, take_interaction);
    }
    std::vector<model::InteractionKey> found;  // the walk of one table ends before that of another begins
    KITH_TRY(references(subject, after, until, [&](const model::InteractionKey &key) -> base::Result<void> {
        found.push_back(key);
        return {};
    }));
    for (const auto &key : found) {
        if (!grain.of_changes) {
            KITH_TRY(timeline.interaction(key, take_interaction));
            continue;
        }
        KITH_TRY(timeline.changes(key.party, key.at - 1, key.at,
                                  [&](const MemberChange &change) -> base::Result<void> {
                                      return change.key == key ? take_change(change) : base::Result<void>();
                                  }));
    }
    return {};
}

base::Result<void> Sums::measure_day(const Grain &grain, const SubjectKey &subject, std::int64_t local_day,
                                     base::Micros after, base::Micros until, Measurer &measurer,
                                     Timeline &timeline, const TakeBrought &take,
                                     const std::function<bool(const Measure &)> &only) const {
    const auto begin = zone_.instant(local_day * base::kDay),
               end = zone_.instant((local_day + 1) * base::kDay);
    return measure(grain, subject, std::max(after, begin - 1), std::min(until, end - 1), measurer, timeline,
                   take, only);
}

// ---- writing ----

base::Result<void> Sums::drain(const TakeRow &take) {
    std::vector<const std::pair<const std::string, Pending> *> subjects;
    subjects.reserve(rows_.size());
    for (const auto &one : rows_) subjects.push_back(&one);
    std::ranges::sort(subjects, {}, [](const auto *one) { return std::string_view(one->first); });
    for (const auto *one : subjects) {
        const auto subject = SubjectKey().add(base::bytes_of(one->first));
        const auto give = [&](const SubjectKey &key, const PartialRow &cells) {
            const auto bytes = cells.bytes();
            return take(Table::sums, key, cells.empty() ? nullptr : &bytes);
        };
        if (one->second.totals) KITH_TRY(give(totals_key(subject), *one->second.totals));
        for (const auto &[number, cells] : one->second.rows) KITH_TRY(give(sums_key(subject, number), cells));
    }
    last_ = nullptr;
    place_.row = nullptr;
    for (const auto &[key, party] : references_) {
        const auto bytes = party ? party->view() : Bytes();
        KITH_TRY(take(Table::references, base::bytes_of(key), party ? &bytes : nullptr));
    }
    for (const auto &[key, count] : values_) {
        const auto bytes = base::bytes_of_object(count);
        KITH_TRY(take(Table::values, base::bytes_of(key), count ? &bytes : nullptr));
    }
    rows_.clear();
    references_.clear();
    values_.clear();
    return {};
}

}  // namespace kith::engine
