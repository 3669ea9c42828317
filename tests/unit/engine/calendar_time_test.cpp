// Goal: time is counted as people count it: days of 23 and 25 hours, leap days, years that begin in April,
// the day of the zone; and what is due happens once, at its own instant, whenever the host comes to it.
// Method: tables worked out by hand beside each test; files that ran every night beside files that did not,
// and whose clock was put back.
#include <map>

#include "engine/commitment_reads.hpp"
#include "engine/directory_reads.hpp"
#include "engine/value_records.hpp"
#include "engine/value_table.hpp"
#include "engine/values_at.hpp"
#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

using Texts = std::vector<std::string>;

class CalendarTimeTest : public EngineTest {
protected:
    // A file with definitions (the inner text of "define").
    void begin(const std::string &name, const std::string &zone, const std::string &define) {
        store_ = open(name, zone);
        zone_ = *base::Zone::find(zone);
        Batch batch;
        const auto added =
            batch.add_playbook(R"json({"playbook":"time","format":1,"define":[)json" + define + "]}");
        ASSERT_TRUE(added) << added.error().message;
        commit(*store_, batch);
    }
    // In the file's zone, or with an offset of its own.
    base::Micros at(const std::string &time) const { return *base::parse_time(time, zone_); }

    void buy(const std::string &party, base::Micros at, std::int64_t amount = 100) {
        Batch batch;
        ASSERT_TRUE(batch.add(order(party, at, amount)));
        commit(*store_, batch);
    }
    void buy(const std::string &party, const std::string &time) { buy(party, at(time)); }

    std::string value(const std::string &party, const std::string &metric, const std::string &time) {
        auto snapshot = store_->snapshot();
        auto values = ValuesAt::of(**snapshot, at(time));
        auto *subject = (*values)->values().of({SubjectKind::party, find(*store_, party), 0});
        const auto found = subject->metric(*(*values)->catalog().metrics.find(metric));
        const auto schema = make_value_schema((*values)->catalog(), SubjectKind::party);
        return plain_text(found, *schema, (*values)->values().moment());
    }

    // "2026-03-28 2": first day and value of each period.
    Texts series(const std::string &party, const std::string &metric, const std::string &time) {
        auto snapshot = store_->snapshot();
        const auto table =
            series_table(**snapshot, {SubjectKind::party, find(*store_, party), 0}, metric, at(time));
        EXPECT_TRUE(table) << table.error().message;
        Texts all;
        for (std::size_t i = 0; i < table->columns[0].texts.size(); ++i) {
            const auto &column = table->columns[2];
            const bool unknown = !column.present.empty() && column.present[i] == 0;
            all.push_back(table->columns[0].texts[i] + " " +
                          (unknown ? "-" : std::to_string(column.ints[i])));
        }
        return all;
    }

    Texts log(const std::string &party, const std::string &segment) {
        auto snapshot = store_->snapshot();
        Texts all;
        const auto code = *store_->names().find((*snapshot)->reader(), segment);
        if (!code) return all;
        const auto found = Reads(**snapshot).membership_log(find(*store_, party), *code);
        for (const auto &one : *found)
            all.push_back(std::string(*(*snapshot)->text(one.to)) + " " + base::format_time(one.at));
        return all;
    }

    std::unique_ptr<Store> store_;
    base::Zone zone_ = base::Zone::utc();
};

constexpr const char *kByDayAndMonth = R"json({"metric":"by_day","count":"order","by":"day"},
 {"metric":"in_day","count":"order","window":"P1D"},{"metric":"in_24h","count":"order","window":"PT24H"},
 {"metric":"last_at","last":"order","of":"i.at"},{"metric":"days","value":"daysBetween(m.last_at, now)"
},
 {"segment":"of_day","when":"m.in_day > 0"},{"segment":"of_24h","when":"m.in_24h > 0"})json";

// 29 March 2026 has no 02:00 to 03:00 in Zagreb, and 23 hours.
TEST_F(CalendarTimeTest, ADayOf23Hours) {
    begin("spring.kith", "Europe/Zagreb", kByDayAndMonth);
    EXPECT_EQ(base::format_time(at("2026-03-29T02:30")), "2026-03-29T01:00:00Z");  // the first after the gap
    buy("ann", "2026-03-28T12:00");                                                // 11:00Z
    EXPECT_EQ(value("ann", "in_day", "2026-03-29T11:59:59.999999"), "1");
    EXPECT_EQ(value("ann", "in_day", "2026-03-29T12:00"), "0");  // 23 hours later
    EXPECT_EQ(value("ann", "in_24h", "2026-03-29T12:59:59.999999"), "1");
    EXPECT_EQ(value("ann", "in_24h", "2026-03-29T13:00"), "0");
    ASSERT_TRUE(store_->run_due(at("2026-04-01")));
    EXPECT_EQ(log("ann", "of_day"), (Texts{"in 2026-03-28T11:00:00Z", "out 2026-03-29T10:00:00Z"}));
    EXPECT_EQ(log("ann", "of_24h"), (Texts{"in 2026-03-28T11:00:00Z", "out 2026-03-29T11:00:00Z"}));
    for (const char *time : {"2026-03-28T22:59:59.999999Z", "2026-03-28T23:00Z",
                             "2026-03-29T21:59:59.999999Z", "2026-03-29T22:00Z"})
        buy("bob", time);
    EXPECT_EQ(series("bob", "by_day", "2026-03-31T08:00"),
              (Texts{"2026-03-28 1", "2026-03-29 2", "2026-03-30 1", "2026-03-31 0"}));
    EXPECT_EQ(value("bob", "days", "2026-03-31T00:00"), "1");
    EXPECT_EQ(value("bob", "days", "2026-03-30T23:59:59.999999"), "0");
    expect_sound(*store_);
}

// 25 October 2026 has 02:00 to 03:00 twice in Zagreb, and 25 hours.
TEST_F(CalendarTimeTest, ADayOf25Hours) {
    begin("autumn.kith", "Europe/Zagreb", kByDayAndMonth);
    EXPECT_EQ(base::format_time(at("2026-10-25T02:30")), "2026-10-25T00:30:00Z");  // the earlier of two
    buy("ann", "2026-10-24T12:00");                                                // 10:00Z
    EXPECT_EQ(value("ann", "in_24h", "2026-10-25T10:59:59.999999"), "1");
    EXPECT_EQ(value("ann", "in_24h", "2026-10-25T11:00"), "0");
    EXPECT_EQ(value("ann", "in_day", "2026-10-25T11:59:59.999999"), "1");
    EXPECT_EQ(value("ann", "in_day", "2026-10-25T12:00"), "0");  // 25 hours later
    ASSERT_TRUE(store_->run_due(at("2026-10-28")));
    EXPECT_EQ(log("ann", "of_day"), (Texts{"in 2026-10-24T10:00:00Z", "out 2026-10-25T11:00:00Z"}));
    EXPECT_EQ(log("ann", "of_24h"), (Texts{"in 2026-10-24T10:00:00Z", "out 2026-10-25T10:00:00Z"}));
    // At 02:30 and an hour later at 02:30 again; the day's first and last instants.
    for (const char *time : {"2026-10-24T21:59:59.999999Z", "2026-10-24T22:00Z", "2026-10-25T00:30Z",
                             "2026-10-25T01:30Z", "2026-10-25T22:59:59.999999Z", "2026-10-25T23:00Z"})
        buy("bob", time);
    EXPECT_EQ(series("bob", "by_day", "2026-10-26T08:00"),
              (Texts{"2026-10-24 1", "2026-10-25 4", "2026-10-26 1"}));
    expect_sound(*store_);
}

TEST_F(CalendarTimeTest, LeapDaysAndTheYearsAroundThem) {
    begin("leap.kith", "Europe/Zagreb", R"json({"metric":"in_year","count":"order","window":"P1Y"},
 {"metric":"in_12m","count":"order","window":"P12M"},{"metric":"in_365d","count":"order","window":"P365D"},
 {"metric":"in_366d","count":"order","window":"P366D"},{"metric":"by_year","count":"order","by":"year"},
 {"metric":"last_at","last":"order","of":"i.at"},{"metric":"days","value":"daysBetween(m.last_at, now)"},
 {"metric":"months","value":"monthsBetween(date(m.last_at, zone), today)"},
 {"segment":"of_year","when":"m.in_year > 0"},{"segment":"this_year","when":"m.by_year > 0"})json");
    // A year before 28 February 2025 is 28 February 2024, a year before 1 March is 1 March: the leap day
    // leaves between them.
    buy("ann", "2024-02-29T10:00");
    for (const char *metric : {"in_year", "in_12m"}) {
        EXPECT_EQ(value("ann", metric, "2025-02-28T23:59:59.999999"), "1") << metric;
        EXPECT_EQ(value("ann", metric, "2025-03-01T00:00"), "0") << metric;
    }
    // A year before 28 and before 29 February 2024 is 28 February 2023: that day comes twice.
    buy("bob", "2023-02-28T10:00");
    ASSERT_TRUE(store_->run_due(at("2026-01-01")));
    EXPECT_EQ(log("ann", "of_year"), (Texts{"in 2024-02-29T09:00:00Z", "out 2025-02-28T23:00:00Z"}));
    EXPECT_EQ(log("bob", "of_year"), (Texts{"in 2023-02-28T09:00:00Z", "out 2024-02-28T09:00:00Z",
                                            "in 2024-02-28T23:00:00Z", "out 2024-02-29T09:00:00Z"}));
    EXPECT_EQ(log("ann", "this_year"), (Texts{"in 2024-02-29T09:00:00Z", "out 2024-12-31T23:00:00Z"}));
    // 2024 has 366 days.
    buy("cyd", "2024-01-01T00:00");
    EXPECT_EQ(value("cyd", "in_365d", "2024-12-30T23:59:59.999999"), "1");
    EXPECT_EQ(value("cyd", "in_365d", "2024-12-31T00:00"), "0");
    EXPECT_EQ(value("cyd", "in_366d", "2024-12-31T23:59:59.999999"), "1");
    EXPECT_EQ(value("cyd", "in_366d", "2025-01-01T00:00"), "0");
    EXPECT_EQ(value("cyd", "in_year", "2025-01-01T00:00"), "0");
    EXPECT_EQ(value("cyd", "days", "2025-01-01T00:00"), "366");
    EXPECT_EQ(value("cyd", "months", "2024-02-29T12:00"), "1");
    EXPECT_EQ(value("cyd", "months", "2025-01-01T00:00"), "12");
    for (const char *time : {"2024-12-31T23:59:59.999999", "2025-01-01T00:00"}) buy("cyd", time);
    EXPECT_EQ(series("cyd", "by_year", "2026-01-01"),
              (Texts{"2024-01-01 2", "2025-01-01 1", "2026-01-01 0"}));
    expect_sound(*store_);
}

// Years from April, weeks from Sunday, in Zagreb; a year from February has a quarter with the leap day.
TEST_F(CalendarTimeTest, YearsBeginWhereTheCalendarSays) {
    begin("fiscal.kith", "Europe/Zagreb",
          R"json({"metric":"fy","count":"order","by":"books.year"},
 {"metric":"fq","count":"order","by":"books.quarter"},
 {"metric":"sundays","count":"order","by":"books.week"},{"metric":"mondays","count":"order","by":"week"},
 {"metric":"year","count":"order","by":"year"},{"metric":"from_feb","count":"order","by":"feb.quarter"},
 {"metric":"months","count":"order","by":"books.month"},
 {"metric":"plan","given":"int","by":"books.year"},
 {"calendar":"books","weekly":{"mon-fri":["09:00-17:00"]},"first_weekday":"sun","fiscal_year":4},
 {"calendar":"feb","weekly":{"mon-fri":["09:00-17:00"]},"fiscal_year":2},
 {"segment":"this_fy","when":"m.fy > 0"})json");
    for (const char *time : {"2025-12-31T23:59:59.999999", "2026-01-01T00:00", "2026-03-31T23:59:59.999999",
                             "2026-04-01T00:00", "2026-06-30T12:00", "2026-07-01T00:00"})
        buy("ann", time);
    EXPECT_EQ(series("ann", "fy", "2027-04-01"), (Texts{"2025-04-01 3", "2026-04-01 3", "2027-04-01 0"}));
    EXPECT_EQ(series("ann", "fq", "2026-07-02"),
              (Texts{"2025-10-01 1", "2026-01-01 2", "2026-04-01 2", "2026-07-01 1"}));
    EXPECT_EQ(series("ann", "year", "2026-07-02"), (Texts{"2025-01-01 1", "2026-01-01 5"}));
    EXPECT_EQ(series("ann", "months", "2026-01-02"), (Texts{"2025-12-01 1", "2026-01-01 1"}));
    EXPECT_EQ(value("ann", "fy", "2026-03-31T23:59:59.999999"), "3");
    EXPECT_EQ(value("ann", "fy", "2026-04-01T00:00"), "1");
    buy("dee", "2025-12-31T12:00");
    ASSERT_TRUE(store_->run_due(at("2028-01-01")));
    EXPECT_EQ(log("dee", "this_fy"), (Texts{"in 2025-12-31T11:00:00Z", "out 2026-03-31T22:00:00Z"}));
    // Saturday, Sunday, Monday.
    for (const char *time : {"2026-05-02T12:00", "2026-05-03T12:00", "2026-05-04T12:00"}) buy("bob", time);
    EXPECT_EQ(series("bob", "sundays", "2026-05-05"), (Texts{"2026-04-26 1", "2026-05-03 2"}));
    EXPECT_EQ(series("bob", "mondays", "2026-05-05"), (Texts{"2026-04-27 2", "2026-05-04 1"}));
    for (const char *time : {"2024-01-31T23:59:59.999999", "2024-02-29T12:00", "2024-05-01T00:00"})
        buy("cyd", time);
    EXPECT_EQ(series("cyd", "from_feb", "2024-05-02"),
              (Texts{"2023-11-01 1", "2024-02-01 1", "2024-05-01 1"}));
    // What is given for "2025" is of the year from April 2025, whenever it is said.
    for (const auto &[period, time, number] :
         {std::tuple("2025", "2026-05-01", 7.0), {"2026", "2025-12-01", 9.0}}) {
        Batch batch;
        ScoreItem item;
        item.ref.by = Ref::By::host;
        item.ref.kind = "shop";
        item.ref.text = "ann";
        item.kind = model::SubjectKind::party;
        item.metric = "plan";
        item.period = period;
        item.nature = model::Nature::given;
        item.at = at(time);
        item.number = number;
        ASSERT_TRUE(batch.add(item));
        commit(*store_, batch);
    }
    EXPECT_EQ(value("ann", "plan", "2026-03-31"), "");
    EXPECT_EQ(value("ann", "plan", "2026-04-01"), "9");
    EXPECT_EQ(series("ann", "plan", "2026-05-02"), (Texts{"2025-04-01 7", "2026-04-01 9"}));
    // Names are checked.
    for (const auto &[define, told] :
         {std::pair(R"json({"metric":"x","count":"order","by":"boks.year"})json", "did you mean \"books\""),
          {R"json({"metric":"x","count":"order","by":"books.yaer"})json", "did you mean \"year\""}}) {
        Batch batch;
        auto added = batch.add_playbook(std::string(R"json({"playbook":"t","format":1,"define":[)json") +
                                        define + "]}");
        const auto said = !added ? added.error().message : store_->commit(batch).error().message;
        EXPECT_NE(said.find(told), said.npos) << said;
    }
    expect_sound(*store_);
}

// The same instants: February begins in Shanghai at 16:00, in Kolkata at 18:30, in Zagreb at 23:00 and in New
// York at 05:00; an order at each, and one a microsecond before it.
TEST_F(CalendarTimeTest, MonthsBeginWhereTheZoneSays) {
    const struct {
        const char *zone;
        int january;
        const char *leaves;
    } kZones[] = {{"Asia/Shanghai", 1, "out 2026-02-28T16:00:00Z"},
                  {"Asia/Kolkata", 3, "out 2026-02-28T18:30:00Z"},
                  {"Europe/Zagreb", 5, "out 2026-02-28T23:00:00Z"},
                  {"America/New_York", 7, "out 2026-03-01T05:00:00Z"}};
    for (const auto &one : kZones) {
        begin(std::to_string(one.january) + ".kith", one.zone,
              R"json({"metric":"by_month","count":"order","by":"month"},
 {"segment":"this_month","when":"m.by_month > 0"})json");
        for (const char *time :
             {"2026-01-31T16:00Z", "2026-01-31T18:30Z", "2026-01-31T23:00Z", "2026-02-01T05:00Z"}) {
            buy("ann", at(time) - 1);
            buy("ann", at(time));
        }
        buy("bob", "2026-02-15T12:00Z");
        EXPECT_EQ(series("ann", "by_month", "2026-02-10"),
                  (Texts{"2026-01-01 " + std::to_string(one.january),
                         "2026-02-01 " + std::to_string(8 - one.january)}))
            << one.zone;
        ASSERT_TRUE(store_->run_due(at("2026-04-01")));
        EXPECT_EQ(log("bob", "this_month"), (Texts{"in 2026-02-15T12:00:00Z", one.leaves})) << one.zone;
        expect_sound(*store_);
    }
}

// ---- a host that is away ----

constexpr const char *kDue = R"json({"metric":"sales","sum":"order","of":"i.amount"},
 {"metric":"sales_3d","sum":"order","of":"i.amount","window":"P3D"},{"metric":"last_at","last":"order","of":"i.at"},
 {"bands":"third","of":"m.sales_3d","quantiles":3,"every":"day"},
 {"segment":"best","when":"band.third == '3'"},{"segment":"recent","when":"m.sales_3d.minor > 0"},
 {"segment":"quiet","when":"daysBetween(m.last_at, now) >= 4"},
 {"process":"care","per":"party","start":{"on":"order"},"initial":"fresh","states":{
  "fresh":{"on":{"order":{"target":"fresh","reenter":true}},"after":[{"delay":"P2D","anchor":"m.last_order_at","target":"call"}]},
  "call":{"on":{"order":"fresh"},"entry":[{"do":"task","kind":"call","title":"Call","due":"P1D"}],
          "after":[{"delay":"P1D","target":"lost"}]},
  "lost":{"on":{"order":"fresh"}}}})json";

class AwayTest : public CalendarTimeTest {
protected:
    void begin_shop(const std::string &name) {
        now_ = *base::parse_time("2026-03-25T09:00", *base::Zone::find("Europe/Zagreb"));
        begin(name, "Europe/Zagreb", kDue);
        for (const auto &[party, amount] : {std::pair("a", 100), {"b", 250}, {"c", 500}}) {
            now_ += 3'600'000'000;
            buy(party, now_, amount);
        }
        run("2026-03-26T03:00");
    }
    void run(const std::string &time) {
        now_ = at(time);
        ASSERT_TRUE(store_->run_due(now_));
    }

    // All that came of time: who moved when, what was promised, where the cuts stood.
    Texts told() {
        Texts all;
        for (const char *party : {"a", "b", "c"}) {
            for (const char *segment : {"best", "recent", "quiet"}) {
                for (const auto &one : log(party, segment))
                    all.push_back(party + (" " + one) + " " + segment);
            }
            auto snapshot = store_->snapshot();
            const Reads reads(**snapshot);
            const auto id = find(*store_, party);
            const auto processes = reads.processes(id);
            for (const auto &read : *processes) {
                const auto log = reads.log(read.process.id);
                for (const auto &one : **log)
                    all.push_back(party + (" " + std::string(*(*snapshot)->text(one.to))) + " " +
                                  base::format_time(one.at) + (one.late ? " late" : ""));
            }
        }
        auto snapshot = store_->snapshot();
        const Reads reads(**snapshot);
        const auto due = CommitmentReads(**snapshot).queue({}, {}, 100);
        for (const auto &[one, told] : due->items)
            all.push_back(std::string(*(*snapshot)->text(one.kind)) + " " + base::format_time(one.opened_at) +
                          " due " + base::format_time(*one.due));
        std::istringstream lines(exported(*store_));
        for (std::string line; std::getline(lines, line);) {
            const auto begins = line.find("\"metric\":\"band.third\"");
            if (begins == line.npos) continue;
            all.push_back(line.substr(begins, line.find(",\"recorded_at\"") - begins));
        }
        return all;
    }
};

TEST_F(AwayTest, FiveDaysLaterAllIsAsIfItHadRunEveryNight) {
    begin_shop("nightly.kith");
    for (const char *night : {"2026-03-27", "2026-03-28", "2026-03-29", "2026-03-30", "2026-03-31"})
        run(std::string(night) + "T03:00");
    const auto nightly = told();
    const auto members = log("c", "best");
    expect_sound(*store_);

    begin_shop("away.kith");
    const auto before = told();
    run("2026-03-31T03:00");
    EXPECT_EQ(told(), nightly);
    EXPECT_NE(told(), before);
    expect_sound(*store_);

    // By hand. Orders on 25 March at 10:00, 11:00 and 12:00, one hour before in UTC; the clock is put forward
    // on the 29th. The cuts are taken as a day begins; on the 28th, three days after, the sums leave one by
    // one.
    EXPECT_EQ(log("a", "recent"), (Texts{"in 2026-03-25T09:00:00Z", "out 2026-03-28T09:00:00Z"}));
    EXPECT_EQ(log("c", "recent"), (Texts{"in 2026-03-25T11:00:00Z", "out 2026-03-28T11:00:00Z"}));
    EXPECT_EQ(log("a", "quiet"), (Texts{"in 2026-03-28T23:00:00Z"}));
    // Of sums of 0 all are in the first third, when the 29th begins.
    EXPECT_EQ(members, log("c", "best"));
    EXPECT_EQ(log("c", "best").size(), 2U);
    // It is told how late it was: what is of its own instant carries the clock of the run.
    auto snapshot = store_->snapshot();
    const auto code = *store_->names().find((*snapshot)->reader(), "recent");
    const auto entries = *Reads(**snapshot).membership_log(find(*store_, "a"), *code);
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_EQ(static_cast<base::Micros>(entries[1].stamp >> 16) * 1000, at("2026-03-31T03:00"));
}

// An hour that comes twice: what was due in it happens once, and what is recorded in it counts.
TEST_F(AwayTest, TheClockIsPutBackAnHour) {
    begin_shop("straight.kith");
    buy("b", at("2026-03-28T10:10"));
    for (const char *time : {"2026-03-28T11:00", "2026-03-28T12:30", "2026-03-31T03:00"}) run(time);
    const auto straight = told();

    begin_shop("back.kith");
    run("2026-03-28T11:00");
    const auto once = told();
    run("2026-03-28T10:00");
    EXPECT_EQ(told(), once);
    now_ = at("2026-03-28T10:10");
    const auto seq_before = (*store_->snapshot())->meta().feed_last;
    buy("b", now_);
    EXPECT_EQ((*store_->snapshot())->meta().due_through, at("2026-03-28T11:00"));
    run("2026-03-28T10:30");
    for (const char *time : {"2026-03-28T11:00", "2026-03-28T12:30", "2026-03-31T03:00"}) run(time);
    expect_sound(*store_);
    // Stamps go on rising, whatever the clock says.
    auto snapshot = store_->snapshot();
    std::uint64_t last = 0;
    const auto changes = Reads(**snapshot).changes(0, 1000);
    for (const auto &change : *changes) {
        EXPECT_GE(change.stamp, last);
        last = change.stamp;
    }
    EXPECT_GT((*snapshot)->meta().feed_last, seq_before);
    // Each of its moves once: no two alike.
    auto all = told();
    std::ranges::sort(all);
    EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
    for (const auto &move : straight) {
        EXPECT_TRUE(move.starts_with("b ") || std::ranges::find(all, move) != all.end()) << move;
    }
}

}  // namespace
}  // namespace kith::engine
