#include "engine/given.hpp"

#include <algorithm>

#include "record/record.hpp"

namespace kith::engine {

namespace {

std::string two_digits(std::int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); }

}  // namespace

std::string period_name(const rules::Periods &periods, base::Micros at, const base::Zone &zone) {
    const auto day = zone.local_day(at);
    const auto civil = base::civil_of(day);
    const auto months = (civil.month - periods.first_month + 12) % 12;  // into the year
    const bool of_year =
        periods.unit == rules::PeriodUnit::year || periods.unit == rules::PeriodUnit::quarter;
    const auto year = std::to_string(civil.year - (of_year && civil.month < periods.first_month));
    switch (periods.unit) {
        case rules::PeriodUnit::year:
            return year;
        case rules::PeriodUnit::quarter:
            return year + "-Q" + std::to_string(months / 3 + 1);
        case rules::PeriodUnit::month:
            return year + "-" + two_digits(civil.month);
        case rules::PeriodUnit::day:
            return base::format_date(civil);
        case rules::PeriodUnit::week: {
            // ISO 8601: the week of a year that its Thursday is in.
            const auto thursday = day - ((day + 3) % 7 + 7) % 7 + 3;
            const auto of = base::civil_of(thursday).year;
            return std::to_string(of) + "-W" + two_digits((thursday - base::days_of({of, 1, 1})) / 7 + 1);
        }
    }
    return year;
}

base::Result<std::optional<model::Score>> find_given(const store::Reader &reader, NameSource &names,
                                                     const GivenQuery &query,
                                                     std::span<const model::Score> fresh) {
    std::optional<model::Score> best;
    KITH_LET(metric, names.code(query.metric));
    if (!metric) return best;
    model::Name key = 0;
    if (!query.key.empty()) {
        KITH_LET(code, names.code(query.key));
        if (!code) return best;
        key = *code;
    }
    model::Name period = 0;
    if (!query.period.empty()) {
        KITH_LET(code, names.code(query.period));
        period = code.value_or(UINT32_MAX);
    }
    const auto counts = [&](const model::Score &score) {
        if (score.nature == model::Nature::target || score.key.at > query.until) return false;
        if (period == 0) return true;
        if (score.period != 0) return score.period == period;
        return score.key.at > query.after && score.key.at <= query.in_until;
    };
    const auto prefix = index::scores_of(query.subject, *metric, key);
    KITH_LET(cursor, reader.cursor(store::Table::scores));
    KITH_LET(found, query.first ? cursor.seek(prefix)
                                : cursor.seek_before(index::Key(prefix).add_time(query.until + 1)));
    while (found && index::starts_with(cursor.key(), prefix)) {
        KITH_LET(row, cursor.value());
        const auto score = record::decode_score(index::score_key(cursor.key()), row.payload);
        if (counts(score)) {
            best = score;
            break;
        }
        KITH_LET(more, query.first ? cursor.next() : cursor.previous());
        found = more;
    }
    for (const auto &score : fresh) {
        if (score.key.subject != query.subject || score.key.metric != *metric || score.key.key != key)
            continue;
        if (counts(score) && (!best || (query.first ? score.key < best->key : score.key > best->key)))
            best = score;
    }
    return best;
}

base::Result<void> each_score(const store::Reader &reader, NameSource &names, model::SubjectKind kind,
                              const model::Subject *subject, std::string_view metric, base::Micros after,
                              base::Micros until,
                              const std::function<base::Result<void>(const model::Score &)> &take,
                              std::span<const model::Score> fresh) {
    KITH_LET(code, names.code(metric));
    if (!code) return {};
    after = std::max(after, base::kMinTime - 1);
    for (const auto &score : fresh) {
        const auto &key = score.key;
        if (key.subject.kind != kind || key.metric != *code || (subject && key.subject != *subject)) continue;
        if (key.at > after && key.at <= until && score.nature != model::Nature::target) KITH_TRY(take(score));
    }
    const auto prefix = subject ? index::scores_of(*subject, *code)
                                : index::Key().add32(static_cast<std::uint32_t>(kind)).add32(*code);
    KITH_LET(cursor, reader.cursor(store::Table::scores));
    KITH_LET(found, cursor.seek(prefix));
    while (found && index::starts_with(cursor.key(), prefix)) {
        const auto key = index::score_key(cursor.key());
        const auto of_key = index::scores_of(key.subject, *code, key.key);
        if (key.at > after && key.at <= until) {
            KITH_LET(row, cursor.value());
            const auto score = record::decode_score(key, row.payload);
            if (score.nature != model::Nature::target) KITH_TRY(take(score));
        }
        // What is before the window, or after it, is passed over.
        KITH_LET(more, key.at <= after ? cursor.seek(index::Key(of_key).add_time(after + 1))
                       : key.at > until
                           ? cursor.seek(index::Key(of_key).add_time(base::kMaxTime).add64(UINT64_MAX))
                           : cursor.next());
        found = more;
    }
    return {};
}

base::Result<void> each_given_key(const store::Reader &reader, NameSource &names,
                                  const model::Subject &subject, std::string_view metric,
                                  const std::function<bool(model::Name key)> &take,
                                  std::span<const model::Score> fresh) {
    KITH_LET(code, names.code(metric));
    if (!code) return {};
    for (const auto &score : fresh) {
        if (score.key.subject != subject || score.key.metric != *code || score.key.key == 0) continue;
        if (!take(score.key.key)) return {};
    }
    const auto prefix = index::scores_of(subject, *code);
    KITH_LET(cursor, reader.cursor(store::Table::scores));
    KITH_LET(found, cursor.seek(index::scores_of(subject, *code, 1)));
    while (found && index::starts_with(cursor.key(), prefix)) {
        const auto key = index::score_key(cursor.key()).key;
        if (!take(key) || key == UINT32_MAX) break;
        KITH_LET(more, cursor.seek(index::scores_of(subject, *code, key + 1)));
        found = more;
    }
    return {};
}

}  // namespace kith::engine
