// The values of subjects, as the installed definitions have them: metrics, series, classes, scores, cells,
// membership. Nothing is stored per instant: a value is worked out of sums when it is asked for, and is exact
// at the instant asked about.
//
//   value_catalog.cpp  definitions compiled, with the schema of their expressions
//   values.cpp         reading
//   aggregates.cpp     windows of sums
//   asked.cpp          what raters answered
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/actors.hpp"
#include "engine/behaviour_rows.hpp"
#include "engine/business_clock.hpp"
#include "engine/expression_schema.hpp"
#include "engine/figures_row.hpp"
#include "engine/forms.hpp"
#include "engine/programs.hpp"
#include "engine/sums.hpp"
#include "engine/types.hpp"
#include "rules/bands.hpp"
#include "rules/matrix.hpp"
#include "rules/playbook.hpp"
#include "rules/scorecard.hpp"
#include "rules/segment.hpp"

namespace kith::engine {

using rules::SubjectKind;

struct MetricValue {
    rules::Metric metric;
    std::uint32_t version = 0;
    expr::TypeKind type = expr::TypeKind::dyn;
    // Of a subject and one further key: what the key is, "line.category". A map of `owner`, who is the base
    // where the key stands alone.
    std::string tuple{};
    SubjectKind owner = SubjectKind::party;
    std::vector<std::uint32_t> of_same_key{};  // formulas: the metrics they read by it
    bool stock = false;                        // members now: an aggregate of all changes up to the instant
    // Over parties, each by its own values, or over scores: worked out when it is asked for. `key`: of each.
    bool of_parties = false, of_scores = false;
    std::shared_ptr<const BehaviourRows> behaviour{};  // over cases and commitments, alike
    ProgramPtr where{}, of{}, key{};
    const Measure *measure = nullptr, *since = nullptr;  // aggregates
    ProgramPtr formula, target;
    std::optional<rules::Periods> by;  // of its series
};

// Numbers taken of all parties at the beginning of each period, and kept as scores of the base: the cuts of
// bands; or the two that an indicator is normalised by, amounts in major units.
struct OfBase {
    std::string metric;  // of the scores, which have the keys "1", "2", ...
    std::uint32_t version = 0;
    rules::PeriodUnit every = rules::PeriodUnit::day;
    ProgramPtr of;
    std::size_t count = 0;
    std::optional<rules::Bands> bands;
    rules::Normalise::Kind normalise{};
};

struct BandsValue {
    rules::Bands bands;
    std::uint32_t version = 0;
    ProgramPtr of;
    std::vector<ProgramPtr> limits;  // of the classes: null where it is no expression
    std::optional<std::uint32_t> of_base{};
};

struct IndicatorValue {
    ProgramPtr value, a, b;
    const Measure *asked = nullptr;  // the answers, in place of a value
    std::optional<std::uint32_t> of_base{};
};

// What raters said of a subject, put together.
struct Asked {
    double value = 0;
    std::size_t raters = 0;
    double least = 0, most = 0, spread = 0;  // the standard deviation of their answers
    std::uint32_t round = 0;                 // the last one; 0: of a form without, or of all
    base::Micros first_at = 0, last_at = 0;  // of the answers that count
};

struct ScorecardValue {
    rules::Scorecard scorecard;
    std::uint32_t version = 0;
    std::vector<IndicatorValue> indicators;
};

struct MatrixValue {
    rules::Matrix matrix;
    std::uint32_t version = 0;
    ProgramPtr x, y;
};

struct TimeWatch;  // value_time.hpp

struct SegmentValue {
    rules::Segment segment;
    std::uint32_t version = 0;
    ProgramPtr when;
    std::shared_ptr<const TimeWatch> watch;  // null: worked out when it is asked for
};

// What a name of a kind is: its place among the values of its kind.
template <class Value>
class Named {
public:
    std::vector<Value> items;
    std::optional<std::uint32_t> find(std::string_view name) const {
        const auto found = places_.find(name);
        return found == places_.end() ? std::nullopt : std::optional(found->second);
    }
    const std::string &name(std::size_t place) const { return names_[place]; }
    Value &add(const std::string &name, Value value) {
        places_.emplace(name, static_cast<std::uint32_t>(items.size()));
        names_.push_back(name);
        return items.emplace_back(std::move(value));
    }

private:
    std::vector<std::string> names_;
    std::map<std::string, std::uint32_t, std::less<>> places_;
};

// Immutable once made, and shared by threads.
struct ValueCatalog {
    Named<MetricValue> metrics;
    Named<BandsValue> bands;
    Named<ScorecardValue> scorecards;
    Named<MatrixValue> matrices;
    Named<SegmentValue> segments;
    Named<FormValue> forms;
    std::map<std::string, rules::Setting, std::less<>> settings;
    std::vector<OfBase> of_base;
    TypeSet types;
    std::shared_ptr<const Measures> measures;
    std::shared_ptr<const BusinessCalendars> calendars;
    std::uint64_t fingerprint = 0;  // of what it is made of: alike, places and types are
};

// Numbers of the variables that come with definitions, after kith's own.
enum class ValueVariable : std::uint32_t {
    all = kHostVariables,
    series,
    band,
    score,
    cell,
    segment,
    setting,
    policy
};

static_assert(static_cast<std::uint32_t>(ValueVariable::policy) + 1 == kHostVariablesOfValues);

// Whose value. Parties have an id, all else a code; the base has neither.
struct ValueSubject {
    SubjectKind kind = SubjectKind::party;
    base::Id party;
    model::Name name = 0;
    model::Name key = 0;  // of a tuple: what is beside the subject
    auto operator<=>(const ValueSubject &) const = default;
};

class Values;

// What a window of sums comes to.
struct Aggregated {
    rules::Partial partial;
    std::vector<std::pair<std::int64_t, std::uint64_t>>
        listed;                      // of listed measures: value, how often; ascending
    std::vector<std::int64_t> days;  // with a row, where they are asked for
    double decayed = 0;              // of measures that decay, at `until`
};

// The cells of one subject in one grain, read once for all metrics of it.
class CellRows {
public:
    CellRows(const Sums &sums, const SubjectKey &subject) : sums_(sums), subject_(subject) {}
    const SubjectKey &subject() const { return subject_; }
    const Sums &sums() const { return sums_; }
    // Ascending; what is before and after them may be there too.
    base::Result<std::span<const std::pair<std::int64_t, base::Bytes>>> rows(std::int64_t first,
                                                                             std::int64_t last);
    base::Result<base::Bytes> totals();

private:
    const Sums &sums_;
    SubjectKey subject_;
    bool read_ = false, totals_read_ = false;
    std::int64_t first_ = 0, last_ = 0;
    std::vector<std::pair<std::int64_t, base::Bytes>> rows_;
    base::Bytes totals_;
};

// All values of one subject at one instant: each worked out when it is first asked for, and kept.
class SubjectValues {
public:
    SubjectValues(Values &values, const ValueSubject &subject, std::shared_ptr<PartyFacts> facts);
    ~SubjectValues();

    // Kind error where it is not known (Code::absent), or cannot be computed. Texts are the catalog's.
    expr::Value metric(std::uint32_t place);
    expr::Value series(std::uint32_t place);
    expr::Value band(std::uint32_t place);
    expr::Value score(std::uint32_t place);
    expr::Value cell(std::uint32_t place);
    bool is_member(std::uint32_t segment);  // as the condition has it

    // The class or cell itself; null where it is unknown.
    const rules::BandClass *band_class(std::uint32_t place);
    const rules::BandClass *band_class(std::uint32_t place, const expr::Value &value);
    const rules::Cell *matrix_cell(std::uint32_t place);
    std::optional<rules::Combined> combined(std::uint32_t place);
    // When the periods of a metric's series begin, up to the open one; the newest, where they are many.
    base::Result<std::vector<base::Micros>> periods(std::uint32_t metric);
    // Of an indicator that is asked; none: nobody answered, or all answers are too old.
    base::Result<std::optional<Asked>> asked(const rules::Indicator &indicator, const Measure &answers);
    // One point of a metric's series, the period that `at` is in.
    expr::Value period_value(std::uint32_t metric, base::Micros at);

    // What scores come to, for a metric over them; before which its window begins, up to the instant.
    base::Result<Aggregated> scores(const MetricValue &metric, base::Micros after, base::Micros until);
    base::Micros window_of(const MetricValue &metric);
    // The same of cases and commitments (behaviour_rows.cpp); `key`: of the entry of a map.
    base::Result<Aggregated> behaviour(const MetricValue &metric, base::Micros after, base::Micros until,
                                       std::string_view key = {});
    base::Result<void> each_behaviour(const MetricValue &metric, const TakeBehaviour &take);
    base::Result<std::set<std::string>> behaviour_keys(const MetricValue &metric);
    base::Result<std::optional<base::Micros>> behaviour_after(const MetricValue &metric, base::Micros after);

    // The score that a given metric takes its value from.
    base::Result<std::optional<model::Score>> score_given(const MetricValue &metric, base::Micros at);

    const ValueSubject &subject() const { return subject_; }
    // The subject with a further key, whose values are the entries of maps; whose entry this is.
    SubjectValues &entry(const std::string &tuple, model::Name key);
    SubjectValues &whole() { return whole_ ? *whole_ : *this; }
    // What may be a key of the map; none: there are more than a map lists.
    base::Result<std::optional<std::set<model::Name>>> keys(std::uint32_t metric);
    // The same subject at another instant, over the same rows. Stays until the next one is asked for.
    SubjectValues &at(base::Micros now);
    CellRows &rows(const SubjectKey &subject);
    // When the first row of a sliding window is to leave it, or an instant before that.
    base::Result<base::Micros> first_leave(const Measure &measure, const rules::Period &length);
    base::Result<base::Micros> first_leave(const MetricValue &metric);
    PartyFacts *facts();  // read when first asked for; null: the subject is no party, or reading failed
    base::ErrorBox take_error();  // of facts that were read
    Values &values() { return values_; }
    expr::Outcome evaluate(const expr::Program &program);
    expr::Outcome evaluate(const expr::Program &program, std::span<const expr::Value> host);

private:
    using RowAfter = std::function<base::Result<std::optional<base::Micros>>(base::Micros)>;
    base::Result<base::Micros> leave_of(const RowAfter &row_after, const rules::Period &length);
    base::Result<const BehaviourByKey *> behaviour_by_key(const MetricValue &metric);
    base::Result<std::optional<base::Micros>> behaviour_begin(const MetricValue &metric);
    base::Result<std::vector<const std::vector<rules::Contribution> *>> behaviour_rows(
        const MetricValue &metric, std::string_view key);
    expr::Value over_behaviour(const MetricValue &metric, base::Micros after, base::Micros until,
                               std::string_view key = {});
    expr::Value aggregate(const MetricValue &metric, base::Micros after, base::Micros until);
    base::Result<Aggregated> rows_of(const Measure &measure, const std::string &along, base::Micros after,
                                     base::Micros until, bool with_days);
    expr::Value given(const MetricValue &metric, base::Micros at);
    expr::Value given_in_period(std::uint32_t metric, base::Micros begin);
    expr::Value result(const MetricValue &metric, expr::TypeKind type, const Aggregated &rows);
    expr::Value over_parties(const MetricValue &metric);
    expr::Value over_scores(const MetricValue &metric, base::Micros after, base::Micros until);
    model::Subject given_subject() const {
        return {static_cast<model::SubjectKind>(subject_.kind), subject_.party, subject_.name};
    }
    expr::Value indicator_value(const rules::Indicator &indicator, const IndicatorValue &compiled);
    expr::Value compute(const MetricValue &metric);
    // An instant in the first period of a metric's series that may have a value.
    base::Result<base::Micros> series_begin(const MetricValue &metric);
    expr::Value make_series(std::uint32_t metric);
    class MapEntries;

    Values &values_;
    ValueSubject subject_;
    SubjectValues *whole_ = nullptr;  // of an entry
    std::string tuple_;
    std::map<std::pair<std::string, model::Name>, std::unique_ptr<SubjectValues>> entries_;
    std::map<std::uint32_t, std::unique_ptr<MapEntries>> maps_;  // by metric
    // What was given for each period: by when it begins, and by the name that the score gives it.
    struct GivenPeriods {
        std::map<base::Micros, model::Score> by_begin;
        std::map<model::Name, model::Score> by_name;
    };
    std::map<std::uint32_t, GivenPeriods> given_periods_;  // by metric
    std::map<const MetricValue *, BehaviourByKey> behaviour_;
    std::shared_ptr<PartyFacts> facts_;
    // A value that has been worked out, of the instant that `generation_` counts.
    enum class Of : std::uint8_t { metric, series, band, score, cell, segment };
    struct Kept {
        expr::Value value;
        std::uint32_t generation = 0;
    };
    friend class Values;
    template <class Make>
    const expr::Value &keep(Of of, std::uint32_t place, const Make &make);
    void forget();

    std::vector<Kept> kept_;         // all that the catalog names, kind after kind
    std::uint32_t first_kept_[6]{};  // of a kind
    std::uint32_t generation_ = 1;
    std::vector<std::tuple<const Measure *, rules::Period, base::Micros>> leaves_;
    std::shared_ptr<std::map<std::string, CellRows, std::less<>>> cell_rows_;
    expr::Memory memory_;  // of series
    struct Elsewhen;
    std::unique_ptr<Elsewhen> elsewhen_;  // at()
};

// The values of any subjects at one instant, over a file or a commit in the making. [one thread]
class Values {
public:
    // `snapshot` outlives it, as do sums and timeline.
    Values(const Snapshot &snapshot, std::shared_ptr<const ValueCatalog> catalog, Sums &sums,
           Timeline &timeline, Measurer &measurer, base::Micros now);
    Values(Values &other, base::Micros now);  // the same world at another instant
    ~Values();

    SubjectValues *of(const ValueSubject &subject);  // null: there is no such party, or reading failed

    const ValueCatalog &catalog() const { return *catalog_; }
    const Snapshot &snapshot() const { return snapshot_; }
    const expr::Moment &moment() const { return moment_; }
    const BusinessClock &clock() const { return *clock_; }
    Sums &sums() { return sums_; }
    Timeline &timeline() { return timeline_; }
    Measurer &measurer() { return measurer_; }
    std::uint32_t currency() const { return currency_; }
    double minor_units() const { return minor_units_; }  // in a major one

    // A party that is there, in place of the one before: for a walk over the base. Its facts are read when
    // they are asked for, if they are not given.
    SubjectValues &walk_to(const base::Id &party, std::shared_ptr<PartyFacts> facts = {});
    void move_to(base::Micros now);
    // What programs find after the variables of values, until it is set anew.
    void set_host(std::span<const expr::Value> host) { host_ = host; }
    std::span<const expr::Value> host() const { return other_ ? other_->host() : host_; }

    // The begin of a sliding window, and the calendar's period, that now is in.
    base::Micros window_begin(const rules::Period &length);
    struct Span {
        base::Micros begin = 0, next = 0;
    };
    const Span &period(const rules::Periods &periods);

    // The numbers of the whole base as they were last taken; null: not yet, or for another version.
    const std::vector<double> *of_base(std::uint32_t place);
    // The score that is one of them, counted from 1: when they were taken, and of how many.
    base::Result<std::optional<model::Score>> of_base(std::uint32_t place, std::size_t number);

    // Aggregates over the parties, by what each one's key is: an owner, a text; of the whole base by "".
    using OfParties = std::map<std::string, Aggregated, std::less<>>;
    const OfParties *of_parties(const MetricValue &metric);  // null: reading failed
    // Rows of behaviour of all parties that count: one by one; by their keys, kept.
    base::Result<void> each_behaviour(const MetricValue &metric, const TakeBehaviour &take);
    base::Result<const BehaviourByKey *> behaviour_by_key(const MetricValue &metric);
    expr::Value given_value(const model::Score &score, expr::TypeKind type);
    expr::Value text(model::Name name);
    base::Result<void> add_family(const MetricValue &metric, const ValueSubject &subject, Aggregated &out);
    // The earliest row of any party.
    base::Result<base::Micros> first_at();

    base::Result<Actors *> actors();  // read when first asked for

    // The subject and all that stand under it in the tree of a link.
    base::Result<std::vector<ValueSubject>> family(const ValueSubject &subject, const std::string &along);

    expr::Value failed(base::ErrorBox error);
    base::ErrorBox take_error();

private:
    friend class SubjectValues;
    const Snapshot &snapshot_;
    std::shared_ptr<const ValueCatalog> catalog_;
    Sums &sums_;
    Timeline &timeline_;
    Measurer &measurer_;
    Values *other_ = nullptr;  // whose error it is
    std::span<const expr::Value> host_;
    std::shared_ptr<const BusinessClock> clock_;
    expr::Moment moment_;  // with the clock
    std::uint32_t currency_;
    double minor_units_;
    std::map<ValueSubject, std::unique_ptr<SubjectValues>> subjects_;
    std::unique_ptr<SubjectValues> walked_;  // to
    // One for each level of values in values; shared with those of other instants.
    struct Evaluators {
        std::vector<std::unique_ptr<expr::Evaluator>> all;
        std::size_t level = 0;
    };
    std::shared_ptr<Evaluators> evaluators_;
    std::vector<std::pair<rules::Period, base::Micros>> window_begins_;
    std::vector<std::pair<rules::Periods, Span>> periods_;
    std::map<std::uint32_t, std::optional<std::vector<double>>> of_base_;
    std::unique_ptr<Values> apart();
    // A party's part in it, if it meets the condition.
    void add_party(const MetricValue &metric, SubjectValues &party, OfParties &out, const std::string &key);
    base::Result<void> each_party(
        const std::function<base::Result<void>(const base::Id &, const FiguresRow &)> &take);

    std::map<const MetricValue *, OfParties> of_parties_;
    std::map<const MetricValue *, BehaviourByKey> behaviour_;
    std::optional<base::Micros> first_at_;
    std::unique_ptr<Actors> actors_;
    base::ErrorBox error_;
};

void sort_listed(Aggregated &all);
// A value as it is added up; false: it is none that adds up or stands in an order.
bool contribute(const expr::Value &value, std::uint32_t currency, rules::Contribution &one);

// Amounts as minor units, whole numbers and doubles as they are, durations as days; none of what is no
// number.
std::optional<double> number_of(const expr::Value &value);

// Metrics of the base that begin with one of these are its own.
inline constexpr std::string_view kOfBands = "band.", kOfScorecards = "score.";

// ---- windows of sums ----

// Of the rows in after < at <= until.
base::Result<Aggregated> aggregate(CellRows &rows, const Measure &measure, base::Micros after,
                                   base::Micros until, bool with_days, Measurer &measurer,
                                   Timeline &timeline);

// When the first of them was; of a later row of the day, or of another measure, where that is before it.
base::Result<std::optional<base::Micros>> first_row_after(CellRows &rows, const Measure &measure,
                                                          base::Micros after, base::Micros until,
                                                          Measurer &measurer, Timeline &timeline);

// A subject's key in a grain of it alone, or of it and a further key.
SubjectKey subject_key(const Grain &grain, const ValueSubject &subject);
index::Key subject_prefix(const Grain &grain, const ValueSubject &subject);  // before the further key

// ---- periods ----

// The first instant of the period that `at` is in, and of the next one.
base::Micros period_begin(const rules::Periods &periods, base::Micros at, const base::Zone &zone);
base::Micros period_next(const rules::Periods &periods, base::Micros begin, const base::Zone &zone);

}  // namespace kith::engine
