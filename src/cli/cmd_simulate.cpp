#include <fmt/format.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/playbooks.hpp"
#include "cli/progress.hpp"
#include "cli/result.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, playbook, since, until, progress = "auto";
    std::string folder = std::filesystem::temp_directory_path().string();
    std::uint32_t examples = 3;
};

// A folder that is gone with its owner.
class ScratchFolder {
public:
    explicit ScratchFolder(const std::string &beside) : path_(beside + "/kith-simulate-XXXXXX") {
        if (mkdtemp(path_.data()) == nullptr) fail(kFailed, "cannot make a folder in " + beside);
    }
    ~ScratchFolder() {
        std::error_code unused;
        std::filesystem::remove_all(path_, unused);
    }
    ScratchFolder(const ScratchFolder &) = delete;
    ScratchFolder &operator=(const ScratchFolder &) = delete;
    const std::string &path() const { return path_; }

private:
    std::string path_;
};

std::string who(const Snapshot &snapshot, const kith_id &party) {
    kith_error error = make_error();
    kith_party found = make<kith_party>();
    const kith_status status = kith_party_get(snapshot.get(), &party, &found, &error);
    if (status == KITH_NOT_FOUND) return id_text(party);
    check(status, error);
    return party_label(party, found.host_key);
}

void show(const Snapshot &snapshot, const Result &result, const Context &context) {
    const auto number = [&](const char *name, std::size_t row) { return result.column(name).ints[row]; };
    const auto text = [&](const char *name, std::size_t row) {
        return result.cell(result.column(name), row);
    };
    const auto is_example = [&](std::size_t row) { return result.present(result.column("detail"), row); };
    if (context.format == Format::kJson) {
        Json json;
        json.object();
        for (const char *fact : {"lived", "added", "removed"}) json.count(fact, result.count_fact(fact));
        json.array("effects");
        for (std::size_t row = 0; row < result.rows();) {
            json.object();
            if (const auto by = text("definition", row); !by.empty()) json.text("definition", by);
            json.text("effect", text("effect", row));
            for (const char *name : {"kept", "added", "removed"})
                json.count(name, static_cast<std::uint64_t>(number(name, row)));
            json.array("examples");
            for (++row; row < result.rows() && is_example(row); ++row) {
                const kith_id &party = result.column("party").ids[row];
                json.object().text("change", number("added", row) ? "added" : "removed");
                json.text("party", who(snapshot, party)).text("at", time_text(number("at", row)));
                json.text("detail", text("detail", row)).end();
            }
            json.end().end();
        }
        return print(json.end().end().str());
    }
    std::string out = fmt::format(
        "{} lived twice: {} added, {} removed.\n", plural(result.count_fact("lived"), "event", "events"),
        plural(result.count_fact("added"), "effect", "effects"), grouped(result.count_fact("removed")));
    TextTable lines;
    lines.column("definition");
    lines.column("effect");
    for (const char *title : {"kept", "added", "removed"}) lines.column(title, TextTable::Align::kRight);
    std::string examples;
    for (std::size_t row = 0; row < result.rows(); ++row) {
        const std::string by =
            text("definition", row).empty() ? "(people)" : printable(text("definition", row));
        const std::string effect = printable(text("effect", row));
        if (is_example(row)) {
            examples += fmt::format("  {} {}  {} {}: {}  {}\n", number("added", row) ? "+" : "-",
                                    time_text(number("at", row)), by, effect,
                                    printable(who(snapshot, result.column("party").ids[row])),
                                    printable(text("detail", row)));
            continue;
        }
        const auto count = [&](const char *name) {
            return grouped(static_cast<std::uint64_t>(number(name, row)));
        };
        lines.row({by, effect, count("kept"), count("added"), count("removed")});
    }
    if (result.rows() > 0) out += lines.text(context, "  ");
    if (!examples.empty()) out += "\n" + examples;
    print(out);
}

void run(const Options &options, const Context &context) {
    const Playbook playbook = find_playbook(options.playbook);
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    const std::string zone(view(read_info(snapshot).time_zone));
    const ScratchFolder folder(options.folder);
    kith_simulate_options in = make<kith_simulate_options>();
    in.playbook = to_str(playbook.json);
    in.folder = to_str(folder.path());
    in.examples = options.examples;
    if (!options.since.empty()) {
        in.fields |= KITH_SIMULATE_SINCE;
        in.since = time_or_now("--since", options.since, zone);
    }
    if (!options.until.empty()) {
        in.fields |= KITH_SIMULATE_UNTIL;
        in.until = time_or_now("--until", options.until, zone);
    }
    Progress bar(progress_mode(options.progress, context.stderr_terminal), "lived");
    in.progress = [](std::uintptr_t progress, std::uint64_t done, std::uint64_t all) {
        Progress::tell(progress, done, all);
        return 0;
    };
    in.user_data = bar.handle();
    kith_error error = make_error();
    kith_table *table = nullptr;
    const kith_status status = kith_simulate(snapshot.get(), &in, &table, &error);
    bar.clear();
    if (status != KITH_OK && std::string_view(error.message).starts_with("line "))
        fail(kFailed, mistake_in(playbook, error.message));
    check(status, error);
    show(snapshot, Result(Table(table), 0), context);
}

}  // namespace

void add_simulate(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "simulate", "What changed definitions would have done: effects added and removed");
    command.footer(
        "What is in the file is lived twice in the order of its time, with the definitions as they are and "
        "as\n"
        "they would be, in two files of a temporary folder. Nothing is written to the file, nobody is told.\n"
        "The same effect at another time is one removed and one added.\n\n"
        "  kith simulate shop.kith my-rules.json\n"
        "  kith simulate shop.kith my-rules.json --since 2026-01-01 --until 2026-07-01 --json\n");
    command.file(options->file);
    command.option("PLAYBOOK", options->playbook, "A JSON file, or the name of one that comes with kith")
        .required();
    command.option("--since", options->since, "Effects from then on (default: all)").type("TIME");
    command.option("--until", options->until, "Up to then (default: the last event, or what was run as due)")
        .type("TIME");
    command.option("--examples", options->examples, "Shown of each effect, added and removed")
        .between(1, 1000)
        .show_default();
    command.option("--folder", options->folder, "Where the two files are made").show_default();
    command.option("--progress", options->progress, "auto, bar, plain or none")
        .one_of({"auto", "bar", "plain", "none"})
        .show_default();
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
