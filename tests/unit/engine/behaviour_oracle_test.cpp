// Goal: processes and rules do what their definition says, however they are put together.
// Method: random charts, rules and histories, with events that come late, are put right or sent again,
// against an interpreter that looks at the whole history each time: states, logs, effects, and who failed
// when. Each fourth also in one batch and in some. Seeds printed; KITH_SEED repeats.
#include "unit/engine/behaviour_oracle_runs.hpp"

namespace kith::engine {
namespace {

TEST_F(BehaviourOracleTest, RandomDefinitionsDoWhatTheInterpreterSays) { compare(seed(), 100); }

}  // namespace
}  // namespace kith::engine
