#include "engine/links.hpp"

#include <algorithm>
#include <map>
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

base::Result<void> read_linked(const store::Reader &reader, base::Bytes prefix,
                               std::vector<model::Link> &out) {
    KITH_LET(cursor, reader.cursor(store::Table::linked));
    KITH_LET(found, cursor.seek(index::Key().add(prefix).pad()));
    while (found && index::starts_with(cursor.key(), prefix)) {
        if (cursor.key().size() == index::kLinkKeyBytes) {
            const auto key = index::linked_key(cursor.key());
            KITH_LET(row, reader.get(store::Table::links, index::link(key)));
            if (!row) return base::fail(base::Status::corrupt, "a link's record is missing: run kith verify");
            out.push_back(record::decode_link(key, row->payload));
        }
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

base::Result<bool> closes_cycle(const model::Link &link, const LinksUp &up) {
    constexpr std::size_t kLooked = 100'000;
    struct Step {
        base::Id party;
        base::Micros from, until;
    };
    const auto ends = tree_ends(link.key);
    std::vector<Step> steps = {
        {ends.above, link.valid_from.value_or(INT64_MIN), link.valid_to.value_or(INT64_MAX)}};
    std::map<base::Id, std::vector<Step>> seen;
    for (std::size_t looked_at = 0; !steps.empty();) {
        const auto step = steps.back();
        steps.pop_back();
        if (step.party == ends.below) return true;
        auto &before = seen[step.party];
        if (std::ranges::any_of(before,
                                [&](const Step &b) { return b.from <= step.from && step.until <= b.until; }))
            continue;
        before.push_back(step);
        KITH_LET(onward, up(step.party));
        if ((looked_at += onward.size()) > kLooked)
            return base::fail(base::Status::limit,
                              "too many links stand above this one to see whether it closes a cycle");
        for (const auto &next : onward) {
            const Step there = {tree_ends(next.key).above,
                                std::max(step.from, next.valid_from.value_or(INT64_MIN)),
                                std::min(step.until, next.valid_to.value_or(INT64_MAX))};
            if (there.from < there.until) steps.push_back(there);
        }
    }
    return false;
}

}  // namespace kith::engine
