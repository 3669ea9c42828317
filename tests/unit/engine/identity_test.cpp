// Goal: references find the same party for reading and for writing, and a party may have many keys.
// Method: short stories over identifiers and host keys; each file verifies at the end.
#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

class IdentityTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        store_ = open("identity.kith");
    }

    static Ref ref(Ref::By by, std::string_view kind, std::string_view text) {
        Ref out;
        out.by = by;
        out.kind = kind;
        out.text = text;
        return out;
    }

    base::Id make(std::string_view key) {
        Batch batch;
        EXPECT_TRUE(batch.add(order(key, day(1), 1)));
        commit(*store_, batch);
        return batch.outcomes[0].party;
    }

    std::optional<base::Id> found(const Ref &by) {
        auto snapshot = store_->snapshot();
        auto party = Reads(**snapshot).find(by);
        return party ? *party : std::nullopt;
    }

    Outcome add(const IdentifierItem &item) {
        Batch batch;
        EXPECT_TRUE(batch.add(item));
        commit(*store_, batch);
        return batch.outcomes.at(0);
    }

    std::unique_ptr<Store> store_;
};

TEST_F(IdentityTest, AKnownPartyMayTakeASecondHostKey) {
    const auto ann = make("A-1");
    PartyItem item;
    item.ref = ref(Ref::By::host, "till", "B-7");
    item.party.id = ann;
    Batch batch;
    ASSERT_TRUE(batch.add(item));
    commit(*store_, batch);
    EXPECT_EQ(batch.outcomes[0].result, ItemResult::changed);
    EXPECT_EQ(found(ref(Ref::By::host, "till", "B-7")), ann);
    commit(*store_, batch);
    EXPECT_EQ(batch.outcomes[0].result, ItemResult::unchanged);
    expect_sound(*store_);
}

TEST_F(IdentityTest, ASharedPhoneOfOnePartyFindsItForReadingAndWriting) {
    const auto ann = make("ann");
    IdentifierItem phone;
    phone.ref = ref(Ref::By::host, "shop", "ann");
    phone.kind = "phone";
    phone.value = "+1 201 555 0115";
    phone.shared = true;
    EXPECT_EQ(add(phone).result, ItemResult::created);
    const auto by_phone = ref(Ref::By::identifier, "phone", "+12015550115");
    EXPECT_EQ(found(by_phone), ann);
    Batch batch;
    auto sale = order("", day(2), 5);
    sale.ref = by_phone;
    ASSERT_TRUE(batch.add(sale));
    commit(*store_, batch);
    EXPECT_EQ(batch.outcomes[0].party, ann);

    make("bob");
    phone.ref.text = "bob";
    EXPECT_EQ(add(phone).result, ItemResult::created);
    batch.clear();
    ASSERT_TRUE(batch.add(sale));
    auto refused = store_->commit(batch);
    ASSERT_FALSE(refused) << "it never decides between two";
    EXPECT_EQ(refused.error().status, base::Status::conflict);
    expect_sound(*store_);
}

TEST_F(IdentityTest, WhatIsLearntOfAnIdentifierIsKept) {
    const auto ann = make("ann");
    IdentifierItem mail;
    mail.ref = ref(Ref::By::host, "shop", "ann");
    mail.kind = "email";
    mail.value = "Ann@example.com";
    EXPECT_EQ(add(mail).result, ItemResult::created);
    EXPECT_EQ(add(mail).result, ItemResult::existing);
    mail.verified_at = day(5);
    EXPECT_EQ(add(mail).result, ItemResult::changed);
    EXPECT_EQ(add(mail).result, ItemResult::existing);
    auto snapshot = store_->snapshot();
    const auto all = *Reads(**snapshot).identifiers(ann);
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[1].verified_at, day(5));
    EXPECT_EQ(all[1].value, "Ann@example.com");

    // Two facts told in one batch are both kept.
    Batch batch;
    mail.verified_at.reset();
    mail.valid_from = day(1);
    ASSERT_TRUE(batch.add(mail));
    mail.valid_from.reset();
    mail.valid_to = day(9);
    ASSERT_TRUE(batch.add(mail));
    commit(*store_, batch);
    auto later = store_->snapshot();
    const auto both = *Reads(**later).identifiers(ann);
    EXPECT_EQ(both[1].verified_at, day(5));
    EXPECT_EQ(both[1].valid_from, day(1));
    EXPECT_EQ(both[1].valid_to, day(9));
    expect_sound(*store_);
}

// Without a reference the key alone tells that it is the same order again.
TEST_F(IdentityTest, AnAnonymousOrderMayBeSentTwice) {
    auto sale = order("", day(1), 5, "r1");
    sale.ref = {};
    sale.flags = {};
    sale.flags.create_anonymous = true;
    Batch batch;
    ASSERT_TRUE(batch.add(sale));
    commit(*store_, batch);
    commit(*store_, batch);
    EXPECT_EQ(batch.outcomes[0].result, ItemResult::existing);
    auto snapshot = store_->snapshot();
    EXPECT_EQ(Reads(**snapshot).info()->parties, 1u);
}

// An id of another record's key is no interaction, although as long.
TEST_F(IdentityTest, TheKeyOfAnIdentifierIsNoInteraction) {
    const auto ann = make("ann");
    auto snapshot = store_->snapshot();
    const auto all = *Reads(**snapshot).identifiers(ann);
    const auto key = index::interaction_key(index::identifier(ann, all[0].origin, all[0].number));
    auto read = Reads(**snapshot).interaction(key);
    ASSERT_TRUE(read);
    EXPECT_FALSE(*read);
    auto wrong = order("ann", day(2), 5);
    wrong.corrects = key;
    Batch batch;
    EXPECT_FALSE(batch.add(wrong));
}

}  // namespace
}  // namespace kith::engine
