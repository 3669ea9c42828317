#include "engine/verify.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "engine/stale.hpp"

namespace kith::engine {

using base::Bytes;
using base::Status;
using store::Table;

namespace {

constexpr std::size_t kListedMax = 1000;

// Tables that the derivation does not read through.
constexpr Table kOnlyDerived[] = {
    Table::counters, Table::claims, Table::host_refs,       Table::corrected, Table::subjects,
    Table::states,   Table::timers, Table::due_commitments, Table::linked,    Table::measures,
    Table::sums,     Table::values, Table::references,      Table::members};

}  // namespace

Problems::Problems() {
    for (const char *name : {"table", "key", "problem"}) {
        Column column;
        column.name = name;
        column.type = Column::Type::text;
        listed.columns.push_back(std::move(column));
    }
}

void Problems::add(Table table, Bytes key, std::string what) {
    // Some keys hold what a person is known by: it is told by its hash.
    const bool personal = table == Table::claims || table == Table::host_refs || table == Table::names;
    list(store::table_name(table),
         personal && !key.empty() ? "hash " + base::to_hex(base::hash128(key)) : base::to_hex(key),
         std::move(what));
}

void Problems::add(const store::Finding &finding) {
    list(finding.place, "",
         finding.page == 0 ? finding.what : "page " + std::to_string(finding.page) + ": " + finding.what);
}

void Problems::list(std::string place, std::string key, std::string what) {
    ++count;
    auto &columns = listed.columns;
    if (columns[0].texts.size() == kListedMax) return;
    columns[0].texts.push_back(std::move(place));
    columns[1].texts.push_back(std::move(key));
    columns[2].texts.push_back(std::move(what));
}

base::Result<void> Comparison::keep(Table table, Bytes, Bytes) {
    ++expected_[static_cast<std::size_t>(table)];
    return {};
}

base::Result<void> Comparison::expect(Table table, Bytes key, Bytes payload) {
    ++report_.derived;
    ++expected_[static_cast<std::size_t>(table)];
    auto row = reader_.get(table, key);
    if (!row) {
        // A damaged page ends the whole transaction.
        if (row.error().status != Status::corrupt || row.error().os_code != 0) return row.take_error();
        report_.problems.add(table, key, "a derived row is damaged");
    } else if (!*row) {
        report_.problems.add(table, key, "a derived row is missing");
    } else if (base::compare((*row)->payload, payload) != 0) {
        report_.problems.add(table, key, "a derived row differs from what its records say");
    }
    return {};
}

base::Result<VerifyReport> Comparison::finish(const Derived &derived) {
    report_.rows = derived.rows;
    report_.records = derived.records;
    for (int i = 1; i <= store::kTables; ++i) {
        const auto table = static_cast<Table>(i);
        KITH_LET(count, reader_.count(table));
        const auto expected = expected_[static_cast<std::size_t>(table)];
        std::uint64_t found = 0;
        KITH_LET(cursor, reader_.cursor(table));
        KITH_LET(more, cursor.first());
        for (; more; ++found) {
            KITH_LET(next, cursor.next());
            more = next;
        }
        if (std::ranges::find(kOnlyDerived, table) != std::end(kOnlyDerived)) report_.rows += found;
        if (found != count)
            report_.problems.add(table, {}, "the table has lost rows, or counts them wrongly");
        if (found > expected)
            report_.problems.add(
                table, {}, std::to_string(found - expected) + " rows are left over: no record asks for them");
    }
    return std::move(report_);
}

base::Result<VerifyReport> verify(const Snapshot &snapshot, const Progress &progress) {
    Comparison sink(snapshot.reader());
    KITH_LET(derived, derive(snapshot, sink, progress));
    KITH_LET(report, sink.finish(derived));
    if (report.problems.count == 0) KITH_TRY(find_stale_records(snapshot, report.problems));
    return report;
}

}  // namespace kith::engine
