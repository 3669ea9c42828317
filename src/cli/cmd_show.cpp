#include <fmt/format.h>

#include <array>
#include <cmath>
#include <memory>
#include <span>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/commitments.hpp"
#include "cli/interactions.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, party, now, language;
    std::uint32_t limit = 8;
};

constexpr double kDayMs = 86'400'000;

std::string_view kind_text(std::uint32_t kind) {
    static constexpr std::array<std::string_view, 4> kNames{"person", "organisation", "household",
                                                            "anonymous"};
    return kind < kNames.size() ? kNames[kind] : "unknown";
}

// A brief with its parts at hand, all borrowed from its page.
struct Brief {
    Page page;
    const kith_party *party = nullptr;
    const kith_figures *figures = nullptr;
    std::span<const kith_identifier *const> identifiers;
    std::span<const kith_process *const> processes;
    std::span<const kith_member *const> segments;
    std::span<const kith_commitment *const> commitments;
    std::span<const kith_interaction *const> interactions;
};

template <typename Items>
auto part(const Page &page, Items &&items) {
    std::size_t count = 0;
    const auto *first = items(page.get(), &count);
    return std::span(first, count);
}

Brief read_brief(const Snapshot &snapshot, const kith_id &id, std::uint32_t interactions_max) {
    kith_error error = make_error();
    kith_page *page = nullptr;
    check(kith_brief(snapshot.get(), &id, interactions_max, &page, &error), error);
    Brief brief;
    brief.page = Page(page);
    const auto parties = part(brief.page, kith_page_parties);
    if (parties.empty()) fail(kFailed, "the library gave a brief without its party");
    brief.party = parties[0];
    brief.figures = kith_page_figures(page);
    brief.identifiers = part(brief.page, kith_page_identifiers);
    brief.processes = part(brief.page, kith_page_processes);
    brief.segments = part(brief.page, kith_page_members);
    brief.commitments = part(brief.page, kith_page_commitments);
    brief.interactions = part(brief.page, kith_page_interactions);
    return brief;
}

bool has_orders(const kith_figures &figures) {
    return (figures.fields & KITH_FIGURES_FIELD_FIRST_ORDER) != 0;
}

bool has_gap(const kith_figures &figures) { return (figures.fields & KITH_FIGURES_FIELD_MEDIAN_GAP) != 0; }

bool has_due(const kith_process &process) { return (process.fields & KITH_PROCESS_FIELD_DUE) != 0; }

double gap_days(const kith_figures &figures) { return static_cast<double>(figures.median_gap_ms) / kDayMs; }

// The brief for people: labelled lines, then what is open, then what happened last.
class Sheet {
public:
    Sheet(const Brief &brief, const kith_info &info, kith_time now, const FieldLabels &labels,
          const Context &context)
        : brief_(brief), info_(info), now_(now), labels_(labels), context_(context) {}

    std::string text() {
        head();
        for (const kith_process *process : brief_.processes) standing(*process);
        for (const kith_member *member : brief_.segments) {
            line("segment",
                 fmt::format("{} since {} ({})", printable(view(member->segment)),
                             time_text(member->since).substr(0, 10), distance_text(member->since, now_)));
        }
        if (brief_.figures != nullptr) figures(*brief_.figures);
        open_commitments();
        out_ += "\n" + bold("Last interactions", context_) + "\n";
        out_ += brief_.interactions.empty()
                    ? "  none\n"
                    : interaction_table(brief_.interactions, info_.minor_digits, context_, labels_);
        return out_;
    }

private:
    void line(std::string_view label, std::string_view value) {
        out_ += fmt::format("  {}  {}\n", padded(label, 12), value);
    }

    std::string amount(std::int64_t value) const {
        return fmt::format("{} {}", grouped(amount_text(value, info_.minor_digits)),
                           reinterpret_cast<const char *>(info_.currency));
    }

    void head() {
        const std::string label = printable(party_label(brief_.party->id, brief_.party->host_key));
        const std::string name = printable(view(brief_.party->name));
        const std::string title = name.empty() ? label : name;
        out_ += bold(title, context_) + "\n";
        for (std::size_t i = 0; i < display_width(title); ++i) out_ += context_.unicode ? "─" : "-";
        out_ += "\n";
        line("who", fmt::format("{}, {}", kind_text(brief_.party->kind), label));
        for (const kith_identifier *identifier : brief_.identifiers) {
            if ((identifier->flags & KITH_IDENTIFIER_HOST) != 0 && view(identifier->value) == label) continue;
            line(printable(view(identifier->kind)), printable(view(identifier->value)));
        }
        const std::pair<const char *, const kith_str *> texts[] = {{"language", &brief_.party->language},
                                                                   {"owner", &brief_.party->owner},
                                                                   {"tags", &brief_.party->tags}};
        for (const auto &[field, value] : texts) {
            if (value->size > 0) line(field, printable(view(*value)));
        }
        for (const kith_field &field : std::span(brief_.party->values, brief_.party->value_count)) {
            line(printable(labels_.name("party", field)), printable(labels_.value("party", field)));
        }
    }

    // Its key, and then its fields below.
    void standing(const kith_process &process) {
        std::string text =
            fmt::format("{} since {} ({})", bold(printable(view(process.state)), context_),
                        time_text(process.since).substr(0, 10), distance_text(process.since, now_));
        if (has_due(process)) {
            text += process.due > now_ ? fmt::format("; moves on {} unless something happens",
                                                     distance_text(process.due, now_))
                                       : std::string("; due to move on: kith run-due");
        }
        if (process.key.size > 0) text = fmt::format("{}: {}", printable(view(process.key)), text);
        line(printable(view(process.definition)), text);
        const std::string type(view(process.definition));
        for (const kith_field &field : std::span(process.values, process.value_count)) {
            line("", fmt::format("{} {}", printable(labels_.name(type, field)),
                                 printable(labels_.value(type, field))));
        }
    }

    void figures(const kith_figures &figures) {
        if (!has_orders(figures)) return line("orders", "none yet");
        const auto orders = static_cast<std::int64_t>(figures.orders);
        line("orders", fmt::format("{}, {} in all, {} on average", grouped(figures.orders),
                                   amount(figures.amount_total), amount(figures.amount_total / orders)));
        line("first order", fmt::format("{} ({})", time_text(figures.first_order_at).substr(0, 10),
                                        distance_text(figures.first_order_at, now_)));
        line("last order", fmt::format("{} ({})", time_text(figures.last_order_at).substr(0, 10),
                                       distance_text(figures.last_order_at, now_)));
        if (has_gap(figures)) line("rhythm", fmt::format("every {:.4g} days (median)", gap_days(figures)));
        if (figures.returns > 0) {
            line("returns", fmt::format("{}, {}", grouped(figures.returns), amount(figures.returns_total)));
        }
        line("contacts", plural(figures.interactions, "interaction", "interactions") + " in all");
    }

    void open_commitments() {
        out_ += "\n" + bold("Open commitments", context_) + "\n";
        if (brief_.commitments.empty()) out_ += "  none\n";
        for (const kith_commitment *commitment : brief_.commitments) {
            const bool dated = (commitment->fields & KITH_COMMITMENT_FIELD_DUE) != 0;
            const kith_str &title = commitment->title.size > 0 ? commitment->title : commitment->kind;
            out_ +=
                fmt::format("  {}  {}  {}\n",
                            padded(dated ? "due " + time_text(commitment->due).substr(0, 10) : "no date", 14),
                            padded(due_text(*commitment, now_), 16), printable(view(title)));
        }
    }

    const Brief &brief_;
    const kith_info &info_;
    kith_time now_;
    const FieldLabels &labels_;
    const Context &context_;
    std::string out_;
};

void append_figures(Json &json, const kith_figures &figures, std::uint32_t digits) {
    json.object("figures").count("interactions", figures.interactions).count("orders", figures.orders);
    json.count("returns", figures.returns).text("amount_total", amount_text(figures.amount_total, digits));
    json.text("returns_total", amount_text(figures.returns_total, digits));
    json.time_or_null("first_order_at", figures.first_order_at, has_orders(figures));
    json.time_or_null("last_order_at", figures.last_order_at, has_orders(figures));
    json.time_or_null("last_at", figures.last_at, (figures.fields & KITH_FIGURES_FIELD_LAST_AT) != 0);
    has_gap(figures) ? json.real("median_gap_days", gap_days(figures)) : json.null("median_gap_days");
    json.end();
}

void append_process(Json &json, const kith_process &process) {
    json.object().text("definition", view(process.definition)).text_or_null("key", process.key);
    json.count("version", process.version);
    json.text("state", view(process.state)).text("since", time_text(process.since));
    json.text("started_at", time_text(process.started_at)).time_or_null("due", process.due, has_due(process));
    append_fields(json, {process.values, process.value_count});
    json.count("transitions", process.transitions).text("id", id_text(process.id)).end();
}

std::string json_text(const Brief &brief, const kith_info &info, kith_time now) {
    const kith_party &party = *brief.party;
    Json json;
    json.object().text("now", time_text(now)).text("party", party_label(party.id, party.host_key));
    json.text("id", id_text(party.id)).text("kind", kind_text(party.kind)).text_or_null("name", party.name);
    json.text_or_null("language", party.language).text_or_null("owner", party.owner);
    json.text_or_null("tags", party.tags).text("created_at", time_text(party.created_at));
    append_fields(json, {party.values, party.value_count});
    json.array("identifiers");
    for (const kith_identifier *identifier : brief.identifiers) {
        json.object().text("kind", view(identifier->kind)).text("value", view(identifier->value));
        json.flag("host", (identifier->flags & KITH_IDENTIFIER_HOST) != 0).end();
    }
    json.end().array("processes");
    for (const kith_process *process : brief.processes) append_process(json, *process);
    json.end().array("segments");
    for (const kith_member *member : brief.segments) {
        json.object().text("segment", view(member->segment)).text("since", time_text(member->since)).end();
    }
    json.end();
    if (brief.figures != nullptr) append_figures(json, *brief.figures, info.minor_digits);
    json.text("currency", reinterpret_cast<const char *>(info.currency)).array("commitments");
    for (const kith_commitment *commitment : brief.commitments) append_commitment(json, *commitment, now, {});
    json.end().array("interactions");
    for (const kith_interaction *interaction : brief.interactions) {
        append_interaction(json, *interaction, info.minor_digits, {});
    }
    return json.end().end().str();
}

void run(const Options &options, const Context &context) {
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    const kith_info info = read_info(snapshot);
    const kith_time now = time_or_now("--now", options.now, view(info.time_zone));
    const Brief brief = read_brief(snapshot, find_party(snapshot, options.party), options.limit);
    if (context.format == Format::kJson) return print(json_text(brief, info, now));
    const FieldLabels labels(list_definitions(snapshot), options.language);
    print(Sheet(brief, info, now, labels, context).text());
    print(fmt::format("\nSeen from {} UTC.\n", day_text(now)));
}

}  // namespace

void add_show(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "show", "One customer, all round: who, where they stand, what is open");
    command.footer(
        "  kith show shop.kith C-00042\n"
        "  kith show shop.kith anna@example.com --now 2026-01-01 --json\n");
    command.file(options->file);
    command.option("PARTY", options->party, "Host key, id, or identifier (e-mail, phone, card)").required();
    command
        .option("--now", options->now,
                "What `overdue` and `days ago` are measured by; nothing is changed\n"
                "(default: the system's clock)")
        .type("TIME");
    command.option("--language", options->language, "The language of labels: zh").type("CODE");
    command.option("--limit", options->limit, "How many of the last interactions")
        .between(0, 1000)
        .type("N")
        .show_default();
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
