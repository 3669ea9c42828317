// The parsers of the kinds of definition, one file each; playbook.cpp calls them. What is wrong is noted in
// the node's findings; what comes back is right if nothing was.
#pragma once

#include <optional>
#include <vector>

#include "base/result.hpp"
#include "rules/bands.hpp"
#include "rules/calendar.hpp"
#include "rules/effect.hpp"
#include "rules/form.hpp"
#include "rules/length.hpp"
#include "rules/matrix.hpp"
#include "rules/metric.hpp"
#include "rules/node.hpp"
#include "rules/rule.hpp"
#include "rules/scorecard.hpp"
#include "rules/segment.hpp"
#include "rules/statechart.hpp"
#include "rules/type.hpp"

namespace kith::rules {

Bands parse_bands(const Node &entry);
Metric parse_metric(const Node &entry);
Segment parse_segment(const Node &entry);
Scorecard parse_scorecard(const Node &entry);
Matrix parse_matrix(const Node &entry);
Form parse_form(const Node &entry);
WorkCalendar parse_calendar(const Node &entry);
Type parse_type(const Node &entry);
Statechart parse_statechart(const Node &entry);
Rule parse_rule(const Node &entry);

// ---- what several of them read ----

inline constexpr std::int64_t kDaysMax = 3'652'059;  // as far as the calendar goes
inline constexpr std::size_t kEffectsMax = 16;       // of one list

double days_in(const Period &period);                                          // about, to compare two
base::Result<Period> parse_period(const Node &node);                           // "P90D"
base::Result<PeriodUnit> parse_unit(const Node &node);                         // "month"
base::Result<PeriodUnit> parse_unit_from(const Node &node, std::size_t from);  // of its text from there
base::Result<Good> parse_good(const Node &node);                               // "up", "down"
base::Result<SubjectKind> parse_subject(const Node &node);                     // "party", "all"
base::Result<LengthTerm> parse_length(const Node &node);  // "P7D", "business PT4H", "=..."
base::Result<Term> parse_hours_term(const Node &node);    // a calendar's name, "=..."
// "2026-01-31T09:30", as written: of the file's zone
base::Result<std::string> parse_time_text(const Node &node);
base::Result<Effect> parse_effect(const Node &node);                   // { "do": "task", ... }
base::Result<std::vector<std::string>> parse_types(const Node &node);  // one pattern of interactions, or some
// The same of events, also of the engine; a key of an object is one.
base::Result<std::vector<std::string>> parse_events(const Node &node);
base::Result<std::string> parse_event_key(const Node &node, std::size_t index);
// A condition over such events, if it is there.
void read_condition(const Node &node, std::string_view key, std::span<const std::string> events, Source &out);
base::Result<RowSource> parse_rows(const Node &node);        // "order", "order.line", "answer.csat", ...
base::Result<FieldType> parse_field_type(const Node &node);  // "text", "list.cause", ["S", "W"]
base::Result<std::vector<Field>> parse_fields(const Node &node);
base::Result<Scale> parse_scale(const Node &node);

// "per": a subject, or rows instead of one.
struct Per {
    SubjectKind subject = SubjectKind::party;
    std::optional<RowSource> rows;
};
base::Result<Per> parse_per(const Node &node);

}  // namespace kith::rules
