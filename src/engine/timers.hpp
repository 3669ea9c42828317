// When a process moves by itself: a function of its state and the party's figures.
#pragma once

#include "engine/catalog.hpp"
#include "engine/figures_row.hpp"
#include "model/figures.hpp"
#include "model/process.hpp"
#include "rules/process.hpp"

namespace kith::engine {

// When a timer of the state is due; nothing if it is not armed. One whose guards failed at its instant
// stays quiet until that instant moves on.
std::optional<base::Micros> armed_at(const rules::Timer &timer, const model::Process &process,
                                     const model::Figures &figures, const rules::Calendar &calendar);

// When the first timer of the state is due, or kNever.
base::Micros next_due(const model::Process &process, const InstalledProcess &definition,
                      const model::Figures &figures, const rules::Calendar &calendar);

}  // namespace kith::engine
