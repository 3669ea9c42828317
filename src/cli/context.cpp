#include "cli/context.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cctype>
#include <cstdio>
#include <cstdlib>

namespace kith::cli {

namespace {

// The first of the three that is set decides, as POSIX has it.
bool locale_is_utf8() {
    for (const char *name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char *value = std::getenv(name);
        if (value == nullptr || *value == '\0') continue;
        std::string upper(value);
        for (char &c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        return upper.find("UTF-8") != std::string::npos || upper.find("UTF8") != std::string::npos;
    }
    return false;
}

std::size_t terminal_width() {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return 80;
}

}  // namespace

Context make_context() {
    Context context;
    context.stdout_terminal = isatty(STDOUT_FILENO) == 1;
    context.stderr_terminal = isatty(STDERR_FILENO) == 1;
    context.unicode = locale_is_utf8();
    const char *no_colour = std::getenv("NO_COLOR");
    context.colour = context.stdout_terminal && (no_colour == nullptr || *no_colour == '\0');
    context.width = terminal_width();
    return context;
}

int exit_code_of(kith_status status) {
    switch (status) {
        case KITH_OK:
        case KITH_END:
        case KITH_UNCHANGED:
        case KITH_MORE:
            return kDone;
        case KITH_E_ARGUMENT:
            return kUsage;  // what the user typed, handed on as it was
        case KITH_E_CORRUPT:
            return kDamaged;
        case KITH_E_BUSY:
        case KITH_E_TIMEOUT:
            return kBusy;
        default:
            return kFailed;
    }
}

void fail(int exit_code, std::string message) { throw Failure{exit_code, std::move(message)}; }

// An outcome such as KITH_NOT_FOUND that nobody handled leaves the message empty.
void fail(const kith_error &error) {
    const int exit_code = error.status < 0 ? exit_code_of(error.status) : kFailed;
    fail(exit_code, error.message[0] != '\0' ? std::string(error.message) : "the call found nothing");
}

kith_error make_error() {
    kith_error error{};
    error.struct_size = sizeof error;
    return error;
}

void remark(std::string_view text) { fmt::print(stderr, "kith: {}\n", text); }

}  // namespace kith::cli
