#include <fmt/format.h>

#include <memory>

#include "cli/commands.hpp"
#include "cli/directory.hpp"
#include "cli/output.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, what, metric;
    std::uint64_t limit = 0;  // 0: the form's default
};

constexpr std::uint64_t kLinesForPeople = 50;
constexpr std::uint32_t kPageItems = 1000;

void run(const Options &options, const Context &context) {
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    const kith_info info = read_info(snapshot);
    const Sheet sheet = sheet_of(options.what);
    const auto columns = columns_of(sheet);
    const bool for_people = context.format == Format::kTable;
    const std::uint64_t limit = options.limit > 0 ? options.limit : for_people ? kLinesForPeople : UINT64_MAX;
    kith_query query = query_of(sheet);
    query.definition = to_str(options.metric);
    const Cursor cursor = open_cursor(snapshot, query);

    std::vector<std::vector<std::string>> rows;
    std::uint64_t seen = 0;
    Json json;
    json.array();
    std::string csv;
    append_csv(csv, {columns.begin(), columns.end()});
    while (const Page page = next_page(cursor, kPageItems)) {
        for (auto &row : rows_of(page, sheet, info.minor_digits)) {
            if (seen++ >= limit) continue;  // only counted
            if (context.format == Format::kCsv) append_csv(csv, row);
            if (context.format == Format::kJson) {
                json.object();
                for (std::size_t i = 0; i < columns.size(); ++i)
                    if (!row[i].empty()) json.text(columns[i], row[i]);
                json.end();
            }
            if (for_people) rows.push_back(std::move(row));
        }
        if (!for_people && seen >= limit) break;
    }
    if (context.format == Format::kJson) return print(json.end().str());
    if (context.format == Format::kCsv) return print(csv);
    if (rows.empty()) return print(fmt::format("There are no {}.\n", options.what));
    // Columns in which nothing stands are left out.
    TextTable table;
    std::vector<std::size_t> shown;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        bool empty = true;
        for (const auto &row : rows) empty = empty && row[i].empty();
        if (empty) continue;
        shown.push_back(i);
        table.column(std::string(columns[i]));
    }
    for (const auto &row : rows) {
        std::vector<std::string> cells;
        for (const std::size_t i : shown) cells.push_back(printable(row[i]));
        table.row(std::move(cells));
    }
    print(table.text(context, "  "));
    if (seen > limit)
        print(fmt::format("  and {} more: --limit N, or --csv for all\n", grouped(seen - limit)));
}

}  // namespace

void add_list(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "list", "Products, actors, campaigns, links or scores");
    command.footer(
        "What --csv prints, `kith import` takes. Parties are named by their host keys.\n\n"
        "  kith list shop.kith actors\n"
        "  kith list shop.kith scores --metric buying_power --csv\n");
    command.file(options->file);
    command.option("WHAT", options->what, "products, actors, campaigns, links or scores")
        .required()
        .one_of({"products", "actors", "campaigns", "links", "scores"});
    command.option("--metric", options->metric, "Only scores of this metric").type("NAME");
    command.limit(options->limit, "At most so many (default: 50 in the table, all in CSV and JSON)");
    command.csv_flag(context);
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
