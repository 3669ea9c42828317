#include <fmt/format.h>

#include <memory>
#include <span>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/fields.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, party, process, event, key, at, actor, reason;
    std::vector<std::string> set;
    bool open = false;
};

// NAME=VALUE; without a value it is cleared.
std::vector<kith_field> fields_of(const std::vector<std::string> &set) {
    std::vector<kith_field> values;
    for (const std::string &one : set) {
        const auto equals = one.find('=');
        if (equals == 0 || equals == std::string::npos)
            fail(kUsage, fmt::format("--set: \"{}\" is not of the form FIELD=VALUE", one));
        kith_field &field = values.emplace_back();
        const std::string_view text(one);
        field.name = to_str(text.substr(0, equals));
        if (equals + 1 < one.size()) field.text = to_str(text.substr(equals + 1));
    }
    return values;
}

void add(const Batch &batch, const Options &options, const kith_id &party, kith_time at) {
    kith_process_event event = make<kith_process_event>();
    event.process = to_str(options.process);
    event.key = to_str(options.key);
    event.event = to_str(options.event);
    event.at = at;
    event.actor = to_str(options.actor);
    event.reason = to_str(options.reason);
    const std::vector<kith_field> values = fields_of(options.set);
    event.values = values.data();
    event.value_count = values.size();
    kith_ref ref{};
    ref.by = KITH_REF_ID;
    ref.id = party;
    kith_error error = make_error();
    const auto add_event = options.open ? kith_process_open : kith_process_send;
    check(add_event(batch.get(), &ref, 0, &event, nullptr, &error), error);
}

void print_where(const Store &store, const Options &options, const kith_id &party, bool changed,
                 const Context &context) {
    const Snapshot snapshot = begin_snapshot(store);
    kith_error error = make_error();
    kith_page *page = nullptr;
    check(kith_brief(snapshot.get(), &party, 0, &page, &error), error);
    const Page brief(page);
    std::size_t count = 0;
    const kith_process *const *processes = kith_page_processes(brief.get(), &count);
    // Without a key it was for all of them: the one that moved last.
    const kith_process *found = nullptr;
    for (const kith_process *one : std::span(processes, count)) {
        if (view(one->definition) != options.process) continue;
        if (!options.key.empty() && view(one->key) != options.key) continue;
        if (found == nullptr || one->since >= found->since) found = one;
    }
    if (context.format == Format::kJson) {
        Json json;
        json.object().text("process", options.process).text("key", options.key).flag("changed", changed);
        if (found != nullptr) {
            json.text("state", view(found->state)).text("since", time_text(found->since));
            append_fields(json, {found->values, found->value_count});
        }
        return print(json.end().str());
    }
    const std::string name =
        printable(options.process) + (options.key.empty() ? "" : " " + printable(options.key));
    print(found == nullptr ? fmt::format("{} does not run.\n", name)
                           : fmt::format("{} is {} since {}{}.\n", name, printable(view(found->state)),
                                         time_text(found->since), changed ? "" : "; nothing has changed"));
}

void run(const Options &options, const Context &context) {
    if (options.open != options.event.empty())
        fail(kUsage, options.open ? "--open opens the process: leave the event out"
                                  : "say which event has happened, or --open");
    const Store store = open_store(options.file);
    kith_id party{};
    kith_time at = 0;
    {
        const Snapshot snapshot = begin_snapshot(store);
        party = find_party(snapshot, options.party);
        at = time_or_now("--at", options.at, view(read_info(snapshot).time_zone));
    }
    const Batch batch = new_batch(store);
    add(batch, options, party, at);
    kith_commit_info info = make<kith_commit_info>();
    kith_error error = make_error();
    check(kith_batch_commit(batch.get(), &info, &error), error);
    print_where(store, options, party, info.first_seq != 0, context);
}

}  // namespace

void add_process(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "process", "Tell a customer's process what happened, or open one");
    command.footer(
        "An event moves the process where its state waits for it, and sets fields. Where customers stand:\n"
        "kith states. Many at once: kith import FILE events.\n\n"
        "  kith process shop.kith C-00042 complaint --open --key K-7 --set severity=3\n"
        "  kith process shop.kith C-00042 complaint acknowledged --key K-7 --reason \"called back\"\n");
    command.file(options->file);
    command.option("PARTY", options->party, "Host key, id, or identifier (e-mail, phone, card)").required();
    command.option("PROCESS", options->process, "Its name: complaint, opportunity, ...").required();
    command.option("EVENT", options->event, "What happened, a word that its state waits for");
    command.flag("--open", options->open, "Open it by hand, in place of an event");
    command.option("--key", options->key, "Which one, where a customer has several").type("KEY");
    command.option("--set", options->set, "A field of the process; no value clears it")
        .one_a_time()
        .type("FIELD=VALUE");
    command.option("--at", options->at, "When (default: the system's clock)").type("TIME");
    command.option("--actor", options->actor, "Who did it").type("KEY");
    command.option("--reason", options->reason, "Why, for the log").type("TEXT");
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
