#include "engine/values.hpp"

#include <algorithm>
#include <cmath>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "engine/directory_reads.hpp"
#include "engine/value_records.hpp"
#include "record/record.hpp"

namespace kith::engine {

using expr::Code;
using expr::Kind;
using expr::TypeKind;
using expr::Value;
using rules::Aggregate;

namespace {

constexpr std::size_t kLevelsMax = 48;        // values in values
constexpr std::size_t kEntriesMax = 256;      // that a map lists
constexpr std::ptrdiff_t kPeriodsMax = 1200;  // of a series, the newest: a hundred years of months

Value absent(const char *what) { return expr::fail(Code::absent, what); }

// As formulas round: half to even.
std::int64_t rounded_ratio(__int128 sum, std::uint64_t count) {
    return static_cast<std::int64_t>(base::divide_half_even(sum, static_cast<__int128>(count)));
}

Value total(TypeKind type, __int128 sum, std::uint32_t currency) {
    if (type == TypeKind::double_) return expr::of_double(rules::from_fixed_point(sum));
    if (sum > INT64_MAX || sum < INT64_MIN) return expr::fail(Code::range, "the sum is too large");
    const auto whole = static_cast<std::int64_t>(sum);
    if (type == TypeKind::money) return expr::of_money(whole, currency);
    return type == TypeKind::duration ? expr::of_duration(whole) : expr::of_int(whole);
}

Value mean(TypeKind type, __int128 sum, std::uint64_t count, std::uint32_t currency) {
    if (count == 0) return absent("no rows to take the mean of");
    switch (type) {
        case TypeKind::money:
            return expr::of_money(rounded_ratio(sum, count), currency);
        case TypeKind::duration:
            return expr::of_duration(rounded_ratio(sum, count));
        case TypeKind::timestamp:
            return expr::of_micros(rounded_ratio(sum, count));
        case TypeKind::double_:
            return expr::of_double(rules::from_fixed_point(sum) / static_cast<double>(count));
        default:
            return expr::of_double(static_cast<double>(sum) / static_cast<double>(count));
    }
}

// The two middle values; the same one twice where there is one.
std::pair<std::int64_t, std::int64_t> middles(
    const std::vector<std::pair<std::int64_t, std::uint64_t>> &listed, std::uint64_t count) {
    const auto at = [&](std::uint64_t place) {
        for (const auto &[value, times] : listed) {
            if (place < times) return value;
            place -= times;
        }
        return std::int64_t{0};
    };
    return {at((count - 1) / 2), at(count / 2)};
}

Value median(TypeKind type, const Aggregated &rows, std::uint32_t currency) {
    std::uint64_t count = 0;
    for (const auto &[value, times] : rows.listed) count += times;
    if (count == 0) return absent("no rows to take the median of");
    const auto [low, high] = middles(rows.listed, count);
    const auto both = static_cast<__int128>(low) + high;
    switch (type) {
        case TypeKind::double_:
            return expr::of_double((rules::from_ordered(low) + rules::from_ordered(high)) / 2);
        case TypeKind::money:
            return expr::of_money(rounded_ratio(both, 2), currency);
        case TypeKind::duration:
            return expr::of_duration(rounded_ratio(both, 2));
        case TypeKind::timestamp:
        case TypeKind::null:
            return expr::of_micros(rounded_ratio(both, 2));
        default:
            return expr::of_double(static_cast<double>(both) / 2);
    }
}

// Of the days between successive days with a row.
Value median_gap(const std::vector<std::int64_t> &days) {
    if (days.size() < 2) return absent("rows on fewer than two days have no gap");
    std::vector<std::int64_t> gaps;
    for (std::size_t i = 1; i < days.size(); ++i) gaps.push_back(days[i] - days[i - 1]);
    std::ranges::sort(gaps);
    const auto low = gaps[(gaps.size() - 1) / 2], high = gaps[gaps.size() / 2];
    return expr::of_double(static_cast<double>(low + high) / 2);
}

}  // namespace

std::optional<double> number_of(const Value &value) {
    switch (value.kind) {
        case Kind::boolean:
        case Kind::int_:
        case Kind::money:
            return static_cast<double>(value.i);
        case Kind::uint_:
            return static_cast<double>(value.u);
        case Kind::double_:
            return std::isnan(value.d) ? std::nullopt : std::optional(value.d);
        case Kind::duration:  // days
            return static_cast<double>(value.i) / 86'400e9;
        default:
            return std::nullopt;
    }
}

// ---- one subject ----

SubjectValues::SubjectValues(Values &values, const ValueSubject &subject, std::shared_ptr<PartyFacts> facts)
    : values_(values),
      subject_(subject),
      facts_(std::move(facts)),
      cell_rows_(std::make_shared<std::map<std::string, CellRows, std::less<>>>()) {
    const auto &catalog = values.catalog();
    const std::size_t sizes[] = {catalog.metrics.items.size(),  catalog.metrics.items.size(),
                                 catalog.bands.items.size(),    catalog.scorecards.items.size(),
                                 catalog.matrices.items.size(), catalog.segments.items.size()};
    std::uint32_t all = 0;
    for (std::size_t i = 0; i < std::size(sizes); ++i) {
        first_kept_[i] = all;
        all += static_cast<std::uint32_t>(sizes[i]);
    }
    kept_.resize(all);
}

struct SubjectValues::Elsewhen {
    Elsewhen(SubjectValues &of, base::Micros now)
        : values(of.values_, now), subject(values, of.subject_, nullptr) {
        of.facts();  // read once for all instants, and what fails of them is told by `of`
        subject.facts_ = of.facts_;
        subject.cell_rows_ = of.cell_rows_;
    }
    Values values;
    SubjectValues subject;
};

// A metric of a subject and a further key: one entry is worked out for itself.
class SubjectValues::MapEntries : public expr::Entries {
public:
    MapEntries(SubjectValues &subject, std::uint32_t metric) : subject_(subject), metric_(metric) {
        view_.entries = this;
    }
    const expr::MapView &view() const { return view_; }

    const Value *find(const Value &key) const override {
        if (!key.is(Kind::string)) return nullptr;
        if (of_behaviour()) return find_text(std::string(key.view()));
        auto code = DirectoryReads(subject_.values_.snapshot()).code(key.view());
        if (!code) {
            subject_.values_.failed(code.take_error());
            return nullptr;
        }
        return *code ? find(**code) : nullptr;
    }

    const expr::MapView &all() const override {
        if (listed_) return all_;
        listed_ = true;
        if (of_behaviour()) return list_texts();
        auto found = subject_.keys(metric_);
        if (!found) {
            all_.wrong = subject_.values_.failed(found.take_error());
            return all_;
        }
        if (!*found) {
            all_.wrong = expr::fail(Code::size, "the map has more than 256 entries: name the key");
            return all_;
        }
        std::vector<std::pair<std::string_view, Value>> entries;
        for (const auto key : **found) {
            const auto *value = find(key);
            if (!value) continue;
            auto text = subject_.values_.snapshot().text(key);
            if (!text) {
                all_.wrong = subject_.values_.failed(text.take_error());
                return all_;
            }
            entries.emplace_back(*text, *value);
        }
        std::ranges::sort(entries, {}, [](const auto &one) { return one.first; });
        for (const auto &[text, value] : entries) {
            keys_.push_back(expr::of_text(text));
            listed_values_.push_back(value);
        }
        all_.count = static_cast<std::uint32_t>(keys_.size());
        all_.keys = keys_.data();
        all_.values = listed_values_.data();
        return all_;
    }

private:
    const Value *find(model::Name key) const {
        auto [known, fresh] = values_.try_emplace(key);
        if (fresh) {
            const auto &metric = subject_.values_.catalog().metrics.items[metric_];
            known->second = subject_.entry(metric.tuple, key).metric(metric_);
        }
        return known->second.failed() ? nullptr : &known->second;
    }

    const MetricValue &metric() const { return subject_.values_.catalog().metrics.items[metric_]; }

    // Keys of rows of behaviour are any texts, and may be of two parts: "anna|large".
    bool of_behaviour() const { return metric().behaviour != nullptr; }
    const Value *find_text(std::string key) const {
        auto [known, fresh] = texts_.try_emplace(key);
        if (fresh) {
            std::ranges::replace(key, '|', '\0');
            const auto after = subject_.window_of(metric());
            known->second = subject_.over_behaviour(metric(), after, subject_.values_.moment().now, key);
        }
        return known->second.failed() ? nullptr : &known->second;
    }
    const expr::MapView &list_texts() const {
        auto found = subject_.behaviour_keys(metric());
        if (!found || found->size() > kEntriesMax) {
            all_.wrong = found ? expr::fail(Code::size, "the map has more than 256 entries: name the key")
                               : subject_.values_.failed(found.take_error());
            return all_;
        }
        for (auto key : *found) {
            std::ranges::replace(key, '\0', '|');
            if (const auto *value = find_text(key)) {
                keys_.push_back(expr::of_text(texts_.find(key)->first));
                listed_values_.push_back(*value);
            }
        }
        all_.count = static_cast<std::uint32_t>(keys_.size());
        all_.keys = keys_.data();
        all_.values = listed_values_.data();
        return all_;
    }

    SubjectValues &subject_;
    std::uint32_t metric_;
    mutable std::map<std::string, Value> texts_;
    expr::MapView view_;
    mutable std::map<model::Name, Value> values_;
    mutable bool listed_ = false;
    mutable expr::MapView all_;
    mutable std::vector<Value> keys_, listed_values_;
};

SubjectValues::~SubjectValues() = default;

SubjectValues &SubjectValues::entry(const std::string &tuple, model::Name key) {
    auto &made = entries_[{tuple, key}];
    if (!made) {
        auto subject = subject_;
        subject.key = key;
        made = std::make_unique<SubjectValues>(values_, subject, nullptr);
        made->whole_ = this;
        made->tuple_ = tuple;
        made->cell_rows_ = cell_rows_;
    }
    return *made;
}

base::Result<std::optional<std::set<model::Name>>> SubjectValues::keys(std::uint32_t place) {
    const auto &metric = values_.catalog().metrics.items[place];
    std::set<model::Name> all;
    const auto take = [&](model::Name key) {
        all.insert(key);
        return all.size() <= kEntriesMax;
    };
    if (metric.of_parties) {
        const auto *of_parties = values_.of_parties(metric);
        if (!of_parties) return std::optional(std::move(all));
        for (const auto &[text, rows] : *of_parties) {
            KITH_LET(code, DirectoryReads(values_.snapshot()).code(text));
            if (code && !take(*code)) break;
        }
    } else if (metric.behaviour) {
        KITH_LET(texts, behaviour_keys(metric));
        for (const auto &text : texts) {
            KITH_LET(code, DirectoryReads(values_.snapshot()).code(text));
            if (code && !take(*code)) break;
        }
    } else if (metric.measure) {
        KITH_LET(family, metric.metric.along.empty()
                             ? base::Result<std::vector<ValueSubject>>(std::vector{subject_})
                             : values_.family(subject_, metric.metric.along));
        for (const auto &one : family) {
            if (all.size() <= kEntriesMax)
                KITH_TRY(values_.sums().codes_after(subject_prefix(*metric.measure->grain, one), take));
        }
    } else if (metric.metric.kind == rules::Metric::Kind::given) {
        KITH_TRY(values_.timeline().given_keys(given_subject(), metric.metric.name, take));
    }
    for (const auto other : metric.of_same_key) {
        KITH_LET(keys, this->keys(other));
        if (!keys) return std::optional<std::set<model::Name>>();
        all.insert(keys->begin(), keys->end());
    }
    if (all.size() > kEntriesMax) return std::optional<std::set<model::Name>>();
    return std::optional(std::move(all));
}

SubjectValues &SubjectValues::at(base::Micros now) {
    if (!elsewhen_) {
        elsewhen_ = std::make_unique<Elsewhen>(*this, now);
    } else if (elsewhen_->values.moment().now != now) {
        elsewhen_->values.move_to(now);
        elsewhen_->subject.forget();
    }
    return elsewhen_->subject;
}

PartyFacts *SubjectValues::facts() {
    if (whole_) return whole_->facts();
    if (!facts_ && subject_.kind == SubjectKind::party) {
        auto found = PartyFacts::of(values_.snapshot(), subject_.party);
        if (!found) {
            values_.failed(found.take_error());
        } else {
            facts_ = std::move(*found);
        }
    }
    return facts_.get();
}

base::ErrorBox SubjectValues::take_error() { return facts_ ? facts_->take_error() : base::ErrorBox(); }

void SubjectValues::forget() {
    ++generation_;
    leaves_.clear();
    memory_.clear();
    maps_.clear();
    given_periods_.clear();
    behaviour_.clear();
    entries_.clear();
}

template <class Make>
const Value &SubjectValues::keep(Of of, std::uint32_t place, const Make &make) {
    auto &kept = kept_[first_kept_[static_cast<std::size_t>(of)] + place];
    if (kept.generation != generation_) kept = {make(), generation_};
    return kept.value;
}

CellRows &SubjectValues::rows(const SubjectKey &subject) {
    const auto text = base::text_of(subject.view());
    if (const auto known = cell_rows_->find(text); known != cell_rows_->end()) return known->second;
    return cell_rows_->emplace(text, CellRows(values_.sums(), subject)).first->second;
}

expr::Outcome SubjectValues::evaluate(const expr::Program &program) {
    return evaluate(program, values_.host());
}

expr::Outcome SubjectValues::evaluate(const expr::Program &program, std::span<const Value> host) {
    if (const auto &path = program.path(); path && is_of_values(path->variable)) {
        const ValueBinding binding(*this);
        const auto group = binding.variable(path->variable, memory_);
        const auto &schema = *program.checked().schema;
        return {schema.record(group.tag).get(group.object, path->field, memory_), expr::kNoNode, 0, 0};
    }
    auto &[all, level] = *values_.evaluators_;
    if (level == kLevelsMax) {
        return {expr::fail(Code::depth, "values are defined in each other too deeply"), expr::kNoNode, 0, 0};
    }
    if (all.size() == level) all.push_back(std::make_unique<expr::Evaluator>());
    auto &evaluator = *all[level];
    ++level;
    const ValueBinding binding(*this, host);
    auto outcome = evaluator.evaluate(program, binding, values_.moment());
    --level;
    return outcome;
}

Value SubjectValues::aggregate(const MetricValue &metric, base::Micros after, base::Micros until) {
    const auto &measure = *metric.measure;
    if (measure.built_through < last_party()) return absent("the metric is being built: run kith run-due");
    const auto read = [&](const Measure &one, base::Micros from, bool with_days) {
        return rows_of(one, metric.metric.along, from, until, with_days);
    };
    if (metric.since) {
        auto last = read(*metric.since, INT64_MIN, false);
        if (!last) return values_.failed(last.take_error());
        if (last->partial.count > 0) after = std::max(after, last->partial.last_at);
    }
    auto found = read(measure, after, metric.metric.aggregate == Aggregate::median_gap);
    if (!found) return values_.failed(found.take_error());
    const auto &partial = found->partial;
    const auto currency = values_.currency();
    if (subject_.key != 0 && partial.count == 0) return absent("no rows");  // no entry of the map
    if (measure.half_life != 0) {
        if (measure.type != TypeKind::money) return expr::of_double(found->decayed);
        return expr::of_money(std::llround(found->decayed), currency);
    }
    return result(metric, measure.type, *found);
}

// What rows of a type come to.
Value SubjectValues::result(const MetricValue &metric, TypeKind type, const Aggregated &rows) {
    const auto &partial = rows.partial;
    const auto currency = values_.currency();
    const auto unknown = [&] { return absent("no rows"); };
    switch (metric.metric.aggregate) {
        case Aggregate::count:
            return expr::of_int(static_cast<std::int64_t>(partial.count));
        case Aggregate::sum:
            return total(type, partial.sum, currency);
        case Aggregate::avg:
            return mean(type, partial.sum, partial.count, currency);
        case Aggregate::min:
            return partial.count ? value_in_cell(type, partial.min, currency) : unknown();
        case Aggregate::max:
            return partial.count ? value_in_cell(type, partial.max, currency) : unknown();
        case Aggregate::first:
        case Aggregate::last: {
            if (!partial.count) return unknown();
            const auto value =
                metric.metric.aggregate == Aggregate::first ? partial.first_value : partial.last_value;
            if (type != TypeKind::string) return value_in_cell(type, value, currency);
            auto text = values_.snapshot().text(static_cast<model::Name>(value));
            return text ? expr::of_text(*text) : values_.failed(text.take_error());
        }
        case Aggregate::distinct:
            return expr::of_int(static_cast<std::int64_t>(rows.listed.size()));
        case Aggregate::median:
            return median(type, rows, currency);
        case Aggregate::median_gap:
            return median_gap(rows.days);
    }
    return unknown();
}

base::Result<Aggregated> SubjectValues::rows_of(const Measure &measure, const std::string &along,
                                                base::Micros after, base::Micros until, bool with_days) {
    const auto read = [&](const ValueSubject &subject) {
        return engine::aggregate(rows(subject_key(*measure.grain, subject)), measure, after, until, with_days,
                                 values_.measurer(), values_.timeline());
    };
    if (along.empty()) return read(subject_);
    KITH_LET(family, values_.family(subject_, along));
    Aggregated all;
    std::map<std::int64_t, std::uint64_t> listed;
    std::set<std::int64_t> days;
    for (const auto &one : family) {
        KITH_LET(rows, read(one));
        all.partial.add(rows.partial);
        all.decayed += rows.decayed;
        for (const auto &[value, times] : rows.listed) listed[value] += times;
        days.insert(rows.days.begin(), rows.days.end());
    }
    all.listed.assign(listed.begin(), listed.end());
    all.days.assign(days.begin(), days.end());
    return all;
}

base::Result<std::optional<model::Score>> SubjectValues::score_given(const MetricValue &metric,
                                                                     base::Micros at) {
    const auto &zone = values_.moment().zone;
    GivenQuery query;
    query.subject = given_subject();
    query.metric = metric.metric.name;
    query.until = values_.moment().now;
    if (subject_.key != 0) {
        KITH_LET(key, values_.snapshot().text(subject_.key));
        query.key = key;
    }
    if (metric.by) {
        query.in_until = at;
        query.period = period_name(*metric.by, at, zone);
        query.after = period_begin(*metric.by, at, zone) - 1;
    }
    return values_.timeline().given(query);
}

Value SubjectValues::given(const MetricValue &metric, base::Micros at) {
    auto found = score_given(metric, at);
    if (!found) return values_.failed(found.take_error());
    if (!*found) return absent("nobody gave a value");
    return values_.given_value(**found, metric.type);
}

// As given() at the period's end; all scores are read once for all periods.
Value SubjectValues::given_in_period(std::uint32_t place, base::Micros begin) {
    const auto &metric = values_.catalog().metrics.items[place];
    const auto &zone = values_.moment().zone;
    const auto [known, fresh] = given_periods_.try_emplace(place);
    auto &periods = known->second;
    if (fresh) {
        const auto subject = given_subject();
        const auto done = values_.timeline().scores(
            subject.kind, &subject, metric.metric.name, INT64_MIN, values_.moment().now,
            [&](const model::Score &score) -> base::Result<void> {
                if (score.key.key != subject_.key) return {};
                const auto keep_last = [&](auto &all, auto period) {
                    const auto [last, first] = all.emplace(period, score);
                    if (!first && last->second.key < score.key) last->second = score;
                };
                if (score.period != 0) {
                    keep_last(periods.by_name, score.period);
                } else {
                    keep_last(periods.by_begin, period_begin(*metric.by, score.key.at, zone));
                }
                return {};
            });
        if (!done) return expr::fail(Code::host, "the data cannot be read");
    }
    const model::Score *best = nullptr;
    if (const auto found = periods.by_begin.find(begin); found != periods.by_begin.end())
        best = &found->second;
    const auto name = DirectoryReads(values_.snapshot()).code(period_name(*metric.by, begin, zone));
    if (name && *name) {
        const auto found = periods.by_name.find(**name);
        if (found != periods.by_name.end() && (!best || best->key < found->second.key)) best = &found->second;
    }
    return best ? values_.given_value(*best, metric.type) : absent("nobody gave a value");
}

Value Values::text(model::Name name) {
    auto text = snapshot_.text(name);
    return text ? expr::of_text(*text) : failed(text.take_error());
}

Value Values::given_value(const model::Score &score, TypeKind type) {
    switch (type) {
        case TypeKind::money:
            if (score.money) return expr::of_money(*score.money, score.currency.packed());
            break;
        case TypeKind::string:
            if (score.text != 0) return text(score.text);
            break;
        default:
            if (!score.number) break;
            if (type == TypeKind::double_) return expr::of_double(*score.number);
            if (type == TypeKind::boolean) return expr::of_bool(*score.number != 0);
            if (std::abs(*score.number) > 9e18) break;
            if (type == TypeKind::int_) return expr::of_int(std::llround(*score.number));
            if (type == TypeKind::date) return expr::of_date(std::llround(*score.number));
            return expr::of_micros(std::llround(*score.number));
    }
    return absent("the value given is of another kind");
}

Value SubjectValues::over_scores(const MetricValue &metric, base::Micros after, base::Micros until) {
    auto found = scores(metric, after, until);
    if (!found) return values_.failed(found.take_error());
    return result(metric, metric.of ? metric.of->checked().type()->kind : TypeKind::null, *found);
}

Value SubjectValues::over_parties(const MetricValue &metric) {
    const auto type = metric.of ? metric.of->checked().type()->kind : TypeKind::null;
    Aggregated all;
    if (subject_.kind == SubjectKind::party) {
        auto added = values_.add_family(metric, subject_, all);
        return added ? result(metric, type, all) : values_.failed(added.take_error());
    }
    const auto *of_parties = values_.of_parties(metric);
    if (!of_parties) return expr::fail(Code::host, "the data cannot be read");
    std::vector<ValueSubject> family{subject_};
    if (!metric.metric.along.empty()) {
        auto found = values_.family(subject_, metric.metric.along);
        if (!found) return values_.failed(found.take_error());
        family = std::move(*found);
    }
    std::map<std::int64_t, std::uint64_t> listed;
    for (const auto &one : family) {
        const auto code = one.key != 0 ? one.key : one.name;
        std::string_view key;
        if (code != 0) {
            auto text = values_.snapshot().text(code);
            if (!text) return values_.failed(text.take_error());
            key = *text;
        }
        const auto found = of_parties->find(key);
        if (found == of_parties->end()) continue;
        all.partial.add(found->second.partial);
        for (const auto &[value, times] : found->second.listed) listed[value] += times;
    }
    all.listed.assign(listed.begin(), listed.end());
    if (subject_.key != 0 && all.partial.count == 0) return absent("no rows");
    return result(metric, type, all);
}

base::Micros SubjectValues::window_of(const MetricValue &metric) {
    const auto &window = metric.metric.window;
    if (window.kind == rules::Window::Kind::sliding) return values_.window_begin(window.length);
    return metric.by && !metric.stock ? values_.period(*metric.by).begin - 1 : INT64_MIN;
}

Value SubjectValues::compute(const MetricValue &metric) {
    const auto &definition = metric.metric;
    switch (definition.kind) {
        case rules::Metric::Kind::aggregate: {
            if (metric.of_parties) return over_parties(metric);
            const auto after = window_of(metric);
            if (metric.of_scores) return over_scores(metric, after, values_.moment().now);
            if (metric.behaviour) return over_behaviour(metric, after, values_.moment().now);
            return aggregate(metric, after, values_.moment().now);
        }
        case rules::Metric::Kind::formula:
            return evaluate(*metric.formula).value;
        case rules::Metric::Kind::given:
            return given(metric, values_.moment().now);
        case rules::Metric::Kind::analysis:
            return absent("the analysis has not run");
    }
    return absent("no value");
}

Value SubjectValues::metric(std::uint32_t place) {
    const auto &tuple = values_.catalog().metrics.items[place].tuple;
    if (whole_ && tuple != tuple_) return whole_->metric(place);
    if (!whole_ && !tuple.empty()) {
        auto &map = maps_[place];
        if (!map) map = std::make_unique<MapEntries>(*this, place);
        return expr::of_map(&map->view());
    }
    return keep(Of::metric, place, [&] {
        auto value = compute(values_.catalog().metrics.items[place]);
        // A text lives as long as the evaluation that made it.
        if (value.is(Kind::string)) {
            auto *copy = memory_.array<char>(value.size + 1);
            if (copy == nullptr) return expr::out_of_memory();
            std::memcpy(copy, value.text, value.size);
            value.text = copy;
        }
        return value;
    });
}

// The first row that is to leave the window, or an instant before it does.
base::Result<base::Micros> SubjectValues::first_leave(const Measure &measure, const rules::Period &length) {
    for (const auto &[of, in, leaves] : leaves_) {
        if (of == &measure && in == length) return leaves;
    }
    auto &cells = rows(subject_key(*measure.grain, subject_));
    KITH_LET(first, leave_of(
                        [&](base::Micros after) {
                            return first_row_after(cells, measure, after, values_.moment().now,
                                                   values_.measurer(), values_.timeline());
                        },
                        length));
    leaves_.emplace_back(&measure, length, first);
    return first;
}

base::Result<base::Micros> SubjectValues::first_leave(const MetricValue &metric) {
    const auto now = values_.moment().now;
    return leave_of(
        [&](base::Micros after) -> base::Result<std::optional<base::Micros>> {
            KITH_LET(at, behaviour_after(metric, after));
            return at && *at <= now ? at : std::optional<base::Micros>();
        },
        metric.metric.window.length);
}

base::Result<base::Micros> SubjectValues::leave_of(const RowAfter &row_after, const rules::Period &length) {
    const auto &zone = values_.moment().zone;
    const auto now = values_.moment().now;
    const auto begin = values_.window_begin(length);
    KITH_LET(at, row_after(begin));
    auto first = at ? zone.add(*at, length.months, length.days, length.micros) : kNever;
    const auto today = zone.local_day(now), begin_day = zone.local_day(begin);
    const auto tomorrow = zone.instant((today + 1) * base::kDay);
    if (first <= now) first = tomorrow;
    // Months are not all as long: about their ends the window begins on one and the same day for several
    // days, whose rows leave it on each of them, and are back in it as the next begins.
    if (length.months != 0 && base::civil_of(today).day >= 28) {
        KITH_LET(again, row_after(zone.instant(begin_day * base::kDay) - 1));
        if (at || again) first = std::min(first, tomorrow);
        if (at && zone.local_day(*at) == begin_day) {
            const auto leaves = zone.instant((today - begin_day) * base::kDay + zone.local(*at));
            if (leaves > now) first = std::min(first, leaves);
        }
    }
    return first;
}

Value SubjectValues::period_value(std::uint32_t place, base::Micros at) {
    const auto &metric = values_.catalog().metrics.items[place];
    if (!metric.by) return absent("the metric is no series: it says no `by`");
    const auto &zone = values_.moment().zone;
    const auto begin = period_begin(*metric.by, at, zone);
    const auto until = std::min(period_next(*metric.by, begin, zone) - 1, values_.moment().now);
    if (begin > until) return absent("the period has not begun");
    if (metric.of_scores) return over_scores(metric, begin - 1, until);
    if (metric.behaviour && !metric.stock) return over_behaviour(metric, begin - 1, until);
    if (metric.measure) return aggregate(metric, metric.stock ? INT64_MIN : begin - 1, until);
    if (metric.metric.kind == rules::Metric::Kind::given) return given_in_period(place, begin);
    // A formula, and a stock, is asked at the end of the period.
    const auto value = this->at(until).metric(place);
    if (value.is(Kind::string)) return absent("texts have no series");
    return value;
}

base::Result<base::Micros> SubjectValues::series_begin(const MetricValue &metric) {
    const auto now = values_.moment().now;
    if (metric.measure) {
        KITH_LET(all, rows_of(*metric.measure, metric.metric.along, INT64_MIN, now, true));
        return all.days.empty() ? now : values_.moment().zone.instant(all.days.front() * base::kDay);
    }
    if (metric.metric.kind == rules::Metric::Kind::given) {
        GivenQuery query;
        query.subject = given_subject();
        query.metric = metric.metric.name;
        query.until = now;
        query.first = true;
        KITH_LET(given, values_.timeline().given(query));
        return given ? given->key.at : now;
    }
    if (metric.of_scores) {
        KITH_LET(rows, scores(metric, INT64_MIN, now));
        return rows.partial.count > 0 ? rows.partial.first_at : now;
    }
    if (metric.behaviour) {
        KITH_LET(first, behaviour_begin(metric));
        return std::min(now, first.value_or(now));
    }
    if (metric.of_parties || subject_.kind == SubjectKind::all) {
        KITH_LET(first, values_.first_at());
        return std::min(now, first);
    }
    if (facts() && facts_->figures() && facts_->figures()->interactions > 0)
        return std::min(now, facts_->figures()->first_at);
    return now;
}

base::Result<std::vector<base::Micros>> SubjectValues::periods(std::uint32_t place) {
    const auto &metric = values_.catalog().metrics.items[place];
    const auto &periods = *metric.by;
    const auto &zone = values_.moment().zone;
    const auto now = values_.moment().now;
    KITH_LET(first, series_begin(metric));
    std::vector<base::Micros> begins;
    for (auto begin = period_begin(periods, first, zone); begin <= now;
         begin = period_next(periods, begin, zone))
        begins.push_back(begin);
    if (std::ssize(begins) > kPeriodsMax) begins.erase(begins.begin(), begins.end() - kPeriodsMax);
    return begins;
}

// From the first period with a value to the open one.
Value SubjectValues::make_series(std::uint32_t place) {
    if (!values_.catalog().metrics.items[place].by) return absent("the metric is no series: it says no `by`");
    auto begins = periods(place);
    if (!begins) return values_.failed(begins.take_error());
    expr::ListBuilder list(memory_);
    bool begun = false;
    for (const auto begin : *begins) {
        const auto value = period_value(place, begin);
        if (value.failed()) {
            if (value.code() != Code::absent) return value;
            if (!begun) continue;  // from the first period that has a value
            return absent("a period in the series has no value");
        }
        begun = true;
        if (!list.add(value)) return expr::out_of_memory();
    }
    return list.list();
}

Value SubjectValues::series(std::uint32_t place) {
    return keep(Of::series, place, [&] { return make_series(place); });
}

const rules::BandClass *SubjectValues::band_class(std::uint32_t place) {
    return band_class(place, evaluate(*values_.catalog().bands.items[place].of).value);
}

const rules::BandClass *SubjectValues::band_class(std::uint32_t place, const Value &value) {
    const auto &bands = values_.catalog().bands.items[place];
    const auto missing = [&]() -> const rules::BandClass * {
        const auto found = std::ranges::find(bands.bands.classes, bands.bands.missing, &rules::BandClass::is);
        return bands.bands.missing.empty() || found == bands.bands.classes.end() ? nullptr : &*found;
    };
    const auto number = number_of(value);
    if (!number) return missing();
    if (bands.bands.kind != rules::Bands::Kind::thresholds) {
        const auto *cuts = bands.of_base ? values_.of_base(*bands.of_base) : nullptr;
        return cuts ? &bands.bands.classes[rules::classify_by(bands.bands, *cuts, *number)] : nullptr;
    }
    return class_by_limits(bands.bands, value, values_.currency(),
                           [&](std::size_t i) { return evaluate(*bands.limits[i]).value; });
}

Value SubjectValues::band(std::uint32_t place) {
    return keep(Of::band, place, [&] {
        const auto *found = band_class(place);
        return found ? expr::of_text(found->is) : absent("the class is unknown");
    });
}

const rules::Cell *SubjectValues::matrix_cell(std::uint32_t place) {
    const auto &matrix = values_.catalog().matrices.items[place];
    const auto x = evaluate(*matrix.x).value;
    if (!x.is(Kind::string)) return nullptr;
    const std::string kept(x.view());
    const auto y = evaluate(*matrix.y).value;
    if (!y.is(Kind::string)) return nullptr;
    return rules::find_cell(matrix.matrix, kept, y.view());
}

Value SubjectValues::cell(std::uint32_t place) {
    return keep(Of::cell, place, [&] {
        const auto *found = matrix_cell(place);
        const auto &missing = values_.catalog().matrices.items[place].matrix.missing;
        return found              ? expr::of_text(found->is)
               : !missing.empty() ? expr::of_text(missing)
                                  : absent("the cell is unknown");
    });
}

Value SubjectValues::indicator_value(const rules::Indicator &indicator, const IndicatorValue &compiled) {
    if (!compiled.asked) return evaluate(*compiled.value).value;
    auto found = asked(indicator, *compiled.asked);
    if (!found) return values_.failed(found.take_error());
    return *found ? expr::of_double((*found)->value) : absent("nobody answered, or too long ago");
}

std::optional<rules::Combined> SubjectValues::combined(std::uint32_t place) {
    const auto &card = values_.catalog().scorecards.items[place];
    // A number beside an amount means major units, here as in bands.
    const auto in_major = [&](const Value &value) {
        auto number = number_of(value);
        if (number && value.is(Kind::money)) *number /= values_.minor_units();
        return number;
    };
    std::vector<std::optional<double>> scores;
    for (std::size_t i = 0; i < card.indicators.size(); ++i) {
        const auto &definition = card.scorecard.indicators[i];
        auto &score = scores.emplace_back();
        const auto value = indicator_value(definition, card.indicators[i]);
        if (!definition.score_by.empty()) {
            const auto bands = values_.catalog().bands.find(definition.score_by);
            const auto *found = bands ? band_class(*bands, value) : nullptr;
            if (found) score = base::parse_number<double>(found->is);
            continue;
        }
        const auto number = in_major(value);
        if (!number) continue;
        if (!definition.normalise) {
            score = *number;
            continue;
        }
        const auto term = [&](const rules::Term &written,
                              const ProgramPtr &program) -> std::optional<double> {
            if (program) return in_major(evaluate(*program).value);
            if (written.is(rules::Term::Kind::money)) {
                if (written.money.currency.packed() != values_.currency()) return std::nullopt;
                return static_cast<double>(written.money.minor) / values_.minor_units();
            }
            return written.is(rules::Term::Kind::number) ? std::optional(written.number) : std::nullopt;
        };
        auto a = term(definition.a, card.indicators[i].a), b = term(definition.b, card.indicators[i].b);
        if (card.indicators[i].of_base) {
            const auto *of_base = values_.of_base(*card.indicators[i].of_base);
            if (!of_base) continue;
            a = of_base->front();
            b = of_base->back();
        }
        if (!a || (!b && !definition.b.is(rules::Term::Kind::none))) continue;
        score =
            rules::normalise(*definition.normalise, *number, *a, b.value_or(0), definition.less_is_better);
        // Between 0 and 1, stretched to the scale.
        if (score && *definition.normalise == rules::Normalise::Kind::min_max) {
            *score = card.scorecard.low + *score * (card.scorecard.high - card.scorecard.low);
        }
    }
    return rules::combine(card.scorecard, scores);
}

Value SubjectValues::score(std::uint32_t place) {
    return keep(Of::score, place, [&] {
        const auto found = combined(place);
        return found ? expr::of_double(static_cast<double>(found->score) / 1e6)
                     : absent("indicators are missing");
    });
}

bool SubjectValues::is_member(std::uint32_t place) {
    const auto &value = keep(Of::segment, place,
                             [&] { return evaluate(*values_.catalog().segments.items[place].when).value; });
    return value.is(Kind::boolean) && value.i != 0;
}

// ---- all ----

Values::Values(const Snapshot &snapshot, std::shared_ptr<const ValueCatalog> catalog, Sums &sums,
               Timeline &timeline, Measurer &measurer, base::Micros now)
    : snapshot_(snapshot),
      catalog_(std::move(catalog)),
      sums_(sums),
      timeline_(timeline),
      measurer_(measurer),
      clock_(std::make_shared<BusinessClock>(catalog_->calendars, snapshot.store().zone())),
      moment_{now, clock_->zone(), clock_.get()},
      currency_(snapshot.store().config().currency.packed()),
      minor_units_(std::pow(10, snapshot.store().config().currency.minor_digits())),
      evaluators_(std::make_shared<Evaluators>()) {}

Values::Values(Values &other, base::Micros now)
    : snapshot_(other.snapshot_),
      catalog_(other.catalog_),
      sums_(other.sums_),
      timeline_(other.timeline_),
      measurer_(other.measurer_),
      other_(&other),
      clock_(other.clock_),
      moment_{now, other.moment_.zone, clock_.get()},
      currency_(other.currency_),
      minor_units_(other.minor_units_),
      evaluators_(other.evaluators_) {}

void Values::move_to(base::Micros now) {
    moment_.now = now;
    subjects_.clear();
    if (walked_) walked_->forget();
    of_parties_.clear();
    behaviour_.clear();
    of_base_.clear();
    window_begins_.clear();
    periods_.clear();
}

Values::~Values() {
    if (other_) return;
    for (const auto &each : evaluators_->all) each->clear();
}

base::Micros Values::window_begin(const rules::Period &length) {
    for (const auto &[known, begin] : window_begins_) {
        if (known == length) return begin;
    }
    const auto begin = moment_.zone.add(moment_.now, -length.months, -length.days, -length.micros);
    return window_begins_.emplace_back(length, begin).second;
}

const Values::Span &Values::period(const rules::Periods &periods) {
    for (const auto &[known, span] : periods_) {
        if (known == periods) return span;
    }
    const auto begin = period_begin(periods, moment_.now, moment_.zone);
    return periods_.emplace_back(periods, Span{begin, period_next(periods, begin, moment_.zone)}).second;
}

SubjectValues *Values::of(const ValueSubject &subject) {
    if (const auto known = subjects_.find(subject); known != subjects_.end()) return known->second.get();
    std::shared_ptr<PartyFacts> facts;
    if (subject.kind == SubjectKind::party) {
        auto found = PartyFacts::of(snapshot_, subject.party);
        if (!found) {
            failed(found.take_error());
            return nullptr;
        }
        if (!*found) return nullptr;
        facts = std::move(*found);
    }
    return subjects_.emplace(subject, std::make_unique<SubjectValues>(*this, subject, std::move(facts)))
        .first->second.get();
}

SubjectValues &Values::walk_to(const base::Id &party, std::shared_ptr<PartyFacts> facts) {
    const ValueSubject subject{SubjectKind::party, party, 0};
    if (!walked_) {
        walked_ = std::make_unique<SubjectValues>(*this, subject, std::move(facts));
        return *walked_;
    }
    if (auto error = walked_->take_error()) failed(std::move(error));
    for (const auto &each : evaluators_->all) each->clear();
    walked_->subject_ = subject;
    walked_->facts_ = std::move(facts);
    walked_->elsewhen_.reset();
    walked_->cell_rows_->clear();
    walked_->forget();
    return *walked_;
}

void Values::add_party(const MetricValue &metric, SubjectValues &party, OfParties &out,
                       const std::string &key) {
    if (metric.where) {
        const auto met = party.evaluate(*metric.where).value;
        if (!met.is(Kind::boolean) || met.i == 0) return;
    }
    rules::Contribution one;
    if (metric.of) {
        const auto value = party.evaluate(*metric.of).value;
        if (value.is(Kind::string)) {
            one.value = static_cast<std::int64_t>(base::hash64(base::bytes_of(value.view())));
        } else if (!contribute(value, currency_, one)) {
            return;
        }
    }
    auto &all = out[key];
    all.partial.add(one);
    const auto aggregate = metric.metric.aggregate;
    if (aggregate != Aggregate::median && aggregate != Aggregate::distinct) return;
    all.listed.emplace_back(one.value, 1);
}

// Apart from what is being evaluated: a walk clears the memory of its evaluators.
std::unique_ptr<Values> Values::apart() {
    auto made = std::make_unique<Values>(*this, moment_.now);
    made->evaluators_ = std::make_shared<Evaluators>();
    return made;
}

bool contribute(const Value &value, std::uint32_t currency, rules::Contribution &one) {
    switch (value.kind) {
        case Kind::money:
            if (value.size != currency) return false;
            [[fallthrough]];
        case Kind::boolean:
        case Kind::int_:
        case Kind::duration:
        case Kind::date:
            one.addend = one.value = value.i;
            return true;
        case Kind::timestamp:
            one.addend = one.value = expr::micros_of(value);
            return true;
        case Kind::double_: {
            const auto addend = rules::fixed_point(value.d);
            if (!addend) return false;
            one.addend = *addend;
            one.value = rules::ordered(value.d);
            return true;
        }
        default:
            return false;  // absent, or failed
    }
}

void sort_listed(Aggregated &all) {
    std::map<std::int64_t, std::uint64_t> listed;
    for (const auto &[value, times] : all.listed) listed[value] += times;
    all.listed.assign(listed.begin(), listed.end());
}

base::Result<void> Values::add_family(const MetricValue &metric, const ValueSubject &subject,
                                      Aggregated &out) {
    std::vector<ValueSubject> family{subject};
    if (!metric.metric.along.empty()) {
        KITH_LET(found, this->family(subject, metric.metric.along));
        family = std::move(found);
    }
    const auto values = apart();
    OfParties all;
    for (const auto &one : family) add_party(metric, values->walk_to(one.party), all, {});
    if (auto error = values->take_error()) return error;
    out = std::move(all[""]);
    sort_listed(out);
    return {};
}

const Values::OfParties *Values::of_parties(const MetricValue &metric) {
    const auto [known, fresh] = of_parties_.try_emplace(&metric);
    if (!fresh) return &known->second;
    auto &all = known->second;
    const auto values = apart();
    auto done = each_party([&](const base::Id &party, const FiguresRow &row) -> base::Result<void> {
        auto &seen = values->walk_to(party);
        std::string key;
        if (metric.key) {
            const auto text = seen.evaluate(*metric.key).value;
            if (!text.is(Kind::string) || text.size == 0) return {};
            key = text.view();
        } else if (metric.metric.subject == SubjectKind::actor) {
            if (row.owner == 0) return {};
            KITH_LET(text, snapshot_.text(row.owner));
            key = text;
        }
        add_party(metric, seen, all, key);
        return {};
    });
    if (!done) {
        failed(done.take_error());
        of_parties_.erase(known);
        return nullptr;
    }
    if (auto error = values->take_error()) failed(std::move(error));
    for (auto &[key, rows] : all) sort_listed(rows);
    return &all;
}

base::Result<void> Values::each_party(
    const std::function<base::Result<void>(const base::Id &, const FiguresRow &)> &take) {
    KITH_LET(cursor, snapshot_.reader().cursor(store::Table::counters));
    KITH_LET(found, cursor.first());
    while (found) {
        KITH_LET(row, cursor.value());
        KITH_LET(figures, decode_figures(row.payload));
        if (!figures.anonymous) KITH_TRY(take(base::Id::from(cursor.key()), figures));
        KITH_LET(more, cursor.next());
        found = more;
    }
    return {};
}

base::Result<base::Micros> Values::first_at() {
    if (!first_at_) {
        first_at_ = base::kMaxTime;
        KITH_TRY(each_party([&](const base::Id &, const FiguresRow &row) -> base::Result<void> {
            if (row.figures.interactions > 0) first_at_ = std::min(*first_at_, row.figures.first_at);
            return {};
        }));
    }
    return *first_at_;
}

base::Result<Actors *> Values::actors() {
    if (other_) return other_->actors();
    if (!actors_) {
        KITH_LET(read, Actors::of(snapshot_));
        actors_ = std::move(read);
    }
    return actors_.get();
}

base::Result<std::vector<ValueSubject>> Values::family(const ValueSubject &subject,
                                                       const std::string &along) {
    std::vector<ValueSubject> all{subject};
    std::set<ValueSubject> seen{subject};  // a tree closed to a ring by an exchange ends all the same
    const auto add = [&](const ValueSubject &one) {
        if (seen.insert(one).second) all.push_back(one);
    };
    const DirectoryReads directory(snapshot_);
    if (along == "part_of") {
        KITH_LET(known, actors());
        KITH_LET(self, directory.code(model::kSelf));
        for (std::size_t i = 0; i < all.size(); ++i) {
            const bool is_self = self && all[i].name == *self;
            const auto [first, last] = known->parts().equal_range(is_self ? 0 : all[i].name);
            for (auto part = first; part != last; ++part) add({SubjectKind::actor, {}, part->second});
        }
        return all;
    }
    const auto kind = std::ranges::find(model::kLinkWords, along);
    if (kind == model::kLinkWords.end())
        return base::fail(base::Status::rule, "there is no tree \"" + along + "\"");
    const auto link = static_cast<model::LinkKind>(kind - model::kLinkWords.begin());
    constexpr std::size_t kPage = 256;
    for (std::size_t i = 0; i < all.size(); ++i) {
        std::string resume;
        for (bool more = true; more;) {
            // Who refers, or is the parent, stands above; a member stands below.
            const bool from = link == model::LinkKind::parent_of || link == model::LinkKind::refers;
            const model::Subject one{model::SubjectKind::party, all[i].party, 0};
            KITH_LET(page, from ? directory.links(one, link, resume, kPage)
                                : directory.links_to(all[i].party, link, resume, kPage));
            for (const auto &each : page.items) {
                const auto &end = from ? each.key.to : each.key.from.party;
                add({SubjectKind::party, end, 0});
            }
            more = page.items.size() == kPage;
            resume = page.resume;
        }
    }
    return all;
}

base::Result<std::optional<model::Score>> Values::of_base(std::uint32_t place, std::size_t number) {
    const auto key = std::to_string(number);
    GivenQuery query;
    query.subject.kind = model::SubjectKind::all;
    query.metric = catalog_->of_base[place].metric;
    query.key = key;
    query.until = moment_.now;
    return timeline_.given(query);
}

const std::vector<double> *Values::of_base(std::uint32_t place) {
    auto [known, fresh] = of_base_.try_emplace(place);
    if (!fresh) return known->second ? &*known->second : nullptr;
    const auto &definition = catalog_->of_base[place];
    std::vector<double> numbers;
    base::Micros taken = 0;
    for (std::size_t i = 0; i < definition.count; ++i) {
        auto found = of_base(place, i + 1);
        if (!found) {
            failed(found.take_error());
            return nullptr;
        }
        // All of one run, and of this version.
        if (!*found || !(*found)->number || (*found)->definition_version != definition.version)
            return nullptr;
        if (i == 0) taken = (*found)->key.at;
        if ((*found)->key.at != taken) return nullptr;
        numbers.push_back(*(*found)->number);
    }
    known->second = std::move(numbers);
    return &*known->second;
}

Value Values::failed(base::ErrorBox error) {
    if (other_) return other_->failed(std::move(error));
    if (!error_) error_ = std::move(error);
    return expr::fail(Code::host, "the data cannot be read");
}

base::ErrorBox Values::take_error() {
    if (error_) return std::move(error_);
    for (auto &[subject, values] : subjects_) {
        if (auto error = values->take_error()) return error;
    }
    return walked_ ? walked_->take_error() : base::ErrorBox();
}

}  // namespace kith::engine
