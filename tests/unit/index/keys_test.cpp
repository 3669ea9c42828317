// Goal: keys order as what they stand for, keep their parts, and are multiples of 8 bytes.
// Method: random parts; the order of keys against the order of the parts.
#include "index/keys.hpp"

#include <gtest/gtest.h>

#include <random>

namespace kith::index {
namespace {

base::Id random_id(std::mt19937_64 &random) {
    base::Id id;
    for (auto &byte : id.bytes) byte = static_cast<std::byte>(random() % 3);  // often equal
    return id;
}

TEST(KeysTest, InteractionsOrderByPartyTimeOriginNumber) {
    const std::uint64_t seed = std::random_device{}();
    std::cout << "seed " << seed << "\n";
    std::mt19937_64 random(seed);
    const auto make = [&] {
        const base::Micros times[] = {
            base::kMinTime, -1, 0, 1, base::kMaxTime, static_cast<base::Micros>(random() >> 8)};
        return model::InteractionKey{random_id(random), times[random() % 6],
                                     static_cast<std::uint32_t>(random() % 3),
                                     static_cast<std::uint32_t>(random())};
    };
    for (int i = 0; i < 20'000; ++i) {
        const auto a = make(), b = make();
        const auto ka = interaction(a), kb = interaction(b);
        ASSERT_EQ(ka.size(), 32u);
        EXPECT_EQ(interaction_key(ka), a);
        const auto order = a < b ? -1 : b < a ? 1 : 0;
        const auto found = base::compare(ka, kb);
        EXPECT_EQ(found < 0 ? -1 : found > 0 ? 1 : 0, order);
    }
}

// The party's own rows come before its interactions, at the ends of time too.
TEST(KeysTest, TagsStandBeforeEveryInteraction) {
    base::Id party;
    party.bytes.fill(std::byte{5});
    const auto first = interaction({party, base::kMinTime, 0, 0}),
               last = interaction({party, base::kMaxTime, UINT32_MAX, UINT32_MAX});
    for (const auto tag : {Tag::party, Tag::identifier, Tag::transition, Tag::commitment}) {
        EXPECT_LT(base::compare(row(party, tag), first), 0);
        EXPECT_EQ(tag_of(row(party, tag)), tag);
    }
    EXPECT_FALSE(tag_of(first) || tag_of(last));
    EXPECT_LT(base::compare(last, interactions_end(party)), 0);
}

TEST(KeysTest, AllKeysAreMultiplesOfEight) {
    base::Id id;
    for (const std::size_t size : {0u, 1u, 7u, 8u, 9u, 199u, 200u, 201u, 5000u}) {
        const std::string text(size, 'x');
        for (const Key &key : {claim(1, Claim::shared, text).add(id), host_ref(1, text), name_text(text)}) {
            EXPECT_EQ(key.size() % 8, 0u);
            EXPECT_LE(key.size(), 240u);
        }
    }
    for (const Key &key : {row(id, Tag::party), identifier(id, 1, 2), fact(1, 2), transition(id, id, 1, 2),
                           commitment(id, id), timer({1, id, id}), queue({1, 2, id}), occurrence(id, 1, 2),
                           state(1, 2, id, id), definition("process", "lifecycle", 3), name_code(1)}) {
        EXPECT_EQ(key.size() % 8, 0u);
    }
}

// Padding must not make two texts one: "a" and "a\0" differ, as do a long text and its hash.
TEST(KeysTest, DifferentTextsHaveDifferentKeys) {
    using namespace std::string_view_literals;
    EXPECT_NE(base::compare(host_ref(1, "a"), host_ref(1, "a\0"sv)), 0);
    EXPECT_NE(base::compare(host_ref(1, std::string(201, 'a')), host_ref(1, std::string(202, 'a'))), 0);
    EXPECT_NE(base::compare(claim(1, Claim::host, "a"), claim(1, Claim::unique, "a")), 0);
    EXPECT_NE(base::compare(claim(1, Claim::host, "a"), claim(2, Claim::host, "a")), 0);
}

TEST(KeysTest, AClaimGivesItsTextBack) {
    EXPECT_EQ(claim_text(claim(1, Claim::host, "a-17")), "a-17");
    EXPECT_TRUE(is_host_claim(claim(1, Claim::host, "a-17")));
    EXPECT_FALSE(is_host_claim(claim(1, Claim::unique, "a-17")));
    EXPECT_EQ(claim_text(claim(1, Claim::host, std::string(201, 'a'))), "") << "only its hash is there";
}

TEST(KeysTest, TimersOrderByDueTime) {
    base::Id id;
    const TimerKey early{-5, id, id}, late{5, id, id};
    EXPECT_LT(base::compare(timer(early), timer(late)), 0);
    EXPECT_EQ(timer_key(timer(early)), early);
}

}  // namespace
}  // namespace kith::index
