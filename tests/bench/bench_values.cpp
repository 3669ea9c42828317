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
#include "bench/sqlite_values.hpp"
#include "bench/times.hpp"
#include "engine/names.hpp"
#include "engine/subject.hpp"
#include "index/keys.hpp"
#include "store/store.hpp"

namespace {

using namespace kith_bench;

constexpr const char *kFile = "bench_values.kith", *kBefore = "bench_values.before",
                     *kCopy = "bench_values.copy", *kSqlite = "bench_values.sqlite";
constexpr kith_time kDay = 86'400'000'000, kStart = 1'700'000'000'000'000;
constexpr int kPerBatch = 1000, kBatches = 30, kCounted = 8, kSpread = kPerBatch * kCounted;
constexpr const char *kSegments[] = {"buyers", "frequent", "big_spenders",  "lapsing",    "lost",
                                     "stars",  "loyal",    "large_baskets", "this_month", "whales"};

constexpr const char *kDefinitions = R"json({"playbook":"bench","format":1,"define":[
 {"metric":"orders_1y","count":"order","window":"P1Y"},
 {"metric":"sales_1y","sum":"order","of":"i.amount","window":"P1Y"},
 {"metric":"sales_90d","sum":"order","of":"i.amount","window":"P90D"},
 {"metric":"orders_90d","count":"order","window":"P90D"},
 {"metric":"largest","max":"order","of":"i.amount","window":"P1Y"},
 {"metric":"mean_order","avg":"order","of":"i.amount","window":"P1Y"},
 {"metric":"first_at","first":"order","of":"i.at"},
 {"metric":"last_at","last":"order","of":"i.at"},
 {"metric":"sales_month","sum":"order","of":"i.amount","by":"month"},
 {"metric":"items_1y","sum":"order.line","of":"line.quantity","window":"P1Y"},
 {"metric":"big_orders","count":"order","where":"i.amount > money('50.00','USD')"},
 {"metric":"returns_1y","count":"return","window":"P1Y"},
 {"metric":"recency_days","value":"daysBetween(m.last_at, now)"},
 {"metric":"actor_sales","sum":"order","of":"i.amount","per":"actor","by":"month"},
 {"metric":"actor_orders","count":"order","per":"actor","window":"P30D"},
 {"metric":"category_sales","sum":"order.line","of":"line.amount","per":["line.category"],"by":"month"},
 {"metric":"category_items","sum":"order.line","of":"line.quantity","per":["line.category"]},
 {"metric":"base_sales","sum":"order","of":"i.amount","per":"all","by":"month"},
 {"metric":"base_orders","count":"order","per":"all","by":"month"},
 {"metric":"base_returns","count":"return","per":"all","by":"month"},
 {"bands":"recency","of":"m.recency_days","classes":[{"up_to":30,"is":5},{"up_to":90,"is":4},{"up_to":180,"is":3},{"up_to":365,"is":2},{"is":1}]},
 {"bands":"frequency","of":"m.orders_1y","classes":[{"below":2,"is":1},{"below":5,"is":2},{"is":3}]},
 {"bands":"spending","of":"m.sales_1y","classes":[{"up_to":"50.00 USD","is":"low"},{"up_to":"200.00 USD","is":"mid"},{"is":"high"}]},
 {"bands":"basket","of":"m.mean_order","classes":[{"up_to":"25.00 USD","is":"small"},{"is":"large"}]},
 {"bands":"pace","of":"m.orders_90d","classes":[{"below":1,"is":"idle"},{"below":3,"is":"slow"},{"is":"fast"}]},
 {"matrix":"worth","x":"band.spending","y":"band.pace","cells":[{"x":"low","y":"idle|slow|fast","is":"small"},{"x":"mid","y":"idle|slow","is":"medium"},{"x":"mid","y":"fast","is":"rising"},{"x":"high","y":"idle","is":"sleeping"},{"x":"high","y":"slow|fast","is":"star"}]},
 {"matrix":"habit","x":"band.basket","y":"band.frequency","cells":[{"x":"small","y":"1|2","is":"browser"},{"x":"small","y":"3","is":"regular"},{"x":"large","y":"1","is":"occasion"},{"x":"large","y":"2|3","is":"loyal"}]},
 {"segment":"buyers","when":"m.orders_1y > 0"},
 {"segment":"frequent","when":"m.orders_90d >= 3"},
 {"segment":"big_spenders","when":"m.sales_1y > money('300.00','USD')"},
 {"segment":"lapsing","when":"m.recency_days > 90"},
 {"segment":"lost","when":"m.recency_days > 365"},
 {"segment":"stars","when":"cell.worth == 'star'"},
 {"segment":"loyal","when":"cell.habit == 'loyal'"},
 {"segment":"large_baskets","when":"band.basket == 'large'"},
 {"segment":"this_month","when":"m.sales_month > money('0.00','USD')"},
 {"segment":"whales","when":"m.largest > money('90.00','USD') && in_segment('big_spenders')"}]})json";
constexpr const char *kQuintiles =
    R"({"playbook":"dated","format":1,"define":[{"metric":"worth_1y","sum":"order","of":"i.amount","window":"P1Y"},
 {"bands":"fifth","of":"m.worth_1y","quantiles":5,"every":"day"}]})";

constexpr const char *kOneMetric =
    R"json({"playbook":"one","format":1,"define":[{"metric":"paid_1y","sum":"order","of":"i.amount","where":"i.amount >= money('0.01', 'USD')","window":"P1Y"}]})json";

kith_error failed{};
void must(kith_status status) {
    if (status >= 0) return;
    std::fprintf(stderr, "bench_values: %s: %s\n", kith_status_name(status), failed.message);
    std::exit(1);
}
kith_str str(const std::string &text) { return {text.data(), text.size()}; }

void remove_files() {
    for (const auto *file : {kFile, kBefore, kCopy, kSqlite})
        for (const char *end : {"", "-lock", "-wal", "-shm"})
            std::filesystem::remove(std::string(file) + end);
}

// The same orders whoever takes them.
class Customers {
public:
    explicit Customers(int count) : count_(count) {}
    int count() const { return count_; }
    // One order each, in a year; at each size those at the same place among all buy the same.
    Order first(int customer) {
        state_ = static_cast<std::uint64_t>(customer) * kSpread / static_cast<std::uint64_t>(count_);
        return order(customer, kStart + static_cast<kith_time>(state_) * 365 * kDay / kSpread);
    }
    Order any() { return later(static_cast<int>(next() % static_cast<unsigned>(count_))); }
    // The nth of kSpread who are spread over all, and have come once.
    Order spread(int n) {
        return later(static_cast<int>((std::int64_t{n} * count_ + kSpread - 1) / kSpread));
    }
    kith_time at() const { return at_; }

private:
    Order later(int customer) {
        at_ += kDay / 20'000;
        return order(customer, at_);
    }
    Order order(int customer, kith_time at) {
        Order out;
        out.customer = customer;
        out.at = at;
        out.actor = static_cast<int>(next() % 50);
        for (auto &line : out.lines)
            line = {static_cast<int>(next() % 500), static_cast<int>(next() % 20),
                    static_cast<std::int64_t>(next() % 5000)};
        return out;
    }
    std::uint64_t next() {  // splitmix64
        auto z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return z ^ z >> 31;
    }
    int count_;
    std::uint64_t state_ = 0;
    kith_time at_ = kStart + 366 * kDay;
};

class Shop {
public:
    explicit Shop(const char *file, std::uint32_t flags = 0) {
        kith_open_options options{};
        options.struct_size = sizeof options;
        options.flags = flags;
        options.durability = KITH_DURABILITY_RELAXED;
        must(kith_store_open(file, KITH_NTS, &options, &store_, &failed));
        must(kith_batch_new(store_, &batch_, &failed));
    }
    ~Shop() {
        kith_batch_free(batch_);
        kith_store_close(store_);
    }
    void define(const char *text) {
        must(kith_define(batch_, text, KITH_NTS, nullptr, &failed));
        commit();
    }
    void build() { must(kith_definition_build(store_, nullptr, 0, &failed)); }
    void begin() {}
    void sell(const Order &order) {
        const auto who = "C" + std::to_string(order.customer), actor = "A" + std::to_string(order.actor);
        std::string products[2], categories[2];
        kith_line lines[2] = {};
        for (std::size_t i = 0; i < 2; ++i) {
            products[i] = "P" + std::to_string(order.lines[i].product);
            categories[i] = "K" + std::to_string(order.lines[i].category);
            lines[i].product = str(products[i]);
            lines[i].category = str(categories[i]);
            lines[i].quantity = KITH_DECIMAL_ONE;
            lines[i].amount = order.lines[i].amount;
        }
        const std::string shop = "shop", type = "order";
        kith_ref ref{};
        ref.by = KITH_REF_HOST;
        ref.kind = str(shop);
        ref.value = str(who);
        kith_interaction one{};
        one.struct_size = sizeof one;
        one.type = str(type);
        one.at = order.at;
        one.amount = order.amount();
        one.fields = KITH_INTERACTION_FIELD_AMOUNT;
        one.actor = str(actor);
        one.lines = lines;
        one.line_count = 2;
        must(kith_interaction_append(batch_, &ref, KITH_ITEM_CREATE, &one, nullptr, &failed));
    }
    void commit() {
        must(kith_batch_commit(batch_, nullptr, &failed));
        kith_batch_clear(batch_);
    }
    void run_due(kith_time at) {
        kith_due_report report{};
        report.struct_size = sizeof report;
        must(kith_store_run_due(store_, at, &report, &failed));
    }

private:
    kith_store *store_ = nullptr;
    kith_batch *batch_ = nullptr;
};

template <class Side>
void fill(Side &side, Customers &customers) {
    side.begin();
    for (int i = 0; i < customers.count(); ++i) {
        side.sell(customers.first(i));
        if (i % 5000 != 4999 && i + 1 != customers.count()) continue;
        side.commit();
        side.begin();
    }
    side.commit();
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

template <class Side>
std::vector<Times> sell(Side &side, Customers &customers) {
    std::vector<Times> times;
    for (int b = 0; b < kBatches; ++b) {
        times.push_back(time_of([&] {
            side.begin();
            for (int i = 0; i < kPerBatch; ++i) side.sell(customers.any());
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

void row(const char *what, const Times &times, double per) {
    std::printf("  %-44s %9.2f us user %8.2f us system %9.2f us wall\n", what, times.user * 1e6 / per,
                times.system * 1e6 / per, times.wall * 1e6 / per);
}

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
    shop.define(kQuintiles);
    shop.build();
    shop.run_due(customers.at());
    row("quintiles of all, a customer", time_of([&] { shop.run_due(customers.at() + kDay); }), count);
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
