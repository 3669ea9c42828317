#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numeric>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/result.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, rule = "crossing";
    std::vector<double> borders{0.80, 0.95};
};

constexpr std::size_t kChartWidth = 50;
constexpr std::size_t kChartHeight = 12;

// The curve drawn with the letters of the classes: to the right the share of customers, the largest
// first, upwards the share of value. The dots are where it would run if all were equal.
std::string chart(const Result &result) {
    const kith_column &cumulative = result.column("cumulative"), &classes = result.column("class");
    std::array<std::string, kChartHeight> lines;
    lines.fill(std::string(kChartWidth, ' '));
    const auto line_of = [](double share) {
        const double height = static_cast<double>(kChartHeight);
        const double at = std::clamp(std::ceil(share * height) - 1, 0.0, height - 1);
        return kChartHeight - 1 - static_cast<std::size_t>(at);
    };
    std::size_t before = kChartHeight - 1;
    for (std::size_t x = 0; x < kChartWidth; ++x) {
        const double share = static_cast<double>(x + 1) / static_cast<double>(kChartWidth);
        const std::size_t row = std::min((x + 1) * result.rows() / kChartWidth, result.rows());
        lines[line_of(share)][x] = '.';
        if (row == 0) continue;
        const std::size_t here = line_of(cumulative.reals[row - 1]);
        const char letter = result.cell(classes, row - 1)[0];
        for (std::size_t y = here; y <= std::max(here, before == 0 ? 0 : before - 1); ++y) {
            lines[y][x] = letter;
        }
        before = here;
    }
    std::string out = "  share of value\n";
    for (std::size_t y = 0; y < kChartHeight; ++y) {
        const std::size_t level = kChartHeight - y;  // of kChartHeight
        const bool marked = level % 3 == 0;
        out += fmt::format("  {:>4} |{}\n", marked ? fmt::format("{}%", level * 100 / kChartHeight) : "",
                           lines[y].substr(0, lines[y].find_last_not_of(' ') + 1));
    }
    out += fmt::format("       +{}\n", std::string(kChartWidth, '-'));
    out += fmt::format("        0%{:>{}}\n", "100% of customers", kChartWidth - 2);
    return out;
}

struct ClassSum {
    std::uint64_t customers = 0;
    std::int64_t value = 0;
};

std::string class_table(const Result &result, std::uint32_t digits, const Context &context) {
    const kith_column &values = result.column("value"), &classes = result.column("class");
    std::array<ClassSum, 3> sums{};
    std::int64_t total = 0;
    for (std::size_t row = 0; row < result.rows(); ++row) {
        const auto index = static_cast<std::size_t>(std::clamp(result.cell(classes, row)[0] - 'A', 0, 2));
        ++sums[index].customers;
        sums[index].value += values.ints[row];
        total += values.ints[row];
    }
    TextTable table;
    table.column("class");
    for (const char *title : {"customers", "of all", "value", "of all", "each"}) {
        table.column(title, TextTable::Align::kRight);
    }
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const auto &[customers, value] = sums[i];
        const auto mean = customers == 0 ? 0 : value / static_cast<std::int64_t>(customers);
        table.row({std::string(1, static_cast<char>('A' + i)), grouped(customers),
                   percent(static_cast<double>(customers) / static_cast<double>(result.rows()), 1),
                   grouped(amount_text(value, digits)),
                   percent(static_cast<double>(value) / static_cast<double>(total), 1),
                   grouped(amount_text(mean, digits))});
    }
    return table.text(context, "  ");
}

std::string table_text(const Result &result, const kith_info &info, const Context &context) {
    std::string out =
        bold(fmt::format("Concentration of {}", plural(result.rows(), "customer", "customers")), context);
    out += fmt::format(", amounts in {}\n\n", reinterpret_cast<const char *>(info.currency));
    out += chart(result) + "\n" + class_table(result, info.minor_digits, context);
    out += fmt::format(
        "\nThe top fifth of the customers bring {} of the value. Gini {:.3f} (0 all alike, 1 all from "
        "one).\n",
        percent(result.fact("top20"), 1), result.fact("gini"));
    return out;
}

void run(const Options &options, const Context &context) {
    const double border_a = options.borders[0], border_b = options.borders[1];
    if (!(border_a > 0 && border_a < border_b && border_b < 1)) {
        fail(kUsage, "--borders: give two growing shares between 0 and 1, such as 0.8,0.95");
    }
    kith_abc_options abc = make<kith_abc_options>();
    abc.rule = options.rule == "inside" ? KITH_ABC_INSIDE : KITH_ABC_CROSSING;
    abc.border_a = border_a;
    abc.border_b = border_b;
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    const kith_info info = read_info(snapshot);
    kith_error error = make_error();
    kith_table *table = nullptr;
    check(kith_abc(snapshot.get(), &abc, &table, &error), error);
    const Result result(Table(table), info.minor_digits);
    if (context.format == Format::kCsv) return print(result.csv({"id"}));
    if (context.format == Format::kTable) return print(table_text(result, info, context));
    Json json;
    json.object().text("rule", options.rule).array("borders").real({}, border_a).real({}, border_b).end();
    json.text("currency", reinterpret_cast<const char *>(info.currency));
    const std::int64_t *values = result.column("value").ints;
    const std::int64_t total = std::accumulate(values, values + result.rows(), std::int64_t{0});
    json.object("facts").text("total", amount_text(total, info.minor_digits));
    json.real("gini", result.fact("gini"))
        .count("a", result.count_fact("a"))
        .count("b", result.count_fact("b"));
    json.count("c", result.count_fact("c")).real("top20", result.fact("top20")).end();
    result.json_rows(json, "parties");
    print(json.end().str());
}

}  // namespace

void add_abc(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "abc", "How few customers bring how much: A, B, C and the concentration curve");
    command.footer(
        "Customers are put in order of what they bought in all, the largest first. A are those who\n"
        "together bring the first 80%, B up to 95%, C the rest.\n\n"
        "  kith abc shop.kith\n"
        "  kith abc shop.kith --borders 0.7,0.9 --csv > abc.csv\n\n"
        "CSV columns: party, value, share, cumulative, class.\n");
    command.file(options->file);
    command
        .option("--rule", options->rule,
                "crossing: the customer who crosses a border still belongs to the class;\n"
                "inside: only those up to the border do")
        .one_of({"crossing", "inside"})
        .show_default();
    command.option("--borders", options->borders, "Cumulative shares where A and B end (default 0.8,0.95)")
        .list(',', 2)
        .type("A,B");
    command.csv_flag(context);
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
