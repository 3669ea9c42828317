// The stored form of a value: header, payload, padding (store.hpp). The checksum is the low half of
//   XXH3-64 (everything after the checksum, seed = XXH3-64 (key, seed = table number))
// so that a value is right only in its table and under its key.
#pragma once

#include <cstddef>
#include <vector>

#include "store/store.hpp"

namespace kith::store {

inline constexpr std::size_t kHeaderSize = 8;
inline constexpr std::size_t kMaxKeySize = 504;  // LMDB's 511, in multiples of 8

std::uint32_t checksum_of(Table table, base::Bytes key, base::Bytes after_checksum);

// The value in `stored`, or Status::corrupt when anything in it is not as it was sealed.
base::Result<Value> unseal(Table table, base::Bytes key, base::Bytes stored);

// A key and the value to be stored under it, copied: the caller's bytes may be views into pages that
// the write is about to move.
class Sealed {
public:
    Sealed(Table table, base::Bytes key, base::Bytes payload, std::uint16_t schema);
    base::Bytes key() const { return {bytes_, key_size_}; }
    base::Bytes stored() const { return {bytes_ + key_size_, stored_size_}; }

private:
    std::size_t key_size_, stored_size_;
    std::byte *bytes_;
    alignas(8) std::byte small_[2048];
    std::vector<std::byte> large_;
};

}  // namespace kith::store
