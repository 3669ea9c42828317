#include <fmt/format.h>

#include <memory>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"

namespace kith::cli {

namespace {

std::string json_text(const kith_info &info) {
    const bool any = info.interactions > 0;
    Json json;
    json.object();
    json.count("parties", info.parties).count("anonymous", info.anonymous);
    json.count("identifiers", info.identifiers).count("interactions", info.interactions);
    json.count("orders", info.orders).count("returns", info.returns);
    json.text("amount_total", amount_text(info.amount_total, info.minor_digits));
    json.text("returns_total", amount_text(info.returns_total, info.minor_digits));
    json.text("currency", reinterpret_cast<const char *>(info.currency));
    json.time_or_null("first_at", info.first_at, any).time_or_null("last_at", info.last_at, any);
    json.time_or_null("due_through", info.due_through, info.due_through != KITH_MIN_TIME);
    json.count("processes", info.processes).count("commitments_open", info.commitments_open);
    json.count("definitions", info.definitions).count("sums_to_build", info.sums_to_build);
    json.count("feed_first", info.feed_first).count("feed_last", info.feed_last);
    json.text("time_zone", view(info.time_zone)).text_or_null("device", info.device);
    json.count("origin", info.origin).count("format", info.format).count("file_bytes", info.file_bytes);
    json.count("readers", info.readers);
    json.time_or_null("erasure_pending_since", info.erasure_pending_since, info.erasure_pending_since != 0);
    json.text("kith", kith_version_string()).text("lmdb", kith_version_lmdb());
    json.text("tzdata", kith_version_tzdata());
    return json.end().str();
}

std::string table_text(const std::string &file, const kith_info &info, const Context &context) {
    const auto amount = [&](std::int64_t value) {
        return fmt::format("{} {}", grouped(amount_text(value, info.minor_digits)),
                           reinterpret_cast<const char *>(info.currency));
    };
    std::string out = bold(file, context) + "\n";
    const auto line = [&](std::string_view name, std::string_view value) {
        out += fmt::format("  {}  {}\n", padded(name, 14), value);
    };
    line("customers", grouped(info.parties - info.anonymous) +
                          (info.anonymous > 0 ? fmt::format(" and {} anonymous", info.anonymous) : ""));
    line("identifiers", grouped(info.identifiers));
    line("interactions", grouped(info.interactions));
    line("orders", fmt::format("{}, {} in all", grouped(info.orders), amount(info.amount_total)));
    line("returns", fmt::format("{}, {} in all", grouped(info.returns), amount(info.returns_total)));
    if (info.interactions > 0) {
        line("from, to", fmt::format("{}, {} UTC", day_text(info.first_at), day_text(info.last_at)));
    }
    line("commitments", grouped(info.commitments_open) + " open");
    line("due work", info.due_through == KITH_MIN_TIME
                         ? std::string("never run yet; try: kith run-due ") + file
                         : "done until " + day_text(info.due_through) + " UTC");
    line("processes", grouped(info.processes));
    line("definitions",
         grouped(info.definitions) +
             (info.sums_to_build == 0 ? ""
                                      : fmt::format(", {} of theirs still to be made; run: kith run-due {}",
                                                    plural(info.sums_to_build, "sum", "sums"), file)));
    line("feed", fmt::format("{} to {}", grouped(info.feed_first), grouped(info.feed_last)));
    line("time zone", view(info.time_zone));
    if (info.device.data != nullptr) line("device", printable(view(info.device)));
    line("file",
         fmt::format("{}, format {}, origin {:08x}", bytes_text(info.file_bytes), info.format, info.origin));
    if (info.erasure_pending_since != 0)
        line(
            "erasure",
            fmt::format("erased on {} UTC or later, and still in the file's free pages; run: kith compact {}",
                        day_text(info.erasure_pending_since), file));
    line("software", fmt::format("kith {}, {}, time zones {}", kith_version_string(), kith_version_lmdb(),
                                 kith_version_tzdata()));
    return out;
}

}  // namespace

void add_info(CLI::App &app, Context &context) {
    auto file = std::make_shared<std::string>();
    Command command(app, "info", "What a file holds: counts, totals, first and last day");
    command.file(*file);
    command.json_flag(context);
    command.on_run([file, &context] {
        const Store store = open_store(*file, KITH_OPEN_READ_ONLY);
        const Snapshot snapshot = begin_snapshot(store);
        const kith_info info = read_info(snapshot);
        print(context.format == Format::kJson ? json_text(info) : table_text(*file, info, context));
    });
}

}  // namespace kith::cli
