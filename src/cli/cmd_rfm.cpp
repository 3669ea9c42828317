#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/result.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, as_of, scheme = "quantile:5";
};

// What is said of a group of customers.
struct Group {
    std::uint64_t customers = 0;
    std::int64_t amount = 0;
    std::int64_t low = 0, high = 0;  // of the figure a class is made of

    void add(std::int64_t amount_added, std::int64_t figure) {
        low = customers == 0 ? figure : std::min(low, figure);
        high = customers == 0 ? figure : std::max(high, figure);
        amount += amount_added;
        ++customers;
    }
};

using Groups = std::map<std::string, Group>;  // by class, or by cell

struct Summary {
    std::map<std::pair<std::string, std::string>, Group> grid;  // by (r, f)
    Groups recency, frequency, monetary, cells;
    Group all;
};

Summary summarise(const Result &result) {
    const kith_column &days = result.column("recency_days"), &orders = result.column("frequency"),
                      &amount = result.column("monetary"), &r = result.column("r"), &f = result.column("f"),
                      &m = result.column("m"), &cell = result.column("cell");
    Summary summary;
    for (std::size_t row = 0; row < result.rows(); ++row) {
        const std::int64_t value = amount.ints[row];
        const std::string r_class = result.cell(r, row), f_class = result.cell(f, row);
        summary.grid[{r_class, f_class}].add(value, value);
        summary.recency[r_class].add(value, days.ints[row]);
        summary.frequency[f_class].add(value, orders.ints[row]);
        summary.monetary[result.cell(m, row)].add(value, value);
        summary.cells[result.cell(cell, row)].add(value, value);
        summary.all.add(value, value);
    }
    return summary;
}

double share_of(std::int64_t part, std::int64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

class Report {
public:
    Report(const Summary &summary, std::uint32_t digits, const Context &context)
        : summary_(summary), digits_(digits), context_(context) {}

    // Rows: recency, best first. Columns: frequency. In each place the customers, below them what one
    // of them spent on average.
    std::string grid() const {
        TextTable table;
        table.column("");
        for (const auto &[f_class, group] : summary_.frequency) {
            table.column("F" + f_class, TextTable::Align::kRight);
        }
        table.column("all", TextTable::Align::kRight);
        for (auto r = summary_.recency.rbegin(); r != summary_.recency.rend(); ++r) {
            std::vector<std::string> counts{"R" + r->first}, means{""};
            for (const auto &[f_class, unused] : summary_.frequency) {
                const auto found = summary_.grid.find({r->first, f_class});
                const bool any = found != summary_.grid.end();
                counts.push_back(any ? grouped(found->second.customers) : "-");
                means.push_back(any ? mean(found->second) : "");
            }
            counts.push_back(grouped(r->second.customers));
            means.push_back(mean(r->second));
            table.row(std::move(counts));
            table.row(std::move(means));
        }
        return table.text(context_, "  ");
    }

    std::string legend() const {
        TextTable table;
        table.column("class");
        table.column("recency: days since last order");
        table.column("frequency: orders");
        table.column("monetary: spent in all");
        std::set<std::string, std::greater<>> classes;
        for (const Groups *groups : {&summary_.recency, &summary_.frequency, &summary_.monetary}) {
            for (const auto &[name, group] : *groups) classes.insert(name);
        }
        const auto number = [](std::int64_t value) { return grouped(std::to_string(value)); };
        const auto amount = [&](std::int64_t value) { return grouped(amount_text(value, digits_)); };
        for (const std::string &name : classes) {
            table.row({name, range(summary_.recency, name, number), range(summary_.frequency, name, number),
                       range(summary_.monetary, name, amount)});
        }
        return table.text(context_, "  ");
    }

    // The cells that brought most.
    std::string top_cells(std::size_t count) const {
        std::vector<std::pair<std::string, Group>> cells(summary_.cells.begin(), summary_.cells.end());
        std::stable_sort(cells.begin(), cells.end(),
                         [](const auto &a, const auto &b) { return a.second.amount > b.second.amount; });
        cells.resize(std::min(cells.size(), count));
        TextTable table;
        table.column("cell");
        for (const char *title : {"customers", "of all", "spent", "of all", "each"}) {
            table.column(title, TextTable::Align::kRight);
        }
        for (const auto &[name, group] : cells) {
            const double of_all = static_cast<double>(group.customers) /
                                  static_cast<double>(std::max<std::uint64_t>(summary_.all.customers, 1));
            table.row({name, grouped(group.customers), percent(of_all, 1),
                       grouped(amount_text(group.amount, digits_)),
                       percent(share_of(group.amount, summary_.all.amount), 1), mean(group)});
        }
        return table.text(context_, "  ");
    }

private:
    std::string mean(const Group &group) const {
        const auto customers = static_cast<std::int64_t>(std::max<std::uint64_t>(group.customers, 1));
        return grouped(amount_text(group.amount / customers, digits_));
    }

    template <typename Text>
    static std::string range(const Groups &groups, const std::string &name, Text &&text) {
        const auto found = groups.find(name);
        if (found == groups.end()) return "-";
        const auto &[low, high] = std::pair(found->second.low, found->second.high);
        return low == high ? text(low) : fmt::format("{} to {}", text(low), text(high));
    }

    const Summary &summary_;
    std::uint32_t digits_;
    const Context &context_;
};

std::string table_text(const Options &options, const Result &result, const kith_info &info, kith_time as_of,
                       const Context &context) {
    const Summary summary = summarise(result);
    if (summary.all.customers == 0) return "No customer has ordered by then.\n";
    const Report report(summary, info.minor_digits, context);
    std::string out =
        bold(fmt::format("RFM of {} on {}", plural(summary.all.customers, "customer", "customers"),
                         options.as_of.empty() ? time_text(as_of).substr(0, 10) : options.as_of),
             context);
    out += fmt::format(", scheme {}, amounts in {}\n\n", options.scheme,
                       reinterpret_cast<const char *>(info.currency));
    out += "Customers by recency (down) and frequency (across), and what each spent on average:\n\n";
    out += report.grid();
    out += "\nThe classes (higher is better), and what their customers have:\n\n" + report.legend();
    out += "\nThe cells (digits r, f, m) that brought most:\n\n" + report.top_cells(8);
    return out + "\nEvery customer's cell: --csv. One customer: kith show.\n";
}

std::string json_text(const Options &options, const Result &result, const kith_info &info, kith_time as_of) {
    Json json;
    json.object().text("as_of", options.as_of.empty() ? time_text(as_of) : options.as_of);
    json.text("scheme", options.scheme).text("currency", reinterpret_cast<const char *>(info.currency));
    result.json_rows(json, "parties");
    return json.end().str();
}

bool is_named(const std::string &scheme) { return scheme == "airline" || scheme.starts_with("quantile:"); }

void run(const Options &options, const Context &context) {
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    const kith_info info = read_info(snapshot);
    kith_rfm_options rfm = make<kith_rfm_options>();
    if (options.as_of.empty() && info.interactions == 0) return print("Nobody has ordered yet.\n");
    if (options.as_of.empty()) {
        rfm.as_of = info.last_at;
        remark(fmt::format("no --as-of given; taking {}, the day of the last interaction",
                           time_text(info.last_at).substr(0, 10)));
    } else {
        rfm.as_of = parse_time("--as-of", options.as_of, view(info.time_zone));
    }
    const std::string scheme = is_named(options.scheme) ? options.scheme : read_file(options.scheme);
    rfm.scheme = to_str(scheme);
    kith_error error = make_error();
    kith_table *table = nullptr;
    const kith_status status = kith_rfm(snapshot.get(), &rfm, &table, &error);
    if (status != KITH_OK && !is_named(options.scheme)) {
        fail(kFailed, at_place(options.scheme, error.message));
    }
    check(status, error);
    const Result result(Table(table), info.minor_digits);
    switch (context.format) {
        case Format::kCsv:
            return print(result.csv({"id"}));
        case Format::kJson:
            return print(json_text(options, result, info, rfm.as_of));
        case Format::kTable:
            return print(table_text(options, result, info, rfm.as_of, context));
    }
}

}  // namespace

void add_rfm(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "rfm", "Who bought lately, often, and for much: recency, frequency, money");
    command.footer(
        "Every customer with an order gets three classes: r (bought lately is high), f (orders), m (spent).\n"
        "The cell puts the digits together: 555 are the best, 155 were the best and have gone quiet.\n\n"
        "  kith rfm shop.kith --as-of 2026-01-01\n"
        "  kith rfm shop.kith --as-of 2026-01-01 --scheme airline --csv > rfm.csv\n\n"
        "CSV columns: party, recency_days, frequency, monetary, r, f, m, cell.\n");
    command.file(options->file);
    command
        .option("--as-of", options->as_of,
                "The day it is seen from: days since the last order are counted to it, later orders\n"
                "are left out (default: the day of the last interaction)")
        .type("DATE");
    command
        .option("--scheme", options->scheme,
                "quantile:K cuts each figure into K classes of like size (K 2 to 9); airline has fixed\n"
                "borders; FILE.json is a playbook with bands recency, frequency and monetary")
        .type("SCHEME")
        .show_default();
    command.csv_flag(context);
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
