#include <fmt/format.h>

#include <memory>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, playbook;
    bool check_only = false;
};

void run(const Options &options, const Context &context) {
    const std::string text = read_file(options.playbook);
    kith_error error = make_error();
    if (kith_definition_check(text.data(), text.size(), &error) != KITH_OK) {
        fail(kFailed, at_place(options.playbook, error.message));
    }
    kith_commit_info info = make<kith_commit_info>();
    if (!options.check_only) {
        const Store store = open_store(options.file);
        const Batch batch = new_batch(store);
        check(kith_define(batch.get(), text.data(), text.size(), nullptr, &error), error);
        // What is wrong beside the definitions that are there shows now.
        const kith_status status = kith_batch_commit(batch.get(), &info, &error);
        if (status < 0 && std::string_view(error.message).starts_with("line "))
            fail(kFailed, at_place(options.playbook, error.message));
        check(status, error);
        Progress bar(progress_mode("auto", context.stderr_terminal), "measured");
        const auto tell = [](std::uintptr_t progress, std::uint64_t done, std::uint64_t all) {
            Progress::tell(progress, done, all);
            return 0;
        };
        check(kith_definition_build(store.get(), tell, bar.handle(), &error), error);
    }
    if (context.format == Format::kJson) {
        Json json;
        json.object().text("playbook", options.playbook).flag("installed", !options.check_only);
        json.flag("changed", info.first_seq != 0).end();
        return print(json.str());
    }
    print(fmt::format("{}: {}.\n", options.playbook,
                      options.check_only    ? "no mistakes found"
                      : info.first_seq != 0 ? "installed"
                                            : "was installed already, nothing changed"));
}

}  // namespace

void add_define(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "define", "Install a playbook: definitions as JSON");
    command.footer(
        "It is checked first; a mistake is named with its place. A definition that is there with the same\n"
        "text stays as it is, with another it gets a new version. What is in the file already is measured "
        "at\n"
        "once, and gone through by new processes, which do nothing of the past; cut short, `kith run-due` "
        "goes\n"
        "on with it. Running cases keep their version, or move (\"instances\": \"migrate\", with a "
        "\"mapping\" of\n"
        "states that are gone).\n\n"
        "  kith define shop.kith lifecycle.json --check\n"
        "  kith define shop.kith lifecycle.json\n");
    command.file(options->file);
    command.option("PLAYBOOK", options->playbook, "The playbook, a JSON file").required();
    command.flag("--check", options->check_only, "Check only; change nothing");
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
