#include "kill/trials.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <random>
#include <thread>

#include "support/load.hpp"

namespace kith_test {

namespace {

// A child that carries a load and writes a byte for each step that has returned.
struct Writer {
    pid_t process = -1;
    int acknowledgements = -1;
};

// When it ends itself, by a signal that it does not handle: so long after it begins this step.
struct Death {
    int step = -1;  // never
    std::chrono::microseconds delay{1};
};

Writer start(const Load &load, const std::string &path, const How &how, const Death &death = {}) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    const pid_t process = ::fork();
    if (process == 0) {
        kith_store *store = nullptr;
        if (open(path, how, &store, nullptr) != KITH_OK) ::_exit(1);
        const itimerval timer{{0, 0}, {0, death.delay.count()}};
        for (int step = 0; step < load.steps(); ++step) {
            if (step == death.step) ::setitimer(ITIMER_REAL, &timer, nullptr);
            if (load.run(store, step, nullptr) != KITH_OK || ::write(ends[1], "k", 1) != 1) ::_exit(1);
        }
        kith_store_close(store);
        ::_exit(0);
    }
    ::close(ends[1]);
    return {process, ends[0]};
}

struct Ended {
    int status = 0;
    int acknowledged = 0;
};

Ended finish(const Writer &writer) {
    Ended ended;
    ::waitpid(writer.process, &ended.status, 0);
    char bytes[256];
    for (ssize_t n; (n = ::read(writer.acknowledgements, bytes, sizeof bytes)) > 0;)
        ended.acknowledged += static_cast<int>(n);
    ::close(writer.acknowledgements);
    return ended;
}

void trials_of(const char *mode, const How &how, const Load &load, int trials, std::mt19937 &random) {
    using Clock = std::chrono::steady_clock;
    const Folder folder;
    const auto begun = Clock::now();
    ASSERT_EQ(finish(start(load, folder.path("whole.kith"), how)).acknowledged, load.steps());
    const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun);

    int inside = 0, unacknowledged = 0, lost = 0, broken = 0;
    for (int trial = 0; trial < trials; ++trial) {
        const auto path = folder.path("killed" + std::to_string(trial) + ".kith");
        // Half of them at any moment, if this machine is not busy with something else just then; the others
        // surely at work.
        const bool by_parent = trial % 2 == 0;
        const auto part = [&](std::chrono::microseconds time) {
            return time * static_cast<int>(random() % 1000) / 1000;
        };
        Death death;
        if (!by_parent) {
            death.step = 1 + static_cast<int>(random() % static_cast<unsigned>(load.steps() - 2));
            death.delay += part(whole / load.steps());
        }
        const auto writer = start(load, path, how, death);
        if (by_parent) {
            std::this_thread::sleep_for(part(whole));
            ::kill(writer.process, SIGKILL);
        }
        const auto ended = finish(writer);
        const bool killed = WIFSIGNALED(ended.status);
        EXPECT_TRUE(killed || ended.status == 0);
        inside += killed && ended.acknowledged > 0;

        std::string why;
        const int found = load.found(path, how, why);
        lost += found >= 0 && found < ended.acknowledged;
        unacknowledged += found > ended.acknowledged;
        bool sound = found >= 0 && found <= ended.acknowledged + 1;
        // The host, not knowing, sends everything again.
        kith_store *store = nullptr;
        kith_error error{sizeof(kith_error), 0, 0, 0, 0, 0, ""};
        sound = sound && open(path, how, &store, &error) == KITH_OK;
        for (int step = 0; sound && step < load.steps(); ++step)
            sound = load.run(store, step, &error) == KITH_OK;
        sound = sound && load.found(store, why) == load.steps();
        kith_store_close(store);
        broken += !sound;
        EXPECT_TRUE(sound) << mode << ": " << ended.acknowledged << " acknowledged, " << found << " found; "
                           << why << " " << error.message;
        std::filesystem::remove(path);
    }
    std::cout << mode << ": " << trials << " trials, " << inside << " killed inside a run, " << unacknowledged
              << " with a commit there that was not acknowledged, " << lost << " lost an acknowledged one, "
              << broken << " broken\n";
    EXPECT_EQ(lost, 0);
    EXPECT_GE(inside * 10, trials) << "too few were killed at work";
}

}  // namespace

void kill_writers(int trials, std::uint32_t seed) {
    std::cout << "seed " << seed << "\n";
    std::mt19937 random(seed);
    const Load load(seed, 64);
    How how;
    trials_of("full", how, load, trials, random);
    how.durability = KITH_DURABILITY_RELAXED;
    trials_of("relaxed", how, load, trials, random);
}

}  // namespace kith_test
