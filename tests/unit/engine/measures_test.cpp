// Goal: aggregates are exact at any instant, for parties, actors, products and the base, whatever the window,
// the order of arrival, repeats and corrections, and whether the definition or the rows came first. Method:
// random rows in random batches (seed printed), in a zone with daylight-saving time, against a recount of all
// rows written for this test, at instants drawn among and around the rows; then verify, which derives every
// sum from the records.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "engine/value_table.hpp"
#include "engine/values_at.hpp"
#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

constexpr const char *kZone = "Europe/Zagreb";
constexpr std::string_view kParties[] = {"ann", "bob", "cyd"};
constexpr std::string_view kActors[] = {"", "mia", "leo"};
constexpr std::string_view kProducts[] = {"tea", "cup"};
constexpr std::string_view kTypes[] = {"order", "order", "order", "return", "visit"};

struct MeasuredLine {
    std::string product;
    std::int64_t quantity = 0, amount = 0;
};

struct MeasuredRow {
    std::string party, type, actor;
    base::Micros at = 0;
    std::int64_t amount = 0;
    std::vector<MeasuredLine> lines;
};

// What a metric aggregates, said a second time: rows as (time, value), doubles as thousandths.
struct MeasuredValue {
    base::Micros at;
    std::int64_t value;
};

enum class Whose { party, actor, product, all };
enum class Counted { orders, big_orders, anything, lines };
enum class Over { always, p30d, p3m, p1y, month, since_return };

struct MetricCase {
    std::string name, aggregate;
    Whose per;
    Counted rows;
    Over span;
};

std::string json_of(const MetricCase &one) {
    std::string text = "{\"metric\":\"" + one.name + "\",\"" + one.aggregate + "\":\"";
    text += one.rows == Counted::lines ? "order.line" : one.rows == Counted::anything ? "*" : "order";
    text += "\"";
    if (one.rows == Counted::big_orders) text += ",\"where\":\"i.amount > money('20.00', 'USD')\"";
    if (one.aggregate != "count" && one.aggregate != "median_gap") {
        text += one.rows == Counted::lines      ? ",\"of\":\"line.quantity\""
                : one.rows == Counted::anything ? ",\"of\":\"i.type == 'visit'\""
                                                : ",\"of\":\"i.amount\"";
    }
    if (one.per == Whose::actor) text += ",\"per\":\"actor\"";
    if (one.per == Whose::product) text += ",\"per\":\"product\"";
    if (one.per == Whose::all) text += ",\"per\":\"all\"";
    switch (one.span) {
        case Over::always:
            break;
        case Over::p30d:
            text += ",\"window\":\"P30D\"";
            break;
        case Over::p3m:
            text += ",\"window\":\"P3M\"";
            break;
        case Over::p1y:
            text += ",\"window\":\"P1Y\"";
            break;
        case Over::month:
            text += ",\"by\":\"month\"";
            break;
        case Over::since_return:
            text += ",\"since\":\"return\"";
            break;
    }
    return text + "}";
}

std::vector<MetricCase> all_cases() {
    std::vector<MetricCase> cases;
    const auto add = [&](std::string aggregate, Whose per, Counted rows, Over span) {
        cases.push_back({"x" + std::to_string(cases.size()), std::move(aggregate), per, rows, span});
    };
    for (const auto per : {Whose::party, Whose::actor, Whose::all}) {
        for (const auto span : {Over::always, Over::p30d, Over::p3m, Over::p1y, Over::month}) {
            for (const auto *aggregate :
                 {"count", "sum", "avg", "min", "max", "first", "last", "distinct", "median", "median_gap"}) {
                add(aggregate, per, Counted::orders, span);
            }
            add("avg", per, Counted::anything, span);
            add("sum", per, Counted::lines, span);
            add("median", per, Counted::lines, span);
            add("count", per, Counted::big_orders, span);
        }
        add("count", per, Counted::orders, Over::since_return);
        add("sum", per, Counted::orders, Over::since_return);
    }
    for (const auto span : {Over::always, Over::p30d, Over::month}) {
        for (const auto *aggregate : {"sum", "max", "distinct", "last"})
            add(aggregate, Whose::product, Counted::lines, span);
        for (const auto *aggregate : {"count", "sum", "max", "median", "last"})
            add(aggregate, Whose::product, Counted::orders, span);
        add("count", Whose::product, Counted::big_orders, span);
    }
    return cases;
}

// Of one subject, in no order.
std::vector<MeasuredValue> values_of(const std::vector<MeasuredRow> &rows, const MetricCase &one,
                                     std::string_view subject) {
    std::vector<MeasuredValue> out;
    for (const auto &row : rows) {
        if (one.per == Whose::party && row.party != subject) continue;
        if (one.per == Whose::actor && row.actor != subject) continue;
        if (one.rows == Counted::anything) {
            out.push_back({row.at, row.type == "visit"});
            continue;
        }
        if (row.type != "order" || (one.rows == Counted::big_orders && row.amount <= 2000)) continue;
        if (one.rows != Counted::lines) {
            // Of a product: once, however many of its lines are of it.
            if (one.per == Whose::product &&
                std::ranges::none_of(row.lines, [&](const auto &line) { return line.product == subject; })) {
                continue;
            }
            out.push_back({row.at, row.amount});
            continue;
        }
        for (const auto &line : row.lines) {
            if (one.per != Whose::product || line.product == subject) out.push_back({row.at, line.quantity});
        }
    }
    return out;
}

// As text, so that kinds are compared too: "-" is unknown.
std::string expected(const std::vector<MeasuredRow> &rows, const MetricCase &one, std::string_view subject,
                     base::Micros now, const base::Zone &zone) {
    auto after = INT64_MIN;
    switch (one.span) {
        case Over::always:
            break;
        case Over::p30d:
            after = zone.add(now, 0, -30, 0);
            break;
        case Over::p3m:
            after = zone.add(now, -3, 0, 0);
            break;
        case Over::p1y:
            after = zone.add(now, -12, 0, 0);
            break;
        case Over::month: {
            const auto civil = base::civil_of(zone.local_day(now));
            after = zone.instant(base::days_of({civil.year, civil.month, 1}) * base::kDay) - 1;
            break;
        }
        case Over::since_return:
            for (const auto &row : rows) {
                const bool mine = one.per == Whose::party   ? row.party == subject
                                  : one.per == Whose::actor ? row.actor == subject
                                                            : true;
                if (mine && row.type == "return" && row.at <= now) after = std::max(after, row.at);
            }
            break;
    }
    auto values = values_of(rows, one, subject);
    std::erase_if(values, [&](const auto &each) { return each.at <= after || each.at > now; });
    std::sort(values.begin(), values.end(),
              [](auto &a, auto &b) { return std::pair(a.at, a.value) < std::pair(b.at, b.value); });
    const auto count = static_cast<std::int64_t>(values.size());
    const bool money = one.rows == Counted::orders || one.rows == Counted::big_orders;
    const auto text = [&](std::int64_t value) {
        if (money) return std::to_string(value) + " USD";
        if (one.rows == Counted::lines) {
            return "d" + std::to_string(std::llround(static_cast<double>(value) / 1e6 * 1e6));
        }
        return std::to_string(value);
    };
    const auto half_even = [](__int128 sum, std::int64_t by) {  // amounts here are not negative
        const auto down = static_cast<std::int64_t>(sum / by),
                   twice = static_cast<std::int64_t>(sum % by) * 2;
        return twice > by || (twice == by && down % 2 != 0) ? down + 1 : down;
    };
    __int128 sum = 0;
    for (const auto &each : values) sum += each.value;
    if (one.aggregate == "count") return std::to_string(count);
    if (one.aggregate == "sum") return text(static_cast<std::int64_t>(sum));
    if (one.aggregate == "distinct") {
        std::set<std::int64_t> distinct;
        for (const auto &each : values) distinct.insert(each.value);
        return std::to_string(distinct.size());
    }
    if (one.aggregate == "median_gap") {
        std::set<std::int64_t> days;
        for (const auto &each : values) days.insert(zone.local_day(each.at));
        if (days.size() < 2) return "-";
        std::vector<std::int64_t> gaps;
        for (auto day = std::next(days.begin()); day != days.end(); ++day)
            gaps.push_back(*day - *std::prev(day));
        std::sort(gaps.begin(), gaps.end());
        const auto twice = gaps[(gaps.size() - 1) / 2] + gaps[gaps.size() / 2];
        return "d" + std::to_string(twice * 500'000);
    }
    if (values.empty()) return "-";
    if (one.aggregate == "first") return text(values.front().value);
    if (one.aggregate == "last") return text(values.back().value);
    if (one.aggregate == "avg") {
        if (money) return text(half_even(sum, count));
        return "d" + std::to_string(std::llround(static_cast<double>(sum) / static_cast<double>(count) *
                                                 (one.rows == Counted::lines ? 1 : 1e6)));
    }
    std::sort(values.begin(), values.end(), [](auto &a, auto &b) { return a.value < b.value; });
    if (one.aggregate == "min") return text(values.front().value);
    if (one.aggregate == "max") return text(values.back().value);
    const auto both = values[static_cast<std::size_t>((count - 1) / 2)].value +
                      values[static_cast<std::size_t>(count / 2)].value;
    if (money) return text(half_even(both, 2));
    return "d" + std::to_string(std::llround(static_cast<double>(both) / 2));
}

std::string written(const expr::Value &value) {
    switch (value.kind) {
        case expr::Kind::int_:
            return std::to_string(value.i);
        case expr::Kind::money:
            return std::to_string(value.i) + " " + base::Currency(value.size).text();
        case expr::Kind::double_:
            return "d" + std::to_string(std::llround(value.d * 1e6));
        case expr::Kind::error:
            return value.code() == expr::Code::absent ? "-" : std::string("failed: ") + value.text;
        default:
            return "kind " + std::to_string(static_cast<int>(value.kind));
    }
}

class MeasuresTest : public EngineTest {
protected:
    void define(Store &store, const std::vector<MetricCase> &cases) {
        std::string text = "{\"playbook\":\"test\",\"format\":1,\"define\":[";
        for (const auto &one : cases) text += json_of(one) + (&one == &cases.back() ? "]}" : ",");
        Batch batch;
        auto added = batch.add_playbook(text);
        ASSERT_TRUE(added) << added.error().message;
        commit(store, batch);
    }

    // Adds some rows, or puts some right.
    void write(Store &store, std::mt19937_64 &random) {
        Batch batch;
        struct Planned {
            MeasuredRow row;
            std::optional<model::InteractionKey> corrects;
        };
        std::vector<Planned> planned;
        const auto count = 1 + random() % 12;
        for (std::size_t i = 0; i < count; ++i) {
            MeasuredRow row;
            row.party = kParties[random() % 3];
            row.type = kTypes[random() % 5];
            row.actor = kActors[random() % 3];
            // Some at the very same instant, some at midnight there, most anywhere in two years.
            const auto day_of = static_cast<std::int64_t>(19'000 + random() % 730);
            row.at = random() % 4 == 0
                         ? zone_.instant(day_of * base::kDay) - static_cast<std::int64_t>(random() % 2)
                         : day_of * base::kDay + static_cast<std::int64_t>(random() % 86'400) * 1'000'000;
            if (row.type == "order") {
                row.amount = static_cast<std::int64_t>(random() % 40) * 100;
                for (auto n = random() % 4; n > 0; --n) {
                    row.lines.push_back({std::string(kProducts[random() % 2]),
                                         static_cast<std::int64_t>(random() % 5) * 250'000, 100});
                }
            }
            std::optional<model::InteractionKey> corrects;
            if (!rows_.empty() && random() % 6 == 0) {
                auto old = std::next(rows_.begin(), static_cast<std::ptrdiff_t>(random() % rows_.size()));
                const bool taken =
                    std::ranges::any_of(planned, [&](auto &p) { return p.corrects == old->first; });
                if (!taken) corrects = old->first;
            }
            planned.push_back({row, corrects});
        }
        std::vector<std::vector<LineItem>> lines(planned.size());
        for (std::size_t i = 0; i < planned.size(); ++i) {
            const auto &row = planned[i].row;
            auto item = order(row.party, row.at, row.amount);
            item.type = row.type;
            item.actor = row.actor;
            if (row.type != "order") item.amount.reset();
            for (const auto &line : row.lines) {
                lines[i].push_back({line.product, line.quantity, 1'000'000, line.amount});
            }
            item.lines = lines[i];
            item.corrects = planned[i].corrects;
            auto added = batch.add(item);
            ASSERT_TRUE(added) << added.error().message;
        }
        commit(store, batch);
        for (std::size_t i = 0; i < planned.size(); ++i) {
            if (planned[i].corrects) rows_.erase(*planned[i].corrects);
            rows_.emplace(*batch.outcomes[i].interaction, planned[i].row);
        }
    }

    std::vector<MeasuredRow> counted() const {
        std::vector<MeasuredRow> out;
        for (const auto &[key, row] : rows_) out.push_back(row);
        return out;
    }

    // A random metric of a random subject at a random instant.
    void compare(Store &store, const std::vector<MetricCase> &cases, std::mt19937_64 &random, int points) {
        auto snapshot = store.snapshot();
        ASSERT_TRUE(snapshot);
        const auto rows = counted();
        for (int point = 0; point < points; ++point) {
            auto now = rows[random() % rows.size()].at;
            switch (random() % 4) {
                case 0:
                    break;  // as it happened
                case 1:
                    --now;
                    break;
                case 2:  // as it leaves a window
                    now = zone_.add(now, static_cast<int>(random() % 2) * 3,
                                    static_cast<int>(random() % 2) * 30, 0) +
                          static_cast<std::int64_t>(random() % 3) - 1;
                    break;
                default:
                    now += static_cast<std::int64_t>(random() % (400ULL * base::kDay));
            }
            auto at = ValuesAt::of(**snapshot, now);
            ASSERT_TRUE(at) << at.error().message;
            for (int again = 0; again < 8; ++again) compare_one(store, **at, cases, rows, now, random);
        }
    }

    void compare_one(Store &store, ValuesAt &at, const std::vector<MetricCase> &cases,
                     const std::vector<MeasuredRow> &rows, base::Micros now, std::mt19937_64 &random) {
        const auto &one = cases[random() % cases.size()];
        ValueSubject subject;
        std::string name;
        switch (one.per) {
            case Whose::party:
                name = kParties[random() % 3];
                if (std::ranges::none_of(rows, [&](auto &row) { return row.party == name; })) return;
                if (!ids_.contains(name)) ids_[name] = find(store, name);
                subject.party = ids_[name];
                break;
            case Whose::actor:
                name = kActors[1 + random() % 2];
                subject.kind = SubjectKind::actor;
                break;
            case Whose::product:
                name = kProducts[random() % 2];
                subject.kind = SubjectKind::product;
                break;
            case Whose::all:
                subject.kind = SubjectKind::all;
                break;
        }
        if (one.per == Whose::actor || one.per == Whose::product) {
            auto snapshot = store.snapshot();
            const auto code = store.names().find((*snapshot)->reader(), name);
            ASSERT_TRUE(code);
            if (!*code) return;
            subject.name = **code;
        }
        auto *values = at.values().of(subject);
        ASSERT_NE(values, nullptr);
        const auto place = at.catalog().metrics.find(one.name);
        ASSERT_TRUE(place);
        const auto value = values->metric(*place);
        ASSERT_FALSE(at.values().take_error());
        ASSERT_EQ(written(value), expected(rows, one, name, now, zone_))
            << json_of(one) << " of " << name << " at " << base::format_time(now) << ", " << rows.size()
            << " rows";
        ++points_;
    }

    base::Zone zone_ = *base::Zone::find(kZone);
    std::map<model::InteractionKey, MeasuredRow> rows_;  // that count
    std::map<std::string, base::Id> ids_;
    int points_ = 0;
};

// leo is of mia's, and mia of ours.
void add_team(Batch &batch) {
    for (const auto &[key, part_of] : {std::pair("leo", "mia"), std::pair("mia", "self")}) {
        ActorItem actor;
        actor.key = key;
        actor.fields = model::actor_field::part_of;
        actor.part_of = part_of;
        ASSERT_TRUE(batch.add(actor));
    }
}

TEST_F(MeasuresTest, EqualARecountAtAnyInstant) {
    const std::uint64_t seed = std::random_device{}();
    std::cout << "seed " << seed << "\n";
    RecordProperty("seed", std::to_string(seed));
    std::mt19937_64 random(seed);
    const auto cases = all_cases();
    // Definitions first, in the middle, and last.
    for (const int defined_at : {0, 15, 30}) {
        rows_.clear();
        ids_.clear();
        auto store = open("measures" + std::to_string(defined_at) + ".kith", kZone);
        for (int round = 0; round < 30; ++round) {
            if (round == defined_at) define(*store, cases);
            write(*store, random);
            if (HasFatalFailure()) return;
            if (round < defined_at) continue;
            ASSERT_TRUE(store->build({}));
            compare(*store, cases, random, 10);
            if (HasFatalFailure()) return;
        }
        if (defined_at == 30) define(*store, cases);
        ASSERT_TRUE(store->build({}));
        compare(*store, cases, random, 200);
        expect_sound(*store);
    }
    EXPECT_GT(points_, 5000);
}

// Goal: an amount between two minor units goes to the even one, as it does in formulas. Method: amounts whose
// mean and median lie half-way, above and below nothing, beside a formula of the same numbers.
TEST_F(MeasuresTest, MeansAndMediansRoundHalfToEven) {
    auto store = open("even.kith", kZone);
    ASSERT_TRUE(store);
    Batch batch;
    const auto added = batch.add_playbook(
        R"json({"playbook":"even","format":1,"define":[
          {"metric":"mean","avg":"adjustment","of":"i.amount"},
          {"metric":"middle","median":"adjustment","of":"i.amount"},
          {"metric":"half","value":"m.total / 2"},
          {"metric":"total","sum":"adjustment","of":"i.amount"}]})json");
    ASSERT_TRUE(added) << added.error().message;
    const std::map<std::string, std::pair<std::vector<std::int64_t>, std::int64_t>> cases{
        {"down", {{2, 3}, 2}}, {"up", {{3, 4}, 4}}, {"below", {{-2, -3}, -2}}, {"lower", {{-3, -4}, -4}}};
    for (const auto &[party, one] : cases) {
        for (const auto amount : one.first) {
            auto item = order(party, 1'700'000'000'000'000, amount);
            item.type = "adjustment";
            const auto put = batch.add(item);
            ASSERT_TRUE(put) << put.error().message;
        }
    }
    commit(*store, batch);
    auto snapshot = store->snapshot();
    ASSERT_TRUE(snapshot);
    auto at = ValuesAt::of(**snapshot, 1'700'000'000'000'001);
    ASSERT_TRUE(at) << at.error().message;
    for (const auto &[party, one] : cases) {
        auto *values = (*at)->values().of({SubjectKind::party, find(*store, party), 0});
        ASSERT_TRUE(values) << party;
        for (const auto *metric : {"mean", "middle", "half"}) {
            EXPECT_EQ(written(values->metric(*(*at)->catalog().metrics.find(metric))),
                      std::to_string(one.second) + " USD")
                << party << " " << metric;
        }
    }
    expect_sound(*store);
}

TEST_F(MeasuresTest, DecayAndTreesEqualARecount) {
    const std::uint64_t seed = std::random_device{}();
    std::cout << "seed " << seed << "\n";
    RecordProperty("seed", std::to_string(seed));
    std::mt19937_64 random(seed);
    auto store = open("trees.kith", kZone);
    Batch batch;
    ASSERT_TRUE(batch.add_playbook(R"json({"playbook":"t","format":1,"define":[
      {"metric":"interest","sum":"order","of":"i.amount","decay":"P30D"},
      {"metric":"warmth","count":"visit","decay":"P10D","per":"all"},
      {"metric":"team_sales","sum":"order","of":"i.amount","per":"actor","along":"part_of"},
      {"metric":"team_median","median":"order","of":"i.amount","per":"actor","along":"part_of","window":"P1Y"}]})json"));
    add_team(batch);
    commit(*store, batch);
    for (int round = 0; round < 25; ++round) {
        write(*store, random);
        if (HasFatalFailure()) return;
        const auto rows = counted();
        const auto now =
            rows[random() % rows.size()].at + static_cast<base::Micros>(random() % (90ULL * base::kDay));
        auto snapshot = store->snapshot();
        auto at = ValuesAt::of(**snapshot, now);
        ASSERT_TRUE(at);
        const auto value = [&](const ValueSubject &subject, std::string_view metric) {
            auto *values = (*at)->values().of(subject);
            return values ? values->metric(*(*at)->catalog().metrics.find(metric)) : expr::Value();
        };
        const auto code = [&](std::string_view text) {
            return store->names().find((*snapshot)->reader(), text)->value_or(0);
        };
        double warmth = 0;
        std::int64_t all = 0, team = 0;
        std::vector<std::int64_t> year;
        const auto after = zone_.add(now, -12, 0, 0);
        for (const auto &row : rows) {
            if (row.at > now) continue;
            if (row.type == "visit") {
                warmth +=
                    std::exp2(-static_cast<double>(now - row.at) / (10.0 * static_cast<double>(base::kDay)));
            }
            if (row.type != "order" || row.actor.empty()) continue;
            all += row.amount;
            team += row.actor == "leo" ? row.amount : 0;
            if (row.at > after) year.push_back(row.amount);
        }
        EXPECT_NEAR(value({SubjectKind::all, {}, 0}, "warmth").d, warmth, 1e-9 * (1 + warmth));
        EXPECT_EQ(written(value({SubjectKind::actor, {}, code("mia")}, "team_sales")),
                  std::to_string(all) + " USD");
        EXPECT_EQ(written(value({SubjectKind::actor, {}, code("leo")}, "team_sales")),
                  std::to_string(team) + " USD");
        EXPECT_EQ(written(value({SubjectKind::actor, {}, code("self")}, "team_sales")),
                  std::to_string(all) + " USD");
        std::sort(year.begin(), year.end());
        if (!year.empty()) {
            const auto both = year[(year.size() - 1) / 2] + year[year.size() / 2];
            EXPECT_EQ(written(value({SubjectKind::actor, {}, code("mia")}, "team_median")),
                      std::to_string(both / 2 + (both % 2 != 0 && both / 2 % 2 != 0)) + " USD");
        }
        for (const auto *party : {"ann", "bob"}) {
            if (std::ranges::none_of(rows, [&](auto &row) { return row.party == party; })) continue;
            double interest = 0;
            for (const auto &row : rows) {
                if (row.type != "order" || row.party != party || row.at > now) continue;
                interest +=
                    static_cast<double>(row.amount) *
                    std::exp2(-static_cast<double>(now - row.at) / (30.0 * static_cast<double>(base::kDay)));
            }
            EXPECT_NEAR(
                static_cast<double>(value({SubjectKind::party, find(*store, party), 0}, "interest").i),
                interest, 0.51);
        }
        ASSERT_FALSE((*at)->values().take_error());
    }
    expect_sound(*store);
}

// Golden: a half-life of an hour halves within the day, also of a large amount late in the day.
TEST_F(MeasuresTest, WhatFadesWithinADayIsExact) {
    auto store = open("fades.kith", kZone);
    Batch batch;
    ASSERT_TRUE(batch.add_playbook(R"json({"playbook":"t","format":1,"define":[
      {"metric":"hot","sum":"order","of":"i.amount","decay":"PT1H"}]})json"));
    const auto at = *base::parse_time("2026-02-10T22:00", zone_);
    constexpr auto kHour = base::kDay / 24;
    ASSERT_TRUE(batch.add(order("a", at, 400'000'000)));
    ASSERT_TRUE(batch.add(order("a", at + kHour, 800'000'000)));
    commit(*store, batch);
    auto snapshot = store->snapshot();
    for (const auto &[hours, worth] : {std::pair(0, 400'000'000), std::pair(1, 1'000'000'000),
                                       std::pair(2, 500'000'000), std::pair(11, 976'563)}) {
        auto then = ValuesAt::of(**snapshot, at + hours * kHour);
        ASSERT_TRUE(then);
        auto *values = (*then)->values().of({SubjectKind::party, find(*store, "a"), 0});
        ASSERT_NE(values, nullptr);
        EXPECT_EQ(values->metric(*(*then)->catalog().metrics.find("hot")).i, worth) << hours;
    }
    expect_sound(*store);
}

// Golden: a number beside an amount means major units in scorecards, as it does in bands.
TEST_F(MeasuresTest, ScorecardsTakeNumbersBesideAmountsForMajorUnits) {
    auto store = open("major.kith", kZone);
    Batch batch;
    ASSERT_TRUE(batch.add_playbook(R"json({"playbook":"t","format":1,"settings":{"top":1000},"define":[
      {"metric":"sales","sum":"order","of":"i.amount"},
      {"scorecard":"card","method":"sum","scale":[0,100],"indicators":[
        {"name":"numbers","value":"m.sales","normalise":{"min_max":[0,1000]}},
        {"name":"amounts","value":"m.sales","normalise":{"min_max":["0 USD","1000 USD"]}},
        {"name":"setting","value":"m.sales","normalise":{"min_max":[0,"= setting.top"]}},
        {"name":"share","value":"m.sales","normalise":{"index":500}},
        {"name":"bare","value":"m.sales"}]}]})json"));
    ASSERT_TRUE(batch.add(order("a", *base::parse_time("2026-02-10", zone_), 250'00)));
    commit(*store, batch);
    auto snapshot = store->snapshot();
    auto then = ValuesAt::of(**snapshot, *base::parse_time("2026-02-11", zone_));
    ASSERT_TRUE(then);
    auto *values = (*then)->values().of({SubjectKind::party, find(*store, "a"), 0});
    ASSERT_NE(values, nullptr);
    const auto found = values->combined(0);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->addends,
              (std::vector<std::int64_t>{25'000'000, 25'000'000, 25'000'000, 50'000'000, 250'000'000}));
}

// Golden: a series along a tree begins with the first row of anybody in it, and of more periods than a series
// holds it keeps the newest.
TEST_F(MeasuresTest, SeriesBeginWithTheTreeAndEndNow) {
    auto store = open("series.kith", kZone);
    Batch batch;
    ASSERT_TRUE(batch.add_playbook(R"json({"playbook":"t","format":1,"define":[
      {"metric":"team","sum":"order","of":"i.amount","per":"actor","along":"part_of","by":"month"},
      {"metric":"daily","count":"order","by":"day"},
      {"metric":"today","value":"series.daily.last().orValue(0)"}]})json"));
    add_team(batch);
    for (const auto &[when, actor] :
         {std::pair("2020-01-10", "leo"), std::pair("2026-02-10", "leo"), std::pair("2026-02-11", "mia")}) {
        auto item = order("a", *base::parse_time(when, zone_), 100);
        item.actor = actor;
        ASSERT_TRUE(batch.add(item));
    }
    commit(*store, batch);
    auto snapshot = store->snapshot();
    const auto now = *base::parse_time("2026-02-11T12:00", zone_);
    const auto mia = store->names().find((*snapshot)->reader(), "mia")->value_or(0);
    const auto team = series_table(**snapshot, {SubjectKind::actor, {}, mia}, "team", now);
    ASSERT_TRUE(team);
    EXPECT_EQ(team->columns[0].texts.front(), "2020-01-01");
    EXPECT_EQ(team->columns[2].ints.front(), 100);
    EXPECT_EQ(team->columns[2].ints.back(), 200);
    const auto party = find(*store, "a");
    const auto daily = series_table(**snapshot, {SubjectKind::party, party, 0}, "daily", now);
    ASSERT_TRUE(daily);
    EXPECT_EQ(daily->columns[0].texts.size(), 1200u);
    EXPECT_EQ(daily->columns[0].texts.back(), "2026-02-11");
    auto then = ValuesAt::of(**snapshot, now);
    auto *values = (*then)->values().of({SubjectKind::party, party, 0});
    EXPECT_EQ(values->metric(*(*then)->catalog().metrics.find("today")).i, 1);
}

// Golden: given values by year, and what is worked out of them.
TEST_F(MeasuresTest, GivenValuesCountFromWhenTheyWereGiven) {
    auto store = open("given.kith", kZone);
    Batch batch;
    ASSERT_TRUE(batch.add_playbook(R"json({"playbook":"t","format":1,"define":[
      {"metric":"buying_power","given":"money","by":"year"},
      {"metric":"sales_y","sum":"order","of":"i.amount","by":"year"},
      {"metric":"sow_y","value":"ratio(m.sales_y, m.buying_power)","by":"year"},
      {"metric":"mood","given":"text"},
      {"segment":"big","when":"has(m.buying_power) && m.buying_power > money('500.00','USD')"}]})json"));
    const auto at = [&](const char *text) { return *base::parse_time(text, zone_); };
    const auto give = [&](std::string_view metric, base::Micros when, std::optional<std::int64_t> money,
                          std::string_view text, std::string_view period) {
        ScoreItem score;
        score.kind = model::SubjectKind::party;
        score.ref.by = Ref::By::host;
        score.ref.kind = "shop";
        score.ref.text = "ann";
        score.flags.create = true;
        score.metric = metric;
        score.at = when;
        score.money = money;
        score.text = text;
        score.period = period;
        score.nature = model::Nature::given;
        const auto added = batch.add(score);
        ASSERT_TRUE(added) << added.error().message;
    };
    give("buying_power", at("2024-02-01"), 40'000, {}, {});
    give("buying_power", at("2024-11-01"), 100'000, {}, "2025");
    give("mood", at("2024-03-01"), {}, "glad", {});
    ASSERT_TRUE(batch.add(order("ann", at("2024-05-01"), 10'000)));
    ASSERT_TRUE(batch.add(order("ann", at("2025-05-01"), 30'000)));
    commit(*store, batch);
    auto snapshot = store->snapshot();
    const auto seen = [&](const char *when, std::string_view metric) {
        auto values = ValuesAt::of(**snapshot, at(when));
        auto *subject = (*values)->values().of({SubjectKind::party, find(*store, "ann"), 0});
        const auto value = subject->metric(*(*values)->catalog().metrics.find(metric));
        return value.is(expr::Kind::string) ? std::string(value.view()) : written(value);
    };
    EXPECT_EQ(seen("2024-01-15", "buying_power"), "-");
    EXPECT_EQ(seen("2024-12-31", "buying_power"), "40000 USD");
    EXPECT_EQ(seen("2025-01-01", "buying_power"), "100000 USD");
    EXPECT_EQ(seen("2024-12-31", "sow_y"), "d250000");
    EXPECT_EQ(seen("2025-06-01", "sow_y"), "d300000");
    EXPECT_EQ(seen("2026-01-01", "sow_y"), "-");
    EXPECT_EQ(seen("2024-02-28", "mood"), "-");
    EXPECT_EQ(seen("2024-03-02", "mood"), "glad");
    ASSERT_TRUE(store->run_due(at("2026-02-01")));
    snapshot = store->snapshot();
    const auto log =
        Reads(**snapshot)
            .membership_log(find(*store, "ann"), **store->names().find((*snapshot)->reader(), "big"));
    ASSERT_EQ(log->size(), 2u);
    EXPECT_EQ((*log)[0].at, at("2025-01-01"));
    EXPECT_EQ((*log)[1].at, at("2026-01-01"));
    expect_sound(*store);
}

}  // namespace
}  // namespace kith::engine
