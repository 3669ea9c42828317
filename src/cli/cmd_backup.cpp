#include <fmt/format.h>

#include <memory>

#include "cli/commands.hpp"
#include "cli/copies.hpp"
#include "cli/handles.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, target;
    bool verify = false;
};

void run(const Options &options, const Context &context) {
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    kith_error error = make_error();
    kith_copy_report report = make<kith_copy_report>();
    {
        Progress bar(progress_mode("auto", context.stderr_terminal), "copied");
        check(kith_store_backup(snapshot.get(), options.target.data(), options.target.size(),
                                options.verify ? std::uint32_t{KITH_BACKUP_VERIFY} : 0u, Progress::tell,
                                bar.handle(), &report, &error),
              error);
    }
    print_copy(report, options.target + " is made", context);
}

}  // namespace

void add_backup(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "backup", "Copy a file, as it is now, while others go on working");
    command.footer(
        "Every row is checked on the way and read back. What was erased is not in it. A file that is there "
        "is\n"
        "never overwritten. Do not copy a kith file by other means while it is open.\n\n"
        "  kith backup shop.kith /media/stick/shop-2026-01-01.kith\n"
        "  kith restore /media/stick/shop-2026-01-01.kith shop.kith\n");
    command.file(options->file);
    command.option("TARGET", options->target, "The new file").required();
    command.flag("--verify", options->verify,
                 "Also compute everything derived again; no backup if it differs");
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
