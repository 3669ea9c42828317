#include "engine/meta.hpp"

#include <algorithm>
#include <cstring>

#include "index/keys.hpp"

namespace kith::engine {
namespace {

using base::Status;
using store::Table;

const index::Key kStateKey = index::Key().add64(1);
const index::Key kConfigKey = index::Key().add64(2);

constexpr std::size_t kFirstSize = 128;  // of the meta row, before it grew

struct StoredConfig {
    std::uint32_t currency = 0;
    std::uint32_t reserved = 0;
    std::array<char, 64> time_zone{};
    std::array<char, 256> device{};
};

template <std::size_t N>
void copy_text(std::array<char, N> &out, std::string_view text) {
    std::memcpy(out.data(), text.data(), std::min(N - 1, text.size()));
}

}  // namespace

base::Result<Meta> read_meta(const store::Reader &reader) {
    KITH_LET(row, reader.get(Table::meta, kStateKey));
    if (!row) return base::fail(Status::format, "this is an LMDB file, but not a kith file");
    Meta meta;
    if (row->payload.size() < kFirstSize)
        return base::fail(Status::corrupt, "the file's meta row is too short");
    std::memcpy(&meta, row->payload.data(), std::min(sizeof meta, row->payload.size()));
    if (meta.format > kFormat) {
        return base::fail(Status::format_newer, "the file has format " + std::to_string(meta.format) +
                                                    ", this kith reads up to " + std::to_string(kFormat) +
                                                    ": use a newer kith");
    }
    return meta;
}

base::Result<void> check_writable(const Meta &meta) {
    if ((meta.must_understand & ~kUnderstood) == 0) return {};
    return base::fail(Status::format_newer,
                      "the file uses features of a newer kith: this one may only read it");
}

std::uint64_t stamp_of_meta(base::Bytes key, base::Bytes payload) {
    Meta meta;
    if (base::compare(key, kStateKey) != 0 || payload.size() < kFirstSize) return 0;
    std::memcpy(&meta, payload.data(), std::min(sizeof meta, payload.size()));
    return meta.stamp;
}

base::Result<void> write_meta(store::Writer &writer, const Meta &meta) {
    return writer.put(Table::meta, kStateKey, base::bytes_of_object(meta));
}

base::Result<Config> read_config(const store::Reader &reader) {
    KITH_LET(row, reader.get(Table::meta, kConfigKey));
    StoredConfig stored;
    if (!row || row->payload.size() != sizeof stored) {
        return base::fail(Status::corrupt, "the file's settings are missing: restore a backup");
    }
    std::memcpy(&stored, row->payload.data(), sizeof stored);
    return Config{base::Currency(stored.currency), stored.time_zone.data(), stored.device.data()};
}

base::Result<void> write_config(store::Writer &writer, const Config &config) {
    StoredConfig stored;
    stored.currency = config.currency.packed();
    copy_text(stored.time_zone, config.time_zone);
    copy_text(stored.device, config.device);
    return writer.put(Table::meta, kConfigKey, base::bytes_of_object(stored));
}

}  // namespace kith::engine
