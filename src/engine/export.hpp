// Every record of a snapshot as one JSON object a line, in order of id; by facts alone, in an order that
// depends on what they say and on nothing else, so that two files with the same history give the same text.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "engine/store.hpp"

namespace kith::engine {

class Export {
public:
    // Leaves out ids, numbers, stamps and recorded times if `facts_only`: records are named by the first in
    // order of text of their host keys, else of their identifiers. The snapshot must outlive it.
    Export(const Snapshot &snapshot, bool facts_only);
    ~Export();

    // The next lines, until the next call; none at the end.
    base::Result<std::optional<std::string_view>> next();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace kith::engine
