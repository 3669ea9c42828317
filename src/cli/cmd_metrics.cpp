#include <fmt/format.h>

#include <memory>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/values.hpp"

namespace kith::cli {

namespace {

constexpr std::uint64_t kSubjectsForPeople = 20;

struct Options {
    std::string file, per = "party", now, where, order;
    std::vector<std::string> names;
    std::uint64_t limit = 0;
};

// Without names: what is installed.
void run_list(const Snapshot &snapshot, const Context &context) {
    std::vector<Listed> metrics;
    for (Listed &one : list_definitions(snapshot)) {
        if (one.kind == "metric") metrics.push_back(std::move(one));
    }
    if (context.format == Format::kJson) {
        Json json;
        json.object().array("metrics");
        for (const Listed &one : metrics) {
            json.object().text("metric", one.name).text("per", one.per()).text("counts", one.counts());
            json.text("unit", one.text("unit")).text("about", one.text("about"));
            json.text("playbook", one.playbook).count("version", one.version).end();
        }
        return print(json.end().end().str());
    }
    if (context.format == Format::kCsv) {
        std::string csv;
        append_csv(csv, {"metric", "per", "counts", "unit", "about", "playbook", "version"});
        for (const Listed &one : metrics) {
            append_csv(csv, {one.name, one.per(), one.counts(), one.text("unit"), one.text("about"),
                             one.playbook, std::to_string(one.version)});
        }
        return print(csv);
    }
    if (metrics.empty()) return print("No metrics are installed; `kith define` installs some.\n");
    TextTable table;
    for (const char *title : {"metric", "per", "counts", "unit", "about"}) table.column(title);
    for (const Listed &one : metrics) {
        table.row({printable(one.name), printable(one.per()),
                   clipped(printable(one.counts()), 48, context.unicode), printable(one.text("unit")),
                   clipped(printable(one.text("about")), 60, context.unicode)});
    }
    print(table.text(context, "  ") + "\nTheir values: kith metrics FILE NAME\n");
}

void run_values(const Options &options, const Snapshot &snapshot, const Context &context) {
    const kith_info info = read_info(snapshot);
    ValuesWanted wanted;
    while (subject_name(wanted.subject) != options.per) ++wanted.subject;
    wanted.names = options.names;
    wanted.now = time_or_now("--now", options.now, view(info.time_zone));
    wanted.where = options.where;
    wanted.order_by = options.order;
    const bool for_people = context.format == Format::kTable;
    if (for_people && wanted.order_by.empty()) wanted.order_by = wanted.names.front();
    wanted.limit = options.limit > 0 ? options.limit : for_people ? kSubjectsForPeople : 0;
    const Result result = read_values(snapshot, wanted, info.minor_digits);
    if (context.format == Format::kCsv) return print(result.csv({"id"}));
    if (context.format == Format::kJson) {
        Json json;
        json.object().text("per", options.per).text("now", time_text(wanted.now));
        json.text("currency", reinterpret_cast<const char *>(info.currency));
        result.json_rows(json, "values");
        return print(json.end().str());
    }
    if (result.rows() == 0) return print("Nobody to show.\n");
    print(values_text(result, result.rows(), context));
}

}  // namespace

void add_metrics(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "metrics", "What is measured, and the values of everybody");
    command.footer(
        "Without a name: the metrics that are installed. With names: a column for each, exact at --now. A "
        "name\n"
        "may be any expression over the subject: m.NAME, band.NAME, score.NAME, cell.NAME, party.name.\n\n"
        "  kith metrics shop.kith\n"
        "  kith metrics shop.kith sales_12m orders_24m cell.service\n"
        "  kith metrics shop.kith sales_12m --where 'in_segment(\"regulars\")' --csv > sales.csv\n"
        "  kith metrics shop.kith sold_12m --per actor --now 2026-01-01\n");
    command.file(options->file);
    command.option("NAME", options->names, "Metrics, or expressions in quotes");
    command.option("--per", options->per, "Whose values")
        .one_of({"party", "actor", "product", "campaign", "all"})
        .show_default();
    command.option("--now", options->now, "When (default: the system's clock)").type("TIME");
    command.option("--where", options->where, "Only those who meet this condition").type("EXPR");
    command
        .option("--order", options->order,
                "The name by which they are ordered, the largest first (default: in the table the first,\n"
                "else by key)")
        .type("NAME");
    command.limit(options->limit, "At most so many (default: 20 in the table, else all)");
    command.csv_flag(context);
    command.json_flag(context);
    command.on_run([options, &context] {
        const Store store = open_store(options->file, KITH_OPEN_READ_ONLY);
        const Snapshot snapshot = begin_snapshot(store);
        options->names.empty() ? run_list(snapshot, context) : run_values(*options, snapshot, context);
    });
}

}  // namespace kith::cli
