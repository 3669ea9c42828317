// What bench_values asks of kith, asked of SQLite: orders with two lines, sums by day kept by triggers, and a
// query of windows, classes and conditions at each order, which moves the members of ten segments.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <string>

namespace kith_bench {

struct Order {
    int customer = 0, actor = 0;
    std::int64_t at = 0;
    struct Line {
        int product = 0, category = 0;
        std::int64_t amount = 0;
    } lines[2];
    std::int64_t amount() const { return lines[0].amount + lines[1].amount; }
};

// An open database and its statements. What fails ends the program.
class Database {
public:
    explicit Database(const std::string &file);
    ~Database();
    Database(const Database &) = delete;
    Database &operator=(const Database &) = delete;

    void begin() { run("BEGIN IMMEDIATE"); }
    void commit() { run("COMMIT"); }
    void run(const char *text);
    sqlite3_stmt *statement(const char *text);
    bool step(sqlite3_stmt *one);

private:
    sqlite3 *database_ = nullptr;
    std::map<const char *, sqlite3_stmt *> prepared_;
};

// Whose segments an order moves, from what to what, as bits.
struct Settled {
    int before = 0, inside = 0;
    std::int64_t recent = 0;  // orders in 90 days
};

class Sqlite : public Database {
public:
    explicit Sqlite(const std::string &file);

    void sell(const Order &order);
    void run_due(std::int64_t at);
    std::int64_t members(int segment);

protected:
    std::int64_t customer_of(const Order &order);
    std::int64_t add(const Order &order, std::int64_t customer);
    Settled settle(std::int64_t customer, std::int64_t at);
};

}  // namespace kith_bench
