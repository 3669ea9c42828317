// Which links stand: the later record between the same ends, unless it takes the one before back.
#pragma once

#include <functional>
#include <vector>

#include "model/score.hpp"
#include "store/store.hpp"

namespace kith::engine {

// Appends those whose keys begin so, as they stand in table `links`.
base::Result<void> read_links(const store::Reader &reader, base::Bytes prefix, std::vector<model::Link> &out);

// The same of links to a party, whose keys in table `linked` begin so.
base::Result<void> read_linked(const store::Reader &reader, base::Bytes prefix,
                               std::vector<model::Link> &out);

// One for each pair of ends and kind, in order of key.
std::vector<model::Link> standing_links(std::vector<model::Link> all);

inline bool same_link(const model::Link &a, const model::Link &b) {
    return a.valid_from == b.valid_from && a.valid_to == b.valid_to && a.stance == b.stance &&
           a.strength == b.strength;
}

// From whom a link of a tree is looked at upwards, and to whom: of `member_of` the group is above, of others
// the party it comes from. Ancestors are few, descendants many.
struct TreeEnds {
    base::Id above, below;
};
inline TreeEnds tree_ends(const model::LinkKey &key) {
    if (key.kind == model::LinkKind::member_of) return {key.to, key.from.party};
    return {key.from.party, key.to};
}

// Whether the link closes a cycle: links that hold at one time lead up from what is above it to what is
// below. `up` gives the standing links of its kind by which a party hangs under others.
using LinksUp = std::function<base::Result<std::vector<model::Link>>(const base::Id &)>;
base::Result<bool> closes_cycle(const model::Link &link, const LinksUp &up);

}  // namespace kith::engine
