#include "cli/copies.hpp"

#include <fmt/format.h>

#include "cli/output.hpp"

namespace kith::cli {

void print_copy(const kith_copy_report &report, std::string_view done, const Context &context) {
    if (context.format == Format::kJson) {
        Json json;
        json.object().count("rows", report.rows).count("bytes_before", report.bytes_before);
        json.count("bytes_after", report.bytes_after).count("origin", report.origin);
        return print(json.end().str());
    }
    print(fmt::format("{}: {}, {} where there were {}.\n", done, plural(report.rows, "row", "rows"),
                      bytes_text(report.bytes_after), bytes_text(report.bytes_before)));
}

}  // namespace kith::cli
