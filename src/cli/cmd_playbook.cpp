#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/playbook_tests.hpp"
#include "cli/progress.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, playbook;
    std::vector<std::string> playbooks;
};

// Up to the end of its first sentence.
std::string_view first_sentence(std::string_view text) {
    const auto end = text.find(". ");
    return end == text.npos ? text : text.substr(0, end + 1);
}

void list(const Context &context) {
    const auto all = built_in_playbooks();
    if (context.format == Format::kJson) {
        Json json;
        json.array();
        for (const auto &one : all) {
            json.object().text("name", view(one.name)).count("version", one.version);
            json.text("about", view(one.about)).text("source", view(one.source)).end();
        }
        return print(json.end().str());
    }
    std::size_t width = 0;
    for (const auto &one : all) width = std::max(width, one.name.size);
    TextTable table;
    table.column("playbook");
    table.column("about");
    const std::size_t rest = std::max<std::size_t>(context.width, width + 42) - width - 2;
    for (const auto &one : all) {
        table.row(
            {std::string(view(one.name)), clipped(first_sentence(view(one.about)), rest, context.unicode)});
    }
    print(table.text(context));
}

// "metric net_profit_12m": the one key of an entry that is a kind comes first in all of ours.
std::string summary_of(const nlohmann::ordered_json &tree, const Context &context) {
    std::map<std::string, std::vector<std::string>> names;  // by kind
    for (const auto &entry : tree["define"]) {
        for (const char *kind :
             {"type", "metric", "segment", "bands", "scorecard", "matrix", "process", "form", "calendar"}) {
            if (entry.contains(kind)) names[kind].push_back(entry[kind].get<std::string>());
        }
    }
    const auto text = [&](const char *key) {
        return tree.contains(key) ? printable(tree[key].get<std::string>()) : std::string();
    };
    std::string out = bold(text("playbook"), context) + "\n" + text("about") + "\n";
    if (tree.contains("source")) out += "Source: " + text("source") + "\n";
    TextTable table;
    table.column("kind");
    table.column("defines");
    for (const auto &[kind, all] : names) {
        std::string joined;
        for (const auto &name : all) joined += (joined.empty() ? "" : ", ") + name;
        table.row({kind, joined});
    }
    if (tree.contains("settings")) table.row({"setting", tree["settings"].dump()});
    out += "\n" + table.text(context);
    if (tree.contains("tests"))
        out += fmt::format("\n{}. The text: --json\n", plural(tree["tests"].size(), "test", "tests"));
    return out;
}

void show(const Options &options, const Context &context) {
    const Playbook playbook = find_playbook(options.playbook);
    kith_error error = make_error();
    if (kith_definition_check(playbook.json.data(), playbook.json.size(), &error) != KITH_OK)
        fail(kFailed, mistake_in(playbook, error.message));
    const auto tree = nlohmann::ordered_json::parse(playbook.json);
    print(context.format == Format::kJson ? tree.dump(2) + "\n" : summary_of(tree, context));
}

void install(const Options &options, const Context &context) {
    const Playbook playbook = find_playbook(options.playbook);
    const Store store = open_store(options.file);
    const Batch batch = new_batch(store);
    kith_error error = make_error();
    kith_commit_info info = make<kith_commit_info>();
    kith_status status =
        kith_define(batch.get(), playbook.json.data(), playbook.json.size(), nullptr, &error);
    if (status == KITH_OK) status = kith_batch_commit(batch.get(), &info, &error);
    if (status != KITH_OK && std::string_view(error.message).starts_with("line "))
        fail(kFailed, mistake_in(playbook, error.message));
    check(status, error);
    Progress bar(progress_mode("auto", context.stderr_terminal), "measured");
    const auto tell = [](std::uintptr_t progress, std::uint64_t done, std::uint64_t all) {
        Progress::tell(progress, done, all);
        return 0;
    };
    check(kith_definition_build(store.get(), tell, bar.handle(), &error), error);
    bar.clear();
    const bool changed = info.first_seq != 0;
    if (context.format == Format::kJson) {
        Json json;
        json.object().text("playbook", options.playbook).flag("installed", true).flag("changed", changed);
        return print(json.end().str());
    }
    print(fmt::format("{}: {}.\n", options.playbook,
                      changed ? "installed" : "was installed already, nothing changed"));
}

// ---- tests ----

std::string line_of(const TestOutcome &test) {
    if (!test.not_run.empty()) return fmt::format("  -     {}: not run, {}\n", test.name, test.not_run);
    std::string said;
    for (const Expected &one : test.expectations) {
        if (test.failed() && one.met) continue;
        said += fmt::format("{}{} {}", said.empty() ? "" : ", ", one.subject, one.path);
        said += one.met ? fmt::format(" is {}", one.found)
                        : fmt::format(": expected {}, found {}", one.expected, one.found);
        if (!one.met && !one.why.empty()) said += fmt::format(" ({})", one.why);
    }
    return fmt::format("  {}  {}: {}\n", test.failed() ? "FAIL" : "ok  ", test.name, said);
}

void append(Json &json, const Playbook &playbook, const std::vector<TestOutcome> &tests) {
    for (const TestOutcome &test : tests) {
        json.object().text("playbook", playbook.name).text("test", test.name);
        json.text("result", test.failed() ? "failed" : test.passed() ? "passed" : "not_run");
        if (!test.not_run.empty()) json.text("why", test.not_run);
        json.array("expect");
        for (const Expected &one : test.expectations) {
            json.object().text("subject", one.subject).text("path", one.path);
            json.raw("expected", one.expected).raw("found", one.found).flag("met", one.met);
            if (!one.why.empty()) json.text("why", one.why);
            json.end();
        }
        json.end().end();
    }
}

void test(Options options, Context &context) {
    const bool all_built_in = options.playbooks.empty();
    if (all_built_in) {
        for (const auto &one : built_in_playbooks()) options.playbooks.emplace_back(view(one.name));
    }
    Json json;
    json.array();
    for (const auto &name : options.playbooks) {
        const Playbook playbook = find_playbook(name);
        const auto tests = run_tests(playbook);
        const auto passed = std::ranges::count_if(tests, &TestOutcome::passed);
        const auto failed = std::ranges::count_if(tests, &TestOutcome::failed);
        if (failed > 0) context.exit_code = kFailed;
        append(json, playbook, tests);
        if (context.format == Format::kJson) continue;
        std::string out = bold(playbook.name, context) + "\n";
        for (const auto &one : tests) out += line_of(one);
        const auto not_run = static_cast<std::ptrdiff_t>(tests.size()) - passed - failed;
        out += tests.empty() ? "  has no tests\n"
                             : fmt::format("  {} passed, {} failed, {} not run\n", passed, failed, not_run);
        print(out);
    }
    if (context.format == Format::kJson) print(json.end().str());
}

}  // namespace

void add_playbook(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    const Command command(app, "playbook", "Models as data: list, read, install and test playbooks");

    Command lists(command, "list", "The playbooks that come with kith");
    lists.json_flag(context);
    lists.on_run([&context] { list(context); });

    constexpr const char *kWhich = "The name of one that comes with kith, or a JSON file";
    Command shows(command, "show", "What a playbook defines, and where it comes from");
    shows.option("NAME", options->playbook, kWhich).required();
    shows.flag(
        "--json", [&context] { context.format = Format::kJson; }, "Print its text");
    shows.on_run([options, &context] { show(*options, context); });

    Command installs(command, "install", "Install a playbook, and measure what is in the file already");
    installs.footer("  kith playbook install shop.kith rfm-airline\n");
    installs.file(options->file);
    installs.option("NAME", options->playbook, kWhich).required();
    installs.json_flag(context);
    installs.on_run([options, &context] { install(*options, context); });

    Command tests(command, "test", "Run the tests that a playbook carries");
    tests.footer(
        "Each test is told to a file of its own that is thrown away. Ends with 1 if one fails.\n\n"
        "  kith playbook test rfm-airline\n"
        "  kith playbook test my-matrix.json\n");
    tests.option("NAME", options->playbooks, "Names or JSON files (default: all that come with kith)");
    tests.json_flag(context);
    tests.on_run([options, &context] { test(*options, context); });
}

}  // namespace kith::cli
