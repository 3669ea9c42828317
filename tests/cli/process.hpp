// Runs the real command as a child process and hands back what it printed and how it ended. $KITH names
// the command; without it, it is the one built beside the tests.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <ostream>
#include <string>
#include <vector>

namespace kith::test {

inline std::string command() {
    const char *named = std::getenv("KITH");
    return named != nullptr ? named : KITH_CLI;
}

struct Child {
    pid_t pid = -1;
    int out = -1, err = -1;  // in memory, so that neither side ever waits for the other
};

struct Ended {
    int status = 0;  // exit code, or -signal
    std::string out, err;
};

inline std::ostream &operator<<(std::ostream &stream, const Ended &ended) {
    return stream << "status " << ended.status << "\n" << ended.out.substr(0, 4000) << ended.err;
}

inline Child start(const std::vector<std::string> &arguments, const std::string &input = "/dev/null") {
    const std::string program = command();
    std::vector<char *> argv{const_cast<char *>(program.c_str())};
    for (const auto &argument : arguments) argv.push_back(const_cast<char *>(argument.c_str()));
    argv.push_back(nullptr);
    Child child{-1, memfd_create("out", MFD_CLOEXEC), memfd_create("err", MFD_CLOEXEC)};
    child.pid = fork();
    if (child.pid == 0) {
        dup2(open(input.c_str(), O_RDONLY | O_CLOEXEC), STDIN_FILENO);
        dup2(child.out, STDOUT_FILENO);
        dup2(child.err, STDERR_FILENO);
        execv(argv[0], argv.data());
        _exit(127);
    }
    return child;
}

inline std::string read_all(int fd) {
    std::string text;
    char piece[65536];
    lseek(fd, 0, SEEK_SET);
    for (ssize_t n; (n = read(fd, piece, sizeof piece)) > 0;) text.append(piece, static_cast<std::size_t>(n));
    close(fd);
    return text;
}

inline Ended finish(const Child &child) {
    int status = 0;
    waitpid(child.pid, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), read_all(child.out),
            read_all(child.err)};
}

// Runs to the end; `input` is the file on its standard input.
inline Ended run(const std::vector<std::string> &arguments, const std::string &input = "/dev/null") {
    return finish(start(arguments, input));
}

}  // namespace kith::test
