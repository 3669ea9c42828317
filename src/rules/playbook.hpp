// Playbooks: definitions as JSON text, parsed and checked. Messages name the place
// ("define[0].states.decline.after[0].delay"), what is wrong, and what to write instead.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "rules/bands.hpp"
#include "rules/process.hpp"

namespace kith::rules {

struct Definition {
    std::string kind;  // "process", "bands"
    std::string name;
    std::string json;  // canonical text: keys in order of writing, no white space
    std::variant<Process, Bands> body;
};

struct Playbook {
    std::string name;
    std::vector<Definition> definitions;
};

base::Result<Playbook> parse_playbook(std::string_view json);

// One entry of `define`, as stored (Definition::json).
base::Result<Definition> parse_definition(std::string_view json);

}  // namespace kith::rules
