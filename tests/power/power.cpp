#include "power/power.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <random>

namespace kith_test {

namespace {

constexpr std::size_t kSector = 512;

class Recorder : public Watch {
public:
    std::vector<Operation> operations;
    int acknowledged = 0;

private:
    void after(const SystemCall &call) override {
        if (call.kind == SystemCall::Kind::rename) return add(Operation::Kind::name, 0);
        if (call.kind != SystemCall::Kind::write && call.kind != SystemCall::Kind::sync) return;
        struct stat file;
        if (::fstat(call.descriptor, &file) != 0) return;
        if (call.kind == SystemCall::Kind::sync)
            return add(S_ISDIR(file.st_mode) ? Operation::Kind::sync_folder : Operation::Kind::sync,
                       file.st_ino);
        if (!S_ISREG(file.st_mode)) return;
        auto &made = add(call.durable ? Operation::Kind::durable_write : Operation::Kind::write, file.st_ino,
                         static_cast<std::size_t>(call.offset));
        for (int i = 0; i < call.count; ++i)
            made.bytes.append(static_cast<const char *>(call.pieces[i].iov_base), call.pieces[i].iov_len);
    }
    Operation &add(Operation::Kind kind, ino_t file, std::size_t offset) {
        return operations.emplace_back(Operation{kind, file, offset, {}, acknowledged});
    }
    void add(Operation::Kind kind, ino_t file) { add(kind, file, 0); }
};

// What the disk holds for certain, and what it may hold.
class Disk {
public:
    void pass(const Operation &done, bool believe_syncs) {
        switch (done.kind) {
            case Operation::Kind::write:
                return pending_.push_back(&done);
            case Operation::Kind::durable_write:
                if (!believe_syncs) return pending_.push_back(&done);
                return put(certain_, done, 0, done.bytes.size());
            case Operation::Kind::sync:
                if (!believe_syncs) return;
                for (const auto *write : pending_) put(certain_, *write, 0, write->bytes.size());
                return pending_.clear();
            case Operation::Kind::name:
                named_ = true;
                return;
            case Operation::Kind::sync_folder:
                name_certain_ = named_;
                return;
        }
    }

    // The file after a cut while `running` was under way; false if it is not there.
    bool cut(const Operation &running, std::mt19937 &random, std::string &image) const {
        const bool renaming = running.kind == Operation::Kind::name;
        if (!name_certain_ && ((!named_ && !renaming) || random() % 2 == 0)) return false;
        image = certain_;
        auto writes = pending_;
        if (running.kind == Operation::Kind::write || running.kind == Operation::Kind::durable_write)
            writes.push_back(&running);
        std::shuffle(writes.begin(), writes.end(), random);
        for (const auto *write : writes) {
            const auto fate = random() % 3;
            if (fate == 0) continue;
            for (std::size_t from = 0, to; from < write->bytes.size(); from = to) {
                to = std::min(write->bytes.size(),
                              (write->offset + from) / kSector * kSector + kSector - write->offset);
                if (fate == 1 || random() % 2 == 0) put(image, *write, from, to);
            }
        }
        return true;
    }

private:
    static void put(std::string &image, const Operation &write, std::size_t from, std::size_t to) {
        if (image.size() < write.offset + to) image.resize(write.offset + to);
        std::copy(write.bytes.begin() + static_cast<std::ptrdiff_t>(from),
                  write.bytes.begin() + static_cast<std::ptrdiff_t>(to),
                  image.begin() + static_cast<std::ptrdiff_t>(write.offset + from));
    }

    std::string certain_;
    std::vector<const Operation *> pending_;
    bool named_ = false, name_certain_ = false;
};

// How many steps the file holds, in a child; kWrong, or -signal less 100.
int found_in_child(const std::string &path, const Load &load, const How &how) {
    const pid_t child = ::fork();
    if (child == 0) {
        std::string why;
        int steps = load.found(path, how, why);
        if (steps >= 0 && steps < load.steps()) {  // and work goes on
            kith_store *store = nullptr;
            kith_error error{sizeof(kith_error), 0, 0, 0, 0, 0, ""};
            if (open(path, how, &store, &error) != KITH_OK || load.run(store, steps, &error) != KITH_OK ||
                load.found(store, why) != steps + 1)
                steps = Load::kWrong;
            kith_store_close(store);
        }
        if (steps < 0) std::ofstream(path + ".why") << why;
        ::_exit(steps < 0 ? 256 + steps : steps);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) return -100 - WTERMSIG(status);
    const int code = WEXITSTATUS(status);
    return code > 200 ? code - 256 : code;
}

}  // namespace

std::vector<Operation> record(const Load &load, std::uint32_t durability) {
    const Folder folder;
    const auto path = folder.path("run.kith");
    How how;
    how.durability = durability;
    kith_store *store = nullptr;
    kith_error error{sizeof(kith_error), 0, 0, 0, 0, 0, ""};
    Recorder recorder;
    watch = &recorder;
    auto status = open(path, how, &store, &error);
    for (int step = 0; status == KITH_OK && step < load.steps(); ++step) {
        status = load.run(store, step, &error);
        recorder.acknowledged = step + 1;
    }
    watch = nullptr;
    kith_store_close(store);
    EXPECT_EQ(status, KITH_OK) << error.message;
    struct stat file;
    EXPECT_EQ(::stat(path.c_str(), &file), 0);
    std::erase_if(recorder.operations, [&](const Operation &one) {
        return one.kind != Operation::Kind::name && one.kind != Operation::Kind::sync_folder &&
               one.file != file.st_ino;
    });
    return std::move(recorder.operations);
}

std::ostream &operator<<(std::ostream &stream, const Images &i) {
    return stream << i.images << " images (" << i.unnamed << " before the file had its name), " << i.behind
                  << " without their last acknowledged commits (" << i.lost << "), " << i.corrupt
                  << " corrupt, " << i.crashed << " crashed";
}

Images cut(const std::vector<Operation> &run, const Load &load, int images, std::uint32_t seed,
           bool believe_syncs) {
    std::mt19937 random(seed);
    std::vector<std::size_t> cuts;
    for (int i = 0; i < images; ++i) cuts.push_back(random() % run.size());
    std::sort(cuts.begin(), cuts.end());
    const Folder folder;
    Images out;
    Disk disk;
    std::size_t passed = 0;
    std::string image;
    for (const auto at : cuts) {
        while (passed < at) disk.pass(run[passed++], believe_syncs);
        ++out.images;
        const auto path = folder.path("image.kith");
        int found = Load::kAbsent;
        if (disk.cut(run[at], random, image)) {
            std::ofstream(path, std::ios::binary) << image;
            How how;  // one whose making was cut short is completed by who makes it
            if (run[at].acknowledged > 0) how.flags = 0;
            found = found_in_child(path, load, how);
        }
        const int acknowledged = run[at].acknowledged;
        std::string wrong;
        if (found == Load::kAbsent) {
            ++out.unnamed;
            // The first step runs after the file is open: an absent one can have lost but acknowledged steps.
            if (acknowledged > 0) ++out.corrupt, wrong = "the file is not there";
        } else if (found <= -100) {
            ++out.crashed;
            wrong = "signal " + std::to_string(-100 - found);
        } else if (found == Load::kWrong) {
            ++out.corrupt;
            std::getline(std::ifstream(path + ".why"), wrong);
        } else if (found < acknowledged) {
            ++out.behind;
            out.lost += acknowledged - found;
        }
        if (!wrong.empty() && out.example.empty())
            out.example = "operation " + std::to_string(at) + " of " + std::to_string(run.size()) + ", " +
                          std::to_string(acknowledged) + " acknowledged: " + wrong;
        for (const char *end : {"", "-lock", ".why"}) ::unlink((path + end).c_str());
    }
    return out;
}

void cut_power(int images, std::uint32_t seed) {
    const Load load(seed, 80);
    std::cout << "seed " << seed << "\n";
    const auto full = record(load, KITH_DURABILITY_FULL), relaxed = record(load, KITH_DURABILITY_RELAXED);
    const auto grown = std::max_element(full.begin(), full.end(), [](const auto &a, const auto &b) {
                           return a.offset < b.offset;
                       })->offset;
    EXPECT_GT(grown, std::size_t{1} << 20) << "the file did not outgrow its reserve";
    EXPECT_EQ(full.back().acknowledged, load.steps() - 1);

    const auto kept = cut(full, load, images, seed);
    std::cout << "full: " << full.size() << " operations, " << kept << "\n";
    EXPECT_EQ(kept.behind + kept.corrupt + kept.crashed, 0) << kept.example;

    const auto loose = cut(relaxed, load, images, seed);
    std::cout << "relaxed: " << relaxed.size() << " operations, " << loose << "\n";
    EXPECT_EQ(loose.corrupt + loose.crashed, 0) << loose.example;

    // What the images can show: a commit not synced, and a file written without order.
    EXPECT_GT(loose.behind, 0) << "relaxed loses commits, and the images do not show it";
    const auto unsynced = cut(full, load, images, seed, false);
    std::cout << "syncs left out: " << unsynced << "\n";
    EXPECT_GT(unsynced.corrupt + unsynced.crashed, images / 4) << "the images do not show missing syncs";
}

}  // namespace kith_test
