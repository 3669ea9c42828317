#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/commands.hpp"
#include "cli/progress.hpp"
#include "cli/result.hpp"

namespace kith::cli {

namespace {

constexpr std::size_t kProblemsForPeople = 50;

std::string table_text(const kith_verify_report &report, const Result *problems, const Context &context) {
    std::string out =
        fmt::format("{} walked, {} read, {} decoded, {} recomputed: ", plural(report.pages, "page", "pages"),
                    plural(report.rows, "row", "rows"), plural(report.records, "record", "records"),
                    plural(report.derived, "derived row", "derived rows"));
    if (report.problems == 0) return out + "the file is sound.\n";
    out += plural(report.problems, "problem", "problems") + ".\n\n";
    if (problems == nullptr) return out;
    out += problems->text(kProblemsForPeople, context);
    if (report.problems > kProblemsForPeople)
        out += fmt::format("  and {} more: --json lists the first 1,000\n",
                           report.problems - kProblemsForPeople);
    return out +
           "\nKeep a copy of this file. `kith repair` works out anew what follows from records, or saves "
           "what can\n"
           "be read in a new file; `kith restore` goes back to a backup.\n";
}

void run(const std::string &file, Context &context) {
    kith_open_options options = make<kith_open_options>();
    options.flags = KITH_OPEN_READ_ONLY;
    options.check = KITH_CHECK_FULL;
    options.snapshot_age_ms_max = UINT64_MAX;
    kith_error error = make_error();
    kith_verify_report report = make<kith_verify_report>();
    kith_table *table = nullptr;
    kith_store *opened = nullptr;
    if (kith_store_open(file.data(), file.size(), &options, &opened, &error) == KITH_E_CORRUPT) {
        kith_error unreadable = make_error();
        check(kith_store_check_file(file.data(), file.size(), &report, &table, &unreadable), unreadable);
        if (report.problems == 0) fail(error);  // the pages are in order, a row that opening needs is not
    } else {
        const Store store = opened != nullptr ? Store(opened) : open_store(file, options);
        const Snapshot snapshot = begin_snapshot(store);
        Progress bar(progress_mode("auto", context.stderr_terminal), "checked");
        check(kith_store_verify(snapshot.get(), Progress::tell, bar.handle(), &report, &table, &error),
              error);
    }
    std::unique_ptr<Result> problems;
    if (table != nullptr) problems = std::make_unique<Result>(Table(table), 0);
    if (report.problems > 0) context.exit_code = kDamaged;
    if (context.format == Format::kTable) return print(table_text(report, problems.get(), context));
    Json json;
    json.object().flag("sound", report.problems == 0).count("pages", report.pages);
    json.count("rows", report.rows)
        .count("records", report.records)
        .count("derived", report.derived)
        .count("problem_count", report.problems);
    if (problems) {
        problems->json_rows(json, "problems");
    } else {
        json.array("problems").end();
    }
    print(json.end().str());
}

}  // namespace

void add_verify(CLI::App &app, Context &context) {
    auto file = std::make_shared<std::string>();
    Command command(app, "verify", "Read the whole file and prove that it is sound");
    command.footer(
        "Every page, every row's checksum, every record's structure and references, the feed's numbers, and\n"
        "everything that is derived (figures, states, timers), computed again and compared. Ends with 4 if\n"
        "anything is wrong, and lists it; of a file whose pages are damaged, all that is wrong with them.\n"
        "Others may go on working meanwhile.\n");
    command.file(*file);
    command.json_flag(context);
    command.on_run([file, &context] { run(*file, context); });
}

}  // namespace kith::cli
