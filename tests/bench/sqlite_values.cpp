#include "bench/sqlite_values.hpp"

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace kith_bench {
namespace {

constexpr const char *kPragmas =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-262144; PRAGMA "
    "mmap_size=4294967296";

constexpr const char *kTables = R"sql(
CREATE TABLE customers (id INTEGER PRIMARY KEY, key TEXT UNIQUE);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer, at, actor, amount);
CREATE INDEX timeline ON orders (customer, at);
CREATE TABLE lines (of, n, product, category, amount, PRIMARY KEY (of, n)) WITHOUT ROWID;
CREATE TABLE customer_day (customer, day, orders, sales, largest, items, PRIMARY KEY (customer, day)) WITHOUT ROWID;
CREATE TABLE customer_all (customer INTEGER PRIMARY KEY, first_at, last_at, big, inside DEFAULT 0);
CREATE TABLE actor_day (actor, day, orders, sales, PRIMARY KEY (actor, day)) WITHOUT ROWID;
CREATE TABLE category_day (category, day, items, sales, PRIMARY KEY (category, day)) WITHOUT ROWID;
CREATE TABLE category_all (category PRIMARY KEY, items) WITHOUT ROWID;
CREATE TABLE base_day (day INTEGER PRIMARY KEY, orders, sales);
CREATE TABLE members (segment, customer, since, PRIMARY KEY (segment, customer)) WITHOUT ROWID;
CREATE TABLE segments (segment INTEGER PRIMARY KEY, members DEFAULT 0);
CREATE TABLE moves (id INTEGER PRIMARY KEY, customer, segment, at, inside);
CREATE TABLE due (customer INTEGER PRIMARY KEY, at); CREATE INDEX due_at ON due (at);
INSERT INTO segments (segment) VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9);
CREATE TRIGGER order_added AFTER INSERT ON orders BEGIN
 INSERT INTO customer_day VALUES (new.customer, new.at / 86400000000, 1, new.amount, new.amount, 0)
  ON CONFLICT DO UPDATE SET orders = orders + 1, sales = sales + excluded.sales, largest = max(largest, excluded.largest);
 INSERT INTO customer_all (customer, first_at, last_at, big) VALUES (new.customer, new.at, new.at, new.amount > 5000)
  ON CONFLICT DO UPDATE SET first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at),
   big = big + excluded.big;
 INSERT INTO actor_day VALUES (new.actor, new.at / 86400000000, 1, new.amount)
  ON CONFLICT DO UPDATE SET orders = orders + 1, sales = sales + excluded.sales;
 INSERT INTO base_day VALUES (new.at / 86400000000, 1, new.amount)
  ON CONFLICT DO UPDATE SET orders = orders + 1, sales = sales + excluded.sales;
END;
CREATE TRIGGER line_added AFTER INSERT ON lines BEGIN
 UPDATE customer_day SET items = items + 1 WHERE (customer, day) = (SELECT customer, at / 86400000000 FROM orders WHERE id = new.of);
 INSERT INTO category_day VALUES (new.category, (SELECT at / 86400000000 FROM orders WHERE id = new.of), 1, new.amount)
  ON CONFLICT DO UPDATE SET items = items + 1, sales = sales + excluded.sales;
 INSERT INTO category_all VALUES (new.category, 1) ON CONFLICT DO UPDATE SET items = items + 1;
END;
CREATE TRIGGER entered AFTER INSERT ON members BEGIN
 UPDATE segments SET members = members + 1 WHERE segment = new.segment;
 INSERT INTO moves (customer, segment, at, inside) VALUES (new.customer, new.segment, new.since, 1);
END;
CREATE TRIGGER left AFTER DELETE ON members BEGIN
 UPDATE segments SET members = members - 1 WHERE segment = old.segment;
 INSERT INTO moves (customer, segment, at, inside) VALUES (old.customer, old.segment, old.since, 0);
END;
)sql";

// A mean is rounded to cents, half away from zero. Whole days from the sums, and the day that the window cuts
// from the rows. ?1 customer, ?2 now.
constexpr const char *kConditions = R"sql(
WITH year AS (SELECT ?2 - 31622400000000 AS after), quarter AS (SELECT ?2 - 7776000000000 AS after),
 a AS (SELECT coalesce(sum(orders), 0) AS o, coalesce(sum(sales), 0) AS s, max(largest) AS l FROM customer_day
  WHERE customer = ?1 AND day > (SELECT after FROM year) / 86400000000),
 b AS (SELECT count(*) AS o, coalesce(sum(amount), 0) AS s, max(amount) AS l FROM orders
  WHERE customer = ?1 AND at > (SELECT after FROM year) AND at < ((SELECT after FROM year) / 86400000000 + 1) * 86400000000),
 c AS (SELECT coalesce(sum(orders), 0) AS o FROM customer_day
  WHERE customer = ?1 AND day > (SELECT after FROM quarter) / 86400000000),
 d AS (SELECT count(*) AS o FROM orders
  WHERE customer = ?1 AND at > (SELECT after FROM quarter) AND at < ((SELECT after FROM quarter) / 86400000000 + 1) * 86400000000),
 m AS (SELECT coalesce(sum(sales), 0) AS s FROM customer_day
  WHERE customer = ?1 AND day >= unixepoch(?2 / 1000000, 'unixepoch', 'start of month') / 86400),
 v AS (SELECT a.o + b.o AS orders, a.s + b.s AS sales, max(coalesce(a.l, 0), coalesce(b.l, 0)) AS largest, c.o + d.o AS recent,
   m.s AS month, ?2 / 86400000000 - t.last_at / 86400000000 AS recency, t.inside AS inside
  FROM a, b, c, d, m, customer_all t WHERE t.customer = ?1),
 k AS (SELECT *, CASE WHEN sales <= 5000 THEN 'low' WHEN sales <= 20000 THEN 'mid' ELSE 'high' END AS spending,
   CASE WHEN recent < 1 THEN 'idle' WHEN recent < 3 THEN 'slow' ELSE 'fast' END AS pace,
   CASE WHEN orders = 0 THEN '' WHEN 2 * sales < 5001 * orders THEN 'small' ELSE 'large' END AS basket,
   CASE WHEN orders < 2 THEN 1 WHEN orders < 5 THEN 2 ELSE 3 END AS frequency FROM v),
 w AS (SELECT *, CASE spending WHEN 'low' THEN 'small' WHEN 'mid' THEN iif(pace = 'fast', 'rising', 'medium')
    ELSE iif(pace = 'idle', 'sleeping', 'star') END AS worth,
   CASE basket WHEN 'small' THEN iif(frequency = 3, 'regular', 'browser') WHEN 'large' THEN iif(frequency = 1, 'occasion', 'loyal') ELSE '' END AS habit
  FROM k)
SELECT (orders > 0) + 2 * (recent >= 3) + 4 * (sales > 30000) + 8 * (recency > 90) + 16 * (recency > 365) +
 32 * (worth = 'star') + 64 * (habit = 'loyal') + 128 * (basket = 'large') + 256 * (month > 0) +
 512 * (largest > 9000 AND sales > 30000), inside, recent FROM w
)sql";

constexpr int kSegments = 10;

}  // namespace

Database::Database(const std::string &file) {
    if (sqlite3_open(file.c_str(), &database_) != SQLITE_OK) std::exit(1);
    run(kPragmas);
}

Database::~Database() {
    for (const auto &[text, one] : prepared_) sqlite3_finalize(one);
    sqlite3_close(database_);
}

void Database::run(const char *text) {
    char *message = nullptr;
    if (sqlite3_exec(database_, text, nullptr, nullptr, &message) == SQLITE_OK) return;
    std::fprintf(stderr, "SQLite: %s\n", message);
    std::exit(1);
}

sqlite3_stmt *Database::statement(const char *text) {
    auto &found = prepared_[text];
    if (!found &&
        sqlite3_prepare_v3(database_, text, -1, SQLITE_PREPARE_PERSISTENT, &found, nullptr) != SQLITE_OK) {
        std::fprintf(stderr, "SQLite: %s\n", sqlite3_errmsg(database_));
        std::exit(1);
    }
    sqlite3_reset(found);
    return found;
}

bool Database::step(sqlite3_stmt *one) {
    const int code = sqlite3_step(one);
    if (code == SQLITE_DONE || code == SQLITE_ROW) return code == SQLITE_ROW;
    std::fprintf(stderr, "SQLite: %s\n", sqlite3_errmsg(database_));
    std::exit(1);
}

Sqlite::Sqlite(const std::string &file) : Database(file) { run(kTables); }

std::int64_t Sqlite::members(int segment) {
    auto *const count = statement("SELECT members FROM segments WHERE segment = ?1");
    sqlite3_bind_int(count, 1, segment);
    return sqlite3_step(count) == SQLITE_ROW ? sqlite3_column_int64(count, 0) : -1;
}

void Sqlite::sell(const Order &order) {
    const auto customer = customer_of(order);
    add(order, customer);
    settle(customer, order.at);
}

std::int64_t Sqlite::customer_of(const Order &order) {
    const auto key = "C" + std::to_string(order.customer);
    auto *find = statement("SELECT id FROM customers WHERE key = ?1");
    sqlite3_bind_text(find, 1, key.c_str(), -1, SQLITE_STATIC);
    if (step(find)) return sqlite3_column_int64(find, 0);
    auto *add = statement("INSERT INTO customers (key) VALUES (?1) RETURNING id");
    sqlite3_bind_text(add, 1, key.c_str(), -1, SQLITE_STATIC);
    step(add);
    const auto customer = sqlite3_column_int64(add, 0);
    sqlite3_reset(add);
    return customer;
}

std::int64_t Sqlite::add(const Order &order, std::int64_t customer) {
    auto *one =
        statement("INSERT INTO orders (customer, at, actor, amount) VALUES (?1, ?2, ?3, ?4) RETURNING id");
    sqlite3_bind_int64(one, 1, customer);
    sqlite3_bind_int64(one, 2, order.at);
    sqlite3_bind_int(one, 3, order.actor);
    sqlite3_bind_int64(one, 4, order.amount());
    step(one);
    const auto id = sqlite3_column_int64(one, 0);
    sqlite3_reset(one);
    for (int i = 0; i < 2; ++i) {
        auto *line = statement("INSERT INTO lines VALUES (?1, ?2, ?3, ?4, ?5)");
        sqlite3_bind_int64(line, 1, id);
        sqlite3_bind_int(line, 2, i);
        sqlite3_bind_int(line, 3, order.lines[i].product);
        sqlite3_bind_int(line, 4, order.lines[i].category);
        sqlite3_bind_int64(line, 5, order.lines[i].amount);
        step(line);
    }
    return id;
}

Settled Sqlite::settle(std::int64_t customer, std::int64_t at) {
    auto *conditions = statement(kConditions);
    sqlite3_bind_int64(conditions, 1, customer);
    sqlite3_bind_int64(conditions, 2, at);
    step(conditions);
    const int inside = sqlite3_column_int(conditions, 0), before = sqlite3_column_int(conditions, 1);
    const auto recent = sqlite3_column_int64(conditions, 2);
    sqlite3_reset(conditions);
    for (int segment = 0; segment < kSegments; ++segment) {
        if (!((inside ^ before) >> segment & 1)) continue;
        auto *move =
            statement(inside >> segment & 1 ? "INSERT INTO members VALUES (?1, ?2, ?3)"
                                            : "DELETE FROM members WHERE segment = ?1 AND customer = ?2");
        sqlite3_bind_int(move, 1, segment);
        sqlite3_bind_int64(move, 2, customer);
        if (inside >> segment & 1) sqlite3_bind_int64(move, 3, at);
        step(move);
    }
    if (inside != before) {
        auto *remember = statement("UPDATE customer_all SET inside = ?2 WHERE customer = ?1");
        sqlite3_bind_int64(remember, 1, customer);
        sqlite3_bind_int(remember, 2, inside);
        step(remember);
    }
    // When time alone moves somebody next: the month ends, the quarter's window passes, 90 days are over.
    auto *due = statement(
        "INSERT INTO due VALUES (?1, min(?2 + 7776000000000, unixepoch(?2 / 1000000, 'unixepoch', "
        "'start of month', '+1 month') * 1000000)) ON CONFLICT DO UPDATE SET at = excluded.at WHERE at <= ?2 "
        "OR excluded.at < at");
    sqlite3_bind_int64(due, 1, customer);
    sqlite3_bind_int64(due, 2, at);
    step(due);
    return {before, inside, recent};
}

// Everybody whose time has come, as they are at the end of it.
void Sqlite::run_due(std::int64_t at) {
    std::vector<std::int64_t> customers;
    auto *const due = statement("SELECT customer FROM due WHERE at <= ?1");
    sqlite3_bind_int64(due, 1, at);
    while (step(due)) customers.push_back(sqlite3_column_int64(due, 0));
    for (const auto customer : customers) settle(customer, at);
}

}  // namespace kith_bench
