// Goal: a shop with complaints, visits and promises that is imported at once stands as one that was lived day
// by day with its due work every night, and every transition has a reason. Method: the made-up shop of two
// years (seed printed), with what follows its complaints and promises, once in batches of 3,000 and one
// run_due, once a batch and a run_due a day; the exported facts are to be equal to the byte. States are
// counted per month from the exported log.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <random>
#include <sstream>

#include "cli/handles.hpp"
#include "cli/sample.hpp"

namespace kith::cli {
namespace {

constexpr kith_time kLivedDay = 86'400'000'000;

constexpr std::string_view kLivedPlaybook = R"json({"playbook":"lived","format":1,"define":[
    {"calendar":"office","weekly":{"mon-fri":["09:00-12:00","13:00-18:00"]},"holidays":["2024-12-25","2025-12-25"]},
    {"metric":"visits_90d","count":"visit","window":"P90D"},
    {"metric":"orders_90d","count":"order","window":"P90D"},
    {"metric":"last_order","last":"order","of":"i.at"},
    {"segment":"frequent","when":"m.orders_90d >= 3"},
    {"process":"complaint","start":{"on":"complaint","key":"i.topic"},"hours":"office","initial":"raised",
     "milestones":{"answer":{"from":"raised","to":"answered","within":"business P1D","warn":"business PT6H",
        "warned":[{"do":"task","kind":"answer","due":"business PT2H"}],
        "late":[{"do":"notify","to":"party","title":"We are late"}]}},
     "states":{
        "raised":{"on":{"message":{"guard":"i.direction == 'out'","target":"answered"}},
                  "after":[{"delay":"P14D","target":"given_up"}]},
        "answered":{"entry":[{"do":"close","kind":"answer","as":"kept"}],
                    "on":{"complaint.confirmed":"closed","complaint":"raised"},
                    "after":[{"delay":"P7D","target":"closed"}]},
        "closed":{"final":true},"given_up":{"final":true,"entry":[{"do":"task","kind":"win_back_by_phone"}]}}},
    {"process":"promise","start":{"on":"message","where":"i.outcome == 'promised'","key":"i.topic"},"initial":"open",
     "states":{
        "open":{"entry":[{"do":"commit","kind":"word","item":"=i.topic","to":"party","due":"P5D"}],
                "on":{"word.held":"kept"},"after":[{"delay":"P30D","target":"forgotten"}]},
        "kept":{"final":true,"entry":[{"do":"close","kind":"word","as":"kept"}]},
        "forgotten":{"final":true}}},
    {"process":"looker","start":"visit","initial":"looking","states":{
        "looking":{"on":{"visit":{"guard":"m.visits_90d >= 2","target":"often"},"order":"buyer"}},
        "often":{"on":{"order":"buyer"},"after":[{"delay":"P120D","target":"looking"}]},
        "buyer":{"always":[{"guard":"m.orders_90d == 0","target":"looking"}],
                 "after":[{"anchor":"m.last_order","delay":"P45D","target":"often"}]}}},
    {"rule":"make_good","on":"promise.broken","hours":"office",
     "then":[{"do":"commit","kind":"compensation","item":"apology","to":"party","for":"=c.id","due":"business P2D"}]},
    {"rule":"call","on":"visit","unless":{"event":"order","within":"P14D"},"then":[{"do":"task","kind":"call"}]},
    {"rule":"thank","on":"segment.entered","where":"e.name == 'frequent'","then":[{"do":"task","kind":"thank"}]},
    {"rule":"letter","every":"month","catch_up":"all","when":"m.orders_90d >= 2","then":[{"do":"task","kind":"letter"}]}]})json";

// In the shop's time order; by whom and about what.
struct LivedEvent {
    kith_time at = 0;
    std::string party, type, key, topic, outcome;
    std::uint32_t direction = KITH_DIRECTION_NONE;
    std::int64_t amount = 0;
};

std::vector<LivedEvent> lived_events(std::uint64_t seed) {
    const auto shop = make_sample({seed, 500, 2});
    SampleRandom random(seed);
    std::vector<LivedEvent> all;
    for (const auto &one : shop.events) {
        LivedEvent event;
        event.at = one.at;
        event.party = shop.customers[one.customer].key;
        event.type = sample_type(one.kind);
        event.key = one.key;
        event.topic = one.topic;
        event.outcome = one.outcome;
        event.direction = one.direction;
        event.amount = one.amount;
        all.push_back(event);
        const auto follows = [&](const char *type, std::uint32_t days) {
            auto next = event;
            next.type = type;
            next.key += std::string("/") + type;
            next.outcome.clear();
            next.at += days * kLivedDay + random.below(3600) * 1'000'000;
            all.push_back(next);
        };
        // Four in five promises are kept, most in time; every second customer says that it is well.
        if (event.outcome == "promised" && random.chance(800)) follows("word.held", random.between(1, 7));
        if (one.kind == SampleKind::kComplaint && random.chance(500))
            follows("complaint.confirmed", random.between(2, 9));
    }
    std::ranges::stable_sort(all, {}, &LivedEvent::at);
    return all;
}

class LivedShop : public testing::Test {
protected:
    void SetUp() override {
        // In memory where the system has that: it writes every night.
        const std::filesystem::path memory = "/dev/shm";
        const auto parent =
            std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
        auto pattern = (parent / "kith-lived-XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    void good(kith_status status) {
        if (status < 0) throw std::runtime_error(error_.message);
    }
    Store opened(const std::string &name) {
        auto options = make<kith_open_options>();
        options.flags = KITH_OPEN_CREATE;
        options.durability = KITH_DURABILITY_RELAXED;
        options.time_zone = to_str("Europe/Zagreb");
        return open_store((folder_ / name).string(), options);
    }
    void commit(const Batch &batch) {
        good(kith_batch_commit(batch.get(), nullptr, &error_));
        kith_batch_clear(batch.get());
    }
    void add(const Batch &batch, const LivedEvent &event) {
        kith_ref ref{};
        ref.by = KITH_REF_HOST;
        ref.kind = to_str("shop");
        ref.value = to_str(event.party);
        auto interaction = make<kith_interaction>();
        interaction.type = to_str(event.type);
        interaction.at = event.at;
        interaction.system = to_str("shop");
        interaction.key = to_str(event.key);
        interaction.direction = event.direction;
        if (!event.topic.empty()) interaction.topic = to_str(event.topic);
        if (!event.outcome.empty()) interaction.outcome = to_str(event.outcome);
        if (event.type == "order" || event.type == "return") {
            interaction.fields |= KITH_INTERACTION_FIELD_AMOUNT;
            interaction.amount = event.amount;
        }
        good(kith_interaction_append(batch.get(), &ref, KITH_ITEM_CREATE, &interaction, nullptr, &error_));
    }
    // With so many days in a batch, and the due work after each; the definitions before all, or after.
    std::string facts_of(const std::string &name, std::span<const LivedEvent> events, int days,
                         bool defined_last = false) {
        const Store store = opened(name);
        const Batch batch = new_batch(store);
        const auto define = [&] {
            good(kith_define(batch.get(), kLivedPlaybook.data(), kLivedPlaybook.size(), nullptr, &error_));
            commit(batch);
        };
        if (!defined_last) define();
        const auto first = events.front().at / kLivedDay, last = events.back().at / kLivedDay;
        std::size_t i = 0;
        for (auto day = first; day <= last; day += days) {
            for (; i < events.size() && events[i].at < (day + days) * kLivedDay; ++i) {
                add(batch, events[i]);
                if (kith_batch_count(batch.get()) == 3000) commit(batch);
            }
            commit(batch);
            good(kith_store_run_due(store.get(), std::min(day + days, last + 1) * kLivedDay, nullptr,
                                    &error_));
        }
        if (defined_last) define();
        good(kith_store_run_due(store.get(), (last + 60) * kLivedDay, nullptr, &error_));
        const Snapshot snapshot = begin_snapshot(store);
        auto report = make<kith_verify_report>();
        good(kith_store_verify(snapshot.get(), nullptr, 0, &report, nullptr, &error_));
        EXPECT_EQ(report.problems, 0u);
        auto options = make<kith_export_options>();
        options.flags = KITH_EXPORT_FACTS_ONLY;
        kith_export *lines = nullptr;
        good(kith_export_open(snapshot.get(), &options, &lines, &error_));
        std::string all;
        kith_str piece{};
        while (kith_export_next(lines, &piece, &error_) == KITH_OK) all.append(piece.data, piece.size);
        kith_export_free(lines);
        return all;
    }

    std::filesystem::path folder_;
    kith_error error_ = make_error();
};

std::string word_after(const std::string &line, std::string_view name) {
    const auto head = "\"" + std::string(name) + "\":\"";
    const auto at = line.find(head);
    if (at == line.npos) return {};
    return line.substr(at + head.size(), line.find('"', at + head.size()) - at - head.size());
}

TEST_F(LivedShop, ImportedAtOnceStandsAsLivedDayByDay) {
    const std::uint64_t seed = std::random_device()();
    std::cout << "seed " << seed << "\n";
    const auto events = lived_events(seed);
    const auto at_once = facts_of("once.kith", events, 100'000);
    const auto lived = facts_of("lived.kith", events, 1);
    if (at_once != lived) {
        std::istringstream a(at_once), b(lived);
        std::string one, other;
        while (std::getline(a, one) && std::getline(b, other) && one == other) continue;
        FAIL() << "at once: " << one << "\nlived:   " << other;
    }

    // Installed when all is over, the processes stand where they stand in the others.
    const auto of_processes = [](const std::string &facts) {
        std::string all;
        std::istringstream in(facts);
        for (std::string line; std::getline(in, line);) {
            if (line.starts_with(R"({"record":"process")") || line.starts_with(R"({"record":"transition")"))
                all += line + "\n";
        }
        return all;
    };
    const auto installed_last = facts_of("last.kith", events, 1, true);
    EXPECT_TRUE(of_processes(installed_last) == of_processes(lived));

    // Each transition says of what it came: an event that is on record, or an instant.
    std::map<std::string, int> kinds;
    std::map<std::string, std::map<std::string, int>> months;  // by process and state, who comes in and goes
    int reasons = 0, transitions = 0;
    std::istringstream lines(lived);
    for (std::string line; std::getline(lines, line);) {
        const auto record = word_after(line, "record");
        ++kinds[record == "commitment" ? word_after(line, "sort") + " " + word_after(line, "state") : record];
        if (record != "transition") continue;
        ++transitions;
        const auto cause = word_after(line, "cause");
        reasons += cause == "timer" || (cause == "event" && !word_after(line, "event").empty() &&
                                        !word_after(line, "event_at").empty());
        const auto process = word_after(line, "process"), month = word_after(line, "at").substr(0, 7);
        if (process == "rule.call") continue;
        ++months[process + " " + word_after(line, "to")][month];
        if (const auto from = word_after(line, "from"); !from.empty()) --months[process + " " + from][month];
    }
    EXPECT_EQ(reasons, transitions);
    EXPECT_GT(transitions, 2000);
    for (const char *wanted : {"promise kept", "promise broken", "compensation broken", "milestone kept",
                               "task open", "membership"})
        EXPECT_GT(kinds[wanted], 0) << wanted;
    std::cout << events.size() << " events, " << transitions << " transitions;";
    for (const auto &[kind, count] : kinds) std::cout << " " << kind << " " << count;
    std::cout << "\nhow many stand there at the end of every third month:\n";
    for (const auto &[state, moves] : months) {
        std::cout << "  " << state << ":";
        int stand = 0, number = 0;
        for (int year : {2024, 2025, 2026}) {
            for (int month = 1; month <= (year == 2026 ? 3 : 12); ++month) {
                const auto name = std::to_string(year) + (month < 10 ? "-0" : "-") + std::to_string(month);
                if (const auto found = moves.find(name); found != moves.end()) stand += found->second;
                EXPECT_GE(stand, 0) << state << " " << name;
                if (++number % 3 == 0) std::cout << " " << stand;
            }
        }
        std::cout << "\n";
    }
}

}  // namespace
}  // namespace kith::cli
