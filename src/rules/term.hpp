// What several kinds of definition are made of: expressions as written, values that may be one, labels,
// and what a value belongs to.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/money.hpp"

namespace kith::rules {

// An expression as written, and where its text starts in the file (1-based, columns in characters).
struct Source {
    std::string text{};
    std::uint32_t line = 0, column = 0;
    std::uint32_t plain = 0;  // so many bytes of it stand in the file as they are, before any escape

    bool empty() const { return text.empty(); }
};

struct Money {
    std::int64_t minor = 0;
    base::Currency currency;
    auto operator<=>(const Money &) const = default;
};

// A value where a literal may stand: a number, an amount ("500.00 EUR"), a text, true or false, or an
// expression ("=setting.cut"; `source` without the sign).
struct Term {
    enum class Kind : std::uint8_t { none, number, money, text, boolean, expression } kind = Kind::none;
    double number = 0;
    Money money{};
    std::string text{};
    bool boolean = false;
    Source source{};

    bool is(Kind of) const { return kind == of; }
};

using Labels = std::map<std::string, std::string>;  // by language

// By language, then by path ("cell.service.star"); "" is the thing itself.
using LabelTables = std::map<std::string, std::map<std::string, std::string>>;

// Which way a value is better.
enum class Good : std::uint8_t { none, up, down };

// What a value is of. `key`: of a tuple of values of the row.
enum class SubjectKind : std::uint8_t { party, actor, product, campaign, all, key };

// The rows a metric aggregates, or the thing a matrix or bands class where that is no subject.
struct RowSource {
    enum class Kind : std::uint8_t {
        interaction,  // types: "order", "contact.*", "contact.*_out"
        line,         // "order.line": types "order": the lines of interactions of these types
        answer,       // "answer.FORM": types FORM
        score,        // "score.METRIC": types METRIC: what was given for it
        change,       // types "segment.entered", "task.late": events of the engine
        record,       // types "party", "promise", "process.NAME", "segment.NAME"
    } kind = Kind::interaction;
    std::vector<std::string> types;
    std::uint32_t line = 0, column = 0;  // where it is written
};

// Whether a type of interaction is one of `pattern`: "order", "contact.*", "contact.*_out"; one "*" stands
// for any text, also with dots in it.
bool type_matches(std::string_view pattern, std::string_view type);

}  // namespace kith::rules
