#include <memory>

#include "cli/commands.hpp"
#include "cli/copies.hpp"
#include "cli/handles.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"

namespace kith::cli {

namespace {

void run(const std::string &file, const Context &context) {
    kith_error error = make_error();
    kith_copy_report report = make<kith_copy_report>();
    {
        Progress bar(progress_mode("auto", context.stderr_terminal), "copied");
        check(kith_store_compact(file.data(), file.size(), Progress::tell, bar.handle(), &report, &error),
              error);
    }
    print_copy(report, file + " is compacted", context);
}

}  // namespace

void add_compact(CLI::App &app, Context &context) {
    auto file = std::make_shared<std::string>();
    Command command(app, "compact",
                    "Write a file anew without free pages: small, and what was erased is gone");
    command.footer(
        "Needs the file alone (ends with 5 if it is open anywhere), and room on the disk for a copy. Cut "
        "short\n"
        "at any moment, the file is either the old or the new one.\n");
    command.file(*file);
    command.json_flag(context);
    command.on_run([file, &context] { run(*file, context); });
}

}  // namespace kith::cli
