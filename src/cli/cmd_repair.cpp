#include <fmt/format.h>

#include <memory>

#include "cli/commands.hpp"
#include "cli/handles.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/result.hpp"

namespace kith::cli {

namespace {

constexpr std::size_t kLostForPeople = 50;

struct Options {
    std::string file, target;
};

std::string losses_text(const kith_repair_report &report, const Result &lost, const Context &context) {
    std::string out;
    for (const kith_fact &fact : lost.facts()) {
        out += fmt::format("  {} of table {}\n",
                           plural(static_cast<std::uint64_t>(fact.value), "row", "rows"), view(fact.name));
    }
    out += lost.text(kLostForPeople, context);
    if (lost.rows() > kLostForPeople)
        out += fmt::format("  and {} more: --json lists the first 1,000\n", report.lost - kLostForPeople);
    return out;
}

std::string table_text(const Options &options, const kith_repair_report &report, const Result *lost,
                       const Context &context) {
    std::string out =
        fmt::format("{} put right, {} lost.\n", plural(report.mended, "derived row", "derived rows"),
                    plural(report.lost, "record", "records"));
    if (report.pages > 0) out += fmt::format("{} damaged.\n", plural(report.pages, "page is", "pages are"));
    if (report.uncertain != 0)
        out += "A page that says which pages are in use is damaged: the last commit may be missing.\n";
    if (lost != nullptr) out += "\nLost:\n" + losses_text(report, *lost, context) + "\n";
    if (options.target.empty()) {
        if (report.written != 0) return out + fmt::format("{} is repaired, and sound.\n", options.file);
        if (report.lost == 0 && report.mended == 0) return out + "The file is sound: nothing was changed.\n";
        return out + fmt::format("Nothing was changed. To save the rest in a new file: kith repair {} NEW\n",
                                 options.file);
    }
    out += fmt::format("{} holds what could be saved: {}, {}", options.target,
                       plural(report.rows, "row", "rows"), bytes_text(report.bytes));
    if (report.left == 0) return out + ", and is sound.\n";
    return out + fmt::format(", but {}: kith verify {}\n",
                             plural(report.left, "problem is left", "problems are left"), options.target);
}

std::string json_text(const kith_repair_report &report, const Result *lost) {
    Json json;
    json.object()
        .flag("written", report.written != 0)
        .count("mended", report.mended)
        .count("lost", report.lost);
    json.count("left", report.left).count("pages", report.pages).flag("uncertain", report.uncertain != 0);
    json.count("rows", report.rows).count("bytes", report.bytes).count("origin", report.origin);
    json.count("feed_first", report.feed_first);
    json.object("lost_rows");
    if (lost != nullptr) {
        for (const kith_fact &fact : lost->facts())
            json.count(view(fact.name), static_cast<std::uint64_t>(fact.value));
    }
    json.end();
    if (lost != nullptr) {
        lost->json_rows(json, "records");
    } else {
        json.array("records").end();
    }
    return json.end().str();
}

void run(const Options &options, Context &context) {
    kith_error error = make_error();
    kith_repair_report report = make<kith_repair_report>();
    kith_table *table = nullptr;
    kith_status status;
    {
        Progress bar(progress_mode("auto", context.stderr_terminal), "checked");
        status =
            kith_store_repair(options.file.data(), options.file.size(),
                              options.target.empty() ? nullptr : options.target.data(), options.target.size(),
                              nullptr, Progress::tell, bar.handle(), &report, &table, &error);
    }
    if (status == KITH_E_CORRUPT && options.target.empty()) {
        constexpr std::string_view kHint = "kith repair FILE NEW";
        const auto command = fmt::format("kith repair {} NEW", options.file);
        std::string said = error.message;
        if (const auto at = said.find(kHint); at != said.npos) {
            said.replace(at, kHint.size(), command);
        } else {
            said += "; to save what can be read in a new file: " + command;
        }
        fail(kDamaged, said);
    }
    check(status, error);
    std::unique_ptr<Result> lost;
    if (table != nullptr) lost = std::make_unique<Result>(Table(table), 0);
    if (report.lost > 0 || report.left > 0) context.exit_code = kDamaged;
    print(context.format == Format::kJson ? json_text(report, lost.get())
                                          : table_text(options, report, lost.get(), context));
}

}  // namespace

void add_repair(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "repair", "Put right what verify finds, or save what can be read of a damaged file");
    command.footer(
        "Without NEW: what follows from records (figures, states, timers, claims) is computed again, and "
        "the\n"
        "file replaced by one that is right. With NEW: every record that can still be read, page by page, "
        "goes\n"
        "to a new file with an origin of its own; the damaged one is not touched. Ends with 0 if nothing is\n"
        "lost, with 4 if records are, and lists them.\n\n"
        "  kith repair shop.kith\n"
        "  kith repair broken.kith saved.kith\n");
    command.file(options->file);
    command.option("NEW", options->target, "A new file for what can be saved");
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
