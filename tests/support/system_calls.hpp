// The system calls by which LMDB and kith write, as this executable's own: its symbols take precedence over
// libc's, for liblmdb.so too. A watch sees each and may make it fail; without one they pass.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>

namespace kith_test {

struct SystemCall {
    enum class Kind { write, sync, resize, map, rename };
    Kind kind;
    int descriptor = -1;
    off_t offset = 0;
    const iovec *pieces = nullptr;
    int count = 0;
    bool durable = false;  // a write through a descriptor opened with O_DSYNC
    std::size_t size() const;
};

class Watch {
public:
    static constexpr int kShort = -1;  // a write of half of what was asked
    virtual ~Watch() = default;
    // 0, or what it shall fail with: an errno or kShort.
    virtual int before(const SystemCall &) { return 0; }
    virtual void after(const SystemCall &) {}  // it succeeded
};

extern Watch *watch;

}  // namespace kith_test
