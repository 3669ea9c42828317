#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/result.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, process = "lifecycle", at;
    std::uint64_t limit = 0;  // 0: the form's default
};

constexpr std::uint64_t kLinesForPeople = 20;
constexpr std::uint32_t kPageItems = 1000;
constexpr std::size_t kBarWidth = 30;

// How many in each state.

std::string counts_text(const Options &options, const Result &result, const Context &context) {
    const kith_column &states = result.column("state"), &parties = result.column("parties");
    std::int64_t all = 0, most = 1;
    for (std::size_t row = 0; row < result.rows(); ++row) {
        all += parties.ints[row];
        most = std::max(most, parties.ints[row]);
    }
    TextTable table;
    table.column("state");
    table.column("customers", TextTable::Align::kRight);
    table.column("of all", TextTable::Align::kRight);
    table.column("");
    for (std::size_t row = 0; row < result.rows(); ++row) {
        const std::int64_t count = parties.ints[row];
        std::string bar;
        for (std::int64_t i = 0; i < count * static_cast<std::int64_t>(kBarWidth) / most; ++i) {
            bar += context.unicode ? "█" : "#";
        }
        table.row({result.cell(states, row), grouped(static_cast<std::uint64_t>(count)),
                   all == 0 ? "" : percent(static_cast<double>(count) / static_cast<double>(all), 1), bar});
    }
    return bold("Where customers stand", context) + fmt::format(" ({})\n\n", options.process) +
           table.text(context, "  ") + fmt::format("\nWho is in a state: --at STATE\n");
}

void run_counts(const Options &options, const Snapshot &snapshot, const Context &context) {
    kith_error error = make_error();
    kith_table *table = nullptr;
    const kith_status status =
        kith_process_states(snapshot.get(), options.process.data(), options.process.size(), &table, &error);
    if (status == KITH_NOT_FOUND) {
        fail(kFailed, fmt::format("no process is called {}; `kith define` installs one", options.process));
    }
    check(status, error);
    const Result result(Table(table), 0);
    if (context.format == Format::kCsv) return print(result.csv({}));
    if (context.format == Format::kTable) return print(counts_text(options, result, context));
    Json json;
    json.object().text("process", options.process);
    result.json_rows(json, "states");
    print(json.end().str());
}

// Who is in one state.

struct Member {
    std::string party, name, key;
    kith_time since = 0, due = 0, last_order_at = 0;
    bool has_due = false, has_order = false;
    std::uint64_t orders = 0;
    std::int64_t amount = 0;
};

Member member_of(const Snapshot &snapshot, const kith_process &process) {
    kith_error error = make_error();
    kith_page *page = nullptr;
    check(kith_brief(snapshot.get(), &process.party, 0, &page, &error), error);
    const Page brief(page);
    std::size_t count = 0;
    const kith_party *const *parties = kith_page_parties(brief.get(), &count);
    const kith_figures *figures = kith_page_figures(brief.get());
    Member member;
    member.party = party_label(process.party, count > 0 ? parties[0]->host_key : kith_str{});
    if (count > 0) member.name = std::string(view(parties[0]->name));
    member.key = std::string(view(process.key));
    member.since = process.since;
    member.due = process.due;
    member.has_due = (process.fields & KITH_PROCESS_FIELD_DUE) != 0;
    if (figures != nullptr) {
        member.orders = figures->orders;
        member.amount = figures->amount_total;
        member.last_order_at = figures->last_order_at;
        member.has_order = (figures->fields & KITH_FIGURES_FIELD_FIRST_ORDER) != 0;
    }
    return member;
}

// Those who have bought for most come first.
std::vector<Member> members_at(const Options &options, const Snapshot &snapshot) {
    kith_query query = make<kith_query>();
    query.list = KITH_LIST_PROCESSES;
    query.definition = to_str(options.process);
    query.state = to_str(options.at);
    const Cursor cursor = open_cursor(snapshot, query);
    std::vector<Member> members;
    while (const Page page = next_page(cursor, kPageItems)) {
        std::size_t count = 0;
        const kith_process *const *items = kith_page_processes(page.get(), &count);
        for (const kith_process *process : std::span(items, count)) {
            members.push_back(member_of(snapshot, *process));
        }
    }
    std::stable_sort(members.begin(), members.end(),
                     [](const Member &a, const Member &b) { return a.amount > b.amount; });
    return members;
}

std::string members_text(const Options &options, std::span<const Member> shown, std::size_t all,
                         std::uint32_t digits, const Context &context) {
    if (all == 0) return fmt::format("No customer is in state {}.\n", options.at);
    TextTable table;
    const bool keyed =
        std::any_of(shown.begin(), shown.end(), [](const Member &member) { return !member.key.empty(); });
    for (const char *title : {"party", "name", keyed ? "key" : "", "since (UTC)"}) {
        if (*title) table.column(title);
    }
    table.column("orders", TextTable::Align::kRight);
    table.column("spent", TextTable::Align::kRight);
    table.column("last order");
    for (const Member &member : shown) {
        std::vector<std::string> row{printable(member.party), printable(member.name)};
        if (keyed) row.push_back(printable(member.key));
        row.insert(row.end(),
                   {time_text(member.since).substr(0, 10), grouped(member.orders),
                    grouped(amount_text(member.amount, digits)),
                    member.has_order ? time_text(member.last_order_at).substr(0, 10) : std::string()});
        table.row(std::move(row));
    }
    std::string out =
        bold(fmt::format("{} in {}", plural(all, "customer", "customers"), options.at), context) +
        ", those who spent most first\n\n" + table.text(context, "  ");
    if (all > shown.size()) {
        out += fmt::format("  and {} more: --limit N, or --csv for all\n", grouped(all - shown.size()));
    }
    return out;
}

std::string members_json(const Options &options, std::span<const Member> shown, std::uint32_t digits) {
    Json json;
    json.object().text("process", options.process).text("state", options.at).array("parties");
    for (const Member &member : shown) {
        json.object().text("party", member.party).text("name", member.name);
        if (!member.key.empty()) json.text("key", member.key);
        json.text("since", time_text(member.since)).time_or_null("due", member.due, member.has_due);
        json.count("orders", member.orders).text("amount_total", amount_text(member.amount, digits));
        json.time_or_null("last_order_at", member.last_order_at, member.has_order).end();
    }
    return json.end().end().str();
}

std::string members_csv(std::span<const Member> shown, std::uint32_t digits) {
    std::string csv;
    append_csv(csv, {"party", "name", "since", "due", "orders", "amount_total", "last_order_at", "key"});
    for (const Member &member : shown) {
        append_csv(csv, {member.party, member.name, time_text(member.since),
                         member.has_due ? time_text(member.due) : "", std::to_string(member.orders),
                         amount_text(member.amount, digits),
                         member.has_order ? time_text(member.last_order_at) : "", member.key});
    }
    return csv;
}

void run_members(const Options &options, const Snapshot &snapshot, const Context &context) {
    const std::uint32_t digits = read_info(snapshot).minor_digits;
    const std::vector<Member> members = members_at(options, snapshot);
    const bool for_people = context.format == Format::kTable;
    const std::uint64_t limit = options.limit > 0 ? options.limit : for_people ? kLinesForPeople : UINT64_MAX;
    const auto shown =
        std::span(members).first(static_cast<std::size_t>(std::min<std::uint64_t>(limit, members.size())));
    switch (context.format) {
        case Format::kCsv:
            return print(members_csv(shown, digits));
        case Format::kJson:
            return print(members_json(options, shown, digits));
        case Format::kTable:
            return print(members_text(options, shown, members.size(), digits, context));
    }
}

}  // namespace

void add_states(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "states", "Where customers stand, and who is at risk");
    command.footer(
        "The built-in lifecycle: exploration (the first two orders, or 90 days), formation, stable (six "
        "orders\n"
        "and half a year), decline (silent for twice their own usual pause: at risk), dormant. Run\n"
        "`kith run-due` before, so that silence counts.\n\n"
        "  kith states shop.kith\n"
        "  kith states shop.kith --at decline         customers at risk, the most valuable first\n");
    command.file(options->file);
    command.option("--at", options->at, "List the customers in this state").type("STATE");
    command.option("--process", options->process, "The process they stand in").type("NAME").show_default();
    command.limit(options->limit, "With --at: at most so many (default: 20 in the table, else all)");
    command.csv_flag(context);
    command.json_flag(context);
    command.on_run([options, &context] {
        const Store store = open_store(options->file, KITH_OPEN_READ_ONLY);
        const Snapshot snapshot = begin_snapshot(store);
        options->at.empty() ? run_counts(*options, snapshot, context)
                            : run_members(*options, snapshot, context);
    });
}

}  // namespace kith::cli
