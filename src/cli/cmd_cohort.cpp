#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/result.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, by = "month";
};

constexpr std::size_t kPeriodColumn = 2;  // after cohort and size
constexpr std::size_t kLeadWidth = 22;    // what these two take on a terminal
constexpr std::size_t kCellWidth = 6;

std::string table_text(const Options &options, const Result &result, const Context &context) {
    if (result.rows() == 0) return "No customer has ordered yet.\n";
    std::size_t shown = result.columns().size();
    if (context.stdout_terminal) {
        const std::size_t room = context.width > kLeadWidth ? (context.width - kLeadWidth) / kCellWidth : 1;
        shown = std::min(shown, kPeriodColumn + std::max<std::size_t>(room, 1));
    }
    TextTable table;
    table.column("cohort");
    for (std::size_t i = 1; i < shown; ++i) {
        table.column(std::string(view(result.columns()[i].name)), TextTable::Align::kRight);
    }
    const kith_column &size = result.columns()[1];
    for (std::size_t row = 0; row < result.rows(); ++row) {
        std::vector<std::string> cells{result.cell(result.columns()[0], row),
                                       grouped(static_cast<std::uint64_t>(size.ints[row]))};
        for (std::size_t i = kPeriodColumn; i < shown; ++i) {
            const kith_column &column = result.columns()[i];
            const auto whole = static_cast<double>(std::max<std::int64_t>(size.ints[row], 1));
            cells.push_back(
                result.present(column, row) ? percent(static_cast<double>(column.ints[row]) / whole, 0) : "");
        }
        table.row(std::move(cells));
    }
    std::string out = bold("Cohorts", context) +
                      fmt::format(
                          ": customers by the {} of their first order, and how many of them ordered\n"
                          "in that {} and in each one after it\n\n",
                          options.by, options.by);
    out += table.text(context, "  ");
    if (shown < result.columns().size()) {
        out += fmt::format("\n{} more to the right: a wider window, or --csv, shows them.\n",
                           plural(result.columns().size() - shown, options.by, options.by + "s"));
    }
    return out;
}

void run(const Options &options, const Context &context) {
    static const std::map<std::string, std::uint32_t> kPeriods{{"month", KITH_COHORT_MONTH},
                                                               {"week", KITH_COHORT_WEEK},
                                                               {"quarter", KITH_COHORT_QUARTER},
                                                               {"year", KITH_COHORT_YEAR}};
    kith_cohort_options cohort = make<kith_cohort_options>();
    cohort.by = kPeriods.at(options.by);
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    const kith_info info = read_info(snapshot);
    kith_error error = make_error();
    kith_table *table = nullptr;
    check(kith_cohort(snapshot.get(), &cohort, &table, &error), error);
    const Result result(Table(table), info.minor_digits);
    if (context.format == Format::kCsv) return print(result.csv({}));
    if (context.format == Format::kTable) return print(table_text(options, result, context));
    Json json;
    json.object().text("by", options.by);
    result.json_rows(json, "cohorts");
    print(json.end().str());
}

}  // namespace

void add_cohort(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "cohort", "Who comes back: customers by the period of their first order");
    command.footer(
        "A row are the customers who first ordered in that period; column 1 says how many of them ordered\n"
        "in the period after, 2 in the one after that. On a terminal in percent, with --csv as counts;\n"
        "periods after the last order in the file are empty.\n\n"
        "  kith cohort shop.kith --by quarter\n\n"
        "CSV columns: cohort, size, 0, 1, ...\n");
    command.file(options->file);
    command.option("--by", options->by, "Civil periods in the file's time zone; weeks start on Monday")
        .one_of({"month", "week", "quarter", "year"})
        .show_default();
    command.csv_flag(context);
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
