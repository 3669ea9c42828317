// What an import did, for people and for programs.
#pragma once

#include <kith/kith.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"

namespace kith::cli {

// The largest this process has been, in bytes. Mapped pages of files are cache; anonymous memory is its own.
struct MemoryPeak {
    std::uint64_t anonymous = 0;
    std::uint64_t file = 0;

    // Asks the system; where it does not say, nothing changes.
    void sample();
};

struct ImportReport {
    struct Kind {
        std::string name;
        std::uint64_t interactions = 0;
        std::int64_t amount = 0;
    };
    struct BadRow {
        std::uint32_t line;
        std::string reason;
    };

    static constexpr std::size_t kBadRowsListed = 1000;

    std::uint64_t rows = 0;
    std::uint64_t rows_skipped = 0;
    std::uint64_t anonymous_rows = 0;
    std::uint64_t interactions = 0;  // created or there already
    std::uint64_t created = 0;
    std::uint64_t existing = 0;
    std::uint64_t conflicts = 0;
    std::uint64_t parties_created = 0;
    std::uint64_t transitions = 0;
    std::uint64_t commitments = 0;
    std::vector<Kind> kinds;
    kith_time first_at = 0;
    kith_time last_at = 0;
    double elapsed_s = 0;
    MemoryPeak memory;
    std::vector<BadRow> bad_rows;  // the first kBadRowsListed
    std::uint64_t bad_row_count = 0;
    std::optional<Failure> failure;

    void add_bad_row(std::uint32_t line, std::string reason);
    void count(std::size_t kind, kith_time at, std::int64_t amount);
};

// What amounts are written in.
struct Money {
    std::string currency;
    std::uint32_t minor_digits = 2;
};

std::string report_json(const ImportReport &report, const Money &money);
std::string report_text(const ImportReport &report, const Money &money);

// "line 12: reason" for the first bad rows.
std::string bad_rows_text(const ImportReport &report);

}  // namespace kith::cli
