#include <memory>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/commitments.hpp"
#include "cli/result.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, actor, due, sort, kind, now;
    bool team = false, nobody = false;
    std::uint64_t limit = 0;
};

// Without an actor: how much each has, and how much of it is late.
void run_counts(const Snapshot &snapshot, const kith_info &info, kith_time now, const Context &context) {
    kith_error error = make_error();
    kith_table *table = nullptr;
    check(kith_commitment_counts(snapshot.get(), now, &table, &error), error);
    const Result result(Table(table), info.minor_digits);
    if (context.format == Format::kCsv) return print(result.csv({}));
    if (context.format == Format::kJson) {
        Json json;
        json.object().text("now", time_text(now));
        result.json_rows(json, "actors");
        return print(json.end().str());
    }
    if (result.rows() == 0) return print("Nothing is open.\n");
    TextTable lines;
    lines.column("who");
    for (const char *title : {"open", "late", "with all below", "late"})
        lines.column(title, TextTable::Align::kRight);
    for (std::size_t row = 0; row < result.rows(); ++row) {
        const std::string who = result.cell(result.column("actor"), row);
        lines.row({who.empty() ? "(nobody)" : printable(who), result.cell(result.column("open"), row),
                   result.cell(result.column("late"), row), result.cell(result.column("open_all"), row),
                   result.cell(result.column("late_all"), row)});
    }
    print(lines.text(context, "  "));
}

void run(const Options &options, const Context &context) {
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    const kith_info info = read_info(snapshot);
    const kith_time now = time_or_now("--now", options.now, view(info.time_zone));
    if (options.actor.empty() && !options.nobody) return run_counts(snapshot, info, now, context);
    if (!options.actor.empty() && options.nobody)
        fail(kUsage, "--nobody is for what no actor has: leave the actor out");
    kith_query query = make<kith_query>();
    query.list = KITH_LIST_COMMITMENTS;
    query.subject = KITH_SUBJECT_ACTOR;
    query.fields = KITH_QUERY_FIELD_SUBJECT;
    if (options.team) query.fields |= KITH_QUERY_FIELD_TEAM;
    if (!options.actor.empty()) query.subject_key = to_str(options.actor);
    query.sort = word_of_commitment("--sort", kSortNames, options.sort);
    if (!options.kind.empty()) query.type = to_str(options.kind);
    if (!options.due.empty()) {
        query.fields |= KITH_QUERY_FIELD_UNTIL;
        query.until = parse_time("--due", options.due, view(info.time_zone));
    }
    print_commitments({snapshot, context, now, options.limit, false, "The queue is empty."}, query);
}

}  // namespace

void add_queue(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "queue", "The work of an actor or a team by due time; of all how much is late");
    command.footer(
        "  kith queue shop.kith                            who has how much, and what is late\n"
        "  kith queue shop.kith bob --due 2026-01-31\n"
        "  kith queue shop.kith service --team             with all that are part of it\n"
        "  kith queue shop.kith --nobody                   what nobody has\n");
    command.file(options->file);
    command.option("ACTOR", options->actor, "Key of the actor (default: a count of each)");
    command.flag("--team", options->team, "With all that are part of the actor");
    command.flag("--nobody", options->nobody, "What nobody has");
    command.option("--due", options->due, "Only what is due at or before this time").type("TIME");
    command.option("--sort", options->sort, "task, promise, approval, compensation, milestone or reminder")
        .type("SORT");
    command.option("--kind", options->kind, "As call_back").type("KIND");
    command.option("--now", options->now, "What `late` is measured by (default: the system's clock)")
        .type("TIME");
    command.limit(options->limit, "At most so many (default: 30 in the table, all in CSV and JSON)");
    command.csv_flag(context);
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
