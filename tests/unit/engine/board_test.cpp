// Goal: a board shows what metrics say of its subject, and its lights say how much of a target is reached.
// Method: shares and lights from a table; an actor's board over rows of several actors, and its operands.
#include "engine/board.hpp"

#include <limits>

#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

TEST(BoardShares, OfATarget) {
    using rules::Good;
    const struct {
        double value, target;
        Good good;
        double share;
    } kCases[] = {
        {3, 4, Good::up, 0.75}, {4, 4, Good::up, 1},      {5, 4, Good::up, 1.25},
        {0, 4, Good::up, 0},    {4, 5, Good::down, 1.25}, {5, 4, Good::down, 0.8},
        {4, 4, Good::down, 1},  {0, 0, Good::down, 1},  // no conflicts where there should be none
        {1, 0, Good::down, 0},  {0, 4, Good::down, 1},    {-1, 4, Good::down, 1},
        {0, 0, Good::up, 1},    {1, 0, Good::up, 1},      {-1, 0, Good::up, 0},
        {-1, 4, Good::up, 0},
    };
    for (const auto &one : kCases) {
        EXPECT_DOUBLE_EQ(share_of_target(one.value, one.target, one.good), one.share)
            << one.value << " of " << one.target;
    }
}

TEST(BoardLights, BestFirst) {
    rules::Metric usual, own;
    own.lights = {{"high", 0.5}, {"low", 0.25}};
    EXPECT_EQ(light_of(usual, 1), "green");
    EXPECT_EQ(light_of(usual, 0.9999), "amber");
    EXPECT_EQ(light_of(usual, 0.9), "amber");
    EXPECT_EQ(light_of(usual, 0.8999), "red");
    EXPECT_EQ(light_of(own, 0.5), "high");
    EXPECT_EQ(light_of(own, 0.25), "low");
    EXPECT_EQ(light_of(own, 0.2), "red");
}

class BoardTest : public EngineTest {
protected:
    static const Column &column(const ResultTable &table, std::string_view name) {
        return *std::ranges::find(table.columns, name, &Column::name);
    }
};

TEST_F(BoardTest, OfAnActor) {
    auto store = open("board.kith");
    Batch definitions;
    ASSERT_TRUE(definitions.add_playbook(
        R"json({"playbook": "board", "format": 1, "settings": {"goal": 4}, "define": [
        {"metric": "sold", "sum": "order", "of": "i.amount", "per": "actor"},
        {"metric": "count", "count": "order", "per": "actor", "good": "up", "target": "=setting.goal",
         "tags": {"e": "count", "l": "work"}},
        {"metric": "of_all", "value": "ratio(m.sold, all.m.sold_by_all)", "per": "actor", "good": "up",
         "tags": {"e": "worth", "l": "work"}, "labels": {
        "zh" : "占比"}
},
        {"metric": "sold_by_all", "sum": "order", "of": "i.amount", "per": "all", "tags": {"e": "worth", "l": "work"}}]
})json"));
    commit(*store, definitions);
    Batch rows;
    for (int i = 0; i < 4; ++i) {
        auto item = order("ann", day(i), 1000);
        item.actor = i < 3 ? "mia" : "leo";
        ASSERT_TRUE(rows.add(item));
    }
    commit(*store, rows);
    auto snapshot = store->snapshot();
    ASSERT_TRUE(snapshot);
    BoardQuery query;
    query.rows = "e";
    query.columns = "l";
    query.subject = {SubjectKind::actor, {}, "mia"};
    query.at = day(10);
    query.language = "zh";
    query.operands = true;
    const auto made = board(**snapshot, query);
    ASSERT_TRUE(made);
    ASSERT_TRUE(*made);
    const auto &table = **made;
    using Texts = std::vector<std::string>;
    EXPECT_EQ(column(table, "metric").texts, (Texts{"count", "of_all", "sold", "sold_by_all"}));
    EXPECT_EQ(column(table, "label").texts, (Texts{"count", "占比", "sold", "sold_by_all"}));
    EXPECT_EQ(column(table, "level").ints, (std::vector<std::int64_t>{0, 0, 1, 1}));
    EXPECT_EQ(column(table, "value").reals, (std::vector<double>{3, 0.75, 30, 40}));
    EXPECT_EQ(column(table, "text").texts, (Texts{"3", "0.75", "30.00 USD", "40.00 USD"}));
    EXPECT_EQ(column(table, "share").reals[0], 0.75);  // of the setting
    EXPECT_EQ(column(table, "light").texts, (Texts{"red", "", "", ""}));

    query.operands = false;
    query.row = "count";
    query.column = "work";
    const auto cell = board(**snapshot, query);
    ASSERT_TRUE(cell && *cell);
    EXPECT_EQ(column(**cell, "metric").texts, Texts{"count"});
    query.subject.key = "nobody";
    const auto nobody = board(**snapshot, query);
    ASSERT_TRUE(nobody);
    EXPECT_FALSE(*nobody);
}

}  // namespace
}  // namespace kith::engine
