#include <array>
#include <cmath>

#include "rules/parse.hpp"
#include "rules/shapes.hpp"

namespace kith::rules {

namespace {

constexpr std::size_t kIndicatorsMax = 64;
constexpr double kWeightTolerance = 1e-9;

// In the order of the enums.
constexpr std::array<std::string_view, 3> kMethods{"weighted_mean", "sum", "veto"};
constexpr std::array<std::string_view, 2> kMissing{"refuse", "reweight"};
constexpr std::array<std::string_view, 5> kCombine{"mean", "median", "min", "max", "last"};
constexpr std::array<std::string_view, 2> kRounds{"all", "last"};
constexpr std::array<std::string_view, 4> kNormalisations{"index", "min_max", "z", "efficacy"};

base::Result<double> parse_weight(const Node &node) {
    KITH_LET(weight, node.number());
    if (!(weight > 0)) return node.error("must be more than 0; leave out what weighs nothing");
    return weight;
}

base::Result<Term> parse_parameter(const Node &node) {
    KITH_LET(term, node.term());
    if (!term.is(Term::Kind::number) && !term.is(Term::Kind::money) && !term.is(Term::Kind::expression))
        return node.error("must be a number, an amount, or \"=\" and an expression");
    return term;
}

// "score_by": { "bands": "volume_band" }
base::Result<std::string> parse_score_by(const Node &node) {
    KITH_TRY(node.object(shape::kScoreBy));
    KITH_LET(bands, node.member("bands").name());
    node.member("bands").mention(Mention::Kind::score_bands, bands);
    return bands;
}

// "normalise": { "min_max": [-0.5, 0.5] }
void read_normalise(const Node &node, Indicator &indicator) {
    if (!node.has_shape(shape::kNormalise)) return;
    std::string_view found;
    for (std::size_t i = 0; i < kNormalisations.size(); ++i) {
        const std::string_view key = kNormalisations[i];
        if (!node.has(key)) continue;
        if (!found.empty())
            return node.member(key).report("stands beside " + quote(found) + "; keep one of them");
        found = key;
        const auto kind = static_cast<Normalise::Kind>(i);
        indicator.normalise = kind;
        const Node value = node.member(key);
        if (kind == Normalise::Kind::index) {
            node.read(key, indicator.a, parse_parameter);
            continue;
        }
        if (value.is(Json::Kind::text) && value.json().text == "base") {
            if (kind == Normalise::Kind::efficacy)
                value.report("must be a list of two: what is allowed is nobody's least; write [0, 10]");
            if (!indicator.form.empty())
                value.report("goes with a \"value\"; answers have a scale: write [1, 5]");
            indicator.by_base = true;
            continue;
        }
        std::vector<Term> terms;
        if (!value.read_each(terms, 2, parse_parameter)) continue;
        if (terms.size() != 2) return value.report("must be a list of two, as [0, 10]");
        indicator.a = std::move(terms[0]);
        indicator.b = std::move(terms[1]);
        const bool constant = indicator.a.is(Term::Kind::number) && indicator.b.is(Term::Kind::number);
        if (constant && kind == Normalise::Kind::z && !(indicator.b.number > 0))
            value.report("the second is a standard deviation, more than 0");
        if (constant && kind != Normalise::Kind::z && indicator.a.number == indicator.b.number)
            value.report("the two must differ");
    }
    if (found.empty()) node.report("needs one of " + choice_of(kNormalisations));
    Good good = Good::up;
    node.read("good", good, parse_good);
    indicator.less_is_better = good == Good::down;
    if (node.has("good") && !found.empty() && found != "index")
        node.member("good").report("goes with \"index\"; exchange the two numbers of " + quote(found));
}

// "asked": "FORM.ITEM"
void read_asked(const Node &node, Indicator &indicator) {
    const std::string &text = node.json().text;
    const auto dot = text.find('.');
    if (!node.is(Json::Kind::text) || dot == text.npos || !is_name(text.substr(0, dot)) ||
        !is_name(text.substr(dot + 1))) {
        return node.report("must be an item of a form, as \"FORM.ITEM\"");
    }
    indicator.form = text.substr(0, dot);
    indicator.item = text.substr(dot + 1);
    node.mention(Mention::Kind::item, text);
}

Indicator parse_indicator(const Node &node) {
    Indicator indicator;
    if (!node.has_shape(shape::kIndicator)) return indicator;
    node.read("name", indicator.name, &Node::name);
    node.read("labels", indicator.labels, &Node::labels);
    node.read("value", indicator.value, &Node::expression);
    if (node.has("asked")) read_asked(node.member("asked"), indicator);
    if (node.has("value") == node.has("asked"))
        node.report("needs either \"value\", an expression, or \"asked\", an item of a form");
    for (const std::string_view key : {"combine", "round", "good_for"}) {
        if (node.has(key) && !node.has("asked")) node.member(key).report("goes with \"asked\"; leave it out");
    }
    node.read_choice("combine", indicator.combine, "the combination", kCombine);
    node.read_choice("round", indicator.last_round, "the round", kRounds);
    node.read_optional("good_for", indicator.good_for, parse_period);
    node.read("score_by", indicator.score_by, parse_score_by);
    if (node.has("normalise")) read_normalise(node.member("normalise"), indicator);
    if (node.has("score_by") && node.has("normalise"))
        node.member("normalise").report("has \"score_by\" too; keep one of them");
    return indicator;
}

// A judgement: 3, or "1/3".
base::Result<double> parse_judgement(const Node &node) {
    if (!node.is(Json::Kind::text)) return parse_weight(node);
    const std::string &text = node.json().text;
    if (text.starts_with("1/") && text.size() > 2 && text.size() <= 6 &&
        text.find_first_not_of("0123456789", 2) == text.npos) {
        const double below = std::stod(text.substr(2));
        if (below > 0) return 1 / below;
    }
    return node.error("must be a number, or a fraction as \"1/3\"");
}

void read_ahp(const Node &node, Scorecard &card) {
    if (!node.has_shape(shape::kWeights)) return;
    static constexpr std::array<std::string_view, 1> kIndices{"saaty1980"};
    std::size_t index = 0;
    node.read_choice("random_index", index, "the random index", kIndices);
    const Node matrix = node.member("ahp");
    const std::size_t n = card.indicators.size();
    std::vector<double> judgements;
    if (const auto list = matrix.array(kAhpMax); !list) return matrix.report(list.error());
    for (std::size_t row = 0; row < matrix.size(); ++row) {
        std::vector<double> values;
        if (!matrix.value(row).read_each(values, kAhpMax, parse_judgement)) return;
        if (values.size() != n) {
            return matrix.value(row).report("has " + std::to_string(values.size()) +
                                            " judgements where there are " + std::to_string(n) +
                                            " indicators");
        }
        judgements.insert(judgements.end(), values.begin(), values.end());
    }
    if (matrix.size() != n) {
        return matrix.report("has " + std::to_string(matrix.size()) + " rows where there are " +
                             std::to_string(n) + " indicators");
    }
    auto result = ahp(judgements, n);
    if (!result) return matrix.report(result.error().message, result.error().status);
    if (result->consistency > kConsistencyMax) {
        const std::size_t row = result->worst_row, column = result->worst_column;
        const double fits = result->weights[row] / result->weights[column];
        return matrix.value(row).value(column).report(
            "the judgements contradict each other: consistency ratio " + short_number(result->consistency) +
            ", more than 0.1; least fits " + quote(card.indicators[row].name) + " over " +
            quote(card.indicators[column].name) + ", where " +
            (fits >= 1 ? short_number(fits) : "1/" + short_number(1 / fits)) + " would");
    }
    for (std::size_t i = 0; i < n; ++i) card.indicators[i].weight = result->weights[i];
    card.ahp = std::move(*result);
}

// Weights given with the indicators, or by pairs.
void read_weights(const Node &entry, Scorecard &card) {
    const Node indicators = entry.member("indicators");
    std::size_t given = 0;
    double sum = 0;
    bool sound = true;
    for (std::size_t i = 0; i < card.indicators.size(); ++i) {
        const Node node = indicators.value(i);
        if (!node.is(Json::Kind::object) || !node.has("weight")) continue;
        ++given;
        sound = node.read("weight", card.indicators[i].weight, parse_weight) && sound;
        sum += card.indicators[i].weight;
    }
    if (entry.has("weights")) {
        if (given > 0)
            return entry.member("weights").report("the indicators have weights too; keep one of them");
        return read_ahp(entry.member("weights"), card);
    }
    if (card.method != Scorecard::Method::weighted_mean) {
        for (std::size_t i = 0; i < card.indicators.size(); ++i) {
            const Node node = indicators.value(i);
            if (!node.is(Json::Kind::object) || !node.has("weight")) card.indicators[i].weight = 1;
        }
        return;
    }
    if (given < card.indicators.size()) {
        return indicators.report(
            "a weighted mean needs a \"weight\" of each indicator, or \"weights\" by \"ahp\"");
    }
    if (sound && std::abs(sum - 1) > kWeightTolerance)
        indicators.report("the weights sum to " + short_number(sum) + "; they must sum to 1");
}

void read_missing(const Node &entry, Scorecard &card) {
    if (entry.has("missing")) {
        const Node missing = entry.member("missing");
        if (missing.is(Json::Kind::text)) {
            entry.read_choice("missing", card.missing, "the rule", kMissing);
        } else if (entry.read("missing", card.missing_score, &Node::number)) {
            card.missing = Scorecard::Missing::score;
        }
    }
    const bool reweight = card.missing == Scorecard::Missing::reweight;
    if (reweight && card.method == Scorecard::Method::sum)
        entry.member("missing").report(
            "goes with a weighted mean; a sum is refused, or takes a score instead");
    if (reweight && !entry.has("least"))
        entry.member("missing").report(
            "\"reweight\" needs \"least\": the share of weight that must be there");
    if (entry.has("least") && !reweight)
        entry.member("least").report("goes with \"missing\": \"reweight\"; leave it out");
    entry.read("least", card.least, [](const Node &node) -> base::Result<double> {
        KITH_LET(share, node.number());
        if (!(share > 0 && share <= 1)) return node.error("must be a share more than 0, at most 1");
        return share;
    });
}

}  // namespace

Scorecard parse_scorecard(const Node &entry) {
    Scorecard card;
    if (!entry.has_shape(shape::kScorecard)) return card;
    entry.read("scorecard", card.name, &Node::name);
    entry.read("per", card.subject, parse_subject);
    entry.read_optional("every", card.every, parse_unit);
    Scale scale;
    if (entry.read("scale", scale, parse_scale)) {
        if (!scale.points.empty()) entry.member("scale").report("must be two numbers, as [1, 5]");
        card.low = scale.low;
        card.high = scale.high;
    }
    entry.read_choice("method", card.method, "the method", kMethods);
    read_missing(entry, card);
    const Node indicators = entry.member("indicators");
    const auto list = indicators.array(kIndicatorsMax);
    if (!list) return indicators.report(list.error()), card;
    for (std::size_t i = 0; i < indicators.size(); ++i) {
        card.indicators.push_back(parse_indicator(indicators.value(i)));
        const auto same = std::ranges::find(card.indicators, card.indicators.back().name, &Indicator::name);
        if (same + 1 != card.indicators.end())
            indicators.value(i).report("there is an indicator " + quote(same->name) +
                                       " before it; give it another name");
    }
    read_weights(entry, card);
    return card;
}

}  // namespace kith::rules
