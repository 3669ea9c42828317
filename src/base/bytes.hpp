// Views of bytes, and big-endian integers in keys.
#pragma once

#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace kith::base {

static_assert(std::endian::native == std::endian::little && sizeof(void *) == 8,
              "kith files are 64-bit little-endian, as this machine must be");

using Bytes = std::span<const std::byte>;

inline Bytes bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::byte *>(text.data()), text.size()};
}
inline std::string_view text_of(Bytes bytes) {
    return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

template <class T>
    requires std::is_trivially_copyable_v<T> Bytes bytes_of_object(const T &object) {
        return std::as_bytes(std::span(&object, 1));
    }

inline int compare(Bytes a, Bytes b) {
    const auto common = a.size() < b.size() ? a.size() : b.size();
    if (const int order = common ? std::memcmp(a.data(), b.data(), common) : 0; order != 0) return order;
    return a.size() < b.size() ? -1 : a.size() > b.size();
}

inline void store_big32(std::byte *out, std::uint32_t value) {
    value = __builtin_bswap32(value);
    std::memcpy(out, &value, sizeof value);
}
inline void store_big64(std::byte *out, std::uint64_t value) {
    value = __builtin_bswap64(value);
    std::memcpy(out, &value, sizeof value);
}
inline std::uint32_t load_big32(const std::byte *in) {
    std::uint32_t value;
    std::memcpy(&value, in, sizeof value);
    return __builtin_bswap32(value);
}
inline std::uint64_t load_big64(const std::byte *in) {
    std::uint64_t value;
    std::memcpy(&value, in, sizeof value);
    return __builtin_bswap64(value);
}

constexpr std::size_t round_up_8(std::size_t size) { return (size + 7) & ~std::size_t{7}; }

}  // namespace kith::base
