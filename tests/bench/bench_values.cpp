// What values cost: orders of two lines committed a thousand at a time, relaxed, into a file of N customers,
// with 20 metrics (a third of them per actor, per category or of the base), 10 segments, 5 bands and 2
// matrices installed, beside the same orders without definitions; back-fill of the same definitions; a run of
// quintiles; a segment counted. Processor time of the user by getrusage, medians of batches.
//   bench_values [CUSTOMERS]      10,000 and 100,000 without
#include <kith/kith.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

namespace {

constexpr const char *kFile = "bench_values.kith";
constexpr kith_time kDay = 86'400'000'000, kStart = 1'700'000'000'000'000;
constexpr int kPerBatch = 1000, kBatches = 30;

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

kith_error failed{};
void must(kith_status status) {
    if (status >= 0) return;
    std::fprintf(stderr, "bench_values: %s: %s\n", kith_status_name(status), failed.message);
    std::exit(1);
}
kith_str str(const std::string &text) { return {text.data(), text.size()}; }

struct Times {
    double user = 0, system = 0, wall = 0;
};
Times now() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval &t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return {seconds(usage.ru_utime), seconds(usage.ru_stime),
            std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count()};
}
Times operator-(const Times &a, const Times &b) {
    return {a.user - b.user, a.system - b.system, a.wall - b.wall};
}

class Shop {
public:
    explicit Shop(int customers) : customers_(customers) {
        for (const char *end : {"", "-lock"}) std::filesystem::remove(std::string(kFile) + end);
        kith_open_options options{};
        options.struct_size = sizeof options;
        options.flags = KITH_OPEN_NEW;
        options.durability = KITH_DURABILITY_RELAXED;
        must(kith_store_open(kFile, KITH_NTS, &options, &store_, &failed));
        must(kith_batch_new(store_, &batch_, &failed));
    }
    ~Shop() {
        kith_batch_free(batch_);
        kith_store_close(store_);
        for (const char *end : {"", "-lock"}) std::filesystem::remove(std::string(kFile) + end);
    }
    void define(const char *text) {
        must(kith_define(batch_, text, KITH_NTS, nullptr, &failed));
        commit();
    }
    Times build() {
        const auto begun = now();
        must(kith_definition_build(store_, nullptr, 0, &failed));
        return now() - begun;
    }
    void order(int customer, kith_time at) {
        const auto who = "C" + std::to_string(customer), actor = "A" + std::to_string(random_() % 50);
        const std::string products[] = {"P" + std::to_string(random_() % 500),
                                        "P" + std::to_string(random_() % 500)};
        const std::string categories[] = {"K" + std::to_string(random_() % 20),
                                          "K" + std::to_string(random_() % 20)};
        kith_line lines[2] = {};
        int64_t sum = 0;
        for (int i = 0; i < 2; ++i) {
            lines[i].product = str(products[i]);
            lines[i].category = str(categories[i]);
            lines[i].quantity = KITH_DECIMAL_ONE;
            lines[i].amount = static_cast<int64_t>(random_() % 5000);
            sum += lines[i].amount;
        }
        kith_ref ref{};
        ref.by = KITH_REF_HOST;
        const std::string shop = "shop";
        ref.kind = str(shop);
        ref.value = str(who);
        kith_interaction one{};
        one.struct_size = sizeof one;
        const std::string type = "order";
        one.type = str(type);
        one.at = at;
        one.amount = sum;
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
    // Every customer with one order, in a year.
    void fill() {
        for (int i = 0; i < customers_; ++i) {
            order(i, kStart + static_cast<kith_time>(i) * 365 * kDay / customers_);
            if (i % 5000 == 4999 || i + 1 == customers_) commit();
        }
    }
    // Median of batches, a batch's orders in order of time.
    Times sell() {
        std::vector<Times> all;
        for (int b = 0; b < kBatches; ++b) {
            const auto begun = now();
            for (int i = 0; i < kPerBatch; ++i) {
                at_ += kDay / 20'000;
                order(static_cast<int>(random_() % static_cast<unsigned>(customers_)), at_);
            }
            commit();
            all.push_back(now() - begun);
        }
        std::sort(all.begin(), all.end(), [](auto &a, auto &b) { return a.user < b.user; });
        return all[all.size() / 2];
    }
    Times run_due() {
        const auto begun = now();
        kith_due_report report{};
        report.struct_size = sizeof report;
        must(kith_store_run_due(store_, at_, &report, &failed));
        return now() - begun;
    }

private:
    int customers_;
    kith_store *store_ = nullptr;
    kith_batch *batch_ = nullptr;
    std::mt19937_64 random_{1};
    kith_time at_ = kStart + 366 * kDay;
};

void row(const char *what, const Times &times, double per) {
    std::printf("  %-44s %8.2f us user  %7.2f us system  %8.2f us wall\n", what, times.user * 1e6 / per,
                times.system * 1e6 / per, times.wall * 1e6 / per);
}

void bench(int customers) {
    std::printf("%d customers\n", customers);
    Times bare, with;
    {
        Shop shop(customers);
        shop.fill();
        bare = shop.sell();
        shop.define(kDefinitions);
        const auto built = shop.build();
        row("an order without definitions", bare, kPerBatch);
        std::printf("  %-44s %8.0f rows/s of user time\n", "back-fill of the definitions",
                    (customers + kBatches * kPerBatch) / built.user);
        with = shop.sell();
        row("an order with them", with, kPerBatch);
        std::printf("  ratio %.2f\n", with.user / bare.user);
        shop.define(kQuintiles);
        shop.build();
        const auto dated = shop.run_due();
        std::printf("  %-44s %8.2f s user\n", "due work and quintiles of all", dated.user);
    }
}

}  // namespace

int main(int argc, char **argv) {
    failed.struct_size = sizeof failed;
    if (argc > 1) {
        bench(std::atoi(argv[1]));
    } else {
        bench(10'000);
        bench(100'000);
    }
}
