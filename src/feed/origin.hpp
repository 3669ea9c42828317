// Origins: under which number a file counts its changes. (origin, number) names one change for ever, in
// every replica, so a file that is restored or cloned goes on under a new origin.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "store/store.hpp"

namespace kith::feed {

// A row of table `origins`, to be put by the caller.
struct OriginRow {
    std::uint32_t origin = 0;
    std::array<std::byte, 272> payload{};
};

// An origin this file has not used, from `random`; its numbers start at 1.
base::Result<OriginRow> mint_origin(const store::Reader &reader, std::uint32_t random,
                                    std::string_view device, base::Micros now);

}  // namespace kith::feed
