// Goal: who entered and left segments is counted exactly in any window, how many are in one at any instant,
// and parties by their own values, alone, along a tree, by owner and by a text; whatever the order in which
// definitions and events come. Method: random events and due times (seed printed), against counts made from
// the log of memberships, and from what was written; series; verify.
#include <map>
#include <set>

#include "engine/directory_reads.hpp"
#include "engine/values_at.hpp"
#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

constexpr std::string_view kOfSegments = R"json({"playbook": "segments", "format": 1, "define": [
  {"metric": "orders_30d", "count": "order", "window": "P30D"},
  {"metric": "spent", "sum": "order", "of": "i.amount"},
  {"segment": "busy", "when": "m.orders_30d >= 2"},
  {"segment": "rich", "when": "m.spent > money('60.00', 'USD')"}]})json";

constexpr std::string_view kStocks = R"json({"playbook": "stocks", "format": 1, "define": [
  {"metric": "entered_40d", "count": "segment.entered", "where": "e.name == 'busy'", "per": "all", "window": "P40D"},
  {"metric": "left_by_month", "count": "segment.left", "where": "e.name == 'busy'", "per": "all", "by": "month"},
  {"metric": "first_times", "count": "segment.entered", "where": "e.name == 'busy' && e.times == 1", "per": "all"},
  {"metric": "changes", "count": "segment.entered", "per": "e.name"},
  {"metric": "my_changes", "count": "segment.left", "window": "P50D"},
  {"metric": "last_entry", "last": "segment.entered", "of": "e.at"},
  {"metric": "busy", "count": "segment.busy", "per": "all", "by": "month"},
  {"metric": "rich", "count": "segment.rich", "per": "all"},
  {"metric": "am_busy", "count": "segment.busy"},
  {"metric": "kept_rate", "value": "ratio(m.busy, ago(series.busy, 1))", "per": "all", "by": "month"}]})json";

constexpr std::string_view kOfParties = R"json({"playbook": "parties", "format": 1, "define": [
  {"metric": "spent", "sum": "order", "of": "i.amount"},
  {"metric": "mean", "avg": "order", "of": "i.amount", "window": "P30D"},
  {"metric": "referred", "sum": "party", "of": "m.spent", "along": "refers"},
  {"metric": "parties", "count": "party", "where": "m.spent > money('20.00', 'USD')", "per": "all", "by": "month"},
  {"metric": "typical", "median": "party", "of": "m.mean", "per": "all"},
  {"metric": "owned", "sum": "party", "of": "m.spent", "per": "actor"},
  {"metric": "under", "sum": "party", "of": "m.spent", "per": "actor", "along": "part_of"},
  {"metric": "of_owner", "max": "party", "of": "m.spent", "per": "party.owner"}]})json";

struct StockOrder {
    std::string party;
    base::Micros at;
    std::int64_t amount;
};

class StocksTest : public EngineTest {
protected:
    static void install(Store &store, std::string_view playbook) {
        Batch batch;
        const auto added = batch.add_playbook(playbook);
        ASSERT_TRUE(added) << added.error().message;
        commit(store, batch);
        ASSERT_TRUE(store.build({}));
    }
    struct Moved {
        base::Id party;
        base::Micros at;
        bool in;
        int times;
    };
    static std::vector<Moved> log_of(const Snapshot &snapshot, const std::string &segment,
                                     const std::set<base::Id> &parties) {
        std::vector<Moved> all;
        const auto code = *snapshot.store().names().find(snapshot.reader(), segment);
        if (!code) return all;
        for (const auto &party : parties) {
            int times = 0;
            const auto log = Reads(snapshot).membership_log(party, *code);
            for (const auto &one : *log) {
                const bool in = *snapshot.text(one.to) == "in";
                times += in;
                all.push_back({party, one.at, in, times});
            }
        }
        return all;
    }
};

TEST_F(StocksTest, OfSegmentsEqualTheLog) {
    const std::uint64_t seed = std::random_device{}();
    std::cout << "seed " << seed << "\n";
    const auto zone = *base::Zone::find("Europe/Zagreb");
    for (const int defined_at : {0, 30}) {
        std::mt19937_64 random(seed);
        auto store = open("stocks" + std::to_string(defined_at) + ".kith", "Europe/Zagreb");
        ASSERT_TRUE(store);
        install(*store, kOfSegments);
        auto now = base::Micros{1'700'000'000'000'000};
        for (int step = 0; step < 70; ++step) {
            if (step == defined_at) install(*store, kStocks);
            now += static_cast<base::Micros>(random() % (6ULL * base::kDay));
            Batch batch;
            for (auto n = random() % 3; n > 0; --n) {
                const std::string party(1, static_cast<char>('a' + random() % 5));
                const auto late =
                    random() % 4 ? 0 : static_cast<base::Micros>(random() % (20ULL * base::kDay));
                ASSERT_TRUE(
                    batch.add(order(party, now - late, static_cast<std::int64_t>(random() % 20) * 100)));
            }
            commit(*store, batch);
            if (random() % 3 == 0) {
                ASSERT_TRUE(store->run_due(now));
            }
            if (step < defined_at) continue;
            auto snapshot = store->snapshot();
            std::set<base::Id> parties;
            auto cursor = (*snapshot)->reader().cursor(store::Table::counters);
            for (auto more = cursor->first(); *more; more = cursor->next())
                parties.insert(base::Id::from(cursor->key()));
            const auto busy = log_of(**snapshot, "busy", parties), rich = log_of(**snapshot, "rich", parties);
            const auto at = now - static_cast<base::Micros>(random() % (80ULL * base::kDay));
            auto values = ValuesAt::of(**snapshot, at);
            ASSERT_TRUE(values);
            const auto value = [&](const char *metric, const ValueSubject &subject) {
                auto *of = (*values)->values().of(subject);
                return of->metric(*(*values)->catalog().metrics.find(metric));
            };
            const ValueSubject all{SubjectKind::all, {}, 0};
            const auto count = [&](const std::vector<Moved> &log, base::Micros until, auto &&counts) {
                std::int64_t n = 0;
                for (const auto &one : log) n += one.at <= until ? counts(one) : 0;
                return n;
            };
            const auto stock = [](const Moved &one) { return one.in ? 1 : -1; };
            ASSERT_EQ(value("rich", all).i, count(rich, at, stock));
            ASSERT_EQ(value("busy", all).i, count(busy, at, stock));
            const auto begin = at - 40 * base::kDay;
            // 40 days of the calendar, which a change of the clock makes an hour more or less.
            const auto window = zone.add(at, 0, -40, 0);
            ASSERT_LE(std::abs(window - begin), 2 * base::kDay / 24);
            ASSERT_EQ(value("entered_40d", all).i,
                      count(busy, at, [&](auto &one) { return one.in && one.at > window; }));
            ASSERT_EQ(value("first_times", all).i,
                      count(busy, at, [](auto &one) { return one.in && one.times == 1; }));
            const auto month = period_begin(rules::PeriodUnit::month, at, zone);
            ASSERT_EQ(value("left_by_month", all).i,
                      count(busy, at, [&](auto &one) { return !one.in && one.at >= month; }));
            const auto entries = value("changes", all);
            for (const auto &[name, log] : {std::pair("busy", &busy), std::pair("rich", &rich)}) {
                const auto wanted = count(*log, at, [](auto &one) { return one.in; });
                const auto *entry = entries.map->find(expr::of_text(name));
                ASSERT_EQ(entry ? entry->i : 0, wanted);
            }
            for (const auto &party : parties) {
                const ValueSubject subject{SubjectKind::party, party, 0};
                const auto mine = [&](auto &one) { return one.party == party; };
                const auto since = zone.add(at, 0, -50, 0);
                const auto recent = [&](auto &one) { return mine(one) && !one.in && one.at > since; };
                ASSERT_EQ(value("my_changes", subject).i, count(busy, at, recent) + count(rich, at, recent));
                ASSERT_EQ(value("am_busy", subject).i,
                          count(busy, at, [&](auto &one) { return mine(one) ? stock(one) : 0; }));
            }
            // Closing values, the open period last.
            auto *base = (*values)->values().of(all);
            const auto place = *(*values)->catalog().metrics.find("busy");
            const auto periods = base->periods(place);
            ASSERT_TRUE(periods);
            for (const auto first : *periods) {
                const auto end = period_next(rules::PeriodUnit::month, first, zone) - 1;
                ASSERT_EQ(base->period_value(place, first).i, count(busy, std::min(end, at), stock));
            }
            const auto before = count(busy, month - 1, stock);
            const auto rate = value("kept_rate", all);
            if (before > 0 && periods->size() > 1) {
                ASSERT_FALSE(rate.failed());
                ASSERT_EQ(rate.d, static_cast<double>(count(busy, at, stock)) / static_cast<double>(before));
            } else {
                ASSERT_TRUE(rate.failed());
            }
            ASSERT_FALSE((*values)->values().take_error());
        }
        auto snapshot = store->snapshot();
        const auto kept = Reads(**snapshot).segment("busy");
        auto values = ValuesAt::of(**snapshot, now);
        EXPECT_EQ((*values)
                      ->values()
                      .of({SubjectKind::all, {}, 0})
                      ->metric(*(*values)->catalog().metrics.find("busy"))
                      .i,
                  static_cast<std::int64_t>((*kept)->count));
        expect_sound(*store);
    }
}

TEST_F(StocksTest, OfPartiesEqualARecount) {
    const std::uint64_t seed = std::random_device{}();
    std::cout << "seed " << seed << "\n";
    std::mt19937_64 random(seed);
    auto store = open("parties.kith");
    ASSERT_TRUE(store);
    install(*store, kOfParties);
    constexpr const char *kOwners[] = {"tim", "mia", "bo"};  // mia and bo are part of tim
    const auto name = [](std::size_t n) { return "p" + std::to_string(n); };
    constexpr std::size_t kPartiesOfTree = 9;
    std::vector<std::string> owner(kPartiesOfTree);
    Batch batch;
    for (const auto *actor : {"mia", "bo"}) {
        ActorItem item;
        item.key = actor;
        item.part_of = "tim";
        item.fields = model::actor_field::part_of;
        item.flags.create = true;
        ASSERT_TRUE(batch.add(item));
    }
    std::vector<std::string> names;
    for (std::size_t n = 0; n < kPartiesOfTree; ++n) names.push_back(name(n));
    for (std::size_t n = 0; n < kPartiesOfTree; ++n) {
        PartyItem item;
        item.ref = order(names[n], 0, 0).ref;
        item.flags.create = true;
        if (random() % 4) {
            owner[n] = kOwners[random() % 3];
            item.owner = owner[n];
            item.fields = model::party_field::owner;
        }
        ASSERT_TRUE(batch.add(item));
        if (n == 0) continue;
        LinkItem link;  // p(n-1)/2 refers p(n): a tree
        link.from = order(names[(n - 1) / 2], 0, 0).ref;
        link.to = order(names[n], 0, 0).ref;
        link.kind = model::LinkKind::refers;
        link.flags.create = true;
        ASSERT_TRUE(batch.add(link));
    }
    commit(*store, batch);
    std::vector<StockOrder> orders;
    for (int round = 0; round < 25; ++round) {
        batch.clear();
        const auto who = random() % kPartiesOfTree;
        const auto at = day(19'700 + static_cast<std::int64_t>(random() % 90));
        const auto amount = static_cast<std::int64_t>(1 + random() % 20) * 100;
        ASSERT_TRUE(batch.add(order(names[who], at, amount)));
        orders.push_back({names[who], at, amount});
        commit(*store, batch);
        const auto now = day(19'700 + static_cast<std::int64_t>(random() % 120)) + 1;
        auto snapshot = store->snapshot();
        auto values = ValuesAt::of(**snapshot, now);
        const auto subject_value = [&](const char *metric, const ValueSubject &subject) {
            return (*values)->values().of(subject)->metric(*(*values)->catalog().metrics.find(metric));
        };
        const auto spent = [&](std::size_t n, base::Micros until) {
            std::int64_t sum = 0;
            for (const auto &one : orders) sum += one.party == names[n] && one.at <= until ? one.amount : 0;
            return sum;
        };
        const ValueSubject all{SubjectKind::all, {}, 0};
        std::vector<std::int64_t> means;
        std::int64_t above = 0, most_of_tim = -1;
        std::map<std::string, std::int64_t> owned;
        for (std::size_t n = 0; n < kPartiesOfTree; ++n) {
            above += spent(n, now) > 2000;
            owned[owner[n]] += spent(n, now);
            if (owner[n] == "tim") most_of_tim = std::max(most_of_tim, spent(n, now));
            std::int64_t sum = 0, count = 0;
            for (const auto &one : orders) {
                if (one.party != names[n] || one.at > now || one.at <= now - 30 * base::kDay) continue;
                sum += one.amount;
                ++count;
            }
            if (count > 0) means.push_back(static_cast<std::int64_t>(base::divide_half_even(sum, count)));
            std::int64_t tree = 0;
            for (auto each = n; each < kPartiesOfTree; ++each) {
                auto up = each;
                while (up > n) up = (up - 1) / 2;
                if (up == n) tree += spent(each, now);
            }
            ASSERT_EQ(subject_value("referred", {SubjectKind::party, find(*store, names[n]), 0}).i, tree);
        }
        ASSERT_EQ(subject_value("parties", all).i, above);
        std::ranges::sort(means);
        const auto typical = subject_value("typical", all);
        ASSERT_EQ(typical.failed(), means.empty());
        if (!means.empty()) {
            ASSERT_EQ(typical.i, static_cast<std::int64_t>(base::divide_half_even(
                                     means[(means.size() - 1) / 2] + means[means.size() / 2], 2)));
        }
        const DirectoryReads directory(**snapshot);
        for (const auto *actor : kOwners) {
            const auto code = *directory.code(actor);
            ASSERT_TRUE(code);
            const ValueSubject subject{SubjectKind::actor, {}, *code};
            ASSERT_EQ(subject_value("owned", subject).i, owned[actor]);
            const auto under =
                actor == std::string("tim") ? owned["tim"] + owned["mia"] + owned["bo"] : owned[actor];
            ASSERT_EQ(subject_value("under", subject).i, under);
        }
        const auto of_owner = subject_value("of_owner", all);
        ASSERT_TRUE(of_owner.is(expr::Kind::map));
        const auto *tim = of_owner.map->find(expr::of_text("tim"));
        ASSERT_EQ(tim != nullptr, most_of_tim >= 0);
        if (tim) {
            ASSERT_EQ(tim->i, most_of_tim);
        }
        std::set<std::string> owners(owner.begin(), owner.end());
        owners.erase("");
        ASSERT_EQ(of_owner.map->all().count, owners.size());
        auto *base = (*values)->values().of(all);
        const auto place = *(*values)->catalog().metrics.find("parties");
        const auto periods = base->periods(place);
        ASSERT_TRUE(periods);
        for (const auto first : *periods) {
            const auto end = period_next(rules::PeriodUnit::month, first, *base::Zone::find("UTC")) - 1;
            std::int64_t wanted = 0;
            for (std::size_t n = 0; n < kPartiesOfTree; ++n) wanted += spent(n, std::min(end, now)) > 2000;
            ASSERT_EQ(base->period_value(place, first).i, wanted);
        }
        ASSERT_FALSE((*values)->values().take_error());
    }
    expect_sound(*store);
}

TEST_F(StocksTest, WhatTheyCannotBeIsToldWithAWayOut) {
    auto store = open("refused.kith");
    install(*store, kOfSegments);
    const auto why = [&](const std::string &definition) {
        Batch batch;
        const auto added =
            batch.add_playbook(R"({"playbook": "p", "format": 1, "define": [)" + definition + "]}");
        if (!added) return added.error().message;
        const auto done = store->commit(batch);
        return done ? std::string() : done.error().message;
    };
    const auto refused = [&](const std::string &definition, const char *what) {
        const auto told = why(definition);
        EXPECT_NE(told.find(what), std::string::npos) << definition << ": " << told;
    };
    refused(R"({"metric": "x", "count": "segment.busy", "window": "P30D"})", "has no window");
    refused(R"({"metric": "x", "count": "segment.busy", "where": "true", "per": "all"})", "define a segment");
    refused(R"({"metric": "x", "last": "party", "of": "m.spent", "per": "all"})", "no order of time");
    refused(R"({"metric": "x", "count": "segment.entered", "per": "actor"})", "party, all or e.name");
    refused(R"({"metric": "x", "sum": "party", "of": "party.owner", "per": "all"})", "does not add up");
    refused(R"({"metric": "x", "sum": "party", "of": "m.spent", "along": "refers"},
               {"segment": "s", "when": "m.x == m.x"})",
            "reads other customers");
    refused(R"({"metric": "x", "count": "segment.entered"}, {"segment": "s", "when": "m.x > 1"})",
            "entered and left");
    EXPECT_EQ(why(R"({"metric": "x", "count": "segment.entered"},
                     {"segment": "s", "when": "m.x > 1", "recheck": "P1D"})"),
              "");
}

}  // namespace
}  // namespace kith::engine
