// Which links stand: the later record between the same ends, unless it takes the one before back.
#pragma once

#include <vector>

#include "model/score.hpp"
#include "store/store.hpp"

namespace kith::engine {

// Appends those whose keys begin so, as they stand in table `links`.
base::Result<void> read_links(const store::Reader &reader, base::Bytes prefix, std::vector<model::Link> &out);

// One for each pair of ends and kind, in order of key.
std::vector<model::Link> standing_links(std::vector<model::Link> all);

inline bool same_link(const model::Link &a, const model::Link &b) {
    return a.valid_from == b.valid_from && a.valid_to == b.valid_to && a.stance == b.stance &&
           a.strength == b.strength;
}

}  // namespace kith::engine
