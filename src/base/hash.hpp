// Hashes (XXH3, Yann Collet): fast and the same on every machine; not for secrets.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"

namespace kith::base {

struct Hash128 {
    std::uint64_t high = 0, low = 0;
    auto operator<=>(const Hash128 &) const = default;
};

Hash128 hash128(Bytes bytes);
std::uint64_t hash64(Bytes bytes);
std::string to_hex(Bytes bytes);   // two lower-case digits a byte
std::string to_hex(Hash128 hash);  // 32 lower-case digits, high half first

}  // namespace kith::base
