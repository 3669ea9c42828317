#include "support/system_calls.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <numeric>

namespace kith_test {

Watch *watch = nullptr;

std::size_t SystemCall::size() const {
    return std::accumulate(pieces, pieces + count, std::size_t{0},
                           [](std::size_t sum, const iovec &piece) { return sum + piece.iov_len; });
}

namespace {

using Kind = SystemCall::Kind;

// Nothing a watch does is watched.
class Unwatched {
public:
    Unwatched() { watch = nullptr; }
    ~Unwatched() { watch = kept_; }
    Watch &operator*() const { return *kept_; }

private:
    Watch *const kept_ = watch;
};

template <class Real>
long pass(const SystemCall &call, Real real) {
    if (watch == nullptr) return real();
    const Unwatched watching;
    if (const int failure = (*watching).before(call); failure != 0) {
        errno = failure;
        return -1;
    }
    const long result = real();
    const int kept = errno;
    if (result != -1) (*watching).after(call);
    errno = kept;
    return result;
}

long write_pieces(int descriptor, off_t offset, const iovec *pieces, int count, bool at_offset) {
    SystemCall call{Kind::write, descriptor, offset, pieces, count};
    const auto real = [&] {
        return at_offset ? ::syscall(SYS_pwritev, descriptor, pieces, count, offset, 0)
                         : ::syscall(SYS_writev, descriptor, pieces, count);
    };
    if (watch == nullptr) return real();
    if (!at_offset) call.offset = ::lseek(descriptor, 0, SEEK_CUR);
    call.durable = (::fcntl(descriptor, F_GETFL) & O_DSYNC) != 0;
    const Unwatched watching;
    const int failure = (*watching).before(call);
    if (failure == Watch::kShort) {
        const iovec half{pieces->iov_base, pieces->iov_len / 2};
        return at_offset ? ::syscall(SYS_pwritev, descriptor, &half, 1, offset, 0)
                         : ::syscall(SYS_writev, descriptor, &half, 1);
    }
    if (failure != 0) {
        errno = failure;
        return -1;
    }
    const long result = real();
    if (result >= 0) (*watching).after(call);
    return result;
}

}  // namespace
}  // namespace kith_test

using namespace kith_test;

extern "C" {

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset) {
    const iovec piece{const_cast<void *>(bytes), size};
    return write_pieces(descriptor, offset, &piece, 1, true);
}
ssize_t pwritev(int descriptor, const iovec *pieces, int count, off_t offset) {
    return write_pieces(descriptor, offset, pieces, count, true);
}
ssize_t write(int descriptor, const void *bytes, size_t size) {
    const iovec piece{const_cast<void *>(bytes), size};
    return write_pieces(descriptor, 0, &piece, 1, false);
}
ssize_t writev(int descriptor, const iovec *pieces, int count) {
    return write_pieces(descriptor, 0, pieces, count, false);
}
int fsync(int descriptor) {
    return static_cast<int>(pass({Kind::sync, descriptor}, [&] { return ::syscall(SYS_fsync, descriptor); }));
}
int fdatasync(int descriptor) {
    return static_cast<int>(
        pass({Kind::sync, descriptor}, [&] { return ::syscall(SYS_fdatasync, descriptor); }));
}
int ftruncate(int descriptor, off_t size) noexcept {
    return static_cast<int>(
        pass({Kind::resize, descriptor, size}, [&] { return ::syscall(SYS_ftruncate, descriptor, size); }));
}
int fallocate(int descriptor, int mode, off_t offset, off_t size) {
    return static_cast<int>(pass({Kind::resize, descriptor, size},
                                 [&] { return ::syscall(SYS_fallocate, descriptor, mode, offset, size); }));
}
void *mmap(void *address, size_t size, int protection, int flags, int descriptor, off_t offset) noexcept {
    return reinterpret_cast<void *>(pass({Kind::map, descriptor, offset}, [&] {
        return ::syscall(SYS_mmap, address, size, protection, flags, descriptor, offset);
    }));
}
int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) noexcept {
    return static_cast<int>(pass(
        {Kind::rename}, [&] { return ::syscall(SYS_renameat2, from_folder, from, to_folder, to, flags); }));
}
}
