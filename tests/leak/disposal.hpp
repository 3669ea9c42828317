// Handles of every kind, freed in any order, by one thread or by several, and what is said of them on the
// way.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <iostream>
#include <random>
#include <thread>

#include "capi/fixture.hpp"
#include "sanitized.hpp"

namespace kith_test {

class Disposal : public Capi {
protected:
    enum Kind { the_store, the_snapshot, batch_, cursor, page, table, lines, expr, result, kinds };
    struct Handle {
        std::function<kith_status()> use;  // one call on it
        std::function<void()> free;
        std::vector<Kind> needs{};  // what it stands on, beside itself
    };
    using Handles = std::array<Handle, kinds>;

    Disposal() : seed_(std::random_device{}()), random_(seed_) { std::cout << "seed " << seed_ << std::endl; }

    void SetUp() override {
        constexpr const char *kValues = R"json({"playbook":"values","format":1,"define":[
            {"metric":"bought","count":"order"},{"metric":"middle","median":"order","of":"i.amount"},
            {"metric":"all_bought","count":"order","per":"all"},
            {"segment":"buyers","when":"m.bought > 0"}]})json";
        ASSERT_EQ(kith_define(batch, kValues, KITH_NTS, nullptr, &error), KITH_OK) << error.message;
        ASSERT_EQ(append(host("shop", "C1"), order("R1", kNow, 100)), KITH_OK);
        ASSERT_EQ(append(host("shop", "C2"), order("R2", kNow, 200)), KITH_OK);
        ASSERT_EQ(commit(), KITH_OK) << error.message;
        party_ = outcomes[1].party;
        kith_batch_free(batch);
        kith_store_close(store);
        batch = nullptr;
        store = nullptr;
        ASSERT_EQ(kith_debug_live_handles(), 0);
    }

    Handles made() {
        kith_snapshot *v = nullptr;
        kith_batch *b = nullptr;
        kith_cursor *c = nullptr;
        kith_page *p = nullptr;
        kith_table *t = nullptr;
        kith_export *e = nullptr;
        kith_expr *x = nullptr;
        kith_expr_result *r = nullptr;
        auto query = make<kith_query>();
        query.list = KITH_LIST_PARTIES;
        const kith_str names[] = {str("m.bought"), str("m.middle"), str("in_segment('buyers')")};
        auto values = make<kith_values_options>();
        values.names = names;
        values.name_count = 3;
        const auto ref = host("shop", "C3");
        const auto sale = order("R3", kNow, 300);
        auto *s = open("base.kith");
        EXPECT_EQ(kith_snapshot_begin(s, &v, &error), KITH_OK) << error.message;
        EXPECT_EQ(kith_batch_new(s, &b, &error), KITH_OK);
        EXPECT_EQ(kith_interaction_append(b, &ref, KITH_ITEM_CREATE, &sale, nullptr, &error), KITH_OK);
        EXPECT_EQ(kith_cursor_open(v, &query, &c, &error), KITH_OK);
        EXPECT_EQ(kith_brief(v, &party_, 9, &p, &error), KITH_OK) << error.message;
        EXPECT_EQ(kith_values(v, &values, &t, &error), KITH_OK) << error.message;
        EXPECT_EQ(kith_export_open(v, nullptr, &e, &error), KITH_OK);
        auto with = make<kith_expr_options>();
        with.definitions = v;
        auto who = make<kith_subject>();
        who.party = party_;
        EXPECT_EQ(kith_expr_compile("m.bought > 0 && in_segment('buyers')", KITH_NTS, &with, &x, &error),
                  KITH_OK)
            << error.message;
        EXPECT_EQ(kith_expr_eval_subject(v, x, &who, nullptr, &r, &error), KITH_OK) << error.message;
        EXPECT_EQ(kith_debug_live_handles(), std::int64_t{kinds});

        Handles all;
        all[the_store] = {[s] {
                              kith_batch *more = nullptr;
                              const auto status = kith_batch_new(s, &more, nullptr);
                              kith_batch_free(more);
                              return status;
                          },
                          [s] { kith_store_close(s); }};
        all[the_snapshot] = {[v] {
                                 auto read = make<kith_info>();
                                 return kith_store_info(v, &read, nullptr);
                             },
                             [v] { kith_snapshot_end(v); },
                             {the_store}};
        all[batch_] = {[b] {
                           const auto again = host("shop", "C3");
                           const auto more = order("R3", kNow, 300);
                           return kith_interaction_append(b, &again, KITH_ITEM_CREATE, &more, nullptr,
                                                          nullptr);
                       },
                       [b] { kith_batch_free(b); },
                       {the_store}};
        all[cursor] = {[c] {
                           kith_page *next = nullptr;
                           const auto status = kith_cursor_next(c, 1, &next, nullptr);
                           kith_page_free(next);
                           return status;
                       },
                       [c] { kith_cursor_free(c); },
                       {the_store, the_snapshot}};
        all[page] = {[p] { return kith_page_parties(p, nullptr) ? KITH_OK : KITH_E_CLOSED; },
                     [p] { kith_page_free(p); }};
        all[table] = {[t] {
                          auto column = make<kith_column>();
                          return kith_table_column(t, 0, &column, nullptr);
                      },
                      [t] { kith_table_free(t); }};
        all[lines] = {[e] {
                          kith_str piece;
                          return kith_export_next(e, &piece, nullptr);
                      },
                      [e] { kith_export_free(e); },
                      {the_store, the_snapshot}};
        all[expr] = {[x] {
                         auto description = make<kith_expr_description>();
                         return kith_expr_describe(x, &description, nullptr);
                     },
                     [x] { kith_expr_free(x); }};
        all[result] = {[r] {
                           auto outcome = make<kith_expr_outcome>();
                           return kith_expr_result_describe(r, &outcome, nullptr);
                       },
                       [r] { kith_expr_result_free(r); }};
        return all;
    }

    std::vector<Kind> shuffled() {
        std::vector<Kind> all;
        for (int kind = 0; kind < kinds; ++kind) all.push_back(static_cast<Kind>(kind));
        std::shuffle(all.begin(), all.end(), random_);
        return all;
    }

    // After each free, every handle is asked: it works if it and what it stands on are there, else is closed.
    void in_any_order(std::size_t rounds) {
        rounds /= kSanitizedShare;
        for (std::size_t round = 0; round < rounds && !HasFailure(); ++round) {
            const auto handles = made();
            std::array<bool, kinds> freed{};
            for (const auto kind : shuffled()) {
                handles[kind].free();
                freed[kind] = true;
                for (int other = 0; other < kinds; ++other) {
                    const auto &handle = handles[static_cast<std::size_t>(other)];
                    bool closed = freed[static_cast<std::size_t>(other)];
                    for (const auto need : handle.needs) closed = closed || freed[need];
                    const auto status = handle.use();
                    EXPECT_EQ(closed, status == KITH_E_CLOSED)
                        << "kind " << other << " after " << kind << ": " << kith_status_name(status);
                    EXPECT_TRUE(closed || status >= 0) << kith_status_name(status);
                }
                handles[kind].free();  // twice is harmless
            }
            EXPECT_EQ(kith_debug_live_handles(), 0);
        }
        std::cout << rounds << " orders" << std::endl;
    }

    // Each of four threads uses and frees the handles dealt to it, while the others free what they stand on.
    void by_threads(std::size_t rounds) {
        rounds /= kSanitizedShare;
        constexpr std::size_t kThreads = 4;
        std::atomic<int> wrong{0}, closed{0};
        for (std::size_t round = 0; round < rounds && !HasFailure(); ++round) {
            const auto handles = made();
            const auto turns = shuffled();
            std::vector<std::thread> threads;
            for (std::size_t t = 0; t < kThreads; ++t) {
                threads.emplace_back([&, t] {
                    for (auto i = t; i < turns.size(); i += kThreads) {
                        const auto status = handles[turns[i]].use();
                        if (status == KITH_E_CLOSED) ++closed;
                        // A cursor and an export are their snapshot's: that is for one thread at a time.
                        const bool in_use = status == KITH_E_STATE && at_snapshot(turns[i]);
                        if (status < 0 && status != KITH_E_CLOSED && !in_use) ++wrong;
                        handles[turns[i]].free();
                    }
                });
            }
            for (auto &thread : threads) thread.join();
            EXPECT_EQ(kith_debug_live_handles(), 0);
        }
        EXPECT_EQ(wrong, 0);
        std::cout << rounds << " rounds, " << closed << " found closed by another thread" << std::endl;
    }

private:
    static bool at_snapshot(Kind kind) { return kind == the_snapshot || kind == cursor || kind == lines; }

    std::uint64_t seed_;
    std::mt19937_64 random_;
    kith_id party_{};
};

}  // namespace kith_test
