#include <fmt/format.h>

#include <array>
#include <memory>
#include <optional>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/commitments.hpp"
#include "cli/result.hpp"

namespace kith::cli {

namespace {

constexpr std::uint64_t kLines = 30;

struct Options {
    std::string file, actor, party, take, lease, done, result, at;
    bool all = false, failed = false;
    std::uint64_t limit = 0;
};

// "PT10M", "P1DT12H": days, hours, minutes and seconds.
std::optional<kith_time> micros_of(std::string_view text) {
    if (!text.starts_with('P')) return std::nullopt;
    kith_time total = 0, number = -1;
    bool in_day = false;
    for (const char c : text.substr(1)) {
        if (c == 'T' && !in_day && number < 0) {
            in_day = true;
        } else if (c >= '0' && c <= '9') {
            number = std::max<kith_time>(number, 0) * 10 + (c - '0');
            if (number > 1'000'000) return std::nullopt;
        } else {
            const kith_time unit = c == 'D' && !in_day  ? 86'400
                                   : c == 'H' && in_day ? 3'600
                                   : c == 'M' && in_day ? 60
                                   : c == 'S' && in_day ? 1
                                                        : 0;
            if (unit == 0 || number < 0) return std::nullopt;
            total += number * unit * 1'000'000;
            number = -1;
        }
    }
    return number < 0 && total > 0 ? std::optional(total) : std::nullopt;
}

kith_id id_in(const char *option, const std::string &text) {
    const auto id = id_of_text(text);
    if (!id)
        fail(kUsage, fmt::format("{} takes the id of a request, as kith requests --csv prints it", option));
    return *id;
}

void change(const Options &options, const Context &context) {
    if (!options.take.empty() && !options.done.empty()) fail(kUsage, "take a request, or close it: not both");
    const Store store = open_store(options.file);
    const std::string zone(view(read_info(begin_snapshot(store)).time_zone));
    const kith_time at = time_or_now("--at", options.at, zone);
    const Batch batch = new_batch(store);
    kith_error error = make_error();
    kith_id id{};
    kith_time until = 0;
    if (!options.take.empty()) {
        id = id_in("--take", options.take);
        const auto length = micros_of(options.lease);
        if (!length) fail(kUsage, "--take goes with --for and a length: --for PT10M");
        until = at + *length;
        check(kith_request_take(batch.get(), &id, until, nullptr, &error), error);
    } else {
        id = id_in("--done", options.done);
        const kith_str result = options.result.empty() ? kith_str{} : to_str(options.result);
        check(kith_request_done(batch.get(), &id, result, options.failed ? 1 : 0, at, nullptr, &error),
              error);
    }
    check(kith_batch_commit(batch.get(), nullptr, &error), error);
    const std::string_view state = until ? "leased" : options.failed ? "failed" : "done";
    if (context.format == Format::kTable)
        return print(
            fmt::format("{}  {}{}\n", id_text(id), state, until ? " until " + time_text(until) : ""));
    Json json;
    json.object().text("id", id_text(id)).text("state", state).time_or_null("lease_until", until, until != 0);
    print(json.end().str());
}

// Of the first `limit`, a page at a time.
class Lines {
public:
    explicit Lines(const Context &context) : context_(context) {
        for (const char *title : {"at (UTC)", "state", "kind", "to", "party", "title", "by"})
            table_.column(title);
        json_.object().array("requests");
        append_csv(csv_, {kFields.begin(), kFields.end()});
    }

    void add(const Snapshot &snapshot, const Result &page, std::size_t row) {
        std::vector<std::string> cells;
        for (const char *name : kFields) {
            const kith_column &column = page.column(name);
            cells.push_back(!page.present(column, row)       ? ""
                            : column.type == KITH_COLUMN_INT ? time_text(column.ints[row])
                                                             : page.cell(column, row));
        }
        cells[1] = party_label_of(snapshot, page.column("party").ids[row]);
        if (context_.format == Format::kTable) {
            const auto shown = [&](std::size_t cell) { return printable(cells[cell]); };
            table_.row({day_text(page.column("at").ints[row]), cells[3], shown(4),
                        cells[6].empty() ? "(the party)" : shown(6), shown(1),
                        cells[8].empty() ? shown(9) : shown(8), shown(5)});
        } else if (context_.format == Format::kCsv) {
            append_csv(csv_, cells);
        } else {
            json_.object();
            for (std::size_t i = 0; i < kFields.size(); ++i) {
                if (!cells[i].empty()) json_.text(kFields[i], cells[i]);
            }
            json_.end();
        }
    }

    void finish(std::uint64_t count, std::uint64_t left) {
        if (context_.format == Format::kJson) return print(json_.end().count("left", left).end().str());
        if (context_.format == Format::kCsv) return print(csv_);
        if (count == 0) return print("There are no such requests.\n");
        print(table_.text(context_, "  "));
        if (left > 0) print(fmt::format("  and {} more: --limit N, or --csv for all\n", grouped(left)));
    }

private:
    static constexpr std::array<const char *, 14> kFields = {
        "id",      "party", "at",   "state",      "kind",        "by",       "to",
        "channel", "title", "item", "commitment", "lease_until", "ended_at", "result"};

    static std::string party_label_of(const Snapshot &snapshot, const kith_id &party) {
        kith_error error = make_error();
        kith_page *found = nullptr;
        if (kith_brief(snapshot.get(), &party, 0, &found, &error) != KITH_OK) return id_text(party);
        const Page page(found);
        std::size_t count = 0;
        const kith_party *const *parties = kith_page_parties(page.get(), &count);
        return party_label(party, count > 0 ? parties[0]->host_key : kith_str{});
    }

    const Context &context_;
    TextTable table_;
    Json json_;
    std::string csv_;
};

void list(const Options &options, const Context &context) {
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    kith_request_query query = make<kith_request_query>();
    if (options.all) query.fields = KITH_REQUEST_QUERY_ALL;
    if (!options.actor.empty()) query.actor = to_str(options.actor);
    if (!options.party.empty()) query.party = find_party(snapshot, options.party);
    std::uint64_t room = options.limit > 0                  ? options.limit
                         : context.format == Format::kTable ? kLines
                                                            : UINT64_MAX;
    Lines lines(context);
    std::uint64_t count = 0, left = 0;
    do {
        query.limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(room, KITH_MAX_PAGE_ITEMS));
        kith_error error = make_error();
        kith_table *table = nullptr;
        check(kith_requests(snapshot.get(), &query, &table, &error), error);
        const Result page(Table(table), 0);
        for (std::size_t row = 0; row < page.rows(); ++row) lines.add(snapshot, page, row);
        count += page.rows();
        room -= page.rows();
        left = page.count_fact("left");
        if (page.rows() > 0) query.after = page.column("id").ids[page.rows() - 1];
    } while (room > 0 && left > 0);
    lines.finish(count, left);
}

}  // namespace

void add_requests(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "requests", "What rules and processes ask the host to do: list, take, close");
    command.footer(
        "  kith requests shop.kith --actor mia\n"
        "  kith requests shop.kith --take 019b3d4e-... --for PT10M\n"
        "  kith requests shop.kith --done 019b3d4e-... --result 'letter 4711'\n");
    command.file(options->file);
    command.option("--actor", options->actor, "To this actor").type("KEY");
    command.option("--party", options->party, "About this party").type("PARTY");
    command.flag("--all", options->all, "Closed ones too");
    command.option("--take", options->take, "Take one, so that no other does it too").type("ID");
    command.option("--for", options->lease, "For how long it is taken: PT10M").type("LENGTH");
    command.option("--done", options->done, "Close one").type("ID");
    command.option("--result", options->result, "What came of it").type("TEXT");
    command.flag("--failed", options->failed, "It has failed");
    command.option("--at", options->at, "When (default: the system's clock)").type("TIME");
    command.limit(options->limit, "At most so many (default: 30 in the table, all in CSV and JSON)");
    command.csv_flag(context);
    command.json_flag(context);
    command.on_run([options, &context] {
        options->take.empty() && options->done.empty() ? list(*options, context) : change(*options, context);
    });
}

}  // namespace kith::cli
