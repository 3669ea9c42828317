// Requests to the host: what it does to them, and reading them.
#pragma once

#include <optional>
#include <string_view>

#include "engine/result_table.hpp"
#include "engine/store.hpp"
#include "model/request.hpp"

namespace kith::engine {

struct RequestQuery {
    bool all = false;        // closed ones too
    std::string_view actor;  // to whom; empty: to whomever
    base::Id party, after;   // about whom; the last of the page before
    std::size_t limit = 0;
};

// As kith_requests of <kith/request.h> says.
base::Result<ResultTable> requests(const Snapshot &snapshot, const RequestQuery &query);

}  // namespace kith::engine
