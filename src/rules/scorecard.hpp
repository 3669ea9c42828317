// The scorecard shape: indicators are scored and weighed into one score that its addends explain.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rules/ahp.hpp"
#include "rules/normalise.hpp"
#include "rules/period.hpp"
#include "rules/term.hpp"

namespace kith::rules {

enum class Combine : std::uint8_t { mean, median, min, max, last };  // of several raters' answers

struct Indicator {
    std::string name;
    double weight = 0;  // of all of them 1; for a sum as given, 1 where it is not
    Labels labels;

    Source value;            // an expression; or, where it is empty, what was asked:
    std::string form, item;  // "asked": "FORM.ITEM"
    Combine combine = Combine::mean;
    bool last_round = true;  // "round": "last" or "all"
    std::optional<Period> good_for;

    // How the value becomes a score: by the class of these bands, whose names are numbers; or normalised
    // between two terms; or, where there is neither, it is one.
    std::string score_by;
    std::optional<Normalise::Kind> normalise;
    Term a, b;             // see Normalise; index has `a` alone
    bool by_base = false;  // what the two are is taken of the whole base, at the scorecard's `every`
    bool less_is_better = false;
};

struct Scorecard {
    std::string name;
    SubjectKind subject = SubjectKind::party;
    double low = 0, high = 1;  // the scale; min_max is stretched to it
    enum class Method : std::uint8_t {
        weighted_mean,
        sum,
        veto
    } method = Method::weighted_mean;  // veto: the least
    enum class Missing : std::uint8_t { refuse, reweight, score } missing = Missing::refuse;
    double least = 0;          // reweight: the share of weight that must be there
    double missing_score = 0;  // score: of an indicator that is absent
    std::vector<Indicator> indicators;
    std::optional<Ahp> ahp;  // where the weights are from, if they are not given
    std::optional<PeriodUnit> every;
};

// A score with what each indicator adds to it, in millionths; the addends are rounded so that their sum is
// the score.
struct Combined {
    std::int64_t score = 0;
    std::vector<std::int64_t> addends;  // one for each indicator, 0 where it is absent
    double present = 0;                 // share of the weight
};

// Of the indicators' scores, in order; none where indicators are absent and the scorecard refuses that.
std::optional<Combined> combine(const Scorecard &scorecard, std::span<const std::optional<double>> scores);

}  // namespace kith::rules
