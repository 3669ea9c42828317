// Rules that set each other off by the events they emit, so that one firing leads to the next for ever.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "rules/playbook.hpp"

namespace kith::rules {

struct Ring {
    const Definition *first = nullptr;
    std::string path;    // "a" -> "b" -> "a"
    bool stops = false;  // one of them has a condition or a key of its own, or waits for what does not come
};

// The shortest ring of each of `ours` that is in one and not in a ring told before. `all` are the sound
// definitions, `ours` and others.
std::vector<Ring> find_rings(std::span<const Definition> ours, std::span<const Definition *const> all);

}  // namespace kith::rules
