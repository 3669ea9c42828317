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
    std::string backup, file, device;
    bool replace = false;
};

void run(const Options &options, const Context &context) {
    kith_error error = make_error();
    kith_copy_report report = make<kith_copy_report>();
    kith_copy_options how = make<kith_copy_options>();
    how.flags = options.replace ? std::uint32_t{KITH_COPY_REPLACE} : 0u;
    if (!options.device.empty()) how.device = to_str(options.device);
    kith_status status;
    {
        Progress bar(progress_mode("auto", context.stderr_terminal), "copied");
        status = kith_store_restore(options.backup.data(), options.backup.size(), options.file.data(),
                                    options.file.size(), &how, Progress::tell, bar.handle(), &report, &error);
    }
    if (status == KITH_E_EXISTS)
        fail(kFailed, fmt::format("{} exists; to put the backup in its place: --replace", options.file));
    check(status, error);
    print_copy(report, options.file + " is restored", context);
}

}  // namespace

void add_restore(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "restore", "Make a backup a file that goes on");
    command.footer(
        "The new file counts its changes under an origin of its own, so that they are not taken for those "
        "of\n"
        "the file it was copied from. The backup stays as it is.\n\n"
        "  kith restore shop-2026-01-01.kith shop.kith --replace\n");
    command.option("BACKUP", options->backup, "The backup, or any kith file").required();
    command.option("FILE", options->file, "The new file").required();
    command.flag("--replace", options->replace, "Take the place of a file that is there and not open");
    command.option("--device", options->device, "A name for this machine (default: the one in the backup)")
        .type("NAME");
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
