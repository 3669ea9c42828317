#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/commitments.hpp"
#include "cli/output.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, until, now;
    std::uint64_t limit = 0;  // 0: the form's default
};

constexpr std::uint64_t kLinesForPeople = 30;
constexpr std::uint32_t kPageItems = 1000;

void add_row(TextTable &table, const Snapshot &snapshot, const kith_commitment &commitment, kith_time now,
             const std::string &party) {
    const bool dated = (commitment.fields & KITH_COMMITMENT_FIELD_DUE) != 0;
    table.row({dated ? day_text(commitment.due) : "", due_text(commitment, now), printable(party),
               printable(party_name(snapshot, commitment.party)),
               printable(view(commitment.title.size > 0 ? commitment.title : commitment.kind))});
}

void run(const Options &options, const Context &context) {
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    const kith_info info = read_info(snapshot);
    const kith_time now = time_or_now("--now", options.now, view(info.time_zone));
    kith_query query = make<kith_query>();
    query.list = KITH_LIST_COMMITMENTS;
    if (!options.until.empty()) {
        query.fields = KITH_QUERY_FIELD_UNTIL;
        query.until = parse_time("--until", options.until, view(info.time_zone));
    }
    const Cursor cursor = open_cursor(snapshot, query);
    const bool for_people = context.format == Format::kTable;
    const std::uint64_t limit = options.limit > 0 ? options.limit : for_people ? kLinesForPeople : UINT64_MAX;

    TextTable table;
    for (const char *title : {"due (UTC)", "", "party", "name", "what"}) table.column(title);
    Json json;
    json.object().text("now", time_text(now)).array("commitments");
    std::string csv;
    append_csv(csv, {"due", "overdue", "party", "name", "kind", "title", "state", "opened_at", "id"});
    std::uint64_t seen = 0, overdue = 0;
    while (const Page page = next_page(cursor, kPageItems)) {
        std::size_t count = 0;
        const kith_commitment *const *items = kith_page_commitments(page.get(), &count);
        for (const kith_commitment *item : std::span(items, count)) {
            const bool dated = (item->fields & KITH_COMMITMENT_FIELD_DUE) != 0;
            const bool late = dated && item->due < now;
            overdue += late ? 1 : 0;
            if (seen++ >= limit) continue;  // only counted
            const std::string party = party_label(item->party, item->party_key);
            if (for_people) add_row(table, snapshot, *item, now, party);
            if (context.format == Format::kJson) append_commitment(json, *item, now, party);
            if (context.format == Format::kCsv) {
                append_csv(csv,
                           {dated ? time_text(item->due) : "", late ? "true" : "false", party,
                            std::string(party_name(snapshot, item->party)), std::string(view(item->kind)),
                            std::string(view(item->title)), std::string(commitment_state_text(item->state)),
                            time_text(item->opened_at), id_text(item->id)});
            }
        }
        if (!for_people && seen >= limit) break;
    }
    if (context.format == Format::kJson) return print(json.end().end().str());
    if (context.format == Format::kCsv) return print(csv);
    if (seen == 0) return print("Nothing is due: no open commitment.\n");
    print(bold(plural(seen, "open commitment", "open commitments"), context) +
          fmt::format(", {} overdue on {} UTC\n\n", grouped(overdue), day_text(now)) +
          table.text(context, "  "));
    if (seen > limit)
        print(fmt::format("  and {} more: --limit N, or --csv for all\n", grouped(seen - limit)));
}

}  // namespace

void add_due(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "due", "What was promised and is still open, by due time");
    command.footer(
        "Run `kith run-due` before, so that what has fallen due since is in the list.\n\n"
        "  kith due shop.kith --until 2026-01-31\n");
    command.file(options->file);
    command.option("--until", options->until, "Only what is due at or before this time (default: all)")
        .type("TIME");
    command.option("--now", options->now, "What `overdue` is measured by (default: the system's clock)")
        .type("TIME");
    command.limit(options->limit, "At most so many (default: 30 in the table, all in CSV and JSON)");
    command.csv_flag(context);
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
