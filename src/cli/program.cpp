#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>

#include "cli/commands.hpp"
#include "cli/import.hpp"

namespace kith::cli {

namespace {

constexpr const char *kFirstMinute =
    "In a minute:\n"
    "  kith sample shop.kith --seed 1                     a made-up shop to play with\n"
    "  kith info shop.kith                                what is in it\n"
    "  kith states shop.kith                              where your customers stand\n"
    "  kith rfm shop.kith --as-of 2026-01-01              who bought lately, often, and much\n"
    "  kith show shop.kith C-00042 --now 2026-01-01       one customer, all round\n"
    "  kith eval shop.kith C-00042 'm.orders >= 3'        any question about one customer\n"
    "\n"
    "With your own purchases:\n"
    "  kith init my.kith --currency EUR --tz Europe/Berlin\n"
    "  kith import my.kith interactions sales.csv --kind order --map party=customer,at=date,amount=total\n"
    "  kith run-due my.kith                               every night: do what is due\n"
    "  kith due my.kith                                   every morning: what was promised, by due time\n"
    "\n"
    "`kith COMMAND --help` explains a command.\n"
    "Ends with 0 done, 1 failed, 2 wrong usage, 3 rows skipped, 4 file damaged, 5 file busy.\n";

void add_commands(CLI::App &app, Context &context) {
    add_init(app, context);
    add_import(app, context);
    add_sample(app, context);
    add_info(app, context);
    add_list(app, context);
    add_show(app, context);
    add_timeline(app, context);
    add_states(app, context);
    add_process(app, context);
    add_due(app, context);
    add_commitments(app, context);
    add_queue(app, context);
    add_requests(app, context);
    add_rules(app, context);
    add_simulate(app, context);
    add_commit(app, context);
    add_run_due(app, context);
    add_rfm(app, context);
    add_abc(app, context);
    add_cohort(app, context);
    add_check_expr(app, context);
    add_eval(app, context);
    add_define(app, context);
    add_playbook(app, context);
    add_board(app, context);
    add_metrics(app, context);
    add_series(app, context);
    add_score(app, context);
    add_matrix(app, context);
    add_segments(app, context);
    add_setting(app, context);
    add_why(app, context);
    add_assign(app, context);
    add_feed(app, context);
    add_verify(app, context);
    add_export(app, context);
    add_backup(app, context);
    add_restore(app, context);
    add_compact(app, context);
    add_repair(app, context);
}

bool is_command(const CLI::App &app, std::string_view name) {
    const auto commands = app.get_subcommands([](const CLI::App *) { return true; });
    return std::any_of(commands.begin(), commands.end(),
                       [&](const CLI::App *command) { return command->get_name() == name; });
}

int usage(const CLI::App &app, const CLI::ParseError &error) {
    const auto chosen = app.get_subcommands();
    const std::string command = chosen.empty() ? "" : " " + chosen.front()->get_name();
    fmt::print(stderr, "kith: {}\nTry: kith{} --help\n", error.what(), command);
    return kUsage;
}

}  // namespace

int run(int argc, char **argv) {
    Context context = make_context();
    CLI::App app(
        "kith knows your customers: who they are, what happened, where each relationship stands,\n"
        "what it is worth, and what to do next. Everything is in one file on this machine.",
        "kith");
    app.footer(kFirstMinute);
    app.set_version_flag("--version",
                         fmt::format("kith {} ({})", kith_version_string(), kith_version_lmdb()));
    app.require_subcommand(1);
    app.get_formatter()->label("TEXT", "");
    app.get_formatter()->label("REQUIRED", "");
    add_commands(app, context);
    if (argc < 2) {
        fmt::print(stderr, "{}", app.help());
        return kUsage;
    }
    if (argv[1][0] != '-' && !is_command(app, argv[1])) {
        fmt::print(stderr, "kith: there is no command {}\nTry: kith --help\n", argv[1]);
        return kUsage;
    }
    try {
        app.parse(argc, argv);
        return context.exit_code;
    } catch (const CLI::ParseError &error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        return usage(app, error);
    } catch (const Failure &failure) {
        std::fflush(stdout);
        fmt::print(stderr, "kith: {}\n", failure.message);
        return failure.exit_code;
    }
}

}  // namespace kith::cli
