// The change feed: every change in the order of this file. Written by the commit that makes the change,
// in the same transaction; read in pages by sequence. It may not be rewritten, and has no gaps.
#pragma once

#include <vector>

#include "base/result.hpp"
#include "model/change.hpp"
#include "store/store.hpp"

namespace kith::feed {

// The changes after `after_seq`, at most `items_max`; first and last are the file's. Status::feed_gap
// when some of them are no longer kept.
base::Result<std::vector<model::Change>> read(const store::Reader &reader, std::uint64_t first,
                                              std::uint64_t last, std::uint64_t after_seq,
                                              std::size_t items_max);

}  // namespace kith::feed
