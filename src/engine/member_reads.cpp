// Who is in which segment of parties, as it is kept: nothing is worked out, nothing is counted.
#include "engine/reads.hpp"
#include "engine/subject.hpp"
#include "engine/tokens.hpp"
#include "engine/values.hpp"
#include "index/keys.hpp"

namespace kith::engine {

using base::Status;
using store::Table;

base::Result<std::optional<SegmentRead>> Reads::segment(std::string_view name) const {
    KITH_LET(catalog, snapshot_.catalog());
    const auto place = catalog->values->segments.find(name);
    if (!place) return std::optional<SegmentRead>();
    const auto &installed = catalog->values->segments.items[*place];
    if (!installed.watch) {
        return base::fail(Status::argument,
                          "members are kept of segments of parties only: ask for the "
                          "values of its subjects that are in_segment(...)");
    }
    SegmentRead read;
    KITH_LET(code, snapshot_.store().names().find(reader_, name));
    read.name = code.value_or(0);
    std::optional<store::Value> row;
    if (read.name != 0) {
        KITH_LET(found, reader_.get(Table::members, index::members_of(read.name)));
        row = found;
    }
    if (row) {
        const auto stored = decode_segment(row->payload);
        read.count = stored.count;
        read.is_built = stored.version == installed.version && stored.built_through == last_party();
    } else {
        KITH_LET(parties, reader_.count(Table::counters));
        read.is_built = parties == 0;
    }
    return std::optional(read);
}

base::Result<std::optional<Page<MemberRead>>> Reads::members(std::string_view name, std::string_view resume,
                                                             std::size_t items_max) const {
    KITH_LET(known, segment(name));
    if (!known) return std::optional<Page<MemberRead>>();
    Page<MemberRead> page;
    if (known->name == 0) return std::optional(std::move(page));
    const auto prefix = index::members_of(known->name);
    KITH_LET(cursor, reader_.cursor(Table::members));
    KITH_LET(found, begin_after(cursor, index::member(known->name, {}), resume));
    while (found && page.items.size() < items_max && index::starts_with(cursor.key(), prefix)) {
        KITH_LET(row, cursor.value());
        if (cursor.key().size() != prefix.view().size() + sizeof(base::Id) ||
            row.payload.size() != sizeof(base::Micros)) {
            return base::fail(Status::corrupt, "a member of a segment is damaged: run kith verify");
        }
        MemberRead member{base::Id::from(cursor.key().subspan(prefix.view().size())), known->name, 0, true};
        std::memcpy(&member.since, row.payload.data(), sizeof member.since);
        page.items.push_back(member);
        page.resume = token(cursor.key());
        KITH_LET(more, cursor.next());
        found = more;
    }
    return std::optional(std::move(page));
}

base::Result<std::vector<MemberRead>> Reads::memberships(const base::Id &party) const {
    std::vector<MemberRead> all;
    KITH_TRY(each_stored(party, [&](const StoredProcess &stored) -> base::Result<void> {
        if (!is_membership(stored.id)) return {};
        const auto membership = decode_membership(stored.record);
        all.push_back({party, segment_of(stored.id), membership.since, membership.member != 0});
        return {};
    }));
    return all;
}

base::Result<std::optional<StoredMembership>> Reads::watched(const base::Id &party, model::Name rule) const {
    std::optional<StoredMembership> found;
    const auto id = watched_id(Watched::rule, rule);
    KITH_TRY(each_stored(party, [&](const StoredProcess &stored) -> base::Result<void> {
        if (stored.id == id) found = decode_membership(stored.record);
        return {};
    }));
    return found;
}

base::Result<std::vector<model::Transition>> Reads::membership_log(const base::Id &party,
                                                                   model::Name segment) const {
    return transitions(party, membership_id(segment));
}

}  // namespace kith::engine
