#include <kith/value.h>

#include "base/os.hpp"
#include "capi/batch.hpp"
#include "capi/guard.hpp"
#include "capi/snapshot.hpp"
#include "capi/strings.hpp"
#include "capi/structs.hpp"
#include "capi/subject.hpp"
#include "engine/subjects.hpp"
#include "expr/diagnostic.hpp"

using namespace kith;
using namespace kith::capi;

#define KITH_SAME_CODE(name, constant) \
    static_assert(static_cast<int>(expr::Code::name) == KITH_EXPR_CODE_##constant)
KITH_SAME_CODE(none, NONE);
KITH_SAME_CODE(parse, PARSE);
KITH_SAME_CODE(undeclared, UNDECLARED);
KITH_SAME_CODE(no_overload, NO_OVERLOAD);
KITH_SAME_CODE(no_field, NO_FIELD);
KITH_SAME_CODE(no_key, NO_KEY);
KITH_SAME_CODE(index, INDEX);
KITH_SAME_CODE(div_zero, DIV_ZERO);
KITH_SAME_CODE(overflow, OVERFLOW);
KITH_SAME_CODE(range, RANGE);
KITH_SAME_CODE(convert, CONVERT);
KITH_SAME_CODE(utf8, UTF8);
KITH_SAME_CODE(regex, REGEX);
KITH_SAME_CODE(key_type, KEY_TYPE);
KITH_SAME_CODE(dup_key, DUP_KEY);
KITH_SAME_CODE(tz, TZ);
KITH_SAME_CODE(cost, COST);
KITH_SAME_CODE(memory, MEMORY);
KITH_SAME_CODE(depth, DEPTH);
KITH_SAME_CODE(size, SIZE);
KITH_SAME_CODE(type, TYPE);
KITH_SAME_CODE(currency, CURRENCY);
KITH_SAME_CODE(absent, ABSENT);
KITH_SAME_CODE(host, HOST);
#undef KITH_SAME_CODE

static_assert(static_cast<int>(engine::SubjectKind::party) == KITH_SUBJECT_PARTY);
static_assert(static_cast<int>(engine::SubjectKind::actor) == KITH_SUBJECT_ACTOR);
static_assert(static_cast<int>(engine::SubjectKind::product) == KITH_SUBJECT_PRODUCT);
static_assert(static_cast<int>(engine::SubjectKind::campaign) == KITH_SUBJECT_CAMPAIGN);
static_assert(static_cast<int>(engine::SubjectKind::all) == KITH_SUBJECT_ALL);

namespace {

// Structs of which hosts get an array of pointers.
template <class T>
struct Structs {
    std::vector<T> items;
    std::vector<const T *> pointers;

    T &add() {
        items.emplace_back().struct_size = sizeof(T);
        return items.back();
    }
    void done() {
        for (const auto &item : items) pointers.push_back(&item);
    }
};

// The piece of the source that a span names, and where it stands.
template <class T>
void put_place(T &out, const std::string &source, expr::Span span) {
    const auto begin = std::min<std::size_t>(span.begin, source.size());
    const auto end = std::clamp<std::size_t>(span.end, begin, source.size());
    const auto position = expr::position_of(source, static_cast<std::uint32_t>(begin));
    out.line = position.line;
    out.column = position.column;
    out.begin = static_cast<std::uint32_t>(begin);
    out.end = static_cast<std::uint32_t>(end);
    out.text = {source.data() + begin, end - begin};
}

class Expr : public Object {
public:
    using Public = kith_expr;
    static constexpr Kind kKind = Kind::expr;
    static constexpr bool kShared = true;

    explicit Expr(std::unique_ptr<const engine::Expression> given) : expression(std::move(given)) {
        for (const auto &diagnostic : expression->diagnostics()) {
            auto &out = diagnostics.add();
            out.code = static_cast<std::int32_t>(diagnostic.code);
            out.code_name = str_out(expr::code_name(diagnostic.code));
            put_place(out, expression->source(), diagnostic.span);
            out.message = str_out(diagnostic.message);
            if (!diagnostic.hint.empty()) out.hint = str_out(diagnostic.hint);
        }
        diagnostics.done();
    }

    const std::unique_ptr<const engine::Expression> expression;
    Structs<kith_expr_diagnostic> diagnostics;
};

class ExprResult : public Object {
public:
    using Public = kith_expr_result;
    static constexpr Kind kKind = Kind::expr_result;
    static constexpr bool kShared = true;

    ExprResult(std::unique_ptr<const engine::ExpressionResult> given, std::string from)
        : result(std::move(given)), source(std::move(from)) {
        for (const auto &reason : result->reasons) {
            auto &out = reasons.add();
            out.level = reason.level;
            put_place(out, source, reason.span);
            out.value = str_out(reason.value);
            if (reason.failed) out.fields |= KITH_EXPR_REASON_FIELD_FAILED;
            if (!reason.has_element) continue;
            out.fields |= KITH_EXPR_REASON_FIELD_ELEMENT;
            out.element = reason.element;
            out.element_value = str_out(reason.element_value);
        }
        reasons.done();
    }

    const std::unique_ptr<const engine::ExpressionResult> result;
    const std::string source;
    Structs<kith_expr_reason> reasons;
};

// Options of which NULL stands for all zero.
template <class T>
base::Result<T> options_in(const T *options) {
    if (!options) return T{};
    return read_struct(options, "options");
}

using Make = base::Result<std::unique_ptr<engine::Expression>> (*)(std::string_view,
                                                                   const engine::ExpressionOptions &);

base::Result<std::unique_ptr<engine::Expression>> read_expression(Make make, std::string_view text,
                                                                  const kith_expr_options *options) {
    KITH_LET(in, options_in(options));
    KITH_LET(type, text_in(in.result_type, KITH_MAX_NAME_BYTES, "options->result_type"));
    if (in.variable_count > 0) KITH_TRY(not_null(in.variables, "options->variables"));
    if (in.variable_count > KITH_EXPR_MAX_VARIABLES) {
        return base::fail(base::Status::limit, "options->variable_count is too large: at most " +
                                                   std::to_string(KITH_EXPR_MAX_VARIABLES));
    }
    std::vector<engine::HostVariable> variables;
    for (std::size_t i = 0; i < in.variable_count; ++i) {
        const auto &variable = in.variables[i];
        KITH_TRY(check_reserved(variable.reserved));
        KITH_LET(name, text_in(variable.name, KITH_MAX_NAME_BYTES, "a variable's name"));
        KITH_LET(of, text_in(variable.type, KITH_MAX_NAME_BYTES, "a variable's type"));
        variables.push_back({name, of, variable.size_max});
    }
    if (in.subject > KITH_SUBJECT_ALL) {
        return base::fail(base::Status::argument,
                          "options->subject is unknown: use a KITH_SUBJECT_ constant");
    }
    if (!in.definitions) {
        if (in.subject == KITH_SUBJECT_PARTY) return make(text, {variables, type, nullptr, {}});
        return base::fail(base::Status::argument,
                          "options->subject needs definitions: set options->definitions to a snapshot");
    }
    KITH_LET(pinned, use(in.definitions));
    KITH_LET(catalog, pinned->view->catalog());
    return make(text, {variables, type, catalog->values, static_cast<engine::SubjectKind>(in.subject)});
}

base::Result<std::unique_ptr<engine::Expression>> read_source(const char *source, std::size_t size,
                                                              const kith_expr_options *options) {
    KITH_TRY(not_null(source, "source"));
    // A text that is too long is a mistake like others.
    KITH_LET(text, text_in(source, size, KITH_MAX_RECORD_BYTES, "source"));
    return read_expression(engine::Expression::check, text, options);
}

kith_expr *give_expression(std::unique_ptr<engine::Expression> expression) {
    return give(std::make_unique<Expr>(std::move(expression)));
}

// `store` null: without a file.
base::Result<engine::EvaluateOptions> evaluate_options_in(const kith_expr_eval_options *options,
                                                          const engine::Store *store) {
    KITH_LET(in, options_in(options));
    KITH_TRY(check_reserved(in.reserved));
    KITH_TRY(check_bits(in.fields, KITH_EXPR_FIELD_NOW, "options->fields"));
    KITH_TRY(check_bits(in.flags, KITH_EXPR_EXPLAIN, "options->flags"));
    KITH_LET(zone, text_in(in.zone, KITH_MAX_NAME_BYTES, "options->zone"));
    if (in.budget > KITH_EXPR_MAX_BUDGET) {
        return base::fail(base::Status::limit, "options->budget is too large: at most " +
                                                   std::to_string(KITH_EXPR_MAX_BUDGET) + " units");
    }
    if (in.value_count > 0) KITH_TRY(not_null(in.values, "options->values"));
    if (in.value_count > KITH_EXPR_MAX_VALUES) {
        return base::fail(base::Status::limit, "options->value_count is too large: at most " +
                                                   std::to_string(KITH_EXPR_MAX_VALUES));
    }
    engine::EvaluateOptions out;
    out.explain = (in.flags & KITH_EXPR_EXPLAIN) != 0;
    if (in.budget != 0) out.budget = in.budget;
    out.values = {in.values, in.value_count};
    if (in.fields & KITH_EXPR_FIELD_NOW) {
        KITH_TRY(check_time(in.now, "options->now"));
        out.moment.now = in.now;
    } else if (store) {
        KITH_LET(now, store->now());
        out.moment.now = now;
    } else {
        out.moment.now = base::os::now_us();
    }
    if (!zone.empty()) {
        KITH_LET(found, base::Zone::find(zone));
        out.moment.zone = std::move(found);
    } else if (store) {
        out.moment.zone = store->zone();
    }
    return out;
}

kith_expr_result *give_result(std::unique_ptr<engine::ExpressionResult> result, const Expr &expr) {
    return give(std::make_unique<ExprResult>(std::move(result), expr.expression->source()));
}

// `evaluate(snapshot, expression, options)` gives null where there is no such subject.
template <class Evaluate>
Done evaluate_in(kith_snapshot *snapshot, const kith_expr *expr, const kith_expr_eval_options *options,
                 kith_expr_result **out_result, Evaluate evaluate) {
    KITH_LET(used, pin<Expr>(expr));
    KITH_LET(pinned, use(snapshot));
    KITH_LET(in, evaluate_options_in(options, &pinned->view->store()));
    KITH_LET(result, evaluate(*pinned->view, *used->expression, in));
    if (!result) return kNotFound;
    *out_result = give_result(std::move(result), *used);
    return kOk;
}

}  // namespace

extern "C" {

kith_status kith_expr_check(const char *source, size_t source_size, const kith_expr_options *options,
                            kith_expr **out_expr, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_expr, "out_expr"));
        KITH_LET(expression, read_source(source, source_size, options));
        *out_expr = give_expression(std::move(expression));
        return kOk;
    });
}

kith_status kith_expr_compile(const char *source, size_t source_size, const kith_expr_options *options,
                              kith_expr **out_expr, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_expr, "out_expr"));
        KITH_LET(expression, read_source(source, source_size, options));
        if (!expression->diagnostics().empty()) return expression->mistake();
        *out_expr = give_expression(std::move(expression));
        return kOk;
    });
}

kith_status kith_expr_from_json(const char *json, size_t json_size, const kith_expr_options *options,
                                kith_expr **out_expr, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_expr, "out_expr"));
        KITH_LET(text, required_in(json, json_size, KITH_MAX_RECORD_BYTES, "json"));
        KITH_LET(expression, read_expression(engine::Expression::from_json, text, options));
        if (!expression->diagnostics().empty()) return expression->mistake();
        *out_expr = give_expression(std::move(expression));
        return kOk;
    });
}

void kith_expr_free(kith_expr *expr) { free_handle<Expr>(expr); }

kith_status kith_expr_describe(const kith_expr *expr, kith_expr_description *out_description,
                               kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_struct(out_description, "out_description"));
        KITH_LET(pinned, pin<Expr>(expr));
        const auto &expression = *pinned->expression;
        kith_expr_description out{};
        out.diagnostics = static_cast<std::uint32_t>(expression.diagnostics().size());
        out.static_cost = expression.static_cost();
        out.source = str_out(expression.source());
        if (out.diagnostics == 0) out.type = str_out(expression.type());
        write_struct(out_description, out);
        return kOk;
    });
}

const kith_expr_diagnostic *const *kith_expr_diagnostics(const kith_expr *expr, size_t *out_count) {
    if (out_count) *out_count = 0;
    return guard_value(static_cast<const kith_expr_diagnostic *const *>(nullptr),
                       [&]() -> const kith_expr_diagnostic *const * {
                           const auto pinned = pin<Expr>(expr);
                           if (!pinned || (*pinned)->diagnostics.pointers.empty()) return nullptr;
                           if (out_count) *out_count = (*pinned)->diagnostics.pointers.size();
                           return (*pinned)->diagnostics.pointers.data();
                       });
}

kith_status kith_expr_json(const kith_expr *expr, kith_str *out_json, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_json, "out_json"));
        KITH_LET(pinned, pin<Expr>(expr));
        if (!pinned->expression->diagnostics().empty()) return pinned->expression->mistake();
        *out_json = str_out(pinned->expression->json());
        return kOk;
    });
}

kith_status kith_expr_eval_party(kith_snapshot *snapshot, const kith_expr *expr, const kith_id *party,
                                 const kith_expr_eval_options *options, kith_expr_result **out_result,
                                 kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_result, "out_result"));
        KITH_TRY(not_null(party, "party"));
        const engine::SubjectName of{engine::SubjectKind::party, id_in(*party), {}};
        return evaluate_in(snapshot, expr, options, out_result, [&](auto &view, auto &one, auto &in) {
            return engine::evaluate_for(view, one, of, in);
        });
    });
}

kith_status kith_expr_eval_interaction(kith_snapshot *snapshot, const kith_expr *expr,
                                       const kith_interaction_id *interaction,
                                       const kith_expr_eval_options *options, kith_expr_result **out_result,
                                       kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_result, "out_result"));
        KITH_TRY(not_null(interaction, "interaction"));
        const auto of = interaction_id_in(*interaction);
        return evaluate_in(snapshot, expr, options, out_result, [&](auto &view, auto &one, auto &in) {
            return engine::evaluate_at(view, one, of, in);
        });
    });
}

kith_status kith_expr_eval_subject(kith_snapshot *snapshot, const kith_expr *expr,
                                   const kith_subject *subject, const kith_expr_eval_options *options,
                                   kith_expr_result **out_result, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_result, "out_result"));
        KITH_LET(of, subject_in(subject));
        return evaluate_in(snapshot, expr, options, out_result, [&](auto &view, auto &one, auto &in) {
            return engine::evaluate_for(view, one, of, in);
        });
    });
}

kith_status kith_expr_eval_values(const kith_expr *expr, const kith_expr_eval_options *options,
                                  kith_expr_result **out_result, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_result, "out_result"));
        KITH_LET(used, pin<Expr>(expr));
        KITH_LET(in, evaluate_options_in(options, nullptr));
        KITH_LET(result, used->expression->evaluate({}, in));
        *out_result = give_result(std::move(result), *used);
        return kOk;
    });
}

kith_status kith_expr_result_describe(const kith_expr_result *result, kith_expr_outcome *out_outcome,
                                      kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_struct(out_outcome, "out_outcome"));
        KITH_LET(pinned, pin<ExprResult>(result));
        const auto &in = *pinned->result;
        kith_expr_outcome out{};
        out.kind = in.values.front().kind;
        out.cost = in.cost;
        out.memory_bytes = in.memory_bytes;
        out.text = str_out(in.text);
        out.json = str_out(in.json);
        write_struct(out_outcome, out);
        return kOk;
    });
}

const kith_expr_value *kith_expr_result_values(const kith_expr_result *result, size_t *out_count) {
    if (out_count) *out_count = 0;
    return guard_value(static_cast<const kith_expr_value *>(nullptr), [&]() -> const kith_expr_value * {
        const auto pinned = pin<ExprResult>(result);
        if (!pinned) return nullptr;
        const auto &values = (*pinned)->result->values;
        if (out_count) *out_count = values.size();
        return values.data();
    });
}

const kith_expr_reason *const *kith_expr_result_reasons(const kith_expr_result *result, size_t *out_count) {
    if (out_count) *out_count = 0;
    return guard_value(static_cast<const kith_expr_reason *const *>(nullptr),
                       [&]() -> const kith_expr_reason *const * {
                           const auto pinned = pin<ExprResult>(result);
                           if (!pinned || (*pinned)->reasons.pointers.empty()) return nullptr;
                           if (out_count) *out_count = (*pinned)->reasons.pointers.size();
                           return (*pinned)->reasons.pointers.data();
                       });
}

void kith_expr_result_free(kith_expr_result *result) { free_handle<ExprResult>(result); }
}
