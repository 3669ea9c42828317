// What parties are called in tables.
#pragma once

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "base/text.hpp"
#include "engine/reads.hpp"
#include "index/keys.hpp"

namespace kith::engine {

// What parties are called, for questions in order of id. Most parties have one host key: these are read
// in one walk of table claims, which is many times faster than finding each.
class HostKeys {
public:
    static base::Result<HostKeys> read(const Snapshot &snapshot) {
        HostKeys keys(snapshot);
        KITH_LET(cursor, snapshot.reader().cursor(store::Table::claims));
        KITH_LET(found, cursor.first());
        while (found) {
            if (index::is_host_claim(cursor.key())) {
                KITH_LET(row, cursor.value());
                keys.all_.push_back({base::load_big64(row.payload.data()),
                                     base::load_big64(row.payload.data() + 8),
                                     index::claim_text(cursor.key())});
            }
            KITH_LET(more, cursor.next());
            found = more;
        }
        std::sort(keys.all_.begin(), keys.all_.end(), [](const auto &a, const auto &b) {
            return std::tie(a.high, a.low) < std::tie(b.high, b.low);
        });
        return keys;
    }

    // The host key the party came with first, else its id.
    base::Result<std::string> of(const base::Id &party) {
        const auto high = base::load_big64(party.bytes.data()),
                   low = base::load_big64(party.bytes.data() + 8);
        while (next_ < all_.size() && std::tie(all_[next_].high, all_[next_].low) < std::tie(high, low))
            ++next_;
        const auto is_its = [&](std::size_t i) {
            return i < all_.size() && all_[i].high == high && all_[i].low == low;
        };
        if (is_its(next_) && !is_its(next_ + 1) && !all_[next_].text.empty() &&
            base::is_ascii(all_[next_].text)) {  // its own normal form, and not hashed
            return std::string(all_[next_].text);
        }
        KITH_LET(key,
                 Reads(snapshot_).host_key(party));  // several, a long one, one that was normalised, or none
        return key.empty() ? base::to_text(party) : std::string(key);
    }

private:
    struct Entry {
        std::uint64_t high, low;  // the party's id
        std::string_view text;
    };
    explicit HostKeys(const Snapshot &snapshot) : snapshot_(snapshot) {}

    const Snapshot &snapshot_;
    std::vector<Entry> all_;
    std::size_t next_ = 0;
};

}  // namespace kith::engine
