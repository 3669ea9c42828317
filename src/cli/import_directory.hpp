// `kith import FILE products|actors|campaigns|links|scores|answers|commitments|events CSV`: one record a
// row, its fields by the names of columns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "cli/directory.hpp"

namespace kith::cli {

struct DirectoryImport {
    std::string file, csv, system, form, process;
    Sheet sheet{};
    std::vector<std::string> maps;  // "field=COL,..."
    std::optional<char> delimiter;
    std::uint32_t batch = 5000;
    bool skip = false;
};

void import_directory(const DirectoryImport &options, Context &context);

}  // namespace kith::cli
