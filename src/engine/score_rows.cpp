// Scores as rows of metrics: what was given for a metric, again and again, aggregated. They stand together in
// table `scores`, by metric, subject and time, so that a window is read from there and nothing is kept.
#include <algorithm>
#include <cmath>

#include "engine/score_rows.hpp"

namespace kith::engine {

using expr::TypeKind;
using expr::Value;

namespace {

Value absent_part() {
    return expr::fail(expr::Code::absent, "the score does not say it: test it with has()");
}

// `s`; an object is a ScoreBinding.
class ScoreRecord : public expr::RecordType {
public:
    explicit ScoreRecord(TypeKind value)
        : RecordType(
              "Score",
              {{"value", expr::Types::of(value), 0, false, "what was given"},
               {"at", expr::Types::of(TypeKind::timestamp), 0, false, "when"},
               {"key", expr::Types::of(TypeKind::string), 0, false, "beside the subject"},
               {"period", expr::Types::of(TypeKind::string), 16, false, "that it is of, as \"2026-Q1\""},
               {"nature", expr::Types::of(TypeKind::string), 16, false, "stated, observed, ..."},
               {"source", expr::Types::of(TypeKind::string), 0, false, ""},
               {"author", expr::Types::of(TypeKind::string), 0, false, "who gave it"},
               {"method", expr::Types::of(TypeKind::string), 0, false, ""},
               {"confidence", expr::Types::of(TypeKind::double_), 0, false, "from 0 to 1"}}),
          type_(value) {}

    Value get(const void *object, std::uint32_t field, expr::Memory &) const override {
        const auto &binding = *static_cast<const ScoreBinding *>(object);
        const auto &score = binding.score();
        const auto named = [&](model::Name name) {
            return name != 0 ? binding.values().text(name) : absent_part();
        };
        switch (field) {
            case 0:
                return binding.values().given_value(score, type_);
            case 1:
                return expr::of_micros(score.key.at);
            case 2:
                return named(score.key.key);
            case 3:
                return named(score.period);
            case 4:
                return expr::of_text(model::word_of(score.nature));
            case 5:
                return named(score.source);
            case 6:
                return named(score.author);
            case 7:
                return named(score.method);
            default:
                return score.confidence ? expr::of_double(*score.confidence) : absent_part();
        }
    }

private:
    TypeKind type_;
};

}  // namespace

Value ScoreBinding::variable(std::uint32_t, expr::Memory &) const { return expr::of_record(this, 0); }

std::shared_ptr<const expr::Schema> schema_of_scores(TypeKind value) {
    auto schema = std::make_shared<expr::Schema>();
    const auto *record = schema->add_record(std::make_unique<ScoreRecord>(value));
    schema->add_variable("s", record, 0, "the score at hand");
    return schema;
}

// Of the subject itself, or of all that the metric is given of where it is the base that is asked.
base::Result<Aggregated> SubjectValues::scores(const MetricValue &metric, base::Micros after,
                                               base::Micros until) {
    Aggregated all;
    std::set<std::int64_t> days;
    thread_local expr::Evaluator evaluator;
    const auto &name = metric.metric.rows.types[0];
    const auto &given = values_.catalog().metrics.items[*values_.catalog().metrics.find(name)];
    const bool of_all = subject_.kind == SubjectKind::all && given.metric.subject != SubjectKind::all;
    const auto subject = given_subject();
    const auto take = [&](const model::Score &score) -> base::Result<void> {
        const ScoreBinding binding(values_, score);
        if (metric.where) {
            const auto met = evaluator.evaluate(*metric.where, binding, values_.moment()).value;
            if (!met.is(expr::Kind::boolean) || met.i == 0) return {};
        }
        rules::Contribution one{score.key.at, 0, score.key.at};
        if (metric.of) {
            const auto value = evaluator.evaluate(*metric.of, binding, values_.moment()).value;
            if (value.is(expr::Kind::string)) {
                KITH_LET(code, DirectoryReads(values_.snapshot()).code(value.view()));
                if (!code) return {};
                one.value = *code;
            } else if (!contribute(value, values_.currency(), one)) {
                return {};
            }
        }
        all.partial.add(one);
        const auto aggregate = metric.metric.aggregate;
        if (aggregate == rules::Aggregate::median || aggregate == rules::Aggregate::distinct)
            all.listed.emplace_back(one.value, 1);
        days.insert(values_.moment().zone.local_day(one.at));
        return {};
    };
    KITH_TRY(values_.timeline().scores(static_cast<model::SubjectKind>(given.metric.subject),
                                       of_all ? nullptr : &subject, name, after, until, take));
    sort_listed(all);
    all.days.assign(days.begin(), days.end());
    evaluator.clear();
    return all;
}

}  // namespace kith::engine
