#include "base/os.hpp"

#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>
#include <cerrno>
#include <cstdlib>
#include <ctime>

namespace kith::base::os {

namespace {

constexpr std::size_t kPage = 1;  // rounded up to a page by the kernel

}  // namespace

std::int64_t now_us() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

void random(std::span<std::byte> out) {
    while (!out.empty()) {
        const auto got = getrandom(out.data(), out.size(), 0);
        if (got >= 0) {
            out = out.subspan(static_cast<std::size_t>(got));
        } else if (errno != EINTR) {
            std::abort();  // no kernel kith runs on lacks it; ids that are not random would be worse
        }
    }
}

ForkMark::ForkMark() : process_(::getpid()) {
    void *const page = ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return;
    if (::madvise(page, static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)), MADV_WIPEONFORK) != 0) {
        ::munmap(page, kPage);
        return;
    }
    page_ = static_cast<unsigned char *>(page);
    *page_ = 1;
}

ForkMark::~ForkMark() {
    if (page_ != nullptr) ::munmap(const_cast<unsigned char *>(page_), kPage);
}

bool ForkMark::process_changed() const { return ::getpid() != process_; }

}  // namespace kith::base::os
