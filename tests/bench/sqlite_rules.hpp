// What bench_rules asks of kith, asked of SQLite: rules as triggers upon a view of what happened, processes
// as rows with a due time that a trigger logs as they move.
#pragma once

#include <map>
#include <string>

#include "bench/sqlite_values.hpp"

namespace kith_bench {

// How many there are of what came of it: "task thank open", "state care touched".
using Outcome = std::map<std::string, std::int64_t>;

// The orders of bench_values with 30 rules and 2 processes upon them.
class SqliteRules : public Sqlite {
public:
    explicit SqliteRules(const std::string &file);

    void sell(const Order &order);
    void run_due(std::int64_t at);
    Outcome outcome();
};

// Events alone, under so many rules, of which 3 match an order; the others wait for types of their own, or
// for orders of a medium that does not come.
class SqliteMany : public Database {
public:
    SqliteMany(const std::string &file, int rules, bool by_type);

    void sell(const Order &order);
    Outcome outcome();
};

// A case each of so many, all due at one time.
class SqliteDue : public Database {
public:
    SqliteDue(const std::string &file, int cases, std::int64_t at, std::int64_t due, bool with_task);

    void run_due(std::int64_t at);
    Outcome outcome();
};

}  // namespace kith_bench
