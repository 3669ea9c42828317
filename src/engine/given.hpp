// Values that were given: the scores of a subject under a metric, of which the latest counts.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "engine/measures.hpp"
#include "model/score.hpp"
#include "rules/period.hpp"

namespace kith::engine {

struct GivenQuery {
    model::Subject subject;
    std::string_view metric;
    std::string_view key{};  // of several values; "": the one without
    base::Micros until = 0;
    // Of one period: scores that name it, or name none and are of a time in it, after < at <= in_until. What
    // names a period may be of a time before or after it.
    std::string period;
    base::Micros after = INT64_MIN, in_until = INT64_MAX;
    bool first = false;  // not the latest
};

// "2026", "2026-Q1", "2026-03", "2026-W05", "2026-03-01": as scores name their period.
// Those of a calendar whose year begins later are named after the year they begin in, their quarters from
// there.
std::string period_name(const rules::Periods &periods, base::Micros at, const base::Zone &zone);

// Of the file and of `fresh`, which are not in the file yet; targets do not count.
base::Result<std::optional<model::Score>> find_given(const store::Reader &reader, NameSource &names,
                                                     const GivenQuery &query,
                                                     std::span<const model::Score> fresh = {});

// All of a subject, or null: of all subjects of the kind, after < at <= until; targets do not count.
base::Result<void> each_score(const store::Reader &reader, NameSource &names, model::SubjectKind kind,
                              const model::Subject *subject, std::string_view metric, base::Micros after,
                              base::Micros until,
                              const std::function<base::Result<void>(const model::Score &)> &take,
                              std::span<const model::Score> fresh = {});

// The keys that a subject has values under, until `take` answers false.
base::Result<void> each_given_key(const store::Reader &reader, NameSource &names,
                                  const model::Subject &subject, std::string_view metric,
                                  const std::function<bool(model::Name key)> &take,
                                  std::span<const model::Score> fresh = {});

}  // namespace kith::engine
