// Which timers of a process stand armed: a function of its state and the party's figures.
#pragma once

#include <vector>

#include "engine/catalog.hpp"
#include "engine/subject.hpp"
#include "model/figures.hpp"
#include "model/process.hpp"
#include "rules/process.hpp"

namespace kith::engine {

// By due time. The same arguments give the same timers: verify recomputes them so.
std::vector<Timer> armed_timers(const model::Process &process, const InstalledProcess &definition,
                                const model::Figures &figures, const rules::Calendar &calendar);

}  // namespace kith::engine
