#include "engine/expressions.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "engine/expression_schema.hpp"
#include "engine/expression_values.hpp"
#include "engine/value_records.hpp"
#include "expr/explain.hpp"
#include "expr/json_form.hpp"
#include "expr/lexer.hpp"
#include "expr/parse.hpp"

namespace kith::engine {

using base::Status;
using expr::TypeKind;

static_assert(KITH_EXPR_MAX_SOURCE_BYTES == expr::kSourceMax);
static_assert(KITH_EXPR_MAX_STATIC_COST == expr::kStaticCostMax);
static_assert(KITH_EXPR_MAX_BUDGET == expr::kBudget);
static_assert(KITH_EXPR_MAX_MEMORY_BYTES == expr::kMemoryMax);

namespace {

// Of a result's text; its reasons are shorter.
constexpr std::uint32_t kItemsShown = 100;
constexpr std::size_t kBytesShown = 16 * 1024;
constexpr std::size_t kValueShown = 240;            // bytes of a record, and of a reason's value
constexpr std::size_t kReasonsShown = 1024 * 1024;  // bytes of all values of an explanation

// Types whose values a host can give.
bool can_be_given(const expr::Type *type) {
    switch (type->kind) {
        case TypeKind::type:
        case TypeKind::calendar:
        case TypeKind::record:
        case TypeKind::abstract:
        case TypeKind::param:
        case TypeKind::free:
            return false;
        default:
            return std::all_of(type->args.begin(), type->args.end(), can_be_given);
    }
}

bool is_name(std::string_view name) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    const auto character = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
    return !name.empty() && letter(name.front()) && std::all_of(name.begin(), name.end(), character);
}

// A schema without variables of a host is the same for all.
std::shared_ptr<const expr::Schema> shared_schema() {
    static const std::shared_ptr<const expr::Schema> schema = make_expression_schema();
    return schema;
}

base::Result<std::shared_ptr<const expr::Schema>> schema_of(const ExpressionOptions &options,
                                                            expr::Types &types,
                                                            std::vector<const expr::Type *> &out) {
    const auto variables = options.variables;
    if (variables.empty() && !options.values) return shared_schema();
    if (variables.size() > KITH_EXPR_MAX_VARIABLES) {
        return base::fail(Status::limit,
                          "there are too many variables: at most " + std::to_string(KITH_EXPR_MAX_VARIABLES));
    }
    auto schema =
        options.values ? make_value_schema(*options.values, options.subject) : make_expression_schema();
    for (std::uint32_t i = 0; i < variables.size(); ++i) {
        const auto &variable = variables[i];
        const auto wrong = [&](const char *what) {
            auto error = base::fail(Status::argument, "variable " + std::to_string(i) + what);
            error.item = i;
            return error;
        };
        if (!is_name(variable.name)) return wrong(" has no name: letters, digits and _, no digit first");
        if (!expr::is_name(variable.name) || expr::is_reserved(variable.name)) {
            return wrong(" is a word of the language: choose another name");
        }
        if (schema->variable(variable.name)) return wrong(" has a name that is taken: give it another");
        const auto *type = types.parse(variable.type);
        if (type == nullptr || !can_be_given(type)) {
            return wrong(" has no type that can be given: write int, string, money, list(string), ...");
        }
        schema->add_variable(variable.name, type, variable.size_max);
        out.push_back(type);
    }
    return std::shared_ptr<const expr::Schema>(std::move(schema));
}

// One a thread: it keeps its memory from one evaluation to the next.
expr::Evaluator &evaluator() {
    thread_local expr::Evaluator one;
    return one;
}

// Whatever the evaluator opened in a snapshot is closed before the snapshot can end.
class Use {
public:
    explicit Use(expr::Evaluator &one) : evaluator_(one) {}
    ~Use() { evaluator_.clear(); }
    Use(const Use &) = delete;
    Use &operator=(const Use &) = delete;

private:
    expr::Evaluator &evaluator_;
};

bool is_limit(expr::Code code) {
    return code == expr::Code::cost || code == expr::Code::memory || code == expr::Code::depth ||
           code == expr::Code::size;
}

// "Interaction{type: "order", at: timestamp("..."), ...}": by which a person knows it again.
std::string record_text(expr::Call &call, const expr::Value &record) {
    const auto &type = call.schema->record(record.tag);
    std::string text;
    for (std::uint32_t i = 0; i < type.fields().size() && text.size() < kValueShown; ++i) {
        if (!type.has(record.object, i) || type.fields()[i].type->kind == TypeKind::list) continue;
        const auto value = type.get(record.object, i, call.memory);
        text += (text.empty() ? "" : ", ") + type.fields()[i].name + ": " + expr::value_text(call, value);
    }
    const auto kept = base::truncate(text, kValueShown);
    return type.name() + "{" + std::string(kept) + (kept.size() < text.size() ? "..." : "") + "}";
}

base::Error error_of(const expr::Diagnostic &diagnostic, std::string_view source, Status status) {
    auto error = base::fail(status, expr::format(diagnostic, source));
    error.detail = static_cast<std::int32_t>(diagnostic.code);
    return error;
}

}  // namespace

base::Result<void> Expression::prepare(expr::Parsed parsed, const ExpressionOptions &options) {
    KITH_LET(schema, schema_of(options, types_, variable_types_));
    values_ = options.values;
    subject_ = options.subject;
    const expr::Type *wanted = nullptr;
    if (!options.result_type.empty()) {
        wanted = types_.parse(options.result_type);
        if (wanted == nullptr || !can_be_given(wanted)) {
            return base::fail(Status::argument,
                              "the result type is none: write bool, int, list(string), ...");
        }
    }
    if (!parsed) {
        diagnostics_.push_back(std::move(parsed.diagnostic));
        return {};
    }
    if (values_) resolve_names(parsed.tree);
    auto checked = expr::check(std::move(parsed.tree), std::move(schema), wanted);
    if (!checked.diagnostics.empty()) {
        diagnostics_ = std::move(checked.diagnostics);
        std::stable_sort(diagnostics_.begin(), diagnostics_.end(),
                         [](const auto &a, const auto &b) { return a.span.begin < b.span.begin; });
        return {};
    }
    KITH_LET(program, expr::compile(std::move(checked)));
    if (auto cost = program.cost_diagnostic(); cost.code != expr::Code::none) {
        diagnostics_.push_back(std::move(cost));
        return {};
    }
    type_ = expr::to_text(program.checked().type());
    program_ = std::move(program);
    return {};
}

base::Result<std::unique_ptr<Expression>> Expression::check(std::string_view source,
                                                            const ExpressionOptions &options) {
    std::unique_ptr<Expression> made(new Expression());
    made->source_ = source;
    KITH_TRY(made->prepare(expr::parse(source), options));
    return made;
}

base::Result<std::unique_ptr<Expression>> Expression::from_json(std::string_view json,
                                                                const ExpressionOptions &options) {
    auto parsed = expr::from_json(json);
    if (!parsed) return error_of(parsed.diagnostic, json, Status::format);
    std::unique_ptr<Expression> made(new Expression());
    made->source_ = parsed.tree.source;
    KITH_TRY(made->prepare(std::move(parsed), options));
    return made;
}

base::Error Expression::mistake() const { return error_of(diagnostics_.front(), source_, Status::rule); }

const std::string &Expression::json() const {
    std::call_once(json_made_, [&] { json_ = expr::to_json(program_->checked()); });
    return json_;
}

base::Error Expression::failure(const expr::Outcome &outcome) const {
    const auto code = outcome.value.code();
    expr::Diagnostic diagnostic{code, {}, outcome.value.text, {}};
    if (outcome.node != expr::kNoNode) diagnostic.span = program_->checked().tree[outcome.node].span;
    return error_of(diagnostic, source_, is_limit(code) ? Status::limit : Status::rule);
}

base::Result<std::unique_ptr<ExpressionResult>> Expression::evaluate(const ExpressionSubject &of,
                                                                     const EvaluateOptions &options) const {
    if (!program_) return mistake();
    expr::Memory scratch;
    KITH_LET(host, values_in(options.values, variable_types_, scratch));
    std::optional<PartyBinding> party;
    std::optional<ValueBinding> values;
    if (of.values) {
        values.emplace(*of.values, host);
    } else {
        party.emplace(of.facts, host, values_ ? kHostVariablesOfValues : kHostVariables);
    }
    const expr::Binding &binding =
        values ? static_cast<const expr::Binding &>(*values) : static_cast<const expr::Binding &>(*party);
    auto moment = options.moment;
    if (of.values) moment.host = of.values->values().moment().host;
    const auto &checked = program_->checked();
    const auto &schema = *checked.schema;
    auto &machine = evaluator();
    const Use use(machine);

    auto result = std::make_unique<ExpressionResult>();
    expr::Explanation explained;
    if (options.explain) {
        explained = expr::explain(machine, *program_, binding, moment, options.budget);
    } else {
        explained.outcome = machine.evaluate(*program_, binding, moment, options.budget);
    }
    const auto &outcome = explained.outcome;
    // What could not be read is worse than what came of it.
    const auto unread = [&]() -> base::ErrorBox {
        if (!of.values) return of.facts ? of.facts->take_error() : base::ErrorBox();
        auto error = of.values->take_error();
        return error ? std::move(error) : of.values->values().take_error();
    };
    if (auto error = unread()) return error;
    expr::Patterns patterns;
    expr::Memory aside;
    expr::Call call(aside, patterns, moment, &schema, expr::kBudget);
    const auto shown = [&](const expr::Value &value, std::uint32_t items_max, std::size_t bytes_max) {
        return value.is(expr::Kind::record) ? record_text(call, value)
                                            : expr::value_text(call, value, items_max, bytes_max);
    };
    result->cost = outcome.cost;
    result->memory_bytes = outcome.memory;
    if (outcome.value.failed()) {
        auto error = failure(outcome);
        if (!options.explain) return error;
        result->text = std::move(error.message);
        result->json = "null";
        kith_expr_value value{};
        value.kind = KITH_EXPR_ERROR;
        value.integer = error.detail;
        value.text = {result->text.data(), result->text.size()};
        result->values.push_back(value);
    } else {
        KITH_LET(parts, values_out(schema, outcome.value, aside, result->memory));
        result->values = std::move(parts);
        result->json = values_json(result->values);
        result->text = shown(outcome.value, kItemsShown, kBytesShown);
    }
    std::size_t bytes = 0;
    const auto shown_within = [&](const expr::Value &value) {
        auto text = bytes < kReasonsShown ? shown(value, 10, kValueShown) : std::string("...");
        bytes += text.size();
        return text;
    };
    for (const auto &reason : explained.reasons) {
        auto &out = result->reasons.emplace_back();
        out.span = checked.tree[reason.node].span;
        out.level = reason.level;
        out.failed = reason.value.failed();
        out.value = shown_within(reason.value);
        out.has_element = reason.has_element;
        out.element = reason.element;
        if (reason.has_element) out.element_value = shown_within(reason.element_value);
    }
    if (auto error = unread()) return error;
    return result;
}

}  // namespace kith::engine
