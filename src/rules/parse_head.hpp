// What a playbook has besides its definitions: settings, what it covers, tests.
#pragma once

#include "rules/node.hpp"
#include "rules/playbook.hpp"

namespace kith::rules {

// The settings of a playbook, or the one that is stored.
void read_settings(const Node &settings, std::vector<Setting> &out);

// Whether there is a list of definitions to go on to.
bool read_head(const Node &root, Playbook &playbook);
void read_tests(const Node &root, Playbook &playbook);

}  // namespace kith::rules
