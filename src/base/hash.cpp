#include "base/hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace kith::base {

Hash128 hash128(Bytes bytes) {
    const auto hash = XXH3_128bits(bytes.data(), bytes.size());
    return {hash.high64, hash.low64};
}

std::uint64_t hash64(Bytes bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

std::string to_hex(Bytes bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(2 * bytes.size());
    for (const auto byte : bytes) {
        text += kDigits[std::to_integer<unsigned>(byte) >> 4];
        text += kDigits[std::to_integer<unsigned>(byte) & 15];
    }
    return text;
}

std::string to_hex(Hash128 hash) {
    std::byte bytes[16];
    store_big64(bytes, hash.high);
    store_big64(bytes + 8, hash.low);
    return to_hex(Bytes(bytes));
}

}  // namespace kith::base
