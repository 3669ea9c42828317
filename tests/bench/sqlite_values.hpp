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

class Sqlite {
public:
    explicit Sqlite(const std::string &file);
    ~Sqlite();
    Sqlite(const Sqlite &) = delete;
    Sqlite &operator=(const Sqlite &) = delete;

    void begin();
    void sell(const Order &order);
    void commit();
    void run_due(std::int64_t at);
    std::int64_t members(int segment);

private:
    void settle(std::int64_t customer, std::int64_t at);
    bool step(sqlite3_stmt *one);
    sqlite3_stmt *statement(const char *text);
    void run(const char *text);

    sqlite3 *database_ = nullptr;
    std::map<const char *, sqlite3_stmt *> prepared_;
};

}  // namespace kith_bench
