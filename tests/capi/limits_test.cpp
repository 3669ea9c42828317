// Goal: the limits of house style that need many calls, at the limit and one beyond: the batch in items
// and in bytes, the fields of a party, the playbook; and every refusal leaves the batch and the file as
// they were.
// Method: fill to the limit, ask for one more, look at the status and at what is stored. An interaction
// cannot pass the limit of a record: its parts have limits that add up to less.
#include "capi/fixture.hpp"

namespace kith_test {
namespace {

class Limits : public Capi {
protected:
    void expect_refused(kith_status status) {
        EXPECT_EQ(status, KITH_E_LIMIT);
        EXPECT_GT(strlen(error.message), 20u);
    }
};

TEST_F(Limits, ABatchHoldsTenThousandItems) {
    for (std::uint32_t i = 0; i < KITH_MAX_BATCH_ITEMS; ++i) {
        ASSERT_EQ(append(host("shop", "ann"), order("r" + std::to_string(i), kNow, 1)), KITH_OK) << i;
    }
    expect_refused(append(host("shop", "ann"), order("one more", kNow, 1)));
    EXPECT_EQ(kith_batch_count(batch), static_cast<std::uint32_t>(KITH_MAX_BATCH_ITEMS));
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    EXPECT_EQ(totals().orders, static_cast<std::uint64_t>(KITH_MAX_BATCH_ITEMS));
}

TEST_F(Limits, ABatchHoldsSixtyFourMebibytes) {
    const std::string text(KITH_MAX_TEXT_BYTES, 'x');
    auto visit = order("", kNow, 0);
    visit.type = str("visit");
    visit.fields = 0;
    visit.system = visit.key = kith_str{};
    visit.text = str(text);
    kith_status status = KITH_OK;
    std::uint32_t added = 0;
    while (status == KITH_OK && added < 2000) {
        status = append(host("shop", "ann"), visit);
        added += status == KITH_OK;
    }
    expect_refused(status);
    EXPECT_GT(added, 1000u) << "64 MiB hold over a thousand texts of 64 KiB";
    EXPECT_LE(added, 1024u);
    EXPECT_EQ(kith_batch_count(batch), added);
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    EXPECT_EQ(totals().interactions, added);
}

TEST_F(Limits, NamesOfAPartyHoldAKibibyte) {
    const std::string longest(KITH_MAX_NAME_BYTES, 'n'), longer(KITH_MAX_NAME_BYTES + 1, 'n');
    const auto ref = host("shop", "ann");
    const auto put = [&](kith_str kith_party::*field, std::uint32_t bit, const std::string &text) {
        auto party = make<kith_party>();
        party.fields = bit;
        party.*field = str(text);
        return kith_party_put(batch, &ref, KITH_ITEM_CREATE, &party, nullptr, &error);
    };
    for (const auto &[field, bit] : {std::pair(&kith_party::name, KITH_PARTY_FIELD_NAME),
                                     std::pair(&kith_party::tags, KITH_PARTY_FIELD_TAGS),
                                     std::pair(&kith_party::owner, KITH_PARTY_FIELD_OWNER),
                                     std::pair(&kith_party::language, KITH_PARTY_FIELD_LANGUAGE)}) {
        EXPECT_EQ(put(field, static_cast<std::uint32_t>(bit), longest), KITH_OK) << error.message;
        expect_refused(put(field, static_cast<std::uint32_t>(bit), longer));
    }
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    EXPECT_EQ(totals().parties, 1u);
}

TEST_F(Limits, APlaybookHoldsAMebibyte) {
    std::string json =
        R"({"playbook":"p","format":1,"version":1,"define":[{"bands":"b","of":"orders","quantiles":5}]})";
    json += std::string(KITH_MAX_RECORD_BYTES - json.size(), ' ');
    EXPECT_EQ(kith_define(batch, json.data(), json.size(), nullptr, &error), KITH_OK) << error.message;
    json += ' ';
    expect_refused(kith_define(batch, json.data(), json.size(), nullptr, &error));
    EXPECT_EQ(kith_batch_count(batch), 1u);
}

}  // namespace
}  // namespace kith_test
