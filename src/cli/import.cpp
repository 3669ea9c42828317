#include "cli/import.hpp"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/committer.hpp"
#include "cli/csv.hpp"
#include "cli/handles.hpp"
#include "cli/import_directory.hpp"
#include "cli/import_report.hpp"
#include "cli/input.hpp"
#include "cli/mapping.hpp"
#include "cli/mapping_file.hpp"
#include "cli/output.hpp"
#include "cli/plan.hpp"
#include "cli/progress.hpp"

namespace kith::cli {

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    std::string file, what, csv;
    std::string kind, system, mapping_file, delimiter, effects_from, form, process;
    std::vector<std::string> maps;
    std::optional<bool> header;
    std::string on_error = "stop", progress = "auto";
    std::uint32_t batch = 5000;

    bool skip() const { return on_error == "skip"; }
};

// The mapping file, and the options before it.
Mapping read_mapping_of(const Options &options) {
    Mapping mapping;
    if (!options.mapping_file.empty()) mapping = read_mapping(read_file(options.mapping_file));
    for (const std::string &map : options.maps) read_map_option(map, mapping);
    if (!options.kind.empty()) mapping.kind = options.kind;
    if (!options.system.empty()) mapping.system = options.system;
    if (mapping.system.empty()) mapping.system = "import";
    if (!options.delimiter.empty()) mapping.delimiter = read_delimiter(options.delimiter);
    if (options.header) mapping.header = options.header;
    if (mapping.kind.empty())
        fail(kUsage, "say what the rows are: --kind order (or return, payment, visit, ...)");
    return mapping;
}

// Finds the columns in the input, or guesses them; settles delimiter and header.
void fit_mapping(std::string_view input, Mapping &mapping) {
    if (!mapping.delimiter) mapping.delimiter = detect_delimiter(input);
    CsvReader reader(input, *mapping.delimiter);
    if (!reader.next()) fail(kFailed, "the input is empty");
    if (reader.error() != nullptr) fail(kFailed, fmt::format("line {}: {}", reader.line(), reader.error()));
    std::vector<std::string> row;
    std::string scratch;
    for (const Cell cell : reader.cells()) row.emplace_back(cell_text(input, cell, scratch));
    if (!mapping.header) mapping.header = detect_header(mapping, row);
    if (!mapping.has_columns()) {
        if (!*mapping.header) {
            fail(kUsage,
                 fmt::format(
                     "the input has no header: name its {} by number, as in --map party=1,at=2,amount=3",
                     plural(row.size(), "column", "columns")));
        }
        remark(fmt::format("guessed from the header: --map {}", guess_columns(row, mapping)));
    }
    bind_columns(mapping, *mapping.header ? &row : nullptr, row.size());
}

void report_bad_rows(const Plan &plan, ImportReport &report) {
    for (const Problem &problem : plan.problems()) {
        const bool listed = report.bad_rows.size() < ImportReport::kBadRowsListed;
        report.add_bad_row(problem.line, listed ? plan.problem_text(problem) : std::string());
    }
}

void print_report(const ImportReport &report, const Money &money, const Context &context) {
    fmt::print(stderr, "{}", bad_rows_text(report));
    if (context.format == Format::kJson) {
        print(report_json(report, money));
    } else if (!report.failure || report.interactions > 0) {
        print(report_text(report, money));
    }
    flush();
}

// One record a row; what only interactions have is refused.
void run_directory(const Options &options, Context &context) {
    for (const auto &[option, given] :
         {std::pair("--kind", !options.kind.empty()), std::pair("--mapping", !options.mapping_file.empty()),
          std::pair("--effects-from", !options.effects_from.empty()),
          std::pair("--no-header", options.header && !*options.header)}) {
        if (given) fail(kUsage, fmt::format("{} is for interactions: leave it out", option));
    }
    DirectoryImport directory;
    directory.file = options.file;
    directory.csv = options.csv;
    directory.system = options.system.empty() ? "import" : options.system;
    directory.sheet = sheet_of(options.what);
    directory.form = options.form;
    if (directory.form.empty() == (directory.sheet == Sheet::kAnswers))
        fail(kUsage, directory.form.empty() ? "say which form the answers are to: --form NAME"
                                            : "--form is for answers: leave it out");
    directory.process = options.process;
    if (directory.process.empty() == (directory.sheet == Sheet::kEvents))
        fail(kUsage, directory.process.empty() ? "say which process the events are for: --process NAME"
                                               : "--process is for events: leave it out");
    directory.maps = options.maps;
    if (!options.delimiter.empty()) directory.delimiter = read_delimiter(options.delimiter);
    directory.batch = options.batch;
    directory.skip = options.skip();
    import_directory(directory, context);
}

void run(const Options &options, Context &context) {
    if (options.what != "interactions") return run_directory(options, context);
    if (!options.form.empty()) fail(kUsage, "--form is for answers: leave it out");
    if (!options.process.empty()) fail(kUsage, "--process is for events: leave it out");
    const Clock::time_point start = Clock::now();
    Mapping mapping = read_mapping_of(options);
    const Store store = open_store(options.file);
    PlanSettings settings;
    Money money;
    std::string zone;
    {
        const Snapshot snapshot = begin_snapshot(store);
        const kith_info info = read_info(snapshot);
        zone = view(info.time_zone);
        money = {reinterpret_cast<const char *>(info.currency), info.minor_digits};
    }
    CommitSettings commit{mapping.system, options.batch, std::nullopt, options.skip(), mapping.fields};
    if (!options.effects_from.empty())
        commit.effects_from = parse_time("--effects-from", options.effects_from, zone);

    const Input input(options.csv);
    fit_mapping(input.bytes(), mapping);
    settings = {input.bytes(), *mapping.delimiter, *mapping.header, zone, money.minor_digits};
    const Plan plan(mapping, settings);

    ImportReport report;
    report.rows = plan.rows_read();
    report_bad_rows(plan, report);
    report.memory.sample();
    Progress progress(progress_mode(options.progress, context.stderr_terminal), "committed");
    Committer committer(store, plan, commit, progress, report);
    if (!options.skip() && !plan.problems().empty()) {
        report.failure =
            Failure{kFailed, fmt::format("{} of {} are bad: nothing was imported; mend them, or leave "
                                         "them out with --on-error skip",
                                         grouped(report.bad_row_count), plural(report.rows, "row", "rows"))};
    } else {
        report.rows_skipped = plan.problems().size();
        report.anonymous_rows = plan.anonymous_rows();
        committer.run();
    }
    progress.clear();
    report.elapsed_s = std::chrono::duration<double>(Clock::now() - start).count();
    print_report(report, money, context);
    if (report.failure) throw *report.failure;
    if (report.rows_skipped > 0) context.exit_code = kRowsSkipped;
}

constexpr const char *kFooter =
    "Rows may stand in any order: they are recorded in order of time. Rows with the same key become one\n"
    "interaction: its time is the earliest, its amount the sum of theirs, its lines are the rows if product\n"
    "is mapped. Without a key each row is one, and importing the same file again doubles nothing either.\n"
    "Where quantity and unit_price are mapped, amount may be left out. A row without party is kept with one\n"
    "anonymous party. field.NAME=COL is a field that the type of what happened defines. Times without zone "
    "are in the file's zone. Without --map the columns are guessed.\n\n"
    "  kith import shop.kith interactions sales.csv --kind order --map "
    "party=customer_id,at=date,amount=value\n"
    "  zcat sales.csv.gz | kith import shop.kith interactions - --mapping shop.json --on-error skip\n\n"
    "Other records are one a row, their fields named by the header (or --map FIELD=COL):\n"
    "  parties    key name kind roles (final,partner) language time_zone owner tags email phone card "
    "field.NAME;\n"
    "             an empty cell leaves what is there\n"
    "  products   key name category (a path: food/dairy/milk)\n"
    "  actors     key name kind part_of active calendar skills (repair:3;german:1) limits (discount:50.00)\n"
    "  campaigns  key name purpose starts_at ends_at budget\n"
    "  links      kind from or actor, to, valid_from valid_to stance strength undone; parties by host key\n"
    "  scores     party, actor, product, campaign or none; metric key at period; number, money or text;\n"
    "             nature source confidence method n spread definition_version author host_key\n"
    "  commitments  party sort (task, promise, ...) kind name title item condition compensation opened_at "
    "due\n"
    "             assignee debtor creditor require (contract;photo) explicit internal host_key\n"
    "  answers    of --form NAME, one filled form a row: party at, key type (form.filled) actor about_kind "
    "about\n"
    "             round with_whom medium campaign; every other column is an item: p1, of several aspects\n"
    "             p1.expected and p1.perceived; of a sheet a column of it, one row of it a row\n"
    "  events     for --process NAME, in order of time: party event at, key actor reason field.NAME; a row\n"
    "             without an event opens the process\n\n"
    "  kith import shop.kith products products.csv --map key=sku,category=path\n"
    "  kith import shop.kith answers survey.csv --form servqual --map party=customer_id,at=date\n\n";

void add_options(Command &command, const std::shared_ptr<Options> &options) {
    command.file(options->file);
    command
        .option(
            "WHAT", options->what,
            "What the rows are: interactions; parties, products, actors, campaigns, links, scores, answers, "
            "commitments, events")
        .required()
        .one_of({"interactions", "parties", "products", "actors", "campaigns", "links", "scores", "answers",
                 "commitments", "events"});
    command.option("CSV", options->csv, "The input, - for standard input").required();
    command.option("--kind", options->kind, "order, return, adjustment, payment, visit, call, message, ...")
        .type("KIND");
    command
        .option("--map", options->maps,
                "party=COL,at=COL[,amount=COL][,key=COL][,product=COL][,quantity=COL]"
                "[,unit_price=COL][,category=COL][,margin=COL][,campaign=COL]: columns by name, or by number "
                "from 1")
        .one_a_time()
        .type("ROLE=COL,...");
    command.option("--mapping", options->mapping_file, "The same in a JSON file, see below").type("FILE");
    command.option("--form", options->form, "The form that the answers are to").type("NAME");
    command.option("--process", options->process, "The process that the events are for").type("NAME");
    command.option("--system", options->system, "The system whose keys these are (default: import)")
        .type("NAME");
    command
        .option("--on-error", options->on_error,
                "stop: import nothing if a row is bad; skip: import the rest")
        .one_of({"stop", "skip"})
        .show_default();
    command
        .option("--effects-from", options->effects_from,
                "Older interactions move figures and states, but open no commitments")
        .type("TIME");
    command.option("--delimiter", options->delimiter, "One of , ; | and tab (default: detected)").type("C");
    const Option header = command.flag(
        "--header", [options] { options->header = true; },
        "The first row names the columns (default: detected)");
    command
        .flag(
            "--no-header", [options] { options->header = false; }, "It does not: columns are numbers")
        .not_with(header);
    command.option("--batch", options->batch, "Interactions a commit")
        .between(1, 5000)
        .type("N")
        .show_default();
    command
        .option("--progress", options->progress, "auto, bar, plain or none; plain is a line for each commit")
        .one_of({"auto", "bar", "plain", "none"})
        .show_default();
}

}  // namespace

void add_import(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "import",
                    "Take over purchases, other interactions, products, actors, ... from a CSV file");
    command.footer(std::string(kFooter) + kMappingHelp);
    add_options(command, options);
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
