// Goal and method as behaviour_oracle_test, of more than 5,000 histories.
#include "unit/engine/behaviour_oracle_runs.hpp"

namespace kith::engine {
namespace {

TEST_F(BehaviourOracleTest, ThousandsOfRandomDefinitions) { compare(seed(), 3'000); }

}  // namespace
}  // namespace kith::engine
