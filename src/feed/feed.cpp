#include "feed/feed.hpp"

#include "index/keys.hpp"
#include "record/record.hpp"

namespace kith::feed {

base::Result<std::vector<model::Change>> read(const store::Reader &reader, std::uint64_t first,
                                              std::uint64_t last, std::uint64_t after_seq,
                                              std::size_t items_max) {
    if (first > 1 && after_seq < first - 1) {
        return base::fail(base::Status::feed_gap, "the feed is kept from sequence " + std::to_string(first) +
                                                      " on: read the records anew, then go on from there");
    }
    std::vector<model::Change> changes;
    if (after_seq >= last) return changes;
    // The row that holds the next sequence begins at it or before it.
    KITH_LET(cursor, reader.cursor(store::Table::feed));
    KITH_LET(found, cursor.seek_before(index::by_number(after_seq + 2)));
    std::vector<model::Change> row_changes;
    while (found && changes.size() < items_max) {
        KITH_LET(row, cursor.value());
        row_changes.clear();
        record::decode_changes(base::load_big64(cursor.key().data()), row.payload, row_changes);
        for (const auto &change : row_changes) {
            if (change.seq > after_seq && changes.size() < items_max) changes.push_back(change);
        }
        KITH_LET(more, cursor.next());
        found = more;
    }
    return changes;
}

}  // namespace kith::feed
