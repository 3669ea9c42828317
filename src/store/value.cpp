#include "store/value.hpp"

#include <cstdint>
#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace kith::store {

using base::Bytes;
using base::Status;

namespace {

struct Header {
    std::uint32_t checksum;
    std::uint16_t schema;
    std::uint8_t flags;
    std::uint8_t padding;
};
static_assert(sizeof(Header) == kHeaderSize);

constexpr std::size_t kChecksumSize = sizeof(std::uint32_t);

[[gnu::cold]] base::Error damaged(Table table) {
    return base::fail(Status::corrupt, std::string("a row of table ") + table_name(table) +
                                           " is damaged: verify the file, then restore a backup");
}

bool padding_is_zero(Bytes stored, std::size_t padding) {
    std::uint64_t last;
    std::memcpy(&last, stored.data() + stored.size() - sizeof last, sizeof last);
    return padding == 0 || (padding < 8 && last >> (8 * (8 - padding)) == 0);
}

}  // namespace

std::uint32_t checksum_of(Table table, Bytes key, Bytes after_checksum) {
    const auto seed = XXH3_64bits_withSeed(key.data(), key.size(), static_cast<XXH64_hash_t>(table));
    return static_cast<std::uint32_t>(
        XXH3_64bits_withSeed(after_checksum.data(), after_checksum.size(), seed));
}

base::Result<Value> unseal(Table table, Bytes key, Bytes stored) {
    // Size and alignment first: a damaged page may give anything.
    if (stored.size() < kHeaderSize || stored.size() % 8 != 0 ||
        reinterpret_cast<std::uintptr_t>(stored.data()) % 8 != 0)
        return damaged(table);
    Header header;
    std::memcpy(&header, stored.data(), sizeof header);
    const std::size_t size = stored.size() - kHeaderSize;
    if (header.checksum != checksum_of(table, key, stored.subspan(kChecksumSize)) || header.flags != 0 ||
        header.padding > size || !padding_is_zero(stored, header.padding))
        return damaged(table);
    return Value{stored.subspan(kHeaderSize, size - header.padding), header.schema};
}

Sealed::Sealed(Table table, Bytes key, Bytes payload, std::uint16_t schema)
    : key_size_(key.size()), stored_size_(kHeaderSize + base::round_up_8(payload.size())), bytes_(small_) {
    if (key_size_ + stored_size_ > sizeof small_) {
        large_.resize(key_size_ + stored_size_);
        bytes_ = large_.data();
    }
    std::memcpy(bytes_, key.data(), key.size());
    std::byte *const stored = bytes_ + key_size_;
    std::memset(stored + stored_size_ - 8, 0, 8);
    if (!payload.empty()) std::memcpy(stored + kHeaderSize, payload.data(), payload.size());
    Header header{0, schema, 0, static_cast<std::uint8_t>(stored_size_ - kHeaderSize - payload.size())};
    std::memcpy(stored, &header, sizeof header);
    header.checksum = checksum_of(table, this->key(), this->stored().subspan(kChecksumSize));
    std::memcpy(stored, &header, sizeof header);
}

const char *table_name(Table table) {
    static constexpr const char *kNames[kTables] = {
        "meta",        "origins",   "names",       "rows",     "counters", "personal", "provenance",
        "claims",      "host_refs", "corrected",   "subjects", "states",   "timers",   "due_commitments",
        "occurrences", "feed",      "definitions", "parties",  "facts",    "products", "actors",
        "campaigns",   "scores",    "links",       "linked",   "measures", "sums",     "values",
        "references",  "members",   "rules",       "requests", "runs"};
    const auto number = static_cast<int>(table);
    return number >= 1 && number <= kTables ? kNames[number - 1] : "?";
}

}  // namespace kith::store
