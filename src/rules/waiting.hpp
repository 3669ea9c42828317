// A rule that fires when something does not come, as the process that waits for it.
#pragma once

#include "rules/rule.hpp"
#include "rules/statechart.hpp"

namespace kith::rules {

// The states in which what was waited for has come, has not, or did not matter or was missed for too long.
inline constexpr std::string_view kWaiting = "waiting", kCame = "came", kMissed = "missed",
                                  kPassed = "passed";

// Named "rule.NAME", which no other process can be.
inline constexpr std::string_view kWaitingPrefix = "rule.";
Statechart waiting_for(const Rule &rule);

}  // namespace kith::rules
