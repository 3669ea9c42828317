// Tells whether the process has forked since the mark was made. LMDB must not be used, nor even
// closed, in a child: the child would clear the parent's reader slots. The mark is a page the kernel
// wipes in a child, so that looking is one load; where the kernel cannot, the process id is compared.
#pragma once

#include <sys/types.h>

namespace kith::store {

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
    pid_t process_;
};

}  // namespace kith::store
