// Goal: the speed bars of the expression language: E1 one condition over a record, E2 a quantifier over
// ten records, E3 a scorecard of twenty conditions, compiling E1; beside SQLite doing the same.
// Method: compiled once, evaluated with the budget counter on, data warm, one evaluator. SQLite: prepared
// once, an in-memory database with the same customer, tags and interactions as indexed tables.
// Bars: E1 <= 120 ns, E2 <= 500 ns, E3 <= 900 ns, compile_E1 <= 20 us.
#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>

#include "expr/rules.hpp"

namespace {

using namespace kith::expr;

void require(bool condition, const char *what) {
    if (condition) return;
    std::fprintf(stderr, "bench_expr: %s\n", what);
    std::exit(1);
}

void evaluate(benchmark::State &state, const std::string &source, std::int64_t wanted) {
    const bench::Shop shop;
    const auto program = shop.program(source);
    require(static_cast<bool>(program), "the rule does not compile");
    Evaluator evaluator;
    const Moment moment;
    const auto outcome = evaluator.evaluate(*program, shop, moment);
    require(!outcome.value.failed() && outcome.value.i == wanted, "the rule gives a wrong result");
    for (auto _ : state) benchmark::DoNotOptimize(evaluator.evaluate(*program, shop, moment).value.i);
    state.counters["units"] = static_cast<double>(outcome.cost);
}

void E1(benchmark::State &state) { evaluate(state, bench::kE1, 1); }
void E2(benchmark::State &state) { evaluate(state, bench::kE2, 1); }
void E3(benchmark::State &state) { evaluate(state, bench::scorecard(), bench::kE3Result); }

void compile_of(benchmark::State &state, const std::string &source) {
    const bench::Shop shop;
    for (auto _ : state) {
        auto program = shop.program(source);
        require(static_cast<bool>(program), "the rule does not compile");
        benchmark::DoNotOptimize(program);
    }
}
void compile_E1(benchmark::State &state) { compile_of(state, bench::kE1); }
void compile_E3(benchmark::State &state) { compile_of(state, bench::scorecard()); }

class Sqlite {
public:
    Sqlite() {
        require(sqlite3_open(":memory:", &database_) == SQLITE_OK, "SQLite does not open");
        run("CREATE TABLE customer (id INTEGER PRIMARY KEY, recency_days, frequency, monetary_minor, age, "
            "visits, "
            "returns, complaints, open_orders, satisfaction, wallet_share, vip, newsletter, tier, city, "
            "language)");
        run("INSERT INTO customer VALUES (1, 120, 7, 250000, 41, 23, 0, 1, 0, 4.2, 0.55, 0, 1, 'gold', "
            "'Zagreb', 'hr')");
        run("CREATE TABLE tags (customer INTEGER, tag, PRIMARY KEY (customer, tag)) WITHOUT ROWID");
        for (const auto *tag : bench::kTags) run("INSERT INTO tags VALUES (1, '" + std::string(tag) + "')");
        run("CREATE TABLE interactions (customer INTEGER, n INTEGER, kind, status, PRIMARY KEY (customer, "
            "n)) "
            "WITHOUT ROWID");
        int n = 0;
        const bench::Shop shop;
        for (const auto &one : shop.interactions())
            run("INSERT INTO interactions VALUES (1, " + std::to_string(n++) + ", '" + one.kind + "', '" +
                one.status + "')");
    }
    ~Sqlite() {
        sqlite3_finalize(statement_);
        sqlite3_close(database_);
    }
    Sqlite(const Sqlite &) = delete;
    Sqlite &operator=(const Sqlite &) = delete;

    void prepare(const std::string &sql) {
        require(sqlite3_prepare_v3(database_, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement_,
                                   nullptr) == SQLITE_OK,
                sqlite3_errmsg(database_));
    }
    std::int64_t step() {
        require(sqlite3_step(statement_) == SQLITE_ROW, "SQLite has no row");
        const auto value = sqlite3_column_int64(statement_, 0);
        sqlite3_reset(statement_);
        return value;
    }

private:
    void run(const std::string &sql) {
        require(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK, sql.c_str());
    }
    sqlite3 *database_ = nullptr;
    sqlite3_stmt *statement_ = nullptr;
};

void sqlite(benchmark::State &state, const std::string &expression, std::int64_t wanted) {
    Sqlite database;
    database.prepare("SELECT " + expression + " FROM customer WHERE id = 1");
    require(database.step() == wanted, "SQLite gives another result");
    for (auto _ : state) benchmark::DoNotOptimize(database.step());
}

void E1_sqlite(benchmark::State &state) {
    sqlite(state,
           "recency_days > 90 AND frequency >= 3 AND "
           "NOT EXISTS (SELECT 1 FROM tags WHERE customer = 1 AND tag = 'no_email')",
           1);
}
void E2_sqlite(benchmark::State &state) {
    sqlite(
        state,
        "EXISTS (SELECT 1 FROM interactions WHERE customer = 1 AND kind = 'complaint' AND status = 'open')",
        1);
}
void E3_sqlite(benchmark::State &state) {
    std::string sum;
    for (const auto &row : bench::kScorecard) {
        if (!sum.empty()) sum += " + ";
        sum += "CASE WHEN " + std::string(row.sql) + " THEN " + std::to_string(row.weight) + " ELSE 0 END";
    }
    sqlite(state, sum, bench::kE3Result);
}

BENCHMARK(E1);
BENCHMARK(E1_sqlite);
BENCHMARK(E2);
BENCHMARK(E2_sqlite);
BENCHMARK(E3);
BENCHMARK(E3_sqlite);
BENCHMARK(compile_E1)->Unit(benchmark::kMicrosecond);
BENCHMARK(compile_E3)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
