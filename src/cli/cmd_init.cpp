#include <fmt/format.h>

#include <memory>

#include "cli/commands.hpp"
#include "cli/handles.hpp"
#include "cli/output.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, currency = "USD", time_zone = "UTC", device;
};

void run(const Options &options, const Context &context) {
    kith_open_options open = make<kith_open_options>();
    open.flags = KITH_OPEN_NEW;
    open.currency = to_str(options.currency);
    open.time_zone = to_str(options.time_zone);
    if (!options.device.empty()) open.device = to_str(options.device);
    const Store store = open_store(options.file, open);
    const Snapshot snapshot = begin_snapshot(store);
    const kith_info info = read_info(snapshot);
    if (context.format == Format::kJson) {
        Json json;
        json.object().text("file", options.file).count("format", info.format);
        json.text("currency", reinterpret_cast<const char *>(info.currency));
        json.text("time_zone", view(info.time_zone)).text_or_null("device", info.device).end();
        return print(json.str());
    }
    print(fmt::format(
        "{} is ready: amounts in {}, days in {}.\n"
        "Next: kith import {} interactions sales.csv --kind order --map party=COLUMN,at=COLUMN,"
        "amount=COLUMN\n",
        options.file, reinterpret_cast<const char *>(info.currency), view(info.time_zone), options.file));
}

}  // namespace

void add_init(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "init", "Make a new kith file");
    command.footer(
        "It is one file, with the built-in playbook `lifecycle` installed: from now on every order\n"
        "moves its customer between exploration, formation, stable, decline and dormant.\n\n"
        "  kith init shop.kith --currency EUR --tz Europe/Berlin --device till-1\n");
    command.file(options->file);
    command.option("--currency", options->currency, "ISO 4217 code all totals are kept in; fixed for ever")
        .type("CODE")
        .show_default();
    command.option("--tz", options->time_zone, "IANA time zone: when a day begins and ends; fixed for ever")
        .type("ZONE")
        .show_default();
    command.option("--device", options->device, "A name for this machine (default: none)").type("NAME");
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
