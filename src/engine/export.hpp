// Every record of a snapshot as one JSON object a line, in order of id; by facts alone, parties in order
// of host key.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "engine/store.hpp"

namespace kith::engine {

class Export {
public:
    // Leaves out ids, numbers, stamps and recorded times if `facts_only`. The snapshot must outlive it.
    Export(const Snapshot &snapshot, bool facts_only);
    ~Export();

    // The next lines, until the next call; none at the end.
    base::Result<std::optional<std::string_view>> next();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace kith::engine
