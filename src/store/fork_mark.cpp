#include "store/fork_mark.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>

namespace kith::store {

namespace {

constexpr std::size_t kSize = 1;  // rounded up to a page by the kernel

}  // namespace

ForkMark::ForkMark() : process_(::getpid()) {
    void *const page = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return;
    if (::madvise(page, static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)), MADV_WIPEONFORK) != 0) {
        ::munmap(page, kSize);
        return;
    }
    page_ = static_cast<unsigned char *>(page);
    *page_ = 1;
}

ForkMark::~ForkMark() {
    if (page_ != nullptr) ::munmap(const_cast<unsigned char *>(page_), kSize);
}

bool ForkMark::process_changed() const { return ::getpid() != process_; }

}  // namespace kith::store
