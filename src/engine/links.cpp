#include "engine/links.hpp"

#include <algorithm>
#include <tuple>

#include "index/keys.hpp"
#include "record/record.hpp"

namespace kith::engine {

base::Result<void> read_links(const store::Reader &reader, base::Bytes prefix,
                              std::vector<model::Link> &out) {
    KITH_LET(cursor, reader.cursor(store::Table::links));
    KITH_LET(found, cursor.seek(index::Key().add(prefix).pad()));
    while (found && index::starts_with(cursor.key(), prefix)) {
        KITH_LET(row, cursor.value());
        if (cursor.key().size() == index::kLinkKeyBytes)
            out.push_back(record::decode_link(index::link_key(cursor.key()), row.payload));
        KITH_LET(more, cursor.next());
        found = more;
    }
    return {};
}

std::vector<model::Link> standing_links(std::vector<model::Link> all) {
    const auto ends = [](const model::Link &link) {
        return std::tie(link.key.from, link.key.kind, link.key.to);
    };
    // Records of several origins order by their clock.
    std::ranges::sort(all, [&](const auto &a, const auto &b) {
        if (ends(a) != ends(b)) return ends(a) < ends(b);
        return std::tie(a.stamp, a.key.origin, a.key.number) < std::tie(b.stamp, b.key.origin, b.key.number);
    });
    std::vector<model::Link> standing;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const bool last = i + 1 == all.size() || ends(all[i]) != ends(all[i + 1]);
        if (last && !all[i].undone) standing.push_back(all[i]);
    }
    return standing;
}

}  // namespace kith::engine
