// Reads the public data sets of the shared folder: plain CSV with quotes, no line breaks in cells.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/money.hpp"
#include "base/time.hpp"

namespace kith::test {

inline std::filesystem::path shared_file(const std::string &name) {
    const char *folder = std::getenv("KITH_SHARED");
    return std::filesystem::path(folder ? folder : KITH_SHARED_DIR) / "data" / name;
}

using Row = std::vector<std::string>;

inline Row cells_of(const std::string &line) {
    Row cells(1);
    bool quoted = false;
    for (const char c : line) {
        if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            cells.emplace_back();
        } else if (c != '\r') {
            cells.back() += c;
        }
    }
    return cells;
}

// Without the header; empty where the file is absent.
inline std::vector<Row> read_shared(const std::string &name) {
    std::ifstream in(shared_file(name));
    std::vector<Row> rows;
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) rows.push_back(cells_of(line));
    return rows;
}

// "1997-01-31" as days since 1970-01-01.
inline std::int64_t day_of(const std::string &date) {
    return base::days_of(
        {std::stoi(date.substr(0, 4)), std::stoi(date.substr(5, 2)), std::stoi(date.substr(8, 2))});
}

inline std::int64_t cents_of(const std::string &amount) { return *base::parse_decimal(amount, 2); }

}  // namespace kith::test

// Skips the test where the data set is absent.
#define KITH_NEEDS_SHARED(name)                                                        \
    if (!std::filesystem::exists(kith::test::shared_file(name))) {                     \
        GTEST_SKIP() << "no " << kith::test::shared_file(name) << "; set KITH_SHARED"; \
    }                                                                                  \
    static_assert(true)
