#include "kill/effects.hpp"

#include <gtest/gtest.h>
#include <kith/kith.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/load.hpp"

namespace kith_test {

namespace {

using Micros = std::chrono::microseconds;

constexpr kith_time kDay = 86'400'000'000;
constexpr kith_time kStart = 1'600'000'000'000'000;
constexpr int kCustomers = 1500;

// The two versions differ in a state's name and a delay. Of each trigger a rule.
std::string shop_playbook(int version) {
    const bool second = version == 2;
    const std::string waiting = second ? "pending" : "waiting";
    return std::string(R"json({"playbook":"shop","format":1,"define":[
        {"metric":"visits","count":"visit","window":"P30D"},{"metric":"last","last":"visit","of":"i.at"},
        {"process":"care","start":"visit","initial":"open",)json") +
           (second ? R"json("instances":"migrate","mapping":{"waiting":"pending"},)json" : "") +
           R"json("milestones":{"call":{"from":"open","to":"called","within":"P2D","warn":"P1D",
               "warned":[{"do":"task","kind":"look"}],"late":[{"do":"notify","to":"party","title":"late"}]}},
           "states":{"open":{"on":{"contact.called":"called"},"after":[{"delay":"P3D","target":")json" +
           waiting + R"json("}]},")json" + waiting +
           R"json(":{"entry":[{"do":"task","kind":"ask","due":"P1D"},{"do":"emit","event":"care.waits"}],
               "on":{"contact.called":"called"},"after":[{"delay":")json" +
           (second ? "P5D" : "P9D") + R"json(","target":"lost"}]},
           "called":{"on":{"visit":{"target":"open","reenter":true}}},
           "lost":{"final":true,"entry":[{"do":"notify","to":"party","title":"lost"}]}}},
        {"rule":"greet","on":"visit","then":[{"do":"task","kind":"greet"}]},
        {"rule":"chain","on":"care.waits","then":[{"do":"notify","to":"party","title":"waits"}]},
        {"rule":"often","when":"m.visits >= 2","then":[{"do":"task","kind":"often"}]},
        {"rule":"after","at":"addDays(m.last, 4)","then":[{"do":"task","kind":"after"}]},
        {"rule":"quiet","on":"visit","unless":{"event":"contact.called","within":"P6D"},
            "then":[{"do":"task","kind":"quiet"}]},
        {"rule":"monthly","every":"month","when":"m.visits > 0","then":[{"do":"task","kind":"letter"}]}]})json";
}

struct Step {
    enum Kind { define, events, build, due } kind;
    int number = 0;     // version, day
    kith_time now = 0;  // of what is due
};

std::vector<Step> shop_steps() {
    const auto night = [](int day) { return Step{Step::due, 0, kStart + day * kDay}; };
    return {{Step::events, 0, 0},
            {Step::define, 1, 0},
            {Step::build, 0, 0},
            {Step::events, 1, 0},
            night(2),
            {Step::events, 2, 0},
            night(4),
            {Step::define, 1, 0},
            {Step::events, 5, 0},
            night(6),
            {Step::define, 2, 0},
            {Step::build, 0, 0},
            {Step::events, 7, 0},
            night(9),
            night(25),
            night(60)};
}

template <class T>
T blank() {
    T out{};
    out.struct_size = sizeof out;
    return out;
}

kith_str text_of(const std::string &text) { return {text.data(), text.size()}; }

// A day's events of some of the customers.
kith_status send(kith_store *store, int day, kith_error *error) {
    kith_batch *batch = nullptr;
    auto status = kith_batch_new(store, &batch, error);
    for (int i = 0; i < kCustomers && status == KITH_OK; ++i) {
        if ((i * 7 + day * 3) % 5 < 2 && day != 0) continue;
        const auto customer = "c" + std::to_string(i);
        const auto key = std::to_string(day) + "-" + std::to_string(i);
        kith_ref ref{};
        ref.by = KITH_REF_HOST;
        ref.kind = {"shop", 4};
        ref.value = text_of(customer);
        auto event = blank<kith_interaction>();
        const std::string type = (i + day) % 3 == 0 && day != 0 ? "contact.called" : "visit";
        event.type = text_of(type);
        event.system = {"till", 4};
        event.key = text_of(key);
        event.at = kStart + day * kDay + i * 1000;
        status = kith_interaction_append(batch, &ref, KITH_ITEM_CREATE, &event, nullptr, error);
    }
    if (status == KITH_OK) status = kith_batch_commit(batch, nullptr, error);
    kith_batch_free(batch);
    return status;
}

kith_status install(kith_store *store, int version, kith_error *error) {
    const auto playbook = shop_playbook(version);
    kith_batch *batch = nullptr;
    auto status = kith_batch_new(store, &batch, error);
    if (status == KITH_OK) status = kith_define(batch, playbook.data(), playbook.size(), nullptr, error);
    if (status == KITH_OK) status = kith_batch_commit(batch, nullptr, error);
    kith_batch_free(batch);
    return status;
}

kith_status act(kith_store *store, const Step &step, kith_error *error) {
    switch (step.kind) {
        case Step::define:
            return install(store, step.number, error);
        case Step::events:
            return send(store, step.number, error);
        case Step::build:
            return kith_definition_build(store, nullptr, 0, error);
        case Step::due:
            return kith_store_run_due(store, step.now, nullptr, error);
    }
    return KITH_E_ARGUMENT;
}

// All facts, without ids and recorded times; empty, and why, if the file is not sound.
std::string shop_facts(kith_store *store, std::string &why) {
    auto error = blank<kith_error>();
    kith_snapshot *snapshot = nullptr;
    kith_export *lines = nullptr;
    auto report = blank<kith_verify_report>();
    auto options = blank<kith_export_options>();
    options.flags = KITH_EXPORT_FACTS_ONLY;
    auto status = kith_snapshot_begin(store, &snapshot, &error);
    if (status == KITH_OK) status = kith_store_verify(snapshot, nullptr, 0, &report, nullptr, &error);
    if (status == KITH_OK) status = kith_export_open(snapshot, &options, &lines, &error);
    std::string all;
    kith_str piece{};
    while (status == KITH_OK && (status = kith_export_next(lines, &piece, &error)) == KITH_OK)
        all.append(piece.data, piece.size);
    kith_export_free(lines);
    kith_snapshot_end(snapshot);
    if (status == KITH_END && report.problems == 0) return all;
    why = report.problems ? std::to_string(report.problems) + " problems" : error.message;
    return {};
}

// Lines that one has more often than the other.
struct Difference {
    std::size_t lost = 0, doubled = 0;
    std::string first;
};
Difference difference(const std::string &wanted, const std::string &found) {
    std::multiset<std::string> lines;
    std::istringstream in(wanted), other(found);
    for (std::string line; std::getline(in, line);) lines.insert(line);
    Difference all;
    for (std::string line; std::getline(other, line);) {
        const auto at = lines.find(line);
        if (at != lines.end()) {
            lines.erase(at);
        } else if (++all.doubled == 1) {
            all.first = "more: " + line;
        }
    }
    all.lost = lines.size();
    if (all.first.empty() && !lines.empty()) all.first = "less: " + *lines.begin();
    return all;
}

std::size_t lines_with(const std::string &facts, const std::string &part) {
    std::size_t count = 0;
    for (auto at = facts.find(part); at != std::string::npos; at = facts.find(part, at + 1)) ++count;
    return count;
}

}  // namespace

void kill_at_effects(int trials, std::uint32_t seed) {
    std::cout << "seed " << seed << "\n";
    std::mt19937 random(seed);
    const auto steps = shop_steps();
    const Folder folder;
    How how;
    how.durability = KITH_DURABILITY_RELAXED;
    how.reserve = 64 << 20;
    auto error = blank<kith_error>();
    std::string why;

    std::vector<Micros> spans;
    kith_store *store = nullptr;
    ASSERT_EQ(open(folder.path("whole.kith"), how, &store, &error), KITH_OK) << error.message;
    for (const auto &step : steps) {
        const auto begun = std::chrono::steady_clock::now();
        ASSERT_EQ(act(store, step, &error), KITH_OK) << error.message;
        spans.push_back(std::chrono::duration_cast<Micros>(std::chrono::steady_clock::now() - begun));
    }
    const auto wanted = shop_facts(store, why);
    kith_store_close(store);
    ASSERT_FALSE(wanted.empty()) << why;
    const auto tasks = lines_with(wanted, R"("sort":"task")"),
               requests = lines_with(wanted, R"({"record":"request")");
    EXPECT_GT(tasks, 8000u);
    EXPECT_GT(requests, 1500u);

    // Into which steps, by their kind, a death fell.
    int inside[4] = {}, parts = 0, broken = 0;
    std::size_t lost = 0, doubled = 0;
    for (int trial = 0; trial < trials; ++trial) {
        const auto path = folder.path("killed" + std::to_string(trial) + ".kith");
        std::size_t done = 0;
        // Killed up to three times, each time a step further or more.
        for (int life = 0; done < steps.size(); ++life) {
            const auto death = life < 3 ? done + random() % (steps.size() - done) : steps.size();
            const auto part = static_cast<int>(random() % 1000);
            const Micros delay = Micros(1) + spans[std::min(death, steps.size() - 1)] * part / 1000;
            int ends[2];
            ASSERT_EQ(::pipe(ends), 0);
            const pid_t child = ::fork();
            if (child == 0) {
                kith_store *mine = nullptr;
                if (open(path, how, &mine, nullptr) != KITH_OK) ::_exit(1);
                // The host does not know what has arrived: it sends all events again.
                for (std::size_t i = 0; i < done; ++i) {
                    if (steps[i].kind == Step::events && act(mine, steps[i], nullptr) != KITH_OK) ::_exit(2);
                }
                const itimerval timer{{0, 0}, {0, delay.count()}};
                for (auto i = done; i < steps.size(); ++i) {
                    if (i == death) ::setitimer(ITIMER_REAL, &timer, nullptr);
                    if (act(mine, steps[i], nullptr) != KITH_OK || ::write(ends[1], "k", 1) != 1) ::_exit(3);
                }
                kith_store_close(mine);
                ::_exit(0);
            }
            ::close(ends[1]);
            int status = 0;
            ::waitpid(child, &status, 0);
            char bytes[64];
            for (ssize_t n; (n = ::read(ends[0], bytes, sizeof bytes)) > 0;)
                done += static_cast<std::size_t>(n);
            ::close(ends[0]);
            ASSERT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << WEXITSTATUS(status);
            if (WIFSIGNALED(status) && done < steps.size()) ++inside[steps[done].kind];
        }
        ASSERT_EQ(open(path, how, &store, &error), KITH_OK) << error.message;
        const auto found = shop_facts(store, why);
        const auto differs = difference(wanted, found);
        kith_store_close(store);
        lost += differs.lost;
        doubled += differs.doubled;
        broken += found != wanted;
        EXPECT_TRUE(found == wanted) << "trial " << trial << ": " << differs.lost << " lost, "
                                     << differs.doubled << " more; " << why << differs.first;
        parts += 1;
        std::filesystem::remove(path);
    }
    std::cout << parts << " shops of " << tasks << " tasks and " << requests << " requests, killed "
              << inside[0] << " times as definitions came, " << inside[1] << " as events, " << inside[2]
              << " as they were built, " << inside[3] << " in run_due: " << lost << " facts lost, " << doubled
              << " doubled, " << broken << " shops differ\n";
    EXPECT_GT(inside[3], 0);
}

void run_due_twice(int days, bool killed, std::uint32_t seed) {
    std::cout << "seed " << seed << "\n";
    std::mt19937 random(seed);
    const Folder folder;
    How how;
    how.durability = KITH_DURABILITY_RELAXED;
    how.reserve = 256 << 20;
    auto error = blank<kith_error>();
    std::string why, facts[2];
    int runs = 0, deaths = 0;
    for (const bool twice : {false, true}) {
        const auto path = folder.path(twice ? "twice.kith" : "once.kith");
        kith_store *store = nullptr;
        ASSERT_EQ(open(path, how, &store, &error), KITH_OK) << error.message;
        ASSERT_EQ(install(store, 1, &error), KITH_OK) << error.message;
        kith_store_close(store);
        for (int day = 0; day < days; ++day) {
            ASSERT_EQ(open(path, how, &store, &error), KITH_OK) << error.message;
            ASSERT_EQ(send(store, day, &error), KITH_OK) << error.message;
            if (day == days / 2) {
                ASSERT_EQ(install(store, 2, &error), KITH_OK) << error.message;
            }
            const auto night = kStart + (day + 1) * kDay + (day + 1 == days ? 60 * kDay : 0);
            if (!twice) {
                ASSERT_EQ(kith_store_run_due(store, night, nullptr, &error), KITH_OK) << error.message;
            }
            kith_store_close(store);
            if (!twice) continue;
            // Both wait for the word.
            int word[2];
            ASSERT_EQ(::pipe(word), 0);
            pid_t children[2];
            for (auto &child : children) {
                child = ::fork();
                if (child != 0) continue;
                kith_store *mine = nullptr;
                char token;
                if (open(path, how, &mine, nullptr) != KITH_OK || ::read(word[0], &token, 1) != 1) ::_exit(1);
                kith_status status = KITH_E_BUSY;
                while (status == KITH_E_BUSY) status = kith_store_run_due(mine, night, nullptr, nullptr);
                kith_store_close(mine);
                ::_exit(status == KITH_OK ? 0 : 2);
            }
            ASSERT_EQ(::write(word[1], "gg", 2), 2);
            if (killed) {
                ::usleep(static_cast<useconds_t>(random() % 20'000));
                ::kill(children[0], SIGKILL);
            }
            for (const auto child : children) {
                int status = 0;
                ::waitpid(child, &status, 0);
                deaths += WIFSIGNALED(status);
                EXPECT_TRUE(status == 0 || (killed && WIFSIGNALED(status))) << status;
                ++runs;
            }
            ::close(word[0]);
            ::close(word[1]);
        }
        ASSERT_EQ(open(path, how, &store, &error), KITH_OK) << error.message;
        facts[twice] = shop_facts(store, why);
        kith_store_close(store);
        ASSERT_FALSE(facts[twice].empty()) << why;
    }
    const auto differs = difference(facts[0], facts[1]);
    std::cout << runs << " calls of run_due, two at a time, " << deaths
              << " killed: " << lines_with(facts[0], R"("sort":"task")") << " tasks, "
              << lines_with(facts[0], R"({"record":"request")") << " requests, " << differs.lost << " lost, "
              << differs.doubled << " doubled\n";
    EXPECT_TRUE(facts[0] == facts[1]) << differs.first;
}

}  // namespace kith_test
