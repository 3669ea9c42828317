// What can still be read of a damaged file: page by page, without LMDB, which trusts what its pages say. A
// row is right where its checksum is, which is bound to its table and key; nothing else is believed.
#pragma once

#include <array>
#include <functional>
#include <string>

#include "store/draft.hpp"

namespace kith::store {

struct Salvaged {
    std::array<std::uint64_t, kTables + 1> rows{};  // that each table says it has; 0 too where that is lost
    std::uint64_t pages = 0;                        // that are damaged
    bool uncertain =
        false;  // a meta page or the list of free pages is damaged: which pages are old is not known
};

// What the caller knows of rows and the store does not.
class SalvageJudge {
public:
    virtual ~SalvageJudge() = default;
    virtual void learn(const Reader &found) = 0;  // what the trees led to; before the others are asked
    virtual bool newer(Table table, base::Bytes key, base::Bytes payload, base::Bytes than) const = 0;
    virtual bool later(Table table, base::Bytes key,
                       base::Bytes payload) const = 0;  // than the last commit found
    virtual bool erased() const = 0;  // personal data waits to be erased: it is in old pages
};

// Puts into `to` what is found, in this order of trust: rows reached from the newest meta page that can be
// followed; for tables in which something is missing, rows of pages that nothing points to although they are
// not free, as they hang below a damaged page; and for rows that are written once and hold no personal data,
// old copies in free pages. Where the old pages are not known, all are looked at, the newer version of a row
// is taken, and what is not there only if it is of a later commit, or its table is damaged and nothing waits
// to be erased. Needs the file alone.
base::Result<Salvaged> salvage(const std::string &path, Draft &to, SalvageJudge &judge,
                               const Progress &progress);

}  // namespace kith::store
