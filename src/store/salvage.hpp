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

// Whether a row is a later version than another of the same key.
using Newer = std::function<bool(Table table, base::Bytes key, base::Bytes payload, base::Bytes than)>;

// Puts into `to` what is found, in this order of trust: rows reached from the newest meta page that can be
// followed; for tables in which something is missing, rows of pages that nothing points to although they are
// not free, as they hang below a damaged page; and for rows that are written once and hold no personal data,
// old copies in free pages. Where the old pages are not known, all are looked at, and `newer` decides.
//
// `erased` tells from the file's own row whether personal data waits to be erased: then no such row is taken
// from a page that may be old. Needs the file alone.
base::Result<Salvaged> salvage(const std::string &path, Draft &to, const Newer &newer,
                               const std::function<bool(const Reader &)> &erased, const Progress &progress);

}  // namespace kith::store
