// The type shape: the fields and codes that a file's own records have.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/term.hpp"

namespace kith::rules {

struct FieldType {
    enum class Kind : std::uint8_t {
        text,
        int_,
        double_,
        bool_,
        money,
        time,
        date,
        code,       // of a list: "list.NAME", or one of `codes` written on the spot
        reference,  // to a record: `name` is "party", "actor", "product", "campaign", "commitment",
                    // "process.NAME"
        link,       // "link.NAME"
    } kind = Kind::text;
    std::string name;                // list, kind of record or link
    std::vector<std::string> codes;  // of a code without a list
};

struct Field {
    std::string name;
    FieldType type;
};

struct Code {
    std::string name;
    std::optional<std::uint32_t> parent;  // index into Type::codes, before it
    int sign = 0;                         // 1, -1, or 0 where none is said
    Labels labels{};
};

struct Type {
    std::string name;  // "party", "contact.visited", "list.loss_cause", "link.refers"
    enum class Of : std::uint8_t { subject, interaction, list, link } of = Of::interaction;
    std::vector<Field> fields;         // subject, interaction
    std::vector<std::string> require;  // fields that must be given
    std::optional<Money> cost;         // of one interaction
    std::vector<Code> codes;           // list: outer before inner
    bool tree = false;                 // link: leads to at most one, without rings, so that values roll up

    const Code *find_code(std::string_view code) const;
};

}  // namespace kith::rules
