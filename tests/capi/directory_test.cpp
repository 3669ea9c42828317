// Goal: products, actors, campaigns, scores and links go in and come out by their calls, lists and the feed;
// what is wrong is refused with a status and a message that says what to do. Method: one of each through the
// C ABI, read by key, in lists of small pages and in the feed; a table of wrong arguments.
#include "capi/fixture.hpp"

namespace kith_test {
namespace {

class DirectoryCalls : public Capi {
protected:
    kith_product product(std::string_view key) {
        auto out = make<kith_product>();
        out.key = str(key);
        out.name = str("Rye bread");
        out.category = path_;
        out.category_count = 2;
        out.fields = KITH_PRODUCT_FIELD_NAME | KITH_PRODUCT_FIELD_CATEGORY;
        return out;
    }
    kith_actor actor(std::string_view key, std::string_view part_of) {
        auto out = make<kith_actor>();
        out.key = str(key);
        out.part_of = str(part_of);
        out.fields = KITH_ACTOR_FIELD_PART_OF;
        return out;
    }
    kith_score score(std::string_view metric, kith_time at, double number) {
        auto out = make<kith_score>();
        out.subject = KITH_SUBJECT_PARTY;
        out.nature = KITH_NATURE_GIVEN;
        out.metric = str(metric);
        out.at = at;
        out.number = number;
        out.fields = KITH_SCORE_FIELD_NUMBER;
        return out;
    }
    // How many a list has, in pages of two, and the texts that `say` gives of them.
    template <class Items, class Say>
    std::string listed(kith_query query, Items items, Say say) {
        std::string all;
        kith_cursor *cursor = nullptr;
        EXPECT_EQ(kith_cursor_open(fresh(), &query, &cursor, &error), KITH_OK) << error.message;
        kith_page *page = nullptr;
        while (kith_cursor_next(cursor, 2, &page, &error) == KITH_OK) {
            std::size_t count = 0;
            const auto *const *found = items(page, &count);
            for (std::size_t i = 0; i < count; ++i) all += say(*found[i]) + " ";
            kith_page_free(page);
        }
        kith_cursor_free(cursor);
        return all;
    }
    static kith_query list(std::uint32_t which) {
        auto query = make<kith_query>();
        query.list = which;
        return query;
    }

    kith_str path_[2] = {str("food"), str("bread")};
};

TEST_F(DirectoryCalls, AProductStampsItsLines) {
    auto bread = product("P1");
    ASSERT_EQ(kith_product_put(batch, &bread, KITH_ITEM_MUST_NOT_EXIST, nullptr, &error), KITH_OK);
    kith_line lines[2]{};
    for (auto &line : lines) {
        line.product = str("P1");
        line.quantity = KITH_DECIMAL_ONE;
        line.amount = 250;
    }
    lines[1].category = str("gift");
    lines[1].margin = -30;
    lines[1].fields = KITH_LINE_FIELD_MARGIN;
    auto sale = order("R1", kNow, 500);
    sale.lines = lines;
    sale.line_count = 2;
    sale.campaign = str("spring");
    auto owned = make<kith_party>();
    owned.fields = KITH_PARTY_FIELD_OWNER;
    owned.owner = str("mia");
    const auto ann = host("shop", "ann");
    ASSERT_EQ(kith_party_put(batch, &ann, KITH_ITEM_CREATE, &owned, nullptr, &error), KITH_OK);
    ASSERT_EQ(kith_interaction_append(batch, &ann, 0, &sale, nullptr, &error), KITH_OK) << error.message;
    ASSERT_EQ(commit(), KITH_OK) << error.message;

    kith_page *page = nullptr;
    ASSERT_EQ(kith_interaction_get(fresh(), &outcomes[2].interaction, &page, &error), KITH_OK);
    const auto &read = *kith_page_interactions(page, nullptr)[0];
    EXPECT_EQ(text_of(read.owner), "mia");
    EXPECT_EQ(text_of(read.campaign), "spring");
    EXPECT_EQ(text_of(read.lines[0].category), "bread");
    EXPECT_EQ(read.lines[0].fields, 0u);
    EXPECT_EQ(text_of(read.lines[1].category), "gift");
    EXPECT_EQ(read.lines[1].fields, static_cast<std::uint32_t>(KITH_LINE_FIELD_MARGIN));
    EXPECT_EQ(read.lines[1].margin, -30);
    kith_page_free(page);

    ASSERT_EQ(kith_product_get(fresh(), "P1", KITH_NTS, &page, &error), KITH_OK);
    const auto &found = *kith_page_products(page, nullptr)[0];
    EXPECT_EQ(text_of(found.name), "Rye bread");
    ASSERT_EQ(found.category_count, 2u);
    EXPECT_EQ(text_of(found.category[0]) + "/" + text_of(found.category[1]), "food/bread");
    EXPECT_EQ(found.revision, 1u);
    EXPECT_EQ(found.created_at, kNow);
    kith_page_free(page);
    EXPECT_EQ(kith_product_get(fresh(), "mia", KITH_NTS, &page, &error), KITH_NOT_FOUND)
        << "named, but no product";
    EXPECT_EQ(kith_product_get(fresh(), "P2", KITH_NTS, &page, &error), KITH_NOT_FOUND);
}

TEST_F(DirectoryCalls, ListsAndFeed) {
    const auto ann = host("shop", "ann"), bob = host("shop", "bob");
    for (const char *key : {"P1", "P2", "P3"}) {
        const auto one = product(key);
        ASSERT_EQ(kith_product_put(batch, &one, 0, nullptr, &error), KITH_OK);
        const auto who = actor(key, "team");
        ASSERT_EQ(kith_actor_put(batch, &who, 0, nullptr, &error), KITH_OK);
        auto campaign = make<kith_campaign>();
        campaign.key = str(key);
        ASSERT_EQ(kith_campaign_put(batch, &campaign, 0, nullptr, &error), KITH_OK);
    }
    for (int i = 0; i < 5; ++i) {
        auto one = score(i % 2 ? "clv" : "liking", kNow - i * kDay, i);
        ASSERT_EQ(kith_score_append(batch, &ann, KITH_ITEM_CREATE, &one, nullptr, &error), KITH_OK);
    }
    auto all = score("clv", kNow, 9);
    all.subject = KITH_SUBJECT_ALL;
    ASSERT_EQ(kith_score_append(batch, nullptr, 0, &all, nullptr, &error), KITH_OK) << error.message;
    auto link = make<kith_link>();
    link.kind = KITH_LINK_REFERS;
    ASSERT_EQ(kith_link_put(batch, &ann, &bob, KITH_ITEM_CREATE, &link, nullptr, &error), KITH_OK);
    link.kind = KITH_LINK_KNOWS;
    link.actor = str("P1");
    ASSERT_EQ(kith_link_put(batch, nullptr, &bob, 0, &link, nullptr, &error), KITH_OK) << error.message;
    ASSERT_EQ(commit(), KITH_OK) << error.message;

    const auto key_of = [](const auto &one) { return text_of(one.key); };
    EXPECT_EQ(listed(list(KITH_LIST_PRODUCTS), kith_page_products, key_of), "P1 P2 P3 ");
    EXPECT_EQ(listed(list(KITH_LIST_ACTORS), kith_page_actors, key_of), "P1 P2 P3 ");
    EXPECT_EQ(listed(list(KITH_LIST_CAMPAIGNS), kith_page_campaigns, key_of), "P1 P2 P3 ");
    const auto number_of = [](const kith_score &one) { return std::to_string(static_cast<int>(one.number)); };
    auto scores = list(KITH_LIST_SCORES);
    EXPECT_EQ(listed(scores, kith_page_scores, number_of).size(), 12u) << "all six";
    scores.definition = str("liking");
    EXPECT_EQ(listed(scores, kith_page_scores, number_of), "4 2 0 ");
    scores.fields = KITH_QUERY_FIELD_SUBJECT | KITH_QUERY_FIELD_FROM;
    scores.subject = KITH_SUBJECT_PARTY;
    ASSERT_EQ(kith_party_find(fresh(), &ann, &scores.party, &error), KITH_OK);
    scores.from = kNow - 2 * kDay;
    EXPECT_EQ(listed(scores, kith_page_scores, number_of), "2 0 ");
    scores.definition = str("never heard of");
    EXPECT_EQ(listed(scores, kith_page_scores, number_of), "");

    const auto ends = [](const kith_link &one) {
        return (one.actor.data ? text_of(one.actor) : text_of(one.from_key)) + ">" + text_of(one.to_key);
    };
    EXPECT_EQ(listed(list(KITH_LIST_LINKS), kith_page_links, ends).size(), 15u) << "both";
    auto linked = list(KITH_LIST_LINKED);
    ASSERT_EQ(kith_party_find(fresh(), &bob, &linked.party, &error), KITH_OK);
    linked.type = str("refers");
    EXPECT_EQ(listed(linked, kith_page_links, ends), "ann>bob ");
    auto of_actor = list(KITH_LIST_LINKS);
    of_actor.subject = KITH_SUBJECT_ACTOR;
    of_actor.subject_key = str("P1");
    EXPECT_EQ(listed(of_actor, kith_page_links, ends), "P1>bob ");
    linked.type = str("likes");
    kith_cursor *cursor = nullptr;
    ASSERT_EQ(kith_cursor_open(fresh(), &linked, &cursor, &error), KITH_OK);
    kith_page *page = nullptr;
    EXPECT_EQ(kith_cursor_next(cursor, 2, &page, &error), KITH_E_ARGUMENT);
    kith_cursor_free(cursor);

    ASSERT_EQ(kith_feed_read(fresh(), 0, 100, &page, &error), KITH_OK);
    std::size_t count = 0;
    const auto *const *changes = kith_page_changes(page, &count);
    std::string told;
    for (std::size_t i = 0; i < count; ++i) {
        const auto &one = *changes[i];
        if (one.kind == KITH_CHANGE_PRODUCT) told += "product " + text_of(one.name) + ";";
        if (one.kind == KITH_CHANGE_SCORE && one.changed == KITH_SUBJECT_ALL)
            told += "score " + text_of(one.name) + ";";
        if (one.kind == KITH_CHANGE_LINK) told += "link " + text_of(one.name) + " " + text_of(one.from) + ";";
    }
    EXPECT_EQ(told, "product P1;product P2;product P3;score clv;link refers (absent);link knows P1;");
    kith_page_free(page);
}

TEST_F(DirectoryCalls, WhatIsWrongIsRefused) {
    auto bread = product("");
    EXPECT_EQ(kith_product_put(batch, &bread, 0, nullptr, &error), KITH_E_ARGUMENT);
    bread = product("P1");
    EXPECT_EQ(kith_product_put(batch, &bread, KITH_ITEM_CREATE, nullptr, &error), KITH_E_UNSUPPORTED);
    bread.category_count = KITH_MAX_CATEGORY_DEPTH + 1;
    EXPECT_EQ(kith_product_put(batch, &bread, 0, nullptr, &error), KITH_E_LIMIT);
    bread.category = nullptr;
    EXPECT_EQ(kith_product_put(batch, &bread, 0, nullptr, &error), KITH_E_ARGUMENT);
    auto who = actor("mia", "mia");
    who.kind = KITH_ACTOR_SERVICE + 1;
    EXPECT_EQ(kith_actor_put(batch, &who, 0, nullptr, &error), KITH_E_ARGUMENT);
    who.kind = 0;
    who.skill_count = KITH_MAX_CODES + 1;
    who.skills = nullptr;
    EXPECT_EQ(kith_actor_put(batch, &who, 0, nullptr, &error), KITH_E_ARGUMENT);
    who.skill_count = 0;
    ASSERT_EQ(kith_actor_put(batch, &who, 0, nullptr, &error), KITH_OK);
    EXPECT_EQ(commit(), KITH_E_RULE) << "part of itself";
    EXPECT_NE(std::string(error.message).find("cycle"), std::string::npos);
    EXPECT_EQ(error.field, static_cast<std::uint32_t>(KITH_ACTOR_FIELD_PART_OF));
    kith_batch_clear(batch);

    const auto ann = host("shop", "ann");
    auto one = score("clv", kNow, 1);
    one.subject = 5;
    EXPECT_EQ(kith_score_append(batch, &ann, 0, &one, nullptr, &error), KITH_E_ARGUMENT);
    one.subject = KITH_SUBJECT_ACTOR;
    EXPECT_EQ(kith_score_append(batch, &ann, 0, &one, nullptr, &error), KITH_E_ARGUMENT) << "of no actor";
    one = score("clv", kNow, 1);
    one.nature = 0;
    EXPECT_EQ(kith_score_append(batch, &ann, 0, &one, nullptr, &error), KITH_E_ARGUMENT);
    one = score("clv", kNow, 1);
    EXPECT_EQ(kith_score_append(batch, nullptr, 0, &one, nullptr, &error), KITH_E_ARGUMENT) << "of no party";
    one.text = str("gold");
    EXPECT_EQ(kith_score_append(batch, &ann, 0, &one, nullptr, &error), KITH_E_ARGUMENT) << "two values";

    auto link = make<kith_link>();
    EXPECT_EQ(kith_link_put(batch, &ann, &ann, 0, &link, nullptr, &error), KITH_E_ARGUMENT) << "of no kind";
    link.kind = KITH_LINK_KNOWS;
    link.strength = 5;
    EXPECT_EQ(kith_link_put(batch, &ann, &ann, 0, &link, nullptr, &error), KITH_E_ARGUMENT);
    link.strength = 0;
    ASSERT_EQ(kith_link_put(batch, &ann, &ann, KITH_ITEM_CREATE, &link, nullptr, &error), KITH_OK);
    EXPECT_EQ(commit(), KITH_E_RULE) << "to itself";
    kith_batch_clear(batch);
    auto query = make<kith_score_query>();
    query.subject = KITH_SUBJECT_ALL;
    kith_page *page = nullptr;
    EXPECT_EQ(kith_score_latest(fresh(), &query, &page, &error), KITH_E_ARGUMENT) << "of no metric";
    query.metric = str("clv");
    EXPECT_EQ(kith_score_latest(fresh(), &query, &page, &error), KITH_NOT_FOUND);
}

}  // namespace
}  // namespace kith_test
