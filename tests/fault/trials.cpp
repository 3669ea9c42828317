#include "fault/trials.hpp"

#include <errno.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <iostream>
#include <random>

#include "fault/scenario.hpp"
#include "support/system_calls.hpp"

namespace kith_test::fault {

namespace {

constexpr int kReopenEvery = 4;  // steps of a load
constexpr unsigned kHung = 60;   // seconds of a trial

// What a child tells.
struct Told {
    std::uint64_t count, hits;
    bool failed, reopened;
    char broken[400], facts[33];
};

class Shared {
public:
    Shared()
        : told_(static_cast<Told *>(
              ::mmap(nullptr, sizeof(Told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
    ~Shared() { ::munmap(told_, sizeof(Told)); }
    Shared(const Shared &) = delete;
    Shared &operator=(const Shared &) = delete;
    Told &operator*() { return *told_; }
    Told *operator->() { return told_; }

private:
    Told *told_;
};

// Runs in a child, whose folder is the parent's, to be removed however it ends; false if it crashed or hung.
bool in_child(Told &told, const std::function<void(const Folder &)> &act) {
    told = {};
    const Folder folder;
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(kHung);
        act(folder);
        told.count = count();
        told.hits = hits();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status == 0;
}

void tell(char (&to)[400], const std::string &text) { std::strncpy(to, text.c_str(), sizeof to - 1); }

void day_of(const Plan &what, const Folder &folder, Told &told) {
    plan(what);
    const Day day = run_day(folder.path("day.kith"));
    told.failed = !day.failed.empty();
    told.reopened = day.reopen;
    if (!day.broken.empty()) tell(told.broken, day.failed + " failed, then " + day.broken);
    kith_hash_text(day.facts.data(), day.facts.size(), told.facts);
}

class Failing : public Watch {
    int before(const SystemCall &call) override {
        const auto code = [&](Kind kind) { return strike(kind) ? fault::code() : 0; };
        switch (call.kind) {
            case SystemCall::Kind::write:
                return code(call.durable ? Kind::meta_write : Kind::write);
            case SystemCall::Kind::sync:
                return code(Kind::sync);
            case SystemCall::Kind::resize:
                return code(Kind::resize);
            case SystemCall::Kind::map:
                return code(Kind::map);
            case SystemCall::Kind::rename:
                return 0;
        }
        return 0;
    }
};

bool is_sensible(const Plan &what, int status) {
    switch (what.kind) {
        case Kind::store_operation:
            return fault::is_sensible(status);
        case Kind::map:
            return status == KITH_E_NOMEM || status == KITH_E_FULL;
        case Kind::resize:
            return status == KITH_E_FULL;
        default:
            // LMDB makes EIO of a short write, and kith asks whether the disk is full.
            if (what.code == Watch::kShort) return status == KITH_E_FULL || status == KITH_E_IO;
            return status == (what.code == ENOSPC ? KITH_E_FULL : KITH_E_IO);
    }
}

// Carries a load through under the plan; says what promise was not kept.
class Carrier {
public:
    Carrier(const Load &load, const Plan &what, const std::string &path)
        : load_(load), plan_(what), path_(path) {}
    ~Carrier() { kith_store_close(store_); }

    std::string carry() {
        for (int step = 0; step < load_.steps() && broken_.empty(); ++step) {
            if (step % kReopenEvery == 0) {
                close();
                open(step);
            }
            if (!broken_.empty()) break;
            const auto before = hits();
            const auto status = armed([&] { return load_.run(store_, step, &error_); });
            if (status != KITH_OK) recover(step, status, before);
        }
        if (broken_.empty()) expect_found(load_.steps(), "at the end");
        return broken_;
    }

    bool failed = false, reopened = false;

private:
    template <class F>
    static kith_status armed(F call) {
        arm();
        const auto status = call();
        disarm();
        return status;
    }

    std::string said(const char *what) const { return std::string(what) + ": " + error_.message; }

    void open(int step) {
        const auto before = hits();
        auto status = armed([&] { return kith_test::open(path_, {}, &store_, &error_); });
        if (status == KITH_OK) return;
        failed = true;
        if (hits() == before || !is_sensible(plan_, status)) broken_ = said("open");
        status = kith_test::open(path_, {}, &store_, &error_);
        if (status != KITH_OK) broken_ = said("open again");
        expect_found(step, "after a failed open");
    }

    void close() {
        arm();
        kith_store_close(store_);
        disarm();
        store_ = nullptr;
    }

    // The failed step is not there; the one before is; it can be done again, at the latest by a store
    // opened anew, if the store says so.
    void recover(int step, kith_status status, std::uint64_t before) {
        failed = true;
        if (hits() == before || !is_sensible(plan_, status))
            return void(broken_ = said(kith_status_name(status)));
        std::string why;
        const int there = load_.found(store_, why);
        if (there != step && why.find("open it again") == std::string::npos)
            return void(broken_ = "a failed commit is seen: " + std::to_string(there - step) + " " + why);
        if (load_.run(store_, step, &error_) == KITH_OK) return;
        if (std::strstr(error_.message, "open it again") == nullptr) return void(broken_ = said("again"));
        reopened = true;
        close();
        open(step);
        expect_found(step, "reopened");
        if (broken_.empty() && load_.run(store_, step, &error_) != KITH_OK) broken_ = said("reopened");
    }

    void expect_found(int wanted, const char *when) {
        if (!broken_.empty()) return;
        std::string why;
        const int there = load_.found(store_, why);
        if (there != wanted)
            broken_ = std::string(when) + ": " + std::to_string(there) + " steps of " +
                      std::to_string(wanted) + " " + why;
    }

    const Load &load_;
    const Plan plan_;
    const std::string path_;
    kith_store *store_ = nullptr;
    kith_error error_{sizeof(kith_error), 0, 0, 0, 0, 0, ""};
    std::string broken_;
};

void load_of(const Load &load, const Plan &what, const Folder &folder, Told &told) {
    Failing failing;
    watch = &failing;
    plan(what);
    Carrier carrier(load, what, folder.path("load.kith"));
    tell(told.broken, carrier.carry());
    told.failed = carrier.failed;
    told.reopened = carrier.reopened;
    watch = nullptr;
}

Tally try_all(const std::vector<Plan> &plans,
              const std::function<void(const Plan &, const Folder &, Told &)> &trial, const char *facts) {
    Shared told;
    Tally tally;
    for (const auto &what : plans) {
        const bool ended = in_child(*told, [&](const Folder &folder) { trial(what, folder, *told); });
        ++tally.trials;
        tally.crashed += !ended;
        tally.hit += told->hits != 0;
        tally.failed += told->failed;
        tally.reopened += told->reopened;
        std::string wrong = ended ? told->broken : "it crashed";
        if (wrong.empty() && facts != nullptr && !told->reopened && std::strcmp(facts, told->facts) != 0)
            wrong = "the file holds other facts";
        if (wrong.empty()) continue;
        tally.broken += ended;
        if (tally.examples.size() < 2000)
            tally.examples +=
                "\n  call " + std::to_string(what.at) + (what.lasting ? " and on: " : ": ") + wrong;
    }
    return tally;
}

void expect_sound(const char *what, const Tally &tally) {
    std::cout << what << ": " << tally << "\n";
    EXPECT_EQ(tally.crashed, 0) << what << tally.examples;
    EXPECT_EQ(tally.broken, 0) << what << tally.examples;
    EXPECT_GT(tally.trials, 0) << what;
    EXPECT_GE(tally.hit * 10, tally.trials * 9) << what << ": too few of the calls planned to fail were made";
    EXPECT_GT(tally.failed, 0) << what << ": no fault was felt";
}

}  // namespace

Tally &Tally::operator+=(const Tally &other) {
    trials += other.trials;
    hit += other.hit;
    failed += other.failed;
    reopened += other.reopened;
    crashed += other.crashed;
    broken += other.broken;
    examples += other.examples;
    return *this;
}

std::ostream &operator<<(std::ostream &stream, const Tally &t) {
    return stream << t.trials << " trials, " << t.hit << " met, " << t.failed << " made a call fail, "
                  << t.reopened << " needed a reopening, " << t.crashed << " crashed, " << t.broken
                  << " broke a promise";
}

std::uint64_t calls_in_day(Kind kind) {
    Shared told;
    const bool ended = in_child(*told, [&](const Folder &folder) { day_of({kind}, folder, *told); });
    EXPECT_TRUE(ended) << "the day crashed without a fault";
    EXPECT_STREQ(told->broken, "");
    return told->count;
}

std::uint64_t calls_in_load(const Load &load, Kind kind) {
    Shared told;
    EXPECT_TRUE(in_child(*told, [&](const Folder &folder) { load_of(load, {kind}, folder, *told); }));
    EXPECT_STREQ(told->broken, "");
    return told->count;
}

Tally try_days(const std::vector<Plan> &plans) {
    Shared told;
    EXPECT_TRUE(in_child(*told, [&](const Folder &folder) { day_of({}, folder, *told); }));
    return try_all(plans, day_of, told->facts);
}

Tally try_loads(const Load &load, const std::vector<Plan> &plans) {
    return try_all(
        plans, [&](const Plan &what, const Folder &folder, Told &told) { load_of(load, what, folder, told); },
        nullptr);
}

std::vector<Plan> every(std::uint64_t step, std::uint64_t calls, Plan like, std::uint32_t random) {
    std::vector<Plan> plans;
    step = std::max<std::uint64_t>(step, 1);
    for (like.at = 1 + random % step; like.at <= calls; like.at += step) plans.push_back(like);
    return plans;
}

void allocations_fail(std::uint64_t trials, bool lasting, std::uint32_t seed) {
    std::mt19937 random(seed);
    const auto calls = calls_in_day(Kind::allocation);
    std::cout << "seed " << seed << ", " << calls << " allocations\n";
    const auto step = trials == 0 ? 1 : calls / trials;
    expect_sound(
        lasting ? "all allocations from the n-th on" : "the n-th allocation",
        try_days(every(step, calls, {Kind::allocation, 0, lasting}, static_cast<std::uint32_t>(random()))));
}

void store_operations_fail(std::uint64_t trials, std::uint32_t seed) {
    std::mt19937 random(seed);
    const auto of_day = calls_in_day(Kind::store_operation);
    const Load load(seed, 24);
    const auto of_load = calls_in_load(load, Kind::store_operation);
    std::cout << "seed " << seed << ", " << of_day << " and " << of_load << " store operations\n";
    const auto step = [&](std::uint64_t calls) { return trials == 0 ? 1 : calls / trials; };
    expect_sound(
        "the n-th store operation of a day",
        try_days(every(step(of_day), of_day, {Kind::store_operation}, static_cast<std::uint32_t>(random()))));
    expect_sound("the n-th store operation of a load",
                 try_loads(load, every(step(of_load), of_load, {Kind::store_operation},
                                       static_cast<std::uint32_t>(random()))));
}

void system_calls_fail(std::uint64_t trials, std::uint32_t seed) {
    std::mt19937 random(seed);
    const Load loads[] = {{seed, 64}, {seed + 1, 64}};
    std::cout << "seed " << seed << "\n";
    const struct {
        const char *name;
        Kind kind;
        int code;
    } faults[] = {
        {"write: EIO", Kind::write, EIO},
        {"write: ENOSPC", Kind::write, ENOSPC},
        {"write: short", Kind::write, Watch::kShort},
        {"meta write: EIO", Kind::meta_write, EIO},
        {"meta write: ENOSPC", Kind::meta_write, ENOSPC},
        {"meta write: short", Kind::meta_write, Watch::kShort},
        {"sync: EIO", Kind::sync, EIO},
        {"sync: ENOSPC", Kind::sync, ENOSPC},
        {"mmap: ENOMEM", Kind::map, ENOMEM},
        {"fallocate, ftruncate: ENOSPC", Kind::resize, ENOSPC},
    };
    for (const auto &fault : faults) {
        Tally tally;
        for (const auto &load : loads) {
            const auto calls = calls_in_load(load, fault.kind);
            ASSERT_GT(calls, 0u) << fault.name;
            tally += try_loads(load, every(2 * calls / trials, calls, {fault.kind, 0, false, fault.code},
                                           static_cast<std::uint32_t>(random())));
        }
        expect_sound(fault.name, tally);
    }
}

}  // namespace kith_test::fault
