// The segment shape: the subjects for which a condition holds.
#pragma once

#include <optional>
#include <string>

#include "rules/period.hpp"
#include "rules/term.hpp"

namespace kith::rules {

struct Segment {
    std::string name;
    SubjectKind subject = SubjectKind::party;
    Source when;
    std::optional<Period> recheck;    // how often it is looked at, where nobody can tell when it may change
    std::optional<PeriodUnit> every;  // how often, where `when` needs the whole base; else always current
};

}  // namespace kith::rules
