#include "engine/stale.hpp"

#include <algorithm>
#include <set>

#include "index/keys.hpp"
#include "record/record.hpp"

namespace kith::engine {

using store::Table;

namespace {

class Search {
public:
    Search(const Snapshot &snapshot, Problems &problems) : reader_(snapshot.reader()), problems_(problems) {}

    base::Result<void> feed();
    base::Result<void> provenance();

private:
    base::Result<void> check(const model::Change &change);
    template <class Decode>
    base::Result<void> row_of(Table table, const model::Change &change, Decode decode) {
        const auto key = index::by_number(change.name);
        KITH_LET(row, reader_.get(table, key));
        if (row) older(table, key, decode(change.name, row->payload).changed, change.stamp);
        return {};
    }
    base::Result<std::uint64_t> newest_identifier(const base::Id &party) const;
    void older(Table table, base::Bytes key, std::uint64_t stamp, std::uint64_t told);

    const store::Reader &reader_;
    std::set<std::pair<Table, std::string>> told_;
    Problems &problems_;
};

void Search::older(Table table, base::Bytes key, std::uint64_t stamp, std::uint64_t told) {
    if (stamp >= told || !told_.emplace(table, base::text_of(key)).second) return;
    problems_.add(table, key, "the record of this id is older than its last change");
}

base::Result<void> Search::check(const model::Change &change) {
    switch (change.kind) {
        case model::ChangeKind::party: {
            KITH_LET(row, reader_.get(Table::parties, index::row(change.party, index::Tag::party)));
            if (row)
                older(Table::parties, change.party.view(),
                      record::decode_party(change.party, row->payload).changed, change.stamp);
            break;
        }
        case model::ChangeKind::identifier: {
            KITH_LET(stamp, newest_identifier(change.party));
            older(Table::parties, change.party.view(), stamp, change.stamp);
            break;
        }
        case model::ChangeKind::commitment: {
            KITH_LET(row, reader_.get(Table::rows, index::commitment(change.party, change.record)));
            if (row)
                older(Table::rows, change.record.view(),
                      record::decode_commitment(change.party, change.record, row->payload).stamp,
                      change.stamp);
            break;
        }
        case model::ChangeKind::product:
            return row_of(Table::products, change, record::decode_product);
        case model::ChangeKind::actor:
            return row_of(Table::actors, change, record::decode_actor);
        case model::ChangeKind::campaign:
            return row_of(Table::campaigns, change, record::decode_campaign);
        default:  // scores, links, interactions, transitions and definitions are never rewritten; a process
                  // follows from its log
            break;
    }
    return {};
}

base::Result<std::uint64_t> Search::newest_identifier(const base::Id &party) const {
    const auto prefix = index::row(party, index::Tag::identifier);
    std::uint64_t newest = 0;
    KITH_LET(cursor, reader_.cursor(Table::parties));
    KITH_LET(found, cursor.seek(prefix));
    while (found && index::starts_with(cursor.key(), prefix)) {
        KITH_LET(row, cursor.value());
        newest = std::max(newest, record::decode_identifier(party, 0, 0, row.payload).stamp);
        KITH_LET(more, cursor.next());
        found = more;
    }
    return newest;
}

base::Result<void> Search::feed() {
    KITH_LET(cursor, reader_.cursor(Table::feed));
    KITH_LET(found, cursor.first());
    std::vector<model::Change> changes;
    while (found) {
        KITH_LET(row, cursor.value());
        changes.clear();
        record::decode_changes(base::load_big64(cursor.key().data()), row.payload, changes);
        for (const auto &change : changes) KITH_TRY(check(change));
        KITH_LET(more, cursor.next());
        found = more;
    }
    return {};
}

// Who said what of a party: written with each of its changes.
base::Result<void> Search::provenance() {
    KITH_LET(cursor, reader_.cursor(Table::provenance));
    KITH_LET(found, cursor.first());
    while (found) {
        const auto party = base::Id::from(cursor.key());
        KITH_LET(row, cursor.value());
        KITH_LET(of, reader_.get(Table::parties, index::row(party, index::Tag::party)));
        std::uint64_t newest = 0;
        for (const auto &source : record::decode_provenance(row.payload))
            newest = std::max(newest, source.stamp);
        if (of)
            older(Table::provenance, party.view(), newest, record::decode_party(party, of->payload).changed);
        KITH_LET(more, cursor.next());
        found = more;
    }
    return {};
}

}  // namespace

base::Result<void> find_stale_records(const Snapshot &snapshot, Problems &problems) {
    Search search(snapshot, problems);
    KITH_TRY(search.feed());
    return search.provenance();
}

}  // namespace kith::engine
