// The shop that the benchmarks of values and of rules share: who buys what and when, the same for kith and
// for SQLite, and the metrics, bands, segments and matrices that both keep.
#pragma once

#include <kith/kith.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/sqlite_values.hpp"
#include "bench/times.hpp"

namespace kith_bench {

constexpr kith_time kDay = 86'400'000'000, kStart = 1'700'000'000'000'000;
constexpr int kPerBatch = 1000, kBatches = 30, kCounted = 8, kSpread = kPerBatch * kCounted;

inline constexpr const char *kDefinitions = R"json({"playbook":"bench","format":1,"define":[
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

inline kith_error failed{};
inline void must(kith_status status) {
    if (status >= 0) return;
    std::fprintf(stderr, "%s: %s\n", kith_status_name(status), failed.message);
    std::exit(1);
}
inline kith_str str(const std::string &text) { return {text.data(), text.size()}; }

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
        auto one = interaction("order", order.at);
        one.amount = order.amount();
        one.fields = KITH_INTERACTION_FIELD_AMOUNT;
        one.actor = str(actor);
        one.lines = lines;
        one.line_count = 2;
        append(who, one);
    }
    void visit(const char *type, int customer, kith_time at) {
        append("C" + std::to_string(customer), interaction(type, at));
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
    static kith_interaction interaction(const char *type, kith_time at) {
        kith_interaction one{};
        one.struct_size = sizeof one;
        one.type = {type, KITH_NTS};
        one.at = at;
        return one;
    }
    void append(const std::string &who, const kith_interaction &one) {
        const std::string shop = "shop";
        kith_ref ref{};
        ref.by = KITH_REF_HOST;
        ref.kind = str(shop);
        ref.value = str(who);
        must(kith_interaction_append(batch_, &ref, KITH_ITEM_CREATE, &one, nullptr, &failed));
    }

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

inline void row(const char *what, const Times &times, double per) {
    std::printf("  %-44s %9.2f us user %8.2f us system %9.2f us wall\n", what, times.user * 1e6 / per,
                times.system * 1e6 / per, times.wall * 1e6 / per);
}

}  // namespace kith_bench
