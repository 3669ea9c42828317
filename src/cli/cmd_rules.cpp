#include <fmt/format.h>

#include <memory>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/result.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, rule, party, now;
    bool resume = false;
};

void resume(const Options &options) {
    if (options.rule.empty()) fail(kUsage, "say which rule is to run again");
    const Store store = open_store(options.file);
    const Batch batch = new_batch(store);
    kith_error error = make_error();
    check(kith_rule_resume(batch.get(), to_str(options.rule), nullptr, &error), error);
    check(kith_batch_commit(batch.get(), nullptr, &error), error);
    print(fmt::format("{} runs.\n", printable(options.rule)));
}

void show(const Options &options, const Context &context) {
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    kith_error error = make_error();
    kith_table *table = nullptr;
    if (options.rule.empty()) {
        const kith_time now = time_or_now("--now", options.now, view(read_info(snapshot).time_zone));
        check(kith_rules(snapshot.get(), now, &table, &error), error);
    } else {
        kith_id party{};
        if (!options.party.empty()) party = find_party(snapshot, options.party);
        check(kith_rule_runs(snapshot.get(), to_str(options.rule), options.party.empty() ? nullptr : &party,
                             &table, &error),
              error);
    }
    const Result result(Table(table), 0);
    const bool runs = !options.rule.empty();
    if (!runs && context.format == Format::kCsv) return print(result.csv({}));
    Json json;
    json.object();
    if (!runs && context.format == Format::kJson) {
        result.json_rows(json, "rules");
        return print(json.end().str());
    }
    const bool for_people = context.format == Format::kTable;
    if (for_people && result.rows() == 0) return print(runs ? "It has not run.\n" : "There are no rules.\n");
    TextTable lines;
    std::string csv;
    const auto cell = [&](const char *name, std::size_t row) {
        return printable(result.cell(result.column(name), row));
    };
    if (!runs) {
        for (const char *title : {"rule", "set off by", "mode", "version"}) lines.column(title);
        for (const char *title : {"fired", "failed", "in a row"})
            lines.column(title, TextTable::Align::kRight);
        lines.column("last fired (UTC)");
        lines.column("");
        for (std::size_t row = 0; row < result.rows(); ++row) {
            lines.row(
                {cell("rule", row), cell("trigger", row), cell("mode", row), cell("version", row),
                 cell("fired", row), cell("failed", row), cell("in_a_row", row),
                 result.present(result.column("last"), row) ? day_text(result.column("last").ints[row]) : "-",
                 cell("suspended", row) == "1" ? "SUSPENDED"
                 : cell("enabled", row) == "0" ? "out of its time"
                                               : ""});
        }
        return print(lines.text(context, "  "));
    }
    for (const char *title : {"at (UTC)", "party", "result", "set off by", "why"}) lines.column(title);
    append_csv(csv, {"at", "party", "result", "event", "why"});
    json.text("rule", options.rule).array("runs");
    for (std::size_t row = 0; row < result.rows(); ++row) {
        const kith_id &id = result.column("party").ids[row];
        const kith_time at = result.column("at").ints[row];
        const auto event = result.cell(result.column("event"), row);
        const auto why = result.cell(result.column("why"), row);
        const auto state = result.cell(result.column("result"), row);
        lines.row({day_text(at), options.party.empty() ? id_text(id) : printable(options.party), state,
                   printable(event), printable(why)});
        append_csv(csv, {time_text(at), id_text(id), state, event, why});
        json.object().text("at", time_text(at)).text("party", id_text(id)).text("result", state);
        if (!event.empty()) json.text("event", event);
        if (!why.empty()) json.text("why", why);
        json.end();
    }
    const auto left = result.count_fact("left");
    if (context.format == Format::kJson) return print(json.end().count("left", left).end().str());
    if (context.format == Format::kCsv) return print(csv);
    print(lines.text(context, "  "));
    if (left > 0) print(fmt::format("  and {} more: name a party\n", grouped(left)));
}

}  // namespace

void add_rules(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "rules", "How often rules have fired and failed, and their last runs");
    command.footer(
        "  kith rules shop.kith\n"
        "  kith rules shop.kith thank C-00042\n"
        "  kith rules shop.kith thank --resume\n");
    command.file(options->file);
    command.option("NAME", options->rule, "Its last runs (default: all rules)");
    command.option("PARTY", options->party, "Runs about this one: host key, id or identifier");
    command.flag("--resume", options->resume, "Let a suspended rule run again");
    command.option("--now", options->now, "When it is in force (default: the system's clock)").type("TIME");
    command.csv_flag(context);
    command.json_flag(context);
    command.on_run([options, &context] { options->resume ? resume(*options) : show(*options, context); });
}

}  // namespace kith::cli
