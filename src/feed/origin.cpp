#include "feed/origin.hpp"

#include <algorithm>
#include <cstring>

#include "index/keys.hpp"

namespace kith::feed {

using store::Table;

namespace {

struct Stored {
    std::uint64_t epoch = 0;  // 1 for the first origin of a file, one more for each after it
    base::Micros since = 0;
    std::array<char, 256> device{};
};

}  // namespace

base::Result<OriginRow> mint_origin(const store::Reader &reader, std::uint32_t random,
                                    std::string_view device, base::Micros now) {
    // Never used twice in a file; between files, 32 random bits and the row's epoch tell.
    OriginRow row;
    row.origin = std::max<std::uint32_t>(random, 1);
    while (true) {
        KITH_LET(taken, reader.get(Table::origins, index::by_number(row.origin)));
        if (!taken) break;
        row.origin = row.origin == UINT32_MAX ? 1 : row.origin + 1;
    }
    KITH_LET(before, reader.count(Table::origins));
    Stored stored;
    stored.epoch = before + 1;
    stored.since = now;
    std::memcpy(stored.device.data(), device.data(), std::min(device.size(), stored.device.size() - 1));
    static_assert(sizeof stored == sizeof row.payload);
    std::memcpy(row.payload.data(), &stored, sizeof stored);
    return row;
}

}  // namespace kith::feed
