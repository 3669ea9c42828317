// The form shape: what is asked, of whom, about what, and how answers are scored.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rules/period.hpp"
#include "rules/term.hpp"
#include "rules/type.hpp"

namespace kith::rules {

// Numbers from low to high, or named points from first to last (then low is 1 and high their number).
struct Scale {
    double low = 0, high = 0;
    std::vector<std::string> points;
};

struct Item {
    std::string name;
    std::string dimension, group;     // "" for none
    std::optional<Scale> scale;       // its own, else the form's
    std::optional<FieldType> answer;  // what is answered where that is no point of a scale
    Labels labels;
};

struct Dimension {
    std::string name;
    std::uint32_t items = 0;  // as many belong to it
};

struct Form {
    std::string name;
    std::optional<Scale> scale;
    std::vector<std::string> aspects;  // each item is answered once for each; none: "value"
    std::vector<Dimension> dimensions;
    std::vector<Item> items;
    std::optional<Source> score;     // of one item, over the aspects
    double least = 0;                // share of the items that must be answered
    std::vector<std::string> about;  // "self", "party", "competitor", "process.plan"
    std::string by;                  // who answers: "party", "actor"
    std::vector<std::string> rate;   // the things rated: "self", "competitor"
    std::string within;              // whose the thing is that it is about: "party"
    bool rounds = false;             // answered in rounds, each kept
    std::vector<Field> rows;         // columns of a sheet of rows instead of items
    bool ordered = false;            // the order of the rows counts
};

}  // namespace kith::rules
