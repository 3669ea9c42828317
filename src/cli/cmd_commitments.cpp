#include <memory>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/commitments.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, party, sort, kind, state, now;
    std::uint64_t limit = 0;
};

void run(const Options &options, const Context &context) {
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    const kith_info info = read_info(snapshot);
    kith_query query = make<kith_query>();
    query.list = KITH_LIST_COMMITMENTS;
    query.sort = word_of_commitment("--sort", kSortNames, options.sort);
    if (!options.kind.empty()) query.type = to_str(options.kind);
    word_of_commitment("--state", kStateNames, options.state);
    if (!options.party.empty()) {
        query.list = KITH_LIST_COMMITMENTS_OF;
        query.party = find_party(snapshot, options.party);
        if (!options.state.empty()) query.state = to_str(options.state);
    } else if (!options.state.empty()) {
        fail(kUsage, "--state goes with a party: of all parties only what is open is listed");
    }
    print_commitments({snapshot, context, time_or_now("--now", options.now, view(info.time_zone)),
                       options.limit, !options.party.empty(), "There are no such commitments."},
                      query);
}

}  // namespace

void add_commitments(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "commitments",
                    "Promises, tasks and the like: of one party all, of all what is open");
    command.footer(
        "  kith commitments shop.kith C-00042\n"
        "  kith commitments shop.kith C-00042 --sort promise --state broken\n"
        "  kith commitments shop.kith --kind call_back\n");
    command.file(options->file);
    command.option("PARTY", options->party, "By host key, id or identifier (default: all, what is open)");
    command.option("--sort", options->sort, "task, promise, approval, compensation, milestone or reminder")
        .type("SORT");
    command.option("--kind", options->kind, "As call_back").type("KIND");
    command.option("--state", options->state, "As kept or broken; of one party").type("STATE");
    command.option("--now", options->now, "What `overdue` is measured by (default: the system's clock)")
        .type("TIME");
    command.limit(options->limit, "At most so many (default: 30 in the table, all in CSV and JSON)");
    command.csv_flag(context);
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
