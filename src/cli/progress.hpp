// How far long work has come, on standard error: a bar that redraws itself, or plain lines.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace kith::cli {

enum class ProgressMode { kNone, kBar, kPlain };

// "auto" (a bar on a terminal, else nothing), "bar", "plain" or "none".
ProgressMode progress_mode(std::string_view name, bool stderr_terminal);

class Progress {
public:
    Progress(ProgressMode mode, std::string verb) : mode_(mode), verb_(std::move(verb)) {}
    ~Progress() { clear(); }
    Progress(const Progress &) = delete;
    Progress &operator=(const Progress &) = delete;

    // kPlain prints "<verb> <done> of <all>" each time, at once; a bar redraws ten times a second.
    void update(std::uint64_t done, std::uint64_t all);

    // For the library's callbacks: `progress` is the address of one of these.
    static void tell(std::uintptr_t progress, std::uint64_t done, std::uint64_t all) {
        reinterpret_cast<Progress *>(progress)->update(done, all);
    }
    std::uintptr_t handle() { return reinterpret_cast<std::uintptr_t>(this); }

    // Takes the bar away, so that other text can be printed.
    void clear();

private:
    void draw(std::uint64_t done, std::uint64_t all);

    ProgressMode mode_;
    std::string verb_;
    bool drawn_ = false;
    std::chrono::steady_clock::time_point last_{};
};

}  // namespace kith::cli
