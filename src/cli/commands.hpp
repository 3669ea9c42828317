// The program, and its commands, each of which adds itself to it. `import` stands in import.hpp.
#pragma once

#include "cli/command.hpp"
#include "cli/context.hpp"

namespace kith::cli {

// Reads the command line, runs one command, says how it ended, and returns the exit code.
int run(int argc, char **argv);

void add_init(CLI::App &app, Context &context);
void add_sample(CLI::App &app, Context &context);
void add_info(CLI::App &app, Context &context);
void add_list(CLI::App &app, Context &context);
void add_show(CLI::App &app, Context &context);
void add_timeline(CLI::App &app, Context &context);
void add_rfm(CLI::App &app, Context &context);
void add_abc(CLI::App &app, Context &context);
void add_cohort(CLI::App &app, Context &context);
void add_states(CLI::App &app, Context &context);
void add_process(CLI::App &app, Context &context);
void add_due(CLI::App &app, Context &context);
void add_commitments(CLI::App &app, Context &context);
void add_queue(CLI::App &app, Context &context);
void add_requests(CLI::App &app, Context &context);
void add_rules(CLI::App &app, Context &context);
void add_simulate(CLI::App &app, Context &context);
void add_commit(CLI::App &app, Context &context);
void add_run_due(CLI::App &app, Context &context);
void add_check_expr(CLI::App &app, Context &context);
void add_eval(CLI::App &app, Context &context);
void add_define(CLI::App &app, Context &context);
void add_playbook(CLI::App &app, Context &context);
void add_board(CLI::App &app, Context &context);
void add_metrics(CLI::App &app, Context &context);
void add_series(CLI::App &app, Context &context);
void add_score(CLI::App &app, Context &context);
void add_matrix(CLI::App &app, Context &context);
void add_segments(CLI::App &app, Context &context);
void add_setting(CLI::App &app, Context &context);
void add_why(CLI::App &app, Context &context);
void add_assign(CLI::App &app, Context &context);
void add_feed(CLI::App &app, Context &context);
void add_verify(CLI::App &app, Context &context);
void add_export(CLI::App &app, Context &context);
void add_backup(CLI::App &app, Context &context);
void add_restore(CLI::App &app, Context &context);
void add_compact(CLI::App &app, Context &context);
void add_repair(CLI::App &app, Context &context);

}  // namespace kith::cli
