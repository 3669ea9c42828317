// Goal: parties are made, found by whatever names them, changed under a precondition, and listed.
// Method: small batches through the C ABI, then reads by every road.
#include "capi/fixture.hpp"

namespace kith_test {
namespace {

class PartyCalls : public Capi {
protected:
    kith_status put(const kith_ref &ref, const kith_party &party, std::uint32_t flags = KITH_ITEM_CREATE) {
        return kith_party_put(batch, &ref, flags, &party, nullptr, &error);
    }
    kith_status add(const kith_ref &ref, std::string_view kind, std::string_view value,
                    std::uint32_t flags = 0) {
        auto in = make<kith_identifier>();
        in.kind = str(kind);
        in.value = str(value);
        in.flags = flags;
        return kith_identifier_add(batch, &ref, KITH_ITEM_CREATE, &in, nullptr, &error);
    }
    kith_status find(const kith_ref &ref) { return kith_party_find(fresh(), &ref, &found_, &error); }
    static kith_party named(std::string_view name) {
        auto party = make<kith_party>();
        party.fields = KITH_PARTY_FIELD_NAME;
        party.name = str(name);
        return party;
    }

    kith_id found_{};
};

TEST_F(PartyCalls, FoundByEveryRoad) {
    ASSERT_EQ(put(host("shop", "C1"), named("Ada")), KITH_OK);
    ASSERT_EQ(add(item(0), "email", "Ada@Example.org"), KITH_OK) << error.message;
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    const auto party = outcomes[0].party;
    for (const auto &ref : {host("shop", "C1"), identifier("email", " ada@example.ORG")}) {
        ASSERT_EQ(find(ref), KITH_OK) << error.message;
        EXPECT_EQ(memcmp(&found_, &party, sizeof party), 0);
    }
    for (const char *text : {"C1", "ada@example.org"}) {
        EXPECT_EQ(kith_party_search(fresh(), text, KITH_NTS, &found_, &error), KITH_OK) << text;
        EXPECT_EQ(memcmp(&found_, &party, sizeof party), 0);
    }
    EXPECT_EQ(find(host("shop", "C2")), KITH_NOT_FOUND);
    auto read = make<kith_party>();
    ASSERT_EQ(kith_party_get(fresh(), &party, &read, &error), KITH_OK) << error.message;
    EXPECT_EQ(text_of(read.name), "Ada");
    EXPECT_EQ(text_of(read.host_key), "C1");
    EXPECT_EQ(text_of(read.language), "(absent)");
    EXPECT_EQ(read.created_at, kNow);
}

// Given as written or as they are, read back both ways; cleared one by one.
TEST_F(PartyCalls, FieldsOfItsType) {
    constexpr std::string_view kType =
        R"({"playbook":"p","format":1,"define":[{"type":"party","fields":{"trade":["tea","tools"],"heads":"int",
            "share":"double","vip":"bool","credit":"money","met_at":"time","since":"date","likes":"text",
            "rep":"actor","parent":"party"}}]})";
    ASSERT_EQ(kith_define(batch, kType.data(), kType.size(), nullptr, &error), KITH_OK) << error.message;
    ASSERT_EQ(put(host("shop", "C0"), named("Ben")), KITH_OK);
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    const auto field = [](std::string_view name, std::uint32_t kind, std::string_view text = {}) {
        kith_field out{};
        out.name = str(name);
        out.kind = kind;
        out.text = str(text);
        return out;
    };
    std::vector<kith_field> values = {
        field("trade", KITH_FIELD_CODE, "tea"), field("heads", KITH_FIELD_INT),
        field("share", KITH_FIELD_DOUBLE),      field("vip", KITH_FIELD_BOOL),
        field("credit", KITH_FIELD_MONEY),      field("met_at", KITH_FIELD_TIME),
        field("since", KITH_FIELD_DATE),        field("likes", KITH_FIELD_TEXT, "rain"),
        field("rep", KITH_FIELD_KEY, "mia"),    field("parent", KITH_FIELD_RECORD)};
    values[1].integer = -3;
    values[2].real = 0.5;
    values[3].integer = 1;
    values[4].integer = 1250;
    memcpy(values[4].currency, "EUR", 3);
    values[5].integer = kNow;
    values[6].integer = 19'000;
    values[9].id = outcomes[1].party;
    auto party = make<kith_party>();
    party.fields = KITH_PARTY_FIELD_VALUES;
    party.values = values.data();
    party.value_count = values.size();
    ASSERT_EQ(put(host("shop", "C1"), party), KITH_OK) << error.message;
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    const auto id = outcomes[0].party;

    auto read = make<kith_party>();
    ASSERT_EQ(kith_party_get(fresh(), &id, &read, &error), KITH_OK) << error.message;
    std::string all;
    for (std::size_t i = 0; i < read.value_count; ++i) {
        const auto &one = read.values[i];
        all += text_of(one.name) + " " + std::to_string(one.kind) + " " + text_of(one.text) + " " +
               std::to_string(one.integer) + "; ";
    }
    EXPECT_EQ(
        all,
        "credit 5 12.50 EUR 1250; heads 2 -3 -3; likes 1 rain 0; met_at 6 2023-11-14T22:13:20Z "
        "1700000000000000; parent 10 C0 0; rep 9 mia 0; share 3 0.5 0; since 7 2022-01-08 19000; trade 8 tea "
        "0; vip 4 true 1; ");
    EXPECT_EQ(read.values[6].real, 0.5);
    EXPECT_EQ(memcmp(&read.values[4].id, &values[9].id, sizeof(kith_id)), 0);
    EXPECT_STREQ(reinterpret_cast<const char *>(read.values[0].currency), "EUR");

    // As it was read, it can be given.
    party.values = read.values;
    party.value_count = read.value_count;
    ASSERT_EQ(put(host("shop", "C1"), party), KITH_OK) << error.message;
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    EXPECT_EQ(outcomes[0].result, static_cast<std::uint32_t>(KITH_RESULT_UNCHANGED));

    values = {field("trade", KITH_FIELD_WRITTEN), field("heads", KITH_FIELD_WRITTEN, "4")};
    values[0].text = {};
    party.values = values.data();
    party.value_count = 2;
    ASSERT_EQ(put(host("shop", "C1"), party), KITH_OK) << error.message;
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    ASSERT_EQ(kith_party_get(fresh(), &id, &read, &error), KITH_OK) << error.message;
    EXPECT_EQ(read.value_count, 9u);
    EXPECT_EQ(read.values[1].integer, 4);
    kith_page *page = nullptr;
    ASSERT_EQ(kith_feed_read(fresh(), 0, 100, &page, &error), KITH_OK);
    std::size_t count = 0;
    const auto *const *changes = kith_page_changes(page, &count);
    EXPECT_EQ(changes[count - 1]->changed, static_cast<std::uint32_t>(KITH_PARTY_FIELD_VALUES));
    kith_page_free(page);

    values[1].text = str("many");
    ASSERT_EQ(put(host("shop", "C1"), party), KITH_OK);
    EXPECT_EQ(commit(), KITH_E_RULE);
    EXPECT_STREQ(error.message, "the field \"heads\" is int: give a whole number");
    EXPECT_EQ(error.field, static_cast<std::uint32_t>(KITH_PARTY_FIELD_VALUES));
    values[1].kind = KITH_FIELD_RECORD + 1;
    EXPECT_EQ(put(host("shop", "C1"), party), KITH_E_ARGUMENT);
    party.values = nullptr;
    EXPECT_EQ(put(host("shop", "C1"), party), KITH_E_ARGUMENT);
    values.assign(KITH_MAX_FIELDS + 1, field("heads", KITH_FIELD_INT));
    party.values = values.data();
    party.value_count = values.size();
    EXPECT_EQ(put(host("shop", "C1"), party), KITH_E_LIMIT);
}

TEST_F(PartyCalls, RevisionAndExistenceAreChecked) {
    ASSERT_EQ(put(host("shop", "C1"), named("Ada")), KITH_OK);
    ASSERT_EQ(commit(), KITH_OK);
    auto change = named("Ada L.");
    change.fields |= KITH_PARTY_FIELD_REVISION;
    change.revision = 1;
    ASSERT_EQ(put(host("shop", "C1"), change, 0), KITH_OK);
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    EXPECT_EQ(outcomes[0].result, static_cast<std::uint32_t>(KITH_RESULT_CHANGED));
    ASSERT_EQ(put(host("shop", "C1"), change, 0), KITH_OK);
    EXPECT_EQ(commit(), KITH_E_CONFLICT);
    ASSERT_EQ(put(host("shop", "C1"), named("B"), KITH_ITEM_CREATE | KITH_ITEM_MUST_NOT_EXIST), KITH_OK);
    EXPECT_EQ(commit(), KITH_E_EXISTS);
    ASSERT_EQ(put(host("shop", "C9"), named("B"), 0), KITH_OK);
    EXPECT_EQ(commit(), KITH_E_MISSING);
    EXPECT_EQ(error.item, 0u);
}

TEST_F(PartyCalls, OneClaimUnlessShared) {
    ASSERT_EQ(add(host("shop", "C1"), "card", "1234"), KITH_OK);
    ASSERT_EQ(add(host("shop", "C1"), "phone", "+1 555 0100", KITH_IDENTIFIER_SHARED), KITH_OK);
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    ASSERT_EQ(add(host("shop", "C2"), "card", "12-34"), KITH_OK);
    EXPECT_EQ(commit(), KITH_E_CONFLICT);
    EXPECT_EQ(find(identifier("phone", "+15550100")), KITH_OK) << error.message;  // one candidate
    ASSERT_EQ(add(host("shop", "C2"), "phone", "+15550100", KITH_IDENTIFIER_SHARED), KITH_OK);
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    EXPECT_EQ(find(identifier("phone", "+15550100")), KITH_E_CONFLICT);
}

TEST_F(PartyCalls, ListedInPagesAcrossSnapshots) {
    for (int i = 0; i < 10; ++i) {
        const auto key = "C" + std::to_string(i);
        ASSERT_EQ(put(host("shop", key), named(key)), KITH_OK);
    }
    ASSERT_EQ(commit(), KITH_OK);
    auto query = make<kith_query>();
    query.list = KITH_LIST_PARTIES;
    std::string token;
    std::size_t seen = 0, count = 0;
    for (;;) {
        kith_cursor *cursor = nullptr;
        kith_page *page = nullptr;
        query.resume = str(token);
        ASSERT_EQ(kith_cursor_open(fresh(), &query, &cursor, &error), KITH_OK) << error.message;
        const auto status = kith_cursor_next(cursor, 3, &page, &error);
        kith_cursor_free(cursor);
        if (status == KITH_END) break;
        ASSERT_EQ(status, KITH_OK) << error.message;
        const auto *const *parties = kith_page_parties(page, &count);
        for (std::size_t i = 0; i < count; ++i, ++seen) {
            EXPECT_EQ(text_of(parties[i]->host_key), "C" + std::to_string(seen));
        }
        kith_str resume;
        kith_page_resume(page, &resume);
        token.assign(resume.data, resume.size);
        kith_page_free(page);
    }
    EXPECT_EQ(seen, 10u);
}

TEST_F(PartyCalls, BriefAndTimeline) {
    for (int i = 0; i < 5; ++i) {
        const auto key = "R" + std::to_string(i);
        ASSERT_EQ(append(host("shop", "C1"), order(key, kNow + i * kDay, 100)), KITH_OK);
    }
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    const auto party = outcomes[0].party;
    kith_page *page = nullptr;
    ASSERT_EQ(kith_brief(fresh(), &party, 2, &page, &error), KITH_OK) << error.message;
    std::size_t count = 0;
    const auto *const *latest = kith_page_interactions(page, &count);
    ASSERT_EQ(count, 2u);
    EXPECT_EQ(text_of(latest[0]->key), "R4");  // newest first
    const auto *figures = kith_page_figures(page);
    ASSERT_NE(figures, nullptr);
    EXPECT_EQ(figures->orders, 5u);
    EXPECT_EQ(figures->median_gap_ms, kDay / 1000);
    const auto *const *processes = kith_page_processes(page, &count);
    ASSERT_EQ(count, 1u);
    EXPECT_EQ(text_of(processes[0]->definition), "lifecycle");
    const auto process = processes[0]->id;
    kith_page_free(page);

    ASSERT_EQ(kith_process_log(fresh(), &process, &page, &error), KITH_OK);
    const auto *const *log = kith_page_transitions(page, &count);
    ASSERT_GE(count, 1u);
    EXPECT_EQ(text_of(log[0]->from), "(absent)");
    EXPECT_EQ(text_of(log[0]->event), "order");
    kith_page_free(page);

    const kith_id nobody{{1}};
    EXPECT_EQ(kith_brief(fresh(), &nobody, 2, &page, &error), KITH_NOT_FOUND);
    EXPECT_EQ(page, nullptr);
}

TEST_F(PartyCalls, TheFeedTellsEveryChangeInOrder) {
    ASSERT_EQ(append(host("shop", "C1"), order("R1", kNow, 100)), KITH_OK);
    ASSERT_EQ(commit(), KITH_OK);
    std::uint64_t last = info.first_seq - 1;
    kith_page *page = nullptr;
    std::size_t count = 0;
    while (kith_feed_read(fresh(), last, 1, &page, &error) == KITH_OK) {
        const auto *const *changes = kith_page_changes(page, &count);
        ASSERT_EQ(count, 1u);
        EXPECT_EQ(changes[0]->seq, last + 1);
        EXPECT_EQ(changes[0]->stamp, info.stamp);
        EXPECT_EQ(text_of(changes[0]->party_key), "C1");
        last = changes[0]->seq;
        kith_page_free(page);
    }
    EXPECT_EQ(last, info.last_seq);
}

}  // namespace
}  // namespace kith_test
