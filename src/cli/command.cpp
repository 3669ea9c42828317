#include "cli/command.hpp"

#include <CLI/CLI.hpp>
#include <utility>
#include <vector>

#include "cli/context.hpp"
#include "cli/output.hpp"

namespace kith::cli {

Option &Option::required() {
    option_->required();
    return *this;
}

Option &Option::type(const char *name) {
    option_->type_name(name);
    return *this;
}

Option &Option::show_default() {
    option_->capture_default_str();
    return *this;
}

Option &Option::one_of(std::initializer_list<std::string> values) {
    option_->check(CLI::IsMember(std::vector<std::string>(values)).description(""));
    option_->type_name(CLI::detail::join(values, "|"));
    return *this;
}

Option &Option::between(std::uint32_t low, std::uint32_t high) {
    option_->check(CLI::Range(low, high).description(""));
    return *this;
}

Option &Option::list(char delimiter, int size) {
    option_->delimiter(delimiter)->expected(size);
    return *this;
}

Option &Option::one_a_time() {
    option_->allow_extra_args(false);
    return *this;
}

Option &Option::not_with(const Option &other) {
    option_->excludes(other.option_);
    return *this;
}

Command::Command(CLI::App &app, const char *name, const char *summary)
    : command_(app.add_subcommand(name, summary)) {}

Command::Command(const Command &outer, const char *name, const char *summary)
    : Command(*outer.command_, name, summary) {
    outer.command_->require_subcommand(1);
}

template <typename T>
Option Command::option(const char *names, T &value, const char *help) {
    return Option(command_->add_option(names, value, help));
}

template Option Command::option(const char *, std::string &, const char *);
template Option Command::option(const char *, std::uint32_t &, const char *);
template Option Command::option(const char *, std::uint64_t &, const char *);
template Option Command::option(const char *, std::vector<std::string> &, const char *);
template Option Command::option(const char *, std::vector<double> &, const char *);

Option Command::flag(const char *names, bool &value, const char *help) {
    return Option(command_->add_flag(names, value, help));
}

Option Command::flag(const char *names, std::function<void()> set, const char *help) {
    return Option(command_->add_flag_callback(names, std::move(set), help));
}

void Command::footer(const std::string &text) { command_->footer(text); }

void Command::on_run(std::function<void()> run) {
    command_->callback([run = std::move(run)] {
        run();
        flush();
    });
}

void Command::file(std::string &file) { option("FILE", file, "The kith file").required(); }

void Command::csv_flag(Context &context) {
    flag(
        "--csv", [&context] { context.format = Format::kCsv; },
        "Print CSV: a header line, then a line a row (RFC 4180)");
}

void Command::json_flag(Context &context) {
    flag(
        "--json", [&context] { context.format = Format::kJson; },
        "Print JSON; amounts are decimal text, times ISO 8601 in UTC");
}

void Command::limit(std::uint64_t &limit, const char *help) {
    const auto at_least_one = [](const std::string &text) {
        return text.find_first_not_of('0') == std::string::npos ? "must be 1 or more" : "";
    };
    command_->add_option("--limit", limit, help)->check(at_least_one, "")->type_name("N");
}

}  // namespace kith::cli
