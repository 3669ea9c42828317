// Goal: a simulation says exactly how two files differ that are lived for real, one with the definitions as
// they are and one as they would be; of unchanged definitions there is no difference; the file stays as it
// was, byte for byte, and nothing is left in the folder. Method: random histories, each told day by day to
// two stores with run_due every midnight; what the feeds tell of rules, processes, requests and commitments
// is compared with the rows of kith_simulate over the first file.
#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <map>
#include <random>
#include <set>

#include "capi/fixture.hpp"

namespace kith_test {
namespace {

using Effects = std::multiset<std::string>;

std::string story_of(int least, int days, const char *mode, int left) {
    return R"json({"playbook": "p", "format": 1, "define": [
        {"rule": "big", "on": "order", "when": "i.amount >= money(')json" +
           std::to_string(least) +
           R"json(.00', 'USD')", "then": [{"do": "notify", "to": "party", "title": "thanks"}, {"do": "tag", "tag": "big"}]},
        {"rule": "often", "when": "m.orders >= 3", "mode": ")json" +
           mode + R"json(", "then": [{"do": "task", "kind": "call", "title": "often"}]},
        {"rule": "quiet", "on": "order", "unless": {"event": "order", "within": "P)json" +
           std::to_string(days) +
           R"json(D"}, "then": [{"do": "commit", "kind": "visit", "title": "see them", "due": "P5D"}]},
        {"process": "care", "start": ["visit"], "initial": "fresh", "states": {
            "fresh": {"after": [{"delay": "P)json" +
           std::to_string(left) + R"json(D", "target": "stale"}], "on": {"visit": "seen"}},
            "seen": {"after": [{"delay": "P3D", "target": "fresh"}]}, "stale": {"final": true}}}
    ]})json";
}

class Simulate : public Capi {
protected:
    struct Event {
        kith_time at = 0;
        std::string party, key;
        int amount = 0;  // 0: a visit
    };
    std::vector<Event> history(std::mt19937 &random) {
        std::vector<Event> events;
        for (int i = 0; i < 150; ++i) {
            const auto at = kNow + static_cast<kith_time>(random() % (100 * 24 * 60)) * 60'000'000;
            const auto party = "C" + std::to_string(random() % 12);
            events.push_back({at, party, "E" + std::to_string(i),
                              random() % 4 == 0 ? 0 : static_cast<int>(random() % 20'000) + 1});
        }
        std::ranges::sort(events, {}, &Event::at);
        for (std::size_t i = 1; i < events.size(); ++i)
            if (events[i].at <= events[i - 1].at) events[i].at = events[i - 1].at + 1;
        return events;
    }
    void define(kith_store *of, const std::string &playbook) {
        kith_batch *changes = new_batch(of);
        ASSERT_EQ(kith_define(changes, playbook.data(), playbook.size(), nullptr, &error), KITH_OK)
            << error.message;
        ASSERT_EQ(kith_batch_commit(changes, nullptr, &error), KITH_OK) << error.message;
        kith_batch_free(changes);
    }
    void run_due(kith_store *of, kith_time now) {
        world.now = now;
        auto due = make<kith_due_report>();
        ASSERT_EQ(kith_store_run_due(of, now, &due, &error), KITH_OK) << error.message;
    }
    void live(kith_store *of, const std::vector<Event> &events) {
        kith_batch *changes = new_batch(of);
        auto midnight = (events.front().at / kDay + 1) * kDay;
        for (const auto &one : events) {
            for (; midnight <= one.at; midnight += kDay) run_due(of, midnight);
            world.now = one.at;
            auto what = order(one.key, one.at, one.amount);
            if (one.amount == 0) {
                what.type = str("visit");
                what.fields = 0;
            }
            const auto who = host("shop", one.party);
            ASSERT_EQ(kith_interaction_append(changes, &who, KITH_ITEM_CREATE, &what, nullptr, &error),
                      KITH_OK)
                << error.message;
            ASSERT_EQ(kith_batch_commit(changes, nullptr, &error), KITH_OK) << error.message;
            kith_batch_clear(changes);
        }
        for (; midnight <= events.back().at + 60 * kDay; midnight += kDay) run_due(of, midnight);
        kith_batch_free(changes);
    }
    // What the feed tells.
    Effects told(kith_store *of) {
        Effects all;
        kith_snapshot *view = nullptr;
        EXPECT_EQ(kith_snapshot_begin(of, &view, &error), KITH_OK) << error.message;
        for (std::uint64_t after = 0;;) {
            kith_page *page = nullptr;
            const auto status = kith_feed_read(view, after, 1000, &page, &error);
            if (status == KITH_END) break;
            EXPECT_EQ(status, KITH_OK) << error.message;
            std::size_t count = 0;
            const auto *changes = kith_page_changes(page, &count);
            for (std::size_t i = 0; i < count; ++i) {
                const auto &one = *changes[i];
                after = one.seq;
                std::string effect;
                const auto name = text_of(one.name);
                if (one.kind == KITH_CHANGE_RULE) effect = name + " fired";
                if (one.kind == KITH_CHANGE_PROCESS && !name.starts_with("rule."))
                    effect = name + " " + (one.from.data ? text_of(one.from) : "") + " -> " + text_of(one.to);
                if (one.kind == KITH_CHANGE_REQUEST) effect = "notify";
                if (one.kind == KITH_CHANGE_COMMITMENT)
                    effect = one.operation == KITH_OPERATION_LATE ? "late" : text_of(one.to);
                if (!effect.empty())
                    all.insert(effect + " " + text_of(one.party_key) + " " + std::to_string(one.at));
            }
            kith_page_free(page);
        }
        kith_snapshot_end(view);
        return all;
    }
    struct Simulated {
        Effects added, removed;
        std::map<std::string, std::array<std::int64_t, 3>> counts;  // "rule effect"
    };
    Simulated simulate(kith_store *of, const std::string &playbook) {
        Simulated out;
        kith_snapshot *view = nullptr;
        EXPECT_EQ(kith_snapshot_begin(of, &view, &error), KITH_OK) << error.message;
        const auto folder = path("scratch");
        std::filesystem::create_directory(folder);
        auto options = make<kith_simulate_options>();
        options.playbook = str(playbook);
        options.folder = str(folder);
        options.examples = 1000;
        kith_table *table = nullptr;
        EXPECT_EQ(kith_simulate(view, &options, &table, &error), KITH_OK) << error.message;
        EXPECT_TRUE(std::filesystem::is_empty(folder));
        std::size_t rows = 0;
        kith_table_size(table, &rows, nullptr, nullptr);
        std::array<kith_column, 8> columns{};
        for (std::size_t i = 0; i < columns.size(); ++i) {
            columns[i] = make<kith_column>();
            EXPECT_EQ(kith_table_column(table, i, &columns[i], &error), KITH_OK) << error.message;
        }
        const auto &[definition, effect, kept, added, removed, party, at, detail] = columns;
        for (std::size_t row = 0; row < rows; ++row) {
            const auto by = text_of(definition.texts[row]), what = text_of(effect.texts[row]);
            if (!party.present[row]) {
                out.counts[by + " " + what] = {kept.ints[row], added.ints[row], removed.ints[row]};
                continue;
            }
            auto who = make<kith_party>();
            EXPECT_EQ(kith_party_get(view, &party.ids[row], &who, &error), KITH_OK) << error.message;
            const auto says = text_of(detail.texts[row]);
            auto text = what == "fired" ? by + " fired" : what == "state" ? by + " " + says : what;
            if (what == "task" || what == "promise") text = says.substr(0, says.find(','));
            if (what == "tag") continue;  // the feed does not say which
            text += " " + text_of(who.host_key) + " " + std::to_string(at.ints[row]);
            (added.ints[row] ? out.added : out.removed).insert(text);
        }
        kith_table_free(table);
        kith_snapshot_end(view);
        return out;
    }
    static Effects without(const Effects &all, const Effects &those) {
        Effects out;
        std::ranges::set_difference(all, those, std::inserter(out, out.begin()));
        return out;
    }
};

TEST_F(Simulate, SaysHowTwoLivesDiffer) {
    std::size_t added = 0, removed = 0;
    for (unsigned seed = 1; seed <= 4; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random(seed);
        const auto before = story_of(static_cast<int>(random() % 100) + 50, 20, "edge", 9);
        const auto after =
            story_of(static_cast<int>(random() % 100) + 50, static_cast<int>(random() % 20) + 10, "edge",
                     static_cast<int>(random() % 12) + 2);
        const auto events = history(random);
        auto *a = open("a" + std::to_string(seed));
        auto *b = open("b" + std::to_string(seed));
        world.now = events.front().at - 1;
        define(a, before);
        define(b, after);
        live(a, events);
        live(b, events);
        const auto of_a = told(a), of_b = told(b);
        const auto export_before = exported(a);
        const auto found = simulate(a, after);
        EXPECT_EQ(found.added, without(of_b, of_a));
        EXPECT_EQ(found.removed, without(of_a, of_b));
        added += found.added.size();
        removed += found.removed.size();
        for (const auto &[effect, counts] : simulate(a, before).counts) {
            EXPECT_GT(counts[0], 0) << effect;
            EXPECT_EQ(counts[1] + counts[2], 0) << effect;
        }
        EXPECT_EQ(exported(a), export_before);
        kith_store_close(a);
        kith_store_close(b);
    }
    EXPECT_GT(added, 50U) << "or nothing was shown";
    EXPECT_GT(removed, 50U) << "or nothing was shown";
}

TEST_F(Simulate, IsStopped) {
    append(host("shop", "ann"), order("A", kNow - kDay, 1000));
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    const auto playbook = story_of(1, 5, "edge", 5), folder = path("scratch");
    std::filesystem::create_directory(folder);
    auto options = make<kith_simulate_options>();
    options.playbook = str(playbook);
    options.folder = str(folder);
    options.progress = [](std::uintptr_t calls, std::uint64_t done, std::uint64_t all) {
        ++*reinterpret_cast<int *>(calls);
        return done <= all ? 1 : 0;
    };
    int calls = 0;
    options.user_data = reinterpret_cast<std::uintptr_t>(&calls);
    kith_table *table = nullptr;
    EXPECT_EQ(kith_simulate(fresh(), &options, &table, &error), KITH_E_CANCELLED);
    EXPECT_EQ(calls, 1);
    EXPECT_TRUE(std::filesystem::is_empty(folder));
    options.playbook = str("{\"playbook\": 1}");
    EXPECT_EQ(kith_simulate(fresh(), &options, &table, &error), KITH_E_RULE);
    EXPECT_TRUE(std::filesystem::is_empty(folder));
    options.playbook = str(playbook);
    options.folder = str("/nowhere/at/all");
    EXPECT_NE(kith_simulate(fresh(), &options, &table, &error), KITH_OK);
}

}  // namespace
}  // namespace kith_test
