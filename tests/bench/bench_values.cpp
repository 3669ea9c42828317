// Goal: what values cost, and that it does not grow with the file. Method: orders of two lines committed a
// thousand at a time, relaxed, into a file of N customers with one order each, with 20 metrics (a third of
// them per actor, per category or of the base), 10 segments, 5 bands and 2 matrices installed. Beside it in
// the same run: the same orders without definitions; LMDB alone making the calls that kith made, upon a copy
// of the file; the same logic in SQLite. Rows are counted as customers who have one order buy once, at each
// size; they must be as many. Both must have the same people in each segment. User time by getrusage, medians
// of batches.
//   bench_values [CUSTOMERS]...      10,000 and 100,000 without
#include <kith/kith.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/lmdb_calls.hpp"
#include "bench/shop.hpp"
#include "engine/names.hpp"
#include "engine/subject.hpp"
#include "index/keys.hpp"
#include "store/store.hpp"

namespace {

using namespace kith_bench;

constexpr const char *kFile = "bench_values.kith", *kBefore = "bench_values.before",
                     *kCopy = "bench_values.copy", *kSqlite = "bench_values.sqlite";
constexpr const char *kSegments[] = {"buyers", "frequent", "big_spenders",  "lapsing",    "lost",
                                     "stars",  "loyal",    "large_baskets", "this_month", "whales"};

constexpr const char *kQuintiles =
    R"({"playbook":"dated","format":1,"define":[{"metric":"worth_1y","sum":"order","of":"i.amount","window":"P1Y"},
 {"bands":"fifth","of":"m.worth_1y","quantiles":5,"every":"day"}]})";

constexpr const char *kOneMetric =
    R"json({"playbook":"one","format":1,"define":[{"metric":"paid_1y","sum":"order","of":"i.amount","where":"i.amount >= money('0.01', 'USD')","window":"P1Y"}]})json";

void remove_files() {
    for (const auto *file : {kFile, kBefore, kCopy, kSqlite})
        for (const char *end : {"", "-lock", "-wal", "-shm"})
            std::filesystem::remove(std::string(file) + end);
}

template <class Side>
std::vector<Times> spread(Side &side, Customers &customers) {
    std::vector<Times> times;
    for (int b = 0; b < kCounted; ++b) {
        times.push_back(time_of([&] {
            side.begin();
            for (int i = 0; i < kPerBatch; ++i) side.sell(customers.spread(i * kCounted + b));
            side.commit();
        }));
    }
    return times;
}

// Segments as they are stored: no call of the ABI asks for members.
class Members {
public:
    Members() {
        kith::store::Options options;
        options.durability = kith::store::Durability::relaxed;
        auto env = kith::store::Env::open(kFile, options);
        if (!env) {
            std::fprintf(stderr, "bench_values: %s\n", env.error().message.c_str());
            std::exit(1);
        }
        env_ = *env;
    }
    // How many there are; reads the first hundred.
    std::int64_t first_page(const char *segment) {
        using kith::store::Table;
        const auto view = *env_->snapshot();
        const auto key = kith::index::members_of(**names_.find(*view, segment));
        const auto row = **view->get(Table::members, key);
        auto cursor = *view->cursor(Table::members);
        bool more = *cursor.seek(key) && *cursor.next();
        for (int i = 0; i < 100 && more && kith::index::starts_with(cursor.key(), key); ++i)
            more = *cursor.next();
        return static_cast<std::int64_t>(kith::engine::decode_segment(row.payload).count);
    }

private:
    std::shared_ptr<kith::store::Env> env_;
    kith::engine::Names names_;
};

struct Cost {
    Times kith, lmdb;
    Rows rows;
};

std::vector<std::int64_t> by_sqlite(int count) {
    Customers customers(count);
    Sqlite sqlite(kSqlite);
    fill(sqlite, customers);
    row("due work of a year, at its end, in SQLite", time_of([&] {
            sqlite.begin();
            sqlite.run_due(customers.at());
            sqlite.commit();
        }),
        count);
    spread(sqlite, customers);
    row("the same logic in SQLite", median(sell(sqlite, customers)), kPerBatch);
    std::vector<std::int64_t> members;
    for (int i = 0; i < 10; ++i) members.push_back(sqlite.members(i));
    return members;
}

Times without_definitions(int count) {
    Customers customers(count);
    remove_files();
    Shop shop(kFile, KITH_OPEN_NEW);
    fill(shop, customers);
    spread(shop, customers);
    return median(sell(shop, customers));
}

Cost bench(int count) {
    std::printf("%d customers\n", count);
    const auto bare = without_definitions(count);
    row("an order without definitions", bare, kPerBatch);
    Cost cost;
    Customers customers(count);
    remove_files();
    Shop shop(kFile, KITH_OPEN_NEW);
    fill(shop, customers);
    shop.define(kDefinitions);
    const auto built = time_of([&] { shop.build(); });
    const auto due = time_of([&] { shop.run_due(customers.at()); });

    const auto before = rows_so_far();
    spread(shop, customers);
    cost.rows = {rows_so_far().read - before.read, rows_so_far().written - before.written};

    // The same orders three times: timed, then recorded, then what was recorded.
    const auto copy = [](const char *from, const char *to) {
        std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
    };
    copy(kFile, kBefore);
    auto same = customers;
    cost.kith = median(sell(shop, customers));
    {
        copy(kBefore, kCopy);
        Shop twin(kCopy);
        begin_recording();
        sell(twin, same);
        end_recording();
    }
    copy(kBefore, kCopy);
    cost.lmdb = median(repeat(kCopy, true));
    const auto writes = median(repeat(kBefore, false));
    row("an order with them", cost.kith, kPerBatch);
    row("LMDB alone reading and writing its rows", cost.lmdb, kPerBatch);
    row("LMDB alone writing its rows", writes, kPerBatch);
    std::printf("  ratio to no definitions %.2f, to LMDB reading and writing %.2f, writing %.2f\n",
                cost.kith.user / bare.user, cost.kith.user / cost.lmdb.user, cost.kith.user / writes.user);
    row("due work of a year, at its instants", due, count);
    const auto inside = by_sqlite(count);
    Members stored;
    for (std::size_t i = 0; i < 10; ++i) {
        const auto members = stored.first_page(kSegments[i]);
        if (members == inside[i]) continue;
        std::fprintf(stderr, "bench_values: %s has %lld members, in SQLite %lld\n", kSegments[i],
                     static_cast<long long>(members), static_cast<long long>(inside[i]));
        std::exit(1);
    }
    std::printf("  %-44s %9.2f read, %.2f written\n", "rows an order",
                static_cast<double>(cost.rows.read) / (kCounted * kPerBatch),
                static_cast<double>(cost.rows.written) / (kCounted * kPerBatch));
    std::printf("  %-44s %9.0f orders/s of user time\n", "back-fill of all definitions", count / built.user);
    shop.define(kOneMetric);
    const auto one = time_of([&] { shop.build(); });
    std::printf("  %-44s %9.0f orders/s of user time\n", "back-fill of one metric",
                (count + (kCounted + kBatches) * kPerBatch) / one.user);
    constexpr int kPages = 1000;
    const auto pages = time_of([&] {
        for (int i = 0; i < kPages; ++i) stored.first_page("large_baskets");
    });
    row("count and first page of a segment", pages, kPages);
    shop.run_due(customers.at());  // what else is due
    shop.define(kQuintiles);
    shop.build();
    row("quintiles of all, a customer", time_of([&] { shop.run_due(customers.at()); }), count);
    return cost;
}

}  // namespace

int main(int argc, char **argv) {
    failed.struct_size = sizeof failed;
    std::vector<int> sizes;
    for (int i = 1; i < argc; ++i) sizes.push_back(std::atoi(argv[i]));
    if (sizes.empty()) sizes = {10'000, 100'000};
    std::vector<Cost> costs;
    for (const auto size : sizes) costs.push_back(bench(size));
    remove_files();
    const auto &small = costs.front(), &large = costs.back();
    std::printf("growth: kith %.2f, LMDB alone %.2f\n", large.kith.user / small.kith.user,
                large.lmdb.user / small.lmdb.user);
    if (small.rows.read == large.rows.read && small.rows.written == large.rows.written) return 0;
    std::fprintf(
        stderr,
        "bench_values: %llu and %llu rows read and written at the first size, %llu and %llu at the last\n",
        static_cast<unsigned long long>(small.rows.read), static_cast<unsigned long long>(small.rows.written),
        static_cast<unsigned long long>(large.rows.read),
        static_cast<unsigned long long>(large.rows.written));
    return 1;
}
