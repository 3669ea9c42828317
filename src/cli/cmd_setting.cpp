#include <fmt/format.h>

#include <charconv>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/values.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, name, value;
};

// Its value as it stands in its stored text: {"NAME":VALUE}.
std::string value_of(const Listed &setting) { return setting.text(setting.name.c_str()); }

void run_list(const Options &options, const Context &context) {
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    std::vector<Listed> settings;
    for (Listed &one : list_definitions(snapshot)) {
        if (one.kind == "setting" && (options.name.empty() || one.name == options.name))
            settings.push_back(std::move(one));
    }
    if (!options.name.empty() && settings.empty())
        find_definition(list_definitions(snapshot), "setting", options.name);
    if (context.format == Format::kJson) {
        Json json;
        json.object().array("settings");
        for (const Listed &one : settings) {
            json.object().text("setting", one.name).text("value", value_of(one));
            json.text("playbook", one.playbook).count("version", one.version).end();
        }
        return print(json.end().end().str());
    }
    if (settings.empty()) return print("No settings are installed; playbooks bring them.\n");
    TextTable table;
    for (const char *title : {"setting", "value", "from"}) table.column(title);
    for (const Listed &one : settings) {
        table.row({printable(one.name), printable(value_of(one)),
                   one.playbook.empty() ? "changed by hand" : printable(one.playbook)});
    }
    print(table.text(context, "  "));
}

// 150 as it is, 150.00 EUR in quotes, JSON as it is.
std::string as_json(const std::string &value) {
    double number = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
    const bool is_number = read.ec == std::errc() && read.ptr == value.data() + value.size();
    if (is_number || value.starts_with('{') || value.starts_with('"')) return value;
    Json json(0);
    json.array().text("", value).end();
    const std::string text = json.str();
    return text.substr(text.find('"'), text.rfind('"') - text.find('"') + 1);
}

void run_change(const Options &options, const Context &context) {
    const std::string value = as_json(options.value);
    const Store store = open_store(options.file);
    const Batch batch = new_batch(store);
    kith_error error = make_error();
    check(kith_setting_set(batch.get(), options.name.data(), options.name.size(), value.data(), value.size(),
                           nullptr, &error),
          error);
    kith_commit_info info = make<kith_commit_info>();
    const kith_status status = kith_batch_commit(batch.get(), &info, &error);
    if (status == KITH_E_MISSING) {
        const Snapshot snapshot = begin_snapshot(store);
        find_definition(list_definitions(snapshot), "setting", options.name);
    }
    check(status, error);
    const bool changed = info.first_seq != 0;
    if (context.format == Format::kJson) {
        Json json;
        json.object().text("setting", options.name).raw("value", value).flag("changed", changed);
        return print(json.end().str());
    }
    print(fmt::format("{} is {}{}.\n", options.name, options.value, changed ? "" : " already"));
}

}  // namespace

void add_setting(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "setting", "The numbers of playbooks, and to change one");
    command.footer(
        "What reads a setting follows at once. Installing its playbook again does not set it back.\n\n"
        "  kith setting shop.kith                         all of them\n"
        "  kith setting shop.kith current_cut 150\n"
        "  kith setting shop.kith current_cut '150.00 EUR'\n");
    command.file(options->file);
    command.option("NAME", options->name, "The setting's name");
    command.option("VALUE", options->value, "Its new value: a number, an amount, or a JSON table by code");
    command.json_flag(context);
    command.on_run([options, &context] {
        options->value.empty() ? run_list(*options, context) : run_change(*options, context);
    });
}

}  // namespace kith::cli
