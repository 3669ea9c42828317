// How an item names a party, and what is to be done where it is not there, or there already.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/id.hpp"

namespace kith::engine {

// Names a party. `text` of a host key or identifier as written.
struct Ref {
    enum class By : std::uint8_t { none, id, host, identifier, item } by = By::none;
    std::uint32_t item = 0;
    base::Id id;
    std::string_view kind;  // host system, or kind of identifier
    std::string_view text;
};

// As KITH_ITEM_*.
struct ItemFlags {
    bool create = false;
    bool create_anonymous = false;
    bool must_not_exist = false;
    bool skip_conflict = false;
};

}  // namespace kith::engine
