#include "cli/result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kith::cli {

Result::Result(Table table, std::uint32_t digits) : table_(std::move(table)), digits_(digits) {
    std::size_t column_count = 0, fact_count = 0;
    kith_table_size(table_.get(), &rows_, &column_count, &fact_count);
    kith_error error = make_error();
    for (std::size_t i = 0; i < column_count; ++i) {
        columns_.push_back(make<kith_column>());
        check(kith_table_column(table_.get(), i, &columns_.back(), &error), error);
    }
    for (std::size_t i = 0; i < fact_count; ++i) {
        facts_.push_back(make<kith_fact>());
        check(kith_table_fact(table_.get(), i, &facts_.back(), &error), error);
    }
}

const kith_column &Result::column(std::string_view name) const {
    const auto found = std::find_if(columns_.begin(), columns_.end(),
                                    [&](const kith_column &column) { return view(column.name) == name; });
    if (found == columns_.end()) fail(kFailed, fmt::format("the library gave no column {}", name));
    return *found;
}

bool Result::present(const kith_column &column, std::size_t row) const {
    return column.present == nullptr || column.present[row] != 0;
}

std::string Result::cell(const kith_column &column, std::size_t row) const {
    if (!present(column, row)) return {};
    switch (column.type) {
        case KITH_COLUMN_INT:
            return std::to_string(column.ints[row]);
        case KITH_COLUMN_REAL:
            return real_text(column.reals[row]);
        case KITH_COLUMN_AMOUNT:
            return amount_text(column.ints[row], digits_);
        case KITH_COLUMN_ID:
            return id_text(column.ids[row]);
        default:
            return std::string(view(column.texts[row]));
    }
}

double Result::fact(std::string_view name) const {
    const auto found = std::find_if(facts_.begin(), facts_.end(),
                                    [&](const kith_fact &fact) { return view(fact.name) == name; });
    return found == facts_.end() ? 0 : found->value;
}

std::uint64_t Result::count_fact(std::string_view name) const {
    return static_cast<std::uint64_t>(std::llround(fact(name)));
}

std::string Result::text(std::size_t rows_max, const Context &context) const {
    TextTable table;
    for (const kith_column &column : columns_) table.column(std::string(view(column.name)));
    for (std::size_t row = 0; row < std::min(rows_, rows_max); ++row) {
        std::vector<std::string> cells;
        for (const kith_column &column : columns_) cells.push_back(printable(cell(column, row)));
        table.row(std::move(cells));
    }
    return table.text(context, "  ");
}

std::string Result::csv(const std::vector<std::string_view> &without) const {
    std::vector<const kith_column *> shown;
    std::vector<std::string> cells;
    for (const kith_column &column : columns_) {
        if (std::find(without.begin(), without.end(), view(column.name)) != without.end()) continue;
        shown.push_back(&column);
        cells.emplace_back(view(column.name));
    }
    std::string out;
    append_csv(out, cells);
    for (std::size_t row = 0; row < rows_; ++row) {
        for (const kith_column *column : shown) {
            if (column != shown.front()) out += ',';
            if (column->type == KITH_COLUMN_TEXT && present(*column, row)) {
                append_csv_cell(out, view(column->texts[row]));
            } else {
                out += cell(*column, row);  // nothing in it to quote
            }
        }
        out += '\n';
    }
    return out;
}

void Result::json_rows(Json &json, std::string_view key) const {
    json.array(key);
    for (std::size_t row = 0; row < rows_; ++row) {
        json.object();
        for (const kith_column &column : columns_) {
            const std::string_view name = view(column.name);
            if (!present(column, row)) {
                json.null(name);
            } else if (column.type == KITH_COLUMN_INT) {
                json.number(name, column.ints[row]);
            } else if (column.type == KITH_COLUMN_REAL) {
                json.real(name, column.reals[row]);
            } else {
                json.text(name, cell(column, row));
            }
        }
        json.end();
    }
    json.end();
}

}  // namespace kith::cli
