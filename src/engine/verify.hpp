// Reads the whole file and compares it with the rows it should have (derive.hpp). Finds damage; repairs
// nothing.
#pragma once

#include <array>

#include "engine/derive.hpp"
#include "engine/result_table.hpp"

namespace kith::engine {

// Table, key (hexadecimal, or its hash), problem: of the first 1,000.
struct Problems {
    Problems();
    void add(store::Table table, base::Bytes key, std::string what);
    void add(const store::Finding &finding);
    std::uint64_t count = 0;
    ResultTable listed;

private:
    void list(std::string place, std::string key, std::string what);
};

struct VerifyReport {
    std::uint64_t rows = 0, records = 0, derived = 0;
    Problems problems;
};

base::Result<VerifyReport> verify(const Snapshot &snapshot, const Progress &progress);

// Tells every row of the file that is not as it should be.
class Comparison : public RowSink {
public:
    explicit Comparison(const store::Reader &reader) : reader_(reader) {}

    base::Result<void> keep(store::Table table, base::Bytes key, base::Bytes payload) override;
    base::Result<void> expect(store::Table table, base::Bytes key, base::Bytes payload) override;
    void problem(store::Table table, base::Bytes key, std::string what) override {
        report_.problems.add(table, key, std::move(what));
    }
    base::Result<bool> stand_in(store::Table, base::Bytes, base::Bytes) override { return false; }

    // Rows that the table should have, so far.
    std::uint64_t expected(store::Table table) const { return expected_[static_cast<std::size_t>(table)]; }

    // After the derivation: what is damaged or left over in the tables it does not read.
    base::Result<VerifyReport> finish(const Derived &derived);

private:
    const store::Reader &reader_;
    std::array<std::uint64_t, store::kTables + 1> expected_{};
    VerifyReport report_;
};

}  // namespace kith::engine
