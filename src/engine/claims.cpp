#include "engine/claims.hpp"

#include "index/keys.hpp"

namespace kith::engine {

base::Result<std::optional<base::Id>> shared_claim(const store::Reader &reader, model::Name kind,
                                                   std::string_view normalised) {
    const auto prefix = index::claim(kind, index::Claim::shared, normalised);
    KITH_LET(cursor, reader.cursor(store::Table::claims));
    KITH_LET(found, cursor.seek(prefix));
    if (!found || !index::starts_with(cursor.key(), prefix)) return std::optional<base::Id>();
    KITH_LET(first, cursor.value());
    const auto party = base::Id::from(first.payload);
    KITH_LET(more, cursor.next());
    if (more && index::starts_with(cursor.key(), prefix)) return several_share();
    return std::optional(party);
}

base::Error several_share() {
    return base::fail(base::Status::conflict,
                      "several parties share this identifier: find the party by another");
}

}  // namespace kith::engine
