// Indicators that are asked: the last answer of each rater about a subject, put together.
#include <algorithm>
#include <cmath>
#include <map>

#include "engine/values.hpp"

namespace kith::engine {

namespace {

// One filled form: the mean of what it says, where several items are asked about.
struct Opinion {
    model::InteractionKey key;
    std::uint32_t round = 0;
    double sum = 0;
    std::size_t count = 0;
    double value() const { return sum / static_cast<double>(count); }
};

// An actor; or, where none is named, the party itself.
using Rater = std::pair<model::Name, base::Id>;

double combine_answers(rules::Combine how, std::vector<double> answers, double last) {
    std::ranges::sort(answers);
    const auto middle = answers.size() / 2;
    double sum = 0;
    for (const auto one : answers) sum += one;
    switch (how) {
        case rules::Combine::mean:
            return sum / static_cast<double>(answers.size());
        case rules::Combine::median:
            return answers.size() % 2 ? answers[middle] : (answers[middle - 1] + answers[middle]) / 2;
        case rules::Combine::min:
            return answers.front();
        case rules::Combine::max:
            return answers.back();
        case rules::Combine::last:
            break;
    }
    return last;
}

}  // namespace

base::Result<std::optional<Asked>> SubjectValues::asked(const rules::Indicator &indicator,
                                                        const Measure &answers) {
    std::optional<Asked> out;
    if (answers.built_through < last_party()) return out;
    const auto until = values_.moment().now;
    const auto after = indicator.good_for ? values_.window_begin(*indicator.good_for) : base::kMinTime - 1;
    auto &cells = rows(subject_key(*answers.grain, subject_));
    // The days on which somebody answered; only their rows are read.
    KITH_LET(counted,
             engine::aggregate(cells, answers, after, until, true, values_.measurer(), values_.timeline()));
    std::map<std::pair<Rater, std::uint32_t>, Opinion> opinions;  // by rater and round
    auto &measurer = values_.measurer();
    for (const auto day : counted.days) {
        KITH_TRY(values_.sums().measure_day(
            *answers.grain, cells.subject(), day, after, until, measurer, values_.timeline(),
            [&](const Brought &brought) -> base::Result<void> {
                const auto &row = measurer.row();
                const Rater rater{row.actor, row.actor ? base::Id() : row.key.party};
                auto &mine = opinions[{rater, row.round}];
                if (mine.count != 0 && row.key != mine.key) {
                    const auto newer = [](const auto &a, const auto &b) {
                        return std::tie(a.at, a.party, a.origin, a.number) >
                               std::tie(b.at, b.party, b.origin, b.number);
                    };
                    if (!newer(row.key, mine.key)) return {};
                    mine = {};
                }
                mine.key = row.key;
                mine.round = row.round;
                mine.sum += rules::from_ordered(brought.contribution.value);
                ++mine.count;
                return {};
            },
            [&](const Measure &one) { return &one == &answers; }));
    }
    if (opinions.empty()) return out;
    out.emplace();
    std::uint32_t round = 0;
    for (const auto &[rater, one] : opinions) round = std::max(round, one.round);
    std::vector<double> said;
    std::set<Rater> raters;
    const Opinion *last = nullptr;
    for (const auto &[rater, one] : opinions) {
        if (indicator.last_round && one.round != round) continue;
        raters.insert(rater.first);
        said.push_back(one.value());
        if (!last || one.key.at >= last->key.at) last = &one;
        out->first_at = said.size() == 1 ? one.key.at : std::min(out->first_at, one.key.at);
    }
    out->last_at = last->key.at;
    out->raters = raters.size();
    out->round = indicator.last_round ? round : 0;
    const auto [least, most] = std::ranges::minmax(said);
    out->least = least;
    out->most = most;
    const auto mean = combine_answers(rules::Combine::mean, said, 0);
    for (const auto one : said) out->spread += (one - mean) * (one - mean);
    out->spread = std::sqrt(out->spread / static_cast<double>(said.size()));
    out->value = combine_answers(indicator.combine, std::move(said), last->value());
    return out;
}

}  // namespace kith::engine
