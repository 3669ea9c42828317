// Interactions as people and programs read them: for `show` and `timeline`.
#pragma once

#include <kith/kith.h>

#include <span>
#include <string>
#include <vector>

#include "cli/fields.hpp"
#include "cli/output.hpp"

namespace kith::cli {

// Text table, newest first as they come. `digits`: decimal places of the file's currency.
std::string interaction_table(std::span<const kith_interaction *const> interactions, std::uint32_t digits,
                              const Context &context, const FieldLabels &labels = {});

// One object in an open array. `party` is how the party is called; left out where it is empty.
void append_interaction(Json &json, const kith_interaction &interaction, std::uint32_t digits,
                        const std::string &party);

std::vector<std::string> interaction_csv_header();
std::vector<std::string> interaction_csv_row(const kith_interaction &interaction, std::uint32_t digits,
                                             const std::string &party);

}  // namespace kith::cli
