#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file;
    std::uint64_t after = 0, limit = 0;  // limit 0: the form's default
};

constexpr std::uint64_t kLinesForPeople = 50;
constexpr std::uint32_t kPageItems = 1000;

std::string_view kind_text(std::uint32_t kind) {
    static constexpr std::array<std::string_view, 16> kNames{
        "",      "party",    "identifier", "interaction", "process",    "commitment", "definition", "product",
        "actor", "campaign", "score",      "link",        "membership", "rule",       "request",    "event"};
    return kind < kNames.size() ? kNames[kind] : "unknown";
}

std::string_view operation_text(std::uint32_t operation) {
    static constexpr std::array<std::string_view, 7> kNames{"",         "created", "changed", "corrected",
                                                            "historic", "late",    "failed"};
    return operation < kNames.size() ? kNames[operation] : "unknown";
}

void append_changed(Json &json, std::uint32_t changed) {
    static constexpr std::array<std::string_view, 9> kNames{"kind",  "roles", "name", "language", "time_zone",
                                                            "owner", "tags",  {},     "fields"};
    json.array("changed");
    for (std::size_t bit = 0; bit < kNames.size(); ++bit) {
        if ((changed >> bit & 1U) != 0 && !kNames[bit].empty()) json.text({}, kNames[bit]);
    }
    json.end();
}

bool happens_in_time(const kith_change &change) {
    return change.kind == KITH_CHANGE_INTERACTION || change.kind == KITH_CHANGE_PROCESS ||
           change.kind == KITH_CHANGE_COMMITMENT || change.kind == KITH_CHANGE_SCORE ||
           change.kind == KITH_CHANGE_MEMBERSHIP || change.kind >= KITH_CHANGE_RULE;
}

bool moves(const kith_change &change) {
    return change.kind == KITH_CHANGE_PROCESS || change.kind == KITH_CHANGE_MEMBERSHIP;
}

// One line. The stamp is text: it has more digits than a JSON number is sure to keep.
std::string json_line(const kith_change &change) {
    Json json(0);
    json.object().count("seq", change.seq).count("origin", change.origin).count("number", change.number);
    json.text("stamp", std::to_string(change.stamp)).text("recorded_at", time_text(change.recorded_at));
    json.text("kind", kind_text(change.kind)).text("operation", operation_text(change.operation));
    if (!is_none(change.party)) {
        json.text("party", party_label(change.party, change.party_key))
            .text("party_id", id_text(change.party));
    }
    if (!is_none(change.record)) json.text("record", id_text(change.record));
    if (change.kind == KITH_CHANGE_INTERACTION)
        json.text("interaction", interaction_id_text(change.interaction));
    if (change.name.data != nullptr) json.text("name", view(change.name));
    if (moves(change)) json.text_or_null("from", change.from).text_or_null("to", change.to);
    if (change.kind == KITH_CHANGE_SCORE) {
        if (change.from.size > 0) json.text("subject", view(change.from));
        if (change.to.size > 0) json.text("key", view(change.to));
    }
    if (change.kind >= KITH_CHANGE_RULE) {
        if (change.from.size > 0) json.text("by", view(change.from));
        if (change.to.size > 0)
            json.text(change.operation == KITH_OPERATION_FAILED ? "why" : "to", view(change.to));
    }
    if (change.kind == KITH_CHANGE_LINK && change.from.size > 0) json.text("actor", view(change.from));
    if (happens_in_time(change)) json.text("at", time_text(change.at));
    if (change.kind == KITH_CHANGE_PARTY) append_changed(json, change.changed);
    return json.end().str();
}

void add_row(TextTable &table, const kith_change &change) {
    std::string what(view(change.name));
    if (moves(change)) {
        what +=
            fmt::format(" {} -> {}", change.from.size > 0 ? view(change.from) : "(start)", view(change.to));
    }
    table.row({grouped(change.seq), day_text(change.recorded_at), std::string(kind_text(change.kind)),
               std::string(operation_text(change.operation)),
               is_none(change.party) ? "" : printable(party_label(change.party, change.party_key)),
               printable(what), happens_in_time(change) ? day_text(change.at) : ""});
}

void run(const Options &options, const Context &context) {
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    const bool for_people = context.format == Format::kTable;
    std::uint64_t left = options.limit > 0 ? options.limit : for_people ? kLinesForPeople : UINT64_MAX;
    std::uint64_t after = options.after;
    TextTable table;
    table.column("seq", TextTable::Align::kRight);
    for (const char *title : {"recorded (UTC)", "record", "was", "party", "what", "at (UTC)"})
        table.column(title);
    bool ended = false;
    while (left > 0 && !ended) {
        kith_error error = make_error();
        kith_page *read = nullptr;
        const auto items_max = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, kPageItems));
        const kith_status status = kith_feed_read(snapshot.get(), after, items_max, &read, &error);
        ended = status == KITH_END;
        if (ended) break;
        check(status, error);
        const Page page(read);
        std::size_t count = 0;
        const kith_change *const *changes = kith_page_changes(page.get(), &count);
        std::string lines;
        for (const kith_change *change : std::span(changes, count)) {
            if (for_people) {
                add_row(table, *change);
            } else {
                lines += json_line(*change);
            }
            after = change->seq;
        }
        print(lines);
        left -= std::min<std::uint64_t>(left, count);
    }
    if (!for_people) return;
    print(after == options.after ? "Nothing newer.\n" : table.text(context));
    if (!ended) print(fmt::format("Go on with: --after {}\n", after));
}

}  // namespace

void add_feed(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "feed", "Every change, in order: what other programs follow");
    command.footer(
        "Keep the last `seq` you have dealt with, and ask for what comes after it.\n\n"
        "  kith feed shop.kith --after 1200 --json\n");
    command.file(options->file);
    command
        .option("--after", options->after, "Changes after this sequence number (default: 0, from the start)")
        .type("N");
    command.limit(options->limit, "At most so many (default: 50 in the table, all in JSON)");
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
