#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/values.hpp"

namespace kith::cli {

namespace {

constexpr std::size_t kSeriesBarWidth = 40;

struct Options {
    std::string file, metric, party, now;
    SubjectOptions subject;
};

// What a value is beside others, for its bar; 0 where it has no size.
double size_of(const Result &result, const kith_column &column, std::size_t row) {
    if (!result.present(column, row)) return 0;
    if (column.type == KITH_COLUMN_REAL) return std::max(0.0, column.reals[row]);
    if (column.type == KITH_COLUMN_TEXT) return 0;
    return std::max(0.0, static_cast<double>(column.ints[row]));
}

std::string table_text(const Options &options, const Subject &subject, const Result &result,
                       const Context &context) {
    if (result.rows() == 0) return "There is nothing yet.\n";
    const kith_column &period = result.column("period"), &value = result.column("value");
    double most = 0;
    for (std::size_t row = 0; row < result.rows(); ++row) most = std::max(most, size_of(result, value, row));
    TextTable table;
    table.column("period from");
    table.column(options.metric, TextTable::Align::kRight);
    table.column("");
    for (std::size_t row = 0; row < result.rows(); ++row) {
        const double share = most > 0 ? size_of(result, value, row) / most : 0;
        std::string bar;
        for (std::size_t i = 0; i < static_cast<std::size_t>(share * kSeriesBarWidth); ++i)
            bar += context.unicode ? "█" : "#";
        table.row({result.cell(period, row), value_cell(result, value, row), bar});
    }
    return bold(fmt::format("{} of {}", options.metric, subject.label()), context) +
           "; the last period is open\n\n" + table.text(context, "  ");
}

void run(const Options &options, const Context &context) {
    if (options.subject.given() == !options.party.empty())
        fail(kUsage, "give one subject: a customer, or an option that names another");
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    const kith_info info = read_info(snapshot);
    const kith_time now = time_or_now("--now", options.now, view(info.time_zone));
    const Subject subject = find_subject(snapshot, options.party, options.subject);
    const Result result = read_series(snapshot, subject, options.metric, now, info.minor_digits);
    switch (context.format) {
        case Format::kCsv:
            return print(result.csv({"begin"}));
        case Format::kTable:
            return print(table_text(options, subject, result, context));
        case Format::kJson: {
            Json json;
            json.object();
            append_subject(json, subject);
            json.text("metric", options.metric).text("now", time_text(now));
            result.json_rows(json, "series");
            return print(json.end().str());
        }
    }
}

}  // namespace

void add_series(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "series", "A metric by month, quarter or year");
    command.footer(
        "Of a metric that says \"by\". Of a customer, or of another subject by an option.\n\n"
        "  kith series shop.kith sales_m C-00042\n"
        "  kith series shop.kith trade_m --all --csv > trade.csv\n");
    command.file(options->file);
    command.option("METRIC", options->metric, "The metric's name").required();
    command.option("PARTY", options->party, "Host key, id, or identifier (e-mail, phone, card)");
    add_subject_options(command, options->subject);
    command.option("--now", options->now, "Until when (default: the system's clock)").type("TIME");
    command.csv_flag(context);
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
