// Why a value is what it is: the tree of what it was made of.
#pragma once

#include "engine/result_table.hpp"
#include "engine/subjects.hpp"

namespace kith::engine {

struct WhyQuery {
    ValueSubject subject;
    std::string_view name;  // "m.sales_12m", "band.loyal", "cell.service", "score.fit", "segment.good"; a
                            // name alone is whatever definition has it, metrics first
    base::Micros now = 0;
    std::size_t rows_max = 10;  // of a metric, the newest
};

// Rows of a tree, those below a row after it with a level more: as kith_why of <kith/value.h> says.
// Status::missing for a name or a subject that is not there.
base::Result<ResultTable> why(const Snapshot &snapshot, const WhyQuery &query);

}  // namespace kith::engine
