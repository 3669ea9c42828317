#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/values.hpp"

namespace kith::cli {

namespace {

constexpr std::uint64_t kMembersForPeople = 20;

struct Options {
    std::string file, segment, now, language;
    std::uint64_t limit = 0;
};

struct SegmentCount {
    Listed segment;
    std::uint64_t members = 0, subjects = 0;
};

// One table for all segments of a kind of subject.
std::vector<SegmentCount> count_members(const Snapshot &snapshot, const std::vector<Listed> &all,
                                        kith_time now) {
    std::vector<SegmentCount> counts;
    for (std::uint32_t kind = KITH_SUBJECT_PARTY; kind <= KITH_SUBJECT_ALL; ++kind) {
        ValuesWanted wanted;
        wanted.subject = kind;
        wanted.now = now;
        const std::size_t first = counts.size();
        for (const Listed &one : all) {
            if (one.kind != "segment" || one.per() != subject_name(kind)) continue;
            wanted.names.push_back("segment." + one.name);
            counts.push_back({one});
        }
        if (wanted.names.empty()) continue;
        const Result result = read_values(snapshot, wanted, 0);
        for (std::size_t i = 0; i < wanted.names.size(); ++i) {
            const kith_column &column = result.column(wanted.names[i]);
            auto &count = counts[first + i];
            count.subjects = result.rows();
            for (std::size_t row = 0; row < result.rows(); ++row)
                count.members += column.ints[row] != 0 ? 1u : 0u;
        }
    }
    return counts;
}

void run_counts(const Options &options, const Snapshot &snapshot, const std::vector<Listed> &all,
                const Context &context) {
    const kith_info info = read_info(snapshot);
    const kith_time now = time_or_now("--now", options.now, view(info.time_zone));
    const auto counts = count_members(snapshot, all, now);
    const Labels labels(all, options.language);
    if (context.format == Format::kJson) {
        Json json;
        json.object().text("now", time_text(now)).array("segments");
        for (const auto &[segment, members, subjects] : counts) {
            json.object().text("segment", segment.name).text("label", labels.of("segment." + segment.name));
            json.text("per", segment.per()).text("when", segment.text("when"));
            json.count("members", members).count("subjects", subjects).end();
        }
        return print(json.end().end().str());
    }
    if (context.format == Format::kCsv) {
        std::string csv;
        append_csv(csv, {"segment", "per", "members", "subjects", "when"});
        for (const auto &[segment, members, subjects] : counts) {
            append_csv(csv, {segment.name, segment.per(), std::to_string(members), std::to_string(subjects),
                             segment.text("when")});
        }
        return print(csv);
    }
    if (counts.empty()) return print("No segments are installed; `kith define` installs some.\n");
    TextTable table;
    table.column("segment");
    table.column("members", TextTable::Align::kRight);
    table.column("of all", TextTable::Align::kRight);
    table.column("who");
    for (const auto &[segment, members, subjects] : counts) {
        table.row(
            {printable(labels.of("segment." + segment.name)), grouped(members),
             subjects == 0 ? "" : percent(static_cast<double>(members) / static_cast<double>(subjects), 1),
             clipped(printable(segment.text("when")), 60, context.unicode)});
    }
    print(table.text(context, "  ") + "\nWho is in one: kith segments FILE NAME\n");
}

void run_members(const Options &options, const Snapshot &snapshot, const std::vector<Listed> &all,
                 const Context &context) {
    const kith_info info = read_info(snapshot);
    const Listed segment = find_definition(all, "segment", options.segment);
    const bool for_people = context.format == Format::kTable;
    ValuesWanted wanted;
    wanted.subject = subject_kind(segment);
    wanted.now = time_or_now("--now", options.now, view(info.time_zone));
    wanted.where = fmt::format("in_segment(\"{}\")", segment.name);
    if (wanted.subject == KITH_SUBJECT_PARTY) wanted.names.emplace_back("party.name");
    wanted.limit = options.limit > 0 ? options.limit : for_people ? kMembersForPeople : 0;
    const Result result = read_values(snapshot, wanted, info.minor_digits);
    if (context.format == Format::kCsv) return print(result.csv({"id"}));
    if (context.format == Format::kJson) {
        Json json;
        json.object().text("segment", segment.name).text("now", time_text(wanted.now));
        json.count("count", result.count_fact("subjects"));
        result.json_rows(json, "members");
        return print(json.end().str());
    }
    print(bold(fmt::format("{} in {}", grouped(result.count_fact("subjects")),
                           Labels(all, options.language).of("segment." + segment.name)),
               context) +
          "\n\n" + values_text(result, result.rows(), context));
}

}  // namespace

void add_segments(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "segments", "Segments and how many are in them, or who is in one");
    command.footer(
        "  kith segments shop.kith\n"
        "  kith segments shop.kith at_risk --csv > risk.csv\n\n"
        "Why somebody is in one: kith why shop.kith segment.at_risk CUSTOMER\n");
    command.file(options->file);
    command.option("SEGMENT", options->segment, "List its members");
    command.option("--now", options->now, "When (default: the system's clock)").type("TIME");
    command.option("--language", options->language, "The language of labels: zh").type("CODE");
    command.limit(options->limit, "Members at most (default: 20 in the table, else all)");
    command.csv_flag(context);
    command.json_flag(context);
    command.on_run([options, &context] {
        const Store store = open_store(options->file, KITH_OPEN_READ_ONLY);
        const Snapshot snapshot = begin_snapshot(store);
        const auto all = list_definitions(snapshot);
        options->segment.empty() ? run_counts(*options, snapshot, all, context)
                                 : run_members(*options, snapshot, all, context);
        flush();
    });
}

}  // namespace kith::cli
