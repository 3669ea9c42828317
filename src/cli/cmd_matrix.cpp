#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/values.hpp"

namespace kith::cli {

namespace {

constexpr std::uint64_t kCellForPeople = 20;

struct Options {
    std::string file, matrix, members, now, language;
    std::uint64_t limit = 0;
};

// An axis: what it classes by, its classes in order.
struct Axis {
    std::string source, path;  // path of the labels of its classes, "band.loyal."
    std::vector<std::string> classes;
};

Axis axis_of(const Listed &matrix, const char *which, const std::vector<Listed> &all) {
    Axis axis;
    axis.source = matrix.text(which);
    const bool is_x = std::string_view(which) == "x";
    if (axis.source.starts_with("band.")) {
        axis.path = axis.source + ".";
        for (const Listed &one : all) {
            if (one.kind == "bands" && "band." + one.name == axis.source) axis.classes = one.classes();
        }
    }
    // What the cells name beside.
    for (const ListedCell &cell : matrix.cells()) {
        for (const std::string &name : is_x ? cell.x : cell.y) {
            if (std::find(axis.classes.begin(), axis.classes.end(), name) == axis.classes.end())
                axis.classes.push_back(name);
        }
    }
    return axis;
}

struct Grid {
    Axis x, y;
    std::map<std::pair<std::string, std::string>, std::uint64_t> counts;  // by (x, y)
    std::map<std::string, std::uint64_t> cells;
    std::uint64_t all = 0, unknown = 0;
};

Grid grid_of(const Listed &matrix, const std::vector<Listed> &all, const Result &result) {
    Grid grid{axis_of(matrix, "x", all), axis_of(matrix, "y", all), {}, {}, 0, 0};
    const std::size_t first = result.columns().size() - 3;
    const kith_column &x = result.columns()[first], &y = result.columns()[first + 1],
                      &cell = result.columns()[first + 2];
    for (std::size_t row = 0; row < result.rows(); ++row) {
        ++grid.all;
        if (result.present(x, row) && result.present(y, row))
            ++grid.counts[{result.cell(x, row), result.cell(y, row)}];
        if (result.present(cell, row)) {
            ++grid.cells[result.cell(cell, row)];
        } else {
            ++grid.unknown;
        }
    }
    return grid;
}

std::string cell_at(const std::vector<ListedCell> &cells, const std::string &x, const std::string &y) {
    for (const ListedCell &cell : cells) {
        const auto has = [](const std::vector<std::string> &names, const std::string &name) {
            return std::find(names.begin(), names.end(), name) != names.end();
        };
        if (has(cell.x, x) && has(cell.y, y)) return cell.is;
    }
    return {};
}

// Rows: y, the highest class first. Columns: x. In each place how many, below them the cell's name.
std::string grid_text(const Listed &matrix, const Grid &grid, const Labels &labels, const Context &context) {
    const auto cells = matrix.cells();
    TextTable table;
    table.column("");
    for (const std::string &x : grid.x.classes)
        table.column(printable(labels.of(grid.x.path + x)), TextTable::Align::kRight);
    for (auto y = grid.y.classes.rbegin(); y != grid.y.classes.rend(); ++y) {
        std::vector<std::string> counts{printable(labels.of(grid.y.path + *y))}, names{""};
        for (const std::string &x : grid.x.classes) {
            const auto found = grid.counts.find({x, *y});
            counts.push_back(found == grid.counts.end() ? "-" : grouped(found->second));
            const std::string cell = cell_at(cells, x, *y);
            names.push_back(
                cell.empty() ? "" : printable(labels.of(fmt::format("cell.{}.{}", matrix.name, cell))));
        }
        table.row(std::move(counts));
        table.row(std::move(names));
    }
    return table.text(context, "  ");
}

std::string table_text(const Listed &matrix, const Grid &grid, const Labels &labels, const Context &context) {
    std::string out =
        bold(fmt::format("{} of {}", labels.of("cell." + matrix.name), grouped(grid.all)), context) +
        fmt::format(": {} (across) and {} (down)\n\n", grid.x.source, grid.y.source);
    out += grid_text(matrix, grid, labels, context);
    if (grid.unknown > 0)
        out += fmt::format("\nIn no cell, as something is unknown: {}\n", grouped(grid.unknown));
    return out + "\nWho is in a cell: --members CELL. Why: kith why FILE cell." + matrix.name + " CUSTOMER\n";
}

std::string json_text(const Listed &matrix, const Grid &grid, const Labels &labels, kith_time now) {
    Json json;
    json.object().text("matrix", matrix.name).text("now", time_text(now));
    json.text("x", grid.x.source).text("y", grid.y.source);
    json.count("subjects", grid.all).count("unknown", grid.unknown).array("cells");
    const auto cells = matrix.cells();
    for (const std::string &y : grid.y.classes) {
        for (const std::string &x : grid.x.classes) {
            const std::string cell = cell_at(cells, x, y);
            const auto found = grid.counts.find({x, y});
            json.object().text("x", x).text("y", y).text("cell", cell);
            json.text("label", cell.empty() ? "" : labels.of(fmt::format("cell.{}.{}", matrix.name, cell)));
            json.count("count", found == grid.counts.end() ? 0 : found->second).end();
        }
    }
    return json.end().end().str();
}

std::string csv_text(const Listed &matrix, const Grid &grid) {
    std::string csv;
    append_csv(csv, {"x", "y", "cell", "count"});
    const auto cells = matrix.cells();
    for (const std::string &y : grid.y.classes) {
        for (const std::string &x : grid.x.classes) {
            const auto found = grid.counts.find({x, y});
            append_csv(csv, {x, y, cell_at(cells, x, y),
                             std::to_string(found == grid.counts.end() ? 0 : found->second)});
        }
    }
    return csv;
}

void run_members(const Options &options, const Snapshot &snapshot, const Listed &matrix, const Labels &labels,
                 ValuesWanted wanted, const kith_info &info, const Context &context) {
    std::string cell = options.members;
    for (const ListedCell &one : matrix.cells()) {  // or as it is called in the language
        if (labels.of(fmt::format("cell.{}.{}", matrix.name, one.is)) == options.members) cell = one.is;
    }
    const bool for_people = context.format == Format::kTable;
    wanted.names = {"cell." + matrix.name};
    if (wanted.subject == KITH_SUBJECT_PARTY) wanted.names.emplace_back("party.name");
    wanted.where = fmt::format("cell.{} == \"{}\"", matrix.name, cell);
    wanted.limit = options.limit > 0 ? options.limit : for_people ? kCellForPeople : 0;
    const Result result = read_values(snapshot, wanted, info.minor_digits);
    if (context.format == Format::kCsv) return print(result.csv({"id"}));
    if (for_people) {
        if (result.rows() == 0) return print(fmt::format("Nobody is in {}.\n", printable(options.members)));
        return print(values_text(result, result.rows(), context));
    }
    Json json;
    json.object().text("matrix", matrix.name).text("cell", cell).text("now", time_text(wanted.now));
    json.count("count", result.count_fact("subjects"));
    result.json_rows(json, "members");
    print(json.end().str());
}

void run(const Options &options, const Context &context) {
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    const kith_info info = read_info(snapshot);
    const auto all = list_definitions(snapshot);
    const Listed matrix = find_definition(all, "matrix", options.matrix);
    const Labels labels(all, options.language);
    ValuesWanted wanted;
    wanted.subject = subject_kind(matrix);
    wanted.now = time_or_now("--now", options.now, view(info.time_zone));
    if (!options.members.empty())
        return run_members(options, snapshot, matrix, labels, std::move(wanted), info, context);
    wanted.names = {matrix.text("x"), matrix.text("y"), "cell." + matrix.name};
    const Result result = read_values(snapshot, wanted, info.minor_digits);
    const Grid grid = grid_of(matrix, all, result);
    switch (context.format) {
        case Format::kCsv:
            return print(csv_text(matrix, grid));
        case Format::kJson:
            return print(json_text(matrix, grid, labels, wanted.now));
        case Format::kTable:
            return print(table_text(matrix, grid, labels, context));
    }
}

}  // namespace

void add_matrix(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "matrix", "How many are in each cell of a matrix, and who");
    command.footer(
        "  kith matrix shop.kith service\n"
        "  kith matrix shop.kith service --language zh\n"
        "  kith matrix shop.kith service --members star --csv > stars.csv\n");
    command.file(options->file);
    command.option("MATRIX", options->matrix, "The matrix's name").required();
    command.option("--members", options->members, "List who is in this cell").type("CELL");
    command.option("--now", options->now, "When (default: the system's clock)").type("TIME");
    command.option("--language", options->language, "The language of labels: zh").type("CODE");
    command.limit(options->limit, "Members at most (default: 20 in the table, else all)");
    command.csv_flag(context);
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
