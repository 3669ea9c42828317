#include "engine/directory_reads.hpp"

#include "engine/links.hpp"
#include "engine/tokens.hpp"
#include "index/keys.hpp"
#include "record/record.hpp"

namespace kith::engine {

using base::Bytes;
using base::Status;
using store::Table;

namespace {

template <class Record, class Decode>
base::Result<std::optional<Record>> record_at(const store::Reader &reader, Table table, model::Name key,
                                              Decode decode) {
    KITH_LET(row, reader.get(table, index::by_number(key)));
    return row ? std::optional<Record>(decode(key, row->payload)) : std::nullopt;
}

template <class Record, class Decode>
base::Result<Page<Record>> by_code(const store::Reader &reader, Table table, std::string_view resume,
                                   std::size_t items_max, Decode decode) {
    Page<Record> page;
    KITH_LET(cursor, reader.cursor(table));
    KITH_LET(found, begin_after(cursor, index::by_number(0), resume));
    while (found && page.items.size() < items_max) {
        KITH_LET(row, cursor.value());
        page.items.push_back(
            decode(static_cast<model::Name>(base::load_big64(cursor.key().data())), row.payload));
        page.resume = token(cursor.key());
        KITH_LET(more, cursor.next());
        found = more;
    }
    return page;
}

// From a row of another subject to where the next of the subject's may stand; none at the end of its kind.
std::optional<index::Key> next_of(const model::Subject &subject, const model::ScoreKey &at) {
    if (at.subject.kind > subject.kind) return std::nullopt;
    if (at.subject.kind < subject.kind) return index::scores_of(subject, 0);
    const auto here = index::scores_of(subject, at.metric);
    if (base::compare(here, index::scores_of(at.subject, at.metric)) > 0) return here;
    if (at.metric == UINT32_MAX) return std::nullopt;
    return index::scores_of(subject, at.metric + 1);
}

bool asked_for(const ScoreQuery &query, const model::ScoreKey &key) {
    return (!query.subject || key.subject == *query.subject) &&
           (!query.metric || key.metric == *query.metric) && (!query.key || key.key == *query.key) &&
           key.at >= query.from && key.at < query.until;
}

}  // namespace

base::Result<std::optional<model::Name>> DirectoryReads::code(std::string_view key) const {
    if (key.empty()) return std::optional<model::Name>();
    return snapshot_.store().names().find(reader_, key);
}

base::Result<std::optional<model::Product>> DirectoryReads::product(model::Name key) const {
    return record_at<model::Product>(reader_, Table::products, key, record::decode_product);
}
base::Result<std::optional<model::Actor>> DirectoryReads::actor(model::Name key) const {
    return record_at<model::Actor>(reader_, Table::actors, key, record::decode_actor);
}
base::Result<std::optional<model::Campaign>> DirectoryReads::campaign(model::Name key) const {
    return record_at<model::Campaign>(reader_, Table::campaigns, key, record::decode_campaign);
}

base::Result<Page<model::Product>> DirectoryReads::products(std::string_view resume,
                                                            std::size_t items_max) const {
    return by_code<model::Product>(reader_, Table::products, resume, items_max, record::decode_product);
}
base::Result<Page<model::Actor>> DirectoryReads::actors(std::string_view resume,
                                                        std::size_t items_max) const {
    return by_code<model::Actor>(reader_, Table::actors, resume, items_max, record::decode_actor);
}
base::Result<Page<model::Campaign>> DirectoryReads::campaigns(std::string_view resume,
                                                              std::size_t items_max) const {
    return by_code<model::Campaign>(reader_, Table::campaigns, resume, items_max, record::decode_campaign);
}

base::Result<Page<model::Score>> DirectoryReads::scores(const ScoreQuery &query, std::string_view resume,
                                                        std::size_t items_max) const {
    Page<model::Score> page;
    // One range where subject and metric are given; else over the metrics of a subject, or over all.
    auto start = index::Key();
    if (query.subject && query.metric) {
        start = query.key ? index::scores_of(*query.subject, *query.metric, *query.key).add_time(query.from)
                          : index::scores_of(*query.subject, *query.metric);
    } else if (query.subject) {
        start = index::scores_of(*query.subject, 0);
    } else {
        start = index::by_number(0);
    }
    KITH_LET(cursor, reader_.cursor(Table::scores));
    KITH_LET(found, begin_after(cursor, start, resume));
    while (found && page.items.size() < items_max) {
        if (cursor.key().size() != index::kScoreKeyBytes) return bad_token();
        const auto key = index::score_key(cursor.key());
        const bool inside = !query.subject || key.subject == *query.subject;
        if (query.subject && query.metric && (!inside || key.metric != *query.metric)) break;
        if (query.subject && query.metric && query.key && (key.key != *query.key || key.at >= query.until))
            break;
        if (!inside) {
            const auto next = next_of(*query.subject, key);
            if (!next) break;
            KITH_LET(more, cursor.seek(*next));
            found = more;
            continue;
        }
        if (asked_for(query, key)) {
            KITH_LET(row, cursor.value());
            page.items.push_back(record::decode_score(key, row.payload));
            page.resume = token(cursor.key());
        }
        KITH_LET(more, cursor.next());
        found = more;
    }
    return page;
}

base::Result<std::optional<model::Score>> DirectoryReads::latest(const LatestScore &query) const {
    const auto prefix = index::scores_of(query.subject, query.metric, query.key);
    KITH_LET(cursor, reader_.cursor(Table::scores));
    KITH_LET(found, cursor.seek_before(index::Key(prefix).add_time(query.at + 1)));
    while (found && index::starts_with(cursor.key(), prefix)) {
        KITH_LET(row, cursor.value());
        const auto score = record::decode_score(index::score_key(cursor.key()), row.payload);
        if (!query.nature || score.nature == *query.nature) return std::optional(score);
        KITH_LET(more, cursor.previous());
        found = more;
    }
    return std::optional<model::Score>();
}

// The records of two ends and a kind stand together: the one that counts is known when they have passed.
base::Result<Page<model::Link>> DirectoryReads::standing(Table table, Bytes prefix,
                                                         std::optional<model::LinkKind> kind,
                                                         std::string_view resume,
                                                         std::size_t items_max) const {
    Page<model::Link> page;
    const auto key_at = table == Table::links ? index::link_key : index::linked_key;
    KITH_LET(cursor, reader_.cursor(table));
    const auto start = prefix.empty() ? index::by_number(0) : index::Key().add(prefix).pad();
    KITH_LET(found, begin_after(cursor, start, resume));
    std::vector<model::Link> together;
    std::string last;
    while (page.items.size() < items_max) {
        const bool inside = found && index::starts_with(cursor.key(), prefix);
        if (inside && cursor.key().size() != index::kLinkKeyBytes) return bad_token();
        const auto key = inside ? key_at(cursor.key()) : model::LinkKey();
        const bool same = inside && !together.empty() && key.from == together[0].key.from &&
                          key.kind == together[0].key.kind && key.to == together[0].key.to;
        if (!together.empty() && !same) {
            const auto left = standing_links(std::move(together));
            together.clear();
            if (!left.empty() && (!kind || left[0].key.kind == *kind)) {
                page.items.push_back(left[0]);
                page.resume = last;
                continue;
            }
        }
        if (!inside) break;
        KITH_LET(row, reader_.get(Table::links, index::link(key)));
        if (!row) return base::fail(Status::corrupt, "a link's record is missing: run kith verify");
        together.push_back(record::decode_link(key, row->payload));
        last = token(cursor.key());
        KITH_LET(more, cursor.next());
        found = more;
    }
    return page;
}

base::Result<Page<model::Link>> DirectoryReads::links(const std::optional<model::Subject> &from,
                                                      std::optional<model::LinkKind> kind,
                                                      std::string_view resume, std::size_t items_max) const {
    if (!from) return standing(Table::links, {}, kind, resume, items_max);
    return standing(Table::links, kind ? index::links_from(*from, *kind) : index::links_from(*from), kind,
                    resume, items_max);
}

base::Result<Page<model::Link>> DirectoryReads::links_to(const base::Id &party,
                                                         std::optional<model::LinkKind> kind,
                                                         std::string_view resume,
                                                         std::size_t items_max) const {
    return standing(Table::linked, index::by_id(party), kind, resume, items_max);
}

}  // namespace kith::engine
