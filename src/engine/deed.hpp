// What a rule, a process or a segment did to a party: what simulate compares.
#pragma once

#include <compare>
#include <string>

#include "base/id.hpp"
#include "base/time.hpp"

namespace kith::engine {

struct Deed {
    std::string by;    // the definition; empty: what people made
    std::string what;  // "fired", "failed", "state", "segment", an effect, or the sort of a commitment
    base::Id party;
    base::Micros at = 0;
    std::string detail;  // "open -> closed", a tag, who is told
    auto operator<=>(const Deed &) const = default;
};

}  // namespace kith::engine
