// Goal: backup, restore, compact and repair as people and programs call them; and that a command killed at
// any moment leaves the file as it was, or as it should be. Method: a made-up shop; what is printed, exit
// codes, exports compared; commands killed at random moments of a run, with the seed printed, each trial
// checked by verify and by the export.
#include <chrono>
#include <random>
#include <thread>

#include "cli/shop.hpp"

namespace kith::test {
namespace {

class Copies : public Shop {
protected:
    Copies() {
        EXPECT_EQ(run({"sample", file_, "--seed", "1", "--customers", "150"}).status, 0);
        before_ = facts();
    }
    // What processes that were killed left beside the files.
    std::size_t drafts() const {
        std::size_t count = 0;
        for (const auto &entry : std::filesystem::directory_iterator(folder_))
            count += entry.path().string().find(".new-") != std::string::npos;
        return count;
    }
    std::string before_;
};

TEST_F(Copies, ABackupIsMadeRestoredAndCompacted) {
    const auto copy = path("copy.kith"), again = path("again.kith");
    EXPECT_NE(text({"backup", file_, copy}).find("is made"), std::string::npos);
    EXPECT_EQ(facts(copy), before_);
    const auto refused = run({"backup", file_, copy});
    EXPECT_EQ(refused.status, 1) << refused;
    const auto made = json({"backup", file_, path("checked.kith"), "--verify"});
    EXPECT_GT(made["rows"], 100);
    EXPECT_EQ(made["bytes_after"], std::filesystem::file_size(copy));

    const auto restored = json({"restore", copy, again, "--device", "till 2"});
    EXPECT_NE(restored["origin"], info()["origin"]);
    EXPECT_EQ(facts(again), before_);
    EXPECT_EQ(json({"info", again})["device"], "till 2");
    const auto there = run({"restore", copy, again});
    EXPECT_EQ(there.status, 1);
    EXPECT_NE(there.err.find("--replace"), std::string::npos) << there;
    EXPECT_EQ(run({"restore", copy, again, "--replace"}).status, 0);
    EXPECT_EQ(run({"restore", path("none"), path("new")}).status, 1);

    const auto compacted = json({"compact", file_});
    EXPECT_LE(compacted["bytes_after"], compacted["bytes_before"]);
    EXPECT_EQ(facts(), before_);
    EXPECT_EQ(info()["erasure_pending_since"], nullptr);
    EXPECT_NE(text({"repair", file_}).find("nothing was changed"), std::string::npos);
    EXPECT_EQ(drafts(), 0u);
}

TEST_F(Copies, WhatIsDamagedIsToldAndTheRestSaved) {
    std::string bytes = read_text(file_);
    const auto whole = bytes;
    for (std::size_t page = 20; page < bytes.size() / 4096; page += 40)
        bytes.replace(page * 4096, 4096, 4096, '\0');
    write("shop.kith", bytes);
    const auto in_place = run({"repair", file_});
    EXPECT_EQ(in_place.status, 4) << in_place;
    EXPECT_NE((in_place.out + in_place.err).find("kith repair " + file_ + " NEW"), std::string::npos)
        << in_place;
    const auto people = run({"repair", file_, path("saved.kith")});
    EXPECT_EQ(people.status, 4) << people;
    EXPECT_NE(people.out.find("and is sound"), std::string::npos) << people;
    const auto programs = run({"repair", file_, path("saved2.kith"), "--json"});
    EXPECT_EQ(programs.status, 4) << programs;
    const auto report = parse(programs.out);
    EXPECT_TRUE(report["written"]);
    EXPECT_GT(report["lost"], 0);
    EXPECT_EQ(report["left"], 0);
    EXPECT_FALSE(report["records"].empty());
    EXPECT_EQ(text({"verify", path("saved.kith")}).find("problem"), std::string::npos);
    EXPECT_EQ(read_text(file_), bytes) << "the damaged file is not touched";
    EXPECT_EQ(run({"repair", file_, path("saved.kith")}).status, 1) << "it is there";
}

// How far a command has come when it is killed shows in what it leaves.
TEST_F(Copies, AKilledCommandLeavesTheFileWhole) {
    const auto seed = std::random_device()();
    std::printf("seed %u\n", seed);
    std::mt19937 random(seed);
    const auto copy = path("copy.kith");
    const std::vector<std::string> commands[] = {{"backup", file_, copy}, {"compact", file_}};
    std::chrono::microseconds whole[2];
    for (const int compacts : {0, 1}) {
        const auto begun = std::chrono::steady_clock::now();
        ASSERT_EQ(run(commands[compacts]).status, 0);
        whole[compacts] =
            std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun);
    }
    std::size_t cut_short = 0, with_draft = 0, complete = 0;
    for (int trial = 0; trial < 24; ++trial) {
        const int compacts = trial % 2;
        std::filesystem::remove(copy);
        const auto left = drafts();
        const auto child = start(commands[compacts]);
        std::this_thread::sleep_for(whole[compacts] * (random() % 1000) / 1000);
        kill(child.pid, SIGKILL);
        const auto ended = finish(child);
        ++(ended.status == -SIGKILL ? cut_short : complete);
        with_draft += drafts() > left;
        ASSERT_EQ(facts(), before_) << "trial " << trial;
        ASSERT_EQ(run({"verify", file_}).status, 0) << "trial " << trial;
        if (compacts == 0 && std::filesystem::exists(copy)) {
            ASSERT_EQ(facts(copy), before_) << "half a backup, trial " << trial;
        }
    }
    std::printf("%zu cut short, %zu of them half way; %zu complete\n", cut_short, with_draft, complete);
    EXPECT_GT(cut_short, 0u);
    EXPECT_GT(with_draft, 0u) << "none was killed half way: nothing is shown";
    EXPECT_EQ(run({"compact", file_}).status, 0);
    for (const auto &entry : std::filesystem::directory_iterator(folder_))
        EXPECT_EQ(entry.path().filename().string().find("shop.kith.new-"), std::string::npos);
}

}  // namespace
}  // namespace kith::test
