// Goal: kill -9 in the middle of an import loses no acknowledged batch, leaves a sound file, and
// importing again completes it without doubling anything.
// Method: the real command, killed at a random moment of its run, 20 times (seed printed). What it
// acknowledged are its own flushed "committed N" lines.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace fs = std::filesystem;

constexpr int kRows = 12'000;
constexpr int kTrials = 20;

std::string command() {
    const char *named = getenv("KITH");
    return named ? named : KITH_CLI;
}

struct Child {
    pid_t pid = -1;
    int out = -1;  // standard output or error, as asked
};

Child start(const std::vector<std::string> &arguments, int captured_fd) {
    int ends[2];
    if (pipe(ends) != 0) abort();
    std::vector<char *> argv;
    const auto program = command();
    argv.push_back(const_cast<char *>(program.c_str()));
    for (const auto &argument : arguments) argv.push_back(const_cast<char *>(argument.c_str()));
    argv.push_back(nullptr);
    const pid_t pid = fork();
    if (pid == 0) {
        const int null = open("/dev/null", O_WRONLY);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        dup2(ends[1], captured_fd);
        close(ends[0]);
        execv(argv[0], argv.data());
        _exit(127);
    }
    close(ends[1]);
    return {pid, ends[0]};
}

std::string read_all(int fd) {
    std::string text;
    char piece[4096];
    for (ssize_t n; (n = read(fd, piece, sizeof piece)) > 0;) text.append(piece, static_cast<std::size_t>(n));
    close(fd);
    return text;
}

struct Ended {
    int status = 0;  // exit code, or -signal
    std::string text;
};

Ended finish(const Child &child) {
    Ended ended;
    ended.text = read_all(child.out);
    int status = 0;
    waitpid(child.pid, &status, 0);
    ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return ended;
}

Ended run(const std::vector<std::string> &arguments, int captured_fd = STDOUT_FILENO) {
    return finish(start(arguments, captured_fd));
}

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
            out << "c" << i * 7919 % 3000 << ",2024-" << (i / 1000 % 12 < 9 ? "0" : "") << 1 + i / 1000 % 12 << "-15," << i % 90
                << ".50,k" << i << "\n";
        }
    }
    const auto import = [&](const std::string &file) {
        return std::vector<std::string>{"import", "--kind", "order", "--map", "party=customer,at=date,amount=amount,key=key",
                                        "--batch", "500", "--progress", "plain", file, "interactions", csv};
    };

    // How long a whole run takes, to kill inside it.
    const auto whole = (folder / "whole.kith").string();
    ASSERT_EQ(run({"init", whole}).status, 0);
    const auto begun = std::chrono::steady_clock::now();
    ASSERT_EQ(run(import(whole), STDERR_FILENO).status, 0);
    const auto span = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun);

    int inside = 0;
    for (int trial = 0; trial < kTrials; ++trial) {
        const auto file = (folder / ("killed" + std::to_string(trial) + ".kith")).string();
        ASSERT_EQ(run({"init", file}).status, 0);
        const auto child = start(import(file), STDERR_FILENO);
        std::this_thread::sleep_for(span * (random() % 1000) / 1000);
        kill(child.pid, SIGKILL);
        const auto ended = finish(child);
        const auto promised = acknowledged(ended.text);
        inside += ended.status == -SIGKILL && promised > 0 && promised < kRows;

        const auto info = run({"info", file, "--json"});
        ASSERT_EQ(info.status, 0);
        EXPECT_GE(number_in(info.text, "orders"), promised) << "an acknowledged batch is lost";
        EXPECT_EQ(number_in(info.text, "orders") % 500, 0) << "half a batch is there";
        EXPECT_EQ(run({"verify", file}).status, 0);

        ASSERT_EQ(run(import(file), STDERR_FILENO).status, 0);
        const auto complete = run({"info", file, "--json"});
        EXPECT_EQ(number_in(complete.text, "orders"), kRows);
        EXPECT_EQ(number_in(complete.text, "parties"), 3000);
        EXPECT_EQ(run({"verify", file}).status, 0);
        fs::remove(file);
    }
    std::cout << inside << " of " << kTrials << " were killed between two batches of their import\n";
    EXPECT_GT(inside, 0);
    fs::remove_all(folder);
}

}  // namespace
