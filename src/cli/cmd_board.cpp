#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/playbooks.hpp"
#include "cli/result.hpp"
#include "cli/subjects.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, rows = "element", columns = "layer", cell, at, language;
    SubjectOptions subject;
};

// The values of a tag in the order that a built-in playbook has them in; others by name.
void sort_tags(const std::string &tag, std::vector<std::string> &values) {
    std::vector<std::string> order;
    for (const auto &one : built_in_playbooks()) {
        const auto tree = nlohmann::ordered_json::parse(view(one.json), nullptr, false);
        if (!tree.contains("covers") || !tree["covers"].contains(tag)) continue;
        for (const auto &value : tree["covers"][tag]) order.push_back(value.get<std::string>());
    }
    const auto place = [&](const std::string &value) {
        return std::pair(std::ranges::find(order, value) - order.begin(), value);
    };
    std::ranges::sort(values, {}, place);
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

// A number short enough to be read at a glance; amounts in full.
std::string shown(const Result &result, std::size_t row) {
    const kith_column &value = result.column("value");
    const std::string text = result.cell(result.column("text"), row);
    if (!result.present(value, row)) return text.empty() ? "-" : printable(text);
    const auto blank = text.find(' ');
    if (blank != std::string::npos) return grouped(text.substr(0, blank)) + text.substr(blank);
    const double number = value.reals[row];
    return number == static_cast<double>(static_cast<std::int64_t>(number))
               ? grouped(fmt::format("{:.0f}", number))
               : fmt::format("{:.3g}", number);
}

class Grid {
public:
    Grid(const Result &result, const Options &options, const Context &context)
        : result_(result), context_(context) {
        for (std::size_t i = 0; i < result.rows(); ++i) {
            const auto row = cell(i, "row"), column = cell(i, "column");
            rows_.push_back(row);
            columns_.push_back(column);
            cells_[{row, column}].push_back(i);
            row_labels_[row] = printable(cell(i, "row_label"));
            column_labels_[column] = printable(cell(i, "column_label"));
        }
        sort_tags(options.rows, rows_);
        sort_tags(options.columns, columns_);
    }

    std::string text() const {
        std::size_t first = 0;
        for (const auto &row : rows_) first = std::max(first, display_width(row_labels_.at(row)));
        const std::size_t total = std::max<std::size_t>(context_.width, 60);
        const std::size_t width =
            std::max<std::size_t>((total - first) / std::max<std::size_t>(columns_.size(), 1), 14) - 2;
        TextTable table;
        table.column("");
        for (const auto &column : columns_)
            table.column(clipped(column_labels_.at(column), width, context_.unicode));
        for (const auto &row : rows_) add(table, row, width);
        return table.text(context_);
    }

private:
    std::string cell(std::size_t row, std::string_view column) const {
        return result_.cell(result_.column(column), row);
    }

    // Each metric on two lines: its label; its value, target and light.
    void add(TextTable &table, const std::string &row, std::size_t width) const {
        std::vector<std::vector<std::string>> lines;
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            const auto found = cells_.find({row, columns_[c]});
            if (found == cells_.end()) continue;
            std::size_t line = 0;
            for (const auto metric : found->second) {
                const auto light = cell(metric, "light");
                for (const auto &said :
                     {printable(cell(metric, "label")),
                      "  " + shown(result_, metric) + (light.empty() ? "" : " " + light)}) {
                    if (lines.size() == line) lines.emplace_back(columns_.size() + 1);
                    lines[line++][c + 1] = clipped(said, width, context_.unicode);
                }
            }
        }
        if (lines.empty()) return;
        lines.front().front() = row_labels_.at(row);
        for (auto &line : lines) table.row(std::move(line));
    }

    const Result &result_;
    const Context &context_;
    std::map<std::string, std::string> row_labels_, column_labels_;
    std::vector<std::string> rows_, columns_;
    std::map<std::pair<std::string, std::string>, std::vector<std::size_t>> cells_;
};

// One cell: its metrics, and what each is made of.
std::string details(const Result &result, const Context &context) {
    TextTable table;
    table.column("metric");
    table.column("value", TextTable::Align::kRight);
    table.column("target", TextTable::Align::kRight);
    table.column("reached", TextTable::Align::kRight);
    table.column("light");
    table.column("made of");
    const std::size_t width = std::max<std::size_t>(context.width / 2, 40);
    for (std::size_t i = 0; i < result.rows(); ++i) {
        const auto cell = [&](std::string_view name) {
            return printable(result.cell(result.column(name), i));
        };
        const auto level = static_cast<std::size_t>(result.column("level").ints[i]);
        const kith_column &share = result.column("share");
        const auto unknown = cell("unknown");
        table.row({std::string(level * 2, ' ') + cell("label"), shown(result, i), cell("target_text"),
                   result.present(share, i) ? percent(share.reals[i], 0) : "", cell("light"),
                   clipped(unknown.empty() ? cell("made_of") : cell("made_of") + " (" + unknown + ")", width,
                           context.unicode)});
    }
    return table.text(context);
}

void run(const Options &options, const Context &context) {
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    const kith_info info = read_info(snapshot);
    Subject subject;
    subject.kind = KITH_SUBJECT_ALL;
    if (options.subject.given()) subject = find_subject(snapshot, "", options.subject);
    const kith_subject of = subject.borrowed();
    kith_board_options board = make<kith_board_options>();
    board.rows = to_str(options.rows);
    board.columns = to_str(options.columns);
    board.subject = &of;
    board.at = time_or_now("--at", options.at, view(info.time_zone));
    board.language = to_str(options.language);
    if (!options.cell.empty()) {
        const auto slash = options.cell.find('/');
        if (slash == std::string::npos || slash == 0 || slash + 1 == options.cell.size())
            fail(kUsage, "--cell takes a row and a column, as experience/operation");
        board.row = to_str(std::string_view(options.cell).substr(0, slash));
        board.column = to_str(std::string_view(options.cell).substr(slash + 1));
        board.flags = KITH_BOARD_OPERANDS;
    }
    kith_error error = make_error();
    kith_table *made = nullptr;
    const kith_status status = kith_board(snapshot.get(), &board, &made, &error);
    if (status == KITH_NOT_FOUND) fail(kFailed, "the file knows of no " + subject.label());
    check(status, error);
    const Result result(Table(made), info.minor_digits);
    if (context.format == Format::kCsv) return print(result.csv({}));
    if (context.format == Format::kJson) {
        Json json;
        json.object();
        append_subject(json, subject);
        json.text("at", time_text(board.at)).text("rows", options.rows).text("columns", options.columns);
        result.json_rows(json, "metrics");
        return print(json.end().str());
    }
    if (result.rows() == 0) {
        return print(fmt::format(
            "No metric of {} has the tags {} and {}. Install some: kith playbook install {} kpi\n",
            subject.label(), options.rows, options.columns, options.file));
    }
    print(bold(fmt::format("{} on {}", subject.label(), day_text(board.at)), context) + "\n\n");
    print(options.cell.empty() ? Grid(result, options, context).text() : details(result, context));
}

}  // namespace

void add_board(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "board", "Key figures by two of their tags, with targets and lights");
    command.footer(
        "Metrics say on what they stand by their tags: { \"element\": \"experience\", \"layer\": "
        "\"operation\" }.\n"
        "Lights are by the share of the target that is reached; where less is better, by the target's share "
        "of\n"
        "the value.\n\n"
        "  kith playbook install shop.kith kpi\n"
        "  kith board shop.kith --at 2026-01-01\n"
        "  kith board shop.kith --cell experience/operation\n"
        "  kith board shop.kith --actor mia --language zh\n");
    command.file(options->file);
    command.option("--rows", options->rows, "The tag that makes the rows").type("TAG").show_default();
    command.option("--columns", options->columns, "The tag that makes the columns")
        .type("TAG")
        .show_default();
    command.option("--cell", options->cell, "One cell: its metrics, and what each is computed from")
        .type("ROW/COLUMN");
    add_subject_options(command, options->subject);
    command.option("--at", options->at, "The instant it is seen from (default: the system's clock)")
        .type("TIME");
    command.option("--language", options->language, "Labels in this language, where there are some")
        .type("LANG");
    command.csv_flag(context);
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
