// A result table of an analysis: its columns by name, its cells as text, and itself as CSV or JSON.
#pragma once

#include <kith/kith.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/handles.hpp"
#include "cli/output.hpp"

namespace kith::cli {

class Result {
public:
    // `digits`: decimal places of the amounts.
    Result(Table table, std::uint32_t digits);

    std::size_t rows() const { return rows_; }
    const std::vector<kith_column> &columns() const { return columns_; }
    const kith_column &column(std::string_view name) const;
    bool present(const kith_column &column, std::size_t row) const;
    std::string cell(const kith_column &column, std::size_t row) const;  // empty where absent
    double fact(std::string_view name) const;
    std::uint64_t count_fact(std::string_view name) const;

    const std::vector<kith_fact> &facts() const { return facts_; }

    // For people, the first rows.
    std::string text(std::size_t rows_max, const Context &context) const;
    // All columns but those named.
    std::string csv(const std::vector<std::string_view> &without) const;
    void json_rows(Json &json, std::string_view key) const;

private:
    Table table_;
    std::uint32_t digits_;
    std::size_t rows_ = 0;
    std::vector<kith_column> columns_;
    std::vector<kith_fact> facts_;
};

}  // namespace kith::cli
