// What a host feels, through the C ABI: import, brief, look-up, one durable sale, RFM. On CDNOW where the
// shared data is there, else on as many made-up purchases. The file lies in the working directory.
#include <benchmark/benchmark.h>
#include <kith/kith.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace {

constexpr const char *kFile = "bench_crm.kith";

void must(kith_status status, const kith_error &error) {
    if (status >= 0) return;
    std::fprintf(stderr, "bench_crm: %s: %s\n", kith_status_name(status), error.message);
    std::exit(1);
}

kith_error no_error() {
    kith_error error{};
    error.struct_size = sizeof error;
    return error;
}

kith_str str(const std::string &text) { return {text.data(), text.size()}; }

struct Purchase {
    std::string party;
    kith_time at;
    int64_t amount;
};

std::vector<Purchase> purchases() {
    std::vector<Purchase> all;
    const char *named = std::getenv("KITH_SHARED");
    std::ifstream in(std::string(named ? named : KITH_SHARED_DIR) + "/data/cdnow/cdnow_master.csv");
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
        std::istringstream cells(line);
        std::string party, date, count, value;
        std::getline(cells, party, ',');
        std::getline(cells, date, ',');
        std::getline(cells, count, ',');
        std::getline(cells, value, ',');
        Purchase one{party, 0, 0};
        auto error = no_error();
        must(kith_time_parse(date.data(), date.size(), nullptr, 0, &one.at, &error), error);
        must(kith_decimal_parse(value.data(), value.size(), 2, &one.amount, &error), error);
        all.push_back(one);
    }
    std::mt19937_64 random(1);
    while (all.size() < 69'659) {
        all.push_back({std::to_string(random() % 23'570),
                       static_cast<kith_time>(random() % 546) * 86'400'000'000,
                       static_cast<int64_t>(random() % 10'000)});
    }
    std::stable_sort(all.begin(), all.end(), [](const auto &a, const auto &b) { return a.at < b.at; });
    return all;
}

// One store for all benchmarks, filled once; the rate is printed.
struct Shop {
    kith_store *store = nullptr;
    std::vector<kith_id> parties;
    std::vector<std::string> keys;

    Shop() {
        std::remove(kFile);
        auto error = no_error();
        kith_open_options options{};
        options.struct_size = sizeof options;
        options.flags = KITH_OPEN_NEW;
        options.snapshot_age_ms_max = UINT64_MAX;
        must(kith_store_open(kFile, KITH_NTS, &options, &store, &error), error);
        const auto all = purchases();
        const auto begun = std::chrono::steady_clock::now();
        kith_batch *batch = nullptr;
        must(kith_batch_new(store, &batch, &error), error);
        for (std::size_t i = 0; i < all.size(); ++i) {
            sell(batch, all[i].party, all[i].at, all[i].amount, std::to_string(i));
            if (kith_batch_count(batch) == 5000 || i + 1 == all.size()) {
                must(kith_batch_commit(batch, nullptr, &error), error);
                kith_batch_clear(batch);
            }
        }
        kith_batch_free(batch);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
        std::printf("import: %zu interactions in %.3f s, %.0f a second (durability full, batches of 5,000)\n",
                    all.size(), took.count(), static_cast<double>(all.size()) / took.count());
        list();
    }

    static void sell(kith_batch *batch, const std::string &party, kith_time at, int64_t amount,
                     const std::string &key) {
        auto error = no_error();
        kith_ref ref{};
        ref.by = KITH_REF_HOST;
        ref.kind = {"shop", 4};
        ref.value = str(party);
        kith_interaction sale{};
        sale.struct_size = sizeof sale;
        sale.fields = KITH_INTERACTION_FIELD_AMOUNT;
        sale.type = {"order", 5};
        sale.at = at;
        sale.amount = amount;
        sale.system = ref.kind;
        sale.key = str(key);
        must(kith_interaction_append(batch, &ref, KITH_ITEM_CREATE, &sale, nullptr, &error), error);
    }

    void list() {
        auto error = no_error();
        kith_snapshot *snapshot = nullptr;
        must(kith_snapshot_begin(store, &snapshot, &error), error);
        kith_query query{};
        query.struct_size = sizeof query;
        query.list = KITH_LIST_PARTIES;
        kith_cursor *cursor = nullptr;
        must(kith_cursor_open(snapshot, &query, &cursor, &error), error);
        kith_page *page = nullptr;
        while (kith_cursor_next(cursor, KITH_MAX_PAGE_ITEMS, &page, &error) == KITH_OK) {
            size_t count = 0;
            const auto *items = kith_page_parties(page, &count);
            for (size_t i = 0; i < count; ++i) {
                parties.push_back(items[i]->id);
                keys.emplace_back(items[i]->host_key.data, items[i]->host_key.size);
            }
            kith_page_free(page);
        }
        kith_cursor_free(cursor);
        kith_snapshot_end(snapshot);
    }
};

Shop &shop() {
    static Shop the_shop;
    return the_shop;
}

class View {
public:
    View() {
        auto error = no_error();
        must(kith_snapshot_begin(shop().store, &snapshot, &error), error);
    }
    ~View() { kith_snapshot_end(snapshot); }
    kith_snapshot *snapshot = nullptr;
};

void brief(benchmark::State &state) {
    View view;
    std::mt19937_64 random(2);
    auto error = no_error();
    for (auto _ : state) {
        kith_page *page = nullptr;
        must(kith_brief(view.snapshot, &shop().parties[random() % shop().parties.size()], 20, &page, &error),
             error);
        kith_page_free(page);
    }
}
BENCHMARK(brief);

void brief_with_its_own_snapshot(benchmark::State &state) {
    std::mt19937_64 random(2);
    auto error = no_error();
    shop();
    for (auto _ : state) {
        View view;
        kith_page *page = nullptr;
        must(kith_brief(view.snapshot, &shop().parties[random() % shop().parties.size()], 20, &page, &error),
             error);
        kith_page_free(page);
    }
}
BENCHMARK(brief_with_its_own_snapshot);

void party_get(benchmark::State &state) {
    View view;
    std::mt19937_64 random(3);
    auto error = no_error();
    kith_party party{};
    party.struct_size = sizeof party;
    for (auto _ : state) {
        must(kith_party_get(view.snapshot, &shop().parties[random() % shop().parties.size()], &party, &error),
             error);
    }
}
BENCHMARK(party_get);

void party_find_by_host_key(benchmark::State &state) {
    View view;
    std::mt19937_64 random(4);
    auto error = no_error();
    kith_ref ref{};
    ref.by = KITH_REF_HOST;
    ref.kind = {"shop", 4};
    kith_id found;
    for (auto _ : state) {
        ref.value = str(shop().keys[random() % shop().keys.size()]);
        must(kith_party_find(view.snapshot, &ref, &found, &error), error);
    }
}
BENCHMARK(party_find_by_host_key);

void rfm(benchmark::State &state) {
    View view;
    auto error = no_error();
    kith_rfm_options options{};
    options.struct_size = sizeof options;
    options.as_of = 900'000'000'000'000;  // July 1998
    for (auto _ : state) {
        kith_table *table = nullptr;
        must(kith_rfm(view.snapshot, &options, &table, &error), error);
        kith_table_free(table);
    }
}
BENCHMARK(rfm)->Unit(benchmark::kMillisecond);

void info(benchmark::State &state) {
    View view;
    auto error = no_error();
    kith_info out{};
    for (auto _ : state) {
        out.struct_size = sizeof out;
        must(kith_store_info(view.snapshot, &out, &error), error);
    }
}
BENCHMARK(info)->Unit(benchmark::kMillisecond);

void one_durable_sale(benchmark::State &state) {
    std::mt19937_64 random(5);
    auto error = no_error();
    kith_batch *batch = nullptr;
    must(kith_batch_new(shop().store, &batch, &error), error);
    static int64_t sales = 0;
    for (auto _ : state) {
        ++sales;
        Shop::sell(batch, shop().keys[random() % shop().keys.size()], 900'000'000'000'000 + sales * 1'000'000,
                   1999, "sale" + std::to_string(sales));
        must(kith_batch_commit(batch, nullptr, &error), error);
        kith_batch_clear(batch);
    }
    kith_batch_free(batch);
}
BENCHMARK(one_durable_sale)->Unit(benchmark::kMicrosecond);

}  // namespace

int main(int argc, char **argv) {
    benchmark::Initialize(&argc, argv);
    shop();
    benchmark::RunSpecifiedBenchmarks();
    kith_store_close(shop().store);
    std::remove(kFile);
    std::remove((std::string(kFile) + "-lock").c_str());
}
