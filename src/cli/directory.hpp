// Products, actors, campaigns, links and scores as rows: the columns that `import` reads and `list` prints,
// so that what one prints the other takes.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/csv.hpp"
#include "cli/handles.hpp"
#include "cli/output.hpp"

namespace kith::cli {

enum class Sheet {
    kProducts,
    kActors,
    kCampaigns,
    kLinks,
    kScores,
    kParties,
    kAnswers,
    kCommitments,
    kEvents
};

inline constexpr std::array<std::string_view, 9> kSheetNames = {
    "products", "actors",  "campaigns",   "links", "scores",
    "parties",  "answers", "commitments", "events"};  // the last four imported only
Sheet sheet_of(std::string_view name);
std::span<const std::string_view> columns_of(Sheet sheet);
bool is_column(Sheet sheet, std::string_view name);  // of parties and events "field.NAME" too

// What times and amounts of a file are written in.
struct SheetSettings {
    std::string system;  // of host keys
    std::string zone;
    std::uint32_t minor_digits = 2;
    // Of answers: the form, what each item is asked for, and whether it is a sheet of rows.
    std::string form;
    std::vector<std::string> aspects;
    bool rows = false;
    std::string process;  // of events
};

// A row of a sheet by the names of its columns. Text is borrowed until the next row.
class SheetRow {
public:
    SheetRow(std::string_view input, const std::vector<std::string> &columns);
    void read(const std::vector<Cell> &cells);
    bool has(std::string_view column) const;               // is there such a column
    std::string_view text(std::string_view column) const;  // empty if there is none
    const std::vector<std::string> &columns() const { return columns_; }
    std::string identity() const;  // all cells that say something, in whatever order

private:
    std::string_view input_;
    const std::vector<std::string> &columns_;
    std::vector<std::string> texts_;
};

// Adds the row to the batch. What is wrong with it; empty if nothing is.
std::string add_row(kith_batch *batch, Sheet sheet, const SheetRow &row, const SheetSettings &settings,
                    const std::string &key_if_none);

// The cells of one item of a page, in the order of the sheet's columns.
std::vector<std::vector<std::string>> rows_of(const Page &page, Sheet sheet, std::uint32_t minor_digits);
kith_query query_of(Sheet sheet);

}  // namespace kith::cli
