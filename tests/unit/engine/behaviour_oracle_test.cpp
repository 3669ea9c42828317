// Goal: processes and rules do what their definition says, however they are put together.
// Method: random charts, rules and histories, against an interpreter that looks at the whole history each
// time; each fourth also in one batch and in some. Seeds printed; KITH_SEED repeats.
#include "unit/engine/behaviour_oracle_runs.hpp"

namespace kith::engine {
namespace {

TEST_F(BehaviourOracleTest, RandomDefinitionsDoWhatTheInterpreterSays) { compare(seed(), 150); }

}  // namespace
}  // namespace kith::engine
