// The keys of every object of a playbook: what the parsers take and the schemas list.
#pragma once

#include <span>

#include "rules/node.hpp"

namespace kith::rules {

namespace shape {

inline constexpr Shape kPlaybook{"playbook", "playbook format define",
                                 "version about source settings labels covers tests", ""};
inline constexpr Shape kTest{"playbook.test", "test expect", "about given at", ""};
inline constexpr Shape kStep{
    "playbook.step", "at",
    "about party actor product campaign all event id channel amount cost lines values score form answers "
    "on by process key set commitment state",
    ""};

inline constexpr Shape kMetric{
    "metric", "metric",
    "count sum avg min max first last distinct median median_gap value given analysis options give of where "
    "at "
    "per along window since by decay every unit good target lights tags drivers about source labels",
    ""};
inline constexpr Shape kSegment{"segment", "segment when", "per recheck every about source labels", ""};
inline constexpr Shape kBands{
    "bands", "bands of",
    "classes quantiles cumulative_share border good missing per every about source labels", ""};
inline constexpr Shape kClass{"bands.class", "is", "up_to below internal labels", ""};
inline constexpr Shape kScorecard{"scorecard", "scorecard method indicators",
                                  "scale weights missing least per every about source labels", ""};
inline constexpr Shape kIndicator{"scorecard.indicator", "name",
                                  "weight value asked combine round good_for score_by normalise labels", ""};
inline constexpr Shape kScoreBy{"scorecard.score_by", "bands", "", ""};
inline constexpr Shape kNormalise{"scorecard.normalise", "", "index min_max z efficacy good", ""};
inline constexpr Shape kWeights{"scorecard.weights", "ahp", "random_index", ""};
inline constexpr Shape kMatrix{"matrix", "matrix x y cells", "per missing about source labels", ""};
inline constexpr Shape kCell{"matrix.cell", "x y is", "policy internal about labels", ""};
inline constexpr Shape kForm{
    "form", "form",
    "scale aspects dimensions items rows ordered score least about by rate within rounds "
    "source labels",
    ""};
inline constexpr Shape kItem{"form.item", "item", "dimension group scale answer labels", ""};
inline constexpr Shape kCalendar{"calendar", "calendar weekly",
                                 "zone holidays exceptions first_weekday fiscal_year about source labels",
                                 ""};
inline constexpr Shape kType{"type", "type", "fields require cost codes tree about source labels", ""};
inline constexpr Shape kCode{"type.code", "", "codes sign about labels", ""};

inline constexpr Shape kProcess{
    "process", "process initial states",
    "start key fields on milestones parent hours per instances mapping about source labels", ""};
inline constexpr Shape kStart{"process.start", "on", "where key", ""};
inline constexpr Shape kState{"process.state", "",
                              "on after always entry exit require states initial final about labels", ""};
inline constexpr Shape kMove{"process.move", "", "target guard actions reenter about", ""};
inline constexpr Shape kTimer{"process.timer", "", "delay at anchor target guard actions about", ""};
inline constexpr Shape kMilestone{"process.milestone", "from to",
                                  "within by pause warn warned late about labels", ""};

inline constexpr Shape kRule{
    "rule", "rule then",
    "on at every where when unless mode key priority per from to catch_up within hours limits about source "
    "labels",
    ""};
inline constexpr Shape kUnless{"rule.unless", "event within", "same where", ""};
inline constexpr Shape kLimits{"rule.limits", "", "depth effects failures", ""};
inline constexpr Shape kChoice{"effect.choice", "among", "best", ""};

// In the order of Effect::Do.
inline constexpr Shape kEffects[] = {
    {"effect.set", "do set", "about labels", ""},
    {"effect.tag", "do tag", "remove about labels", ""},
    {"effect.task", "do kind", "title item to for due assign require about labels", ""},
    {"effect.commit", "do kind", "title item to for due assign require approve_over about labels", ""},
    {"effect.plan", "do kind count over", "title item to for assign require about labels", ""},
    {"effect.approve", "do what", "title due assign about labels", ""},
    {"effect.assign", "do assign", "what about labels", ""},
    {"effect.escalate", "do to", "what title about labels", ""},
    {"effect.notify", "do to", "kind title item channel set about labels", ""},
    {"effect.open", "do process", "key set parent about labels", ""},
    {"effect.move", "do process event", "key set about labels", ""},
    {"effect.emit", "do event", "set about labels", ""},
    {"effect.deliver", "do content", "purpose channel to due about labels", ""},
    {"effect.suppress", "do purpose", "until scope about labels", ""},
    {"effect.hold", "do purpose", "until scope about labels", ""},
    {"effect.score", "do metric value", "confidence method about labels", ""},
    {"effect.link", "do link to", "remove about labels", ""},
    {"effect.earn", "do points", "program until about labels", ""},
    {"effect.burn", "do points", "program about labels", ""},
    {"effect.refuse", "do message", "about labels", ""},
    {"effect.close", "do kind as", "about labels", ""},
};

// All of them but the effects.
inline constexpr const Shape *kAll[] = {
    &kPlaybook,  &kTest,    &kStep,    &kMetric,    &kSegment, &kBands, &kClass, &kScorecard,
    &kIndicator, &kScoreBy, &kWeights, &kNormalise, &kMatrix,  &kCell,  &kForm,  &kItem,
    &kCalendar,  &kType,    &kCode,    &kProcess,   &kStart,   &kState, &kMove,  &kTimer,
    &kMilestone, &kRule,    &kUnless,  &kLimits,    &kChoice,
};

}  // namespace shape

}  // namespace kith::rules
