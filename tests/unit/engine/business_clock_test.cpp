// Goal: lengths of time end when the file's calendars say, around both changes of the clock, month ends and
// pauses; business without a named calendar goes by the file's own; expressions reckon alike, and a length
// that is none is told when the expression is written.
// Method: tables worked out by hand (Europe/Zagreb puts the clock on at 2026-03-29T02:00 and back at
// 2026-10-25T03:00); the same asked in expressions of a party's values.
#include "engine/business_clock.hpp"

#include "engine/expressions.hpp"
#include "engine/values_at.hpp"
#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

constexpr const char *kShopCalendar =
    R"json({"calendar":"store","weekly":{"mon-fri":["08:00-12:00","13:00-17:00"],"sat":["09:00-13:00"]},"holidays":["2026-04-06"]})json";
// Eight hours behind Zagreb; closed at weekends.
constexpr const char *kFarCalendar =
    R"json({"calendar":"far","zone":"America/New_York","weekly":{"mon-fri":["09:00-17:00"]}})json";

class BusinessClockTest : public EngineTest {
protected:
    void begin(const std::string &define) {
        store_ = open("clock-" + std::to_string(++files_) + ".kith", "Europe/Zagreb");
        Batch batch;
        ASSERT_TRUE(batch.add(order("ann", at("2026-01-05T10:00"), 100)));
        if (!define.empty()) {
            const auto added =
                batch.add_playbook(R"json({"playbook":"clock","format":1,"define":[)json" + define + "]}");
            ASSERT_TRUE(added) << added.error().message;
        }
        commit(*store_, batch);
    }
    base::Micros at(const std::string &time) const { return *base::parse_time(time, zone_); }
    BusinessClock clock() const {
        auto snapshot = store_->snapshot();
        return {(*(*snapshot)->catalog())->values->calendars, zone_};
    }
    static rules::Length length(const char *text) { return *rules::read_length(text); }

    // The value as JSON, or what is wrong.
    std::string value(const std::string &expression, const std::string &now) {
        auto snapshot = store_->snapshot();
        ExpressionOptions options;
        options.values = (*(*snapshot)->catalog())->values;
        auto made = Expression::check(expression, options);
        if (!made) return made.error().message;
        if (!(*made)->diagnostics().empty()) return (*made)->mistake().message;
        auto values = ValuesAt::of(**snapshot, at(now));
        auto *ann = (*values)->values().of({SubjectKind::party, find(*store_, "ann"), 0});
        EvaluateOptions evaluate;
        evaluate.moment.now = at(now);
        evaluate.moment.zone = zone_;
        auto result = (*made)->evaluate({nullptr, ann}, evaluate);
        return result ? (*result)->json : result.error().message;
    }

    base::Zone zone_ = *base::Zone::find("Europe/Zagreb");
    std::unique_ptr<Store> store_;
    int files_ = 0;
};

struct Step {
    const char *from, *length, *to, *calendar;
};

TEST_F(BusinessClockTest, LengthsEndAsTheTableSays) {
    begin(std::string(kShopCalendar) + "," + kFarCalendar);
    const auto clock = this->clock();
    const Step steps[] = {
        {"2026-01-31T10:00", "P1M", "2026-02-28T10:00", ""},        // the end of the month
        {"2026-03-28T02:30", "P1D", "2026-03-29T03:00", ""},        // 02:30 is left out
        {"2026-03-28T12:00", "P1D", "2026-03-29T12:00", ""},        // 23 hours
        {"2026-03-28T12:00", "PT24H", "2026-03-29T13:00", ""},      // exact
        {"2026-10-24T02:30", "P1D", "2026-10-25T02:30+02:00", ""},  // the first of two
        {"2026-10-24T12:00", "PT24H", "2026-10-25T11:00", ""},
        {"2026-03-27T16:00", "business PT2H", "2026-03-28T10:00", ""},  // an hour, and Saturday from 9
        {"2026-03-28T12:00", "business PT2H", "2026-03-30T09:00", ""},  // over the clock's change
        {"2026-10-24T12:30", "business PT1H", "2026-10-26T08:30", ""},
        {"2026-04-03T15:00", "business P2D", "2026-04-07T15:00", ""},   // Saturday, and Monday is a holiday
        {"2026-04-04T20:00", "business PT4H", "2026-04-07T12:00", ""},  // from outside of hours
        // In New York it is five hours earlier from the 8th to the 29th of March, else six.
        {"2026-03-27T20:00", "business PT4H", "2026-03-30T17:00", "far"},  // 15-17 there, then from 9
        {"2026-03-20T20:00", "business PT4H", "2026-03-23T16:00", "far"},
        {"2026-10-23T22:00", "business PT2H", "2026-10-26T15:00", "far"},  // 16-17, then 9-10: five again
    };
    for (const auto &[from, text, to, calendar] : steps) {
        const auto end = clock.end_of(length(text), at(from), calendar);
        ASSERT_TRUE(end) << end.error().message;
        EXPECT_EQ(base::format_time(*end), base::format_time(at(to))) << from << " and " << text;
    }
    const Step back[] = {
        {"2026-03-31T10:00", "P1M", "2026-02-28T10:00", ""},
        {"2026-03-30T02:30", "P1D", "2026-03-29T03:00", ""},
        {"2026-10-26T02:30", "P1D", "2026-10-25T02:30+02:00", ""},
        {"2026-03-30T09:00", "business PT2H", "2026-03-28T12:00", ""},
        {"2026-04-07T15:00", "business P2D", "2026-04-03T15:00", ""},
        {"2026-03-30T17:00", "business PT4H", "2026-03-27T20:00", "far"},
    };
    for (const auto &[from, text, to, calendar] : back) {
        const auto start = clock.start_of(length(text), at(from), calendar);
        ASSERT_TRUE(start) << start.error().message;
        EXPECT_EQ(base::format_time(*start), base::format_time(at(to))) << text << " before " << from;
    }
}

TEST_F(BusinessClockTest, APauseStopsTheClock) {
    begin(kShopCalendar);
    const auto clock = this->clock();
    struct Pause {
        const char *due, *length, *paused, *resumed, *then;
    };
    const Pause pauses[] = {
        // From Friday 16:00 to Monday 09:00: an hour, four on Saturday, an hour.
        {"2026-03-30T10:00", "business PT6H", "2026-03-27T16:00", "2026-03-30T09:00", "2026-03-30T17:00"},
        {"2026-03-26T10:00", "business P3D", "2026-03-24T10:00", "2026-03-25T10:00", "2026-03-27T10:00"},
        {"2026-03-30T10:00", "business PT6H", "2026-03-28T14:00", "2026-03-29T20:00", "2026-03-30T10:00"},
        // Exact time, 23 hours of it.
        {"2026-04-02T10:00", "P7D", "2026-03-28T12:00", "2026-03-29T12:00", "2026-04-03T09:00"},
        {"2026-04-02T10:00", "P7D", "2026-03-29T12:00", "2026-03-28T12:00", "2026-04-02T10:00"},
    };
    for (const auto &one : pauses) {
        const auto due = clock.put_off(at(one.due), length(one.length), at(one.paused), at(one.resumed));
        ASSERT_TRUE(due) << due.error().message;
        EXPECT_EQ(base::format_time(*due), base::format_time(at(one.then))) << one.paused;
    }
    EXPECT_EQ(*clock.between(at("2026-03-27T16:00"), at("2026-03-30T09:00")), 6 * base::kDay / 24);
    EXPECT_EQ(*clock.between(at("2026-03-30T09:00"), at("2026-03-27T16:00")), 0);
}

TEST_F(BusinessClockTest, TheFilesOwnCalendar) {
    const auto friday = at("2026-03-27T16:30");
    const auto end = [&](std::string_view calendar = {}) {
        const auto found = clock().end_of(length("business PT1H"), friday, calendar);
        return found ? base::format_time(*found) : found.error().message;
    };
    begin("");  // none: business never closes
    EXPECT_EQ(end(), base::format_time(at("2026-03-27T17:30")));
    begin(kFarCalendar);  // the only one
    EXPECT_EQ(end(), base::format_time(at("2026-03-27T17:30")));
    EXPECT_EQ(*clock().is_open(at("2026-03-27T10:00")), false);
    begin(std::string(kFarCalendar) +
          R"json(,{"calendar":"night","weekly":{"mon-sat":["22:00-24:00"]}})json");
    EXPECT_EQ(end(), base::format_time(at("2026-03-27T17:30")));  // several, none of them the store's
    EXPECT_EQ(*clock().is_open(at("2026-03-27T10:00")), true);
    EXPECT_EQ(end("night"), base::format_time(at("2026-03-27T23:00")));
    begin(std::string(kFarCalendar) + "," + kShopCalendar);  // the store's
    EXPECT_EQ(end(), base::format_time(at("2026-03-28T09:30")));
    EXPECT_EQ(end("nights"), "there is no calendar \"nights\": define it, or name one that is");
    begin(R"json({"calendar":"store","weekly":{"sun":[]}})json");  // never open
    EXPECT_NE(end().find("has not as many open hours"), std::string::npos);
}

TEST_F(BusinessClockTest, ExpressionsReckonAlike) {
    begin(std::string(kShopCalendar) + "," + kFarCalendar +
          R"json(,{"segment":"slow","when":"before('business P2D') > m.last_order_at"})json");
    const std::pair<const char *, const char *> expected[] = {
        {"after('P7D')", "\"2026-04-04T10:00:00Z\""},
        {"after('business PT2H')", "\"2026-03-30T07:00:00Z\""},
        {"before('business PT2H')", "\"2026-03-28T09:00:00Z\""},
        {"after('P' + '1D', m.last_order_at)", "\"2026-01-06T09:00:00Z\""},
        {"after('business PT2H', now, 'far')", "\"2026-03-30T15:00:00Z\""},
        {"after(m.orders > 3 ? 'business P1D' : 'business P3D')", "\"2026-04-01T10:00:00Z\""},
        {"free('store', now)", "true"},
        {"free('far', now)", "false"},
        {"free('', after('PT2H'))", "false"},
        {"after('P7X')",
         "1:7: range: the length of time must be a duration, as \"P7D\", \"P3M\", \"PT8H\" or \"business "
         "PT4H\" "
         "['P7X']"},
        {"after('business P1M')",
         "1:7: range: the length of time weeks, months and years have no business length; write business "
         "days "
         "or hours, as \"business P20D\" ['business P1M']"},
        {"after('P' + '7X')",
         "1:1: convert: the text is no length of time: write P7D, P3M, PT8H or business PT4H, longer than "
         "nothing [after('P' + '7X')]"},
        {"free('nights', now)",
         "1:1: range: there is no calendar of this name: define it [free('nights', now)]"},
    };
    for (const auto &[expression, json] : expected) {
        EXPECT_EQ(value(expression, "2026-03-28T12:00"), json) << expression;
    }
    // A segment's condition is watched: it turns as the clock does, two open days after the order.
    EXPECT_EQ(value("in_segment('slow')", "2026-01-07T10:00"), "false");
    EXPECT_EQ(value("in_segment('slow')", "2026-01-07T10:01"), "true");
    ASSERT_TRUE(store_->build({}));
    auto due = store_->run_due(at("2026-01-08T00:00"));
    ASSERT_TRUE(due) << due.error().message;
    EXPECT_NE(exported(*store_).find("\"2026-01-07T09:00:00.000001Z\""), std::string::npos);
}

}  // namespace
}  // namespace kith::engine
