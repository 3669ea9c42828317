#include "cli/progress.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace kith::cli {

namespace {

constexpr std::size_t kBarWidth = 30;
constexpr auto kRedraw = std::chrono::milliseconds(100);

}  // namespace

ProgressMode progress_mode(std::string_view name, bool stderr_terminal) {
    if (name == "bar") return ProgressMode::kBar;
    if (name == "plain") return ProgressMode::kPlain;
    return name == "auto" && stderr_terminal ? ProgressMode::kBar : ProgressMode::kNone;
}

void Progress::update(std::uint64_t done, std::uint64_t all) {
    if (mode_ == ProgressMode::kPlain) {
        fmt::print(stderr, "{} {} of {}\n", verb_, done, all);
        std::fflush(stderr);
    }
    if (mode_ == ProgressMode::kBar) draw(done, all);
}

void Progress::draw(std::uint64_t done, std::uint64_t all) {
    const auto now = std::chrono::steady_clock::now();
    if (drawn_ && done < all && now - last_ < kRedraw) return;
    const std::size_t filled = all == 0 ? kBarWidth : static_cast<std::size_t>(done * kBarWidth / all);
    fmt::print(stderr, "\r[{:#<{}}{:.<{}}] {} {} of {}\033[K", "", filled, "", kBarWidth - filled, verb_,
               done, all);
    std::fflush(stderr);
    drawn_ = true;
    last_ = now;
}

void Progress::clear() {
    if (!drawn_) return;
    fmt::print(stderr, "\r\033[K");
    std::fflush(stderr);
    drawn_ = false;
}

}  // namespace kith::cli
