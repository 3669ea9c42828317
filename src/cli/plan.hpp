// What an import will record: the rows of a CSV input read, checked, grouped into interactions and put
// in order of time, before anything is stored. It holds places in the input and numbers, no copies: the
// input must outlive it.
#pragma once

#include <kith/kith.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/csv.hpp"
#include "cli/mapping.hpp"

namespace kith::cli {

// The host key of the party of rows without one. No row may use it.
inline constexpr std::string_view kAnonymousKey = "(anonymous)";

inline constexpr std::uint32_t kNoRow = UINT32_MAX;

inline constexpr std::int64_t kNoMargin = INT64_MIN;

struct PlannedRow {
    Cell product;
    Cell category;
    std::int64_t quantity = KITH_DECIMAL_ONE;
    std::int64_t unit_price = 0;
    std::int64_t amount = 0;
    std::int64_t margin = kNoMargin;
    std::uint32_t next = kNoRow;  // of the same interaction, in the input's order
    std::uint32_t line = 0;
};

struct PlannedInteraction {
    kith_time at = 0;
    Cell party;  // empty: anonymous
    Cell key;    // where the key is mapped
    Cell campaign;
    std::int64_t amount = 0;
    std::uint32_t first_row = kNoRow;
    std::uint32_t last_row = kNoRow;
    std::uint32_t row_count = 0;
    std::uint32_t party_line = 0;  // where the party stands; 0: nowhere yet
    std::uint32_t bad_line = 0;    // of the row that spoils it; 0: none
    std::uint8_t kind = 0;         // index in kinds()
};

struct Problem {
    std::uint32_t line = 0;
    std::uint32_t reason = 0;      // index in the plan's reasons
    std::uint32_t other_line = 0;  // 0: none
};

struct PlanSettings {
    std::string_view input;
    char delimiter = ',';
    bool header = true;
    std::string_view zone;  // of times that name none
    std::uint32_t minor_digits = 2;
};

class Plan {
public:
    // `mapping` is bound to the input's columns. At most 255 kinds.
    Plan(const Mapping &mapping, const PlanSettings &settings);

    std::uint64_t rows_read() const { return rows_read_; }
    std::uint64_t anonymous_rows() const { return anonymous_rows_; }    // of those that will be imported
    const std::vector<Problem> &problems() const { return problems_; }  // one for each bad row, by line
    std::string problem_text(const Problem &problem) const;

    // Indices of the interactions to record, in order of time; those at the same time in the input's order.
    const std::vector<std::uint32_t> &schedule() const { return schedule_; }
    const PlannedInteraction &interaction(std::uint32_t index) const { return interactions_[index]; }
    const PlannedRow &row(std::uint32_t index) const { return rows_[index]; }
    const std::vector<std::string> &kinds() const { return kinds_; }

    bool has_amount() const { return has_amount_; }
    bool has_lines() const { return has_lines_; }

    // The interaction's host key: the key's cell, or the hash of the mapped cells and a count.
    std::string_view key_text(std::uint32_t index, std::string &scratch) const;
    // The cells of an interaction's fields, in the order of the mapping's; empty where nothing is said.
    std::span<const Cell> fields(std::uint32_t index) const {
        return std::span(fields_).subspan(index * field_count_, field_count_);
    }
    std::string_view text(Cell cell, std::string &scratch) const { return cell_text(input_, cell, scratch); }

private:
    friend class Planner;

    struct Digest {
        std::uint64_t high = 0;
        std::uint64_t low = 0;
        std::uint64_t repeat = 0;  // identical rows before it
    };

    std::string_view input_;
    std::uint64_t rows_read_ = 0;
    std::uint64_t anonymous_rows_ = 0;
    std::vector<PlannedRow> rows_;
    std::vector<PlannedInteraction> interactions_;
    std::vector<Digest> digests_;  // beside interactions_, where no key is mapped
    std::size_t field_count_ = 0;
    std::vector<Cell> fields_;  // of each interaction, one after the other
    std::vector<std::uint32_t> schedule_;
    std::vector<Problem> problems_;
    std::vector<std::string> reasons_;
    std::vector<std::string> kinds_;
    bool has_amount_ = false;
    bool has_lines_ = false;
};

}  // namespace kith::cli
