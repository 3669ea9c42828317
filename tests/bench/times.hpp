// Processor time and time on the wall.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace kith_bench {

struct Times {
    double user = 0, system = 0, wall = 0;  // seconds
};

inline Times now() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval &t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return {seconds(usage.ru_utime), seconds(usage.ru_stime),
            std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count()};
}

inline Times operator-(const Times &a, const Times &b) {
    return {a.user - b.user, a.system - b.system, a.wall - b.wall};
}

template <class Call>
Times time_of(const Call &call) {
    const auto begun = now();
    call();
    return now() - begun;
}

// By user time.
inline Times median(std::vector<Times> all) {
    std::sort(all.begin(), all.end(), [](auto &a, auto &b) { return a.user < b.user; });
    return all[all.size() / 2];
}

}  // namespace kith_bench
