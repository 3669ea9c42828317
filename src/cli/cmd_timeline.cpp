#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/interactions.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, party, type, from, until, language;
    std::uint64_t limit = 0;  // 0: the form's default
};

constexpr std::uint64_t kLinesForPeople = 50;
constexpr std::uint32_t kPageItems = 500;

kith_query query_of(const Options &options, const kith_id &party, std::string_view zone) {
    kith_query query = make<kith_query>();
    query.list = KITH_LIST_TIMELINE;
    query.party = party;
    if (!options.type.empty()) query.type = to_str(options.type);
    if (!options.from.empty()) {
        query.fields |= KITH_QUERY_FIELD_FROM;
        query.from = parse_time("--from", options.from, zone);
    }
    if (!options.until.empty()) {
        query.fields |= KITH_QUERY_FIELD_UNTIL;
        query.until = parse_time("--until", options.until, zone);
    }
    return query;
}

void run(const Options &options, const Context &context) {
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    const kith_info info = read_info(snapshot);
    const kith_id id = find_party(snapshot, options.party);
    kith_error error = make_error();
    kith_party party = make<kith_party>();
    check(kith_party_get(snapshot.get(), &id, &party, &error), error);
    const std::string label = party_label(id, party.host_key);

    const Cursor cursor = open_cursor(snapshot, query_of(options, id, view(info.time_zone)));
    const bool for_people = context.format == Format::kTable;
    std::uint64_t left = options.limit > 0 ? options.limit : for_people ? kLinesForPeople : UINT64_MAX;
    Json json;
    json.array();
    std::string csv;
    append_csv(csv, interaction_csv_header());
    std::vector<Page> pages;
    std::vector<const kith_interaction *> all;
    while (left > 0) {
        Page page = next_page(cursor, static_cast<std::uint32_t>(std::min<std::uint64_t>(left, kPageItems)));
        if (!page) break;
        std::size_t count = 0;
        const kith_interaction *const *items = kith_page_interactions(page.get(), &count);
        for (const kith_interaction *item : std::span(items, count)) {
            if (context.format == Format::kJson) append_interaction(json, *item, info.minor_digits, label);
            if (context.format == Format::kCsv) {
                append_csv(csv, interaction_csv_row(*item, info.minor_digits, label));
            }
            if (for_people) all.push_back(item);
        }
        left -= std::min<std::uint64_t>(left, count);
        if (for_people) pages.push_back(std::move(page));
    }
    if (context.format == Format::kJson) return print(json.end().str());
    if (context.format == Format::kCsv) return print(csv);
    const FieldLabels labels(list_definitions(snapshot), options.language);
    print(fmt::format("{} {}\n\n", bold(printable(label), context), printable(view(party.name))));
    print(all.empty() ? "  nothing recorded\n" : interaction_table(all, info.minor_digits, context, labels));
    if (left == 0 && next_page(cursor, 1)) print("  older ones: --limit N\n");
}

}  // namespace

void add_timeline(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "timeline", "Everything that happened with one customer, newest first");
    command.footer(
        "  kith timeline shop.kith C-00042 --type return\n"
        "  kith timeline shop.kith anna@example.com --from 2025-01-01 --json\n");
    command.file(options->file);
    command.option("PARTY", options->party, "Host key, id, or identifier (e-mail, phone, card)").required();
    command.option("--type", options->type, "Only this sort: order, return, visit, call, message, ...")
        .type("TYPE");
    command.option("--from", options->from, "Not before this time").type("TIME");
    command.option("--until", options->until, "Before this time").type("TIME");
    command.option("--language", options->language, "The language of labels: zh").type("CODE");
    command.limit(options->limit, "At most so many (default: 50 in the table, all in CSV and JSON)");
    command.csv_flag(context);
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
