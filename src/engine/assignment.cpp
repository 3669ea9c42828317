#include "engine/assignment.hpp"

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "engine/value_records.hpp"
#include "engine/value_table.hpp"
#include "engine/values_at.hpp"
#include "expr/explain.hpp"
#include "expr/parse.hpp"

namespace kith::engine {

using base::Status;
using expr::Kind;
using expr::TypeKind;
using expr::Value;

namespace {

constexpr std::size_t kToldMax = 240;  // bytes of a reason

// The candidate's values, the candidate, and the case around them.
class CandidateBinding : public expr::Binding {
public:
    CandidateBinding(SubjectValues &values, const ActorView &candidate, std::uint32_t number,
                     std::uint16_t tag, const expr::Binding &of_case)
        : own_(values), candidate_(candidate), number_(number), tag_(tag), case_(of_case) {}
    Value variable(std::uint32_t number, expr::Memory &memory) const override {
        if (number == number_) return expr::of_record(&candidate_, tag_);
        return is_of_values(number) ? own_.variable(number, memory) : case_.variable(number, memory);
    }

private:
    ValueBinding own_;
    const ActorView &candidate_;
    std::uint32_t number_;
    std::uint16_t tag_;
    const expr::Binding &case_;
};

// Values of one ranking compare within a group: numbers, each other kind, amounts of each currency.
std::uint64_t group_of(const Value &value) {
    const bool number = value.is(Kind::int_) || value.is(Kind::uint_) || value.is(Kind::double_);
    return number ? 0
                  : (static_cast<std::uint64_t>(value.kind) << 32) + (value.is(Kind::money) ? value.size : 0);
}

bool can_be_ranked(const Value &value) {
    return !value.failed() && !value.is(Kind::null) && !value.is(Kind::bytes) &&
           !(value.is(Kind::double_) && std::isnan(value.d)) && expr::compare(value, value).comparable;
}

bool is_better(const Candidate &a, const Candidate &b) {
    for (std::size_t i = 0; i < a.rank.size(); ++i) {
        const auto &x = a.rank[i], &y = b.rank[i];
        if (x.failed() != y.failed()) return y.failed();
        if (x.failed()) continue;
        if (group_of(x) != group_of(y)) return group_of(x) < group_of(y);
        if (x.is(Kind::string)) {
            if (a.rank_text[i] != b.rank_text[i]) return a.rank_text[i] > b.rank_text[i];
            continue;
        }
        const auto order = expr::compare(x, y).order;
        if (order != 0) return order > 0;
    }
    return a.key < b.key;
}

// The parts of a condition that decided against.
std::string told(const expr::Program &program, const expr::Explanation &explained) {
    const auto &tree = program.checked().tree;
    const auto piece = [&](expr::NodeId node) { return expr::unparse(tree, node); };
    if (explained.outcome.value.failed()) {
        const auto node = explained.outcome.node;
        return std::string(explained.outcome.value.text) + (node == expr::kNoNode ? "" : ": " + piece(node));
    }
    std::string all;
    for (std::size_t i = 0; i < explained.reasons.size() && all.size() < kToldMax; ++i) {
        const auto &reason = explained.reasons[i];
        const auto next = i + 1 < explained.reasons.size() ? explained.reasons[i + 1].level : 0;
        if (!reason.value.is(Kind::boolean) || reason.level == 0) continue;
        // Comparisons, not the values that they compare.
        if (next > reason.level && explained.reasons[i + 1].value.is(Kind::boolean)) continue;
        all += (all.empty() ? "" : "; ") + piece(reason.node) + " is " + (reason.value.i ? "true" : "false");
    }
    if (all.empty()) all = piece(tree.root) + " is false";
    return std::string(base::truncate(all, kToldMax));
}

class Assigning {
public:
    Assigning(const CompiledAssignment &assignment, const Actors &actors, Values &values,
              const AssignmentCase &of_case, bool explain)
        : assignment_(assignment), actors_(actors), values_(values), case_(of_case), explain_(explain) {}
    ~Assigning() { evaluator_.clear(); }  // before the snapshot ends

    base::Result<Assigned> run() {
        using By = CompiledAssignment::By;
        const auto holder = case_.holder ? case_.holder : case_.owner;
        switch (assignment_.by) {
            case By::owner:
                return to(case_.owner, "the owner", "the customer has no owner");
            case By::part_of:
                return to(actors_.above(holder), "the actor above", "there is nobody above");
            case By::given:
                return given();
            case By::among:
                break;
        }
        return among();
    }

private:
    base::Result<Assigned> to(model::Name actor, const std::string &what, const char *nobody) {
        Assigned out;
        if (actor == 0) {
            out.how = nobody;
            return out;
        }
        out.actor = actors_.active_from(actor);
        KITH_LET(key, actors_.text(actor));
        out.how = what + ", " + std::string(key);
        if (out.actor != actor) {
            KITH_LET(instead, actors_.text(out.actor));
            out.how += ", is not active: ";
            out.how += out.actor ? "it falls to " + std::string(instead) + ", above" : "nor is anybody above";
        }
        if (out.actor) {
            KITH_LET(taken, actors_.text(out.actor));
            out.candidates.push_back({.actor = out.actor, .key = std::string(taken), .fits = true});
        }
        return out;
    }

    base::Result<Assigned> given() {
        const auto outcome = evaluator_.evaluate(*assignment_.to, case_.variables, values_.moment());
        KITH_TRY(check_read());
        Assigned out;
        if (outcome.value.failed()) {
            out.how = "who it is to be is not known: " + std::string(outcome.value.text);
            return out;
        }
        const std::string key(outcome.value.view());
        KITH_LET(code, values_.snapshot().store().names().find(values_.snapshot().reader(), key));
        if (code && *code != 0) return to(*code, "the actor that is named", "");
        out.how = key.empty() ? "nobody is named" : "there is no actor \"" + key + "\"";
        return out;
    }

    base::Result<Assigned> among() {
        Assigned out;
        std::size_t fit = 0;
        for (const auto &[code, view] : actors_.all()) {
            if (!view.actor.active && !explain_) continue;
            KITH_LET(key, actors_.text(code));
            Candidate candidate{.actor = code, .key = std::string(key)};
            if (!view.actor.active) {
                candidate.why_not = "is not active";
            } else {
                KITH_TRY(look_at(view, candidate));
            }
            fit += candidate.fits;
            if (candidate.fits || explain_) out.candidates.push_back(std::move(candidate));
        }
        std::ranges::sort(out.candidates, [](const Candidate &a, const Candidate &b) {
            if (a.fits != b.fits) return a.fits;
            return a.fits ? is_better(a, b) : a.key < b.key;
        });
        if (fit > 0) out.actor = out.candidates.front().actor;
        out.how = fit == 0   ? "no actor fits"
                  : fit == 1 ? "the only actor that fits, " + out.candidates.front().key
                             : "the best of " + std::to_string(fit) + ", " + out.candidates.front().key;
        return out;
    }

    base::Result<void> look_at(const ActorView &view, Candidate &candidate) {
        auto *values = values_.of({SubjectKind::actor, {}, view.actor.key});
        if (!values) return check_read();
        const auto &program = *assignment_.among;
        const auto tag = static_cast<std::uint16_t>(*program.checked().schema->find_record("Actor"));
        const CandidateBinding binding(*values, view, assignment_.candidate, tag, case_.variables);
        const auto &moment = values_.moment();
        const auto outcome = evaluator_.evaluate(program, binding, moment).value;
        candidate.fits = outcome.is(Kind::boolean) && outcome.i != 0;
        KITH_TRY(check_read());
        if (!candidate.fits) {
            if (explain_)
                candidate.why_not = told(program, expr::explain(evaluator_, program, binding, moment));
            return check_read();
        }
        for (const auto &ranking : assignment_.best) {
            auto value = evaluator_.evaluate(*ranking, binding, moment).value;
            if (!can_be_ranked(value) && !value.failed())
                value = expr::fail(expr::Code::absent, "the value has no order");
            candidate.rank_text.push_back(plain_text(value, *ranking->checked().schema, moment));
            if (value.is(Kind::string)) value.text = "";  // it stands in rank_text: this ends with the next
            candidate.rank.push_back(value);
            KITH_TRY(check_read());
        }
        return {};
    }

    base::Result<void> check_read() {
        if (auto error = values_.take_error()) return error;
        return {};
    }

    const CompiledAssignment &assignment_;
    const Actors &actors_;
    Values &values_;
    const AssignmentCase &case_;
    bool explain_;
    expr::Evaluator evaluator_;
};

}  // namespace

std::uint32_t add_candidate(expr::Schema &schema) {
    return schema.add_variable("actor", schema.record_type(*schema.find_record("Actor")), 0, "the candidate");
}

CompiledAssignment compile_assignment(const rules::Assignment &assignment,
                                      const std::shared_ptr<const expr::Schema> &of_case,
                                      const std::shared_ptr<const expr::Schema> &actors,
                                      const CompileSource &compile) {
    using By = CompiledAssignment::By;
    CompiledAssignment out;
    if (!assignment.among.empty()) {
        out.by = By::among;
        out.candidate = actors->variable("actor").value_or(0);
        out.among = compile(assignment.among, actors, expr::Types::of(TypeKind::boolean));
        for (const auto &ranking : assignment.best) out.best.push_back(compile(ranking, actors, nullptr));
    } else if (assignment.to.is(rules::Term::Kind::expression)) {
        out.by = By::given;
        out.to = compile(assignment.to.source, of_case, expr::Types::of(TypeKind::string));
    } else {
        out.by = assignment.to.text == "part_of" ? By::part_of : By::owner;
    }
    return out;
}

base::Result<Assigned> assign(const CompiledAssignment &assignment, Values &values,
                              const AssignmentCase &of_case, bool explain) {
    KITH_LET(actors, values.actors());
    return Assigning(assignment, *actors, values, of_case, explain).run();
}

// ---- tried ----

base::Result<std::optional<ResultTable>> assignment_table(const Snapshot &snapshot,
                                                          const AssignmentQuery &query) {
    KITH_LET(at, ValuesAt::of(snapshot, query.now));
    auto &values = at->values();
    auto *party = values.of({SubjectKind::party, query.party, 0});
    if (auto error = values.take_error()) return error;
    if (!party) return std::optional<ResultTable>();

    std::optional<base::Error> mistake;
    const CompileSource compile = [&](const rules::Source &source, const auto &schema, const auto *wanted) {
        auto parsed = expr::parse(source.text);
        auto diagnostic = parsed.diagnostic;
        if (parsed) {
            resolve_names(parsed.tree);
            auto checked = expr::check(std::move(parsed.tree), schema, wanted);
            if (checked) {
                auto program = expr::compile(std::move(checked));
                if (program) diagnostic = program->cost_diagnostic();
                if (program && diagnostic.code == expr::Code::none)
                    return std::make_shared<const expr::Program>(std::move(*program));
            } else {
                diagnostic = checked.diagnostics.front();
            }
        }
        if (!mistake) {
            mistake = base::fail(Status::rule, expr::format(diagnostic, source.text));
            mistake->detail = static_cast<std::int32_t>(diagnostic.code);
        }
        return ProgramPtr();
    };
    auto schema = make_value_schema(at->catalog(), SubjectKind::actor);
    add_candidate(*schema);
    rules::Assignment written;
    written.among.text = query.among;
    for (const auto ranking : query.best) written.best.push_back({std::string(ranking)});
    const auto compiled = compile_assignment(written, schema, schema, compile);
    if (mistake) return *mistake;

    const ValueBinding variables(*party);
    KITH_LET(assigned, assign(compiled, values,
                              {.owner = party->facts()->party().owner, .variables = variables}, true));
    ResultTable out;
    for (const auto *name : {"actor", "name", "taken", "because"})
        out.columns.push_back(
            column_of(name, std::string_view(name) == "taken" ? TypeKind::int_ : TypeKind::string));
    for (std::size_t i = 0; i < compiled.best.size(); ++i)
        out.columns.push_back(column_of(written.best[i].text, compiled.best[i]->checked().type()->kind));
    std::size_t fit = 0;
    KITH_LET(actors, values.actors());
    for (const auto &candidate : assigned.candidates) {
        fit += candidate.fits;
        const auto *view = actors->find(candidate.actor);
        const bool taken = candidate.actor == assigned.actor;
        out.columns[0].texts.push_back(candidate.key);
        out.columns[1].texts.emplace_back(view ? view->actor.name : std::string_view());
        out.columns[2].ints.push_back(taken);
        out.columns[3].texts.push_back(taken ? assigned.how : candidate.why_not);
        for (std::size_t i = 0; i < compiled.best.size(); ++i) {
            auto value = expr::fail(expr::Code::absent, "");
            if (candidate.fits) value = candidate.rank[i];
            if (value.is(Kind::string)) value = expr::of_text(candidate.rank_text[i]);
            put_value(out.columns[4 + i], value, *schema, values.moment(), values.currency());
        }
    }
    out.facts = {{"candidates", static_cast<double>(assigned.candidates.size())},
                 {"fit", static_cast<double>(fit)}};
    return std::optional(std::move(out));
}

}  // namespace kith::engine
