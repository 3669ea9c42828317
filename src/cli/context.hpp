// The command line's room: the `kith` command as any host would write it, over the public headers of
// <kith/...> only. This header is its common ground: what every command knows about how it was called
// and what it is printing to, its exit codes, and the one way to fail.
#pragma once

#include <kith/kith.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kith::cli {

enum ExitCode : int {
    kDone = 0,
    kFailed = 1,
    kUsage = 2,
    kRowsSkipped = 3,
    kDamaged = 4,
    kBusy = 5,
};

inline constexpr std::uint32_t kDecimalDigits = 6;  // of numbers scaled by KITH_DECIMAL_ONE

enum class Format { kTable, kCsv, kJson };

struct Context {
    int exit_code = kDone;  // what the command will return; commands set it when they end other than done
    Format format = Format::kTable;
    bool stdout_terminal = false;
    bool stderr_terminal = false;
    bool unicode = false;    // the locale is UTF-8: box-drawing characters may be used
    bool colour = false;     // standard output is a terminal and NO_COLOR is not set
    std::size_t width = 80;  // columns of the terminal, 80 where there is none
};

// Asks the environment and the terminal.
Context make_context();

// Thrown by fail() and caught in run() alone: the command ends here.
struct Failure {
    int exit_code;
    std::string message;
};

int exit_code_of(kith_status status);

// Ends the command: `message` goes to standard error as "kith: message".
[[noreturn]] void fail(int exit_code, std::string message);
[[noreturn]] void fail(const kith_error &error);

// An error struct ready to be passed to a call.
kith_error make_error();

// Fails unless the call returned KITH_OK. For calls whose outcomes (KITH_NOT_FOUND, KITH_END) matter,
// look at the status first.
inline void check(kith_status status, const kith_error &error) {
    if (status != KITH_OK) fail(error);
}

// Prints a remark ("kith: ...") to standard error.
void remark(std::string_view text);

}  // namespace kith::cli
