#include <memory>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/values.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, party, among, now;
    std::vector<std::string> best;
    bool explain = false;
};

Result read_assignment(const Snapshot &snapshot, const Options &options, const kith_id &party, kith_time now,
                       std::uint32_t digits) {
    kith_assign_options wanted = make<kith_assign_options>();
    std::vector<kith_str> best;
    for (const std::string &ranking : options.best) best.push_back(to_str(ranking));
    wanted.fields = KITH_VALUE_FIELD_NOW;
    wanted.now = now;
    wanted.among = to_str(options.among);
    wanted.best = best.data();
    wanted.best_count = best.size();
    kith_error error = make_error();
    kith_table *table = nullptr;
    check(kith_assign(snapshot.get(), &party, &wanted, &table, &error), error);
    return Result(Table(table), digits);
}

void run(const Options &options, const Context &context) {
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    const kith_info info = read_info(snapshot);
    const kith_time now = time_or_now("--now", options.now, view(info.time_zone));
    const Subject party = find_subject(snapshot, options.party, {});
    const Result result = read_assignment(snapshot, options, party.party, now, info.minor_digits);
    // Those that do not fit come last.
    const std::size_t fit = result.count_fact("fit");
    const std::size_t shown = options.explain ? result.rows() : fit;
    switch (context.format) {
        case Format::kCsv:
            return print(result.csv({}));
        case Format::kTable: {
            std::string text = fit == 0 ? "Nobody: no actor fits.\n"
                                        : printable(result.cell(result.column("because"), 0)) + "\n";
            if (shown > 0 && !options.among.empty()) text += "\n" + values_text(result, shown, context);
            if (shown < result.rows()) text += "\nWhy not the others: --explain\n";
            return print(text);
        }
        case Format::kJson: {
            Json json;
            json.object();
            append_subject(json, party);
            json.text("now", time_text(now));
            result.json_rows(json, "candidates");
            return print(json.end().str());
        }
    }
}

}  // namespace

void add_assign(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "assign", "Who would get a customer's task: the owner, or the best of some actors");
    command.footer(
        "Nothing is changed: assignments of rules and processes are tried with it. In both expressions "
        "`actor` "
        "is\n"
        "the candidate (key, name, kind, part_of, active, calendar, skills, limits), m.NAME, band.NAME, ... "
        "are "
        "its\n"
        "values, and party is the customer; free(actor, now) says that its calendar is open.\n\n"
        "  kith assign shop.kith C-00042\n"
        "  kith assign shop.kith C-00042 --among 'actor.skills.repair >= 3' --best 'm.sold_12m' --explain\n");
    command.file(options->file);
    command.option("PARTY", options->party, "Host key, id, or identifier (e-mail, phone, card)").required();
    command.option("--among", options->among, "A condition over active actors (default: the owner)")
        .type("EXPR");
    command.option("--best", options->best, "A ranking, the highest first; more of them break ties")
        .type("EXPR")
        .one_a_time();
    command.flag("--explain", options->explain, "Show those who do not fit, and why");
    command.option("--now", options->now, "When (default: the system's clock)").type("TIME");
    command.csv_flag(context);
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
