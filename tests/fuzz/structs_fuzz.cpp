// The struct_size rule: every size, larger and smaller than the struct, and every tail, against the rule
// written down again. Memory is as long as the size says, so that one byte too many is seen.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>

#include "capi/structs.hpp"
#include "fuzz/require.hpp"

namespace {

using namespace kith;

template <class T>
void check(std::uint32_t size, const std::uint8_t *data, std::size_t count) {
    const bool plausible = size >= capi::kFirstSize<T> && size <= capi::kStructSizeMax;
    const std::size_t length = plausible ? size : sizeof size;
    const auto memory = std::make_unique<unsigned char[]>(length);
    std::memcpy(memory.get(), &size, sizeof size);
    if (length > sizeof size)
        std::memcpy(memory.get() + sizeof size, data, std::min(count, length - sizeof size));
    auto *theirs = reinterpret_cast<T *>(memory.get());

    const auto *beyond = memory.get() + std::min(length, sizeof(T));
    const bool unknown = std::any_of(beyond, static_cast<const unsigned char *>(memory.get()) + length,
                                     [](auto byte) { return byte != 0; });
    const auto read = capi::read_struct(theirs, "it");
    if (!plausible) {
        KITH_REQUIRE(!read && read.error().status == base::Status::argument);
        KITH_REQUIRE(!capi::clear_struct(theirs, "it"));
        return;
    }
    KITH_REQUIRE(unknown ? !read && read.error().status == base::Status::unsupported
                         : static_cast<bool>(read));
    unsigned char ours[sizeof(T)] = {};
    if (read) {
        std::memcpy(ours, memory.get(), std::min(length, sizeof(T)));
        KITH_REQUIRE(std::memcmp(&*read, ours, sizeof ours) == 0);
    }

    KITH_REQUIRE(capi::clear_struct(theirs, "it"));
    KITH_REQUIRE(std::memcmp(memory.get(), &size, sizeof size) == 0);
    KITH_REQUIRE(
        std::all_of(memory.get() + sizeof size, memory.get() + length, [](auto byte) { return byte == 0; }));
    T full;
    std::memset(static_cast<void *>(&full), 0xa5, sizeof full);
    capi::write_struct(theirs, full);
    KITH_REQUIRE(std::memcmp(memory.get(), &size, sizeof size) == 0);
    for (std::size_t i = sizeof size; i < length; ++i) KITH_REQUIRE(memory[i] == (i < sizeof(T) ? 0xa5 : 0));
}

}  // namespace

// The first byte is the struct, the next four its size; then its bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size < 5) return 0;
    std::uint32_t claimed;
    std::memcpy(&claimed, data + 1, sizeof claimed);
    if (data[0] & 0x80) claimed %= capi::kStructSizeMax + 8;  // most of all sizes mean nothing
    data += 5;
    size -= 5;
    switch (data[-5] % 8) {
        case 0:
            check<kith_open_options>(claimed, data, size);
            break;
        case 1:
            check<kith_party>(claimed, data, size);
            break;
        case 2:
            check<kith_interaction>(claimed, data, size);
            break;
        case 3:
            check<kith_query>(claimed, data, size);
            break;
        case 4:
            check<kith_info>(claimed, data, size);
            break;
        case 5:
            check<kith_error>(claimed, data, size);
            break;
        case 6:
            check<kith_cohort_options>(claimed, data, size);
            break;
        default:
            check<kith_outcome>(claimed, data, size);
    }
    return 0;
}
