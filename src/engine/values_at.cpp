#include "engine/values_at.hpp"

#include <algorithm>

#include "record/record.hpp"

namespace kith::engine {

using base::Status;
using store::Table;

base::Result<std::unique_ptr<ValuesAt>> ValuesAt::of(const Snapshot &snapshot, base::Micros now) {
    KITH_LET(catalog, snapshot.catalog());
    KITH_LET(corrected, snapshot.reader().count(Table::corrected));
    std::unique_ptr<ValuesAt> made(new ValuesAt(snapshot, catalog->values, corrected > 0));
    made->move_to(now);
    return made;
}

ValuesAt::ValuesAt(const Snapshot &snapshot, std::shared_ptr<const ValueCatalog> catalog, bool corrections)
    : snapshot_(snapshot),
      catalog_(std::move(catalog)),
      corrections_(corrections),
      zone_(snapshot.store().zone()),
      sums_(&snapshot.reader(), zone_),
      measurer_(catalog_->measures, *this, sums_, snapshot.store().config().currency.packed()) {}

void ValuesAt::move_to(base::Micros now) {
    values_.emplace(snapshot_, catalog_, sums_, static_cast<Timeline &>(*this), measurer_, now);
}

base::Result<std::string_view> ValuesAt::text(model::Name name) const { return snapshot_.text(name); }

base::Result<std::optional<model::Name>> ValuesAt::code(std::string_view text) {
    return snapshot_.store().names().find(snapshot_.reader(), text);
}

base::Result<std::optional<model::Score>> ValuesAt::given(const GivenQuery &query) {
    return find_given(snapshot_.reader(), *this, query);
}

base::Result<void> ValuesAt::changes(const base::Id &party, base::Micros after, base::Micros until,
                                     const TakeChange &take) {
    return read_changes(snapshot_.reader(), *this, party, after, until, take);
}

base::Result<void> ValuesAt::scores(model::SubjectKind kind, const model::Subject *subject,
                                    std::string_view metric, base::Micros after, base::Micros until,
                                    const std::function<base::Result<void>(const model::Score &)> &take) {
    return each_score(snapshot_.reader(), *this, kind, subject, metric, after, until, take);
}

base::Result<void> ValuesAt::given_keys(const model::Subject &subject, std::string_view metric,
                                        const std::function<bool(model::Name key)> &take) {
    return each_given_key(snapshot_.reader(), *this, subject, metric, take);
}

base::Result<bool> ValuesAt::is_corrected(const model::InteractionKey &key) const {
    if (!corrections_) return false;
    KITH_LET(row, snapshot_.reader().get(Table::corrected, index::interaction(key)));
    return row.has_value();
}

base::Result<void> ValuesAt::interactions(const base::Id &party, base::Micros after, base::Micros until,
                                          const TakeInteraction &take) {
    const auto &reader = snapshot_.reader();
    const Reads reads(snapshot_);
    KITH_LET(cursor, reader.cursor(Table::rows));
    KITH_LET(found, cursor.seek(index::interactions_from(party, std::max(after, base::kMinTime - 1) + 1)));
    while (found && index::starts_with(cursor.key(), party.view())) {
        const auto key = index::interaction_key(cursor.key());
        if (key.at > until) break;
        KITH_LET(corrected, is_corrected(key));
        if (!corrected) {
            KITH_LET(payload, reads.fact(key.origin, key.number));
            KITH_TRY(take(record::decode_interaction(key, payload)));
        }
        KITH_LET(next, cursor.next());
        found = next;
    }
    return {};
}

base::Result<void> ValuesAt::interaction(const model::InteractionKey &key, const TakeInteraction &take) {
    KITH_LET(corrected, is_corrected(key));
    if (corrected) return {};
    KITH_LET(payload, Reads(snapshot_).fact(key.origin, key.number));
    return take(record::decode_interaction(key, payload));
}

}  // namespace kith::engine
