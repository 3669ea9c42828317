// Playbooks as people name them: a built-in one, or a file.
#pragma once

#include <string>
#include <vector>

#include "cli/handles.hpp"

namespace kith::cli {

struct Playbook {
    std::string name;  // as it was typed
    std::string json;
    bool built_in = false;
};

std::vector<kith_playbook> built_in_playbooks();

// A name, or the path of a JSON file; fails if it is neither.
Playbook find_playbook(const std::string &name_or_file);

// What is wrong with a playbook's text, as "file:line:column: what" or "name: line ...".
std::string mistake_in(const Playbook &playbook, std::string_view message);

}  // namespace kith::cli
