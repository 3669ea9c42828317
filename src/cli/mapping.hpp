// Which column of a CSV file means what, and which rows are of which kind. A mapping comes from --map,
// from a JSON file (mapping_file.hpp), or is guessed from the header; bind_columns() then finds its columns
// in the input.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kith::cli {

enum Role : std::size_t {
    kParty,
    kAt,
    kAmount,
    kKey,
    kProduct,
    kQuantity,
    kUnitPrice,
    kCategory,
    kMargin,
    kCampaign,
    kRoleCount
};

inline constexpr std::array<std::string_view, kRoleCount> kRoleNames = {
    "party", "at", "amount", "key", "product", "quantity", "unit_price", "category", "margin", "campaign"};

struct Column {
    std::string name;  // as in the header, or a 1-based number; empty: not mapped
    std::size_t index = 0;
    bool mapped() const { return !name.empty(); }
};

struct Condition {
    enum class Test { kStarts, kEnds, kEquals, kEmpty, kBelow };
    Column column;
    Test test = Test::kEquals;
    std::string text;         // starts, ends, equals
    bool empty = true;        // empty: what the cell has to be
    std::int64_t number = 0;  // below; scaled by KITH_DECIMAL_ONE

    bool holds(std::string_view cell) const;
};

// Rows that meet all conditions are of this kind.
struct KindRule {
    std::vector<Condition> conditions;
    std::string kind;
};

// A field that a type defines, by "field.NAME".
inline constexpr std::string_view kFieldRole = "field.";
struct FieldColumn {
    std::string name;
    Column column;
};

struct Mapping {
    std::string system;
    std::string kind;  // of rows that meet no rule
    std::array<Column, kRoleCount> columns;
    std::vector<FieldColumn> fields;
    std::vector<KindRule> rules;  // the first that is met decides
    std::optional<char> delimiter;
    std::optional<bool> header;

    bool has_columns() const;
};

// Decimal text scaled by KITH_DECIMAL_ONE; none if it is no such number.
std::optional<std::int64_t> read_decimal(std::string_view text);

// All of these end the command with kUsage and a message that says what is wrong.

// "party=customer_id,at=date"; a comma in a column's name is understood.
void read_map_option(std::string_view text, Mapping &mapping);

// Maps a role, by its name, to a column.
void set_column(Mapping &mapping, std::string_view role_name, std::string_view column);

// One of , ; | or tab, which may also be written \t or "tab".
char read_delimiter(std::string_view text);

// Maps the columns whose names are well known. Returns what was guessed, in the form of --map.
std::string guess_columns(const std::vector<std::string> &header, Mapping &mapping);

// Sets every column's index. Without header, columns are named by number, from 1 to `width`.
void bind_columns(Mapping &mapping, const std::vector<std::string> *header, std::size_t width);

// Whether the first row names the columns: it does where the mapping names columns by anything but
// numbers, or where no cell of it looks like a number, a date or nothing at all.
bool detect_header(const Mapping &mapping, const std::vector<std::string> &first_row);

}  // namespace kith::cli
