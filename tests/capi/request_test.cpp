// Goal: a request that a rule makes is listed by the time of its cause and in pages, taken by one at a time,
// closed once; each change is in the feed and the export, and the file verifies. Method: three orders of a
// shop whose rule thanks for each, under a clock that is moved by hand.
#include "capi/fixture.hpp"

namespace kith_test {
namespace {

class Requests : public Capi {
protected:
    void SetUp() override {
        Capi::SetUp();
        constexpr const char *kThanks = R"({"playbook": "thanks", "format": 1, "define": [{"rule": "thank",
            "on": "order", "then": [{"do": "notify", "to": "party", "channel": "mail", "title": "Thanks"}]}]})";
        ASSERT_EQ(kith_define(batch, kThanks, KITH_NTS, nullptr, &error), KITH_OK) << error.message;
        ASSERT_EQ(commit(), KITH_OK) << error.message;
        // Not in the order of their times.
        for (const auto &[who, days] : {std::pair("ann", 1), {"bob", 3}, {"ann", 2}}) {
            const auto key = "R" + std::to_string(days);
            ASSERT_EQ(append(host("shop", who), order(key, kNow - days * kDay, 1000)), KITH_OK)
                << error.message;
        }
        ASSERT_EQ(commit(), KITH_OK) << error.message;
        ann = outcomes[0].party;
    }

    // "-3 open, -2 open": days of the causes and states, through pages of so many.
    std::string list(std::uint32_t fields = 0, std::uint32_t limit = 0, const kith_id *party = nullptr,
                     std::string_view actor = {}) {
        auto query = make<kith_request_query>();
        query.fields = fields;
        query.limit = limit;
        if (party) query.party = *party;
        if (!actor.empty()) query.actor = str(actor);
        std::string out;
        ids.clear();
        double left = 0;
        do {
            kith_table *table = nullptr;
            EXPECT_EQ(kith_requests(fresh(), &query, &table, &error), KITH_OK) << error.message;
            std::size_t rows = 0;
            kith_table_size(table, &rows, nullptr, nullptr);
            auto id = make<kith_column>(), at = id, state = id;
            EXPECT_EQ(kith_table_column(table, 0, &id, &error), KITH_OK);
            EXPECT_EQ(kith_table_column(table, 2, &at, &error), KITH_OK);
            EXPECT_EQ(kith_table_column(table, 3, &state, &error), KITH_OK);
            for (std::size_t row = 0; row < rows; ++row) {
                if (!out.empty()) out += ", ";
                out += std::to_string((at.ints[row] - kNow) / kDay) + " " + text_of(state.texts[row]);
                ids.push_back(id.ids[row]);
            }
            auto fact = make<kith_fact>();
            EXPECT_EQ(kith_table_fact(table, 0, &fact, &error), KITH_OK);
            left = fact.value;
            kith_table_free(table);
            if (rows > 0) query.after = ids.back();
        } while (left > 0);
        return out;
    }

    kith_status take(const kith_id &id, kith_time until) {
        EXPECT_EQ(kith_request_take(batch, &id, until, nullptr, &error), KITH_OK) << error.message;
        return commit();
    }
    kith_status done(const kith_id &id, std::string_view result, std::uint32_t failed = 0) {
        EXPECT_EQ(kith_request_done(batch, &id, str(result), failed, world.now, nullptr, &error), KITH_OK)
            << error.message;
        return commit();
    }

    // "open>leased": of the changes after those that made them.
    std::string feed() {
        kith_page *page = nullptr;
        EXPECT_EQ(kith_feed_read(fresh(), 0, 1000, &page, &error), KITH_OK) << error.message;
        std::size_t count = 0;
        const auto *const *changes = kith_page_changes(page, &count);
        std::string out;
        for (std::size_t i = 0; i < count; ++i) {
            if (changes[i]->kind != KITH_CHANGE_REQUEST || changes[i]->operation != KITH_OPERATION_CHANGED)
                continue;
            out += (out.empty() ? "" : " ") + text_of(changes[i]->from) + ">" + text_of(changes[i]->to);
        }
        kith_page_free(page);
        return out;
    }

    kith_id ann{};
    std::vector<kith_id> ids;
};

TEST_F(Requests, AreListedByTimeAndInPages) {
    for (const std::uint32_t limit : {0U, 1U, 2U, 3U})
        EXPECT_EQ(list(0, limit), "-3 open, -2 open, -1 open") << limit;
    EXPECT_EQ(list(0, 1, &ann), "-2 open, -1 open");
    EXPECT_EQ(list(0, 0, nullptr, "mia"), "");  // they are to the parties
    auto query = make<kith_request_query>();
    query.after.bytes[0] = 9;
    kith_table *table = nullptr;
    EXPECT_EQ(kith_requests(fresh(), &query, &table, &error), KITH_E_MISSING);
    query.limit = KITH_MAX_PAGE_ITEMS + 1;
    EXPECT_EQ(kith_requests(fresh(), &query, &table, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(table, nullptr);
}

TEST_F(Requests, AreTakenByOneUntilTheLeaseIsOver) {
    list();
    const auto id = ids[0];
    EXPECT_EQ(take(id, world.now), KITH_E_ARGUMENT);
    EXPECT_EQ(take(id, world.now + 10), KITH_OK) << error.message;
    EXPECT_EQ(take(id, world.now + 20), KITH_E_STATE);
    EXPECT_EQ(list(), "-3 leased, -2 open, -1 open");
    world.now += 9;
    EXPECT_EQ(take(id, world.now + 20), KITH_E_STATE);
    world.now += 1;
    EXPECT_EQ(take(id, world.now + 20), KITH_OK) << error.message;
    EXPECT_EQ(feed(), "open>leased leased>leased");
}

TEST_F(Requests, AreClosedOnce) {
    list();
    const auto first = ids[0], second = ids[1];
    EXPECT_EQ(take(first, world.now + kDay), KITH_OK) << error.message;
    EXPECT_EQ(done(first, "letter 4711"), KITH_OK) << error.message;
    EXPECT_EQ(done(second, "no address", 1), KITH_OK) << error.message;
    EXPECT_EQ(done(first, "letter 4711"), KITH_OK) << "the same again";
    EXPECT_EQ(done(first, "letter 4712"), KITH_E_STATE);
    EXPECT_EQ(done(first, "letter 4711", 1), KITH_E_STATE);
    EXPECT_EQ(take(second, world.now + kDay), KITH_E_STATE);
    EXPECT_EQ(list(), "-1 open");
    EXPECT_EQ(list(KITH_REQUEST_QUERY_ALL, 2), "-3 done, -2 failed, -1 open");
    EXPECT_EQ(feed(), "open>leased leased>done open>failed");
    auto report = make<kith_verify_report>();
    EXPECT_EQ(kith_store_verify(fresh(), nullptr, 0, &report, nullptr, &error), KITH_OK) << error.message;
    EXPECT_EQ(report.problems, 0U);
    kith_export *lines = nullptr;
    ASSERT_EQ(kith_export_open(fresh(), nullptr, &lines, &error), KITH_OK) << error.message;
    std::string all;
    kith_str text{};
    while (kith_export_next(lines, &text, &error) == KITH_OK) all += text_of(text);
    kith_export_free(lines);
    const auto told = [&](const std::string &part) { return all.find(part) != std::string::npos; };
    EXPECT_TRUE(told(R"("state":"done")") && told(R"("result":"letter 4711")")) << all;
    EXPECT_TRUE(told(R"("state":"failed")") && told(R"("result":"no address")")) << all;
    kith_id none{};
    none.bytes[0] = 9;
    EXPECT_EQ(done(none, "x"), KITH_E_MISSING);
}

}  // namespace
}  // namespace kith_test
