#include "engine/commitment_reads.hpp"

#include <algorithm>
#include <map>
#include <queue>
#include <set>

#include "engine/subject.hpp"
#include "engine/tokens.hpp"
#include "index/keys.hpp"
#include "record/record.hpp"

namespace kith::engine {

using store::Table;

namespace {

constexpr int kActorsAbove = 1000;

QueueEntry queue_entry_of(base::Bytes payload) {
    QueueEntry entry;
    if (payload.size() == sizeof entry) std::memcpy(&entry, payload.data(), sizeof entry);
    return entry;
}

// The assignees that have something open, each found by one seek.
base::Result<std::vector<model::Name>> assignees(const store::Reader &reader) {
    std::vector<model::Name> all;
    KITH_LET(cursor, reader.cursor(Table::due_commitments));
    KITH_LET(found, cursor.first());
    while (found) {
        all.push_back(index::queue_key(cursor.key()).assignee);
        if (all.back() == UINT32_MAX) break;
        KITH_LET(more, cursor.seek(index::queue_of(all.back() + 1)));
        found = more;
    }
    return all;
}

// What one assignee has, next by next.
struct Lane {
    store::Cursor cursor;
    index::QueueKey at;
};

// By due time, then id: the order of a page, and its token.
auto order_of(const index::QueueKey &key) { return std::pair(key.due, key.commitment); }

}  // namespace

base::Result<CommitmentRead> read_commitment(const store::Reader &reader, const base::Id &party,
                                             const base::Id &id, base::Bytes payload) {
    CommitmentRead read;
    read.commitment = record::decode_commitment(party, id, payload);
    KITH_LET(aside, reader.get(Table::personal, index::commitment(party, id)));
    if (aside) read.personal = record::decode_commitment_personal(aside->payload);
    return read;
}

base::Result<CommitmentRead> CommitmentReads::read(const base::Id &party, const base::Id &id) const {
    KITH_LET(row, reader_.get(Table::rows, index::commitment(party, id)));
    if (!row) return base::fail(base::Status::corrupt, "a commitment's record is missing: run kith verify");
    return read_commitment(reader_, party, id, row->payload);
}

base::Result<std::optional<CommitmentRead>> CommitmentReads::commitment(const base::Id &id) const {
    KITH_LET(owner, reader_.get(Table::subjects, index::by_id(id)));
    if (!owner) return std::optional<CommitmentRead>();
    const auto party = base::Id::from(owner->payload);
    KITH_LET(row, reader_.get(Table::rows, index::commitment(party, id)));
    if (!row) return std::optional<CommitmentRead>();  // the id is a process's
    KITH_LET(found, read_commitment(reader_, party, id, row->payload));
    return std::optional(found);
}

base::Result<Page<CommitmentRead>> CommitmentReads::queue(const QueueQuery &query, std::string_view resume,
                                                          std::size_t items_max) const {
    Page<CommitmentRead> page;
    if (!resume.empty() && resume.size() != 24) return bad_token();
    auto of = query.of.value_or(std::vector<model::Name>());
    if (!query.of) {
        KITH_LET(all, assignees(reader_));
        of = std::move(all);
    }
    std::vector<Lane> lanes;
    const auto later = [&](std::size_t a, std::size_t b) {
        return order_of(lanes[a].at) > order_of(lanes[b].at);
    };
    std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> next(later);
    const auto settle_lane = [&](std::size_t lane, model::Name assignee, bool found) {
        if (!found) return;
        auto &at = lanes[lane].at;
        at = index::queue_key(lanes[lane].cursor.key());
        if (at.assignee == assignee && at.due <= query.until.value_or(INT64_MAX)) next.push(lane);
    };
    lanes.reserve(of.size());
    for (const auto assignee : of) {
        KITH_LET(cursor, reader_.cursor(Table::due_commitments));
        const auto start = index::queue_of(assignee).add(base::bytes_of(resume));
        KITH_LET(found, cursor.seek(start));
        if (found && !resume.empty() && base::compare(cursor.key(), start) == 0) {
            KITH_LET(more, cursor.next());
            found = more;
        }
        lanes.push_back({std::move(cursor), {}});
        settle_lane(lanes.size() - 1, assignee, found);
    }
    while (!next.empty() && page.items.size() < items_max) {
        const auto lane = next.top();
        next.pop();
        auto &[cursor, at] = lanes[lane];
        KITH_LET(value, cursor.value());
        const auto entry = queue_entry_of(value.payload);
        if ((!query.filter.sort || static_cast<std::uint32_t>(*query.filter.sort) == entry.sort) &&
            (query.filter.kind == 0 || query.filter.kind == entry.kind)) {
            KITH_LET(read, this->read(entry.party, at.commitment));
            page.items.push_back(read);
            page.resume = token(cursor.key().subspan(8));
        }
        const auto assignee = at.assignee;
        KITH_LET(more, cursor.next());
        settle_lane(lane, assignee, more);
    }
    return page;
}

base::Result<Page<CommitmentRead>> CommitmentReads::of_party(const base::Id &party,
                                                             const CommitmentFilter &filter,
                                                             std::string_view resume,
                                                             std::size_t items_max) const {
    Page<CommitmentRead> page;
    const auto prefix = index::row(party, index::Tag::commitment);
    if (!resume.empty() && !index::starts_with(base::bytes_of(resume), prefix)) return bad_token();
    KITH_LET(cursor, reader_.cursor(Table::rows));
    KITH_LET(found, begin_after(cursor, prefix, resume));
    while (found && page.items.size() < items_max && index::starts_with(cursor.key(), prefix)) {
        KITH_LET(row, cursor.value());
        KITH_LET(read,
                 read_commitment(reader_, party, base::Id::from(cursor.key().subspan(24, 16)), row.payload));
        const auto &one = read.commitment;
        if ((!filter.sort || one.sort == *filter.sort) && (!filter.state || one.state == *filter.state) &&
            (filter.kind == 0 || one.kind == filter.kind)) {
            page.items.push_back(read);
            page.resume = token(cursor.key());
        }
        KITH_LET(more, cursor.next());
        found = more;
    }
    return page;
}

base::Result<std::vector<model::Name>> CommitmentReads::team(model::Name actor) const {
    std::multimap<model::Name, model::Name> below;
    KITH_LET(cursor, reader_.cursor(Table::actors));
    KITH_LET(found, cursor.first());
    while (found) {
        KITH_LET(row, cursor.value());
        const auto code = static_cast<model::Name>(base::load_big64(cursor.key().data()));
        below.emplace(record::decode_actor(code, row.payload).part_of, code);
        KITH_LET(more, cursor.next());
        found = more;
    }
    std::set<model::Name> seen{actor};
    std::vector<model::Name> all{actor};
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (auto [one, end] = below.equal_range(all[i]); one != end; ++one) {
            if (seen.insert(one->second).second) all.push_back(one->second);
        }
    }
    return all;
}

base::Result<ResultTable> CommitmentReads::counts(base::Micros now) const {
    struct Count {
        std::int64_t open = 0, late = 0, open_all = 0, late_all = 0;
    };
    std::map<model::Name, Count> counts;
    KITH_LET(cursor, reader_.cursor(Table::due_commitments));
    KITH_LET(found, cursor.first());
    while (found) {
        const auto key = index::queue_key(cursor.key());
        auto &own = counts[key.assignee];
        ++own.open;
        own.late += key.due < now ? 1 : 0;
        KITH_LET(more, cursor.next());
        found = more;
    }
    KITH_LET(root, snapshot_.store().names().find(reader_, model::kSelf));
    const auto own = counts;
    for (const auto &[actor, count] : own) {
        auto at = actor;
        for (int depth = 0; depth < kActorsAbove; ++depth) {
            auto &above = counts[at];
            above.open_all += count.open;
            above.late_all += count.late;
            if (at == 0 || at == root) break;  // the enterprise, or nobody: that is of no team
            KITH_LET(row, reader_.get(Table::actors, index::by_number(at)));
            at = row ? record::decode_actor(at, row->payload).part_of : 0;
            if (at == 0) {
                if (!root) break;
                at = *root;
            }
        }
    }
    ResultTable table;
    for (const char *name : {"actor", "open", "late", "open_all", "late_all"}) {
        auto &column = table.columns.emplace_back();
        column.name = name;
        column.type = table.columns.size() == 1 ? Column::Type::text : Column::Type::integer;
    }
    std::vector<std::pair<std::string, Count>> rows;
    for (const auto &[actor, count] : counts) {
        if (actor == 0) continue;
        KITH_LET(called, snapshot_.text(actor));
        rows.emplace_back(called, count);
    }
    std::sort(rows.begin(), rows.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
    if (counts.contains(0)) rows.emplace_back("", counts[0]);
    for (const auto &[actor, count] : rows) {
        table.columns[0].texts.push_back(actor);
        table.columns[0].present.push_back(actor.empty() ? 0 : 1);
        table.columns[1].ints.push_back(count.open);
        table.columns[2].ints.push_back(count.late);
        table.columns[3].ints.push_back(count.open_all);
        table.columns[4].ints.push_back(count.late_all);
    }
    return table;
}

}  // namespace kith::engine
