#include "cli/import_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "cli/output.hpp"

namespace kith::cli {

namespace {

constexpr std::size_t kBadRowsShown = 20;

std::int64_t add_saturating(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(a, b, &sum)) return sum;
    return b > 0 ? INT64_MAX : INT64_MIN;
}

std::uint64_t rate(const ImportReport &report) {
    return static_cast<std::uint64_t>(static_cast<double>(report.interactions) /
                                      std::max(report.elapsed_s, 1e-6));
}

std::int64_t amount_of(const ImportReport &report, std::string_view kind) {
    std::int64_t amount = 0;
    for (const auto &k : report.kinds) {
        if (k.name == kind) amount = k.amount;
    }
    return amount;
}

std::string lines_text(const ImportReport &report, const Money &money) {
    std::string out;
    const auto line = [&](std::string_view name, std::string_view value) {
        out += fmt::format("  {}  {}\n", padded(name, 13), value);
    };
    line("rows", fmt::format("{} read, {} skipped", grouped(report.rows), grouped(report.rows_skipped)));
    line("interactions",
         fmt::format("{} new, {} already there{}", grouped(report.created), grouped(report.existing),
                     report.conflicts > 0 ? fmt::format(", {} in conflict", grouped(report.conflicts)) : ""));
    for (const auto &kind : report.kinds) {
        line("  " + printable(kind.name),
             fmt::format("{}, {} {}", grouped(kind.interactions),
                         grouped(amount_text(kind.amount, money.minor_digits)), money.currency));
    }
    line("customers", grouped(report.parties_created) + " new");
    if (report.anonymous_rows > 0) {
        line("anonymous", fmt::format("{} name no customer: kept with one anonymous party",
                                      plural(report.anonymous_rows, "row", "rows")));
    }
    if (report.interactions > 0) {
        line("from, to", fmt::format("{}, {} UTC", day_text(report.first_at), day_text(report.last_at)));
    }
    line("lifecycle", fmt::format("{}, {}", plural(report.transitions, "transition", "transitions"),
                                  plural(report.commitments, "commitment", "commitments")));
    if (report.memory.anonymous > 0) {
        line("memory", fmt::format("at most {} of its own, {} of mapped files",
                                   bytes_text(report.memory.anonymous), bytes_text(report.memory.file)));
    }
    return out;
}

}  // namespace

void MemoryPeak::sample() {
    std::FILE *status = std::fopen("/proc/self/status", "re");
    if (status == nullptr) return;
    char line[256];
    while (std::fgets(line, sizeof line, status) != nullptr) {
        unsigned long long kibibytes = 0;
        if (std::sscanf(line, "RssAnon: %llu", &kibibytes) == 1) {
            anonymous = std::max<std::uint64_t>(anonymous, kibibytes * 1024);
        }
        if (std::sscanf(line, "RssFile: %llu", &kibibytes) == 1) {
            file = std::max<std::uint64_t>(file, kibibytes * 1024);
        }
    }
    std::fclose(status);
}

void ImportReport::add_bad_row(std::uint32_t line, std::string reason) {
    ++bad_row_count;
    if (bad_rows.size() < kBadRowsListed) bad_rows.push_back({line, std::move(reason)});
}

void ImportReport::count(std::size_t kind, kith_time at, std::int64_t amount) {
    first_at = interactions == 0 ? at : std::min(first_at, at);
    last_at = interactions == 0 ? at : std::max(last_at, at);
    ++interactions;
    ++kinds[kind].interactions;
    kinds[kind].amount = add_saturating(kinds[kind].amount, amount);
}

std::string report_json(const ImportReport &report, const Money &money) {
    Json json;
    json.object();
    if (report.failure) json.text("error", report.failure->message);
    json.count("rows", report.rows).count("rows_skipped", report.rows_skipped);
    json.count("anonymous_rows", report.anonymous_rows);
    json.count("interactions", report.interactions).count("created", report.created);
    json.count("existing", report.existing).count("conflicts", report.conflicts);
    json.count("parties_created", report.parties_created);
    json.object("kinds");
    for (const auto &kind : report.kinds) {
        json.object(kind.name).count("interactions", kind.interactions);
        json.text("amount", amount_text(kind.amount, money.minor_digits)).end();
    }
    json.end();
    json.text("amount_total", amount_text(amount_of(report, "order"), money.minor_digits));
    json.text("returns_total", amount_text(amount_of(report, "return"), money.minor_digits));
    json.text("currency", money.currency);
    json.time_or_null("first_at", report.first_at, report.interactions > 0);
    json.time_or_null("last_at", report.last_at, report.interactions > 0);
    json.count("transitions", report.transitions).count("commitments", report.commitments);
    json.real("elapsed_s", report.elapsed_s).count("interactions_per_s", rate(report));
    json.count("rss_anon_peak_bytes", report.memory.anonymous)
        .count("rss_file_peak_bytes", report.memory.file);
    json.count("bad_rows", report.bad_row_count);
    json.array("problems");
    for (const auto &bad : report.bad_rows)
        json.object().count("line", bad.line).text("reason", bad.reason).end();
    return json.end().end().str();
}

std::string report_text(const ImportReport &report, const Money &money) {
    return fmt::format("{} in {:.2f} s, {} a second\n",
                       plural(report.interactions, "interaction", "interactions"), report.elapsed_s,
                       grouped(rate(report))) +
           lines_text(report, money);
}

std::string bad_rows_text(const ImportReport &report) {
    std::string out;
    const std::size_t shown = std::min(kBadRowsShown, report.bad_rows.size());
    for (std::size_t i = 0; i < shown; ++i) {
        out += fmt::format("line {}: {}\n", report.bad_rows[i].line, report.bad_rows[i].reason);
    }
    if (report.bad_row_count > shown) out += fmt::format("... and {} more\n", report.bad_row_count - shown);
    return out;
}

}  // namespace kith::cli
