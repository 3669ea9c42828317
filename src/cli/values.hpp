// Values of subjects as commands show them: tables of them, and what the installed definitions are called.
#pragma once

#include <kith/kith.h>

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/result.hpp"
#include "cli/subjects.hpp"

namespace kith::cli {

struct ValuesWanted {
    std::uint32_t subject = KITH_SUBJECT_PARTY;
    std::vector<std::string> names;
    kith_time now = 0;
    std::string where, order_by;
    bool descending = true;
    std::uint64_t limit = 0;
};
Result read_values(const Snapshot &snapshot, const ValuesWanted &wanted, std::uint32_t digits);
Result read_series(const Snapshot &snapshot, const Subject &subject, const std::string &metric, kith_time now,
                   std::uint32_t digits);
Result read_why(const Snapshot &snapshot, const Subject &subject, const std::string &name, kith_time now,
                std::uint32_t rows, std::uint32_t digits);

// For people: numbers to the right, thousands separated, unknown as "-".
std::string values_text(const Result &result, std::size_t rows_max, const Context &context);
std::string value_cell(const Result &result, const kith_column &column, std::size_t row);

// A class or cell of a definition, as written.
struct ListedCell {
    std::vector<std::string> x, y;
    std::string is;
};

// The newest version of an installed definition, or of a playbook's labels.
struct Listed {
    std::string kind, name, playbook, body;  // its JSON text
    std::uint32_t version = 0;

    std::string text(
        const char *key) const;  // a member of its text: "about", "unit"; empty where there is none
    std::string per() const;     // "party", "actor, line.category"
    std::string counts() const;  // of a metric, in words: "sum of i.amount over order, P24M"
    std::vector<std::string> classes() const;  // of bands
    std::vector<ListedCell> cells() const;     // of a matrix
};
std::vector<Listed> list_definitions(const Snapshot &snapshot);
// Fails if there is none, and says which there are.
Listed find_definition(std::span<const Listed> all, std::string_view kind, std::string_view name);
std::uint32_t subject_kind(const Listed &definition);  // fails for those of several keys

// What names are called in a language: as they are where nobody says.
class Labels {
public:
    Labels() = default;
    Labels(std::span<const Listed> definitions, std::string language);
    // Of "cell.service.star", "band.loyal.high", "m.sales_12m", "score.fit.volume", "party.trade" (a field)
    // and "list.trade.grocery" (a code, however deep).
    std::string of(std::string_view path) const;

private:
    std::map<std::string, std::string, std::less<>> by_path_;
};

}  // namespace kith::cli
