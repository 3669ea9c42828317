// The kith command.
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "cli/commands.hpp"

int main(int argc, char **argv) {
    try {
        return kith::cli::run(argc, argv);
    } catch (const std::exception &error) {
        fmt::print(stderr, "kith: {}\n", error.what());
        return kith::cli::kFailed;
    }
}
