// A command's place on the command line: its name, its help, its options. It stands before CLI11, whose
// headers take the compiler so long that command.cpp and program.cpp alone include them.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace kith::cli {

struct Context;

// One option or argument; each call says more about it.
class Option {
public:
    explicit Option(CLI::Option *option) : option_(option) {}

    Option &required();
    Option &type(const char *name);  // what stands for its value in the help
    Option &show_default();          // the value it has now
    Option &one_of(std::initializer_list<std::string> values);
    Option &between(std::uint32_t low, std::uint32_t high);
    Option &list(char delimiter, int size);  // so many values, in one argument
    Option &one_a_time();                    // a list that grows by each use of the option
    Option &not_with(const Option &other);

private:
    CLI::Option *option_;
};

class Command {
public:
    Command(CLI::App &app, const char *name, const char *summary);
    Command(const Command &outer, const char *name, const char *summary);  // one of its commands

    // Names without dashes are arguments. T: a text, a number, or a vector of them.
    template <typename T>
    Option option(const char *names, T &value, const char *help);
    Option flag(const char *names, bool &value, const char *help);
    Option flag(const char *names, std::function<void()> set, const char *help);
    void footer(const std::string &text);    // below the help
    void on_run(std::function<void()> run);  // what it printed is then flushed

    // Options that many commands share.
    void file(std::string &file);
    void csv_flag(Context &context);
    void json_flag(Context &context);
    void limit(std::uint64_t &limit, const char *help);

private:
    CLI::App *command_;
};

}  // namespace kith::cli
