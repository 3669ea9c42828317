#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/values.hpp"

namespace kith::cli {

namespace {

// Members of segments of parties are kept, as of the last event or `kith run-due` of each: these are shown,
// unless
// --now asks for another instant. Those of other subjects are worked out.

constexpr std::uint64_t kMembersForPeople = 20;
constexpr std::uint32_t kPageItems = 1000;

struct Options {
    std::string file, segment, party, now, language;
    std::uint64_t limit = 0;
};

struct SegmentCount {
    Listed segment;
    std::uint64_t members = 0, subjects = 0;
    bool is_built = true;
};

bool is_kept(const Options &options, const Listed &segment) {
    return options.now.empty() && segment.per() == subject_name(KITH_SUBJECT_PARTY);
}

std::pair<std::uint64_t, bool> kept_count(const Snapshot &snapshot, const Listed &segment) {
    kith_error error = make_error();
    std::uint64_t members = 0;
    std::uint32_t built = 0;
    check(kith_segment_count(snapshot.get(), segment.name.data(), segment.name.size(), &members, &built,
                             &error),
          error);
    return {members, built != 0};
}

// One table for all segments of a kind of subject that are not kept.
std::vector<SegmentCount> count_members(const Options &options, const Snapshot &snapshot,
                                        const std::vector<Listed> &all, const kith_info &info,
                                        kith_time now) {
    std::vector<SegmentCount> counts;
    for (const Listed &one : all) {
        if (one.kind != "segment" || !is_kept(options, one)) continue;
        const auto [members, is_built] = kept_count(snapshot, one);
        counts.push_back({one, members, info.parties - info.anonymous, is_built});
    }
    for (std::uint32_t kind = KITH_SUBJECT_PARTY; kind <= KITH_SUBJECT_ALL; ++kind) {
        ValuesWanted wanted;
        wanted.subject = kind;
        wanted.now = now;
        const std::size_t first = counts.size();
        for (const Listed &one : all) {
            if (one.kind != "segment" || one.per() != subject_name(kind) || is_kept(options, one)) continue;
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
    const auto counts = count_members(options, snapshot, all, info, now);
    const Labels labels(all, options.language);
    if (context.format == Format::kJson) {
        Json json;
        json.object().text("now", time_text(now)).array("segments");
        for (const auto &[segment, members, subjects, is_built] : counts) {
            json.object().text("segment", segment.name).text("label", labels.of("segment." + segment.name));
            json.text("per", segment.per()).text("when", segment.text("when"));
            json.count("members", members).count("subjects", subjects).flag("built", is_built).end();
        }
        return print(json.end().end().str());
    }
    if (context.format == Format::kCsv) {
        std::string csv;
        append_csv(csv, {"segment", "per", "members", "subjects", "when", "built"});
        for (const auto &[segment, members, subjects, is_built] : counts) {
            append_csv(csv, {segment.name, segment.per(), std::to_string(members), std::to_string(subjects),
                             segment.text("when"), is_built ? "true" : "false"});
        }
        return print(csv);
    }
    if (counts.empty()) return print("No segments are installed; `kith define` installs some.\n");
    TextTable table;
    table.column("segment");
    table.column("members", TextTable::Align::kRight);
    table.column("of all", TextTable::Align::kRight);
    table.column("who");
    for (const auto &[segment, members, subjects, is_built] : counts) {
        table.row(
            {printable(labels.of("segment." + segment.name)),
             is_built ? grouped(members) : grouped(members) + " (being built)",
             subjects == 0 ? "" : percent(static_cast<double>(members) / static_cast<double>(subjects), 1),
             clipped(printable(segment.text("when")), 60, context.unicode)});
    }
    print(table.text(context, "  ") + "\nWho is in one: kith segments FILE NAME\n");
}

// In pages.
template <class Take>
void each_member(const Snapshot &snapshot, const std::string &segment, std::uint64_t limit, Take take) {
    kith_query query = make<kith_query>();
    query.list = KITH_LIST_MEMBERS;
    query.definition = to_str(segment);
    const Cursor cursor = open_cursor(snapshot, query);
    while (limit > 0) {
        const Page page =
            next_page(cursor, static_cast<std::uint32_t>(std::min<std::uint64_t>(limit, kPageItems)));
        if (!page) return;
        std::size_t count = 0;
        const kith_member *const *members = kith_page_members(page.get(), &count);
        const kith_party *const *parties = kith_page_parties(page.get(), nullptr);
        for (std::size_t i = 0; i < count; ++i) take(*members[i], *parties[i]);
        limit -= count;
    }
}

void run_kept(const Options &options, const Snapshot &snapshot, const Listed &segment,
              const std::vector<Listed> &all, const Context &context) {
    const auto [members, is_built] = kept_count(snapshot, segment);
    const bool for_people = context.format == Format::kTable;
    const std::uint64_t limit = options.limit > 0 ? options.limit
                                : for_people      ? kMembersForPeople
                                                  : UINT64_MAX;
    switch (context.format) {
        case Format::kCsv: {
            std::string csv;
            append_csv(csv, {"party", "party.name", "since"});
            each_member(snapshot, segment.name, limit,
                        [&](const kith_member &member, const kith_party &party) {
                            append_csv(csv, {party_label(member.party, member.party_key),
                                             std::string(view(party.name)), time_text(member.since)});
                        });
            return print(csv);
        }
        case Format::kJson: {
            Json json;
            json.object().text("segment", segment.name).count("count", members).flag("built", is_built);
            json.array("members");
            each_member(snapshot, segment.name, limit,
                        [&](const kith_member &member, const kith_party &party) {
                            json.object().text("party", party_label(member.party, member.party_key));
                            json.text("id", id_text(member.party)).text_or_null("party.name", party.name);
                            json.text("since", time_text(member.since)).end();
                        });
            return print(json.end().end().str());
        }
        case Format::kTable:
            break;
    }
    TextTable table;
    for (const char *title : {"party", "name", "since (UTC)"}) table.column(title);
    each_member(snapshot, segment.name, limit, [&](const kith_member &member, const kith_party &party) {
        table.row({printable(party_label(member.party, member.party_key)), printable(view(party.name)),
                   day_text(member.since)});
    });
    print(bold(fmt::format("{} in {}", grouped(members),
                           Labels(all, options.language).of("segment." + segment.name)),
               context) +
          (is_built ? "\n\n" : "; it is being built: kith define or kith run-due goes on\n\n") +
          table.text(context, "  ") +
          (members > limit ? fmt::format("\nMore: --limit {}\n", members) : std::string()));
}

// When a customer entered and left.
void run_log(const Options &options, const Snapshot &snapshot, const Listed &segment,
             const Context &context) {
    if (segment.per() != subject_name(KITH_SUBJECT_PARTY))
        fail(kUsage, fmt::format("segment {} is per {}: when customers entered is kept for their own",
                                 segment.name, segment.per()));
    static constexpr std::array<std::string_view, 5> kCauses{"", "event", "timer", "hand", "definition"};
    const kith_id party = find_party(snapshot, options.party);
    kith_error error = make_error();
    kith_page *read = nullptr;
    check(
        kith_membership_log(snapshot.get(), &party, segment.name.data(), segment.name.size(), &read, &error),
        error);
    const Page page(read);
    std::size_t count = 0;
    const kith_transition *const *items = kith_page_transitions(page.get(), &count);
    const std::span log(items, count);
    const auto cause = [](const kith_transition &one) {
        return std::string(one.cause < kCauses.size() ? kCauses[one.cause] : "unknown");
    };
    const auto did = [](const kith_transition &one) { return view(one.to) == "in" ? "entered" : "left"; };
    if (context.format == Format::kCsv) {
        std::string csv;
        append_csv(csv, {"at", "did", "cause", "event", "version", "late"});
        for (const kith_transition *one : log) {
            append_csv(csv, {time_text(one->at), did(*one), cause(*one), std::string(view(one->event)),
                             std::to_string(one->version), one->late ? "true" : "false"});
        }
        return print(csv);
    }
    if (context.format == Format::kJson) {
        Json json;
        json.object().text("segment", segment.name).text("party", options.party).array("log");
        for (const kith_transition *one : log) {
            json.object().text("at", time_text(one->at)).text("did", did(*one)).text("cause", cause(*one));
            json.text_or_null("event", one->event).count("version", one->version);
            json.flag("late", one->late != 0).end();
        }
        return print(json.end().end().str());
    }
    if (log.empty())
        return print(fmt::format("{} was never in {}.\n", printable(options.party), segment.name));
    TextTable table;
    for (const char *title : {"at (UTC)", "", "because of"}) table.column(title);
    for (const kith_transition *one : log) {
        const std::string event = printable(view(one->event));
        table.row({day_text(one->at), did(*one),
                   (event.empty() ? cause(*one) : event) + (one->late ? ", recorded late" : "")});
    }
    print(table.text(context));
}

void run_members(const Options &options, const Snapshot &snapshot, const std::vector<Listed> &all,
                 const Context &context) {
    const kith_info info = read_info(snapshot);
    const Listed segment = find_definition(all, "segment", options.segment);
    if (!options.party.empty()) return run_log(options, snapshot, segment, context);
    if (is_kept(options, segment)) return run_kept(options, snapshot, segment, all, context);
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
    Command command(app, "segments",
                    "Segments and how many are in them, who is in one, or when a customer was");
    command.footer(
        "  kith segments shop.kith\n"
        "  kith segments shop.kith at_risk --csv > risk.csv\n"
        "  kith segments shop.kith at_risk C-00042\n\n"
        "Who is in a segment of customers is kept, as of their last event or `kith run-due`.\n"
        "Why somebody is in one: kith why shop.kith segment.at_risk CUSTOMER\n");
    command.file(options->file);
    command.option("SEGMENT", options->segment, "List its members");
    command.option("CUSTOMER", options->party, "When this one entered and left it");
    command
        .option("--now", options->now,
                "Worked out at this instant (default: as kept; of other subjects than\n"
                "customers, at the system's clock)")
        .type("TIME");
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
    });
}

}  // namespace kith::cli
