#include <fmt/format.h>

#include <memory>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, now;
};

void run(const Options &options, const Context &context) {
    const Store store = open_store(options.file);
    Snapshot snapshot = begin_snapshot(store);
    const kith_time now = time_or_now("--now", options.now, view(read_info(snapshot).time_zone));
    snapshot.reset();
    kith_error error = make_error();
    kith_due_report report = make<kith_due_report>();
    check(kith_store_run_due(store.get(), now, &report, &error), error);
    if (context.format == Format::kJson) {
        Json json;
        json.object().text("now", time_text(now)).count("timers", report.timers);
        json.count("transitions", report.transitions).count("commitments", report.commitments);
        json.text("due_through", time_text(report.due_through)).count("last_seq", report.last_seq).end();
        return print(json.str());
    }
    print(fmt::format("Done until {} UTC: {}, {}, {}.\n", day_text(report.due_through),
                      plural(report.timers, "timer fired", "timers fired"),
                      plural(report.transitions, "change of state", "changes of state"),
                      plural(report.commitments, "new commitment", "new commitments")));
}

}  // namespace

void add_run_due(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "run-due", "Do what has fallen due: customers gone quiet, promises to make");
    command.footer(
        "Run it every night. Each thing happens at its own due time however late this is run, and never\n"
        "twice. A time before the last run does nothing.\n\n"
        "  kith run-due shop.kith --now 2026-01-01T00:00:00Z\n");
    command.file(options->file);
    command
        .option("--now", options->now,
                "Up to and with this time; without a zone in the file's (default: the system's clock)")
        .type("TIME");
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
