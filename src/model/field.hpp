// Fields that a type defines: their values, as stored.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/id.hpp"
#include "model/name.hpp"

namespace kith::model {

// As KITH_FIELD_*. `written` is for what a host gives: a text to be read as the type has it; as a stored kind
// it is none.
enum class FieldKind : std::uint32_t {
    written,
    text,
    int_,
    double_,
    bool_,
    money,
    time,
    date,
    code,
    key,     // of an actor, product or campaign
    record,  // a party, commitment or process, by id
};

// Laid out as stored, so that they are read in place.
struct FieldValue {
    Name name = 0;
    FieldKind kind{};
    // A whole number, a double's bits, 0 or 1, minor units, microseconds, days, the name that a code or key
    // is, the first half of an id; of a text, where it begins.
    std::int64_t number = 0;
    std::int64_t extra = 0;  // the currency, the second half of an id, the size of a text
    bool operator==(const FieldValue &) const = default;
};

inline base::Id id_of(const FieldValue &value) {
    base::Id id;
    std::memcpy(id.bytes.data(), &value.number, 8);
    std::memcpy(id.bytes.data() + 8, &value.extra, 8);
    return id;
}

struct Fields {
    std::span<const FieldValue> values;  // by name, each once
    std::string_view texts;              // of those that are texts, one after the other

    std::string_view text(const FieldValue &value) const {
        const auto begin = static_cast<std::size_t>(value.number);
        return begin < texts.size() ? texts.substr(begin, static_cast<std::size_t>(value.extra))
                                    : std::string_view("");
    }
    bool operator==(const Fields &other) const {
        return std::ranges::equal(values, other.values) && texts == other.texts;
    }
};

}  // namespace kith::model
