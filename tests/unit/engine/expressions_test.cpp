// Goal: expressions read kith's records as they are stored, lists no further than they must, and bounds that
// are pushed down change what an evaluation costs and nothing else.
// Method: a party whose every field is set against the values given; long and random timelines (seed printed)
// against recounts, and against the same condition written so that it cannot be pushed down.
#include "engine/expressions.hpp"

#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

class ExpressionsTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        store_ = open("expressions.kith", "Europe/Zagreb");
    }

    static std::unique_ptr<Expression> compiled(std::string_view source) {
        auto made = Expression::check(source, {});
        EXPECT_TRUE(made) << made.error().message;
        if (!made) return nullptr;
        for (const auto &each : (*made)->diagnostics()) {
            ADD_FAILURE() << expr::format(each, source) << "\nin " << source;
        }
        return std::move(*made);
    }

    base::Result<std::unique_ptr<ExpressionResult>> evaluate(std::string_view source, PartyFacts *facts,
                                                             bool explain = false) {
        EvaluateOptions options;
        options.moment.now = at_;
        options.moment.zone = store_->zone();
        options.explain = explain;
        return compiled(source)->evaluate({facts, nullptr}, options);
    }
    // For the party of a host key, or for the interaction of this place in its timeline.
    base::Result<std::unique_ptr<ExpressionResult>> run(std::string_view party, std::string_view source) {
        auto snapshot = store_->snapshot();
        auto facts = PartyFacts::of(**snapshot, find(*store_, party));
        EXPECT_TRUE(facts && *facts);
        return evaluate(source, facts->get());
    }
    std::string json(std::string_view party, std::string_view source) {
        auto result = run(party, source);
        return result ? (*result)->json : result.error().message;
    }
    std::uint64_t cost(std::string_view party, std::string_view source) {
        auto result = run(party, source);
        EXPECT_TRUE(result) << source << ": " << result.error().message;
        return result ? (*result)->cost : 0;
    }
    expr::Code failure(std::string_view party, std::string_view source) {
        auto result = run(party, source);
        EXPECT_FALSE(result) << source;
        return result ? expr::Code::none : static_cast<expr::Code>(result.error().detail);
    }
    std::string at_hand(const model::InteractionKey &key, std::string_view source) {
        auto snapshot = store_->snapshot();
        auto facts = PartyFacts::of(**snapshot, key);
        EXPECT_TRUE(facts && *facts);
        auto result = evaluate(source, facts->get());
        return result ? (*result)->json : result.error().message;
    }

    // An order a day from day 0 on.
    void add_orders(std::string_view party, int count) {
        Batch batch;
        for (int i = 0; i < count; ++i) ASSERT_TRUE(batch.add(order(party, day(i), 100 + i)));
        commit(*store_, batch);
    }

    std::unique_ptr<Store> store_;
    base::Micros at_ = day(20'000);
};

TEST_F(ExpressionsTest, APartysFields) {
    Batch batch;
    PartyItem item;
    item.ref.by = Ref::By::host;
    item.ref.kind = "shop";
    item.ref.text = "ann";
    item.flags.create = true;
    item.fields = 127;
    item.party.kind = model::PartyKind::organisation;
    item.party.roles = 1 | 32;
    item.party.name = "Ann's";
    item.party.language = "hr";
    item.party.time_zone = "Europe/Zagreb";
    item.party.tags = " vip, no_email ,,x";
    item.owner = "mia";
    ASSERT_TRUE(batch.add(item));
    IdentifierItem email;
    email.ref = item.ref;
    email.kind = "email";
    email.value = "Ann@Shop.example";
    email.verified_at = day(3);
    ASSERT_TRUE(batch.add(email));
    commit(*store_, batch);
    const auto id = base::to_text(find(*store_, "ann"));
    const std::pair<const char *, std::string> expected[] = {
        {"party.id", "\"" + id + "\""},
        {"party.kind", "\"organisation\""},
        {"party.roles", "[\"final\",\"competitor\"]"},
        {"party.name", "\"Ann's\""},
        {"party.language", "\"hr\""},
        {"party.time_zone", "\"Europe/Zagreb\""},
        {"party.owner", "\"mia\""},
        {"party.tags", "[\"vip\",\"no_email\",\"x\"]"},
        {"party.host_key", "\"ann\""},
        {"\"no_email\" in party.tags", "true"},
        {"party.created_at", "\"" + base::format_time(now_ / 1000 * 1000) + "\""},
        {"has(party.tags) && has(party.owner) && has(party.roles)", "true"},
        {"identifiers.map(x, x.kind)", "[\"shop\",\"email\"]"},
        {"identifiers.filter(x, !x.host).map(x, x.normalised)", "[\"ann@shop.example\"]"},
        {"identifiers.exists(x, x.verified_at == timestamp('1970-01-04T00:00:00Z'))", "true"},
        {"identifiers.exists(x, x.shared || has(x.valid_to))", "false"},
        {"zone", "\"Europe/Zagreb\""},
        {"party == party", "true"},
    };
    for (const auto &[source, value] : expected) EXPECT_EQ(json("ann", source), value) << source;
}

TEST_F(ExpressionsTest, WhatIsNotSetIsTestedWithHas) {
    Batch batch;
    auto visit = order("bob", day(10), 0);
    visit.type = "visit";
    visit.amount.reset();
    ASSERT_TRUE(batch.add(visit));
    commit(*store_, batch);
    for (const char *field : {"name", "language", "owner", "tags", "roles", "time_zone"}) {
        EXPECT_EQ(json("bob", std::string("has(party.") + field + ")"), "false") << field;
    }
    EXPECT_EQ(json("bob", "party.name == '' && party.owner == '' && party.tags == []"), "true");
    EXPECT_EQ(json("bob", "m.last_order_at == null && !has(m.first_order_at) && !has(m.gap_days)"), "true");
    EXPECT_EQ(json("bob", "m.last_at"), "\"1970-01-11T00:00:00Z\"");
    EXPECT_EQ(json("bob", "interactions.all(i, !has(i.amount) && !has(i.lines) && i.text == '')"), "true");
    EXPECT_EQ(json("bob", "interactions.exists(i, has(i.corrects) || has(i.duration) || has(i.direction))"),
              "false");
    EXPECT_EQ(json("bob", "state"), "{}");
    EXPECT_EQ(json("bob", "has(state.lifecycle)"), "false");
    // Unknown is not zero.
    EXPECT_EQ(failure("bob", "m.gap_days > 3.0"), expr::Code::absent);
    EXPECT_EQ(failure("bob", "interactions.map(i, i.amount)"), expr::Code::absent);
    EXPECT_EQ(failure("bob", "i.type"), expr::Code::absent);
}

TEST_F(ExpressionsTest, AnInteractionsFields) {
    const LineItem lines[] = {{"coffee", 2'500'000, 4'000'000, 1000, "drinks", 250},
                              {"tea", 1'000'000, 1'500'000, 150}};
    Batch batch;
    auto item = order("ann", day(10) + 1, 1150, "r1");
    item.lines = lines;
    item.currency = *base::Currency::parse("EUR");
    item.base_amount = 1300;
    item.medium = "shop";
    item.scope = "full";
    item.topic = "beans";
    item.outcome = "sold";
    item.actor = "mia";
    item.campaign = "spring";
    PartyItem owned;
    owned.ref = item.ref;
    owned.flags.create = true;
    owned.fields = model::party_field::owner;
    owned.owner = "ivo";
    ASSERT_TRUE(batch.add(owned));
    item.direction = 1;
    item.cost = 75;
    item.duration_s = 90;
    item.personal = {"Ann", "She likes it dark.", "call", {}, {}};
    ASSERT_TRUE(batch.add(item));
    commit(*store_, batch);
    const auto key = *batch.outcomes[1].interaction;
    const std::pair<const char *, const char *> expected[] = {
        {"i.type", "\"order\""},
        {"i.at", "\"1970-01-11T00:00:00.000001Z\""},
        {"i.system + '/' + i.key", "\"shop/r1\""},
        {"i.amount", "\"11.50 EUR\""},
        {"i.base_amount", "\"13.00 USD\""},
        {"i.direction", "\"in\""},
        {"[i.medium, i.scope, i.topic, i.outcome, i.actor]",
         "[\"shop\",\"full\",\"beans\",\"sold\",\"mia\"]"},
        {"[i.with_whom, i.text, i.next_step]", "[\"Ann\",\"She likes it dark.\",\"call\"]"},
        {"i.cost", "\"0.75 USD\""},
        {"i.duration", "\"90s\""},
        {"i.lines.size()", "2"},
        {"i.lines.map(l, l.product)", "[\"coffee\",\"tea\"]"},
        {"i.lines.map(l, l.quantity)", "[2.5,1]"},
        {"i.lines.map(l, l.unit_price)", "[4,1.5]"},
        {"sum(i.lines, l, l.amount) == i.amount", "true"},
        {"i.lines.map(l, l.category)", "[\"drinks\",\"\"]"},
        {"i.lines.filter(l, has(l.margin)).map(l, l.margin)", "[\"2.50 EUR\"]"},
        {"i.campaign", "\"spring\""},
        {"i.owner", "\"ivo\""},
        {"i.lines.exists(l, l.product == 'tea' && l.amount == money('1.50', 'EUR'))", "true"},
        {"interactions.exists(x, x == i)", "true"},
        {"party.host_key", "\"ann\""},
        {"i.lines",
         "[{\"product\":\"coffee\",\"quantity\":2.5,\"unit_price\":4,\"amount\":\"10.00 EUR\","
         "\"category\":\"drinks\",\"margin\":\"2.50 EUR\"},"
         "{\"product\":\"tea\",\"quantity\":1,\"unit_price\":1.5,\"amount\":\"1.50 EUR\"}]"},
    };
    for (const auto &[source, value] : expected) EXPECT_EQ(at_hand(key, source), value) << source;
    auto other = key;
    ++other.number;
    auto snapshot = store_->snapshot();
    auto none = PartyFacts::of(**snapshot, other);
    EXPECT_TRUE(none && !*none);
}

TEST_F(ExpressionsTest, ProcessesAndCommitments) {
    Batch batch;
    for (int i = 0; i < 8; ++i) ASSERT_TRUE(batch.add(order("ann", day(30 * i), 100)));
    commit(*store_, batch);
    ASSERT_TRUE(store_->run_due(day(340)));
    EXPECT_EQ(json("ann", "state.lifecycle"), "\"decline\"");
    EXPECT_EQ(json("ann", "processes.map(p, p.definition + ' ' + p.state)"), "[\"lifecycle decline\"]");
    EXPECT_EQ(json("ann", "processes.exists(p, has(p.due) && p.due > p.since && p.transitions > 1)"), "true");
    EXPECT_EQ(json("ann", "commitments.filter(c, c.kind == 'win_back' && !c.ended).map(c, c.process)"),
              "[\"lifecycle\"]");
    EXPECT_EQ(json("ann", "commitments.all(c, c.state == 'open' && c.ended_at == null && has(c.title))"),
              "true");
    batch.clear();
    ASSERT_TRUE(batch.add(order("ann", day(341), 100)));
    commit(*store_, batch);
    EXPECT_EQ(json("ann", "commitments.map(c, [c.state, string(c.ended), string(c.ended_at)])"),
              "[[\"kept\",\"true\",\"1970-12-08T00:00:00Z\"]]");
    EXPECT_EQ(json("ann", "m.gap_days"), "30");
}

TEST_F(ExpressionsTest, AListIsReadNoFurtherThanItMust) {
    add_orders("few", 10);
    add_orders("many", 5000);
    // The oldest comes first.
    const char *found_at_once = "interactions.exists(i, i.type == 'order')";
    EXPECT_EQ(json("many", found_at_once), "true");
    EXPECT_EQ(cost("many", found_at_once), cost("few", found_at_once));
    EXPECT_EQ(json("many", "orders.map(o, o.at)[0]"), "\"1970-01-01T00:00:00Z\"");
    EXPECT_EQ(cost("many", "orders.size() + interactions.size()"),
              cost("few", "orders.size() + interactions.size()"));
    // A bound on the time finds its place in the timeline.
    const char *late = "orders.exists(o, o.at >= timestamp('1983-09-08T00:00:00Z'))";
    const char *late_read = "orders.exists(o, o.at + duration('0s') >= timestamp('1983-09-08T00:00:00Z'))";
    EXPECT_EQ(json("many", late), "true");
    EXPECT_EQ(json("many", late_read), "true");
    EXPECT_LT(cost("many", late) * 100, cost("many", late_read));
    const char *types = "interactions.exists(i, i.type == 'return')";
    EXPECT_EQ(json("many", types), "false");
    EXPECT_EQ(cost("many", types), cost("few", types));
}

TEST_F(ExpressionsTest, BoundsChangeTheCostAlone) {
    const std::uint64_t seed = std::random_device{}();
    std::cout << "seed " << seed << "\n";
    std::mt19937_64 random(seed);
    const std::string types[] = {"order", "order", "return", "visit"};
    std::vector<model::InteractionKey> recorded;
    for (int round = 0; round < 20; ++round) {
        Batch batch;
        for (int n = 0; n < 20; ++n) {
            auto item = order("ann", day(static_cast<std::int64_t>(random() % 60)), 5);
            item.type = types[random() % 4];
            if (n == 0 && !recorded.empty() && random() % 2) item.corrects = recorded.back();
            ASSERT_TRUE(batch.add(item));
        }
        commit(*store_, batch);
        recorded.clear();
        for (const auto &outcome : batch.outcomes) recorded.push_back(*outcome.interaction);
    }
    EXPECT_EQ(json("ann", "interactions.size() == interactions.map(i, i.id).size()"), "true");
    EXPECT_EQ(json("ann", "orders.size() == interactions.filter(i, i.type == 'order').size()"), "true");
    EXPECT_EQ(json("ann", "orders.size() == m.orders && interactions.size() == m.interactions"), "true");
    EXPECT_EQ(json("ann", "sum(orders, o, o.amount) == m.amount_total"), "true");
    const std::string operators[] = {"<", "<=", ">", ">=", "=="};
    for (int n = 0; n < 60; ++n) {
        const auto at =
            day(static_cast<std::int64_t>(random() % 62)) + static_cast<std::int64_t>(random() % 2);
        const auto time = "timestamp('" + base::format_time(at) + "')";
        const auto &sign = operators[random() % 5];
        const auto type = "'" + types[random() % 4] + "'";
        const std::string list = random() % 2 ? "interactions" : "orders";
        const auto pushed =
            list + ".filter(i, i.at " + sign + " " + time + " && i.type == " + type + ").map(i, i.id)";
        const auto read = list + ".filter(i, i.at + duration('0s') " + sign + " " + time +
                          " && i.type + '' == " + type + ").map(i, i.id)";
        EXPECT_EQ(json("ann", pushed), json("ann", read)) << pushed;
        EXPECT_LE(cost("ann", pushed), cost("ann", read)) << pushed;
    }
    // Between two microseconds there is nothing, and the bounds know it.
    for (const auto &sign : operators) {
        const std::string time = " timestamp('1970-01-11T00:00:00.0000005Z')";
        EXPECT_EQ(json("ann", "interactions.filter(i, i.at " + sign + time + ").size()"),
                  json("ann", "interactions.filter(i, i.at + duration('0s') " + sign + time + ").size()"))
            << sign;
    }
}

TEST_F(ExpressionsTest, MemoryAndUnitsAreBounded) {
    add_orders("many", 3000);
    auto snapshot = store_->snapshot();
    auto facts = PartyFacts::of(**snapshot, find(*store_, "many"));
    const auto all = compiled("orders.all(o, has(o.amount))");
    EvaluateOptions options;
    options.budget = 3000;
    const auto cut = all->evaluate({facts->get(), nullptr}, options);
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().detail, KITH_EXPR_CODE_COST);
    EXPECT_EQ(cut.error().status, base::Status::limit);
    options.budget = 300'000;
    EXPECT_TRUE(all->evaluate({facts->get(), nullptr}, options));
    auto result = run("many", "orders.map(o, o.id + o.id + o.id + o.id + o.id + o.id)");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().status, base::Status::limit);
    EXPECT_EQ(result.error().detail, KITH_EXPR_CODE_MEMORY);
}

// Views of a record are made anew each time a list is read: the record is still one.
TEST_F(ExpressionsTest, RecordsAreOneHoweverOftenRead) {
    add_orders("ann", 12);  // enough for hashing to be used
    EXPECT_EQ(json("ann", "(orders + orders).distinct().size()"), "12");
    EXPECT_EQ(json("ann", "(orders + interactions).distinct() == orders"), "true");
    EXPECT_EQ(json("ann", "sets.contains(orders, interactions) && sets.intersects(orders, interactions)"),
              "true");
    EXPECT_EQ(json("ann", "(identifiers + identifiers).distinct().size() == identifiers.size()"), "true");
}

// Rows that are passed over cost no units: all lists of an evaluation together may pass over 200,000.
TEST_F(ExpressionsTest, RowsPassedOverAreBounded) {
    add_orders("many", 5000);
    Batch batch;
    for (int i = 0; i < 45; ++i) {
        IdentifierItem email;
        email.ref.by = Ref::By::host;
        email.ref.kind = "shop";
        email.ref.text = "many";
        email.kind = "email";
        const auto address = "a" + std::to_string(i) + "@shop.example";
        email.value = address;
        ASSERT_TRUE(batch.add(email));
    }
    auto visit = order("other", day(1), 0);  // a type that the file does not know is not looked for
    visit.type = "visit";
    ASSERT_TRUE(batch.add(visit));
    commit(*store_, batch);
    const std::string find = "interactions.exists(x, x.type == 'visit')";
    EXPECT_EQ(json("many", find + " || identifiers.size() < 46"), "false");
    EXPECT_EQ(failure("many", "identifiers.exists(n, " + find + ")"), expr::Code::cost);
    EXPECT_EQ(json("many", "identifiers.exists(n, n.host && " + find + ")"), "false");  // counted anew
    // Records that are given take memory, and the message says of what.
    auto many = run("many", "identifiers.all(n, orders.all(o, has(o.amount)))");
    ASSERT_FALSE(many);
    EXPECT_EQ(many.error().detail, KITH_EXPR_CODE_MEMORY);
    EXPECT_NE(many.error().message.find("more records than memory holds"), std::string::npos)
        << many.error().message;
}

TEST_F(ExpressionsTest, ExplainingChangesNothing) {
    add_orders("ann", 20);
    auto snapshot = store_->snapshot();
    auto facts = PartyFacts::of(**snapshot, find(*store_, "ann"));
    const std::string source = "m.orders > 5 && orders.exists(o, o.amount > money('1.05', 'USD'))";
    auto plain = evaluate(source, facts->get());
    auto explained = evaluate(source, facts->get(), true);
    ASSERT_TRUE(plain && explained);
    EXPECT_EQ((*plain)->json, (*explained)->json);
    EXPECT_EQ((*plain)->cost, (*explained)->cost);
    EXPECT_TRUE((*plain)->reasons.empty());
    const auto found = std::find_if((*explained)->reasons.begin(), (*explained)->reasons.end(),
                                    [](const auto &reason) { return reason.has_element; });
    ASSERT_NE(found, (*explained)->reasons.end());
    EXPECT_EQ(found->element, 6u);  // 1.06 is the first above
    auto failed = evaluate("1 / (m.orders - 20) > 0", facts->get(), true);
    ASSERT_TRUE(failed) << failed.error().message;
    EXPECT_EQ((*failed)->values[0].kind, std::uint32_t{KITH_EXPR_ERROR});
    EXPECT_EQ((*failed)->values[0].integer, KITH_EXPR_CODE_DIV_ZERO);
    EXPECT_FALSE((*failed)->reasons.empty());
}

}  // namespace
}  // namespace kith::engine
