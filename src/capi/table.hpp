// A result table as its handle holds it: the engine's, with its texts as C strings.
#pragma once

#include <kith/base.h>

#include <vector>

#include "capi/handles.hpp"
#include "engine/result_table.hpp"

namespace kith::capi {

class Table : public Object {
public:
    using Public = kith_table;
    static constexpr Kind kKind = Kind::table;
    static constexpr bool kShared = true;

    explicit Table(engine::ResultTable given);

    const engine::ResultTable result;
    std::vector<std::vector<kith_str>> texts;  // by column
};

}  // namespace kith::capi
