#include "cli/input.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "cli/context.hpp"

namespace kith::cli {

namespace {

constexpr std::size_t kCopyBytes = 256 * 1024;

class File {
public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    ~File() {
        if (descriptor_ > STDERR_FILENO) close(descriptor_);
    }
    File(const File &) = delete;
    File &operator=(const File &) = delete;
    int descriptor() const { return descriptor_; }

private:
    int descriptor_;
};

[[noreturn]] void fail_errno(const std::string &what) {
    fail(kFailed, fmt::format("{}: {}", what, std::strerror(errno)));
}

void write_all(int descriptor, const char *data, std::size_t size) {
    while (size > 0) {
        const ssize_t written = write(descriptor, data, size);
        if (written < 0) {
            if (errno == EINTR) continue;
            fail_errno(
                "cannot keep a copy of the input in the temporary directory (set TMPDIR to one with room)");
        }
        data += written;
        size -= static_cast<std::size_t>(written);
    }
}

int temporary_file() {
    const char *directory = std::getenv("TMPDIR");
    std::string path = directory != nullptr && *directory != '\0' ? directory : "/tmp";
    path += "/kith-import-XXXXXX";
    const int descriptor = mkostemp(path.data(), O_CLOEXEC);
    if (descriptor < 0) fail_errno("cannot make a temporary file (set TMPDIR to a directory with room)");
    unlink(path.c_str());
    return descriptor;
}

void copy(int from, int to, const std::string &name) {
    std::vector<char> buffer(kCopyBytes);
    for (;;) {
        const ssize_t size = read(from, buffer.data(), buffer.size());
        if (size < 0) {
            if (errno == EINTR) continue;
            fail_errno("cannot read " + name);
        }
        if (size == 0) return;
        write_all(to, buffer.data(), static_cast<std::size_t>(size));
    }
}

std::string_view map(int descriptor, const std::string &name) {
    struct stat status {};
    if (fstat(descriptor, &status) != 0) fail_errno("cannot read " + name);
    if (status.st_size == 0) return {};
    const auto size = static_cast<std::size_t>(status.st_size);
    void *address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (address == MAP_FAILED) fail_errno("cannot map " + name);
    return {static_cast<const char *>(address), size};
}

bool mappable(int descriptor) {
    struct stat status {};
    // A regular file of size 0 may be one of /proc: it is read instead.
    return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 &&
           lseek(descriptor, 0, SEEK_CUR) == 0;
}

}  // namespace

Input::Input(const std::string &path) {
    const std::string name = path == "-" ? "standard input" : path;
    const File file(path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.descriptor() < 0) fail_errno("cannot read " + name);
    std::string_view bytes;
    if (mappable(file.descriptor())) {
        bytes = map(file.descriptor(), name);
    } else {
        const File spool(temporary_file());
        copy(file.descriptor(), spool.descriptor(), name);
        bytes = map(spool.descriptor(), name);
    }
    data_ = bytes.data();
    size_ = bytes.size();
}

Input::~Input() {
    if (data_ != nullptr) munmap(const_cast<char *>(data_), size_);
}

}  // namespace kith::cli
