// What an import reads from outside: a mapping (JSON, up to the first zero byte) and a CSV input. Any bytes:
// a plan whose places lie in the input, in order of time, or a message.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.hpp"
#include "cli/csv.hpp"
#include "cli/mapping_file.hpp"
#include "cli/plan.hpp"
#include "fuzz/require.hpp"

namespace {

using namespace kith::cli;

void check_reader(std::string_view input, char delimiter) {
    CsvReader reader(input, delimiter);
    std::string scratch;
    std::size_t offset = 0;
    std::uint32_t line = 0;
    while (reader.next()) {
        KITH_REQUIRE(reader.offset() > offset && reader.offset() <= input.size());
        KITH_REQUIRE(reader.line() > line);
        offset = reader.offset();
        line = reader.line();
        for (const auto cell : reader.cells()) {
            KITH_REQUIRE(cell.offset() <= input.size() && cell.size() <= input.size() - cell.offset());
            KITH_REQUIRE(cell_text(input, cell, scratch).size() <= cell.size());
        }
    }
}

void plan_it(std::string_view json, std::string_view input) {
    Mapping mapping;
    if (!json.empty()) {
        mapping = read_mapping(json);
    } else {
        mapping.kind = "order";
    }
    const char delimiter = mapping.delimiter ? *mapping.delimiter : detect_delimiter(input);
    CsvReader reader(input, delimiter);
    if (!reader.next() || reader.error()) return;
    std::vector<std::string> first;
    std::string scratch;
    for (const auto cell : reader.cells()) first.emplace_back(cell_text(input, cell, scratch));
    const bool header = mapping.header ? *mapping.header : detect_header(mapping, first);
    if (!mapping.has_columns()) {
        if (!header) return;
        (void)guess_columns(first, mapping);
    }
    bind_columns(mapping, header ? &first : nullptr, first.size());
    const Plan plan(mapping, {input, delimiter, header, "Europe/Zagreb", 2});

    kith_time before = KITH_MIN_TIME;
    for (const auto index : plan.schedule()) {
        const auto &one = plan.interaction(index);
        KITH_REQUIRE(one.at >= before && one.at <= KITH_MAX_TIME && one.kind < plan.kinds().size());
        KITH_REQUIRE(one.bad_line == 0);
        before = one.at;
        KITH_REQUIRE(!plan.key_text(index, scratch).empty());
        std::uint32_t rows = 0;
        for (auto row = one.first_row; row != kNoRow; row = plan.row(row).next) {
            (void)plan.text(plan.row(row).product, scratch);
            ++rows;
        }
        KITH_REQUIRE(rows == one.row_count && rows > 0);
    }
    std::uint32_t line = 0;
    for (const auto &problem : plan.problems()) {
        KITH_REQUIRE(problem.line > line && !plan.problem_text(problem).empty());
        line = problem.line;
    }
    KITH_REQUIRE(plan.schedule().size() + plan.problems().size() <= plan.rows_read());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view all(reinterpret_cast<const char *>(data), size);
    const auto zero = all.find('\0');
    const auto json = zero == all.npos ? std::string_view() : all.substr(0, zero);
    const auto input = zero == all.npos ? all : all.substr(zero + 1);
    for (const char delimiter : {',', ';', '\t', '|'}) check_reader(input, delimiter);
    (void)is_utf8(input);
    try {
        plan_it(json, input);
    } catch (const Failure &failure) {
        KITH_REQUIRE(failure.exit_code != kDone && !failure.message.empty());
    }
    return 0;
}
