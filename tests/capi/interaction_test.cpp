// Goal: interactions are recorded once, found again, put right by others, refused when they contradict.
// Method: small batches through the C ABI; outcomes, totals and what is read back are compared.
#include "capi/fixture.hpp"

namespace kith_test {
namespace {

using InteractionCalls = Capi;

TEST_F(InteractionCalls, RecordsAndReadsBack) {
    auto sale = order("R1", kNow, 1177);
    const kith_line line{str("bread"), 2'500'000, 4'708'000, 1177, {}, 0, 0, 0};
    sale.lines = &line;
    sale.line_count = 1;
    sale.medium = str("shop");
    sale.text = str("asked for a bag");
    ASSERT_EQ(append(host("shop", "C1"), sale), KITH_OK) << error.message;
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    EXPECT_EQ(outcomes[0].result, static_cast<std::uint32_t>(KITH_RESULT_CREATED));
    EXPECT_EQ(outcomes[0].party_created, 1u);
    EXPECT_EQ(info.recorded_at, kNow / 1000 * 1000);

    kith_interaction_id id;
    ASSERT_EQ(kith_interaction_find(fresh(), "shop", KITH_NTS, "R1", KITH_NTS, &id, &error), KITH_OK);
    kith_page *page = nullptr;
    ASSERT_EQ(kith_interaction_get(fresh(), &id, &page, &error), KITH_OK) << error.message;
    std::size_t count = 0;
    const auto *const *read = kith_page_interactions(page, &count);
    ASSERT_EQ(count, 1u);
    EXPECT_EQ(text_of(read[0]->type), "order");
    EXPECT_EQ(text_of(read[0]->key), "R1");
    EXPECT_EQ(text_of(read[0]->text), "asked for a bag");
    EXPECT_EQ(text_of(read[0]->topic), "(absent)");
    EXPECT_EQ(read[0]->amount, 1177);
    EXPECT_STREQ(reinterpret_cast<const char *>(read[0]->currency), "USD");
    ASSERT_EQ(read[0]->line_count, 1u);
    EXPECT_EQ(text_of(read[0]->lines[0].product), "bread");
    EXPECT_EQ(kith_page_parties(page, &count), nullptr);
    EXPECT_EQ(count, 0u);
    kith_page_free(page);
    kith_page_free(page);  // harmless
}

TEST_F(InteractionCalls, FieldsOfTheirTypeComeBack) {
    constexpr std::string_view kType =
        R"({"playbook":"p","format":1,"define":[{"type":"trial","fields":{"until":"date","words":"text"},
            "require":["until"],"cost":"5.00 USD"}]})";
    ASSERT_EQ(kith_define(batch, kType.data(), kType.size(), nullptr, &error), KITH_OK) << error.message;
    kith_field values[2]{};
    values[0].name = str("words");
    values[0].text = str("liked it");
    values[1].name = str("until");
    values[1].text = str("2026-01-31");
    auto trial = order("T1", kNow, 0);
    trial.type = str("trial");
    trial.fields = 0;
    trial.values = values;
    trial.value_count = 2;
    ASSERT_EQ(append(host("shop", "C1"), trial), KITH_OK) << error.message;
    ASSERT_EQ(append(host("shop", "C1"), trial), KITH_OK) << error.message;
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    EXPECT_EQ(outcomes[2].result, static_cast<std::uint32_t>(KITH_RESULT_EXISTING));
    kith_page *page = nullptr;
    ASSERT_EQ(kith_interaction_get(fresh(), &outcomes[1].interaction, &page, &error), KITH_OK)
        << error.message;
    std::size_t count = 0;
    const auto *read = kith_page_interactions(page, &count)[0];
    ASSERT_EQ(read->value_count, 2u);
    EXPECT_EQ(text_of(read->values[0].name) + " " + text_of(read->values[0].text), "until 2026-01-31");
    EXPECT_EQ(text_of(read->values[1].name) + " " + text_of(read->values[1].text), "words liked it");
    EXPECT_EQ(read->cost, 500);
    kith_page_free(page);
    trial.key = str("T2");
    trial.value_count = 1;
    ASSERT_EQ(append(host("shop", "C1"), trial), KITH_OK);
    EXPECT_EQ(commit(), KITH_E_RULE);
    EXPECT_STREQ(error.message, "the type \"trial\" requires \"until\": give it");
    EXPECT_EQ(error.field, static_cast<std::uint32_t>(KITH_INTERACTION_FIELD_VALUES));
    values[0].kind = KITH_FIELD_RECORD + 1;
    EXPECT_EQ(append(host("shop", "C1"), trial), KITH_E_ARGUMENT);
}

TEST_F(InteractionCalls, SameKeyTwiceIsOneAndOtherContentIsAConflict) {
    ASSERT_EQ(append(host("shop", "C1"), order("R1", kNow, 100)), KITH_OK);
    ASSERT_EQ(append(host("shop", "C1"), order("R1", kNow, 100)), KITH_OK);
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    EXPECT_EQ(outcomes[1].result, static_cast<std::uint32_t>(KITH_RESULT_EXISTING));
    EXPECT_EQ(totals().orders, 1u);

    ASSERT_EQ(append(host("shop", "C2"), order("R2", kNow, 100)), KITH_OK);
    ASSERT_EQ(append(host("shop", "C1"), order("R1", kNow, 101)), KITH_OK);
    EXPECT_EQ(commit(), KITH_E_CONFLICT);
    EXPECT_EQ(error.item, 1u);
    EXPECT_STRNE(error.message, "");
    EXPECT_EQ(totals().orders, 1u);  // all or nothing

    ASSERT_EQ(append(host("shop", "C1"), order("R1", kNow, 101), KITH_ITEM_CREATE | KITH_ITEM_SKIP_CONFLICT),
              KITH_OK);
    EXPECT_EQ(commit(), KITH_OK) << error.message;
    EXPECT_EQ(outcomes[0].result, static_cast<std::uint32_t>(KITH_RESULT_SKIPPED));
    EXPECT_EQ(info.skipped, 1u);

    ASSERT_EQ(append(host("shop", "C1"), order("R1", kNow, 100), KITH_ITEM_CREATE | KITH_ITEM_MUST_NOT_EXIST),
              KITH_OK);
    EXPECT_EQ(commit(), KITH_E_EXISTS);
}

TEST_F(InteractionCalls, ACorrectionTakesThePlaceOfTheOld) {
    ASSERT_EQ(append(host("shop", "C1"), order("R1", kNow, 100)), KITH_OK);
    ASSERT_EQ(commit(), KITH_OK);
    auto right = order("R1b", kNow - kDay, 250);
    right.fields |= KITH_INTERACTION_FIELD_CORRECTS;
    right.corrects = outcomes[0].interaction;
    ASSERT_EQ(append(host("shop", "C2"), right), KITH_OK) << error.message;
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    EXPECT_EQ(outcomes[0].result, static_cast<std::uint32_t>(KITH_RESULT_CORRECTED));
    EXPECT_EQ(totals().orders, 1u);
    EXPECT_EQ(totals().amount_total, 250);
}

TEST_F(InteractionCalls, AppendManyAddsAllOrNone) {
    struct Wide {
        kith_interaction interaction;
        std::uint64_t of_the_host;
    };
    std::vector<Wide> wide = {{order("a", kNow, 1), 1}, {order("b", kNow, 2), 2}, {order("c", kNow, -3), 3}};
    const std::vector<kith_ref> refs(3, host("shop", "C1"));
    EXPECT_EQ(kith_interaction_append_many(batch, refs.data(), KITH_ITEM_CREATE, &wide[0].interaction, 3,
                                           sizeof(Wide), &error),
              KITH_E_ARGUMENT);
    EXPECT_EQ(error.item, 2u);
    EXPECT_EQ(kith_batch_count(batch), 0u);
    wide[2].interaction.amount = 3;
    EXPECT_EQ(kith_interaction_append_many(batch, refs.data(), KITH_ITEM_CREATE, &wide[0].interaction, 3,
                                           sizeof(Wide), &error),
              KITH_OK)
        << error.message;
    EXPECT_EQ(commit(), KITH_OK);
    EXPECT_EQ(totals().amount_total, 6);
}

TEST_F(InteractionCalls, OtherCurrencyNeedsABaseAmount) {
    auto sale = order("R1", kNow, 1000);
    sale.currency[0] = 'E', sale.currency[1] = 'U', sale.currency[2] = 'R';
    EXPECT_TRUE(append(host("shop", "C1"), sale) != KITH_OK || commit() == KITH_E_ARGUMENT);
    kith_batch_clear(batch);
    sale.base_amount = 1080;
    sale.fields |= KITH_INTERACTION_FIELD_BASE_AMOUNT;
    ASSERT_EQ(append(host("shop", "C1"), sale), KITH_OK) << error.message;
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    EXPECT_EQ(totals().amount_total, 1080);
}

TEST_F(InteractionCalls, SameInputsGiveTheSameFileAndStrictlyIncreasingIds) {
    World other;
    auto *second = open("other.kith", other.options());
    World first;
    auto *again = open("again.kith", first.options());
    for (auto *into : {again, second}) {
        auto *work = new_batch(into);
        for (int i = 0; i < 50; ++i) {
            const auto key = "C" + std::to_string(i);
            const auto ref = host("shop", key);
            const auto sale = order(key, kNow + i, i);
            ASSERT_EQ(kith_interaction_append(work, &ref, KITH_ITEM_CREATE, &sale, nullptr, &error), KITH_OK);
        }
        ASSERT_EQ(kith_batch_commit(work, nullptr, &error), KITH_OK) << error.message;
        kith_id last{};
        for (std::uint32_t i = 0; i < 50; ++i) {
            auto outcome = make<kith_outcome>();
            ASSERT_EQ(kith_batch_outcome(work, i, &outcome, &error), KITH_OK);
            EXPECT_LT(memcmp(last.bytes, outcome.party.bytes, 16), 0);
            last = outcome.party;
        }
        kith_batch_free(work);
    }
    EXPECT_EQ(exported(again), exported(second));
    kith_store_close(second);
    kith_store_close(again);
}

}  // namespace
}  // namespace kith_test
