// The playbook that has every kind with every key.
#pragma once

#include <fstream>
#include <sstream>
#include <string>

#include "rules/playbook.hpp"

namespace kith::rules {

inline std::string full_text() {
    std::ifstream file(std::string(KITH_SOURCE_DIR) + "/tests/unit/rules/full_playbook.json");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

// The body of one of its definitions; null if it is not of this shape.
template <class Shape>
const Shape *body_of(const Playbook &playbook, std::string_view name) {
    for (const Definition &one : playbook.definitions) {
        const auto *shape = std::get_if<Shape>(&one.body);
        if (shape && one.name == name) return shape;
    }
    return nullptr;
}

}  // namespace kith::rules
