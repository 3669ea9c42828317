// JSON (RFC 8259): a text as a plain tree, keys in order of writing, and back. json.cpp is the only file
// of the library that sees the JSON library.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace kith::base {

// Where something stands in a text: 1-based, columns in characters; 0 is nowhere.
struct Place {
    std::uint32_t line = 0, column = 0;
    auto operator<=>(const Place &) const = default;
};

std::string place_text(Place place);               // "line 3, column 14"
Place place_of_message(std::string_view message);  // that a message begins with; nowhere if with none

struct Json {
    enum class Kind : std::uint8_t { null, boolean, integer, real, text, array, object };

    Json() = default;
    explicit Json(Kind of) : kind(of) {}

    Kind kind = Kind::null;
    bool boolean = false;
    std::int64_t integer = 0;
    double real = 0;                // also of a whole number beyond int64
    std::string text;               // of a real: as written
    std::vector<Json> items;        // of an array; of an object, the values
    std::vector<std::string> keys;  // of an object
    Place place;                    // where it begins
    Place key_place;                // where its key begins, of a value in an object
    std::uint32_t plain = 0;        // of a text: so many bytes stand as they are, before any escape

    bool is(Kind of) const { return kind == of; }
    const Json *find(std::string_view key) const;
};

// Status::format for a text that is not JSON, Status::rule for a key that stands twice in one object,
// Status::limit for a text that is larger than 1 MiB or has more than 1,024 keys in one object, or more
// than `depth_max` arrays and objects in each other. The message begins with line and column and holds
// nothing of the text. Freeing the tree recurses as deep as it is.
Result<Json> parse_json(std::string_view text, std::size_t depth_max);

// Without white space, numbers that are not whole as they were written.
std::string to_text(const Json &json);

// Appends `text` as a JSON string, quotes included.
void quote_json(std::string &out, std::string_view text);

}  // namespace kith::base
