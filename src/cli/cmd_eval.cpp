#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <span>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/expressions.hpp"
#include "cli/subjects.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, party, source, now;
    SubjectOptions subject;
    bool explain = false;
};

// None where the evaluation failed, or came to more than its limits: `error` says so.
ExprResult evaluate(const Snapshot &snapshot, const Expr &expr, const Subject &subject, kith_time now,
                    bool explain, kith_error &error) {
    kith_expr_eval_options options = make<kith_expr_eval_options>();
    options.fields = KITH_EXPR_FIELD_NOW;
    options.now = now;
    if (explain) options.flags = KITH_EXPR_EXPLAIN;
    kith_expr_result *result = nullptr;
    const kith_subject of = subject.borrowed();
    const kith_status status =
        kith_expr_eval_subject(snapshot.get(), expr.get(), &of, &options, &result, &error);
    if (status == KITH_NOT_FOUND) fail(kFailed, "the file knows of no " + subject.label());
    if (status != KITH_E_RULE && status != KITH_E_LIMIT) check(status, error);
    return ExprResult(result);
}

// "2026-01-01 00:30", as clocks in the zone show it.
std::string local_text(kith_time now, const kith_str &zone) {
    static constexpr std::string_view kSource =
        "string(today) + ' ' + string(100 + now.getHours(zone)).substring(1) + ':' + "
        "string(100 + now.getMinutes(zone)).substring(1)";
    const Expr expr = check_expression(std::string(kSource));
    kith_error error = make_error();
    kith_expr_eval_options options = make<kith_expr_eval_options>();
    options.fields = KITH_EXPR_FIELD_NOW;
    options.now = now;
    options.zone = zone;
    kith_expr_result *made = nullptr;
    check(kith_expr_eval_values(expr.get(), &options, &made, &error), error);
    const ExprResult result(made);
    std::size_t count = 0;
    return std::string(view(kith_expr_result_values(result.get(), &count)->text));
}

kith_expr_outcome describe(const ExprResult &result) {
    kith_error error = make_error();
    kith_expr_outcome outcome = make<kith_expr_outcome>();
    check(kith_expr_result_describe(result.get(), &outcome, &error), error);
    return outcome;
}

std::span<const kith_expr_reason *const> reasons(const ExprResult &result) {
    std::size_t count = 0;
    const kith_expr_reason *const *first = kith_expr_result_reasons(result.get(), &count);
    return {first, count};
}

bool has_element(const kith_expr_reason &reason) {
    return (reason.fields & KITH_EXPR_REASON_FIELD_ELEMENT) != 0;
}

bool failed(const kith_expr_reason &reason) { return (reason.fields & KITH_EXPR_REASON_FIELD_FAILED) != 0; }

// For people and for other commands: what JSON has, texts and times without their quotes.
std::string value_line(const ExprResult &result, const kith_expr_outcome &outcome) {
    if (outcome.kind == KITH_EXPR_ERROR) return printable(view(outcome.text));
    if (outcome.kind == KITH_EXPR_STRING) {
        std::size_t count = 0;
        return printable(view(kith_expr_result_values(result.get(), &count)->text));
    }
    std::string_view json = view(outcome.json);
    if (json.size() > 1 && json.front() == '"') json = json.substr(1, json.size() - 2);
    return printable(json);
}

std::string reasons_text(const ExprResult &result, const Context &context) {
    const std::size_t width = std::max<std::size_t>(context.width * 2 / 3, 40);
    TextTable table;
    table.column("because");
    table.column("is");
    for (const kith_expr_reason *reason : reasons(result)) {
        const std::string indent(reason->level * std::size_t{2}, ' ');
        table.row({clipped(indent + printable(view(reason->text)), width, context.unicode),
                   printable(view(reason->value))});
        if (!has_element(*reason)) continue;
        table.row(
            {indent + fmt::format("  element {}", reason->element), printable(view(reason->element_value))});
    }
    return table.text(context);
}

// Of "1:5: div_zero: ...", or of "memory: ...": what is wrong, and where.
void append_error(Json &json, std::string_view message) {
    const auto number = [&]() -> std::uint64_t {
        std::uint64_t value = 0;
        const auto [end, slip] = std::from_chars(message.data(), message.data() + message.size(), value);
        const auto size = static_cast<std::size_t>(end - message.data());
        if (slip != std::errc() || size >= message.size() || message[size] != ':') return 0;
        message.remove_prefix(size + 1);
        return value;
    };
    const std::uint64_t line = number(), column = number();
    message.remove_prefix(std::min(message.find_first_not_of(' '), message.size()));
    const std::string_view code =
        message.substr(0, message.find_first_not_of("abcdefghijklmnopqrstuvwxyz_8"));
    const bool named = message.substr(code.size(), 2) == ": ";
    json.object("error");
    if (named) json.text("code", code);
    json.text("message", named ? message.substr(code.size() + 2) : message);
    if (line > 0) json.count("line", line).count("column", column);
    json.end();
}

void append_reasons(Json &json, const ExprResult &result) {
    json.array("reasons");
    for (const kith_expr_reason *reason : reasons(result)) {
        json.object().count("level", reason->level).count("line", reason->line);
        json.count("column", reason->column).count("begin", reason->begin).count("end", reason->end);
        json.text("text", view(reason->text)).text("value", view(reason->value));
        json.flag("failed", failed(*reason));
        if (has_element(*reason)) {
            json.count("element", reason->element).text("element_value", view(reason->element_value));
        }
        json.end();
    }
    json.end();
}

void run(Options options, Context &context) {
    if (options.subject.given()) {  // which has the customer's place
        if (!options.source.empty())
            fail(kUsage, "give one subject: a customer, or an option that names another");
        std::swap(options.source, options.party);
    }
    if (options.source.empty()) fail(kUsage, "give a customer and an expression");
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    const Expr expr = check_expression(options.source, snapshot, subject_kind(options.subject));
    const bool as_json = context.format == Format::kJson;
    if (!diagnostics(expr).empty()) {
        if (!as_json) fail(kFailed, "the expression is wrong\n" + diagnostics_text(expr, context));
        context.exit_code = kFailed;
        Json json;
        json.object().text("expression", options.source);
        append_diagnostics(json, expr);
        return print(json.end().str());
    }
    const kith_str zone = read_info(snapshot).time_zone;
    const kith_time now = time_or_now("--now", options.now, view(zone));
    const Subject subject = find_subject(snapshot, options.party, options.subject);
    kith_error error = make_error();
    const ExprResult result = evaluate(snapshot, expr, subject, now, options.explain, error);
    if (!result && !as_json) fail(error);
    const kith_expr_outcome outcome = result ? describe(result) : kith_expr_outcome{};
    const bool has_value = result && outcome.kind != KITH_EXPR_ERROR;
    if (!has_value) context.exit_code = kFailed;
    if (!as_json) {
        print(value_line(result, outcome) + "\n");
        if (!options.explain) return;
        print("\n" + reasons_text(result, context));
        return print(fmt::format("\nIt took {}; seen from {} {}.\n", plural(outcome.cost, "unit", "units"),
                                 local_text(now, zone), view(zone)));
    }
    Json json;
    json.object();
    append_subject(json, subject);
    json.text("expression", options.source);
    json.text("now", time_text(now)).text("zone", view(zone)).text("type", view(describe(expr).type));
    if (has_value) {
        json.raw("value", view(outcome.json)).text("text", view(outcome.text));
    } else {
        json.null("value");
        append_error(json, result ? view(outcome.text) : std::string_view(error.message));
    }
    if (result) json.count("cost", outcome.cost).count("memory_bytes", outcome.memory_bytes);
    if (result && options.explain) append_reasons(json, result);
    print(json.end().str());
}

}  // namespace

void add_eval(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "eval", "Evaluate an expression for one customer, and say why");
    command.footer(
        "`kith check-expr --help` says what an expression may name. The file's definitions are there too:\n"
        "m.NAME, band.NAME, score.NAME, cell.NAME, series.NAME, in_segment(\"NAME\"), setting.NAME, "
        "all.m.NAME.\n\n"
        "  kith eval shop.kith C-00042 'm.orders'\n"
        "  kith eval shop.kith C-00042 'sum(orders, o, o.base_amount)'\n"
        "  kith eval shop.kith C-00042 'orders.exists(o, o.at > now - duration(\"720h\"))' --explain\n"
        "  kith eval shop.kith anna@example.com 'interactions.filter(i, i.type == \"return\").size()' "
        "--json\n"
        "  kith eval shop.kith ann 'm.orders_24m >= 6 && cell.service == \"keep\"' --explain\n"
        "  kith eval shop.kith --actor mia 'm.sold_24m'\n");
    command.file(options->file);
    command.option("PARTY", options->party, "Host key, id, or identifier (e-mail, phone, card)").required();
    command.option("EXPR", options->source, "The expression, in quotes");
    add_subject_options(command, options->subject);
    command.flag("--explain", options->explain, "Print what decided it: each part, and what it is");
    command.option("--now", options->now, "What `now` and `today` are (default: the system's clock)")
        .type("TIME");
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
