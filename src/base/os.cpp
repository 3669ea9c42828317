#include "base/os.hpp"

#include <sys/random.h>
#include <unistd.h>
#include <cerrno>
#include <cstdlib>
#include <ctime>

namespace kith::base::os {

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

std::uint64_t process_id() { return static_cast<std::uint64_t>(getpid()); }

}  // namespace kith::base::os
