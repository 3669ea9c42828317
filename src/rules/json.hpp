// A JSON text as a plain tree, keys in order of writing. json.cpp is the only file of the room that
// sees the JSON library.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace kith::rules {

struct Json {
    enum class Kind : std::uint8_t { null, boolean, integer, real, text, array, object };

    Json() = default;
    explicit Json(Kind of) : kind(of) {}

    Kind kind = Kind::null;
    bool boolean = false;
    std::int64_t integer = 0;
    double real = 0;
    std::string text;               // of a real: as written
    std::vector<Json> items;        // of an array; of an object, the values
    std::vector<std::string> keys;  // of an object

    const Json *find(std::string_view key) const;
};

// Status::format with line and column for a text that is not JSON, Status::rule for a key that stands
// twice in one object, Status::limit for one too large or too deep.
base::Result<Json> parse_json(std::string_view text);

// Without white space, numbers that are not whole as they were written.
std::string to_text(const Json &json);

}  // namespace kith::rules
