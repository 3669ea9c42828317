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
    "on by",
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

inline constexpr Shape kProcess{"process", "process start initial states", "per about source labels",
                                "fields milestones parent hours key"};
inline constexpr Shape kStart{"process.start", "on", "", "where key"};
inline constexpr Shape kState{"process.state", "", "on after entry final about labels",
                              "require always states initial milestones exit"};
inline constexpr Shape kMove{"process.move", "target", "guard", ""};
inline constexpr Shape kGuard{"process.guard", "figure", "at_least below", ""};
inline constexpr Shape kTimer{"process.timer", "delay target", "anchor guard", "at"};
inline constexpr Shape kDelay{"process.delay", "times of", "at_least at_most", ""};
inline constexpr Shape kCommit{"process.commit", "do kind title due", "labels", "count over require assign"};
inline constexpr Shape kClose{"process.close", "do kind as", "", ""};

// All of them.
inline constexpr const Shape *kAll[] = {
    &kPlaybook,  &kTest,      &kStep,     &kMetric,  &kSegment,   &kBands,   &kClass,
    &kScorecard, &kIndicator, &kScoreBy,  &kWeights, &kNormalise, &kMatrix,  &kCell,
    &kForm,      &kItem,      &kCalendar, &kType,    &kCode,      &kProcess, &kStart,
    &kState,     &kMove,      &kGuard,    &kTimer,   &kDelay,     &kCommit,  &kClose,
};

}  // namespace shape

}  // namespace kith::rules
