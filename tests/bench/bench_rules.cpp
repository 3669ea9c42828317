// Goal: what rules, processes and due times cost. Method: user time by getrusage, relaxed, medians of batches
// of a thousand orders, beside the same logic in SQLite (triggers and queries) in the same run; what came of
// it (tasks, requests, tags, scores, states, entries of logs) has to be as many of each in both.
//   (a) orders of N customers with one order each, with the metrics, bands, matrices and segments of
//   bench_values,
//       with and without 30 rules and 2 processes. About three rules fire at an order; the processes log one
//       move or two; what is due in between comes first.
//   (b) orders alone with 30 rules, with 1,000, of which 3 match: the others wait for types of their own, or,
//   also
//       shown, for the same orders of a medium that does not come.
//   (c) N cases of one process that are due, with a transition each, and with a task each.
//   bench_rules [CUSTOMERS [DUE]]      10,000 and 100,000 without
#include <kith/kith.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/lmdb_calls.hpp"
#include "bench/shop.hpp"
#include "bench/sqlite_rules.hpp"
#include "engine/reads.hpp"
#include "engine/store.hpp"
#include "index/keys.hpp"
#include "record/record.hpp"
#include "store/store.hpp"

namespace {

using namespace kith_bench;

constexpr const char *kFile = "bench_rules.kith", *kSqlite = "bench_rules.sqlite";

constexpr const char *kRules = R"json({"playbook":"rules","format":1,"define":[
 {"process":"buying","start":"order","initial":"fresh","states":{
  "fresh":{"on":{"order":"regular"},"after":[{"delay":"P60D","anchor":"m.last_at","target":"quiet"}]},
  "regular":{"on":{"order":{"guard":"m.orders_90d >= 3","target":"busy"}},"after":[{"delay":"P60D","anchor":"m.last_at","target":"quiet"}]},
  "busy":{"after":[{"delay":"P60D","anchor":"m.last_at","target":"quiet"}]},
  "quiet":{"on":{"order":"regular"},"after":[{"delay":"P180D","target":"gone"}]},
  "gone":{"on":{"order":"regular"}}}},
 {"process":"care","start":"order","initial":"touched","states":{
  "touched":{"on":{"order":{"target":"touched","reenter":true}},"entry":[{"do":"close","kind":"touch","as":"kept"}],
   "after":[{"delay":"P45D","target":"due_touch"}]},
  "due_touch":{"on":{"order":"touched"},"entry":[{"do":"task","kind":"touch","due":"P3D","assign":"='desk'"}],
   "after":[{"delay":"P30D","target":"neglected"}]},
  "neglected":{"on":{"order":"touched"}}}},
 {"rule":"thank","on":"order","where":"i.amount > money('90.00','USD')","then":[{"do":"task","kind":"thank","due":"P3D","assign":"='desk'"}]},
 {"rule":"buyer","on":"order","then":[{"do":"tag","tag":"buyer"}]},
 {"metric":"basket","given":"double"},
 {"rule":"basket","on":"order","then":[{"do":"score","metric":"basket","value":"1.0"}]},
 {"rule":"large","on":"order","where":"i.amount > money('80.00','USD')","then":[{"do":"notify","kind":"large","to":"='desk'"}]},
 {"rule":"call","on":"order","when":"m.orders_90d >= 6","then":[{"do":"task","kind":"call","due":"P2D","assign":"='desk'"}]},
 {"rule":"star","on":"order","where":"i.amount > money('70.00','USD')","when":"in_segment('stars')","then":[{"do":"notify","kind":"star","to":"='desk'"}]},
 {"rule":"loyal","on":"order","when":"cell.habit == 'loyal'","then":[{"do":"tag","tag":"loyal"}]},
 {"rule":"upsell","on":"order","where":"i.amount > money('95.00','USD')","when":"band.basket == 'large'","then":[{"do":"task","kind":"upsell","due":"P3D","assign":"='desk'"}]},
 {"rule":"check","on":"order","where":"i.actor == 'A7' && i.amount > money('60.00','USD')","then":[{"do":"task","kind":"check","due":"P1D","assign":"='desk'"}]},
 {"rule":"web","on":"order","where":"i.medium == 'web'","then":[{"do":"tag","tag":"web"}]},
 {"rule":"phone","on":"order","where":"i.medium == 'phone'","then":[{"do":"tag","tag":"phone"}]},
 {"rule":"store","on":"order","where":"i.medium == 'store'","then":[{"do":"tag","tag":"store"}]},
 {"rule":"app","on":"order","where":"i.medium == 'app'","then":[{"do":"tag","tag":"app"}]},
 {"rule":"mail","on":"order","where":"i.medium == 'mail'","then":[{"do":"tag","tag":"mail"}]},
 {"rule":"fair","on":"order","where":"i.medium == 'fair'","then":[{"do":"tag","tag":"fair"}]},
 {"rule":"big_1","when":"m.big_orders >= 1","then":[{"do":"tag","tag":"big_1"}]},
 {"rule":"big_2","when":"m.big_orders >= 2","then":[{"do":"tag","tag":"big_2"}]},
 {"rule":"big_3","when":"m.big_orders >= 3","then":[{"do":"task","kind":"big_3","due":"P3D","assign":"='desk'"}]},
 {"rule":"big_4","when":"m.big_orders >= 4","then":[{"do":"task","kind":"big_4","due":"P3D","assign":"='desk'"}]},
 {"rule":"big_5","when":"m.big_orders >= 5","then":[{"do":"task","kind":"big_5","due":"P3D","assign":"='desk'"}]},
 {"rule":"is_buyer","on":"segment.entered","where":"e.name == 'buyers'","then":[{"do":"tag","tag":"is_buyer"}]},
 {"rule":"is_frequent","on":"segment.entered","where":"e.name == 'frequent'","then":[{"do":"tag","tag":"is_frequent"}]},
 {"rule":"is_big","on":"segment.entered","where":"e.name == 'big_spenders'","then":[{"do":"tag","tag":"is_big"}]},
 {"rule":"is_star","on":"segment.entered","where":"e.name == 'stars'","then":[{"do":"tag","tag":"is_star"}]},
 {"rule":"repeat","on":"state.entered","where":"e.name == 'buying' && e.to == 'regular'","then":[{"do":"tag","tag":"repeat"}]},
 {"rule":"come_back","on":"state.entered","where":"e.name == 'buying' && e.to == 'gone'","then":[{"do":"task","kind":"come_back","due":"P3D","assign":"='desk'"}]},
 {"rule":"neglected","on":"state.entered","where":"e.name == 'care' && e.to == 'neglected'","then":[{"do":"notify","kind":"neglected","to":"='desk'"}]},
 {"rule":"answer","on":"complaint","then":[{"do":"task","kind":"answer","due":"P1D","assign":"='desk'"}]},
 {"rule":"return","on":"return","where":"i.amount > money('50.00','USD')","then":[{"do":"notify","kind":"return","to":"='desk'"}]},
 {"rule":"reply","on":"contact.mailed_in","then":[{"do":"task","kind":"reply","due":"P1D","assign":"='desk'"}]}]})json";

constexpr const char *kMatching = R"json({"playbook":"many","format":1,"define":[
 {"metric":"basket","given":"double"},
 {"rule":"thank","on":"order","where":"i.amount >= money('0.00','USD')","then":[{"do":"task","kind":"thank","due":"P3D","assign":"='desk'"}]},
 {"rule":"buyer","on":"order","then":[{"do":"tag","tag":"buyer"}]},
 {"rule":"basket","on":"order","then":[{"do":"score","metric":"basket","value":"1.0"}]})json";

std::string many_rules(int rules, bool by_type) {
    std::string all = kMatching;
    for (int i = 3; i < rules; ++i) {
        const auto name = "other_" + std::to_string(i);
        all += ",{\"rule\":\"" + name + "\",\"on\":\"" + (by_type ? name : "order") + "\"" +
               (by_type ? "" : ",\"where\":\"i.medium == '" + name + "'\"") +
               R"(,"then":[{"do":"task","kind":"other","due":"P3D","assign":"='desk'"}]})";
    }
    return all + "]}";
}

std::string trial(bool with_task) {
    return R"json({"playbook":"due","format":1,"define":[{"process":"trial","start":"signup","initial":"on_trial","states":{
 "on_trial":{"after":[{"delay":"P10D","target":"over"}]},"over":{)json" +
           std::string(with_task ? R"("entry":[{"do":"task","kind":"call","due":"P3D","assign":"='desk'"}])"
                                 : "") +
           "}}}]}";
}

void remove_files() {
    for (const auto *file : {kFile, kSqlite})
        for (const char *end : {"", "-lock", "-wal", "-shm"})
            std::filesystem::remove(std::string(file) + end);
}

template <class T>
T take(kith::base::Result<T> result) {
    if (result) return std::move(*result);
    std::fprintf(stderr, "bench_rules: %s\n", result.error().message.c_str());
    std::exit(1);
}

// As it is stored, but for what the built-in lifecycle does.
Outcome outcome_of_kith() {
    using namespace kith;
    engine::OpenOptions options;
    options.file.durability = store::Durability::relaxed;
    const auto store = take(engine::Store::open(kFile, std::move(options)));
    const auto snapshot = take(store->snapshot());
    const auto text = [&](model::Name name) { return std::string(take(snapshot->text(name))); };
    const engine::Reads reads(*snapshot);
    Outcome out;
    const auto each = [&](store::Table table, const auto &count) {
        auto cursor = take(snapshot->reader().cursor(table));
        for (bool more = take(cursor.first()); more; more = take(cursor.next())) count(cursor);
    };
    const auto count_row = [&](auto &cursor) {
        const auto key = cursor.key();
        const auto tag = index::tag_of(key);
        if (tag == index::Tag::commitment) {
            const auto one = record::decode_commitment(
                index::party_of(key), base::Id::from(key.subspan(24, 16)), take(cursor.value()).payload);
            ++out["task " + text(one.kind) + " " + std::string(model::word_of(one.state))];
            if (one.told_late) ++out["late " + text(one.kind)];
        } else if (tag == index::Tag::party) {
            const auto party = record::decode_party(index::party_of(key), take(cursor.value()).payload);
            for (std::string_view tags = party.tags; !tags.empty();) {
                const auto comma = std::min(tags.find(','), tags.size());
                auto one = tags.substr(0, comma);
                while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
                ++out["tag " + std::string(one)];
                tags.remove_prefix(std::min(comma + 1, tags.size()));
            }
            for (const auto &read : take(reads.processes(party.id))) {
                const auto process = text(read.process.definition);
                if (process == "lifecycle") continue;
                ++out["state " + process + " " + text(read.process.state)];
                out["log " + process] += read.process.transitions;
            }
        }
    };
    each(store::Table::rows, count_row);
    each(store::Table::parties, count_row);
    each(store::Table::scores,
         [&](auto &cursor) { ++out["score " + text(index::score_key(cursor.key()).metric)]; });
    each(store::Table::requests, [&](auto &cursor) {
        ++out["request " + text(record::decode_request({}, take(cursor.value()).payload).kind)];
    });
    return out;
}

bool same(Outcome kith, Outcome sqlite) {
    std::erase_if(kith, [](const auto &one) { return one.first.find(" win_back") != std::string::npos; });
    bool equal = true;
    for (const auto &[what, count] : sqlite) {
        if (kith[what] == count) continue;
        std::fprintf(stderr, "bench_rules: %s: %lld, in SQLite %lld\n", what.c_str(),
                     static_cast<long long>(kith[what]), static_cast<long long>(count));
        equal = false;
    }
    for (const auto &[what, count] : kith) {
        if (count == 0 || sqlite.contains(what)) continue;
        std::fprintf(stderr, "bench_rules: %s: %lld, in SQLite none\n", what.c_str(),
                     static_cast<long long>(count));
        equal = false;
    }
    return equal;
}

void show(const Outcome &outcome) {
    std::printf("  both have:");
    const char *before = " ";
    for (const auto &[what, count] : outcome) {
        std::printf("%s%lld %s", before, static_cast<long long>(count), what.c_str());
        before = ", ";
    }
    std::printf("\n");
}

void verdict(const char *what, double value, double bar) {
    std::printf("  %-56s %7.2f, the bar is %.2f%s\n", what, value, bar, value <= bar ? "" : ": MISSED");
}

// ---- (a) ----

Times sell_counted(Shop &shop, Customers &customers, const char *what) {
    const auto before = rows_so_far();
    const auto times = median(sell(shop, customers));
    const auto after = rows_so_far();
    row(what, times, kPerBatch);
    constexpr double kOrders = kPerBatch * kBatches;
    std::printf("    reads %.1f rows and writes %.1f\n",
                static_cast<double>(after.read - before.read) / kOrders,
                static_cast<double>(after.written - before.written) / kOrders);
    return times;
}

Times with_metrics(int count) {
    Customers customers(count);
    remove_files();
    Shop shop(kFile, KITH_OPEN_NEW);
    shop.define(kDefinitions);
    fill(shop, customers);
    shop.run_due(customers.at());
    return sell_counted(shop, customers, "an order with the metrics");
}

bool orders(int count) {
    std::printf("orders of %d customers\n", count);
    const auto before = with_metrics(count);
    Times with;
    kith_time end = 0;
    remove_files();
    {
        Customers customers(count);
        Shop shop(kFile, KITH_OPEN_NEW);
        shop.define(kDefinitions);
        shop.define(kRules);
        row("each first order of a year, with rules", time_of([&] { fill(shop, customers); }), count);
        row("due work of that year", time_of([&] { shop.run_due(customers.at()); }), count);
        with = sell_counted(shop, customers, "an order with metrics, 30 rules, 2 processes");
        end = customers.at() + 100 * kDay;
        row("due work of 100 days after", time_of([&] { shop.run_due(end); }), count);
    }
    const auto outcome = outcome_of_kith();
    Customers customers(count);
    SqliteRules sqlite(kSqlite);
    row("each first order, in SQLite", time_of([&] { fill(sqlite, customers); }), count);
    const auto run_due = [&](kith_time at) {
        sqlite.begin();
        sqlite.run_due(at);
        sqlite.commit();
    };
    row("due work of that year, in SQLite", time_of([&] { run_due(customers.at()); }), count);
    row("the same order in SQLite", median(sell(sqlite, customers)), kPerBatch);
    row("due work of 100 days after, in SQLite", time_of([&] { run_due(end); }), count);
    verdict("us user that rules and processes add to an order", (with.user - before.user) * 1e6 / kPerBatch,
            30);
    const auto theirs = sqlite.outcome();
    show(theirs);
    return same(outcome, theirs);
}

// ---- (b) ----

bool many(int count, bool by_type) {
    std::printf("orders of %d customers, rules that do not match wait for %s\n", count,
                by_type ? "types of their own" : "orders of a medium that does not come");
    double user[2] = {};
    bool equal = true;
    for (const int rules : {30, 1000}) {
        remove_files();
        Times times;
        {
            Customers customers(count);
            Shop shop(kFile, KITH_OPEN_NEW);
            shop.define(many_rules(rules, by_type).c_str());
            fill(shop, customers);
            times = median(sell(shop, customers));
        }
        user[rules == 1000] = times.user;
        row(("an order with " + std::to_string(rules) + " rules, of which 3 match").c_str(), times,
            kPerBatch);
        const auto outcome = outcome_of_kith();
        Customers customers(count);
        SqliteMany sqlite(kSqlite, rules, by_type);
        fill(sqlite, customers);
        row("the same in SQLite", median(sell(sqlite, customers)), kPerBatch);
        equal &= same(outcome, sqlite.outcome());
    }
    if (by_type) {
        verdict("1,000 rules to 30", user[1] / user[0], 2);
    } else {
        std::printf("  1,000 rules to 30, every one asked: %.2f\n", user[1] / user[0]);
    }
    return equal;
}

// ---- (c) ----

bool due(int count, bool with_task, double bar) {
    std::printf("%d cases that are due%s\n", count, with_task ? ", with a task each" : "");
    constexpr auto kBegin = kStart, kEnd = kStart + 10 * kDay, kNow = kStart + 11 * kDay;
    remove_files();
    Times times;
    {
        Shop shop(kFile, KITH_OPEN_NEW);
        shop.define(trial(with_task).c_str());
        for (int i = 0; i < count; ++i) {
            shop.visit("signup", i, kBegin + i);
            if (i % 5000 == 4999 || i + 1 == count) shop.commit();
        }
        times = time_of([&] { shop.run_due(kNow); });
    }
    row("a case", times, count);
    const auto outcome = outcome_of_kith();
    SqliteDue sqlite(kSqlite, count, kBegin, kEnd, with_task);
    row("the same in SQLite", time_of([&] { sqlite.run_due(kNow); }), count);
    verdict("s user for all, a bar for 100,000", times.user, bar);
    return same(outcome, sqlite.outcome());
}

}  // namespace

int main(int argc, char **argv) {
    failed.struct_size = sizeof failed;
    const std::vector<int> sizes =
        argc > 1 ? std::vector<int>{std::atoi(argv[1])} : std::vector<int>{10'000, 100'000};
    const int cases = argc > 2 ? std::atoi(argv[2]) : 100'000;
    bool equal = true;
    for (const int size : sizes) equal &= orders(size);
    for (const bool by_type : {true, false}) equal &= many(sizes.front(), by_type);
    equal &= due(cases, false, 1);
    equal &= due(cases, true, 2.5);
    remove_files();
    return equal ? 0 : 1;
}
