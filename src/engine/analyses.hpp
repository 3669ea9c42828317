// Analyses of a snapshot: columns are gathered here, computed in analytics/, and come out as tables.
#pragma once

#include <string_view>

#include "engine/result_table.hpp"
#include "engine/store.hpp"

namespace kith::engine {

// As kith_rfm, kith_abc, kith_cohort, kith_process_states of include/kith/.
base::Result<ResultTable> rfm(const Snapshot &snapshot, base::Micros as_of, std::string_view scheme);

struct AbcOptions {
    bool inside = false;
    double border_a = 0.80, border_b = 0.95;
};
base::Result<ResultTable> abc(const Snapshot &snapshot, const AbcOptions &options);

enum class Period : std::uint32_t { month, week, quarter, year };  // as KITH_COHORT_*
base::Result<ResultTable> cohort(const Snapshot &snapshot, Period by);

base::Result<ResultTable> process_states(const Snapshot &snapshot, std::string_view process);

}  // namespace kith::engine
