#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/values.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, name, party, now;
    SubjectOptions subject;
    std::uint32_t rows = 5;
};

std::string label_of(const Result &result, std::size_t row) {
    const std::string kind = result.cell(result.column("kind"), row);
    const std::string name = printable(result.cell(result.column("name"), row));
    if (kind == "window" || kind == "indicator" || kind == "condition" || kind == "row") return name;
    if (kind == "given") return kind;
    if (kind == "since") return name + " since";
    if (kind == "of" || kind == "limit" || kind == "cut" || kind == "tree" || kind == "x" || kind == "y")
        return kind + " " + name;
    return name;
}

std::string detail_of(const Result &result, std::size_t row) {
    std::string out = printable(result.cell(result.column("detail"), row));
    const auto more = [&](const std::string &text) {
        if (!text.empty()) out += (out.empty() ? "" : "; ") + text;
    };
    const kith_column &weight = result.column("weight"), &addend = result.column("addend");
    if (result.present(weight, row)) more("weight " + real_text(weight.reals[row]));
    if (result.present(addend, row)) more("adds " + real_text(addend.reals[row]));
    more(printable(result.cell(result.column("party"), row)));
    const std::string definition = printable(result.cell(result.column("definition"), row));
    if (!definition.empty()) {
        more(fmt::format("{}, version {}", definition, result.cell(result.column("version"), row)));
    }
    more(printable(result.cell(result.column("source"), row)));
    return out;
}

std::string tree_text(const Result &result, const Context &context) {
    const std::size_t width = std::max<std::size_t>(context.width / 2, 40);
    TextTable table;
    table.column("value of");
    table.column("is");
    table.column("because");
    const kith_column &level = result.column("level"), &value = result.column("value");
    for (std::size_t row = 0; row < result.rows(); ++row) {
        const std::string indent(static_cast<std::size_t>(level.ints[row]) * 2, ' ');
        table.row({clipped(indent + label_of(result, row), width, context.unicode),
                   result.present(value, row) ? printable(result.cell(value, row)) : "-",
                   detail_of(result, row)});
    }
    return table.text(context);
}

void run(const Options &options, const Context &context) {
    if (options.subject.given() == !options.party.empty())
        fail(kUsage, "give one subject: a customer, or an option that names another");
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    const kith_info info = read_info(snapshot);
    const kith_time now = time_or_now("--now", options.now, view(info.time_zone));
    const Subject subject = find_subject(snapshot, options.party, options.subject);
    const Result result = read_why(snapshot, subject, options.name, now, options.rows, info.minor_digits);
    switch (context.format) {
        case Format::kCsv:
            return print(result.csv({}));
        case Format::kTable:
            return print(tree_text(result, context));
        case Format::kJson: {
            Json json;
            json.object();
            append_subject(json, subject);
            json.text("name", options.name).text("now", time_text(now));
            result.json_rows(json, "tree");
            return print(json.end().str());
        }
    }
}

}  // namespace

void add_why(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "why",
                    "Why a value is what it is, why a rule fired or did not, what a process waits for");
    command.footer(
        "The tree of what it was made of: formulas down to their metrics, metrics down to their window and "
        "newest\n"
        "rows, the limit that took a class, the axes of a cell, what each indicator adds to a score, the\n"
        "conditions that decided a membership; and what is missing where it is unknown. Of a rule, its runs "
        "and the\n"
        "newest events that could have set it off, with its conditions as of then; of a process, its log, "
        "its\n"
        "milestones, and each way out with what it waits for.\n\n"
        "  kith why shop.kith cell.service C-00042\n"
        "  kith why shop.kith m.sold_12m --actor mia --now 2026-01-01\n"
        "  kith why shop.kith rule.thank C-00042\n"
        "  kith why shop.kith process.lifecycle C-00042\n"
        "  kith why shop.kith segment.at_risk anna@example.com --json\n");
    command.file(options->file);
    command
        .option("NAME", options->name,
                "m.NAME, band.NAME, score.NAME, cell.NAME, segment.NAME, rule.NAME or process.NAME")
        .required();
    command.option("PARTY", options->party, "Host key, id, or identifier (e-mail, phone, card)");
    add_subject_options(command, options->subject);
    command.option("--now", options->now, "When (default: the system's clock)").type("TIME");
    command.option("--rows", options->rows, "Rows shown of a metric, the newest")
        .between(1, 1000)
        .show_default();
    command.csv_flag(context);
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
