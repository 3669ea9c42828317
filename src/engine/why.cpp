#include "engine/why.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/hash.hpp"
#include "engine/value_records.hpp"
#include "engine/value_table.hpp"
#include "engine/why_tree.hpp"
#include "expr/explain.hpp"

namespace kith::engine {

using base::Status;
using expr::Kind;
using expr::NodeKind;
using expr::TypeKind;
using expr::Value;
using rules::Contribution;

namespace {

constexpr std::uint32_t kTreeDepth = 40;

// What an expression reads of definitions: "m", "sales_12m"; of the base where it stands behind `all`.
struct Operand {
    std::string_view group, name;
    bool of_base = false;
    auto operator<=>(const Operand &) const = default;
};

constexpr std::string_view kOperandGroups[] = {"m",    "series",  "band",    "score",
                                               "cell", "segment", "setting", "policy"};

std::vector<Operand> operands_of(const expr::Program &program) {
    const auto &tree = program.checked().tree;
    std::vector<Operand> found;
    for (expr::NodeId id = 0; id < tree.size(); ++id) {
        const auto &node = tree[id];
        if (node.kind != NodeKind::select || node.count != 1) continue;
        const auto *of = &tree[tree.child(id, 0)];
        Operand one{of->name, node.name, false};
        if (of->kind == NodeKind::select && of->count == 1) {
            const auto &base = tree[tree.child(tree.child(id, 0), 0)];
            one.of_base = base.kind == NodeKind::identifier && base.name == "all";
            if (!one.of_base) continue;
        } else if (of->kind != NodeKind::identifier) {
            continue;
        }
        if (std::ranges::find(kOperandGroups, one.group) == std::end(kOperandGroups)) continue;
        if (std::ranges::find(found, one) == found.end()) found.push_back(one);
    }
    return found;
}

// A row that a metric counts, as it is shown.
struct CountedRow {
    base::Micros at = 0;
    model::InteractionKey key;
    std::string type, value;
};

class Reasons {
public:
    Reasons(const Snapshot &snapshot, const WhyQuery &query, ValuesAt &at, WhyTree &tree)
        : snapshot_(snapshot),
          query_(query),
          values_(at.values()),
          catalog_(at.catalog()),
          tree_(tree),
          schema_(make_value_schema(at.catalog(), query.subject.kind)) {}

    // False: no value of such subjects has the name.
    base::Result<bool> run() {
        auto name = query_.name;
        std::string_view group;
        if (const auto dot = name.find('.'); dot != std::string_view::npos) {
            group = name.substr(0, dot);
            name.remove_prefix(dot + 1);
        }
        auto *subject = values_.of(query_.subject);
        if (!subject) {
            if (auto error = values_.take_error()) return error;
            return base::fail(Status::missing, "there is no such subject");
        }
        for (const std::string_view one : {"m", "band", "score", "cell", "segment", "setting"}) {
            if (!group.empty() && group != one) continue;
            KITH_LET(known, explain(*subject, {one, name, false}, 0));
            if (!known) continue;
            if (error_) return std::move(error_);
            if (auto error = values_.take_error()) return error;
            return true;
        }
        return false;
    }

    using Row = WhyRow;
    std::size_t add(Row row) { return tree_.add(std::move(row)); }
    void put_real(std::size_t column, std::size_t row, double value) { tree_.put_real(column, row, value); }
    void put_text(std::size_t column, std::size_t row, std::string value) {
        tree_.put_text(column, row, std::move(value));
    }
    bool full() const { return tree_.full(); }

    std::string text_of(const Value &value) const { return plain_text(value, *schema_, values_.moment()); }
    static std::string unknown(const Value &value) {
        if (!value.failed()) return value.is(Kind::null) ? "unknown" : "";
        return "unknown: " + std::string(value.text);  // a static text
    }

    // False: nothing has this name among the subject's. Each is explained once.
    base::Result<bool> explain(SubjectValues &subject, const Operand &of, std::uint32_t level) {
        if (of.group == "m" || of.group == "series") return explain_metric(subject, of, level);
        if (of.group == "band") return explain_bands(subject, of, level);
        if (of.group == "score") return explain_score(subject, of, level);
        if (of.group == "cell" || of.group == "policy") return explain_cell(subject, of, level);
        if (of.group == "segment") return explain_segment(subject, of, level);
        return explain_setting(of, level);
    }

    // True the first time; else the row says that it stands above.
    bool first_time(const Operand &of, std::size_t row) {
        const bool first = shown_
                               .emplace(std::string(of.of_base ? "all." : "") + std::string(of.group) + "." +
                                        std::string(of.name))
                               .second;
        if (!first) {
            const auto &detail = tree_.detail(row);
            put_text(4, row, detail + (detail.empty() ? "" : "; ") + "shown above");
        }
        return first && !full() && tree_.level(row) < kTreeDepth;
    }

    std::string name_of(const Operand &of) const {
        return std::string(of.of_base ? "all." : "") + std::string(of.group) + "." + std::string(of.name);
    }

    base::Result<void> explain_operands(SubjectValues &subject, const expr::Program &program,
                                        std::uint32_t level) {
        for (const auto &operand : operands_of(program)) {
            if (full()) return {};
            auto *of = operand.of_base ? values_.of({SubjectKind::all, {}, 0}) : &subject;
            if (of) KITH_TRY(explain(*of, operand, level));
        }
        return {};
    }

    base::Result<bool> explain_metric(SubjectValues &subject, const Operand &of, std::uint32_t level) {
        const auto place = catalog_.metrics.find(of.name);
        if (!place || catalog_.metrics.items[*place].owner != subject.subject().kind) {
            return explain_figure(subject, of, level);
        }
        const auto &metric = catalog_.metrics.items[*place];
        if (!metric.metric.key.empty() && metric.tuple.empty()) return false;
        const bool series = of.group == "series";
        const auto value = series ? subject.series(*place) : subject.metric(*place);
        auto detail = value.failed() ? unknown(value) : std::string();
        if (metric.formula && !value.failed()) detail = "= " + metric.metric.value.text;
        if (!metric.metric.unit.empty()) detail += (detail.empty() ? "" : "; ") + metric.metric.unit;
        const auto row = add({level, series ? "series" : "metric", name_of(of), text_of(value), detail,
                              "metric", of.name, metric.version});
        if (!first_time(of, row) || !metric.tuple.empty()) return true;
        if (metric.metric.kind == rules::Metric::Kind::given && !value.failed())
            KITH_TRY(explain_given(subject, metric, level + 1));
        if (metric.of_parties) explain_parties(metric, level + 1);
        if (metric.of_scores) KITH_TRY(explain_scores(subject, metric, level + 1));
        if (metric.behaviour) KITH_TRY(explain_behaviour(subject, metric, level + 1));
        if (metric.formula) KITH_TRY(explain_operands(subject, *metric.formula, level + 1));
        if (metric.measure) KITH_TRY(explain_rows(subject, metric, level + 1));
        return true;
    }

    base::Result<void> explain_scores(SubjectValues &subject, const MetricValue &metric,
                                      std::uint32_t level) {
        const auto window = subject.window_of(metric);
        KITH_LET(rows, subject.scores(metric, window, values_.moment().now));
        std::string detail = "scores of " + metric.metric.rows.types[0];
        if (metric.metric.of) detail += ", of each " + metric.metric.of->text;
        if (metric.metric.where) detail += ", where " + metric.metric.where->text;
        detail += window == INT64_MIN ? "; all" : "; after " + base::format_time(window);
        const auto count = rows.partial.count;
        add({level,
             "window",
             "window",
             std::to_string(count) + (count == 1 ? " row" : " rows"),
             detail,
             {},
             {},
             0});
        return {};
    }

    // Cases and commitments: how many count, and the newest of them.
    base::Result<void> explain_behaviour(SubjectValues &subject, const MetricValue &metric,
                                         std::uint32_t level) {
        const auto after = subject.window_of(metric), until = values_.moment().now;
        std::vector<ValueSubject> family{subject.subject()};
        if (!metric.metric.along.empty()) {
            KITH_LET(found, values_.family(subject.subject(), metric.metric.along));
            family = std::move(found);
        }
        struct Counted {
            BehaviourRow row;
            std::string what;
        };
        std::vector<Counted> rows;
        std::set<std::string> actors;
        const bool of_actors = subject.subject().kind == SubjectKind::actor;
        const TakeBehaviour take = [&](const BehaviourRow &row) -> base::Result<void> {
            if (row.one.at <= after || row.one.at > until) return {};
            if (of_actors && !actors.contains(row.keys[0])) return {};
            rows.push_back({row, std::string(row.what)});
            return {};
        };
        if (of_actors) {
            for (const auto &one : family) {
                KITH_LET(text, snapshot_.text(one.name));
                actors.emplace(text);
            }
            family.resize(1);
        }
        for (const auto &one : family) {
            auto *each = values_.of(one);
            if (each) KITH_TRY(each->each_behaviour(metric, take));
        }
        std::string detail = metric.metric.rows.types[0];
        if (metric.metric.of) detail += ", of each " + metric.metric.of->text;
        if (metric.metric.where) detail += ", where " + metric.metric.where->text;
        if (metric.metric.at) detail += ", at " + metric.metric.at->text;
        detail += after == INT64_MIN ? "; all" : "; after " + base::format_time(after);
        add({level,
             "window",
             "window",
             std::to_string(rows.size()) + (rows.size() == 1 ? " row" : " rows"),
             detail + ", until " + base::format_time(until),
             {},
             {},
             0});
        std::ranges::stable_sort(rows, [](auto &a, auto &b) { return a.row.one.at > b.row.one.at; });
        if (rows.size() > query_.rows_max) rows.resize(query_.rows_max);
        for (const auto &[row, what] : rows) {
            if (full()) break;
            const auto at = add({level + 1,
                                 "row",
                                 what,
                                 base::to_text(row.record),
                                 base::format_time(row.one.at),
                                 {},
                                 {},
                                 0});
            KITH_LET(host_key, Reads(snapshot_).host_key(row.party));
            put_text(10, at, host_key.empty() ? base::to_text(row.party) : std::string(host_key));
        }
        return {};
    }

    void explain_parties(const MetricValue &metric, std::uint32_t level) {
        std::string detail = "each party as it is at the instant";
        if (metric.metric.of) detail += ", of each " + metric.metric.of->text;
        if (metric.metric.where) detail += ", where " + metric.metric.where->text;
        add({level, "rows", "parties", {}, detail, {}, {}, 0});
    }

    // What was given: when, by whom, from where.
    base::Result<void> explain_given(SubjectValues &subject, const MetricValue &metric, std::uint32_t level) {
        KITH_LET(score, subject.score_given(metric, values_.moment().now));
        if (!score) return {};
        std::string detail(model::word_of(score->nature));
        const auto more = [&](const char *word, model::Name name) -> base::Result<void> {
            if (name == 0) return {};
            KITH_LET(text, snapshot_.text(name));
            detail += std::string(", ") + word + " " + std::string(text);
            return {};
        };
        KITH_TRY(more("by", score->author));
        KITH_TRY(more("source", score->source));
        KITH_TRY(more("system", score->system));
        KITH_TRY(more("method", score->method));
        KITH_TRY(more("of period", score->period));
        if (score->n) detail += ", of " + std::to_string(*score->n);
        add({level, "given", metric.metric.name, base::format_time(score->key.at), detail, {}, {}, 0});
        return {};
    }

    // kith's own figures of a party.
    base::Result<bool> explain_figure(SubjectValues &subject, const Operand &of, std::uint32_t level) {
        if (!subject.facts() || of.group != "m") return false;
        const auto fields = figure_fields();
        const auto found = std::ranges::find(fields, of.name, &expr::Field::name);
        if (found == fields.end()) return false;
        expr::Memory memory;
        const auto value =
            figure_value(static_cast<std::uint32_t>(found - fields.begin()), *subject.facts(), memory);
        add({level, "figure", name_of(of), text_of(value), unknown(value), {}, {}, 0});
        return true;
    }

    base::Result<bool> explain_bands(SubjectValues &subject, const Operand &of, std::uint32_t level) {
        const auto place = catalog_.bands.find(of.name);
        if (!place || catalog_.bands.items[*place].bands.subject != subject.subject().kind) return false;
        const auto &bands = catalog_.bands.items[*place];
        const auto value = subject.band(*place);
        const auto *taken = subject.band_class(*place);
        auto row = add(
            {level, "band", name_of(of), text_of(value), unknown(value), "bands", of.name, bands.version});
        if (!first_time(of, row)) return true;
        if (!bands.of) return true;
        const auto number = subject.evaluate(*bands.of).value;
        add({level + 1, "of", bands.bands.of.text, text_of(number), unknown(number), {}, {}, 0});
        KITH_TRY(explain_operands(subject, *bands.of, level + 2));
        const auto &classes = bands.bands.classes;
        if (!taken || classes.empty() || taken < classes.data() || taken >= classes.data() + classes.size())
            return true;
        if (bands.bands.kind != rules::Bands::Kind::thresholds) {
            return explain_cuts(bands, *bands.of_base, static_cast<std::size_t>(taken - classes.data()),
                                level + 1);
        }
        if (number.failed()) {
            add({level + 1, "limit", taken->is, {}, "the class of a missing value", {}, {}, 0});
            return true;
        }
        const auto i = static_cast<std::size_t>(taken - classes.data());
        const auto limit = [&](std::size_t which, bool below) {
            const auto &one = classes[which];
            const char *word =
                below ? (one.included ? "up to " : "below ") : (one.included ? "above " : "from ");
            return word + limit_text(subject, one.limit, bands.limits[which]);
        };
        std::string between;
        if (i > 0) between = limit(i - 1, false);
        if (i + 1 < classes.size()) between += (between.empty() ? "" : ", ") + limit(i, true);
        add({level + 1, "limit", taken->is, between, {}, {}, {}, 0});
        for (const auto which : {i - 1, i}) {
            if (which < bands.limits.size() && bands.limits[which])
                KITH_TRY(explain_operands(subject, *bands.limits[which], level + 2));
        }
        return true;
    }

    // All cuts between the classes, in order: of amounts they are amounts.
    base::Result<bool> explain_cuts(const BandsValue &bands, std::uint32_t place, std::size_t taken,
                                    std::uint32_t level) {
        const auto *cuts = values_.of_base(place);
        KITH_LET(run, values_.of_base(place, 1));
        std::string detail = "by its place in the base";
        if (cuts && run) {
            detail += "; cuts taken " + base::format_time(run->key.at);
            if (run->n) detail += " of " + std::to_string(*run->n) + (*run->n == 1 ? " party" : " parties");
        }
        add({level, "limit", bands.bands.classes[taken].is, {}, detail, {}, {}, 0});
        const bool amounts = bands.of->checked().type()->kind == TypeKind::money;
        for (std::size_t i = 0; cuts && i < cuts->size() && !full(); ++i) {
            const auto cut = (*cuts)[i];
            const auto value =
                amounts ? expr::of_money(std::llround(cut), values_.currency()) : expr::of_double(cut);
            add({level + 1, "cut", std::to_string(i + 1), text_of(value), {}, {}, {}, 0});
        }
        return true;
    }

    // What an indicator is normalised by.
    base::Result<void> explain_of_base(std::uint32_t place, std::uint32_t level) {
        const bool range = catalog_.of_base[place].normalise == rules::Normalise::Kind::min_max;
        const auto *numbers = values_.of_base(place);
        KITH_LET(run, values_.of_base(place, 1));
        if (!numbers || !run) {
            add({level, "base", "base", {}, "not taken yet: run kith run-due", {}, {}, 0});
            return {};
        }
        const auto detail = "taken " + base::format_time(run->key.at) + " of " +
                            std::to_string(run->n.value_or(0)) + " parties";
        for (std::size_t i = 0; i < 2; ++i) {
            const auto *name = range ? (i == 0 ? "least" : "greatest") : (i == 0 ? "mean" : "deviation");
            add({level, "base", name, text_of(expr::of_double((*numbers)[i])), detail, {}, {}, 0});
        }
        return {};
    }

    std::string limit_text(SubjectValues &subject, const rules::Term &term, const ProgramPtr &program) const {
        if (program) return text_of(subject.evaluate(*program).value);
        if (term.is(rules::Term::Kind::money))
            return text_of(expr::of_money(term.money.minor, term.money.currency.packed()));
        return text_of(expr::of_double(term.number));
    }

    base::Result<bool> explain_cell(SubjectValues &subject, const Operand &of, std::uint32_t level) {
        const auto place = catalog_.matrices.find(of.name);
        if (!place || catalog_.matrices.items[*place].matrix.subject != subject.subject().kind) return false;
        const auto &matrix = catalog_.matrices.items[*place];
        const auto value = subject.cell(*place);
        std::string policy;
        if (const auto *cell = subject.matrix_cell(*place)) {
            for (const auto &[name, term] : cell->policy) {
                policy += (policy.empty() ? "policy: " : ", ") + name + " " + term_text(term);
            }
        }
        const Operand named{"cell", of.name, of.of_base};
        const auto row = add({level, "cell", name_of(named), text_of(value),
                              value.failed() ? unknown(value) : policy, "matrix", of.name, matrix.version});
        if (!first_time(named, row)) return true;
        for (const auto &[axis, source, program] :
             {std::tuple("x", &matrix.matrix.x, &matrix.x), std::tuple("y", &matrix.matrix.y, &matrix.y)}) {
            const auto outcome = subject.evaluate(**program).value;
            add({level + 1, axis, source->text, text_of(outcome), unknown(outcome), {}, {}, 0});
            KITH_TRY(explain_operands(subject, **program, level + 2));
        }
        return true;
    }

    std::string term_text(const rules::Term &term) const {
        switch (term.kind) {
            case rules::Term::Kind::money:
                return text_of(expr::of_money(term.money.minor, term.money.currency.packed()));
            case rules::Term::Kind::text:
                return term.text;
            case rules::Term::Kind::boolean:
                return term.boolean ? "true" : "false";
            default:
                return text_of(expr::of_double(term.number));
        }
    }

    // "median of 3 raters, from 2 to 5, spread 1.2, round 2; answered 2026-01-05T00:00:00Z to ..."
    std::string answers_text(const rules::Indicator &indicator, const Asked &said) const {
        static constexpr std::string_view kWords[] = {"mean", "median", "min", "max", "last"};
        const auto number = [&](double value) { return text_of(expr::of_double(value)); };
        auto text = std::string(kWords[static_cast<std::size_t>(indicator.combine)]) + " of " +
                    std::to_string(said.raters) + (said.raters == 1 ? " rater" : " raters");
        if (said.raters > 1)
            text += ", from " + number(said.least) + " to " + number(said.most) + ", spread " +
                    number(said.spread);
        if (said.round != 0) text += ", round " + std::to_string(said.round);
        text += "; answered " + base::format_time(said.first_at);
        if (said.last_at != said.first_at) text += " to " + base::format_time(said.last_at);
        return text + ": " + indicator.form + "." + indicator.item;
    }

    base::Result<bool> explain_score(SubjectValues &subject, const Operand &of, std::uint32_t level) {
        const auto place = catalog_.scorecards.find(of.name);
        if (!place || catalog_.scorecards.items[*place].scorecard.subject != subject.subject().kind)
            return false;
        const auto &card = catalog_.scorecards.items[*place];
        const auto value = subject.score(*place);
        const auto row = add({level, "score", name_of(of), text_of(value), unknown(value), "scorecard",
                              of.name, card.version});
        if (!first_time(of, row)) return true;
        const auto combined = subject.combined(*place);
        for (std::size_t i = 0; i < card.indicators.size(); ++i) {
            const auto &indicator = card.scorecard.indicators[i];
            const auto &program = card.indicators[i].value;
            const auto *answers = card.indicators[i].asked;
            std::optional<Asked> said;
            if (answers) {
                KITH_LET(found, subject.asked(indicator, *answers));
                said = found;
            }
            const auto number = program ? subject.evaluate(*program).value
                                : said  ? expr::of_double(said->value)
                                        : expr::fail(expr::Code::absent, "nobody answered, or too long ago");
            const auto at = add({level + 1,
                                 "indicator",
                                 indicator.name,
                                 text_of(number),
                                 number.failed() ? unknown(number)
                                 : said          ? answers_text(indicator, *said)
                                                 : "= " + indicator.value.text,
                                 {},
                                 {},
                                 0});
            put_real(8, at, indicator.weight);
            if (combined) put_real(9, at, static_cast<double>(combined->addends[i]) / 1e6);
            if (!indicator.score_by.empty()) {
                KITH_TRY(explain(subject, {"band", indicator.score_by, false}, level + 2));
            }
            if (program) KITH_TRY(explain_operands(subject, *program, level + 2));
            if (card.indicators[i].of_base) KITH_TRY(explain_of_base(*card.indicators[i].of_base, level + 2));
        }
        return true;
    }

    base::Result<bool> explain_segment(SubjectValues &subject, const Operand &of, std::uint32_t level) {
        const auto place = catalog_.segments.find(of.name);
        if (!place || catalog_.segments.items[*place].segment.subject != subject.subject().kind) return false;
        const auto &segment = catalog_.segments.items[*place];
        const bool is_member = subject.is_member(*place);
        const auto row = add({level, "segment", name_of(of), is_member ? "true" : "false",
                              segment.segment.when.text, "segment", of.name, segment.version});
        if (!first_time(of, row)) return true;
        KITH_TRY(explain_membership(subject, segment, of.name, is_member, level + 1));
        conditions(subject, *segment.when, segment.segment.when.text, {}, level);
        KITH_TRY(explain_operands(subject, *segment.when, level + 1));
        return true;
    }

    // The sub-expressions that decided one, which stands above them.
    Value conditions(SubjectValues &subject, const expr::Program &program, std::string_view source,
                     std::span<const Value> host, std::uint32_t level, bool whole = false) {
        expr::Evaluator evaluator;
        const ValueBinding binding(subject, host);
        const auto explained = expr::explain(evaluator, program, binding, values_.moment());
        const auto &checked = program.checked();
        const auto text = [&](const Value &value) {
            return plain_text(value, *checked.schema, values_.moment());
        };
        for (const auto &reason : explained.reasons) {
            if ((reason.level == 0 && !whole) || full()) continue;
            const auto span = checked.tree[reason.node].span;
            const auto words = reason.level == 0 ? source : source.substr(span.begin, span.end - span.begin);
            add({level + reason.level,
                 "condition",
                 std::string(words),
                 text(reason.value),
                 unknown(reason.value),
                 {},
                 {},
                 0});
        }
        const auto value = explained.outcome.value;
        evaluator.clear();
        return value;
    }

    // Since when it is in or out, and why: the last of its log at the instant asked about.
    base::Result<void> explain_membership(const SubjectValues &subject, const SegmentValue &segment,
                                          std::string_view name, bool is_member, std::uint32_t level) {
        if (!segment.watch || subject.subject().kind != SubjectKind::party) return {};
        const Reads reads(snapshot_);
        KITH_LET(kept, reads.segment(name));
        if (!kept || kept->name == 0) return {};
        KITH_LET(log, reads.membership_log(subject.subject().party, kept->name));
        const model::Transition *last = nullptr;
        for (const auto &one : log) {
            if (one.at <= values_.moment().now) last = &one;
        }
        if (!last) return {};
        KITH_LET(to, snapshot_.text(last->to));
        std::string detail;
        switch (last->cause) {
            case model::Cause::event: {
                KITH_LET(event, snapshot_.text(last->event));
                detail =
                    "because of " + std::string(event) + " at " + base::format_time(last->interaction.at);
                break;
            }
            case model::Cause::timer:
                detail = "because time went by";
                break;
            case model::Cause::hand:
                detail = "because a record was changed";
                break;
            case model::Cause::definition:
                detail = "because the definition was installed, or its cuts were taken";
                break;
        }
        if (last->late) detail += ", recorded late";
        // Time went by and nobody ran what is due.
        if ((to == kIn) != is_member) detail += "; so it is kept: kith run-due brings it up to date";
        const auto row =
            add({level, "since", std::string(to), base::format_time(last->at), detail, {}, {}, 0});
        if (last->cause == model::Cause::event)
            put_text(11, row, base::to_hex(index::interaction(last->interaction).view()));
        return {};
    }

    base::Result<bool> explain_setting(const Operand &of, std::uint32_t level) {
        const auto found = catalog_.settings.find(of.name);
        if (found == catalog_.settings.end()) return false;
        std::uint32_t version = 0;
        for (const auto &one : tree_.definitions().definitions) {
            if (!one.definition && one.setting.name == of.name) version = one.version;
        }
        add({level, "setting", name_of(of), found->second.by.empty() ? term_text(found->second.value) : "",
             found->second.by.empty() ? "" : "a table by code", "setting", of.name, version});
        return true;
    }

    // ---- rows ----

    base::Result<void> explain_rows(SubjectValues &subject, const MetricValue &metric, std::uint32_t level) {
        const auto &measure = *metric.measure;
        if (measure.built_through < last_party()) return {};
        const auto &zone = values_.moment().zone;
        const auto until = values_.moment().now;
        std::vector<ValueSubject> family{subject.subject()};
        if (!metric.metric.along.empty()) {
            KITH_LET(found, values_.family(subject.subject(), metric.metric.along));
            family = std::move(found);
            add({level,
                 "tree",
                 metric.metric.along,
                 std::to_string(family.size()) + (family.size() == 1 ? " subject" : " subjects"),
                 "itself and all below it",
                 {},
                 {},
                 0});
        }
        const auto rows_of = [&](const Measure &one, base::Micros from) -> base::Result<rules::Partial> {
            rules::Partial all;
            for (const auto &each : family) {
                CellRows cells(values_.sums(), subject_key(*one.grain, each));
                KITH_LET(rows,
                         aggregate(cells, one, from, until, false, values_.measurer(), values_.timeline()));
                all.add(rows.partial);
            }
            return all;
        };
        auto after = INT64_MIN;
        std::string since = "all rows";
        const auto &window = metric.metric.window;
        if (window.kind == rules::Window::Kind::sliding) {
            after = zone.add(until, -window.length.months, -window.length.days, -window.length.micros);
            since = "after " + base::format_time(after);
        } else if (metric.by && !metric.stock) {
            after = period_begin(*metric.by, until, zone) - 1;
            since = "from " + base::format_time(after + 1);
        }
        if (metric.since) {
            KITH_LET(last, rows_of(*metric.since, INT64_MIN));
            if (last.count > 0 && last.last_at > after) {
                after = last.last_at;
                since = "after " + base::format_time(after);
            }
        }
        KITH_LET(all, rows_of(measure, after));
        std::string detail;
        for (const auto &type : metric.metric.rows.types) {
            detail += (detail.empty() ? "" : ", ") + type;
            if (metric.metric.rows.kind == rules::RowSource::Kind::line) detail += ".line";
        }
        if (metric.metric.of) detail += ", of each " + metric.metric.of->text;
        if (metric.metric.where) detail += ", where " + metric.metric.where->text;
        detail += "; " + since + ", until " + base::format_time(until);
        if (measure.half_life != 0) {
            const auto days = static_cast<double>(measure.half_life) / static_cast<double>(base::kDay);
            detail += "; a row's weight halves every " + text_of(expr::of_double(days)) + " days";
        }
        add({level,
             "window",
             "window",
             std::to_string(all.count) + (all.count == 1 ? " row" : " rows"),
             detail,
             {},
             {},
             0});
        if (query_.rows_max == 0 || all.count == 0) return {};
        std::vector<CountedRow> rows;
        for (const auto &each : family) {
            KITH_LET(newest, newest_rows(measure, subject_key(*measure.grain, each), after, until));
            rows.insert(rows.end(), newest.begin(), newest.end());
        }
        keep_newest(rows);
        for (auto &one : rows) {
            if (full()) break;
            const auto at =
                add({level + 1, "row", one.type, one.value, base::format_time(one.at), {}, {}, 0});
            KITH_LET(host_key, Reads(snapshot_).host_key(one.key.party));
            put_text(10, at, host_key.empty() ? base::to_text(one.key.party) : std::string(host_key));
            if (!measure.grain->of_changes)
                put_text(11, at, base::to_hex(index::interaction(one.key).view()));
        }
        return {};
    }

    // From spans that grow towards the past, so that a long history is not read for its end.
    base::Result<std::vector<CountedRow>> newest_rows(const Measure &measure, const SubjectKey &key,
                                                      base::Micros after, base::Micros until) {
        std::vector<CountedRow> rows;
        for (auto span = 32 * base::kDay;; span *= 8) {
            const bool whole =
                until < after || span <= 0 || span > until - base::kMinTime || until - span <= after;
            const auto from = whole ? after : until - span;
            rows.clear();
            auto &measurer = values_.measurer();
            KITH_TRY(values_.sums().measure(
                *measure.grain, key, from, until, measurer, values_.timeline(),
                [&](const Brought &brought) -> base::Result<void> {
                    if (const auto *change = measurer.change()) {
                        rows.push_back({change->key.at, change->key,
                                        std::string(change->entered ? kEntered : kLeft),
                                        std::string(measurer.text(change->segment))});
                        return {};
                    }
                    const auto &row = measurer.interaction(RowView{});
                    rows.push_back({row.key.at, row.key, std::string(measurer.text(row.type)),
                                    value_text(measure, brought.contribution, row)});
                    return {};
                },
                [&](const Measure &one) { return &one == &measure; }));
            if (whole || rows.size() >= query_.rows_max) break;
        }
        keep_newest(rows);
        return rows;
    }
    void keep_newest(std::vector<CountedRow> &rows) const {
        std::ranges::stable_sort(rows, [](auto &a, auto &b) { return a.at > b.at; });
        if (rows.size() > query_.rows_max) rows.resize(query_.rows_max);
    }

    std::string value_text(const Measure &measure, const Contribution &one,
                           const model::Interaction &row) const {
        const auto currency = values_.currency();
        switch (measure.type) {
            case TypeKind::null:
                return row.amount ? text_of(expr::of_money(*row.amount, currency)) : std::string();
            case TypeKind::boolean:
                return one.value ? "true" : "false";
            case TypeKind::double_:
                return text_of(expr::of_double(rules::from_ordered(one.value)));
            case TypeKind::money:
                return text_of(expr::of_money(one.value, currency));
            case TypeKind::duration:
                return text_of(expr::of_duration(one.value));
            case TypeKind::date:
                return text_of(expr::of_date(one.value));
            case TypeKind::timestamp:
                return base::format_time(one.value);
            case TypeKind::string: {
                const auto text = snapshot_.text(static_cast<model::Name>(one.value));
                return text ? std::string(*text) : std::string();
            }
            default:
                return std::to_string(one.value);
        }
    }

private:
    const Snapshot &snapshot_;
    const WhyQuery &query_;
    Values &values_;
    const ValueCatalog &catalog_;
    WhyTree &tree_;
    std::shared_ptr<const expr::Schema> schema_;
    std::set<std::string> shown_;
    base::ErrorBox error_;
};

}  // namespace

// ---- the rows ----

WhyTree::WhyTree(const Catalog &definitions) : definitions_(definitions) {
    const auto text = [&](const char *name) {
        auto &column = out_.columns.emplace_back();
        column.name = name;
        column.type = Column::Type::text;
    };
    out_.columns.push_back(column_of("level", TypeKind::int_));
    for (const auto *name : {"kind", "name", "value", "detail", "definition"}) text(name);
    out_.columns.push_back(column_of("version", TypeKind::int_));
    text("source");
    out_.columns.push_back(column_of("weight", TypeKind::double_));
    out_.columns.push_back(column_of("addend", TypeKind::double_));
    for (const auto *name : {"party", "interaction"}) text(name);
}

std::size_t WhyTree::add(WhyRow row) {
    auto &columns = out_.columns;
    columns[0].ints.push_back(row.level);
    columns[0].present.push_back(1);
    const auto text = [&](std::size_t column, std::string value) {
        columns[column].present.push_back(!value.empty());
        columns[column].texts.push_back(std::move(value));
    };
    text(1, std::string(row.kind));
    text(2, std::move(row.name));
    text(3, std::move(row.value));
    text(4, std::move(row.detail));
    const bool defined = !row.definition_name.empty();
    text(5, defined ? std::string(row.definition_kind) + " " + std::string(row.definition_name) : "");
    columns[6].ints.push_back(row.version);
    columns[6].present.push_back(defined);
    text(7, defined ? source_of(row.definition_kind, row.definition_name) : "");
    for (const auto column : {std::size_t{8}, std::size_t{9}}) {
        columns[column].reals.push_back(0);
        columns[column].present.push_back(0);
    }
    text(10, {});
    text(11, {});
    return columns[0].ints.size() - 1;
}

void WhyTree::put_real(std::size_t column, std::size_t row, double value) {
    out_.columns[column].reals[row] = value;
    out_.columns[column].present[row] = 1;
}

void WhyTree::put_text(std::size_t column, std::size_t row, std::string value) {
    out_.columns[column].present[row] = !value.empty();
    out_.columns[column].texts[row] = std::move(value);
}

// Where the definition says it is from.
std::string WhyTree::source_of(std::string_view kind, std::string_view name) const {
    for (const auto &one : definitions_.definitions) {
        if (!one.definition || one.definition->kind != kind || one.definition->name != name) continue;
        const auto json = base::parse_json(one.definition->json, 64);
        if (!json) return {};
        const auto *source = json->find("source");
        return source && source->is(base::Json::Kind::text) ? source->text : std::string();
    }
    return {};
}

base::Result<Value> explain_condition(const Snapshot &snapshot, const WhyQuery &query, ValuesAt &at,
                                      SubjectValues &subject, const Asking &asking, std::uint32_t level,
                                      WhyTree &tree) {
    Reasons reasons(snapshot, query, at, tree);
    const auto value = reasons.conditions(subject, *asking.program, asking.source, asking.host, level, true);
    KITH_TRY(reasons.explain_operands(subject, *asking.program, level + 1));
    return value;
}

base::Result<ResultTable> why(const Snapshot &snapshot, const WhyQuery &query) {
    KITH_LET(at, ValuesAt::of(snapshot, query.now));
    KITH_LET(definitions, snapshot.catalog());
    WhyTree tree(*definitions);
    KITH_LET(of_value, Reasons(snapshot, query, *at, tree).run());
    if (of_value) return tree.take();
    KITH_LET(of_behaviour, explain_behaviour(snapshot, query, *at, tree));
    if (of_behaviour) return tree.take();
    return base::fail(Status::missing,
                      "no definition of such subjects has this name: write m.NAME, band.NAME, score.NAME, "
                      "cell.NAME, segment.NAME, rule.NAME or process.NAME");
}

}  // namespace kith::engine
