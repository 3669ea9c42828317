// Goal: the hashes are XXH3 as published, so files and keys mean the same everywhere. Method: the
// golden values of xxHash's own sanity test (seed 0, its generated buffer).
#include "base/hash.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace kith::base {
namespace {

// The buffer of xxHash's sanity test.
std::vector<std::byte> sanity_buffer(std::size_t size) {
    std::vector<std::byte> buffer(size);
    std::uint64_t generator = 2654435761;
    for (auto &byte : buffer) {
        byte = static_cast<std::byte>(generator >> 56);
        generator *= 11400714785074694797u;
    }
    return buffer;
}

TEST(Hash, PublishedVectors64) {
    const std::pair<std::size_t, std::uint64_t> vectors[] = {
        {0, 0x2D06800538D394C2},   {1, 0xC44BDFF4074EECDB},    {6, 0x27B56A84CD2D7325},
        {12, 0xA713DAF0DFBB77E7},  {24, 0xA3FE70BF9D3510EB},   {48, 0x397DA259ECBA1F11},
        {80, 0xBCDEFBBB2C47C90A},  {195, 0xCD94217EE362EC3A},  {403, 0xCDEB804D65C6DEA4},
        {512, 0x617E49599013CB6B}, {2048, 0xDD59E2C3A5F038E0},
    };
    for (const auto &[size, expected] : vectors) EXPECT_EQ(hash64(sanity_buffer(size)), expected) << size;
}

TEST(Hash, PublishedVectors128) {
    const std::pair<std::size_t, Hash128> vectors[] = {
        {0, {0x99AA06D3014798D8, 0x6001C324468D497F}},    {1, {0xA6CD5E9392000F6A, 0xC44BDFF4074EECDB}},
        {6, {0x082AFE0B8162D12A, 0x3E7039BDDA43CFC6}},    {12, {0x6E3EFD8FC7802B18, 0x061A192713F69AD9}},
        {24, {0x0CE966E4678D3761, 0x1E7044D28B1B901D}},   {48, {0xA002AC4E5478227E, 0xF942219AED80F67B}},
        {403, {0x1B6DE21E332DD73D, 0xCDEB804D65C6DEA4}},  {512, {0x18D2D110DCC9BCA1, 0x617E49599013CB6B}},
        {2048, {0xF736557FD47073A5, 0xDD59E2C3A5F038E0}},
    };
    for (const auto &[size, expected] : vectors) EXPECT_EQ(hash128(sanity_buffer(size)), expected) << size;
}

TEST(Hash, HexIsTheCanonicalForm) {
    EXPECT_EQ(to_hex(hash128({})), "99aa06d3014798d86001c324468d497f");
    EXPECT_EQ(to_hex({1, 0xF}), "0000000000000001000000000000000f");
}

}  // namespace
}  // namespace kith::base
