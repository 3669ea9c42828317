// What the library asks of the system outside the store: the clock and random bytes.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.hpp"

namespace kith::base::os {

std::int64_t now_us();                  // since 1970 UTC
void random(std::span<std::byte> out);  // getrandom; never fails short

// Tells whether the process has forked since the mark was made: what it holds (locks, mapped files)
// belongs to the parent then. The mark is a page the kernel wipes in a child, so that looking is one
// load; where the kernel cannot, the process id is compared.
class ForkMark {
public:
    ForkMark();
    ~ForkMark();
    ForkMark(const ForkMark &) = delete;
    ForkMark &operator=(const ForkMark &) = delete;

    bool forked() const { return page_ != nullptr ? *page_ == 0 : process_changed(); }

private:
    bool process_changed() const;

    volatile unsigned char *page_ = nullptr;
    std::int64_t process_;
};

}  // namespace kith::base::os
