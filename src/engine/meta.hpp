// The file's own rows in table `meta`: what never changes (config), and what every transaction and
// snapshot reads first (state).
#pragma once

#include <array>
#include <string>

#include "base/id.hpp"
#include "base/money.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "store/store.hpp"

namespace kith::engine {

inline constexpr std::uint32_t kFormat = 1;

// Bits of must_understand that this kith does.
inline constexpr std::uint32_t kErasurePending = 1;
inline constexpr std::uint32_t kUnderstood = kErasurePending;

// Laid out as stored. It grows at its end, and a field appended comes with a bit of must_understand.
struct Meta {
    std::uint32_t format = kFormat;
    std::uint32_t must_understand = 0;  // bits; an unknown one means read-only
    std::uint64_t definitions_revision = 0;
    std::uint64_t identity_revision = 0;
    std::uint32_t origin = 0;  // 0: a backup, which gets one of its own with its first change
    std::uint32_t number = 0;  // last used under this origin
    std::uint64_t stamp = 0;   // of the last commit
    base::Id last_id;
    std::uint64_t feed_first = 0;  // oldest sequence kept, 0 if empty
    std::uint64_t feed_last = 0;
    std::uint32_t last_name = 0;  // last code used in table `names`
    std::uint32_t reserved = 0;
    base::Micros due_through = base::kMinTime;
    base::Micros effects_from = INT64_MIN;   // causes before it open no commitments
    std::array<char, 16> tz_version{};       // whose rules derived rows follow
    std::array<char, 16> unicode_version{};  // whose tables normalised keys follow
    base::Micros erasure_pending_since = 0;  // 0: what was erased is in no page of the file any more

    void set_erasure_pending(base::Micros since) {
        erasure_pending_since = since;
        must_understand = (must_understand & ~kErasurePending) | (since != 0 ? kErasurePending : 0);
    }
};
static_assert(sizeof(Meta) == 136);

struct Config {
    base::Currency currency;
    std::string time_zone;
    std::string device;
};

base::Result<Meta> read_meta(const store::Reader &reader);
base::Result<void> check_writable(const Meta &meta);                // also to be copied
std::uint64_t stamp_of_meta(base::Bytes key, base::Bytes payload);  // 0: it is another row
base::Result<void> write_meta(store::Writer &writer, const Meta &meta);

base::Result<Config> read_config(const store::Reader &reader);
base::Result<void> write_config(store::Writer &writer, const Config &config);

}  // namespace kith::engine
