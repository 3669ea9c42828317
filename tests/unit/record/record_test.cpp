// Goal: a record read is the record written, with absent and zero kept apart, and damaged bytes are
// refused by verify.
// Method: values with every field set, and with none; random bit flips must never crash verify.
#include "record/record.hpp"

#include <gtest/gtest.h>

#include <random>

namespace kith::record {
namespace {

base::Id id_of(int n) {
    base::Id id;
    id.bytes.fill(static_cast<std::byte>(n));
    return id;
}

model::InteractionKey key_of(int n) { return {id_of(n), 1'000'000 * n, 7, static_cast<std::uint32_t>(n)}; }

TEST(RecordTest, AnInteractionComesBackWhole) {
    const model::Line lines[] = {{3, 0, 2'500'000, 1'990'000, 498}, {4, 0, -1'000'000, 0, 0}};
    model::Interaction in;
    in.key = key_of(1);
    in.stamp = 99;
    in.type = 1;
    in.system = 2;
    in.host_key = "R-1";
    in.amount = 0;  // zero, and there
    in.base_amount = -5;
    in.currency = *base::Currency::parse("EUR");
    in.direction = 2;
    in.corrects = key_of(9);
    in.lines = lines;
    in.medium = 5;
    in.scope = 6;
    in.topic = 7;
    in.outcome = 8;
    in.actor = 9;
    in.cost = 10;
    in.duration_s = 0;
    const model::FieldValue values[] = {{4, model::FieldKind::money, -1250, 7},
                                        {5, model::FieldKind::date, 20'000, 0}};
    in.fields.values = values;
    Encoder encoder;
    const auto bytes = encoder.encode(in);
    ASSERT_TRUE(verify(Kind::interaction, bytes));
    const auto out = decode_interaction(in.key, bytes);
    EXPECT_EQ(out.key, in.key);
    EXPECT_EQ(out.stamp, in.stamp);
    EXPECT_EQ(out.type, in.type);
    EXPECT_EQ(out.system, in.system);
    EXPECT_EQ(out.host_key, in.host_key);
    EXPECT_EQ(out.amount, in.amount);
    EXPECT_EQ(out.base_amount, in.base_amount);
    EXPECT_EQ(out.currency, in.currency);
    EXPECT_EQ(out.direction, in.direction);
    EXPECT_EQ(out.corrects, in.corrects);
    EXPECT_TRUE(std::ranges::equal(out.lines, in.lines));
    EXPECT_EQ(out.medium, in.medium);
    EXPECT_EQ(out.scope, in.scope);
    EXPECT_EQ(out.topic, in.topic);
    EXPECT_EQ(out.outcome, in.outcome);
    EXPECT_EQ(out.actor, in.actor);
    EXPECT_EQ(out.cost, in.cost);
    EXPECT_EQ(out.duration_s, in.duration_s);
    EXPECT_EQ(out.fields, in.fields);
    EXPECT_EQ(summarise_interaction(bytes).amount, -5) << "the base amount counts where it is given";
}

TEST(RecordTest, WhatIsAbsentStaysAbsent) {
    Encoder encoder;
    const auto empty = decode_interaction(key_of(1), encoder.encode(model::Interaction()));
    EXPECT_FALSE(empty.amount || empty.base_amount || empty.cost || empty.duration_s || empty.corrects);
    EXPECT_EQ(empty.host_key.data(), nullptr);
    EXPECT_TRUE(empty.lines.empty());

    model::Party party;
    party.name = "";
    const auto read = decode_party({}, encoder.encode(party));
    EXPECT_NE(read.name.data(), nullptr) << "empty text is not absent";
    EXPECT_EQ(read.language.data(), nullptr);
}

TEST(RecordTest, TheOtherRecordsComeBackWhole) {
    Encoder encoder;
    model::Party party;
    party.id = id_of(1);
    party.kind = model::PartyKind::household;
    party.roles = 65;
    party.name = "Žofia 王";
    party.tags = "a,b";
    party.owner = 4;
    party.revision = 3;
    party.created = 1;
    party.changed = 2;
    const model::FieldValue values[] = {{7, model::FieldKind::code, 3, 0}, {9, model::FieldKind::text, 2, 3}};
    party.fields = {values, "é王"};
    const auto p = decode_party(party.id, encoder.encode(party));
    EXPECT_EQ(std::tie(p.kind, p.roles, p.name, p.tags, p.owner, p.revision, p.created, p.changed),
              std::tie(party.kind, party.roles, party.name, party.tags, party.owner, party.revision,
                       party.created, party.changed));
    EXPECT_EQ(p.fields, party.fields);
    EXPECT_EQ(p.fields.text(p.fields.values[1]), "王");
    EXPECT_EQ(p.fields.text({9, model::FieldKind::text, 5, 3}), "") << "a place beyond the texts";

    model::InteractionPersonal personal;
    personal.fields = party.fields;
    ASSERT_TRUE(personal.any());
    EXPECT_EQ(decode_personal(encoder.encode(personal)), personal);

    model::Identifier identifier;
    identifier.kind = 3;
    identifier.flags = model::identifier_flag::shared;
    identifier.value = "A@B.C";
    identifier.normalised = "a@b.c";
    identifier.valid_from = 0;
    const auto i = decode_identifier(id_of(1), 5, 6, encoder.encode(identifier));
    EXPECT_EQ(i.normalised, "a@b.c");
    EXPECT_EQ(i.valid_from, 0);
    EXPECT_FALSE(i.valid_to);
    identifier.normalised = identifier.value;
    EXPECT_EQ(decode_identifier({}, 0, 0, encoder.encode(identifier)).normalised, "A@B.C");

    model::Process process;
    process.definition = 1;
    process.version = 2;
    process.state = 3;
    process.since = -4;
    process.transitions = 5;
    process.tried_at = 0;
    process.key = "R-7";
    process.parent = id_of(9);
    process.fields = party.fields;
    const auto q = decode_process(id_of(1), id_of(2), encoder.encode(process));
    EXPECT_EQ(std::tie(q.definition, q.version, q.state, q.since, q.transitions, q.tried_at),
              std::tie(process.definition, process.version, process.state, process.since, process.transitions,
                       process.tried_at));
    EXPECT_EQ(std::tie(q.key, q.parent, q.fields), std::tie(process.key, process.parent, process.fields));
    EXPECT_EQ(decode_process({}, {}, encoder.encode(model::Process())).key.data(), nullptr);

    model::Transition transition;
    transition.at = 1;
    transition.to = 2;
    transition.cause = model::Cause::event;
    transition.interaction = key_of(1);
    transition.late = true;
    transition.actor = 12;
    transition.key = "R-7";
    transition.parent = id_of(9);
    const model::FieldValue given[] = {{7, model::FieldKind::int_, 5, 0}};
    const model::Name cleared[] = {8, 9};
    transition.fields = {given, {}};  // texts stand apart
    transition.cleared = cleared;
    transition.definition = 4;
    transition.inside = true;
    const auto t = decode_transition(id_of(1), id_of(2), 3, 4, encoder.encode(transition));
    EXPECT_EQ(t.interaction, transition.interaction);
    EXPECT_TRUE(t.late);
    EXPECT_EQ(std::tie(t.actor, t.key, t.parent, t.fields, t.definition, t.inside),
              std::tie(transition.actor, transition.key, transition.parent, transition.fields,
                       transition.definition, transition.inside));
    EXPECT_TRUE(std::ranges::equal(t.cleared, transition.cleared));

    model::Commitment commitment;
    commitment.kind = 1;
    commitment.state = model::CommitmentState::waived;
    commitment.ended_at = 7;
    commitment.process = id_of(3);
    const auto c = decode_commitment(id_of(1), id_of(2), encoder.encode(commitment));
    EXPECT_EQ(std::tie(c.kind, c.state, c.ended_at, c.process),
              std::tie(commitment.kind, commitment.state, commitment.ended_at, commitment.process));
    EXPECT_FALSE(c.due);

    auto change =
        model::change_of(model::ChangeKind::process, model::Operation::changed, id_of(1), id_of(2), 3);
    change.at = 0;
    change.number = 8;
    std::vector<model::Change> changes(3, change), read;
    changes[2].at.reset();
    decode_changes(11, encoder.encode(changes), read);
    ASSERT_EQ(read.size(), 3u);
    const auto &d = read[1];
    EXPECT_EQ(std::tie(d.kind, d.operation, d.party, d.record, d.name, d.at),
              std::tie(change.kind, change.operation, change.party, change.record, change.name, change.at));
    EXPECT_EQ(d.seq, 12u);
    EXPECT_EQ(d.number, 9u);
    EXPECT_FALSE(read[2].at);

    const std::vector<model::FieldSource> sources = {{1, 2, 3}, {4, 5, 6}};
    const auto s = decode_provenance(encoder.encode(sources));
    ASSERT_EQ(s.size(), 2u);
    EXPECT_EQ(s[1].stamp, 6u);
}

TEST(RecordTest, VerifyNeverCrashesOnDamagedBytes) {
    const std::uint64_t seed = std::random_device{}();
    std::cout << "seed " << seed << "\n";
    std::mt19937_64 random(seed);
    Encoder encoder;
    model::Interaction in;
    in.host_key = "a key";
    in.amount = 5;
    const model::Line line{1, 0, 2, 3, 4};
    in.lines = {&line, 1};
    const auto good = encoder.encode(in);
    int refused = 0;
    for (int trial = 0; trial < 20'000; ++trial) {
        std::vector<std::uint64_t> aligned((good.size() + 7) / 8);
        auto *bytes = reinterpret_cast<std::byte *>(aligned.data());
        std::memcpy(bytes, good.data(), good.size());
        for (auto flips = 1 + random() % 16; flips > 0; --flips) {
            bytes[random() % good.size()] ^= static_cast<std::byte>(1u << random() % 8);
        }
        refused += !verify(Kind::interaction, {bytes, random() % 4 ? good.size() : random() % good.size()});
    }
    EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace kith::record
