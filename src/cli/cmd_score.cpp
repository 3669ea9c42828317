#include <fmt/format.h>

#include <memory>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/values.hpp"

namespace kith::cli {

namespace {

constexpr std::uint64_t kScoresForPeople = 20;

struct Options {
    std::string file, scorecard, party, now, language;
    SubjectOptions subject;
    std::uint64_t limit = 0;
};

void run_all(const Options &options, const Snapshot &snapshot, const Listed &card, const Context &context) {
    const kith_info info = read_info(snapshot);
    const bool for_people = context.format == Format::kTable;
    ValuesWanted wanted;
    wanted.subject = subject_kind(card);
    wanted.names = {"score." + card.name};
    if (wanted.subject == KITH_SUBJECT_PARTY) wanted.names.emplace_back("party.name");
    wanted.order_by = wanted.names.front();
    wanted.now = time_or_now("--now", options.now, view(info.time_zone));
    wanted.limit = options.limit > 0 ? options.limit : for_people ? kScoresForPeople : 0;
    const Result result = read_values(snapshot, wanted, info.minor_digits);
    if (context.format == Format::kCsv) return print(result.csv({"id"}));
    if (for_people) return print(values_text(result, result.rows(), context));
    Json json;
    json.object().text("scorecard", card.name).text("now", time_text(wanted.now));
    result.json_rows(json, "scores");
    print(json.end().str());
}

// The rows of the tree that are the card's own indicators.
std::vector<std::size_t> indicators(const Result &why) {
    std::vector<std::size_t> rows;
    const kith_column &level = why.column("level"), &kind = why.column("kind");
    for (std::size_t row = 0; row < why.rows(); ++row) {
        if (level.ints[row] == 1 && why.cell(kind, row) == "indicator") rows.push_back(row);
    }
    return rows;
}

void run_one(const Options &options, const Snapshot &snapshot, const Listed &card, const Labels &labels,
             const Context &context) {
    const kith_info info = read_info(snapshot);
    const kith_time now = time_or_now("--now", options.now, view(info.time_zone));
    const Subject subject = find_subject(snapshot, options.party, options.subject);
    const Result why = read_why(snapshot, subject, "score." + card.name, now, 1, info.minor_digits);
    const kith_column &name = why.column("name"), &value = why.column("value"),
                      &detail = why.column("detail"), &weight = why.column("weight"),
                      &addend = why.column("addend");
    const auto label = [&](std::size_t row) {
        return labels.of(fmt::format("score.{}.{}", card.name, why.cell(name, row)));
    };
    if (context.format == Format::kJson) {
        Json json;
        json.object();
        append_subject(json, subject);
        json.text("scorecard", card.name).text("now", time_text(now));
        why.present(value, 0) ? json.raw("score", why.cell(value, 0)) : json.null("score");
        json.array("indicators");
        for (const std::size_t row : indicators(why)) {
            json.object().text("indicator", why.cell(name, row)).text("label", label(row));
            json.text("value", why.cell(value, row)).text("detail", why.cell(detail, row));
            json.real("weight", weight.reals[row]);
            why.present(addend, row) ? json.real("addend", addend.reals[row]) : json.null("addend");
            json.end();
        }
        return print(json.end().end().str());
    }
    std::string csv;
    if (context.format == Format::kCsv) append_csv(csv, {"indicator", "value", "weight", "addend"});
    TextTable table;
    table.column("indicator");
    for (const char *title : {"value", "weight", "adds"}) table.column(title, TextTable::Align::kRight);
    table.column("");
    for (const std::size_t row : indicators(why)) {
        const std::string adds = why.present(addend, row) ? real_text(addend.reals[row]) : "";
        if (context.format == Format::kCsv) {
            append_csv(csv, {why.cell(name, row), why.cell(value, row), real_text(weight.reals[row]), adds});
            continue;
        }
        table.row({printable(label(row)), value_cell(why, value, row), real_text(weight.reals[row]),
                   adds.empty() ? "-" : adds, printable(why.cell(detail, row))});
    }
    if (context.format == Format::kCsv) return print(csv);
    print(bold(fmt::format("{} of {}: {}", card.name, subject.label(), value_cell(why, value, 0)), context) +
          "\n\n" + table.text(context, "  "));
}

}  // namespace

void add_score(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "score", "Scores of everybody, or what each indicator adds to one");
    command.footer(
        "  kith score shop.kith attractiveness\n"
        "  kith score shop.kith attractiveness C-00042\n"
        "  kith score shop.kith attractiveness --csv > scores.csv\n");
    command.file(options->file);
    command.option("SCORECARD", options->scorecard, "The scorecard's name").required();
    command.option("PARTY", options->party, "One customer: host key, id, or identifier");
    add_subject_options(command, options->subject);
    command.option("--now", options->now, "When (default: the system's clock)").type("TIME");
    command.option("--language", options->language, "The language of labels: zh").type("CODE");
    command.limit(options->limit, "At most so many (default: 20 in the table, else all)");
    command.csv_flag(context);
    command.json_flag(context);
    command.on_run([options, &context] {
        const Store store = open_store(options->file, KITH_OPEN_READ_ONLY);
        const Snapshot snapshot = begin_snapshot(store);
        const auto all = list_definitions(snapshot);
        const Listed card = find_definition(all, "scorecard", options->scorecard);
        if (options->party.empty() && !options->subject.given()) {
            run_all(*options, snapshot, card, context);
        } else {
            run_one(*options, snapshot, card, Labels(all, options->language), context);
        }
    });
}

}  // namespace kith::cli
