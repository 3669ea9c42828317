#include "engine/requests.hpp"

#include <algorithm>

#include "engine/session.hpp"
#include "index/keys.hpp"
#include "record/record.hpp"

namespace kith::engine {

using base::Status;
using model::RequestState;
using store::Table;

base::Result<Outcome> Session::apply_request(const RequestItem &item) {
    const auto key = index::by_id(item.request);
    KITH_LET(row, overlay_.get(Table::requests, key));
    if (!row) return base::fail(Status::missing, "there is no request with this id");
    auto request = record::decode_request(item.request, *row);
    Outcome outcome{ItemResult::unchanged, request.party, {}, false, {}};
    const auto before = request.state;
    if (!model::is_open(before)) {
        if (item.closes && before == item.closes && request.result == item.result) return outcome;
        return base::fail(Status::state, "the request is " + std::string(model::word_of(before)) +
                                             ": it is closed, and stays as it is");
    }
    auto at = item.at;
    if (item.closes) {
        request.state = *item.closes;
        request.ended_at = at;
        request.lease_until.reset();
        if (!item.result.empty()) request.result = item.result;
    } else {
        if (before == RequestState::leased && *request.lease_until > circumstances_.now)
            return base::fail(Status::state, "the request is taken until " +
                                                 base::format_time(*request.lease_until) +
                                                 ": take another, or wait");
        if (at <= circumstances_.now)
            return base::fail(Status::argument, "lease_until is past: give a time to come");
        request.state = RequestState::leased;
        request.lease_until = at;
        at = circumstances_.now;
    }
    request.stamp = meta_.stamp;
    overlay_.put(Table::requests, key, encoder_.encode(request));
    auto change = model::change_of(model::ChangeKind::request, model::Operation::changed, request.party,
                                   request.id, request.kind);
    change.at = at;
    KITH_LET(from, name(model::word_of(before)));
    KITH_LET(to, name(model::word_of(request.state)));
    change.from = from;
    change.to = to;
    KITH_TRY(record_change(change));
    outcome.result = ItemResult::changed;
    return outcome;
}

base::Result<ResultTable> requests(const Snapshot &snapshot, const RequestQuery &query) {
    const auto &reader = snapshot.reader();
    using Place = std::pair<base::Micros, base::Id>;
    std::optional<Place> after;
    if (query.after) {
        KITH_LET(row, reader.get(Table::requests, index::by_id(query.after)));
        if (!row) return base::fail(Status::missing, "there is no request `after` with this id");
        after = Place(record::decode_request(query.after, row->payload).at, query.after);
    }
    std::optional<model::Name> to;
    if (!query.actor.empty()) {
        KITH_LET(known, snapshot.store().names().find(reader, query.actor));
        to = known.value_or(UINT32_MAX);  // nothing is to whom nothing was ever
    }
    // The first of them, as a heap with the last on top.
    std::vector<Place> places;
    double left = 0;
    KITH_LET(cursor, reader.cursor(Table::requests));
    KITH_LET(found, cursor.first());
    while (found) {
        KITH_LET(row, cursor.value());
        const auto one = record::decode_request(base::Id::from(cursor.key()), row.payload);
        const Place place(one.at, one.id);
        if ((query.all || model::is_open(one.state)) && (!to || one.to == *to) &&
            (!query.party || one.party == query.party) && (!after || place > *after)) {
            places.push_back(place);
            std::ranges::push_heap(places);
            if (places.size() > query.limit) {
                std::ranges::pop_heap(places);
                places.pop_back();
                ++left;
            }
        }
        KITH_LET(more, cursor.next());
        found = more;
    }
    std::ranges::sort_heap(places);

    ResultTable table;
    table.facts.emplace_back("left", left);
    using As = Column::Type;
    for (const auto &[name, type] : {std::pair("id", As::id),
                                     {"party", As::id},
                                     {"at", As::integer},
                                     {"state", As::text},
                                     {"kind", As::text},
                                     {"by", As::text},
                                     {"to", As::text},
                                     {"channel", As::text},
                                     {"title", As::text},
                                     {"item", As::text},
                                     {"commitment", As::id},
                                     {"lease_until", As::integer},
                                     {"ended_at", As::integer},
                                     {"result", As::text}}) {
        auto &column = table.columns.emplace_back();
        column.name = name;
        column.type = type;
    }
    for (const auto &place : places) {
        KITH_LET(row, reader.get(Table::requests, index::by_id(place.second)));
        if (!row) continue;
        const auto one = record::decode_request(place.second, row->payload);
        auto column = table.columns.begin();
        const auto id = [&](const base::Id &value) {
            column->present.push_back(value ? 1 : 0);
            (column++)->ids.push_back(value);
        };
        const auto time = [&](const std::optional<base::Micros> &value) {
            column->present.push_back(value ? 1 : 0);
            (column++)->ints.push_back(value.value_or(0));
        };
        const auto text = [&](std::string_view value) {
            column->present.push_back(value.empty() ? 0 : 1);
            (column++)->texts.emplace_back(value);
        };
        id(one.id);
        id(one.party);
        time(one.at);
        text(model::word_of(one.state));
        for (const auto code : {one.kind, one.by, one.to, one.channel}) {
            std::string_view word;
            if (code != 0) {
                KITH_LET(known, snapshot.text(code));
                word = known;
            }
            text(word);
        }
        text(one.title);
        text(one.item);
        id(one.commitment);
        time(one.lease_until);
        time(one.ended_at);
        text(one.result);
    }
    return table;
}

}  // namespace kith::engine
