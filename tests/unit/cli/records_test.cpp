// Goal: commitments and interactions read as meant, whatever the host stored in them.
// Method: structs filled by hand, the text compared with golden strings; JSON through a parser.
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>

#include "cli/commitments.hpp"
#include "cli/handles.hpp"
#include "cli/interactions.hpp"

namespace kith::cli {
namespace {

constexpr std::int64_t kHour = 3'600'000'000;
constexpr std::int64_t kDay = 24 * kHour;

kith_commitment due_at(kith_time due) {
    kith_commitment commitment = make<kith_commitment>();
    commitment.fields = KITH_COMMITMENT_FIELD_DUE;
    commitment.kind = to_str("win_back");
    commitment.state = KITH_COMMITMENT_OPEN;
    commitment.due = due;
    return commitment;
}

TEST(Commitments, SayHowLateTheyAre) {
    const kith_time now = 100 * kDay;
    EXPECT_EQ(due_text(due_at(now + 12 * kDay), now), "in 12 days");
    EXPECT_EQ(due_text(due_at(now + kDay), now), "in 1 day");
    EXPECT_EQ(due_text(due_at(now), now), "today");
    EXPECT_EQ(due_text(due_at(now - kHour), now), "OVERDUE");
    EXPECT_EQ(due_text(due_at(now - 3 * kDay), now), "OVERDUE 3 days");
    EXPECT_EQ(due_text(make<kith_commitment>(), now), "");
    EXPECT_EQ(distance_text(now - 2 * kDay, now), "2 days ago");
}

TEST(Commitments, AreJson) {
    Json json;
    json.array();
    append_commitment(json, due_at(kDay), 2 * kDay, "C-1");
    const auto parsed = nlohmann::json::parse(json.end().str());
    EXPECT_EQ(parsed[0]["party"], "C-1");
    EXPECT_EQ(parsed[0]["state"], "open");
    EXPECT_EQ(parsed[0]["due"], "1970-01-02T00:00:00Z");
    EXPECT_EQ(parsed[0]["overdue"], true);
    EXPECT_TRUE(parsed[0]["title"].is_null());
}

class Order : public testing::Test {
protected:
    Order() {
        order_.type = to_str("order");
        order_.fields = KITH_INTERACTION_FIELD_AMOUNT;
        order_.amount = 123450;
        order_.at = 34'200'000'000;
        order_.lines = lines_.data();
        order_.line_count = lines_.size();
        order_.text = to_str("for \x1b[2J you");
    }
    std::array<kith_line, 4> lines_{{{to_str("Assam, 100 g"), 2'500'000, 6'900'000, 1725, {}, 0, 0, 0},
                                     {to_str("cup"), 1'000'000, 12'500'000, 1250, {}, 0, 0, 0},
                                     {to_str("tea \"x\""), 3'000'000, 0, 0, {}, 0, 0, 0},
                                     {to_str("honey"), 1'000'000, 0, 0, {}, 0, 0, 0}}};
    kith_interaction order_ = make<kith_interaction>();
};

TEST_F(Order, IsARowForPeople) {
    const kith_interaction *const items[] = {&order_};
    EXPECT_EQ(interaction_table(items, 2, Context{}),
              "  when (UTC)        what     amount  about\n"
              "  1970-01-01 09:30  order  1,234.50  2.5 x Assam, 100 g, cup, 3 x tea \"x\", 1 more, "
              "for  [2J you\n");
}

TEST_F(Order, IsJson) {
    Json json;
    json.array();
    append_interaction(json, order_, 2, "C-1");
    const auto parsed = nlohmann::json::parse(json.end().str())[0];
    EXPECT_EQ(parsed["amount"], "1234.50");
    EXPECT_EQ(parsed["at"], "1970-01-01T09:30:00Z");
    EXPECT_EQ(parsed["text"], "for \x1b[2J you");
    EXPECT_EQ(parsed["lines"][0]["quantity"], "2.5");
    EXPECT_EQ(parsed["lines"][0]["unit_price"], "6.90");
    EXPECT_EQ(parsed["lines"][0]["amount"], "17.25");
    EXPECT_EQ(parsed["lines"].size(), 4U);
}

TEST_F(Order, IsCsv) {
    EXPECT_EQ(interaction_csv_row(order_, 2, "C-1").size(), interaction_csv_header().size());
    EXPECT_EQ(interaction_csv_row(order_, 2, "C-1")[3], "1234.50");
}

}  // namespace
}  // namespace kith::cli
