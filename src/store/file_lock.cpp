#include "store/file_lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "store/lmdb_error.hpp"

namespace kith::store {

using base::Status;
using Clock = std::chrono::steady_clock;

namespace {

constexpr off_t kFirstByte = off_t{1} << 62;
constexpr int kOpen = 0, kTurn = 1, kWrite = 2, kBytes = 3;
constexpr std::chrono::microseconds kFirstNap{20}, kLongestNap{500};

}  // namespace

base::Result<FileId> identify(const std::string &path) {
    struct stat status;
    if (::stat(path.c_str(), &status) != 0) return lmdb_error(errno);
    return FileId{status.st_dev, status.st_ino};
}

FileLock::FileLock(int descriptor) : descriptor_(descriptor), process_(::getpid()) {}

base::Result<FileLock> FileLock::open(const std::string &path) {
    constexpr int kFlags = O_CLOEXEC | O_NONBLOCK;  // a pipe in place of the file is told below
    int descriptor = ::open(path.c_str(), O_RDWR | kFlags);
    if (descriptor < 0 && (errno == EACCES || errno == EROFS || errno == EPERM))
        descriptor = ::open(path.c_str(), O_RDONLY | kFlags);
    if (descriptor < 0) return lmdb_error(errno);
    FileLock lock(descriptor);
    struct stat status;
    if (::fstat(descriptor, &status) != 0) return lmdb_error(errno);
    if (S_ISDIR(status.st_mode)) return lmdb_error(EISDIR);
    if (!S_ISREG(status.st_mode))
        return base::fail(Status::argument, "the path is a device or a pipe: name a file");
    lock.id_ = {status.st_dev, status.st_ino};
    return lock;
}

FileLock::~FileLock() {
    if (descriptor_ < 0) return;
    if (::getpid() == process_) release();  // though a child may hold the description still
    ::close(descriptor_);
}

bool FileLock::set(short type, int byte, int count) const {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    lock.l_start = kFirstByte + byte;
    lock.l_len = count;
    return ::fcntl(descriptor_, F_OFD_SETLK, &lock) == 0;
}

// The system's own waiting has no time limit. 0, EAGAIN when it was in vain, or another error.
int FileLock::wait(short type, int byte, Clock::time_point until) const {
    auto nap = kFirstNap;
    while (!set(type, byte)) {
        if (errno != EAGAIN && errno != EACCES) return errno;
        if (Clock::now() >= until) return EAGAIN;
        std::this_thread::sleep_for(nap);
        nap = std::min(nap * 2, kLongestNap);
    }
    return 0;
}

bool FileLock::take_alone() { return set(F_WRLCK, kOpen); }

base::Result<void> FileLock::share(Timeout timeout) {
    const int code = wait(F_RDLCK, kOpen, Clock::now() + timeout);
    if (code == 0) return {};
    if (code != EAGAIN) return lmdb_error(code);
    return base::fail(Status::busy, "another process is checking or rewriting the file: try again later");
}

void FileLock::release() { set(F_UNLCK, kOpen, kBytes); }

base::Result<void> FileLock::begin_writing(Timeout timeout) {
    const auto until = Clock::now() + timeout;
    int code = wait(F_WRLCK, kTurn, until);
    if (code == 0) {
        code = wait(F_WRLCK, kWrite, until);
        set(F_UNLCK, kTurn);
    }
    if (code == 0) return {};
    if (code != EAGAIN) return lmdb_error(code);
    return base::fail(Status::busy, "another process is still writing the file: try again later");
}

void FileLock::end_writing() { set(F_UNLCK, kWrite); }

}  // namespace kith::store
