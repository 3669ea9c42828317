// Lists in pages: where a page goes on.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace kith::engine {

// A token is the key of the last row of a page.
inline std::string token(base::Bytes key) { return std::string(base::text_of(key)); }

inline base::Error bad_token() {
    return base::fail(base::Status::argument, "the resume token is not one of this list: use a page's own");
}

// Puts the cursor on the first row after `resume`, or the first not before `start`.
inline base::Result<bool> begin_after(store::Cursor &cursor, base::Bytes start, std::string_view resume) {
    if (resume.empty()) return cursor.seek(start);
    if (resume.size() > 500 || resume.size() % 8) return bad_token();
    KITH_LET(found, cursor.seek(base::bytes_of(resume)));
    if (found && base::compare(cursor.key(), base::bytes_of(resume)) == 0) return cursor.next();
    return found;
}

}  // namespace kith::engine
