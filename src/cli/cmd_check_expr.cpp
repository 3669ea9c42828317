#include <fmt/format.h>

#include <memory>

#include "cli/commands.hpp"
#include "cli/expressions.hpp"

namespace kith::cli {

namespace {

void run(const std::string &source, Context &context) {
    const Expr expr = check_expression(source);
    const kith_expr_description description = describe(expr);
    const bool right = description.diagnostics == 0;
    if (!right) context.exit_code = kFailed;
    if (context.format != Format::kJson) {
        return print(right ? fmt::format("{}, at most {}\n", view(description.type),
                                         plural(description.static_cost, "unit", "units"))
                           : diagnostics_text(expr, context));
    }
    Json json;
    json.object().flag("ok", right).text("expression", source);
    if (right) {
        json.text("type", view(description.type)).count("static_cost", description.static_cost);
    } else {
        json.null("type").null("static_cost");
    }
    append_diagnostics(json, expr);
    print(json.end().str());
}

}  // namespace

void add_check_expr(CLI::App &app, Context &context) {
    auto source = std::make_shared<std::string>();
    Command command(app, "check-expr", "Check an expression: its type and cost, or its mistakes");
    command.footer(
        "Expressions are CEL. They may name\n"
        "  party         id kind roles name language time_zone owner tags host_key revision created_at\n"
        "  m             the party's figures: interactions orders returns amount_total returns_total "
        "first_at\n"
        "                last_at first_order_at last_order_at gap_days\n"
        "  state         by the name of a process, its state: state.lifecycle\n"
        "  interactions  id type at recorded_at system key amount base_amount direction corrects lines "
        "medium\n"
        "                scope topic outcome actor with_whom text next_step cost duration\n"
        "  orders        interactions of type order; i is the interaction at hand, where there is one\n"
        "  lines         of an interaction: product quantity unit_price amount\n"
        "  processes     id definition version state since started_at transitions due\n"
        "  commitments   id kind title state ended opened_at due ended_at process\n"
        "  identifiers   kind value normalised shared host verified verified_at valid_from\n"
        "                valid_to\n"
        "  now, today, zone\n"
        "Lists run from oldest to newest. has(i.cost) says whether a field is set. The cost is in units, by "
        "the\n"
        "sizes that lists and texts commonly have: it may be 100,000, and an evaluation may use "
        "1,000,000.\n\n"
        "  kith check-expr 'm.orders >= 3 && !(\"no_email\" in party.tags)'\n"
        "  kith check-expr 'orders.exists(o, o.lines.exists(l, l.product == \"coffee\"))'\n"
        "  kith check-expr 'has(m.last_order_at) && daysBetween(m.last_order_at, now) > 90'\n");
    command.option("EXPR", *source, "The expression, in quotes").required();
    command.json_flag(context);
    command.on_run([source, &context] { run(*source, context); });
}

}  // namespace kith::cli
