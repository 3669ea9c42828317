// Goal: kill -9 in the middle of an import loses no acknowledged batch, leaves a sound file, and
// importing again completes it without doubling anything.
// Method: the real command, killed at a random moment of its run, 20 times (seed printed). What it
// acknowledged are its own flushed "committed N" lines.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "cli/process.hpp"

namespace kith::test {
namespace {

namespace fs = std::filesystem;

constexpr int kRows = 12'000;
constexpr int kKills = 20;

// The number after the last "committed ".
int acknowledged(const std::string &text) {
    const auto at = text.rfind("committed ");
    if (at == std::string::npos || text.find('\n', at) == std::string::npos) return 0;
    return std::stoi(text.substr(at + 10));
}

long long number_in(const std::string &json, const std::string &name) {
    const auto at = json.find('"' + name + "\"");
    if (at == std::string::npos) return -1;
    return std::stoll(json.substr(json.find_first_of("-0123456789", at + name.size() + 2)));
}

TEST(KillTest, AnImportKilledAtAnyMomentLosesNothingAcknowledged) {
    const auto seed = std::random_device{}();
    std::cout << "seed " << seed << "\n";
    std::mt19937 random(seed);
    auto pattern = (fs::temp_directory_path() / "kith-kill-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    const fs::path folder = pattern;
    const auto csv = (folder / "orders.csv").string();
    {
        std::ofstream out(csv);
        out << "customer,date,amount,key\n";
        for (int i = 0; i < kRows; ++i) {
            out << "c" << i * 7919 % 3000 << ",2024-" << (i / 1000 % 12 < 9 ? "0" : "") << 1 + i / 1000 % 12
                << "-15," << i % 90 << ".50,k" << i << "\n";
        }
    }
    const auto import = [&](const std::string &file) {
        return std::vector<std::string>{
            "import",       "--kind", "order",      "--map", "party=customer,at=date,amount=amount,key=key",
            "--batch",      "500",    "--progress", "plain", file,
            "interactions", csv};
    };

    // How long a whole run takes, to kill inside it.
    const auto whole = (folder / "whole.kith").string();
    ASSERT_EQ(run({"init", whole}).status, 0);
    const auto begun = std::chrono::steady_clock::now();
    ASSERT_EQ(run(import(whole)).status, 0);
    const auto span =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun);

    int inside = 0;
    for (int trial = 0; trial < kKills; ++trial) {
        const auto file = (folder / ("killed" + std::to_string(trial) + ".kith")).string();
        ASSERT_EQ(run({"init", file}).status, 0);
        const auto child = start(import(file));
        std::this_thread::sleep_for(span * (random() % 1000) / 1000);
        kill(child.pid, SIGKILL);
        const auto ended = finish(child);
        const auto promised = acknowledged(ended.err);
        inside += ended.status == -SIGKILL && promised > 0 && promised < kRows;

        const auto info = run({"info", file, "--json"});
        ASSERT_EQ(info.status, 0);
        EXPECT_GE(number_in(info.out, "orders"), promised) << "an acknowledged batch is lost";
        EXPECT_EQ(number_in(info.out, "orders") % 500, 0) << "half a batch is there";
        EXPECT_EQ(run({"verify", file}).status, 0);

        ASSERT_EQ(run(import(file)).status, 0);
        const auto complete = run({"info", file, "--json"});
        EXPECT_EQ(number_in(complete.out, "orders"), kRows);
        EXPECT_EQ(number_in(complete.out, "parties"), 3000);
        EXPECT_EQ(run({"verify", file}).status, 0);
        fs::remove(file);
    }
    std::cout << inside << " of " << kKills << " were killed between two batches of their import\n";
    EXPECT_GT(inside, 0);
    fs::remove_all(folder);
}

}  // namespace
}  // namespace kith::test
