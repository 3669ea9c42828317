// Commitments as people and programs read them: for `show` and `due`.
#pragma once

#include <kith/kith.h>

#include <string>
#include <string_view>

#include "cli/output.hpp"

namespace kith::cli {

std::string_view commitment_state_text(std::uint32_t state);

// "OVERDUE 3 days", "today", "in 12 days"; empty without a due time.
std::string due_text(const kith_commitment &commitment, kith_time now);

// "in 12 days", "3 days ago", "today": whole days of 24 hours.
std::string distance_text(kith_time time, kith_time now);

// One object in an open array. The party is left out where `party` is empty.
void append_commitment(Json &json, const kith_commitment &commitment, kith_time now,
                       const std::string &party);

}  // namespace kith::cli
