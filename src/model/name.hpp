// Names: texts that recur (types, systems, products, states) are stored once and referred to by code.
#pragma once

#include <cstdint>

namespace kith::model {

using Name = std::uint32_t;  // code in table `names`; 0 is none

}  // namespace kith::model
