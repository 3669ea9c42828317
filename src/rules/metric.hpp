// The metric shape: a value of a subject, aggregated from rows, computed from other values, given from
// outside, or the result of an analysis of the whole base.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rules/period.hpp"
#include "rules/term.hpp"

namespace kith::rules {

enum class Aggregate : std::uint8_t {
    count,
    sum,
    avg,
    min,
    max,
    first,
    last,
    distinct,
    median,
    median_gap,
};

enum class ValueType : std::uint8_t { money, double_, int_, text, bool_, time, date };

// The rows that count: all, those of the last `length`, or those after the last row of one of `since`.
struct Window {
    enum class Kind : std::uint8_t { always, sliding, since } kind = Kind::always;
    Period length;
    std::vector<std::string> since;  // types of interactions
};

// Shares of the target from which on a light is shown, descending: {"green", 1.0}, {"amber", 0.9}.
struct Light {
    std::string name;
    double share = 0;
};

struct Metric {
    std::string name;
    enum class Kind : std::uint8_t { aggregate, formula, given, analysis } kind = Kind::aggregate;

    Aggregate aggregate{};  // aggregate
    RowSource rows;
    std::optional<Source> of, where, at;  // `at`: the time that counts, else when the row happened
    Source value;                         // formula
    ValueType given{};                    // given
    std::string analysis, give;           // analysis: its name, and which of its results
    std::string options;                  // analysis: JSON text of the object, "{}" if there is none

    // Of one subject: `key` is empty. Of a tuple: `key` has all its parts in order, {"party",
    // "line.category"}, and `subject` the kind its first part names, or SubjectKind::key.
    SubjectKind subject = SubjectKind::party;
    std::vector<Source> key;
    std::string along;  // rolled up over the tree of this link; "" for none
    Window window;
    std::optional<PeriodUnit> by;     // also a series over these
    std::string calendar;             // that cuts them; "" for the civil one
    std::optional<Period> decay;      // half-life of a row's weight
    std::optional<PeriodUnit> every;  // how often an analysis is made

    std::string unit;
    Good good = Good::none;
    Term target;  // none, number, money or expression
    std::vector<Light> lights;
    std::vector<std::pair<std::string, std::string>> tags;
    std::vector<std::string> drivers;  // names of metrics
};

}  // namespace kith::rules
