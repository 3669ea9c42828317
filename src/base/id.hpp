// Record ids: UUIDv7 (RFC 9562), 16 bytes, ordered by time of making.
#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace kith::base {

struct Id {
    std::array<std::byte, 16> bytes{};

    auto operator<=>(const Id &) const = default;
    explicit operator bool() const { return *this != Id{}; }
    Bytes view() const { return bytes; }
    static Id from(Bytes sixteen) {
        Id id;
        std::memcpy(id.bytes.data(), sixteen.data(), id.bytes.size());
        return id;
    }
};

// "0192f0c1-...": 36 characters, lower case.
std::string to_text(const Id &id);
std::optional<Id> parse_id(std::string_view text);

// The id for `now_ms` with `random` bits, but always greater than `last`: in the same millisecond,
// or with a clock set back, it is `last` plus one.
Id next_id(const Id &last, std::int64_t now_ms, const std::array<std::byte, 10> &random);

}  // namespace kith::base
