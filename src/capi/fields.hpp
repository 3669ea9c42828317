// Values of fields that a type defines, as hosts give them.
#pragma once

#include <kith/party.h>

#include <vector>

#include "engine/batch.hpp"

namespace kith::capi {

// `out` is what the item's values will point into.
base::Result<void> values_in(const kith_field *values, std::size_t count, std::uint32_t at_fault,
                             std::vector<engine::FieldItem> &out);

}  // namespace kith::capi
