// Every allocation of this executable and its libraries, kith's and LMDB's among them, may be made to fail.
// Under a sanitizer, which has malloc for itself, only those of C++.
#include <errno.h>
#include <stdlib.h>

#include <new>

#include "fault/strike.hpp"

using kith_test::fault::Kind;
using kith_test::fault::strike;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

void *operator new(std::size_t size) {
    void *const memory = strike(Kind::allocation) ? nullptr : std::malloc(size);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}
void *operator new(std::size_t size, const std::nothrow_t &) noexcept {
    return strike(Kind::allocation) ? nullptr : std::malloc(size);
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }

#else

extern "C" {

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

static void *none(void) {
    errno = ENOMEM;
    return nullptr;
}

void *malloc(size_t size) noexcept { return strike(Kind::allocation) ? none() : __libc_malloc(size); }
void *calloc(size_t count, size_t size) noexcept {
    return strike(Kind::allocation) ? none() : __libc_calloc(count, size);
}
void *realloc(void *memory, size_t size) noexcept {
    return strike(Kind::allocation) ? none() : __libc_realloc(memory, size);
}
void *aligned_alloc(size_t alignment, size_t size) noexcept {
    return strike(Kind::allocation) ? none() : __libc_memalign(alignment, size);
}
int posix_memalign(void **out, size_t alignment, size_t size) noexcept {
    void *const memory = strike(Kind::allocation) ? nullptr : __libc_memalign(alignment, size);
    if (memory == nullptr) return ENOMEM;
    *out = memory;
    return 0;
}
}

#endif
